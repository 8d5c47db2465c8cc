#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The units are what systemd understands, and no less confined than before.

usage: test_units.py UNIT...

What systemd-analyze security says of each may fall, and has to be entered here
then, but never rise.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

EXPOSURE = {
    "pvschedd.service": 1.7,
    "pvsched-vhost@.service": 0.7,
}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120,
                          env=dict(os.environ, LC_ALL="C.UTF-8"), check=False)


def exposure(unit):
    result = run("systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
    found = re.search(r"exposure level for \S+: ([0-9.]+)", result.stdout)
    if not found:
        sys.exit(f"{unit}: {result.stdout}{result.stderr}")
    return float(found[1])


def verified(directory, unit):
    """Whether systemd has nothing to say but that programs are not installed."""
    result = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                 os.path.join(directory, unit.replace("@.", "@test.")))
    lines = [line for line in result.stderr.splitlines()
             if not re.search(r"Command /\S* is not executable|(Unit|Socket) "
                              r"\S*modprobe@", line)]
    print("\n".join(lines))
    return not lines


def main():
    bad = 0
    # Templates refer to each other by name.
    with tempfile.TemporaryDirectory() as directory:
        for path in sys.argv[1:]:
            shutil.copy(path, directory)
        for path in sys.argv[1:]:
            unit = os.path.basename(path)
            if not verified(directory, unit):
                bad = 1
            if unit not in EXPOSURE:
                continue
            now = exposure(path)
            print(f"{unit}: exposure {now}, was {EXPOSURE[unit]}")
            bad |= now != EXPOSURE[unit]
    sys.exit(bad)


if not shutil.which("systemd-analyze"):
    sys.exit(77)
main()
