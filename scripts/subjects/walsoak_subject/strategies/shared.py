"""shared: one connection a board for all threads, each of which has it to itself for a whole use (#32226).

Opened on the first use and kept to the end; never reopened, whatever becomes of the file, as the proposal
(withdrawn since) did not.
"""

import threading

from ..connection import SERIALIZED
from .strategy import Strategy


class Shared(Strategy):
    name = "shared"
    summary = "one connection a board for all threads, behind a lock"
    affinity = SERIALIZED
    holds_connections = True

    def __init__(self, gateway, settings, boards):
        super().__init__(gateway, settings, boards)
        self._locks = {board.name: threading.RLock() for board in boards}
        self._connections = {}

    def use(self, board, actor, work):
        lock = self._locks[board.name]
        with self._gateway.waiting():
            lock.acquire()
        try:
            # Opened behind the lock too: two first uses at once share what one of them opens.
            if board.name not in self._connections:
                self._connections[board.name] = self._open(board, actor)
            connection = self._connections[board.name]
            with connection.turn():
                return work(connection)
        finally:
            lock.release()

    def close_all(self):
        for name, connection in self._connections.items():
            with self._locks[name], connection.turn():
                connection.close()
        self._connections.clear()


STRATEGY = Shared
