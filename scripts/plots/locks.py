#!/usr/bin/env python3
"""On which boards does the process hold files without holding the lock that protects them?

One panel a cell, a strip a board, over ticks: nothing held, -wal held and locked, -wal held without a lock
on the main file (the next process to close will unlink it), a deleted sidecar held. Told from quiet
samples. Of many boards those with the worst state are drawn. Shaded: faults; white and crossed: not known.
"""

import sys

from common import main, plot_parser
from errors import RunError
from over_time import Multiples, fault_legend, held, readable_cells, say
from palette import LOCKS, NOT_KNOWN_HATCH
from stream import LOCKED, NO_LOCK

import numpy as np
from matplotlib.patches import Patch

MOST_BOARDS = 8
HEIGHT = 0.76
STATES = tuple(LOCKS)


def tells(run):
    """Whether a lock was ever missing, or the process was watched, where locks are half of what can be seen."""
    least = LOCKED if run.cells[0].watched else NO_LOCK
    return any(value >= least for digest in run.digests(run.cells)[0] if digest
               for column in digest.locks.columns.values() for value in column)


def style(state):
    """Fill, edge and hatch; NaN is not known."""
    if state != state:
        return {"facecolor": "white", "edgecolor": "#888888", "hatch": NOT_KNOWN_HATCH}
    colour, hatch = LOCKS[STATES[int(state)]]
    return {"facecolor": colour, "edgecolor": "white" if hatch else "#999999", "hatch": hatch}


def worst(course):
    """The boards that are drawn: those with the worst state where there are many."""
    names = list(course.columns)
    chosen = sorted(names, key=lambda name: -np.nan_to_num(course.greatest(name), nan=LOCKED))[:MOST_BOARDS]
    return [name for name in names if name in chosen]


def runs(ticks, values):
    """Stretches of one state: from, to, state; `ticks` and `values` as held() gives them."""
    start = 0
    for i in range(1, len(values)):
        same = values[i] == values[start] or (values[i] != values[i] and values[start] != values[start])
        if not same or i == len(values) - 1:
            yield ticks[start], ticks[i], values[start]
            start = i


def draw_panel(axes, digest, points, room):
    """`room` is for how many boards; all strips of a picture are equally high."""
    if digest is None or not len(digest.locks):
        say(axes, "no quiet samples")
        axes.set_yticks([])
        return
    digest.locks.thin(points)
    boards = worst(digest.locks)
    for y, board in enumerate(boards):
        for start, end, state in runs(*held(digest.locks.ticks, digest.locks.columns[board])):
            axes.broken_barh([(start, end - start)], (y - HEIGHT / 2, HEIGHT), linewidth=0.5,
                             gid=f"{board} lock", **style(state))
    axes.set_yticks(range(len(boards)), boards)
    axes.set_ylim(room - 0.45, -0.55)
    axes.grid(False, axis="y")
    axes.tick_params(axis="y", length=0)


def legend_for(seen, digests):
    handles = [Patch(linewidth=0.5, label=name, **style(state)) for state, name in enumerate(STATES) if state in seen]
    if None in seen:
        handles.append(Patch(linewidth=0.5, label="not known", **style(np.nan)))
    return [*handles, *fault_legend(digests)]


def figure(run, title=None):
    cells, digests, notes = readable_cells(run)
    drawn = [digest for digest in digests if digest and len(digest.locks)]
    if not any(digest.locks.ever(name) for digest in drawn for name in digest.locks.columns):
        raise RunError(f"{run.folder}: no quiet sample has a -wal held, so there are no locks to draw", 4)
    most = max(len(digest.locks.columns) for digest in drawn)
    if most > MOST_BOARDS:
        notes = [*notes, f"{MOST_BOARDS} of {most} boards, the worst states first."]
    seen = {None if value != value else int(value) for digest in drawn
            for name in worst(digest.locks) for value in digest.locks.columns[name]}
    made = Multiples(cells, digests, title or f"{run.title}: files held and locks", notes, legend_for(seen, digests),
                     "board", sharey=False, plot_in=0.35 + 0.22 * min(most, MOST_BOARDS))
    for axes, digest in zip(made.panels, digests):
        draw_panel(axes, digest, made.points, min(most, MOST_BOARDS))
    return made.figure


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
