"""A whole gateway of every strategy on its own clock: notifier, slash commands, a dashboard, a second dispatcher, workers
of which some are killed. This file is what the thread sanitizer watches end to end.

Nothing here depends on how fast it goes: a slow machine skips slots.
"""

import contextlib
import signal
import sqlite3

import pytest
from e2e import CLOCK, GATEWAY, SMALL, STRATEGIES, carry_out, scenario, validator


@pytest.fixture(scope="module", name="whole_gateway")
def whole_gateway_run(tmp_path_factory):
    """Every strategy in a whole gateway: notifier, slash commands, a dashboard, a second dispatcher, kills."""
    folder = tmp_path_factory.mktemp("gateway")
    path = scenario(folder, {**SMALL, **CLOCK, **GATEWAY, "worker_kill_rate": 0.1}, {"strategy": list(STRATEGIES)})
    return carry_out(folder, path, "--jobs", 3, "--keep")


def test_every_job_of_the_gateway_runs(whole_gateway):
    for cell in whole_gateway.cells():
        metrics = cell.metrics
        assert metrics["ticks_ran"] + metrics["ticks_missed"] == SMALL["ticks"]
        for job in ("notifier", "slash", "dashboard", "dispatcher_2"):
            assert metrics[f"{job}_ran"] > 0 and metrics[f"{job}_failed"] == 0, (cell.name, job)
        if cell.settings["strategy"] != "noop":
            assert metrics["visit_ran"] > 0
        assert metrics["lost_commits"] == 0 and metrics["ledgers_parted"] == 0
        assert metrics["affinity_errors"] == 0


def test_every_writer_acknowledges_under_its_own_name(whole_gateway):
    rows = whole_gateway.cell(strategy="per-tick").check("acknowledged")
    writers = set().union(*(board["rows"] for board in rows.values()))
    assert {"dispatcher", "dispatcher-2", "slash"} <= writers
    assert any(writer.startswith("w0") for writer in writers) and any(writer.startswith("v0") for writer in writers)


def test_the_streams_of_free_running_cells_keep_to_their_schema(whole_gateway):
    validate, validate_summary = validator("stream"), validator("summary")
    for cell in whole_gateway.cells():
        for line in cell.stream:
            validate(line)
    validate_summary(whole_gateway.summary)


def test_killed_workers_are_told_with_their_signal(whole_gateway):
    ended = [line for cell in whole_gateway.cells() for line in cell.lines(type="event", event="worker-ended")]
    assert signal.SIGKILL in {line["signal"] for line in ended}
    assert {line["signal"] for line in ended} <= {0, signal.SIGKILL}


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_no_dispatcher_takes_the_others_workers_for_crashed(tmp_path, subject):
    settings = {**SMALL, **CLOCK, "subject": subject, "second_dispatcher": "on", "notifier": 0, "strategy": "per-tick"}
    run = carry_out(tmp_path, scenario(tmp_path, settings), "--keep")
    kinds = set()
    for path in run.folder.glob("cells/*/boards/*/kanban.db"):
        with contextlib.closing(sqlite3.connect(path)) as board:
            kinds |= {kind for (kind,) in board.execute("SELECT kind FROM events")}
    assert "spawned" in kinds and "crashed" not in kinds
