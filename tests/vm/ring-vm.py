#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ring-vm.py NAME VCPUS CPU - a VM of a few instructions, and its own back end

Runs VCPUS virtual CPUs by KVM, all on host CPU number CPU, and registers them as
VM NAME with pvsched. No guest boots: the vCPUs spin, and what their guest words
say is told by commands on standard input, each answered by "done":

    word VCPU VALUE     store VALUE, a number, in the guest word
    ring VCPU COUNT     have the guest ring its doorbell so often, at once
    rung VCPU           wait until it has

Says "ready TID..." first, with the threads of the vCPUs. Ends with its input.
"""

import ctypes
import fcntl
import mmap
import os
import queue
import struct
import sys
import threading
import time

PAGE = 4096
MAGIC, VERSION, SIZE = 0x48435350, 1, 256

KVM_CREATE_VM = 0xAE01
KVM_GET_VCPU_MMAP_SIZE = 0xAE04
KVM_CREATE_VCPU = 0xAE41
KVM_SET_USER_MEMORY_REGION = 0x4020AE46
KVM_IOEVENTFD = 0x4040AE79
KVM_RUN = 0xAE80
KVM_SET_REGS = 0x4090AE82
KVM_IOEVENTFD_PIO = 2

PORT = 0x510
# Where a CPU starts after reset: the last 16 bytes below 4 GiB. The code segment
# begins 64 KiB below 4 GiB, the only page of memory 4 KiB below.
CODE_OFFSET = 0xFF0
DATA_IP = 0xF000
CODE = bytes.fromhex(
    "2e833f00"  # again: cmpw $0, %cs:(%bx)
    "74fa"  #            jz again
    "ee"  #              outb %al, %dx
    "2eff0f"  #          decw %cs:(%bx)
    "ebf4"  #            jmp again
)


def iow(number, size):
    return 1 << 30 | size << 16 | 0xBC << 8 | number


def address_of(memory, offset=0):
    return ctypes.addressof(ctypes.c_char.from_buffer(memory, offset))


class Vm:
    """A virtual machine with one page of memory and one I/O port."""

    def __init__(self, vcpus):
        self.kvm = os.open("/dev/kvm", os.O_RDWR)
        self.fd = fcntl.ioctl(self.kvm, KVM_CREATE_VM, 0)
        self.memory = mmap.mmap(-1, PAGE)
        self.memory[CODE_OFFSET : CODE_OFFSET + len(CODE)] = CODE
        region = struct.pack(
            "IIQQQ", 0, 0, (1 << 32) - PAGE, PAGE, address_of(self.memory)
        )
        fcntl.ioctl(self.fd, KVM_SET_USER_MEMORY_REGION, region)
        self.doorbell = os.eventfd(0, os.EFD_NONBLOCK)
        fcntl.ioctl(
            self.fd,
            KVM_IOEVENTFD,
            struct.pack("QQIiI36x", 0, PORT, 1, self.doorbell, KVM_IOEVENTFD_PIO),
        )
        self.vcpus = [self.vcpu(i) for i in range(vcpus)]

    def vcpu(self, index):
        fd = fcntl.ioctl(self.fd, KVM_CREATE_VCPU, index)
        regs = [0] * 18
        regs[1] = DATA_IP + 2 * index  # rbx
        regs[3] = PORT  # rdx
        regs[16] = 0xFFF0  # rip
        regs[17] = 2  # rflags
        fcntl.ioctl(fd, KVM_SET_REGS, struct.pack("18Q", *regs))
        return fd

    def rings_left(self, index):
        return struct.unpack_from("H", self.memory, 2 * index)[0]

    def ring(self, index, count):
        struct.pack_into("H", self.memory, 2 * index, count)

    def run(self, index, cpu, tids):
        os.sched_setaffinity(0, {cpu})
        tids.put((index, threading.get_native_id()))
        while True:
            try:
                fcntl.ioctl(self.vcpus[index], KVM_RUN, 0)
                sys.exit("the guest stopped by itself")
            except InterruptedError:
                pass


class BackEnd:
    """What pvsched-vhost would be."""

    def __init__(self, name, doorbell, vcpus):
        self.fd = os.open("/dev/pvsched", os.O_RDWR)
        self.memory = mmap.mmap(-1, max(PAGE, vcpus * SIZE))
        self.call(0, struct.pack("iI64s16s", os.getpid(), 0, name.encode(), b""))
        self.call(1, struct.pack("24sII", b"urgency", 1, 0))
        self.call(2, struct.pack("iI", doorbell, 0))
        for index in range(vcpus):
            at = index * SIZE
            struct.pack_into("<IHH", self.memory, at, MAGIC, VERSION, SIZE)
            self.word(index, 21)
            address = address_of(self.memory, at)
            self.call(3, struct.pack("IIQ", index, 0, address))

    def call(self, number, arg):
        fcntl.ioctl(self.fd, iow(number, len(arg)), arg)

    # The host's ticket is never answered, so no word here is ever stale: it
    # issues one only if the word names a sleeper.
    def word(self, index, value):
        ctypes.c_uint64.from_buffer(self.memory, index * SIZE + 64).value = value


def main():
    name, vcpus, cpu = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    vm = Vm(vcpus)
    back_end = BackEnd(name, vm.doorbell, vcpus)
    tids = queue.Queue()
    for index in range(vcpus):
        threading.Thread(
            target=vm.run, args=(index, cpu, tids), daemon=True
        ).start()
    found = dict(tids.get() for _ in range(vcpus))
    print("ready", *(found[i] for i in range(vcpus)), flush=True)
    for line in sys.stdin:
        command, index, *value = line.split()
        if command == "word":
            back_end.word(int(index), int(value[0], 0))
        elif command == "ring":
            vm.ring(int(index), int(value[0]))
        while command == "rung" and vm.rings_left(int(index)):
            time.sleep(0.01)
        print("done", flush=True)
    # The threads are in KVM_RUN for good.
    os._exit(0)


main()
