#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pvschedd keeps a history, whatever happens to it.

usage: test_keeper.py pvschedd-fake fake-host history-dump pvsched SCHEMAS pvtop
"""

import json
import os
import signal
import subprocess
import time

import daemonlib

BOOSTS = 3


class Keeper(daemonlib.DaemonTest):
    def begin(self, more="", directory=""):
        self.file = self.path(directory + "history")
        return self.start(config=f"[daemon]\nhistory = {self.file}\n{more}")

    def read(self, ring="seconds"):
        """Slots, each with its records by VM and vCPU, and how much was damaged."""
        result = subprocess.run([self.PROGRAMS[2], self.file, ring], text=True,
                                capture_output=True, check=True)
        slots = []
        for line in result.stdout.splitlines():
            word = line.split()
            if word[0] == "slot":
                slots.append({"number": int(word[1]), "time": int(word[2]), "vms": {},
                              "dropped": int(word[4])})
            elif word[0] == "damaged":
                damaged = int(word[1])
            else:
                slots[-1]["vms"][word[0], int(word[1])] = int(word[2])
        return slots, damaged

    def has(self, boosts):
        """Wait until the last slot has that; return all."""
        def there():
            slots, _ = self.read()
            return slots and slots[-1]["vms"].get(("web-1", 0)) == boosts
        daemonlib.until(there, f"{boosts} boosts")
        slots, damaged = self.read()
        self.assertEqual(damaged, 0)
        return slots

    def test_keeps(self):
        self.host.tell("vm web-1 7 107 0 2")
        before = time.time_ns()
        self.begin()
        self.host.tell("burn web-1 0 5 100")
        self.has(5)
        self.host.tell("burn web-1 1 7 100")
        self.host.tell("burn web-1 0 1 100")
        slots = self.has(6)
        self.assertEqual(slots[-1]["vms"], {("web-1", -1): 13, ("web-1", 0): 6,
                                            ("web-1", 1): 7})
        for slot in slots:
            self.assertTrue(before <= slot["time"] <= time.time_ns())
        minutes, damaged = self.read("minutes")
        self.assertEqual((len(minutes), damaged), (1, 0))

    def test_stopped(self):
        """For a while: the seconds of it are left out, not taken at the end of it."""
        daemon = self.begin()
        self.has(None)
        daemon.send(signal.SIGSTOP)
        time.sleep(5)
        count = len(self.read()[0])
        daemon.send(signal.SIGCONT)
        daemonlib.until(lambda: len(self.read()[0]) >= count + 4, "samples")
        times = [slot["time"] for slot in self.read()[0]]
        for first, third in zip(times, times[2:]):
            self.assertGreater(third - first, 900000000)

    def test_killed(self):
        """Ten times, while it is told of thousands of events."""
        self.host.tell("vm web-1 7 107 0 2")
        last = 0
        for count in range(1, 11):
            daemon = self.begin()
            self.host.tell(f"burn web-1 0 {BOOSTS} 100")
            slots = self.has(count * BOOSTS)
            numbers = [slot["number"] for slot in slots]
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
            self.assertGreater(len(numbers), last)
            last = len(numbers)
            self.host.tell("flood 3000")
            self.assertEqual(daemon.end(signal.SIGKILL), -signal.SIGKILL)
        self.begin()
        slots = self.has(10 * BOOSTS)
        values = [slot["vms"]["web-1", 0] for slot in slots]
        self.assertEqual(values, sorted(values))
        self.assertEqual(set(values) - {0}, {n * BOOSTS for n in range(1, 11)})

    def test_full_disk(self):
        where = self.path("full")
        os.mkdir(where)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", where],
                       check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", where], check=True)
        daemon = self.begin(directory="full/")
        daemon.logged("there will be no history: history ")
        self.assertIn(": it needs 80 MiB, and the file system has 2 MiB: make room, or "
                      "keep fewer history-entries", daemon.log())
        self.assertIn("; no history", daemon.ready)
        self.assertEqual(os.listdir(where), [])

    def test_cut_short(self):
        """By whoever makes room: that is told once, and no end."""
        self.host.tell("vm web-1 7 107 0 2")
        daemon = self.begin()
        self.has(0)
        os.truncate(self.file, 4096)
        daemon.logged("there is no history from now on: it was cut short")
        self.assertIn("; no history", daemon.told("; no history"))
        self.assertIsNone(daemon.process.poll())
        # The next one makes another.
        daemon.end()
        self.begin()
        self.has(0)

    def since(self, *arguments):
        """pvsched stats of it; Return: document, and text."""
        command = [self.PROGRAMS[3], "stats", "--history", self.file, *arguments]
        text, document = (subprocess.run(line, capture_output=True, text=True, check=True)
                          for line in (command, [*command, "-j"]))
        self.assertEqual(document.stderr, "")
        document = json.loads(document.stdout)
        daemonlib.schema_check(self.PROGRAMS[4], "stats-since", document)
        return document, text.stdout

    def test_since(self):
        """By how much it grew: what was there before, and what came later."""
        self.host.tell("vm web-1 7 107 0 2")
        self.host.tell("burn web-1 0 5 100")
        self.begin()
        self.has(5)
        self.host.tell("vm web-2 8 108 0 1")
        self.host.tell("burn web-2 0 4 100")
        self.host.tell("burn web-1 0 2 100")
        self.has(7)
        for seconds in ("3600", "86400"):
            document, text = self.since("--since", seconds)
            vms = {vm["name"]: vm for vm in document["vms"]}
            counted = [vcpu["counted"]["boosts"] for vcpu in vms["web-1"]["vcpus"]]
            if seconds == "86400":
                # There is one minute yet, so nothing to compare it with.
                self.assertEqual(counted, [0, 0])
                continue
            self.assertEqual(counted, [2, 0])
            self.assertEqual(vms["web-1"]["counted"]["boosted_ns"], 200000)
            self.assertEqual(vms["web-2"]["counted"]["boosts"], 4)
            self.assertRegex(text, r"(?m)^web-1 +0 +2 ")
            self.assertRegex(text, r"(?m)^web-2 +all +4 ")
        document, _ = self.since("--since", "3600", "*-2")
        self.assertEqual([vm["name"] for vm in document["vms"]], ["web-2"])

    def test_pvtop(self):
        """It shows a history as it shows a recording."""
        self.host.tell("vm web-1 7 107 0 2")
        self.begin()
        self.has(0)
        self.host.tell("burn web-1 1 6 100")
        self.has(0)
        daemonlib.until(lambda: self.read()[0][-1]["vms"]["web-1", 1] == 6, "6 boosts")
        result = subprocess.run([self.PROGRAMS[5], "-b", "-j", "-r", self.file],
                                capture_output=True, text=True, check=True)
        boosted = []
        for line in result.stdout.splitlines():
            document = json.loads(line)
            daemonlib.schema_check(self.PROGRAMS[4], "pvtop", document)
            self.assertIsNone(document["host"])
            self.assertEqual({row["state"] for row in document["rows"]}, {"unknown"})
            boosted += [row["boosted"] for row in document["rows"] if row["vcpu"] == 1]
        self.assertEqual(len([share for share in boosted if share]), 1)

    def test_since_nothing(self):
        self.begin()
        self.has(None)
        self.daemons.pop().end()
        time.sleep(2)
        result = subprocess.run([self.PROGRAMS[3], "stats", "-H", self.file, "-t", "1"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("it has nothing of the last 1 s", result.stderr)

    def test_two_keepers(self):
        self.begin()
        daemon = self.begin()
        daemon.logged("another process keeps it")

    def test_no_room_for_all(self):
        self.host.tell("vm web-1 7 107 0 4")
        daemon = self.begin("history-entries = 3")
        daemon.logged("the history has no room for 2 VMs and vCPUs: raise "
                      "history-entries, and start anew")
        slots = self.has(0)
        self.assertEqual(slots[-1]["dropped"], 2)
        time.sleep(2)
        self.assertEqual(daemon.log().count("no room"), 1)

    def used(self, daemon):
        with open(f"/proc/{daemon.process.pid}/schedstat") as stat:
            return int(stat.read().split()[0]) / 1e9

    def test_frugal(self):
        """With 1024 vCPUs: the memory that it has for itself, and the file it maps."""
        self.host.tell("fill 64 16")
        daemon = self.begin("history-entries = 1088")
        self.assertIn("64 VMs, 1024 vCPUs", daemon.ready)
        slots, used = len(self.read()[0]), self.used(daemon)
        daemonlib.until(lambda: len(self.read()[0]) >= slots + 5, "samples")
        with open(f"/proc/{daemon.process.pid}/status") as status:
            rss = [line for line in status if line.startswith("VmRSS")]
        print(rss[0].strip(), f"{self.used(daemon) - used:.3f} s of CPU in 5 samples")
        if "asan" not in os.path.realpath(self.PROGRAMS[0]):
            self.assertLess(int(rss[0].split()[1]), 32768)


daemonlib.main()
