"""unclosed-connection: a connection that is never closed keeps two descriptors, and one -shm a database.

`with sqlite3.connect(...) as connection:` commits or rolls back, it does not close
(docs.python.org/3/library/sqlite3.html, "How to use the connection context manager").
The control is the same loop with a close().
"""
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


def case(path, cause):
    still_referenced = []  # as by a cache, a traceback or a cycle
    for visit in range(VISITS):
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
            connection.execute("INSERT INTO t VALUES (?)", (visit,))
        still_referenced.append(connection)
        if not cause:
            connection.close()
    return descriptors(path)


if not os.path.isdir("/proc/self/fd"):
    print("cannot be shown here: no /proc/self/fd to count descriptors in")
    sys.exit(2)
with tempfile.TemporaryDirectory(prefix="unclosed-connection-") as folder:
    folder = os.path.realpath(folder)
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

expected = [VISITS, VISITS, 1], [0, 0, 0]
print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
print(f"[main, -wal, -shm] open after {VISITS} visits:")
print(f"mechanism (never closed): expected {expected[0]}, seen {mechanism}")
print(f"control (closed):         expected {expected[1]}, seen {control}")
reproduced = (mechanism, control) == expected
print("reproduced" if reproduced else "not reproduced")
sys.exit(0 if reproduced else 1)
