"""Pictures over time: the limit and its extrapolated hit, faults, what is missing, sidecars, locks, a
watched process."""

import math

import pytest
import synthetic_run as synthetic
from figures import assert_readable, built, gids, legend_of, line, span_of, text_of

import descriptors_by_class
import ledgers
import limits
import locks
import over_time
import palette
import sidecar_bytes
from errors import RunError
from recorded import Run

LEAK = {"descriptors_net_growth": 110}


def leaking(name="c01", **more):
    """One connection a tick on one board: 2 descriptors."""
    return synthetic.CellSpec(name, {"seed": int(name[1:])}, "leak", behaviour=lambda tick, board: synthetic.held(tick + 1),
                              boards=1, ticks=60, **{"metrics": LEAK, **more})


def strips(axes, board):
    """The stretches of a board's strip: from, to, hatch."""
    found = [c for c in axes.collections if c.get_gid() == f"{board} lock"]
    return [(c.get_paths()[0].vertices[:, 0].min(), c.get_paths()[0].vertices[:, 0].max(), c.get_hatch() or "") for c in found]


def test_a_counted_leak_is_extrapolated_to_the_limit(built, monkeypatch):
    run = built(([leaking(), synthetic.CellSpec("c02", {"seed": 2}, "clean", ticks=60, boards=1)], ["seed"]))
    found = limits.hit(run.cells[0], run.digest(run.cells[0]))
    # 110 in the 55 ticks after warm-up; at tick 59 there are 60 of main and -wal, one -shm, 9 others.
    assert (found.limit, found.seen) == (1024, False)
    assert found.tick == pytest.approx(59 + (1024 - 130 - 3) / 2)
    assert limits.hit(run.cells[1], run.digest(run.cells[1])) is None
    figure = descriptors_by_class.figure(run)
    assert "limit 1024: extrapolated to tick 504 (8.41 h)" in text_of(figure)
    assert "Soft limit: 1024 descriptors" in text_of(figure)
    assert "limit" not in gids(figure.axes[0]), "far above the stack, the line would only press it down"
    assert_readable(figure, monkeypatch)


def test_a_trend_gives_the_hit_its_interval_and_no_trend_gives_none(built):
    trend = {"descriptors_net_slope_per_million_ticks": 2000, "descriptors_net_slope_low_per_million_ticks": 1000,
             "descriptors_net_slope_high_per_million_ticks": 4000}
    run = built(([leaking(metrics=trend), leaking("c02", metrics={})], ["seed"]))
    found = limits.hit(run.cells[0], run.digest(run.cells[0]))
    assert (found.tick, found.low, found.high) == (59 + 891 / 0.002, 59 + 891 / 0.004, 59 + 891 / 0.001)
    assert limits.hit(run.cells[1], run.digest(run.cells[1])) is None


def test_a_limit_near_the_stack_is_a_line_and_one_that_was_reached_is_told(built, monkeypatch):
    run = built(([leaking(limit=200), leaking("c02", limit=100)], ["seed"]))
    figure = descriptors_by_class.figure(run)
    near, reached = figure.axes
    assert "limit 100: reached at tick 43 (43 min)" in text_of(figure)
    assert {"limit", "extrapolated"} <= set(gids(near)) and "extrapolated" not in gids(reached)
    assert list(line(near, "extrapolated").get_ydata()) == [130, 197]
    assert near.get_xlim()[1] == line(near, "extrapolated").get_xdata()[1] > 60
    assert "soft limit" in legend_of(figure)
    assert_readable(figure, monkeypatch)


def test_faults_are_bands_in_every_picture_over_time(built, monkeypatch):
    spec = synthetic.CellSpec("c01", {}, "clean", ticks=30, boards=2, behaviour=lambda tick, board: {
        **synthetic.held(1), "wal_bytes": 4152, "shm_bytes": 32768}, kills=(4,),
        faults=((5, "fd-limit", "begin"), (9, "fd-limit", "end"), (12, "replace-board", "begin"), (20, "long-reader", "begin")))
    run = built(([spec], []))
    for module in (descriptors_by_class, ledgers, sidecar_bytes, locks):
        figure = module.figure(run)
        axes = figure.axes[0]
        bands = [patch for patch in axes.patches if patch.get_gid() == "fault"]
        spans = [span_of(band) for band in bands]
        assert spans == [(5, 9), (12, 12), (20, 30)], module
        assert len({band.get_hatch() for band in bands}) == 3
        assert ["fault: fd-limit", "fault: replace-board", "fault: long-reader", "worker killed"] == legend_of(figure)[-4:]
        assert_readable(figure, monkeypatch)


def test_what_is_not_known_or_not_sampled_is_hatched(built, monkeypatch):
    def behaviour(tick, board):
        return {**synthetic.held(1), **({"kernel_main": None} if 5 <= tick < 8 else {})}
    run = built(([synthetic.CellSpec("c01", {}, "clean", behaviour=behaviour, ticks=40, boards=1)], []))
    path = run.folder / "cells" / "c01.jsonl"
    path.write_text("".join(text for text in path.open() if not any(f'"sample","tick":{at},' in text for at in range(20, 30))))
    figure = descriptors_by_class.figure(Run(run.folder))
    spans = [span_of(patch) for patch in figure.axes[0].patches if patch.get_gid() == "not known"]
    assert spans == [(5, 8), (20, 30)]
    assert "not known or not sampled" in legend_of(figure)
    assert_readable(figure, monkeypatch)


def test_the_time_of_the_field_stands_below_the_ticks(built):
    run = built(synthetic.quick())
    figure = descriptors_by_class.figure(run)
    formatter = figure.axes[0].xaxis.get_major_formatter()
    assert (formatter(-1), formatter(0), formatter(30)) == ("-1", "0\n0", "30\n30 min")
    assert over_time.duration(8 * 3600) == "8 h" and over_time.duration(90) == "90 s"
    specs = [synthetic.CellSpec(f"c0{i}", {"tick_interval_s": 30 * i}, ticks=5) for i in (1, 2)]
    both = descriptors_by_class.figure(built((specs, ["tick_interval_s"])))
    assert both.axes[0].xaxis.get_major_formatter()(3) == "3", "two intervals share no time"


def test_sidecars_of_each_board_with_the_size_at_which_a_checkpoint_is_due(built, monkeypatch):
    def behaviour(tick, board):
        return {**synthetic.held(1), "wal_bytes": 4152 * 2 ** (tick // 5) if tick >= 0 and board < 2 else None,
                "shm_bytes": 32768 if tick >= 0 and board < 2 else None}
    run = built(([synthetic.CellSpec("c01", {"seed": 1}, "clean", behaviour=behaviour, boards=3),
                  synthetic.CellSpec("c02", {"seed": 2}, "clean", boards=3)], ["seed"]))
    figure = sidecar_bytes.figure(run)
    shown, empty = figure.axes
    assert [gid for gid in gids(shown) if " " in gid] == ["b01 shm", "b01 wal", "b02 shm", "b02 wal"]
    assert shown.get_yscale() == "log" and shown.get_ylabel() == "size (bytes)"
    assert line(shown, "due").get_ydata()[0] == 32 + 1000 * 4120 and "3.93 MiB" in text_of(figure)
    assert legend_of(figure) == ["-wal of b01", "-wal of b02", "-shm", "checkpoint due"]
    assert "no sidecar at any sample" in [text.get_text() for text in empty.texts]
    assert_readable(figure, monkeypatch)
    none = built(([synthetic.CellSpec("c01", {}, boards=1, ticks=3)], []))
    assert not sidecar_bytes.tells(none)
    with pytest.raises(RunError, match="no sample has a -wal or -shm"):
        sidecar_bytes.figure(none)


def test_of_many_boards_the_largest_sidecars_are_drawn(built, monkeypatch):
    def behaviour(tick, board):
        return {**synthetic.held(1), "wal_bytes": 4152 * (board + 1), "shm_bytes": 32768}
    run = built(([synthetic.CellSpec("c01", {}, "clean", behaviour=behaviour, boards=56, ticks=10)], []))
    figure = sidecar_bytes.figure(run)
    assert [gid for gid in gids(figure.axes[0]) if gid.endswith(" wal")] == [f"b{i} wal" for i in range(50, 57)]
    assert "7 of 56 boards" in text_of(figure)
    assert_readable(figure, monkeypatch)
    assert_readable(locks.figure(run), monkeypatch)


def test_locks_show_when_one_is_lost_and_a_sidecar_deleted(built, monkeypatch):
    run = built(([synthetic.CellSpec("c01", {"seed": 1}, "data loss", behaviour=synthetic.split_generation(4), boards=2, ticks=20),
                  synthetic.CellSpec("c02", {"seed": 2}, "clean", behaviour=synthetic.persistent, boards=2, ticks=20)], ["seed"]))
    assert locks.tells(run)
    figure = locks.figure(run)
    hatches = [palette.LOCKS[name][1] for name in locks.STATES]
    assert strips(figure.axes[0], "b01") == [(-1, 4, ""), (4, 5, hatches[2]), (5, 20, hatches[3])]
    assert strips(figure.axes[1], "b02") == [(-1, 0, ""), (0, 20, "")]
    assert legend_of(figure) == list(locks.STATES)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["b01", "b02"]
    assert figure.axes[0].get_ylabel() == "board"
    assert_readable(figure, monkeypatch)
    healthy = built(([synthetic.CellSpec("c01", {}, behaviour=synthetic.persistent, ticks=4)], []))
    assert not locks.tells(healthy) and locks.figure(healthy)
    with pytest.raises(RunError, match="no locks to draw"):
        locks.figure(built(([synthetic.CellSpec("c01", {}, ticks=4)], [])))


def test_a_watched_process_is_drawn_from_the_kernels_keys(built, monkeypatch):
    def behaviour(tick, board):
        return {**synthetic.held(tick + 2), "wal_bytes": 4152 * (tick + 2), "shm_bytes": 32768}
    run = built(([synthetic.CellSpec("w01", {}, "leak", watch=True, behaviour=behaviour, ticks=20, boards=2, metrics=LEAK,
                                     mechanisms=("lock lost",))], []))
    figure = descriptors_by_class.figure(run)
    assert figure.axes[0].get_xlabel() == "sample, and the time since the first one"
    assert "limit 1024: extrapolated to sample" in text_of(figure)
    assert {"main", "wal", "shm", "all"} <= set(gids(figure.axes[0]))
    told = ledgers.figure(run)
    assert told.axes[0].get_ylabel() == "descriptors (count)"
    assert "A watched process gives no API ledger." in text_of(told) and "leak; lock lost" in text_of(told)
    assert locks.tells(run) and sidecar_bytes.tells(run)
    for module in (descriptors_by_class, ledgers, locks, sidecar_bytes):
        assert_readable(module.figure(run), monkeypatch)
    assert "due" not in gids(sidecar_bytes.figure(run).axes[0]), "nobody knows the watched process's setting"


def test_a_mechanism_is_named_with_its_evidence_cut_to_a_few_lines(built, monkeypatch):
    spec = synthetic.CellSpec("c01", {}, "leak", behaviour=synthetic.unclosed, mechanisms=("unclosed connection",), boards=1,
                              evidence="after warm-up " * 60)
    figure = ledgers.figure(built(([spec], [])))
    assert "Mechanism: unclosed connection (after warm-up" in text_of(figure) and "..." in text_of(figure)
    assert_readable(figure, monkeypatch)


def test_long_names_and_many_cells_stay_readable(built, monkeypatch):
    def behaviour(tick, board):
        return {**synthetic.held(1), "lock_main_posix": 0, "wal_bytes": 4152, "shm_bytes": 32768}
    specs = [synthetic.CellSpec(f"a-scenario-of-a-very-long-name-indeed.c{i:02}", {"fix": "a-fix-with-a-long-name-31130", "seed": i},
                                "bounded growth", behaviour=behaviour, ticks=8, boards=2) for i in range(1, 57)]
    run = built((specs, ["fix", "seed"]))
    for module in (descriptors_by_class, locks, sidecar_bytes):
        figure = module.figure(run)
        assert len(figure.axes) == 24 and "24 of 56 cells" in text_of(figure)
        assert_readable(figure, monkeypatch)


def test_a_cell_without_boards_is_drawn(built):
    run = built(([synthetic.CellSpec("c01", {}, "clean", boards=0, ticks=4)], []))
    figure = descriptors_by_class.figure(run)
    assert "not known at any sample" in text_of(figure)
    assert all(math.isnan(value) for value in run.digest(run.cells[0]).sums.columns["kernel_main"])
