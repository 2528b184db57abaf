"""thread-local: one cached connection a thread and board, used by its owner alone (#32322, #75269).

The cache is a threading.local: what a thread has not closed when it ends, nobody refers to any more, and
CPython frees it at its own time.
"""

import threading
import weakref

from ..connection import ANY_THREAD_CLOSE
from .strategy import Strategy


class ThreadLocal(Strategy):
    name = "thread-local"
    summary = "one cached connection a thread and board, left to the collector where the thread ends"
    affinity = ANY_THREAD_CLOSE
    holds_connections = True
    drops_connections = True

    def __init__(self, gateway, settings, boards):
        super().__init__(gateway, settings, boards)
        self._of_thread = threading.local()
        self._adding = threading.Lock()
        # Weak: a cache that kept them alive would hide what a thread's end does.
        self._alive = weakref.WeakSet()

    def use(self, board, actor, work):
        return work(self._connection(board, actor))

    def close_all(self):
        for connection in list(self._alive):
            connection.close()

    def _connection(self, board, actor):
        cached = self._of_thread.__dict__
        if board.name not in cached:
            cached[board.name] = self._open(board, actor)
            with self._adding:
                self._alive.add(cached[board.name])
        return cached[board.name]


STRATEGY = ThreadLocal
