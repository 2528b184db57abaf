#!/usr/bin/env python3
"""Which acknowledged rows can still be seen: by the dispatcher inside, by another process outside, and in
the end?

A row a cell: of the rows whose COMMIT had returned, the share that the dispatcher's own connection sees
(inside), that another process sees (outside) and that is in the final byte copy. All three are looked at
when the cell is over; rows_over_time.py draws the looks before that, where there were any. A look that was
not possible is said with its error code. On the right stand the counts.
"""

import sys

from common import SMALL, TEXT_LINE_IN, main, page, plot_parser, wrap
from errors import RunError
from palette import BLACK, GREY, ROWS, finding_colour

from matplotlib.lines import Line2D

MOST_CELLS = 16
LABEL_IN, COUNTS_IN = 2.9, 3.0
# Where a look's loss stands, and the error code of a look that failed.
LOOKS = {"inside": ("lost_inside", "inside_error"), "outside": ("lost_outside", "outside_error"),
         "final copy": ("lost_commits", None)}
OFFSET = {"inside": -0.22, "outside": 0.0, "final copy": 0.22}


def seen(cell, look):
    """The share of the acknowledged rows, or None."""
    acknowledged, lost = cell.metrics.get("acknowledged"), cell.metrics.get(LOOKS[look][0])
    return None if not acknowledged or lost is None else (acknowledged - lost) / acknowledged


def tells(run):
    """Whether some row is missing somewhere, or could not be looked for."""
    return any(cell.metrics.get("acknowledged") and any(seen(cell, look) != 1 for look in LOOKS) for cell in run.cells)


def why_unknown(cell, look):
    code = cell.metrics.get(LOOKS[look][1] or "")
    if look == "final copy" and cell.metrics.get("integrity_failed"):
        return "final copy: unreadable"
    return f"{look}: could not look{f' (error {code})' if code else ''}"


def counts(cell):
    """The lines on the right."""
    if cell.state != "done" or cell.metrics.get("acknowledged") is None:
        return ["rows: not known" if cell.state == "done" else f"{cell.state}: rows not looked at"]
    lost = [f"{look} {cell.metrics[key]}" for look, (key, _) in LOOKS.items() if cell.metrics.get(key) is not None]
    texts = [f"{cell.metrics['acknowledged']} acknowledged", *([f"lost: {', '.join(lost)}"] if lost else [])]
    texts += [why_unknown(cell, look) for look in LOOKS if seen(cell, look) is None and cell.metrics["acknowledged"]]
    if cell.metrics.get("lost_by_fault"):
        texts.append(f"taken by a fault: {cell.metrics['lost_by_fault']}")
    return [line for text in texts for line in wrap(text.split(" "), COUNTS_IN, gap=" ")]


def figure(run, title=None):
    cells, notes = run.telling(MOST_CELLS)
    if not any(cell.metrics.get("acknowledged") for cell in cells):
        raise RunError(f"{run.folder}: no cell has acknowledged rows, so there are none to look for", 4)
    labels = [wrap([f"{cell.name}: {cell.finding}", *cell.parts()], LABEL_IN) for cell in cells]
    right = [counts(cell) for cell in cells]
    lines = [max(len(label), len(texts), 2) for label, texts in zip(labels, right)]
    # Rows are as high as their text: y counts lines of text, with a gap of one between two cells.
    tops = [sum(lines[:i]) + i for i in range(len(cells))]
    legend = [Line2D([], [], color=colour, marker=marker, linestyle="", markersize=8, markeredgecolor=BLACK,
                     label="in the final copy" if look == "final copy" else f"seen from {look}")
              for look, (colour, marker) in ROWS.items()]
    made = page((sum(lines) + len(cells)) * TEXT_LINE_IN + 0.6, title or f"{run.title}: acknowledged rows",
                [*notes, "Looked at when the cell was over."], legend)
    axes, text_axes = made.subplots(1, 2, sharey=True, width_ratios=(1, COUNTS_IN / (8.4 - COUNTS_IN)))
    for cell, top, high, texts in zip(cells, tops, lines, right):
        middle = top + high / 2
        axes.axhspan(top - 0.35, top + high + 0.35, facecolor="#F4F4F4", zorder=0, linewidth=0)
        axes.plot([-6, -6], [top, top + high], color=finding_colour(cell.finding), linewidth=6, solid_capstyle="butt",
                  clip_on=False, gid="finding")
        for look, (colour, marker) in ROWS.items():
            share, y = seen(cell, look), middle + OFFSET[look] * high
            if share is None:
                continue
            axes.plot([100 * share, 100], [y, y], color=GREY, linewidth=1, linestyle=":", zorder=1)
            axes.plot([100 * share], [y], marker=marker, markersize=8, color=colour, markeredgecolor=BLACK,
                      clip_on=False, gid=look)
        text_axes.text(0, middle, "\n".join(texts), va="center", size=SMALL)
    axes.set_yticks([top + high / 2 for top, high in zip(tops, lines)], ["\n".join(label) for label in labels])
    axes.set_ylim(tops[-1] + lines[-1] + 0.5, -0.5)
    axes.set_xlim(-8, 104)
    axes.set_xlabel("share of the acknowledged rows that is seen (%)")
    axes.set_ylabel("cell")
    axes.grid(False, axis="y")
    axes.tick_params(axis="y", length=0)
    text_axes.axis("off")
    return made


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
