"""stale-checkpoint: a connection whose -wal was unlinked checkpoints it into the live database.

After a split generation (sqlite.org/howtocorrupt.html 2.2) the held connection still has the deleted -wal; a
checkpoint, that of its last close too, writes its old pages over what other processes committed since. In
the control it does not checkpoint. SQLite 3.51.0 and later do not come to the split.
"""
import glob
import os
import sqlite3
import subprocess
import sys
import tempfile

OTHER = """import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
try:
    print(*connection.execute(sys.argv[2]).fetchone() or ())
except sqlite3.Error as error:
    print(error)
connection.close()"""
MANY = """INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
SELECT zeroblob(500) FROM n"""
LOOK = "SELECT count(*) FROM t", "PRAGMA integrity_check(1)"


def other_process(path, statement):
    """Opens the database, executes, closes, as a worker would; returns the first row, or the error."""
    return subprocess.check_output([sys.executable, "-I", "-c", OTHER, path, statement], text=True).strip()


def case(path, cause):
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("PRAGMA journal_mode=WAL")
    held.executescript("CREATE TABLE t (x); INSERT INTO t VALUES ('held-1')")
    open(path, "rb").close()  # drops held's locks
    other_process(path, "INSERT INTO t VALUES ('other')")
    links = [os.readlink(link) for link in glob.glob("/proc/self/fd/*") if os.path.islink(link)]
    if path + "-wal (deleted)" not in links:
        print(f"cannot be shown here: no /proc, or SQLite {sqlite3.sqlite_version} did not unlink (3.51 on)")
        sys.exit(2)
    held.execute("SELECT * FROM t").fetchall()
    other_process(path, MANY)
    held.execute("INSERT INTO t VALUES ('held-2')")
    before = [other_process(path, sql) for sql in LOOK]
    if cause:
        held.execute("PRAGMA wal_checkpoint")
    return [before, [other_process(path, sql) for sql in LOOK]]


with tempfile.TemporaryDirectory(prefix="stale-checkpoint-") as folder:
    folder = os.path.realpath(folder)
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)
print(f"SQLite {sqlite3.sqlite_version}; [rows, integrity] from outside before and after held's checkpoint")
print(f"mechanism (checkpoint): expected ['102', 'ok'], then another; seen {mechanism}")
print(f"control (none):         expected ['102', 'ok'] twice; seen {control}")
reproduced = mechanism[0] == ["102", "ok"] != mechanism[1] and control == [["102", "ok"]] * 2
print("reproduced" if reproduced else "not reproduced")
sys.exit(0 if reproduced else 1)
