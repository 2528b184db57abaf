"""Wrong calls: one clear line, the exit code of a usage error, nothing created or started. And the lists of names."""

import json
import re
import subprocess

import pytest
from e2e import ALL_STRATEGIES, BUILD, HOME, call, has_sqlite_built_in, scenario

USAGE, NOT_CARRIED_OUT = 3, 4
FAULTS = ("worker-kill", "fd-limit", "corrupt-board", "replace-board", "raw-copy", "fork", "cut-shm",
          "hold-flock", "io-error", "disk-full", "long-reader", "init-failure")


@pytest.fixture(name="here")
def folder(tmp_path):
    """An empty folder to call from; scenario files stand elsewhere."""
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def assert_refused(here, result, *words, codes=(USAGE,)):
    assert result.returncode in codes
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    for word in words:
        assert word in result.stderr
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("arguments, word", [
    ([], "--help"), (["frobnicate"], "--help"), (["run"], "scenario"),
    (["run", "a.json", "--frobnicate"], "--frobnicate"),
    (["list"], "strategies, fixes, scenarios, settings, faults, mechanisms, metrics"),
    (["list", "strategys"], 'did you mean "strategies"?'), (["report"], "run"), (["chek", "x"], 'did you mean "check"?'),
    (["run", "a.json", "--tick", "5"], "did you mean --ticks?"), (["run", "--dryrun"], "did you mean --dry-run?"),
    (["watch", "--pid", "0"], "--pid 0: not a process id (expected a whole number from 1 to 4194304)"),
    (["diagnose", "--pid", "word"], "--pid word: not a process id (expected a whole number"),
    (["trace", "--pid", "99999999999999999999"], "--pid 99999999999999999999: not a process id"),
    (["trace", "python3", "x.py", "--port", "80"], "walsoak trace -- python3 ..."),
    (["run", "missing.json"], "missing.json"), (["run", "/"], "/")],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_arguments(here, arguments, word):
    assert_refused(here, call(*arguments, cwd=here), word)


def test_a_scenario_may_be_named_as_the_list_names_it(here):
    for name in ("quick", "mechanism/lock-lost", "mechanism-lock-lost", "field/28285.json", "scenarios/quick.json"):
        result = call("run", name, "--dry-run", cwd=here)
        assert result.returncode == 0 and result.stderr == "" and "c01" in result.stdout
    result = call("list", "scenarios", "--path", "quick", "--path", "field/28285", cwd=here)
    assert result.stdout.splitlines() == [str(HOME / "scenarios" / "quick.json"), str(HOME / "scenarios/field/28285.json")]
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("arguments, word", [
    (["run", "quik"], 'did you mean "quick"?'), (["run", "scenarios/quik.json"], 'did you mean "quick"?'),
    (["run", "mechanism/lock-losst"], 'did you mean "mechanism/lock-lost"?'), (["run", "fixes"], "walsoak list scenarios"),
    (["list", "scenarios", "--path", "quik"], 'did you mean "quick"?'), (["list", "faults", "--path", "quick"], "--path"),
    (["check", "here", "--scenario", "quik"], 'did you mean "quick"?')], ids=" ".join)
def test_a_name_that_is_no_scenario_is_answered_with_the_nearest(here, arguments, word):
    assert_refused(here, call(*arguments, cwd=here), arguments[-1], word)


def test_an_unknown_command_is_named(here):
    assert_refused(here, call("frobnicate", cwd=here), "frobnicate")


@pytest.mark.parametrize("settings, extra, words", [
    ({"board": 3}, {}, ["/settings/board", "boards"]),
    ({"boards": "many"}, {}, ["/settings/boards", "whole number", "many"]),
    ({"boards": 0}, {}, ["/settings/boards", "1 to"]),
    ({"header_check": "row"}, {}, ["/settings/header_check", "raw"]),
    ({"strategy": "persistant"}, {}, ["/settings/strategy", "persistent"]),
    ({"strategy": ["per-tick"]}, {}, ["/settings/strategy", "matrix"]),
    ({}, {"setings": {}}, ["/setings", "settings"]),
    ({}, {"matrix": {"stategy": ["noop"]}}, ["/matrix/stategy", "strategy"]),
    ({}, {"expect": [{"when": {"strategy": "noop"}, "finding": "clean"}]}, ["/expect/0/when/strategy", "per-tick"]),
    ({}, {"matrix": {"strategy": ["per-tick", "noop"]}, "expect": [{"when": {"strategy": "noop"}, "finding": "clean"}]},
     ["/expect", "c01"]),
    ({"ticks": 3}, {}, ["/settings/ticks", "warmup_ticks"]),
    ({}, {"expect": [{"when": {}, "finding": "leek"}]}, ["/expect/0/finding", "leak"]),
    ({}, {"schema_version": 99}, ["/schema_version"])],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "")
def test_a_wrong_scenario_is_one_line_with_file_and_pointer(tmp_path, here, settings, extra, words):
    path = scenario(tmp_path, settings, **extra)
    assert_refused(here, call("run", path, cwd=here), "tiny.json", *words)


def test_a_scenario_that_is_no_json(tmp_path, here):
    path = tmp_path / "broken.json"
    path.write_text('{"schema_version": 1,')
    assert_refused(here, call("run", path, cwd=here), "broken.json")


@pytest.mark.parametrize("value, words", [
    ("strateyg=noop", ["strateyg", "strategy"]), ("strategy=noup", ["noup", "noop"]), ("boards=many", ["boards"]),
    ("boards=0", ["boards"]),
    ("faults=worker-kill", ["valid: a list of faults"]), ("faults=[{]", ["faults"]),
    ('faults=[{"fault": "fd-limt", "at_tick": 1}]', ["fd-limt", "fd-limit"]),
    ('faults=[{"fault": "fd-limit", "at_tick": 1}]', ["soft"]),
    ('faults=[{"fault": "long-reader", "at_tick": 1, "board": "b77"}]', ["b77", "b01"]), ("boards", ["NAME=VALUE"])])
def test_a_wrong_set(tmp_path, here, value, words):
    assert_refused(here, call("run", scenario(tmp_path), "--set", value, cwd=here), *words)


@pytest.mark.parametrize("role", ["subject", "worker", "checker"])
def test_a_sqlite_that_was_not_fetched(tmp_path, here, role):
    if has_sqlite_built_in():
        pytest.skip("this build has SQLite built in")
    path = scenario(tmp_path, {f"sqlite.{role}": "3.0.1"})
    result = call("run", path, cwd=here, WALSOAK_CACHE=str(tmp_path / "empty"))
    assert_refused(here, result, "3.0.1", "scripts/fetch-sqlite 3.0.1")
    assert not (tmp_path / "empty").exists()


def test_an_out_folder_that_is_not_empty(tmp_path, here):
    out = tmp_path / "out"
    out.mkdir()
    (out / "precious").write_text("data")
    assert_refused(here, call("run", scenario(tmp_path), "--out", out, cwd=here), str(out), "not empty")
    assert [path.name for path in out.iterdir()] == ["precious"]


def test_an_out_that_is_a_file(tmp_path, here):
    out = tmp_path / "out"
    out.write_text("data")
    assert_refused(here, call("run", scenario(tmp_path), "--out", out, cwd=here), str(out),
                   codes=(USAGE, NOT_CARRIED_OUT))
    assert out.read_text() == "data"


def test_a_report_of_what_is_no_run(tmp_path, here):
    for folder in (here, tmp_path / "missing"):
        assert_refused(here, call("report", folder, cwd=here), str(folder))


def test_a_dry_run_prints_its_cells_and_creates_nothing(tmp_path, here):
    path = scenario(tmp_path, {"ticks": 3, "warmup_ticks": 1}, {"strategy": ["per-tick", "noop"]})
    result = call("run", path, "--dry-run", cwd=here)
    assert result.returncode == 0 and result.stderr == ""
    for word in ("c01", "c02", "per-tick", "noop", "estimated time"):
        assert word in result.stdout
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("settings, words", [
    ({"board_template": "none.db"}, ["board_template", "none.db", "there is no such file"]),
    ({"subject": "python", "module": "none.py:connect"}, ["module none.py:connect", "there is no file none.py"]),
    ({"sqlite": "3.0.1"}, ["SQLite 3.0.1 is missing", "scripts/fetch-sqlite 3.0.1"])],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "")
def test_a_dry_run_refuses_what_the_run_refuses(tmp_path, here, settings, words):
    if "sqlite" in settings and has_sqlite_built_in():
        pytest.skip("this build has SQLite built in")
    path = scenario(tmp_path, settings)
    for arguments in (["--allow-exec", "--dry-run"], ["--allow-exec"]):
        assert_refused(here, call("run", path, *arguments, cwd=here, WALSOAK_CACHE=str(tmp_path / "cache")), *words)


def test_a_dry_run_lists_everything_that_is_missing(tmp_path, here):
    if has_sqlite_built_in():
        pytest.skip("this build has SQLite built in")
    path = scenario(tmp_path, {"board_template": "none.db", "subject": "python", "module": "none.py:connect"},
                    {"sqlite": ["3.0.1", "3.0.2"]})
    result = call("run", path, "--allow-exec", "--dry-run", cwd=here, WALSOAK_CACHE=str(tmp_path / "cache"))
    assert result.returncode == USAGE and result.stdout == "" and list(here.iterdir()) == []
    lines = result.stderr.splitlines()
    assert len(lines) == 4 and "3 things" in lines[0]
    for line, words in zip(lines[1:], ["none.py", "none.db", "scripts/fetch-sqlite 3.0.1 3.0.2"], strict=True):
        assert words in line


def test_the_systems_sqlite_serves_a_role_that_asks_for_its_version(tmp_path, here):
    """Nothing to fetch: the cache is empty."""
    if has_sqlite_built_in():
        pytest.skip("this build has SQLite built in")
    described = subprocess.run([BUILD / "walsoak-subject", "--describe"], capture_output=True, text=True, check=True)
    version = json.loads(described.stdout)["sqlite"]["version"]
    path = scenario(tmp_path, {"ticks": 2, "warmup_ticks": 1, "sqlite": version})
    result = call("run", path, "--out", tmp_path / "run", cwd=here, WALSOAK_CACHE=str(tmp_path / "cache"))
    assert result.returncode == 0, result.stderr


def test_a_fix_that_sets_what_the_matrix_names_is_refused(tmp_path, here):
    result = call("run", "quick-may2026", "--fix", "close-always-33564", "--dry-run", cwd=here)
    assert_refused(here, result, "/matrix/0/strategy/0", "fix close-always-33564 sets strategy")


def test_a_dry_run_refuses_a_folder_and_a_file_that_are_not_free(tmp_path, here):
    path = scenario(tmp_path, {"ticks": 3, "warmup_ticks": 1})
    assert_refused(here, call("run", path, "--dry-run", "--out", tmp_path, cwd=here), "exists and is not empty")
    assert_refused(here, call("run", path, "--dry-run", "--junit", path, cwd=here), "it holds something else")
    result = tmp_path / "w.xml"
    result.write_text("<testsuites/>")
    assert call("run", path, "--dry-run", "--junit", result, cwd=here).returncode == 0
    assert result.read_text() == "<testsuites/>", "nothing is written"


# The codes that a command can end with, as its --help lists them.
CODES = {"run": "130 143 4 3 2 1 0", "check": "130 143 4 3 2 1 0", "compare": "130 143 4 3 2 1 0",
         "report": "130 143 4 3 0", "diagnose": "130 143 4 3 0", "list": "130 143 4 3 0", "repro": "130 143 4 3 0",
         "watch": "4 3 0", "trace": "4 3 0 N"}


@pytest.mark.parametrize("command", CODES)
def test_help_lists_the_exit_codes_that_the_command_has(here, command):
    text = call(command, "--help", cwd=here).stdout.partition("Exit codes, the first that applies:\n")[2]
    assert " ".join(re.findall(r"(?:^  |        )(\d+|N)  ", text, re.MULTILINE)) == CODES[command]


def names_of_scenarios():
    """Of all scenario files, by their names or else their files'; the presets and the schema are none."""
    paths = [path for path in (HOME / "scenarios").rglob("*.json")
             if path.name not in ("fixes.json", "scenario.schema.json")]
    return [json.loads(path.read_text()).get("name", path.stem) for path in paths]


@pytest.mark.parametrize("what, names", [
    ("strategies", set(ALL_STRATEGIES)), ("faults", set(FAULTS)),
    ("scenarios", set(names_of_scenarios())),
    ("fixes", set(json.loads((HOME / "scenarios/fixes.json").read_text())["presets"])),
    ("mechanisms", {path.stem for path in (HOME / "scripts/repro").iterdir()}),
    ("settings", {"strategy", "boards", "seed", "sqlite.subject", "sqlite.worker", "sqlite.checker"})])
def test_lists_have_a_name_and_one_line_each(here, what, names):
    result = call("list", what, cwd=here)
    assert result.returncode == 0 and result.stderr == ""
    rows = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert len(rows) == len(result.stdout.splitlines())
    assert set(rows) == names if what != "settings" else set(rows) > names
    assert all(text.strip() for text in rows.values())


def test_a_temporary_folder_that_is_not_there_is_named_before_anything_starts(tmp_path):
    path = scenario(tmp_path, {"ticks": 3, "warmup_ticks": 1})
    result = call("run", path, "--out", tmp_path / "run", cwd=tmp_path, TMPDIR=str(tmp_path / "nowhere"))
    assert result.returncode == 3
    assert "TMPDIR" in result.stderr and "nowhere" in result.stderr and len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()
