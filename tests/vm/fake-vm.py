#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fake-vm.py NAME PID VCPUS - be the back end of a VM that does not run

Registers NAME, whose VMM is said to be process PID, with so many vCPUs. No
thread of PID ever enters a guest, so the vCPUs stay pending. Says "ready", then
reads commands: "attach N", "detach N". Ends with its input.
"""

import fcntl
import mmap
import os
import struct
import sys
import ctypes

MAGIC, VERSION, SIZE = 0x48435350, 1, 256


def iow(number, size):
    return 1 << 30 | size << 16 | 0xBC << 8 | number


def call(fd, number, arg):
    fcntl.ioctl(fd, iow(number, len(arg)), arg)


def attach(fd, memory, vcpu):
    offset = vcpu * SIZE
    struct.pack_into("<IHH", memory, offset, MAGIC, VERSION, SIZE)
    # Runs a nice 0 task, and a FIFO 50 task sleeps there.
    struct.pack_into("<Q", memory, offset + 64, 21 | 92 << 16)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory, offset))
    call(fd, 3, struct.pack("IIQ", vcpu, 0, address))


def detach(fd, vcpu):
    call(fd, 4, struct.pack("II", vcpu, 0))


def main():
    name, pid, vcpus = sys.argv[1].encode(), int(sys.argv[2]), int(sys.argv[3])
    fd = os.open("/dev/pvsched", os.O_RDWR)
    memory = mmap.mmap(-1, 4096 * SIZE)
    call(fd, 0, struct.pack("iI64s16s", pid, 0, name, b""))
    call(fd, 1, struct.pack("24sII", b"urgency", 1, 0))
    for vcpu in range(vcpus):
        attach(fd, memory, vcpu)
    print("ready", flush=True)
    for line in sys.stdin:
        command, vcpu = line.split()
        if command == "attach":
            attach(fd, memory, int(vcpu))
        else:
            detach(fd, int(vcpu))
        print("done", flush=True)


main()
