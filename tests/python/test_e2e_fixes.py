"""Fixes over a condition: by name on the command line, as an axis, and the table that a run of them prints."""

from e2e import call, carry_out, scenario

MAY = {"boards": 1, "workers": 1, "ticks": 12, "tasks_per_board": 4, "warmup_ticks": 2}


def run_of_fixes(folder, fixes, out="run"):
    path = scenario(folder, MAY, {"fix": fixes, "scope": ["dispatcher", "process"]}, preset="may-2026-alone")
    return carry_out(folder, path, out=out)


def test_a_fix_is_named_on_the_command_line_and_wins(tmp_path):
    path = scenario(tmp_path, MAY, preset="may-2026-alone")
    before = carry_out(tmp_path, path, out="before").cells()[0]
    after = carry_out(tmp_path, path, "--fix", "close-always-33564", out="after").cells()[0]
    assert (before.settings["fix"], after.settings["fix"]) == ("none", "close-always-33564")
    assert (before.settings["auto_decompose"], after.settings["auto_decompose"]) == ("unclosed", "closed")
    assert before.metrics["api_open_growth"] > 0 == after.metrics["api_open_growth"]
    assert after.settings["header_check"] == "raw", "the rest is the condition's"


def test_a_fix_is_expected_to_cure_whatever_the_condition_is_expected_to_do(tmp_path):
    leaks = [{"when": {}, "finding": ["leak", "wedged"]}]
    path = scenario(tmp_path, MAY, preset="may-2026-alone", expect=leaks)
    assert carry_out(tmp_path, path, out="before").cells()[0].verdict == "pass"
    assert carry_out(tmp_path, path, "--fix", "close-always-33564", out="cured").cells()[0].verdict == "pass"
    assert carry_out(tmp_path, path, "--fix", "skip-wal-pragma-33482", out="not", code=1).cells()[0].verdict == "fail"


def test_two_runs_of_the_fixes_agree_in_every_finding(tmp_path):
    fixes = ["may-2026-alone", "shared-32226", "lock-guard-110544"]
    first, second = (run_of_fixes(tmp_path, fixes, out) for out in ("first", "second"))
    found = [(cell.settings["fix"], cell.settings["scope"], cell.finding) for cell in first.cells()]
    assert found == [(cell.settings["fix"], cell.settings["scope"], cell.finding) for cell in second.cells()]
    assert len(found) == 6
    assert dict(((fix, scope), what) for fix, scope, what in found)["may-2026-alone", "process"] == "churn"


def test_the_table_has_a_row_for_each_fix_and_scope(tmp_path):
    path = scenario(tmp_path, MAY, {"fix": ["may-2026-alone", "close-always-33564"], "scope": ["dispatcher", "process"]},
                    preset="may-2026-alone")
    lines = call("run", path, "--out", tmp_path / "run", cwd=tmp_path).stdout.splitlines()
    assert lines[0].split()[:3] == ["fix", "scope", "finding"]
    rows = [line.split()[:2] for line in lines[1:5]]
    assert rows == [[fix, scope] for fix in ("may-2026-alone", "close-always-33564") for scope in ("dispatcher", "process")]


def test_an_unknown_fix_starts_nothing(tmp_path):
    path = scenario(tmp_path, MAY)
    result = call("run", path, "--fix", "close-allways-33564", "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 3 and not (tmp_path / "run").exists()
    assert result.stderr.startswith("--fix close-allways-33564: ") and result.stderr.count("\n") == 1
    assert 'did you mean "close-always-33564"?' in result.stderr
