#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""failnth.py CASE... - make every allocation of an operation fail, one at a time

Needs a kernel with fault injection, root, and the module loaded (for the case
"module": its path as PVSCHED_KO, and it is not loaded). For n = 1, 2, ... the nth
allocation or copy from user memory that the operation makes in the kernel is
made to fail (/proc/self/fail-nth), until none was left to fail. Whatever the
operation says then, it must not leave anything behind, and has to succeed when
it is tried again.

Prints a line for each case: "ok - ..." or "not ok - NAME: REASON".
"""

import ctypes
import errno
import fcntl
import gc
import mmap
import os
import socket
import struct
import sys
import time

MAGIC, VERSION, SIZE = 0x48435350, 1, 256
SYS_INIT_MODULE, SYS_DELETE_MODULE = 175, 176
VM_GET, VCPU_GET, CAP_GET, CAP_SET = 1, 2, 3, 4
REQUEST, ACK, DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
GENL_ID_CTRL, CTRL_GETFAMILY, CTRL_NAME, CTRL_ID = 0x10, 3, 2, 1
A_CAP_ID, A_CAP_SOFT, A_CAPS_CAP = 1, 3, 3
CAP_SLICE = 3
PLACES_MAX = 5000
# What a failed allocation, or a failed copy, may look like.
REFUSALS = {errno.ENOMEM, errno.EFAULT, errno.EAGAIN, errno.ENOBUFS}

libc = ctypes.CDLL(None, use_errno=True)


class Left(Exception):
    """Something was left behind, or does not work any more."""


def syscall(number, *args):
    if libc.syscall(number, *args) < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}")


def file_put(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def inject_setup():
    """Also those that may sleep, and without a backtrace for each."""
    for what in "failslab", "fail_page_alloc", "fail_usercopy":
        knobs = f"/sys/kernel/debug/{what}"
        file_put(f"{knobs}/verbose", "0")
        for knob in "ignore-gfp-wait", "ignore-gfp-highmem":
            if os.path.exists(f"{knobs}/{knob}"):
                file_put(f"{knobs}/{knob}", "N")
    file_put("/sys/kernel/debug/fail_page_alloc/min-order", "0")


class Injection:
    """Counts allocations of this task, and makes one of them fail."""

    def __init__(self):
        self.fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)

    def start(self, nth):
        os.pwrite(self.fd, str(nth).encode(), 0)

    def stop(self):
        """True if something was made to fail. Reading may be what is."""
        try:
            left = int(os.pread(self.fd, 16, 0))
        except OSError:
            left = 1
        while True:
            try:
                os.pwrite(self.fd, b"0", 0)
                return left == 0
            except OSError:
                pass


def iow(number, size):
    return 1 << 30 | size << 16 | 0xBC << 8 | number


def module_users():
    with open("/sys/module/pvsched/refcnt", encoding="ascii") as file:
        return int(file.read())


def wait_for(what, seconds, test):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            raise Left(what)
        time.sleep(0.01)


class Netlink:
    """The family, as an operation sees it: one request and its answer."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        self.sock.settimeout(30)
        self.seq = 0
        self.family = self.find()

    def close(self):
        self.sock.close()

    @staticmethod
    def attr(kind, data):
        return (struct.pack("HH", len(data) + 4, kind) + data
                + b"\0" * (-len(data) % 4))

    def find(self):
        name = self.attr(CTRL_NAME, b"pvsched\0")
        data = self.request(GENL_ID_CTRL, CTRL_GETFAMILY, name, 0)[0][20:]
        while data:
            size, kind = struct.unpack_from("HH", data)
            if kind == CTRL_ID:
                return struct.unpack_from("H", data, 4)[0]
            data = data[(size + 3) & ~3:]
        raise Left("there is no family pvsched")

    def request(self, family, command, payload, flags):
        self.seq += 1
        body = struct.pack("BBH", command, 1, 0) + payload
        self.sock.send(struct.pack("IHHII", len(body) + 16, family,
                                   flags | REQUEST | ACK, self.seq, 0) + body)
        return self.answer()

    def answer(self):
        out = []
        while True:
            data = self.sock.recv(1 << 18)
            while len(data) >= 16:
                size, kind, _, seq, _ = struct.unpack_from("IHHII", data)
                if seq == self.seq:
                    if kind in (NLMSG_ERROR, NLMSG_DONE):
                        error = struct.unpack_from("i", data, 16)[0]
                        if error:
                            raise OSError(-error, os.strerror(-error))
                        return out
                    out.append(data[:size])
                data = data[(size + 3) & ~3:]

    def dump(self, command):
        return self.request(self.family, command, b"", DUMP)

    def slice_set(self, value):
        cap = (self.attr(A_CAP_ID, struct.pack("I", CAP_SLICE))
               + self.attr(A_CAP_SOFT, struct.pack("Q", value)))
        self.request(self.family, CAP_SET, self.attr(A_CAPS_CAP | 0x8000, cap), 0)


class Vm:
    """An open file of /dev/pvsched, and how far it has come."""

    STEPS = ["open", "create", "protocol", "doorbell", "attach", "detach",
             "close"]

    def __init__(self):
        self.memory = mmap.mmap(-1, 4096)
        struct.pack_into("<IHH", self.memory, 0, MAGIC, VERSION, SIZE)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.event = os.eventfd(0)
        self.fd = -1

    def call(self, number, *packed):
        arg = struct.pack(*packed)
        fcntl.ioctl(self.fd, iow(number, len(arg)), arg)

    def step(self, name):
        if name == "open":
            self.fd = os.open("/dev/pvsched", os.O_RDWR)
        elif name == "create":
            self.call(0, "iI64s16s", os.getpid(), 0, b"failnth", b"")
        elif name == "protocol":
            self.call(1, "24sII", b"urgency", 1, 0)
        elif name == "doorbell":
            self.call(2, "iI", self.event, 0)
        elif name == "attach":
            self.call(3, "IIQ", 0, 0, self.address)
        elif name == "detach":
            self.call(4, "II", 0, 0)
        else:
            self.close()

    def close(self):
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            os.close(fd)

    def steps_until(self, name):
        for step in self.STEPS[:self.STEPS.index(name)]:
            self.step(step)


class DeviceCase:
    """One step of attaching a vCPU."""

    def __init__(self, step):
        self.name = step
        self.users = module_users()
        self.vm = None
        self.netlink = Netlink()

    def prepare(self):
        self.vm = Vm()
        self.vm.steps_until(self.name)

    def act(self):
        self.vm.step(self.name)

    def again(self):
        if self.name != "close":
            self.act()

    def end(self):
        """What failed amid a round has left its VM open."""
        if self.vm:
            self.vm.close()
        self.netlink.close()

    def finish(self):
        self.vm.close()
        os.close(self.vm.event)
        if self.netlink.dump(VM_GET):
            raise Left("a VM is left")
        wait_for("the module is still in use", 30,
                 lambda: module_users() == self.users)


class NetlinkCase:
    """A request to the family; a VM is there meanwhile."""

    def __init__(self, name):
        self.name = name
        self.vm = Vm()
        self.vm.steps_until("detach")
        self.netlink = None
        self.value = 1000

    def prepare(self):
        self.netlink = Netlink()

    def act(self):
        if self.name == "cap-set":
            self.value += 1
            self.netlink.slice_set(self.value)
            return
        command = {"vm-dump": VM_GET, "vcpu-dump": VCPU_GET}[self.name]
        if not self.netlink.dump(command):
            raise Left("a dump without a VM")

    def again(self):
        """The socket may hold half of an answer: a new one."""
        self.netlink.close()
        self.netlink = Netlink()
        self.act()

    def finish(self):
        self.netlink.close()

    def end(self):
        """No two VMs have the same process and name."""
        self.vm.close()


class ModuleCase:
    """Loading the module."""

    def __init__(self, name):
        self.name = name
        with open(os.environ["PVSCHED_KO"], "rb") as file:
            self.image = file.read()

    def prepare(self):
        pass

    def act(self):
        syscall(SYS_INIT_MODULE, self.image, ctypes.c_ulong(len(self.image)), b"")

    def again(self):
        if os.path.exists("/sys/module/pvsched"):
            raise Left("a module that did not load is there")
        self.act()

    def finish(self):
        """A second set of everything would show that the first is left."""
        if not os.path.exists("/dev/pvsched"):
            raise Left("there is no /dev/pvsched")
        syscall(SYS_DELETE_MODULE, b"pvsched", 0)

    def end(self):
        pass


def once(case, injection, nth):
    """One round. Returns whether anything failed, and the error if any."""
    error = None
    case.prepare()
    injection.start(nth)
    try:
        case.act()
    except OSError as caught:
        error = caught.errno
    injected = injection.stop()
    if error is not None:
        if not injected or error not in REFUSALS:
            raise Left(f"error {errno.errorcode.get(error, error)}")
        case.again()
    case.finish()
    return injected, error


def run(case):
    """Returns how many places there are, and how many made it fail."""
    injection = Injection()
    failed = 0
    for nth in range(1, PLACES_MAX):
        try:
            injected, error = once(case, injection, nth)
        except (Left, OSError) as caught:
            raise Left(f"place {nth}: {caught}") from caught
        failed += error is not None
        if not injected:
            return nth - 1, failed
    raise Left(f"no end after {PLACES_MAX} places")


def case_of(name):
    if name == "module":
        return ModuleCase(name)
    if name in Vm.STEPS:
        return DeviceCase(name)
    return NetlinkCase(name)


def main():
    status = 0
    gc.disable()
    inject_setup()
    for name in sys.argv[1:]:
        case = case_of(name)
        try:
            places, failed = run(case)
            if not places:
                raise Left("nothing was made to fail")
            print(f"ok - {name}: {places} places, {failed} refuse it", flush=True)
        except (Left, OSError) as caught:
            print(f"not ok - {name}: {caught}", flush=True)
            status = 1
        case.end()
    sys.exit(status)


main()
