"""The effects of other processes on a gateway: one that has its flock, a child that it forked, workers that outlive their task."""

import json
import sqlite3

import pytest
from e2e import CLOCK, HOME, SMALL, call, carry_out, has_sqlite_built_in, scenario, validator

INHERITED = {"fault": "fork", "at_tick": 6, "until_tick": 9, "board": "b01", "how": "inherited"}
OPENED = {**INHERITED, "how": "opened"}
both_subjects = pytest.mark.parametrize("subject", ["cpp", "python"])


@both_subjects
def test_a_board_whose_flock_another_process_has_is_left_alone(tmp_path, subject):
    fault = {"fault": "hold-flock", "at_tick": 4, "until_tick": 10, "board": "b01"}
    path = scenario(tmp_path, {**SMALL, "subject": subject, "faults": [fault]}, {"flock": ["off", "dispatch"]})
    free, locked = carry_out(tmp_path, path).cells()
    assert (free.metrics["passes_locked_out"], locked.metrics["passes_locked_out"]) == (0, 6)
    entries = [entry for step in locked.lines(type="step", step="dispatch") for entry in step["boards"]]
    left = [entry for entry in entries if "locked_out" in entry]
    assert len(left) == 6 and all(entry == {"board": "b01", "ok": True, "looked": False, "locked_out": True} for entry in left)
    assert locked.metrics["passes_failed"] == locked.metrics["lost_commits"] == 0
    for line in locked.stream:
        validator("stream")(line)


@both_subjects
def test_free_running_every_pass_over_a_board_that_stays_locked_is_counted(tmp_path, subject):
    fault = {"fault": "hold-flock", "at_tick": 0, "board": "b02"}
    path = scenario(tmp_path, {**SMALL, **CLOCK, "ticks": 8, "subject": subject, "flock": "dispatch", "faults": [fault]})
    (cell,) = carry_out(tmp_path, path).cells()
    assert cell.metrics["passes_locked_out"] == cell.metrics["ticks_ran"] > 0
    ticks = cell.lines(type="tick")
    assert all(tick["steps"]["dispatch"]["locked_out"] == ["b02"] for tick in ticks)
    for line in cell.stream:
        validator("stream")(line)


@both_subjects
def test_what_a_child_commits_through_an_inherited_connection_is_lost_where_the_parent_keeps_none(tmp_path, subject):
    matrix = {"faults": [[INHERITED], [OPENED]], "strategy": ["per-tick", "persistent"]}
    path = scenario(tmp_path, {**SMALL, "subject": subject}, matrix)
    cells = carry_out(tmp_path, path).cells()
    lost = {(cell.settings["faults"][0]["how"], cell.settings["strategy"]): cell.metrics["lost_commits"] for cell in cells}
    assert lost == {("inherited", "per-tick"): 1, ("inherited", "persistent"): 0,
                    ("opened", "per-tick"): 0, ("opened", "persistent"): 0}
    for cell in cells:
        assert cell.lines(type="check", check="acknowledged")[0]["boards"][0]["rows"]["child"] == [[1, 1]]
        begun, ended = cell.lines(type="event", event="fault")
        assert begun["ok"] is ended["ok"] is True and cell.metrics["unordered_deaths"] == 0
        for line in cell.stream:
            validator("stream")(line)


@both_subjects
def test_a_child_that_is_never_told_to_write_ends_with_its_parent(tmp_path, subject):
    """Its end would be later than the cell's; a child left over would keep the leash, and the run would not end."""
    fault = {**INHERITED, "until_tick": 1000}
    path = scenario(tmp_path, {**SMALL, "ticks": 10, "subject": subject, "faults": [fault]})
    (cell,) = carry_out(tmp_path, path).cells()
    assert "child" not in cell.lines(type="check", check="acknowledged")[0]["boards"][0]["rows"]
    assert cell.metrics["lost_commits"] == 0


@both_subjects
def test_workers_that_stay_use_up_the_places_until_they_are_reaped(tmp_path, subject):
    path = scenario(tmp_path, {**SMALL, "boards": 1, "subject": subject, "worker_connection": "held"},
                    {"finished_worker": ["ends", "stays"], "worker_reaper": ["off", "on"]})
    ends, _, stays, reaped = carry_out(tmp_path, path).cells()
    assert len(stays.lines(type="event", event="worker-started")) == SMALL["workers"]
    assert len(ends.lines(type="event", event="worker-started")) > SMALL["workers"]
    assert len(reaped.lines(type="event", event="worker-started")) > SMALL["workers"]
    assert [step["op"] for step in reaped.lines(type="step", step="visit", actor="w0001")][-2:] == ["complete", "end"]
    for cell in (stays, reaped):
        assert cell.metrics["unordered_deaths"] == cell.metrics["lost_commits"] == 0
        assert all((event["exit_code"], event["signal"]) == (0, 0) for event in cell.lines(type="event", event="worker-ended"))
        for line in cell.stream:
            validator("stream")(line)


@both_subjects
def test_free_running_a_reaped_worker_is_no_death(tmp_path, subject):
    path = scenario(tmp_path, {**SMALL, **CLOCK, "boards": 1, "subject": subject, "finished_worker": "stays",
                               "worker_reaper": "on", "worker_life_s": 30, "claim_ttl_s": 86400})
    (cell,) = carry_out(tmp_path, path).cells()
    assert len(cell.lines(type="event", event="worker-started")) > SMALL["workers"], "places became free"
    assert cell.metrics["unordered_deaths"] == cell.metrics["lost_commits"] == 0


def test_a_restore_is_refused_while_a_process_has_the_board_open(tmp_path):
    fault = {"fault": "replace-board", "at_tick": 12, "board": "b01", "how": "backup", "holders": "refused"}
    path = scenario(tmp_path, {**SMALL, "faults": [fault]}, {"held_connection": ["off", "on"]})
    restored, refused = carry_out(tmp_path, path).cells()
    ((done,), (left,)) = (cell.lines(type="event", event="fault") for cell in (restored, refused))
    assert (done["holders"], "rows" in done) == (0, True) and restored.metrics["lost_by_fault"] > 0
    assert (left["holders"], "rows" in left) == (1, False) and refused.metrics["lost_by_fault"] == 0
    assert restored.metrics["lost_commits"] == refused.metrics["lost_commits"] == 0


@pytest.mark.parametrize("name", ["flock-held", "fork", "finished-workers"])
def test_the_scenarios_of_other_processes_are_as_expected(tmp_path, name):
    if has_sqlite_built_in() or sqlite3.sqlite_version != "3.40.1":
        pytest.skip("what they expect was seen with SQLite 3.40.1")
    result = call("run", HOME / "scenarios" / "questions" / f"{name}.json", "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


# ---- the cells in which each fix is seen at work

FIXES = json.loads((HOME / "scenarios" / "fixes.json").read_text())["presets"]
ROWS = [line.split("|")[1:] for line in (HOME / "reports/every-fix/report.md").read_text().splitlines()
        if line.startswith("| ") and line.split("|")[1].strip() in FIXES]


def test_each_fix_that_changes_nothing_in_the_table_of_all_names_the_scenario_that_varies_it():
    """Durations apart, a row like that of another fix shows nothing of either."""
    rows = {row[0].strip(): tuple(cell for index, cell in enumerate(row) if index not in (0, 10)) for row in ROWS}
    assert len(rows) >= 24
    alike = {name for name, row in rows.items() if sum(row == other for other in rows.values()) > 1}
    assert [name for name in sorted(alike) if "seen_in" not in FIXES[name]] == []


@pytest.mark.parametrize("fix", sorted(name for name, preset in FIXES.items() if "seen_in" in preset))
def test_the_scenario_of_a_fix_varies_what_it_sets(fix):
    document = json.loads((HOME / "scenarios" / f"{FIXES[fix]['seen_in']}.json").read_text())
    blocks = document["matrix"] if isinstance(document["matrix"], list) else [document["matrix"]]
    axes = {setting: values for block in blocks for setting, values in block.items()}
    told = {**{setting: [value] for setting, value in document.get("settings", {}).items()}, **axes}
    changed = {setting for setting, value in FIXES[fix]["settings"].items() if setting != "faults"}
    assert all(setting in told for setting in changed), changed
    assert not changed or any(len(axes.get(setting, [])) > 1 or len(blocks) > 1 for setting in changed)
