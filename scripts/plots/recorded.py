"""A run folder (docs/record.md) for the plots: the summary whole, the streams as digests on demand.

Contract: a folder that is no run raises RunError with exit code 3, data that cannot be drawn one with 4;
the message is one line that says what to do. Nothing here writes.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import stream
import vocabulary
from errors import RunError

MARKER = ".walsoak-run"

FINDINGS = tuple(finding["name"] for finding in vocabulary.FINDINGS)  # worst first


def _shown(value):
    """A value as labels show it. A list of faults by what they have room for: names, what they were given, ticks."""
    if isinstance(value, float):
        return f"{value:g}"
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
    also: tuple = ()
    evidence: dict = field(default_factory=dict)  # of the mechanisms, by name
    unknown: tuple = ()  # mechanisms that the recorded numbers cannot tell

    @property
    def watched(self):
        return self.settings.get("mode") == "watch"

    @property
    def interval_s(self):
        """The field's time between two ticks, or between two samples of a watched process; None: not known."""
        return self.settings.get("every_s" if self.watched else "tick_interval_s") or None

    def value(self, axis):
        return _shown(self.differs.get(axis, self.settings.get(axis)))

    def parts(self):
        """The values in which this cell differs, as short texts; a strategy speaks for itself."""
        return [str(v) if k == "strategy" else f"{k}={_shown(v)}" for k, v in self.differs.items()]

    def rank(self):
        """0 for the worst finding."""
        return _rank(self.finding)


class Run:
    """A run folder: `cells` in the order of the summary, `axes`, and the streams on demand."""

    def __init__(self, folder):
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise RunError(f"{folder}: no such folder; give the folder of a run, as `walsoak run` printed it",
                           3)
        self._digests = {}
        path = self.folder / "summary.json"
        try:
            summary = json.loads(path.read_text(encoding="utf-8"))
            names = _private_names(summary)
            self.summary = summary
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

    def telling(self, limit, among=None):
        """At most `limit` of the cells `among` (all), the worst findings first where some are left out, and then a note."""
        among = self.cells if among is None else among
        if len(among) <= limit:
            return among, []
        note = f"{limit} of {len(among)} cells, worst findings first; the others are not drawn"
        return sorted(among, key=Cell.rank)[:limit], [note]

    def digest(self, cell, board=None):
        """What the stream of a cell tells; None if it has none. Read once."""
        at = (cell.name, board)
        if at not in self._digests:
            self._digests[at] = stream.read(self.folder / "cells" / f"{cell.name}.jsonl", board)
        return self._digests[at]

    def digests(self, cells):
        """Those of several cells, None where there is none, and notes on what cannot be read; fails if nothing can."""
        found, notes, errors = [], [], []
        for cell in cells:
            try:
                found.append(self.digest(cell))
            except RunError as error:
                found.append(None)
                errors.append(error)
                notes.append(f"{cell.name} is left blank: {str(error).removeprefix(str(self.folder) + '/')}.")
        if errors and not any(found):
            raise errors[0]
        cut = [cell.name for cell, digest in zip(cells, found) if digest and digest.truncated]
        if cut:
            notes.append(f"Cut off in the middle of a line: {', '.join(cut)}.")
        return found, notes

    def lines(self, name):
        """The lines of a cell's stream, one at a time."""
        return stream.rows(self.folder / "cells" / f"{name}.jsonl")

    def content(self):
        """run.json: the scenarios verbatim."""
        path = self.folder / "run.json"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise RunError(f"{path}: cannot be read ({error!r})", 4) from None


def _private_names(summary):
    """What labels show instead of a database of the user's, a foreign command, the home folder: as report.md does."""
    names, databases = {}, 0
    home = (summary.get("environment") or {}).get("home")
    for row in summary["cells"]:
        settings = row.get("settings") or {}
        template, command = settings.get("board_template"), settings.get("exec_command")
        module = settings.get("module") or ""
        if template and template not in names:
            databases += 1
            names[template] = f"db{databases}"
        if command and " " in command:
            names[command] = f"{_below_no_folder(command.split()[0], home)} ..."
        elif command:
            names[command] = _below_no_folder(command, home)
        if module:
            names[module] = _below_no_folder(module, home)
    if home and home != "/":
        names[home] = "~"
    return names


def _below_no_folder(path, home):
    """Without the folder that an absolute path lies in; one below the home folder is the home's business."""
    if not path.startswith("/") or home and home != "/" and path.startswith(f"{home}/"):
        return path
    return f"PATH/{path.rpartition('/')[2]}"


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
        also=tuple(row.get("also") or ()),
        evidence={m["name"]: m.get("evidence") or "" for m in row.get("mechanisms") or []},
        unknown=tuple(m["name"] for m in row.get("mechanisms_unknown") or []),
    )


def _axes(named, cells):
    """The summary's axes, then what else differs (a control may change a value outside the matrix)."""
    axes = list(named)
    for cell in cells:
        axes += [key for key in cell.differs if key not in axes]
    return axes
