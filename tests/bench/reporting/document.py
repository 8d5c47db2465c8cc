# SPDX-License-Identifier: GPL-2.0-or-later
"""What a report is made of. In texts and cells, `code` is as in Markdown."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Heading:
    text: str
    level: int = 2


@dataclasses.dataclass(frozen=True)
class Text:
    text: str


@dataclasses.dataclass(frozen=True)
class Table:
    """The first column is of names, the others are of figures unless text is true."""
    head: tuple
    rows: tuple
    text: bool = False


@dataclasses.dataclass(frozen=True)
class Plot:
    name: str  # of its file
    caption: str
    script: str  # gnuplot's


def ratio(value):
    return f"{value:.3f}"


def number(value):
    """Four digits that count, and all before the point."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def spread(value, ends, show=number):
    """A median, and behind it the least and the most, if they are known."""
    if value is None or not ends:
        return show(value)
    return f"{show(value)} ({show(ends[0])}..{show(ends[1])})"
