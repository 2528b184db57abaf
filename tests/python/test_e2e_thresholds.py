"""Thresholds of a run: broken ones fail it, some end it early and in good order; stored runs are judged anew."""

import json

import pytest
from e2e import call, carry_out, scenario

SETTINGS = {"ticks": 40, "workers": 1}
AXIS = {"strategy": ["per-tick", "planted-leak"]}
ENDS = {"when": {"strategy": "planted-leak"}, "threshold": "api_open_growth == 0", "abort_on_fail": True, "grace_s": 600}


@pytest.fixture(scope="module", name="gated")
def gated_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gated")
    path = scenario(folder, SETTINGS, AXIS, thresholds=["lost_commits == 0", ENDS])
    return carry_out(folder, path, code=1)


def check(run, *arguments):
    return call("check", run.folder, *arguments, cwd=run.folder)


def test_a_broken_threshold_fails_its_cell_and_ends_it_in_good_order(gated):
    healthy, leaking = gated.cells()
    assert (healthy.verdict, leaking.verdict) == ("pass", "fail")
    assert leaking.recorded["reasons"] == ["threshold api_open_growth == 0, seen 1"]
    assert leaking.recorded["aborted"] == "threshold api_open_growth == 0, seen 1"
    ticks = [sample["tick"] for sample in leaking.samples()]
    # The leak shows with tick 19 (one connection in ten ticks, the first within the warm-up).
    assert 600 / 60 <= max(ticks) + 1 < SETTINGS["ticks"]
    assert leaking.lines(type="check", check="final") and leaking.metrics["lost_commits"] == 0
    assert [row["verdict"] for row in leaking.recorded["thresholds"]] == ["pass", "fail"]


def test_check_judges_a_stored_run_as_the_run_was_judged(gated):
    result = check(gated, "--json")
    assert result.returncode == 1
    judged = json.loads(result.stdout)
    assert judged["cells"] == gated.summary["cells"]


def test_check_judges_by_another_file(gated, tmp_path):
    gate = tmp_path / "gate.json"
    gate.write_text(json.dumps({"schema_version": 1, "expect": "any", "thresholds": ["lost_commits == 0"]}))
    assert check(gated, "--scenario", gate).returncode == 0
    gate.write_text(json.dumps({"schema_version": 1, "expect": "any", "thresholds": ["acknowledged < 1"]}))
    result = check(gated, "--scenario", gate)
    assert result.returncode == 1 and "c01 fail: threshold acknowledged < 1, seen" in result.stdout


@pytest.mark.parametrize("text, words", [
    ("lost_commit == 0", "did you mean \"lost_commits\"?"),
    ("tick_p99_us < 20000", "cell c01 has no metric tick_p99_us"),
])
def test_a_metric_that_is_not_there_is_a_usage_error(gated, tmp_path, text, words):
    gate = tmp_path / "gate.json"
    gate.write_text(json.dumps({"schema_version": 1, "thresholds": [text]}))
    result = check(gated, "--scenario", gate)
    assert result.returncode == 3 and words in result.stderr and result.stderr.count("\n") == 1


def test_check_needs_a_run(tmp_path):
    result = call("check", tmp_path, cwd=tmp_path)
    assert result.returncode == 3 and str(tmp_path) in result.stderr
