"""A cell: everything that its message sets up, from the first connection to the last close."""

import gc

from . import strategies
from .access import Access
from .acknowledgements import Acknowledgements
from .board import Board
from .dispatch_pass import Dispatcher
from .errors import describe
from .executor import Executors
from .fingerprint import DisabledBoards
from .gateway import Gateway
from .ledger import Ledger
from .run_folder import refuse_outside
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
        if settings["collector"] == "auto":
            gc.enable()
        self._ledger = Ledger([board.name for board in boards])
        self._gateway = Gateway(settings, self._ledger)
        self._strategy = known[settings["strategy"]](self._gateway, settings, boards)
        self._acknowledgements = Acknowledgements(message["ack_dir"])
        self._spawner = Spawner(message["worker"]["argv"], message["worker"].get("env") or {})
        self._executors = Executors(settings["pool_threads"], self._strategy.executor == "dedicated")
        self._steps = Steps(
            settings,
            boards,
            Access(settings, self._gateway, self._strategy, self._executors),
            Dispatcher(settings["claim_ttl_s"], settings["workers"], self._acknowledgements, self._spawner),
            DisabledBoards(),
            self._ledger,
        )
        self._held = []
        held = [self._hold(board) for board in boards] if settings["held_connection"] == "on" else []
        self.begun = {
            "ok": all(entry["ok"] for entry in held),
            "strategy": self._strategy.declared(),
            "boards": held,
        }

    def do(self, step):
        """The content of the step's `done`."""
        return self._steps.do(step)

    def end(self):
        """Closes and frees everything and ends the threads; the final API ledger."""
        self._executors.run_in_scope(0, self._strategy.close_all)
        gc.collect()
        for connection in self._held:
            connection.close()
        self._executors.join()
        self._spawner.join()
        self._acknowledgements.close()
        return self._ledger.snapshot()

    def _hold(self, board):
        try:
            self._held.append(self._gateway.open(board, "held"))
            self._held[-1].read_once("held read")
            return {"board": board.name, "ok": True}
        except Exception as error:  # told to the observer, who decides whether the cell can go on
            return {"board": board.name, "ok": False, "error": describe(error, "held")}
