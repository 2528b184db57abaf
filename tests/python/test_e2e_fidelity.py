"""System calls of the subjects in one tick, compared with those of the dispatcher of May 2026.

The expected numbers were counted with strace in that dispatcher, unchanged, over a board of its own: one board, SQLite
3.40.1. docs/fidelity.md has them beside ours. A tick is the difference between a run of four ticks and one of eight.
"""

import re
import shutil
import sqlite3
import subprocess
from collections import Counter

import pytest
from e2e import WALSOAK, environment, has_sqlite_built_in, scenario

CALLS = "openat,unlink,fsync,fdatasync,fcntl,pwrite64,ftruncate,close,execve"
IDLE = {"boards": 1, "notifier": 0, "workers": 0, "tasks_per_board": 0, "warmup_ticks": 1, "header_check": "raw",
        "strategy": "per-tick", "auto_decompose": "off"}
FILE = re.compile(r'kanban\.db(-wal|-shm)?[">]')
LOCK = re.compile(r"F_(OFD_)?SETLK.*F_(RD|WR|UN)LCK")


@pytest.fixture(scope="module", autouse=True)
def strace_here():
    if shutil.which("strace") is None:
        pytest.skip("strace is missing; get it: apt-get install strace")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let strace trace")
    if has_sqlite_built_in():
        pytest.skip("measured with the system's SQLite")


def kind_of(line):
    """("open rw", "wal") of a traced call on a board, or None."""
    call = line.partition("(")[0].replace("fdatasync", "sync").replace("fsync", "sync").replace("pwrite64", "write")
    file = FILE.search(line)
    if file is None:
        return (call, "folder") if call == "sync" and line.rstrip().endswith("= 0") and "/boards/b01>" in line else None
    name = {None: "main", "-wal": "wal", "-shm": "shm"}[file.group(1)]
    if call == "openat":
        call = "open rw" if "O_RDWR" in line else "open ro"
    elif call == "fcntl":
        lock = LOCK.search(line)
        if lock is None:
            return ("getlk", name) if "F_GETLK" in line else None
        call = {"RD": "read lock", "WR": "write lock", "UN": "unlock"}[lock.group(2)]
    return (call, name)


def calls_of_subject(folder, settings, ticks):
    """How often the subject made each call on its board, in all its life."""
    folder.mkdir()
    path = scenario(folder, {**IDLE, **settings, "ticks": ticks})
    subprocess.run(["strace", "-ff", "-y", "-o", folder / "trace", "-e", f"trace={CALLS}", WALSOAK, "run", path,
                    "--out", folder / "run"], env=environment(), capture_output=True, check=True)
    counted = Counter()
    for trace in folder.glob("trace.*"):
        lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
        if any(line.startswith("execve(") and re.search(r"walsoak-(worker|checker)\"", line) for line in lines):
            continue
        counted.update(filter(None, map(kind_of, lines)))
    return counted


def tick_of_subject(folder, settings):
    few, many = (calls_of_subject(folder / str(ticks), settings, ticks) for ticks in (4, 8))
    difference = {kind: many[kind] - few[kind] for kind in many if many[kind] != few[kind]}
    assert all(count % 4 == 0 for count in difference.values()), difference
    return {kind: count // 4 for kind, count in difference.items()}


CLOSED = {("open rw", "main"): 2, ("open ro", "main"): 2, ("open rw", "wal"): 2, ("open rw", "shm"): 2,
          ("unlink", "wal"): 2, ("unlink", "shm"): 2, ("close", "main"): 4, ("close", "wal"): 2, ("close", "shm"): 2,
          ("ftruncate", "shm"): 2, ("write", "shm"): 16}
CLOSED_LOCKS = {("read lock", "main"): 4, ("write lock", "main"): 4, ("unlock", "main"): 6,
                ("read lock", "shm"): 13, ("write lock", "shm"): 16, ("unlock", "shm"): 25, ("getlk", "shm"): 2}
TICKS = {
    "closed": ({}, CLOSED, CLOSED_LOCKS),
    # Each tick leaks one main and one -wal descriptor.
    "triage dropped": ({"auto_decompose": "unclosed", "collector": "never"},
                       {("open rw", "main"): 1, ("open ro", "main"): 3, ("open rw", "wal"): 3, ("close", "main"): 4,
                        ("close", "wal"): 3}, None),
    "wal-safe-close": ({"strategy": "wal-safe-close"}, {**CLOSED, ("ftruncate", "wal"): 2},
                       {**CLOSED_LOCKS, ("write lock", "shm"): 22, ("unlock", "shm"): 31}),
    # Three phases share the connection there, two here: a read lock and an unlock less.
    "persistent": ({"strategy": "persistent"}, {},
                   {("read lock", "shm"): 9, ("write lock", "shm"): 2, ("unlock", "shm"): 11}),
}


@pytest.mark.parametrize("subject", ["cpp", "python"])
@pytest.mark.parametrize("name", TICKS)
def test_an_idle_tick_is_that_of_the_real_dispatcher(tmp_path, name, subject):
    settings, files, locks = TICKS[name]
    tick = tick_of_subject(tmp_path, {**settings, "subject": subject})
    asked = {kind: count for kind, count in tick.items() if "lock" not in kind[0] and kind[0] != "getlk"}
    assert asked == files
    if locks is not None and sqlite3.sqlite_version == "3.40.1":
        assert {kind: count for kind, count in tick.items() if kind not in asked} == locks


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_a_claim_syncs_as_often_and_writes_its_acknowledgements_besides(tmp_path, subject):
    """There: 23 writes to the -wal, 11 frames. Here 31, 15 frames, of which 3 make lost commits countable (docs/fidelity.md)."""
    settings = {"subject": subject}
    claimed = calls_of_subject(tmp_path / "one", {**settings, "workers": 1, "tasks_per_board": 1}, 4)
    claimed.subtract(calls_of_subject(tmp_path / "none", settings, 4))
    assert {kind: claimed[kind] for kind in claimed if kind[0] == "sync" and claimed[kind]} == {
        ("sync", "wal"): 2, ("sync", "main"): 1, ("sync", "folder"): 1}
    assert (claimed["write", "wal"], claimed["write", "main"]) == (31, 9)


def test_another_header_check_is_seen(tmp_path):
    """The profile bites: without the raw read two opens a tick are missing."""
    tick = tick_of_subject(tmp_path, {"header_check": "stat"})
    assert ("open ro", "main") not in tick and tick["open rw", "main"] == 2
