# SPDX-License-Identifier: GPL-2.0-or-later
"""A program on a terminal that is seen as characters: pexpect and pyte."""

import os
import time

import pexpect
import pyte

KEYS = {
    "Up": "\x1bOA", "Down": "\x1bOB", "Right": "\x1bOC", "Left": "\x1bOD",
    "Home": "\x1bOH", "End": "\x1bOF", "PgUp": "\x1b[5~", "PgDn": "\x1b[6~",
    "Enter": "\r", "Escape": "\x1b", "Backspace": "\x7f", "Tab": "\t",
    "F1": "\x1bOP", "F2": "\x1bOQ", "F3": "\x1bOR", "F4": "\x1bOS", "F5": "\x1b[15~",
    "F6": "\x1b[17~", "F7": "\x1b[18~", "F8": "\x1b[19~", "F9": "\x1b[20~",
    "F10": "\x1b[21~", "Ctrl-L": "\x0c", "Ctrl-U": "\x15", "Space": " ",
}


class Screen(pyte.Screen):
    """With what terminals can and pyte 0.8 cannot: repeat a character, and scroll."""

    last = " "

    def draw(self, data):
        super().draw(data)
        self.last = data[-1:] or self.last

    def repeat(self, count=1):
        self.draw(self.last * count)

    def scroll(self, change, count):
        cursor = self.cursor.y
        self.cursor.y = self.margins.top if self.margins else 0
        change(count)
        self.cursor.y = cursor

    def scroll_up(self, count=1):
        self.scroll(self.delete_lines, count)

    def scroll_down(self, count=1):
        self.scroll(self.insert_lines, count)


class Stream(pyte.ByteStream):
    csi = {**pyte.ByteStream.csi, "b": "repeat", "S": "scroll_up", "T": "scroll_down"}
    events = pyte.ByteStream.events | {"repeat", "scroll_up", "scroll_down"}


class Terminal:
    def __init__(self, command, rows=24, cols=80, term="xterm-256color", env=None):
        self.screen = Screen(cols, rows)
        self.stream = Stream(self.screen)
        environment = {**os.environ, "TERM": term, "LC_ALL": "C.UTF-8", "TZ": "UTC",
                       **(env or {})}
        environment.pop("NO_COLOR", None) if not env else None
        self.raw = b""
        self.started = time.monotonic()
        self.child = pexpect.spawn(command[0], command[1:], dimensions=(rows, cols),
                                   env=environment, timeout=20)

    def read(self, seconds=0.05):
        try:
            data = self.child.read_nonblocking(65536, seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += data
        self.stream.feed(data)
        return True

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines())

    def last(self):
        return self.lines()[-1]

    def wait(self, condition, what, seconds=60):
        """Until it is true of the screen; a slow machine has its time."""
        end = time.monotonic() + seconds
        while True:
            self.read()
            if condition(self):
                return
            if time.monotonic() > end or not self.child.isalive():
                self.read()
                if condition(self):
                    return
                raise AssertionError(f"{what}: not on the screen:\n{self.text()}")

    def see(self, *texts):
        for text in texts:
            self.wait(lambda t, text=text: text in t.text(), repr(text))

    def miss(self, *texts):
        for text in texts:
            self.wait(lambda t, text=text: text not in t.text(), f"no {text!r}")

    def type(self, *keys):
        for key in keys:
            self.child.send(KEYS.get(key, key))

    def selected(self):
        """The row whose first cell has the colour of a selection."""
        for row in range(self.screen.lines):
            cells = self.screen.buffer[row]
            # Beyond the heading, and as wide as the screen.
            if cells[0].bg == cells[self.screen.columns - 1].bg == "00d7ff":
                return self.lines()[row]
        return ""

    def click(self, row, col, button=0):
        """Of SGR mouse reports; 64 and 65 are the wheel."""
        self.child.send(f"\x1b[<{button};{col + 1};{row + 1}M")
        if button < 64:
            self.child.send(f"\x1b[<{button};{col + 1};{row + 1}m")

    def resize(self, rows, cols):
        self.screen.resize(rows, cols)
        self.child.setwinsize(rows, cols)

    def end(self):
        """Returns the exit status."""
        end = time.monotonic() + 20
        while self.read(0.1) or self.child.isalive():
            if time.monotonic() > end:
                self.child.close(force=True)
                raise AssertionError(f"it does not end:\n{self.text()}")
        self.child.close()
        return self.child.exitstatus
