#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test_subscriber.py EXAMPLE - examples/subscriber.py, with a fake of the kernel's client

The fake has of YNL what the example uses. Beside it there is the real one, in the lab:
tests/vm/t-ynl.sh.
"""

import contextlib
import importlib.util
import io
import socket
import sys
import types
import unittest

SPEC = "pvsched.yaml"


class Kernel:
    """The family as it is; number: None while the module is not loaded."""

    def __init__(self):
        self.number = 1
        self.boosts = 0
        self.time = 0
        self.seq = 0
        self.refuses = False
        self.listeners = []
        self.news, self.news_of_example = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    def tell(self, family):
        self.news.send(b"\x10\0\0\0" + family + b"\0")

    def unload(self):
        self.number = None
        self.listeners = []
        self.tell(b"pvsched")

    def load(self, number):
        self.number = number
        self.boosts = self.seq = 0
        self.tell(b"pvsched")

    def boost(self, heard=True):
        self.boosts += 1
        self.time += 1
        self.seq += 1
        event = {"seq": self.seq, "kind": "boost", "vm": "web", "vm-id": 1, "vcpu": 0, "time-ns": self.time}
        for listener in self.listeners if heard else []:
            listener.boost(event)


class Fake(types.ModuleType):
    """Package "lib" of YNL, of that kernel."""

    def __init__(self, kernel):
        super().__init__("lib")
        self.ynl = types.SimpleNamespace(genl_family_name_to_id=None)
        self.Netlink = types.SimpleNamespace(NETLINK_GENERIC=16, GENL_ID_CTRL=16, SOL_NETLINK=270,
                                             NETLINK_ADD_MEMBERSHIP=1)
        fake = self

        class Family:
            def __init__(self, spec, schema=None):
                assert spec == SPEC
                # As the real one, it looks the number up once for all.
                if fake.ynl.genl_family_name_to_id is None:
                    fake.ynl.genl_family_name_to_id = kernel.number
                self.number = fake.ynl.genl_family_name_to_id
                if self.number is None:
                    raise Exception("Family 'pvsched' not supported by the kernel")
                self.sock, self.far = socket.socketpair()
                self.arrived, self.async_msg_queue = [], []

            def ntf_subscribe(self, name):
                if kernel.refuses:
                    raise PermissionError(1, "not permitted")
                if name == "boost" and self.number == kernel.number:
                    kernel.listeners.append(self)

            def boost(self, event):
                self.arrived.append({"name": "boost-ntf", "msg": {"event": [event]}})
                self.far.send(b"x")

            def check_ntf(self):
                self.sock.recv(4096)
                self.async_msg_queue += self.arrived
                self.arrived = []

            def dump(self, op, attrs):
                assert (op, attrs) == ("vcpu-get", {})
                if self.number != kernel.number:
                    raise Exception("Netlink error: No such file or directory")
                return [{"vm": "web", "vm-id": 1, "id": 0, "time-ns": kernel.time,
                         "stats": {"boosts": [{"count": kernel.boosts}]}}]

        self.YnlFamily = Family


class Test(unittest.TestCase):
    def setUp(self):
        self.kernel = Kernel()
        sys.modules["lib"] = Fake(self.kernel)
        where = importlib.util.spec_from_file_location("subscriber", EXAMPLE)
        self.module = importlib.util.module_from_spec(where)
        where.loader.exec_module(self.module)
        self.news_open = self.module.news_open
        self.module.news_open = lambda: self.kernel.news_of_example

    def said(self, do, *arguments):
        with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(io.StringIO()):
            result = do(*arguments)
        return result, said.getvalue().split("\n")[:-1]

    def start(self):
        return self.said(self.module.Subscriber, SPEC, "web")

    def test_events(self):
        self.kernel.boost()
        subscriber, said = self.start()
        self.assertEqual(said, ["resync 1"])
        self.kernel.boost()
        self.assertEqual(self.said(subscriber.step)[1], ["event 2"])

    def test_gap(self):
        subscriber, _ = self.start()
        self.kernel.boost()
        self.kernel.boost(heard=False)
        self.kernel.boost()
        self.assertEqual(self.said(subscriber.step)[1], ["event 1", "event 2", "resync 3"])

    def test_reload(self):
        """Its numbers are others then, and it counts from the start."""
        subscriber, _ = self.start()
        self.kernel.boost()
        self.assertEqual(self.said(subscriber.step)[1], ["event 1"])
        self.kernel.unload()
        self.assertEqual(self.said(subscriber.step)[1], ["gone 1"])
        self.kernel.load(2)
        self.assertEqual(self.said(subscriber.step)[1], ["resync 0"])
        self.kernel.boost()
        self.assertEqual(self.said(subscriber.step)[1], ["event 1"])

    def test_reload_at_once(self):
        subscriber, _ = self.start()
        self.kernel.unload()
        self.kernel.load(2)
        self.assertEqual(self.said(subscriber.step)[1], ["resync 0"])
        self.kernel.boost()
        self.assertEqual(self.said(subscriber.step)[1], ["event 1"])

    def test_gone_before_the_news(self):
        subscriber, _ = self.start()
        self.kernel.boost()
        self.said(subscriber.step)
        self.kernel.boost(heard=False)
        self.kernel.boost()
        self.kernel.number = None
        self.assertEqual(self.said(subscriber.step)[1], ["event 2", "gone 2"])
        self.kernel.load(2)
        self.assertEqual(self.said(subscriber.step)[1], ["resync 0"])

    def test_before_the_module(self):
        self.kernel.number = None
        subscriber, said = self.start()
        self.assertEqual(said, ["gone 0"])
        self.kernel.load(2)
        self.assertEqual(self.said(subscriber.step)[1], ["resync 0"])

    def test_others(self):
        """Other families come and go, too."""
        subscriber, _ = self.start()
        self.kernel.tell(b"nl80211")
        self.assertEqual(self.said(subscriber.step)[1], [])

    def test_not_permitted(self):
        self.kernel.refuses = True
        with self.assertRaises(PermissionError):
            self.start()

    def test_news(self):
        """The kernel has that group, and it is everybody's."""
        self.news_open().close()


EXAMPLE = sys.argv.pop(1)
unittest.main(warnings="ignore")
