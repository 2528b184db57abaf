"""Free-running cells end to end: real clocks, threads and processes, at a scale that leaves seconds a cell.

Nothing here depends on how fast it goes: a slow machine skips slots, and no finding may change with that.
"""

import json
import os
import signal

import pytest
from e2e import CLOCK, GATEWAY, SMALL, STRATEGIES, Run, call, carry_out, scenario, validator
from e2e_started import Started

def findings(run):
    return {cell.settings["strategy"]: cell.finding for cell in run.cells()}


def test_free_running_and_lockstep_give_the_same_findings(tmp_path):
    axis = {"strategy": list(STRATEGIES)}
    # One thread: on the clock the system says which of several gets a pass, and thread-local grows until each has had all.
    settings = {**SMALL, "pool_threads": 1}
    lockstep = carry_out(tmp_path, scenario(tmp_path, settings, axis, name="ordered"), out="ordered")
    free = carry_out(tmp_path, scenario(tmp_path, {**settings, **CLOCK}, axis, name="free"), "--jobs", 2, out="free")
    assert findings(free) == findings(lockstep)
    assert findings(free)["planted-leak"] == "leak" and findings(free)["noop"] == "clean"


def test_a_python_subject_runs_on_its_own_clock_too(tmp_path):
    strategies = ["per-tick", "persistent", "noop", "planted-leak"]
    path = scenario(tmp_path, {**SMALL, **CLOCK, "subject": "python"}, {"strategy": strategies})
    run = carry_out(tmp_path, path, "--jobs", 2)
    # Without a VFS ledger nobody knows whose close was the last: churn stays unknown where connections come and go.
    assert findings(run) == {"per-tick": "unknown", "persistent": "clean", "noop": "clean", "planted-leak": "leak"}
    for cell in run.cells():
        assert cell.metrics["lost_commits"] == 0
        assert cell.metrics["ticks_ran"] + cell.metrics["ticks_missed"] == SMALL["ticks"]


def test_an_eight_hour_stream_of_thirty_boards_stays_small(tmp_path):
    ticks = 12
    path = scenario(tmp_path, {**CLOCK, **GATEWAY, "boards": 30, "ticks": ticks, "time_scale": 60})
    run = carry_out(tmp_path, path)
    size = os.path.getsize(run.folder / "cells" / "c01.jsonl")
    samples = len(run.cells()[0].samples())
    assert samples >= 3
    # One sample a tick, 480 ticks in 8 hours.
    assert size / samples * 480 < 10e6


def test_a_running_run_can_be_reported(tmp_path):
    path = scenario(tmp_path, {**SMALL, **CLOCK, "ticks": 1000000}, {"strategy": ["planted-leak", "persistent"]})
    with Started("run", path, "--jobs", 2, "--out", tmp_path / "run", cwd=tmp_path) as started:
        for cell in ("c01", "c02"):
            started.reach_tick(tmp_path / "run" / "cells" / f"{cell}.jsonl", 12)
        assert call("report", tmp_path / "run", "--no-pictures", cwd=tmp_path).returncode == 0
        summary = Run(tmp_path / "run").summary
        assert summary["state"] == "running"
        assert {cell["state"] for cell in summary["cells"]} == {"running"}
        validator("summary")(summary)
        validator("run")(json.loads((tmp_path / "run" / "run.json").read_text()))
        os.kill(started.process.pid, signal.SIGINT)
        assert started.wait() == 130
        assert started.family.alive() == {}
    summary = Run(tmp_path / "run").summary
    assert summary["state"] == "interrupted"
    leaking, sound = summary["cells"]
    assert leaking["so_far"] == "leak" and sound["so_far"] == "clean"


def test_lockstep_orders_the_processes_besides_the_gateway_too(tmp_path):
    path = scenario(tmp_path, {**SMALL, **GATEWAY, "tick_interval_s": 60})
    first, second = (carry_out(tmp_path, path, out=name).cells()[0] for name in ("one", "two"))
    actors = {line["actor"] for line in first.steps()}
    assert {"subject", "dashboard-1", "dispatcher-2"} <= actors
    assert len(first.steps(step="slash")) == SMALL["ticks"]

    def counted(cell):
        return {name: value for name, value in cell.metrics.items() if "_us" not in name and "rss" not in name}

    assert counted(first) == counted(second)


@pytest.mark.parametrize("arguments, settings", [
    (("--tick-interval", "5s", "--boards", "30", "--duration", "8h", "--time-scale", "60"),
     {"tick_interval_s": 5, "boards": 30, "duration_s": 28800, "time_scale": 60}),
    (("--tick-interval", "500ms", "--ticks", "7", "--workers", "0", "--tasks-per-board", "3"),
     {"tick_interval_s": 0.5, "ticks": 7, "workers": 0, "tasks_per_board": 3, "duration_s": 0}),
])
def test_flags_are_settings(tmp_path, arguments, settings):
    path = scenario(tmp_path, {"mode": "free", "warmup_ticks": 1})
    with Started("run", path, "--out", tmp_path / "run", *arguments, cwd=tmp_path) as started:
        started.reach_tick(tmp_path / "run" / "cells" / "c01.jsonl", -1, programs={"walsoak-subject"})
    (cell,) = json.loads((tmp_path / "run" / "run.json").read_text())["cells"]
    assert {name: cell["settings"][name] for name in settings} == settings


@pytest.mark.parametrize("arguments, told", [
    (("--duration", "8x"), "--duration 8x"),
    (("--tick-interval", "soon"), "--tick-interval soon"),
    (("--duration", "1h", "--ticks", "5"), "--duration"),
    (("--jobs", "0"), "--jobs"),
    (("--time-scale", "60", "--set", "mode=lockstep"), "time_scale"),
])
def test_wrong_flags_are_one_line_and_start_nothing(tmp_path, arguments, told):
    path = scenario(tmp_path, {"mode": "free"})
    result = call("run", path, "--out", tmp_path / "run", *arguments, cwd=tmp_path)
    assert result.returncode == 3
    assert told in result.stderr and not (tmp_path / "run").exists()
