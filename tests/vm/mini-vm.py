#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mini-vm.py NAME VCPUS [--exits | --rings] - a VM without a guest kernel

A VMM and its back end in one process. The vCPUs are threads in KVM, whose guest
is an endless loop that never leaves guest mode; with --exits it does so every
now and then, with --rings it rings its doorbell when told to. What the guests are said to be running is written here. Says "ready"
and the threads' ids, then reads commands, and answers each with a line that
begins with "done":

  word N LEVEL    vCPU N runs something of that level (0 to 142); or a whole word
  attach N, detach N
  fork N, clone N the thread of vCPU N forks, or starts a thread, while it is
                  boosted: answers with policy, nice, priority and timer slack of the
                  child
  exec N COMMAND  it executes a command, which ends the VM; no answer
  keep-fork N, keep-exec N COMMAND
                  the same, after it has tried to keep the nice value of a boost: by
                  setting one that is a little less good, which everybody may
  ring N COUNT    vCPU N rings the doorbell so often (up to 65535), at once
  rung N          answered when it has

  end             it ends; no answer

fork, clone and exec need --exits, ring and rung --rings. Ends with its input, too.
"""

import ctypes
import fcntl
import mmap
import os
import struct
import sys
import threading
import time

MAGIC, VERSION, SIZE = 0x48435350, 1, 256
CODE, RINGS, PAGES, MEMORY = 0x1000, 0x2000, 0x8000, 0x108000
PORT = 0x510
KVM_CREATE_VM, KVM_GET_VCPU_MMAP_SIZE = 0xAE01, 0xAE04
KVM_CREATE_VCPU, KVM_RUN = 0xAE41, 0xAE80
KVM_SET_USER_MEMORY_REGION, KVM_SET_REGS = 0x4020AE46, 0x4090AE82
KVM_IOEVENTFD, KVM_IOEVENTFD_PIO = 0x4040AE79, 2
KVM_GET_SREGS, KVM_SET_SREGS = 0x8138AE83, 0x4138AE84
SPIN = b"\xeb\xfe"                          # 1: jmp 1b
EXITS = b"\xb9\xff\xff\xe2\xfe\xe6\x10\xeb\xf7"  # ...; out %al, $0x10
RINGS_CODE = bytes.fromhex(
    "833f00"    # again: cmpw $0, (%bx)
    "74fb"      #        jz again
    "ee"        #        out %al, %dx
    "ff0f"      #        decw (%bx)
    "ebf6")     #        jmp again


def iow(number, size):
    return 1 << 30 | size << 16 | 0xBC << 8 | number


def scheduling():
    tid = threading.get_native_id()
    param = os.sched_getparam(0).sched_priority
    with open(f"/proc/{tid}/timerslack_ns") as slack:
        return (f"{os.sched_getscheduler(0)} {os.getpriority(os.PRIO_PROCESS, tid)}"
                f" {param} {slack.read().strip()}")


def boosted():
    return (os.sched_getscheduler(0) & 3 == os.SCHED_FIFO
            or os.getpriority(os.PRIO_PROCESS, 0) < 0)


def keep(job):
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, nice + 1)
    return job()


class Vcpu(threading.Thread):
    def __init__(self, vm, index):
        super().__init__(daemon=True)
        self.vm, self.index, self.job, self.answer = vm, index, None, None
        self.fd = fcntl.ioctl(vm.kvm_vm, KVM_CREATE_VCPU, index)
        self.run_page = mmap.mmap(self.fd, vm.run_size)
        sregs = bytearray(fcntl.ioctl(self.fd, KVM_GET_SREGS, bytes(312)))
        struct.pack_into("<Q", sregs, 0, 0)     # cs.base
        struct.pack_into("<H", sregs, 12, 0)    # cs.selector
        fcntl.ioctl(self.fd, KVM_SET_SREGS, bytes(sregs))
        regs = [0] * 16 + [CODE, 2]             # ..., rip, rflags
        regs[1], regs[3] = RINGS + 2 * index, PORT  # rbx, rdx
        fcntl.ioctl(self.fd, KVM_SET_REGS, struct.pack("<18Q", *regs))
        self.started = threading.Event()

    def run(self):
        self.started.set()
        while True:
            try:
                fcntl.ioctl(self.fd, KVM_RUN, 0)
            except InterruptedError:
                pass
            # Boosted just now? Then it is the moment for what was asked.
            if self.job and boosted():
                job, self.job = self.job, None
                self.answer = job()

    def do(self, job):
        self.answer, self.job = None, job
        end = time.monotonic() + 20
        while self.answer is None and time.monotonic() < end:
            time.sleep(0.01)
        return self.answer or "never boosted"


def job_fork():
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, scheduling().encode())
        os._exit(0)
    os.waitpid(child, 0)
    answer = os.read(reader, 100).decode()
    os.close(reader)
    os.close(writer)
    return answer


def job_clone():
    answer = []
    thread = threading.Thread(target=lambda: answer.append(scheduling()))
    thread.start()
    thread.join()
    return answer[0]


class Vm:
    def __init__(self, name, vcpus, code):
        kvm = os.open("/dev/kvm", os.O_RDWR)
        self.kvm_vm = fcntl.ioctl(kvm, KVM_CREATE_VM, 0)
        self.run_size = fcntl.ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0)
        self.memory = mmap.mmap(-1, MEMORY)
        self.memory[CODE:CODE + len(code)] = code
        base = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        region = struct.pack("<IIQQQ", 0, 0, 0, MEMORY, base)
        fcntl.ioctl(self.kvm_vm, KVM_SET_USER_MEMORY_REGION, region)
        self.base = base
        self.host = os.open("/dev/pvsched", os.O_RDWR)
        self.call(0, struct.pack("iI64s16s", os.getpid(), 0, name.encode(), b""))
        self.call(1, struct.pack("24sII", b"urgency", 1, 0))
        doorbell = os.eventfd(0, os.EFD_NONBLOCK)
        fcntl.ioctl(self.kvm_vm, KVM_IOEVENTFD, struct.pack(
            "QQIiI36x", 0, PORT, 1, doorbell, KVM_IOEVENTFD_PIO))
        self.call(2, struct.pack("iI", doorbell, 0))
        self.vcpus = [Vcpu(self, index) for index in range(vcpus)]

    def call(self, number, arg):
        fcntl.ioctl(self.host, iow(number, len(arg)), arg)

    def word(self, vcpu, level):
        struct.pack_into("<Q", self.memory, PAGES + vcpu * SIZE + 64, level)

    def attach(self, vcpu):
        offset = PAGES + vcpu * SIZE
        struct.pack_into("<IHH", self.memory, offset, MAGIC, VERSION, SIZE)
        self.call(3, struct.pack("IIQ", vcpu, 0, self.base + offset))

    def detach(self, vcpu):
        self.call(4, struct.pack("II", vcpu, 0))

    def ring(self, vcpu, count):
        struct.pack_into("<H", self.memory, RINGS + 2 * vcpu, count)

    def rung(self, vcpu):
        while struct.unpack_from("<H", self.memory, RINGS + 2 * vcpu)[0]:
            time.sleep(0.01)

    def command(self, words):
        index = int(words[1])
        vcpu = self.vcpus[index]
        if words[0] == "word":
            self.word(index, int(words[2], 0))
        elif words[0] == "attach":
            self.attach(index)
        elif words[0] == "detach":
            self.detach(index)
        elif words[0] == "ring":
            self.ring(index, int(words[2]))
        elif words[0] == "rung":
            self.rung(index)
        elif words[0] == "fork":
            return " " + vcpu.do(job_fork)
        elif words[0] == "clone":
            return " " + vcpu.do(job_clone)
        elif words[0] == "exec":
            return " " + vcpu.do(lambda: os.execvp(words[2], words[2:]))
        elif words[0] == "keep-fork":
            return " " + vcpu.do(lambda: keep(job_fork))
        elif words[0] == "keep-exec":
            return " " + vcpu.do(
                lambda: keep(lambda: os.execvp(words[2], words[2:])))
        return ""


def main():
    name, vcpus = sys.argv[1], int(sys.argv[2])
    code = {"--exits": EXITS, "--rings": RINGS_CODE}.get(sys.argv[-1], SPIN)
    vm = Vm(name, vcpus, code)
    for index, vcpu in enumerate(vm.vcpus):
        vm.word(index, 21)
        vm.attach(index)
        vcpu.start()
        vcpu.started.wait()
    print("ready", *[vcpu.native_id for vcpu in vm.vcpus], flush=True)
    for line in sys.stdin:
        if line.strip() == "end":
            break
        print("done" + vm.command(line.split()), flush=True)
    os._exit(0)


main()
