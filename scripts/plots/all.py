#!/usr/bin/env python3
"""Draws every picture that has something to tell of a run into RUN/pictures/ and prints the names of the
files.

In this order: findings, versions, field, descriptors, ledgers-<cell> for the first cell of each finding (or
those of --cells), rows, rows-over-time, locks, sidecars, ticks, lag, churn. What the data decide against is left out
silently; what should be there and cannot be drawn is skipped with one line on stderr. Only a folder with
walsoak's marker is written to.
"""

import os
import sys

# Under -I, which keeps the working folder out, Python does not look beside the script either.
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import churn
import descriptors_by_class
import field_table
import findings_grid
import ledgers
import locks
import loop_lag
import rows
import rows_over_time
import sidecar_bytes
import tick_latency
import versions_grid
from common import Parser, guarded, save
from errors import RunError
from recorded import MARKER, Cell, Run

FORMATS = {"png": (".png",), "svg": (".svg",), "both": (".png", ".svg")}
BEFORE = {"findings": findings_grid, "versions": versions_grid, "field": field_table,
          "descriptors": descriptors_by_class}
AFTER = {"rows": rows, "rows-over-time": rows_over_time, "locks": locks, "sidecars": sidecar_bytes, "ticks": tick_latency, "lag": loop_lag,
         "churn": churn}


def ledger_cells(run, names):
    if names:
        return [run.cell(name) for name in names]
    first = {}
    for cell in sorted(run.cells, key=Cell.rank):
        first.setdefault(cell.finding, cell)
    return list(first.values())


def pictures(run, names):
    """Each picture: its name, whether it has something to tell, and what draws it."""
    for name, module in BEFORE.items():
        yield name, module.tells, module.figure
    for cell in ledger_cells(run, names):
        yield f"ledgers-{cell.name}", lambda run: True, lambda run, name=cell.name: ledgers.figure(run, cell=name)
    for name, module in AFTER.items():
        yield name, module.tells, module.figure


def folder_for(run):
    if not (run.folder / MARKER).is_file():
        raise RunError(f"{run.folder}: not a folder of walsoak's (no {MARKER}); nothing is written to it", 3)
    folder = run.folder / "pictures"
    if not folder.resolve().is_relative_to(run.folder.resolve()):
        raise RunError(f"{folder}: leads out of the run folder; remove that link", 3)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder}: cannot be made ({error.strerror})", 4) from None
    return folder


def draw_all(run, names, endings):
    """The exit code: 0, or 4 where nothing at all could be drawn."""
    folder = folder_for(run)
    drawn = 0
    for name, tells, draw in pictures(run, names):
        try:
            if not tells(run):
                continue
            figure = draw(run)
            paths = [save(figure, folder / f"{name}{ending}") for ending in endings]
        except RunError as error:
            print(f"skipped {name}: {error}", file=sys.stderr)
            continue
        drawn += 1
        print("\n".join(map(str, paths)))
    return 0 if drawn else 4


def main():
    parser = Parser(__doc__)
    parser.add_argument("--cells", metavar="CELL,...", type=lambda text: text.split(","),
                        help="cells whose ledgers are drawn")
    parser.add_argument("--format", choices=FORMATS, default="png", help="png (default), svg or both")
    args = parser.parse_args()
    return guarded(lambda: draw_all(Run(args.run), args.cells, FORMATS[args.format]))


if __name__ == "__main__":
    sys.exit(main())
