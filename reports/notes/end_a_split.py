"""How a process that holds a split generation is to be ended: in good order, or killed.

One process holds a connection and has read the header with an ordinary open and close; another writes, closes last, and
unlinks the sidecars (SQLite before 3.51.0). The holder goes on writing into its deleted -wal, the other one into the live
file. Then the holder closes, or is killed; printed is what is in the file. Works in temporary folders.
"""

import sqlite3
import subprocess
import sys
import tempfile

HOLDER = '''
import sqlite3, sys
path = sys.argv[1]
c = sqlite3.connect(path, isolation_level=None)
c.execute("PRAGMA journal_mode=WAL")
c.execute("CREATE TABLE t (who)")
c.executemany("INSERT INTO t VALUES (?)", [("holder, before",)] * 50)
open(path, "rb").close()
print("ready", flush=True)
sys.stdin.readline()
c.executemany("INSERT INTO t VALUES (?)", [("holder, after",)] * 50)
print("wrote", flush=True)
sys.stdin.readline()
c.close()
'''
OTHER = '''
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.executemany("INSERT INTO t VALUES (?)", [("other",)] * 200)
c.commit()
c.close()
'''

print(f"SQLite {sqlite3.sqlite_version}")
for ending in ("closes", "is killed"):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/board.db"
        holder = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True)
        holder.stdout.readline()
        subprocess.run([sys.executable, "-c", OTHER, path], check=True)
        holder.stdin.write("\n")
        holder.stdin.flush()
        holder.stdout.readline()
        subprocess.run([sys.executable, "-c", OTHER, path], check=True)
        if ending == "is killed":
            holder.kill()
        holder.communicate("\n" if ending == "closes" else None)
        file = sqlite3.connect(path)
        check = file.execute("PRAGMA integrity_check").fetchone()[0]
        rows = dict(file.execute("SELECT who, count(*) FROM t GROUP BY who"))
        print(f"the holder {ending}: integrity {check}, rows {rows}")
        file.close()
