"""What connections of the Python subject leave behind: on_init_failure, statements and lock_guard."""

import fcntl
import os
import sqlite3
from pathlib import Path

import pytest
from subject_observer import Subject, read_board
from walsoak_subject.board import Board
from walsoak_subject.connection import BoardConnection
from walsoak_subject.errors import ApplicationError
from walsoak_subject.lock_guard import SHARED_RANGE, LockGuards

CLOSE_ON_EXEC = 0o2000000


def fail_connects(subject, count):
    assert subject.step("fault", fault="init-failure", phase="begin", number=1, board="", count=count)["ok"]


def open_on(path):
    """How many descriptors this process has on a file."""
    links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    return sum(os.path.lexists(link) and os.readlink(link) == str(path) for link in links)


class TestOnInitFailure:
    @pytest.mark.parametrize("setting", ["close", "leak"])
    def test_what_sqlite_had_opened(self, tmp_path, setting):
        with Subject(tmp_path) as subject:
            subject.cell(on_init_failure=setting)
            fail_connects(subject, 3)
            for tick in range(3):
                [entry] = subject.step("dispatch", tick=tick)["boards"]
                assert entry["error"]["app"] == "init"
            left = 3 if setting == "leak" and subject.waits_for_collector() else 0
            # The main file alone: a connection that has read nothing has no -wal yet.
            assert subject.descriptors() == ({"kanban.db": 3} if left else {})
            assert subject.api() == ({"dispatcher": 3}, {"dispatcher": 3 - left} if left < 3 else {})
            assert subject.step("collect")["freed"] == left
            assert not subject.descriptors()
            assert subject.step("dispatch")["ok"]

    def test_a_statement_that_fails_leaves_it_too(self, tmp_path):
        """Not the fault alone: here SQLite itself finds at its first pragma that this is no database."""
        with Subject(tmp_path) as subject:
            subject.cell(on_init_failure="leak")
            subject.paths["b01"].write_bytes(b"x" * 100)
            [entry] = subject.step("dispatch")["boards"]
            assert entry["error"]["code"] == 26
            left = 1 if subject.waits_for_collector() else 0
            assert subject.descriptors()["kanban.db"] == left
            assert subject.step("collect")["freed"] == left

    def test_a_serialized_one_is_closed_in_its_turn(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="pool")
            fail_connects(subject, 1)
            [entry] = subject.step("dispatch")["boards"]
            assert entry["error"]["app"] == "init"
            assert not subject.descriptors()


class TestStatements:
    def test_a_kept_cursor_makes_a_zombie_of_a_closed_connection(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(statements="kept")
            for tick in range(3):
                assert subject.step("dispatch", tick=tick)["ok"]
                assert subject.step("probe", tick=tick)["ok"]
            assert subject.api() == ({"dispatcher": 3, "probe": 3}, {"dispatcher": 3, "probe": 3})
            # CPython 3.10 finalizes all statements before it closes: no zombie there.
            zombies = 3 if subject.waits_for_collector() else 0
            assert subject.descriptors()["kanban.db-wal"] == zombies
            assert subject.step("collect")["freed"] == 0
            assert subject.descriptors()["kanban.db-wal"] == zombies, "no garbage: somebody holds the cursors"
            _, code = subject.stop()
            assert code == 0 and os.listdir(subject.paths["b01"].parent) == ["kanban.db"]

    def test_finalized_leaves_nothing(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell()
            assert subject.step("dispatch")["ok"]
            assert not subject.descriptors()

    def test_a_connection_that_stays_open_has_no_cursor_yet(self, tmp_path):
        """Else its pass would pin a snapshot, and the next write from there would fail."""
        with Subject(tmp_path, tasks=[("t1", "todo")]) as subject:
            subject.cell(strategy="persistent", statements="kept")
            assert subject.step("dispatch")["ok"]
            read_board(subject.paths["b01"], "UPDATE tasks SET status = 'todo'")
            assert subject.step("dispatch", tick=1)["ok"]
            assert subject.descriptors()["kanban.db-wal"] == 1

    def test_a_close_that_can_read_nothing_closes(self, tmp_path):
        path = tmp_path / "any.db"
        raw, other = (sqlite3.connect(path, isolation_level=None, timeout=0) for _ in range(2))
        connection = BoardConnection(raw, Board("b01", str(path)), "dispatcher", "owner-thread")
        kept = []
        connection.leave_cursor_in(kept)
        other.execute("BEGIN EXCLUSIVE")
        connection.close()
        assert not kept
        with pytest.raises(sqlite3.ProgrammingError):
            raw.execute("SELECT 1")
        other.close()


class TestLockGuard:
    def test_one_lock_a_board_that_no_close_drops(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell(lock_guard="main", header_check="raw", auto_decompose="off")
            assert subject.step("ledger")["guards"] == {}
            for tick in range(2):
                assert subject.step("dispatch", tick=tick)["ok"]
            assert subject.step("ledger")["guards"] == {"b01": 1, "b02": 1}
            assert subject.descriptors("b01") == subject.descriptors("b02") == {"kanban.db": 1}
            [[lock]] = subject.main_locks()
            assert "OFDLCK" in lock and " READ " in lock and lock.endswith("1073741826 1073742335")
            # Nobody closes last while it is held, this process itself included.
            assert "kanban.db-wal" in os.listdir(subject.paths["b01"].parent)
            read_board(subject.paths["b01"], "SELECT count(*) FROM tasks")
            assert "kanban.db-wal" in os.listdir(subject.paths["b01"].parent)

    def test_workers_do_not_inherit_it(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(lock_guard="main")
            subject.step("probe")
            [number] = [link for link, path in subject._links() if path == subject.paths["b01"]]
            info = Path(f"/proc/{subject.pid}/fdinfo/{number}").read_text()
            flags = int(info.split("flags:")[1].split()[0], 8)
            assert flags & CLOSE_ON_EXEC and flags & os.O_ACCMODE == os.O_RDONLY

    def test_off_takes_and_tells_none(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell()
            subject.step("dispatch")
            assert "guards" not in subject.step("ledger")
            assert not subject.descriptors()

    def test_a_lock_that_is_refused_is_asked_for_again_on_the_same_descriptor(self, tmp_path):
        path = tmp_path / "any.db"
        path.write_bytes(b"")
        board, guards = Board("b01", str(path)), LockGuards()
        with open(path, "r+b") as other:
            fcntl.lockf(other, fcntl.LOCK_EX, *reversed(SHARED_RANGE))
            for _ in range(2):
                with pytest.raises(BlockingIOError) as raised:
                    guards.hold(str(path), SHARED_RANGE)
                assert raised.value.walsoak_where == "lock guard"
                assert guards.counts([board]) == {"b01": 1} and open_on(path) == 2
            fcntl.lockf(other, fcntl.LOCK_UN, *reversed(SHARED_RANGE))
            guards.hold(str(path), SHARED_RANGE)
            guards.hold(str(path), SHARED_RANGE)
            assert open_on(path) == 2
            with pytest.raises(BlockingIOError):
                fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB, *reversed(SHARED_RANGE))
            guards.close()
            fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB, *reversed(SHARED_RANGE))
        assert guards.counts([board]) == {}


def test_a_serialized_connection_is_used_and_closed_in_turn_only():
    closed = []

    class Raw:
        def execute(self, *_):
            return self

        def fetchall(self):
            return []

        def close(self):
            closed.append(True)

    connection = BoardConnection(Raw(), Board("b01", "/nowhere"), "dispatcher", "serialized")
    for act in (lambda: connection.read_once("here"), connection.close):
        with pytest.raises(ApplicationError) as raised:
            act()
        assert raised.value.app == "affinity"
    with connection.turn():
        with connection.turn():
            connection.read_once("here")
        connection.close()
    assert closed == [True]
    with pytest.raises(ApplicationError):
        connection.read_once("here")
