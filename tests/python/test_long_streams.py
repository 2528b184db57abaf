"""Memory is bounded whatever the length of a stream, and what a run leaves for readers is small whatever its size.

A memory bound asserts no time: the most resident memory is what the kernel counted for the child. A million samples are
benchmarks/long_stream.py's, whose figures stand in docs/costs.md; here the streams are shorter, and ten times apart.
"""

import json
import sys

import pytest
from script_sandbox import PROJECT

sys.path.insert(0, str(PROJECT / "benchmarks"))

import long_stream  # noqa: E402

# The allocator's own doing; ten times the samples, kept, would be 15 MB and more.
MOST_MORE_BYTES = 5_000_000
# Settings, some 150 metrics, a few errors: boards and samples add nothing to it.
MOST_OF_A_CELL = 25_000


@pytest.fixture(scope="module", name="short")
def a_short_run(tmp_path_factory):
    folder = long_stream.write_run(tmp_path_factory.mktemp("long") / "short", samples=3_000, boards=4)
    return folder, long_stream.judge_and_report(folder)


@pytest.fixture(scope="module", name="long")
def a_run_of_ten_times_that(tmp_path_factory):
    folder = long_stream.write_run(tmp_path_factory.mktemp("long") / "ten", samples=30_000, boards=4)
    return folder, long_stream.judge_and_report(folder)


@pytest.mark.parametrize("command", ["walsoak check", "walsoak report --no-pictures"])
def test_ten_times_the_samples_take_no_more_memory(short, long, command):
    little, _ = short[1][command]
    much, _ = long[1][command]
    assert much < little + MOST_MORE_BYTES
    assert much < long_stream.MOST_RSS_BYTES


def test_the_stream_was_read_to_its_end(long):
    (cell,) = json.loads((long[0] / "summary.json").read_text())["cells"]
    assert cell["metrics"]["ticks_ran"] == 30_000
    assert cell["metrics"]["acknowledged"] == 4 * (30_000 + 3 * long_stream.WRITERS)
    assert cell["metrics"]["api_open_last"] == 4 * 29
    assert (cell["finding"], cell["also"]) == ("failing", ["leak", "churn"])


def test_the_summary_does_not_grow_with_the_stream(short, long):
    sizes = [(folder / "summary.json").stat().st_size for folder, _ in (short, long)]
    assert max(sizes) < MOST_OF_A_CELL
    assert sizes[1] < sizes[0] + 5_000


def test_many_cells_and_boards_make_a_report_that_can_be_posted(tmp_path):
    folder = long_stream.write_run(tmp_path / "wide", samples=8, boards=30, cells=500)
    took = long_stream.judge_and_report(folder)
    assert max(rss for rss, _ in took.values()) < long_stream.MOST_RSS_BYTES
    assert len((folder / "report.md").read_text()) <= long_stream.MOST_REPORT_CHARACTERS
    summary = folder / "summary.json"
    assert len(json.loads(summary.read_text())["cells"]) == 500
    assert summary.stat().st_size < MOST_OF_A_CELL * 500
