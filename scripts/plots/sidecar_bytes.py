#!/usr/bin/env python3
"""How large are the -wal and -shm of each board, and does a -wal grow past what a checkpoint is due at?

One panel a cell, all on the same axes: bytes of -wal (solid, a marker a board) and -shm (dotted) over
ticks, where the files are there and not empty; of many boards those whose -wal came to most. The dashed
line is the size at which a checkpoint is due (wal_autocheckpoint pages of 4096 bytes and their frame
headers). The scale is logarithmic where the sizes span more than a factor of 30. Shaded: faults.
"""

import sys

from common import main, plot_parser
from errors import RunError
from over_time import Multiples, draw_missing, fault_legend, held, marked, missing_legend, readable_cells, say
from palette import BLACK, CLASSES, DARK, LINE_MARKERS, VERMILION

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

MOST_BOARDS = len(LINE_MARKERS)
PAGE_BYTES, FRAME_HEADER_BYTES, WAL_HEADER_BYTES = 4096, 24, 32


def due_bytes(cell):
    """The size of a -wal at which SQLite checkpoints; None where it never does or nobody knows."""
    pages = cell.settings.get("wal_autocheckpoint")
    return WAL_HEADER_BYTES + pages * (PAGE_BYTES + FRAME_HEADER_BYTES) if pages else None


def tells(run):
    return any(digest and largest(digest)[1] for digest in run.digests(run.cells)[0])


def largest(digest):
    """The boards that are drawn, by the size that their -wal came to, in the stream's order; and how many there are."""
    names = [key.rpartition("/")[0] for key in digest.sidecars.columns if key.endswith("/wal_bytes")]
    there = [name for name in names if any(digest.sidecars.ever(f"{name}/{key}") for key in ("wal_bytes", "shm_bytes"))]
    ranked = sorted(there, key=lambda name: -np.nan_to_num(digest.sidecars.greatest(f"{name}/wal_bytes")))[:MOST_BOARDS]
    return [name for name in there if name in ranked], len(there)


def draw_panel(axes, digest, points):
    """Draws the sidecars of a cell and returns the sizes that are drawn."""
    if digest is None or not len(digest.sidecars):
        say(axes, "no samples")
        return []
    digest.sidecars.thin(points)
    boards, _ = largest(digest)
    sizes = []
    for number, board in enumerate(boards):
        for name in ("shm", "wal"):
            ticks, values = held(digest.sidecars.ticks, digest.sidecars.columns[f"{board}/{name}_bytes"])
            values[values == 0] = np.nan
            if np.isnan(values).all():
                continue
            style = {"color": CLASSES["wal"], "linewidth": 1.6} if name == "wal" else \
                {"color": DARK["shm"], "linewidth": 1.2, "linestyle": ":"}
            if name == "wal":
                style.update(marker=LINE_MARKERS[number], markersize=5, markeredgecolor=BLACK, markeredgewidth=0.6,
                             markevery=marked(values, number, len(boards)))
            axes.step(ticks, values, where="post", gid=f"{board} {name}", **style)
            sizes += [np.nanmin(values), np.nanmax(values)]
    if not sizes:
        say(axes, "no sidecar at any sample")
    # A -wal that is not there is no missing datum.
    draw_missing(axes, digest, ticks := np.append(digest.sidecars.ticks, digest.end), np.zeros(len(ticks)))
    return sizes


def size(value, _=None):
    for factor, unit in ((2 ** 30, "GiB"), (2 ** 20, "MiB"), (2 ** 10, "KiB")):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value:.0f} B"


def legend_for(digests, with_due):
    most = max((len(largest(digest)[0]) for digest in digests if digest and len(digest.sidecars)), default=0)
    of = {}
    for digest in digests:
        for number, board in enumerate(largest(digest)[0] if digest and len(digest.sidecars) else []):
            of.setdefault(number, set()).add(board)
    handles = []
    for number in range(most):
        names = of[number]
        handles.append(Line2D([], [], color=CLASSES["wal"], linewidth=1.6, marker=LINE_MARKERS[number], markersize=5,
                              markeredgecolor=BLACK, markeredgewidth=0.6,
                              label=f"-wal of {names.pop() if len(names) == 1 else f'drawn board {number + 1}'}"))
    handles.append(Line2D([], [], color=DARK["shm"], linewidth=1.2, linestyle=":", label="-shm"))
    if with_due:
        handles.append(Line2D([], [], color=VERMILION, linestyle="--", label="checkpoint due"))
    return [*handles, *missing_legend(digests), *fault_legend(digests)]


def notes_for(cells, digests):
    counts = {largest(digest)[1] for digest in digests if digest and len(digest.sidecars)}
    notes = [f"{MOST_BOARDS} of {count} boards, the largest -wal files" for count in counts if count > MOST_BOARDS]
    pages = sorted({cell.settings["wal_autocheckpoint"] for cell in cells if cell.settings.get("wal_autocheckpoint")})
    if pages:
        of = {cell.settings["wal_autocheckpoint"]: due_bytes(cell) for cell in cells if due_bytes(cell)}
        notes.append("Checkpoint due: " + ", ".join(f"{count} pages, {size(of[count])}" for count in pages) + ".")
    return notes


def figure(run, title=None):
    cells, digests, notes = readable_cells(run)
    drawn = [(cell, digest) for cell, digest in zip(cells, digests) if digest and len(digest.sidecars)]
    if not any(largest(digest)[1] for _, digest in drawn):
        raise RunError(f"{run.folder}: no sample has a -wal or -shm, so there are no sizes to draw", 4)
    greatest = max(np.nan_to_num(digest.sidecars.greatest(f"{board}/wal_bytes"))
                   for _, digest in drawn for board in largest(digest)[0])
    # Far below it, the line would only press the sizes down.
    due = max((due for cell in cells if (due := due_bytes(cell)) and due <= 100 * greatest), default=None)
    made = Multiples(cells, digests, title or f"{run.title}: size of the sidecars",
                     [*notes, *notes_for(cells, digests)], legend_for(digests, due), "size (bytes)")
    sizes = []
    for axes, cell, digest in zip(made.panels, cells, digests):
        sizes += draw_panel(axes, digest, made.points)
        if due_bytes(cell) and due:
            axes.axhline(due_bytes(cell), color=VERMILION, linestyle="--", linewidth=1.2, zorder=1.5, gid="due")
    first, sizes = made.panels[0], sizes + ([due] if due else [])
    if max(sizes) > 30 * min(sizes):
        first.set_yscale("log", base=2)
        first.set_ylim(min(sizes) / 2, max(sizes) * 3)
        first.yaxis.set_major_locator(LogLocator(base=4, numticks=7))
    else:
        first.set_ylim(0, max(sizes) * 1.15)
        first.yaxis.set_major_locator(MaxNLocator(5))
    first.yaxis.set_minor_locator(NullLocator())
    first.yaxis.set_major_formatter(FuncFormatter(size))
    return made.figure


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
