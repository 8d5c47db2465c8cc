# SPDX-License-Identifier: GPL-2.0-or-later
"""latency.json: what the guest's urgent task, the hogs and a task of the host get."""

from reporting import gnuplot
from reporting.document import Plot, Table, Text, number, spread

LABELS = {"idle": "guest alone", "vanilla": "vanilla", "static": "static `chrt -f`",
          "pvsched": "pvsched", "blind": "policy `blind`"}
GUEST = {"guest_avg_us": "average", "guest_p99_us": "99 %", "guest_max_us": "max"}
HOST = {"host_cyclictest_avg_us": "average", "host_cyclictest_max_us": "max"}
ABOUT = """\
In the guest a real-time task that wakes 100 times a second beside a CPU hog; on the same CPU of the host
two CPU hogs and an ordinary task (cyclictest, SCHED_OTHER). All modes in each round, in turn."""
README_MODES = ("idle", "vanilla", "static", "pvsched")


def modes(measured):
    return [mode for mode in LABELS if mode in measured.result["modes"]]


def share(result, mode, metric):
    """Of what vanilla has."""
    value, vanilla = (result["modes"].get(of, {}).get(metric) for of in (mode, "vanilla"))
    return value / vanilla if value is not None and vanilla else None


def share_text(value):
    return "-" if value is None else f"{value:.2f}"


def shares_spread(measured, mode, metric):
    """Each round's against that round's vanilla."""
    samples = measured.samples or {}
    pairs = list(zip(samples.get((mode, metric), []), samples.get(("vanilla", metric), [])))
    if not pairs or not all(vanilla for _, vanilla in pairs):
        return None
    shares = [value / vanilla for value, vanilla in pairs]
    return min(shares), max(shares)


def rows(measured):
    for mode in modes(measured):
        figures = measured.result["modes"][mode]
        yield (LABELS[mode],
               *(spread(figures[metric], measured.spread(mode, metric)) for metric in GUEST),
               *(spread(share(measured.result, mode, metric), shares_spread(measured, mode, metric),
                        share_text) for metric in ("host_work", "host_cpu")),
               *(spread(figures[metric], measured.spread(mode, metric)) for metric in HOST),
               number(figures["boosts"]), number(figures["doorbells"]))


def in_ms(ends):
    return tuple(end / 1000 for end in ends) if ends else None


def plot(measured, name, caption, metrics, colours=gnuplot.COLOURS):
    series = [(title, [(measured.result["modes"][mode][metric] / 1000,
                        in_ms(measured.spread(mode, metric))) for mode in modes(measured)])
              for metric, title in metrics.items()]
    return Plot(name, caption, gnuplot.grouped(categories(measured), series, "latency, ms", log=True,
                                               colours=colours))


def categories(measured):
    return [LABELS[mode].replace("`", "") for mode in modes(measured)]


def work_plot(measured):
    series = []
    for metric, title in (("host_work", "work"), ("host_cpu", "CPU time")):
        values = [(share(measured.result, mode, metric), shares_spread(measured, mode, metric))
                  for mode in modes(measured)]
        if any(value is not None for value, _ in values):
            series.append((title, [value if value[0] is not None else None for value in values]))
    return [Plot("latency-work", "What the host's hogs get, as a share of what they get in vanilla",
                 gnuplot.grouped(categories(measured), series, "share of vanilla", bars=True))
            ] if series else []


def chapter(measured):
    result = measured.result
    return [
        Text(ABOUT),
        Text(f"Kernel {measured.kernel} on both sides. Microseconds, medians of {result['rounds']} "
             "rounds; of the hogs, shares of vanilla."),
        Table(("", "guest latency, average", "99 %", "max", "host hogs' work", "their time",
               "host task, average", "max", "boosts", "doorbells"), tuple(rows(measured))),
        plot(measured, "latency-guest", "Latency of the guest's real-time task", GUEST),
        *work_plot(measured),
        # The colours that average and maximum have in the guest's.
        plot(measured, "latency-host", "Latency of the host's ordinary task", HOST,
             gnuplot.COLOURS[::2]),
    ]


def series_of(kernel):
    """6.12 of 6.12.1-amd64"""
    return ".".join(kernel.split("-")[0].split(".")[:2])


def region(result):
    """README's table; raises KeyError if it lacks a mode."""
    lines = ["| | guest latency, average | 99 % | max | host hogs' work | host task, average | max |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for mode in README_MODES:
        figures = result["modes"][mode]
        cells = [LABELS[mode], *(f"{figures[metric]:.0f} us" for metric in GUEST),
                 share_text(share(result, mode, "host_work")),
                 *(f"{figures[metric]:.0f} us" for metric in HOST)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", f"Medians of {result['rounds']} interleaved rounds, "
                      f"kernel {series_of(result['kernel'])} on both sides."])
