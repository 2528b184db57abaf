"""connection-per-thread: a step to threads x databases, then flat, as long as the threads live.

A connection cached per thread is one for each thread of the pool and each database; a default pool has
min(32, cores + 4) threads (docs.python.org/3/library/concurrent.futures.html). The control has one thread.
"""
import glob
import os
import sqlite3
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

THREADS, BOARDS, PASSES = 8, 2, 3


def descriptors(paths):
    """How many descriptors of this process the kernel has on the main files, the -wals and the -shms."""
    held = [os.readlink(link) for link in glob.glob("/proc/self/fd/*") if os.path.islink(link)]
    return [sum(held.count(path + suffix) for path in paths) for suffix in ("", "-wal", "-shm")]


def case(prefix, cause):
    paths = [f"{prefix}-{board}" for board in range(BOARDS)]
    for path in paths:
        sqlite3.connect(path).execute("PRAGMA journal_mode=WAL").connection.close()
    threads = THREADS if cause else 1
    cache, all_threads = threading.local(), threading.Barrier(threads)

    def task(_):
        all_threads.wait()  # so that each thread of the pool has one of the tasks
        for path in paths:
            if path not in cache.__dict__:  # which is this thread's own
                cache.__dict__[path] = sqlite3.connect(path)
            cache.__dict__[path].execute("SELECT * FROM sqlite_master").fetchall()

    seen = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(PASSES):
            list(pool.map(task, range(THREADS)))
            seen.append(descriptors(paths))
    return seen


if not os.path.isdir("/proc/self/fd"):
    print("cannot be shown here: no /proc/self/fd to count descriptors in")
    sys.exit(2)
with tempfile.TemporaryDirectory(prefix="connection-per-thread-") as folder:
    folder = os.path.realpath(folder)
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

expected = [[THREADS * BOARDS] * 2 + [BOARDS]] * PASSES, [[BOARDS] * 3] * PASSES
print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
print(f"[main, -wal, -shm] open on {BOARDS} databases after each pass:")
print(f"mechanism ({THREADS} threads): expected {expected[0]}, seen {mechanism}")
print(f"control (1 thread):    expected {expected[1]}, seen {control}")
reproduced = (mechanism, control) == expected
print("reproduced" if reproduced else "not reproduced")
sys.exit(0 if reproduced else 1)
