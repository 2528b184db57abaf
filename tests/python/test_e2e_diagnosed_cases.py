"""`walsoak diagnose --pid` on small programs whose trouble is known, as scripts/diagnosis-report tries them: those that hold
still, so that any look sees the same. What takes steps is tried with a sample between them.
"""

import os
import shutil
import subprocess
import sys

import pytest
from diagnosed_subject import SOURCE
from e2e import BUILD, PROJECT, validator
from test_e2e_diagnose import diagnosis, undecided, watched
from watched_subject import Subject, Watch

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))

import diagnosis_report  # noqa: E402
from diagnosis_cases import CASES  # noqa: E402

WATCH = BUILD / "walsoak-watch"
# A lapse counts from a second on.
LOOKS = ("--every", "600ms", "--for", "1200ms")


@pytest.fixture
def subject(tmp_path):
    with Subject(tmp_path, source=SOURCE) as process:
        yield process


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.still])
def test_a_case_gets_the_right_answer(name):
    case = CASES[name]
    if why := diagnosis_report.missing(case):
        pytest.skip(why)
    try:
        cell = diagnosis_report.diagnosed(WATCH, case, LOOKS)
    except diagnosis_report.NotReady as error:
        pytest.skip(f"this SQLite or this system does not let it happen: {error}")
    validator("diagnosis")({"schema_version": 1, "walsoak": "0", "source": "process", "cells": [cell]})
    assert diagnosis_report.fault_of(case, cell) == "", cell["verdict"]
    assert not case.standing or cell["standing"] == case.standing, cell["verdict"]


def test_a_case_that_destroys_and_one_that_is_well_can_be_told_wrongly():
    """The table's judgement bites."""
    cell = {"standing": "healthy", "consistent_with": [], "ruled_out": []}
    assert diagnosis_report.fault_of(CASES["hard-link"], cell) == "healthy"
    assert diagnosis_report.fault_of(CASES["plain"], cell) == ""
    lost = {"name": "lock lost", "certain": True, "harmless": False}
    assert diagnosis_report.fault_of(CASES["plain"], cell | {"standing": "named", "consistent_with": [lost]}) == "names lock lost"
    other = cell | {"standing": "named", "consistent_with": [lost | {"name": "not SQLite"}]}
    assert diagnosis_report.fault_of(CASES["hard-link"], other) == "names not SQLite instead"
    assert diagnosis_report.fault_of(CASES["hard-link"], cell | {"standing": "unknown"}) == "says nothing of second name"


def watched_over(subject, folder, *steps):
    """The diagnosis of a watch with a sample before the first step and after each; a step is a function."""
    with Watch(WATCH, folder, "--pid", subject.pid) as watch:
        watch.sample()
        for step in steps:
            step()
            watch.sample()
        code, _, err = watch.end()
    assert code == 0, err
    return diagnosis(watch.folder, cwd=folder)


def test_a_main_file_that_is_written_over_in_place_is_not_said_to_be_the_same(subject, tmp_path):
    path, copy = tmp_path / "k.db", tmp_path / "copy.db"
    subject.say("open", copy, 1)
    subject.say("close", 1)
    subject.say("open", path, 1)
    subject.say("write", 3000000)
    subject.say("checkpoint")
    cell = watched_over(subject, tmp_path, lambda: subject.say("write", 100), lambda: shutil.copyfile(copy, path),
                        lambda: subject.say("open", path, 0))
    assert cell["standing"] == "open" and undecided(cell) == ["overwritten main file"]
    assert "replaced board" in {line["name"] for line in cell["not_told"]}


def test_a_main_file_that_vacuum_made_shorter_is_an_open_question(subject, tmp_path):
    path = tmp_path / "k.db"
    subject.say("open", path, 1)
    subject.say("write", 3000000)
    subject.say("checkpoint")
    cell = watched_over(subject, tmp_path, lambda: subject.say("write", 100),
                        lambda: [subject.say("empty"), subject.say("checkpoint")], lambda: subject.say("write", 100))
    assert (cell["standing"], cell["named"]) == ("open", []), cell["verdict"]
    assert "VACUUM" in cell["consistent_with"][0]["evidence"]


def test_connections_that_a_collector_frees_are_never_healthy_and_nothing_of_them_is_ruled_out(subject, tmp_path):
    path = tmp_path / "k.db"
    drops = [[("drop", path)] * n + [("collect",)] * collected
             for n, collected in ((5, 0), (0, 1), (7, 0), (0, 1), (3, 0), (2, 0), (0, 1), (6, 0), (0, 1), (4, 0))]
    cell = watched(subject, tmp_path, [("open", path, 1), *drops])
    assert cell["standing"] != "healthy" and cell["standing"] != "elsewhere", cell["verdict"]
    assert {"unclosed connection", "deferred collection"}.isdisjoint(line["name"] for line in cell["ruled_out"])


@pytest.mark.parametrize("source", ["run", "process"])
def test_one_look_is_never_healthy(source, subject, tmp_path):
    subject.say("open", tmp_path / "k.db", 1)
    if source == "run":
        cell = watched_over(subject, tmp_path)
    else:
        cell = diagnosis("--pid", subject.pid, "--every", "1h", "--for", "1s", cwd=tmp_path)
    assert (cell["samples"], cell["standing"]) == (1, "unknown")


def test_the_report_is_a_table_with_what_is_wrong(tmp_path):
    report = PROJECT / "scripts" / "lib" / "diagnosis_report.py"
    result = subprocess.run([sys.executable, "-I", report, "--write", tmp_path / "table.md", WATCH, "plain", "lock-lost"],
                            capture_output=True, text=True, check=False, env=dict(os.environ))
    assert result.returncode == 0, result.stderr
    text = (tmp_path / "table.md").read_text()
    assert "0 of 1 cases that destroy or trouble are called healthy" in text
    assert "| destroys | lock-lost |" in text and "| lock lost | - | right |" in text
    wrong = subprocess.run([sys.executable, "-I", report, WATCH, "nothing"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 3 and "no case nothing" in wrong.stderr
