"""scripts/repeat and what it compares."""

import json
import sys

import pytest

from script_sandbox import PROJECT, Sandbox, summary

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))
import compare_runs  # noqa: E402


@pytest.fixture(name="box")
def make_sandbox(tmp_path):
    return Sandbox(tmp_path)


def repeat(box, times, summaries, *arguments, **env):
    return box.call("repeat", str(times), "quick", *arguments, FAKE_SUMMARIES=json.dumps(summaries), **env)


def leftovers(box):
    return sorted(str(path.name) for path in (box.root / "walsoak-runs").glob("repeat-*/*"))


def test_agreeing_runs_leave_nothing_behind(box):
    # A time, a size, an inode and a resident size that differ: no counts.
    runs = [summary(wal_bytes_last=n, main_inode_last=n, dispatch_p50_us=n, rss_peak=n, elapsed_s=n) for n in range(3)]
    result = repeat(box, 3, runs, "--keep", FAKE_EXIT="1")
    assert result.returncode == 0
    assert result.stdout.startswith("3 of 3 runs agree") and len(result.stdout.splitlines()) == 1
    assert leftovers(box) == []
    assert all(call[:3] == ["run", str(box.root / "scenarios/quick.json"), "--keep"] for call in box.calls())


@pytest.mark.parametrize("odd, key", [(summary(kernel_wal_last=5), "kernel_wal_last"),
                                      (summary(finding="leak"), "finding"),
                                      (summary(extra=1), "extra")])
def test_a_run_that_differs_is_named_and_kept(box, odd, key):
    result = repeat(box, 3, [summary(), odd, summary()])
    assert result.returncode == 1
    assert result.stdout.startswith("2 of 3 runs agree")
    assert f"c01 {key}: " in result.stdout
    assert "run-0002" in leftovers(box) and "run-0001" in leftovers(box)
    assert "run-0003" not in leftovers(box)


def test_a_run_that_cannot_be_carried_out_ends_it(box):
    result = repeat(box, 3, [], FAKE_EXIT="4")
    assert result.returncode == 4
    assert "run 1 of 3 ended with 4" in result.stderr.splitlines()[-1]
    assert len(box.calls()) == 1


def test_the_written_result(box):
    result = repeat(box, 2, [summary(), summary(finding="leak")], "--write", "result.md")
    assert result.returncode == 1
    written = json.loads((box.elsewhere / "result.json").read_text())
    assert written["command"] == "scripts/repeat 2 scenarios/quick.json"
    assert (written["runs"], written["agreed"]) == (2, 1)
    assert written["cells"][0]["differing"]["finding"] == [["clean", 1], ["leak", 1]]
    text = (box.elsewhere / "result.md").read_text()
    for word in (written["machine"], written["commit"], written["date"], written["command"], "1 of 2",
                 '`finding`: "clean" (1x), "leak" (1x)'):
        assert word in text


def test_several_scenarios_are_one_run_and_a_whole_folder_is_named_as_typed(box):
    box.scenario("quack.json", {"matrix": {}})
    files = [str(box.root / "scenarios" / name) for name in ("quack.json", "quick.json")]
    result = box.call("repeat", "2", *files, "--keep", "--write", "result.md", FAKE_SUMMARIES=json.dumps([summary()]))
    assert result.returncode == 0
    assert all(call[:4] == ["run", *files, "--keep"] for call in box.calls())
    written = json.loads((box.elsewhere / "result.json").read_text())
    assert written["command"] == "scripts/repeat 2 scenarios/*.json --keep"


@pytest.mark.parametrize("arguments, word", [(["20"], "a number of runs and a scenario"), (["x", "quick"], "x is no number"),
                                             (["1", "quick"], "2 to 9999"), (["2", "quick", "--out", "d"], "--out"),
                                             (["2", "quick", "--write", "a.txt"], "*.md"),
                                             (["2", "quick", "--write", "no/a.md"], "no folder"),
                                             (["2", "quack"], "quack: no such file, and no scenario of that name")])
def test_wrong_calls(box, arguments, word):
    result = box.call("repeat", *arguments)
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1 and word in result.stderr
    assert box.calls() == []


@pytest.mark.parametrize("key, expected", [
    ("kernel_wal_last", True), ("steps_failed", True), ("vfs_wal_unlinks_in_scope_last", True), ("lost_commits", True),
    ("dispatch_p50_us", False), ("main_bytes_peak", False), ("shm_inode_last", False), ("wait_ms", False),
    ("rss_bytes_last", False), ("harness_steps", False)])
def test_what_counts_as_a_count(key, expected):
    assert compare_runs.is_count(key) is expected


def test_evidence_is_not_compared_but_mechanisms_are():
    one, two, three = summary(), summary(), summary()
    two["cells"][0]["mechanisms"][0]["evidence"] = "pid 4712"
    three["cells"][0]["mechanisms"] = []
    assert compare_runs.extract(one) == compare_runs.extract(two)
    result = compare_runs.compare([compare_runs.extract(run) for run in (one, two, three)])
    assert result["cells"][0]["differing"] == {"mechanisms": [[["zombie connection"], 2], [[], 1]]}


def test_a_cell_that_one_run_lacks_differs():
    extract = compare_runs.extract(summary())
    result = compare_runs.compare([extract, {**extract, "c02": extract["c01"]}])
    assert result["agreed"] == 1
    assert result["cells"][1]["differing"] == {"present": [[False, 1], [True, 1]]}
