#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usurp.py TID SECONDS [POLICY PRIORITY]: try to keep a boost that is not one's own.

A thread of a real-time class may be given a priority of that class that is not
higher without any privilege. Whoever does so during a boost would keep the class.
Prints how often that succeeded; fails if it did not. SECONDS once: until it does. POLICY is "fifo"
unless given, "rr", "batch" or "other"; PRIORITY is 1.
"""
import os
import sys
import time

POLICIES = {"fifo": os.SCHED_FIFO, "rr": os.SCHED_RR, "batch": os.SCHED_BATCH,
            "other": os.SCHED_OTHER}

with open("/proc/self/comm", "w", encoding="ascii") as comm:
    comm.write("usurper")       # see modules/late_calls.c
tid, once = int(sys.argv[1]), sys.argv[2] == "once"
end = time.monotonic() + (60 if once else float(sys.argv[2]))
policy, priority = sys.argv[3:5] or ("fifo", "1")
count = 0
while time.monotonic() < end and not (once and count):
    try:
        os.sched_setscheduler(tid, POLICIES[policy] | os.SCHED_RESET_ON_FORK,
                              os.sched_param(int(priority)))
        count += 1
    except PermissionError:
        pass
print(count)
sys.exit(not count)
