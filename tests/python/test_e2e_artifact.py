"""The artifact of the workflow to copy: what its step uploads of a run is a run that every command takes, without boards."""

import json
import shutil
import subprocess

import pytest
from e2e import PROJECT, call, scenario
from test_e2e_board_template import make_board
from uploaded_files import taken, upload_steps

SOAK = PROJECT / ".github" / "workflows" / "soak.yml"
PATTERNS, HIDDEN = next(upload_steps(SOAK))
# One cell that fails, so that its boards and logs are there, of a board that is somebody's own.
SETTINGS = {"ticks": 12, "workers": 1, "boards": 1, "warmup_ticks": 2, "leak_every": 3}
AXIS = {"strategy": ["per-tick", "planted-leak"]}
MARKED = "only in my own board"
OUTSIDE = {"GITHUB_ACTIONS": None, "GITHUB_STEP_SUMMARY": None}
GLOB = "@actions/glob@0.5.0"  # that of actions/upload-artifact v4
UNREACHED = ("ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED")


def unpacked(patterns, hidden, folder, into):
    """Puts into another folder what an artifact of `folder` holds, with the modes that its zip leaves."""
    for name in taken(patterns, hidden, folder):
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, into / name)
    return into


@pytest.fixture(name="job", scope="module")
def a_job(tmp_path_factory):
    """The folder of a job in which a soak has failed, after what scripts/soak does there."""
    folder = tmp_path_factory.mktemp("job")
    board = make_board(folder / "mine" / "kanban.db", f"UPDATE tasks SET title = '{MARKED}' WHERE id = 't5';")
    path = scenario(folder, {**SETTINGS, "board_template": str(board)}, AXIS, thresholds=["api_open_growth == 0"])
    result = call("run", path, "--quiet", "--out", "soak-run", "--junit", "soak.xml", "--keep", cwd=folder, **OUTSIDE)
    assert result.returncode == 1, result.stderr
    assert call("report", "soak-run", "--no-pictures", cwd=folder).returncode == 0
    return folder


@pytest.fixture(name="artifact", scope="module")
def an_artifact(job, tmp_path_factory):
    return unpacked(PATTERNS, HIDDEN, job, tmp_path_factory.mktemp("artifact"))


def test_every_command_takes_the_artifact(job, artifact):
    run = artifact / "soak-run"
    checked = call("check", run, "--junit", artifact / "again.xml", cwd=artifact, **OUTSIDE)
    assert checked.returncode == 1 and checked.stderr == ""
    assert checked.stdout == call("check", job / "soak-run", cwd=job, **OUTSIDE).stdout
    assert (artifact / "again.xml").read_text() == (artifact / "soak.xml").read_text()
    compared = call("compare", run, job / "soak-run", cwd=artifact)
    assert compared.returncode == 0, compared.stderr
    diagnosed = call("diagnose", run, cwd=artifact)
    assert diagnosed.returncode == 0, diagnosed.stderr
    assert diagnosed.stdout == call("diagnose", job / "soak-run", cwd=job).stdout
    before = (run / "report.md").read_text()
    reported = call("report", run, "--no-pictures", cwd=artifact)
    assert reported.returncode == 0, reported.stderr
    assert (run / "report.md").read_text() == before


def test_the_artifact_holds_the_streams_and_no_board(job, artifact):
    names = taken(PATTERNS, HIDDEN, job)
    assert {"soak.xml", "soak-run/.walsoak-run", "soak-run/run.json", "soak-run/summary.json", "soak-run/report.md",
            "soak-run/cells/c01.jsonl", "soak-run/cells/c02.jsonl"} <= set(names)
    kept = [path for path in (job / "soak-run").rglob("*") if path.is_file() and MARKED.encode() in path.read_bytes()]
    assert kept, "the run itself keeps boards"
    for path in artifact.rglob("*"):
        assert not path.is_file() or MARKED.encode() not in path.read_bytes(), path
        assert not path.is_file() or not path.read_bytes().startswith(b"SQLite format 3"), path
    assert (job / "soak-run" / "templates").is_dir() and not (artifact / "soak-run" / "templates").exists()


# The step as it was: both of its mistakes, so that the rules of this test are seen to find them.
def test_a_pattern_that_ends_with_two_stars_takes_the_streams_out(job):
    old = ["soak.xml", "soak-run/", "!soak-run/cells/*/**", "!soak-run/templates/**"]
    names = taken(old, False, job)
    assert "soak-run/summary.json" in names
    assert not [name for name in names if name.endswith((".jsonl", ".walsoak-run"))]
    assert "soak-run/cells/c01.jsonl" in taken([*old[:2], "!soak-run/cells/*/**/*"], False, job)


def real_glob():
    """The folder with the package; skips where npm or the registry cannot be had."""
    folder = PROJECT / "build" / "actions-glob"
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("no npm here")
    if not (folder / "node_modules" / "@actions" / "glob").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        made = subprocess.run(["npm", "install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts",
                               "--loglevel=error", GLOB], capture_output=True, text=True, check=False, timeout=300)
        if made.returncode and any(word in made.stderr for word in UNREACHED):
            pytest.skip(f"{GLOB} cannot be had here")
        assert made.returncode == 0, made.stderr
    return folder


@pytest.mark.parametrize("patterns, hidden", [(PATTERNS, HIDDEN), (["soak.xml", "soak-run/", "!soak-run/cells/*/**"], False),
                                              (["soak-run/cells/*", "!soak-run/**/*.log"], True)], ids=json.dumps)
def test_the_package_itself_takes_the_same_files(job, patterns, hidden):
    found = subprocess.run(["node", PROJECT / "tests" / "python" / "real_glob.cjs", real_glob(), json.dumps(hidden), *patterns],
                           cwd=job, capture_output=True, text=True, check=False, timeout=60)
    assert found.returncode == 0, found.stderr
    files = [line for line in found.stdout.splitlines() if not line.startswith("::debug::")]
    assert sorted(files) == taken(patterns, hidden, job)
