"""Rows over time: when acknowledged rows go missing, and for whom."""

import pytest
import synthetic_run as synthetic
from figures import assert_readable, built, gids, legend_of, text_of
from figures import line as artist

import rows_over_time
from errors import RunError


def line(axes, gid):
    """What is drawn, tick by tick; the last value twice, since a look holds until the next."""
    return list(artist(axes, gid).get_ydata())


def parting(tick):
    """Ten rows a tick; from tick 5 on neither side sees the other's."""
    acknowledged = 10 * (tick + 1)
    return (acknowledged, acknowledged, acknowledged) if tick < 5 else (acknowledged, acknowledged - 20, 60)


def wedged(tick):
    return (10, None, 10) if tick >= 3 else (10, 10, 10)


def cells(*specs):
    return [synthetic.CellSpec(f"c{i:02}", {"seed": i}, "data loss", boards=2, ticks=12, seen=seen)
            for i, seen in enumerate(specs, 1)], ["seed"]


def test_a_cell_has_a_line_for_what_was_acknowledged_and_one_for_each_look(built, monkeypatch):
    run = built(cells(parting, None))
    assert rows_over_time.tells(run)
    figure = rows_over_time.figure(run)
    (first,) = figure.axes
    assert line(first, "acknowledged")[5] == 2 * 60 and line(first, "acknowledged")[11] == 2 * 120, "both boards"
    assert line(first, "inside")[4:6] == [100, 80]
    assert line(first, "outside")[4:] == [100, *[120] * 8]
    assert "not known" not in gids(first)
    assert "1 of 2 cells were looked at in mid-cell" in text_of(figure)
    assert legend_of(figure) == ["acknowledged", "seen from inside", "seen from outside", "in the final copy"]
    assert first.get_ylabel() == "rows" and first.get_xlabel().startswith("tick")
    assert_readable(figure, monkeypatch)


def test_a_look_that_failed_is_a_gap_with_a_mark_and_no_loss(built, monkeypatch):
    figure = rows_over_time.figure(built(cells(wedged)))
    (axes,) = figure.axes
    inside = line(axes, "inside")
    assert inside[:3] == [20, 20, 20] and all(value != value for value in inside[3:])
    assert line(axes, "inside not known") == [0] * 9
    assert "outside not known" not in gids(axes)
    assert "inside: could not look" in legend_of(figure)
    assert_readable(figure, monkeypatch)


def test_one_board_that_could_not_be_looked_at_makes_the_sum_unknown(built):
    run = built(cells(parting))
    stream = run.folder / "cells" / "c01.jsonl"
    stream.write_text(stream.read_text().replace('"b02":{"acknowledged":10,"inside":10', '"b02":{"acknowledged":10,"inside":null'))
    (axes,) = rows_over_time.figure(run).axes
    inside = line(axes, "inside")
    assert inside[0] != inside[0] and inside[1] == 40


@pytest.mark.parametrize("metrics, gid, at, said", [
    ({"acknowledged": 240, "lost_commits": 37, "lost_by_fault": 0}, "final copy", 203, "in the final copy"),
    ({"acknowledged": 240, "lost_commits": 0, "lost_by_fault": 13}, "final copy", 227, "in the final copy"),
    ({"acknowledged": 240, "lost_commits": None, "lost_by_fault": 0, "integrity_failed": 1}, "final copy not known", 0, "final copy: not sound"),
])
def test_what_the_final_copy_has_stands_at_the_end(built, metrics, gid, at, said):
    specs, axes = cells(parting)
    specs[0].metrics = metrics
    figure = rows_over_time.figure(built((specs, axes)))
    assert line(figure.axes[0], gid) == [at] and said in legend_of(figure)


def test_of_many_cells_those_that_were_looked_at_are_drawn(built, monkeypatch):
    run = built(cells(*[None] * 30, *[parting] * 12))
    assert rows_over_time.tells(run)
    figure = rows_over_time.figure(run)
    assert len(figure.axes) == 12 and "12 of 42 cells were looked at" in text_of(figure)
    assert_readable(figure, monkeypatch)


def test_a_cell_without_rows_is_drawn_beside_others_and_not_alone(built):
    idle = cells(lambda tick: (0, None, 0))
    assert not rows_over_time.tells(built(idle))
    assert len(rows_over_time.figure(built(cells(lambda tick: (0, None, 0), parting))).axes) == 2


def test_a_run_without_looks_in_mid_cell_says_what_would_make_them(built):
    run = built(cells(None))
    assert not rows_over_time.tells(run)
    with pytest.raises(RunError, match="set rows_every"):
        rows_over_time.figure(run)
