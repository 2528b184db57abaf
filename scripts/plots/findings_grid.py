#!/usr/bin/env python3
"""Which conditions together lead to which finding?

A grid over the values in which the cells differ: some axes make the rows, the others the columns, each cell
has its finding, a letter for each mechanism that was seen, the lost commits and a mark for the verdict. A
combination that was not run is hatched. By default the axes are split so that the grid is nearly square;
--columns names those of the columns. Where several scenarios made the run, each has a row (or some), and
its cells say in what they differ from one another.
"""

import sys
from dataclasses import dataclass

from common import SMALL, TEXT_LINE_IN, WIDTH_IN, main, page, plot_parser, wrap
from palette import FINDING_COLOURS, GREY, MECHANISM_LETTERS, NOT_RUN_HATCH, VERDICT_MARKS, finding_colour
from errors import RunError
from recorded import Cell

from matplotlib.patches import Patch, Rectangle

MOST_COLUMNS, MOST_ROWS, SCENARIO_COLUMNS = 6, 60, 4
ROW_LABEL_IN = 2.3
EDGE = "#AAAAAA"

FINDING_IN = 0.24  # the height of a finding's name


def tells(run):
    return len(run.cells) > 1 and not run.cells[0].watched


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
    short = cell.name.rpartition(".")[2]
    name = short if cell.state == "done" else f"{short} ({cell.state})"
    mark = VERDICT_MARKS.get(cell.verdict, "?")
    seen = [" ".join(letter for name, letter in MECHANISM_LETTERS.items() if name in cell.mechanisms)]
    return [*so_far, *filter(None, seen), commits, f"{name}{f' and {more} more' if more else ''}",
            f"{mark} {cell.verdict}"]


@dataclass
class Place:
    """One place of the grid: the cells that fall on it, and what else stands there."""

    cells: list
    remarks: list

    def lines(self, cell_in):
        """What stands below the finding, in lines that fit the cell."""
        *texts, name, verdict = describe(min(self.cells, key=Cell.rank), len(self.cells) - 1)
        lines = [line for text in texts for line in wrap(text.split(" "), cell_in, gap=" ")]
        return wrap(self.remarks, cell_in) + lines + wrap([name, verdict], cell_in)


@dataclass
class Grid:
    """What is drawn: labels as lists of lines, and the places by row and column; one without a place was not run."""

    rows: list
    heads: list
    places: dict
    row_title: str
    head_title: str
    cell_in: float
    gaps: bool  # whether a place without cells is a combination that was not run, or no place at all


def by_values(run, columns):
    down, across = split(run, columns)
    rows, heads = combinations(run.cells, down), combinations(run.cells, across)
    cell_in = (WIDTH_IN - ROW_LABEL_IN - 0.5) / len(heads)
    places = {}
    for cell in run.cells:
        row = rows.index(tuple(str(cell.value(axis)) for axis in down))
        head = heads.index(tuple(str(cell.value(axis)) for axis in across))
        places.setdefault((row, head), Place([], [])).cells.append(cell)
    return Grid([label(down, values, ROW_LABEL_IN) for values in rows],
                [label(across, values, cell_in - 0.1) for values in heads], places,
                "rows: " + ", ".join(down) if down else "", "columns: " + (", ".join(across) or "none"), cell_in, True)


def own_values(cell, cells):
    """The values in which a cell differs from others of its scenario."""
    axes = [axis for axis in cell.differs if len({str(other.value(axis)) for other in cells}) > 1]
    return [text for axis in axes for text in label([axis], [str(cell.value(axis))], WIDTH_IN)]


def by_scenario(run):
    cell_in = (WIDTH_IN - ROW_LABEL_IN - 0.5) / SCENARIO_COLUMNS
    rows, places = [], {}
    for name, cells in run.scenarios().items():
        for at in range(0, len(cells), SCENARIO_COLUMNS):
            for x, cell in enumerate(cells[at:at + SCENARIO_COLUMNS]):
                places[len(rows), x] = Place([cell], own_values(cell, cells))
            rows.append(wrap(name.split("-"), ROW_LABEL_IN, gap="-") if at == 0 else [])
    return Grid(rows, [[] for _ in range(SCENARIO_COLUMNS)], places, "rows: scenarios", "", cell_in, False)


def draw_place(axes, x, y, place, text_in, row_in):
    if place is None:
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor="white", edgecolor=EDGE, hatch=NOT_RUN_HATCH,
                                 gid="not run"))
        axes.text(x + 0.5, y + 0.5, "not run", ha="center", va="center", size=SMALL, color="#444444",
                  bbox={"facecolor": "white", "linewidth": 0, "pad": 2})
        return
    cell = min(place.cells, key=Cell.rank)
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=finding_colour(cell.finding), edgecolor="white",
                             linewidth=2,
                             gid="cell"))
    lines = place.lines(text_in)
    # The two blocks of text stand in the middle together.
    block_in = TEXT_LINE_IN * len(lines)
    top = 0.5 - (FINDING_IN + block_in) / 2 / row_in
    axes.text(x + 0.5, y + top, cell.finding, ha="center", va="top", size=11, weight="bold")
    axes.text(x + 0.5, y + top + FINDING_IN / row_in, "\n".join(lines), ha="center", va="top", size=SMALL)


def figure(run, title=None, columns=None):
    if len(run.cells) == 1:
        raise RunError(f"{run.folder}: a run of one cell makes no grid", 4)
    grid = by_scenario(run) if len(run.scenarios()) > 1 and not columns else by_values(run, columns)
    if len(grid.rows) > MOST_ROWS:
        raise RunError(f"{run.folder}: a grid of {len(grid.rows)} rows is too tall to read; name --columns", 4)
    text_in = grid.cell_in - 0.12
    most_lines = max(len(place.lines(text_in)) for place in grid.places.values())
    row_in = max(TEXT_LINE_IN * max(len(lines) for lines in grid.rows) + 0.12,
                 FINDING_IN + TEXT_LINE_IN * most_lines + 0.16)
    head_in = TEXT_LINE_IN * max(len(lines) for lines in grid.heads) + 0.5
    found = [name for name in FINDING_COLOURS if any(cell.finding == name for cell in run.cells)]
    legend = [Patch(facecolor=finding_colour(name), label=name) for name in found]
    if grid.gaps and len(grid.rows) * len(grid.heads) > len(grid.places):
        legend.append(Patch(facecolor="white", edgecolor=EDGE, hatch=NOT_RUN_HATCH, label="not run"))
    below = ["Verdict against what the scenario expects: "
             + ",  ".join(f"{mark} {name}" for name, mark in VERDICT_MARKS.items())]
    seen = {name for cell in run.cells for name in cell.mechanisms}
    if letters := ",  ".join(f"{letter} {name}" for name, letter in MECHANISM_LETTERS.items() if name in seen):
        below.insert(0, "Mechanisms: " + letters)
    page_figure = page(len(grid.rows) * row_in + head_in, title or f"{run.title}: findings", (), legend, below)
    axes = page_figure.subplots()
    for y in range(len(grid.rows)):
        for x in range(len(grid.heads)):
            if grid.gaps or (y, x) in grid.places:
                draw_place(axes, x, y, grid.places.get((y, x)), text_in, row_in)
    axes.set_xlim(0, len(grid.heads))
    axes.set_ylim(len(grid.rows), 0)
    axes.set_xticks([x + 0.5 for x in range(len(grid.heads))], ["\n".join(lines) for lines in grid.heads])
    axes.set_yticks([y + 0.5 for y in range(len(grid.rows))], ["\n".join(lines) for lines in grid.rows])
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(grid.head_title, color=GREY)
    axes.set_ylabel(grid.row_title, color=GREY)
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
