"""A subject that any command may be: allowed or refused, and one in shell from end to end."""

import json
import subprocess

import pytest
from e2e import GIVE_UP_S, HOME, Run, call, scenario

SHELL = HOME / "scenarios" / "shell-subject.json"


def test_a_command_is_shown_and_not_started_unless_it_is_allowed(tmp_path):
    trace = tmp_path / "started"
    path = scenario(tmp_path, {"subject": "exec", "exec_command": f"touch {trace}", "workers": 0})
    result = call("run", path, "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 3
    assert result.stderr == f"walsoak: {path} would run the command: touch {trace}; --allow-exec lets it\n"
    assert not trace.exists() and not (tmp_path / "run").exists()


@pytest.mark.parametrize("command, words", [
    ("/no/such/command", "exit code 127; last line of its stderr: \"/bin/sh: 1: exec: /no/such/command: not found\""),
    ("true", "hello"),
    ("echo hello; sleep 60", "hello"),
])
def test_a_command_that_does_not_speak_the_protocol_ends_the_run(tmp_path, command, words):
    path = scenario(tmp_path, {"subject": "exec", "exec_command": command, "workers": 0})
    result = call("run", path, "--allow-exec", "--quiet", "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 4
    assert words in result.stderr


def test_what_a_subject_cannot_do_is_not_asked_of_it(tmp_path):
    settings = {**json.loads(SHELL.read_text())["settings"], "workers": 1}
    result = call("run", scenario(tmp_path, settings), "--allow-exec", "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 3
    assert "needs a subject with the capability spawn; subject.sh has not" in result.stderr


def test_a_subject_in_shell(tmp_path):
    result = call("run", SHELL, "--allow-exec", "--set", "ticks=8", "--out", tmp_path / "run", cwd=HOME)
    assert result.returncode == 0, result.stderr
    alone, beside = Run(tmp_path / "run").cells()
    for cell in (alone, beside):
        assert cell.finding == "churn"
        assert cell.metrics["acknowledged"] == 2 * 8 and cell.metrics["lost_commits"] == 0
        assert cell.metrics["kernel_main_peak"] == 0
    # Each pass and each probe closes last; so does each look of the dashboard.
    assert beside.metrics["wal_unlinked"] > alone.metrics["wal_unlinked"]


def test_the_subject_in_shell_says_that_the_sqlite3_command_is_missing():
    # Without it every pass failed, and the cell was "wedged".
    result = subprocess.run(["/bin/bash", HOME / "scripts/subjects/subject.sh"], env={"PATH": "/nowhere"}, text=True,
                            stdin=subprocess.DEVNULL, capture_output=True, timeout=GIVE_UP_S, check=False)
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr == "subject.sh: needs the sqlite3 command (apt-get install sqlite3)\n"
