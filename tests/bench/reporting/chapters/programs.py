# SPDX-License-Identifier: GPL-2.0-or-later
"""dump.json, storm.json and pvtop.json: programs on this machine, with a fake kernel."""

import pathlib

from reporting import gnuplot
from reporting.document import Plot, Table, Text, number, spread

OUTPUTS = {"ask_cpu_ms": "asked for", "list_cpu_ms": "`pvsched list`",
           "list_json_cpu_ms": "`pvsched list -j`"}
STORM = {"boosts": "boosts that the kernel told of", "per_second": "in a second", "heard": "events heard",
         "lost": "events lost", "gaps": "gaps that the listener was told of",
         "resyncs": "times that it began anew"}
LIMITED = {"cpu_percent": "CPU time, % of a CPU", "rss_mib": "memory, MiB",
           "first_screen_ms": "to the first screen, ms"}


def answer_name(result):
    """"made" is the benchmark's own; others were recorded by a lab's run, DIR/vcpus.dump."""
    name = result["dump"]
    return "all counters large" if name == "made" else f"a kernel's, {pathlib.PurePath(name).parent.name}"


def milliseconds(figures):
    return spread(figures["median"], (figures["min"], figures["max"]))


def dump(measured):
    answers = measured.result
    rows = tuple((answer_name(answer), number(answer["bytes"]), number(answer["datagrams"]),
                  number(answer["rounds"]), *(milliseconds(answer[name]) for name in OUTPUTS))
                 for answer in answers)
    series = [(label.replace("`", ""),
               [(answer[name]["median"], (answer[name]["min"], answer[name]["max"]))
                for answer in answers]) for name, label in OUTPUTS.items()]
    return [
        Text("CPU time of a program that asks for 1024 vCPUs by libpvsched, system calls included, in "
             "milliseconds: without output, and with that of the command. The kernel is a fake, and its "
             "work is not counted."),
        Table(("answer", "bytes", "datagrams", "rounds", *OUTPUTS.values()), rows),
        Plot("dump", "CPU time to list 1024 vCPUs",
             gnuplot.grouped([answer_name(answer) for answer in answers], series, "ms", bars=True)),
    ]


def storm(measured):
    result = measured.result
    exact = "are exactly the kernel's" if result["exact"] else "ARE NOT the kernel's"
    return [
        Text(f"A listener by libpvsched is stopped in a storm of boosts, and continued. Its counts {exact} "
             "in the end. Measured once."),
        Table(("", ""), tuple((label, number(result[name])) for name, label in STORM.items())),
    ]


def pvtop(measured):
    result = measured.result
    cpu = result["cpu_percent_by_screen"]
    at_most = {"first_screen_ms": result["first_screen_max_ms"]}
    rows = tuple((label, number(result[name]),
                  number(at_most[name]) if name in at_most else "-", number(result["limits"][name]))
                 for name, label in LIMITED.items())
    within = "All are within their limits." if result["within_limits"] else "NOT all are within their limits."
    return [
        Text(f"pvtop with {result['vcpus']} vCPUs of {result['vms']} VMs, looked at every "
             f"{result['delay_s']:g} s; of the screens the one that costs most, over {result['seconds']:g} s. The "
             f"first screen is the median of 11. {within}"),
        Table(("", "", "max", "limit"), rows),
        Plot("pvtop", "pvtop's CPU time on each screen",
             gnuplot.grouped(list(cpu), [("CPU time", [(value, None) for value in cpu.values()])],
                             "% of a CPU", bars=True, limit=("limit", result["limits"]["cpu_percent"]))),
    ]
