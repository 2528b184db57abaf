"""Reads a run folder (docs/record.md) for the plots: the summary whole, the streams line by line.

Contract: a folder that is no run raises RunError with exit code 3, data that cannot be drawn one with 4; the
message is one line that says what to do. Nothing here writes, and memory grows with the samples kept, not
with the stream's text.
"""

import json
import math
from array import array
from dataclasses import dataclass, field
from pathlib import Path

MARKER = ".walsoak-run"

# Worst first. `unknown` stands ahead of what is harmless: something that nobody could see may be anything.
FINDINGS = ("data loss", "wedged", "leak", "bounded growth", "unknown", "churn", "clean")


class RunError(Exception):
    """What a user must be told in one line; `exit_code` as in the table of exit codes."""

    def __init__(self, message, exit_code):
        super().__init__(message)
        self.exit_code = exit_code


def _shown(value):
    """A list of faults by what labels have room for: their names, what they were given, and their ticks."""
    if not isinstance(value, list) or not all(isinstance(fault, dict) for fault in value):
        return value
    texts = []
    for fault in value:
        options = [str(given) for key, given in sorted(fault.items()) if key not in ("fault", "at_tick", "until_tick")]
        at = fault.get("at_tick")
        at = "..".join(map(str, at)) if isinstance(at, list) else at
        until = f"-{fault['until_tick']}" if "until_tick" in fault else ""
        texts.append(" ".join([str(fault.get("fault")), *options, f"@{at}{until}"]))
    return ", ".join(texts) or "none"


@dataclass(frozen=True)
class Cell:
    """One cell of the summary. A value that the summary lacks is None or empty, never 0."""

    name: str
    settings: dict
    differs: dict
    state: str
    finding: str
    verdict: str
    mechanisms: tuple
    metrics: dict
    so_far: str = ""

    def value(self, axis):
        return _shown(self.differs.get(axis, self.settings.get(axis)))

    def parts(self):
        """The values in which this cell differs, as short texts; a strategy speaks for itself."""
        return [str(v) if k == "strategy" else f"{k}={_shown(v)}" for k, v in self.differs.items()]

    def rank(self):
        """0 for the worst finding."""
        return _rank(self.finding)


@dataclass
class Stream:
    """The samples of one cell: `ticks`, and for each key asked for its sum over boards (NaN for null)."""

    header: dict = field(default_factory=dict)
    ticks: array = field(default_factory=lambda: array("d"))
    totals: dict = field(default_factory=dict)
    kills: list = field(default_factory=list)
    ended: bool = False
    truncated: bool = False

    def known(self, key):
        """Whether any sample has a value of this key."""
        return any(not math.isnan(v) for v in self.totals[key])

    def ever(self, key):
        """Whether any sample has this key above 0."""
        return any(v > 0 for v in self.totals[key])


class Run:
    """A run folder: `cells` in the order of the summary, `axes`, and the streams on demand."""

    def __init__(self, folder):
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise RunError(f"{folder}: no such folder; give the folder of a run, as `walsoak run` printed it",
                           3)
        path = self.folder / "summary.json"
        try:
            summary = json.loads(path.read_text(encoding="utf-8"))
            names = _private_names(summary)
            self.cells = [_cell(_renamed(row, names)) for row in _one_a_point(summary["cells"])]
            self.axes = _axes(summary.get("axes") or [], self.cells)
            self.title = summary.get("title") or summary.get("run") or self.folder.name
        except FileNotFoundError:
            raise RunError(f"{folder}: not a run folder (it has no summary.json)", 3) from None
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise RunError(f"{path}: not a summary of walsoak ({error!r})", 3) from None
        if not self.cells:
            raise RunError(f"{path}: the run has no cells yet; draw it once a cell has ended", 4)

    def cell(self, name):
        for cell in self.cells:
            if cell.name == name:
                return cell
        names = ", ".join(cell.name for cell in self.cells)
        raise RunError(f"{self.folder}: no cell {name}; valid: {names}", 3)

    def scenarios(self):
        """The cells of each scenario; where several made the run, the names of their cells begin with theirs."""
        found = {}
        for cell in self.cells:
            found.setdefault(cell.name.rpartition(".")[0], []).append(cell)
        return found

    def worst(self):
        """The cell with the worst finding; of equals, the first."""
        return min(self.cells, key=Cell.rank)

    def telling(self, limit):
        """At most `limit` cells, the worst findings first where some are left out, and then a note on it."""
        if len(self.cells) <= limit:
            return self.cells, []
        note = f"{limit} of {len(self.cells)} cells, worst findings first; the others are not drawn"
        return sorted(self.cells, key=Cell.rank)[:limit], [note]

    def stream(self, cell, keys, board=None, watch=None):
        """Reads the stream of a cell; None if it has none. `watch(tick, boards)` sees every quiet sample."""
        path = self.folder / "cells" / f"{cell.name}.jsonl"
        stream = Stream(totals={key: array("d") for key in keys})
        try:
            with path.open(encoding="utf-8", errors="replace") as lines:
                for number, line in enumerate(lines, 1):
                    try:
                        row = json.loads(line)
                    except ValueError:
                        # Only a line without its newline was cut off; any other means a damaged file.
                        if line.endswith("\n"):
                            raise RunError(f"{path}:{number}: this line is not JSON; the stream is damaged",
                                           4) from None
                        stream.truncated = True
                        break
                    try:
                        _take(stream, row, board, watch)
                    except (AttributeError, KeyError, TypeError) as error:
                        raise RunError(f"{path}:{number}: not a line of a stream ({error!r})", 4) from None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RunError(f"{path}: cannot be read ({error.strerror})", 4) from None
        return stream


def _take(stream, row, board, watch):
    kind = row.get("type")
    if kind == "sample":
        boards = {name: _by_key(values, stream.header) for name, values in row["boards"].items()}
        if board is not None:
            boards = {board: boards[board]} if board in boards else {}
        stream.ticks.append(row["tick"])
        for key, values in stream.totals.items():
            values.append(_sum(boards, key))
        if watch and row.get("quiet"):
            watch(row["tick"], boards)
    elif kind == "header":
        stream.header = row
    elif kind == "event" and row.get("event") == "worker-ended" and row.get("signal"):
        stream.kills.append(row["tick"])
    elif kind == "end":
        stream.ended = True


def _by_key(values, header):
    """A board's values by key; those of a free-running cell are an array in the order of the header's columns."""
    if not isinstance(values, list):
        return values
    columns = header["columns"]
    if len(values) != len(columns):
        raise TypeError(f"{len(values)} values for {len(columns)} columns")
    return dict(zip(columns, values))


def _sum(boards, key):
    total = 0.0
    for values in boards.values():
        value = (values or {}).get(key)
        if value is None:
            return math.nan
        total += value
    return total if boards else math.nan


def _private_names(summary):
    """What labels show instead of a database of the user's, a foreign command, the home folder: as report.md does."""
    names, databases = {}, 0
    for row in summary["cells"]:
        settings = row.get("settings") or {}
        template, command = settings.get("board_template"), settings.get("exec_command")
        if template and template not in names:
            databases += 1
            names[template] = f"db{databases}"
        if command and " " in command:
            names[command] = f"{command.split()[0]} ..."
    home = (summary.get("environment") or {}).get("home")
    if home and home != "/":
        names[home] = "~"
    return names


def _one_a_point(rows):
    """Of the repeats of a cell the first with the worst finding stands for all: a place in a picture is one cell's."""
    points = {}
    for row in rows:
        points.setdefault(row.get("point") or row["cell"], []).append(row)
    return [min(repeats, key=lambda row: _rank(row.get("finding"))) for repeats in points.values()]


def _rank(finding):
    """0 for the worst."""
    return FINDINGS.index(finding) if finding in FINDINGS else len(FINDINGS)


def _renamed(row, names):
    def shown(value):
        for name in sorted(names, key=len, reverse=True):
            value = value.replace(name, names[name]) if isinstance(value, str) else value
        return value
    return {**row, **{part: {key: shown(value) for key, value in (row.get(part) or {}).items()}
                      for part in ("settings", "differs")}}


def _cell(row):
    name = row["cell"]
    if Path(name).name != name:
        raise ValueError(f"{name!r} is no name of a cell")
    return Cell(
        name=name,
        settings=row.get("settings") or {},
        differs=row.get("differs") or {},
        state=row.get("state") or "unknown",
        finding=row.get("finding") or "unknown",
        verdict=row.get("verdict") or "unknown",
        mechanisms=tuple(m["name"] for m in row.get("mechanisms") or []),
        metrics=row.get("metrics") or {},
        so_far=row.get("so_far") or "",
    )


def _axes(named, cells):
    """The summary's axes, then what else differs (a control may change a value outside the matrix)."""
    axes = list(named)
    for cell in cells:
        axes += [key for key in cell.differs if key not in axes]
    return axes
