"""Output that cannot be written, and limits that leave no room to work: one line and exit code 4 from every command and
program. A reader that goes away is no error.
"""

import os
import shutil
import subprocess
import sys

import pytest
from e2e import BUILD, GIVE_UP_S, PROJECT, WALSOAK, environment, scenario

NOT_CARRIED_OUT = 4
FIXTURE = PROJECT / "tests" / "fixtures" / "run-small"
WATCH = BUILD / "walsoak-watch"


@pytest.fixture(name="here")
def folder_with_a_run(tmp_path):
    """A folder with a stored run in `stored`."""
    shutil.copytree(FIXTURE, tmp_path / "stored")
    (tmp_path / "stored" / ".walsoak-run").touch()
    return tmp_path


def shell(here, script, *argv, **env):
    """`script` has the command line as "$@"."""
    return subprocess.run(["/bin/sh", "-c", script, "sh", *map(str, argv)], cwd=here, env=environment(**env), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=GIVE_UP_S, check=False)


def assert_one_line(result, *words, code=NOT_CARRIED_OUT):
    assert result.returncode == code, result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    for word in words:
        assert word in result.stderr


# A call of each command that prints, and its exit code.
PRINTS = {
    "run": (["run", "tiny.json", "--quiet", "--out", "run"], 0),
    "run --dry-run": (["run", "tiny.json", "--dry-run"], 0),
    "check": (["check", "stored"], 0),
    "report": (["report", "stored", "--no-pictures"], 0),
    "diagnose": (["diagnose", "stored"], 0),
    "compare": (["compare", "stored", "--by", "strategy"], None),
    "list": (["list", "settings"], 0),
    "repro": (["repro", "lock-lost"], 0),
    "watch": (["watch", "--pid", str(os.getpid()), "--quiet", "--every", "10ms", "--for", "10ms", "--out", "watched"], 0),
    "--help": (["--help"], 0),
    "--version": (["--version"], 0),
}


def prints(here, name):
    scenario(here, {"ticks": 3, "warmup_ticks": 1, "boards": 1, "workers": 0})
    arguments, code = PRINTS[name]
    return [WALSOAK, *arguments], code


@pytest.mark.parametrize("name", PRINTS)
def test_a_full_disk_behind_standard_output(here, name):
    argv, _ = prints(here, name)
    assert_one_line(shell(here, '"$@" >/dev/full', *argv), "walsoak: standard output: No space left on device")


@pytest.mark.parametrize("name", ["check", "list", "--help"])
def test_a_closed_standard_output(here, name):
    argv, _ = prints(here, name)
    assert_one_line(shell(here, '"$@" >&-', *argv), "walsoak: standard output: it is closed")


def test_no_file_of_a_run_gets_what_is_printed_to_a_closed_output(here):
    argv, _ = prints(here, "run")
    assert shell(here, '"$@" >&- <&-', *argv).returncode == NOT_CARRIED_OUT
    assert "run folder" not in (here / "run" / "run.json").read_text()
    assert (here / "run" / "summary.json").read_text().startswith("{")


@pytest.mark.parametrize("name", ["check", "list", "repro"])
def test_a_reader_that_goes_away_changes_no_exit_code(here, name):
    argv, code = prints(here, name)
    read_end, write_end = os.pipe()
    os.close(read_end)
    result = subprocess.run(argv, cwd=here, env=environment(), stdin=subprocess.DEVNULL, stdout=write_end,
                            stderr=subprocess.PIPE, text=True, timeout=GIVE_UP_S, check=False)
    os.close(write_end)
    assert (result.returncode, result.stderr) == (code, "")


def test_a_traces_events_on_a_full_disk(here):
    if not (BUILD / "libwalsoak-trace.so").exists():
        pytest.skip("no libwalsoak-trace.so: it was not built here")
    result = shell(here, '"$@" >/dev/full', WALSOAK, "trace", "--out", "-", "--", sys.executable, "-c", "import sqlite3")
    assert result.returncode == NOT_CARRIED_OUT
    assert "walsoak: standard output: No space left on device" in result.stderr.splitlines()


def test_a_full_disk_behind_the_description_of_a_subject(here):
    result = shell(here, '"$@" >/dev/full', BUILD / "walsoak-subject", "--describe")
    assert_one_line(result, "walsoak-subject: standard output: No space left on device")


# A file system that has room for the stored run and not a page more, in a mount namespace of its own.
FULL = ('mkdir full && mount -t tmpfs -o size=512k none full && cp -r stored/. full/ && rm -f full/report.md '
        '&& cat /dev/zero >full/filler 2>/dev/null; "$@"')


@pytest.mark.parametrize("arguments, file", [
    (["report", "full", "--no-pictures"], "report.md"), (["check", "stored", "--junit", "full/w.xml"], "full/w.xml"),
    (["run", "tiny.json", "--quiet", "--out", "full/run"], "full/run")], ids=lambda value: str(value[0]))
def test_a_file_on_a_full_disk_is_named(here, arguments, file):
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("only root may mount")
    scenario(here, {"ticks": 3, "warmup_ticks": 1})
    result = subprocess.run(["unshare", "--mount", "/bin/sh", "-c", FULL, "sh", WALSOAK, *arguments], cwd=here,
                            env=environment(GITHUB_ACTIONS=None), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=GIVE_UP_S, check=False)
    if "unshare failed" in result.stderr or "mount:" in result.stderr:
        pytest.skip("no mount namespaces here")
    assert_one_line(result, file, "No space left on device")


PROGRAMS = {
    "walsoak list": [WALSOAK, "list", "strategies"],
    "walsoak check": [WALSOAK, "check", "stored"],
    "walsoak report": [WALSOAK, "report", "stored"],
    "walsoak run": [WALSOAK, "run", "tiny.json", "--out", "run"],
    "walsoak watch": [WALSOAK, "watch", "--pid", str(os.getpid()), "--every", "10ms", "--for", "10ms", "--out", "watched"],
    "walsoak diagnose": [WALSOAK, "diagnose", "--pid", str(os.getpid()), "--every", "10ms", "--for", "10ms"],
    "walsoak trace": [WALSOAK, "trace", "--", sys.executable, "-c", ""],
    "walsoak-watch": [WATCH, "diagnose", "--pid", str(os.getpid()), "--every", "10ms", "--for", "10ms"],
    "subject": [BUILD / "walsoak-subject"],
    "checker": [BUILD / "walsoak-checker"],
    "worker": [BUILD / "walsoak-worker", "--socket", "none", "--board", "b01", "--path", "none", "--task", "t", "--writer", "w"],
}


# Below 4 the system's loader of shared libraries ends a program that is not static, before it begins.
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_limit_on_open_files_aborts_nothing(here, name):
    scenario(here, {"ticks": 3, "warmup_ticks": 1})
    if not PROGRAMS[name][0].exists():
        pytest.skip(f"{PROGRAMS[name][0]} was not built here")
    for limit in (4, 6, 8):
        result = shell(here, 'rm -rf run watched && ulimit -n "$1" && shift && exec "$@"', limit, *PROGRAMS[name])
        assert result.returncode in (0, 1, NOT_CARRIED_OUT), (limit, result.stderr)
        if result.returncode == NOT_CARRIED_OUT:
            assert len(result.stderr.splitlines()) == 1, (limit, result.stderr)
