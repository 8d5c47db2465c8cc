#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The metrics of pvschedd, read by promtool and by a real Prometheus, which also
executes each expression of the dashboard and of the alerts.

usage: test_exporter.py pvschedd-fake fake-host PACKAGING
"""

import glob
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import yaml

import daemonlib
from daemonlib import LIMIT

EXPORTER, PROMETHEUS = 9756, 9757


def get(path="/metrics", accept=None, method="GET", port=EXPORTER):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    connection.request(method, path, headers={"Accept": accept} if accept else {})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=LIMIT)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Exporter(daemonlib.DaemonTest):
    def begin(self, listen=f"127.0.0.1:{EXPORTER}", more=""):
        return self.start(config=f"[exporter]\nlisten = {listen}\n{more}"
                          "[rule r]\nname = web-1\nnice = 0\n")

    def vms(self):
        self.host.tell("vm web-1 7 0 0 2")
        self.host.tell('vm a"b\\c 8 107 0 1')
        self.host.tell("burn web-1 0 10 2000")

    def test_promtool(self):
        self.vms()
        self.begin()
        response, text = get()
        self.assertEqual(response.getheader("Content-Type"),
                         "text/plain; version=0.0.4; charset=utf-8")
        result = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                capture_output=True, timeout=LIMIT, check=False)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))
        for line in ('pvsched_boosts_total{vm="web-1",cause="preempted"} 10',
                     'pvsched_boosted_seconds_total{vm="web-1"} 0.020000000',
                     'pvsched_vcpus{vm="a\\"b\\\\c"} 1',
                     'pvsched_vcpu_boosts_total{vm="web-1",vcpu="0"} 10',
                     'pvsched_vcpu_boosted_seconds_total{vm="web-1",vcpu="0"} 0.020000000',
                     'pvsched_vcpu_boosts_total{vm="web-1",vcpu="1"} 0',
                     'pvsched_wait_urgent_seconds_bucket{vm="web-1",le="0.000004096"} 0',
                     'pvsched_wait_urgent_seconds_bucket{vm="web-1",le="0.000016384"} 10',
                     'pvsched_wait_urgent_seconds_bucket{vm="web-1",le="+Inf"} 10',
                     'pvsched_wait_urgent_seconds_count{vm="web-1"} 10',
                     'pvsched_wait_urgent_seconds_sum{vm="web-1"} 0.020000000',
                     "pvsched_enabled 1", "pvsched_vms 2", "pvsched_canary_trips_total 0"):
            self.assertIn(line + "\n", text)
        self.assertIn('owner="root",policy="boost",rule="r"} 1\n', text)

    def test_openmetrics(self):
        self.vms()
        self.begin()
        response, text = get(accept="application/openmetrics-text;version=1.0.0")
        self.assertEqual(response.getheader("Content-Type"),
                         "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.assertTrue(text.endswith("# EOF\n"))
        types = dict(re.findall(r"(?m)^# TYPE (\S+) (\S+)$", text))
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name = re.match(r"[a-z_]+", line)[0]
            family = re.sub("_(bucket|count|sum|total)$", "", name)
            self.assertIn(family, types, line)
            self.assertEqual(name.endswith("_total"), types[family] == "counter", line)
            self.assertRegex(name, "^pvschedd?_")

    def test_http(self):
        self.begin()
        self.assertEqual(get("/")[0].status, 404)
        self.assertEqual(get(method="DELETE")[0].status, 405)
        self.assertEqual(get(method="HEAD")[1], "")
        # Those that say nothing, or half of something, keep nobody out for ever.
        socks = [socket.create_connection(("127.0.0.1", EXPORTER)) for _ in range(12)]
        for sock in socks:
            sock.sendall(b"GET /metr")
        self.assertEqual(get()[0].status, 200)
        for sock in socks:
            sock.close()

    def test_drips(self):
        """Who never comes to an end is dropped."""
        self.begin()
        socks = [socket.create_connection(("127.0.0.1", EXPORTER)) for _ in range(16)]
        for sock in socks:
            sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Drip: ")

        def dropped():
            for sock in list(socks):
                try:
                    sock.sendall(b"x")
                except OSError:
                    sock.close()
                    socks.remove(sock)
            return not socks

        daemonlib.until(dropped, "all were dropped")
        # There is room again; and each connection is for one request.
        self.assertEqual(get()[0].getheader("Connection"), "close")

    def test_asked_all_the_time(self):
        """It makes one page, of each format, for those who ask at the same time."""
        self.vms()
        self.begin()
        age = "pvschedd_sample_age_seconds "
        for accept in None, "application/openmetrics-text":
            self.assertIn(age, get(accept=accept)[1])
            daemonlib.until(lambda: get(accept=accept)[1] == get(accept=accept)[1], "the same")
        first = get()[1]
        daemonlib.until(lambda: get()[1] != first, "another")

    def test_unix_socket(self):
        path = self.path("metrics.sock")
        # Also if somebody left one there.
        daemon = self.begin(path)
        daemon.end(signal.SIGKILL)
        self.begin(path)
        connection = UnixConnection(path)
        connection.request("GET", "/metrics")
        self.assertIn("pvsched_enabled 1", connection.getresponse().read().decode())
        connection.close()

    def test_no_socket_is_there(self):
        path = self.path("precious", "content")
        config = self.path("some.conf", f"[daemon]\nhistory =\n[exporter]\nlisten = {path}\n")
        result = subprocess.run([self.PROGRAMS[0], "-c", config], capture_output=True, text=True,
                                env=dict(os.environ, PVSCHED_FAKE_PORT=self.host.port),
                                timeout=LIMIT, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"metrics on {path}: Address already in use", result.stderr)
        with open(path) as file:
            self.assertEqual(file.read(), "content")

    def test_loopback_only(self):
        for listen in "0.0.0.0:80", "9756", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", \
                "localhost:80", "[::]:80":
            config = self.path("check.conf", f"[exporter]\nlisten = {listen}\n")
            result = subprocess.run([self.PROGRAMS[0], "-c", config, "--check-config"],
                                    capture_output=True, text=True, timeout=LIMIT, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn(":2: '", result.stderr)

    def test_bounded(self):
        self.host.tell("fill 290 1")
        self.begin()
        text = get()[1]
        self.assertIn("pvsched_vms_left_out 34\n", text)
        self.assertEqual(text.count("pvsched_vcpus{"), 256)
        self.assertEqual(text.count("pvsched_vcpu_boosts_total{"), 256)
        self.assertIn("pvsched_vcpus_left_out 34\n", text)

    def test_vcpus_bounded(self):
        """Whole VMs, those that were there first."""
        self.host.tell("fill 4 2")
        self.begin(more="vcpus = 5\n")
        text = get()[1]
        self.assertEqual(len(set(re.findall(
            r'(?m)^pvsched_vcpu_waited_seconds_total\{(vm="[^"]*",vcpu="[01]")\} ', text))), 4)
        self.assertIn("pvsched_vcpus_left_out 4\n", text)
        self.path("pvschedd.conf", f"[exporter]\nlisten = 127.0.0.1:{EXPORTER}\nvcpus = 0\n")
        self.daemons[-1].send(signal.SIGHUP)
        daemonlib.until(lambda: "pvsched_vcpus_left_out 8\n" in get()[1], "none of vCPUs")
        self.assertNotIn("pvsched_vcpu_boosts_total{", get()[1])

    def prometheus(self):
        """A Prometheus that reads the exporter each second."""
        config = self.path("prometheus.yaml", f"""
global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files: ["{self.PROGRAMS[2]}/prometheus/*.yaml"]
scrape_configs:
  - job_name: pvsched
    static_configs: [{{targets: ["127.0.0.1:{EXPORTER}"]}}]
""")
        process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", "--log.level=error",
             f"--storage.tsdb.path={self.path('tsdb')}",
             f"--web.listen-address=127.0.0.1:{PROMETHEUS}"])
        self.addCleanup(process.wait, LIMIT)
        self.addCleanup(process.terminate)

    def query(self, expression):
        url = f"http://127.0.0.1:{PROMETHEUS}/api/v1/query?" + \
            urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(url, timeout=LIMIT) as response:
            reply = json.load(response)
        self.assertEqual(reply["status"], "success", expression)
        return reply["data"]["result"]

    def has(self, expression):
        def there():
            try:
                return self.query(expression)
            except OSError:
                return False
        daemonlib.until(there, expression)
        return self.query(expression)

    def dashboard(self):
        for path in glob.glob(os.path.join(self.PROGRAMS[2], "grafana/*.json")):
            with open(path) as file:
                for panel in json.load(file)["panels"]:
                    for target in panel["targets"]:
                        yield target["expr"].replace("$__rate_interval", "20s") \
                            .replace("$vm", ".*")

    def alerts(self):
        for path in glob.glob(os.path.join(self.PROGRAMS[2], "prometheus/*.yaml")):
            with open(path) as file:
                for group in yaml.safe_load(file)["groups"]:
                    for rule in group["rules"]:
                        yield rule["alert"], rule["expr"]

    def test_prometheus(self):
        self.vms()
        daemon = self.begin()
        self.prometheus()
        self.has('up{job="pvsched"} == 1')
        for _ in range(4):
            self.host.tell("burn web-1 0 1000 20")
            time.sleep(1)
        self.assertGreater(float(self.has('rate(pvsched_boosts_total{vm="web-1"}[20s])')[0]
                                 ["value"][1]), 0)
        expressions = list(self.dashboard())
        self.assertGreater(len(expressions), 12)
        for expression in expressions:
            self.assertTrue(self.query(expression), expression)
        # The alerts are sound, and silent; each but for the bound has something to say.
        alerts = list(self.alerts())
        self.assertGreater(len(alerts), 6)
        for name, expression in alerts:
            self.assertEqual(self.query(expression), [], name)
            self.assertTrue(self.query(re.sub(r"(>|==) [0-9.]+$", "", expression)), name)
        subprocess.run(["promtool", "check", "rules",
                        *glob.glob(os.path.join(self.PROGRAMS[2], "prometheus/*.yaml"))],
                       check=True, stdout=subprocess.DEVNULL, timeout=LIMIT)
        self.host.tell("canary")
        daemon.logged("there are none for")
        self.has('ALERTS{alertname="PvschedCanary", alertstate="firing"}')


daemonlib.main()
