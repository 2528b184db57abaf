#!/usr/bin/env python3
"""Where do the three ledgers of a cell part?

Connections open by the API's count, main files and -wal open by the VFS's, descriptors by the kernel's, over
ticks, on one axis. The lines of main, -wal and -shm are drawn a little below one another, so that equal ones
stay visible. Letters mark the first tick at which ledgers part, a lock is missing, a deleted sidecar is
still held. The default cell is the one with the worst finding.
"""

import sys

from common import SMALL, TICK_LABEL, keep, main, page, plot_parser, rug
from palette import BLACK, CLASS_NAMES, CLASSES, DARK, GREY, VERMILION
from parting import Partings
from recorded import RunError

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

# Points by which a class is drawn lower, wider than a kernel band.
LOWER = {"main": 0, "wal": 8, "shm": 16}
BAND_POINTS = 5.5
OUTLINE = [Stroke(linewidth=BAND_POINTS + 1.5, foreground="#555555"), Normal()]
MARKERS = {"api": "o", "main": "s", "wal": "D"}


def lines():
    """Each line: key of the sample, class, label, style. The kernel's are wide, the others lie upon them."""
    rows = []
    for name, colour in CLASSES.items():
        rows.append((f"kernel_{name}", name, f"kernel: {CLASS_NAMES[name]}",
                     {"color": colour, "linewidth": 1.5}))
    for name in ("main", "wal"):
        rows.append((f"vfs_{name}", name, f"VFS: {CLASS_NAMES[name]}",
                     {"color": DARK[name], "linewidth": 1.8, "linestyle": (0, (4, 2)),
                      "marker": MARKERS[name],
                      "markersize": 6, "markerfacecolor": "white"}))
    rows.append(("api_open", "main", "API: connections open",
                 {"color": BLACK, "linewidth": 1, "linestyle": ":", "marker": MARKERS["api"],
                  "markersize": 4.5}))
    for name, colour in CLASSES.items():
        rows.append((f"kernel_{name}_deleted", name, f"kernel: {CLASS_NAMES[name]}, deleted but held",
                     {"color": VERMILION, "linewidth": 1.4, "linestyle": "--", "marker": "X", "markersize": 9,
                      "markerfacecolor": colour, "markeredgecolor": BLACK}))
    return rows


def drawn_lines(stream):
    """The ledgers that the subject gives; deleted files where there are any."""
    return [row for row in lines()
            if stream.known(row[0]) and (not row[0].endswith("_deleted") or stream.ever(row[0]))]


def marked(values, i, count):
    """The points of line `i` of `count` that get its marker: ledgers take turns, so that none hides another.

    A line that begins later has one at its first point.
    """
    there = [int(index) for index in np.flatnonzero(~np.isnan(values[:-1]))]
    every = max(count, len(there) // 10)
    chosen = there[i * every // count::every]
    return sorted({*chosen, there[0]}) if not chosen or there[0] > 0 else chosen


def draw_band(axes, ticks, values, colour, transform):
    """The level parts of a kernel line, wide: the other ledgers' thin lines are seen upon it."""
    starts = [i for i in range(len(values) - 1) if i == 0 or values[i] != values[i - 1]]
    ends = [*starts[1:], len(values) - 1]
    level = [[(ticks[i], values[i]), (ticks[j], values[i])] for i,
             j in zip(starts, ends) if not np.isnan(values[i])]
    axes.add_collection(LineCollection(level, colors=colour, linewidths=BAND_POINTS, transform=transform,
                                       capstyle="butt",
                                       path_effects=OUTLINE), autolim=False)


def draw_lines(axes, figure, stream, rows):
    for i, (key, name, label, style) in enumerate(rows):
        values = np.array(stream.totals[key])
        chosen = keep([values])
        # A sample holds until the next one; the last one is drawn as one tick wide.
        ticks = np.append(np.array(stream.ticks)[chosen], stream.ticks[-1] + 1)
        values = np.append(values[chosen], values[chosen[-1]])
        if key.endswith("_deleted"):
            values[values == 0] = np.nan
        lower = ScaledTranslation(0, -LOWER[name] / 72, figure.dpi_scale_trans)
        if "linestyle" not in style:
            draw_band(axes, ticks, values, style["color"], axes.transData + lower)
        axes.step(ticks, values, where="post", label=label, gid=key, transform=axes.transData + lower,
                  markevery=marked(values, i, len(rows)), **style)


def draw_marks(axes, marks, span):
    """Letters above the axes; those too near to one another share a flag."""
    flags = []
    for letter, mark in zip("ABCDEFGH", marks):
        if flags and mark.tick - flags[-1][0] < span * 0.03:
            flags[-1][1].append(letter)
        else:
            flags.append((mark.tick, [letter]))
        axes.axvline(mark.tick, color=VERMILION, linewidth=1, linestyle=(0, (1, 1.5)), zorder=1.5, gid="mark")
    for tick, letters in flags:
        axes.annotate(", ".join(letters), (tick, 1), xycoords=axes.get_xaxis_transform(), xytext=(0, 4),
                      ha="center",
                      textcoords="offset points", weight="bold", size=SMALL + 1, color=VERMILION,
                      annotation_clip=False)


def heading(run, cell, stream, board, title):
    mechanisms = ", ".join(cell.mechanisms) or "no mechanism named"
    first = title or f"{run.title}: the three ledgers of {cell.name}\n{cell.finding}; {mechanisms}"
    state = " The cell was interrupted." if not stream.ended else ""
    of = f"Board {board}" if board else "All boards together"
    notes = [", ".join(cell.parts())] if cell.differs else []
    notes.append(f"{of}.{state} "
                 "The lines of -wal and -shm are drawn a little lower, so that equal ones stay visible.")
    return first, notes


def figure(run, title=None, cell=None, board=None):
    chosen = run.cell(cell) if cell else run.worst()
    partings = Partings()
    stream = run.stream(chosen, [row[0] for row in lines()], board, partings)
    if stream is None or not stream.ticks:
        raise RunError(f"{run.folder}: cell {chosen.name} has no samples, so there are no ledgers to draw", 4)
    rows = drawn_lines(stream)
    if not rows:
        raise RunError(f"{run.folder}: cell {chosen.name} has no ledger of {board or 'any board'}", 4)
    missing = [name for name, key in (("API", "api_open"), ("VFS", "vfs_main")) if not stream.known(key)]
    below = [f"{letter}  {mark.text}" for letter, mark in zip("ABCDEFGH", partings.marks)]
    below += [f"The subject gives no {name} ledger." for name in missing]
    band = {"linewidth": BAND_POINTS, "solid_capstyle": "butt", "path_effects": OUTLINE}
    legend = [Line2D([], [], label=label, **{**style, **({} if "linestyle" in style else band)})
              for _, _, label, style in rows]
    if stream.kills:
        legend.append(Line2D([], [], marker="|", color=GREY, linestyle="", markersize=8,
                             label="worker killed"))
    first, notes = heading(run, chosen, stream, board, title)
    made = page(4.4, first, notes, legend, below)
    axes = made.subplots()
    draw_lines(axes, made, stream, rows)
    if stream.kills:
        rug(axes, stream.kills)
    start, end = min(stream.ticks), max(stream.ticks) + 1
    draw_marks(axes, partings.marks, end - start)
    axes.set_xlim(start, end)
    top = max(1.0, max(np.nanmax(stream.totals[key]) for key, *_ in rows))
    # Room below zero for the lowered lines, in data units of the axis' height of about four inches.
    axes.set_ylim(-0.11 * top, top * 1.1)
    axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel(TICK_LABEL)
    axes.set_ylabel("connections, open files, descriptors (count)")
    return made


def parser():
    made = plot_parser(__doc__)
    made.add_argument("--cell", metavar="CELL", help="default: the first cell with the worst finding")
    made.add_argument("--board", metavar="BOARD", help="one board; default: the sum over all")
    return made


if __name__ == "__main__":
    sys.exit(main(parser(), figure, "cell", "board"))
