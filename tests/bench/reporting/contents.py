# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole report: what was measured and how, on what, and a chapter for each benchmark."""

from reporting.chapters import cost, guest, latency, programs, section
from reporting.document import Heading, Table, Text

TITLE = "Benchmarks of pvsched"
CHAPTERS = {"latency": latency.chapter, "cost": cost.chapter, "guest": guest.chapter,
            "section": section.chapter, "dump": programs.dump, "storm": programs.storm,
            "pvtop": programs.pvtop}
ABOUT = (
    "Figures with two more behind them are the median, the least and the most of the rounds: "
    "`3 (2..5)`. Whiskers in plots are the same.",
    "Benchmarks of the lab run on a virtual machine that QEMU emulates (TCG, no hardware "
    "virtualisation), with a stock kernel, and a guest in it: compare figures with others of the same table, not "
    "with those of real hardware.",
)


def state(measured):
    if measured.refused:
        return "REFUSED"
    if measured.failed:
        return f"FAILED (status {measured.record['status']})"
    return "measured" if measured.result is not None else "not measured"


def took(seconds):
    return f"{seconds} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def summary(results, machines):
    head = ("benchmark", "", "begun", "took", "revision", "load before", "machine")
    rows = []
    for name, measured in results.items():
        record = measured.record
        cells = ("-",) * 5
        if record:
            cells = (record["began"], took(record["seconds"]), record["revision"],
                     f"{record['load_before']:.2f}", str(machines.index(machine(record)) + 1))
        elif measured.result is not None:
            cells = ("not known",) * 5
        rows.append((name, state(measured), *cells))
    return Table(head, tuple(rows), text=True)


def machine(record):
    return record["machine"] | {"lab": record["lab"]}


def distinct(results):
    """Machines, in the order in which they are met; a lab makes another of one."""
    found = []
    for measured in results.values():
        if measured.record and machine(measured.record) not in found:
            found.append(machine(measured.record))
    return found


def machine_rows(which):
    memory, lab = which["memory_mib"], which["lab"]
    return (
        ("CPU", f"{which['cpu']}, {which['cpus']} of them"
                + (" (itself a virtual machine)" if which["virtual"] else "")),
        ("memory", f"{memory / 1024:.1f} GiB" if memory else "unknown"),
        ("system", f"{which['system']}, kernel {which['kernel']}"),
        ("lab", "not used" if lab is None else
         "; ".join(["emulated by QEMU " + lab.get("qemu", "unknown"),
                    *(f"kernel {name}: {release}" for name, release in lab.items() if name != "qemu")])),
    )


def machines_blocks(machines):
    for number, which in enumerate(machines, 1):
        yield Heading(f"Machine {number}", 3)
        yield Table(("", ""), machine_rows(which), text=True)


def chapter(measured):
    yield Heading(measured.benchmark.title)
    yield Text(f"`make bench-{measured.benchmark.name}`")
    if measured.refused:
        yield Text(f"REFUSED: {measured.refused}")
    elif measured.result is None:
        yield Text("FAILED: there is no result." if measured.failed else "Not measured.")
    else:
        if measured.failed:
            yield Text(f"FAILED (status {measured.record['status']}): these figures are of a run that failed.")
        elif not measured.record:
            yield Text("When and on what machine is not known: this result is not that of the last "
                       "run by `make`.")
        yield from CHAPTERS[measured.benchmark.name](measured)


def blocks(results):
    machines = distinct(results)
    yield Heading(TITLE, 1)
    yield summary(results, machines)
    yield from map(Text, ABOUT)
    if machines:
        yield Heading("Machines")
        yield from machines_blocks(machines)
    for measured in results.values():
        yield from chapter(measured)
