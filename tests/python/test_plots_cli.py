"""The plots' command lines: files written, their determinism, and one clear line with its exit code for
each error.
"""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import synthetic_run as synthetic

PLOTS = Path(__file__).resolve().parents[2] / "scripts" / "plots"
SCRIPTS = ("descriptors_by_class.py", "ledgers.py", "churn.py", "findings_grid.py", "rows.py", "tick_latency.py")
# These need a run of their own kind: quick has no sidecar at any sample, versions, field reports or event loop.
OTHERS = {"sidecar_bytes.py": "no sample has a -wal", "loop_lag.py": "no cell tells the lag",
          "versions_grid.py": "do not differ in the SQLite", "field_table.py": "no scenario of this run"}


def call(script, *args, **environment):
    return subprocess.run([sys.executable, PLOTS / script, *map(str, args)], capture_output=True, text=True,
                          timeout=120,
                          env={**os.environ, **environment})


def assert_one_line(result, code, *words):
    assert result.returncode == code, result.stderr
    assert result.stdout == "" and result.stderr.count("\n") == 1, result.stderr
    for word in words:
        assert word in result.stderr


@pytest.fixture
def quick(tmp_path):
    return synthetic.write_run(tmp_path / "quick", *synthetic.quick(ticks=12))


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_writes_png_and_svg_the_same_each_time(script, quick, tmp_path):
    images = []
    # An SVG's ids begin with its name, so that the two have one name.
    for folder in (tmp_path / "first", tmp_path / "second"):
        folder.mkdir()
        result = call(script, quick, "-o", folder / "a.png", "--svg", "--title", "A title of mine")
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        images.append(((folder / "a.png").read_bytes(), (folder / "a.svg").read_bytes()))
    assert images[0] == images[1]
    png, svg = images[0]
    assert png.startswith(b"\x89PNG") and struct.unpack(">I", png[16:20]) == (1100,)
    assert svg.startswith(b"<?xml") and b"<dc:date>" not in svg


@pytest.mark.parametrize("script", OTHERS)
def test_what_a_run_cannot_tell_is_one_line_and_exit_4(script, quick, tmp_path):
    (quick / "run.json").write_text('{"scenarios": []}')
    assert_one_line(call(script, quick, "-o", tmp_path / "a.png"), 4, OTHERS[script])
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize("script", (*SCRIPTS, *OTHERS, "locks.py", "all.py"))
def test_help_is_the_docstring(script):
    result = call(script, "--help")
    assert result.returncode == 0
    docstring = (PLOTS / script).read_text().split('"""')[1]
    assert docstring.strip() in result.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_an_output_file_nothing_is_drawn(script, quick):
    assert_one_line(call(script, quick), 3, "-o")


def test_usage_errors_are_one_line_and_exit_3(quick, tmp_path):
    """All scripts have one command line (common.py)."""
    script = "ledgers.py"
    assert_one_line(call(script, quick, "-o", tmp_path / "a.gif"), 3, "must end in .png or .svg")
    assert_one_line(call(script, tmp_path / "nowhere", "-o", tmp_path / "a.png"), 3, "no such folder")
    assert_one_line(call(script, tmp_path, "-o", tmp_path / "a.png"), 3, "not a run folder")
    assert_one_line(call(script, quick, "-o", tmp_path / "no" / "a.png"), 4, "cannot be written")
    (quick / "summary.json").write_text('{"cells": 1}')
    assert_one_line(call(script, quick, "-o", tmp_path / "a.png"), 3, "not a summary")


def test_without_matplotlib_the_package_is_named(quick, tmp_path):
    (tmp_path / "matplotlib.py").write_text("raise ImportError('No module named matplotlib')\n")
    for script in (*SCRIPTS, "all.py"):
        assert_one_line(call(script, quick, PYTHONPATH=str(tmp_path)), 4, "python3-matplotlib is needed: ")


def test_options_of_single_plots(quick, tmp_path):
    assert call("ledgers.py", quick, "-o", tmp_path / "a.svg", "--cell", "c02", "--board",
                "b03").returncode == 0
    assert_one_line(call("ledgers.py", quick, "-o", tmp_path / "b.svg", "--cell", "c99"), 3,
                    "valid: c01, c02")
    assert call("findings_grid.py", quick, "-o", tmp_path / "c.svg", "--columns", "strategy").returncode == 0
    assert_one_line(call("findings_grid.py", quick, "-o", tmp_path / "d.svg", "--columns", "moon"), 3,
                    "valid: strategy")


def names_of(result):
    return [Path(line).name for line in result.stdout.splitlines()]


def test_all_draws_what_the_run_supports_and_prints_the_names(quick):
    result = call("all.py", quick)
    assert (result.returncode, result.stderr) == (0, "")
    names = ["findings", "descriptors", "ledgers-c06", "ledgers-c01", "ledgers-c03", "ticks", "churn"]
    assert result.stdout.splitlines() == [str(quick / "pictures" / f"{name}.png") for name in names]
    assert sorted(path.name for path in (quick / "pictures").iterdir()) == sorted(f"{name}.png"
                                                                                  for name in names)


def test_all_of_a_free_running_and_of_a_watched_cell(tmp_path):
    def behaviour(tick, board):
        return {**synthetic.held(1), "lock_main_posix": 0, "wal_bytes": 4152, "shm_bytes": 32768}
    free = synthetic.CellSpec("c01", {}, "wedged", free=True, ticks=12, behaviour=behaviour, metrics={"lost_outside": 9})
    result = call("all.py", synthetic.write_run(tmp_path / "free", [free], []), "--format", "svg")
    assert (result.returncode, result.stderr) == (0, "")
    assert names_of(result) == [f"{name}.svg" for name in ("descriptors", "ledgers-c01", "rows", "locks", "sidecars", "ticks", "lag")]
    watched = synthetic.CellSpec("w01", {}, "leak", watch=True, ticks=12, behaviour=behaviour, metrics={
        "acknowledged": None, "last_closes_in_scope": None, "last_closes_apart": None, "wal_unlinked": None, "shm_unlinked": None})
    result = call("all.py", synthetic.write_run(tmp_path / "watch", [watched], []))
    assert (result.returncode, result.stderr) == (0, "")
    assert names_of(result) == [f"{name}.png" for name in ("descriptors", "ledgers-w01", "locks", "sidecars")]


def test_all_skips_with_one_line_what_cannot_be_drawn(quick):
    for stream in (quick / "cells").iterdir():
        stream.unlink()
    result = call("all.py", quick, "--cells", "c02", "--format", "both")
    assert result.returncode == 0
    assert names_of(result) == ["findings.png", "findings.svg", "churn.png", "churn.svg"]
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["skipped ledgers-c02"]


def test_all_writes_into_walsoaks_own_folders_only(tmp_path, quick):
    foreign = synthetic.write_run(tmp_path / "foreign", *synthetic.quick(ticks=2), marker=False)
    assert_one_line(call("all.py", foreign), 3, "no .walsoak-run")
    (tmp_path / "elsewhere").mkdir()
    (quick / "pictures").symlink_to(tmp_path / "elsewhere")
    assert_one_line(call("all.py", quick), 3, "leads out of the run folder")
    assert not list((tmp_path / "elsewhere").iterdir()) and not (foreign / "pictures").exists()
    assert_one_line(call("all.py", tmp_path / "nowhere"), 3, "no such folder")


def test_a_line_that_was_cut_off_is_tolerated_and_a_damaged_one_is_named(quick, tmp_path):
    stream = quick / "cells" / "c03.jsonl"
    whole = stream.read_text()
    stream.write_text(whole[:-20])
    assert call("ledgers.py", quick, "-o", tmp_path / "a.png", "--cell", "c03").returncode == 0
    for damage in ("{broken\n", '{"type":"sample","tick":1}\n', "[1]\n"):
        stream.write_text(damage + whole)
        assert_one_line(call("ledgers.py", quick, "-o", tmp_path / "a.png", "--cell", "c03"), 4,
                        "c03.jsonl:1")
