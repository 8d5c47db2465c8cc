#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pvschedd asks systemd-machined who a VM is, where there is one.

usage: test_machined.py pvschedd-fake fake-host fake-machined
"""

import os
import subprocess

import daemonlib
from daemonlib import LIMIT, NICE

CONFIG = """
[rule by-uuid]
uuid = 4dea22b3-1d52-d8f3-2516-782e98ab3fa0
name = web-of-*
nice = 5
"""

BUS = """
<busconfig>
  <type>system</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


class Machined(daemonlib.DaemonTest):
    def setUp(self):
        super().setUp()
        path = self.path("bus")
        self.environ = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + path}
        config = self.path("bus.conf", BUS.format(path))
        self.run_until(["dbus-daemon", "--nofork", "--print-address=1",
                        "--config-file=" + config])
        self.vmm = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(self.vmm.wait)
        self.addCleanup(self.vmm.kill)

    def run_until(self, command):
        """Start what says something when it is ready."""
        process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                   env=dict(os.environ, **self.environ))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, LIMIT)
        self.addCleanup(process.kill)
        self.assertTrue(process.stdout.readline())

    def test_machine(self):
        pid = self.vmm.pid
        self.run_until([self.PROGRAMS[2], str(pid)])
        self.start(config=CONFIG, environ=self.environ)
        self.host.tell(f"vm another 6 0 {os.getpid()} 1")
        self.host.tell(f"vm vm-7 7 0 {pid} 1")
        self.assertEqual(self.host.was_set(), f"set-cap vm-7 {NICE} 15 15")

    def test_no_machined(self):
        daemon = self.start(config=CONFIG + "[rule rest]\nname = *\nnice = 0\n",
                            environ=self.environ)
        self.host.tell(f"vm vm-7 7 0 {self.vmm.pid} 1")
        self.assertEqual(self.host.was_set(), f"set-cap vm-7 {NICE} 20 20")
        self.assertEqual(daemon.log(), "")

    def test_no_bus(self):
        daemon = self.start(config=CONFIG + "[rule rest]\nname = *\nnice = 0\n",
                            environ={"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"})
        self.host.tell(f"vm vm-7 7 0 {self.vmm.pid} 1")
        self.assertEqual(self.host.was_set(), f"set-cap vm-7 {NICE} 20 20")
        self.assertEqual(daemon.log(), "")


daemonlib.main()
