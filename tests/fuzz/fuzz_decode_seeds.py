#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of fuzz_decode into corpus/decode/.

The numbers of commands and attributes come from include/netlink/pvsched.yaml: a
message is a list of (attribute, value), a value being a number, a text, bytes,
or another such list.
"""

import os
import struct

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "corpus", "decode")
SPEC = os.path.join(HERE, "..", "..", "include", "netlink", "pvsched.yaml")


class Encoder:
    def __init__(self, spec):
        self.sets = {s["name"]: s["attributes"] for s in spec["attribute-sets"]}
        self.operations = spec["operations"]["list"]

    def attr(self, kind, data):
        pad = b"\0" * (-len(data) % 4)
        return struct.pack("<HH", len(data) + 4, kind) + data + pad

    def attrs(self, name, values):
        out = b""
        for key, value in values:
            kind = next(i for i, a in enumerate(self.sets[name], 1) if a["name"] == key)
            what = self.sets[name][kind - 1]
            if what["type"] == "nest":
                value = self.attrs(what["nested-attributes"], value)
            elif what["type"] == "string":
                value = value.encode() + b"\0"
            elif what["type"] in ("u32", "s32"):
                value = struct.pack("<I", value % 2**32)
            elif what["type"] == "u8":
                value = struct.pack("<B", value)
            elif what["type"] == "u64":
                value = struct.pack("<Q", value)
            out += self.attr(kind, value)
        return out

    def message(self, command, values):
        number = next(i for i, o in enumerate(self.operations, 1) if o["name"] == command)
        payload = self.attrs(self.operations[number - 1]["attribute-set"], values)
        return (struct.pack("<IHHII", 20 + len(payload), 30, 0, 1, 0)
                + struct.pack("<BBH", number, 1, 0) + payload)


def u64s(*values):
    return struct.pack(f"<{len(values)}Q", *values)


STATS = [
    ("boosts", [("cause", 1), ("count", 40)]), ("deboosts", [("cause", 3), ("count", 39)]),
    ("doorbells", 41), ("throttles", 1), ("boosted-ns", 1234567890), ("debt-ns", 5),
    ("spurious", 3), ("waited-ns", 2**40), ("waited-urgent-ns", 2**30),
    ("wait-urgent", [("sum-ns", 2**30), ("bucket", u64s(1, 2, 3))]),
    ("event-latency", [("sum-ns", 77), ("bucket", u64s(*range(30)) + b"half")]),
    ("boost-length", [("sum-ns", 0)]),
]
CAP = [("id", 0), ("level", 1), ("soft", 10), ("hard", 2**64 - 1)]
VM = [("id", 7), ("name", "web-1"), ("pid", 1234), ("uid", 1000), ("policy", "boost"),
      ("protocol", "urgency"), ("protocol-version", 1), ("vcpus", 1), ("stats", STATS),
      ("payback", 1)]
VCPU = [("vm", "web-1"), ("vm-id", 7), ("id", 3), ("tid", 1240), ("cpu", 1), ("state", 2),
        ("flags", 3), ("baseline-policy", 0), ("baseline-nice", -5), ("current", 21),
        ("waiter", 92), ("sleeper", 142), ("granted", 52), ("cause", 1), ("binding", CAP),
        ("binding", [("id", 3), ("level", 2), ("soft", 10000)]), ("stats", STATS),
        ("share", 512), ("time-ns", 10**9)]
POLICY = [("name", "nice"), ("protocol", "urgency"), ("protocol-version", 1),
          ("module", "pvsched_nice"), ("vms", 2), ("faults", 3)]
CAPS = [("vm", "web-1"), ("vcpu", 3), ("cap", CAP), ("old", CAP), ("binding", CAP)]


# Beside the text, which is attribute 1: flags capped 0x100 and attributes 0x200.
TEXT = struct.pack("<HH", 4 + 8, 1) + b"no VM 7\0"
REQUEST = struct.pack("<IHHII", 24, 30, 5, 7, 0)
REFUSALS = {
    "refusal": struct.pack("<IHHII", 48, 2, 0x300, 7, 0) + struct.pack("<i", -2) + REQUEST + TEXT,
    "refusal-whole": struct.pack("<IHHII", 56, 2, 0x200, 7, 0) + struct.pack("<i", -2) + REQUEST
                     + struct.pack("<BBHI", 1, 1, 0, 0) + TEXT,
    "refusal-late": struct.pack("<IHHII", 32, 3, 0x202, 7, 0) + struct.pack("<i", -2) + TEXT,
}
def news(command, name=b"pvsched\0", groups=b"\1"):
    """What generic netlink's own family tells of one: NEWFAMILY 1, DELFAMILY 2."""
    def attr(kind, data):
        return struct.pack("<HH", len(data) + 4, kind) + data + b"\0" * (-len(data) % 4)

    group = attr(2, struct.pack("<I", 9)) + attr(1, b"boost\0")
    payload = (attr(2, name) + attr(1, struct.pack("<H", 33))
               + attr(7, b"".join(attr(i, group) for i in groups)))
    return (struct.pack("<IHHII", 20 + len(payload), 16, 0, 1, 0)
            + struct.pack("<BBH", command, 2, 0) + payload)


NEWS = {
    "family-new": news(1, groups=b"\1\2"),
    "family-gone": news(2),
    "family-other": news(1, b"other\0"),
    "family-odd": news(1, b"pvsched"),
}
HOST = [("enabled", 1), ("boosted", 3), ("held", 0), ("canary", 500), ("canary-trips", 2),
        ("ended", 4), ("ended-ns", 12345)]


def event(seq, kind, *more):
    return ("event", [("seq", seq), ("time-ns", seq * 10**6), ("kind", kind), ("vm", "web-1"),
                      ("vm-id", 7), *more])


def main():
    with open(SPEC, encoding="utf-8") as spec:
        encoder = Encoder(yaml.safe_load(spec))
    boost = [("vcpu", 3), ("pid", 1240), ("level", 52), ("cause", 1), ("cpu", 1)]
    seeds = {
        "vm": ("vm-get", VM),
        "vm-minimal": ("vm-get", [("name", "")]),
        "vcpu": ("vcpu-get", VCPU),
        "vcpu-unknown": ("vcpu-get", VCPU[:1] + VCPU[2:3] + [("cause", 999), ("state", 999)]),
        "host": ("host-get", HOST[:1]),
        "host-set": ("host-set", HOST),
        "caps": ("cap-get", CAPS),
        "caps-set": ("cap-set", CAPS),
        "config": ("config-ntf", [event(1, 0, ("pid", 1234)), event(2, 6, ("cap", CAP))]),
        "boost": ("boost-ntf", [("dropped", 4), event(9, 12, *boost), event(10, 13, *boost)]),
        "boost-dropped": ("boost-ntf", [("dropped", 4)]),
        "policy": ("policy-get", POLICY),
        "set": ("config-ntf", [event(1, 10, ("policy", "blind")), event(2, 11, ("payback", 1))]),
    }
    os.makedirs(OUT, exist_ok=True)
    for name, (command, values) in seeds.items():
        with open(os.path.join(OUT, name), "wb") as out:
            out.write(encoder.message(command, values))
    for name, message in (REFUSALS | NEWS).items():
        with open(os.path.join(OUT, name), "wb") as out:
            out.write(message)


if __name__ == "__main__":
    main()
