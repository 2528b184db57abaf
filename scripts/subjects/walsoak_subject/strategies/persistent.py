"""persistent: one cached connection a board on a thread of its own, reopened when the fingerprint changes.

As proposed in #31736. A corrupt board's connection is closed and forgotten. `max_cached_connections` bounds
how many are kept; the least recently used goes first.
"""

import collections
import sqlite3

from .. import fingerprint
from ..errors import is_corrupt
from .strategy import Strategy


class Persistent(Strategy):
    name = "persistent"
    summary = "one cached connection a board on the thread kanban-dispatcher"
    executor = "dedicated"
    holds_connections = True

    def __init__(self, gateway, settings, boards):
        super().__init__(gateway, settings, boards)
        self._fingerprint = fingerprint.KINDS[settings["fingerprint"]]
        self._bound = settings["max_cached_connections"]
        self._cached = collections.OrderedDict()  # board's name: (connection, fingerprint); oldest use first

    def use(self, board, actor, work):
        connection = self._connection(board, actor)
        try:
            return work(connection)
        except sqlite3.Error as error:
            if is_corrupt(error):
                self._discard(board.name)
            raise

    def forget(self, board):
        if board.name in self._cached:
            self._discard(board.name)

    def close_all(self):
        while self._cached:
            self._discard(next(iter(self._cached)))

    def _connection(self, board, actor):
        connection, known = self._cached.get(board.name, (None, None))
        if connection is not None and known == self._fingerprint(board.path):
            self._cached.move_to_end(board.name)
            return connection
        if connection is not None:
            self._discard(board.name)
        while self._bound and len(self._cached) >= self._bound:
            self._discard(next(iter(self._cached)))
        connection = self._open(board, actor)
        self._cached[board.name] = (connection, self._fingerprint(board.path))
        return connection

    def _discard(self, name):
        connection, _ = self._cached.pop(name)
        connection.close()


STRATEGY = Persistent
