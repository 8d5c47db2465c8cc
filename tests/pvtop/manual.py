#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""manual.py GOLDEN PVTOP PAGE - does the manual page tell what the program does?

PAGE is the source. It has each key and column as the help screen has them, which GOLDEN
prints in the page's form, and all options of pvtop --help.
"""

import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    golden, pvtop, page = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        text = file.read()
    missing = []
    for case in "manual-keys", "manual-pane", "manual-menus", "manual-columns":
        wanted = output(golden, case)
        if wanted not in text:
            missing += [entry for entry in wanted.split("\n\n") if entry not in text] or [case]
    usage = output(pvtop, "--help")
    for option in re.findall(r"--[a-z]+", usage):
        if f"*{option}*" not in text:
            missing.append(option)
    for name in missing:
        print(f"{page}: has not, or has otherwise: {name}", file=sys.stderr)
    return bool(missing)


sys.exit(main())
