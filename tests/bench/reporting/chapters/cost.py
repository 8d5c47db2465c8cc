# SPDX-License-Identifier: GPL-2.0-or-later
"""cost.json: instructions on the host, and how soon a preempted urgent thread runs again."""

from reporting import gnuplot
from reporting.chapters.latency import series_of
from reporting.document import Plot, Table, Text, number


def instructions(result):
    return (
        ("a context switch away from an attached thread, or to it, when nothing is to be done",
         f"{result['insn_switch_attached']} (both: {result['insn_switch_attached_both']})"),
        ("any other context switch", f"{result['insn_switch_unattached']}"),
        ("KVM's kick of a vCPU that is not attached, while some VM is",
         f"{result['insn_kick_unattached']}"),
    )


def resume_rows(measured):
    for title, key, mode in (("ordinary", "resume_plain", "plain"), ("urgent", "resume", "attached")):
        values = sorted((measured.samples or {}).get((mode,), []))
        yield (title, *(number(measured.result[f"{key}_{of}_us"]) for of in ("p50", "p99")),
               f"{number(values[0])}..{number(values[-1])}" if values else "-",
               str(len(values)) if values else "-")


def resume_plot(measured):
    samples = measured.samples or {}
    series = [(title, [value / 1000 for value in samples.get((mode,), []) if value > 0])
              for title, mode in (("ordinary", "plain"), ("urgent", "attached"))]
    caption = "How long a preempted thread did not run: the share of preemptions that took at most so long"
    if all(values for _, values in series):
        return Plot("cost-resume", caption,
                    gnuplot.distribution(series, "ms", "% of preemptions"))
    result = measured.result
    series = [(title, [(result[f"{key}_{of}_us"] / 1000, None)
                       for key in ("resume_plain", "resume")])
              for of, title in (("p50", "median"), ("p99", "99 %"))]
    return Plot("cost-resume", "How long a preempted thread did not run",
                gnuplot.grouped(("ordinary", "urgent"), series, "ms", log=True))


def chapter(measured):
    result = measured.result
    return [
        Text(f"Kernel {measured.kernel}. Counted by an emulated machine that runs one instruction a "
             "nanosecond, with the module and without it; the same each time:"),
        Table(("", "instructions"), instructions(result)),
        Text("A thread on a CPU with two CPU hogs runs until it is preempted; until it runs again, in "
             f"microseconds ({result['resume_samples']} preemptions of the urgent one):"),
        Table(("", "median", "99 %", "least..most", "preemptions"), tuple(resume_rows(measured))),
        resume_plot(measured),
    ]


def ms(result, key):
    return f"{result[key] / 1000:.1f}"


def region(result):
    rows = "\n".join(f"| {what} | {count} |" for what, count in instructions(result))
    return f"""\
| | instructions |
| --- | --- |
{rows}

Counted by `make bench-cost` on kernel {series_of(result['kernel'])}; the same each time. An urgent thread that is preempted beside two CPU
hogs runs again after {ms(result, 'resume_p50_us')} ms (median; 99 %: {ms(result, 'resume_p99_us')} ms), an ordinary one \
after {ms(result, 'resume_plain_p50_us')} ms ({ms(result, 'resume_plain_p99_us')} ms): emulated, to
be compared with each other."""
