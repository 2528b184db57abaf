"""Runs that are stopped in the middle: what they leave on disk, and that they leave no process."""

import json
import os
import signal

import pytest
from e2e import Run, call, scenario, validator
from e2e_started import ENDLESS, Started, complete_lines
from html_outline import assert_sound, read

# The leash tells everyone below a killed walsoak at once; a machine under load may need some time to run them.
LEASH_PATIENCE_S = 20


def start(folder, **options):
    path = scenario(folder, ENDLESS, {"strategy": ["per-tick", "persistent"]})
    return Started("run", path, "--out", folder / "run", cwd=folder, **options)


@pytest.fixture(name="stream")
def stream_path(tmp_path):
    return tmp_path / "run" / "cells" / "c01.jsonl"


def test_a_killed_walsoak_leaves_a_readable_stream_and_no_process(tmp_path, stream):
    with start(tmp_path) as started:
        started.reach_tick(stream, 3)
        started.process.kill()
        assert started.wait() == -signal.SIGKILL
        assert started.family.wait(LEASH_PATIENCE_S) == {}
    lines = complete_lines(stream)
    assert [line["type"] for line in lines[:3]] == ["header", "step", "sample"]
    assert len([line for line in lines if line["type"] == "sample" and line["tick"] >= 0]) >= 4
    assert "end" not in {line["type"] for line in lines}
    summary = Run(tmp_path / "run").summary
    assert summary["state"] == "running" and summary["verdict"] == "unknown"


def test_a_killed_run_can_be_reported(tmp_path, stream):
    with start(tmp_path) as started:
        started.reach_tick(stream, 3)
        started.process.kill()
        started.wait()
    assert call("report", tmp_path / "run", "--no-pictures", "--html", cwd=tmp_path).returncode == 0
    assert "unknown" in (tmp_path / "run" / "report.md").read_text()
    page = read((tmp_path / "run" / "report.html").read_text())
    assert_sound(page)
    assert any("unknown" in part.text() for part in page.all("details")) and "which is running" in page.text()


def assert_interrupted(folder, number):
    run = Run(folder / "run")
    assert run.summary["state"] == json.loads((folder / "run" / "run.json").read_text())["state"] == "interrupted"
    assert run.summary["exit_code"] == 128 + number
    assert run.summary["verdict"] == "unknown"
    stopped, never_run = run.summary["cells"]
    assert stopped["verdict"] == never_run["verdict"] == "unknown"
    assert stopped["finding"] == never_run["finding"] == "unknown"
    assert stopped["state"] == "interrupted"
    # What was measured until then is there all the same, and the boards are kept.
    assert stopped["metrics"]["passes"] >= 3
    assert (folder / "run" / "cells" / "c01" / "boards" / "b01" / "kanban.db").exists()
    assert "interrupted" in (folder / "run" / "report.md").read_text()
    return run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_stop_signal_ends_the_run_with_its_summary(tmp_path, stream, number):
    with start(tmp_path) as started:
        started.reach_tick(stream, 3)
        os.kill(started.process.pid, number)
        assert started.wait() == 128 + number
        assert started.family.alive() == {}
    assert_interrupted(tmp_path, number)


def test_control_c_on_a_terminal_ends_it_the_same_way(tmp_path, stream):
    # The terminal sends the signal to walsoak and to all that it has started.
    with start(tmp_path, terminal="xterm") as started:
        started.reach_tick(stream, 3)
        started.type(b"\x03")
        assert started.wait() == 130
        assert started.family.alive() == {}
    assert_interrupted(tmp_path, signal.SIGINT)


def test_the_summary_of_an_interrupted_run_keeps_to_its_schema(tmp_path, stream):
    validate = validator("summary")
    with start(tmp_path) as started:
        started.reach_tick(stream, 3)
        os.kill(started.process.pid, signal.SIGINT)
        started.wait()
    validate(Run(tmp_path / "run").summary)
