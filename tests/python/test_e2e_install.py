"""walsoak as `cmake --install` leaves it: it finds its programs, scenarios and scripts from where it lies, in an empty
environment and from any folder."""

import json
import os
import subprocess
import sys

import pytest
from e2e import BUILD, GIVE_UP_S, PROJECT

SMALL = ("--set", "strategy=noop", "--ticks", "12", "--quiet")


@pytest.fixture(name="prefix", scope="module")
def installed(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("installed") / "a prefix"
    made = subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], capture_output=True, text=True, check=False,
                          timeout=GIVE_UP_S)
    assert made.returncode == 0, made.stderr
    return prefix


@pytest.fixture(name="walsoak")
def caller(prefix, tmp_path):
    """Calls the installed walsoak in a folder of its own, with no variable but those that are given."""
    def call(*arguments, program="walsoak", **env):
        return subprocess.run([prefix / "bin" / program, *map(str, arguments)], cwd=tmp_path, env=env, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=GIVE_UP_S, check=False)
    return call


def test_what_lies_where(prefix):
    assert {path.name for path in (prefix / "bin").iterdir()} == {"walsoak", "walsoak-watch"}
    programs = {path.name for path in (prefix / "libexec" / "walsoak").iterdir()}
    assert {"walsoak-subject", "walsoak-worker", "walsoak-checker"} <= programs
    assert programs <= {"walsoak-subject", "walsoak-worker", "walsoak-checker", "libwalsoak-trace.so"}
    tree = {str(path.relative_to(PROJECT)) for path in (PROJECT / "scenarios").rglob("*.json")}
    assert tree <= {str(path.relative_to(prefix / "share" / "walsoak")) for path in prefix.rglob("*.json")}
    assert os.access(prefix / "share" / "walsoak" / "scripts" / "fetch-sqlite", os.X_OK)


def test_its_scenarios_are_found_by_name(walsoak, prefix):
    for what in ("scenarios", "strategies", "fixes"):
        result = walsoak("list", what)
        assert result.returncode == 0 and result.stderr == "" and result.stdout
    assert walsoak("list", "scenarios", "--path", "quick").stdout == f"{prefix}/share/walsoak/scenarios/quick.json\n"


def test_a_run_and_its_reports(walsoak, prefix, tmp_path):
    result = walsoak("run", "quick", *SMALL, "--out", "run")
    assert result.returncode == 0, result.stderr + result.stdout
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert run["scenarios"][0]["path"].startswith(str(prefix)) and run["state"] == "done"
    assert (tmp_path / "run" / "report.md").exists()
    # The Python of these tests has the modules that pictures and page need.
    result = walsoak("report", "run", "--html", WALSOAK_PYTHON=sys.executable)
    assert result.returncode == 0 and result.stderr == "", result.stderr
    assert (tmp_path / "run" / "report.html").exists() and list((tmp_path / "run" / "pictures").iterdir())


def test_the_subjects_in_other_languages_come_along(walsoak, tmp_path):
    result = walsoak("run", "quick", *SMALL, "--set", "subject=python", "--out", "run", WALSOAK_PYTHON=sys.executable)
    # quick expects what the VFS ledger says, which the Python subject has not.
    assert result.returncode == 2 and "Clean in 1 of 1 cells" in result.stdout, result.stderr + result.stdout
    header = json.loads((tmp_path / "run" / "cells" / "c01.jsonl").open().readline())
    assert header["type"] == "header"


def test_a_sqlite_that_is_missing_names_the_installed_script(walsoak, prefix, tmp_path):
    result = walsoak("run", "quick", "--set", "sqlite=3.0.1", WALSOAK_CACHE=str(tmp_path / "none"))
    assert result.returncode == 3 and f"get it: {prefix}/share/walsoak/scripts/fetch-sqlite 3.0.1" in result.stderr
    listed = subprocess.run([prefix / "share" / "walsoak" / "scripts" / "fetch-sqlite", "--list"], capture_output=True, text=True,
                            env={"PATH": os.environ["PATH"], "WALSOAK_CACHE": str(tmp_path)}, check=False, timeout=GIVE_UP_S)
    assert listed.returncode == 0 and "3.40.1" in listed.stdout


def test_walsoak_watch_judges_by_an_installed_scenario(walsoak, tmp_path):
    assert walsoak("run", "quick", *SMALL, "--out", "run").returncode == 0
    result = walsoak("check", "run", "--scenario", "quick", program="walsoak-watch")
    assert result.returncode == 0, result.stderr + result.stdout
