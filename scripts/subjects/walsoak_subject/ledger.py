"""The API ledger: connections opened and closed, by board and by the actor that opened them.

A connection of ours counts itself, when it is closed or when the collector frees it. One from a user's own
function is of a class that we must not touch: it is looked for among the living when the ledger is read.
"""

import copy
import gc
import queue
import sqlite3
import threading
import weakref


class CountedConnection(sqlite3.Connection):
    """CPython's connection, which tells the ledger of its end. Its cycle, and so its life, is unchanged."""

    # A finalizer and not __del__: that would take the place of the one that CPython 3.13 has of its own.
    count_end = None
    before_close = None

    def close(self):
        if self.before_close is not None:
            self.before_close(self)
        super().close()
        if self.count_end is not None:
            self.count_end()  # counts the first time only


class Ledger:
    """Thread-safe; also safe against a collection that frees connections while the ledger is counting."""

    def __init__(self, board_names):
        self._counts = {name: {"opened": {}, "closed": {}} for name in board_names}
        # SimpleQueue.put may be re-entered by a finalizer; a lock held here could not.
        self._events = queue.SimpleQueue()
        # Guards what follows; nothing that a finalizer calls takes it.
        self._counting = threading.Lock()
        self._foreign = {}
        self._countable = True
        self._lock_wait_us = 0

    def open_on(self, board):
        """Connections that are open on the board; 0 where they cannot be counted."""
        counts = self.snapshot()
        return sum(counts[board.name]["opened"].values()) - sum(counts[board.name]["closed"].values()) if counts else 0

    def opened(self, connection, board, actor):
        self._events.put((board.name, "opened", actor))
        # Nothing here may lead back to the connection, or it would never be freed.
        connection.count_end = weakref.finalize(connection, self._events.put, (board.name, "closed", actor))
        connection.count_end.atexit = False

    def foreign_opened(self, connection, board, actor):
        """Follows a connection by its identity; one that comes again says that its last holder is gone."""
        if not isinstance(connection, sqlite3.Connection) or not gc.is_tracked(connection):
            self._countable = False
            return
        with self._counting:
            self._end_foreign(id(connection))
            self._foreign[id(connection)] = (board.name, actor)
            self._events.put((board.name, "opened", actor))

    def snapshot(self):
        """What the observer is told; None where a connection was seen whose end cannot be counted."""
        if not self._countable:
            return None
        with self._counting:
            if self._foreign:
                self._end_missing_foreign()
            while not self._events.empty():
                board, kind, actor = self._events.get()
                counts = self._counts[board][kind]
                counts[actor] = counts.get(actor, 0) + 1
            return copy.deepcopy(self._counts)

    def count_lock_wait(self, us):
        """Adds what a thread has waited for its turn on a connection."""
        with self._counting:
            self._lock_wait_us += us

    def lock_wait_us(self):
        return self._lock_wait_us

    def closed(self):
        """How many were closed on all boards; None as above."""
        counts = self.snapshot()
        return counts and sum(sum(board["closed"].values()) for board in counts.values())

    def _end_missing_foreign(self):
        connections = [found for found in gc.get_objects() if issubclass(type(found), sqlite3.Connection)]
        still_open = {id(connection) for connection in connections if _is_open(connection)}
        for identity in [known for known in self._foreign if known not in still_open]:
            self._end_foreign(identity)

    def _end_foreign(self, identity):
        if identity in self._foreign:
            board, actor = self._foreign.pop(identity)
            self._events.put((board, "closed", actor))


def _is_open(connection):
    try:
        sqlite3.Connection.in_transaction.__get__(connection)
        return True
    except sqlite3.ProgrammingError:
        return False
