"""What a run leaves in its folder, that it keeps to its schemas, and that nothing outside of it is touched."""

import hashlib
import json
import re
import sqlite3
import subprocess

import pytest
from e2e import Run, call, carry_out, scenario, validator

TWO = {"strategy": ["per-tick", "persistent"]}


def cell_folders(run):
    return sorted(path.name for path in (run.folder / "cells").iterdir() if path.is_dir())


def test_folders_of_passed_cells_go(tmp_path):
    run = carry_out(tmp_path, scenario(tmp_path, {"ticks": 3, "warmup_ticks": 1}, TWO))
    assert cell_folders(run) == []
    assert sorted(path.name for path in run.folder.iterdir()) == [".walsoak-run", "cells", "report.md", "run.json", "summary.json"]
    assert sorted(path.name for path in (run.folder / "cells").iterdir()) == ["c01.jsonl", "c02.jsonl"]


def test_keep_keeps_them(tmp_path):
    run = carry_out(tmp_path, scenario(tmp_path, {"ticks": 3, "warmup_ticks": 1, "boards": 2}, TWO), "--keep")
    assert cell_folders(run) == ["c01", "c02"]
    boards = run.folder / "cells" / "c01" / "boards"
    assert sorted(str(path.relative_to(boards)) for path in boards.glob("*/*")) == ["b01/kanban.db", "b02/kanban.db"]
    # A kept board is an ordinary database, still marked as walsoak's.
    with sqlite3.connect(boards / "b01" / "kanban.db") as board:
        assert board.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert board.execute("PRAGMA application_id").fetchone() != (0,)
        assert board.execute("SELECT count(*) FROM sqlite_master").fetchone() > (0,)


def test_a_cell_that_did_not_pass_keeps_its_folder(tmp_path):
    expect = [{"when": {}, "finding": "churn"}]
    run = carry_out(tmp_path, scenario(tmp_path, {"ticks": 12}, TWO, expect), code=1)
    assert [cell.recorded["verdict"] for cell in run.cells()] == ["pass", "fail"]
    assert run.summary["verdict"] == "fail" and run.summary["exit_code"] == 1
    assert cell_folders(run) == ["c02"]


def sums(folder):
    """What is in a folder: of each file its inode, times, size and contents. A process of its own reads them, since
    reading a database here would drop the locks of the reader that this process holds."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    contents = [hashlib.sha256(subprocess.run(["cat", path], capture_output=True, check=True).stdout).hexdigest()
                for path in files]
    stats = [path.stat() for path in files]
    return {path.name: (stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, content)
            for path, stat, content in zip(files, stats, contents, strict=True)}


def decoy(folder):
    """Someone's own board in WAL mode, its sidecars kept by the open reader that is returned."""
    folder.mkdir()
    board = sqlite3.connect(folder / "kanban.db", isolation_level=None)
    board.execute("PRAGMA journal_mode=WAL")
    board.execute("CREATE TABLE tasks (id TEXT PRIMARY KEY)")
    board.execute("INSERT INTO tasks VALUES ('precious')")
    board.execute("BEGIN")
    assert board.execute("SELECT * FROM tasks").fetchall() == [("precious",)]
    return board


def test_boards_beside_the_run_folder_and_in_the_working_folder_stay_as_they_are(tmp_path):
    here, beside = tmp_path / "here", tmp_path / "here" / "walsoak-runs"
    readers = [decoy(here), decoy(beside)]
    before = sums(here), sums(beside)
    assert set(before[0]) == set(before[1]) == {"kanban.db", "kanban.db-wal", "kanban.db-shm"}
    path = scenario(tmp_path, {"ticks": 4, "warmup_ticks": 1, "header_check": "raw"},
                    {"strategy": ["persistent", "unclosed"]})
    result = call("run", path, cwd=here)
    assert result.returncode == 0, result.stderr
    assert (sums(here), sums(beside)) == before
    # Without --out the run folder is named after the scenario and the time, in walsoak-runs here.
    (folder,) = (path for path in beside.iterdir() if path.is_dir())
    assert re.fullmatch(r"tiny-\d{8}T\d{6}Z", folder.name)
    assert Run(folder).summary["state"] == "done"
    for reader in readers:
        reader.close()


@pytest.fixture(name="varied", scope="module")
def run_varied(tmp_path_factory):
    """Cells that fill much of the record: a split or a lost lock, a leak, kills, boards that nobody looked at."""
    folder = tmp_path_factory.mktemp("varied")
    base = {"ticks": 8, "warmup_ticks": 2, "workers": 1}
    matrix = [{"strategy": ["per-tick"], "header_check": ["raw"], "held_connection": ["off", "on"]},
              {"strategy": ["noop", "planted-leak"], "leak_every": [2]},
              {"workers": [2], "worker_kill_rate": [0.5], "claim_ttl_s": [60]},
              {"journal_mode": ["delete"]}]
    return carry_out(folder, scenario(folder, base, matrix))


def test_every_line_of_the_streams_keeps_to_its_schema(varied):
    validate = validator("stream")
    kinds = set()
    for cell in varied.cells():
        for line in cell.stream:
            validate(line)
            kinds.add(line["type"])
    assert kinds == {"header", "step", "sample", "event", "check", "end"}


@pytest.mark.parametrize("name", ["run", "summary"])
def test_run_and_summary_keep_to_their_schemas(varied, name):
    validator(name)(json.loads((varied.folder / f"{name}.json").read_text()))


def test_the_summary_repeats_the_command(varied):
    command = varied.summary["command"]
    assert command[1] == "run" and "--out" in command
