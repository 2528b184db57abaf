"""The Python subject's dispatch pass on a real board, its acknowledgements, and the workers it spawns."""

import json
import signal
import sqlite3

import pytest
from subject_observer import T0, Subject, read_board



def set_up(subject, sql):
    board = sqlite3.connect(subject.paths["b01"], isolation_level=None)
    board.execute(sql)
    board.close()


def events(subject):
    return [kind for (kind,) in read_board(subject.paths["b01"], "SELECT kind FROM events ORDER BY id")]


def task(subject, columns):
    return read_board(subject.paths["b01"], f"SELECT {columns} FROM tasks")[0]


@pytest.mark.parametrize(
    "claim, event, error",
    [
        (f"claim_expires = {T0 - 1}", "reclaimed", "claim expired"),
        (f"claim_expires = {T0 + 900}, last_heartbeat_at = {T0 - 901}", "stale", "no heartbeat"),
        (f"claim_expires = {T0 + 900}, worker_pid = 1", "crashed", "worker crashed"),
        (f"claim_expires = {T0 + 900}, max_runtime_seconds = -1", "timed out", "runtime exceeded"),
    ],
)
def test_a_claim_that_nobody_works_on_is_released(tmp_path, claim, event, error):
    with Subject(tmp_path, tasks=[("t1", "ready")]) as subject:
        subject.cell(workers=0)
        set_up(subject, f"UPDATE tasks SET status = 'running', claim_lock = 'w9', started_at = {T0}, {claim}")
        assert subject.step("dispatch")["ok"]
        found = task(subject, "status, claim_lock, worker_pid, failures, last_error")
        assert found == ("ready", None, None, 1, error)
        assert events(subject) == [event]
        assert subject.acknowledged() == [("b01", "dispatcher", "1")]


def test_an_idle_pass_acknowledges_nothing(tmp_path):
    with Subject(tmp_path, tasks=[("t1", "done")]) as subject:
        subject.cell()
        assert subject.step("dispatch")["spawned"] == []
        assert subject.acknowledged() == []


def test_the_log_of_acknowledgements_is_appended_to(tmp_path):
    with Subject(tmp_path, tasks=[("t1", "todo")]) as subject:
        (tmp_path / "acks" / "dispatcher.log").write_text("b00 dispatcher 9\n")
        subject.cell()
        subject.step("dispatch")
        assert subject.acknowledged() == [("b00", "dispatcher", "9"), ("b01", "dispatcher", "1")]


def test_promotion_of_many_is_one_acknowledged_transaction(tmp_path):
    with Subject(tmp_path, boards=2, tasks=[("t1", "todo"), ("t2", "blocked"), ("t3", "triage")]) as subject:
        subject.cell()
        subject.step("dispatch")
        subject.step("dispatch", tick=1)
        assert events(subject) == ["promoted", "promoted"]
        assert subject.acknowledged() == [("b01", "dispatcher", "1"), ("b02", "dispatcher", "1")]


@pytest.mark.parametrize("strategy", ["per-tick", "persistent"])
def test_a_failed_transaction_uses_up_its_number_and_is_not_acknowledged(tmp_path, strategy):
    with Subject(tmp_path, tasks=[("t1", "todo")]) as subject:
        subject.cell(strategy=strategy)
        subject.step("probe")
        trigger = "CREATE TRIGGER no BEFORE INSERT ON acknowledgements BEGIN SELECT RAISE(ABORT, 'no'); END"
        set_up(subject, trigger)
        error = subject.step("dispatch")["boards"][0]["error"]
        assert (error["code"] & 0xFF, error["where"]) in ((19, "acknowledge"), (0, "acknowledge"))
        assert task(subject, "status") == ("todo",)
        assert subject.acknowledged() == []
        set_up(subject, "DROP TRIGGER no")
        assert subject.step("dispatch", tick=1)["ok"]
        assert subject.acknowledged() == [("b01", "dispatcher", "2")]


def test_inside_tells_the_acknowledged_rows_as_closed_ranges(tmp_path):
    with Subject(tmp_path, tasks=[("t1", "todo")]) as subject:
        subject.cell()
        subject.step("dispatch")
        set_up(subject, "INSERT INTO acknowledgements VALUES ('w0001', 1), ('w0001', 2), ('w0001', 4)")
        done = subject.step("inside")
        assert done["boards"] == [
            {"board": "b01", "ok": True, "rows": {"dispatcher": [[1, 1]], "w0001": [[1, 2], [4, 4]]}}
        ]
        assert subject.api()[0]["inside"] == 1


def test_probe_stops_at_the_first_board_that_has_a_task(tmp_path):
    with Subject(tmp_path, boards=3) as subject:
        subject.cell()
        board = sqlite3.connect(subject.paths["b02"], isolation_level=None)
        board.execute("INSERT INTO tasks (id, title, status, created_at) VALUES ('t1', 't1', 'review', 0)")
        board.close()
        assert [entry["board"] for entry in subject.step("probe")["boards"]] == ["b01", "b02"]


def test_notifier_reads_the_events_of_its_subscriptions(tmp_path):
    with Subject(tmp_path, tasks=[("t1", "todo")], subscriptions=["t1"]) as subject:
        subject.cell()
        subject.step("dispatch")
        assert subject.step("notifier")["ok"]
        set_up(subject, "ALTER TABLE events RENAME TO gone")
        assert subject.step("notifier")["boards"][0]["error"]["where"] == "unseen_events"


class TestWorkers:
    def reports(self, tmp_path, end):
        (tmp_path / "reports").mkdir()
        return {"FAKE_WORKER_REPORTS": str(tmp_path / "reports"), "FAKE_WORKER_END": end}

    def test_spawns_one_a_board_and_pass_up_to_the_limit(self, tmp_path):
        tasks = [("t1", "ready"), ("t2", "ready"), ("t3", "review")]
        with Subject(tmp_path, boards=3, tasks=tasks) as subject:
            subject.cell(workers=4, environment=self.reports(tmp_path, "leash"))
            first = subject.step("dispatch")["spawned"]
            assert [(one["writer"], one["board"], one["task"]) for one in first] == [
                ("w0001", "b01", "t1"),
                ("w0002", "b02", "t1"),
                ("w0003", "b03", "t1"),
            ]
            second = subject.step("dispatch", tick=1)["spawned"]
            assert [(one["writer"], one["board"], one["task"]) for one in second] == [("w0004", "b01", "t2")]
            assert subject.step("dispatch", tick=2)["spawned"] == []
            columns = "id, status, claim_lock, claim_expires"
            rows = read_board(subject.paths["b01"], f"SELECT {columns} FROM tasks ORDER BY id")
            assert rows == [
                ("t1", "running", "w0001", T0 + 900),
                ("t2", "running", "w0004", T0 + 960),
                ("t3", "review", None, None),
            ]
            # Claim, workspace, pid: three transactions for each worker.
            assert [seq for board, _, seq in subject.acknowledged() if board == "b01"] == list("123456")
            subject.let_go_of_leash()  # and with it of the workers

    def test_ended_workers_are_reaped_and_their_tasks_released(self, tmp_path):
        with Subject(tmp_path, tasks=[("t1", "ready")]) as subject:
            subject.cell(workers=1, environment=self.reports(tmp_path, "exit 7"))
            pid = subject.step("dispatch")["spawned"][0]["pid"]
            done = subject.step("reap", pid=pid)
            assert (done["ok"], done["exit_code"], done["signal"]) == (True, 7, 0)
            assert subject.step("dispatch", tick=1)["spawned"][0]["writer"] == "w0002"
            assert events(subject) == ["claimed", "spawned", "crashed", "claimed", "spawned"]
            runs = read_board(subject.paths["b01"], "SELECT writer, status FROM runs ORDER BY id")
            assert runs == [("w0001", "crashed"), ("w0002", "running")]

    def test_a_killed_worker_is_reaped_with_its_signal(self, tmp_path):
        with Subject(tmp_path, tasks=[("t1", "review")]) as subject:
            subject.cell(workers=1, environment=self.reports(tmp_path, "signal 9"))
            pid = subject.step("dispatch")["spawned"][0]["pid"]
            done = subject.step("reap", pid=pid)
            assert (done["exit_code"], done["signal"]) == (0, 9)
            assert task(subject, "status") == ("review-running",)

    def test_reaping_what_is_no_worker_is_an_error(self, tmp_path):
        with Subject(tmp_path) as subject:
            subject.cell()
            assert not subject.step("reap", pid=1)["ok"]

    def test_a_worker_gets_its_arguments_the_environment_and_the_leash_alone(self, tmp_path):
        environment = {**self.reports(tmp_path, "exit 0"), "HOME": None, "ADDED": "here"}
        with Subject(tmp_path, tasks=[("t1", "ready")]) as subject:
            # A held connection is open in the subject: no descriptor of it may reach the worker.
            subject.cell(workers=1, environment=environment, held_connection="on")
            pid = subject.step("dispatch")["spawned"][0]["pid"]
            subject.step("reap", pid=pid)
            report = json.loads((tmp_path / "reports" / "w0001.json").read_text())
            path = str(subject.paths["b01"])
            assert report["arguments"] == {"board": "b01", "path": path, "task": "t1", "writer": "w0001"}
            assert report["environment"]["ADDED"] == "here" and "HOME" not in report["environment"]
            assert sorted(report["descriptors"]) == ["0", "1", "2", "3"]
            assert report["descriptors"]["3"].startswith("pipe:")
            assert report["blocked_signals"] == []
            assert task(subject, "worker_pid, workspace_path, current_run_id") == (pid, "workspaces/t1", 1)

    def test_a_worker_starts_with_no_signal_ignored(self, tmp_path):
        """Asked of a shell: a Python worker ignores some of its own."""
        found = tmp_path / "signals"
        shell = ["/bin/sh", "-c", f"grep '^SigIgn' /proc/self/status > {found}"]
        with Subject(tmp_path, tasks=[("t1", "ready")]) as subject:
            subject.cell(workers=1, worker=shell)
            subject.step("reap", pid=subject.step("dispatch")["spawned"][0]["pid"])
            ignored = int(found.read_text().split()[1], 16)
            # Those that the C library keeps for itself are no program's to set.
            assert not [one for one in signal.valid_signals() if ignored >> (one - 1) & 1]

    def test_a_program_that_cannot_be_started_is_the_boards_error(self, tmp_path):
        with Subject(tmp_path, tasks=[("t1", "ready")]) as subject:
            subject.cell(workers=1, worker=["/nowhere/worker"])
            done = subject.step("dispatch")
            assert done["spawned"] == []
            error = done["boards"][0]["error"]
            assert (error["code"], error["app"], error["where"]) == (0, "system", "spawn")
            assert not subject.descriptors()
