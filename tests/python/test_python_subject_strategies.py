"""What each strategy of the Python subject opens, closes and holds: its API ledger and its /proc."""

import os
import shutil
import sqlite3
from types import SimpleNamespace

import pytest
from subject_observer import Subject
from walsoak_subject.board import Board
from walsoak_subject.strategies.persistent import Persistent

TICK = ("triage", "dispatch", "probe", "notifier")


def run_ticks(subject, ticks):
    for tick in range(ticks):
        for number, name in enumerate(TICK):
            done = subject.step(name, tick=tick, thread=(tick + number) % 4)
            assert done["ok"], done


@pytest.mark.parametrize("strategy", ["per-tick", "wal-safe-close"])
def test_opens_and_closes_for_each_use(tmp_path, strategy):
    with Subject(tmp_path, boards=2) as subject:
        subject.cell(strategy=strategy)
        run_ticks(subject, 3)
        each = {"triage": 3, "dispatcher": 3, "probe": 3, "notifier": 3}
        assert subject.api("b01") == (each, each)
        assert subject.api("b02") == (each, each)
        assert not subject.descriptors("b01") and not subject.descriptors("b02")


def test_wal_safe_close_truncates_before_it_closes(tmp_path):
    """Seen where it differs from a close: beside another connection, a close alone checkpoints nothing."""
    sizes = {}
    for strategy in ("per-tick", "wal-safe-close"):
        with Subject(tmp_path / strategy, tasks=[("t1", "todo")]) as subject:
            subject.cell(strategy=strategy, held_connection="on")
            assert subject.step("dispatch")["ok"]
            sizes[strategy] = os.path.getsize(str(subject.paths["b01"]) + "-wal")
    assert sizes["per-tick"] > 0
    assert sizes["wal-safe-close"] == 0


class FakeGateway:
    """Says what was opened and closed, in order."""

    def __init__(self):
        self.opened = []
        self.closed = []

    def open(self, board, actor, affinity):
        self.opened.append(board.name)
        return SimpleNamespace(close=lambda: self.closed.append(board.name))


class TestPersistent:
    def test_uses_dedicated_single_thread_executor(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="persistent")
            subject.step("dispatch", thread=1)
            subject.step("probe", thread=2)
            # The kernel keeps 15 characters of the name.
            assert "kanban-dispatch" in subject.thread_names()
            assert not [name for name in subject.thread_names() if name.startswith("pool-")]

    def test_reuses_board_connection_across_ticks(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell(strategy="persistent")
            for tick in range(5):
                subject.step("dispatch", tick=tick)
            assert subject.api("b01") == subject.api("b02") == ({"dispatcher": 1}, {})
            assert subject.descriptors() == {"kanban.db": 1, "kanban.db-wal": 1, "kanban.db-shm": 1}

    def test_health_probe_uses_cached_connection(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="persistent")
            subject.step("dispatch")
            subject.step("probe")
            subject.step("inside")
            assert subject.api() == ({"dispatcher": 1}, {})

    def test_closes_cached_connection_on_shutdown(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="persistent")
            subject.step("dispatch")
            bye, exit_code = subject.stop()
            assert bye["api"]["b01"] == {"opened": {"dispatcher": 1}, "closed": {"dispatcher": 1}}
            assert exit_code == 0
            assert [path.name for path in subject.paths["b01"].parent.iterdir()] == ["kanban.db"]

    @pytest.mark.parametrize("kind", ["inode", "mtime-size"])
    def test_reopens_cached_connection_when_fingerprint_changes(self, tmp_path, kind):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="persistent", fingerprint=kind)
            subject.step("dispatch")
            board = subject.paths["b01"]
            shutil.copy(board, str(board) + ".new")
            os.replace(str(board) + ".new", board)
            subject.step("dispatch", tick=1)
            subject.step("dispatch", tick=2)
            assert subject.api() == ({"dispatcher": 2}, {"dispatcher": 1})

    def test_only_mtime_size_reopens_for_a_touch(self, tmp_path):
        for kind, opened in (("inode", 1), ("mtime-size", 2)):
            with Subject(tmp_path / kind) as subject:
                subject.cell(strategy="persistent", fingerprint=kind)
                subject.step("dispatch")
                os.utime(subject.paths["b01"], ns=(1, 1))
                subject.step("dispatch", tick=1)
                assert subject.api()[0] == {"dispatcher": opened}

    def test_corrupt_board_closes_and_suppresses_until_fingerprint_changes(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            board = subject.paths["b01"]
            good = board.read_bytes()
            subject.cell(strategy="persistent", fingerprint="mtime-size")
            board.write_bytes(b"this is no database".ljust(len(good)))
            first = subject.step("dispatch")["boards"]
            assert [entry["ok"] for entry in first] == [False, True]
            assert (first[0]["error"]["code"], first[0]["error"]["app"]) == (26, None)
            disabled = subject.step("dispatch", tick=1)["boards"][0]
            assert disabled["error"] == {
                "code": 0,
                "message": "board disabled until its file changes",
                "where": "dispatch",
                "app": "disabled",
            }
            probed = subject.step("probe", tick=1)["boards"]
            assert probed == [{"board": "b01", "ok": True, "looked": False}, {"board": "b02", "ok": True}]
            assert not subject.descriptors("b01")
            board.write_bytes(good)
            assert subject.step("dispatch", tick=2)["ok"]
            assert subject.api() == ({"dispatcher": 2}, {"dispatcher": 1})

    def test_corruption_met_at_work_discards_the_connection(self, tmp_path):
        with Subject(tmp_path) as subject:
            board = subject.paths["b01"]
            subject.cell(strategy="persistent")
            subject.step("dispatch")
            # All but the first page goes, in place: the cached connection itself finds out.
            with open(board, "r+b") as file:
                file.seek(4096)
                file.write(b"\xff" * (os.path.getsize(board) - 4096))
            other = sqlite3.connect(board, isolation_level=None)
            other.execute("PRAGMA user_version=1")  # a commit: cached pages are no longer good
            other.close()
            done = subject.step("dispatch", tick=1)
            assert done["boards"][0]["error"]["code"] & 0xFF == 11
            assert subject.api() == ({"dispatcher": 1}, {"dispatcher": 1})

    def test_bound_on_cached_connections_closes_the_least_recently_used(self, tmp_path):
        with Subject(tmp_path, boards=3) as subject:
            subject.cell(strategy="persistent", max_cached_connections=2)
            subject.step("dispatch")
            kept = [board for board in subject.paths if subject.descriptors(board)]
            assert kept == ["b02", "b03"]
            assert subject.api("b01") == ({"dispatcher": 1}, {"dispatcher": 1})
            assert subject.api("b03") == ({"dispatcher": 1}, {})

    def test_use_of_a_cached_connection_makes_it_recent(self):
        gateway = FakeGateway()
        boards = [Board(name, f"/nowhere/{name}") for name in ("b01", "b02", "b03")]
        strategy = Persistent(gateway, {"fingerprint": "inode", "max_cached_connections": 2}, boards)
        for number in (0, 1, 0, 2):
            strategy.use(boards[number], "dispatcher", lambda connection: None)
        assert gateway.opened == ["b01", "b02", "b03"]
        assert gateway.closed == ["b02"]

    def test_in_scope_process_every_actor_shares_the_connection(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="persistent", scope="process", auto_decompose="unclosed")
            run_ticks(subject, 3)
            assert subject.api() == ({"triage": 1}, {})
            assert not [name for name in subject.thread_names() if name.startswith("pool-")]

    def test_in_scope_dispatcher_the_others_connect_for_themselves(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="persistent")
            run_ticks(subject, 3)
            others = {"triage": 3, "notifier": 3}
            assert subject.api() == ({**others, "dispatcher": 1}, others)


class TestUnclosed:
    def test_waits_for_the_collector(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="unclosed")
            for tick in range(4):
                subject.step("dispatch", tick=tick)
                subject.step("probe", tick=tick)
            kept = 8 if subject.waits_for_collector() else 0
            assert subject.descriptors()["kanban.db-wal"] == kept
            opened, closed = subject.api()
            assert sum(opened.values()) - sum(closed.values()) == kept
            assert subject.step("collect")["freed"] == kept
            assert not subject.descriptors()
            assert subject.api() == (opened, opened)

    def test_triage_unclosed_is_kept_and_the_dispatcher_is_not(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="per-tick", auto_decompose="unclosed")
            run_ticks(subject, 3)
            kept = 3 if subject.waits_for_collector() else 0
            assert subject.descriptors()["kanban.db-wal"] == kept
            opened, closed = subject.api()
            assert opened["triage"] == 3 and closed.get("triage", 0) == 3 - kept
            assert opened["dispatcher"] == closed["dispatcher"] == 3
            subject.step("collect")
            assert not subject.descriptors()

    def test_a_failed_use_is_kept_like_any_other(self, tmp_path):
        """An error's traceback must hold nothing longer than the error itself."""
        with Subject(tmp_path) as subject:
            subject.cell(strategy="unclosed")
            subject.step("probe")
            other = sqlite3.connect(subject.paths["b01"], isolation_level=None)
            other.execute("DROP TABLE links")
            other.close()
            done = subject.step("dispatch")
            assert done["boards"][0]["error"]["where"] == "promotable"
            assert subject.descriptors()["kanban.db-wal"] == (2 if subject.waits_for_collector() else 0)
            subject.step("collect")
            assert not subject.descriptors()

    def test_stop_frees_what_was_dropped(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="unclosed", collector="never")
            subject.step("dispatch")
            bye, _ = subject.stop()
            assert bye["api"]["b01"] == {"opened": {"dispatcher": 1}, "closed": {"dispatcher": 1}}


def test_auto_decompose_off_does_not_list_triage(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(auto_decompose="off")
        assert subject.step("triage")["boards"] == []
        assert subject.api() == ({}, {})


def test_noop_opens_nothing_and_says_so(tmp_path):
    with Subject(tmp_path, boards=2) as subject:
        subject.cell(strategy="noop", scope="process")
        for name in (*TICK, "inside"):
            done = subject.step(name)
            assert done["ok"]
            assert done["boards"] == [{"board": name, "ok": True, "looked": False} for name in ("b01", "b02")]
        assert subject.api() == ({}, {})
        assert not subject.descriptors()


def test_noop_in_scope_dispatcher_leaves_the_others_at_work(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(strategy="noop")
        run_ticks(subject, 2)
        assert subject.api() == ({"triage": 2, "notifier": 2}, {"triage": 2, "notifier": 2})


def test_planted_leak_keeps_its_integer_on_the_first_board_only(tmp_path):
    with Subject(tmp_path, boards=2) as subject:
        subject.cell(strategy="planted-leak", leak_every=2)
        run_ticks(subject, 7)
        opened, closed = subject.api("b01")
        assert sum(opened.values()) - sum(closed.values()) == 3
        # One more main: a descriptor closed while a kept connection holds its lock is parked, and used again.
        assert subject.descriptors("b01") == {"kanban.db": 4, "kanban.db-wal": 3, "kanban.db-shm": 1}
        assert not subject.descriptors("b02")
        subject.step("collect")
        assert subject.descriptors("b01")["kanban.db-wal"] == 3
        bye, _ = subject.stop()
        assert bye["api"]["b01"]["opened"] == bye["api"]["b01"]["closed"]
