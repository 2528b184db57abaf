"""Rows in mid-cell: the look tells from which tick on rows are gone, and changes nothing for those it looks at."""

import pytest
from e2e import carry_out, needs_sqlite, scenario

TICKS = 12
SPLIT = {"strategy": "per-tick", "boards": 1, "workers": 1, "ticks": TICKS, "header_check": "raw",
         **{f"sqlite.{role}": "3.40.1" for role in ("subject", "worker", "checker")}}


def looks(cell):
    return [(line["tick"], line["boards"]["b01"]) for line in cell.lines(type="rows")]


@pytest.fixture(name="cells", scope="module")
def run_split(tmp_path_factory):
    needs_sqlite("3.40.1")
    folder = tmp_path_factory.mktemp("rows")
    path = scenario(folder, SPLIT, {"held_connection": ["off", "on"], "rows_every": [0, 1, 5]})
    return {(cell.settings["held_connection"], cell.settings["rows_every"]): cell
            for cell in carry_out(folder, path).cells()}


def test_looks_come_every_so_many_ticks_and_before_the_sample(cells):
    assert looks(cells["on", 0]) == []
    assert [tick for tick, _ in looks(cells["on", 1])] == list(range(TICKS))
    assert [tick for tick, _ in looks(cells["on", 5])] == [4, 9]
    lines = [(line["type"], line["tick"]) for line in cells["on", 5].stream if "tick" in line]
    for tick in (4, 9):
        at = lines.index(("rows", tick))
        assert set(lines[at + 1:lines.index(("sample", tick))]) <= {("step", tick)}


def test_without_a_held_connection_every_look_finds_every_row(cells):
    seen = looks(cells["off", 1])
    assert all(row["inside"] == row["outside"] == row["acknowledged"] for _, row in seen)
    assert seen[-1][1]["acknowledged"] > seen[0][1]["acknowledged"] > 0


def test_rows_part_after_the_split_and_not_before(cells):
    cell = cells["on", 1]
    deleted = [sample["tick"] for sample in cell.samples() if sample["boards"]["b01"]["kernel_wal_deleted"]]
    apart = [tick for tick, row in looks(cell) if row["inside"] != row["acknowledged"] or row["outside"] != row["acknowledged"]]
    assert deleted and apart and apart[0] > deleted[0]
    assert all(row["inside"] == row["outside"] == row["acknowledged"] for tick, row in looks(cell) if tick < apart[0])


@pytest.mark.parametrize("held", ["off", "on"])
def test_looking_changes_no_finding_and_no_count_in_scope(cells, held):
    plain, looked_at = cells[held, 0], cells[held, 1]
    assert (plain.finding, plain.mechanisms) == (looked_at.finding, looked_at.mechanisms)
    for metric in ("last_closes_in_scope", "connections_opened_in_scope", "passes", "passes_failed", "steps", "steps_failed",
                   "descriptors_net_growth"):
        assert plain.metrics[metric] == looked_at.metrics[metric], metric
    assert plain.recorded["errors"] == looked_at.recorded["errors"]


def test_the_step_of_a_look_tells_no_rows(cells):
    steps = [line for line in cells["off", 1].lines(type="step") if line["step"] == "inside"]
    assert len(steps) == TICKS
    assert all(board == {"board": "b01", "ok": True} for step in steps for board in step["boards"])


def test_a_look_is_on_the_thread_of_its_ticks_dispatch(tmp_path):
    path = scenario(tmp_path, {"strategy": "thread-local", "boards": 1, "ticks": TICKS}, {"rows_every": [0, 1]})
    plain, looked_at = carry_out(tmp_path, path).cells()
    open_at = [[sample["boards"]["b01"]["api_open"] for sample in cell.samples()] for cell in (plain, looked_at)]
    assert open_at[0] == open_at[1], "at no tick has a thread a connection of a look's"
    assert open_at[0][-1] > 1


def test_a_look_comes_before_the_collection_that_frees_what_it_drops(tmp_path):
    path = scenario(tmp_path, {"strategy": "unclosed", "boards": 2, "ticks": 18, "collector": "every-n", "collector_every": 1},
                    {"rows_every": [0, 9]})
    plain, looked_at = carry_out(tmp_path, path).cells()
    assert (plain.finding, plain.mechanisms) == (looked_at.finding, looked_at.mechanisms)
    assert plain.samples()[-1]["boards"].keys() == looked_at.samples()[-1]["boards"].keys()
    for sample in looked_at.samples():
        assert all(board["api_open"] == 0 for board in sample["boards"].values())
    last = [line["step"] for line in looked_at.steps() if line["tick"] == 17]
    assert last.index("inside") < last.index("collect")


def test_a_look_outside_leaves_both_sidecars_even_where_nobody_locks_them(tmp_path):
    needs_sqlite("3.40.1")
    path = scenario(tmp_path, {**SPLIT, "held_connection": "on", "workers": 0, "rows_every": 1})
    (cell,) = carry_out(tmp_path, path, "--keep").cells()
    assert "lock lost" in cell.mechanisms, "or this would prove nothing"
    # The board has a -wal all along, of which the look at the end makes no copy (test_e2e_split_generation.py).
    assert cell.check("outside")["b01"]["how"] == "mode=ro"
    assert (cell.folder / "copies" / "outside" / "b01" / "kanban.db").is_file()
    boards = [sample["boards"]["b01"] for sample in cell.samples() if sample["tick"] >= 0]
    assert len({(board["wal_inode"], board["shm_inode"]) for board in boards}) == 1
    assert all(board["kernel_wal_deleted"] == board["kernel_shm_deleted"] == 0 for board in boards)
    assert len(looks(cell)) == TICKS
