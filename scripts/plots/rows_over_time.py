#!/usr/bin/env python3
"""When did acknowledged rows go missing, and for whom?

One panel a cell, all on the same axes: over ticks, rows whose COMMIT had returned, and how many of them the
dispatcher's own connection sees (inside) and a byte copy of the files at the board's path shows (outside), summed
over the boards. Where a look was not possible its line has a gap, with a mark at the foot. Drawn of cells with the
setting rows_every, which looks in mid-cell. Shaded: faults.
"""

import sys

from common import main, plot_parser
from errors import RunError
from over_time import Multiples, fault_legend, held, marked, readable_cells, say
from palette import BLACK, GREY, ROWS

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

LOOKS = ("inside", "outside")
COULD_NOT = {"inside": "x", "outside": "+"}


def looked(digest):
    """Whether there is anything to be seen: a look, and a row to look for."""
    return digest is not None and digest.seen.ever("acknowledged")


def tells(run):
    return any(looked(digest) for digest in run.digests(run.cells)[0])


def style(look):
    colour, marker = ROWS[look]
    return {"color": colour, "marker": marker, "markersize": 6, "markeredgecolor": BLACK, "markeredgewidth": 0.6,
            "linewidth": 1.6}


def draw_panel(axes, digest, points):
    if not looked(digest):
        say(axes, "rows: looked at when the cell was over, not before" if digest else "no stream")
        return
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


def legend_for(digests):
    drawn = [digest for digest in digests if looked(digest)]
    handles = [Line2D([], [], color=GREY, linewidth=4, alpha=0.6, label="acknowledged"),
               *(Line2D([], [], label=f"seen from {look}", **style(look)) for look in LOOKS)]
    handles += [Line2D([], [], color=ROWS[look][0], marker=COULD_NOT[look], linestyle="", markeredgewidth=1.6,
                       label=f"{look}: could not look")
                for look in LOOKS
                if any(value != value for digest in drawn for value in digest.seen.columns[look])]
    return [*handles, *fault_legend(digests)]


def figure(run, title=None):
    cells, digests, notes = readable_cells(run)
    if not any(looked(digest) for digest in digests):
        raise RunError(f"{run.folder}: no cell was looked at before its end; set rows_every, and see rows.py for the end", 4)
    made = Multiples(cells, digests, title or f"{run.title}: acknowledged rows over time", notes, legend_for(digests),
                     "rows")
    for axes, digest in zip(made.panels, digests):
        draw_panel(axes, digest, made.points)
    first = made.panels[0]
    most = max(digest.seen.greatest("acknowledged") for digest in digests if looked(digest))
    first.set_ylim(0, most * 1.1)
    first.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    return made.figure


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
