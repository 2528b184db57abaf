"""A process of a cell that dies without an order: an event of the cell, a line in summary, report and terminal, and a
verdict that is not pass.

walsoak finds its programs beside itself, so a folder with copies of them and a worker that dies in the worker's place
is all that it takes.
"""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from e2e import BUILD, CLOCK, GIVE_UP_S, HOME, PROJECT, Run, call, environment, scenario, validator
from e2e_started import ENDLESS, Started

SMALL = {"boards": 1, "workers": 1, "ticks": 6, "warmup_ticks": 1, "strategy": "per-tick"}
MODES = {"lockstep": {}, "free": CLOCK}
ENDS = {"signal 11": ("SIGSEGV", None), "signal 6": ("SIGABRT", None), "exit 7": (None, 7), "exit 0": (None, 0),
        "early exit 3": (None, 3)}


def deaths(cell):
    return cell.lines(type="event", event="process-died")


@pytest.fixture(name="programs", scope="module")
def programs_with_a_dying_worker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("programs")
    for name in ("walsoak", "walsoak-subject", "walsoak-checker"):
        shutil.copy2(BUILD / name, folder)
    worker = folder / "walsoak-worker"
    worker.write_text(f"#!{sys.executable}\n" + (PROJECT / "tests" / "python" / "dying_worker.py").read_text())
    worker.chmod(0o755)
    return folder


def run_with(programs, folder, path, how, *arguments):
    result = subprocess.run([programs / "walsoak", "run", path, "--quiet", "--out", folder / "run", *arguments], cwd=folder,
                            text=True, env=environment(WALSOAK_HOME=str(HOME), DYING_WORKER=how), capture_output=True,
                            timeout=GIVE_UP_S, check=False)
    assert (folder / "run" / "summary.json").exists(), result.stderr
    return result, Run(folder / "run")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", ENDS)
def test_a_worker_that_dies_makes_its_cell_unknown(programs, tmp_path, how, mode):
    path = scenario(tmp_path, {**SMALL, **MODES[mode]})
    result, run = run_with(programs, tmp_path, path, how)
    assert result.returncode == 2, result.stderr
    (cell,) = run.cells()
    name, exit_code = ENDS[how]
    assert cell.recorded["state"] == "done" and cell.verdict == "unknown"
    assert cell.metrics["unordered_deaths"] == len(deaths(cell)) == len(cell.lines(type="event", event="worker-ended")) > 0
    for event in deaths(cell):
        assert event["role"] == "worker" and event["process"].startswith("w0") and event["pid"] > 0
        assert (event["signal"], event["exit_code"], event["last_line"]) == (name, exit_code, "last words  [31m")
    text = cell.recorded["deaths"]["text"]
    assert f"worker {deaths(cell)[0]['process']} (pid" in text and 'last line of its stderr: "last words' in text
    assert (f"killed by {name}" if name else f"exit code {exit_code}") in text
    assert result.stdout.count(text) == 1 and f"c01 unknown: {text}\n" in result.stdout
    validate = validator("stream")
    for line in cell.stream:
        validate(line)
    validator("summary")(run.summary)


def test_the_report_names_it_in_markdown_and_html(programs, tmp_path):
    _, run = run_with(programs, tmp_path, scenario(tmp_path, SMALL), "signal 11")
    assert call("report", run.folder, "--no-pictures", "--html", cwd=tmp_path).returncode == 0
    (cell,) = run.cells()
    said = f"Unordered death in c01: worker {deaths(cell)[0]['process']} (pid"
    markdown = (run.folder / "report.md").read_text()
    assert said in markdown.replace("**", "") and "killed by SIGSEGV" in markdown.partition("\n## ")[0]
    page = (run.folder / "report.html").read_text()
    assert "Unordered death" in page and "killed by SIGSEGV" in page and "last words" in page


@pytest.mark.parametrize("condition, code, verdict", [("== 0", 1, "fail"), (">= 1", 0, "pass")])
def test_an_expectation_may_say_how_many_may_die(programs, tmp_path, condition, code, verdict):
    path = scenario(tmp_path, SMALL, expect=[{"when": {}, "finding": "any", "metrics": {"unordered_deaths": condition}}])
    result, run = run_with(programs, tmp_path, path, "signal 11")
    assert (result.returncode, run.cells()[0].verdict) == (code, verdict), result.stdout
    assert "killed by SIGSEGV" in result.stdout, "told whatever the verdict is"
    again = call("check", run.folder, cwd=tmp_path)
    assert again.returncode == code and "killed by SIGSEGV" in again.stdout


@pytest.mark.parametrize("mode", MODES)
def test_a_kill_that_was_ordered_is_no_death(tmp_path, mode):
    path = scenario(tmp_path, {**SMALL, **MODES[mode], "ticks": 12, "worker_kill_rate": 1})
    result = call("run", path, "--quiet", "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    (cell,) = Run(tmp_path / "run").cells()
    assert 9 in {end["signal"] for end in cell.lines(type="event", event="worker-ended")}
    assert deaths(cell) == [] and cell.metrics["unordered_deaths"] == 0 and cell.recorded["deaths"] is None


def test_a_kill_that_was_not_ordered_is_one(programs, tmp_path):
    path = scenario(tmp_path, {**SMALL, "worker_kill_rate": 0})
    result, run = run_with(programs, tmp_path, path, "signal 9")
    assert result.returncode == 2 and {event["signal"] for event in deaths(run.cells()[0])} == {"SIGKILL"}


def test_a_subject_that_dies_before_it_has_reaped_a_worker(programs, tmp_path):
    path = scenario(tmp_path, {**SMALL, "ticks": 12})
    result, run = run_with(programs, tmp_path, path, "parent 11")
    assert result.returncode == 2, result.stderr
    assert [(event["process"], event["signal"]) for event in deaths(run.cells()[0])] == [("subject", "SIGSEGV")]
    assert ": killed by SIGSEGV; nothing on its stderr; its processes' stderr is in" in result.stderr
    assert "map::at" not in result.stderr


MODULE = """
import os, sqlite3, sys
left = [6]
def connect(path):
    left[0] -= 1
    if left[0] == 0:
        {act}
    return sqlite3.connect(path, isolation_level=None)
"""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("act, end, last", [
    ("print('cannot go on', file=sys.stderr, flush=True); os.kill(os.getpid(), 11)", "killed by SIGSEGV", "cannot go on"),
    ("print('bad state', file=sys.stderr, flush=True); os._exit(7)", "exit code 7", "bad state"),
])
def test_a_python_subject_that_dies(tmp_path, mode, act, end, last):
    (tmp_path / "mine.py").write_text(MODULE.format(act=act))
    settings = {**SMALL, **MODES[mode], "workers": 0, "subject": "python", "module": "mine.py:connect"}
    path = scenario(tmp_path, settings, thresholds=["unordered_deaths == 0"])
    result = call("run", path, "--allow-exec", "--quiet", "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 1, result.stderr + result.stdout
    said = f'{end}; last line of its stderr: "{last}"'
    assert f"walsoak: cell c01: subject ended in mid-conversation: {said}; its processes' stderr is in" in result.stderr
    assert "c01 fail: threshold unordered_deaths == 0, seen 1" in result.stdout
    assert "\nc01: subject (pid" in result.stdout and said in result.stdout
    (cell,) = Run(tmp_path / "run").cells()
    assert cell.recorded["state"] == "failed" and cell.verdict == "fail"
    assert [event["process"] for event in deaths(cell)] == ["subject"]
    assert (cell.folder / "stderr" / "subject.log").read_text().endswith(last + "\n")


def test_a_command_that_ends_by_itself_and_the_cell_after_it(tmp_path):
    # Ends after its fourth step; what the command of the second cell does is none of its business.
    script = tmp_path / "four.sh"
    script.write_text(f"sed -u 5q | bash {HOME}/scripts/subjects/subject.sh\necho out of luck >&2\nexit 3\n")
    path = scenario(tmp_path, {**SMALL, "workers": 0, "subject": "exec"},
                    {"exec_command": [f"sh {script}", f"bash {HOME}/scripts/subjects/subject.sh"]})
    result = call("run", path, "--allow-exec", "--quiet", "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    ended, after = Run(tmp_path / "run").cells()
    (event,) = deaths(ended)
    assert (event["role"], event["exit_code"], event["last_line"]) == ("subject", 3, "out of luck")
    assert ended.verdict == "unknown" and after.recorded["state"] == "done" and after.verdict == "pass"
    assert "json.exception" not in result.stderr + result.stdout and "map::at" not in result.stderr + result.stdout


def test_a_subject_that_says_too_little_is_told_so(tmp_path):
    script = tmp_path / "little.sh"
    script.write_text(f"bash {HOME}/scripts/subjects/subject.sh | sed -u 's/\"latency_us\":[0-9]*,//'\n")
    path = scenario(tmp_path, {**SMALL, "workers": 0, "subject": "exec", "exec_command": f"bash {script}"})
    result = call("run", path, "--allow-exec", "--quiet", "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 4
    assert "expected messages as in docs/protocol.md of the subject, found {\"walsoak\":1,\"type\":\"done\"" in result.stderr
    assert "key 'latency_us' not found" in result.stderr and "json.exception" not in result.stderr


def test_a_subject_of_walsoaks_own_that_crashes(tmp_path):
    path = scenario(tmp_path, ENDLESS)
    stream = tmp_path / "run" / "cells" / "c01.jsonl"
    with Started("run", path, "--quiet", "--out", tmp_path / "run", cwd=tmp_path) as started:
        started.reach_tick(stream, 2)
        (pid,) = [pid for pid, (name, _) in started.family.members.items() if name == "walsoak-subject"]
        os.kill(pid, signal.SIGSEGV)
        assert started.wait() == 2
        assert started.family.alive() == {}
    (cell,) = Run(tmp_path / "run").cells()
    assert [(event["process"], event["pid"], event["signal"]) for event in deaths(cell)] == [("subject", pid, "SIGSEGV")]
    assert cell.recorded["reasons"][0].startswith(f"subject (pid {pid}) died at tick")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["cells"][0]["state"] == "failed"


@pytest.mark.parametrize("settings, process", [({"dashboards": 1, "workers": 0}, "dashboard-1"),
                                               ({"second_dispatcher": "on", "workers": 0}, "dispatcher-2")])
@pytest.mark.parametrize("mode", MODES)
def test_a_process_besides_the_subject_that_crashes(tmp_path, settings, process, mode):
    path = scenario(tmp_path, {**ENDLESS, **MODES[mode], **settings})
    stream = tmp_path / "run" / "cells" / "c01.jsonl"
    with Started("run", path, "--quiet", "--out", tmp_path / "run", cwd=tmp_path) as started:
        started.reach_tick(stream, 1, programs={"walsoak-subject", "walsoak-checker"})
        # The subject was started before it.
        pid = max(pid for pid, (name, _) in started.family.members.items() if name == "walsoak-subject")
        os.kill(pid, signal.SIGABRT)
        assert started.wait() == 2
    (cell,) = Run(tmp_path / "run").cells()
    assert [(event["process"], event["role"], event["signal"]) for event in deaths(cell)] == [
        (process, process.partition("-")[0], "SIGABRT")]


def test_a_worker_of_walsoaks_own_that_crashes_on_the_clock(tmp_path):
    path = scenario(tmp_path, {**SMALL, **CLOCK, "ticks": 12, "worker_visits": 1000, "worker_life_s": 100000})
    stream = tmp_path / "run" / "cells" / "c01.jsonl"
    with Started("run", path, "--quiet", "--out", tmp_path / "run", cwd=tmp_path) as started:
        started.reach_tick(stream, 1)
        (pid,) = [pid for pid, (name, _) in started.family.members.items() if name == "walsoak-worker"]
        os.kill(pid, signal.SIGBUS)
        assert started.wait() == 2
    (cell,) = Run(tmp_path / "run").cells()
    assert [(event["pid"], event["signal"], event["last_line"]) for event in deaths(cell)] == [(pid, "SIGBUS", None)]
