"""A small observer for the tests of the Python subject: starts it, speaks the protocol, reads its /proc.

WALSOAK_SUBJECT_PYTHON names another interpreter to run the subject on. Nothing here waits by the clock:
GIVE_UP_S only turns a subject that hangs into a failed test.
"""

import collections
import contextlib
import fcntl
import json
import os
import select
import signal
import sqlite3
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "scripts" / "subjects" / "subject.py"
WORKER = Path(__file__).resolve().parent / "fake_worker.py"
INTERPRETER = os.environ.get("WALSOAK_SUBJECT_PYTHON", sys.executable)
GIVE_UP_S = 30
T0 = 1700000000

sys.path.insert(0, str(PROGRAM.parent))
from walsoak_subject.board import SCHEMA, STATEMENTS  # noqa: E402
from walsoak_subject.run_folder import MARKER  # noqa: E402

# Every setting at its default, with three smaller values.
_ROWS = json.loads((ROOT / "schemas" / "vocabulary.json").read_text())["settings"]
SETTINGS = {row["name"]: row["default"] for row in _ROWS} | {"subject": "python", "workers": 0, "pool_threads": 4}


def seed_board(path, tasks=(), subscriptions=()):
    """Writes a board with (id, status) tasks and closes it: no sidecar is left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    board = sqlite3.connect(path, isolation_level=None)
    board.execute("PRAGMA journal_mode=WAL")
    for statement in SCHEMA:
        board.execute(statement)
    for task, status in tasks:
        values = {"id": task, "title": task, "body": "", "status": status, "priority": 0, "assignee": None}
        values["now"] = T0
        board.execute(STATEMENTS["insert_task"], values)
    for task in subscriptions:
        board.execute(STATEMENTS["insert_subscription"], {"task": task, "channel": "test"})
    board.close()


def read_board(path, sql):
    board = sqlite3.connect(path, isolation_level=None)
    try:
        return board.execute(sql).fetchall()
    finally:
        board.close()


def _keep_own_descriptors():
    """Whatever started these tests may have left us descriptors of its own: no subject is to have them."""
    for number in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):  # the listing's own is gone by now
            os.set_inheritable(number, number < 3)


def job(name, steps, slots, interval_us=1000, **extra):
    """An entry of a run's jobs."""
    return {"job": name, "steps": steps.split(), "interval_us": interval_us, "slots": slots, **extra}


def is_end_of(name, message):
    return message["type"] == "event" and (message["event"], message["job"]) == ("job-ended", name)


class Subject:
    """A running subject on freshly seeded boards below `folder`; on leaving, the process is gone."""

    def __init__(self, folder, boards=1, tasks=(), subscriptions=()):
        self.folder = folder
        names = [f"b{number:02d}" for number in range(1, boards + 1)]
        self.paths = {name: folder / "boards" / name / "kanban.db" for name in names}
        for path in self.paths.values():
            seed_board(path, tasks, subscriptions)
        (folder / "acks").mkdir()
        (folder / MARKER).touch()
        self._log = folder / "subject.stderr"
        self._buffer = b""
        self._next_id = 1
        self.heard = []  # ticks and events since the last run that were not waited for themselves
        self._status = None
        self._start()
        self.hello = self.receive()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.let_go_of_leash()
        self.wait()
        for descriptor in (self._to, self._from):
            if descriptor is not None:
                os.close(descriptor)

    def _start(self):
        ends = []
        for _ in range(3):
            # High numbers, so that none of them is the target of another on its way into the child.
            ends += [(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 50), os.close(end))[0] for end in os.pipe()]
        child_in, self._to, self._from, child_out, child_leash, self._leash = ends
        _keep_own_descriptors()
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        child_log = fcntl.fcntl(log, fcntl.F_DUPFD_CLOEXEC, 50)
        targets = {0: child_in, 1: child_out, 2: child_log, 3: child_leash}
        actions = [(os.POSIX_SPAWN_DUP2, own, child) for child, own in targets.items()]
        self.pid = os.posix_spawn(INTERPRETER, [INTERPRETER, str(PROGRAM)], os.environ, file_actions=actions)
        for descriptor in (child_in, child_out, child_leash, child_log, log):
            os.close(descriptor)

    def send(self, content):
        os.write(self._to, (json.dumps(content) + "\n").encode())

    def receive(self):
        """The next message; every line must be one, since nothing else may stand in the stream."""
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self._from], [], [], GIVE_UP_S)
            chunk = os.read(self._from, 65536) if ready else b""
            assert chunk, f"the subject said nothing more; its log:\n{self.log()}"
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        message = json.loads(line)
        assert message["walsoak"] == 1
        return message

    def cell(self, worker=None, environment=None, named=None, **settings):
        """Sends the cell, with the extra keys of `named`; its done."""
        worker = worker or [sys.executable, str(WORKER)]
        self.send({
            "walsoak": 1, "type": "cell", "id": 0, "cell": "c01", "settings": {**SETTINGS, **settings},
            "boards": [{"name": name, "path": str(path)} for name, path in self.paths.items()],
            "ack_dir": str(self.folder / "acks"), "worker": {"argv": worker, "env": environment or {}},
            **(named or {}),
        })  # fmt: skip
        return self.receive()

    def step(self, name, tick=0, thread=0, **extra):
        """Orders one step and waits for its done."""
        at = {"tick": tick, "time_s": T0 + 60 * tick, "thread": thread}
        return self._ordered("step", step=name, **at, **extra)

    def run(self, *jobs, t0_us=None, time_scale=60):
        """Lets the clock run, from now on where nothing else is said; the done."""
        self.heard = []
        t0_us = time.monotonic_ns() // 1000 if t0_us is None else t0_us
        return self._ordered("run", t0_us=t0_us, epoch_s=T0, time_scale=time_scale, jobs=jobs)

    def pause(self):
        return self._ordered("pause")

    def hear(self, wanted):
        """Listens until wanted(message) of something heard since the run; all that was heard."""
        while not any(wanted(message) for message in self.heard):
            self.heard.append(self.receive())
        return self.heard

    def run_until(self, wanted, *jobs, **run):
        """Runs jobs until as many ticks of each were told as `wanted` says, and pauses; all tick messages."""
        assert self.run(*jobs, **run)["ok"]
        for name, ticks in wanted.items():
            self.hear(lambda message: message["type"] == "tick" and len(self.ticks(name)) >= ticks)
        assert self.pause()["ok"]
        return self.ticks()

    def run_once(self, steps, **extra):
        """Exactly one slot; its tick message. One that this machine was too slow for is tried again."""
        lead_us = 20_000
        while True:
            ticks, _ = self.run_to_end(job("once", steps, 1, lead_us, **extra))
            if ticks:
                return ticks[0]
            lead_us *= 2

    def run_to_end(self, *jobs, **run):
        """Runs jobs until each has used up its slots, run or missed, and pauses: ticks, job-ended events."""
        assert self.run(*jobs, **run)["ok"]
        for entry in jobs:
            self.hear(lambda message, name=entry["job"]: is_end_of(name, message))
        assert self.pause()["ok"]
        return self.ticks(), [message for message in self.heard if message["type"] == "event"]

    def ticks(self, name=None):
        """The tick messages since the run, of one job or of all."""
        return [told for told in self.heard if told["type"] == "tick" and name in (None, told["job"])]

    def _ordered(self, kind, **content):
        number, self._next_id = self._next_id, self._next_id + 1
        self.send({"walsoak": 1, "type": kind, "id": number, **content})
        while True:
            message = self.receive()
            if message["type"] == "done":
                assert message["id"] == number
                return message
            self.heard.append(message)

    def api(self, board="b01"):
        """(opened, closed) of a board, each by actor."""
        api = self.step("ledger")["api"]
        return api if api is None else (api[board]["opened"], api[board]["closed"])

    def stop(self):
        """Ends the subject in good order; its bye and its exit code."""
        self.send({"walsoak": 1, "type": "stop"})
        return self.receive(), self.wait()

    def wait(self):
        """Waits for the subject's end: its exit code, or minus the signal that killed it."""
        if self._status is None:
            end = os.pidfd_open(self.pid)
            ended, _, _ = select.select([end], [], [], GIVE_UP_S)
            os.close(end)
            if not ended:
                os.kill(self.pid, signal.SIGKILL)
            _, self._status = os.waitpid(self.pid, 0)
            assert ended, f"the subject did not end; its log:\n{self.log()}"
        return os.waitstatus_to_exitcode(self._status)

    def let_go_of_leash(self):
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None

    def close_stdin(self):
        os.close(self._to)
        self._to = None

    def log(self):
        return self._log.read_text()

    def descriptors(self, board="b01"):
        """How many descriptors the subject holds on a board: {"kanban.db": 1, "kanban.db-wal": 1, ...}."""
        folder = self.paths[board].parent
        return collections.Counter(path.name for _, path in self._links() if path.parent == folder)

    def descriptor_numbers(self):
        return sorted(int(number) for number in os.listdir(f"/proc/{self.pid}/fd"))

    def main_locks(self, board="b01"):
        """The locks of the subject on the board's main file, one list of lines a descriptor."""
        found = []
        for number, path in self._links():
            if path == self.paths[board]:
                info = Path(f"/proc/{self.pid}/fdinfo/{number}").read_text().splitlines()
                found.append([line for line in info if line.startswith("lock:")])
        return found

    def thread_names(self):
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sorted(task.joinpath("comm").read_text().strip() for task in tasks)

    def acknowledged(self, writer="dispatcher"):
        log = self.folder / "acks" / f"{writer}.log"
        return [tuple(line.split()) for line in log.read_text().splitlines()]

    def waits_for_collector(self):
        """From CPython 3.11 on a connection and its cache hold each other; before, a drop frees at once."""
        return tuple(int(part) for part in self.hello["python"].split(".")[:2]) >= (3, 11)

    def _links(self):
        for number in os.listdir(f"/proc/{self.pid}/fd"):
            yield number, Path(os.readlink(f"/proc/{self.pid}/fd/{number}"))
