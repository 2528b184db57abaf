"""The gate has been seen to bite: `persistent`, broken on purpose, turns it red for the reason that was planted.

The broken subjects are built beside the real one (tests/sabotage). walsoak finds its subject beside itself, so a
folder with copies of the programs and one of these in the subject's place is all that it takes.
"""

import os
import shutil
import subprocess

import pytest
from e2e import BUILD, GIVE_UP_S, HOME, Run, environment

# quick's own cell of persistent with its control, noop, and what quick expects of them.
GATE = ("run", HOME / "scenarios" / "quick.json", "--set", "strategy=persistent", "--quiet")
FIXED = (3, 51, 0)  # from here on a process that closes last asks whether another one uses the -shm


def gate(folder, subject):
    """Runs the gate with this subject program; returns the exit code and the run."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("walsoak", "walsoak-worker", "walsoak-checker"):
        shutil.copy2(BUILD / name, programs)
    shutil.copy2(subject, programs / "walsoak-subject")
    result = subprocess.run([programs / "walsoak", *GATE, "--out", folder / "run"], cwd=folder, text=True,
                            env=environment(WALSOAK_HOME=str(HOME)), capture_output=True, timeout=GIVE_UP_S, check=False)
    assert (folder / "run" / "summary.json").exists(), result.stderr
    return result.returncode, Run(folder / "run")


def sabotaged(name):
    path = BUILD / "tests" / "sabotage" / name / "walsoak-subject"
    if not path.exists():
        pytest.skip(f"{path} is missing: a build without tests")
    return path


def evidence(cell):
    return {mechanism["name"]: mechanism["evidence"] for mechanism in cell.recorded["mechanisms"]}


def test_green_without(tmp_path):
    code, run = gate(tmp_path, BUILD / "walsoak-subject")
    assert code == 0
    assert {cell.settings["strategy"]: cell.verdict for cell in run.cells()} == {"persistent": "pass", "noop": "pass"}


def test_red_where_it_leaks(tmp_path):
    code, run = gate(tmp_path, sabotaged("Leaking"))
    cell = run.cell(strategy="persistent")
    assert (code, cell.verdict, cell.finding) == (1, "fail", "leak")
    assert run.cell(strategy="noop").verdict == "pass", "the control is sound: it is the strategy"
    # One in 10 of 60 ticks, the first within the warm-up of 5 not yet due.
    assert [cell.metrics[key] for key in ("api_open_growth", "vfs_main_growth", "kernel_wal_growth",
                                          "kernel_main_net_growth")] == [6, 6, 6, 6]
    assert "api_open +6" in evidence(cell)["unclosed connection"]
    assert cell.recorded["reasons"][0].startswith("expected finding clean, seen leak")


def test_red_where_it_loses_its_locks(tmp_path):
    code, run = gate(tmp_path, sabotaged("LockLosing"))
    cell = run.cell(strategy="persistent")
    assert (code, cell.verdict) == (1, "fail")
    assert run.cell(strategy="noop").verdict == "pass"
    seen = evidence(cell)
    assert "lock lost" in seen
    if cell.sqlite_version() < FIXED:
        assert "split generation" in seen
        assert cell.finding == "data loss" and cell.metrics["lost_commits"] != 0


def test_a_stored_run_stays_red(tmp_path):
    _, run = gate(tmp_path, sabotaged("Leaking"))
    result = subprocess.run([BUILD / "walsoak", "check", run.folder], text=True, capture_output=True, check=False)
    assert result.returncode == 1 and "expected finding clean, seen leak" in result.stdout


def test_no_other_program_holds_it():
    """Whoever builds walsoak gets the sabotage in no program that is ever started by another one."""
    for name in ("walsoak", "walsoak-subject", "walsoak-worker", "walsoak-checker"):
        assert b"sabotage" not in (BUILD / name).read_bytes(), name
    assert b"sabotage" in sabotaged("Leaking").read_bytes()
    assert os.access(BUILD / "walsoak-subject", os.X_OK)
