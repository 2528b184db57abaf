"""Two processes and one board, to see which of them splits it and with which system calls.

split_pair.py HOLDER CLOSER [--read-shm]    versions got by scripts/fetch-sqlite; strace must be installed

HOLDER holds a connection and reads the board's header with an ordinary open, read and close; with --read-shm it reads
its -shm so too. CLOSER opens, inserts one row and closes, under strace. Printed are the sidecars that are left, what
the holder has and sees, and what the closer's close did. Works in a temporary folder.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

CACHE = Path(os.environ.get("WALSOAK_CACHE", Path.home() / ".cache/walsoak"))


def hold(path, read_shm):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE t(x)")
    database.execute("SELECT count(*) FROM t").fetchall()  # a WAL connection takes its lock with its first read
    for name in [path, path + "-shm"] if read_shm else [path]:
        with open(name, "rb") as file:
            file.read(64)
    print("ready", flush=True)
    sys.stdin.readline()
    held = sorted(link.rsplit("/", 1)[1] for fd in os.listdir("/proc/self/fd")
                  if "board.db" in (link := os.path.realpath(f"/proc/self/fd/{fd}")))
    print("sees", database.execute("SELECT count(*) FROM t").fetchone()[0], "rows and has", ", ".join(held))


def close(path):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("INSERT INTO t VALUES(1)")
    os.write(2, b"close\n")
    database.close()
    os.write(2, b"closed\n")


def role(version, *arguments, before=()):
    environment = {**os.environ, "LD_LIBRARY_PATH": str(CACHE / "sqlite" / version)}
    return subprocess.Popen([*before, sys.executable, __file__, *arguments], env=environment, text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def run(holder_version, closer_version, *flags):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "board.db")
        trace = os.path.join(folder, "trace")
        holder = role(holder_version, "hold", path, *flags)
        holder.stdout.readline()
        role(closer_version, "close", path, before=(
            "strace", "-y", "-o", trace, "-e", "trace=fcntl,unlink,write,pwrite64,ftruncate")).wait()
        left = sorted(name for name in os.listdir(folder) if name.startswith("board.db"))
        print(f"holder {holder_version}, closer {closer_version}: left", ", ".join(left))
        print("holder", holder.communicate("\n")[0].strip())
        lines = Path(trace).read_text(encoding="utf-8").replace(folder + "/", "").splitlines()
        first, last = (next(i for i, line in enumerate(lines) if text in line) for text in ('"close\\n', '"closed\\n'))
        print(*("  " + line[:150] for line in lines[first + 1:last]), sep="\n")


if __name__ == "__main__":
    if sys.argv[1] == "hold":
        hold(sys.argv[2], "--read-shm" in sys.argv)
    elif sys.argv[1] == "close":
        close(sys.argv[2])
    else:
        run(*sys.argv[1:])
