"""A cell whole, as the templates take it: what it was set to, what was found and all that was counted.

Contract: takes a cell of a summary (docs/record.md) with its `samples`; a part that an older summary has not is
left out. The values are shown as they stand there, and nothing is judged here.
"""

import json

from tables import FINDINGS, plain_table, shown

MOMENTS = ("first", "last", "growth", "peak")
# What each ledger counts, beside one another: connections, SQLite's files, the kernel's descriptors.
LEDGERS = (("connections open, as the program counted them", "api_open"),
           ("main files open, as SQLite's VFS counted them", "vfs_main"),
           ("descriptors on main files", "kernel_main"), ("of these, not parked", "kernel_main_net"),
           ("descriptors on -wal files", "kernel_wal"), ("descriptors on -shm files", "kernel_shm"),
           ("all descriptors on the boards, net of parked", "descriptors_net"),
           ("all descriptors of the process", "descriptors"))
CLASSES = ("main", "wal", "shm", "journal", "wal_deleted", "shm_deleted", "wal_bytes")


def _moments(metrics):
    """The metrics that belong to one key at several moments, a row a key, and the others."""
    keys = {}
    for name in metrics:
        key, _, moment = name.rpartition("_")
        if key and moment in MOMENTS:
            keys.setdefault(key, set()).add(moment)
    grouped = [key for key, moments in keys.items() if len(moments) > 1]
    names = {f"{key}_{moment}" for key in grouped for moment in MOMENTS}
    series = [[key, *(metrics.get(f"{key}_{moment}", "") for moment in MOMENTS)] for key in grouped]
    return series, [[name, value] for name, value in metrics.items() if name not in names]


def _ledgers(metrics):
    rows = [[words, *(metrics.get(f"{key}_{moment}") for moment in MOMENTS)] for words, key in LEDGERS]
    return [row for row in rows if any(value is not None for value in row[1:])]


def _mechanisms(cell):
    return ([[one.get("name"), "seen", one.get("evidence")] for one in cell.get("mechanisms") or []]
            + [[one.get("name"), "not known", one.get("evidence")] for one in cell.get("mechanisms_unknown") or []])


def _errors(cell):
    return [[error.get("app") or error.get("code"), error.get("message"), error.get("where") or "-",
             error.get("step") or "-", error.get("actor") or "-", error.get("count")]
            for error in cell.get("errors") or []]


def _facts(cell):
    """(name, value) pairs; those without a value are left out."""
    watched = cell.get("watched") or {}
    ledgers = cell.get("ledgers") or {}
    facts = [("also seen", ", ".join(cell.get("also") or [])), ("seen so far", cell.get("so_far")),
             ("state", cell.get("state")), ("control of", cell.get("control_of")),
             ("integrity of the final copies", cell.get("integrity")),
             ("ended early by", cell.get("aborted")),
             ("SQLite", ", ".join(f"{role} {version or '?'}" for role, version in (cell.get("sqlite") or {}).items())),
             ("the three ledgers agree", shown(ledgers.get("agree")) if ledgers else ""),
             ("boards in trouble", shown(cell["troubled_boards"]) if cell.get("troubled_boards") else "")]
    facts += [(name.replace("_", " "), shown(value)) for name, value in watched.items() if name != "databases"]
    return [(name, value) for name, value in facts if value]


def _databases(watched):
    rows = [[one.get("name"), name.replace("_", " "), *(one[name].get(moment) for moment in ("first", "last", "peak"))]
            for one in watched.get("databases") or [] for name in CLASSES if one.get(name)]
    return plain_table("Databases", ("database", "class", "first", "last", "peak"), rows)


def _expected(cell):
    expected = cell.get("expected")
    return json.dumps(expected, ensure_ascii=False) if expected and expected.get("finding") != "any" else ""


def _samples(name, samples):
    if not samples:
        return None
    rows = samples["rows"]
    words = f"{len(rows)} of {samples['of']} samples" if len(rows) < samples["of"] else f"{len(rows)} samples"
    return {"summary": words, "blocks": [plain_table(f"Samples of {name}", samples["columns"], rows)]}


def _folded(summary, *blocks):
    """A part that unfolds; None where it would be empty."""
    there = [block for block in blocks if block]
    return {"summary": summary, "blocks": there} if there else None


def view(cell, place):
    """`place` is the id of the cell's detail in the page."""
    name, metrics, settings = cell["cell"], cell.get("metrics") or {}, cell.get("settings") or {}
    series, single = _moments(metrics)
    differs = cell.get("differs") or {}
    thresholds = [[one.get("threshold"), one.get("verdict"), one.get("seen"), one.get("reason")]
                  for one in cell.get("thresholds") or []]
    return {
        "name": name, "id": place,
        "differs": shown(differs) if differs else "",
        "finding": cell.get("finding") or "unknown",
        "known_finding": cell.get("finding") in FINDINGS,
        "verdict": cell.get("verdict") or "unknown",
        "reasons": cell.get("reasons") or [],
        "facts": _facts(cell),
        "evidence": cell.get("evidence") or [],
        "remarks": (cell.get("ledgers") or {}).get("remarks") or [],
        "expected": _expected(cell),
        "tables": [block for block in (
            plain_table("Mechanisms", ("mechanism", "seen", "evidence"), _mechanisms(cell)),
            plain_table("Errors of its steps", ("code", "message", "where", "step", "actor", "count"), _errors(cell)),
            plain_table("Thresholds", ("threshold", "verdict", "seen", "reason"), thresholds),
            _databases(cell.get("watched") or {}),
            plain_table("The ledgers, after warm-up and at the end", ("counted", *MOMENTS), _ledgers(metrics)),
        ) if block],
        "folded": [part for part in (
            _folded(f"All {len(metrics)} metrics", plain_table(f"Metrics of {name}", ("metric", "value"), single),
                    plain_table(f"Metrics of {name} at several moments", ("key", *MOMENTS), series)),
            _folded(f"All {len(settings)} settings",
                    plain_table(f"Settings of {name}", ("setting", "value", "differs between cells"),
                                [[key, value, key in differs] for key, value in settings.items()])),
            _samples(name, cell.get("samples")),
        ) if part],
    }
