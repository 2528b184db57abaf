"""per-tick: open, use, close. What the dispatcher did in May 2026, and the baseline of every comparison."""

import contextlib

from .strategy import Strategy


class PerTick(Strategy):
    name = "per-tick"
    summary = "opens a connection for each use and closes it"

    def use(self, board, actor, work):
        with contextlib.closing(self._open(board, actor)) as connection:
            return work(connection)


STRATEGY = PerTick
