#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pvschedd tunes: on a host whose pressure is what the test says.

usage: test_tuner.py pvschedd-fake fake-host
"""

import signal
import subprocess
import time

import daemonlib
from daemonlib import RUNTIME

ROUND = 11

CONFIG = """
[rule web]
name = web-*
runtime = 20ms:50ms
tune = {}
tune-floor = 5ms
"""


class Tuner(daemonlib.DaemonTest):
    def setUp(self):
        super().setUp()
        self.pressure(0)
        subprocess.run(["mount", "--bind", self.path("cpu"), "/proc/pressure/cpu"], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", "/proc/pressure/cpu"], check=True)
        self.host.tell("vm web-1 7 107 0 2")

    def begin(self, tune):
        run = self.path("run/")
        self.path("run/.keep", "")
        daemon = self.start(config=CONFIG.format(tune), environ={"RUNTIME_DIRECTORY": run})
        return daemon

    def pressure(self, percent):
        self.path("cpu", f"some avg10={percent}.00 avg60=0.00 avg300=0.00 total=1\n")

    def need(self):
        self.host.tell("throttle web-1 0 3")
        self.host.tell("burn web-1 0 1 100")

    def test_up_and_down(self):
        daemon = self.begin("on")
        self.assertEqual(self.host.was_set(), f"set-cap web-1 {RUNTIME} 20000 50000")
        # Between the first round, which compares with nothing, and the second.
        time.sleep(3)
        self.need()
        self.assertEqual(self.host.was_set(), f"set-cap web-1 {RUNTIME} 22812 -1")
        daemon.logged("VM web-1: runtime was 20000us, is 22812us: throttled while urgent, "
                      "and the host has slack")
        self.pressure(90)
        self.assertEqual(self.host.was_set(), f"set-cap web-1 {RUNTIME} 17109 -1")
        daemon.logged("VM web-1: runtime was 22812us, is 17109us: the host is under pressure")
        # One that is started anew goes on from there, and takes it for its own.
        self.pressure(30)
        daemon.end(signal.SIGKILL)
        again = self.begin("on")
        self.assertNotIn("it stays", again.log())
        # What an administrator sets ends it.
        self.host.tell(f"cap web-1 {RUNTIME} 9000 50000")
        again.logged("VM web-1: runtime is 9ms:50ms, not 17109us:50ms as rule 'web' says; "
                     "it stays")
        self.pressure(90)
        time.sleep(2 * ROUND)
        self.assertTrue(self.host.nothing_was_set())

    def test_off(self):
        self.begin("off")
        self.assertEqual(self.host.was_set(), f"set-cap web-1 {RUNTIME} 20000 50000")
        self.pressure(90)
        time.sleep(2 * ROUND)
        self.assertTrue(self.host.nothing_was_set())


daemonlib.main()
