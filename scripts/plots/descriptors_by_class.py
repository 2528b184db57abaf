#!/usr/bin/env python3
"""Which descriptors does the subject hold, tick by tick, and do they pile up?

One panel a cell, all on the same axes: the kernel's count of descriptors on the boards' files, summed over
boards and stacked by class (main file, -wal, -shm). Hatched: the file is deleted, the descriptor still held.
Of more than 24 cells those with the worst findings are drawn, and the picture says so.
"""

import math
import sys

from common import SMALL, TEXT_LINE_IN, TICK_LABEL, WIDTH_IN
from common import keep, main, page, plot_parser, rug, width_in, wrap
from palette import BLACK, CLASS_NAMES, CLASSES, DELETED_HATCH, GREY, finding_colour
from recorded import RunError

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

MOST_CELLS = 24
KEYS = [f"kernel_{name}{suffix}" for name in CLASSES for suffix in ("", "_deleted")]


def columns_for(count):
    """Three or four columns, whichever leaves fewer panels blank; fewer for up to four cells."""
    if count <= 4:
        return {4: 2}.get(count, count)
    return min((4, 3), key=lambda columns: (-count % columns, -columns if count > 9 else columns))


def layers(stream):
    """For the samples worth drawing: ticks, and for each class the living and the deleted descriptors.

    A sample holds until the next one; the last one is drawn as one tick wide.
    """
    totals = {key: np.array(values) for key, values in stream.totals.items()}
    everything = sum(totals[f"kernel_{name}"] for name in CLASSES)
    deleted = {name: np.nan_to_num(totals[f"kernel_{name}_deleted"]) for name in CLASSES}
    chosen = keep([everything, sum(deleted.values())])
    ticks = np.array(stream.ticks)[chosen]
    stack = []
    for name in CLASSES:
        gone = deleted[name][chosen]
        stack += [(name, False, totals[f"kernel_{name}"][chosen] - gone), (name, True, gone)]
    ticks = np.append(ticks, ticks[-1] + 1)
    return ticks, [(name, gone, np.append(values, values[-1])) for name, gone, values in stack]


def draw_panel(axes, stream):
    """Draws the stack of a cell and returns its highest point."""
    if stream is None or not stream.ticks:
        axes.text(0.5, 0.5, "no samples", ha="center", va="center", transform=axes.transAxes, color=GREY)
        return 0
    ticks, stack = layers(stream)
    bottom = np.zeros(len(ticks))
    first = None
    for name, gone, values in stack:
        top = bottom + values
        if np.nanmax(values, initial=0) > 0:
            style = {"hatch": DELETED_HATCH} if gone else {}
            axes.fill_between(ticks, bottom, top, step="post", facecolor=CLASSES[name], edgecolor=BLACK,
                              linewidth=0.4, gid=f"{name}{' deleted' if gone else ''}", **style)
            if gone:
                start = float(ticks[np.argmax(values > 0)])
                first = start if first is None else min(first, start)
        bottom = top
    axes.step(ticks, bottom, where="post", color=BLACK, linewidth=1, gid="all")
    peak = np.nanmax(bottom, initial=0)
    if peak == 0:
        axes.text(0.5, 0.5, "none held at any sample", ha="center", va="center", transform=axes.transAxes,
                  color=GREY)
    if first is not None:
        axes.plot([first], [-0.02], "^", color=BLACK, markersize=7, clip_on=False, gid="first deleted",
                  transform=axes.get_xaxis_transform())
    if stream.kills:
        rug(axes, stream.kills)
    return peak


def label_low_panels(panels, peaks):
    """On shared axes a small stack beside a great one is a mere line: its peak is written upon it."""
    for axes, peak in zip(panels, peaks):
        if 0 < peak < 0.15 * max(peaks):
            axes.annotate(f"peak {peak:.0f}", (0.5, peak), xycoords=axes.get_yaxis_transform(), xytext=(0, 4),
                          textcoords="offset points", ha="center", size=SMALL)


def title_panel(axes, cell, stream, panel_in):
    """Cell and finding on a chip of the finding's colour, below it the values in which the cell differs."""
    lines = wrap(cell.parts(), panel_in)
    axes.set_title("\n".join(lines), loc="left", pad=5)
    state = "" if stream is None or stream.ended else ", interrupted"
    axes.annotate(f"{cell.name}: {cell.finding}{state}", (0, 1), xycoords="axes fraction",
                  textcoords="offset points",
                  xytext=(2, 10 + 10.8 * len(lines)), size=SMALL, weight="bold", annotation_clip=False,
                  bbox={"boxstyle": "square,pad=0.15", "facecolor": finding_colour(cell.finding),
                        "linewidth": 0})
    return len(lines)


def legend_for(streams):
    handles = []
    for name, colour in CLASSES.items():
        handles.append(Patch(facecolor=colour, edgecolor=BLACK, linewidth=0.4, label=CLASS_NAMES[name]))
    drawn = [stream for stream in streams if stream]
    for name, colour in CLASSES.items():
        if any(stream.ever(f"kernel_{name}_deleted") for stream in drawn):
            handles.append(Patch(facecolor=colour, edgecolor=BLACK, linewidth=0.4, hatch=DELETED_HATCH,
                                 label=f"{CLASS_NAMES[name]}, deleted but held"))
    if len(handles) > len(CLASSES):
        handles.append(Line2D([], [], marker="^", color=BLACK, linestyle="", markersize=7,
                              label="first deleted one"))
    if any(stream.kills for stream in drawn):
        handles.append(Line2D([], [], marker="|", color=GREY, linestyle="", markersize=8,
                              label="worker killed"))
    return handles


def figure(run, title=None):
    cells, notes = run.telling(MOST_CELLS)
    streams = [run.stream(cell, KEYS) for cell in cells]
    if not any(stream and stream.ticks for stream in streams):
        raise RunError(f"{run.folder}: no cell has samples, so there are no descriptors to draw", 4)
    columns = columns_for(len(cells))
    rows = math.ceil(len(cells) / columns)
    panel_in = (WIDTH_IN - 1.0) / columns - 0.25
    most_lines = max(len(wrap(cell.parts(), panel_in)) for cell in cells)
    plot_in = {1: 3.6, 2: 2.6}.get(columns, 1.45)
    body_in = rows * (plot_in + 0.5 + TEXT_LINE_IN * (most_lines + 1)) + 0.4
    page_figure = page(body_in, title or f"{run.title}: descriptors on the boards' files", notes,
                       legend_for(streams))
    grid = page_figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    peaks = []
    for i, axes in enumerate(grid.flat):
        if i >= len(cells):
            axes.remove()
            continue
        peaks.append(draw_panel(axes, streams[i]))
        title_panel(axes, cells[i], streams[i], panel_in)
        if i % columns == 0:
            axes.set_ylabel("descriptors (count)")
        if i + columns >= len(cells):
            axes.set_xlabel(TICK_LABEL if width_in(TICK_LABEL) < panel_in else "tick")
            axes.tick_params(labelbottom=True)
    label_low_panels(grid.flat, peaks)
    first = grid[0][0]
    first.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    first.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    first.set_ylim(0, max(1.0, first.get_ylim()[1]))
    first.margins(x=0)
    return page_figure


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
