#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""netlink-hostile.py COUNT - malformed requests to the family "pvsched"

Requests are built from attributes of wrong sizes, types and nesting. None may be
accepted that sets a cap; the kernel has to answer each. Reproducible.
"""

import random
import socket
import struct
import sys

GENL_ID_CTRL, CTRL_GETFAMILY, CTRL_NAME, CTRL_ID = 0x10, 3, 2, 1
REQUEST, ACK, DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3


def attr(kind, data):
    return struct.pack("HH", len(data) + 4, kind) + data + b"\0" * (-len(data) % 4)


def message(family, command, payload, flags, seq):
    body = struct.pack("BBH", command, 1, 0) + payload
    return struct.pack("IHHII", len(body) + 16, family, flags, seq, 0) + body


def family_find(sock):
    sock.send(message(GENL_ID_CTRL, CTRL_GETFAMILY, attr(CTRL_NAME, b"pvsched\0"), REQUEST, 1))
    data = sock.recv(65536)[20:]
    while data:
        size, kind = struct.unpack_from("HH", data)
        if kind == CTRL_ID:
            return struct.unpack_from("H", data, 4)[0]
        data = data[(size + 3) & ~3:]
    sys.exit("no family")


def some_bytes(rng):
    return rng.choice([
        b"", b"\0", b"host\0", b"uservm\0", b"rootvm", b"x" * rng.randrange(200),
        struct.pack("I", rng.choice([0, 3, 4, 4095, 4096, 2**31, 2**32 - 1])),
        struct.pack("Q", rng.choice([0, 98, 2**63, 2**64 - 1])),
        rng.randbytes(rng.randrange(32)),
    ])


def some_attrs(rng, depth):
    out = b""
    for _ in range(rng.randrange(6)):
        kind = rng.randrange(8)
        if depth and rng.random() < 0.5:
            out += attr(kind | rng.choice([0, 0x8000]), some_attrs(rng, depth - 1))
        else:
            out += attr(kind, some_bytes(rng))
    if rng.random() < 0.05:
        out += struct.pack("HH", rng.choice([0, 1, 3, 65535]), 1)
    return out


def read_to_end(sock, seq):
    """All of the answer to one request; each read has a time limit."""
    while True:
        data = sock.recv(1 << 18)
        while len(data) >= 16:
            size, kind, flags, answer, _ = struct.unpack_from("IHHII", data)
            if answer == seq and kind in (NLMSG_ERROR, NLMSG_DONE):
                return
            data = data[(size + 3) & ~3:]


def main():
    rng = random.Random(1)
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    sock.bind((0, 0))
    sock.settimeout(10)
    family = family_find(sock)
    for seq in range(2, int(sys.argv[1]) + 2):
        flags = REQUEST | ACK | (DUMP if rng.random() < 0.3 else 0)
        sock.send(message(family, rng.randrange(8), some_attrs(rng, 2), flags, seq))
        read_to_end(sock, seq)


if __name__ == "__main__":
    main()
