"""A cell: everything that its message sets up, from the first connection to the last close."""

import gc

from . import strategies
from .access import Access
from .acknowledgements import Acknowledgements
from .board import Board
from .board_list import BoardList
from .dispatch_pass import Dispatcher
from .errors import describe
from .executor import Executors
from .faults import FailingConnects, Faults
from .fingerprint import DisabledBoards
from .gateway import Gateway
from .ledger import Ledger
from .run_folder import refuse_outside
from .slash import SlashCommands
from .spawner import Spawner
from .steps import Steps


class Cell:
    """Raises ValueError with a line for the user where the message cannot be carried out."""

    def __init__(self, message):
        settings = message["settings"]
        known = strategies.load()
        if settings["strategy"] not in known:
            raise ValueError(f"setting strategy: the python subject has {', '.join(sorted(known))}")
        boards = [Board(entry["name"], entry["path"]) for entry in message["boards"]]
        for path in [board.path for board in boards] + [message["ack_dir"]]:
            refuse_outside(path)
        self.free = settings["mode"] == "free"
        if self.free and settings["collector"] == "auto":
            gc.enable()
        self._ledger = Ledger([board.name for board in boards])
        failing = FailingConnects()
        self._gateway = Gateway(settings, self._ledger, failing)
        self._faults = Faults(boards, self._gateway, failing, message["ack_dir"])
        self._strategy = known[settings["strategy"]](self._gateway, settings, boards)
        self._acknowledgements = Acknowledgements(message["ack_dir"], message.get("writer", "dispatcher"))
        self._slash = SlashCommands(message["ack_dir"])
        worker = message["worker"]
        prefix = message.get("worker_prefix", "w")
        # Held for as long as the cell lasts, as whatever forgets to exhaust a cursor would hold it.
        self._kept_cursors = [] if settings["statements"] == "kept" else None
        self._spawner = Spawner(worker["argv"], worker.get("env") or {}, prefix)
        self._executors = self._threads(settings, self._strategy.executor == "dedicated")
        self._access = Access(settings, self._gateway, self._strategy)
        self._steps = Steps(
            settings,
            BoardList(boards),
            self._access,
            Dispatcher(
                settings["claim_ttl_s"],
                settings["workers"],
                self._acknowledgements,
                self._spawner,
                self._kept_cursors,
            ),
            self._slash,
            DisabledBoards(),
            self._ledger,
            self._gateway.guards,
            self._faults,
        )
        self._held = []
        held = [self._hold(board) for board in boards] if settings["held_connection"] == "on" else []
        self.begun = {
            "ok": all(entry["ok"] for entry in held),
            "strategy": self._strategy.declared(),
            "boards": held,
        }

    def do(self, step):
        """Lockstep: the content of the step's `done`, carried out on the thread that the observer picked."""
        actor = self._steps.actor(step["step"])
        if actor is None:
            return self._steps.do(step)
        in_scope = self._access.in_scope(actor)
        return self._executors.run(in_scope, step.get("thread", 0), lambda: self._steps.do(step))

    def executor(self, name):
        """Free-running: what a step is handed to; None for one that is carried out where it is asked for."""
        actor = self._steps.actor(name)
        return None if actor is None else self._executors.of(self._access.in_scope(actor))

    def carry_out(self, step):
        """Free-running: the content of the step's `done`, carried out on the calling thread."""
        return self._steps.do(step)

    def reap_ended(self):
        """Reaps the workers that have ended; on the thread of the dispatch step that follows."""
        return self._spawner.reap_ended()

    def end(self):
        """Closes and frees everything and ends the threads; the final API ledger."""
        self._executors.run(True, 0, self._strategy.close_all)
        if self._kept_cursors is not None:
            self._kept_cursors.clear()
        gc.collect()
        self._faults.close()
        for connection in self._held:
            connection.close()
        self._executors.join()
        if self._gateway.guards is not None:
            self._gateway.guards.close()
        self._spawner.join()
        self._acknowledgements.close()
        self._slash.close()
        return self._ledger.snapshot()

    def _threads(self, settings, dedicated):
        life = settings["pool_thread_life"]
        if not self.free:
            return Executors(settings["pool_threads"], dedicated, life)
        from .free_running.executors import FreeExecutors

        return FreeExecutors(settings["pool_threads"], dedicated, settings["run_on"] == "loop", life)

    def _hold(self, board):
        try:
            self._held.append(self._gateway.open(board, "held"))
            self._held[-1].read_once("held read")
            return {"board": board.name, "ok": True}
        except Exception as error:  # told to the observer, who decides whether the cell can go on
            return {"board": board.name, "ok": False, "error": describe(error, "held")}
