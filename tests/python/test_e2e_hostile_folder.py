"""Nothing of the working folder, of a run's folder or of a search path runs unless it was asked for."""

import os
import re
import shutil
import site
import subprocess
import sys

import pytest
from e2e import HOME, PROJECT, call, environment, scenario
from hostile_folder import HostileFolder
from script_sandbox import Sandbox, summary

SMALL = {"boards": 1, "workers": 1, "ticks": 3, "warmup_ticks": 1}
# Each is started by a shell script or by walsoak with -I, and imports what lies beside it.
ENTRIES = ("lib/bench_ratios.py", "lib/compare_runs.py", "lib/field_report.py", "lib/gate_torture.py", "lib/watch_agrees.py",
           "plots/all.py", "report_html/make.py", "subjects/subject.py")


@pytest.fixture(name="hostile")
def hostile_folder(tmp_path):
    return HostileFolder(tmp_path / "hostile")


def test_the_folder_is_hostile_indeed(hostile):
    """To whoever is not isolated: else nothing below means anything."""
    subprocess.run([sys.executable, "-c", "import sqlite3"], cwd=hostile.folder, check=False,
                   env={**environment(), **hostile.environment()})
    subprocess.run(["env", "-i", "PATH=:/usr/bin", "/bin/sh", "-c", "npm"], cwd=hostile.folder, check=False)
    assert {"sitecustomize.py", "sqlite3.py", "npm"} <= set(hostile.ran())


def test_a_home_is_hostile_too(hostile):
    subprocess.run([sys.executable, "-c", ""], check=False, env={**environment(), "HOME": str(hostile.folder)})
    assert hostile.ran() == ["usercustomize.py"] or not site.ENABLE_USER_SITE


def test_a_report_of_the_folder_runs_nothing_of_it(hostile):
    shutil.copytree(PROJECT / "tests" / "fixtures" / "run-small", hostile.folder, dirs_exist_ok=True)
    (hostile.folder / ".walsoak-run").touch()
    # In a home of its own Matplotlib would first look through all fonts, which takes its time.
    result = call("report", ".", "--html", cwd=hostile.folder, **{**hostile.environment(), "HOME": os.environ["HOME"]})
    assert hostile.ran() == []
    assert (result.returncode, result.stderr) == (0, "")
    assert (hostile.folder / "report.html").exists() and list((hostile.folder / "pictures").iterdir())


def test_a_python_subject_imports_nothing_of_the_folder(hostile):
    path = scenario(hostile.folder, {**SMALL, "subject": "python"})
    result = call("run", path, "--out", hostile.folder / "run", "--quiet", cwd=hostile.folder, **hostile.environment())
    assert hostile.ran() == []
    assert result.returncode == 0, result.stderr


def test_a_module_runs_only_where_that_was_allowed(tmp_path):
    (tmp_path / "mine.py").write_text("import sqlite3, pathlib\npathlib.Path('ran').touch()\nconnect = sqlite3.connect\n")
    path = scenario(tmp_path, {**SMALL, "subject": "python", "module": "mine.py:connect"})
    refused = call("run", path, "--out", tmp_path / "run", cwd=tmp_path)
    assert refused.returncode == 3
    assert refused.stderr == f"walsoak: {path} would run the Python function: mine.py:connect; --allow-exec lets it\n"
    planned = call("run", path, "--dry-run", cwd=tmp_path)
    assert planned.returncode == 0 and "runs the Python function: mine.py:connect (needs --allow-exec)\n" in planned.stdout
    assert not (tmp_path / "ran").exists() and not (tmp_path / "run").exists()
    allowed = call("run", path, "--out", tmp_path / "run", "--quiet", "--allow-exec", cwd=tmp_path)
    assert allowed.returncode == 0, allowed.stderr
    assert (tmp_path / "ran").exists()


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="no sqlite3 program here")
def test_a_subject_in_shell_reads_no_file_of_the_home(hostile):
    path = scenario(hostile.folder, {"subject": "exec", "exec_command": 'bash "$WALSOAK_HOME/scripts/subjects/subject.sh"',
                                     "workers": 0, "boards": 1, "ticks": 2, "warmup_ticks": 1})
    result = call("run", path, "--allow-exec", "--quiet", "--out", hostile.folder / "run", cwd=hostile.folder,
                  **hostile.environment())
    assert hostile.ran() == []
    assert result.returncode == 0, result.stderr


def test_a_script_of_a_mechanism_runs_nothing_of_the_folder(hostile):
    script = call("repro", "split-generation", cwd=hostile.folder).stdout
    # As `walsoak repro` says.
    subprocess.run([sys.executable, "-I", "-"], input=script, cwd=hostile.folder, text=True, capture_output=True,
                   env={**environment(), **hostile.environment()}, check=True)
    assert hostile.ran() == []
    assert "| python3 -I -" in call("repro", "--help", cwd=hostile.folder).stdout


@pytest.fixture(name="box")
def sandbox_in_a_hostile_folder(tmp_path, hostile):
    box = Sandbox(tmp_path)
    box.elsewhere = hostile.folder
    box.env.update({name: value for name, value in hostile.environment().items() if name != "PATH"})
    box.env["PATH"] += ":"
    return box


@pytest.mark.parametrize("script, arguments", [
    ("lib/find-python", ("matplotlib", "numpy", "jinja2", "json")), ("soak", ("quick", "--dry-run")),
    ("repeat", ("2", "quick")), ("field-report", ("nowhere",)), ("fetch-sqlite", ("--list",)),
    ("reference-reports", ("no-such-name",)),
])
def test_a_script_runs_nothing_of_the_folder(box, hostile, script, arguments):
    result = box.call(script, *arguments, FAKE_SUMMARIES=f"[{summary()!r}]".replace("'", '"'), WALSOAK_PYTHON=sys.executable)
    assert hostile.ran() == [], result.stderr
    assert "Traceback" not in result.stderr and "No module" not in result.stderr


def test_programs_that_are_nowhere_else_are_not_taken_from_the_folder(box, hostile):
    box.only_base()
    box.env["PATH"] += ":"
    result = box.call("check-workflows", ".github/workflows/x.yml")
    assert result.returncode == 3
    assert box.bash("command -v npm || echo none").stdout == "none\n"
    assert hostile.ran() == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_script_that_is_started_isolated_finds_its_neighbours(hostile, entry):
    option = "--describe" if entry.startswith("subjects") else "--help"
    # In the root folder as walsoak starts them: Matplotlib reads a matplotlibrc of the working folder.
    result = subprocess.run([sys.executable, "-I", HOME / "scripts" / entry, option], cwd="/", text=True,
                            env={**environment(), **hostile.environment()}, capture_output=True, check=False)
    assert "Error" not in result.stderr and hostile.ran() == []


def test_every_script_starts_python_isolated():
    started = [(path.name, line) for path in (PROJECT / "scripts").rglob("*") if path.suffix in ("", ".sh") and path.is_file()
               for line in path.read_text().splitlines() if re.search(r'"\$(python" |program" -)', line)]
    assert len(started) > 10
    assert not [one for one in started if not re.search(r'"\$(python|program)" -I ', one[1])]
