"""descriptor-exhaustion: "unable to open database file", of a database that is there and whole.

That is SQLITE_CANTOPEN (sqlite.org/rescode.html), here because the process has used up its descriptors
(RLIMIT_NOFILE, getrlimit(2)) on connections that it never closed. The control closes them.
"""
import os
import resource
import sqlite3
import sys
import tempfile

LIMIT, VISITS = 64, 200


def free_descriptors():
    """How many more descriptors this process may open: it opens them all, and closes them again."""
    opened = []
    try:
        while True:
            opened.append(os.open("/", os.O_RDONLY))
    except OSError:  # EMFILE
        for fd in opened:
            os.close(fd)
    return len(opened)


def case(path, cause):
    connections, error = [], None
    for visit in range(1, VISITS + 1):
        try:
            connections.append(sqlite3.connect(path, isolation_level=None))
            connections[-1].execute("PRAGMA journal_mode=WAL")
            connections[-1].execute("CREATE TABLE IF NOT EXISTS t (x)")
        except sqlite3.OperationalError as caught:
            error = str(caught)
            break
        if not cause:
            connections[-1].close()
    free = free_descriptors()
    for connection in connections:
        connection.close()
    integrity = sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone()[0]
    return visit, error, free, integrity


hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, hard))
with tempfile.TemporaryDirectory(prefix="descriptor-exhaustion-") as folder:
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}; limit {LIMIT}, {VISITS} visits")
print("visits made, error, descriptors still free, integrity once all connections are closed:")
print("mechanism (never closed): expected an error, 3 or fewer, ok; seen", *mechanism, sep=" | ")
print(f"control (closed):         expected {VISITS}, no error, more than 3, ok; seen", *control, sep=" | ")
exhausted = mechanism[1] == "unable to open database file" and mechanism[2] <= 3 and mechanism[3] == "ok"
fine = control[:2] == (VISITS, None) and control[2] > 3 and control[3] == "ok"
print("reproduced" if exhausted and fine else "not reproduced")
sys.exit(0 if exhausted and fine else 1)
