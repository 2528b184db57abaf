"""Progress on stderr: repainted on a terminal, plain lines in a pipe, nothing where it was asked to be quiet."""

import pytest
from e2e import CLOCK, SMALL, call, scenario
from e2e_started import Started

ANSI = "\x1b"


@pytest.fixture(name="path")
def tiny_scenario(tmp_path):
    return scenario(tmp_path, {"ticks": 3, "warmup_ticks": 1, "workers": 0}, {"strategy": ["per-tick", "noop"]})


def on_terminal(folder, path, *arguments, term="xterm", **env):
    """(exit code, stderr) of a run whose stderr is a terminal. A terminal itself puts a \\r before each \\n."""
    with Started("run", path, "--out", folder / "run", *arguments, cwd=folder, terminal=term, **env) as started:
        code = started.wait()
    return code, started.errors.decode().replace("\r\n", "\n")


def test_a_pipe_gets_a_plain_line_a_cell(tmp_path, path):
    result = call("run", path, "--out", tmp_path / "run", cwd=tmp_path, TERM="xterm")
    assert result.returncode == 0
    assert "\r" not in result.stderr + result.stdout and ANSI not in result.stderr + result.stdout
    first, second = result.stderr.splitlines()
    assert "1/2" in first and "c01" in first and "per-tick" in first
    assert "2/2" in second and "c02" in second and "noop" in second


def test_quiet_is_silent_on_stderr(tmp_path, path):
    result = call("run", path, "--out", tmp_path / "run", "--quiet", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stderr == ""
    assert "c01" in result.stdout and str(tmp_path / "run") in result.stdout


def test_a_terminal_gets_one_line_that_is_repainted(tmp_path, path):
    code, errors = on_terminal(tmp_path, path)
    assert code == 0
    assert errors.count("\r") >= 2
    assert "tick 3/3" in errors and "elapsed" in errors and "c02" in errors
    # Painted lines are wiped: what stays are the two outcomes.
    first, second, rest = (line.rpartition("\r")[2] for line in errors.split("\n"))
    assert first.startswith("[1/2]") and second.startswith("[2/2]") and rest == ""


@pytest.mark.parametrize("arguments, term", [((), "dumb"), (("--quiet",), "xterm")])
def test_a_terminal_that_cannot_or_shall_not_be_repainted(tmp_path, path, arguments, term):
    code, errors = on_terminal(tmp_path, path, *arguments, term=term)
    assert code == 0
    assert "\r" not in errors and ANSI not in errors
    assert errors.count("\n") == (0 if arguments else 2)


def test_no_color_is_honoured(tmp_path, path):
    code, errors = on_terminal(tmp_path, path, NO_COLOR="1")
    assert code == 0
    assert ANSI not in errors


def test_a_free_running_cell_shows_how_it_stands(tmp_path):
    path = scenario(tmp_path, {**SMALL, **CLOCK}, {"strategy": ["planted-leak"]})
    code, errors = on_terminal(tmp_path, path)
    assert code == 0
    painted = [line for line in errors.split("\r") if " tick " in line]
    assert painted
    last = painted[-1]
    for part in ("elapsed", "left", "tick 24/24", "late", "main ", "wal ", "shm ", "so far leak"):
        assert part in last, last
    # What leaks is red, unless colours are not wanted.
    assert ANSI + "[31m" in last
    plain = tmp_path / "plain"
    plain.mkdir()
    assert ANSI not in on_terminal(plain, path, NO_COLOR="1")[1]
