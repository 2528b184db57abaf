"""The steps of a subject: each one act, told to the observer board by board, whoever orders it."""

import gc
import sqlite3

from . import listings
from .access import LookedAway
from .board_flock import TRY_ONCE, board_flock
from .dispatch_pass import DispatchPass
from .errors import ApplicationError, describe, is_corrupt


class Steps:
    """What a step's message makes happen; do() returns the content of its `done`.

    The dispatcher's steps (triage, dispatch, probe) are never two at a time; notifier, slash, dashboard and
    collect may run beside them, each on a thread of its own.
    """

    def __init__(self, settings, boards, access, dispatcher, slash, disabled, ledger, guards, faults):
        self._triage_runs = settings["auto_decompose"] != "off"
        self._locks_dispatch = settings["flock"] in ("dispatch", "both")
        self._free = settings["mode"] == "free"
        self._reaps_workers = settings["worker_reaper"] == "on"
        self._checkpoint_every = settings["passive_checkpoint_every"]
        self._boards = boards
        self._access = access
        self._dispatcher = dispatcher
        self._slash = slash
        self._disabled = disabled
        self._ledger = ledger
        self._guards = guards
        self._acts = {
            "dispatch": ("dispatcher", self._dispatch),
            "probe": ("probe", self._probe),
            "triage": ("triage", self._triage),
            "notifier": ("notifier", self._notifier),
            "slash": ("slash", self._slash_command),
            "dashboard": ("dashboard", self._dashboard),
            "inside": ("inside", self._inside),
            "collect": ("collector", self._collect),
            "ledger": (None, self._report_ledger),
            "reap": (None, self._reap),
            "fault": (None, faults.do),
        }

    def actor(self, name):
        """Whose step it is; None for one that touches no board and needs no thread."""
        return self._known(name)[0]

    def do(self, step):
        """Carries the step out on the calling thread, which is the actor's."""
        return self._known(step["step"])[1](step)

    def _known(self, name):
        if name not in self._acts:
            raise ApplicationError("unknown step", f"no step {name!r} in this subject", name)
        return self._acts[name]

    def _dispatch(self, step):
        def visit(board):
            if self._disabled.holds(board):
                raise ApplicationError("disabled", "board disabled until its file changes", "dispatch")
            try:
                with board_flock(board.path, self._locks_dispatch, TRY_ONCE) as ours:
                    if not ours:
                        return {"looked": False, "locked_out": True}
                    return self._access.use("dispatcher", board, lambda connection: run_pass(board, connection))
            except (sqlite3.Error, ApplicationError) as error:
                if is_corrupt(error):
                    self._disabled.disable(board)
                raise

        def run_pass(board, connection):
            result = DispatchPass(self._dispatcher, board, connection, step["time_s"]).run()
            if self._reaps_workers:
                without_claim.extend(self._workers_without_claim(board, connection))
            if checkpoint_due:
                connection.command("PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint")
            return result

        without_claim = []
        # Lockstep counts ticks, a free-running subject its slots.
        ticks = step.get("tick", step.get("slot", 0)) + 1
        checkpoint_due = self._checkpoint_every > 0 and ticks % self._checkpoint_every == 0

        forgotten = [_entry(board, "forget", self._access.forget) for board in self._boards.vanished()]
        visited = self._on_boards("dispatch", visit)["boards"]
        # A board that is gone has an entry only where letting go of it went wrong.
        done = _summed([entry for entry in forgotten if not entry["ok"]] + visited)
        told = {**done, "spawned": self._dispatcher.spawner.take_spawned()}
        # In lockstep the observer orders the end of each, by a step `reap`: one act at a time.
        if self._free:
            for worker in without_claim:
                self._dispatcher.spawner.ask_to_end(worker["pid"])
        return {**told, "without_claim": [worker["writer"] for worker in without_claim]} if without_claim else told

    def _workers_without_claim(self, board, connection):
        return [
            worker
            for worker in self._dispatcher.spawner.live_on(board)
            if not connection.query("claim_of", id=worker["task"], writer=worker["writer"])
        ]

    def _probe(self, _):
        """Stops at the first board with a task to spawn for: the boards behind it have no entry."""
        found = []

        def visit(board):
            if self._disabled.holds(board):
                raise LookedAway
            if self._access.use("probe", board, listings.has_spawnable):
                found.append(board)

        return self._on_boards("probe", visit, stop=lambda: found)

    def _triage(self, _):
        if not self._triage_runs:
            return _summed([])
        return self._list_every_board("triage", listings.triage)

    def _notifier(self, _):
        return self._list_every_board("notifier", listings.notifier)

    def _dashboard(self, _):
        return self._list_every_board("dashboard", listings.dashboard)

    def _inside(self, _):
        return self._list_every_board("inside", listings.acknowledged)

    def _slash_command(self, step):
        slot = step["slot"]

        def visit(board):
            return self._access.use("slash", board, lambda connection: add(board, connection))

        def add(board, connection):
            return self._slash.add(board, connection, slot, step["time_s"])

        return _summed([_entry(board, "slash", visit) for board in self._boards.at_slot(slot)])

    def _collect(self, _):
        before = self._ledger.closed()
        gc.collect()
        after = self._ledger.closed()
        return {"ok": True, "freed": None if None in (before, after) else after - before}

    def _report_ledger(self, _):
        told = {"ok": True, "api": self._ledger.snapshot(), "vfs": None}
        told["lock_wait_us"] = self._ledger.lock_wait_us()
        if self._guards is not None:
            told["guards"] = self._guards.counts(self._boards.every())
        return told

    def _reap(self, step):
        if step.get("end", False):
            self._dispatcher.spawner.ask_to_end(step["pid"])
        return {"ok": True, **self._dispatcher.spawner.reap(step["pid"])}

    def _list_every_board(self, actor, listing):
        return self._on_boards(actor, lambda board: self._access.use(actor, board, listing))

    def _on_boards(self, step_name, visit, stop=lambda: False):
        entries = []
        for board in self._boards.present():
            entries.append(_entry(board, step_name, visit))
            if stop():
                break
        return _summed(entries)


def _summed(entries):
    return {"ok": all(entry["ok"] for entry in entries), "boards": entries}


def _entry(board, step_name, visit):
    """What became of one board; an error on it never keeps the step from the next."""
    try:
        return {"board": board.name, "ok": True, **(visit(board) or {})}
    except LookedAway:
        return {"board": board.name, "ok": True, "looked": False}
    except Exception as error:  # whatever a board, or a user's own function, comes up with is its entry
        return {"board": board.name, "ok": False, "error": describe(error, step_name)}
