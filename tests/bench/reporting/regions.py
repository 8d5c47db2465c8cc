# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of documents that are taken from results.

Each is between a line "<!-- bench NAME -->" and a line "<!-- end -->".
"""

import re

from reporting.chapters import cost, latency

DOCUMENTS = ("README.md", "docs/comparison.md")
REGIONS = {"latency": latency.region, "cost": cost.region}
MARKED = re.compile(r"^(<!-- bench (\w+) -->\n)(.*?)(\n<!-- end -->)$", re.MULTILINE | re.DOTALL)
# Any figures do to see what form a region has.
MODE = dict.fromkeys((*latency.GUEST, *latency.HOST, "host_work"), 1)
ANY = {
    "latency": {"kernel": "1.1", "rounds": 1,
                "modes": dict.fromkeys(latency.README_MODES, MODE) | {"idle": MODE | {"host_work": None}}},
    "cost": {"kernel": "1.1"} | dict.fromkeys((
        "insn_switch_attached", "insn_switch_attached_both", "insn_switch_unattached",
        "insn_kick_unattached", "resume_p50_us", "resume_p99_us", "resume_plain_p50_us",
        "resume_plain_p99_us"), 1),
}


class Unfit(Exception):
    """A document or a result that nothing can be written from."""


def names(text):
    return [found[2] for found in MARKED.finditer(text)]


def form(text):
    return re.sub(r"\d+", "0", text)


def misformed(text):
    """Names of regions that are not as they would be written."""
    return [found[2] for found in MARKED.finditer(text)
            if found[2] not in REGIONS or form(found[3]) != form(REGIONS[found[2]](ANY[found[2]]))]


def written(text, name, result):
    """The text, with its region NAME of this result."""
    try:
        body = REGIONS[name](result)
    except KeyError as missing:
        raise Unfit(f"{name}: there is no {missing} in the result") from None
    return MARKED.sub(lambda found: found[1] + body + found[4] if found[2] == name else found[0], text)
