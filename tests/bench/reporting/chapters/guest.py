# SPDX-License-Identifier: GPL-2.0-or-later
"""guest.json: instructions and time that the driver costs, and how often it rings."""

from reporting import gnuplot
from reporting.document import Plot, Table, Text, number, ratio, spread

INSTRUCTIONS = {
    "insn_switch_same": "a switch between two tasks of the same urgency",
    "insn_switch_change": "a switch to an urgent task, or from one that goes to sleep",
    "insn_wakeup": "a wake-up of an ordinary task",
    "insn_irq": "a timer interrupt",
}
SHORT = ("switch, same", "switch, urgent", "wake-up", "interrupt")
RATIOS = {"hackbench_ratio": "hackbench",
          "pipe_ratio": "a byte there and back through two pipes"}
DOORBELLS = {"doorbells_per_1000_urgent": "on a host CPU that is shared",
             "doorbells_per_1000_alone": "on a CPU of its own"}


def rows(result, names, show=number):
    ends = result.get("spread", {})
    return tuple((label, spread(result[name], ends.get(name), show)) for name, label in names.items())


def chapter(measured):
    result = measured.result
    ends = result.get("spread", {})
    rounds = (f"medians of {result['rounds']} rounds" if "rounds" in result
              else "medians; the number of rounds was not kept")
    bars = [("instructions", [(result[name], ends.get(name)) for name in INSTRUCTIONS])]
    return [
        Text("More than without the driver, on an emulated machine that counts instructions; "
             f"kernel {measured.kernel}, {rounds}."),
        Table(("", "instructions"), rows(result, INSTRUCTIONS)),
        Plot("guest-instructions", "Instructions that the driver adds",
             gnuplot.grouped(SHORT, bars, "instructions", bars=True)),
        Table(("", "time, of that without the driver"), rows(result, RATIOS, ratio)),
        Text("Doorbells per thousand wake-ups of a real-time task, measured once, with a host:"),
        Table(("", "doorbells"), rows(result, DOORBELLS)),
    ]
