#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fuzz_record_seeds.py PVTOP-FAKE - writes the seeds of fuzz_record into corpus/record/

Recordings of the made-up hosts of tests/pvtop, cut to a few blocks; and blocks that
no pvtop writes.
"""

import os
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "corpus", "record")
HEAD = b"PVSREC\0\1"


def recording(fake, scene, samples):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "recording")
        subprocess.run([fake, scene, "-b", "-d", "0.1", "-n", str(samples), "-w", path],
                       check=False, stdout=subprocess.DEVNULL)
        with open(path, "rb") as file:
            return file.read()


def block(kind, key, fields):
    return kind + struct.pack("<IQ", len(fields), key) + fields


def number(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def main():
    fake = sys.argv[1]
    vm = number(3) + number(2 * 1 + 1) + number(5) + b"web-1" + number(14) + number(4) + b"\0"
    vcpu = number(3) + number(0) + number(2 * 6) + number(4) + b"\0"
    small = b"\0" + number(1) + vm + number(1) + vcpu
    seeds = {
        "head": HEAD,
        "few": recording(fake, "few", 2),
        "vanish": recording(fake, "vanish", 5),
        "reload": recording(fake, "reload", 7),
        "hostile": recording(fake, "hostile", 1),
        "small": HEAD + block(b"K", 10**9, small) + block(b"D", 2 * 10**9, small),
        "delta-first": HEAD + block(b"D", 10**9, small),
        "counts": HEAD + block(b"K", 10**9, b"\0" + number(2**40)),
        "many": HEAD + block(b"K", 1, b"\0" + number(4096)),
        "length": HEAD + b"K" + struct.pack("<IQ", 2**31, 1),
        "text": HEAD + block(b"E", 1, number(13) + number(2**63) + b"x"),
        "unknown": HEAD + block(b"X", 1, b"what") + block(b"K", 1, number(9998) + b"\1" + small),
        "event": HEAD + block(b"E", 7, number(10) + number(24) + b"\0"),
    }
    os.makedirs(OUT, exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(OUT, name), "wb") as out:
            out.write(data)


if __name__ == "__main__":
    main()
