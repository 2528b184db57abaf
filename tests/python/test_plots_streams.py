"""What the plots read of a stream: sums, sidecars, locks, paces; how little they keep of a long one;
damage."""

import math
import random

import pytest
import synthetic_run as synthetic
from figures import built, text_of

import descriptors_by_class
import stream
from errors import RunError
from thinned import Course, Histogram


def test_a_free_running_cell_is_read_as_one_in_lockstep(built):
    specs = [synthetic.CellSpec(name, {"mode": mode}, "leak", behaviour=synthetic.planted_leak, free=mode == "free")
             for name, mode in (("c01", "lockstep"), ("c02", "free"))]
    run = built((specs, ["mode"]))
    lockstep, free = (run.digest(cell) for cell in run.cells)
    assert free.sums.columns == lockstep.sums.columns and free.sums.ticks == lockstep.sums.ticks
    assert free.sums.greatest("kernel_main") == 6
    assert run.digest(run.cells[1], "b02").sums.greatest("kernel_main") == 0
    assert set(free.histograms) == {"tick", "dispatch", "late", "lag"} and set(lockstep.histograms) == {"dispatch"}
    assert "c02" in text_of(descriptors_by_class.figure(run))


def test_a_sample_that_does_not_fit_its_columns_is_damage(built):
    run = built(([synthetic.CellSpec("c01", {}, ticks=2, free=True)], []))
    path = run.folder / "cells" / "c01.jsonl"
    path.write_text(path.read_text().replace('"columns":["api_open",', '"columns":['))
    with pytest.raises(RunError, match="not a line of a stream"):
        run.digest(run.cells[0])


def test_of_several_cells_a_damaged_one_is_left_blank_and_named(built):
    run = built(([synthetic.CellSpec(f"c0{i}", {"seed": i}, ticks=4) for i in (1, 2)], ["seed"]))
    (run.folder / "cells" / "c01.jsonl").write_text("{broken\n")
    figure = descriptors_by_class.figure(run)
    assert "c01 is left blank: cells/c01.jsonl:1: this line is not JSON" in text_of(figure).replace("\n", " ")
    (run.folder / "cells" / "c02.jsonl").write_text("[1]\n")
    run = type(run)(run.folder)
    with pytest.raises(RunError, match="c01.jsonl:1: this line is not JSON"):
        descriptors_by_class.figure(run)


@pytest.mark.parametrize("values, state", [
    ({}, stream.NOTHING_HELD),
    (synthetic.held(2), stream.LOCKED),
    ({**synthetic.held(2), "lock_main_posix": 0, "lock_main_ofd": 1}, stream.LOCKED),
    ({**synthetic.held(1), "lock_main_posix": 0}, stream.NO_LOCK),
    ({**synthetic.held(1), "kernel_wal_deleted": 1}, stream.DELETED),
    ({**synthetic.held(1), "lock_main_posix": None, "lock_main_ofd": None}, None),
])
def test_locks_of_a_board(built, values, state):
    run = built(([synthetic.CellSpec("c01", {}, behaviour=lambda tick, board: values, ticks=1, boards=1)], []))
    seen = run.digest(run.cells[0]).locks.columns["b01"][-1]
    assert math.isnan(seen) if state is None else seen == state


def test_faults_have_their_beginning_and_end_and_gaps_are_remembered(built):
    spec = synthetic.CellSpec("c01", {}, ticks=30, boards=1, kills=(3,), faults=(
        (5, "fd-limit", "begin"), (9, "fd-limit", "end"), (12, "replace-board", "begin"), (20, "long-reader", "begin")))
    run = built(([spec], []))
    path = run.folder / "cells" / "c01.jsonl"
    path.write_text("".join(text for text in path.open() if not any(f'"sample","tick":{at},' in text for at in range(10, 20))))
    digest = run.digest(run.cells[0])
    assert [(fault.kind, fault.begin, fault.end, fault.instant) for fault in digest.faults] == [
        ("fd-limit", 5, 9, False), ("replace-board", 12, None, True), ("long-reader", 20, None, False)]
    assert digest.kills == [3] and digest.gaps == [(10, 20)] and digest.end == 30


def test_a_long_course_is_bounded_and_keeps_its_extremes_ends_and_gaps():
    course, numbers = Course(limit=300), random.Random(1)
    for tick in range(50000):
        values = {"noise": numbers.randint(0, 99), "level": tick // 10000}
        if tick == 43210:
            values["noise"] = 1000
        if tick == 77 or 20000 <= tick < 21000:
            values["noise"] = math.nan
        course.add(tick, values)
        assert len(course) <= 600
    course.thin(300)
    assert len(course) <= 300 and (course.ticks[0], course.ticks[-1]) == (0, 49999)
    assert course.columns["noise"][list(course.ticks).index(43210)] == 1000
    gaps = [tick for tick, value in zip(course.ticks, course.columns["noise"]) if math.isnan(value)]
    assert gaps and all(tick == 77 or 20000 <= tick < 21000 for tick in gaps)
    # Bins stay about as fine as there is room for.
    assert len(course) > 100


def test_a_column_that_comes_later_was_not_known_before():
    course = Course()
    course.add(0, {"a": 1})
    course.add(1, {"a": 2, "b": 3})
    course.add(2, {"b": 4})
    assert math.isnan(course.columns["b"][0]) and list(course.columns["b"][1:]) == [3, 4]
    assert math.isnan(course.columns["a"][2])
    assert course.known("b") and not course.known("c") and course.greatest("a") == 2


def test_a_histogram_is_exact_to_one_per_cent_and_small():
    histogram, numbers = Histogram(), random.Random(2)
    values = sorted(numbers.randint(0, 10**6) for _ in range(20000))
    for value in values:
        histogram.add(value)
    edges, shares = histogram.shares()
    assert len(edges) < 1500 and edges == sorted(edges) and shares[-1] == 1
    assert (histogram.least, histogram.greatest) == (values[0], values[-1])
    for share in (0.1, 0.5, 0.99):
        told = next(edge for edge, so_far in zip(edges, shares) if so_far >= share)
        assert abs(told - values[int(share * len(values)) - 1]) <= 0.011 * told
    assert abs(histogram.above(500000) - sum(value > 500000 for value in values)) < 0.02 * len(values)
