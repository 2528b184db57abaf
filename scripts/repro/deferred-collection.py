"""deferred-collection: connections that nobody references any more stay open until the collector runs.

From CPython 3.11 on a connection and its statement cache reference each other, so that dropping the last
reference frees nothing; the collector does (docs.python.org/3/library/gc.html). The control closes.
"""
import gc
import glob
import os
import sqlite3
import sys
import tempfile

VISITS = 10


def descriptors(path):
    """How many descriptors of this process the kernel has on the main file, the -wal and the -shm."""
    held = [os.readlink(link) for link in glob.glob("/proc/self/fd/*") if os.path.islink(link)]
    return [held.count(path + suffix) for suffix in ("", "-wal", "-shm")]


def visit(path, cause):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
    if not cause:
        connection.close()


def case(path, cause):
    for _ in range(VISITS):
        visit(path, cause)
    before = descriptors(path)
    gc.collect()
    return [before, descriptors(path)]


gc.disable()  # automatic collections come at moments of their own
gc.collect()
visit(":memory:", True)
if not os.path.isdir("/proc/self/fd") or gc.collect() == 0:  # 0: nothing was left to collect
    print(f"cannot be shown here: no /proc, or Python {sys.version.split()[0]} frees what is dropped at once")
    sys.exit(2)
with tempfile.TemporaryDirectory(prefix="deferred-collection-") as folder:
    folder = os.path.realpath(folder)
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

expected = [[VISITS, VISITS, 1], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]]
print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
print(f"[main, -wal, -shm] open after {VISITS} visits, and after gc.collect():")
print(f"mechanism (dropped): expected {expected[0]}, seen {mechanism}")
print(f"control (closed):    expected {expected[1]}, seen {control}")
reproduced = (mechanism, control) == expected
print("reproduced" if reproduced else "not reproduced")
sys.exit(0 if reproduced else 1)
