"""Step `fault` of the Python subject: connects that fail, and a reader that stays, in lockstep and free-running."""

import os
import sqlite3

import pytest
from subject_observer import Subject, job, read_board

TICK = "triage dispatch probe"


def fault(subject, name, phase="begin", number=1, **extra):
    return subject.step("fault", fault=name, phase=phase, number=number, **{"board": "", "count": 1, **extra})


def board_errors(done):
    return {entry["board"]: entry["error"]["app"] for entry in done["boards"] if not entry["ok"]}


def checkpoint_is_held_back(path):
    """Whether a reader's transaction keeps the -wal from being reset by another process."""
    board = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        board.execute("CREATE TABLE IF NOT EXISTS grown (x)")
        board.execute("INSERT INTO grown VALUES (1)")
        busy, in_wal, checkpointed = board.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        board.close()
    return (busy, in_wal > checkpointed) == (1, True)


class TestInitFailure:
    def test_so_many_connects_fail_and_nothing_stays_open(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell()
            assert fault(subject, "init-failure", count=3)["ok"]
            failed = subject.step("notifier")
            assert board_errors(failed) == {"b01": "init", "b02": "init"}
            assert failed["boards"][0]["error"]["where"] == "connect"
            assert board_errors(subject.step("notifier")) == {"b01": "init"}
            assert subject.step("notifier")["ok"]
            assert subject.api("b01") == ({"notifier": 3}, {"notifier": 3})
            assert not subject.descriptors("b01") and not subject.descriptors("b02")

    def test_count_0_fails_all_on_that_board_until_its_end(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell()
            fault(subject, "init-failure", board="b02", path=str(subject.paths["b02"]), count=0)
            for _ in range(3):
                assert board_errors(subject.step("dispatch")) == {"b02": "init"}
            assert fault(subject, "init-failure", phase="end", board="b02")["ok"]
            assert subject.step("dispatch")["ok"]

    def test_two_at_once_end_each_for_itself(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell()
            for number, board in ((1, "b01"), (2, "b02")):
                path = str(subject.paths[board])
                fault(subject, "init-failure", number=number, board=board, path=path, count=0)
            assert set(board_errors(subject.step("notifier"))) == {"b01", "b02"}
            fault(subject, "init-failure", phase="end", number=1)
            assert set(board_errors(subject.step("notifier"))) == {"b02"}

    def test_a_users_function_is_not_even_called(self, tmp_path):
        module = tmp_path / "own.py"
        called = tmp_path / "called"
        module.write_text(f"import sqlite3\ndef connect(path):\n    open({str(called)!r}, 'a').write('x')\n"
                          "    return sqlite3.connect(path, isolation_level=None)\n")
        with Subject(tmp_path) as subject:
            subject.cell(module=f"{module}:connect")
            fault(subject, "init-failure")
            assert board_errors(subject.step("notifier")) == {"b01": "init"}
            assert not called.exists()
            assert subject.step("notifier")["ok"] and called.read_text() == "x"


class TestLongReader:
    def test_holds_its_snapshot_until_its_end(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell()
            assert fault(subject, "long-reader", board="b02")["ok"]
            assert subject.api("b02") == ({"held": 1}, {})
            assert checkpoint_is_held_back(subject.paths["b02"])
            assert not checkpoint_is_held_back(subject.paths["b01"])
            assert fault(subject, "long-reader", phase="end", board="b02")["ok"]
            assert not checkpoint_is_held_back(subject.paths["b02"])
            assert subject.api("b02") == ({"held": 1}, {"held": 1})

    def test_two_on_one_board_end_each_for_itself(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell()
            for number in (1, 2):
                fault(subject, "long-reader", number=number, board="b01")
            fault(subject, "long-reader", phase="end", number=1, board="b01")
            assert checkpoint_is_held_back(subject.paths["b01"])
            fault(subject, "long-reader", phase="end", number=2, board="b01")
            assert not checkpoint_is_held_back(subject.paths["b01"])

    def test_one_that_cannot_read_is_told_and_leaves_nothing_open(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell()
            fault(subject, "init-failure")
            done = fault(subject, "long-reader", number=2, board="b01")
            assert not done["ok"] and board_errors(done) == {"b01": "init"}
            assert fault(subject, "long-reader", phase="end", number=2, board="b01")["ok"]
            assert not subject.descriptors("b01")

    def test_is_closed_at_the_end_of_the_cell(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell()
            fault(subject, "long-reader", board="b01")
            bye, code = subject.stop()
            assert code == 0 and bye["api"]["b01"]["closed"] == {"held": 1}
            assert os.listdir(subject.paths["b01"].parent) == ["kanban.db"]


def test_a_fault_that_is_none_here_is_told(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell()
        done = fault(subject, "disk-full")
        assert not done["ok"] and board_errors(done) == {"": "unknown fault"}
        assert subject.step("dispatch")["ok"]


@pytest.mark.parametrize("run_on", ["executor", "loop"])
def test_in_a_free_running_cell_it_may_come_at_any_time(tmp_path, run_on):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free", run_on=run_on)
        assert fault(subject, "init-failure", count=0)["ok"], "before the run"
        assert subject.run(job("tick", TICK, None))["ok"]
        subject.hear(lambda message: message["type"] == "tick" and not message["ok"])
        assert fault(subject, "init-failure", phase="end")["ok"], "while the clock runs"
        subject.heard = []
        subject.hear(lambda message: message["type"] == "tick" and message["ok"])
        assert fault(subject, "long-reader", number=2, board="b01")["ok"]
        assert subject.pause()["ok"]
        assert checkpoint_is_held_back(subject.paths["b01"])
        assert fault(subject, "long-reader", phase="end", number=2, board="b01")["ok"], "after the pause"
        assert not checkpoint_is_held_back(subject.paths["b01"])
        bye, code = subject.stop()
        assert code == 0 and bye["api"]["b01"]["opened"] == bye["api"]["b01"]["closed"]
    assert read_board(subject.paths["b01"], "PRAGMA integrity_check") == [("ok",)]
