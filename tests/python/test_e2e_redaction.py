"""What leaves the machine: report.md of a run whose folders, boards and commands have names that are nobody's business."""

import getpass
import html
import json
import shutil
import socket
import subprocess
import sys

import pytest
from e2e import BUILD, WALSOAK, call, environment, scenario
from traced_process import Attached, Process, needs_strace
from watched_subject import Subject, Watch

TEMPLATE = "acme-salaries.db"
ARGUMENT = "--token=hunter2-of-acme"
# Nobody's business, wherever it would stand as a word of its own.
HOSTS = {socket.gethostname(), socket.getfqdn(), socket.gethostname().split(".")[0]} - {"localhost"}


def names_in(text, home):
    """What of this machine stands in a text."""
    found = [word for word in (str(home), TEMPLATE, "hunter2", "SECRET_OF_MINE") if word in text]
    whole = HOSTS | ({getpass.getuser()} - {"root"})
    return found + [name for name in whole if subprocess.run(["grep", "-qw", "--", name], input=text, text=True,
                                                             check=False).returncode == 0]


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


def test_the_report_of_the_run_itself_is_the_redacted_one(private):
    left = (private / "run" / "report.md").read_text()
    assert left == report_of(private) and names_in(left, private) == []


def test_a_report_names_neither_home_nor_host_nor_boards(private):
    text = report_of(private)
    assert names_in(text, private) == [] and "--board-template db1" in text


def test_they_are_shown_where_that_was_asked_for(private):
    text = report_of(private, "--no-redact")
    assert str(private / TEMPLATE) in text


def test_a_report_names_no_folder_outside_the_home_either(tmp_path):
    folder = tmp_path / "acme-corp"
    folder.mkdir()
    (folder / "mine.py").write_text("def connect(path):\n    raise RuntimeError('no room for ' + path)\n")
    path = scenario(folder, {"ticks": 3, "boards": 1, "workers": 0, "warmup_ticks": 1, "subject": "python"},
                    {"module": [f"{folder}/mine.py:connect", ""]})
    run = call("run", path, "--allow-exec", "--quiet", "--out", folder / "run", "--junit", folder / "junit.xml", cwd=folder,
               HOME=str(tmp_path / "home"))
    assert run.returncode < 3, run.stderr

    def report(*arguments):
        assert call("report", folder / "run", "--no-pictures", "--html", *arguments, cwd=folder).returncode == 0
        return (folder / "run" / "report.md").read_text()
    text = report()
    posted = text + (folder / "run" / "report.html").read_text() + (folder / "junit.xml").read_text()
    assert "acme-corp" not in posted and str(BUILD) not in posted
    assert "\nwalsoak run PATH/tiny.json --allow-exec\n" in text
    assert "PATH/mine.py:connect" in text and "no room for PATH/kanban.db" in text
    assert f"{folder}/mine.py:connect" in report("--no-redact")


def test_the_run_itself_keeps_them_and_says_so(private):
    recorded = json.loads((private / "run" / "run.json").read_text())
    assert str(private / TEMPLATE) in recorded["command"]
    assert recorded["holds"].startswith("names and paths of this machine")


@pytest.fixture(name="home")
def home_of_somebody(tmp_path, monkeypatch):
    home = tmp_path / "home-of-somebody"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ACME_KEY", "SECRET_OF_MINE")
    return home


def test_a_report_of_a_watch_names_neither_files_nor_arguments(home):
    with Subject(home, ARGUMENT) as subject:
        subject.say("open", home / TEMPLATE, 2)
        with Watch(BUILD / "walsoak-watch", home, "--name", f"gateway.py {ARGUMENT}") as watch:
            said = watch.sample()
            code, out, err = watch.end()
            assert code == 0, err
    report = watch.folder / "report.md"
    assert names_in(report.read_text(), home) == [] and "--name PATTERN" in report.read_text()
    # On the terminal the run folder is named, and nothing else.
    assert names_in(said + out.replace(str(watch.folder), "") + err, home) == []
    assert call("report", watch.folder, "--no-pictures", "--no-redact", cwd=home).returncode == 0
    # The command line has neither the folder of walsoak nor that of the run (--out), which held the home.
    assert names_in(html.unescape(report.read_text()), home) == ["hunter2"]
    recorded = json.loads((watch.folder / "run.json").read_text())
    assert recorded["holds"].startswith("names and paths of this machine")
    assert ARGUMENT in recorded["cells"][0]["subject"]["arguments"]
    # The environment of neither process is looked at.
    assert "SECRET_OF_MINE" not in "".join(path.read_text() for path in watch.folder.rglob("*") if path.is_file())


LOSES = """import sqlite3, sys
held = sqlite3.connect(sys.argv[1])
held.execute("PRAGMA journal_mode=WAL"); held.execute("CREATE TABLE t(x)"); held.execute("SELECT * FROM t").fetchall()
open(sys.argv[1]).close()
"""


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_summary_of_a_trace_names_no_database_and_shows_the_line_below_the_home(home, form):
    if not (BUILD / "libwalsoak-trace.so").exists():
        pytest.skip("no libwalsoak-trace.so: it was not built here")
    (home / "gateway.py").write_text(LOSES)

    def summary(*options):
        (home / TEMPLATE).unlink(missing_ok=True)
        result = subprocess.run([WALSOAK, "trace", "--out", "-", *form, *options, "--", sys.executable,
                                 home / "gateway.py", home / TEMPLATE, ARGUMENT], cwd=home, capture_output=True,
                                text=True, env=environment(), stdin=subprocess.DEVNULL, check=False)
        assert result.returncode == 0 and str(home / TEMPLATE) in result.stdout
        return result.stderr
    hidden, shown = summary(), summary("--no-redact")
    assert names_in(hidden, home) == [] and "~/gateway.py:4" in hidden and "db1" in hidden
    assert names_in(shown, home) == [str(home), TEMPLATE]


def test_a_summary_of_an_attached_trace_does_not_either(home):
    needs_strace()
    with Process(home, name=TEMPLATE) as process:
        process.do("held = connect()")
        with Attached(process.pid) as trace:
            process.do("header()")
            assert trace.end()
    assert names_in(trace.err, home) == [] and "db1: close once" in trace.err
