# SPDX-License-Identifier: GPL-2.0-or-later
"""Plots: scripts for gnuplot, and the SVG that it makes of them.

The images have no background, and take the colour of their text from where they are
shown: in an HTML page that of the page, else that of the reader's light or dark mode.
"""

import re
import subprocess

COLOURS = ("#3f8fd2", "#e58a1f", "#cf4a68")
STYLE = ("<style>.pvsched-plot { color: #222; } "
         "@media (prefers-color-scheme: dark) { .pvsched-plot { color: #ddd; } }</style>")
HEAD = """\
set terminal svg size 760,360 fixed noenhanced font "sans-serif,14" linewidth 1.2
set border 3 linecolor "black"
set xtics nomirror scale 0
set ytics nomirror out
set grid back ytics linetype 1 linewidth 0.5 linecolor "#808080"
set key horizontal above left Left reverse samplen 1.5 maxrows 1
set ylabel {ylabel}
"""


class Failed(Exception):
    """gnuplot is not there, or did not like the script."""


def quoted(text):
    """In double quotes gnuplot would run commands; in single ones it fails with three at first."""
    text = re.sub(r"[\0-\x1f]|^'", " ", text).replace("'", "''")
    return f"'{text}'"


def head(ylabel, log):
    text = HEAD.format(ylabel=quoted(ylabel))
    return text + ('set logscale y\nset format y "%g"\n' if log else "set yrange [*<0:*]\n")


def block(number, rows):
    return "\n".join([f"$data{number} << END", *(" ".join(map("{:g}".format, row)) for row in rows),
                      "END"]) + "\n"


def grouped(categories, series, ylabel, bars=False, log=False, limit=None,
            colours=COLOURS):
    """For each category a point (or bar) of each series, with whiskers.

    series: titles with (value, (least, most) or None) or None for each category;
    limit: title and value of a line across. What is not above 0 is left out of a
    logarithmic one.
    """
    script, plots = head(ylabel, log), []
    script += f"set xrange [-0.5:{len(categories) - 0.5}]\n"
    script += "set xtics (" + ", ".join(f"{quoted(name)} {x}"
                                        for x, name in enumerate(categories)) + ")\n"
    step = (0.8 if bars else 0.5) / len(series)
    if bars:
        script += "set style fill solid 1.0 noborder\nset offsets 0, 0, graph 0.1, 0\n"
    for number, (title, values) in enumerate(series):
        offset = (number - (len(series) - 1) / 2) * step
        script += block(number, [(x + offset, value[0], *(value[1] or (value[0], value[0])))
                                 for x, value in enumerate(values)
                                 if value and (value[0] > 0 or not log)])
        plots += drawn(number, title, colours[number], step * 0.9 if bars else 0)
    if limit:
        plots.append(f'{limit[1]:g} with lines dashtype 2 linewidth 1.5 linecolor "black" '
                     f"title {quoted(limit[0])}")
    return script + "plot " + ", \\\n     ".join(plots) + "\n"


def drawn(number, title, colour, width):
    """A bar if it has a width."""
    data, whisker = f"$data{number}", "black" if width else colour
    # gnuplot's own error bars have a white disc in the middle.
    whiskers = (f"{data} using 1:($4 > $3 ? $3 : NaN):(0):($4 - $3) with vectors "
                f'heads size screen 0.006,90 linewidth 2 linecolor "{whisker}" notitle')
    if not width:
        return [whiskers, f'{data} using 1:2 with points pointtype 7 pointsize 0.9 linecolor "{colour}" '
                f"title {quoted(title)}"]
    return [f'{data} using 1:2:({width:g}) with boxes linecolor "{colour}" title {quoted(title)}',
            whiskers,
            f'{data} using 1:4:(sprintf("%.3g", $2)) with labels offset character 0, 0.6 notitle']


def distribution(series, xlabel, ylabel):
    """Of samples, sorted: what share is at most so much; the abscissa is logarithmic."""
    script = head(ylabel, False).replace("scale 0", "")
    script += f'set logscale x\nset format x "%g"\nset xlabel {quoted(xlabel)}\nset yrange [0:100]\n'
    plots = []
    for number, (title, samples) in enumerate(series):
        script += block(number, steps(sorted(samples)))
        plots.append(f'$data{number} with lines linewidth 2 linecolor "{COLOURS[number]}" '
                     f"title {quoted(title)}")
    return script + "plot " + ", \\\n     ".join(plots) + "\n"


def steps(samples, points=200):
    """Some of them are enough."""
    last = len(samples) - 1
    for point in range(points + 1):
        index = last * point // points
        yield samples[index], 100 * (index + 1) / len(samples)


def draw(script, name):
    """Returns SVG, to be a file of its own or a part of a page."""
    try:
        done = subprocess.run(["gnuplot"], input=script, text=True, capture_output=True)
    except FileNotFoundError:
        raise Failed("there is no gnuplot: scripts/setup bench installs it") from None
    if done.returncode or not done.stdout.rstrip().endswith("</svg>"):
        raise Failed(f"gnuplot, of {name}: {done.stderr.strip()}")
    return adapted(done.stdout, name)


def adapted(svg, name):
    """Without what a page must not have in it, with names and colours of its own."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"""(\bid=["']|href=["']#|url\(#)""", rf"\g<1>{name}-", svg)
    svg = re.sub(r"""\b(color|fill|stroke)=(["'])black\2""", r'\1="currentColor"', svg)
    svg = re.sub(r"rgb\( *0, *0, *0\)", "currentColor", svg)
    svg = re.sub(r"<title>.*?</title>|<desc>.*?</desc>", "", svg, flags=re.DOTALL)
    return svg.replace("<svg", '<svg class="pvsched-plot"', 1).replace(">", ">\n" + STYLE, 1)
