"""What pictures over time share: small multiples with a chip for the finding, the time axis, faults, what
is missing.

Faults are shaded bands over everything; where a value is not known the panel is hatched. The time that a
tick means in the field stands below the ticks where all cells have one interval.
"""

import math

from common import SMALL, TEXT_LINE_IN, WIDTH_IN, page, width_in, wrap
from palette import FAULT_COLOUR, FAULT_EDGE, FAULT_HATCHES, GREY, MISSING_COLOUR, MISSING_EDGE
from palette import NOT_KNOWN_HATCH, finding_colour

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

MOST_CELLS = 24
MOST_APART = 4  # cells share their time up to this ratio of their lengths
POINTS = {1: 600, 2: 500, 3: 300, 4: 200}  # rows that are drawn of a cell, by columns of panels
UNITS = ((3 * 86400, 86400, "d"), (5 * 3600, 3600, "h"), (300, 60, "min"), (0, 1, "s"))


def columns_for(count):
    """Three or four columns, whichever leaves fewer panels blank; fewer for up to four cells."""
    if count <= 4:
        return {4: 2}.get(count, count)
    return min((4, 3), key=lambda columns: (-count % columns, -columns if count > 9 else columns))


def duration(seconds, of=None):
    """A time in the unit that suits `of` seconds, or the time itself."""
    unit_s, unit = next((s, name) for least, s, name in UNITS if (seconds if of is None else of) >= least)
    return f"{seconds / unit_s:.3g} {unit}"


def interval_of(cells):
    """The field's seconds from tick to tick, if all cells agree."""
    intervals = {cell.interval_s for cell in cells}
    return intervals.pop() if len(intervals) == 1 else None


def time_label(cells, room_in):
    """The axis's label: as much of it as there is room for."""
    of = interval_of(cells)
    if cells[0].watched:
        texts = ["sample, and the time since the first one", "sample, time"] if of else ["sample"]
    elif of:
        texts = [f"tick (dispatcher pass), and the field's time at {of:g} s a tick",
                 f"tick; time at {of:g} s a tick", "tick; time"]
    else:
        texts = ["tick (dispatcher pass; -1: before the first)", "tick"]
    return next((text for text in texts if width_in(text) < room_in), texts[-1])


def time_axis(axes, cells, end, bins=6):
    """Whole ticks, and below each its time in the field."""
    of = interval_of(cells)

    def label(tick, _):
        return f"{tick:.0f}" if not of or tick < 0 else f"{tick:.0f}\n{duration(tick * of, end * of) if tick else 0}"

    axes.xaxis.set_major_locator(MaxNLocator(bins, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(label))


def held(ticks, values):
    """Ticks and values for a step line: a sample holds until the next; the last one is drawn as one tick wide."""
    ticks, values = np.asarray(ticks), np.asarray(values)
    return np.append(ticks, ticks[-1] + 1), np.append(values, values[-1])


def marked(values, i, count):
    """The points of line `i` of `count` that get its marker: lines take turns, so that none hides another.

    A line that begins later has one at its first point.
    """
    there = [int(index) for index in np.flatnonzero(~np.isnan(values[:-1]))]
    every = max(count, len(there) // 10)
    chosen = there[i * every // count::every]
    return sorted({*chosen, there[0]}) if not chosen or there[0] > 0 else chosen


def shade(axes, start, end, colour, edge, hatch, zorder, gid, linewidth=0):
    """A translucent band and its hatch, apart: an SVG's hatch would take the fill's opacity."""
    axes.axvspan(start, end, facecolor=colour, linewidth=0, zorder=zorder)
    axes.axvspan(start, end, facecolor="none", edgecolor=edge, hatch=hatch, linewidth=linewidth, zorder=zorder, gid=gid)


def draw_faults(axes, digest):
    """A band from the beginning to the end of each fault; one that is over at once is a line at its tick."""
    for fault in digest.faults:
        end = fault.begin if fault.instant else digest.end if fault.end is None else fault.end
        shade(axes, fault.begin, end, FAULT_COLOUR, FAULT_EDGE, FAULT_HATCHES.get(fault.kind, "OO"), 2.6, "fault",
              2.2 if fault.instant else 0.8)
    # Short strokes at the upper edge where a worker was killed by chance.
    if digest.kills:
        axes.plot(digest.kills, [0.985] * len(digest.kills), "|", color=GREY, markersize=7, clip_on=False, gid="kills",
                  transform=axes.get_xaxis_transform())


def fault_legend(digests):
    drawn = [digest for digest in digests if digest]
    kinds = dict.fromkeys(fault.kind for digest in drawn for fault in digest.faults)
    handles = [Patch(facecolor="#E8E8E8", edgecolor=FAULT_EDGE, label=f"fault: {kind}",
                     hatch=FAULT_HATCHES.get(kind, "OO"))
               for kind in kinds]
    if any(digest.kills for digest in drawn):
        handles.append(Line2D([], [], marker="|", color=GREY, linestyle="", markersize=8, label="worker killed"))
    return handles


def wide_gaps(digest):
    """Those without a sample that are seen at this scale."""
    return [(start, end) for start, end in digest.gaps if end - start > 0.04 * (digest.end - digest.sums.ticks[0])]


def draw_missing(axes, digest, ticks, values):
    """Hatches where `values` (as held() gives them) are not known, and where no sample was taken."""
    gaps = np.isnan(values[:-1])
    starts = [i for i in range(len(gaps)) if gaps[i] and (i == 0 or not gaps[i - 1])]
    spans = [(ticks[i], ticks[next((j for j in range(i, len(gaps)) if not gaps[j]), len(gaps))]) for i in starts]
    for start, end in [*spans, *wide_gaps(digest)]:
        shade(axes, start, end, MISSING_COLOUR, MISSING_EDGE, NOT_KNOWN_HATCH, 2.2, "not known")


def missing_legend(digests, names=()):
    """In a list; empty where nothing is missing. `names`: the sums that are drawn."""
    drawn = [digest for digest in digests if digest]
    if any(wide_gaps(digest) or any(value != value for name in names for value in digest.sums.columns.get(name, ()))
           for digest in drawn):
        return [Patch(facecolor="white", edgecolor=MISSING_EDGE, hatch=NOT_KNOWN_HATCH,
                      label="not known or not sampled")]
    return []


def say(axes, text):
    """In the upper half of a panel that has nothing to show there."""
    axes.text(0.5, 0.62, text, ha="center", va="center", transform=axes.transAxes, size=SMALL, color="#555555",
              gid="nothing", bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1.5})


def chip_lines(cell, digest, limit_in):
    """Cell and finding in as many lines as a panel needs."""
    state = "" if digest is None or digest.ended else ", interrupted"
    return wrap([f"{cell.name}: {cell.finding}{state}"], limit_in, weight="bold")


def chip(axes, cell, lines, below):
    """The lines on the finding's colour above a panel, under them those `below`."""
    axes.set_title("\n".join(below), loc="left", pad=5)
    axes.annotate("\n".join(lines), (0, 1), xycoords="axes fraction", textcoords="offset points", va="bottom",
                  xytext=(2, 8 + 10.8 * len(below)), size=SMALL, weight="bold", annotation_clip=False, gid="chip",
                  bbox={"boxstyle": "square,pad=0.15", "facecolor": finding_colour(cell.finding), "linewidth": 0})


class Multiples:
    """A page of panels, one a cell. `draw(axes, cell, digest)` draws one; `remarks(cell, digest)` are lines above it.

    Panels share the axes unless `sharey` says otherwise, or some cells are many times as long as others: then each
    has its own time. `end` is where the time ends, if not with the samples.
    """

    def __init__(self, cells, digests, title, notes, legend, ylabel, remarks=lambda cell, digest: (), sharey=True,
                 plot_in=None, below=(), end=None):
        self.cells, self.digests = cells, digests
        columns = columns_for(len(cells))
        rows = math.ceil(len(cells) / columns)
        panel_in = (WIDTH_IN - 1.0) / columns - (0.25 if sharey else 0.6)
        lines = [[*wrap(cell.parts(), panel_in), *(line for text in remarks(cell, digest)
                                                   for line in wrap(text.split(" "), panel_in, gap=" "))]
                 for cell, digest in zip(cells, digests)]
        chips = [chip_lines(cell, digest, panel_in) for cell, digest in zip(cells, digests)]
        most = max(len(above) + len(below) for above, below in zip(chips, lines))
        plot_in = plot_in or {1: 3.6, 2: 2.6}.get(columns, 1.45)
        ends = [digest.end for digest in digests if digest and len(digest.sums)]
        together = max(ends, default=1) <= MOST_APART * max(1, min(ends, default=1))
        body_in = rows * (plot_in + (0.65 if together else 0.95) + TEXT_LINE_IN * most) + 0.4
        self.figure = page(body_in, title, notes, legend, below)
        grid = self.figure.subplots(rows, columns, sharex=together, sharey=sharey, squeeze=False)
        self.panels = list(grid.flat)[:len(cells)]
        for axes in list(grid.flat)[len(cells):]:
            axes.remove()
        self.points = POINTS[columns]
        for i, axes in enumerate(self.panels):
            chip(axes, cells[i], chips[i], lines[i])
            if digests[i]:
                draw_faults(axes, digests[i])
            if i % columns == 0 or not sharey:
                axes.set_ylabel(ylabel)
            if i + columns >= len(cells):
                axes.set_xlabel(time_label(cells, panel_in))
                axes.tick_params(labelbottom=True)
        bins = 6 if columns < 3 else 4 if sharey else 3
        if together:
            self._time(self.panels[0], cells, digests, end or max(ends, default=1), bins)
        else:
            for axes, cell, digest in zip(self.panels, cells, digests):
                self._time(axes, [cell], [digest], digest.end if digest else 1, bins)

    @staticmethod
    def _time(axes, cells, digests, end, bins):
        time_axis(axes, cells, end, bins)
        starts = [digest.sums.ticks[0] for digest in digests if digest and len(digest.sums)]
        axes.set_xlim(min(starts, default=0), end)


def readable_cells(run):
    """The cells that are drawn, their digests, and notes on what is left out."""
    cells, notes = run.telling(MOST_CELLS)
    digests, more = run.digests(cells)
    return cells, digests, [*notes, *more]
