"""replaced-board: a database is restored by renaming a copy over it while a connection is open.

The connection goes on in a file that no longer has a name: what it commits there is gone for everybody else
(sqlite.org/howtocorrupt.html 2.5, "Unlinking or renaming a database file while in use"). The control restores
the same copy into the open database, with SQLite's backup (sqlite.org/backup.html).
"""
import os
import sqlite3
import sys
import tempfile

ROWS = "SELECT group_concat(x, ' ') FROM t"


def create(path, row):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (?)", (row,))
    return connection


def case(path, cause):
    create(path + ".saved", "restored").close()
    held = create(path, "old")
    opened = os.stat(path).st_ino
    if cause:
        os.rename(path + ".saved", path)
        os.unlink(path + "-wal")  # of the old file: the restored one must not read it
        os.unlink(path + "-shm")
    else:
        saved, live = sqlite3.connect(path + ".saved"), sqlite3.connect(path)
        saved.backup(live)
        saved.close()
        live.close()
    held.execute("INSERT INTO t VALUES ('late')")
    inside = held.execute(ROWS).fetchone()[0]
    outside = sqlite3.connect(path).execute(ROWS).fetchone()[0]
    same_file = os.stat(path).st_ino == opened
    held.close()
    return same_file, inside, outside


with tempfile.TemporaryDirectory(prefix="replaced-board-") as folder:
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

expected = (False, "old late", "restored"), (True, "restored late", "restored late")
print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
print("the held file is the one at the path, rows by the held connection, rows by a new one:")
print(f"mechanism (rename): expected {expected[0]}, seen {mechanism}")
print(f"control (backup):   expected {expected[1]}, seen {control}")
reproduced = (mechanism, control) == expected
print("reproduced" if reproduced else "not reproduced")
sys.exit(0 if reproduced else 1)
