"""walsoak compare and repeats, end to end: runs of one scenario, a planted regression, and what is no comparison."""

import json
import shutil

import pytest
from e2e import CLOCK, Run, call, carry_out, scenario, validator

SETTINGS = {"ticks": 24, "workers": 1}
AXIS = {"strategy": ["per-tick", "persistent"]}


@pytest.fixture(scope="module", name="runs")
def four_runs(tmp_path_factory):
    """Two runs of one scenario, and two whose strategy --set chose, healthy and leaking."""
    folder = tmp_path_factory.mktemp("compared")
    path = scenario(folder, SETTINGS, AXIS)
    leak = ("--set", "strategy=unclosed", "--set", "collector=never")
    return {"before": carry_out(folder, path, out="before"), "after": carry_out(folder, path, out="after"),
            "healthy": carry_out(folder, path, "--set", "strategy=persistent", out="healthy"),
            "leaking": carry_out(folder, path, *leak, out="leaking")}


@pytest.fixture(name="copy")
def copied_run(runs, tmp_path):
    """A copy of the second run whose summary `change` alters."""
    def make(change):
        folder = tmp_path / "changed"
        shutil.copytree(runs["after"].folder, folder)
        summary = json.loads((folder / "summary.json").read_text())
        change(summary)
        (folder / "summary.json").write_text(json.dumps(summary))
        return Run(folder)
    return make


def compare(*runs_and_arguments):
    words = [word.folder if isinstance(word, Run) else word for word in runs_and_arguments]
    return call("compare", *words, cwd=words[0])


def refused(result, *words):
    assert result.returncode == 3 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and all(word in result.stderr for word in words), result.stderr


def as_json(*runs_and_arguments):
    result = compare(*runs_and_arguments, "--json")
    found = json.loads(result.stdout)
    validator("compare")(found)
    assert found["exit_code"] == result.returncode
    return found


def test_two_runs_of_one_scenario_are_the_same(runs):
    result = compare(runs["before"], runs["after"])
    assert result.returncode == 0, result.stdout + result.stderr
    assert "no difference" in result.stdout and "Result: same" in result.stdout
    found = as_json(runs["before"], runs["after"])
    assert found["same"] > 2 * 30 and found["worse"] == found["better"] == found["cannot_tell"] == 0


def test_a_planted_regression_is_worse_and_leads(runs):
    refused(compare(runs["healthy"], runs["leaking"]), "setting strategy (persistent | unclosed)", "--allow-different")
    result = compare(runs["healthy"], runs["leaking"], "--allow-different")
    assert result.returncode == 1, result.stdout + result.stderr
    rows = [line for line in result.stdout.splitlines() if line.startswith("  worse")]
    assert rows[0].split()[:3] == ["worse", "c01", "finding"] and "clean -> leak" in rows[0]
    (pair,) = as_json(runs["healthy"], runs["leaking"], "--allow-different")["comparisons"][0]["pairs"]
    grown = {row["metric"] for row in pair["metrics"] if row["result"] == "worse"}
    assert {"api_open_growth", "vfs_main_growth", "kernel_wal_growth"} <= grown


def test_another_scenario_is_refused_with_what_differs(runs, tmp_path):
    other = carry_out(tmp_path, scenario(tmp_path, {**SETTINGS, "boards": 2}, AXIS))
    refused(compare(runs["before"], other), "different scenarios", "setting boards (1 | 2)", "`settings` of the scenario")
    assert compare(runs["before"], other, "--allow-different").returncode in (1, 2)


def test_strategies_of_one_run(runs):
    found = as_json(runs["before"], "--by", "strategy")
    assert found["comparisons"][0]["values"] == ["per-tick", "persistent"]
    (pair,) = found["comparisons"][0]["pairs"]
    assert pair["finding"] == {"baseline": ["churn"], "other": ["clean"], "result": "better", "reason": ""}
    turned = as_json(runs["before"], "--by", "strategy", "--baseline", "persistent")
    assert turned["comparisons"][0]["pairs"][0]["finding"]["result"] == "worse" and turned["exit_code"] == 1


def test_markdown_is_a_table(runs):
    text = compare(runs["healthy"], runs["leaking"], "--allow-different", "--markdown").stdout
    assert text.startswith("## Comparison: worse\n")
    assert "| worse | c01 | finding | clean | leak |" in text


@pytest.mark.parametrize("arguments, words", [
    (["--by", "boards"], ["do not differ in boards", "strategy"]),
    (["--by", "strategy", "--baseline", "pool"], ["no cell has strategy pool", "per-tick, persistent"]),
    (["--by", "strategy", "--tolerance", "ten"], ["--tolerance ten", "10%"]),
    (["--by", "strategy", "--metric", "lost_commit"], ["did you mean \"lost_commits\"?"]),
    (["--by", "strategy", "--metric", "steps"], ["neither more nor less"]),
    ([], ["needs two runs", "--by strategy"]),
])
def test_a_wrong_call_is_one_line(runs, arguments, words):
    refused(compare(runs["before"], *arguments), *words)


def test_a_metric_that_one_run_lacks_cannot_be_told(runs, copy):
    found = as_json(runs["before"], copy(lambda summary: summary["cells"][0]["metrics"].pop("lost_commits")))
    (row,) = [row for row in found["comparisons"][0]["pairs"][0]["metrics"] if row["result"] == "cannot tell" and row["gates"]]
    assert row["metric"] == "lost_commits" and row["reason"] == "not known in B" and found["exit_code"] == 2


def test_an_interrupted_run_tells_what_it_came_to(runs, copy):
    def interrupt(summary):
        summary["state"] = "interrupted"
        summary["cells"][1].update(state="interrupted", finding="unknown", verdict="unknown")
    result = compare(runs["before"], copy(interrupt))
    assert result.returncode == 2 and "c02 of B is interrupted" in result.stdout


def test_a_run_of_another_schema_is_refused(runs, copy):
    refused(compare(runs["before"], copy(lambda summary: summary.update(schema_version=0))), "schema_version 0")


def test_a_run_of_an_older_build_without_newer_keys_is_compared(runs, copy):
    def age(summary):
        summary.pop("jobs")
        for cell in summary["cells"]:
            cell["settings"].pop("time_scale")
            cell.pop("aborted")
    found = as_json(runs["before"], copy(age))
    assert found["exit_code"] == 0 and found["comparisons"][0]["settings_unknown_to_one"] == ["time_scale"]


def test_names_of_the_machine_are_taken_out(runs, copy):
    def elsewhere(summary):
        summary["environment"].update(home="/home/somebody", hostname="their-laptop", compiler="/home/somebody/bin/gcc")
    moved = copy(elsewhere)
    result = compare(runs["before"], moved)
    assert "somebody" not in result.stdout and "compiler (" in result.stdout and "| PATH)" in result.stdout
    assert "/home/somebody/bin/gcc" in compare(runs["before"], moved, "--no-redact").stdout


@pytest.fixture(scope="module", name="repeated")
def repeated_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repeated")
    path = scenario(folder, {**SETTINGS, "ticks": 8}, AXIS, repeat=5)
    return carry_out(folder, path, "--set", "seed=3")


def test_repeats_are_carried_out_in_blocks_of_a_seeded_order(repeated):
    run = json.loads((repeated.folder / "run.json").read_text())
    validator("run")(run)
    validator("summary")(repeated.summary)
    order = run["repeats"]["order"]
    assert run["repeats"]["seed"] == 3 and repeated.summary["repeats"] == run["repeats"]
    blocks = [order[i:i + 2] for i in range(0, 10, 2)]
    names = ["", "r2", "r3", "r4", "r5"]
    assert [sorted(block) for block in blocks] == [[f"c01{name}", f"c02{name}"] for name in names]
    assert len({block[0][:3] for block in blocks}) == 2  # not always the same cell first
    started = {cell.name: cell.lines(type="header")[0]["started"] for cell in repeated.cells()}
    assert [started[name] for name in order] == sorted(started[name] for name in order)


def test_a_report_has_a_row_for_all_repeats_of_a_cell(repeated):
    assert call("report", repeated.folder, "--no-pictures", cwd=repeated.folder).returncode == 0
    report = (repeated.folder / "report.md").read_text()
    assert "| c01 | per-tick | 5 of 5 churn |" in report and "c01r2 |" not in report
    assert "2 cells, each run 5 times, interleaved in an order drawn by the seed" in report


def test_check_judges_repeats_as_the_run_did(repeated):
    result = call("check", repeated.folder, "--json", cwd=repeated.folder)
    assert result.returncode == 0
    judged = json.loads(result.stdout)
    assert judged["cells"] == repeated.summary["cells"] and judged["repeats"] == repeated.summary["repeats"]


def test_times_are_told_of_repeats(repeated):
    found = as_json(repeated, "--by", "strategy", "--metric", "dispatch_p50_us")
    (row,) = found["comparisons"][0]["pairs"][0]["metrics"]
    assert row["repeats"] == [5, 5] and row["gates"] and not row["exact"]
    assert row["low"] <= row["difference"] <= row["high"]


def test_times_of_cells_that_ran_side_by_side_are_not_told(tmp_path):
    path = scenario(tmp_path, {**SETTINGS, "ticks": 6}, AXIS)
    run = carry_out(tmp_path, path, "--repeat", "2", "--jobs", "2")
    found = as_json(run, "--by", "strategy", "--metric", "dispatch_p50_us")
    (row,) = found["comparisons"][0]["pairs"][0]["metrics"]
    assert row["result"] == "cannot tell" and "side by side" in row["reason"] and found["exit_code"] == 2
    planned = call("run", path, "--repeat", "2", "--jobs", "2", "--dry-run", cwd=tmp_path)
    assert "2 cells, each 2 times" in planned.stdout and "side by side" in planned.stderr


def test_a_free_running_cell_needs_repeats_for_its_counts(tmp_path):
    path = scenario(tmp_path, {**CLOCK, "ticks": 6, "workers": 0}, AXIS)
    found = as_json(carry_out(tmp_path, path), "--by", "strategy", "--metric", "lost_commits")
    (row,) = found["comparisons"][0]["pairs"][0]["metrics"]
    assert row["result"] == "cannot tell" and row["gates"] and found["exit_code"] == 2


@pytest.mark.parametrize("number", ["0", "-1", "1001", "many"])
def test_a_number_of_repeats_that_is_none(tmp_path, number):
    result = call("run", scenario(tmp_path, SETTINGS), "--repeat", number, cwd=tmp_path)
    assert result.returncode == 3 and "--repeat" in result.stderr
