"""What CI is told: JUnit XML, and in GitHub Actions annotations and a step summary; in no other place."""

import json
import xml.etree.ElementTree as ET

import pytest
from e2e import call, scenario

SETTINGS = {"ticks": 12, "workers": 1, "boards": 1, "warmup_ticks": 2, "leak_every": 3}
AXIS = {"strategy": ["per-tick", "planted-leak"]}
OUTSIDE = {"GITHUB_ACTIONS": None, "GITHUB_STEP_SUMMARY": None}


@pytest.fixture(name="run", scope="module")
def run_once(tmp_path_factory):
    """A run with one red cell, told to Actions and as JUnit: (result, folder)."""
    folder = tmp_path_factory.mktemp("told")
    path = scenario(folder, SETTINGS, AXIS, thresholds=["api_open_growth == 0", "lost_commits == 0"])
    (folder / "summary.md").write_text("before\n")
    result = call("run", path, "--quiet", "--out", folder / "run", "--junit", folder / "w.xml", cwd=folder,
                  GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(folder / "summary.md"))
    assert result.returncode == 1, result.stderr
    return result, folder


def cases(path):
    return {case.get("name"): case for case in ET.parse(path).getroot().iter("testcase")}


def test_junit_has_a_case_for_every_cell_and_threshold(run):
    _, folder = run
    root = ET.parse(folder / "w.xml").getroot()
    assert root.tag == "testsuites" and root.get("tests") == "6" and root.get("failures") == "2"
    found = cases(folder / "w.xml")
    leak = "strategy = planted-leak"
    assert set(found) == {name + more for name in ("strategy = per-tick", leak)
                          for more in ("", ": api_open_growth == 0", ": lost_commits == 0")}
    assert {case.get("classname") for case in found.values()} == {"tiny"}
    failed = {name for name, case in found.items() if case.find("failure") is not None}
    assert failed == {leak, leak + ": api_open_growth == 0"}
    assert "threshold api_open_growth == 0, seen" in found[leak].find("failure").text
    assert "finding: leak" in found[leak].find("system-out").text
    assert float(found[leak].get("time")) > 0


def test_junit_names_commit_seed_and_sqlite(run):
    _, folder = run
    summary = json.loads((folder / "run" / "summary.json").read_text())
    root = ET.parse(folder / "w.xml").getroot()
    properties = {one.get("name"): one.get("value") for one in root.iter("property")}
    assert properties["commit"] == summary["environment"]["commit"]
    assert properties["seed"] == "1"
    assert properties["sqlite.subject"] == summary["cells"][0]["sqlite"]["subject"]


def test_actions_are_told_what_failed(run):
    result, folder = run
    commands = [line for line in result.stderr.splitlines() if line.startswith("::")]
    assert len(commands) == 1
    assert commands[0].startswith("::error title=walsoak%3A c02 (strategy = planted-leak) fail::threshold api_open")
    text = (folder / "summary.md").read_text()
    assert text.startswith("before\n# A small run\n") and "| c02 | planted-leak | leak" in text
    assert "::" not in result.stdout


def test_check_tells_the_same(run, tmp_path):
    told, folder = run
    result = call("check", folder / "run", "--json", "--junit", tmp_path / "w.xml", cwd=tmp_path, GITHUB_ACTIONS="true",
                  GITHUB_STEP_SUMMARY=None)
    assert result.returncode == 1
    assert json.loads(result.stdout)["exit_code"] == 1, "annotations leave the JSON alone"
    assert [line for line in result.stderr.splitlines() if line.startswith("::")] == [
        line for line in told.stderr.splitlines() if line.startswith("::")]
    assert (tmp_path / "w.xml").read_text() == (folder / "w.xml").read_text()


def test_nothing_is_said_outside_of_actions(run, tmp_path):
    _, folder = run
    result = call("check", folder / "run", cwd=tmp_path, GITHUB_ACTIONS=None, GITHUB_STEP_SUMMARY=str(tmp_path / "s.md"))
    assert result.returncode == 1 and result.stderr == "" and "::" not in result.stdout
    assert not (tmp_path / "s.md").exists()


def test_a_step_summary_that_cannot_be_written_is_one_line(run, tmp_path):
    _, folder = run
    result = call("check", folder / "run", cwd=tmp_path, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(tmp_path / "no" / "s"))
    assert result.returncode == 1, "the verdict's"
    (line,) = [line for line in result.stderr.splitlines() if not line.startswith("::")]
    assert "GITHUB_STEP_SUMMARY" in line and "No such file or directory" in line


def test_a_junit_file_that_cannot_be_written_is_refused_before_the_run(tmp_path):
    path = scenario(tmp_path, SETTINGS, AXIS)
    database = tmp_path / "kanban.db"
    database.write_text("SQLite format 3")
    for file, words in ((tmp_path / "no" / "w.xml", "No such file or directory"), (tmp_path, "it is a folder"),
                        (database, "it holds something else")):
        result = call("run", path, "--out", tmp_path / "run", "--junit", file, cwd=tmp_path, **OUTSIDE)
        assert result.returncode == 3 and result.stderr.count("\n") == 1
        assert str(file) in result.stderr and words in result.stderr
        assert not (tmp_path / "run").exists()
    assert database.read_text() == "SQLite format 3"


def test_a_result_of_an_earlier_run_does_not_outlive_a_refused_one(run, tmp_path):
    _, folder = run
    old = tmp_path / "w.xml"
    old.write_bytes((folder / "w.xml").read_bytes())
    result = call("run", folder / "tiny.json", "--out", folder / "run", "--junit", old, cwd=tmp_path, **OUTSIDE)
    assert result.returncode == 3 and "not empty" in result.stderr
    assert not old.exists()


def test_the_file_may_lie_in_the_run_folder(tmp_path):
    path = scenario(tmp_path, {**SETTINGS, "strategy": "noop", "ticks": 3})
    result = call("run", path, "--quiet", "--out", tmp_path / "run", "--junit", tmp_path / "run" / "w.xml", cwd=tmp_path,
                  **OUTSIDE)
    assert result.returncode == 0, result.stderr
    assert list(cases(tmp_path / "run" / "w.xml")) == ["tiny"]


# Names of files and messages of errors are a user's texts: whatever they hold, the file is XML.
def test_no_text_of_a_user_spoils_the_xml(tmp_path):
    odd = "]]>\x01\x1b<&\"\ufffe"
    (tmp_path / odd).mkdir()
    (tmp_path / odd / "mine.py").write_text(f"def connect(path):\n    raise RuntimeError({odd!r})\n")
    path = scenario(tmp_path, {**SETTINGS, "ticks": 3, "subject": "python", "module": f"{odd}/mine.py:connect"},
                    {"workers": [0, 1]}, expect=[{"when": {}, "finding": "clean"}])
    result = call("run", path, "--quiet", "--allow-exec", "--out", tmp_path / "run", "--junit", tmp_path / "w.xml",
                  cwd=tmp_path, **OUTSIDE)
    assert result.returncode in (1, 2), result.stderr
    assert len(cases(tmp_path / "w.xml")) == 2
    assert "]]&gt;\\x01\\x1b&lt;&amp;&quot;\\ufffe" in (tmp_path / "w.xml").read_text()


def test_a_control_that_does_not_pass_leaves_no_green_case(tmp_path):
    path = scenario(tmp_path, {**SETTINGS, "strategy": "per-tick"}, control={"strategy": "planted-leak"},
                    thresholds=["lost_commits == 0"],
                    expect=[{"when": {}, "finding": ["clean", "churn"]}])
    result = call("run", path, "--quiet", "--out", tmp_path / "run", "--junit", tmp_path / "w.xml", cwd=tmp_path, **OUTSIDE)
    assert result.returncode == 2, result.stdout
    found = cases(tmp_path / "w.xml")
    sound = "strategy = per-tick"
    assert found[sound].find("error").get("message") == "the control c02 did not pass (fail)"
    assert found[sound + ": lost_commits == 0"].find("error") is not None
    assert found["strategy = planted-leak"].find("failure") is not None
    again = call("check", tmp_path / "run", cwd=tmp_path, **OUTSIDE)
    assert again.returncode == 2 and "the control c02 did not pass" in again.stdout
