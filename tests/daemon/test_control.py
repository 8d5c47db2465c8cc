#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket of pvschedd, and pvsched daemon.

usage: test_control.py pvschedd-fake fake-host pvsched SCHEMAS
"""

import json
import os
import socket
import struct
import subprocess
import time

import daemonlib
from daemonlib import LIMIT, RTPRIO

NAME = "io.github.pvsched."
CONFIG = """[daemon]
history = {}
[rule web]
name = web-*
rtprio = 5:20
runtime = 20ms:
"""


class Control(daemonlib.DaemonTest):
    def setUp(self):
        super().setUp()
        self.socket_path = self.path("control")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.socket_path)
        os.chmod(self.socket_path, 0o666)
        os.chmod(self.directory, 0o755)
        self.listener.listen()
        self.host.tell("vm web-1 7 107 0 2")
        self.host.tell("vm other 8 108 0 1")
        self.daemon = self.start(config=CONFIG.format(self.path("history")),
                                 activated=self.listener)

    def pvsched(self, *arguments, user=None):
        return subprocess.run([self.PROGRAMS[2], "daemon", "-s", self.socket_path, *arguments],
                              capture_output=True, text=True, timeout=LIMIT, check=False,
                              user=user)

    def document(self, *arguments, **more):
        result = self.pvsched("-j", *arguments, **more)
        self.assertEqual(result.stderr, "")
        document = json.loads(result.stdout)
        daemonlib.schema_check(self.PROGRAMS[3], "daemon-" + arguments[0], document)
        return document

    def test_status(self):
        status = self.document("status")
        self.assertEqual(status["rules"], 1)
        self.assertEqual(status["schema"], 1)
        vms = {vm["name"]: vm for vm in status["vms"]}
        self.assertEqual(vms["web-1"]["rule"], "web")
        self.assertEqual(vms["web-1"]["by_hand"], [])
        self.assertEqual(vms["other"]["rule"], None)
        self.host.tell(f"cap web-1 {RTPRIO} 1 2")
        self.daemon.logged("it stays")
        text = self.pvsched("status").stdout
        self.assertRegex(text, r"(?m)^web-1 +2 107 +- +web +rtprio$")

    def test_rules(self):
        rules = self.document("rules")["rules"]
        self.assertEqual(rules, [{
            "name": "web", "file": "pvschedd.conf", "line": 3,
            "match": {"name": "web-*", "uuid": None, "owner": None, "cgroup": None},
            "caps": {"rtprio": {"soft": "5", "hard": "20"},
                     "runtime": {"soft": "20ms", "hard": None}},
            "policy": None, "payback": None, "vms": ["web-1"]}])
        self.assertEqual(self.pvsched("rules").stdout,
                         "web (pvschedd.conf:3)\n  for name=web-*\n"
                         "  set rtprio=5:20 runtime=20ms:\n  VMs web-1\n")

    def metrics(self, port):
        with socket.create_connection(("127.0.0.1", port), LIMIT) as sock:
            sock.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            return sock.recv(64).startswith(b"HTTP/1.")

    def test_reload_services(self):
        """Each begins anew where its settings are others; if it cannot, all is as before."""
        def exporter(port, history="history"):
            return f"{CONFIG.format(self.path(history))}[exporter]\nlisten = 127.0.0.1:{port}\n"
        self.path("pvschedd.conf", exporter(9701))
        self.assertEqual(self.pvsched("reload").stdout, "1 rules\n")
        self.assertTrue(self.metrics(9701))
        with socket.create_server(("127.0.0.1", 9702)):
            self.path("pvschedd.conf", exporter(9702, "other"))
            result = self.pvsched("reload")
            self.assertEqual(result.returncode, 2)
            self.assertIn("9702", result.stderr)
        self.assertTrue(self.metrics(9701))
        self.assertFalse(os.path.exists(self.path("other")))
        self.path("pvschedd.conf", exporter(9703, "other") +
                  "[mqtt]\nbroker = 127.0.0.1:9704\n")
        with socket.create_server(("127.0.0.1", 9704)) as broker:
            broker.settimeout(LIMIT)
            self.assertEqual(self.pvsched("reload").stdout, "1 rules\n")
            broker.accept()[0].close()
        self.assertTrue(self.metrics(9703))
        with self.assertRaises(ConnectionRefusedError):
            self.metrics(9701)
        self.assertEqual(self.document("status")["history"], self.path("other"))
        daemonlib.until(lambda: self.document("history", "web-1")["samples"], "a sample")
        self.path("pvschedd.conf", exporter(9703, "other") +
                  "[mqtt]\nbroker = 127.0.0.1:9704\nca = /nowhere\n")
        result = self.pvsched("reload")
        self.assertEqual(result.returncode, 2)
        self.assertIn("[mqtt] cannot be used", result.stderr)

    def test_reload(self):
        self.path("pvschedd.conf", CONFIG.format("") + "[rule a]\nname=a\nnice=0\n")
        self.assertEqual(self.pvsched("reload").stdout, "2 rules\n")
        self.assertEqual(self.document("reload"), {"rules": 2, "schema": 1})
        self.path("pvschedd.conf", "[rule")
        result = self.pvsched("reload")
        self.assertEqual(result.returncode, 2)
        self.assertIn("pvschedd.conf:1: the section's ']' is missing", result.stderr)
        self.assertEqual(self.document("status")["rules"], 2)

    def test_history(self):
        self.host.tell("burn web-1 1 7 100")
        def samples(*arguments):
            return self.document("history", *arguments)["samples"]
        daemonlib.until(lambda: samples("web-1/1")[-1:] and
                        samples("web-1/1")[-1]["boosts"] == 7, "it is there")
        self.assertEqual(samples("web-1")[-1]["boosts"], 7)
        self.assertEqual(samples("web-1/0")[-1]["boosts"], 0)
        self.assertEqual(samples("nobody"), [])
        self.assertEqual(len(samples("-m", "web-1")), 1)
        self.host.tell("burn web-1 1 2 100")
        daemonlib.until(lambda: samples("web-1/1")[-1]["boosts"] == 9, "it goes on")
        boosts = [line.split()[2] for line in
                  self.pvsched("history", "web-1/1").stdout.splitlines()[1:]]
        self.assertEqual(sum(map(int, boosts)), 2 + (7 if "7" in boosts else 0))
        time.sleep(2)
        self.assertLess(len(samples("-t", "1", "web-1")), len(samples("web-1")))

    def test_somebody_else(self):
        vms = self.document("status", user=107)["vms"]
        self.assertEqual([vm["name"] for vm in vms], ["web-1"])
        daemonlib.until(lambda: self.document("history", "other")["samples"], "history")
        self.assertEqual(self.document("history", "other", user=107)["samples"], [])
        self.assertEqual(self.document("rules", user=108)["rules"][0]["vms"], [])
        result = self.pvsched("reload", user=107)
        self.assertEqual(result.returncode, 2)
        self.assertIn("only root may do that", result.stderr)

    def call(self, text):
        """What is answered to a frame; None if the connection ends."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(LIMIT)
            sock.connect(self.socket_path)
            sock.sendall(struct.pack(">I", len(text)) + text)
            try:
                head = sock.recv(4, socket.MSG_WAITALL)
            except ConnectionResetError:
                return None
            if not head:
                return None
            return json.loads(sock.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL))

    def test_nonsense(self):
        for text in (b"", b"{", b"[]", b"{} {}", b'{"method": 5}', b'"x"', b"\xff",
                     b'{"method": "Status"}', b'{"method": "' + NAME.encode() + b'"}',
                     b"[" * 4000):
            self.assertEqual(self.call(text)["error"], NAME + "MethodNotFound", text)
        method = NAME.encode() + b"History"
        for parameters in b"{}", b'{"vm": 5}', b"[]":
            reply = self.call(b'{"method": "%s", "parameters": %s}' % (method, parameters))
            self.assertEqual(reply["error"], NAME + "InvalidParameter")
        self.assertIsNone(self.call(b"x" * 5000))
        self.assertEqual(self.document("status")["rules"], 1)

    def test_pieces_and_several(self):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(LIMIT)
            sock.connect(self.socket_path)
            text = json.dumps({"method": NAME + "Rules"}).encode()
            frames = 3 * (struct.pack(">I", len(text)) + text)
            for at in range(0, len(frames), 7):
                sock.sendall(frames[at:at + 7])
                time.sleep(0.001)
            for _ in range(3):
                size = struct.unpack(">I", sock.recv(4, socket.MSG_WAITALL))[0]
                reply = json.loads(sock.recv(size, socket.MSG_WAITALL))
                self.assertIn("rules", reply["parameters"])

    def test_many_that_say_nothing(self):
        """They neither keep others out for ever, nor the daemon from its work."""
        socks = []
        for _ in range(40):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(self.socket_path)
            socks.append(sock)
        self.host.tell("vm web-2 9 107 0 2")
        self.assertEqual(self.host.was_set().split()[1], "web-1")
        daemonlib.until(lambda: "web-2" in self.pvsched("status").stdout, "an answer")
        for sock in socks:
            sock.close()

    def test_byte_by_byte(self):
        """Who is always about to say something does not keep his place for that."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self.socket_path)
            sock.sendall(struct.pack(">I", 4000))

            def dropped():
                try:
                    return not sock.send(b" ")
                except (BrokenPipeError, ConnectionResetError):
                    return True
            daemonlib.until(dropped, "the connection ends")

    def test_nobody_answers(self):
        result = subprocess.run([self.PROGRAMS[2], "daemon", "-s", "/nonexistent", "status"],
                                capture_output=True, text=True, timeout=LIMIT, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("pvschedd cannot be asked, /nonexistent: No such file or directory; "
                      "does it run?", result.stderr)


daemonlib.main()
