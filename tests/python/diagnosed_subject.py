"""A process for `walsoak diagnose` to be right or wrong about: plain Python and SQLite, one mechanism a word. Like
watched_subject's it does what a line of its standard input says and answers when that is over.
"""

SOURCE = '''
import gc, os, socket, sqlite3, subprocess, sys, threading
gc.disable()
held, files, stop = [], [], threading.Event()

def connection(path, mode="WAL"):
    it = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    it.execute("PRAGMA journal_mode=" + mode).fetchall()
    it.execute("CREATE TABLE IF NOT EXISTS t (x)")
    it.execute("SELECT count(*) FROM t").fetchall()
    return it

def thread_with(path, ready):
    mine = connection(path)
    ready.release()
    stop.wait()

for line in sys.stdin:
    word, *rest = line.rstrip("\\n").split("\\t")
    if word == "open":
        held += [connection(rest[0]) for _ in range(int(rest[1]))]
    elif word == "rollback":
        held.append(connection(rest[0], "DELETE"))
    elif word == "close":
        for _ in range(int(rest[0])):
            held.pop().close()
    elif word == "drop":  # a cycle, as CPython's own up to 3.13: the collector alone frees it
        cycle = [connection(rest[0])]
        cycle.append(cycle)
        del cycle
    elif word == "collect":
        gc.collect()
    elif word == "threads":
        ready = threading.Semaphore(0)
        for _ in range(int(rest[1])):
            threading.Thread(target=thread_with, args=(rest[0], ready), daemon=True).start()
        for _ in range(int(rest[1])):
            ready.acquire()
    elif word == "dead-threads":
        for _ in range(int(rest[1])):
            worker = threading.Thread(target=lambda: held.append(connection(rest[0])))
            worker.start()
            worker.join()
    elif word == "read-header":
        open(rest[0], "rb").close()
    elif word == "keep-raw":
        files.append(open(rest[0], "rb"))
    elif word == "sockets":
        files += [socket.socket() for _ in range(int(rest[0]))]
    elif word == "files":
        files += [open(os.path.join(rest[0], "file%d" % len(files)), "w") for _ in range(int(rest[1]))]
    elif word == "write":
        held[-1].execute("INSERT INTO t VALUES (zeroblob(?))", (int(rest[0]),))
    elif word == "checkpoint":
        held[-1].execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    elif word == "empty":
        held[-1].execute("DELETE FROM t")
        held[-1].execute("VACUUM")
    elif word == "begin-read":
        held[0].execute("BEGIN")
        held[0].execute("SELECT count(*) FROM t").fetchall()
    elif word == "other-writer":  # another process, which closes last as far as it can see
        subprocess.run([sys.executable, "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
                        "c.execute('INSERT INTO t VALUES (2)'); c.commit(); c.close()", rest[0]], check=True)
    print(len(held), flush=True)
'''
