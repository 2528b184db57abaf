"""Which actors go through the strategy, on which thread, and how the others connect for themselves."""

import contextlib

from .connection import ANY_THREAD_CLOSE

_THROUGH_STRATEGY = {
    "dispatcher": {"dispatcher", "probe", "inside"},
    "process": {"dispatcher", "probe", "inside", "triage", "notifier"},
}


class LookedAway(Exception):
    """The strategy does no work: there is nothing to say of the board."""


class Access:
    def __init__(self, settings, gateway, strategy, executors):
        self._in_scope = _THROUGH_STRATEGY[settings["scope"]]
        self._triage_unclosed = settings["auto_decompose"] == "unclosed"
        self._gateway = gateway
        self._strategy = strategy
        self._executors = executors

    def run(self, actor, thread, work):
        """Runs a whole step of the actor on the thread that is its own."""
        if actor in self._in_scope:
            return self._executors.run_in_scope(thread, work)
        return self._executors.run_in_pool(thread, work)

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
