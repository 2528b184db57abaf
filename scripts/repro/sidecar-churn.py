"""sidecar-churn: open, write, close creates and unlinks -wal and -shm each time; nothing leaks.

The last connection to close, of all processes, checkpoints and unlinks both (sqlite.org/wal.html 4, "The WAL
File"). In the control another connection stays open, so that no close is the last.
"""
import os
import sqlite3
import sys
import tempfile

VISITS = 10


def connect(path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
    return connection


def case(path, cause):
    """Of the visits: how many had both sidecars while open, how many left neither; and the rows."""
    stays = connect(path)
    if cause:
        stays.close()
    there = gone = 0
    for visit in range(VISITS):
        connection = connect(path)
        connection.execute("INSERT INTO t VALUES (?)", (visit,))
        there += os.path.exists(path + "-wal") and os.path.exists(path + "-shm")
        connection.close()
        gone += not os.path.exists(path + "-wal") and not os.path.exists(path + "-shm")
    rows = sqlite3.connect(path).execute("SELECT count(*) FROM t").fetchone()[0]
    stays.close()
    return [there, gone, rows]


with tempfile.TemporaryDirectory(prefix="sidecar-churn-") as folder:
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

expected = [VISITS, VISITS, VISITS], [VISITS, 0, VISITS]
print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
print(f"[both sidecars there while open, neither after the close, rows at the end] of {VISITS} visits:")
print(f"mechanism (no other connection): expected {expected[0]}, seen {mechanism}")
print(f"control (one stays open):        expected {expected[1]}, seen {control}")
reproduced = (mechanism, control) == expected
print("reproduced" if reproduced else "not reproduced")
sys.exit(0 if reproduced else 1)
