# SPDX-License-Identifier: GPL-2.0-or-later
"""section.json: what a guest with several vCPUs gets out of section boosts."""

from reporting import gnuplot
from reporting.document import Plot, Table, Text, ratio, spread

LOADS = {"spinlock": "spinlock: a thread on each vCPU takes one lock for 20 us of every 80",
         "hackbench": "hackbench: 20 processes each send and receive through sockets"}
RATIOS = {"throughput_ratio": "guest's work", "host_work_ratio": "host hogs' work"}


def rows(result):
    for load, label in LOADS.items():
        figures, ends = result[load], result[load].get("spread", {})
        yield (label, *(spread(figures[name], ends.get(name), ratio) for name in RATIOS),
               spread(figures["boosts_per_second"], ends.get("boosts_per_second")))
    yield ("geometric mean", *(ratio(result[name]) for name in RATIOS), "-")


def chapter(measured):
    result = measured.result
    series = [(label, [(result[load][name], result[load].get("spread", {}).get(name))
                       for load in LOADS]) for name, label in RATIOS.items()]
    return [
        Text("A guest with two vCPUs on one CPU, which a hog of the host wants, too; with boosts for "
             "critical sections, as ratios to the same without."),
        Text(f"Kernel {measured.kernel}, medians of {result['rounds']} interleaved rounds."),
        Table(("", *RATIOS.values(), "boosts a second"), tuple(rows(result))),
        Plot("section", "With section boosts, compared with the same without",
             gnuplot.grouped(list(LOADS), series, "ratio", bars=True, limit=("no difference", 1))),
    ]
