"""Free-running cells of the Python subject as a process: run, tick messages, ledger, pause, and the ends."""

import json
import os

import pytest
from subject_observer import T0, Subject, is_end_of, job, read_board

TICK = "triage dispatch probe"
A_DAY_US = 86_400_000_000


def step_names(tick):
    return [step["step"] for step in tick["steps"]]


def test_a_job_is_run_slot_by_slot_and_told(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free")
        ticks = subject.run_until({"tick": 3}, job("tick", TICK, None))
        last = -1
        for tick in ticks:
            assert step_names(tick) == ["triage", "dispatch", "probe"]
            assert tick["missed"] == tick["slot"] - last - 1
            assert tick["t_us"] == (tick["slot"] + 1) * 1000 + tick["late_us"] and tick["late_us"] >= 0
            assert tick["lag_us"] >= tick["late_us"]
            assert tick["ok"] and tick["spawned"] == tick["ended"] == []
            for step in tick["steps"]:
                assert step["ok"] and step["latency_us"] > 0 and step["wait_us"] >= 0
                assert step["thread"].startswith("pool-") and "boards" not in step
            last = tick["slot"]
        assert subject.api()[0] == dict.fromkeys(["triage", "dispatcher", "probe"], len(ticks))
        # The message tells a full name; the kernel has it too.
        assert "pool-0" in subject.thread_names()


def test_the_end_of_a_jobs_slots_is_told_with_what_became_of_them(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free")
        ticks, [end] = subject.run_to_end(job("tick", TICK, 50))
        slots = [tick["slot"] for tick in ticks]
        assert slots == sorted(set(slots)) and set(slots) <= set(range(50))
        ran = len(slots)
        said = {"walsoak": 1, "type": "event", "event": "job-ended", "job": "tick"}
        assert end == {**said, "ran": ran, "missed": 50 - ran}
        assert subject.heard[-1] == end, "after its last tick"


def test_slots_that_were_over_before_the_run_are_missed(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free")
        ticks, [end] = subject.run_to_end(job("tick", TICK, 3), t0_us=0)
        assert ticks == []
        assert (end["ran"], end["missed"]) == (0, 3)


def test_jobs_overlap_and_end_each_for_itself(tmp_path):
    with Subject(tmp_path, boards=2) as subject:
        subject.cell(mode="free")
        jobs = [job("tick", TICK, 4), job("notifier", "notifier", 6), job("dashboard", "dashboard", 3)]
        _, ends = subject.run_to_end(*jobs)
        assert sorted((end["job"], end["ran"] + end["missed"]) for end in ends) == [
            ("dashboard", 3), ("notifier", 6), ("tick", 4)
        ]  # fmt: skip
        for end in ends:
            assert len(subject.ticks(end["job"])) == end["ran"]


@pytest.mark.parametrize(
    "settings, in_scope, others",
    [
        ({"strategy": "per-tick"}, "pool-", "pool-"),
        ({"strategy": "persistent"}, "kanban-dispatcher", "pool-"),
        ({"strategy": "persistent", "scope": "process"}, "kanban-dispatcher", "kanban-dispatcher"),
        ({"strategy": "persistent", "run_on": "loop"}, "MainThread", "MainThread"),
    ],
)
def test_where_steps_run(tmp_path, settings, in_scope, others):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free", **settings)
        tick = subject.run_once("triage dispatch probe notifier dashboard")
        found = {step["step"]: step["thread"] for step in tick["steps"]}
        assert found["dispatch"].startswith(in_scope) and found["probe"].startswith(in_scope)
        assert found["triage"].startswith(others) and found["notifier"].startswith(others)
        # A dashboard is never in scope; only the loop takes it from the pool.
        assert found["dashboard"].startswith("MainThread" if "run_on" in settings else "pool-")


@pytest.mark.parametrize("run_on", ["executor", "loop"])
def test_steps_after_a_pause_run_where_the_connections_belong(tmp_path, run_on):
    with Subject(tmp_path, tasks=[("t1", "todo")]) as subject:
        subject.cell(mode="free", strategy="persistent", run_on=run_on)
        subject.run_until({"tick": 1}, job("tick", TICK, None))
        done = subject.step("inside")
        assert done["boards"] == [{"board": "b01", "ok": True, "rows": {"dispatcher": [[1, 1]]}}]
        assert subject.api()[0]["dispatcher"] == 1
        bye, exit_code = subject.stop()
        assert bye["api"]["b01"]["opened"] == bye["api"]["b01"]["closed"]
        assert exit_code == 0
        assert [path.name for path in subject.paths["b01"].parent.iterdir()] == ["kanban.db"]


def test_boards_time_runs_with_the_scale(tmp_path):
    with Subject(tmp_path, tasks=[("t1", "todo")]) as subject:
        subject.cell(mode="free")
        # At a million, the boards' seconds are real microseconds; how long the step waited adds to those.
        first = subject.run_until({"tick": 1}, job("tick", "dispatch", None), time_scale=1_000_000)[0]
        (created,) = read_board(subject.paths["b01"], "SELECT created_at FROM events")[0]
        assert created - T0 >= first["t_us"] >= 1000


def test_work_on_the_loop_shows_as_its_lag(tmp_path):
    """The work takes one and a half beats of the loop's heart: one of them is half a beat late at least."""
    module = tmp_path / "slow.py"
    module.write_text(
        "import sqlite3, time\n"
        "def connect(path):\n"
        "    time.sleep(0.15)\n"
        "    return sqlite3.connect(path, isolation_level=None)\n"
    )
    with Subject(tmp_path) as subject:
        subject.cell(mode="free", run_on="loop", module=f"{module}:connect")
        assert subject.run_once("dispatch")["lag_us"] >= 50_000


def test_a_failed_board_is_told_and_the_others_are_not(tmp_path):
    with Subject(tmp_path, boards=2) as subject:
        subject.cell(mode="free")
        subject.paths["b01"].unlink()
        os.mkdir(subject.paths["b01"])
        tick = subject.run_once("dispatch probe")
        assert not tick["ok"]
        for step in tick["steps"]:
            [entry] = step["boards"]
            assert (entry["board"], entry["ok"], entry["error"]["where"]) == ("b01", False, "open")


def test_boards_that_the_strategy_did_not_look_at_are_told(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free", strategy="noop")
        tick = subject.run_once(TICK)
        triage, dispatch, _ = tick["steps"]
        assert "boards" not in triage
        assert dispatch["ok"] and dispatch["boards"] == [{"board": "b01", "ok": True, "looked": False}]


def test_the_ledger_is_answered_while_the_clock_runs(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free")
        before = subject.step("ledger")
        assert (before["in_flight"], before["begun"]) == (0, 0)
        subject.run(job("tick", TICK, None))
        subject.hear(lambda message: message["type"] == "tick")
        during = subject.step("ledger")
        assert during["ok"] and during["vfs"] is None and during["begun"] >= 3
        assert during["api"]["b01"]["opened"]["triage"] >= 1
        subject.pause()
        first, second = subject.step("ledger"), subject.step("ledger")
        assert first["in_flight"] == 0 and first["begun"] == second["begun"] >= during["begun"]


def test_the_ledger_is_answered_while_a_step_is_in_flight(tmp_path):
    """The step waits in a user's function, and the pause for the step, until the test has its answer."""
    waiting, go_on = tmp_path / "waiting", tmp_path / "go-on"
    os.mkfifo(waiting)
    os.mkfifo(go_on)
    module = tmp_path / "waits.py"
    module.write_text(
        "import sqlite3\n"
        "def connect(path):\n"
        f"    open({str(waiting)!r}, 'w').close()\n"
        f"    open({str(go_on)!r}).close()\n"
        "    return sqlite3.connect(path, isolation_level=None)\n"
    )
    with Subject(tmp_path) as subject:
        subject.cell(mode="free", module=f"{module}:connect")
        subject.run(job("tick", "dispatch", None))
        waiting.open().close()
        subject.send({"walsoak": 1, "type": "pause", "id": 77})
        during = subject.step("ledger")
        assert (during["in_flight"], during["begun"]) == (1, 1)
        assert not subject.ticks()
        go_on.open("w").close()
        subject.hear(lambda message: message["type"] == "done" and message["id"] == 77)
        kinds = [message["type"] for message in subject.heard]
        assert kinds == ["tick", "done"], "what was in flight is told before the pause is answered"


def test_a_pause_begins_nothing_more(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free")
        subject.run(job("tick", TICK, None), job("later", TICK, 1, A_DAY_US))
        subject.hear(lambda message: message["type"] == "tick")
        subject.pause()
        assert subject.step("ledger")["begun"] == 3 * len(subject.ticks())
        assert not [message for message in subject.heard if message["type"] == "event"]
        # It may run again: nothing of the first run comes back.
        ticks = subject.run_until({"again": 2}, job("again", "probe", None))
        assert {tick["job"] for tick in ticks} == {"again"}


@pytest.mark.parametrize("strategy", ["unclosed", "persistent"])
def test_a_stop_without_a_pause_finishes_what_is_in_flight(tmp_path, strategy):
    """Persistent's connections are closed by their own thread: from another the close would be an error."""
    with Subject(tmp_path) as subject:
        subject.cell(mode="free", strategy=strategy)
        subject.run(job("tick", TICK, None))
        subject.hear(lambda message: message["type"] == "tick")
        subject.send({"walsoak": 1, "type": "stop"})
        bye = subject.hear(lambda message: message["type"] == "bye")[-1]
        assert bye["api"]["b01"]["opened"] == bye["api"]["b01"]["closed"]
        assert subject.wait() == 0


def test_end_of_stdin_while_the_clock_runs_is_exit_4(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free", strategy="persistent")
        subject.run(job("tick", TICK, None))
        subject.close_stdin()
        assert subject.wait() == 4
        assert "Traceback" not in subject.log()


def test_another_version_while_the_clock_runs_is_exit_4_with_one_line(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free")
        subject.run(job("tick", TICK, None))
        subject.send({"walsoak": 2, "type": "pause"})
        assert subject.wait() == 4
        assert subject.log() == "python subject: protocol version 2, but this program speaks 1\n"


def test_messages_out_of_their_order_are_refused(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell()
        assert not subject.run(job("tick", TICK, 1))["ok"] and not subject.pause()["ok"]
        subject.stop()
    with Subject(tmp_path / "free") as subject:
        subject.cell(mode="free")
        for unknown in ("dance", "ledger"):
            refused = subject.run(job("tick", f"dispatch {unknown}", 1))
            assert not refused["ok"] and unknown in refused["error"]["message"]
        assert not subject.step("dance")["ok"]
        assert subject.run(job("tick", TICK, None))["ok"]
        assert not subject.run(job("tick", TICK, None))["ok"]
        assert not subject.step("inside")["ok"]
        assert subject.pause()["ok"] and subject.step("inside")["ok"]


def test_workers_are_spawned_and_their_ends_told_before_the_next_dispatch(tmp_path):
    (tmp_path / "reports").mkdir()
    environment = {"FAKE_WORKER_REPORTS": str(tmp_path / "reports"), "FAKE_WORKER_END": "exit 7"}
    with Subject(tmp_path, tasks=[("t1", "ready"), ("t2", "ready")]) as subject:
        subject.cell(mode="free", workers=1, environment=environment, named={"worker_prefix": "v"})
        subject.run(job("tick", "dispatch", None))
        subject.hear(lambda message: any(end["writer"] == "v0002" for end in message.get("ended", [])))
        subject.pause()
        told = subject.ticks()
        spawned = [(one["writer"], one["board"]) for tick in told for one in tick["spawned"]]
        assert spawned[:2] == [("v0001", "b01"), ("v0002", "b01")]
        ended = [end for tick in told for end in tick["ended"]]
        assert ended[:2] == [{"writer": writer, "exit_code": 7, "signal": 0} for writer in ("v0001", "v0002")]
        report = json.loads((tmp_path / "reports" / "v0001.json").read_text())
        assert report["arguments"]["writer"] == "v0001"


def test_a_second_dispatcher_writes_by_its_own_name(tmp_path):
    with Subject(tmp_path, tasks=[("t1", "todo")]) as subject:
        subject.cell(mode="free", named={"writer": "dispatcher-2"})
        subject.run_once("dispatch")
        assert subject.acknowledged("dispatcher-2") == [("b01", "dispatcher-2", "1")]
        rows = read_board(subject.paths["b01"], "SELECT writer, seq FROM acknowledgements")
        assert rows == [("dispatcher-2", 1)]
        assert os.listdir(tmp_path / "acks") == ["dispatcher-2.log"]


def test_an_end_is_told_once(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free")
        subject.run(job("tick", "probe", 1))
        subject.hear(lambda message: is_end_of("tick", message))
        subject.pause()
        assert len([message for message in subject.heard if is_end_of("tick", message)]) == 1
