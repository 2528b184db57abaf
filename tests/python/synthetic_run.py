"""Builds run folders of the format of docs/record.md, for tests of what reads them; nothing is run for it.

A `behaviour` says what one board looks like at the quiet sample of a tick: `behaviour(tick, board index)`
gives the keys that differ from a board on which nothing is open.
"""

import json
from dataclasses import dataclass, field
from itertools import product

STRATEGIES = ("per-tick", "wal-safe-close", "persistent", "unclosed", "noop", "planted-leak")
NOTHING_OPEN = {
    "api_open": 0, "api_opened": 0, "api_closed": 0,
    "vfs_main": 0, "vfs_main_peak": 1, "vfs_main_opens": 0, "vfs_wal": 0, "vfs_wal_opens": 0, "vfs_shm": 0,
    "vfs_shm_maps": 0, "vfs_journal": 0, "vfs_wal_unlinks": 0, "vfs_wal_unlinks_in_scope": 0, "vfs_syncs": 0,
    "vfs_bytes_written": 0, "vfs_bytes_read": 0,
    "kernel_main": 0, "kernel_wal": 0, "kernel_shm": 0, "kernel_journal": 0,
    "kernel_main_deleted": 0, "kernel_wal_deleted": 0, "kernel_shm_deleted": 0, "kernel_main_replaced": 0,
    "lock_main_posix": 0, "lock_main_ofd": 0, "lock_shm_dms": 0,
    "main_bytes": 131072, "main_inode": 77, "wal_bytes": None, "wal_inode": None, "shm_bytes": None,
                "shm_inode": None,
}


def nothing(tick, board):
    return {}


def held(count):
    """`count` healthy connections of the subject are open."""
    if count == 0:
        return {}
    return {"api_open": count, "vfs_main": count, "vfs_main_peak": count, "vfs_wal": count,
            "kernel_main": count,
            "kernel_wal": count, "kernel_shm": 1, "vfs_shm": 1, "lock_main_posix": 1, "lock_shm_dms": 1}


def persistent(tick, board):
    return held(0 if tick < 0 else 1)


def unclosed(tick, board):
    return held(tick + 1)


def planted_leak(tick, board):
    return held(tick // 10 + 1) if board == 0 and tick >= 0 else {}


def saw_tooth(tick, board):
    return held((tick + 1) % 7)


def zombie(tick, board):
    return {**held(tick + 2), "api_open": 1}


def parked(tick, board):
    return {**held(2), "api_open": 1, "vfs_main": 1, "vfs_wal": 1, "kernel_wal": 1} if tick >= 4 else held(2)


def split_generation(at):
    """A held connection: its lock is lost at tick `at`, its sidecars are unlinked from outside one later."""
    def behaviour(tick, board):
        values = held(1)
        if tick >= at:
            values.update(lock_main_posix=0)
        if tick > at:
            values.update(kernel_wal_deleted=1, kernel_shm_deleted=1, lock_shm_dms=0)
        return values
    return behaviour


@dataclass
class CellSpec:
    name: str
    differs: dict
    finding: str = "churn"
    verdict: str = "pass"
    mechanisms: tuple = ()
    behaviour: object = nothing
    vfs: bool = True
    ticks: int = 60
    boards: int = 4
    kills: tuple = ()
    ended: bool = True
    metrics: dict = field(default_factory=dict)
    free: bool = False  # the lines of a free-running cell
    pace: object = lambda tick: (800, 90, 80)  # its ticks: latency, late, lag (us)
    watch: bool = False  # a watched process: kernel keys alone
    faults: tuple = ()  # (tick, fault, phase)
    limit: int = 1024
    evidence: str = "as built"
    unknown: tuple = ()
    seen: object = None  # rows in mid-cell: seen(tick) gives acknowledged, inside, outside of each board


def sample(spec, tick):
    boards = {}
    for i in range(spec.boards):
        values = {**NOTHING_OPEN, **spec.behaviour(tick, i)}
        if not spec.vfs:
            values.update({key: None for key in values if key.startswith("vfs_")})
        if spec.watch:
            values = {key: value for key, value in values.items() if not key.startswith(("vfs_", "api_"))}
        boards[f"b{i + 1:02}"] = values
    total = sum(v[f"kernel_{name}"] or 0 for v in boards.values() for name in ("main", "wal", "shm"))
    if spec.free:
        boards = {name: [values[key] for key in NOTHING_OPEN] for name, values in boards.items()}
    return {"type": "sample", "tick": tick, "quiet": True, "boards": boards,
            "process": {"descriptors": 9 + total, "descriptor_limit": spec.limit, "threads": 34,
                        "rss_bytes": 9000000}}


def stream_lines(spec):
    columns = {"columns": list(NOTHING_OPEN)} if spec.free else {}
    yield {"type": "header", "schema_version": 1, "cell": spec.name, "settings": settings(spec), "seed": 1, **columns,
           "control_of": None, "boards": [{"name": f"b{i + 1:02}", "path": "/x"} for i in range(spec.boards)],
           "started": "2026-11-23T18:00:00Z"}
    yield sample(spec, -1)
    for tick in range(spec.ticks):
        for at, fault, phase in spec.faults:
            if at == tick:
                yield {"type": "event", "tick": tick, "source": "observer", "event": "fault", "fault": fault, "number": 1,
                       "phase": phase}
        if spec.free:
            latency, late, lag = spec.pace(tick)
            yield {"type": "tick", "tick": tick, "t_us": 1000000 * tick, "late_us": late, "missed": 0, "lag_us": lag,
                   "ok": True, "steps": {"dispatch": {"ok": True, "latency_us": latency, "wait_us": 20}}}
        elif not spec.watch:
            yield {"type": "step", "id": tick, "tick": tick, "step": "dispatch", "thread": 3, "actor": "subject",
                   "ok": True, "latency_us": 800, "boards": []}
        if tick in spec.kills:
            yield {"type": "event", "tick": tick, "event": "worker-ended", "writer": "w0002", "signal": 9}
        if spec.seen:
            looks = dict(zip(("acknowledged", "inside", "outside"), spec.seen(tick)))
            yield {"type": "rows", "tick": tick, "boards": {f"b{i + 1:02}": looks for i in range(spec.boards)}}
        yield sample(spec, tick)
    if spec.ended:
        yield {"type": "end", "reason": "done", "steps": spec.ticks, "samples": spec.ticks + 1}


def settings(spec):
    if spec.watch:
        return {"mode": "watch", "every_s": 60, "peek": False}
    return {"strategy": "per-tick", "subject": "cpp", "mode": "free" if spec.free else "lockstep", "boards": spec.boards,
            "ticks": spec.ticks, "tick_interval_s": 60.0, "time_scale": 1.0, "warmup_ticks": 5, "wal_autocheckpoint": 1000,
            **spec.differs}


def summary_cell(spec):
    closes = spec.ticks * spec.boards if spec.finding == "churn" else 0
    metrics = {"acknowledged": 400, "lost_inside": 0, "lost_outside": 0, "lost_commits": 0, "lost_by_fault": 0, "last_closes_in_scope": 2 * closes,
               "last_closes_apart": closes,
               "wal_unlinked": 3 * closes, "shm_unlinked": 3 * closes, **spec.metrics}
    if not spec.vfs:
        metrics.update(last_closes_in_scope=None, last_closes_apart=None)
    return {"cell": spec.name, "settings": settings(spec), "differs": spec.differs, "state": "done",
            "control_of": None,
            "finding": spec.finding, "also": [], "evidence": [], "verdict": spec.verdict, "reasons": [],
            "mechanisms": [{"name": name, "evidence": spec.evidence} for name in spec.mechanisms],
            "mechanisms_unknown": [{"name": name, "evidence": "no ledger"} for name in spec.unknown],
            "metrics": metrics,
            "errors": [], "expected": None}


def write_run(folder, specs, axes, title="A synthetic run", marker=True):
    """Writes the folder and returns it."""
    (folder / "cells").mkdir(parents=True)
    if marker:
        (folder / ".walsoak-run").write_text("")
    for spec in specs:
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in stream_lines(spec))
        (folder / "cells" / f"{spec.name}.jsonl").write_text(text)
    summary = {"schema_version": 1, "walsoak": "0.1.0", "run": folder.name, "title": title, "question": "",
               "state": "done",
               "verdict": "pass", "exit_code": 0, "command": ["walsoak"], "environment": {},
               "axes": list(axes),
               "cells": [summary_cell(spec) for spec in specs], "conditions": []}
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


def quick(ticks=60):
    """The six strategies on four boards."""
    looks = {"persistent": ("clean", persistent), "unclosed": ("churn", nothing), "noop": ("clean", nothing),
             "planted-leak": ("leak", planted_leak)}
    specs = []
    for i, name in enumerate(STRATEGIES, 1):
        finding, behaviour = looks.get(name, ("churn", nothing))
        mechanisms = {"leak": ("unclosed connection",), "churn": ("sidecar churn",)}.get(finding, ())
        specs.append(CellSpec(f"c{i:02}", {"strategy": name}, finding, mechanisms=mechanisms,
                              behaviour=behaviour,
                              ticks=ticks, kills=(11, 30)))
    return specs, ["strategy"]


def factorial(ticks=20):
    """Two values of four settings: data are lost where raw, held and an old subject meet."""
    axes = {"header_check": ("off", "raw"), "held_connection": ("off", "on"),
            "sqlite.subject": ("3.40.1", "3.54.1"),
            "sqlite.worker": ("3.40.1", "3.54.1")}
    specs = []
    for i, values in enumerate(product(*axes.values()), 1):
        differs = dict(zip(axes, values))
        raw, on, old = values[0] == "raw", values[1] == "on", values[2] == "3.40.1"
        finding = ("data loss" if old else "wedged") if raw and on else "clean" if on else "churn"
        specs.append(CellSpec(
            f"c{i:02}", differs, finding, verdict="fail" if raw and on else "pass", boards=1, ticks=ticks,
            mechanisms=("lock lost", "split generation") if raw and on else (),
            behaviour=split_generation(i % 5) if raw and on else persistent if on else nothing,
            metrics={"lost_commits": 37 if raw and on and old else 0}))
    return specs, list(axes)


def strategies_by_subject(ticks=60):
    """Six strategies, C++ and Python (without a VFS ledger); two combinations were not run."""
    specs = []
    for strategy, subject in product(STRATEGIES, ("cpp", "python")):
        if (strategy, subject) in (("noop", "python"), ("wal-safe-close", "python")):
            continue
        finding, behaviour = {"unclosed": ("leak", unclosed), "persistent": ("clean", persistent),
                              "planted-leak": ("leak", planted_leak)}.get(strategy, ("churn", nothing))
        if (strategy, subject) == ("unclosed", "python"):
            finding, behaviour = "bounded growth", saw_tooth
        specs.append(CellSpec(f"c{len(specs) + 1:02}", {"strategy": strategy, "subject": subject}, finding,
                              ticks=ticks,
                              behaviour=behaviour, vfs=subject == "cpp"))
    return specs, ["strategy", "subject"]
