# SPDX-License-Identifier: GPL-2.0-or-later
"""What a benchmark runs on: this machine, and the lab's kernels and QEMU."""

import os
import re
import subprocess


def output_of(*command):
    """What it prints; None if it cannot be run or fails."""
    try:
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def field(text, pattern):
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else "unknown"


def machine():
    cpuinfo = read("/proc/cpuinfo")
    memory = field(read("/proc/meminfo"), r"^MemTotal: *(\d+) kB$")
    return {
        "cpu": field(cpuinfo, r"^model name\s*: (.*)$"),
        "cpus": len(os.sched_getaffinity(0)),
        "virtual": bool(re.search(r"^flags\b.*\bhypervisor\b", cpuinfo, re.MULTILINE)),
        "memory_mib": int(memory) // 1024 if memory.isdigit() else None,
        "system": field(read("/etc/os-release"), r'^PRETTY_NAME="?([^"\n]*)'),
        "kernel": os.uname().release,
    }


def lab():
    """Versions by name, as in {"qemu": "1:10.2.0", "6.12": "6.12.1-amd64"}."""
    lines = (output_of("tests/vm/lab", "list") or "").splitlines()
    words = [line.split() for line in lines]
    return {line[0]: line[1] for line in words
            if len(line) == 2 and (line[0] == "qemu" or re.fullmatch(r"\d+\.\d+", line[0]))}


def revision():
    return output_of("git", "describe", "--always", "--dirty", "--exclude", "*") or "unknown"
