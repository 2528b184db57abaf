"""The split generation: which conditions together lose data, and what stays whole where one of them is missing."""

import pytest
from e2e import carry_out, needs_sqlite, scenario

TICKS = 12
HELD = {"strategy": "per-tick", "boards": 1, "workers": 1, "worker_connection": "per-op", "ticks": TICKS}
# From 3.51.0 on, SQLite notices that its process has lost its locks on the main file.
NOTICES_LOST_LOCKS = (3, 51, 0)


@pytest.fixture(name="cells", scope="module", params=["system", "3.40.1", "3.54.1"])
def run_split(request, tmp_path_factory):
    needs_sqlite(request.param)
    folder = tmp_path_factory.mktemp("split")
    path = scenario(folder, {**HELD, **{f"sqlite.{role}": request.param for role in ("subject", "worker", "checker")}},
                    {"header_check": ["off", "raw"], "held_connection": ["off", "on"]})
    return {(cell.settings["header_check"], cell.settings["held_connection"]): cell
            for cell in carry_out(folder, path).cells()}


def test_raw_reads_beside_a_held_connection_lose_the_lock(cells):
    assert {at for at, cell in cells.items() if "lock lost" in cell.mechanisms} == {("raw", "on")}


def test_a_split_takes_both_and_a_sqlite_that_does_not_notice(cells):
    cell = cells["raw", "on"]
    splits = cell.sqlite_version() < NOTICES_LOST_LOCKS
    assert ("split generation" in cell.mechanisms) is splits
    assert (cell.finding == "data loss") is splits
    deleted = [board["kernel_wal_deleted"] for board in cell.samples()[-1]["boards"].values()]
    assert any(deleted) is splits


@pytest.mark.parametrize("at", [("off", "off"), ("off", "on"), ("raw", "off")], ids="-".join)
def test_the_controls_lose_nothing(cells, at):
    cell = cells[at]
    assert "split generation" not in cell.mechanisms
    assert cell.finding == ("clean" if at[1] == "on" else "churn")
    assert cell.metrics["lost_commits"] == cell.metrics["integrity_failed"] == 0
    assert cell.metrics["steps_failed"] == 0
    assert cell.metrics["acknowledged"] > 0


def test_without_a_worker_both_sidecars_stay_through_all_live_checks(tmp_path):
    path = scenario(tmp_path, {**HELD, "workers": 0, "header_check": "raw", "held_connection": "on"})
    (cell,) = carry_out(tmp_path, path, "--keep").cells()
    first, *_, last = (sample["boards"]["b01"] for sample in cell.samples() if sample["tick"] >= 0)

    # The lock is lost in this cell, or it would prove nothing.
    assert "lock lost" in cell.mechanisms
    assert last["lock_main_posix"] == last["lock_main_ofd"] == 0 and last["kernel_wal"] == 1

    created_at_the_start = {"wal_created": 1, "wal_unlinked": 0, "shm_created": 1, "shm_unlinked": 0}
    assert {step["step"]: step["sidecars"]["b01"] for step in cell.steps() if "sidecars" in step} == {
        "cell": created_at_the_start}
    assert last["wal_inode"] == first["wal_inode"] is not None
    assert last["shm_inode"] == first["shm_inode"] is not None
    assert last["kernel_wal_deleted"] == last["kernel_shm_deleted"] == 0

    # The outside check was made on the live board, and only then did the subject end; its held connection unlinked the
    # -wal that was there from the start, so that the check had not.
    assert cell.check("outside")["b01"]["how"] == "mode=ro"
    events = [line.get("check") or line.get("event") for line in cell.stream]
    assert events.index("outside") < events.index("subject-ended") < events.index("final")
    (ended,) = cell.lines(type="event", event="subject-ended")
    assert ended["vfs"]["b01"]["wal_unlinks"] == {"held": 1}
    assert sorted(path.name for path in (cell.folder / "boards" / "b01").iterdir()) == ["kanban.db"]
