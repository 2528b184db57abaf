"""PRAGMA journal_mode=WAL on a database that is in WAL mode, alone and beside a second connection.

strace -f -e trace=unlink,write python3 pragma_unlink.py    every unlink stands behind the mark that it came after

Works in a temporary folder.
"""

import os
import sqlite3
import tempfile


def mark(text):
    os.write(2, (text + "\n").encode())


def main():
    with tempfile.TemporaryDirectory() as folder:
        def connect():
            return sqlite3.connect(os.path.join(folder, "board.db"), isolation_level=None)

        database = connect()
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t(x)")
        database.close()
        for beside in ("alone", "beside a connection"):
            held = connect() if beside != "alone" else None
            if held:
                held.execute("INSERT INTO t VALUES(1)")
            database = connect()
            mark(f"{beside}: pragma before the first read")
            database.execute("PRAGMA journal_mode=WAL").fetchall()
            mark(f"{beside}: first read")
            database.execute("SELECT count(*) FROM t").fetchall()
            mark(f"{beside}: pragma again")
            database.execute("PRAGMA journal_mode=WAL").fetchall()
            mark(f"{beside}: close")
            database.close()
            mark(f"{beside}: closed")
            if held:
                held.close()


if __name__ == "__main__":
    main()
