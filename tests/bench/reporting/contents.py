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
    if measured.failed:
        return f"FAILED (status {measured.record['status']})"
    if measured.refused:
        return "REFUSED"
    if measured.result is None:
        return "not measured"
    again = measured.record and measured.record["tries"] > 1
    return "measured, once more" if again else "measured"


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
                     f"{record['load_before']:.2f}", str(machines.index(record["machine"]) + 1))
        elif measured.result is not None:
            cells = ("not known",) * 5
        rows.append((name, state(measured), *cells))
    return Table(head, tuple(rows), text=True)


def machines_of(results):
    """In the order in which they are met."""
    found = []
    for measured in results.values():
        if measured.record and measured.record["machine"] not in found:
            found.append(measured.record["machine"])
    return found


def machine_table(machine):
    memory = machine["memory_mib"]
    return Table(("", ""), (
        ("CPU", machine["cpu"]),
        ("CPUs", f"{machine['cpus']}{', of a virtual machine' if machine['virtual'] else ''}"),
        ("memory", f"{memory / 1024:.1f} GiB" if memory else "unknown"),
        ("system", machine["system"]),
        ("kernel", machine["kernel"]),
    ), text=True)


def lab_table(results):
    """A row for each lab; another QEMU makes it another."""
    used = {}
    for name, measured in results.items():
        if measured.record and measured.record["lab"]:
            lab = measured.record["lab"]
            kernels = ", ".join(release for of, release in lab.items() if of != "qemu")
            used.setdefault((lab.get("qemu", "unknown"), kernels), []).append(name)
    return Table(("benchmarks", "QEMU", "kernels there are"),
                 tuple((", ".join(names), *lab) for lab, names in used.items()), text=True)


def equipment(results, machines):
    for number, machine in enumerate(machines, 1):
        yield Heading(f"Machine {number}")
        yield machine_table(machine)
    lab = lab_table(results)
    if lab.rows:
        yield Heading("The lab")
        yield lab


def chapter(measured):
    yield Heading(measured.benchmark.title)
    yield Text(f"`make bench-{measured.benchmark.name}`")
    if measured.failed:
        yield Text(f"{state(measured)}: what there is below is of a run that failed.")
    if measured.refused:
        yield Text(f"REFUSED: {measured.refused}")
    elif measured.result is None:
        yield Text("There is no result." if measured.failed else "Not measured.")
    else:
        if not measured.record:
            yield Text("When and on what machine is not known: this result is not that of the last "
                       "run by `make`.")
        yield from CHAPTERS[measured.benchmark.name](measured)


def blocks(results):
    machines = machines_of(results)
    yield Heading(TITLE, 1)
    yield summary(results, machines)
    yield from map(Text, ABOUT)
    yield from equipment(results, machines)
    for measured in results.values():
        yield from chapter(measured)
