"""One dispatch pass over one board, in the order of the field's dispatcher; the statements are board.sql's.

Every transaction that wrote rows carries one acknowledgement row, and is logged after its COMMIT returned.
"""

import contextlib
from typing import NamedTuple, Optional

from .acknowledgements import Acknowledgements
from .spawner import Spawner

NO_RUN = 0  # the run of an event that belongs to none


class Dispatcher(NamedTuple):
    """What all passes of this process share."""

    claim_ttl_s: float
    workers: int
    acknowledgements: Acknowledgements
    spawner: Spawner
    kept_cursors: Optional[list]  # holds a cursor of each pass's connection across its close; None: no cursors


class NotClaimed(Exception):
    """Somebody else has claimed the task: the transaction is rolled back and the next candidate tried."""


class DispatchPass:
    """Used once. An idle pass holds two empty BEGIN IMMEDIATE/COMMIT, as in the field."""

    def __init__(self, dispatcher, board, connection, now_s):
        self._dispatcher = dispatcher
        self._board = board
        self._connection = connection
        self._now_s = now_s
        self._wrote = False
        self._counts = {"released": 0, "promoted": 0, "spawned": 0}

    def run(self):
        """What was done, counted."""
        if self._dispatcher.kept_cursors is not None:
            self._connection.leave_cursor_in(self._dispatcher.kept_cursors)
        self._release_expired()
        self._release_stale()
        self._release_crashed()
        self._release_overrunning()
        self._promote()
        # At most one worker a board and pass, both columns together.
        _ = self._start_one("ready") or self._start_one("review")
        return self._counts

    def _release_expired(self):
        for (task,) in self._connection.query("expired_claims", now=self._now_s):
            with self._write():
                self._release(task, "claim expired", "expired", "reclaimed")

    def _release_stale(self):
        before = int(self._now_s - self._dispatcher.claim_ttl_s)
        for (task,) in self._connection.query("stale_workers", before=before):
            with self._write():
                self._release(task, "no heartbeat", "stale", "stale")

    def _release_crashed(self):
        is_alive = self._dispatcher.spawner.is_alive
        dead = [
            task for task, pid, writer in self._connection.query("running_workers") if not is_alive(pid, writer)
        ]
        with self._write():
            for task in dead:
                self._release(task, "worker crashed", "crashed", "crashed")

    def _release_overrunning(self):
        for (task,) in self._connection.query("overrunning", now=self._now_s):
            with self._write():
                self._release(task, "runtime exceeded", "timed out", "timed out")

    def _promote(self):
        with self._write():
            for (task,) in self._connection.query("promotable"):
                self._change("promote", id=task)
                self._event(task, NO_RUN, "promoted")
                self._counts["promoted"] += 1

    def _start_one(self, status):
        for (task,) in self._connection.query("candidates", status=status):
            if self._dispatcher.spawner.live >= self._dispatcher.workers:
                return False
            with contextlib.suppress(NotClaimed):
                self._start(task, status)
                return True
        return False

    def _start(self, task, status):
        spawner = self._dispatcher.spawner
        writer = spawner.next_writer()
        run = self._claim(task, status, writer)
        with self._write():
            self._change("set_workspace", path=f"workspaces/{task}", id=task)
        pid = spawner.spawn(self._board, task, writer)
        self._counts["spawned"] += 1
        with self._write():
            self._change("set_worker_pid", pid=pid, id=task)
            self._event(task, run, "spawned")

    def _claim(self, task, status, writer):
        """The id of the run that the claim opened."""
        with self._write():
            terms = {"expires": int(self._now_s + self._dispatcher.claim_ttl_s), "now": self._now_s}
            if not self._change("claim", id=task, status=status, writer=writer, **terms):
                raise NotClaimed
            run = self._connection.insert("insert_run", task=task, writer=writer, now=self._now_s)
            self._change("set_run", run=run, id=task)
            self._event(task, run, "claimed")
        return run

    def _release(self, task, reason, run_status, event):
        self._change("release_task", reason=reason, id=task)
        self._change("close_open_runs", status=run_status, now=self._now_s, task=task)
        self._event(task, NO_RUN, event)
        self._counts["released"] += 1

    def _event(self, task, run, kind):
        self._change("insert_event", task=task, run=run, kind=kind, payload="{}", now=self._now_s)

    def _change(self, name, **values):
        changed = self._connection.change(name, **values)
        self._wrote = self._wrote or changed > 0
        return changed

    @contextlib.contextmanager
    def _write(self):
        acknowledgements = self._dispatcher.acknowledgements
        seq = None
        with self._connection.transaction():
            self._wrote = False
            yield
            if self._wrote:
                seq = acknowledgements.take(self._board)
                self._connection.change("acknowledge", writer=acknowledgements.writer, seq=seq)
        if seq is not None:
            acknowledgements.append(self._board, seq)
