"""Small programs for `walsoak diagnose --pid` to be right or wrong about. Standard library only.

usage: diagnosis_cases.py CASE FOLDER      prints "ready PID" once what is to be seen is there, and then holds or goes on

Contract: each case is a function that is given a folder and returns when it is ready, with what is to be kept alive, or
a function that goes on for as long as it is called. `kind` says what is right about it: "destroys", commits are being
lost or will be at the next close; "troubles", no commit is lost, but somebody will see an error or run out of
something; "healthy", nothing is wrong. `still`: nothing changes after it is ready, so that any look sees the same.
"""

import ctypes
import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Callable

HOLD_S = 120


@dataclass
class Case:
    name: str
    kind: str
    what: str
    run: Callable
    still: bool = True
    fits: tuple = ()     # names of which one is named or among what is open, where it is not healthy
    options: tuple = ()  # of `walsoak diagnose`
    needs: str = ""      # "root", or "libsqlite3": the library of the system
    standing: str = ""   # the one that is right, where only one is


CASES = {}


def case(name, kind, what, **more):
    def register(run):
        CASES[name] = Case(name, kind, what, run, **{"standing": "healthy" if kind == "healthy" else ""} | more)
        return run
    return register


# The starter of a case kills its process group; by itself it ends after a while.
def wait_here(after=None):
    end = time.monotonic() + HOLD_S
    while time.monotonic() < end:
        if after is not None:
            after()
        else:
            time.sleep(0.2)


def connect(path, *pragmas, uri=False, check=True):
    connection = sqlite3.connect(path, isolation_level=None, uri=uri, timeout=10, check_same_thread=check)
    for pragma in pragmas:
        connection.execute("PRAGMA " + pragma).fetchall()
    return connection


def wal(path, *pragmas, **more):
    connection = connect(path, *pragmas, "journal_mode=WAL", **more)
    connection.execute("CREATE TABLE IF NOT EXISTS t(x)")
    connection.execute("INSERT INTO t VALUES(1)")
    connection.execute("SELECT * FROM t").fetchall()
    return connection


def rollback(path, *pragmas, mode="DELETE", **more):
    connection = connect(path, *pragmas, f"journal_mode={mode}", **more)
    connection.execute("CREATE TABLE IF NOT EXISTS t(x)")
    connection.execute("INSERT INTO t VALUES(1)")
    return connection


def attempt(path):
    """A connection that is used as far as SQLite lets it: two -wal of one file are an error to some versions."""
    connection = connect(path)
    try:
        connection.execute("SELECT count(*) FROM t").fetchall()
    except sqlite3.Error:
        pass
    return connection


def read_raw(path):
    with open(path, "rb") as file:
        file.read(16)


def elsewhere(code, *arguments):
    """Python code in a process of its own that has ended when this returns."""
    subprocess.run([sys.executable, "-I", "-c", code, *map(str, arguments)], check=True)


OTHER_WRITER = ("import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10); "
                "c.execute('INSERT INTO t VALUES(2)'); c.close()")


def child(act):
    """A forked process that does it, says so, and waits."""
    ready, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        kept = act()
        os.write(said, b"r")
        wait_here()
        del kept
        os._exit(0)
    os.close(said)
    os.read(ready, 1)
    os.close(ready)


# Cases that destroy.

@case("hard-link", "destroys", "a process on each of two names of one file", fits=("second name",))
def _(folder):
    wal(folder / "a.db").close()
    os.link(folder / "a.db", folder / "b.db")
    child(lambda: wal(folder / "b.db"))
    return wal(folder / "a.db")


@case("hard-link-in-one-process", "destroys", "two connections of one process, by two names", fits=("second name",))
def _(folder):
    wal(folder / "a.db").close()
    (folder / "sub").mkdir()
    os.link(folder / "a.db", folder / "sub" / "b.db")
    return wal(folder / "a.db"), attempt(folder / "sub" / "b.db")


@case("hard-link-beside-it", "destroys", "the same with both names in one folder", fits=("second name",))
def _(folder):
    wal(folder / "a.db").close()
    os.link(folder / "a.db", folder / "b.db")
    return wal(folder / "a.db"), attempt(folder / "b.db")


def mounted_file(folder):
    """A file of another folder, mounted by itself in a mount namespace of this process's own."""
    libc = ctypes.CDLL(None, use_errno=True)
    new_namespace, bind, private, recursive = 0x20000, 4096, 1 << 18, 16384
    if libc.unshare(new_namespace) or libc.mount(None, b"/", None, private | recursive, None):
        raise OSError(ctypes.get_errno(), "unshare")
    (folder / "inside").mkdir()
    (folder / "inside" / "x.db").touch()
    if libc.mount(os.fsencode(folder / "x.db"), os.fsencode(folder / "inside" / "x.db"), None, bind, None):
        raise OSError(ctypes.get_errno(), "mount")
    return wal(folder / "inside" / "x.db")


@case("mounted-file-inside", "destroys", "a single file mounted into a container, seen from inside",
      fits=("second name",), needs="root")
def _(folder):
    wal(folder / "x.db").close()
    child(lambda: wal(folder / "x.db"))
    return mounted_file(folder)


@case("mounted-file-outside", "destroys", "the same, seen from outside", fits=("second name",), needs="root")
def _(folder):
    wal(folder / "x.db").close()
    child(lambda: mounted_file(folder))
    return wal(folder / "x.db")


def restored_in_place(folder, restore):
    connection = wal(folder / "x.db")
    connection.executemany("INSERT INTO t VALUES(?)", ((os.urandom(800),) for _ in range(2000)))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    rollback(folder / "copy.db").close()
    done = []

    def go_on():
        connection.execute("INSERT INTO t VALUES(1)")
        time.sleep(0.1)
        done.append(1)
        if len(done) == 20:
            restore(folder / "copy.db", folder / "x.db")
    return go_on


@case("restore-in-place", "destroys", "a backup is copied over the main file under its connection", still=False,
      fits=("overwritten main file",), options=("--every", "500ms", "--for", "4s"))
def _(folder):
    return restored_in_place(folder, lambda copy, main: subprocess.run(["cp", copy, main], check=True))


@case("restore-in-place-sidecars-removed", "destroys", "the same, with -wal and -shm removed", still=False,
      fits=("overwritten main file", "sidecars removed"), options=("--every", "500ms", "--for", "4s"))
def _(folder):
    def restore(copy, main):
        subprocess.run(["cp", copy, main], check=True)
        for suffix in ("-wal", "-shm"):
            os.unlink(f"{main}{suffix}")
    return restored_in_place(folder, restore)


@case("journal-lock-lost", "destroys", "rollback mode: the header is read raw in a write transaction", fits=("lock lost",))
def _(folder):
    connection = rollback(folder / "x.db", "cache_spill=1", "cache_size=5")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO t VALUES(?)", (("x" * 900,) for _ in range(2000)))
    read_raw(folder / "x.db")
    return connection


@case("lock-lost", "destroys", "WAL mode: the header is read raw", fits=("lock lost",))
def _(folder):
    connection = wal(folder / "x.db")
    read_raw(folder / "x.db")
    return connection


@case("exclusive-lock-lost", "destroys", "the same in exclusive locking mode, without a -shm", fits=("lock lost",))
def _(folder):
    connection = wal(folder / "x.db", "locking_mode=EXCLUSIVE")
    read_raw(folder / "x.db")
    return connection


@case("index-lock-lost", "destroys", "the -shm is read raw, as by a copy of the folder", fits=("-shm lock lost",))
def _(folder):
    connection = wal(folder / "x.db")
    read_raw(folder / "x.db-shm")
    return connection


@case("split", "destroys", "a lost lock, and another process that closes last", fits=("split generation", "lock lost"))
def _(folder):
    connection = wal(folder / "x.db")
    read_raw(folder / "x.db")
    elsewhere(OTHER_WRITER, folder / "x.db")
    return connection


@case("carried-over-fork", "destroys", "a child uses the connection of its parent", fits=("lock lost",))
def _(folder):
    connection = wal(folder / "x.db")
    if os.fork():
        wait_here()
        os._exit(0)
    connection.execute("SELECT * FROM t").fetchall()
    return connection


@case("sidecars-removed", "destroys", "-wal and -shm are removed by hand", fits=("sidecars removed",))
def _(folder):
    connection = wal(folder / "x.db")
    for suffix in ("-wal", "-shm"):
        os.unlink(f"{folder / 'x.db'}{suffix}")
    return connection


@case("wal-removed", "destroys", "the -wal alone is removed", fits=("sidecars removed",))
def _(folder):
    connection = wal(folder / "x.db")
    os.unlink(folder / "x.db-wal")
    return connection


@case("sidecars-removed-and-reopened", "destroys", "the same, and one more connection is opened", fits=("sidecars removed",))
def _(folder):
    connection = wal(folder / "x.db")
    for suffix in ("-wal", "-shm"):
        os.unlink(f"{folder / 'x.db'}{suffix}")
    return connection, attempt(folder / "x.db")


@case("renamed-over", "destroys", "another file is renamed over the main file", fits=("replaced board",))
def _(folder):
    connection = wal(folder / "x.db")
    rollback(folder / "copy.db").close()
    os.replace(folder / "copy.db", folder / "x.db")
    return connection


@case("main-removed", "destroys", "the main file is removed", fits=("replaced board",))
def _(folder):
    connection = wal(folder / "x.db")
    os.unlink(folder / "x.db")
    return connection


def second_library(folder):
    """A copy of the system's SQLite, loaded beside the one of Python, as a plug-in brings its own."""
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    library = next(line.split()[-1] for line in listed.splitlines() if "libsqlite3.so.0 " in line)
    shutil.copyfile(library, folder / "libplugin.so")
    plugin = ctypes.CDLL(str(folder / "libplugin.so"), mode=os.RTLD_NOW)
    plugin.sqlite3_open.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]
    plugin.sqlite3_exec.argtypes = [ctypes.c_void_p, ctypes.c_char_p] + [ctypes.c_void_p] * 3
    plugin.sqlite3_close.argtypes = [ctypes.c_void_p]
    handle = ctypes.c_void_p()
    plugin.sqlite3_open(os.fsencode(folder / "x.db"), ctypes.byref(handle))
    plugin.sqlite3_exec(handle, b"SELECT * FROM t", None, None, None)
    return plugin, handle


@case("second-copy-stays", "destroys", "two SQLites: the program's last close unlinks under the plug-in's connection",
      fits=("second SQLite copy",), needs="libsqlite3")
def _(folder):
    connection = wal(folder / "x.db")
    plugin = second_library(folder)
    connection.close()
    return wal(folder / "x.db"), plugin


@case("second-copy-closes", "destroys", "two SQLites: the plug-in's close drops the program's locks",
      fits=("lock lost", "split generation"), needs="libsqlite3")
def _(folder):
    connection = wal(folder / "x.db")
    plugin, handle = second_library(folder)
    plugin.sqlite3_close(handle)
    return connection, plugin


# Cases that trouble.

def drop_and_work(folder, sizes):
    kept = []
    path = folder / "x.db"
    wal(path).close()

    def go_on():
        for _ in range(sizes):
            with sqlite3.connect(path) as dropped:  # commits, and does not close
                dropped.execute("SELECT * FROM t").fetchall()
            del dropped
        kept.append([[i] for i in range(90)])  # work, so that the collector runs by itself now and then
        time.sleep(0.2)
    return go_on


@case("left-to-the-collector", "troubles", "connections are dropped, and freed by CPython's own collector", still=False,
      fits=("deferred collection",), options=("--every", "1s", "--for", "20s"))
def _(folder):
    return drop_and_work(folder, 1)


@case("leak", "troubles", "a connection more every 0.2 s", still=False, fits=("unclosed connection",),
      options=("--every", "500ms", "--for", "6s"))
def _(folder):
    kept = [wal(folder / "x.db")]

    def go_on():
        kept.append(wal(folder / "x.db"))
        time.sleep(0.2)
    return go_on


@case("writer-held", "troubles", "WAL mode: a write transaction stays open", fits=("held transaction",))
def _(folder):
    connection = wal(folder / "x.db")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO t VALUES(2)")
    return connection


@case("journal-writer-held", "troubles", "rollback mode: a write transaction stays open", fits=("held transaction",))
def _(folder):
    connection = rollback(folder / "x.db")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO t VALUES(2)")
    return connection


@case("journal-exclusive-held", "troubles", "rollback mode: a large write transaction stays open", standing="unknown")
def _(folder):
    connection = rollback(folder / "x.db", "cache_spill=1", "cache_size=5")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO t VALUES(?)", (("x" * 900,) for _ in range(2000)))
    return connection


def with_unfinished_select(connection):
    connection.execute("INSERT INTO t VALUES(2)")
    cursor = connection.execute("SELECT * FROM t")
    cursor.fetchone()
    return connection, cursor


@case("reader-held", "troubles", "WAL mode: a SELECT is not finished", fits=("held transaction",))
def _(folder):
    return with_unfinished_select(wal(folder / "x.db"))


@case("journal-reader-held", "troubles", "rollback mode: a SELECT is not finished", fits=("held transaction",))
def _(folder):
    return with_unfinished_select(rollback(folder / "x.db"))


@case("burst-at-limit", "troubles", "half of the limit is parked by bursts that fail", fits=("descriptor exhaustion",))
def _(folder):
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
    kept, burst = wal(folder / "x.db"), []
    try:
        for _ in range(180):
            burst.append(connect(folder / "x.db"))
            burst[-1].execute("SELECT count(*) FROM t").fetchall()
    except sqlite3.Error:
        pass
    for connection in burst:
        connection.close()
    return kept


@case("read-only-main-parks", "troubles", "a main file that may only be read: each close parks another descriptor",
      still=False, fits=("parked descriptors",), options=("--every", "500ms", "--for", "6s"), needs="root")
def _(folder):
    path = folder / "x.db"
    child(lambda: wal(path))
    os.chmod(folder, 0o777)
    os.chmod(path, 0o644)
    for suffix in ("-wal", "-shm"):
        os.chmod(f"{path}{suffix}", 0o666)
    os.setgid(65534)
    os.setuid(65534)
    kept = connect(path)
    kept.execute("SELECT count(*) FROM t").fetchall()

    def go_on():
        connection = connect(path)
        connection.execute("SELECT count(*) FROM t").fetchall()
        connection.close()
        time.sleep(0.05)
        assert kept
    return go_on


# Healthy cases.

@case("plain", "healthy", "one held connection")
def _(folder):
    return wal(folder / "x.db")


@case("several", "healthy", "six held connections")
def _(folder):
    return [wal(folder / "x.db") for _ in range(6)]


@case("threads", "healthy", "a connection for each of eight threads")
def _(folder):
    ready = threading.Semaphore(0)

    def work():
        mine = wal(folder / "x.db")
        ready.release()
        wait_here()
        del mine
    for _ in range(8):
        threading.Thread(target=work, daemon=True).start()
    for _ in range(8):
        ready.acquire()


@case("attached", "healthy", "two databases on one connection")
def _(folder):
    connection = wal(folder / "x.db")
    connection.execute("ATTACH ? AS b", (str(folder / "b.db"),))
    connection.execute("PRAGMA b.journal_mode=WAL").fetchall()
    connection.execute("CREATE TABLE b.u(x)")
    return connection


@case("symbolic-link", "healthy", "opened through a symbolic link")
def _(folder):
    wal(folder / "real.db").close()
    os.symlink(folder / "real.db", folder / "x.db")
    return wal(folder / "x.db")


for _mode in ("DELETE", "TRUNCATE", "PERSIST"):
    @case(f"rollback-{_mode.lower()}", "healthy", f"journal_mode={_mode} beside a database in WAL mode")
    def _(folder, mode=_mode):
        return wal(folder / "x.db"), rollback(folder / "r.db", mode=mode)


@case("exclusive", "healthy", "WAL mode, locking_mode=EXCLUSIVE")
def _(folder):
    return wal(folder / "x.db", "locking_mode=EXCLUSIVE")


@case("exclusive-rollback", "healthy", "rollback mode, locking_mode=EXCLUSIVE: as a transaction that stays open looks",
      standing="unknown")
def _(folder):
    return rollback(folder / "x.db", "locking_mode=EXCLUSIVE")


@case("exclusive-truncate", "healthy", "journal_mode=TRUNCATE, locking_mode=EXCLUSIVE: the journal is empty at rest")
def _(folder):
    return rollback(folder / "x.db", "locking_mode=EXCLUSIVE", mode="TRUNCATE")


@case("unix-excl", "healthy", "the VFS unix-excl")
def _(folder):
    return wal(f"file:{folder}/x.db?vfs=unix-excl", uri=True)


@case("unix-dotfile", "healthy", "the VFS unix-dotfile in WAL mode: its lock is a folder")
def _(folder):
    return wal(f"file:{folder}/x.db?vfs=unix-dotfile", "locking_mode=EXCLUSIVE", uri=True)


@case("unix-dotfile-rollback", "healthy", "the VFS unix-dotfile beside a database in WAL mode")
def _(folder):
    dotfile = rollback(f"file:{folder}/r.db?vfs=unix-dotfile", uri=True)
    return wal(folder / "x.db"), dotfile


@case("unix-none", "healthy", "the VFS unix-none in WAL mode: it takes no lock, as a lost one looks", standing="open")
def _(folder):
    return wal(f"file:{folder}/x.db?vfs=unix-none", "locking_mode=EXCLUSIVE", uri=True)


@case("mmap", "healthy", "memory-mapped reads")
def _(folder):
    return wal(folder / "x.db", "mmap_size=268435456")


@case("read-only", "healthy", "a reader in mode=ro beside a writer")
def _(folder):
    writer, reader = wal(folder / "x.db"), connect(f"file:{folder}/x.db?mode=ro", uri=True)
    reader.execute("SELECT * FROM t").fetchall()
    return writer, reader


@case("read-only-after-a-crash", "healthy", "a reader that may not write the -shm of a writer that crashed")
def _(folder):
    path = folder / "x.db"
    pid = os.fork()
    if pid == 0:
        kept = wal(path)
        kept.execute("INSERT INTO t VALUES(2)")
        os._exit(9)  # without a close: -wal and -shm stay
    os.waitpid(pid, 0)
    reader = connect(f"file:{path}?mode=ro&readonly_shm=1", uri=True)
    reader.execute("SELECT count(*) FROM t").fetchall()
    return reader


@case("parked", "healthy", "a burst of ten that returned, far from the limit")
def _(folder):
    kept, burst = wal(folder / "x.db"), [wal(folder / "x.db") for _ in range(10)]
    for connection in burst:
        connection.close()
    return kept


@case("vacuumed", "healthy", "the program's own VACUUM makes the main file shorter, as a restore in place does", still=False,
      standing="open", options=("--every", "500ms", "--for", "4s"))
def _(folder):
    connection = wal(folder / "x.db")
    connection.executemany("INSERT INTO t VALUES(?)", ((os.urandom(800),) for _ in range(4000)))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    done = []

    def go_on():
        connection.execute("INSERT INTO t VALUES(1)")
        time.sleep(0.1)
        done.append(1)
        if len(done) == 20:
            connection.execute("DELETE FROM t WHERE rowid > 200")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return go_on


@case("works", "healthy", "a connection for each operation, closed each time, beside a held one", still=False,
      options=("--every", "500ms", "--for", "5s"))
def _(folder):
    kept = wal(folder / "x.db")

    def go_on():
        mine = connect(folder / "x.db")
        mine.execute("INSERT INTO t VALUES(1)")
        mine.close()
        time.sleep(0.02)
        assert kept
    return go_on


@case("writes", "healthy", "a writer of many short transactions", still=False, options=("--every", "500ms", "--for", "5s"))
def _(folder):
    connection = wal(folder / "x.db")

    def go_on():
        connection.execute("INSERT INTO t VALUES(1)")
        time.sleep(0.01)
    return go_on


@case("backed-up", "healthy", "copies through the backup API", still=False, options=("--every", "500ms", "--for", "5s"))
def _(folder):
    connection = wal(folder / "x.db")

    def go_on():
        copy = sqlite3.connect(folder / "copy.db")
        connection.backup(copy)
        copy.close()
        time.sleep(0.1)
    return go_on


def main():
    gc.enable()
    chosen, folder = CASES[sys.argv[1]], Path(sys.argv[2])
    kept = chosen.run(folder)
    print("ready", os.getpid(), flush=True)
    # A connection can be called, too.
    wait_here(kept if isinstance(kept, FunctionType) else None)


if __name__ == "__main__":
    main()
