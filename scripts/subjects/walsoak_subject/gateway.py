"""connect(): how every actor of the subject opens a board, after the dispatcher as it was in May 2026.

Header check, open, pragmas, and the schema on the first open of a path in this process. With the setting
`module` all of that is the business of a user's own function. On an error nothing stays open, unless the
setting `on_init_failure` says that what SQLite had opened by then is left to the collector.
"""

import contextlib
import errno
import importlib.util
import os
import sqlite3
import sys
import urllib.parse

from . import answers
from .board import SCHEMA
from .board_flock import INITIALISATION_PATIENCE, board_flock
from .connection import OWNER_THREAD, BoardConnection
from .errors import FOREIGN_HEADER, ApplicationError, located
from .faults import FailingConnects
from .ledger import CountedConnection
from .lock_guard import SHARED_RANGE, SHM_DMS, LockGuards

MAGIC = b"SQLite format 3\0"


def load_function(module):
    """The function that FILE:FUNCTION names. Raises ValueError with a line for the user."""
    file, _, name = module.rpartition(":")
    if not file or not os.path.isfile(file):
        raise ValueError(f"setting module: no file {file or module!r}; valid: FILE:FUNCTION")
    sys.path.insert(0, os.path.dirname(os.path.abspath(file)))
    spec = importlib.util.spec_from_file_location("walsoak_user_module", file)
    if spec is None:
        raise ValueError(f"setting module: {file!r} is no Python file")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    function = getattr(loaded, name, None)
    if not callable(function):
        raise ValueError(f"setting module: {file!r} has no function {name!r}")
    return function


class Gateway:
    def __init__(self, settings, ledger, failing=None):
        self._settings = settings
        self._failing = failing or FailingConnects()
        self._ledger = ledger
        self._opened = set()
        self._function = load_function(settings["module"]) if settings["module"] else None
        self.guards = None if settings["lock_guard"] == "off" else LockGuards()

    def open(self, board, actor, affinity=OWNER_THREAD):
        """A BoardConnection of the calling thread. Raises what went wrong, with its place noted."""
        if self._function is not None:
            return self._open_by_function(board, actor, affinity)
        first = board.path not in self._opened
        self._opened.add(board.path)
        looks_at = self._settings["header_check_at"]
        if looks_at == "open" or (looks_at == "first-open" and first):
            self._check_header(board)
        if self.guards is not None:
            self.guards.hold(board.path, SHARED_RANGE)
        try:
            connection = sqlite3.connect(
                _existing(board.path),
                uri=True,
                timeout=self._settings["busy_timeout_ms"] / 1000,
                isolation_level=None,
                check_same_thread=False,
                factory=CountedConnection,
            )
        except Exception as error:
            raise located(error, "open")
        self._ledger.opened(connection, board, actor)
        opened = BoardConnection(connection, board, actor, affinity)
        if looks_at == "commit":
            opened.after_commit = lambda: self._check_header(board)
        with opened.turn():
            try:
                locks = first and self._settings["flock"] in ("init", "both")
                with board_flock(board.path, locks, INITIALISATION_PATIENCE):
                    self._failing.check(board.path)
                    self._initialise(opened, first)
            except BaseException:
                # Else nobody closes it: the last reference goes with this error.
                if self._settings["on_init_failure"] == "close":
                    opened.close()
                raise
        try:
            # _initialise() has made SQLite map the -shm; rollback modes have none.
            if self._settings["lock_guard"] == "both" and os.path.exists(board.path + "-shm"):
                self.guards.hold(board.path + "-shm", SHM_DMS)
            self._watch_generation(connection, board.path)
            self._change_modes(board.path)
        except BaseException:
            opened.close()
            raise
        return opened

    @contextlib.contextmanager
    def waiting(self):
        """Around what a thread does to get its turn: how long that takes is counted in the ledger."""
        begun_ns = answers.now_ns()
        try:
            yield
        finally:
            self._ledger.count_lock_wait((answers.now_ns() - begun_ns) // 1000)

    def _open_by_function(self, board, actor, affinity):
        self._failing.check(board.path)  # before: what the function has opened is not ours to close
        try:
            os.stat(board.path)  # what the function would do at a path where nothing is, nobody knows
            connection = self._function(board.path)
        except Exception as error:
            raise located(error, "open")
        self._ledger.foreign_opened(connection, board, actor)
        return BoardConnection(connection, board, actor, affinity)

    def _check_header(self, board):
        check = self._settings["header_check"]
        if check == "off" or (check == "raw" and self._refused_by_registry(board)):
            return
        where = "header check" if check == "raw" else "stat"
        try:
            head = _read_head(board.path) if check == "raw" else _look_at(board.path)
        except OSError as error:
            if error.errno == errno.EMFILE:
                raise located(error, where)
            raise ApplicationError("header", error.strerror, where) from error
        if head and not head.startswith(MAGIC):
            raise ApplicationError(FOREIGN_HEADER, "file is not a database", where)

    def _refused_by_registry(self, board):
        return self._settings["raw_open_registry"] == "on" and self._ledger.open_on(board) > 0

    def _change_modes(self, path):
        if self._settings["mode_change"] == "off":
            return
        suffixes = {"all": ("", "-wal", "-shm"), "main": ("",), "shm": ("-shm",)}[self._settings["mode_change_of"]]
        by_path = self._settings["mode_change"] == "path"
        for suffix in suffixes:
            try:
                (os.chmod if by_path else _fchmod)(path + suffix, 0o600)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise ApplicationError("header", error.strerror, "chmod" if by_path else "fchmod") from error

    def _watch_generation(self, connection, path):
        """Before it closes: no checkpoint, always or where the name -wal leads to another file than now."""
        if self._settings["close_checkpoint"] == "on":
            return
        if self._settings["close_checkpoint"] == "off":
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
            return
        then = _inode_of(path + "-wal")

        # It must not refer to the connection, whose life would change.
        def before_close(closing):
            if _inode_of(path + "-wal") != then:
                closing.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)

        connection.before_close = before_close

    def _initialise(self, opened, first):
        settings = self._settings
        wanted = _journal_mode_of(settings["journal_mode"], sqlite3.sqlite_version_info)
        if settings["wal_pragma"] == "always" or self._journal_mode(opened) != wanted:
            opened.command(f"PRAGMA journal_mode={wanted.upper()}", "PRAGMA journal_mode")
        opened.command(f"PRAGMA synchronous={settings['synchronous'].upper()}", "PRAGMA synchronous")
        opened.command("PRAGMA foreign_keys=ON", "PRAGMA foreign_keys")
        pages = settings["wal_autocheckpoint"]
        opened.command(f"PRAGMA wal_autocheckpoint={pages}", "PRAGMA wal_autocheckpoint")
        limit = settings["journal_size_limit"]
        if limit >= 0:
            opened.command(f"PRAGMA journal_size_limit={limit}", "PRAGMA journal_size_limit")
        for statement in SCHEMA if first else ():
            opened.command(statement, "schema")

    @staticmethod
    def _journal_mode(opened):
        return opened.command("PRAGMA journal_mode", "PRAGMA journal_mode")[0][0]


def _journal_mode_of(setting, version):
    """The WAL-reset bug is in 3.7.0 to 3.51.2 but 3.44.6 and 3.50.7 (harness/model/vocabulary/wal_reset.h)."""
    if setting != "delete-where-vulnerable":
        return setting
    mended = version >= (3, 51, 3) or (3, 44, 6) <= version < (3, 45) or (3, 50, 7) <= version < (3, 51)
    return "wal" if mended or version < (3, 7) else "delete"


def _existing(path):
    # A board that vanished between its listing and its opening is an error and not an empty new file.
    return "file:" + urllib.parse.quote(os.fsencode(os.path.abspath(path))) + "?mode=rw"


def _inode_of(path):
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return 0


def _fchmod(path, mode):
    # As _read_head: the close drops this process's locks on the file.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def _read_head(path):
    # An ordinary open and close of the main file: it drops every POSIX lock that this process has on it.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 64)
    finally:
        os.close(descriptor)


def _look_at(path):
    os.stat(path)
    return b""
