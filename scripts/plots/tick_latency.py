#!/usr/bin/env python3
"""How long do ticks take, how late do they begin, how long is the event loop kept from its timers?

For each cell the share of ticks that came to no more than a time (ECDF): the duration of all steps of a
tick, waiting for threads included (in lockstep of the dispatch pass alone), and for free-running cells how
late ticks began and the lag of the event loop. A tick that took longer than its slot, or began later than a
tenth of it after it was due, is late: crosses mark those, and the legend counts them.
"""

import sys

import distribution
from common import main, page, plot_parser
from errors import RunError
from palette import BLACK, VERMILION

import numpy as np
from matplotlib.lines import Line2D

LATE_SHARE, CROSSES = 0.1, 12


def slot_us(cell):
    """Real time between two ticks; None in lockstep, where the conductor waits for each."""
    interval = cell.settings.get("tick_interval_s")
    free = cell.settings.get("mode") == "free"
    return 1e6 * interval / (cell.settings.get("time_scale") or 1) if free and interval else None


def durations(digest):
    """The histogram of whole ticks, or of dispatch passes where nothing else is told."""
    return digest.histograms.get("tick") or digest.histograms.get("dispatch") if digest else None


def tells(run):
    return any(durations(digest) for digest in run.digests(run.cells)[0])


def label(text, cell, digest):
    late, slot = digest.histograms.get("late"), slot_us(cell)
    if not late or not slot:
        return f"{text}: {durations(digest).count} passes"
    return (f"{text}: {late.count} ticks, {durations(digest).above(slot)} longer than the slot, "
            f"{late.above(LATE_SHARE * slot)} late, {digest.missed} missed")


def draw_late(axes, histogram, limit):
    """A dozen crosses on the part of a curve beyond `limit`, the last one at its end."""
    values, shares = histogram.shares()
    beyond = [(value, 100 * share) for value, share in zip(values, shares) if value > limit]
    if beyond:
        chosen = beyond[::-max(1, len(beyond) // CROSSES)]
        axes.plot(*np.array(chosen).T, "x", color=BLACK, markersize=6, gid="late", zorder=4)


def figure(run, title=None):
    cells, notes = run.telling(distribution.MOST_CELLS)
    digests, more = run.digests(cells)
    told = [(cell, digest) for cell, digest in zip(cells, digests) if durations(digest)]
    if not told:
        raise RunError(f"{run.folder}: no cell tells how long its ticks took", 4)
    cells = [cell for cell, _ in told]
    looks = distribution.styles(cells)
    labels = [label(text, *one) for text, one in zip(distribution.names(cells), told)]
    legend = distribution.handles(looks, labels)
    slots = {slot_us(cell) for cell in cells} - {None}
    if slots:
        legend.append(Line2D([], [], color=VERMILION, linestyle="--", label="the slot; a tenth of it"))
        legend.append(Line2D([], [], color=BLACK, marker="x", linestyle="", markersize=6, label="late tick"))
    made = page(3.9, title or f"{run.title}: how long ticks take", [*notes, *more], legend)
    # What is told: its histogram, and beyond which part of the slot a tick is late.
    asked = [("tick", 1), *((name, part) for name, part in (("late", LATE_SHARE), ("lag", None))
                            if any(name in digest.histograms for _, digest in told))]
    panels = made.subplots(1, len(asked), sharey=True, squeeze=False)[0]
    for axes, (name, part) in zip(panels, asked):
        for i, ((cell, digest), look) in enumerate(zip(told, looks)):
            histogram = durations(digest) if name == "tick" else digest.histograms.get(name)
            if histogram:
                distribution.draw(axes, histogram, look, i, len(told), f"{cell.name} {name}")
                if part and slot_us(cell):
                    draw_late(axes, histogram, part * slot_us(cell))
        distribution.dress(axes, {"tick": f"duration of {what(told)}", "late": "how late a tick began",
                                  "lag": "lag of the event loop"}[name])
        for slot in slots if part else ():
            axes.axvline(part * slot, color=VERMILION, linestyle="--", linewidth=1.2, gid="slot")
    panels[0].set_ylabel("share of ticks (%)")
    return made


def what(told):
    kinds = {bool(digest.histograms.get("tick")) for _, digest in told}
    return "a tick or pass" if len(kinds) > 1 else "a whole tick" if kinds == {True} else "a dispatch pass"


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
