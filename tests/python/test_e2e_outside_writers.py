"""Outside writers: processes that go on writing when the dispatcher cannot, how the gateway ends, and when the header is
read."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from e2e import CLOCK, HOME, call, carry_out, has_sqlite_built_in, scenario, validator

SMALL = {"boards": 2, "workers": 1, "ticks": 6, "tasks_per_board": 2, "warmup_ticks": 1}


def acts(cell):
    return cell.steps(step="outside-act")


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_they_act_by_their_interval_on_one_board_after_the_other(tmp_path, subject):
    path = scenario(tmp_path, {**SMALL, "subject": subject, "outside_writers": 2, "outside_interval_s": 20})
    (cell,) = carry_out(tmp_path, path).cells()
    for writer in ("outside-1", "outside-2"):
        own = [step for step in acts(cell) if step["actor"] == writer]
        assert len(own) == 3 * SMALL["ticks"] and all(step["ok"] for step in own)
        assert sorted(board["board"] for step in own for board in step["boards"]) == ["b01"] * 9 + ["b02"] * 9
    rows = cell.check("acknowledged")
    assert all(board["rows"]["outside-1"] == [[1, 9]] for board in rows.values())
    assert cell.metrics["lost_commits"] == 0 and cell.metrics["lost_outside"] == 0


WRITTEN = {"add": "SELECT count(*) FROM tasks WHERE created_by = 'outside'",
           "comment": "SELECT count(*) FROM comments WHERE author = 'outside-1'",
           "finish": "SELECT count(*) FROM tasks WHERE result = 'done by outside-1'"}


@pytest.mark.parametrize("act", WRITTEN)
def test_what_they_write(tmp_path, act):
    path = scenario(tmp_path, {**SMALL, "boards": 1, "tasks_per_board": 30, "outside_writers": 1, "outside_act": act})
    (cell,) = carry_out(tmp_path, path, "--keep").cells()
    assert all(step["ok"] for step in acts(cell)) and len(acts(cell)) == 3 * SMALL["ticks"]
    with contextlib.closing(sqlite3.connect(cell.folder / "boards" / "b01" / "kanban.db")) as board:
        assert board.execute(WRITTEN[act]).fetchone() == (len(acts(cell)),)
    assert cell.metrics["lost_commits"] == 0


def test_they_run_on_the_sqlite_of_the_workers(tmp_path):
    """A folder of version 3.99.0 holds the system's library: a process that loads it is found out."""
    if has_sqlite_built_in():
        pytest.skip("no role can be given another SQLite")
    library = next((line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "/libsqlite3.so" in line), None)
    if library is None:
        pytest.skip("this Python loads no libsqlite3.so")
    folder = tmp_path / "cache" / "sqlite" / "3.99.0"
    folder.mkdir(parents=True)
    shutil.copy(library, folder / "libsqlite3.so.0")
    path = scenario(tmp_path, {**SMALL, "workers": 0, "outside_writers": 1, "sqlite.worker": "3.99.0"})
    result = call("run", path, "--out", tmp_path / "run", cwd=tmp_path, WALSOAK_CACHE=str(tmp_path / "cache"))
    assert result.returncode == 4
    assert "names SQLite 3.99.0 for the worker, but walsoak-subject runs on" in result.stderr


@pytest.mark.parametrize("fingerprint", ["inode", "mtime-size"])
@pytest.mark.parametrize("connection", ["per-op", "held"])
def test_one_that_holds_its_connections_unlinks_no_sidecar(tmp_path, connection, fingerprint):
    """However the gateway's own connections are told from stale ones: each commit changes the main file here."""
    path = scenario(tmp_path, {**SMALL, "workers": 0, "notifier": 0, "auto_decompose": "off", "outside_writers": 1,
                               "outside_connection": connection, "fingerprint": fingerprint, "wal_autocheckpoint": 1})
    (cell,) = carry_out(tmp_path, path).cells()
    unlinked = sum(board.get("wal_unlinked", 0) for step in acts(cell) for board in step.get("sidecars", {}).values())
    assert (unlinked > 0) == (connection == "per-op")


def test_free_running_they_have_a_clock_of_their_own(tmp_path):
    path = scenario(tmp_path, {**SMALL, **CLOCK, "outside_writers": 1, "outside_interval_s": 20})
    (cell,) = carry_out(tmp_path, path).cells()
    assert cell.metrics["outside_ran"] > 0 and cell.metrics["outside_failed"] == 0
    assert cell.metrics["lost_commits"] == 0


@pytest.mark.parametrize("mode", [{}, CLOCK], ids=["lockstep", "free"])
def test_a_gateway_that_is_killed_says_nothing_more(tmp_path, mode):
    path = scenario(tmp_path, {**SMALL, **mode}, {"ending": ["stop", "kill"]})
    stopped, killed = carry_out(tmp_path, path).cells()
    (ended,) = killed.lines(type="event", event="subject-ended")
    assert ended["killed"] is True and ended["api"] is None and ended["vfs"] is None
    (ended,) = stopped.lines(type="event", event="subject-ended")
    assert ended["killed"] is False and ended["api"] is not None
    for cell in (stopped, killed):
        assert cell.metrics["unordered_deaths"] == 0 and cell.metrics["lost_commits"] == 0
        for line in cell.stream:
            validator("stream")(line)


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_a_raw_header_check_takes_the_lock_when_it_is_made(tmp_path, subject):
    """A held connection keeps its lock unless something opens and closes the main file after it."""
    path = scenario(tmp_path, {**SMALL, "subject": subject, "held_connection": "on", "header_check": "raw", "workers": 0},
                    {"header_check_at": ["open", "first-open", "commit"], "raw_open_registry": ["off", "on"]})
    held = {(cell.settings["header_check_at"], cell.settings["raw_open_registry"]): cell.metrics["lock_main_posix_last"] > 0
            for cell in carry_out(tmp_path, path).cells()}
    assert held == {("open", "off"): False, ("first-open", "off"): True, ("commit", "off"): False,
                    ("open", "on"): True, ("first-open", "on"): True, ("commit", "on"): True}


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_a_change_of_modes_takes_locks_only_through_a_descriptor(tmp_path, subject):
    path = scenario(tmp_path, {**SMALL, "subject": subject, "held_connection": "on", "workers": 0},
                    {"mode_change": ["path", "descriptor"], "mode_change_of": ["all", "main", "shm"]})
    locks = {(cell.settings["mode_change"], cell.settings["mode_change_of"]):
             (cell.metrics["lock_main_posix_last"] > 0, cell.metrics["lock_shm_dms_last"] > 0)
             for cell in carry_out(tmp_path, path).cells()}
    assert locks == {("path", "all"): (True, True), ("path", "main"): (True, True), ("path", "shm"): (True, True),
                     ("descriptor", "all"): (False, False), ("descriptor", "main"): (False, True),
                     ("descriptor", "shm"): (True, False)}


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_a_limit_cuts_a_wal_that_begins_anew(tmp_path, subject):
    """Four pages are checkpointed at once, so that each commit begins the -wal anew; without a limit it keeps its length."""
    path = scenario(tmp_path, {**SMALL, "subject": subject, "held_connection": "on", "wal_autocheckpoint": 4,
                               "workers": 1, "ticks": 12}, {"journal_size_limit": [-1, 0]})
    kept, cut = (cell.metrics["wal_bytes_last"] for cell in carry_out(tmp_path, path).cells())
    assert cut < kept


def test_a_python_that_cannot_leave_out_a_checkpoint_is_refused(tmp_path):
    path = scenario(tmp_path, {**SMALL, "subject": "python", "close_checkpoint": "off"})
    result = call("run", path, "--out", tmp_path / "run", cwd=tmp_path)
    if hasattr(sqlite3.Connection, "setconfig"):
        assert result.returncode == 0, result.stderr
    else:
        assert result.returncode == 3 and "close-checkpoint" in result.stderr


@pytest.mark.parametrize("fingerprint, lost", [("inode", True), ("generation", False)])
def test_a_guard_of_the_generation_loses_nothing_where_an_inode_does(tmp_path, fingerprint, lost):
    path = scenario(tmp_path, {"strategy": "persistent", "header_check": "raw", "ticks": 20, "tasks_per_board": 4,
                               "outside_writers": 1, "close_checkpoint": "unless-lost", "fingerprint": fingerprint})
    (cell,) = carry_out(tmp_path, path).cells()
    assert (cell.metrics["lost_commits"] > 0) == lost and cell.metrics["integrity_failed"] == 0


@pytest.mark.parametrize("name", ["last-close-corrupts", "header-check-at", "mode-change"])
def test_the_scenarios_of_outside_writers_are_as_expected(tmp_path, name):
    if has_sqlite_built_in() or sqlite3.sqlite_version != "3.40.1":
        pytest.skip("what they expect was seen with SQLite 3.40.1")
    result = call("run", HOME / "scenarios" / "outside" / f"{name}.json", "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_an_order_names_the_acts_of_each_tick(tmp_path, subject):
    order = "2 x triage, outside-1, dispatch; workers, outside-1, dispatch"
    path = scenario(tmp_path, {**SMALL, "boards": 1, "subject": subject, "outside_writers": 1, "order": order, "collector": "never"})
    (cell,) = carry_out(tmp_path, path).cells()
    told = [[step["step"] for step in cell.steps(tick=tick)] for tick in range(SMALL["ticks"])]
    quiet, busy = ["triage", "outside-act", "dispatch"], ["visit", "outside-act", "dispatch"]
    assert told == [quiet, quiet, busy, quiet, quiet, busy]
    assert cell.metrics["lost_commits"] == 0


def test_one_task_from_outside_makes_an_orderly_stop_the_corrupter(tmp_path):
    """scenarios/outside/may-2026-stop.json with one seed of its twenty, and the advice that follows from it."""
    settings = {"boards": 1, "workers": 60, "ticks": 30, "tasks_per_board": 60, "outside_writers": 1,
                "order": "29 x triage, dispatch, probe, notifier; triage, outside-1, dispatch, probe, notifier"}
    matrix = [{"ending": ["stop", "kill"], "close_checkpoint": ["on"]}, {"ending": ["stop"], "close_checkpoint": ["unless-lost"]}]
    path = scenario(tmp_path, settings, matrix, preset="may-2026", control={"header_check": "off"})
    stopped, killed, spared, *controls = carry_out(tmp_path, path).cells()
    if sqlite3.sqlite_version_info >= (3, 51, 0):
        pytest.skip("the SQLite of the writer leaves the sidecars of others alone")
    assert stopped.finding == "data loss" and stopped.metrics["integrity_failed"] == 1
    for sound in (killed, spared, *controls):
        assert (sound.metrics["lost_commits"], sound.metrics["integrity_failed"]) == (0, 0)
    assert stopped.metrics["passes_failed"] == 0, "nothing warns of it"


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_what_upstream_runs_today_can_be_said(tmp_path, subject):
    """Flocks and lock guards leave their traces; SQLite's own locks and the rows are as ever."""
    path = scenario(tmp_path, {**SMALL, "boards": 1, "subject": subject, "held_connection": "on"},
                    {"flock": ["off", "init", "dispatch", "both"], "lock_guard": ["off", "main", "both"]})
    for cell in carry_out(tmp_path, path, "--keep").cells():
        board = cell.folder / "boards" / "b01" / "kanban.db.lock"
        assert board.exists() == (cell.settings["flock"] != "off")
        assert cell.metrics["lost_commits"] == cell.metrics["passes_failed"] == 0
        last = cell.samples()[-1]["boards"]["b01"]
        assert last["lock_main_ofd"] == (cell.settings["lock_guard"] != "off")
        assert last["kernel_shm"] == (2 if cell.settings["lock_guard"] == "both" else 1)


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_a_pass_that_is_the_first_to_open_a_board_does_not_wait_for_its_own_flock(tmp_path, subject):
    path = scenario(tmp_path, {**SMALL, "boards": 1, "subject": subject, "flock": "both", "order": "dispatch"})
    (cell,) = carry_out(tmp_path, path).cells()
    assert cell.metrics["passes_failed"] == 0


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_a_passive_checkpoint_carries_commits_over_while_connections_live(tmp_path, subject):
    """Of a gateway that is killed: without a checkpoint its main file alone has none of what was acknowledged."""
    path = scenario(tmp_path, {**SMALL, "boards": 1, "subject": subject, "held_connection": "on", "ending": "kill"},
                    {"passive_checkpoint_every": [0, 3]})
    rows = []
    for cell in carry_out(tmp_path, path, "--keep").cells():
        main = cell.folder / "boards" / "b01" / "kanban.db"
        with contextlib.closing(sqlite3.connect(f"file:{main}?mode=ro&immutable=1", uri=True)) as alone:
            rows.append(alone.execute("SELECT count(*) FROM acknowledgements").fetchone()[0])
        assert cell.metrics["lost_commits"] == 0
    assert rows[0] == 0 < rows[1]
