"""What the figures hold: panels, series, labels, legends, marks; and that every text in them can be read."""

import itertools
import json

import pytest
import synthetic_run as synthetic
from figures import assert_readable, built, gids, legend_of, line, text_of

import churn
import descriptors_by_class
import findings_grid
import ledgers
import numpy as np
import palette
from errors import RunError
from matplotlib.backends.backend_agg import FigureCanvasAgg
from recorded import Cell, Run


def test_repeats_are_one_cell_shown_by_the_worst_of_them(tmp_path):
    specs = [synthetic.CellSpec(name, {"strategy": strategy}, finding, ticks=6)
             for name, strategy, finding in [("c01", "per-tick", "churn"), ("c01r2", "per-tick", "leak"),
                                             ("c01r3", "per-tick", "leak"), ("c02", "noop", "clean")]]
    folder = synthetic.write_run(tmp_path / "run", specs, ["strategy"])
    path = folder / "summary.json"
    summary = json.loads(path.read_text())
    for cell in summary["cells"]:
        cell["point"] = cell["cell"][:3]
    path.write_text(json.dumps(summary))
    assert [cell.name for cell in Run(folder).cells] == ["c01r2", "c02"]


def test_descriptors_have_one_panel_a_strategy_on_shared_axes(built, monkeypatch):
    figure = descriptors_by_class.figure(built(synthetic.quick()))
    assert len(figure.axes) == 6
    assert len({axes.get_xlim() for axes in figure.axes}) == len({axes.get_ylim()
                                                                  for axes in figure.axes}) == 1
    assert figure.axes[0].get_ylabel() == "descriptors (count)"
    assert figure.axes[3].get_xlabel().startswith("tick")
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(synthetic.STRATEGIES)
    assert legend_of(figure) == ["all other descriptors", "main file", "-wal", "-shm", "worker killed"]
    persistent = figure.axes[2]
    assert [gid for gid in gids(persistent) if gid != "chip"] == ["kills", "other", "main", "wal", "shm", "all"]
    assert max(line(persistent, "all").get_ydata()) == 9 + 4 * 3
    assert max(line(figure.axes[5], "all").get_ydata()) == 9 + 6 + 6 + 1
    assert "none on a board's files" in [text.get_text() for text in figure.axes[0].texts]
    assert_readable(figure, monkeypatch)


def test_sixteen_factorial_cells_stay_readable_and_deleted_files_are_hatched(built, monkeypatch):
    figure = descriptors_by_class.figure(built(synthetic.factorial()))
    assert len(figure.axes) == 16
    assert len({round(axes.get_position().x0, 3) for axes in figure.axes}) == 4
    hatched = [[c.get_gid() for c in axes.collections if c.get_hatch()] for axes in figure.axes]
    assert hatched == [[]] * 12 + [["wal deleted", "shm deleted"]] * 4
    assert list(line(figure.axes[12], "first deleted").get_xdata()) == [4]
    assert {"-wal, deleted but held", "-shm, deleted but held", "first deleted one"} <= set(legend_of(figure))
    title = figure.axes[12].get_title(loc="left")
    assert "header_check=raw" in title and "sqlite.worker=3.40.1" in title
    assert_readable(figure, monkeypatch)


def test_of_thirty_cells_the_worst_are_drawn_and_the_picture_says_so(built, monkeypatch):
    specs = [synthetic.CellSpec(f"c{i:02}", {"seed": i}, ("clean", "leak", "churn")[i % 3], ticks=5)
             for i in range(1, 31)]
    figure = descriptors_by_class.figure(built((specs, ["seed"])))
    chips = [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == "chip"]
    assert len(chips) == 24
    assert [chip.split(": ")[1] for chip in chips] == ["leak"] * 10 + ["churn"] * 10 + ["clean"] * 4
    assert "24 of 30 cells, worst findings first" in text_of(figure)
    assert_readable(figure, monkeypatch)


def test_a_small_stack_beside_a_great_one_has_its_peak_written_on_it(built, monkeypatch):
    figure = descriptors_by_class.figure(built(synthetic.strategies_by_subject()))
    assert [[t.get_text() for t in axes.texts if "peak" in t.get_text()] for axes in figure.axes][3:7] == \
        [["peak 21"], ["peak 21"], [], ["peak 61"]]
    assert_readable(figure, monkeypatch)


def test_a_cell_without_samples_says_so_and_an_interrupted_one_too(built):
    run = built(([synthetic.CellSpec("c01", {"seed": 1}, ended=False),
                  synthetic.CellSpec("c02", {"seed": 2})], ["seed"]))
    stream = run.folder / "cells" / "c01.jsonl"
    stream.write_text(stream.read_text() + '{"type":"sam')
    (run.folder / "cells" / "c02.jsonl").unlink()
    figure = descriptors_by_class.figure(run)
    assert "c01: churn, interrupted" in text_of(figure)
    assert "no samples" in [text.get_text() for text in figure.axes[1].texts]
    assert "Cut off in the middle of a line: c01." in text_of(figure)
    run = Run(run.folder)
    (run.folder / "cells" / "c01.jsonl").unlink()
    with pytest.raises(RunError, match="no cell has samples"):
        descriptors_by_class.figure(run)


def test_ledgers_draw_the_worst_cell_and_name_its_mechanism(built, monkeypatch):
    figure = ledgers.figure(built(synthetic.factorial()))
    axes, = figure.axes
    assert "the ledgers of c13" in text_of(figure)
    assert "data loss; lock lost, split generation" in text_of(figure)
    assert [gid for gid in gids(axes) if "_" in gid] == [
        "kernel_main", "kernel_wal", "kernel_shm", "vfs_main", "vfs_wal", "api_open", "kernel_wal_deleted",
        "kernel_shm_deleted"]
    assert len(legend_of(figure)) == 8
    deleted, kernel = line(axes, "kernel_wal_deleted"), line(axes, "kernel_main")
    assert deleted.get_xdata()[~np.isnan(deleted.get_ydata())][0] == 4
    assert (kernel.get_xdata()[-1], kernel.get_ydata()[-1]) == (20, 1)
    assert axes.get_xlabel().startswith("tick (") and axes.get_ylabel().endswith("(count)")
    assert "A  tick 3, b01: no lock on the main file while its -wal is held" in text_of(figure)
    assert "B  tick 4, b01: first deleted sidecar still held (-wal 1, -shm 1)" in text_of(figure)
    assert [gid for gid in gids(axes) if gid == "mark"] == ["mark"] * 2
    assert_readable(figure, monkeypatch)


def test_equal_lines_of_two_classes_stand_apart(built):
    axes, = ledgers.figure(built(synthetic.quick()), cell="c03").axes
    FigureCanvasAgg(axes.figure).draw()
    tops = [line(axes, gid).get_transform().transform((10, 4))[1]
            for gid in ("kernel_main", "kernel_wal", "kernel_shm")]
    assert tops[0] - tops[1] > 8 and tops[1] - tops[2] > 8


@pytest.mark.parametrize("behaviour, text", [
    (synthetic.zombie, "tick 0, b01: API and VFS part: API 1, VFS main 2"),
    (synthetic.parked,
     "tick 4, b01: VFS and kernel part: VFS main 1, kernel main 2; parked, within the peak"),
    (lambda t, b: {**synthetic.held(1), "kernel_main": 3} if b == 1 else {},
     "tick -1, b02: VFS and kernel part: VFS main 1, kernel main 3"),
    (lambda t, b: {**synthetic.held(1), "kernel_wal": 2},
     "tick -1, b01: VFS and kernel part: VFS -wal 1, kernel -wal 2"),
    (lambda t, b: {**synthetic.held(1), "kernel_main_replaced": int(t > 6)},
     "tick 7, b01: main file held that is not the one at the path"),
])
def test_each_way_in_which_ledgers_part_is_marked_once(built, behaviour, text):
    figure = ledgers.figure(built(([synthetic.CellSpec("c01", {}, behaviour=behaviour, ticks=12, boards=2)],
                                   [])))
    marks = [t.get_text() for t in figure.texts
             if t.get_text().startswith(tuple("ABCDEFGH")) and "  tick" in t.get_text()]
    assert marks == [f"A  {text}"]


def test_a_healthy_cell_has_no_mark_and_a_null_ledger_is_named_not_drawn(built, monkeypatch):
    run = built(synthetic.strategies_by_subject())
    assert "mark" not in gids(ledgers.figure(run, cell="c04").axes[0])
    figure = ledgers.figure(run, cell="c07", board="b02")
    assert "The subject gives no VFS ledger." in text_of(figure)
    assert [gid for gid in gids(figure.axes[0]) if "_" in gid] == ["kernel_main", "kernel_wal", "kernel_shm",
                                                                   "api_open"]
    assert max(line(figure.axes[0], "api_open").get_ydata()) == 6
    assert_readable(figure, monkeypatch)
    with pytest.raises(RunError, match="no cell c77; valid: c01, c02"):
        ledgers.figure(run, cell="c77")
    with pytest.raises(RunError, match="no ledger of b77"):
        ledgers.figure(run, board="b77")


def test_churn_has_bars_for_every_cell_and_says_what_is_not_known(built, monkeypatch):
    figure = churn.figure(built(synthetic.strategies_by_subject()))
    closes, unlinks = figure.axes
    assert closes.get_xlabel() == "last closes per tick (count)"
    assert unlinks.get_xlabel() == "sidecar unlinks per tick (count)"
    assert len(closes.get_yticklabels()) == 10
    assert len(closes.patches) == 2 * 6 and len(unlinks.patches) == 2 * 10
    assert [bar.get_width() for bar in closes.patches[:2]] == [8, 4]
    assert [text.get_text().strip() for text in closes.texts].count("not known") == 4
    assert closes.texts[0].get_text() == " 480 + 240"
    assert legend_of(figure) == ["last close, in scope", "last close, by others", "-wal unlinked",
                                 "-shm unlinked"]
    assert_readable(figure, monkeypatch)
    many = {"last_closes_in_scope": 3703680, "last_closes_apart": 12345}
    large = churn.figure(built(([synthetic.CellSpec("c01", {"strategy": "x" * 20}, metrics=many)], [])))
    assert_readable(large, monkeypatch)
    for axes in figure.axes + large.axes:
        assert all(text.get_window_extent().x1 <= axes.bbox.x1 for text in axes.texts)
    assert_readable(churn.figure(built(synthetic.factorial())), monkeypatch)


def test_churn_without_any_count_cannot_be_drawn(built):
    spec = synthetic.CellSpec("c01", {}, metrics={"wal_unlinked": None, "shm_unlinked": None}, vfs=False)
    with pytest.raises(RunError, match="no churn to draw"):
        churn.figure(built(([spec], [])))


def test_four_axes_of_two_make_a_grid_of_four_by_four(built, monkeypatch):
    figure = findings_grid.figure(built(synthetic.factorial()))
    axes, = figure.axes
    assert len([p for p in axes.patches if p.get_gid() == "cell"]) == 16
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 4), (4, 0))
    assert axes.get_xlabel() == "columns: sqlite.subject, sqlite.worker"
    assert axes.get_ylabel() == "rows: header_check, held_connection"
    assert "L S\nlost commits: 37\nc13  \u2717 fail" in [text.get_text() for text in axes.texts]
    assert legend_of(figure) == ["data loss", "wedged", "churn", "clean"]
    assert_readable(figure, monkeypatch)


def test_each_of_several_scenarios_has_a_row_of_its_own(built, monkeypatch):
    specs = [synthetic.CellSpec(f"{name}.c{i:02}", {"subject": subject, axis: value}, "leak", mechanisms=("unclosed connection",))
             for name, axis, values in (("one-mechanism", "statements", ("kept", "finalized")),
                                        ("another-mechanism", "header_check", ("off", "raw", "stat")))
             for i, (value, subject) in enumerate(itertools.product(values, ("cpp", "python")), 1)]
    figure = findings_grid.figure(built((specs, ["subject", "statements", "header_check"])))
    axes, = figure.axes
    # Four cells in the first scenario's row; six in two rows of the other.
    assert [text.get_text() for text in axes.get_yticklabels()] == ["one-mechanism", "another-mechanism", ""]
    assert len([p for p in axes.patches if p.get_gid() == "cell"]) == 10
    assert not [p for p in axes.patches if p.get_gid() == "not run"]
    texts = [text.get_text() for text in axes.texts]
    assert any(text.startswith("statements=kept") or "statements=kept" in text for text in texts)
    assert not any("statements" in text and "header_check" in text for text in texts)
    assert_readable(figure, monkeypatch)


def test_labels_name_no_database_of_the_users(built):
    specs = [synthetic.CellSpec(f"c0{i}", {"board_template": path, "module": "/home/alice/m.py:connect"}, "clean")
             for i, path in enumerate(("/srv/acme.db", "/srv/other.db"), 1)]
    run = built((specs, ["board_template"]))
    assert [cell.value("board_template") for cell in run.cells] == ["db1", "db2"]


@pytest.mark.parametrize("settings, shown", [({"module": "/srv/acme/m.py:connect"}, "PATH/m.py:connect"),
                                             ({"module": "mine/m.py:connect"}, "mine/m.py:connect"),
                                             ({"exec_command": "/srv/acme/gateway --token 7"}, "PATH/gateway ..."),
                                             ({"exec_command": "/srv/acme/gateway"}, "PATH/gateway")])
def test_labels_name_no_folder_of_the_users(built, settings, shown):
    specs = [synthetic.CellSpec("c01", settings, "clean"), synthetic.CellSpec("c02", {}, "clean")]
    (axis,) = settings
    assert built((specs, [axis])).cells[0].value(axis) == shown


def test_combinations_that_were_not_run_are_hatched(built, monkeypatch):
    figure = findings_grid.figure(built(synthetic.strategies_by_subject()))
    axes, = figure.axes
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 2), (6, 0))
    assert [(p.get_x(), p.get_y()) for p in axes.patches if p.get_hatch()] == [(1, 1), (1, 4)]
    assert legend_of(figure)[-1] == "not run"
    assert_readable(figure, monkeypatch)


def test_one_axis_chosen_columns_and_two_cells_at_one_place(built, monkeypatch):
    run = built(synthetic.quick())
    assert findings_grid.figure(run).axes[0].get_xlim() == (0, 6)
    assert_readable(findings_grid.figure(run), monkeypatch)
    assert findings_grid.split(built(synthetic.factorial()), ["header_check"])[1] == ["header_check"]
    sizes = [synthetic.CellSpec(f"c{i:02}", {"max_cached_connections": i}, ticks=1) for i in range(6)]
    narrow = findings_grid.figure(built((sizes, ["max_cached_connections"])))
    assert_readable(narrow, monkeypatch)
    assert narrow.axes[0].get_xticklabels()[5].get_text() == "max_cached_\nconnections=5"
    with pytest.raises(RunError, match="no axis colour; valid: strategy"):
        findings_grid.figure(run, columns=["colour"])
    with pytest.raises(RunError, match="one cell makes no grid"):
        findings_grid.figure(built(([synthetic.CellSpec("c01", {})], [])))
    twice = [synthetic.CellSpec("c01", {}, "clean"),
             synthetic.CellSpec("c02", {}, "data loss", metrics={"lost_commits": None})]
    axes, = findings_grid.figure(built((twice, []))).axes
    assert [text.get_text()
            for text in axes.texts] == ["data loss", "lost commits: not known\nc02 and 1 more  \u2713 pass"]


def test_colours_are_fixed_distinct_and_classes_differ_in_grey():
    def grey(colour):
        red, green, blue = (int(colour[i:i + 2], 16) for i in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue
    shades = sorted(grey(palette.CLASSES[name]) for name in ("main", "wal", "shm"))
    assert shades[1] - shades[0] > 40 and shades[2] - shades[1] > 40
    for colours in (palette.STRATEGIES, palette.FINDING_COLOURS, palette.CLASSES):
        assert len(set(colours.values())) == len(colours)
    assert palette.strategy_colour("a strategy of a user") == palette.GREY not in palette.STRATEGIES.values()


def test_faults_are_labels_of_a_few_words():
    faults = [{"fault": "replace-board", "board": "b01", "at_tick": 8}, {"fault": "fd-limit", "soft": 16, "at_tick": [5, 7],
                                                                        "until_tick": 15}]
    cell = Cell("c01", {}, {"strategy": "noop", "faults": faults}, "done", "clean", "pass", (), {})
    assert cell.parts() == ["noop", "faults=replace-board b01 @8, fd-limit 16 @5..7-15"]
    assert Cell("c02", {"faults": []}, {}, "done", "clean", "pass", (), {}).value("faults") == "none"


@pytest.mark.parametrize("metrics, ticks", [({"ticks_ran": 120, "passes": 119}, 120), ({"passes": 30}, 30), ({}, 60)])
def test_a_rate_is_told_by_the_ticks_that_ran(metrics, ticks):
    # A duration or missed slots make others of them than the setting says.
    cell = Cell("c01", {"ticks": 60}, {}, "done", "churn", "pass", (), {"wal_unlinked": 240, **metrics})
    assert churn.rate(cell, "wal_unlinked") == 240 / ticks
