#!/usr/bin/env python3
"""Where do the three ledgers of a cell part, and which mechanism does that name?

Connections open by the API's count, main files and -wal open by the VFS's, descriptors by the kernel's,
over ticks, on one axis. The lines of main, -wal and -shm are drawn a little below one another, so that
equal ones stay visible. Letters mark the first tick at which ledgers part, a lock is missing, a deleted
sidecar is still held; below stand the mechanisms that were seen, each with its evidence. The default cell
is the one with the worst finding.
"""

import sys

from common import SMALL, WIDTH_IN, main, page, plot_parser
from errors import RunError
from over_time import draw_faults, draw_missing, fault_legend, held, marked, missing_legend, time_axis, time_label
from palette import BLACK, CLASS_NAMES, CLASSES, DARK, VERMILION

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

# Points by which a class is drawn lower, wider than a kernel band.
LOWER = {"main": 0, "wal": 8, "shm": 16}
POINTS = 500
LONGEST_EVIDENCE = 240
BAND_POINTS = 5.5
OUTLINE = [Stroke(linewidth=BAND_POINTS + 1.5, foreground="#555555"), Normal()]
MARKERS = {"api": "o", "main": "s", "wal": "D"}


def lines():
    """Each line: key of the sample, class, label, style. The kernel's are wide, the others lie upon them."""
    rows = []
    for name in LOWER:
        rows.append((f"kernel_{name}", name, f"kernel: {CLASS_NAMES[name]}",
                     {"color": CLASSES[name], "linewidth": 1.5}))
    for name in ("main", "wal"):
        rows.append((f"vfs_{name}", name, f"VFS: {CLASS_NAMES[name]}",
                     {"color": DARK[name], "linewidth": 1.8, "linestyle": (0, (4, 2)),
                      "marker": MARKERS[name],
                      "markersize": 6, "markerfacecolor": "white"}))
    rows.append(("api_open", "main", "API: connections open",
                 {"color": BLACK, "linewidth": 1, "linestyle": ":", "marker": MARKERS["api"],
                  "markersize": 4.5}))
    for name in LOWER:
        rows.append((f"kernel_{name}_deleted", name, f"kernel: {CLASS_NAMES[name]}, deleted but held",
                     {"color": VERMILION, "linewidth": 1.4, "linestyle": "--", "marker": "X", "markersize": 9,
                      "markerfacecolor": CLASSES[name], "markeredgecolor": BLACK}))
    return rows


def drawn_lines(sums):
    """The ledgers that the subject gives; deleted files where there are any."""
    return [row for row in lines()
            if sums.known(row[0]) and (not row[0].endswith("_deleted") or sums.ever(row[0]))]


def draw_band(axes, ticks, values, colour, transform):
    """The level parts of a kernel line, wide: the other ledgers' thin lines are seen upon it."""
    starts = [i for i in range(len(values) - 1) if i == 0 or values[i] != values[i - 1]]
    ends = [*starts[1:], len(values) - 1]
    level = [[(ticks[i], values[i]), (ticks[j], values[i])] for i,
             j in zip(starts, ends) if not np.isnan(values[i])]
    axes.add_collection(LineCollection(level, colors=colour, linewidths=BAND_POINTS, transform=transform,
                                       capstyle="butt",
                                       path_effects=OUTLINE), autolim=False)


def draw_lines(axes, figure, sums, rows):
    for i, (key, name, label, style) in enumerate(rows):
        ticks, values = held(sums.ticks, sums.columns[key])
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


def heading(run, cell, digest, board, title):
    mechanisms = ", ".join(cell.mechanisms) or "no mechanism named"
    first = title or f"{run.title}: the ledgers of {cell.name}\n{cell.finding}; {mechanisms}"
    notes = [", ".join(cell.parts())] if cell.differs else []
    state = "" if digest.ended else " The cell was interrupted."
    of = f"Board {board}" if board else "All boards together"
    notes.append(f"{of}.{state} The lines of -wal and -shm are drawn a little lower, so that equal ones stay visible.")
    return first, notes


def explanations(cell, digest):
    """The lines below: the letters, what the mechanisms were told from, ledgers that are missing."""
    below = [f"{letter}  {mark.text}" for letter, mark in zip("ABCDEFGH", digest.partings.marks)]
    for name in cell.mechanisms:
        evidence = cell.evidence.get(name, "")
        cut = evidence if len(evidence) <= LONGEST_EVIDENCE else evidence[:LONGEST_EVIDENCE].rsplit(" ", 1)[0] + " ..."
        below.append(f"Mechanism: {name}{f' ({cut})' if cut else ''}")
    who = "A watched process" if cell.watched else "The subject"
    missing = [name for name, key in (("API", "api_open"), ("VFS", "vfs_main")) if not digest.sums.known(key)]
    return below + [f"{who} gives no {name} ledger." for name in missing]


def figure(run, title=None, cell=None, board=None):
    chosen = run.cell(cell) if cell else run.worst()
    digest = run.digest(chosen, board)
    if digest is None or not len(digest.sums):
        raise RunError(f"{run.folder}: cell {chosen.name} has no samples, so there are no ledgers to draw", 4)
    sums = digest.sums
    sums.thin(POINTS)
    rows = drawn_lines(sums)
    if not rows:
        raise RunError(f"{run.folder}: cell {chosen.name} has no ledger of {board or 'any board'}", 4)
    band = {"linewidth": BAND_POINTS, "solid_capstyle": "butt", "path_effects": OUTLINE}
    legend = [Line2D([], [], label=label, **{**style, **({} if "linestyle" in style else band)})
              for _, _, label, style in rows]
    legend += [*missing_legend([digest], [row[0] for row in rows]), *fault_legend([digest])]
    first, notes = heading(run, chosen, digest, board, title)
    made = page(4.5, first, notes, legend, explanations(chosen, digest))
    axes = made.subplots()
    draw_lines(axes, made, sums, rows)
    draw_faults(axes, digest)
    draw_missing(axes, digest, *held(sums.ticks, sums.columns[rows[0][0]]))
    start, end = sums.ticks[0], digest.end
    draw_marks(axes, digest.partings.marks, end - start)
    axes.set_xlim(start, end)
    top = max(1.0, max(sums.greatest(key) for key, *_ in rows))
    # Room below zero for the lowered lines, in data units of the axis' height of about four inches.
    axes.set_ylim(-0.11 * top, top * 1.1)
    time_axis(axes, [chosen], end, 12)
    axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel(time_label([chosen], WIDTH_IN))
    kernel_alone = all(key.startswith("kernel") for key, *_ in rows)
    axes.set_ylabel("descriptors (count)" if kernel_alone else "connections, open files, descriptors (count)")
    return made


def parser():
    made = plot_parser(__doc__)
    made.add_argument("--cell", metavar="CELL", help="default: the first cell with the worst finding")
    made.add_argument("--board", metavar="BOARD", help="one board; default: the sum over all")
    return made


if __name__ == "__main__":
    sys.exit(main(parser(), figure, "cell", "board"))
