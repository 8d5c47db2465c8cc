#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""dump-record.py VM FILE - ask for the vCPUs of a VM, and keep the kernel's answer

Each datagram with its size in front, as tests/bench/dump.c reads it, without the
end of the dump. Prints how many vCPUs there were.
"""

import pathlib
import runpy
import socket
import struct
import sys

VCPU_GET, VCPU_VM = 2, 1


def messages(data):
    while len(data) >= 16:
        size, kind = struct.unpack_from("IH", data)
        yield kind, data[:(size + 3) & ~3]
        data = data[(size + 3) & ~3:]


def main():
    lib = runpy.run_path(str(pathlib.Path(__file__).with_name("netlink-hostile.py")))
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    sock.settimeout(20)
    family = lib["family_find"](sock)
    vm = lib["attr"](VCPU_VM, sys.argv[1].encode() + b"\0")
    sock.send(lib["message"](family, VCPU_GET, vm, lib["REQUEST"] | lib["DUMP"], 2))
    vcpus, done = 0, False
    with open(sys.argv[2], "wb") as to:
        while not done:
            parts = list(messages(sock.recv(1 << 18)))
            answer = [data for kind, data in parts if kind == family]
            done = len(answer) < len(parts)
            vcpus += len(answer)
            if answer:
                to.write(struct.pack("I", sum(map(len, answer))) + b"".join(answer))
    print(vcpus)


main()
