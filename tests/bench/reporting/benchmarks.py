# SPDX-License-Identifier: GPL-2.0-or-later
"""Which benchmarks there are: how each is run, and where it leaves what it measured."""

import dataclasses
import glob


@dataclasses.dataclass(frozen=True)
class Benchmark:
    name: str
    title: str
    command: tuple  # from the repository's root; patterns stand for the files there are
    prints: bool = False  # its result, instead of writing build/bench/NAME.json
    samples: str = ""  # what it leaves of its rounds
    in_lab: bool = False

    def arguments(self):
        for word in self.command:
            yield from sorted(glob.glob(word)) if "*" in word else [word]


ALL = {benchmark.name: benchmark for benchmark in (
    Benchmark("latency", "Guest latency beside host work", ("tests/bench/latency",),
              samples="build/lab/bench-latency/rounds.tsv", in_lab=True),
    Benchmark("cost", "What it costs the host", ("tests/bench/cost",),
              samples="build/lab/bench-cost-resume/resume.tsv", in_lab=True),
    Benchmark("guest", "What the driver costs the guest", ("tests/bench/guest",), in_lab=True),
    Benchmark("section", "Boosts for critical sections", ("tests/bench/section",), in_lab=True),
    Benchmark("dump", "Asking for 1024 vCPUs",
              ("build/user/tests/bench/dump", "build/lab/*/vcpus.dump"), prints=True),
    Benchmark("storm", "A listener that is stopped", ("build/user/tests/bench/storm",),
              prints=True),
    Benchmark("pvtop", "Looking at 1024 vCPUs",
              ("tests/bench/pvtop.py", "build/user/tests/pvtop/pvtop-live"), prints=True),
)}
