#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""subscriber.py SPEC VM - how often a VM was boosted: exact, however slowly this reads

Uses nothing but the kernel's own netlink client, tools/net/ynl of its source (as of
6.12) in PYTHONPATH, and SPEC, the description of the family: pvsched.yaml.
"""

import errno
import select
import sys

from lib import YnlFamily


class Subscriber:
    def __init__(self, spec, vm):
        self.vm = vm
        self.last = {}
        self.requests = YnlFamily(spec, schema="")
        self.groups = {}
        for name in ("config", "boost"):
            group = YnlFamily(spec, schema="")
            group.ntf_subscribe(name)
            self.groups[group.sock] = group
        self.begin_anew()

    def tell(self, what):
        print(what, self.boosts, flush=True)

    def begin_anew(self):
        """What there is makes up for what was not heard."""
        vcpus = [vcpu for vcpu in self.requests.dump("vcpu-get", {}) if vcpu["vm"] == self.vm]
        # Boosts up to then are in these figures, later ones are not.
        self.known = {(vcpu["vm-id"], vcpu["id"]): vcpu["time-ns"] for vcpu in vcpus}
        self.boosts = sum(cause["count"] for vcpu in vcpus for cause in vcpu["stats"].get("boosts", []))
        self.tell("resync")

    def take(self, group, event):
        """Returns whether there were others before it, which were lost."""
        complete = event["seq"] == self.last.get(group, event["seq"] - 1) + 1
        self.last[group] = event["seq"]
        if event["kind"] == "boost" and event["vm"] == self.vm:
            vcpu = event["vm-id"], event["vcpu"]
            self.boosts += event["time-ns"] > self.known.get(vcpu, 0)
        self.tell("event")
        return not complete

    def read(self, group):
        """Take what has arrived; returns whether something was lost."""
        lost = False
        try:
            group.check_ntf()
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            lost = True
        messages, group.async_msg_queue = group.async_msg_queue, []
        for message in messages:
            lost |= message["msg"].get("dropped", 0) > 0
            for event in message["msg"].get("event", []):
                lost |= self.take(message["name"], event)
        return lost

    def run(self):
        while True:
            ready, _, _ = select.select(list(self.groups), [], [])
            if any([self.read(self.groups[sock]) for sock in ready]):
                self.begin_anew()


if __name__ == "__main__":
    Subscriber(*sys.argv[1:]).run()
