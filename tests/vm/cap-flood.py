#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cap-flood.py COUNT - set a cap of the host so often, for as many events"""

import pathlib
import runpy
import socket
import struct
import sys

CAP_SET, CAPS_CAP, CAP_ID, CAP_SOFT, NESTED = 4, 3, 1, 3, 0x8000
KICKS = 5


def main():
    lib = runpy.run_path(str(pathlib.Path(__file__).with_name("netlink-hostile.py")))
    attr = lib["attr"]
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    sock.settimeout(20)
    family = lib["family_find"](sock)
    for number in range(int(sys.argv[1])):
        cap = attr(CAP_ID, struct.pack("I", KICKS)) + attr(CAP_SOFT, struct.pack("Q", 9000 + number % 2))
        sock.send(lib["message"](family, CAP_SET, attr(CAPS_CAP | NESTED, cap),
                                 lib["REQUEST"] | lib["ACK"], number + 2))
        lib["read_to_end"](sock, number + 2)


main()
