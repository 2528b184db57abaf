"""A running process for `walsoak trace --pid`, that does the lines of Python which it is told, and the trace of it."""

import json
import shutil
import subprocess
import sys

import pytest
from e2e import GIVE_UP_S, WALSOAK, environment, validator

SOURCE = '''
import asyncio, fcntl, os, signal, sqlite3, subprocess, sys, threading
db = sys.argv[1]
def connect(path=db):
    held = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    held.execute("PRAGMA journal_mode=WAL")
    held.execute("CREATE TABLE IF NOT EXISTS t(x)")
    held.execute("SELECT * FROM t").fetchall()
    return held
def header(path=db):
    with open(path, "rb") as file:
        return file.read(64)
for line in sys.stdin:
    exec(compile(eval(line), "<told>", "exec"), globals())
    print("done", flush=True)
'''


class Process:
    """`do` returns once the lines are done."""

    def __init__(self, folder, python=sys.executable, name="board.db"):
        script = folder / "running.py"
        script.write_text(SOURCE)
        self.database = folder / name
        self.process = subprocess.Popen([python, script, self.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, cwd=folder, env=environment(PYTHONDONTWRITEBYTECODE="1"))
        self.pid = self.process.pid

    def do(self, lines):
        self.process.stdin.write(repr(lines) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n", f"{lines} failed"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(GIVE_UP_S)
        self.process.stdout.close()


class Attached:
    """`walsoak trace --pid`, attached; `end` interrupts it and returns the events."""

    def __init__(self, pid, *options, prefix=(), **env):
        self.process = subprocess.Popen([*prefix, WALSOAK, "trace", "--pid", str(pid), "--out", "-", *options],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=environment(**env))
        first = self.process.stdout.readline()
        self.events = [json.loads(first)] if first else []
        if not first:
            self.rest()

    def rest(self):
        out, self.err = self.process.communicate(timeout=GIVE_UP_S)
        self.events += [json.loads(line) for line in out.splitlines()]
        check = validator("trace")
        for event in self.events:
            check(event)
        return self.losses()

    def next(self):
        """The next event, as soon as it is written."""
        self.events.append(json.loads(self.process.stdout.readline()))
        return self.events[-1]

    def end(self, signal=2):
        self.process.send_signal(signal)
        return self.rest()

    def losses(self):
        return [event for event in self.events if event["event"] == "lock_loss"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def needs_strace():
    """Skips a test where there is no strace, or it may not attach."""
    if not shutil.which("strace"):
        pytest.skip("no strace here")
    with subprocess.Popen(["sleep", "1000"]) as asleep:
        with subprocess.Popen(["strace", "-p", str(asleep.pid)], stderr=subprocess.PIPE, text=True) as tried:
            said = tried.stderr.readline()  # that it has attached, or why not
            tried.send_signal(2)
        asleep.kill()
    if "attached" not in said:
        pytest.skip(f"strace may not attach here: {said.strip()}")
