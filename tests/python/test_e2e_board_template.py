"""Boards that are copies of a user's own kanban.db: what is in its -wal comes along, what does not fit is told in one
line, and nothing at all happens where it lies."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from e2e import GIVE_UP_S, HOME, WALSOAK, Run, call, carry_out, environment, scenario

USAGE, NOT_CARRIED_OUT = 3, 4
SMALL = {"boards": 2, "workers": 1, "ticks": 8, "warmup_ticks": 2}

# Holds the database open as a gateway does: what it committed stands in the -wal alone, and a write transaction is
# open. Ends at the end of its stdin.
WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA wal_autocheckpoint=0")
connection.execute("UPDATE tasks SET title = 'only in the wal' WHERE id = 't3'")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE tasks SET title = 'not committed' WHERE id = 't4'")
print("ready", flush=True)
sys.stdin.read()
connection.execute("COMMIT")
print("committed", flush=True)
connection.close()
"""


def schema():
    text = (HOME / "harness" / "boards" / "board" / "board.sql").read_text()
    return text.partition("-- name: schema\n")[2].partition("-- name:")[0]


def make_board(path, change=""):
    """A richer board than walsoak's, in use: one task is claimed by a process of another time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(f"""
        PRAGMA journal_mode=WAL; {schema()}
        DROP TABLE acknowledgements; ALTER TABLE tasks ADD COLUMN colour TEXT; CREATE TABLE profiles (name TEXT);
        INSERT INTO tasks (id, title, status, created_at, worker_pid, claim_lock, claim_expires, started_at)
        VALUES ('t1', 'claimed', 'running', 1790000000, 1, 'elsewhere:1', 9999999999, 1790000000),
               ('t2', 'done', 'done', 1790000000, NULL, NULL, NULL, NULL),
               ('t3', 'plain', 'triage', 1790000000, NULL, NULL, NULL, NULL),
               ('t4', 'plain', 'triage', 1790000000, NULL, NULL, NULL, NULL),
               ('t5', 'ready', 'ready', 1790000000, NULL, NULL, NULL, NULL);
        {change}""")
    connection.close()
    return path


class Writer:
    def __init__(self, path):
        self.process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate(timeout=GIVE_UP_S)

    def locks(self):
        """Of all its descriptors, as the kernel tells them; without the kernel's running number."""
        infos = sorted(Path(f"/proc/{self.process.pid}/fdinfo").iterdir())
        return [line.split(maxsplit=2)[2] for info in infos for line in info.read_text().splitlines()
                if line.startswith("lock:")]

    def commit(self):
        assert self.process.communicate("", timeout=GIVE_UP_S)[0] == "committed\n"


def folder_of(path):
    """Names, bytes, inodes and times of all that lies in a folder, and the folder's own time."""
    entries = {entry.name: (entry.read_bytes(), entry.stat().st_ino, entry.stat().st_mtime_ns)
               for entry in path.iterdir()}
    return entries, path.stat().st_mtime_ns


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def assert_one_line(result, code, *words):
    assert result.returncode == code, result.stderr
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("walsoak: ")]
    for word in words:
        assert word in line


@pytest.mark.parametrize("subject", ["cpp", "python"])
def test_every_board_has_the_rows_of_the_wal_and_its_work_is_done(tmp_path, subject):
    template = make_board(tmp_path / "theirs" / "kanban.db")
    path = scenario(tmp_path, {**SMALL, "subject": subject, "board_template": "theirs/kanban.db"})
    with Writer(template):
        before = folder_of(template.parent)
        run = carry_out(tmp_path, path, "--keep", "--quiet")
        assert folder_of(template.parent) == before
    (cell,) = run.cells()
    assert cell.settings["board_template"] == str(template)
    assert cell.metrics["lost_commits"] == 0 and cell.metrics["acknowledged"] > 0
    assert cell.metrics["integrity_failed"] == 0 and cell.metrics["passes_failed"] == 0
    for name, check in cell.check("acknowledged").items():
        assert cell.check("final")[name]["rows"] == check["rows"], "no row is the template's"
        board = cell.folder / "boards" / name / "kanban.db"
        assert dict(rows(board, "SELECT id, title FROM tasks WHERE id IN ('t3', 't4')")) == {
            "t3": "only in the wal", "t4": "plain"}
        assert rows(board, "SELECT last_error, attempts FROM tasks WHERE id = 't1'") == [(None, 1)], \
            "claimed by a worker of this cell, not taken for a crashed one"
        assert rows(board, "SELECT status, colour FROM tasks WHERE id = 't2'") == [("done", None)]
    assert len(list((run.folder / "templates").rglob("kanban.db"))) == 1


@pytest.fixture(name="open_umask")
def umask_that_takes_nothing():
    before = os.umask(0)
    yield
    os.umask(before)


def test_nobody_else_can_read_a_copy_of_a_private_board(tmp_path, open_umask):
    template = make_board(tmp_path / "theirs" / "kanban.db")
    template.chmod(0o600)
    faults = [{"fault": "replace-board", "at_tick": 4, "board": "b01", "how": "rename"}]
    path = scenario(tmp_path, {**SMALL, "board_template": "theirs/kanban.db", "rows_every": 1, "faults": faults})
    with Writer(template):
        run = carry_out(tmp_path, path, "--keep", "--quiet")
    assert run.folder.stat().st_mode & 0o7777 == 0o700
    copies = [found for found in run.folder.rglob("*") if ".db" in found.name]
    assert len(copies) > 5 and {"templates", "cells"} <= {found.relative_to(run.folder).parts[0] for found in copies}
    assert [found for found in copies if found.stat().st_mode & 0o077] == []
    recorded = [run.folder / "run.json", run.folder / "summary.json", *run.folder.rglob("*.jsonl"), *run.folder.rglob("*.log")]
    assert [found for found in recorded if found.stat().st_mode & 0o7777 != 0o600] == []


def test_a_run_without_anybodys_board_keeps_only_its_records_to_itself(tmp_path, open_umask):
    run = carry_out(tmp_path, scenario(tmp_path, SMALL), "--quiet")
    assert run.folder.stat().st_mode & 0o7777 == 0o777
    assert (run.folder / "run.json").stat().st_mode & 0o7777 == 0o600
    assert call("report", run.folder, "--no-pictures", cwd=tmp_path).returncode == 0
    assert (run.folder / "report.md").stat().st_mode & 0o7777 == 0o644
    assert call("report", run.folder, "--no-pictures", "--no-redact", cwd=tmp_path).returncode == 0
    assert (run.folder / "report.md").stat().st_mode & 0o7777 == 0o600


def test_a_free_running_cell_takes_a_template_too(tmp_path):
    make_board(tmp_path / "theirs" / "kanban.db")
    path = scenario(tmp_path, {**SMALL, "mode": "free", "time_scale": 600})
    result = call("run", path, "--board-template", "theirs/kanban.db", "--out", tmp_path / "run", "--quiet", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (cell,) = Run(tmp_path / "run").cells()
    assert cell.metrics["lost_commits"] == 0 and cell.metrics["acknowledged"] > 0
    assert not (tmp_path / "run" / "templates").exists()


def test_a_walsoak_board_of_an_earlier_run_brings_no_acknowledged_rows(tmp_path):
    first = carry_out(tmp_path, scenario(tmp_path, SMALL), "--keep", "--quiet", out="first")
    board = first.cells()[0].folder / "boards" / "b01" / "kanban.db"
    assert rows(board, "SELECT count(*) FROM acknowledgements") > [(0,)]
    second = carry_out(tmp_path, scenario(tmp_path, SMALL), "--board-template", board, "--quiet", out="second")
    (cell,) = second.cells()
    assert cell.metrics["lost_commits"] == 0 and cell.metrics["passes_failed"] == 0
    assert cell.check("final")["b01"]["rows"] == cell.check("acknowledged")["b01"]["rows"]


@pytest.mark.parametrize("change, words", [
    ("DROP TABLE runs; ALTER TABLE tasks RENAME COLUMN attempts TO tries;", ["no table runs", "no column tasks.attempts"]),
    ("CREATE TRIGGER strict BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no events here'); END;",
     ["no events here", "insert_event"]),
    ("PRAGMA writable_schema=ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
     " WHERE name = 'events_by_task') WHERE name = 'tasks_by_assignee';", ["is damaged", "integrity_check"])],
    ids=["schema", "trigger", "damaged"])
def test_a_template_that_does_not_do_ends_the_run(tmp_path, change, words):
    template = make_board(tmp_path / "theirs" / "kanban.db", change)
    before = folder_of(template.parent)
    result = call("run", scenario(tmp_path, SMALL), "--board-template", template, "--out", tmp_path / "run", "--quiet",
                  cwd=tmp_path)
    assert_one_line(result, NOT_CARRIED_OUT, str(template), *words)
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["state"] == "failed"
    assert folder_of(template.parent) == before


@pytest.mark.parametrize("content, word", [
    (None, "no such file"), (b"", "empty"), (b"no database at all", "no SQLite file"), ("folder", "folder")],
    ids=["missing", "empty", "text", "folder"])
def test_what_is_no_database_is_refused_before_anything_starts(tmp_path, content, word):
    template = tmp_path / "kanban.db"
    if content == "folder":
        template.mkdir()
    elif content is not None:
        template.write_bytes(content)
    (tmp_path / "here").mkdir()
    path = scenario(tmp_path, {**SMALL, "board_template": "kanban.db"})
    assert_one_line(call("run", path, cwd=tmp_path / "here"), USAGE, "tiny.json", str(template), word)
    assert list((tmp_path / "here").iterdir()) == []


def test_the_report_hides_the_home_folder_of_a_template(tmp_path):
    template = make_board(tmp_path / "theirs" / "kanban.db")
    path = scenario(tmp_path, SMALL, {"board_template": ["", "theirs/kanban.db"]})
    run = carry_out(tmp_path, path, "--quiet", HOME=str(tmp_path))
    assert call("report", run.folder, cwd=tmp_path, HOME=str(tmp_path)).returncode == 0
    report = (run.folder / "report.md").read_text()
    assert "| db1 |" in report
    assert str(template) not in report and "theirs" not in report


# All that may name the template's folder or a descriptor on it. Anything else - a lock, a mapping, a write, a rename -
# is an error, whether or not anybody thought of it.
READING = {"openat", "open", "read", "pread64", "close", "fstat", "stat", "lstat", "newfstatat", "statx", "readlink",
           "readlinkat", "access", "faccessat", "faccessat2"}


def strace():
    path = shutil.which("strace")
    if path is None:
        pytest.skip("strace is missing; get it: apt-get install strace")
    if subprocess.run([path, "-f", "-y", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let strace trace")
    return path


def test_nothing_is_created_written_or_locked_where_the_template_lies(tmp_path):
    template = make_board(tmp_path / "theirs" / "kanban.db")
    here = tmp_path / "here"
    here.mkdir()
    trace = tmp_path / "trace"
    path = scenario(tmp_path, {**SMALL, "board_template": "theirs/kanban.db"})
    with Writer(template) as writer:
        before, locks = folder_of(template.parent), writer.locks()
        # Without the bytes of buffers (-s 0), each line that names the folder names it as a path or a descriptor.
        subprocess.run([strace(), "-f", "-y", "-s", "0", "-e", "trace=%file,%desc,%process", "-o", str(trace), str(WALSOAK),
                        "run", str(path), "--out", "run", "--quiet"],
                       cwd=here, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=GIVE_UP_S,
                       check=True)
        assert folder_of(template.parent) == before
        assert writer.locks() == locks and any("WRITE" in lock for lock in locks)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(template, timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
        writer.commit()
    assert rows(template, "SELECT title FROM tasks WHERE id = 't4'") == [("not committed",)]

    lines = trace.read_text().splitlines()
    # The subject's and the workers' doings are in the trace, too: each of them takes locks, on boards of its own.
    assert sum("execve(" in line for line in lines) >= 4
    assert any("F_SETLK" in line and "/boards/b01/" in line for line in lines)
    touching = [line for line in lines if str(template.parent) in line]
    opened = set()
    for line in touching:
        call_name = re.match(r"\d+ +(?:<\.\.\. )?(\w+)", line)[1]
        assert call_name in READING, line
        if call_name.startswith("open"):
            assert "O_RDONLY" in line or "resumed" in line, line
            assert not re.search("O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)", line), line
            opened.update(re.findall(r'"([^"]+)"', line))
    assert opened >= {str(template), f"{template}-wal"}, "it was copied, -wal and all"
    assert f"{template}-shm" not in "".join(touching)
    # By walsoak itself, which links no SQLite; none of the processes that do goes near it.
    assert {line.split()[0] for line in touching} == {lines[0].split()[0]}
