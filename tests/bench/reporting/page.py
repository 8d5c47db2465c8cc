# SPDX-License-Identifier: GPL-2.0-or-later
"""A report as one page of HTML, which needs no other file."""

import html
import re

from reporting.document import Heading, Plot, Table, Text

STYLE = """\
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --line: #ccc; --soft: #f4f4f4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ddd; --paper: #181818; --line: #444; --soft: #222; }
}
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink);
  background: var(--paper); font: 16px/1.5 sans-serif; }
table { display: block; overflow-x: auto; border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.3rem 0.7rem; border: 1px solid var(--line); text-align: right;
  font-variant-numeric: tabular-nums; }
th { background: var(--soft); }
th:first-child, td:first-child, table.text th, table.text td { text-align: left; }
figure { margin: 1.5rem 0; }
figure svg { max-width: 100%; height: auto; }
figcaption { font-size: 0.9rem; }
code { padding: 0 0.2em; background: var(--soft); }
"""


def inline(text):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def cells(row, tag):
    return "<tr>" + "".join(f"<{tag}>{inline(cell)}</{tag}>" for cell in row) + "</tr>"


def table(block):
    return "\n".join(['<table class="text">' if block.text else "<table>",
                      "<thead>" + cells(block.head, "th") + "</thead>", "<tbody>",
                      *(cells(row, "td") for row in block.rows), "</tbody>", "</table>"])


def block_text(block, images):
    if isinstance(block, Heading):
        return f"<h{block.level}>{inline(block.text)}</h{block.level}>"
    if isinstance(block, Table):
        return table(block)
    if isinstance(block, Plot):
        return (f"<figure>\n{images[block.name]}\n"
                f"<figcaption>{inline(block.caption)}</figcaption>\n</figure>")
    assert isinstance(block, Text)
    return f"<p>{inline(block.text)}</p>"


def render(title, blocks, images):
    """images: SVG by the plots' names."""
    return "\n".join([
        "<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{html.escape(title)}</title>", f"<style>\n{STYLE}</style>", "</head>", "<body>",
        *(block_text(block, images) for block in blocks), "</body>", "</html>", ""])
