#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs pvsched-vhost and is its front end and its guest, good and hostile.

usage: test_vhost_frontend.py /path/to/pvsched-vhost
"""

import array
import ctypes
import mmap
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM = None

(GET_FEATURES, SET_FEATURES, SET_OWNER, RESET_OWNER, SET_MEM_TABLE) = range(1, 6)
(SET_VRING_NUM, SET_VRING_ADDR, SET_VRING_BASE, GET_VRING_BASE, SET_VRING_KICK,
 SET_VRING_CALL, SET_VRING_ERR, GET_PROTOCOL_FEATURES, SET_PROTOCOL_FEATURES,
 GET_QUEUE_NUM, SET_VRING_ENABLE) = range(8, 19)
GET_CONFIG, SET_CONFIG, RESET_DEVICE = 24, 25, 34
GET_MAX_MEM_SLOTS, ADD_MEM_REG, REM_MEM_REG, SET_STATUS, GET_STATUS = range(36, 41)

VERSION, REPLY, NEED_REPLY = 1, 4, 8
F_VERSION_1, F_RING_PACKED, F_PROTOCOL, F_ATOMIC = 1 << 32, 1 << 34, 1 << 30, 1 << 0
PROTOCOL_FEATURES = 1 << 0 | 1 << 3 | 1 << 9 | 1 << 16

RAM_SIZE = 1 << 20
RAM_GPA = 0x100000
RAM_UVA = 0x7f0000000000
DESC, DRIVER, DEVICE, REQUEST, ANSWER = 0x1000, 0x2000, 0x3000, 0x4000, 0x5000
NUM = 16

S_OK, S_INVALID, S_UNSUPPORTED, S_BUSY, S_RANGE, S_EXISTS, S_UNKNOWN, S_HOST = range(8)

libc = ctypes.CDLL(None, use_errno=True)


def eventfd():
    fd = libc.eventfd(0, os.O_NONBLOCK | os.O_CLOEXEC)
    assert fd >= 0
    return fd


class FrontEnd:
    """A connection with guest RAM of one region."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(path)
        self.flags = VERSION
        self.memfd = os.memfd_create("ram")
        os.ftruncate(self.memfd, RAM_SIZE)
        self.ram = mmap.mmap(self.memfd, RAM_SIZE)
        self.kick, self.doorbell, self.call, self.err = (eventfd() for _ in range(4))

    def close(self):
        self.sock.close()
        self.ram.close()
        for fd in (self.memfd, self.kick, self.doorbell, self.call, self.err):
            os.close(fd)

    def raw(self, data, fds=()):
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.sock.sendmsg([data], control)

    def send(self, request, payload=b"", fds=()):
        self.raw(struct.pack("<III", request, self.flags, len(payload)) + payload, fds)

    def receive(self, size):
        data = b""
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            if not part:
                raise ConnectionError("closed")
            data += part
        return data

    def reply(self, request):
        got, flags, size = struct.unpack("<III", self.receive(12))
        assert got == request and flags == VERSION | REPLY, (got, flags)
        return self.receive(size)

    def ask(self, request, payload=b""):
        self.send(request, payload)
        return self.reply(request)

    def ask_u64(self, request):
        return struct.unpack("<Q", self.ask(request))[0]

    def order(self, request, payload=b"", fds=()):
        """Sends; the acknowledged result if acknowledgements are on."""
        self.send(request, payload, fds)
        if not self.flags & NEED_REPLY:
            return 0
        return struct.unpack("<Q", self.reply(request))[0]

    def hello(self):
        self.order(SET_OWNER)
        features = self.ask_u64(GET_FEATURES)
        protocol = self.ask_u64(GET_PROTOCOL_FEATURES)
        self.send(SET_PROTOCOL_FEATURES, struct.pack("<Q", protocol & PROTOCOL_FEATURES))
        self.flags |= NEED_REPLY
        return features, protocol

    def mem_table(self, gpa=RAM_GPA, size=RAM_SIZE, uva=RAM_UVA, offset=0):
        return self.order(SET_MEM_TABLE, struct.pack("<IIQQQQ", 1, 0, gpa, size, uva, offset),
                          [self.memfd])

    def vring_addr(self, index, desc):
        base = RAM_UVA + 0x10000 * index
        return self.order(SET_VRING_ADDR, struct.pack(
            "<IIQQQQ", index, 0, RAM_UVA + desc + 0x10000 * index,
            base + DEVICE, base + DRIVER, 0))

    def start(self, packed=False, base=None):
        """As a front end starts the device; any refusal raises."""
        if base is None:
            base = 0x80008000 if packed else 0
        features = F_VERSION_1 | F_ATOMIC | F_PROTOCOL | (F_RING_PACKED if packed else 0)
        results = [self.order(SET_FEATURES, struct.pack("<Q", features)), self.mem_table()]
        for index, kick in enumerate((self.kick, self.doorbell)):
            results += [
                self.order(SET_VRING_NUM, struct.pack("<II", index, NUM)),
                self.order(SET_VRING_BASE, struct.pack("<II", index, base)),
                self.vring_addr(index, DESC),
                self.order(SET_VRING_KICK, struct.pack("<Q", index), [kick]),
                self.order(SET_VRING_CALL, struct.pack("<Q", index), [self.call]),
                self.order(SET_VRING_ERR, struct.pack("<Q", index), [self.err]),
            ]
        for index in range(2):
            results.append(self.order(SET_VRING_ENABLE, struct.pack("<II", index, 1)))
        results.append(self.order(SET_STATUS, struct.pack("<Q", 15)))
        assert not any(results), results
        self.guest = PackedGuest(self) if packed else SplitGuest(self)


def signalled(fd, timeout):
    if not select.select([fd], [], [], timeout)[0]:
        return False
    os.read(fd, 8)
    return True


class Guest:
    """One request of two descriptors, at fixed places of guest RAM."""

    def __init__(self, front):
        self.front = front
        self.ram = front.ram
        self.index = 0

    def request(self, data, segments=None, timeout=5):
        """Gives (status, choice, reason), or None if no answer came."""
        self.ram[REQUEST:REQUEST + len(data)] = data
        self.ram[ANSWER:ANSWER + 104] = b"\xff" * 104
        self.add(segments or [(RAM_GPA + REQUEST, len(data), 0), (RAM_GPA + ANSWER, 104, 2)])
        os.write(self.front.kick, struct.pack("<Q", 1))
        if not signalled(self.front.call, timeout):
            return None
        self.used()
        status, choice = struct.unpack_from("<II", self.ram, ANSWER)
        reason = self.ram[ANSWER + 8:ANSWER + 104].split(b"\0")[0].decode("latin1")
        return status, choice, reason

    def negotiate(self, *protocols):
        data = struct.pack("<IIII", 1, 0, len(protocols), 0)
        for name, version in protocols:
            data += struct.pack("<24sII", name, version, 0)
        return self.request(data.ljust(272, b"\0"))


class SplitGuest(Guest):
    def add(self, segments):
        for i, (gpa, size, flags) in enumerate(segments):
            more = i + 1 < len(segments)
            struct.pack_into("<QIHH", self.ram, DESC + 16 * i, gpa, size, flags | more, i + 1)
        struct.pack_into("<H", self.ram, DRIVER + 4 + 2 * (self.index % NUM), 0)
        self.index += 1
        struct.pack_into("<H", self.ram, DRIVER + 2, self.index & 0xffff)

    def used(self):
        assert struct.unpack_from("<H", self.ram, DEVICE + 2)[0] == self.index & 0xffff
        ident, size = struct.unpack_from("<II", self.ram, DEVICE + 4 + 8 * ((self.index - 1) % NUM))
        assert ident == 0
        return size


class PackedGuest(Guest):
    wrap = True

    def add(self, segments):
        self.first, self.first_wrap = self.index, self.wrap
        entries = []
        for i, (gpa, size, flags) in enumerate(segments):
            more = i + 1 < len(segments)
            state = 0x80 if self.wrap else 0x8000
            entries.append((DESC + 16 * self.index, gpa, size, 7, flags | more | state))
            self.index += 1
            if self.index == NUM:
                self.index, self.wrap = 0, not self.wrap
        for entry in reversed(entries):
            struct.pack_into("<QIHH", self.ram, *entry)

    def used(self):
        _, size, ident, flags = struct.unpack_from("<QIHH", self.ram, DESC + 16 * self.first)
        assert ident == 7
        assert flags & 0x8080 == (0x8080 if self.first_wrap else 0), hex(flags)
        return size


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.dir.name, "vm.sock")
        self.log = open(os.path.join(self.dir.name, "log"), "w+b")
        self.start_program()

    def start_program(self):
        self.program = subprocess.Popen(
            [PROGRAM, "--name", "test-vm", "--socket", self.path,
             "--device", os.path.join(self.dir.name, "none")], stderr=self.log)
        self.wait_log("is served")

    def tearDown(self):
        self.program.send_signal(signal.SIGTERM)
        self.assertEqual(self.program.wait(10), 0, self.text())
        self.assertFalse(os.path.exists(self.path))
        self.log.close()
        self.dir.cleanup()

    def text(self):
        self.log.flush()
        with open(self.log.name, "rb") as f:
            return f.read().decode()

    def wait_log(self, what):
        for _ in range(500):
            if what in self.text():
                return
            self.assertIsNone(self.program.poll(), self.text())
            select.select([], [], [], 0.01)
        self.fail(f"no {what!r} in the log:\n{self.text()}")

    def front(self):
        front = FrontEnd(self.path)
        self.addCleanup(front.close)
        return front

    def serves_next(self):
        """The program is alive and answers the next front end."""
        front = FrontEnd(self.path)
        features, _ = front.hello()
        self.assertTrue(features & F_VERSION_1)
        front.close()

    def dropped(self, front, why):
        self.assertEqual(front.sock.recv(1), b"")
        front.sock.close()
        self.wait_log(why)
        self.serves_next()


class Good(Case):
    def session(self, packed):
        front = self.front()
        features, protocol = front.hello()
        self.assertEqual(features, F_VERSION_1 | F_ATOMIC | F_RING_PACKED | F_PROTOCOL)
        self.assertEqual(protocol & PROTOCOL_FEATURES, PROTOCOL_FEATURES)
        self.assertEqual(front.ask_u64(GET_QUEUE_NUM), 2)
        front.start(packed)
        self.assertEqual(front.ask_u64(GET_STATUS), 15)
        for _ in range(3 * NUM):
            status, choice, reason = front.guest.negotiate((b"urgency", 1))
            self.assertEqual((status, choice), (S_HOST, 0))
            self.assertIn("No such file", reason)
        self.assertEqual(front.guest.used(), 104)
        return front

    def test_split(self):
        front = self.session(False)
        base = front.ask(GET_VRING_BASE, struct.pack("<II", 0, 0))
        self.assertEqual(struct.unpack("<II", base), (0, 3 * NUM))

    def test_packed(self):
        front = self.session(True)
        front.guest.request(struct.pack("<II", 9, 0))
        base = front.ask(GET_VRING_BASE, struct.pack("<II", 0, 0))
        self.assertEqual(struct.unpack("<II", base), (0, 0x80028002))

    def test_host_is_named(self):
        self.front().hello()
        self.wait_log("modprobe pvsched")

    def test_requests(self):
        front = self.front()
        front.hello()
        front.start()
        register = front.guest.request(struct.pack("<IIIIQ", 2, 0, 0, 0, RAM_GPA))
        self.assertEqual(register[0], S_BUSY)
        self.assertIn("negotiated", register[2])
        self.assertEqual(front.guest.request(struct.pack("<IIII", 3, 0, 5, 0))[0], S_UNKNOWN)
        self.assertEqual(front.guest.request(struct.pack("<II", 77, 0))[0], S_UNSUPPORTED)
        self.assertEqual(front.guest.request(b"\1\0\0\0")[0], S_INVALID)
        self.assertEqual(front.guest.negotiate((b"n" * 24, 1))[0], S_INVALID)

    def test_no_interrupt(self):
        front = self.front()
        front.hello()
        front.start()
        struct.pack_into("<H", front.ram, DRIVER, 1)
        self.assertIsNone(front.guest.request(struct.pack("<II", 9, 0), timeout=0.3))
        front.guest.used()

    def test_no_interrupt_packed(self):
        front = self.front()
        front.hello()
        front.start(packed=True)
        struct.pack_into("<HH", front.ram, DRIVER, 0, 1)
        self.assertIsNone(front.guest.request(struct.pack("<II", 9, 0), timeout=0.3))
        front.guest.used()

    def test_spurious_kick(self):
        front = self.front()
        front.hello()
        front.start()
        for _ in range(10):
            os.write(front.kick, struct.pack("<Q", 1))
        self.assertFalse(signalled(front.call, 0.2))
        self.assertEqual(front.guest.request(struct.pack("<II", 9, 0))[0], S_UNSUPPORTED)

    def test_doorbell_is_not_read(self):
        front = self.front()
        front.hello()
        front.start()
        os.write(front.doorbell, struct.pack("<Q", 1))
        front.ask_u64(GET_STATUS)
        self.assertTrue(signalled(front.doorbell, 0))

    def test_config(self):
        front = self.front()
        front.hello()
        for offset, size in ((0, 16), (0, 256), (4, 2), (200, 56)):
            data = front.ask(GET_CONFIG, struct.pack("<III", offset, size, 0) + bytes(size))
            self.assertEqual(len(data), 12 + size)
            whole = struct.pack("<IHHII", 0x44535650, 1, 0, 4096, 0).ljust(256, b"\0")
            self.assertEqual(data[12:], whole[offset:offset + size])
        data = front.ask(GET_CONFIG, struct.pack("<III", 255, 2, 0) + bytes(2))
        self.assertEqual(data, b"")
        self.assertEqual(front.order(SET_CONFIG, struct.pack("<III", 0, 1, 0) + b"x"), 1)
        self.wait_log("read-only")

    def test_message_in_pieces(self):
        front = self.front()
        for byte in struct.pack("<III", GET_FEATURES, VERSION, 0):
            front.raw(bytes([byte]))
        front.reply(GET_FEATURES)

    def test_memory_slots(self):
        front = self.front()
        front.hello()
        self.assertGreaterEqual(front.ask_u64(GET_MAX_MEM_SLOTS), 32)
        region = struct.pack("<QQQQQ", 0, RAM_GPA, RAM_SIZE, RAM_UVA, 0)
        self.assertEqual(front.order(ADD_MEM_REG, region, [front.memfd]), 0)
        self.assertEqual(front.order(ADD_MEM_REG, region, [front.memfd]), 1)
        self.wait_log("overlaps")
        self.assertEqual(front.order(REM_MEM_REG, region), 0)
        self.assertEqual(front.order(REM_MEM_REG, region), 1)

    def test_stop_and_start(self):
        front = self.front()
        front.hello()
        front.start()
        front.guest.request(struct.pack("<II", 9, 0))
        index = front.guest.index
        self.assertEqual(front.ask(GET_VRING_BASE, struct.pack("<II", 0, 0)),
                         struct.pack("<II", 0, 1))
        front.ask(GET_VRING_BASE, struct.pack("<II", 1, 0))
        front.order(SET_STATUS, struct.pack("<Q", 0))
        front.start(base=1)
        self.wait_log("continues where it was stopped")
        front.guest.index = index
        self.assertEqual(front.guest.request(struct.pack("<II", 9, 0))[0], S_UNSUPPORTED)
        front.order(RESET_DEVICE)
        front.ram[:] = bytes(RAM_SIZE)
        front.start()
        self.assertEqual(front.guest.request(struct.pack("<II", 9, 0))[0], S_UNSUPPORTED)

    def test_second_connection(self):
        first = self.front()
        first.hello()
        second = self.front()
        self.assertEqual(second.sock.recv(1), b"")
        self.wait_log("second connection")
        self.assertEqual(first.ask_u64(GET_QUEUE_NUM), 2)

    def test_gone_before_the_next(self):
        self.program.send_signal(signal.SIGSTOP)
        FrontEnd(self.path).close()
        front = self.front()
        self.program.send_signal(signal.SIGCONT)
        front.hello()

    def test_stale_socket(self):
        self.program.kill()
        self.program.wait()
        self.assertTrue(os.path.exists(self.path))
        self.log.truncate(0)
        self.start_program()
        self.serves_next()

    def test_socket_in_use(self):
        other = subprocess.run([PROGRAM, "--name", "x", "--socket", self.path],
                               stderr=subprocess.PIPE, timeout=10)
        self.assertEqual(other.returncode, 2)
        self.assertIn(b"somebody else listens", other.stderr)
        self.serves_next()

    def test_socket_activation(self):
        path = self.path + "2"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.bind(path)
            sock.listen()
            code = ("import os,sys; os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True);"
                    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()));"
                    "os.execv(sys.argv[2], sys.argv[2:])")
            other = subprocess.Popen([sys.executable, "-c", code, str(sock.fileno()), PROGRAM,
                                      "--name", "x"], pass_fds=[sock.fileno()],
                                     stderr=subprocess.DEVNULL)
        front = FrontEnd(path)
        front.hello()
        front.close()
        other.terminate()
        self.assertEqual(other.wait(10), 0)
        self.assertTrue(os.path.exists(path))


class Bad(Case):
    def test_truncated_header(self):
        front = self.front()
        front.raw(b"\1\0\0\0\1")
        front.sock.shutdown(socket.SHUT_WR)
        self.dropped(front, "truncated: connection closed after 5 of 12 bytes")

    def test_truncated_payload(self):
        front = self.front()
        front.raw(struct.pack("<III", SET_FEATURES, VERSION, 8) + b"abc")
        front.sock.shutdown(socket.SHUT_WR)
        self.dropped(front, "truncated: connection closed after 3 of 8 bytes")

    def test_oversized(self):
        front = self.front()
        front.raw(struct.pack("<III", SET_FEATURES, VERSION, 0xffffffff))
        self.dropped(front, "oversized: payload of 4294967295")

    def test_wrong_size(self):
        front = self.front()
        front.send(SET_FEATURES, b"abcd")
        self.dropped(front, "SET_FEATURES) refused: payload of 4 bytes, not 8")

    def test_unknown(self):
        front = self.front()
        front.send(999, b"x" * 100)
        self.dropped(front, "message 999 (?) refused: unknown request")

    def test_unknown_acknowledged(self):
        front = self.front()
        front.hello()
        self.assertEqual(front.order(999, b"x" * 100), 1)
        self.wait_log("message 999")
        self.assertEqual(front.ask_u64(GET_QUEUE_NUM), 2)

    def test_wrong_version(self):
        front = self.front()
        front.raw(struct.pack("<III", GET_FEATURES, 2, 0))
        self.dropped(front, "protocol version 2")

    def test_many_descriptors(self):
        front = self.front()
        front.send(SET_OWNER, b"", [front.memfd] * 9)
        self.dropped(front, "more than 8 descriptors")

    def test_unexpected_descriptor(self):
        front = self.front()
        front.send(SET_OWNER, b"", [front.memfd])
        self.dropped(front, "1 descriptors, at most 0")

    def test_memory(self):
        front = self.front()
        front.hello()
        bad = {
            "is empty": dict(size=0),
            "wraps around": dict(gpa=(1 << 64) - 0x1000),
            "in a file of": dict(size=RAM_SIZE + 0x1000),
            "ends at": dict(offset=0x1000),
        }
        for why, region in bad.items():
            self.assertEqual(front.mem_table(**region), 1, why)
            self.wait_log(why)
        pair = struct.pack("<IIQQQQQQQQ", 2, 0, 0, 0x2000, 0, 0, 0x1000, 0x2000, 0x10000, 0)
        self.assertEqual(front.order(SET_MEM_TABLE, pair, [front.memfd] * 2), 1)
        self.wait_log("overlaps")
        self.assertEqual(front.order(SET_MEM_TABLE, pair, [front.memfd]), 1)
        self.wait_log("2 memory regions with 1 descriptors")
        table = struct.pack("<IIQQQQ", 1, 0, 0, 0x1000, 0, 0)
        self.assertEqual(front.order(SET_MEM_TABLE, table, [front.kick]), 1)
        self.wait_log("not a file")
        self.assertEqual(front.mem_table(), 0)

    def test_rings(self):
        front = self.front()
        front.hello()
        front.mem_table()
        state = lambda index, num: struct.pack("<II", index, num)
        for num, why in ((0, "size 0 is not"), (12, "not a power of 2"), (1 << 20, "size 1048576")):
            self.assertEqual(front.order(SET_VRING_NUM, state(0, num)), 1)
            self.wait_log(why)
        self.assertEqual(front.order(SET_VRING_NUM, state(2, 16)), 1)
        self.wait_log("queue 2, there are 2")
        front.order(SET_VRING_NUM, state(0, NUM))
        for desc in (RAM_SIZE, RAM_SIZE - 16, (1 << 64) - RAM_UVA - 0x1000):
            self.assertEqual(front.vring_addr(0, desc), 1)
        self.wait_log("outside of guest RAM")
        self.assertEqual(front.vring_addr(0, DESC + 8), 1)
        self.wait_log("not aligned")
        self.assertEqual(front.order(SET_VRING_KICK, struct.pack("<Q", 0), [front.kick]), 1)
        self.wait_log("no size, addresses or memory")
        self.assertEqual(front.order(SET_VRING_KICK, struct.pack("<Q", 0), [front.memfd]), 1)
        self.wait_log("not an eventfd")
        self.assertEqual(front.order(SET_VRING_KICK, struct.pack("<Q", 0x100)), 1)
        self.wait_log("polling")
        self.assertEqual(front.order(SET_VRING_KICK, struct.pack("<Q", 0)), 1)
        self.wait_log("0 descriptors, 1 are announced")
        self.assertEqual(front.order(SET_FEATURES, struct.pack("<Q", 1 << 28)), 1)
        self.wait_log("features 0x10000000 were not offered")

    def broken(self, packed, segments, why):
        front = self.front()
        front.hello()
        front.start(packed)
        self.assertIsNone(front.guest.request(b"", segments, timeout=0.1))
        self.wait_log(why)
        self.assertTrue(signalled(front.err, 5))
        front.close()
        self._cleanups.clear()
        self.serves_next()

    def test_chain(self):
        for packed in (False, True):
            self.broken(packed, [(RAM_GPA, 8, 4)], "indirect")
            self.broken(packed, [(RAM_GPA, 8, 2), (RAM_GPA, 8, 0)], "after a writable one")

    def test_loop(self):
        front = self.front()
        front.hello()
        front.start()
        struct.pack_into("<QIHH", front.ram, DESC, RAM_GPA, 8, 1, 1)
        struct.pack_into("<QIHH", front.ram, DESC + 16, RAM_GPA, 8, 1, 0)
        struct.pack_into("<HHH", front.ram, DRIVER, 0, 1, 0)
        os.write(front.kick, struct.pack("<Q", 1))
        self.wait_log("loops")

    def test_index(self):
        front = self.front()
        front.hello()
        front.start()
        struct.pack_into("<H", front.ram, DRIVER + 2, 1000)
        os.write(front.kick, struct.pack("<Q", 1))
        self.wait_log("available index 1000")

    def test_buffers(self):
        front = self.front()
        front.hello()
        front.start()
        ok = (RAM_GPA + ANSWER, 104, 2)
        for gpa, size in ((0, 8), (RAM_GPA + RAM_SIZE - 4, 8), ((1 << 64) - 4, 8)):
            front.guest.request(b"", [(gpa, size, 0), ok])
            self.assertEqual(front.guest.used(), 0)
        self.wait_log("outside of RAM")
        self.assertEqual(front.guest.request(struct.pack("<II", 9, 0), [
            (RAM_GPA + REQUEST, 0xffffffff, 0), ok])[0], S_UNSUPPORTED)
        front.guest.request(struct.pack("<II", 9, 0), [(RAM_GPA + REQUEST, 8, 0)])
        self.assertEqual(front.guest.used(), 0)
        self.wait_log("0 writable bytes, 104 are needed")
        front.guest.request(struct.pack("<II", 9, 0), [(RAM_GPA + REQUEST, 8, 0), (0, 104, 2)])
        self.assertEqual(front.guest.used(), 0)

    def test_client_dies(self):
        for _ in range(20):
            front = FrontEnd(self.path)
            front.hello()
            front.start()
            front.close()
        self.serves_next()


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
