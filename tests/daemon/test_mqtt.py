#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pvschedd publishes to a real broker, with TLS, which goes away and comes back.

usage: test_mqtt.py pvschedd-fake fake-host
"""

import json
import os
import queue
import signal
import socket
import subprocess
import threading
import time

import paho.mqtt.client
from paho.mqtt.properties import Properties
from paho.mqtt.packettypes import PacketTypes

import daemonlib
from daemonlib import LIMIT, RTPRIO

PORT = 8883
# One that takes no time to make.
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Mqtt(daemonlib.DaemonTest):
    def setUp(self):
        super().setUp()
        self.certificates()
        self.received = queue.Queue()
        self.broker = None
        self.subscriber = None
        self.addCleanup(self.broker_end, signal.SIGTERM)
        self.addCleanup(self.subscriber_end)

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True,
                       cwd=self.directory, timeout=LIMIT)

    def certificates(self):
        """Of a broker that is at 127.0.0.1, and of who signs for it."""
        self.openssl("req", "-x509", *KEY, "-keyout", "ca.key",
                     "-out", "ca.pem", "-days", "2", "-subj", "/CN=test")
        self.openssl("req", *KEY, "-keyout", "broker.key",
                     "-out", "broker.csr", "-subj", "/CN=127.0.0.1")
        self.path("extensions", "subjectAltName=IP:127.0.0.1\n")
        self.openssl("x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                     "-CAcreateserial", "-days", "2", "-extfile", "extensions",
                     "-out", "broker.pem")

    def broker_start(self):
        config = self.path("mosquitto.conf", f"""
listener {PORT} 127.0.0.1
cafile {self.directory}/ca.pem
certfile {self.directory}/broker.pem
keyfile {self.directory}/broker.key
allow_anonymous true
user root
persistence true
persistence_location {self.directory}/
""")
        self.broker = subprocess.Popen(["mosquitto", "-c", config], stderr=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL)
        daemonlib.until(self.broker_there, "the broker")

    def broker_there(self):
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", PORT)) == 0

    def broker_end(self, number):
        if self.broker:
            self.broker.send_signal(number)
            self.broker.wait(LIMIT)
        self.broker = None

    def subscribe(self):
        """Somebody whose session the broker keeps while it is away."""
        ready = queue.Queue()
        client = paho.mqtt.client.Client("subscriber", protocol=paho.mqtt.client.MQTTv5)
        client.tls_set(os.path.join(self.directory, "ca.pem"))
        client.on_message = lambda client, data, message: \
            self.received.put((message.topic, json.loads(message.payload)))
        client.on_connect = lambda client, *rest: client.subscribe("hosts/#", qos=2)
        client.on_subscribe = lambda *rest: ready.put(True)
        client.reconnect_delay_set(1, 1)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 600
        client.connect("127.0.0.1", PORT, clean_start=False, properties=properties)
        client.loop_start()
        ready.get(timeout=LIMIT)
        self.subscriber = client

    def subscriber_end(self):
        """Its session stays. It is not let live through the end of its broker: what it
        makes of that is not what is tested."""
        if self.subscriber:
            self.subscriber.disconnect()
            self.subscriber.loop_stop()
        self.subscriber = None

    def begin(self, more=""):
        return self.start(config=f"[mqtt]\nbroker = 127.0.0.1:{PORT}\ntopic = hosts/one\n"
                          f"ca = {self.directory}/ca.pem\n{more}")

    def until_event(self, event, vm=None):
        """All messages up to that one."""
        messages = []
        while True:
            messages.append(self.received.get(timeout=LIMIT))
            message = messages[-1][1]
            if message.get("event") == event and message.get("vm") == vm:
                return messages

    def test_events(self):
        self.broker_start()
        self.subscribe()
        self.begin()
        before = time.time_ns()
        self.host.tell("vm web-1 7 107 0 2")
        topic, message = self.until_event("vm-add", "web-1")[-1]
        self.assertEqual(topic, "hosts/one/config")
        self.assertEqual(message["schema"], 1)
        self.assertEqual(message["vm_id"], 7)
        self.assertEqual(message["dropped"], 0)
        self.assertLessEqual(before, message["time_ns"])
        self.host.tell(f"cap web-1 {RTPRIO} 3 20")
        message = self.until_event("caps", "web-1")[-1][1]
        self.assertEqual(message["caps"], {"rtprio": {"soft": "3", "hard": "20"}})
        self.host.tell("policy web-1 none")
        self.assertEqual(self.until_event("policy", "web-1")[-1][1]["policy"], "none")
        self.host.tell("canary")
        self.assertEqual(self.until_event("canary")[-1][1]["waited_ns"], 512000000)

    def test_summary(self):
        self.broker_start()
        self.subscribe()
        self.host.tell("vm a/b 7 107 0 2")
        self.begin("summary = 2\n")
        self.host.tell("burn a/b 0 5 100")
        while True:
            topic, message = self.received.get(timeout=LIMIT)
            if "summary" in topic and message["boosts"]:
                break
        self.assertEqual(topic, "hosts/one/summary/a_b")
        self.assertEqual((message["vm"], message["boosts"], message["boosted_ns"]),
                         ("a/b", 5, 500000))
        self.assertGreaterEqual(message["interval_ns"], 2 * 10**9)

    def numbers(self, messages):
        return [message["number"] for _, message in messages]

    def test_broker_away(self):
        """What happens meanwhile is told when it is back, once."""
        self.broker_start()
        self.subscribe()
        daemon = self.begin()
        self.host.tell("vm web-1 7 107 0 2")
        messages = self.until_event("vm-add", "web-1")
        self.subscriber_end()
        self.broker_end(signal.SIGTERM)
        daemon.logged("the broker 127.0.0.1:8883 is not there")
        for number in range(100):
            self.host.tell(f"vm more-{number} {100 + number} 107 0 1")
        self.broker_start()
        daemon.logged("the broker 127.0.0.1:8883 is there")
        self.subscribe()
        messages += self.until_event("vm-add", "more-99")
        self.assertEqual(self.numbers(messages), list(range(1, len(messages) + 1)))
        self.assertEqual(messages[-1][1]["dropped"], 0)

    def test_broker_killed(self):
        """In the middle of it, and it remembers nothing: nothing comes twice."""
        self.broker_start()
        self.subscribe()
        daemon = self.begin()
        self.host.tell("flood 300")
        time.sleep(0.05)
        self.subscriber_end()
        self.broker_end(signal.SIGKILL)
        self.host.tell("flood 300")
        daemon.logged("is not there")
        self.broker_start()
        self.subscribe()
        daemon.logged("is there")
        time.sleep(2)
        self.host.tell("vm web-1 7 107 0 2")
        numbers = self.numbers(self.until_event("vm-add", "web-1"))
        self.assertEqual(len(numbers), len(set(numbers)))

    def test_queue_is_bounded(self):
        daemon = self.begin("queue = 10\n")
        daemon.logged("is not there")
        self.host.tell("flood 30")
        time.sleep(0.5)
        self.broker_start()
        self.subscribe()
        daemon.logged("is there")
        self.host.tell("vm web-1 7 107 0 2")
        message = self.until_event("vm-add", "web-1")[-1][1]
        self.assertEqual(message["number"], 31)
        self.assertGreaterEqual(message["dropped"], 20)
        self.assertLessEqual(message["dropped"], 21)

    def behave(self, answer):
        """Somebody at the broker's port who does something else with connections."""
        listener = socket.create_server(("127.0.0.1", PORT), reuse_port=False)
        listener.settimeout(LIMIT)
        self.addCleanup(listener.close)

        def serve():
            try:
                while True:
                    answer(listener.accept()[0])
            except OSError:
                pass
        thread = threading.Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(listener.shutdown, socket.SHUT_RDWR)

    def test_hangs_up(self):
        """Before TLS has begun, each time."""
        self.behave(socket.socket.close)
        self.begin().logged("is not there")

    def test_says_nothing(self):
        """He lets us connect, and that is all."""
        kept = []
        self.addCleanup(lambda: [sock.close() for sock in kept])
        self.behave(kept.append)
        self.begin().logged("is not there: it does not answer")

    def connecting(self):
        """Is there a connection to the broker's port that is not answered?"""
        with open("/proc/net/tcp") as connections:
            return any(line.split()[2:4] == [f"0100007F:{PORT:04X}", "02"]
                       for line in connections)

    def test_refuses_late(self):
        """As on a busy host: when the daemon has begun to wait for its connection."""
        listener = socket.create_server(("127.0.0.1", PORT), backlog=0)
        # Whom it has no room for is not answered.
        first = socket.create_connection(("127.0.0.1", PORT))
        daemon = self.begin()
        daemonlib.until(self.connecting, "the daemon connects")
        listener.close()
        first.close()
        daemon.logged("is not there: Connection refused")

    def test_somebody_else_answers(self):
        """A broker whom nobody signs for is told nothing."""
        self.broker_start()
        self.subscribe()
        self.openssl("req", "-x509", *KEY, "-keyout", "o.key", "-out",
                     "other.pem", "-days", "2", "-subj", "/CN=other")
        daemon = self.start(config=f"[mqtt]\nbroker = 127.0.0.1:{PORT}\ntopic = hosts/one\n"
                            f"ca = {self.directory}/other.pem\n")
        daemon.logged("is not there")
        self.host.tell("vm web-1 7 107 0 2")
        time.sleep(2)
        self.assertTrue(self.received.empty())


daemonlib.main()
