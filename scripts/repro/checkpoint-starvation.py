"""checkpoint-starvation: the -wal grows for as long as one reader stays in its transaction.

A checkpoint cannot pass the snapshot of a reader, and the -wal starts over only when nobody reads from it
(sqlite.org/wal.html 6, "Avoiding Excessively Large WAL Files"). In the control the reader commits first.
"""
import os
import sqlite3
import sys
import tempfile

ROUNDS, COMMITS = 4, 100


def connect(path):
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=50")  # in pages; 1000 by default
    connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
    return connection


def case(path, cause):
    writer, reader = connect(path), connect(path)
    writer.execute("INSERT INTO t VALUES (0)")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM t").fetchall()
    if not cause:
        reader.execute("COMMIT")
    sizes = []
    for _ in range(ROUNDS):
        for _ in range(COMMITS):
            writer.execute("UPDATE t SET x = x + 1")
        sizes.append(os.path.getsize(path + "-wal"))
    busy = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    truncated_to = os.path.getsize(path + "-wal")
    reader.close()
    writer.close()
    return sizes, busy, truncated_to


with tempfile.TemporaryDirectory(prefix="checkpoint-starvation-") as folder:
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
print(f"bytes of the -wal after each {COMMITS} commits; then wal_checkpoint(TRUNCATE): busy, bytes left")
print("mechanism (the reader stays): expected ever more, 1, all of them; seen", *mechanism)
print("control (it has committed):   expected always the same, 0, 0;     seen", *control)
sizes, busy, left = mechanism
starved = sizes == sorted(set(sizes)) and busy == 1 and left == sizes[-1]
fine = len(set(control[0])) == 1 and control[1:] == (0, 0)
print("reproduced" if starved and fine else "not reproduced")
sys.exit(0 if starved and fine else 1)
