"""parked-descriptors: connections are closed, yet descriptors of the main file stay, up to the peak in use.

Closing one would drop all POSIX locks of the process on the file, so SQLite parks it while another of its
connections holds a lock, and reuses it (os_unix.c, "Posix Advisory Locking"; sqlite.org/howtocorrupt.html
2.2). In the control the connection that stays has read nothing, and so holds no lock.
"""
import glob
import os
import sqlite3
import sys
import tempfile

AT_ONCE = 8


def descriptors(path):
    """How many descriptors of this process the kernel has on the main file and the -wal."""
    held = [os.readlink(link) for link in glob.glob("/proc/self/fd/*") if os.path.islink(link)]
    return [held.count(path + suffix) for suffix in ("", "-wal")]


def case(path, cause):
    first = sqlite3.connect(path, isolation_level=None)
    first.execute("PRAGMA journal_mode=WAL")
    first.execute("CREATE TABLE t (x)")
    first.close()
    stays = sqlite3.connect(path)
    if cause:
        stays.execute("SELECT * FROM t").fetchall()  # in WAL mode its lock now lasts until it is closed
    seen = []
    for _ in range(3):
        connections = [sqlite3.connect(path) for _ in range(AT_ONCE)]
        for connection in connections:
            connection.execute("SELECT * FROM t").fetchall()
        for connection in connections:
            connection.close()
        seen.append(descriptors(path))
    stays.close()
    return seen + [descriptors(path)]


if not os.path.isdir("/proc/self/fd"):
    print("cannot be shown here: no /proc/self/fd to count descriptors in")
    sys.exit(2)
with tempfile.TemporaryDirectory(prefix="parked-descriptors-") as folder:
    folder = os.path.realpath(folder)
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

expected = [[1 + AT_ONCE, 1]] * 3 + [[0, 0]], [[1, 0]] * 3 + [[0, 0]]
print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
print(f"[main, -wal] open beside one that stays, after each of 3 x {AT_ONCE} at once, and at the end:")
print(f"mechanism (it holds a lock): expected {expected[0]}, seen {mechanism}")
print(f"control (it holds none):     expected {expected[1]}, seen {control}")
reproduced = (mechanism, control) == expected
print("reproduced" if reproduced else "not reproduced")
sys.exit(0 if reproduced else 1)
