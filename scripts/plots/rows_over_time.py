#!/usr/bin/env python3
"""When did acknowledged rows go missing, and for whom?

One panel a cell, all on the same axes: over ticks, rows whose COMMIT had returned, and how many of them the
dispatcher's own connection sees (inside) and a byte copy of the files at the board's path shows (outside), summed
over the boards. Where a look was not possible its line has a gap, with a mark at the foot. At the right edge stands
what the final copy has, when all have ended. Drawn of cells with the setting rows_every, which looks in mid-cell.
Shaded: faults.
"""

import sys

from common import main, plot_parser
from errors import RunError
from over_time import MOST_CELLS, Multiples, fault_legend, held, marked
from palette import BLACK, GREY, ROWS, VERMILION

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

LOOKS = ("inside", "outside")
COULD_NOT = {"inside": "x", "outside": "+"}
UNREADABLE = (VERMILION, "X")
END = {"markersize": 9, "markeredgecolor": "white", "markeredgewidth": 0.8}


def looked(digest):
    return digest is not None and len(digest.seen) > 0


def chosen(run):
    """The cells that were looked at in mid-cell, their digests, and notes on what is left out."""
    digests, notes = run.digests(run.cells)
    there = [cell for cell, digest in zip(run.cells, digests) if looked(digest)]
    cells, more = run.telling(MOST_CELLS, there)
    if 0 < len(there) < len(run.cells):
        more = [*more, f"{len(there)} of {len(run.cells)} cells were looked at in mid-cell, the others are not drawn."]
    return cells, [run.digest(cell) for cell in cells], [*notes, *more]


def tells(run):
    """Whether some cell was looked at, and had a row to look for."""
    return any(digest.seen.ever("acknowledged") for digest in chosen(run)[1])


def style(look):
    colour, marker = ROWS[look]
    return {"color": colour, "marker": marker, "markersize": 6, "markeredgecolor": BLACK, "markeredgewidth": 0.6,
            "linewidth": 1.6}


def final_copy(cell):
    """How many acknowledged rows the final copy has: NaN where it cannot be read, None where nobody looked."""
    acknowledged, lost, taken = (cell.metrics.get(key) for key in ("acknowledged", "lost_commits", "lost_by_fault"))
    if acknowledged is None:
        return None
    if lost is None or taken is None:
        return np.nan if cell.metrics.get("integrity_failed") else None
    return acknowledged - lost - taken


def draw_panel(axes, cell, digest, points):
    digest.seen.thin(points)
    ticks, acknowledged = held(digest.seen.ticks, digest.seen.columns["acknowledged"])
    axes.step(ticks, acknowledged, where="post", color=GREY, linewidth=4, alpha=0.6, gid="acknowledged")
    for i, look in enumerate(LOOKS):
        ticks, values = held(digest.seen.ticks, digest.seen.columns[look])
        if not np.isnan(values).all():
            axes.step(ticks, values, where="post", gid=look, markevery=marked(values, i, len(LOOKS)), **style(look))
        blind = [tick for tick, value in zip(ticks[:-1], values[:-1]) if value != value]
        if blind:
            axes.plot(blind, [0] * len(blind), linestyle="", marker=COULD_NOT[look], color=ROWS[look][0], markersize=6,
                      markeredgewidth=1.6, clip_on=False, zorder=3, gid=f"{look} not known")
    left = final_copy(cell)
    if left is not None:
        colour, marker = ROWS["final copy"] if left == left else UNREADABLE
        axes.plot([digest.end], [left if left == left else 0], linestyle="", marker=marker, color=colour, clip_on=False,
                  zorder=4, gid="final copy" if left == left else "final copy not known", **END)


def mark(label, colour, marker, **more):
    return Line2D([], [], color=colour, marker=marker, linestyle="", label=label, **more)


def legend_for(cells, digests):
    handles = [Line2D([], [], color=GREY, linewidth=4, alpha=0.6, label="acknowledged"),
               *(Line2D([], [], label=f"seen from {look}", **style(look)) for look in LOOKS)]
    handles += [mark(f"{look}: could not look", ROWS[look][0], COULD_NOT[look], markeredgewidth=1.6)
                for look in LOOKS
                if any(value != value for digest in digests for value in digest.seen.columns[look])]
    finals = [left for left in map(final_copy, cells) if left is not None]
    if any(left == left for left in finals):
        handles.append(mark("in the final copy", *ROWS["final copy"], **END))
    if any(left != left for left in finals):
        handles.append(mark("final copy: not sound", *UNREADABLE, **END))
    return [*handles, *fault_legend(digests)]


def figure(run, title=None):
    cells, digests, notes = chosen(run)
    if not cells:
        raise RunError(f"{run.folder}: no cell was looked at before its end; set rows_every, and see rows.py for the end", 4)
    made = Multiples(cells, digests, title or f"{run.title}: acknowledged rows over time", notes,
                     legend_for(cells, digests), "rows")
    for axes, cell, digest in zip(made.panels, cells, digests):
        draw_panel(axes, cell, digest, made.points)
    first = made.panels[0]
    counts = [digest.seen.greatest("acknowledged") for digest in digests] + [final_copy(cell) or 0 for cell in cells]
    first.set_ylim(0, 1.1 * max(1, np.nanmax(counts)))
    first.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    return made.figure


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
