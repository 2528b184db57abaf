#!/usr/bin/env python3
"""Draws every picture that the data of a run supports into RUN/pictures/ and prints the names of the files.

descriptors.png, churn.png, findings.png, and ledgers-<cell>.png for the first cell of each finding (or those
of --cells). What cannot be drawn is skipped with one line on stderr. Only a folder with walsoak's marker is
written to.
"""

import sys

import churn
import descriptors_by_class
import findings_grid
import ledgers
from common import Parser, guarded, save
from recorded import MARKER, Cell, Run, RunError

FORMATS = {"png": (".png",), "svg": (".svg",), "both": (".png", ".svg")}


def ledger_cells(run, names):
    if names:
        return [run.cell(name) for name in names]
    first = {}
    for cell in sorted(run.cells, key=Cell.rank):
        first.setdefault(cell.finding, cell)
    return list(first.values())


def pictures(run, names):
    """Each picture: its name and what draws it."""
    yield "descriptors", lambda: descriptors_by_class.figure(run)
    for cell in ledger_cells(run, names):
        yield f"ledgers-{cell.name}", lambda name=cell.name: ledgers.figure(run, cell=name)
    yield "churn", lambda: churn.figure(run)
    yield "findings", lambda: findings_grid.figure(run)


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
    for name, draw in pictures(run, names):
        try:
            figure = draw()
            paths = [path for ending in endings for path in save(figure, folder / f"{name}{ending}")]
        except RunError as error:
            print(f"skipped {name}: {error}", file=sys.stderr)
            continue
        drawn += 1
        for path in paths:
            print(path)
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
