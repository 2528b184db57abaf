"""What leaves the machine: report.md of a run whose folders, boards and commands have names that are nobody's business."""

import json
import shutil
import socket
import subprocess

import pytest
from e2e import call, scenario

TEMPLATE = "acme-salaries.db"


@pytest.fixture(name="private")
def private_run(tmp_path):
    home = tmp_path / "home-of-somebody"
    home.mkdir()
    path = scenario(home, {"ticks": 6, "boards": 1, "workers": 0, "warmup_ticks": 1}, {"strategy": ["per-tick", "noop"]})
    first = call("run", path, "--keep", "--quiet", "--out", tmp_path / "seed", cwd=home, HOME=str(home))
    assert first.returncode == 0, first.stderr
    shutil.copy(tmp_path / "seed" / "cells" / "c01" / "boards" / "b01" / "kanban.db", home / TEMPLATE)
    run = call("run", path, "--board-template", home / TEMPLATE, "--out", home / "run", cwd=home, HOME=str(home))
    assert run.returncode == 0, run.stderr
    return home


def report_of(home, *arguments):
    result = call("report", home / "run", "--no-pictures", *arguments, cwd=home, HOME=str(home))
    assert result.returncode == 0, result.stderr
    return (home / "run" / "report.md").read_text()


def test_a_report_names_neither_home_nor_host_nor_boards(private):
    text = report_of(private)
    assert str(private) not in text and TEMPLATE not in text and "--board-template db1" in text
    for name in {socket.gethostname(), socket.getfqdn()} - {"localhost"}:
        whole_word = subprocess.run(["grep", "-cw", "--", name, private / "run" / "report.md"], check=False,
                                    capture_output=True, text=True)
        assert whole_word.stdout.strip() == "0", f"{name} stands in the report"


def test_they_are_shown_where_that_was_asked_for(private):
    text = report_of(private, "--no-redact")
    assert str(private / TEMPLATE) in text


def test_the_run_itself_keeps_them_and_says_so(private):
    recorded = json.loads((private / "run" / "run.json").read_text())
    assert str(private / TEMPLATE) in recorded["command"]
    assert recorded["holds"].startswith("names and paths of this machine")
