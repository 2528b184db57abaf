"""pool: connections to any boards, at most pool_size of them, lent to one thread at a time.

pool_mode lru (#33927): what is given back stays open, and the least recently used idle one goes where there are
more than pool_size; a thread that finds none idle opens another, so that the peak is as high as the use.
borrowed (#83406): such a thread waits, so that the peak is bounded too.
"""

import threading

from ..connection import SERIALIZED
from .strategy import Strategy


class Pool(Strategy):
    name = "pool"
    summary = "at most pool_size connections for all threads and boards; the least recently used idle one goes"
    affinity = SERIALIZED
    holds_connections = True

    def __init__(self, gateway, settings, boards):
        super().__init__(gateway, settings, boards)
        self._size = settings["pool_size"]
        self._waits = settings["pool_mode"] == "borrowed"
        self._given_back = threading.Condition()
        self._idle = []  # least recently used first
        self._places = 0  # taken: by idle connections, and by those in use or about to be opened

    def use(self, board, actor, work):
        connection = self._borrow(board, actor)
        try:
            with connection.turn():
                return work(connection)
        finally:
            self._give_back(connection)

    def close_all(self):
        with self._given_back:
            idle, self._idle = self._idle, []
            self._places -= len(idle)
        for connection in idle:
            _close(connection)

    def _borrow(self, board, actor):
        connection = self._take_place(board)
        if connection is not None and connection.board == board:
            return connection
        # SQLite opens and closes outside the lock: others may come and go meanwhile.
        try:
            if connection is not None:
                _close(connection)
            return self._open(board, actor)
        except BaseException:
            with self._given_back:
                self._places -= 1
                self._given_back.notify()
            raise

    def _take_place(self, board):
        """A connection to the board; or one to another board, which must make way; or None: just open one."""
        with self._gateway.waiting(), self._given_back:
            while True:
                for connection in reversed(self._idle):
                    if connection.board == board:
                        self._idle.remove(connection)
                        return connection
                if self._places < self._size or not (self._idle or self._waits):
                    self._places += 1
                    return None
                if self._idle:
                    return self._idle.pop(0)
                self._given_back.wait()

    def _give_back(self, connection):
        surplus = []
        with self._given_back:
            self._idle.append(connection)
            while self._places > self._size and self._idle:
                surplus.append(self._idle.pop(0))
                self._places -= 1
            self._given_back.notify()
        for unwanted in surplus:
            _close(unwanted)


def _close(connection):
    with connection.turn():
        connection.close()


STRATEGY = Pool
