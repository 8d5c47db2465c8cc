#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test_run.py - tests/bench/run, with programs that stand in for the benchmarks"""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from reporting import benchmarks, measured  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
LATENCY = """\
mkdir -p build/lab/bench-latency
echo '1 idle guest_avg_us 7' >build/lab/bench-latency/rounds.tsv
echo '{"kernel": "6"}' >build/bench/latency.json"""


class Run(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        bench = self.root / "tests/bench"
        shutil.copytree(HERE / "reporting", bench / "reporting")
        shutil.copyfile(HERE / "run", bench / "run")
        for benchmark in benchmarks.ALL.values():
            self.stand_in(benchmark.name, "echo '{}'" if benchmark.prints else
                          f"echo '{{}}' >build/bench/{benchmark.name}.json")
        self.stand_in("latency", LATENCY)
        (self.root / "tests/vm").mkdir()
        self.program("tests/vm/lab", "printf 'cache /x\\nqemu 1:9.9\\n6.12 6.12.1-x\\ndebug no in /y\\n'")

    def program(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + text + "\n")
        path.chmod(0o755)

    def stand_in(self, name, text):
        self.program(benchmarks.ALL[name].command[0], text)

    def run_(self, *names):
        """Status, what it prints, and what it complains of."""
        done = subprocess.run([sys.executable, self.root / "tests/bench/run", *names],
                              cwd="/", text=True, capture_output=True)
        return done.returncode, done.stdout, done.stderr

    def result(self, name):
        return self.root / f"build/bench/{name}.json"

    def record(self, name):
        record = json.loads((self.root / f"build/bench/run/{name}.json").read_text())
        measured.validate(record, "run", name)
        return record

    def test_all(self):
        status, said, errors = self.run_()
        self.assertEqual((status, errors), (0, ""))
        for number, name in enumerate(benchmarks.ALL, 1):
            self.assertIn(f"bench: {name}, {number} of {len(benchmarks.ALL)}\n", said)
            self.assertIn(f"bench: {name} done after ", said)
            digest = hashlib.sha256(self.result(name).read_bytes()).hexdigest()
            self.assertEqual(self.record(name)["result_sha256"], digest)
            self.assertEqual(self.record(name)["status"], 0)
        self.assertEqual(self.record("latency")["lab"], {"qemu": "1:9.9", "6.12": "6.12.1-x"})
        self.assertIsNone(self.record("storm")["lab"])
        self.assertEqual((self.root / "build/bench/run/latency.tsv").read_text(), "1 idle guest_avg_us 7\n")

    def test_failure(self):
        """It keeps none of the others from running."""
        self.stand_in("latency", "exit 3")
        self.stand_in("storm", "echo '{\"exact\": false}'; exit 1")
        status, said, errors = self.run_()
        self.assertEqual((status, errors), (1, "bench: failed: latency, storm\n"))
        self.assertIn("bench: latency FAILED (status 3) after ", said)
        self.assertFalse(self.result("latency").exists())
        self.assertEqual(self.record("latency")["status"], 3)
        self.assertIsNone(self.record("latency")["result_sha256"])
        self.assertEqual(self.result("storm").read_text(), '{"exact": false}\n')
        self.assertEqual(self.record("storm")["status"], 1)
        self.assertEqual(self.record("pvtop")["status"], 0)

    def test_lab_died(self):
        """It is run once more, and only it."""
        self.stand_in("section", "[ -e tried ] || { mkdir -p build/lab/bench-section; touch tried;"
                      " echo why >build/lab/bench-section/host.log; exit 124; }\n"
                      "echo '{}' >build/bench/section.json")
        self.stand_in("latency", "echo >>tries; exit 121")
        self.stand_in("storm", "echo >>tries_out; exit 124")
        status, said, errors = self.run_()
        self.assertEqual((status, errors), (1, "bench: failed: latency, storm\n"))
        self.assertIn("bench: section: the lab failed (status 124) after 0 s, once more\n", said)
        self.assertEqual(self.record("section")["status"], 0)
        self.assertEqual([self.record(name)["tries"] for name in ("section", "latency", "storm")], [2, 2, 1])
        self.assertEqual((self.root / "build/lab/bench-section.first/host.log").read_text(), "why\n")
        self.assertEqual((self.root / "tries").read_text(), "\n\n")
        self.assertEqual((self.root / "tries_out").read_text(), "\n")

    def test_says_nothing(self):
        self.stand_in("pvtop", "exit 1")
        self.assertEqual(self.run_("pvtop")[0], 1)
        self.assertFalse(self.result("pvtop").exists())

    def test_program_missing(self):
        (self.root / benchmarks.ALL["dump"].command[0]).unlink()
        status, said, errors = self.run_("dump", "storm")
        self.assertEqual((status, errors), (1, "bench: failed: dump\n"))
        self.assertIn("No such file", said)
        self.assertEqual(self.record("dump")["status"], 127)
        self.assertEqual(self.record("storm")["status"], 0)

    def test_old_result(self):
        """What fails leaves nothing of a run before."""
        self.assertEqual(self.run_("latency")[0], 0)
        self.stand_in("latency", "exit 1")
        self.assertEqual(self.run_("latency")[0], 1)
        self.assertFalse(self.result("latency").exists())
        self.assertFalse((self.root / "build/bench/run/latency.tsv").exists())

    def test_only_some(self):
        self.assertEqual(self.run_("pvtop")[0], 0)
        self.assertEqual([path.stem for path in (self.root / "build/bench").glob("*.json")], ["pvtop"])

    def test_files_that_match(self):
        self.stand_in("dump", 'echo "{\\"arguments\\": \\"$*\\"}"')
        (self.root / "build/lab/t-x").mkdir(parents=True)
        (self.root / "build/lab/t-x/vcpus.dump").touch()
        self.assertEqual(self.run_("dump")[0], 0)
        self.assertEqual(json.loads(self.result("dump").read_text()),
                         {"arguments": "build/lab/t-x/vcpus.dump"})

    def test_usage(self):
        status, _, errors = self.run_("latency", "speed")
        self.assertEqual(status, 1)
        self.assertIn("there is no speed, but latency, cost,", errors)
        self.assertFalse(self.result("latency").exists())


if __name__ == "__main__":
    unittest.main()
