#!/usr/bin/env python3
"""Which descriptors does the subject hold, tick by tick, and do they pile up?

One panel a cell, all on the same axes: the kernel's count of the subject's descriptors, stacked by class
(all others, main file, -wal, -shm and so on, summed over boards). Hatched: the file is deleted, or another
one stands at its path, and the descriptor is still held. Where a leak is established, each panel says when
it comes to the soft limit; the limit itself is drawn where the stack comes near it. Shaded: faults.
Crossed: not known. Of more than 24 cells those with the worst findings are drawn, and the picture says so.
"""

import sys

import limits
from common import SMALL, main, plot_parser
from errors import RunError
from over_time import Multiples, draw_missing, fault_legend, held, missing_legend, readable_cells, say
from palette import BLACK, CLASS_HATCHES, CLASS_NAMES, CLASSES, DELETED_HATCH, REPLACED_HATCH

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

HATCHES = {"": "", " deleted": DELETED_HATCH, " replaced": REPLACED_HATCH}
HOW = {"": "", " deleted": ", deleted but held", " replaced": ", held but replaced at its path"}
BOARDS = ("main", "wal", "shm", "journal")


def tells(run):
    return any(digest and len(digest.sums) for digest in run.digests(run.cells)[0])


def other(sums):
    """Descriptors of the subject that are on no board; NaN where not known."""
    boards = sum(np.array(sums.columns[f"kernel_{name}"]) for name in BOARDS)
    return np.array(sums.columns["descriptors"]) - boards


def layers(sums, with_other):
    """From the bottom: class, state and values of each layer."""
    columns = {key: np.array(values) for key, values in sums.columns.items()}
    rows = [("other", "", other(sums))] if with_other else []
    for name in BOARDS:
        parts = {" deleted": columns.get(f"kernel_{name}_deleted")}
        if name == "main":
            parts[" replaced"] = columns["kernel_main_replaced"]
            guards = columns["guards"]
        parts = {state: np.nan_to_num(values) for state, values in parts.items() if values is not None}
        own = columns[f"kernel_{name}"] - sum(parts.values())
        if name == "main":
            # A guard holds the live file.
            guards = np.minimum(np.nan_to_num(guards), np.nan_to_num(own))
            rows.append((name, "", own - guards))
            rows.append(("guard", "", guards))
        else:
            rows.append((name, "", own))
        rows += [(name, state, values) for state, values in parts.items()]
    return rows


def draw_panel(axes, digest, with_other, points):
    """Draws the stack of a cell and returns its highest point."""
    if digest is None or not len(digest.sums):
        say(axes, "no samples")
        return 0
    sums = digest.sums
    sums.thin(points)
    bottom = np.zeros(len(sums) + 1)
    board_files, first = False, None
    for name, state, values in layers(sums, with_other):
        ticks, values = held(sums.ticks, values)
        top = bottom + values
        if np.nanmax(values, initial=0) > 0:
            axes.fill_between(ticks, bottom, top, step="post", facecolor=CLASSES[name], edgecolor=BLACK, linewidth=0.4,
                              hatch=HATCHES[state] or CLASS_HATCHES.get(name), gid=name + state)
            board_files = board_files or name != "other"
            if state == " deleted":
                start = float(ticks[np.argmax(values > 0)])
                first = start if first is None else min(first, start)
        bottom = top
    axes.step(ticks, bottom, where="post", color=BLACK, linewidth=1, gid="all")
    draw_missing(axes, digest, ticks, bottom)
    if not board_files:
        say(axes, "none on a board's files" if sums.known("kernel_main") else "not known at any sample")
    if first is not None:
        axes.plot([first], [-0.02], "^", color=BLACK, markersize=7, clip_on=False, gid="first deleted",
                  transform=axes.get_xaxis_transform())
    return np.nanmax(bottom, initial=0)


def label_low_panels(panels, peaks):
    """On shared axes a small stack beside a great one is a mere line: its peak is written upon it."""
    for axes, peak in zip(panels, peaks):
        if 0 < peak < 0.15 * max(peaks) and not any(text.get_gid() == "nothing" for text in axes.texts):
            axes.annotate(f"peak {peak:.0f}", (0.5, peak), xycoords=axes.get_yaxis_transform(), xytext=(0, 4),
                          textcoords="offset points", ha="center", size=SMALL)


def legend_for(digests, with_other, with_limit):
    drawn = [digest.sums for digest in digests if digest and len(digest.sums)]
    seen = {(name, state) for sums in drawn for name, state, values in layers(sums, with_other)
            if np.nanmax(values, initial=0) > 0}
    handles = [Patch(facecolor=colour, edgecolor=BLACK, linewidth=0.4, label=CLASS_NAMES[name] + HOW[state],
                     hatch=HATCHES[state] or CLASS_HATCHES.get(name))
               for state in HATCHES for name, colour in CLASSES.items()
               if (name, state) in seen or (state == "" and name in ("main", "wal", "shm"))]
    if any(state == " deleted" for _, state in seen):
        handles.append(Line2D([], [], marker="^", color=BLACK, linestyle="", markersize=7, label="first deleted one"))
    if with_limit:
        handles.append(Line2D([], [], label="soft limit", **limits.STYLE))
    return [*handles, *missing_legend(digests, ["kernel_main"]), *fault_legend(digests)]


def shows_others(digests):
    """Other descriptors are drawn where they do not hide those of the boards."""
    drawn = [digest.sums for digest in digests if digest and len(digest.sums) and digest.sums.known("descriptors")]
    if not drawn:
        return False
    others = max(np.nanmax(other(sums), initial=0) for sums in drawn)
    return others <= max(16, 2 * max(sum(sums.greatest(f"kernel_{name}") for name in BOARDS) for sums in drawn))


def figure(run, title=None):
    cells, digests, notes = readable_cells(run)
    drawn = [digest for digest in digests if digest and len(digest.sums)]
    if not drawn:
        raise RunError(f"{run.folder}: no cell has samples, so there are no descriptors to draw", 4)
    with_other = shows_others(digests)
    notes = [*notes, *limits.notes(drawn)]
    if not with_other:
        notes.append("Descriptors that are on no board are not drawn.")
    hits = {cell.name: limits.hit(cell, digest) for cell, digest in zip(cells, digests)}
    line = limits.worth_a_line(drawn) if with_other else None
    end = max(digest.end for digest in drawn)
    ends = [end, *(hit.tick for hit in hits.values() if line and hit and hit.tick <= 2 * end)]
    made = Multiples(cells, digests, title or f"{run.title}: descriptors by class", notes,
                     legend_for(digests, with_other, line), "descriptors (count)",
                     lambda cell, digest: limits.remarks(cell, hits[cell.name]), end=max(ends))
    peaks = [draw_panel(axes, digest, with_other, made.points) for axes, digest in zip(made.panels, digests)]
    if line:
        for axes, cell, digest in zip(made.panels, cells, digests):
            limits.draw(axes, digest, hits[cell.name], line)
    label_low_panels(made.panels, peaks)
    first = made.panels[0]
    first.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    first.set_ylim(0, max(1.0, 1.08 * max(peaks), 1.08 * (line or 0)))
    return made.figure


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
