#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usurp.py TID SECONDS: try to keep a boost that is not one's own.

A thread of a real-time class may be given a lower priority of that class
without any privilege. Whoever does so during a boost would keep the class. Prints
how often that succeeded.
"""
import os
import sys
import time

tid, end = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
count = 0
while time.monotonic() < end:
    try:
        os.sched_setscheduler(tid, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK,
                              os.sched_param(1))
        count += 1
    except PermissionError:
        pass
print(count)
