"""connect() of the Python subject: header check, pragmas, schema, held connections, errors, own function."""

import os
import resource
import sqlite3

import pytest
from subject_observer import SETTINGS, Subject, read_board, seed_board
from walsoak_subject.board import Board
from walsoak_subject.connection import BoardConnection
from walsoak_subject.errors import ApplicationError
from walsoak_subject.executor import ServiceThread
from walsoak_subject.gateway import Gateway, _journal_mode_of
from walsoak_subject.ledger import Ledger

SHARED_RANGE = "1073741826 1073742335"


@pytest.mark.parametrize("check, locked", [("off", True), ("stat", True), ("raw", False)])
def test_only_the_raw_header_check_loses_the_lock_of_a_held_connection(tmp_path, check, locked):
    with Subject(tmp_path) as subject:
        done = subject.cell(header_check=check, held_connection="on", auto_decompose="off")
        assert done["boards"] == [{"board": "b01", "ok": True}]
        # The held connection opened last: it has its lock whatever the check.
        locks = [line for lines in subject.main_locks() for line in lines if SHARED_RANGE in line]
        assert len(locks) == 1 and " READ " in locks[0]
        assert subject.step("dispatch")["ok"]
        locks = [line for lines in subject.main_locks() for line in lines if SHARED_RANGE in line]
        assert bool(locks) == locked
        assert subject.descriptors()["kanban.db-wal"] == 1
        assert subject.api() == ({"held": 1, "dispatcher": 1}, {"dispatcher": 1})
        bye, _ = subject.stop()
        assert bye["api"]["b01"]["closed"] == {"held": 1, "dispatcher": 1}


def test_raw_header_check_refuses_what_is_no_database(tmp_path):
    with Subject(tmp_path) as subject:
        subject.paths["b01"].write_bytes(b"x" * 100)
        subject.cell(header_check="raw")
        done = subject.step("dispatch")
        assert not done["ok"]
        assert done["boards"][0]["error"] == {
            "code": 0, "message": "file is not a database", "where": "header check", "app": "not-a-database"
        }  # fmt: skip
        again = subject.step("dispatch")["boards"][0]["error"]
        assert again["app"] == "disabled", "a board that is no database is out of service until its file changes"
        assert subject.api() == ({}, {})


@pytest.mark.parametrize("check, where", [("off", "open"), ("stat", "stat"), ("raw", "header check")])
def test_no_connection_creates_a_file(tmp_path, check, where):
    """Asked of the held connection: a step would not even try a board whose file is missing."""
    with Subject(tmp_path) as subject:
        subject.paths["b01"].unlink()
        done = subject.cell(header_check=check, held_connection="on")
        error = done["boards"][0]["error"]
        assert (error["code"] & 0xFF, error["where"]) == (14 if check == "off" else 0, where)
        assert not list(subject.paths["b01"].parent.iterdir())


def test_no_users_function_is_asked_for_a_file_that_is_missing(tmp_path, module):
    with Subject(tmp_path) as subject:
        subject.paths["b01"].unlink()
        done = subject.cell(module=f"{module}:plain", held_connection="on")
        assert done["boards"][0]["error"]["message"] == "No such file or directory"
        assert not list(subject.paths["b01"].parent.iterdir())


def test_a_path_may_hold_what_means_something_in_a_uri(tmp_path):
    with Subject(tmp_path / "a?b=c&d#e%20 f") as subject:
        subject.cell(held_connection="on")
        assert subject.step("dispatch")["ok"]
        assert subject.descriptors()["kanban.db-wal"] == 1


@pytest.mark.parametrize("check", ["off", "stat", "raw"])
def test_an_empty_board_gets_its_schema(tmp_path, check):
    with Subject(tmp_path) as subject:
        subject.paths["b01"].write_bytes(b"")
        subject.cell(header_check=check)
        assert subject.step("dispatch")["ok"]
        tables = read_board(subject.paths["b01"], "SELECT name FROM sqlite_master WHERE type = 'table'")
        assert len(tables) == 7


def test_a_board_outside_walsoaks_folders_is_refused(tmp_path):
    with Subject(tmp_path) as subject:
        (tmp_path / ".walsoak-run").unlink()
        before = subject.paths["b01"].read_bytes()
        done = subject.cell()
        assert not done["ok"]
        assert "lies in no folder of walsoak's" in done["error"]["message"]
        assert not subject.step("dispatch")["ok"]
        assert subject.paths["b01"].read_bytes() == before


def test_schema_runs_on_the_first_open_of_a_path_only(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell()
        subject.step("notifier")
        board = sqlite3.connect(subject.paths["b01"])
        board.execute("DROP TABLE comments")
        board.close()
        subject.step("notifier", tick=1)
        assert not read_board(subject.paths["b01"], "SELECT 1 FROM sqlite_master WHERE name = 'comments'")


def test_journal_mode_delete_leaves_no_sidecar(tmp_path):
    with Subject(tmp_path, tasks=[("t1", "todo")]) as subject:
        subject.cell(journal_mode="delete", held_connection="on")
        assert subject.step("dispatch")["ok"]
        assert subject.descriptors()["kanban.db-wal"] == 0
        assert read_board(subject.paths["b01"], "PRAGMA journal_mode") == [("delete",)]


@pytest.mark.parametrize("pragma", ["always", "if-needed"])
def test_board_becomes_wal_where_it_is_not(tmp_path, pragma):
    with Subject(tmp_path) as subject:
        read_board(subject.paths["b01"], "PRAGMA journal_mode=DELETE")
        subject.cell(wal_pragma=pragma)
        assert subject.step("dispatch")["ok"]
        assert read_board(subject.paths["b01"], "PRAGMA journal_mode") == [("wal",)]


def test_a_connection_belongs_to_the_thread_that_opened_it(tmp_path):
    raw = sqlite3.connect(tmp_path / "any.db", check_same_thread=False)
    board = Board("b01", str(tmp_path / "any.db"))
    thread = ServiceThread("another")
    for affinity, acts in (
        ("owner-thread", ["read", "close"]),
        ("any-thread-close", ["read"]),
    ):
        connection = BoardConnection(raw, board, "dispatcher", affinity)
        uses = {"read": lambda: connection.read_once("here"), "close": connection.close}
        for act in acts:
            with pytest.raises(ApplicationError, match="used by thread another") as raised:
                thread.run(uses[act])
            assert raised.value.app == "affinity"
        connection.read_once("here")
    thread.run(connection.close)
    thread.join()


def test_an_error_on_one_board_is_told_and_the_next_board_is_served(tmp_path):
    with Subject(tmp_path, boards=2) as subject:
        subject.cell()
        os.remove(subject.paths["b01"])
        os.mkdir(subject.paths["b01"])
        first, second = subject.step("dispatch")["boards"]
        assert first["error"]["code"] & 0xFF == 14
        assert first["error"]["where"] == "open"
        assert first["error"]["message"] == "unable to open database file"
        assert second["board"] == "b02" and second["ok"]


def test_a_busy_board_is_told_with_its_statement_and_nothing_stays_open(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(busy_timeout_ms=0)
        subject.step("probe")
        writer = sqlite3.connect(subject.paths["b01"], isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        error = subject.step("dispatch")["boards"][0]["error"]
        assert error == {"code": 5, "message": "database is locked", "where": "BEGIN IMMEDIATE", "app": None}
        writer.execute("ROLLBACK")
        writer.close()
        assert not subject.descriptors()


def test_descriptors_exhausted_before_sqlite_are_the_applications_own_error(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(header_check="raw")
        subject.step("probe")
        lowest_free = min(set(range(64)) - set(subject.descriptor_numbers()))
        soft, hard = resource.prlimit(subject.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(subject.pid, resource.RLIMIT_NOFILE, (lowest_free, hard))
        error = subject.step("dispatch")["boards"][0]["error"]
        assert (error["code"], error["app"], error["where"]) == (0, "EMFILE", "header check")
        resource.prlimit(subject.pid, resource.RLIMIT_NOFILE, (soft, hard))
        assert subject.step("dispatch")["ok"]


MODULE = """
import sqlite3

class Own(sqlite3.Connection):
    pass

def plain(path):
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)

def own(path):
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Own)

class Wrapper:
    def __init__(self, path):
        self._inner = plain(path)
    def __getattr__(self, name):
        return getattr(self._inner, name)

def wrapped(path):
    return Wrapper(path)

def failing(path):
    raise ValueError("no such luck")
"""


@pytest.fixture
def module(tmp_path):
    path = tmp_path / "user_module.py"
    path.write_text(MODULE)
    return path


class TestModule:
    @pytest.mark.parametrize("function", ["plain", "own"])
    def test_connections_of_a_users_function_are_counted(self, tmp_path, module, function):
        with Subject(tmp_path) as subject:
            subject.cell(module=f"{module}:{function}", strategy="unclosed")
            subject.step("dispatch")
            subject.step("dispatch", tick=1)
            subject.step("notifier", tick=1)
            if not subject.waits_for_collector():
                return  # freed at once there, or unknown to the collector and so not counted
            assert subject.descriptors()["kanban.db-wal"] == 2
            assert subject.api() == ({"dispatcher": 2, "notifier": 1}, {"notifier": 1})
            subject.step("collect")
            assert subject.api() == ({"dispatcher": 2, "notifier": 1}, {"dispatcher": 2, "notifier": 1})

    def test_ledger_is_null_where_an_end_cannot_be_counted(self, tmp_path, module):
        with Subject(tmp_path) as subject:
            subject.cell(module=f"{module}:wrapped")
            assert subject.step("dispatch")["ok"]
            assert subject.api() is None

    def test_what_the_function_raises_is_the_boards_error(self, tmp_path, module):
        with Subject(tmp_path) as subject:
            subject.cell(module=f"{module}:failing")
            assert subject.step("dispatch")["boards"][0]["error"] == {
                "code": 0, "message": "no such luck", "where": "open", "app": "ValueError"
            }  # fmt: skip

    def test_siblings_of_the_module_may_have_any_name(self, tmp_path):
        sibling = "import sqlite3\ndef passed(path):\n    return sqlite3.connect(path)\n"
        (tmp_path / "board.py").write_text(sibling)
        user = tmp_path / "user.py"
        user.write_text("import board\ndef connect(path):\n    return board.passed(path)\n")
        with Subject(tmp_path) as subject:
            assert subject.cell(module=f"{user}:connect")["ok"]
            assert subject.step("probe")["ok"]


# The versions of WalReset.IsInTheVersionsThatSqliteNames (tests/vocabulary/order_test.cc): one rule in two languages.
@pytest.mark.parametrize("version, mode", [
    ((3, 6, 23), "wal"), ((3, 7, 0), "delete"), ((3, 40, 1), "delete"), ((3, 44, 5), "delete"), ((3, 44, 6), "wal"),
    ((3, 44, 10), "wal"), ((3, 45, 0), "delete"), ((3, 46, 1), "delete"), ((3, 50, 6), "delete"), ((3, 50, 7), "wal"),
    ((3, 51, 0), "delete"), ((3, 51, 2), "delete"), ((3, 51, 3), "wal"), ((3, 53, 0), "wal"), ((4, 0, 0), "wal")])
def test_the_journal_mode_follows_the_version_where_it_is_asked_for(version, mode):
    assert _journal_mode_of("delete-where-vulnerable", version) == mode
    assert (_journal_mode_of("wal", version), _journal_mode_of("delete", version)) == ("wal", "delete")



@pytest.mark.parametrize("step", ["_watch_generation", "_change_modes"])
def test_a_connect_that_fails_after_its_initialisation_leaves_nothing_open(tmp_path, monkeypatch, step):
    board = Board("b01", str(tmp_path / "kanban.db"))
    seed_board(tmp_path / "kanban.db")
    ledger = Ledger(["b01"])
    gateway = Gateway(SETTINGS, ledger)

    def fail(*_):
        raise ApplicationError("header", "a mode that cannot be set", "fchmod")

    monkeypatch.setattr(gateway, step, fail)
    with pytest.raises(ApplicationError) as raised:  # which keeps the frames, and so every object in them
        gateway.open(board, "dispatcher")
    assert raised.value and ledger.open_on(board) == 0
