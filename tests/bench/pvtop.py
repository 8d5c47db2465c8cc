#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pvtop.py PVTOP-LIVE [SECONDS] - what it costs to look at 1024 vCPUs once a second

pvtop on a terminal of 50 rows and 160 columns, with a fake kernel in another
process, whose CPU time does not count (that of the real one would). Prints JSON: CPU
time in percent of one CPU, as the scheduler counts it, on each of three screens for
SECONDS (20); the most memory that it ever had; and the time from its start to the
first screen with figures (median of 11). Nothing is written by pvtop.
"""

import json
import os
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pvtop"))

from screen import Terminal  # noqa: E402

SCREENS = {
    "tree": [],
    "sorted": ["t", ">", "Home", *["Down"] * 5, "Enter"],
    "pane": ["Enter"],
}
LIMITS = {"cpu_percent": 2, "rss_mib": 30, "first_screen_ms": 200}


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat") as stat:
        return int(stat.read().split()[0])


def rss_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def read_for(terminal, seconds):
    """As a terminal does: else pvtop would wait for it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(0.2)


def percent(terminal, seconds):
    pid, before, began = terminal.child.pid, cpu_ns(terminal.child.pid), time.monotonic()
    read_for(terminal, seconds)
    return (cpu_ns(pid) - before) / (time.monotonic() - began) / 1e7


def first_screen_ms(command):
    """From exec to the row of the first VM, seen as bytes: to draw them is the terminal's."""
    terminal = Terminal(command, 50, 160)
    while b"vm-1" not in terminal.raw:
        terminal.raw += terminal.child.read_nonblocking(65536, 10)
    ms = (time.monotonic() - terminal.started) * 1e3
    terminal.child.send("q")
    terminal.end()
    return ms


def main():
    program, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 20
    kernel = subprocess.Popen([program, "kernel", "many"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    command = [program, kernel.stdout.readline().strip()]
    first = [first_screen_ms(command) for _ in range(11)]
    terminal = Terminal(command, 50, 160)
    terminal.see("1024 vCPUs", "boosts/s")
    cpu = {}
    for screen, keys in SCREENS.items():
        terminal.type(*keys)
        read_for(terminal, 2)
        cpu[screen] = round(percent(terminal, seconds), 2)
    rss = rss_mib(terminal.child.pid)
    terminal.type("q", "q")
    terminal.end()
    kernel.stdin.close()
    kernel.wait()
    result = {
        "vcpus": 1024, "vms": 32, "delay_s": 1, "seconds": seconds,
        "cpu_percent": max(cpu.values()), "cpu_percent_by_screen": cpu, "rss_mib": round(rss, 1),
        "first_screen_ms": round(statistics.median(first), 1),
        "first_screen_max_ms": round(max(first), 1),
        "limits": LIMITS,
    }
    result["within_limits"] = all(result[key] <= limit for key, limit in LIMITS.items())
    print(json.dumps(result))


main()
