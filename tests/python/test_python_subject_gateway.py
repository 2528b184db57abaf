"""A gateway besides its dispatcher: slash commands, dashboards, boards that come and go, collections."""

import os
import shutil
import sqlite3

import pytest
from subject_observer import T0, Subject, job, read_board, seed_board
from walsoak_subject.board import Board
from walsoak_subject.board_list import BoardList

FREE_AND_LOCKSTEP = pytest.mark.parametrize("mode", ["free", "lockstep"])


def one_slot(subject, mode, names, **extra):
    """The steps' entries of failed boards, by step: run by the clock, or ordered one by one."""
    if mode == "lockstep":
        done = {name: subject.step(name, **extra) for name in names.split()}
        return {name: [entry for entry in one["boards"] if not entry["ok"]] for name, one in done.items()}
    tick = subject.run_once(names)
    return {step["step"]: step.get("boards", []) for step in tick["steps"]}


class TestSlash:
    def test_adds_a_ready_task_and_acknowledges_it_by_its_own_name(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell()
            for slot in (0, 1, 2):
                assert subject.step("slash", slot=slot)["ok"]
            columns = "id, title, status, created_by, created_at"
            tasks = read_board(subject.paths["b01"], f"SELECT {columns} FROM tasks ORDER BY id")
            assert tasks == [
                (f"b01-s{slot:06d}", f"slash b01-s{slot:06d}", "ready", "slash", T0) for slot in (0, 2)
            ]
            assert read_board(subject.paths["b02"], "SELECT id FROM tasks") == [("b02-s000001",)]
            assert subject.acknowledged("slash") == [
                ("b01", "slash", "1"), ("b02", "slash", "1"), ("b01", "slash", "2")
            ]  # fmt: skip
            assert subject.step("inside")["boards"][0]["rows"] == {"slash": [[1, 2]]}
            assert subject.acknowledged() == []
            assert subject.api() == ({"slash": 2, "inside": 1}, {"slash": 2, "inside": 1})

    def test_a_command_that_fails_adds_nothing_and_uses_up_its_number(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell()
            subject.step("slash", slot=0)
            again = subject.step("slash", slot=0)["boards"][0]["error"]
            assert again["where"] == "slash_add"
            board = sqlite3.connect(subject.paths["b01"], isolation_level=None)
            refusal = "BEGIN SELECT RAISE(ABORT, 'no'); END"
            board.execute(f"CREATE TRIGGER no BEFORE INSERT ON acknowledgements {refusal}")
            board.close()
            assert subject.step("slash", slot=1)["boards"][0]["error"]["where"] == "acknowledge"
            assert read_board(subject.paths["b01"], "SELECT count(*) FROM tasks") == [(1,)]
            assert subject.acknowledged("slash") == [("b01", "slash", "1")]

    @pytest.mark.parametrize("scope, opened", [("dispatcher", {"slash": 2}), ("process", {})])
    def test_is_in_scope_of_the_process_alone(self, tmp_path, scope, opened):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="persistent", scope=scope)
            subject.step("dispatch")
            for slot in (0, 1):
                assert subject.step("slash", slot=slot)["ok"]
            assert subject.api() == ({"dispatcher": 1, **opened}, opened)

    @FREE_AND_LOCKSTEP
    def test_a_board_that_is_gone_misses_its_turn(self, tmp_path, mode):
        with Subject(tmp_path) as subject:
            subject.paths["b01"].unlink()
            subject.cell(mode=mode)
            assert one_slot(subject, mode, "slash", slot=0) == {"slash": []}
            assert not subject.paths["b01"].exists()

    def test_runs_beside_dispatcher_and_notifier(self, tmp_path):
        """Every acknowledged number of both writers is on the board, whatever the threads did."""
        with Subject(tmp_path, boards=2, tasks=[("t1", "todo")], subscriptions=["t1"]) as subject:
            subject.cell(mode="free", workers=0)
            steps = {"tick": "triage dispatch probe", "slash": "slash", "notifier": "notifier"}
            jobs = [job(name, names, None) for name, names in steps.items()]
            ticks = subject.run_until(dict.fromkeys(steps, 8), *jobs)
            assert all(tick["ok"] for tick in ticks)
            ran = [tick["slot"] for tick in ticks if tick["job"] == "slash"]
            rows = {entry["board"]: entry["rows"] for entry in subject.step("inside")["boards"]}
            logged = subject.acknowledged("slash")
            assert len(logged) == len(ran)
            for board, path in subject.paths.items():
                turns = [slot for slot in ran if slot % 2 == int(board[1:]) - 1]
                added = read_board(path, "SELECT id FROM tasks WHERE created_by = 'slash' ORDER BY id")
                assert added == [(f"{board}-s{slot:06d}",) for slot in turns]
                assert rows[board].get("slash", []) == ([[1, len(turns)]] if turns else [])
                assert rows[board]["dispatcher"] == [[1, 1]]
            subject.stop()


class TestDashboard:
    def test_reads_every_board_by_a_connection_of_its_own(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell(strategy="persistent", scope="process")
            subject.step("dispatch")
            assert [entry["events"] for entry in subject.step("dashboard")["boards"]] == [0, 0]
            assert subject.api("b02") == ({"dispatcher": 1, "dashboard": 1}, {"dashboard": 1})

    def test_sees_the_events(self, tmp_path):
        with Subject(tmp_path, tasks=[("t1", "todo"), ("t2", "todo")]) as subject:
            subject.cell()
            subject.step("dispatch")
            assert subject.step("dashboard")["boards"][0]["events"] == 2


class TestBoardsThatComeAndGo:
    @FREE_AND_LOCKSTEP
    def test_a_board_that_is_gone_is_skipped_and_never_made(self, tmp_path, mode):
        with Subject(tmp_path, boards=2) as subject:
            subject.paths["b01"].unlink()
            subject.cell(mode=mode)
            names = "triage dispatch probe notifier dashboard"
            assert not any(one_slot(subject, mode, names).values())
            assert subject.api("b01") == ({}, {})
            assert sum(subject.api("b02")[0].values()) == 5
            assert not list(subject.paths["b01"].parent.iterdir())

    @FREE_AND_LOCKSTEP
    def test_persistent_closes_the_connection_to_a_board_that_vanished(self, tmp_path, mode):
        with Subject(tmp_path, boards=2) as subject:
            subject.cell(mode=mode, strategy="persistent")
            one_slot(subject, mode, "dispatch")
            board, aside = subject.paths["b01"], tmp_path / "aside"
            shutil.move(board.parent, aside)
            assert not any(one_slot(subject, mode, "notifier probe dispatch probe").values())
            assert subject.api("b01") == ({"dispatcher": 1}, {"dispatcher": 1})
            assert not subject.descriptors("b01")
            assert subject.api("b02")[0]["dispatcher"] == 1
            shutil.move(aside, board.parent)
            assert not any(one_slot(subject, mode, "dispatch").values())
            assert subject.api("b01") == ({"dispatcher": 2}, {"dispatcher": 1})

    def test_a_board_vanishes_once_until_it_is_there_again(self, tmp_path):
        first, second = (Board(name, str(tmp_path / name)) for name in ("b01", "b02"))
        boards = BoardList([first, second])
        (tmp_path / "b01").touch()
        assert (boards.present(), boards.vanished(), boards.vanished()) == ([first], [second], [])
        (tmp_path / "b02").touch()
        assert (boards.present(), boards.vanished()) == ([first, second], [])
        os.remove(tmp_path / "b02")
        assert (boards.at_slot(2), boards.at_slot(3)) == ([first], [])
        assert (boards.vanished(), boards.vanished()) == ([second], [])

    def test_a_board_is_forgotten_once_each_time_that_it_vanishes(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(strategy="persistent")
            path = subject.paths["b01"]
            for tick in range(2):
                subject.step("dispatch", tick=3 * tick)
                os.remove(path)
                subject.step("dispatch", tick=3 * tick + 1)
                subject.step("dispatch", tick=3 * tick + 2)
                assert subject.api() == ({"dispatcher": tick + 1}, {"dispatcher": tick + 1})
                seed_board(path)

    def test_a_board_that_appears_is_listed(self, tmp_path):
        with Subject(tmp_path, boards=2) as subject:
            subject.paths["b02"].unlink()
            subject.cell()
            assert [entry["board"] for entry in subject.step("dispatch")["boards"]] == ["b01"]
            seed_board(subject.paths["b02"], tasks=[("t1", "todo")])
            assert [entry["board"] for entry in subject.step("dispatch", tick=1)["boards"]] == ["b01", "b02"]
            assert read_board(subject.paths["b02"], "SELECT status FROM tasks") == [("ready",)]


class TestCollections:
    def counts(self, subject):
        opened, closed = subject.api()
        return sum(opened.values()), sum(closed.values())

    @pytest.mark.parametrize("broken", [False, True])
    def test_dropped_connections_are_gone_after_a_collection(self, tmp_path, broken):
        """Neither a future, nor an error and its traceback, nor a thread may hold one for longer."""
        with Subject(tmp_path) as subject:
            subject.cell(mode="free", strategy="unclosed", auto_decompose="unclosed")
            subject.run_once("notifier")  # the schema is there from here on
            if broken:
                other = sqlite3.connect(subject.paths["b01"], isolation_level=None)
                other.execute("DROP TABLE links")
                other.close()
            names = "triage dispatch probe"
            tick = subject.run_once(names)
            assert tick["ok"] != broken
            opened, closed = self.counts(subject)
            assert opened == 4 and closed == (1 if subject.waits_for_collector() else 4)
            assert subject.descriptors()["kanban.db-wal"] == (3 if subject.waits_for_collector() else 0)
            tick = subject.run_once(names, collect_every=1)
            assert [step["step"] for step in tick["steps"]] == [*names.split(), "collect"]
            assert self.counts(subject) == (7, 7)
            assert not subject.descriptors()

    def test_collect_ends_the_slots_that_it_is_due_in(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(mode="free")
            subject.run(job("tick", "probe", None, collect_every=3))
            subject.hear(lambda message: message["type"] == "tick" and len(message["steps"]) == 2)
            subject.pause()
            for tick in subject.ticks():
                names = ["probe", "collect"] if tick["slot"] % 3 == 2 else ["probe"]
                assert [step["step"] for step in tick["steps"]] == names

    def test_connections_of_a_users_function_are_counted_beside_running_steps(self, tmp_path):
        module = tmp_path / "plain.py"
        module.write_text(
            "import sqlite3\n"
            "def connect(path):\n"
            "    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)\n"
        )
        with Subject(tmp_path) as subject:
            subject.cell(mode="free", module=f"{module}:connect")
            subject.run(job("tick", "dispatch probe", None), job("notifier", "notifier", None))
            if not subject.waits_for_collector():
                return  # unknown to the collector there, and so not counted
            for _ in range(10):
                opened, closed = self.counts(subject)
                assert closed <= opened
            subject.hear(lambda message: message.get("job") == "notifier")
            subject.hear(lambda message: message.get("job") == "tick")
            subject.pause()
            opened, closed = self.counts(subject)
            assert opened == closed > 0

    def test_cpythons_own_collector_frees_in_a_cell_that_says_auto(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell(mode="free", strategy="unclosed", collector="auto")
            subject.run(job("tick", "dispatch probe", None))
            while self.counts(subject)[1] == 0:
                subject.heard.clear()
            subject.pause()
