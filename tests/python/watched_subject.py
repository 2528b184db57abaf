"""A process for `walsoak watch` to look at: a Python program that knows nothing of walsoak and does with SQLite what its
standard input says, a word and its arguments a line; it answers each line with how many connections it has open.
"""

import subprocess
import sys

SOURCE = '''
import fcntl, os, sqlite3, sys
held, files = [], []
for line in sys.stdin:
    word, *rest = line.rstrip("\\n").split("\\t")
    if word in ("open", "rollback"):
        for _ in range(int(rest[1])):
            held.append(sqlite3.connect(rest[0], isolation_level=None))
            held[-1].execute("PRAGMA journal_mode=" + ("WAL" if word == "open" else "DELETE")).fetchall()
            held[-1].execute("CREATE TABLE IF NOT EXISTS t (x)")
            held[-1].execute("SELECT count(*) FROM t").fetchall()
    elif word == "write":
        held[-1].execute("INSERT INTO t VALUES (1)")
    elif word == "begin":
        held[-1].execute("BEGIN IMMEDIATE")
    elif word == "close":
        for _ in range(int(rest[0])):
            held.pop().close()
    elif word == "read-header":
        open(rest[0], "rb").close()
    elif word == "plain":
        files.append(open(rest[0], "a+b"))
        fcntl.lockf(files[-1], fcntl.LOCK_EX)
    elif word == "pipe":
        files.extend(os.pipe())
    elif word == "exit":
        break
    print(len(held), flush=True)
'''


class Subject:
    """The process; `say` returns once it has done what it was told."""

    def __init__(self, folder, *marks, source=SOURCE):
        script = folder / "gateway.py"
        script.write_text(source)
        self.process = subprocess.Popen([sys.executable, str(script), *marks], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, cwd=folder)
        self.pid = self.process.pid

    def say(self, *words):
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        self.process.stdout.close()


class Watch:
    """`walsoak watch --every stdin`: one sample each time it is asked."""

    def __init__(self, program, folder, *arguments, prefix=()):
        self.folder = folder / "watch"
        self.process = subprocess.Popen(
            [*prefix, str(program), "watch", "--every", "stdin", "--out", str(self.folder), *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)

    def sample(self):
        """The line that is printed once the sample is on disk."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        """Ends the watch by the end of its input; its exit code and what it printed."""
        out, err = self.process.communicate()
        return self.process.returncode, out, err

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
