"""What a strategy is: when connections to boards open and close, and who uses them. Nothing else."""

from ..connection import OWNER_THREAD


class Strategy:
    """Declares what it needs of the house; the house never asks for its name."""

    name = ""
    summary = ""
    executor = "pool"  # or "dedicated": its steps run on one thread of their own
    affinity = OWNER_THREAD
    holds_connections = False  # connections stay open between two uses
    drops_connections = False  # connections are left to the collector
    looks = True  # False: it does no work at all, and steps say so

    def __init__(self, gateway, settings, boards):
        self._gateway = gateway
        self._settings = settings
        self._boards = boards

    @classmethod
    def declared(cls):
        keys = ("name", "summary", "executor", "affinity", "holds_connections", "drops_connections")
        return {key: getattr(cls, key) for key in keys}

    def use(self, board, actor, work):
        """Runs work(connection) on the board and returns its result; raises what went wrong."""
        raise NotImplementedError

    def forget(self, board):
        """The board's file is gone: nothing of it need be kept. Called on the declared executor."""

    def close_all(self):
        """Closes what is still held; called once, on the declared executor (a pool's: any thread)."""

    def _open(self, board, actor):
        return self._gateway.open(board, actor, self.affinity)
