"""What went wrong on a board, in the protocol's words: SQLite's extended code, or a name of our own."""

import errno
import sqlite3

CORRUPT = 11
NOT_A_DATABASE = 26

# CPython tells SQLite's code from 3.11 on. Before, the primary code is read off the message, SQLite's own.
_CODE_OF_MESSAGE = {
    "database is locked": 5,
    "database table is locked": 6,
    "attempt to write a readonly database": 8,
    "disk I/O error": 10,
    "database disk image is malformed": CORRUPT,
    "database or disk is full": 13,
    "unable to open database file": 14,
    "locking protocol": 15,
    "file is not a database": NOT_A_DATABASE,
}


# A header check read something else than SQLite's magic bytes: the board is corrupt.
FOREIGN_HEADER = "not-a-database"


class ApplicationError(Exception):
    """An error that is not SQLite's; `app` names it to the observer."""

    def __init__(self, app, text, where):
        super().__init__(text)
        self.app = app
        self.walsoak_where = where


def located(error, where):
    """Notes on the error the statement or call that it came from; the first place named stays."""
    if not hasattr(error, "walsoak_where"):
        error.walsoak_where = where
    return error


def extended_code(error):
    """SQLite's extended code; None where the error is not SQLite's (a closed connection, say)."""
    if not isinstance(error, sqlite3.Error):
        return None
    return getattr(error, "sqlite_errorcode", _CODE_OF_MESSAGE.get(str(error)))


def is_corrupt(error):
    if isinstance(error, ApplicationError):
        return error.app == FOREIGN_HEADER
    code = extended_code(error)
    return code is not None and code & 0xFF in (CORRUPT, NOT_A_DATABASE)


def describe(error, where):
    """The `error` of a board; `where` stands in for a place that nobody noted."""
    return {
        "code": extended_code(error) or 0,
        "message": error.strerror if isinstance(error, OSError) and error.strerror else str(error),
        "where": getattr(error, "walsoak_where", where),
        "app": _application_name(error),
    }


def _application_name(error):
    if extended_code(error) is not None:
        return None
    if isinstance(error, ApplicationError):
        return error.app
    if isinstance(error, OSError):
        return "EMFILE" if error.errno == errno.EMFILE else "system"
    return type(error).__name__
