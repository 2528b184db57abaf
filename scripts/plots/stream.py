"""One pass over the stream of a cell (docs/record.md), free-running, lockstep or watched: all that any
picture needs.

Contract: memory is bounded by the boards and writers, not by the length of the stream. A line that was cut
off ends the reading and is no error; any other damage raises RunError with exit code 4. Nothing here
writes.
"""

import json
import math
from dataclasses import dataclass, field

from errors import RunError
import board_state
import vocabulary
from parting import Partings
from thinned import Course, Histogram

# Summed over the boards, as descriptors and open files are.
SUMMED = ("api_open", "vfs_main", "vfs_wal", "kernel_main", "kernel_wal", "kernel_shm", "kernel_journal", "guards",
          "kernel_main_deleted", "kernel_wal_deleted", "kernel_shm_deleted", "kernel_main_replaced")
LOOKS = ("acknowledged", "inside", "outside")
SIDECARS = ("wal_bytes", "shm_bytes")
# The locks of the process on one board, worse ones later: indices into palette.LOCKS.
NOTHING_HELD, LOCKED, NO_LOCK, DELETED = range(4)
# These are over as soon as they have come; others hold until their end.
INSTANT_FAULTS = frozenset(fault["name"] for fault in vocabulary.FAULTS if not fault["lasts"])
MOST_MARKS = 1000


@dataclass
class Fault:
    kind: str
    number: int  # its place in the setting
    begin: float
    end: float = None  # None: it held until the end of the cell

    @property
    def instant(self):
        return self.kind in INSTANT_FAULTS


@dataclass
class Digest:
    """What one cell's stream tells. `sums`: the keys of SUMMED and the process's descriptors; `sidecars` and `locks`
    by board; `seen`: the rows of LOOKS, in mid-cell; `paces`: microseconds of each tick (whole tick, dispatch, late, lag)."""

    header: dict = field(default_factory=dict)
    sums: Course = field(default_factory=Course)
    sidecars: Course = field(default_factory=Course)
    locks: Course = field(default_factory=Course)
    seen: Course = field(default_factory=Course)
    paces: Course = field(default_factory=Course)
    histograms: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)
    kills: list = field(default_factory=list)
    gaps: list = field(default_factory=list)  # (from, to): ticks without a sample
    partings: Partings = field(default_factory=Partings)
    missed: int = 0
    ended: bool = False
    truncated: bool = False

    def cut_off(self):
        self.truncated = True

    @property
    def end(self):
        """The tick at which the last sample's time is over."""
        return self.sums.ticks[-1] + 1 if len(self.sums) else 0


def rows(path, cut=None):
    """Each line of a stream, parsed. Where the last was cut off in its middle, `cut` is called and the reading ends."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    row = json.loads(line)
                except ValueError:
                    # Only a line without its newline was cut off; any other means a damaged file.
                    if line.endswith("\n"):
                        raise RunError(f"{path}:{number}: this line is not JSON; the stream is damaged", 4) from None
                    if cut:
                        cut()
                    return
                if not isinstance(row, dict):
                    raise RunError(f"{path}:{number}: not a line of a stream (no object)", 4)
                yield row
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror})", 4) from None


def read(path, board=None):
    """The digest of a stream; None where there is none. With `board`, of that board alone."""
    if not path.exists():
        return None
    digest = Digest()
    for number, row in enumerate(rows(path, digest.cut_off), 1):
        try:
            _TAKERS.get(row.get("type"), _nothing)(digest, row, board)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise RunError(f"{path}:{number}: not a line of a stream ({error!r})", 4) from None
    return digest


def _nothing(digest, row, board):
    pass


def _header(digest, row, board):
    digest.header = row


def _sample(digest, row, only):
    tick = row["tick"]
    columns = digest.header.get("columns")
    boards = {name: _by_key(values, columns) for name, values in row["boards"].items() if only in (None, name)}
    process = row.get("process") or {}
    every = digest.header.get("settings", {}).get("sample_every") or 1
    if len(digest.sums) and tick - digest.sums.ticks[-1] > 3 * every and len(digest.gaps) < MOST_MARKS:
        digest.gaps.append((digest.sums.ticks[-1] + every, tick))
    digest.sums.add(tick, {**{key: _sum(boards, key) for key in SUMMED},
                           "descriptors": _number(process.get("descriptors")),
                           "descriptor_limit": _number(process.get("descriptor_limit"))})
    digest.sidecars.add(tick, {f"{name}/{key}": _number(board.get(key)) for name, board in boards.items()
                               for key in SIDECARS})
    # Between two steps of a loud sample a lock may be missing for a moment; only quiet ones tell.
    if row.get("quiet"):
        digest.locks.add(tick, {name: _lock_state(board) for name, board in boards.items()})
        digest.partings(tick, boards)


def _by_key(values, columns):
    """A board's values by key; those of a free-running cell are an array in the order of the header's columns."""
    if isinstance(values, dict):
        return values
    if values is None:
        return {}
    if len(values) != len(columns):
        raise TypeError(f"{len(values)} values for {len(columns)} columns")
    return dict(zip(columns, values))


def _number(value):
    return math.nan if value is None else float(value)


def _sum(boards, key):
    """NaN where one of them does not know it; `guards` is younger than the format and 0 where it is missing."""
    total = 0.0
    for values in boards.values():
        value = values.get(key, 0 if key == "guards" else None)
        if value is None:
            return math.nan
        total += value
    return total if boards else math.nan


def _lock_state(board):
    if board_state.sidecar_deleted(board):
        return DELETED
    if board.get("kernel_main") is None:
        return math.nan
    if not board["kernel_main"] and not board.get("kernel_wal"):
        return NOTHING_HELD
    lost = board_state.lock_lost(board)
    if lost is None:
        return math.nan
    return NO_LOCK if lost else LOCKED if board.get("kernel_wal") else NOTHING_HELD


def _rows(digest, row, only):
    boards = {name: values for name, values in row["boards"].items() if only in (None, name)}
    digest.seen.add(row["tick"], {look: _sum(boards, look) for look in LOOKS})


def _pace(digest, tick, values):
    values = {name: value for name, value in values.items() if value is not None}
    digest.paces.add(tick, values)
    for name, value in values.items():
        digest.histograms.setdefault(name, Histogram()).add(value)


def _tick(digest, row, board):
    """A slot of a free-running cell: all its steps, waiting for threads included."""
    steps = row["steps"]
    dispatch = steps.get("dispatch") or {}
    whole = sum((step.get("latency_us") or 0) + (step.get("wait_us") or 0) for step in steps.values())
    digest.missed += row.get("missed") or 0
    _pace(digest, row["tick"], {"tick": whole, "dispatch": dispatch.get("latency_us"), "late": row.get("late_us"),
                                "lag": row.get("lag_us")})


def _step(digest, row, board):
    if row.get("step") == "dispatch" and row.get("actor") == "subject":
        _pace(digest, row["tick"], {"dispatch": row.get("latency_us")})


def _event(digest, row, board):
    name = row.get("event")
    if name == "worker-ended" and row.get("signal") and len(digest.kills) < MOST_MARKS:
        digest.kills.append(row["tick"])
    elif name == "fault" and row.get("phase") == "begin" and len(digest.faults) < MOST_MARKS:
        digest.faults.append(Fault(row["fault"], row.get("number"), row["tick"]))
    elif name == "fault" and row.get("phase") == "end":
        which = (row["fault"], row.get("number"))
        begun = [fault for fault in digest.faults if (fault.kind, fault.number) == which and fault.end is None]
        if begun:
            begun[-1].end = row["tick"]


def _end(digest, row, board):
    digest.ended = True
    digest.missed = row.get("missed", digest.missed) or 0


_TAKERS = {"header": _header, "sample": _sample, "rows": _rows, "tick": _tick, "step": _step, "event": _event, "end": _end}
