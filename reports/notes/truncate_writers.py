"""What other writers can do while PRAGMA wal_checkpoint(TRUNCATE) waits for a reader.

truncate_writers.py BUSY_TIMEOUT_S [--no-reader]

One connection runs TRUNCATE with that busy timeout; a reader keeps a read transaction open that began before the last
commit. Another connection, with no busy timeout, tries to insert every millisecond until TRUNCATE has returned. Works
in a temporary folder; LD_LIBRARY_PATH names another libsqlite3.
"""

import os
import sqlite3
import sys
import tempfile
import threading
import time


def main(timeout_s, with_reader):
    with tempfile.TemporaryDirectory() as folder:
        def connect(busy_s):
            return sqlite3.connect(os.path.join(folder, "board.db"), timeout=busy_s, isolation_level=None,
                                   check_same_thread=False)

        truncating, reader, writer = connect(timeout_s), connect(0), connect(0)
        truncating.execute("PRAGMA journal_mode=WAL")
        truncating.execute("CREATE TABLE t(x)")
        if with_reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM t").fetchall()
        writer.execute("INSERT INTO t VALUES(0)")
        told = {}

        def truncate():
            begin = time.monotonic()
            told["row"] = truncating.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            told["ms"] = round((time.monotonic() - begin) * 1000)

        thread = threading.Thread(target=truncate)
        thread.start()
        counts = {"refused": 0, "done": 0}
        while thread.is_alive():
            try:
                writer.execute("INSERT INTO t VALUES(1)")
                counts["done"] += 1
            except sqlite3.OperationalError:
                counts["refused"] += 1
            time.sleep(0.001)  # else this writer would keep TRUNCATE from the write lock
        thread.join()
        print(f"SQLite {sqlite3.sqlite_version}: TRUNCATE took {told['ms']} ms, busy {told['row'][0]}; "
              f"inserts beside it: {counts['refused']} refused, {counts['done']} done")


if __name__ == "__main__":
    main(float(sys.argv[1]), "--no-reader" not in sys.argv)
