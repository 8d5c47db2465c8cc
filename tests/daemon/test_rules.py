#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules: what pvschedd sets of VMs, and what it leaves as somebody else set it.

usage: test_rules.py pvschedd-fake fake-host
"""

import os
import re
import signal
import subprocess
import sys

import daemonlib
from daemonlib import LIMIT, NICE, RTPRIO, RUNTIME

UUID = "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"

WEB = """
[rule web]
name = web-*
rtprio = 5:20
runtime = 20ms:
policy = observe
payback = off
"""

WEB_SET = {f"set-cap web-1 {RTPRIO} 5 20", f"set-cap web-1 {RUNTIME} 20000 -1",
           "set-policy web-1 observe 0"}


class Rules(daemonlib.DaemonTest):
    def begin(self, text, *options):
        run = self.path("run")
        os.makedirs(run, exist_ok=True)
        return self.start(*options, config=text,
                          environ={"RUNTIME_DIRECTORY": run})

    def sets(self, count):
        return {self.host.was_set() for _ in range(count)}

    def vmm(self, *arguments):
        process = subprocess.Popen(
            ["qemu-system-x86_64", "-c", "import time; time.sleep(1000)", *arguments],
            executable=sys.executable)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        daemonlib.until(lambda: open(f"/proc/{process.pid}/cmdline").read()
                        .startswith("qemu"), "the program runs")
        return process.pid

    def test_vm_appears(self):
        self.begin(WEB)
        self.host.tell("vm web-1 7 107 0 2")
        self.assertEqual(self.sets(3), WEB_SET)

    def test_vm_was_there(self):
        self.host.tell("vm web-1 7 107 0 2")
        daemon = self.begin(WEB)
        self.assertEqual(self.sets(3), WEB_SET)
        self.assertEqual(daemon.log(), "")

    def test_matching(self):
        self.begin(f"""
[rule by-uuid]
uuid = {UUID}
nice = 5
[rule by-vmm-name]
name = its-name
nice = 4
[rule by-owner]
owner = daemon
nice = 3
[rule by-uid]
owner = 4242
nice = 2
[rule by-cgroup]
cgroup = *
uuid = 1*
nice = 1
[rule rest]
name = d*
nice = 0
""")
        for name, uid, arguments, nice in (
                ("a", 1, ["-uuid", UUID.upper()], 5), ("b", 1, ["-name", "its-name"], 4),
                ("c", 1, [], 3), ("d", 4242, [], 2),
                ("e", 0, ["-uuid", UUID.replace("4", "1")], 1), ("d2", 0, [], 0)):
            pid = self.vmm(*arguments)
            self.host.tell(f"vm {name} {pid} {uid} {pid} 1")
            value = 20 - nice
            self.assertEqual(self.host.was_set(), f"set-cap {name} {NICE} {value} {value}")
        self.host.tell("vm nobodys 9 4 0 1")
        self.host.tell("vm d3 10 4 0 1")
        self.assertEqual(self.host.was_set(), f"set-cap d3 {NICE} 20 20")

    def test_by_hand_is_told_and_stays(self):
        self.host.tell("vm web-1 7 107 0 2")
        daemon = self.begin(WEB)
        self.sets(3)
        self.host.tell(f"cap web-1 {RTPRIO} 3 20")
        daemon.logged("VM web-1: rtprio is 3:20, not 5:20 as rule 'web' says; it stays")
        self.host.tell("policy web-1 none")
        daemon.logged("VM web-1: its policy is none, not observe as rule 'web' says")
        self.host.tell(f"cap web-1 {RUNTIME} 20000 90000")
        daemon.send(signal.SIGHUP)
        daemon.told("READY=1")
        # Told once, also by one that is started anew, which knows what it has set.
        self.assertEqual(daemon.end(signal.SIGKILL), -signal.SIGKILL)
        again = self.begin(WEB)
        self.assertEqual(again.log().count("it stays"), 2)
        self.assertTrue(self.host.nothing_was_set())
        # Another VM of that name is another VM.
        self.host.tell("gone web-1")
        self.host.tell("vm web-1 8 107 0 2")
        self.assertEqual(self.sets(3), WEB_SET)

    def test_changed_while_away(self):
        self.host.tell("vm web-1 7 107 0 2")
        self.begin(WEB).end()
        self.sets(3)
        self.host.tell(f"cap web-1 {RTPRIO} 3 20")
        daemon = self.begin(WEB)
        daemon.logged("VM web-1: rtprio is 3:20")
        self.assertTrue(self.host.nothing_was_set())

    def test_changed_unheard(self):
        self.host.tell("vm web-1 7 107 0 2")
        daemon = self.begin(WEB)
        self.sets(3)
        daemon.send(signal.SIGSTOP)
        self.host.tell("flood 60000")
        self.host.tell(f"cap web-1 {RTPRIO} 3 20")
        daemon.send(signal.SIGCONT)
        daemon.logged("VM web-1: rtprio is 3:20")

    def test_reload(self):
        self.host.tell("vm web-1 7 107 0 2")
        daemon = self.begin(WEB)
        self.sets(3)
        self.host.tell(f"cap web-1 {RTPRIO} 3 20")
        daemon.logged("VM web-1: rtprio is 3:20")
        self.path("pvschedd.conf", WEB.replace("5:20", "6:20").replace("20ms", "30ms"))
        daemon.send(signal.SIGHUP)
        daemon.told("RELOADING=1")
        # Only what is not somebody else's.
        self.assertEqual(self.sets(2), {f"set-cap web-1 {RUNTIME} 30000 -1",
                                        "set-policy web-1 observe 0"})

    def test_reload_of_what_is_wrong(self):
        daemon = self.begin(WEB)
        self.path("pvschedd.conf", "[rule web]\nname = web-*\nrtprio = much\n")
        daemon.send(signal.SIGHUP)
        daemon.logged("what held before still holds: ")
        daemon.logged("pvschedd.conf:3: 'much' is not a number or unlimited")
        self.host.tell("vm web-1 7 107 0 2")
        self.assertEqual(self.sets(3), WEB_SET)

    def test_drop_ins(self):
        self.path("pvschedd.conf.d/20-b.conf", "[rule b]\nname = *\nnice = 2\n")
        self.path("pvschedd.conf.d/10-a.conf", "[rule a]\nname = a*\nnice = 1\n")
        self.path("pvschedd.conf.d/ignored", "nonsense")
        self.begin("")
        self.host.tell("vm a1 1 0 0 1")
        self.assertEqual(self.host.was_set(), f"set-cap a1 {NICE} 19 19")
        self.host.tell("vm b1 2 0 0 1")
        self.assertEqual(self.host.was_set(), f"set-cap b1 {NICE} 18 18")

    def test_refused_is_told(self):
        daemon = self.begin(WEB.replace("observe", "absent"))
        self.host.tell("vm web-1 7 107 0 2")
        daemon.logged("VM web-1: rule 'web' (pvschedd.conf:2): ")
        self.assertIn("there is no such policy", daemon.log())

    OWNERS = """
[rule owners]
owner = 107
rtprio = 5:20
runtime = 20ms:
"""

    def test_name_taken_over_before(self):
        """Who has the name by the time that the VM is set keeps what it had."""
        daemon = self.begin(self.OWNERS)
        self.host.tell("heir 8 108 1")
        self.host.tell("vm web-1 7 107 0 2")
        self.assertEqual(self.sets(2), {f"set-cap web-1 {RTPRIO} 5 20",
                                        f"set-cap web-1 {RUNTIME} 20000 -1"})
        self.assertEqual(self.sets(2), {f"set-cap web-1 {RTPRIO} -1 -1",
                                        f"set-cap web-1 {RUNTIME} -1 -1"})
        daemon.logged("VM web-1: rule 'owners' (pvschedd.conf:2): another VM took its "
                      "name over and got its caps; that was undone")
        self.host.tell("vm web-2 9 107 0 2")
        self.sets(2)
        self.assertTrue(self.host.nothing_was_set())

    def test_name_taken_over_after(self):
        daemon = self.begin(self.OWNERS)
        self.host.tell("heir 8 108 0")
        self.host.tell("vm web-1 7 107 0 2")
        self.sets(2)
        daemon.logged("it has ended, and another VM has its name by now")
        self.host.tell("vm web-2 9 107 0 2")
        self.sets(2)
        self.assertTrue(self.host.nothing_was_set())

    def test_name_taken_over_by_one_of_the_rule(self):
        self.begin(self.OWNERS)
        self.host.tell("heir 8 107 1")
        self.host.tell("vm web-1 7 107 0 2")
        self.sets(4)
        self.assertEqual(self.sets(2), {f"set-cap web-1 {RTPRIO} 5 20",
                                        f"set-cap web-1 {RUNTIME} 20000 -1"})

    def test_policy_of_a_name_taken_over(self):
        daemon = self.begin("[rule owners]\nowner = 107\npolicy = observe\n")
        self.host.tell("heir 8 108 1")
        self.host.tell("vm web-1 7 107 0 2")
        daemon.logged("another VM took its name over and got its policy or payback: "
                      "it has policy observe and payback on now")

    def check(self, text):
        config = self.path("check.conf", text)
        return subprocess.run([self.PROGRAMS[0], "--check-config", "-c", config],
                              capture_output=True, text=True, timeout=LIMIT)

    def test_check_config(self):
        result = self.check(WEB)
        self.assertEqual((result.returncode, result.stdout), (0, "1 rules\n"))
        result = self.check(WEB + "rtprioo = 5\n")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, "pvschedd: " + self.path("check.conf") +
                         ":8: a rule has no key 'rtprioo'\n")
        self.path("check.conf.d/1.conf", "hello\n")
        result = self.check(WEB)
        self.assertEqual(result.stderr, "pvschedd: " + self.path("check.conf.d/1.conf") +
                         ":1: is neither [section] nor key = value\n")

    def test_config_is_not_there(self):
        for path, reason in ("/nonexistent", "No such file"), ("/tmp", "Is a directory"):
            result = subprocess.run([self.PROGRAMS[0], "-c", path], capture_output=True,
                                    text=True, timeout=LIMIT)
            self.assertEqual(result.returncode, 2)
            self.assertIn(f"{path}: {reason}", result.stderr)

    def test_shipped_file(self):
        """It has no effect, and each of its settings may be taken as it stands."""
        shipped = os.path.join(os.path.dirname(__file__),
                               "../../packaging/pvschedd/pvschedd.conf")
        with open(shipped) as config:
            text = config.read()
        self.assertEqual(self.check(text).stdout, "0 rules\n")
        sections = text.split("# A rule:")[0]
        result = self.check(re.sub("(?m)^#([a-z-]+ =)", r"\1", sections))
        self.assertEqual((result.stderr, result.stdout), ("", "0 rules\n"))


daemonlib.main()
