"""Each reference report is of the scenarios that stand in scenarios/ now, and reports/ holds nothing that is of none.

Where a test fails because a scenario was changed: scripts/reference-reports NAME makes the report anew.
"""

import json
import re
import shutil
import subprocess
import sys

import jsonschema
import pytest
from script_sandbox import PROJECT

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))

import report_manifest  # noqa: E402

REPORTS = PROJECT / "reports"
ENTRIES = json.loads((REPORTS / "manifest.json").read_text())["reports"]
# What a script measures of walsoak itself; no report of scenarios.
OF_SCRIPTS = {"gate": "scripts/gate-torture", "watch-agrees": "scripts/watch-agrees",
              "distributions": "scripts/dev/check-distributions", "diagnosis": "scripts/diagnosis-report"}
# What all reports of reports/ may weigh: a checkout is not to be slow for pictures.
MOST_BYTES = 12_000_000


def files_in_reports():
    listed = subprocess.run(["git", "-C", PROJECT, "ls-files", "reports"], capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        # A file that is tracked may have been deleted in the working tree.
        return [PROJECT / line for line in listed.stdout.splitlines() if (PROJECT / line).is_file()]
    return [path for path in REPORTS.rglob("*") if path.is_file()]


def report_of(name):
    """The Markdown of an entry."""
    return REPORTS / f"{name}.md" if (REPORTS / f"{name}.md").is_file() else REPORTS / name / "report.md"


def test_the_manifest_keeps_to_its_schema():
    schema = json.loads((PROJECT / "schemas" / "manifest.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads((REPORTS / "manifest.json").read_text()))


@pytest.mark.parametrize("name", ENTRIES)
def test_a_report_is_of_the_scenarios_that_stand_here(name):
    assert report_of(name).is_file()
    assert set(ENTRIES[name]["scenarios"]) == set(report_manifest.scenario_files(name))
    assert report_manifest.parted(ENTRIES[name]) == [], f"make it anew: scripts/reference-reports {name}"


def test_every_report_has_an_entry():
    reports = {str(path.parent.relative_to(REPORTS)) if path.name == "report.md" else
               str(path.relative_to(REPORTS).with_suffix("")) for path in files_in_reports() if path.suffix == ".md"}
    assert reports == {*ENTRIES, *OF_SCRIPTS}


@pytest.mark.parametrize("name", OF_SCRIPTS)
def test_a_result_of_a_script_names_the_command_that_made_it(name):
    assert (PROJECT / OF_SCRIPTS[name]).is_file()
    assert f"    {OF_SCRIPTS[name]}" in report_of(name).read_text()


def test_every_file_belongs_to_a_report():
    for path in files_in_reports():
        name = path.relative_to(REPORTS)
        if name.parts[0] == "notes" or str(name) == "manifest.json":
            continue
        assert name.parts[0].removesuffix(".md").removesuffix(".json") in {*ENTRIES, *OF_SCRIPTS}, path


@pytest.mark.parametrize("name", ENTRIES)
def test_a_report_links_the_pictures_that_are_there(name):
    folder = report_of(name).parent
    linked = set(re.findall(r"\]\((pictures/[^)]+)\)", report_of(name).read_text()))
    assert linked == {str(path.relative_to(folder)) for path in folder.glob("pictures/*")}


def test_reports_weigh_little():
    assert sum(path.stat().st_size for path in files_in_reports()) < MOST_BYTES


def test_a_hash_is_of_the_content_alone():
    assert report_manifest.digest({"a": 1, "b": [2, 3]}) == report_manifest.digest(json.loads('{"b": [2,3],\n "a": 1}'))
    assert report_manifest.digest({"b": [2, 3]}) != report_manifest.digest({"b": [3, 2]})


def test_presets_are_those_that_cells_are_made_of():
    content = {"preset": "may-2026", "settings": {"fix": "a"}, "matrix": [{"fix": ["b", None]}], "title": "c",
               "expect": [{"when": {"fix": "d"}}]}
    assert report_manifest.presets_named(content) == {"may-2026", "a", "b"}


@pytest.fixture(name="checkout")
def a_checkout(tmp_path, monkeypatch):
    """A checkout of its own: scenarios and an empty manifest, with a commit for the presets."""
    root = tmp_path / "checkout"
    shutil.copytree(PROJECT / "scenarios", root / "scenarios")
    (root / "reports").mkdir()
    for command in (["init", "-q"], ["add", "."],
                    ["-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "-m", "m", "--no-gpg-sign"]):
        subprocess.run(["git", "-C", root, *command], check=True)
    monkeypatch.setattr(report_manifest, "ROOT", root)
    monkeypatch.setattr(report_manifest, "MANIFEST", root / "reports" / "manifest.json")
    return root


def run_of(checkout, folder, *names, verdict="pass"):
    """What a run leaves of itself for a report."""
    folder.mkdir()
    head = subprocess.run(["git", "-C", checkout, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    run = {"walsoak": "0.1.0", "environment": {"commit": head.stdout[:12], "kernel": "Linux 6.1", "sqlite": {"3.40.1": {}}},
           "scenarios": [{"path": f"/elsewhere/{name}.json",
                          "content": json.loads((checkout / "scenarios" / f"{name}.json").read_text())} for name in names]}
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "summary.json").write_text(json.dumps({"state": "done", "verdict": verdict}))
    return folder


def change(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_scenario_that_changes_parts_from_its_report(checkout, tmp_path):
    run = run_of(checkout, tmp_path / "run", "every-fix")
    report_manifest.matches("every-fix", run)
    report_manifest.record("every-fix", report_manifest.entry_of_run("every-fix", run, sys.executable))
    (entry,) = json.loads((checkout / "reports" / "manifest.json").read_text())["reports"].values()
    assert report_manifest.parted(entry) == []
    assert {"may-2026", "pool-33927"} <= set(entry["presets"])
    assert entry["python"].startswith("3.") and entry["sqlite"] == ["3.40.1"]

    presets = json.loads((checkout / "scenarios" / "fixes.json").read_text())["presets"]
    presets["pool-33927"]["settings"]["pool_size"] = 5
    change(checkout / "scenarios" / "fixes.json", presets=presets)
    assert report_manifest.parted(entry) == ["preset pool-33927 of scenarios/fixes.json is another one now"]
    change(checkout / "scenarios" / "every-fix.json", title="another")
    assert "scenarios/every-fix.json is another one now" in report_manifest.parted(entry)
    with pytest.raises(report_manifest.NoReport, match="is another one than the run was made of"):
        report_manifest.matches("every-fix", run)
    (checkout / "scenarios" / "every-fix.json").unlink()
    assert "scenarios/every-fix.json is gone" in report_manifest.parted(entry)


def test_a_run_of_something_else_or_that_did_not_pass_is_refused(checkout, tmp_path):
    with pytest.raises(report_manifest.NoReport, match="is no scenario of quick"):
        report_manifest.matches("quick", run_of(checkout, tmp_path / "other", "split-generation"))
    with pytest.raises(report_manifest.NoReport, match="its verdict fail"):
        report_manifest.matches("quick", run_of(checkout, tmp_path / "failed", "quick", verdict="fail"))
    with pytest.raises(report_manifest.NoReport, match="the run has not scenarios/mechanism/"):
        report_manifest.matches("mechanisms", run_of(checkout, tmp_path / "part", "mechanism/lock-lost"))


@pytest.fixture(name="walsoak")
def a_stand_in_for_walsoak(tmp_path):
    """Judges every run as passed."""
    program = tmp_path / "walsoak"
    program.write_text(f"#!{sys.executable}\nprint('{{\"state\": \"done\", \"verdict\": \"pass\"}}')\n")
    program.chmod(0o755)
    return program


def test_a_stored_run_is_judged_by_what_its_scenario_expects_now(checkout, tmp_path, walsoak):
    run = run_of(checkout, tmp_path / "run", "quick", verdict="fail")
    change(run / "summary.json", schema_version=1)
    change(checkout / "scenarios" / "quick.json", expect="any")
    report_manifest.rejudge("quick", run, walsoak)
    assert json.loads((run / "summary.json").read_text()) == {"schema_version": 1, "state": "done", "verdict": "pass"}
    report_manifest.matches("quick", run)


@pytest.mark.parametrize("change_of", [{}, {"settings": {"boards": 9}}, {"settings": {"boards": 9}, "expect": "any"}])
def test_a_stored_run_of_other_settings_or_of_the_same_scenario_stays_as_it_is(checkout, tmp_path, walsoak, change_of):
    run = run_of(checkout, tmp_path / "run", "quick", verdict="fail")
    before = [(run / name).read_bytes() for name in ("run.json", "summary.json")]
    change(checkout / "scenarios" / "quick.json", **change_of)
    report_manifest.rejudge("quick", run, walsoak)
    assert [(run / name).read_bytes() for name in ("run.json", "summary.json")] == before
    with pytest.raises(report_manifest.NoReport):
        report_manifest.matches("quick", run)


def test_a_repeated_report_is_of_the_scenarios_and_the_commit_that_it_tells(checkout):
    (checkout / "reports" / "repeat-every-fix.json").write_text(json.dumps({"commit": "0123456789ab", "machine": "a CPU, Linux 6.1", "runs": 2}))
    entry = report_manifest.entry_of_repeat("repeat-every-fix")
    assert (entry["commit"], entry["kernel"]) == ("0123456789ab", "Linux 6.1")
    assert list(entry["scenarios"]) == ["scenarios/every-fix.json"] and "pool-33927" in entry["presets"]
    assert report_manifest.parted(entry) == []


def test_a_repeated_report_is_of_as_many_runs_as_its_command_makes():
    for name in ENTRIES:
        if name.startswith("repeat-"):
            assert ENTRIES[name]["runs"] == report_manifest.TIMES.get(name, report_manifest.USUAL_TIMES)


def script(*arguments):
    return subprocess.run([PROJECT / "scripts" / "reference-reports", *map(str, arguments)], capture_output=True, text=True,
                          check=False)


def test_the_script_refuses_what_it_cannot_make(tmp_path):
    unknown = script("nosuch")
    assert unknown.returncode == 3 and "no scenario scenarios/nosuch.json" in unknown.stderr
    alone = script("--from", tmp_path)
    assert alone.returncode == 3 and "--from takes a run and one name" in alone.stderr
    empty = script("--from", tmp_path, "quick")
    assert empty.returncode == 3 and "holds no run" in empty.stderr
    assert script("--help").returncode == 0
