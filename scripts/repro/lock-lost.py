"""lock-lost: an ordinary open, read and close of the database file drops every lock SQLite holds on it.

POSIX locks belong to the process, and go when it closes any descriptor of the file
(sqlite.org/howtocorrupt.html 2.2). The connection does not notice. The control asks by stat() instead.
"""
import glob
import os
import sqlite3
import sys
import tempfile

SHARED_RANGE = ["1073741826", "1073742335"]  # first and last byte: SHARED_FIRST and SHARED_SIZE in os_unix.c


def shared_locks(path):
    """How many locks on SQLite's shared range of the main file the kernel shows for this process."""
    count = 0
    for link in glob.glob("/proc/self/fd/*"):
        if os.path.islink(link) and os.readlink(link) == path:
            with open(link.replace("/fd/", "/fdinfo/")) as info:
                count += sum(line.split()[-2:] == SHARED_RANGE for line in info)
    return count


def case(path, cause):
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("PRAGMA journal_mode=WAL")
    held.execute("CREATE TABLE t (x)")
    before = shared_locks(path)
    if cause:
        with open(path, "rb") as file:
            assert file.read(16) == b"SQLite format 3\0"
    else:
        assert os.stat(path).st_size > 0
    after = shared_locks(path)
    held.execute("INSERT INTO t VALUES (1)")  # it writes on, whether it has the lock or not
    later = shared_locks(path)
    held.close()
    return [before, after, later]


if not os.path.isdir("/proc/self/fdinfo"):
    print("cannot be shown here: no /proc/self/fdinfo to count locks in")
    sys.exit(2)
with tempfile.TemporaryDirectory(prefix="lock-lost-") as folder:
    folder = os.path.realpath(folder)
    mechanism = case(folder + "/mechanism.db", True)
    control = case(folder + "/control.db", False)

expected = [1, 0, 0], [1, 1, 1]
print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
print("shared locks on the main file before the header is looked at, after, and after one more commit:")
print(f"mechanism (open, read, close): expected {expected[0]}, seen {mechanism}")
print(f"control (stat):                expected {expected[1]}, seen {control}")
reproduced = (mechanism, control) == expected
print("reproduced" if reproduced else "not reproduced")
sys.exit(0 if reproduced else 1)
