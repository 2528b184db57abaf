#!/usr/bin/env python3
"""Which SQLite, in which process, shows which mechanism?

A panel for each role (subject, worker) whose version differs: across are its versions, the other roles keep
theirs; down are the conditions, and below each its mechanisms: filled and lettered where it was seen, empty
where not, crossed where the recorded numbers cannot tell, hatched where the combination was not run. The
row above them is the finding.
"""

import sys

from common import SMALL, TEXT_LINE_IN, WIDTH_IN, main, page, plot_parser, width_in, wrap
from errors import RunError
from palette import MECHANISM_LETTERS, NOT_KNOWN_HATCH, NOT_RUN_HATCH, finding_colour
from recorded import Cell

from matplotlib.patches import Patch, Rectangle

ROLES = ("subject", "worker", "checker")
LABEL_IN, ROW_IN, GAP_IN, MOST_CONDITIONS = 2.6, 0.26, 0.12, 8
EMPTY = {"facecolor": "white", "edgecolor": "#AAAAAA", "linewidth": 0.5}
LOOKS = {"seen": {"facecolor": "#404040", "linewidth": 0}, "not seen": EMPTY,
         "not told": {**EMPTY, "hatch": NOT_KNOWN_HATCH}, "not run": {**EMPTY, "hatch": NOT_RUN_HATCH}}


def number(version):
    return [int(part) if part.isdigit() else -1 for part in version.split(".")]


def version(cell, role):
    return str(cell.value(f"sqlite.{role}"))


def roles(run):
    return [role for role in ROLES
            if f"sqlite.{role}" in run.axes and len({version(cell, role) for cell in run.cells}) > 1]


def tells(run):
    return bool(roles(run))


def condition(cell, run):
    """The values that are no versions; what a row of cells has in common."""
    return tuple((axis, str(cell.value(axis))) for axis in run.axes if not axis.startswith("sqlite."))


def cells_of(run, role):
    """By condition and version of `role`, with the other roles at the versions at which it was tried most."""
    rest = [other for other in ROLES if other != role]
    tried = {}
    for cell in run.cells:
        tried.setdefault(tuple(version(cell, other) for other in rest), set()).add(version(cell, role))
    base = max(tried, key=lambda others: len(tried[others]))
    found = {}
    for cell in run.cells:
        if tuple(version(cell, other) for other in rest) == base:
            found.setdefault(condition(cell, run), {}).setdefault(version(cell, role), cell)
    return found, {other: value for other, value in zip(rest, base)}


def figure(run, title=None):
    asked = roles(run)
    if not asked:
        raise RunError(f"{run.folder}: the cells do not differ in the SQLite of a role", 4)
    seen = [name for name in MECHANISM_LETTERS if any(name in cell.mechanisms for cell in run.cells)]
    panels = []
    for role in asked:
        found, base = cells_of(run, role)
        versions = sorted({value for by_version in found.values() for value in by_version}, key=number)
        panels.append((role, found, base, versions))
    # Only conditions under which some mechanism was seen, or that is all there are.
    conditions = [one for one in dict.fromkeys(condition(cell, run) for cell in run.cells)
                  if any(cell.mechanisms for _, found, _, _ in panels for cell in found.get(one, {}).values())]
    left_out = len({condition(cell, run) for cell in run.cells}) - len(conditions)
    if not conditions:
        raise RunError(f"{run.folder}: no mechanism was seen under any version", 4)
    notes = [f"{left_out} conditions under which no mechanism was seen are not drawn."] if left_out else []
    if len(conditions) > MOST_CONDITIONS:
        notes.append(f"{MOST_CONDITIONS} of {len(conditions)} conditions are drawn.")
        conditions = conditions[:MOST_CONDITIONS]
    rows = [(one, name) for one in conditions
            for name in (None, *(name for name in seen if any(name in cell.mechanisms for _, found, _, _ in panels
                                                               for cell in found.get(one, {}).values())))]
    return draw(run, title, panels, rows, notes)


def heading(one, changed):
    return ", ".join(f"{axis}={value}" for axis, value in one if axis in changed) or "all cells"


def draw(run, title, panels, rows, notes):
    changed = {axis for axis in run.axes if len({str(cell.value(axis)) for cell in run.cells}) > 1}
    labels = [name or "\n".join(wrap(heading(one, changed).split(" "), LABEL_IN, gap=" ")) for one, name in rows]
    heights = [ROW_IN if name else max(ROW_IN, TEXT_LINE_IN * (label.count("\n") + 1) + 0.1)
               for (_, name), label in zip(rows, labels)]
    tops, below_in = [], 0
    for (_, name), high in zip(rows, heights):
        below_in += 0 if name else GAP_IN
        tops.append(below_in)
        below_in += high
    findings = dict.fromkeys(cell.finding for cell in sorted(run.cells, key=Cell.rank)
                             if any(cell in by.values() for _, found, _, _ in panels for by in found.values()))
    legend = [Patch(facecolor=finding_colour(name), label=name) for name in findings]
    kinds = {kind(found.get(one, {}).get(value), name) for _, found, _, versions in panels for one, name in rows
             for value in versions}
    legend += [Patch(label=f"mechanism: {what}", **look) for what, look in LOOKS.items() if what in kinds]
    room_in = WIDTH_IN - 0.6 - max(width_in(line) for label in labels for line in label.split("\n"))
    letters = ",  ".join(f"{letter} {name}" for name, letter in MECHANISM_LETTERS.items()
                         if any(name == drawn for _, drawn in rows))
    body_in = len(panels) * (below_in + 1.0)
    made = page(body_in, title or f"{run.title}: mechanisms by version", notes, legend, [f"Mechanisms: {letters}"])
    grid = made.subplots(len(panels), 1, squeeze=False)
    for axes, (role, found, base, versions) in zip(grid.flat, panels):
        for (one, name), top, high in zip(rows, tops, heights):
            for x, value in enumerate(versions):
                draw_place(axes, x, top, high, found.get(one, {}).get(value), name, 0.94 * room_in / len(versions))
        axes.set_xlim(0, len(versions))
        axes.set_ylim(below_in, 0)
        axes.set_xticks([x + 0.5 for x in range(len(versions))], versions,
                        rotation=0 if max(map(width_in, versions)) * len(versions) < 0.9 * room_in else 45)
        axes.set_yticks([top + high / 2 for top, high in zip(tops, heights)], labels)
        others = ", ".join(f"{other} {value}" for other, value in base.items() if value != "None")
        axes.set_xlabel(f"version of the {role}'s SQLite ({others})")
        axes.set_ylabel("condition and mechanism")
        axes.tick_params(length=0)
        axes.grid(False)
        for spine in axes.spines.values():
            spine.set_visible(False)
    return made


def kind(cell, mechanism):
    """What stands at a place: a finding where no mechanism is asked for."""
    if cell is None:
        return "not run"
    if mechanism is None:
        return "finding"
    return "seen" if mechanism in cell.mechanisms else "not told" if mechanism in cell.unknown else "not seen"


def draw_place(axes, x, top, high, cell, mechanism, room_in):
    what = kind(cell, mechanism)
    look = {"facecolor": finding_colour(cell.finding), "linewidth": 0} if what == "finding" else LOOKS[what]
    axes.add_patch(Rectangle((x + 0.03, top + 0.02), 0.94, high - 0.04, gid=what, **look))
    middle = (x + 0.5, top + high / 2)
    if what == "finding" and width_in(cell.finding) < room_in:
        axes.text(*middle, cell.finding, ha="center", va="center", size=SMALL)
    if what == "seen":
        axes.text(*middle, MECHANISM_LETTERS[mechanism], ha="center", va="center", size=SMALL, color="white",
                  weight="bold")


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
