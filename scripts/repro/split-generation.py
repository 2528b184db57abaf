"""split-generation: two processes use one database, each with a -wal of its own, and neither notices.

An open and close of the file dropped the locks of a held connection (sqlite.org/howtocorrupt.html 2.2); the
next process to close takes itself for the last one, checkpoints, and unlinks -wal and -shm. The control asks
by stat() instead. SQLite 3.51.0 and later look at the locks on the -shm before they unlink.
"""
import glob
import os
import sqlite3
import subprocess
import sys
import tempfile

ROWS = "SELECT group_concat(x, ' ') FROM t"
OTHER = """import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for sql in sys.argv[2:]:
    rows = connection.execute(sql).fetchall()
print(rows[0][0])
connection.close()"""


def other_process(path, *statements):
    """Opens the database, executes, closes, as a worker would; returns what the last statement gave."""
    return subprocess.check_output([sys.executable, "-I", "-c", OTHER, path, *statements], text=True).strip()


def case(path, cause):
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("PRAGMA journal_mode=WAL")
    held.executescript("CREATE TABLE t (x); INSERT INTO t VALUES ('held-1')")
    if cause:
        open(path, "rb").close()
    else:
        os.stat(path)
    other_process(path, "INSERT INTO t VALUES ('other-1')", ROWS)
    try:
        held.execute("INSERT INTO t VALUES ('held-2')")
        inside = held.execute(ROWS).fetchone()[0]
    except sqlite3.Error as error:  # "disk I/O error" and "database disk image is malformed" are seen too
        inside = str(error)
    links = [os.readlink(link) for link in glob.glob("/proc/self/fd/*") if os.path.islink(link)]
    deleted = sum(links.count(path + suffix + " (deleted)") for suffix in ("-wal", "-shm"))
    return deleted, inside, other_process(path, ROWS)


with tempfile.TemporaryDirectory(prefix="split-generation-") as folder:
    folder = os.path.realpath(folder)
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)
split = [deleted > 0 and inside != outside for deleted, inside, outside in (mechanism, control)]
if not os.path.isdir("/proc/self/fd") or split == [False, False] and sqlite3.sqlite_version_info >= (3, 51):
    print(f"cannot be shown here: no /proc, or SQLite {sqlite3.sqlite_version} did not unlink (3.51 on)")
    sys.exit(2)
print(f"SQLite {sqlite3.sqlite_version}; deleted sidecars held, rows inside, rows outside")
print("mechanism (open, close): expected 2, rows that differ; seen", *mechanism, sep=" | ")
print("control (stat):          expected 0, the same rows; seen", *control, sep=" | ")
print("reproduced" if split == [True, False] else "not reproduced")
sys.exit(0 if split == [True, False] else 1)
