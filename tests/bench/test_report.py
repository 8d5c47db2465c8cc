#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test_report.py [--update] [UNITTEST-ARGUMENT...] - the benchmarks' report

Of fixtures/, whose figures nobody has measured. It is to be fixtures/report.expected;
--update writes that anew. A program stands in for gnuplot, but for the class Plots,
which draws all plots with the real one.
"""

import hashlib
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True

from reporting import benchmarks, contents, gnuplot, measured, regions  # noqa: E402
from reporting.document import Plot  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FIXTURES = HERE / "fixtures"
STAND_IN = """\
#!/bin/sh
echo '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><text fill="black">'
grep -c . && echo '</text></svg>'
"""
RECORD = {
    "began": "2000-01-02 03:04 UTC", "seconds": 100, "status": 0, "tries": 1, "revision": "1234567",
    "load_before": 0.25, "lab": None,
    "machine": {"cpu": "Example", "cpus": 2, "virtual": True, "memory_mib": 2048,
                "system": "Example Linux 1", "kernel": "6.0.0-outside"},
}
LAB = {"qemu": "1:9.9", "6.0": "6.0.1-example"}
VOID = {"meta"}


class Page(html.parser.HTMLParser):
    """Text of a page that has all its ends, and nothing that it would have to fetch."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text = [], ""
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "img", "link"), tag
        assert not any(name in ("src", "href") for name, _ in attrs), attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        self.bench = self.root / "bench"
        shutil.copytree(FIXTURES, self.bench)
        self.bin = self.root / "bin"
        self.bin.mkdir()
        (self.bin / "gnuplot").write_text(STAND_IN)
        (self.bin / "gnuplot").chmod(0o755)
        # Of guest it is not known how it was measured.
        for name in benchmarks.ALL:
            if name != "guest":
                self.record(name)

    def result(self, name):
        return self.bench / f"{name}.json"

    def record(self, name, **changes):
        result, lab = self.result(name), LAB if benchmarks.ALL[name].in_lab else None
        digest = hashlib.sha256(result.read_bytes()).hexdigest() if result.exists() else None
        record = RECORD | {"benchmark": name, "lab": lab, "result_sha256": digest} | changes
        (self.bench / "run" / f"{name}.json").write_text(json.dumps(record))

    def report(self, *options, path=None):
        """Status, and what it says."""
        path = path or f"{self.bin}:{os.environ['PATH']}"
        done = subprocess.run([sys.executable, HERE / "report", "--directory", self.bench, *options],
                              env=os.environ | {"PATH": path}, text=True, capture_output=True)
        self.assertNotIn("Traceback", done.stderr)
        return done.returncode, done.stderr

    def markdown(self):
        return (self.bench / "report.md").read_text()


class Report(Case):
    def test_golden(self):
        self.assertEqual(self.report(), (0, ""))
        self.assertEqual(self.markdown(), (FIXTURES / "report.expected").read_text())

    def test_page(self):
        self.report()
        page, text = Page((self.bench / "report.html").read_text()), self.markdown()
        for line in text.splitlines():
            if line.startswith("| ") and not line.startswith("| ---"):
                for cell in line.split("|"):
                    self.assertIn(cell.strip().replace("`", ""), page.text)
        plots = re.findall(r"!\[.*\]\((.*)\)", text)
        self.assertEqual((self.bench / "report.html").read_text().count("<svg"), len(plots))
        for plot in plots:
            self.assertIn("currentColor", (self.bench / plot).read_text())

    def test_nothing(self):
        shutil.rmtree(self.bench)
        self.assertEqual(self.report(), (0, ""))
        text = self.markdown()
        self.assertEqual(text.count("Not measured."), len(benchmarks.ALL))
        self.assertEqual(text.count("| not measured | - |"), len(benchmarks.ALL))
        self.assertNotIn("## Machine", text)
        self.assertEqual(list(self.bench.glob("*.svg")), [])

    def test_one_missing(self):
        for name in benchmarks.ALL:
            with self.subTest(name):
                kept = self.result(name).read_bytes()
                self.result(name).unlink()
                (self.bench / "run" / f"{name}.json").unlink(missing_ok=True)
                self.assertEqual(self.report(), (0, ""))
                self.assertIn(f"\n`make bench-{name}`\n\nNot measured.\n", self.markdown())
                self.assertEqual(self.markdown().count("Not measured."), 1)
                self.result(name).write_bytes(kept)
                self.record(name)

    def refused(self, path, why):
        status, said = self.report()
        self.assertEqual(status, 1)
        self.assertIn(f"report: {path}", said)
        self.assertIn(why, said)
        self.assertEqual(self.markdown().count("| REFUSED |"), 1)
        self.assertIn("REFUSED: " + said.removeprefix("report: ").rstrip(), self.markdown())
        self.assertIn("REFUSED: ", Page((self.bench / "report.html").read_text()).text)
        self.assertNotIn("Not measured.", self.markdown())

    def test_garbage(self):
        deep = b"[" * 100000
        good = json.loads(self.result("latency").read_text())
        less = json.loads(json.dumps(good))
        del less["modes"]["vanilla"]["guest_max_us"]
        for garbage, why in (
                (b"", "not JSON"), (b"{", "not JSON"), (b"\xff\xfe\0", "not text"), (deep, "not JSON"),
                (b"[]", "not of type 'object'"), (b"{}", "required property"),
                (b'{"kernel": "6", "rounds": NaN, "modes": {}}', "NaN is no number"),
                (json.dumps(good | {"rounds": 0}).encode(), "rounds: 0 is less than"),
                (json.dumps(good | {"modes": {"fast": {}}}).encode(), "modes: "),
                (json.dumps(less).encode(), "modes: vanilla: 'guest_max_us' is a required property")):
            with self.subTest(garbage[:60]):
                self.result("latency").write_bytes(garbage)
                self.refused(self.result("latency"), why)

    def test_garbage_in_others(self):
        for name in benchmarks.ALL:
            with self.subTest(name):
                kept = self.result(name).read_bytes()
                self.result(name).write_bytes(kept + b"{}\n")
                self.refused(self.result(name), "")
                self.result(name).write_bytes(kept)

    def test_garbage_beside(self):
        record, samples = self.bench / "run/latency.json", self.bench / "run/latency.tsv"
        for path, garbage, why in ((record, "?", "not JSON"), (record, "{}", "required property"),
                                   (samples, "1\tidle\tguest_avg_us\tsoon\n", ":1: no round's value"),
                                   (samples, "1\tidle\tguest_avg_us\tnan\n", ":1: no round's value"),
                                   (samples, "1 2 3 4 5\n", ":1: no round's value")):
            with self.subTest(garbage):
                kept = path.read_text()
                path.write_text(garbage)
                self.refused(path, why)
                path.write_text(kept)

    def test_failed(self):
        self.record("storm", status=1)
        self.result("section").unlink()
        self.record("section", status=124)
        self.assertEqual(self.report(), (0, ""))
        text = self.markdown()
        self.assertIn("| storm | FAILED (status 1) |", text)
        self.assertIn("FAILED (status 1): what there is below is of a run that failed.", text)
        self.assertIn("| section | FAILED (status 124) |", text)
        self.assertIn("There is no result.", text)

    def test_failed_and_garbage(self):
        self.result("pvtop").write_text('{"vcpus":')
        self.record("pvtop", status=1)
        self.assertEqual(self.report()[0], 1)
        self.assertIn("| pvtop | FAILED (status 1) |", self.markdown())
        self.assertIn("REFUSED: ", self.markdown())

    def test_another_result(self):
        """What the record and the rounds are not of."""
        result = json.loads(self.result("latency").read_text())
        result["rounds"] = 7
        self.result("latency").write_text(json.dumps(result))
        self.assertEqual(self.report(), (0, ""))
        chapter = self.markdown().split("## ")[-7]
        self.assertIn("Guest latency", chapter)
        self.assertIn("medians of 7 rounds", chapter)
        self.assertIn("When and on what machine is not known", chapter)
        self.assertNotIn("..", chapter)

    def test_names(self):
        """Not taken for markup."""
        dump = json.loads(self.result("dump").read_text().splitlines()[1])
        dump["dump"] = 'a/<script>|"\\x/vcpus.dump'
        self.result("dump").write_text(json.dumps(dump))
        self.assertEqual(self.report(), (0, ""))
        self.assertIn('a kernel\'s, <script>|"\\x', Page((self.bench / "report.html").read_text()).text)
        self.assertIn("<script>\\|", self.markdown())

    def test_no_gnuplot(self):
        status, said = self.report(path=str(self.root))
        self.assertEqual(status, 1)
        self.assertEqual(said.count("scripts/setup bench"), 1)
        tables = [line for line in self.markdown().splitlines() if line.startswith("|")]
        for line in (FIXTURES / "report.expected").read_text().splitlines():
            if line.startswith("|"):
                self.assertIn(line, tables)
        self.assertIn("Instructions that the driver adds: NOT DRAWN.", self.markdown())
        self.assertNotIn("](", self.markdown())

    def test_gnuplot_fails(self):
        (self.bin / "gnuplot").write_text("#!/bin/sh\necho 'line 1: undefined' >&2; exit 1\n")
        status, said = self.report()
        self.assertEqual(status, 1)
        self.assertIn("line 1: undefined", said)


class Documents(Case):
    """README.md and others, as far as they are taken from results."""

    def setUp(self):
        super().setUp()
        for document in regions.DOCUMENTS:
            (self.root / document).parent.mkdir(exist_ok=True)
            shutil.copyfile(ROOT / document, self.root / document)

    def text(self, document="README.md"):
        return (self.root / document).read_text()

    def rest(self, text):
        return regions.MARKED.sub("", text)

    def test_form(self):
        self.assertEqual(self.report("--check-readme", "--root", ROOT), (0, ""))

    def test_written(self):
        before = self.text()
        self.assertEqual(self.report("--readme", "--root", self.root), (0, ""))
        for document in regions.DOCUMENTS:
            self.assertIn("| pvsched | 1200 us | 3300 us | 8800 us | 0.95 | 1100 us | 12000 us |",
                          self.text(document))
            self.assertIn("Medians of 3 interleaved rounds, kernel 6.0 on both sides.", self.text(document))
            self.assertNotIn("`blind` |", "".join(
                found[3] for found in regions.MARKED.finditer(self.text(document))))
        self.assertIn("| any other context switch | 0 |", self.text())
        self.assertIn("| 111 (both: 222) |", self.text())
        self.assertIn("after 1.0 ms (median; 99 %: 9.0 ms), an ordinary one after 5.0 ms (45.0 ms)", self.text())
        self.assertEqual(self.rest(self.text()), self.rest(before))
        self.assertEqual(self.report("--check-readme", "--root", self.root), (0, ""))

    def test_without_result(self):
        before = self.text()
        self.result("cost").unlink()
        self.record("latency", status=1)
        status, said = self.report("--readme", "--root", self.root)
        self.assertEqual(status, 0)
        self.assertIn("README.md: latency stays as it is", said)
        self.assertIn("README.md: cost stays as it is", said)
        self.assertEqual(self.text(), before)

    def test_mode_missing(self):
        before = self.text()
        result = json.loads(self.result("latency").read_text())
        del result["modes"]["static"]
        self.result("latency").write_text(json.dumps(result))
        status, said = self.report("--readme", "--root", self.root)
        self.assertEqual(status, 1)
        self.assertIn("latency: there is no 'static' in the result", said)
        self.assertEqual(self.text(), before)

    def test_misformed(self):
        for old, new in (("| vanilla |", "| Vanilla |"), (" us |", " ms |"), ("<!-- end -->", ""),
                         ("<!-- bench cost -->", "<!-- bench price -->")):
            with self.subTest(old):
                path = self.root / "README.md"
                kept = path.read_text()
                path.write_text(kept.replace(old, new, 1))
                status, said = self.report("--check-readme", "--root", self.root)
                self.assertEqual(status, 1)
                self.assertIn("README.md: ", said)
                path.write_text(kept)


class Plots(Case):
    """Drawn by gnuplot."""

    def test_all(self):
        names = set()
        for block in contents.blocks(measured.read(self.bench)):
            if not isinstance(block, Plot):
                continue
            with self.subTest(block.name):
                svg = gnuplot.draw(block.script, block.name)
                ids = [of.get("id") for of in xml.etree.ElementTree.fromstring(svg).iter() if of.get("id")]
                self.assertFalse(names.intersection(ids))
                names.update(ids)
                for used in re.findall(r"href=['\"]#([^'\"]*)", svg):
                    self.assertIn(used, ids)
                self.assertNotIn("black", svg)
                self.assertNotIn("NaN", svg)
        self.assertTrue(names)

    def test_names(self):
        """Not taken for gnuplot's language."""
        name = """'`touch {0}`'"\\\n; system 'touch {0}'""".format(self.root / "done")
        svg = gnuplot.draw(gnuplot.grouped([name], [(name, [(1, None)])], name, limit=(name, 1)), "n")
        self.assertEqual(svg.count("`touch"), 4)
        self.assertFalse((self.root / "done").exists())

    def test_odd_figures(self):
        """Nothing, and less than nothing."""
        for value in 0, -1:
            for spread in (0, 0), (-1, 1):
                gnuplot.draw(gnuplot.grouped("ab", [("x", [(value, spread), None])], "y", bars=True), "n")
                gnuplot.draw(gnuplot.grouped("ab", [("x", [(value, spread), (5, (4, 6))])], "y", log=True), "n")


def update():
    case = Report()
    case.setUp()
    assert case.report()[0] == 0
    shutil.copyfile(case.bench / "report.md", FIXTURES / "report.expected")
    case.doCleanups()


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        unittest.main()
