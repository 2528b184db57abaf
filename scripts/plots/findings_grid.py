#!/usr/bin/env python3
"""Which conditions together lead to which finding?

A grid over the values in which the cells differ: some axes make the rows, the others the columns, each cell
has its finding, the lost commits and a mark for the verdict. A combination that was not run is hatched. By
default the axes are split so that the grid is nearly square; --columns names those of the columns.
"""

import sys

from common import SMALL, TEXT_LINE_IN, WIDTH_IN, main, page, plot_parser, wrap
from palette import FINDING_COLOURS, GREY, NOT_RUN_HATCH, VERDICT_MARKS, finding_colour
from recorded import Cell, RunError

from matplotlib.patches import Patch, Rectangle

MOST_COLUMNS, MOST_ROWS = 6, 60
ROW_LABEL_IN = 2.3
EDGE = "#AAAAAA"

FINDING_IN = 0.24  # the height of a finding's name


def combinations(cells, axes):
    """The combinations of values that occur, in the order in which the run has each value."""
    seen = {axis: list(dict.fromkeys(str(cell.value(axis)) for cell in cells)) for axis in axes}
    found = dict.fromkeys(tuple(str(cell.value(axis)) for axis in axes) for cell in cells)
    return sorted(found, key=lambda values: [seen[axis].index(value) for axis, value in zip(axes, values)])


def split(run, columns=None):
    """The axes of rows and of columns, in the summary's order; a grid is taller rather than wider."""
    if columns:
        wrong = [axis for axis in columns if axis not in run.axes]
        if wrong:
            raise RunError(f"{run.folder}: no axis {wrong[0]}; valid: {', '.join(run.axes)}", 3)
        return [axis for axis in run.axes if axis not in columns], list(columns)
    choices = []
    for at in range(len(run.axes) + 1):
        for rows, across in ((run.axes[:at], run.axes[at:]), (run.axes[at:], run.axes[:at])):
            height, width = len(combinations(run.cells, rows)), len(combinations(run.cells, across))
            if width <= MOST_COLUMNS:
                dislike = abs(height - width) + (2 if width > height else 0) + (5 if width == 1 else 0)
                choices.append((dislike, rows, across))
    return min(choices, key=lambda choice: choice[0])[1:]


def label(axes, values, limit_in):
    texts = [value if axis == "strategy" else f"{axis}={value}" for axis, value in zip(axes, values)]
    return wrap(texts, limit_in)


def describe(cell, more):
    lost = cell.metrics.get("lost_commits")
    if lost is not None:
        commits = f"lost commits: {lost}"
    elif (cell.metrics.get("integrity_failed") or 0) > 0:
        commits = "final copy unreadable"
    else:
        commits = "lost commits: not known"
    so_far = [f"so far {cell.so_far}"] if cell.so_far else []
    name = cell.name if cell.state == "done" else f"{cell.name} ({cell.state})"
    mark = VERDICT_MARKS.get(cell.verdict, "?")
    return [*so_far, commits, f"{name}{f' and {more} more' if more else ''}", f"{mark} {cell.verdict}"]


def cell_lines(cells, cell_in):
    """What stands below the finding, in lines that fit the cell."""
    if not cells:
        return []
    *texts, name, verdict = describe(min(cells, key=Cell.rank), len(cells) - 1)
    lines = [line for text in texts for line in wrap(text.split(" "), cell_in, gap=" ")]
    return lines + wrap([name, verdict], cell_in)


def draw_cell(axes, x, y, cells, cell_in, row_in):
    if not cells:
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor="white", edgecolor=EDGE, hatch=NOT_RUN_HATCH,
                                 gid="not run"))
        axes.text(x + 0.5, y + 0.5, "not run", ha="center", va="center", size=SMALL, color="#444444",
                  bbox={"facecolor": "white", "linewidth": 0, "pad": 2})
        return
    cell = min(cells, key=Cell.rank)
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=finding_colour(cell.finding), edgecolor="white",
                             linewidth=2,
                             gid="cell"))
    lines = cell_lines(cells, cell_in)
    # The two blocks of text stand in the middle together.
    text_in = TEXT_LINE_IN * len(lines)
    top = 0.5 - (FINDING_IN + text_in) / 2 / row_in
    axes.text(x + 0.5, y + top, cell.finding, ha="center", va="top", size=11, weight="bold")
    axes.text(x + 0.5, y + top + FINDING_IN / row_in, "\n".join(lines), ha="center", va="top", size=SMALL)


def figure(run, title=None, columns=None):
    if len(run.cells) == 1:
        raise RunError(f"{run.folder}: a run of one cell makes no grid", 4)
    down, across = split(run, columns)
    rows, heads = combinations(run.cells, down), combinations(run.cells, across)
    if len(rows) > MOST_ROWS:
        raise RunError(f"{run.folder}: a grid of {len(rows)} rows is too tall to read; name --columns", 4)
    cell_in = (WIDTH_IN - ROW_LABEL_IN - 0.5) / len(heads)
    row_labels = [label(down, values, ROW_LABEL_IN) for values in rows]
    head_labels = [label(across, values, cell_in - 0.1) for values in heads]
    text_in = cell_in - 0.12
    by_place = {}
    for cell in run.cells:
        place = tuple(str(cell.value(a)) for a in down), tuple(str(cell.value(a)) for a in across)
        by_place.setdefault(place, []).append(cell)
    most_lines = max(len(cell_lines(cells, text_in)) for cells in by_place.values())
    row_in = max(TEXT_LINE_IN * max(len(lines) for lines in row_labels) + 0.12,
                 FINDING_IN + TEXT_LINE_IN * most_lines + 0.16)
    head_in = TEXT_LINE_IN * max(len(lines) for lines in head_labels) + 0.5
    found = [name for name in FINDING_COLOURS if any(cell.finding == name for cell in run.cells)]
    legend = [Patch(facecolor=finding_colour(name), label=name) for name in found]
    if len(rows) * len(heads) > len({(tuple(str(c.value(a)) for a in run.axes)) for c in run.cells}):
        legend.append(Patch(facecolor="white", edgecolor=EDGE, hatch=NOT_RUN_HATCH, label="not run"))
    below = ["Verdict against what the scenario expects: "
             + ",  ".join(f"{mark} {name}" for name, mark in VERDICT_MARKS.items())]
    page_figure = page(len(rows) * row_in + head_in, title or f"{run.title}: findings", (), legend, below)
    axes = page_figure.subplots()
    for y, row in enumerate(rows):
        for x, head in enumerate(heads):
            draw_cell(axes, x, y, by_place.get((row, head), []), text_in, row_in)
    axes.set_xlim(0, len(heads))
    axes.set_ylim(len(rows), 0)
    axes.set_xticks([x + 0.5 for x in range(len(heads))], ["\n".join(lines) for lines in head_labels])
    axes.set_yticks([y + 0.5 for y in range(len(rows))], ["\n".join(lines) for lines in row_labels])
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("columns: " + (", ".join(across) or "none"), color=GREY)
    axes.set_ylabel("rows: " + ", ".join(down) if down else "", color=GREY)
    axes.tick_params(length=0)
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return page_figure


def parser():
    made = plot_parser(__doc__)
    made.add_argument("--columns", metavar="AXIS,...", type=lambda text: text.split(","),
                      help="the axes that make the columns")
    return made


if __name__ == "__main__":
    sys.exit(main(parser(), figure, "columns"))
