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
    first, second = figure.axes
    assert line(first, "acknowledged")[5] == 2 * 60 and line(first, "acknowledged")[11] == 2 * 120, "both boards"
    assert line(first, "inside")[4:6] == [100, 80]
    assert line(first, "outside")[4:] == [100, *[120] * 8]
    assert "not known" not in gids(first)
    assert not {"acknowledged", "inside", "outside"} & set(gids(second)) and "not before" in text_of(figure)
    assert legend_of(figure) == ["acknowledged", "seen from inside", "seen from outside"]
    assert first.get_ylabel() == "rows" and second.get_xlabel().startswith("tick")
    assert_readable(figure, monkeypatch)


def test_a_look_that_failed_is_a_gap_with_a_mark_and_no_loss(built, monkeypatch):
    figure = rows_over_time.figure(built(cells(wedged)))
    (axes,) = figure.axes
    inside = line(axes, "inside")
    assert inside[:3] == [20, 20, 20] and all(value != value for value in inside[3:])
    assert line(axes, "inside not known") == [0] * 9
    assert "outside not known" not in gids(axes)
    assert legend_of(figure)[-1] == "inside: could not look"
    assert_readable(figure, monkeypatch)


def test_one_board_that_could_not_be_looked_at_makes_the_sum_unknown(built):
    run = built(cells(parting))
    stream = run.folder / "cells" / "c01.jsonl"
    stream.write_text(stream.read_text().replace('"b02":{"acknowledged":10,"inside":10', '"b02":{"acknowledged":10,"inside":null'))
    (axes,) = rows_over_time.figure(run).axes
    inside = line(axes, "inside")
    assert inside[0] != inside[0] and inside[1] == 40


def test_a_run_without_looks_in_mid_cell_says_what_would_make_them(built):
    run = built(cells(None))
    assert not rows_over_time.tells(run)
    with pytest.raises(RunError, match="set rows_every"):
        rows_over_time.figure(run)
