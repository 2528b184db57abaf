"""Strategies of the Python subject that keep connections for many threads: shared, thread-local and pool."""

import contextlib
import os
import queue
import shutil
import threading
from types import SimpleNamespace

import pytest
from subject_observer import GIVE_UP_S, SETTINGS, Subject
from walsoak_subject import answers
from walsoak_subject.board import Board
from walsoak_subject.gateway import Gateway
from walsoak_subject.ledger import Ledger
from walsoak_subject.strategies.pool import Pool
from walsoak_subject.strategies.shared import Shared

B01, B02, B03 = BOARDS = [Board(name, f"/nowhere/{name}") for name in ("b01", "b02", "b03")]
TICK = ("triage", "dispatch", "probe", "notifier")
ONE_OF_EACH = {"kanban.db": 1, "kanban.db-wal": 1, "kanban.db-shm": 1}


def run_ticks(subject, ticks):
    for tick in range(ticks):
        for number, name in enumerate(TICK):
            assert subject.step(name, tick=tick, thread=(tick + number) % 4)["ok"]


class FakeGateway:
    """Says what was opened and closed, in order, and when a thread comes to wait for its turn."""

    def __init__(self):
        self.opened = []
        self.closed = []
        self.peak = 0
        self.fails = False
        self.came = queue.SimpleQueue()

    def open(self, board, actor, affinity):
        if self.fails:
            raise OSError("no more descriptors")
        self.opened.append(board.name)
        self.peak = max(self.peak, len(self.opened) - len(self.closed))
        close = lambda: self.closed.append(board.name)  # noqa: E731
        return SimpleNamespace(board=board, close=close, turn=contextlib.nullcontext)

    @contextlib.contextmanager
    def waiting(self):
        self.came.put(threading.current_thread())
        yield


def use(strategy, board, work=lambda connection: None):
    return strategy.use(board, "dispatcher", work)


def pool(gateway, size, mode="lru"):
    return Pool(gateway, {"pool_size": size, "pool_mode": mode}, BOARDS)


def order_of_two_threads(strategy, gateway):
    """Of two uses of one board, the second begun while the first is at work."""
    order = []

    def first(_):
        gateway.came.get(timeout=GIVE_UP_S)  # its own coming
        other.start()
        assert gateway.came.get(timeout=GIVE_UP_S) is other
        order.append("first")

    other = threading.Thread(target=use, args=(strategy, B01, lambda _: order.append("second")), daemon=True)
    use(strategy, B01, first)
    other.join(GIVE_UP_S)
    return order


class TestShared:
    def test_one_connection_a_board_serves_every_actor_on_every_thread(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell(strategy="shared", scope="process")
            run_ticks(subject, 3)
            assert subject.api("b01") == subject.api("b02") == ({"triage": 1}, {})
            assert subject.descriptors() == ONE_OF_EACH
            assert len([name for name in subject.thread_names() if name.startswith("pool-")]) == 4
            bye, code = subject.stop()
            assert code == 0 and bye["api"]["b01"]["closed"] == {"triage": 1}
            assert os.listdir(subject.paths["b01"].parent) == ["kanban.db"]

    def test_is_never_reopened(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="shared")
            subject.step("dispatch")
            board = subject.paths["b01"]
            shutil.copy(board, str(board) + ".new")
            os.replace(str(board) + ".new", board)
            subject.step("dispatch", tick=1)
            assert subject.api() == ({"dispatcher": 1}, {})
            assert subject.descriptors()["kanban.db (deleted)"] == 1

    def test_a_use_has_the_connection_to_itself(self):
        gateway = FakeGateway()
        assert order_of_two_threads(Shared(gateway, {}, BOARDS), gateway) == ["first", "second"]
        assert gateway.opened == ["b01"]

    def test_a_failed_use_lets_the_next_one_in(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="shared")
            subject.step("fault", fault="init-failure", phase="begin", number=1, board="", count=1)
            assert not subject.step("dispatch", thread=0)["ok"]
            assert subject.step("dispatch", thread=1)["ok"]
            assert subject.api() == ({"dispatcher": 2}, {"dispatcher": 1})


class TestThreadLocal:
    def test_one_connection_a_thread_and_board(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell(strategy="thread-local")
            for tick, thread in enumerate((0, 1, 2, 0, 1)):
                assert subject.step("dispatch", tick=tick, thread=thread)["ok"]
            assert subject.api("b01") == subject.api("b02") == ({"dispatcher": 3}, {})
            assert subject.descriptors() == {"kanban.db": 3, "kanban.db-wal": 3, "kanban.db-shm": 1}
            bye, code = subject.stop()
            assert code == 0 and bye["api"]["b02"]["closed"] == {"dispatcher": 3}
            assert os.listdir(subject.paths["b01"].parent) == ["kanban.db"]

    def test_what_a_thread_leaves_behind_is_the_collectors(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="thread-local", pool_thread_life=2)
            subject.step("dispatch")
            assert subject.step("collect", thread=3)["freed"] == 0, "its thread is alive"
            subject.step("dispatch")
            left = 1 if subject.waits_for_collector() else 0
            assert subject.descriptors()["kanban.db-wal"] == left
            assert subject.step("dispatch")["ok"]
            assert subject.descriptors()["kanban.db-wal"] == left + 1
            assert subject.step("collect", thread=3)["freed"] == left
            assert subject.api() == ({"dispatcher": 2}, {"dispatcher": 1})
            assert subject.descriptors()["kanban.db-wal"] == 1


class TestPool:
    def test_idle_connections_are_used_again_by_any_thread(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell(strategy="pool", scope="process")
            run_ticks(subject, 3)
            assert subject.api("b01") == subject.api("b02") == ({"triage": 1}, {})
            assert subject.descriptors() == ONE_OF_EACH
            bye, code = subject.stop()
            assert code == 0 and bye["api"]["b01"]["closed"] == {"triage": 1}
            assert os.listdir(subject.paths["b01"].parent) == ["kanban.db"]

    def test_its_size_is_that_of_all_boards_together(self, tmp_path):
        with Subject(tmp_path, boards=3) as subject:
            subject.cell(strategy="pool", pool_size=2)
            assert subject.step("dispatch")["ok"]
            assert [board for board in subject.paths if subject.descriptors(board)] == ["b02", "b03"]
            assert subject.api("b01") == ({"dispatcher": 1}, {"dispatcher": 1})

    @pytest.mark.parametrize("mode", ["lru", "borrowed"])
    def test_the_least_recently_used_goes(self, mode):
        gateway = FakeGateway()
        strategy = pool(gateway, 2, mode)
        for board in (B01, B02, B01, B03):
            use(strategy, board)
        assert (gateway.opened, gateway.closed, gateway.peak) == (["b01", "b02", "b03"], ["b02"], 2)
        strategy.close_all()
        assert gateway.closed == ["b02", "b01", "b03"]

    def test_lru_opens_what_is_used_at_once_and_falls_back_to_its_size(self):
        gateway = FakeGateway()
        strategy = pool(gateway, 1)
        use(strategy, B01, lambda _: use(strategy, B02, lambda _: use(strategy, B01)))
        assert (gateway.opened, gateway.peak) == (["b01", "b02", "b01"], 3)
        assert gateway.closed == ["b01", "b02"], "each that is given back while more than one is open"
        use(strategy, B01)
        assert len(gateway.opened) == 3

    def test_a_borrower_waits_so_that_the_peak_is_bounded(self):
        gateway = FakeGateway()
        assert order_of_two_threads(pool(gateway, 1, "borrowed"), gateway) == ["first", "second"]
        assert (gateway.opened, gateway.peak) == (["b01"], 1)

    def test_a_borrower_of_another_board_waits_too(self):
        gateway = FakeGateway()
        strategy = pool(gateway, 1, "borrowed")
        other = threading.Thread(target=use, args=(strategy, B02), daemon=True)

        def first(_):
            gateway.came.get(timeout=GIVE_UP_S)
            other.start()
            assert gateway.came.get(timeout=GIVE_UP_S) is other

        use(strategy, B01, first)
        other.join(GIVE_UP_S)
        assert (gateway.opened, gateway.closed, gateway.peak) == (["b01", "b02"], ["b01"], 1)

    @pytest.mark.parametrize("mode", ["lru", "borrowed"])
    def test_a_connect_that_fails_gives_its_place_back(self, mode):
        gateway = FakeGateway()
        strategy = pool(gateway, 1, mode)
        gateway.fails = True
        with pytest.raises(OSError):
            use(strategy, B01)
        gateway.fails = False
        answered = threading.Thread(target=use, args=(strategy, B01), daemon=True)
        answered.start()
        answered.join(GIVE_UP_S)
        assert gateway.opened == ["b01"] and not gateway.closed

    def test_a_failed_use_gives_its_connection_back(self):
        gateway = FakeGateway()
        strategy = pool(gateway, 1)
        with pytest.raises(ZeroDivisionError):
            use(strategy, B01, lambda _: 1 // 0)
        use(strategy, B01)
        assert gateway.opened == ["b01"]


def test_the_time_that_threads_wait_is_counted(monkeypatch):
    clock = SimpleNamespace(ns=7)
    monkeypatch.setattr(answers, "now_ns", lambda: clock.ns)
    ledger = Ledger([])
    gateway = Gateway(SETTINGS, ledger)
    for waited_ns in (5_000_000, 1_000):
        with gateway.waiting():
            clock.ns += waited_ns
    assert ledger.lock_wait_us() == 5_001


def test_the_ledger_tells_how_long_threads_waited(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(strategy="shared")
        subject.step("dispatch")
        assert isinstance(subject.step("ledger")["lock_wait_us"], int)
