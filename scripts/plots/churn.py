#!/usr/bin/env python3
"""How often is a board's last connection closed, and how often are its sidecars unlinked?

Left, for every cell, last closes a tick: by actors in the strategy's scope (solid, in the strategy's
colour) and by others (hatched). Right, unlinks of -wal and -shm a tick. The count of the whole cell stands
at each bar. Nothing here is a leak: it is the pressure that a strategy takes away or leaves.
"""

import sys

from common import SMALL, TEXT_LINE_IN, main, page, plot_parser, width_in, wrap
from palette import BLACK, CLASS_NAMES, CLASSES, GREY, strategy_colour
from errors import RunError

from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

MOST_CELLS = 40
LABEL_IN, PANEL_IN = 3.0, 3.0  # labels at most, each panel at least
SCOPE, APART = "last_closes_in_scope", "last_closes_apart"
UNLINKS = {"wal": "wal_unlinked", "shm": "shm_unlinked"}


def rate(cell, key):
    """The metric a tick, as a bar's length; None where the run does not know it or the cell broke off."""
    value = cell.metrics.get(key)
    # The ticks that ran: a duration, or slots that were missed, may make others of them than the setting says.
    ticks = cell.metrics.get("ticks_ran") or cell.metrics.get("passes") or cell.settings.get("ticks")
    return None if value is None or not ticks or cell.state != "done" else value / ticks


def tells(run):
    return any(rate(cell, key) for cell in run.cells for key in (SCOPE, APART, *UNLINKS.values()))


def unknown(axes, y, cell):
    axes.text(0, y, " not known" if cell.state == "done" else f" {cell.state}", va="center", size=SMALL,
              style="italic", color=GREY)


def draw_closes(axes, y, cell):
    colour = strategy_colour(cell.value("strategy"))
    scope, apart = rate(cell, SCOPE), rate(cell, APART)
    if scope is None or apart is None:
        unknown(axes, y, cell)
        return
    axes.barh(y, scope, 0.62, color=colour, edgecolor=BLACK, linewidth=0.4)
    axes.barh(y, apart, 0.62, left=scope, color="white", edgecolor=GREY, hatch="////", linewidth=0.8)
    axes.text(scope + apart, y, f" {cell.metrics[SCOPE]} + {cell.metrics[APART]}", va="center", size=SMALL)


def draw_unlinks(axes, y, cell):
    for offset, (name, key) in zip((-0.2, 0.2), UNLINKS.items()):
        value = rate(cell, key)
        if value is None:
            unknown(axes, y + offset, cell)
            continue
        axes.barh(y + offset, value, 0.36, color=CLASSES[name], edgecolor=BLACK, linewidth=0.4)
        axes.text(value, y + offset, f" {cell.metrics[key]}", va="center", size=SMALL)


def figure(run, title=None):
    cells, notes = run.telling(MOST_CELLS)
    if not any(rate(cell, key) is not None for cell in cells for key in (SCOPE, *UNLINKS.values())):
        raise RunError(f"{run.folder}: no cell knows its last closes, so there is no churn to draw", 4)
    labels = [wrap([f"{cell.name}:" if cell.differs else cell.name, *cell.parts()], LABEL_IN, gap=" ")
              for cell in cells]
    row_in = max(0.4, TEXT_LINE_IN * max(len(label) for label in labels) + 0.08)
    legend = [
        Patch(facecolor=GREY, edgecolor=BLACK, linewidth=0.4, label="last close, in scope"),
        Patch(facecolor="white", edgecolor=GREY, hatch="////", label="last close, by others"),
        *(Patch(facecolor=CLASSES[name], edgecolor=BLACK, linewidth=0.4,
                label=f"{CLASS_NAMES[name]} unlinked")
          for name in UNLINKS),
    ]
    below = ["Left bars have their strategy's colour. "
             "The numbers are counts over the whole cell (left: in scope + by others)."]
    page_figure = page(len(cells) * row_in + 0.75, title or f"{run.title}: last closes and unlinked sidecars",
                       notes, legend, below)
    closes, unlinks = page_figure.subplots(1, 2, sharex=True, sharey=True)
    for y, cell in enumerate(cells):
        draw_closes(closes, y, cell)
        draw_unlinks(unlinks, y, cell)
    closes.set_yticks(range(len(cells)), ["\n".join(label) for label in labels])
    closes.set_ylim(len(cells) - 0.45, -0.55)
    # Room for the numbers to the right of the longest bar.
    number_in = max(width_in(text.get_text()) for axes in (closes, unlinks) for text in axes.texts)
    longest = max(sum(rate(cell, key) or 0 for key in keys)
                  for cell in cells for keys in ((SCOPE, APART), *((key,) for key in UNLINKS.values())))
    closes.set_xlim(0, (longest or 1) / (1 - (number_in + 0.1) / PANEL_IN))
    closes.set_xlabel("last closes per tick (count)")
    unlinks.set_xlabel("sidecar unlinks per tick (count)")
    closes.set_ylabel("cell")
    for axes in (closes, unlinks):
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=(1, 2, 2.5, 5, 10)))
        axes.grid(False, axis="y")
        axes.tick_params(axis="y", length=0)
    return page_figure


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
