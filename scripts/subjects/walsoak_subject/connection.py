"""An open connection to a board: runs the named statements and notes on each error which one it came from.

It belongs to the thread that opened it, or, serialized, to whichever has its turn. It holds the sqlite3
connection alone; dropping this object leaves that connection to CPython, as in the field.
"""

import contextlib
import operator
import sqlite3
import threading

from .board import STATEMENTS
from .errors import ApplicationError, located

OWNER_THREAD = "owner-thread"  # used and closed by the thread that opened it
ANY_THREAD_CLOSE = "any-thread-close"  # used by that thread, closed by any
SERIALIZED = "serialized"  # used and closed by any thread in its turn; who lends it sees that turns never meet

# What is wanted of a cursor. No variable ever holds one: an error's traceback would hold it too, and a
# connection closed meanwhile would live on as a zombie.
_ROWS = operator.methodcaller("fetchall")
_CHANGED = operator.attrgetter("rowcount")
_ROW_ID = operator.attrgetter("lastrowid")


class BoardConnection:
    def __init__(self, connection, board, actor, affinity):
        self.board = board
        self.actor = actor
        self._connection = connection
        self._affinity = affinity
        self._owner = None if affinity == SERIALIZED else threading.get_ident()
        self._kept_cursors = None
        self.after_commit = None  # called with nothing once a COMMIT has returned; may raise

    @contextlib.contextmanager
    def turn(self):
        """The calling thread's turn on a serialized connection; any other connection needs none."""
        if self._affinity != SERIALIZED:
            yield
            return
        before, self._owner = self._owner, threading.get_ident()
        try:
            yield
        finally:
            self._owner = before

    def query(self, name, **values):
        """All rows of a named statement."""
        return self._run(name, STATEMENTS[name], values, _ROWS)

    def change(self, name, **values):
        """Runs a named statement; the number of rows changed."""
        return self._run(name, STATEMENTS[name], values, _CHANGED)

    def insert(self, name, **values):
        """Runs a named INSERT; the new row's id."""
        return self._run(name, STATEMENTS[name], values, _ROW_ID)

    def command(self, sql, where):
        """Any other statement, all rows."""
        return self._run(where, sql, {}, _ROWS)

    def read_once(self, where):
        """A read, so that the connection holds its lock: it has none before its first."""
        self.command("SELECT count(*) FROM sqlite_master", where)

    @contextlib.contextmanager
    def transaction(self):
        """BEGIN IMMEDIATE to COMMIT; rolled back where anything in it, or the COMMIT, fails."""
        self.command("BEGIN IMMEDIATE", "BEGIN IMMEDIATE")
        try:
            yield
            self.command("COMMIT", "COMMIT")
            if self.after_commit is not None:
                self.after_commit()
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            raise

    def commit_block(self):
        """For the `with connect() as conn:` of the field: commits at its end and does not close."""
        return self._connection

    def leave_cursor_in(self, kept):
        """Has close() leave a cursor in the middle of its rows, which `kept` holds: somebody's forgotten one.

        From CPython 3.11 on SQLite then keeps a closed connection as a zombie; before, close() finalizes it.
        """
        self._kept_cursors = kept

    def close(self):
        if self._affinity != ANY_THREAD_CLOSE:
            self._check_owner()
        try:
            self._leave_cursor()
            self._connection.close()
        except Exception as error:
            raise located(error, "close")

    def _leave_cursor(self):
        if self._kept_cursors is None:
            return
        # A board that cannot be read leaves nothing behind; the close must happen either way.
        with contextlib.suppress(sqlite3.Error):
            cursor = self._connection.execute("SELECT name FROM sqlite_master")
            cursor.fetchone()
            self._kept_cursors.append(cursor)

    def _run(self, where, sql, values, result):
        self._check_owner()
        try:
            return result(self._connection.execute(sql, values))
        except Exception as error:
            raise located(error, where)

    def _check_owner(self):
        if threading.get_ident() != self._owner:
            user = threading.current_thread().name
            text = f"connection of {self.actor} to {self.board.name} used by thread {user}"
            raise ApplicationError("affinity", text, "affinity")
