# SPDX-License-Identifier: GPL-2.0-or-later
"""A report as Markdown; plots are files beside it."""

from reporting.document import Heading, Plot, Table, Text


def row(cells):
    return "|" + "|".join(f" {cell} " if cell else " "
                          for cell in (cell.replace("|", "\\|") for cell in cells)) + "|"


def table(block):
    rest = "---" if block.text else "---:"
    return "\n".join([row(block.head), row(["---"] + [rest] * (len(block.head) - 1)), *map(row, block.rows)])


def block_text(block):
    if isinstance(block, Heading):
        return "#" * block.level + " " + block.text
    if isinstance(block, Table):
        return table(block)
    if isinstance(block, Plot):
        return f"![{block.caption}]({block.name}.svg)"
    assert isinstance(block, Text)
    return block.text


def render(blocks):
    return "\n\n".join(map(block_text, blocks)) + "\n"
