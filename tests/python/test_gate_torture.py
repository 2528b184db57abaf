"""scripts/gate-torture: every verdict that is false is counted and told, under load and without."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from script_sandbox import PROJECT, Sandbox

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))
import gate_torture  # noqa: E402


def cell(name, verdict="pass", finding="clean", **settings):
    return {"cell": name, "differs": {"strategy": "noop"}, "state": "done", "finding": finding, "also": [], "mechanisms": [],
            "sqlite": {"subject": "3.40.1"}, "verdict": verdict, "reasons": [] if verdict == "pass" else ["expected clean"],
            "settings": settings, "metrics": {"kernel_wal_growth": 0, "ticks_ran": 5000}}


def run(*cells):
    return {"cells": list(cells)}


@pytest.fixture(name="box")
def make_sandbox(tmp_path):
    box = Sandbox(tmp_path)
    for name in ("quick.json", "trends.json"):
        box.scenario(name, {})
    return box


def torture(box, *arguments, summaries, **env):
    return box.call("gate-torture", *arguments, "--load", "sleep 600", FAKE_SUMMARIES=json.dumps(summaries), **env)


def test_no_false_verdict_is_exit_0(box):
    result = torture(box, "quick", "3", summaries=[run(cell("c01"), cell("c02"))])
    assert result.returncode == 0, result.stderr
    assert "**0 false of 6 verdicts in 3 runs.**" in result.stdout
    assert "| c01 | noop | clean (3) | 3 of 3 |" in result.stdout and "load: `nice -n 5 sleep 600`" in result.stdout
    assert "    scripts/gate-torture quick 3 --load 'sleep 600'\n" in result.stdout


def test_several_runs_at_a_time_are_all_counted(box):
    result = torture(box, "quick", "7", "--beside", "3", summaries=[run(cell("c01"))])
    assert result.returncode == 0, result.stderr
    assert "**0 false of 7 verdicts in 7 runs.**" in result.stdout and "; 3 runs at a time`" in result.stdout
    assert len(box.calls()) == 7


def test_a_signal_ends_its_runs_too(box, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    load = tmp_path / "load"
    os.mkfifo(load)
    script = subprocess.Popen([str(box.root / "scripts" / "gate-torture"), "quick", "3",
                               "--load", f"echo $$ >'{load}'; exec sleep 600"],
                              env={**box.env, "FAKE_FIFO": str(fifo)}, cwd=box.elsewhere, stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    process_of_load = Path("/proc") / load.read_text().strip()
    assert fifo.read_text() == "started"
    script.send_signal(signal.SIGTERM)
    script.communicate(timeout=60)
    assert script.returncode == 143
    assert ["ended"] in box.calls()
    assert not process_of_load.exists()


@pytest.mark.parametrize("verdict", ["fail", "unknown"])
def test_a_false_verdict_is_told_with_its_reason(box, verdict):
    sound, wrong = run(cell("c01")), run(cell("c01", verdict, "leak"))
    result = torture(box, "quick", "3", summaries=[sound, wrong, sound])
    assert result.returncode == 1
    assert "**1 false of 3 verdicts in 3 runs.**" in result.stdout
    assert f"- quick-0002 c01 (strategy noop): leak, {verdict}: expected clean" in result.stdout


def test_an_exit_code_that_tells_otherwise_is_false(box):
    result = torture(box, "quick", "1", summaries=[run(cell("c01"))], FAKE_EXIT="2")
    assert result.returncode == 1 and "every verdict is pass, but exit 2" in result.stdout


def test_a_run_that_is_none_is_false(box):
    result = torture(box, "quick", "1", summaries=[], FAKE_EXIT="4")
    assert result.returncode == 1 and "- quick-0001: not carried out, exit 4" in result.stdout


def test_a_load_that_ends_by_itself_is_no_torture(box):
    box.program("setsid", "exit 0")
    result = box.call("gate-torture", "quick", "5", "--load", "true",
                      FAKE_SUMMARIES=json.dumps([run(cell("c01"))]), FAKE_EXIT="0")
    assert result.returncode == 4 and "the load ended by itself" in result.stderr


def test_each_part_has_its_section_and_leaves_the_others(box, tmp_path):
    report = tmp_path / "gate.md"
    kinds = run(cell("c01", pool_coefficient=0.9, leak_every=0), cell("c02", "pass", "leak", pool_coefficient=0.9, leak_every=500))
    assert torture(box, "trends", "--write", str(report), summaries=[kinds]).returncode == 0
    assert torture(box, "quick", "1", "--write", str(report), summaries=[run(cell("c01"))]).returncode == 0
    first = report.read_text()
    assert "| 0.9 | one in 500 ticks | 5000 to 5000 | leak (1) |" in first
    assert torture(box, "quick", "2", "--write", str(report), summaries=[run(cell("c01"))]).returncode == 0
    second = report.read_text()
    assert second.count("## ") == 2 and "2 runs" in second and "1 runs" not in second
    assert first[:first.index("## scenarios/quick")] == second[:second.index("## scenarios/quick")]


@pytest.mark.parametrize("arguments", [("slow",), ("quick", "0"), ("--write", "x.txt"), ("--load",), ("--beside", "0")])
def test_wrong_calls_are_one_line_and_start_nothing(box, arguments):
    result = box.call("gate-torture", *arguments)
    assert result.returncode == 3 and result.stderr.count("\n") == 1
    assert box.calls() == []


def test_sections_are_told_apart_by_their_titles():
    text = gate_torture.with_section("", "quick", "## scenarios/quick.json under load\n\nold\n")
    assert gate_torture.with_section(text, "quick", "## scenarios/quick.json under load\n\nnew\n").count("## ") == 1
