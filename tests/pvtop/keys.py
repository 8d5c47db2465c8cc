#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""keys.py PVTOP-FAKE PVTOP [TEST...] - pvtop on a terminal, by every key

Each test types keys and looks at the screen. At the end every key of the tables in
tools/pvtop/keys.c has been typed, in the list and in the view of one.
"""

import os
import re
import subprocess
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from screen import Terminal  # noqa: E402

FAKE, PVTOP = sys.argv[1:3]
GOLDEN = os.path.join(os.path.dirname(FAKE), "pvtop-golden")
SLOW = ["-d", "3600"]  # nothing changes but by keys


class Session(Terminal):
    """Notes which keys were typed on which screen."""

    typed = {"main": set(), "pane": set(), "menu": set()}

    def __init__(self, *options, scene="few", **kwargs):
        super().__init__([FAKE, scene, *options], **kwargs)
        self.where = "main"

    def type(self, *keys):
        self.typed[self.where].update(keys)
        super().type(*keys)

    def write(self, text):
        """What is no key of a table, but an answer."""
        super().type(text)

    def quit(self):
        self.where = "main"
        self.type("q")
        assert self.end() == 0, "exit status"

    def to(self, name):
        """Select the row of that name, by search."""
        self.type("/")
        self.write(name)
        self.see(f"Search: {name}_")
        self.write("\r")
        self.miss("Search: ")


def test_moves():
    t = Session(*SLOW)
    t.see("web-1", "F10Quit")
    assert "db-" in t.selected(), t.selected()
    t.type("Down")
    t.wait(lambda t: "─ 0" in t.selected(), "the row below")
    t.type("Up")
    t.wait(lambda t: "db-" in t.selected(), "the row above")
    t.type("End")
    t.wait(lambda t: "─ 0" in t.selected() and "pending" in t.selected(), "the last row")
    t.type("Home")
    t.wait(lambda t: "db-" in t.selected(), "the first row")
    assert "P99" not in t.text()
    for key in "Right", "Right", "Right":
        t.type(key)
    t.see("P99")
    t.miss("WHY")
    for key in "Left", "Left", "Left":
        t.type(key)
    t.see("WHY")
    t.quit()


def test_pages():
    t = Session(*SLOW, scene="many")
    t.see("vm-1 ")
    t.type("PgDn", "PgDn", "PgDn")
    t.see("vm-2 ")
    t.type("PgUp", "PgUp", "PgUp")
    t.wait(lambda t: "vm-1 " in t.selected(), "the first row again")
    t.type("End")
    t.wait(lambda t: "31" in t.selected(), "the last of 1024 vCPUs")
    t.quit()


def test_help():
    for key in "F1", "h", "?":
        t = Session(*SLOW)
        t.see("F1Help")
        t.type(key)
        t.see("Help: arrows and pages scroll", "the row above")
        t.where = "help"
        t.typed["help"] = set()
        t.type("PgDn", "PgDn")
        t.see("Backspace")
        t.type("End")
        t.see("POLICY")
        t.type("Home")
        t.see("States")
        t.write("x")
        t.see("F1Help")
        t.quit()


def test_columns():
    for key, later, earlier in ("F2", "F8", "F7"), ("S", "]", "["), ("S", "+", "-"):
        t = Session(*SLOW)
        t.see("STATE         WHY")
        t.type(key)
        t.see("[x] STATE")
        t.where = "menu"
        t.type("End")
        t.see("[ ] POLICY")
        t.type("Home", "Space")
        t.see("[ ] STATE")
        t.type("Space", later)
        t.wait(lambda t: -1 < t.text().find("WHY") < t.text().find("STATE"), "moved")
        t.type("Down", "Up", "Enter")
        t.see("WHY       STATE")
        t.where = "main"
        t.type(key)
        t.where = "menu"
        t.type("Down", earlier, "Escape")
        t.see("STATE         WHY")
        t.quit()


def test_sort():
    for key in "F6", ">", ".", "<", ",":
        t = Session(*SLOW, "-d", "0.2", "-f")
        t.see("web-1/0", "boosts/s")
        t.type(key)
        t.see("Sort by")
        t.where = "menu"
        t.type("Home", *["Down"] * 5, "Enter")
        t.where = "main"
        t.wait(lambda t: "web-1/1" in t.lines()[7], "the most boosted first")
        t.type("I")
        t.wait(lambda t: "web-1/1" not in t.lines()[7], "the other way round")
        t.type(key)
        t.where = "menu"
        t.see("Sort by")
        t.type("q")
        t.see("F10Quit")
        t.where = "main"
        t.type(key)
        t.where = "menu"
        t.type("F10")
        t.see("F10Quit")
        t.quit()


def test_search():
    for key in "F3", "/":
        t = Session(*SLOW)
        t.see("web-1")
        t.type(key)
        t.write("web-1/2")
        t.wait(lambda t: "waiting" in t.selected(), "what was searched for")
        t.write("x")
        t.see("Search: web-1/2x_")
        t.write("\x7f\r")
        t.miss("Search: ")
        t.type("Home", key)
        t.write("web-1")
        t.wait(lambda t: "1 of 4" in t.selected(), "the VM")
        t.write("\x1bOR")
        t.wait(lambda t: "interrupt" in t.selected(), "the next, while typing")
        t.write("\r")
        t.type("n")
        t.wait(lambda t: "slice" in t.selected(), "the next")
        t.type(key)
        t.write("nobody\r")
        t.see("nothing matches 'nobody'")
        t.quit()


def test_filter():
    for key in "F4", "\\":
        t = Session(*SLOW)
        t.see("idle")
        t.type(key)
        t.write("throttled\r")
        t.miss("running   ")
        t.see("fifo 80")
        t.write("\x1b")
        t.see("db-数据库")
        t.type(key)
        t.write("größe")
        t.see("Filter: größe_", "Nothing matches the filter")
        t.write("\x7f\x15idle\x1b")
        t.see("F4Filter", "throttled")
        t.quit()


def test_tree():
    for key in "F5", "t":
        t = Session(*SLOW)
        t.see("├─ 0")
        t.type(key)
        t.see("web-1/3")
        t.type(key)
        t.see("├─ 0")
        t.quit()


def test_fold():
    t = Session(*SLOW)
    t.see("fifo 80")
    t.to("web-1")
    t.type("Backspace")
    t.see("+ web-1")
    t.miss("fifo 80")
    t.type("Backspace")
    t.see("fifo 80")
    t.type("*")
    t.see("+ win-1", "+ web-1")
    t.type("*")
    t.see("fifo 80")
    t.quit()


def test_tags():
    t = Session(*SLOW)
    t.see("web-1")
    t.type("Space")
    t.see("*db-")
    t.to("web-1")
    t.type("c")
    t.see("*web-1", "*└─ 3")
    t.type("U")
    t.miss("*web-1", "*db-")
    t.quit()


def test_caps():
    for lower, raise_ in ("F7", "F8"), ("[", "]"), ("-", "+"):
        t = Session(*SLOW)
        t.see("web-1")
        t.to("web-1/0")
        t.type(lower)
        t.see("web-1/0: rtprio=7:")
        t.type(raise_)
        t.see("web-1/0: rtprio=8:")
        t.type(raise_, raise_)
        t.see("web-1/0: refused: soft is above hard")
        t.type("Tab")
        t.see("F7 and F8 now change runtime")
        t.type(lower)
        t.see("web-1/0: runtime=40ms:")
        t.quit()


def test_caps_typed():
    t = Session(*SLOW)
    t.see("web-1")
    t.to("web-1/0")
    t.type("e")
    t.see("Caps, such as")
    t.write("rtprio=3:4 slice=2ms:\r")
    t.see("web-1/0: slice=2ms:")
    t.type("e")
    t.write("rtprio=9:4\r")
    t.see("refused: soft is above hard")
    t.type("e")
    t.write("nonsense\r")
    t.see("'nonsense' is not CAP=VALUE")
    t.type("e")
    t.write("rtprio=1:\x1b")
    t.see("F10Quit")
    t.type("Enter")
    t.see("3:4")
    t.where = "pane"
    t.type("q")
    t.quit()


def test_throttle():
    for key in "F9", "k":
        t = Session(*SLOW)
        t.see("web-1")
        t.to("web-1/2")
        t.type(key)
        t.see("web-1: throttled, no vCPU of it is boosted")
        t.type(key)
        t.see("web-1: released")
        t.quit()


def test_switch():
    t = Session("-d", "0.2")
    t.see("boosts allowed")
    t.type("K")
    t.see("End all boosts of this host, and allow none? y/n")
    t.write("n")
    t.see("F10Quit", "boosts allowed")
    t.type("K")
    t.write("y")
    t.see("boosts are disabled; ended: 1", "boosts disabled")
    t.type("K")
    t.see("Allow boosts on this host again? y/n")
    t.write("y")
    t.see("boosts allowed")
    t.quit()


def test_switch_of_nothing():
    t = Session(*SLOW, scene="late")
    t.see("pvsched is not in this kernel.")
    t.type("K")
    t.see("no boosts to end: pvsched is not in this kernel")
    t.miss("y/n")
    t.quit()


def test_readonly():
    t = Session(*SLOW, "--readonly")
    t.see("READ ONLY")
    t.to("web-1/0")
    for key in "F7", "F8", "[", "]", "-", "+", "F9", "k", "K":
        t.type(key)
        t.see("read only (--readonly): nothing is changed")
        t.type("U")
        t.see("F10Quit")
    t.type("e")
    t.see("read only (--readonly): nothing is changed")
    t.type("Enter")
    t.where = "pane"
    t.see("8:9")
    for key in "F7", "F8", "F9", "K":
        t.type(key)
        t.see("read only (--readonly): nothing is changed")
        t.type("PgUp")
        t.see("F10Back")
    t.type("e")
    t.see("read only (--readonly): nothing is changed")
    t.see("8:9")
    t.type("q")
    t.quit()


def test_refused():
    t = Session(*SLOW, scene="user")
    t.see("events not heard")
    t.type("K")
    t.write("y")
    t.see("refused: not permitted: needs CAP_SYS_RESOURCE")
    t.type("F9")
    t.see("refused: not permitted: not your VM")
    t.quit()


def seconds(t):
    found = re.search(r"pvtop 03:(\d\d):(\d\d)", t.text())
    return int(found[1]) * 60 + int(found[2]) if found else 0


def test_pause():
    for key in "Z", "p":
        t = Session("-d", "0.1")
        t.see("web-1")
        t.type(key)
        t.see("PAUSED")
        before = seconds(t)
        t.type("Down", "F5", "I")
        t.see("web-1/3")
        t.wait(lambda t: "db-" not in t.lines()[6], "sorted while paused")
        assert seconds(t) == before, "time goes on"
        t.type(key)
        t.miss("PAUSED")
        t.wait(lambda t: seconds(t) > before + 2, "it goes on")
        t.quit()


def test_follow():
    t = Session(*SLOW, "-f")
    t.see("web-1/0")
    t.to("web-1/0")
    t.type("F")
    t.see("following the selected row")
    t.type("I")
    t.wait(lambda t: "web-1/0" in t.selected(), "the same row")
    t.type("F")
    t.see("no longer following")
    t.type("I")
    t.wait(lambda t: "web-1/0" not in t.selected(), "the same place")
    t.quit()


def test_pane():
    t = Session("-d", "0.3", rows=40)
    t.see("web-1")
    t.to("web-1/0")
    t.type("Enter")
    t.where = "pane"
    t.see("web-1/0: boosted, interrupt", "Waits while urgent", "8 (vcpu)", "< 262us")
    t.type("Left", "Left", "Down", "Down", "Down")
    t.type("F7")
    t.see("host: slice=9ms:")
    t.type("F8")
    t.see("host: slice=10ms:")
    t.type("Up", "Right", "Right")
    t.type("-")
    t.see("web-1/0: period=90ms:")
    t.type("+", "[", "]")
    t.see("web-1/0: period=")
    for key in "e", "Enter":
        t.type(key)
        t.see("Caps, such as rtprio=10:20 slice=2ms: period=_")
        t.write("\x1b")
        t.miss("Caps, such")
    t.type("Enter")
    t.write("80ms:90ms\r")
    t.see("web-1/0: period=80ms:90ms")
    t.type("End")
    t.see("Last events, seconds ago", "boost to fifo 10: interrupt, cpu 0",
          "deboost: doorbell, cpu 0")
    t.type("PgUp", "PgDn", "Home")
    t.see("ASKS fifo 20")
    t.type("k")
    t.see("web-1: throttled")
    t.type("F9")
    t.see("web-1: released")
    t.type("K")
    t.write("n")
    t.type("Z")
    t.see("PAUSED")
    t.type("p")
    t.miss("PAUSED")
    t.type("Ctrl-L")
    for key in "{", "}", "(", ")":
        t.type(key)
        t.see("only a recording (-r) has another time")
        t.type("PgUp")
        t.miss("only a recording")
    for key in "Escape", "q", "F10":
        t.where = "pane"
        t.type(key)
        t.see("F10Quit")
        t.where = "main"
        t.type("\n" if key == "q" else "Enter")
        t.see("F10Back")
    t.where = "pane"
    t.type("Escape")
    t.see("F10Quit")
    t.quit()


def test_quit():
    t = Session(*SLOW)
    t.see("web-1")
    t.type("F10")
    assert t.end() == 0
    # The terminal is as it was: no alternate screen, the cursor is there.
    assert b"\x1b[?1049l" in t.raw and t.raw.rstrip().endswith(b"\x1b>"), t.raw[-40:]


def test_signals():
    for signal in 2, 15, 1:
        t = Session(*SLOW)
        t.see("web-1")
        t.child.kill(signal)
        assert t.end() == 0, signal
        assert b"\x1b[?1049l" in t.raw, "the terminal is not as it was"


def test_redraw():
    t = Session(*SLOW)
    t.see("web-1")
    t.screen.reset()
    assert "web-1" not in t.text()
    t.type("Ctrl-L")
    t.see("web-1", "F10Quit")
    t.quit()


def test_mouse():
    t = Session("-d", "0.2")
    t.see("web-1", "boosts/s", "throttled     slice")
    row = next(i for i, line in enumerate(t.lines()) if "throttled     slice" in line)
    t.click(row, 5)
    t.wait(lambda t: "slice" in t.selected(), "a click selects")
    t.click(row - 1, 5, 65)
    t.wait(lambda t: "slice" not in t.selected(), "the wheel moves")
    t.click(row, 5)
    t.click(row, 5)
    t.see("web-1/1: throttled, slice")
    t.click(10, 10, 65)
    t.click(10, 10, 64)
    t.click(23, 75)
    t.see("F10Quit")
    heading = next(i for i, line in enumerate(t.lines()) if "VM/VCPU" in line)
    t.click(heading, t.lines()[heading].index("BOOST%"))
    t.wait(lambda t: "web-1" in t.lines()[heading + 1], "a click on a heading sorts")
    t.click(23, 1)
    t.see("Help: arrows")
    t.write("q")
    t.quit()


def test_resize():
    t = Session("-d", "0.2")
    t.see("web-1")
    for rows, cols in (10, 40), (60, 240), (24, 80):
        t.resize(rows, cols)
        t.wait(lambda t: t.last().startswith("F1Help") and "VM/VCPU" in t.text(), f"{rows}x{cols}")
    t.resize(9, 39)
    t.see("needs 40x10")
    t.resize(24, 80)
    t.see("web-1")
    t.quit()


def test_appears():
    t = Session("-d", "0.5", scene="late")
    t.see("pvsched is not in this kernel.", "modprobe pvsched")
    t.see("web-1", "boosts allowed")
    t.miss("modprobe")
    t.quit()


def test_reload():
    t = Session("-d", "0.5", scene="reload")
    t.see("web-1")
    t.see("modprobe pvsched")
    t.see("web-1")
    t.quit()


def test_vanish():
    t = Session("-d", "0.5", scene="vanish")
    t.see("web-1")
    t.to("web-1")
    t.type("Enter")
    t.see("web-1: throttled")
    t.see("It is gone. Esc goes back.")
    t.where = "pane"
    for key in "F7", "F8", "F9", "Enter":
        t.type(key)
    t.type("Escape", "Escape")
    t.see("db-数据库", "F10Quit")
    t.miss("web-1")
    t.quit()


def test_broken():
    t = Session("-d", "0.3", scene="broken")
    t.see("talking to the kernel: it does not answer", "web-1")
    t.quit()


def test_terminals():
    for term in "xterm-256color", "xterm", "vt100", "linux":
        # For the console ncurses loads libgpm, which leaks a few bytes.
        t = Session(*SLOW, term=term, env={"ASAN_OPTIONS": "detect_leaks=0"})
        t.see("web-1", "owner changed")
        t.quit()
    t = Session(*SLOW, env={"NO_COLOR": "1"})
    t.see("web-1")
    t.quit()
    assert b"[38;5" not in t.raw and b"[31m" not in t.raw, "NO_COLOR"
    t = Session(*SLOW, "--ascii")
    t.see("|- 0", "`- 3")
    t.quit()
    t = Session(*SLOW, env={"LC_ALL": "C"})
    t.see("|- 0")
    t.quit()
    t = Terminal(["/bin/sh", "-c", f"{FAKE} few </dev/null"])
    t.see("standard input is no terminal, so there are no keys; try: pvtop -b")
    assert t.end() == 2
    # newterm(3) leaks when it fails.
    t = Session(*SLOW, term="no-such-terminal", env={"ASAN_OPTIONS": "detect_leaks=0"})
    t.see("this terminal (TERM) is not known; try: pvtop -b")
    assert t.end() == 2


def record(path, samples):
    """What pvtop writes while it shows a host."""
    subprocess.run([FAKE, "few", "-b", "-d", "0.1", "-n", str(samples), "-w", path],
                   check=True, stdout=subprocess.DEVNULL)
    assert os.stat(path).st_mode & 0o077 == 0, "a recording is its owner's"


def test_replay():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "recording")
        record(path, 75)
        t = Session(*SLOW)
        t.see("web-1")
        t.quit()
        t = Session("-r", path, "-d", "0.1", scene="none")
        t.see("REPLAY", "web-1")
        t.see("END 76/76")
        t.type("{")
        t.see("REPLAY 75/76", "PAUSED")
        t.type("{", "{")
        t.see("REPLAY 73/76")
        t.type("}")
        t.see("REPLAY 74/76")
        t.type("(")
        t.see("REPLAY 14/76")
        assert "▃" in t.text(), "the minute before is known"
        t.type("(")
        t.see("REPLAY 1/76")
        t.type("{")
        t.see("REPLAY 1/76")
        t.type(")")
        t.see("REPLAY 61/76")
        t.type("Z")
        t.see("END 76/76")
        t.type("Home")
        t.to("web-1")
        t.type("F9")
        t.see("this is a recording: nothing can be changed")
        t.type("Enter")
        t.where = "pane"
        t.see("5ms:20ms")
        t.type("{", "}", "(", ")", "Escape")
        t.quit()


def test_every_key():
    """That the tests above have typed all there are."""
    aliases = {"<": {"<"}, "Esc": {"Escape"}}
    for case, where in ("manual-keys", "main"), ("manual-pane", "pane"), ("manual-menus", "menu"):
        text = subprocess.run([GOLDEN, case], check=True, capture_output=True, text=True).stdout
        for line in text.splitlines():
            if not line.startswith("*"):
                continue
            names = re.sub(r"\\(.)", r"\1", line[1:-1]).split(" ")
            for name in names:
                assert aliases.get(name, {name}) & Session.typed[where], f"{name} was not typed: {where}"


def main():
    tests = {name[5:]: test for name, test in globals().items() if name.startswith("test_")}
    failed = False
    for name in sys.argv[3:] or tests:
        try:
            tests[name]()
            print("ok -", name, flush=True)
        except Exception:  # each test has its say
            traceback.print_exc(limit=-2)
            print("not ok -", name, flush=True)
            failed = True
    return failed


sys.exit(main())
