"""`walsoak watch` on a Python program that steps when it is told to: what is recorded is what the program did. No test
waits for time: each sample is asked for, and each of the program's steps is over before that.
"""

import json
import os
import re
import signal
import subprocess

import pytest
from e2e import BUILD, WALSOAK, Run, call, validator, wait_until
from html_outline import assert_sound, read
from watched_subject import Subject, Watch

WATCH = BUILD / "walsoak-watch"
MINE = f"mark-of-{os.getpid()}"  # in the command lines of this test run's subjects alone


@pytest.fixture
def subject(tmp_path):
    with Subject(tmp_path, MINE) as process:
        yield process


def record_of(watch):
    """The run, held to the schemas."""
    run = Run(watch.folder)
    for name in ("run", "summary"):
        validator(name)(json.loads((watch.folder / f"{name}.json").read_text()))
    check = validator("stream")
    for cell in run.cells():
        for line in cell.stream:
            check(line)
    return run


def ended(watch):
    code, out, err = watch.end()
    assert code == 0, err
    return record_of(watch), out


def test_counts_are_the_programs_own(subject, tmp_path):
    databases = [tmp_path / "board one.db", tmp_path / "two"]
    with Watch(WATCH, tmp_path, "--pid", subject.pid) as watch:
        own = []
        for step in range(7):
            own.append([0, 0] if not own else list(own[-1]))
            if step:
                subject.say("open", databases[step % 2], step)
                own[-1][step % 2] += step
            assert "main" in watch.sample() or step == 0
        run, out = ended(watch)
    (cell,) = run.cells()
    places = {line["path"]: line["name"] for line in cell.lines(event="database")}
    assert set(places) == {str(path) for path in databases} and set(places.values()) == {"db1", "db2"}
    for sample, counts in zip(cell.samples(), own, strict=True):
        assert sample["quiet"]
        for path, count in zip(databases, counts, strict=True):
            board = sample["boards"].get(places[str(path)], {})
            assert (board.get("kernel_main", 0), board.get("kernel_wal", 0)) == (count, count)
            assert board.get("kernel_shm", 0) == min(count, 1)
    assert cell.finding == "leak"
    assert cell.metrics["kernel_wal_growth"] == cell.metrics["kernel_main_growth"] == 21
    assert cell.metrics["lost_commits"] is None and cell.metrics["passes"] is None
    assert "leak" in out and "every" not in out


def test_what_is_closed_falls_to_0_and_stays_on_record(subject, tmp_path):
    with Watch(WATCH, tmp_path, "--pid", subject.pid) as watch:
        for _ in range(4):
            subject.say("open", tmp_path / "k.db", 2)
            watch.sample()
            subject.say("close", 2)
            watch.sample()
        run, _ = ended(watch)
    (cell,) = run.cells()
    assert [sample["boards"]["db1"]["kernel_main"] for sample in cell.samples()] == [2, 0] * 4
    assert cell.finding == "churn"


def test_a_lost_lock_and_deleted_sidecars_are_seen(subject, tmp_path):
    database = tmp_path / "k.db"
    with Watch(WATCH, tmp_path, "--pid", subject.pid) as watch:
        subject.say("open", database, 1)
        watch.sample()
        subject.say("read-header", database)
        watch.sample()
        for sidecar in ("-wal", "-shm"):
            os.unlink(f"{database}{sidecar}")  # as another process that closes last does
        watch.sample()
        database.rename(tmp_path / "moved.db")
        watch.sample()
        database.write_bytes(b"")
        database.unlink()
        run, _ = ended(watch)
    (cell,) = run.cells()
    boards = [sample["boards"]["db1"] for sample in cell.samples()]
    assert [board["lock_main_posix"] for board in boards] == [1, 0, 0, 0]
    assert [board["kernel_wal_deleted"] for board in boards] == [0, 0, 1, 1]
    assert [board["kernel_shm_deleted"] for board in boards] == [0, 0, 1, 1]
    assert [board["kernel_main_replaced"] for board in boards] == [0, 0, 0, 1]
    assert {"lock lost", "replaced board"} <= cell.mechanisms
    assert "stale checkpoint" in {mechanism["name"] for mechanism in cell.recorded["mechanisms_unknown"]}


def test_a_main_that_was_moved_before_the_first_look_is_one_database(subject, tmp_path):
    subject.say("open", tmp_path / "k.db", 1)
    (tmp_path / "k.db").rename(tmp_path / "k.db.bak")
    with Watch(WATCH, tmp_path, "--pid", subject.pid) as watch:
        watch.sample()
        run, _ = ended(watch)
    (header,) = run.cells()[0].lines(type="header")
    assert [board["path"] for board in header["boards"]] == [str(tmp_path / "k.db")]
    (sample,) = run.cells()[0].samples()
    assert (sample["boards"]["db1"]["kernel_main"], sample["boards"]["db1"]["kernel_main_replaced"]) == (1, 1)


@pytest.mark.parametrize("peek", [False, True])
def test_without_sidecars_a_lock_or_a_peek_tells_a_database(subject, tmp_path, peek):
    subject.say("rollback", tmp_path / "idle.db", 1)
    subject.say("rollback", tmp_path / "busy", 1)
    subject.say("begin")
    (tmp_path / "other.db").write_text("no database, whatever its name and its locks are")
    subject.say("plain", tmp_path / "other.db")
    subject.say("pipe")
    with Watch(WATCH, tmp_path, "--pid", subject.pid, *(["--peek"] if peek else [])) as watch:
        watch.sample()
        run, _ = ended(watch)
    (header,) = run.cells()[0].lines(type="header")
    found = {(board["path"], board["how"]) for board in header["boards"]}
    idle = {(str(tmp_path / "idle.db"), "peek")} if peek else set()
    # A RESERVED lock; its journal comes with the first write.
    assert {(path, how) for path, how in found if not path.endswith("busy")} == idle
    assert {path for path, _ in found} >= {str(tmp_path / "busy")}


def test_the_end_of_the_process_is_a_normal_end(subject, tmp_path):
    with Watch(WALSOAK, tmp_path, "--pid", subject.pid) as watch:
        subject.say("open", tmp_path / "k.db", 1)
        watch.sample()
        subject.end()
        run, out = ended(watch)
    (cell,) = run.cells()
    assert cell.lines(type="end")[0]["reason"] == "process ended"
    assert (run.summary["state"], run.summary["exit_code"], cell.finding) == ("done", 0, "unknown")
    assert "process ended" in out
    report = (watch.folder / "report.md").read_text()
    assert str(tmp_path) not in report.split("## Repeat it")[0]
    assert "Rows were not looked at" in report


def test_a_restart_is_a_new_segment(tmp_path):
    with Subject(tmp_path, MINE) as first:
        with Watch(WATCH, tmp_path, "--name", f"gateway.py {MINE}") as watch:
            first.say("open", tmp_path / "a.db", 1)
            first.say("open", tmp_path / "b.db", 2)
            watch.sample()
            first.end()
            with Subject(tmp_path, MINE) as second:
                second.say("open", tmp_path / "b.db", 3)
                assert watch.sample().startswith("w02 sample 0")
                run, _ = ended(watch)
    cells = run.cells()
    assert [cell.name for cell in cells] == ["w01", "w02"]
    assert [cell.recorded["watched"]["pid"] for cell in cells] == [first.pid, second.pid]
    assert [cell.lines(type="end")[0]["reason"] for cell in cells] == ["process ended", "done"]
    assert cells[0].samples()[0]["boards"]["db2"]["kernel_main"] == 2
    assert cells[1].samples()[0]["boards"]["db2"]["kernel_main"] == 3


def test_a_signal_is_a_normal_end_with_a_last_sample(subject, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen([WATCH, "watch", "--pid", str(subject.pid), "--every", "1h", "--out", out],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    stream = out / "cells" / "w01.jsonl"
    wait_until(lambda: stream.exists() and '"sample"' in stream.read_text(), "first sample")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert process.returncode == 0, err
    (cell,) = Run(out).cells()
    assert len(cell.samples()) == 2
    assert cell.lines(type="end")[0]["reason"] == "signal SIGTERM"


def test_the_time_bounds_the_watch(subject, tmp_path):
    result = call("watch", "--pid", subject.pid, "--every", "20ms", "--for", "200ms", "--out", "out", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (cell,) = Run(tmp_path / "out").cells()
    assert cell.lines(type="end")[0]["reason"] == "done"
    assert len(cell.samples()) >= 2
    assert "[1/1] w01" in result.stderr


def test_several_matches_are_listed(tmp_path):
    with Subject(tmp_path, MINE) as one, Subject(tmp_path, MINE) as two:
        result = call("watch", "--name", f"gateway.py {MINE}", "--out", "out", cwd=tmp_path)
        assert result.returncode == 3
        for process in (one, two):
            assert re.search(rf"^ +{process.pid} +\d+ s +.*gateway\.py", result.stderr, re.MULTILINE)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("arguments", "words"), [
    (["--name", "no-such-program-anywhere"], "no process matches"), (["--pid", "4194304"], "no such process"),
    (["--name", "("], "no pattern"), ([], "--pid N or --name"), (["--pid", "1", "--name", "x"], "one of the two"),
    (["--pid", "1", "--every", "often"], "--every often"), (["--pid", "1", "--for", "0"], "--for 0"),
])
def test_wrong_calls_are_one_line_and_start_nothing(tmp_path, arguments, words):
    result = call("watch", *arguments, "--out", "out", cwd=tmp_path)
    assert result.returncode == 3
    assert words in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_report_is_made_again_from_what_is_stored(subject, tmp_path):
    with Watch(WATCH, tmp_path, "--pid", subject.pid) as watch:
        subject.say("open", tmp_path / "k.db", 1)
        watch.sample()
        ended(watch)
    report = watch.folder / "report.md"
    before = report.read_text()
    report.unlink()
    result = call("report", "--no-pictures", "--html", watch.folder, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert report.read_text() == before
    page = read((watch.folder / "report.html").read_text())
    assert_sound(page)
    (segment,) = [one for one in page.all("details") if one.attributes.get("id") == "cell-w01"]
    columns = [[head.text() for head in table.first("thead").all("th")] for table in segment.all("table")]
    assert ["database", "class", "first", "last", "peak"] in columns
