"""unclosed: never closes. What becomes of a connection that nobody refers to is CPython's own doing."""

from ..connection import ANY_THREAD_CLOSE
from .strategy import Strategy


class Unclosed(Strategy):
    name = "unclosed"
    summary = "opens a connection for each use and leaves it to the collector"
    affinity = ANY_THREAD_CLOSE
    drops_connections = True

    def use(self, board, actor, work):
        return work(self._open(board, actor))


STRATEGY = Unclosed
