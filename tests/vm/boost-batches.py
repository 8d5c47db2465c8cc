#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""boost-batches.py STOP BATCH_MS - are boosts told in batches?

Listens to group "boost" by the kernel's own client until the file STOP is
there. Says "ready" first, then "MESSAGES EVENTS DROPPED MS". Fails if events are
not in order, if numbers are missing that are not told as dropped, or if there
were more messages than one for each CPU in BATCH_MS.
"""

import os
import sys
import time

REPO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(REPO, "build", "lab", "ynl"))
from lib import YnlFamily  # noqa: E402


def main():
    stop, batch = sys.argv[1], int(sys.argv[2])
    ynl = YnlFamily(os.path.join(REPO, "include", "netlink", "pvsched.yaml"), schema="")
    ynl.ntf_subscribe("boost")
    print("ready", flush=True)
    start = time.monotonic()
    while not os.path.exists(stop):
        time.sleep(0.05)
        ynl.check_ntf()
    elapsed = (time.monotonic() - start) * 1000
    messages = ynl.async_msg_queue
    numbers = [event["seq"] for msg in messages for event in msg["msg"].get("event", [])]
    # What was dropped behind the last event shows in no number.
    while messages and "event" not in messages[-1]["msg"]:
        messages.pop()
    dropped = sum(msg["msg"].get("dropped", 0) for msg in messages[1:])
    print(len(messages), len(numbers), dropped, round(elapsed), flush=True)
    if numbers != sorted(set(numbers)):
        sys.exit("numbers are not in order")
    if numbers and numbers[-1] - numbers[0] + 1 != len(numbers) + dropped:
        sys.exit("numbers are missing")
    if len(messages) > os.cpu_count() * (elapsed / batch + 1):
        sys.exit("too many messages")
    if len(numbers) <= 2 * len(messages):
        sys.exit("not batched")


main()
