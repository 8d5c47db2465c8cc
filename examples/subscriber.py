#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""subscriber.py SPEC VM - how often a VM was boosted: exact, however slowly this reads

Uses nothing but the kernel's own netlink client, tools/net/ynl of its source (as of
6.12) in PYTHONPATH, and SPEC, the description of the family: pvsched.yaml. When the
module is unloaded it says so, and goes on when it is loaded anew.
"""

import errno
import select
import socket
import sys

from lib import Netlink, YnlFamily, ynl


def news_open():
    """Hears that families come and go: of that the kernel tells in a group of a fixed number."""
    news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, Netlink.NETLINK_GENERIC)
    news.bind((0, 0))  # without an address of its own it hears nothing of the kernel
    news.setsockopt(Netlink.SOL_NETLINK, Netlink.NETLINK_ADD_MEMBERSHIP, Netlink.GENL_ID_CTRL)
    return news


class Subscriber:
    def __init__(self, spec, vm):
        self.spec = spec
        self.vm = vm
        self.boosts = 0
        self.requests = None
        self.groups = {}
        self.news = news_open()
        self.attempt(self.connect)

    def tell(self, what):
        print(what, self.boosts, flush=True)

    def disconnect(self):
        for family in [self.requests, *self.groups.values()]:
            if family:
                family.sock.close()
        self.requests = None
        self.groups = {}

    def connect(self):
        """Each time that the module is loaded, its family has other numbers."""
        self.disconnect()
        ynl.genl_family_name_to_id = None  # the client remembers them
        self.last = {}
        self.requests = YnlFamily(self.spec, schema="")
        for name in ("config", "boost"):
            group = YnlFamily(self.spec, schema="")
            self.groups[group.sock] = group
            group.ntf_subscribe(name)
        self.begin_anew()

    def attempt(self, what):
        try:
            what()
        except OSError:  # not permitted, for instance
            raise
        except Exception as error:  # the client's, without a family; its coming is news
            print(error, file=sys.stderr)
            self.disconnect()
            self.tell("gone")

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

    def reloaded(self):
        """Read all news; returns whether some may be of the family."""
        ours = False
        while True:
            try:
                ours |= b"pvsched\0" in self.news.recv(65536, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return ours
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                ours = True

    def step(self):
        ready, _, _ = select.select([self.news, *self.groups], [], [])
        lost = [self.read(self.groups[sock]) for sock in ready if sock in self.groups]
        if self.news in ready and self.reloaded():
            self.attempt(self.connect)
        elif any(lost):
            self.attempt(self.begin_anew)

    def run(self):
        while True:
            self.step()


if __name__ == "__main__":
    Subscriber(*sys.argv[1:]).run()
