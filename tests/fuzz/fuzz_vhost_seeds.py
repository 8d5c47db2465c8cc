#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of fuzz_vhost_msg into corpus/vhost_msg/."""

import os
import struct

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "vhost_msg")
UVA, SIZE, NUM = 0x7f0000000000, 0x10000, 4
EVENT, CONTENT = 0x10, 0x20
# Close together, so that inputs stay small.
DESC, DRIVER, DEVICE, REQUEST, ANSWER = 0, 64, 96, 160, 448


def message(request, payload=b"", fds=0, flags=9):
    return struct.pack("<BIII", fds, request, flags, len(payload)) + payload


def u64(request, value, fds=0):
    return message(request, struct.pack("<Q", value), fds)


def state(request, index, num):
    return message(request, struct.pack("<II", index, num))


def start(packed, base=None):
    if base is None:
        base = 0x80008000 if packed else 0
    yield message(3, flags=1)
    yield message(1, flags=1)
    yield message(15, flags=1)
    yield u64(16, 0x1a209)
    yield u64(2, 1 << 32 | 1 << 30 | (1 << 34 if packed else 0))
    yield message(5, struct.pack("<IIQQQQ", 1, 0, 0, SIZE, UVA, 0), 1)
    yield state(8, 0, NUM)
    yield state(10, 0, base)
    yield message(9, struct.pack("<IIQQQQ", 0, 0, UVA + DESC, UVA + DEVICE, UVA + DRIVER, 0))
    yield u64(13, 0, EVENT + 1)
    yield u64(12, 1, EVENT + 1)
    yield state(18, 0, 1)
    yield u64(12, 0, EVENT + 1)
    yield u64(39, 15)


def ram(packed, request, turn):
    """Content of guest RAM with the first or second request in the queue."""
    data = bytearray(576)
    data[REQUEST:REQUEST + len(request)] = request
    desc = DESC + 32 * turn
    if packed:
        struct.pack_into("<QIHH", data, desc, REQUEST, len(request), 0, 0x81)
        struct.pack_into("<QIHH", data, desc + 16, ANSWER, 104, 0, 0x82)
    else:
        struct.pack_into("<QIHH", data, desc, REQUEST, len(request), 1, 2 * turn + 1)
        struct.pack_into("<QIHH", data, desc + 16, ANSWER, 104, 2, 0)
        struct.pack_into("<HHHH", data, DRIVER, 0, turn + 1, 0, 2)
    return bytes(data)


def with_ram(content):
    """GET_STATUS, and meanwhile the guest has done something."""
    return bytes([CONTENT]) + message(40)[1:] + content


def seed(name, messages):
    messages = list(messages)
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(bytes([len(messages)]) + b"".join(messages))


def main():
    os.makedirs(OUT, exist_ok=True)
    negotiate = struct.pack("<IIII24sII", 1, 0, 1, 0, b"urgency", 1, 0)
    register = struct.pack("<IIIIQ", 2, 0, 3, 0, 512)
    stop = [state(11, 0, 0), state(11, 1, 0), u64(39, 0)]
    for packed in (False, True):
        talk = [with_ram(ram(packed, negotiate, 0)), with_ram(ram(packed, register, 1))]
        base = 0 if packed else 2
        seed("packed" if packed else "split", [*start(packed), *talk, *stop])
        seed("packed-resume" if packed else "split-resume",
             [*start(packed), *talk, *stop[:2], *start(packed, base)])
    region = struct.pack("<QQQQQ", 0, 0, SIZE, UVA, 0)
    seed("slots", [u64(16, 0x1a209), message(36), message(37, region, 1), message(38, region)])
    seed("config", [u64(16, 0x1a209), message(24, struct.pack("<III", 0, 16, 0) + bytes(16)),
                    message(25, struct.pack("<III", 0, 1, 0) + b"x"), message(34), message(4)])
    seed("bad", [u64(16, 0x1a209), message(999, b"unknown"), message(2, b"short"),
                 message(5, struct.pack("<II", 9, 0), 8), message(17, flags=2)])


if __name__ == "__main__":
    main()
