# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests of pvschedd have in common: a fake host, and the daemon on it."""

import ctypes
import fcntl
import json
import os
import queue
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import jsonschema

# Slow machines, sanitizers and valgrind: a limit for what would never happen.
LIMIT = 60

(RTPRIO, RUNTIME, PERIOD, SLICE, NICE, KICKS, VCPUS, SECTION) = range(8)


class FakeHost:
    """fake-host, see there."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split()[1]
        self.lines = queue.Queue()
        self.done = queue.Queue()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            line = line.strip()
            (self.done if line == "done" else self.lines).put(line)

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        self.done.get(timeout=LIMIT)

    def was_set(self):
        """The next request to set something."""
        return self.lines.get(timeout=LIMIT)

    def nothing_was_set(self):
        return self.lines.empty()

    def end(self):
        self.process.stdin.close()
        self.process.wait(LIMIT)
        self.reader.join()
        self.process.stdout.close()


class Daemon:
    """pvschedd-fake on a fake host, and the systemd that it notifies."""

    def __init__(self, program, host, directory, *options, activated=None, environ=None):
        path = os.path.join(directory, "notify")
        if os.path.exists(path):
            os.unlink(path)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(path)
        self.notify.settimeout(LIMIT)
        self.log_path = os.path.join(directory, "log")
        env = dict(os.environ, NOTIFY_SOCKET=path, PVSCHED_FAKE_PORT=host.port,
                   **(environ or {}))
        env.pop("JOURNAL_STREAM", None)
        command, fds = [program, *options], ()
        if activated:
            # As systemd passes a socket.
            fds = (activated.fileno(),)
            move = f"3<&{fds[0]} {fds[0]}<&-" if fds[0] != 3 else ""
            command = ["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@" ' + move,
                       *command]
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(command, env=env, stderr=log,
                                            pass_fds=fds)

    def told(self, text):
        """Wait for a notification that has the text."""
        while True:
            try:
                message = self.notify.recv(4096).decode()
            except TimeoutError:
                raise AssertionError(f"never told: {text}; status {self.process.poll()}\n"
                                     f"{self.log()}") from None
            if text in message:
                return message

    def log(self):
        with open(self.log_path) as log:
            return log.read()

    def logged(self, text, count=1):
        until(lambda: self.log().count(text) >= count, "log: " + text, self.log)

    def send(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        self.notify.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(LIMIT)


def until(truth, what, detail=lambda: ""):
    end = time.monotonic() + LIMIT
    while not truth():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}\n{detail()}")
        time.sleep(0.02)


def closed(schema):
    """What a schema does not name, it does not allow: for tests."""
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
    return schema


def schema_check(directory, name, document):
    """Raises unless the document is what the schema of that name describes."""
    schemas = {}
    for file in os.listdir(directory):
        with open(os.path.join(directory, file)) as text:
            schemas[file] = json.load(text, object_hook=closed)
    schema = schemas[name + ".json"]
    resolver = jsonschema.RefResolver("", schema, schemas)
    jsonschema.Draft7Validator(schema, resolver=resolver).validate(document)


class DaemonTest(unittest.TestCase):
    """Each test has a host; it starts its own daemon."""

    PROGRAMS = []

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="pvschedd-test-")
        self.host = FakeHost(self.PROGRAMS[1])
        self.daemons = []
        self.addCleanup(self.finish)

    def start(self, *options, config="", **more):
        """With settings, which keep no history unless they say so."""
        if "history =" not in config:
            self.path("pvschedd.conf.d/00.conf", "[daemon]\nhistory =\n")
        self.config = self.path("pvschedd.conf", config)
        options = ("--config", self.config, *options)
        daemon = Daemon(self.PROGRAMS[0], self.host, self.directory, *options, **more)
        self.daemons.append(daemon)
        daemon.ready = daemon.told("READY=1")
        return daemon

    def path(self, name, text=None):
        path = os.path.join(self.directory, name)
        if text is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as out:
                out.write(text)
        return path

    def finish(self):
        for daemon in self.daemons:
            daemon.end()
        self.host.end()
        subprocess.run(["rm", "-r", self.directory], check=True)


def network_leave():
    """Others have no part in our netlink groups and ports, nor we in theirs."""
    clone_newnet, clone_newns, siocsifflags, iff_up = 0x40000000, 0x20000, 0x8914, 1
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newnet | clone_newns):
        print("needs to be root, for a network and mounts of its own")
        sys.exit(77)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, siocsifflags, struct.pack("16sh22x", b"lo", iff_up))


def main():
    network_leave()
    DaemonTest.PROGRAMS = sys.argv[1:]
    unittest.main(argv=sys.argv[:1], verbosity=2)
