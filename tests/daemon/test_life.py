#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pvschedd begins, keeps up with the kernel, and ends.

usage: test_life.py pvschedd-fake fake-host
"""

import os
import signal
import subprocess
import time

import daemonlib


class Life(daemonlib.DaemonTest):
    def test_ready_when_synced(self):
        self.host.tell("vm web-1 7 107 1 2")
        self.host.tell("vm web-2 8 107 1 1")
        daemon = self.start()
        self.assertIn("STATUS=2 VMs, 3 vCPUs", daemon.ready)
        self.assertEqual(daemon.log(), "")

    def test_not_ready_before(self):
        self.host.tell("refuse 3")
        daemon = self.start()
        self.assertIn("not now", daemon.log())

    def program(self, config):
        """The daemon, which may not become ready."""
        daemon = daemonlib.Daemon(self.PROGRAMS[0], self.host, self.directory, "--verbose",
                                  "--config", config)
        self.daemons.append(daemon)
        return daemon

    def test_reload_before_ready(self):
        """It is ready by what the kernel tells, and by nothing else."""
        self.host.tell("vm web-1 7 107 1 2")
        self.host.tell("refuse 1000000")
        daemon = self.program(self.path("pvschedd.conf", "[daemon]\nhistory =\n"))
        daemon.logged("not now")
        daemon.send(signal.SIGHUP)
        daemon.logged("pvschedd: 0 rules")
        self.path("pvschedd.conf", "nonsense")
        daemon.send(signal.SIGHUP)
        daemon.logged("what held before still holds")
        self.host.tell("refuse 0")
        self.assertIn("STATUS=1 VMs, 2 vCPUs", daemon.told("READY=1"))

    def test_reload_while_it_starts(self):
        """It reads its settings, which take their time."""
        config = self.path("pvschedd.conf")
        os.mkfifo(config)
        daemon = self.program(config)
        with open(config, "w") as file:
            file.write("[daemon]\n")
            file.flush()
            daemon.send(signal.SIGHUP)
            # What it reads anew has no end to wait for.
            os.unlink(config)
            self.path("pvschedd.conf", "[daemon]\nhistory =\n")
            file.write("history =\n")
        daemon.logged("pvschedd: 0 rules")
        daemon.told("READY=1")

    def test_vms_come_and_go(self):
        daemon = self.start("--verbose")
        self.host.tell("vm web-1 7 107 1 2")
        daemon.logged("VM web-1: it has 2 vCPUs")
        daemon.told("STATUS=1 VMs, 2 vCPUs")
        self.host.tell("gone web-1")
        daemon.logged("VM web-1: it is gone")
        daemon.told("STATUS=0 VMs, 0 vCPUs")

    def test_one_takes_the_name_of_another(self):
        daemon = self.start("--verbose")
        self.host.tell("vm web-1 7 107 1 2")
        self.host.tell("gone web-1")
        self.host.tell("vm web-1 8 107 1 3")
        daemon.logged("VM web-1: it has 3 vCPUs")
        daemon.told("STATUS=1 VMs, 3 vCPUs")

    def test_overrun(self):
        """Stopped, so that its socket overruns; then it knows all the same."""
        daemon = self.start("--verbose")
        daemon.send(signal.SIGSTOP)
        self.host.tell("flood 60000")
        self.host.tell("vm web-1 7 107 1 2")
        daemon.send(signal.SIGCONT)
        daemon.logged("events of the kernel were lost")
        daemon.logged("VM web-1: it has 2 vCPUs")

    def test_killed_while_it_asks(self):
        """Of the kernel, which answers nobody then."""
        daemon = self.start()
        self.host.process.send_signal(signal.SIGSTOP)
        time.sleep(2)
        self.assertEqual(daemon.end(signal.SIGKILL), -signal.SIGKILL)
        self.host.process.send_signal(signal.SIGCONT)
        self.host.tell("vm web-1 7 107 1 2")
        self.assertIn("STATUS=1 VMs, 2 vCPUs", self.start().ready)

    def test_canary_is_told(self):
        daemon = self.start()
        self.host.tell("canary")
        daemon.logged("boosts kept CPU 1's own work waiting for 512 ms; "
                      "there are none for 1000 ms")

    def test_watchdog(self):
        daemon = self.start(environ={"WATCHDOG_USEC": "200000"})
        for _ in range(3):
            daemon.told("WATCHDOG=1")

    def test_signals_end_it(self):
        for number in signal.SIGTERM, signal.SIGINT:
            daemon = self.start()
            daemon.send(number)
            daemon.told("STOPPING=1")
            self.assertEqual(daemon.end(number), 0)

    def test_module_goes(self):
        """systemd starts it anew, for the module that comes."""
        daemon = self.start()
        self.host.tell("unload")
        self.assertEqual(daemon.process.wait(daemonlib.LIMIT), 2)
        self.assertIn("the kernel's module is gone", daemon.log())

    def test_no_kernel(self):
        result = subprocess.run([self.PROGRAMS[0]], env={}, capture_output=True,
                                text=True, timeout=daemonlib.LIMIT)
        self.assertEqual(result.returncode, 2)
        self.assertIn("no fake kernel is there", result.stderr)

    def test_usage(self):
        for options, status in (["--nonsense"], 1), (["stray"], 1), (["--help"], 0), \
                (["--version"], 0):
            result = subprocess.run([self.PROGRAMS[0], *options], capture_output=True,
                                    text=True, timeout=daemonlib.LIMIT)
            self.assertEqual(result.returncode, status, options)


daemonlib.main()
