"""Which actors go through the strategy, and how the others connect for themselves."""

import contextlib

from .connection import ANY_THREAD_CLOSE

_THROUGH_STRATEGY = {
    "dispatcher": {"dispatcher", "probe", "inside"},
    "process": {"dispatcher", "probe", "inside", "triage", "notifier", "slash"},
}


class LookedAway(Exception):
    """The strategy does no work: there is nothing to say of the board."""


class Access:
    """Safe for as many threads as the strategy is; what it holds of its own never changes."""

    def __init__(self, settings, gateway, strategy):
        self._in_scope = _THROUGH_STRATEGY[settings["scope"]]
        self._triage_unclosed = settings["auto_decompose"] == "unclosed"
        self._gateway = gateway
        self._strategy = strategy

    def in_scope(self, actor):
        """Whether the actor's steps go through the strategy, and so run where that declares."""
        return actor in self._in_scope

    def looks(self, actor):
        return self._strategy.looks or actor not in self._in_scope

    def use(self, actor, board, work):
        """Runs work(connection) on the board; its result."""
        if not self.looks(actor):
            raise LookedAway
        if actor in self._in_scope:
            return self._strategy.use(board, actor, work)
        if actor == "triage" and self._triage_unclosed:
            # `with connect() as conn:` commits and does not close; the collector has it from here.
            connection = self._gateway.open(board, actor, ANY_THREAD_CLOSE)
            with connection.commit_block():
                return work(connection)
        with contextlib.closing(self._gateway.open(board, actor)) as connection:
            return work(connection)

    def forget(self, board):
        """Tells the strategy that the board's file is gone; to be called where its steps run."""
        self._strategy.forget(board)
