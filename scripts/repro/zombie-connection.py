"""zombie-connection: close() has returned, the connection counts as closed, and its descriptors stay.

sqlite3_close_v2() with a statement that is not finalized leaves a "zombie", which goes with its last
statement (sqlite.org/c3ref/close.html). From CPython 3.11 on a kept cursor with unread rows is one.
The control closes the cursor first.
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
    kept, closed = [], 0
    for _ in range(VISITS):
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript("CREATE TABLE IF NOT EXISTS t (x); INSERT INTO t VALUES (1), (2)")
        kept.append(connection.execute("SELECT x FROM t"))
        kept[-1].fetchone()  # the next row is not read
        if not cause:
            kept[-1].close()
        connection.close()
        try:
            connection.execute("SELECT 1")
        except sqlite3.ProgrammingError:  # "Cannot operate on a closed database."
            closed += 1
    return closed, descriptors(path)


if not os.path.isdir("/proc/self/fd") or sys.version_info < (3, 11):
    print("cannot be shown here: no /proc, or a Python before 3.11, whose close() finalizes statements")
    sys.exit(2)
with tempfile.TemporaryDirectory(prefix="zombie-connection-") as folder:
    folder = os.path.realpath(folder)
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

expected = (VISITS, [VISITS, VISITS, 1]), (VISITS, [0, 0, 0])
print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
print("connections closed, and [main, -wal, -shm] open:")
print(f"mechanism (cursor kept): expected {expected[0]}, seen {mechanism}")
print(f"control (cursor closed): expected {expected[1]}, seen {control}")
reproduced = (mechanism, control) == expected
print("reproduced" if reproduced else "not reproduced")
sys.exit(0 if reproduced else 1)
