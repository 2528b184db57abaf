"""Pictures of durations and rows, mechanisms by version, the field table; SVG for pages; colours against
the programs."""

import itertools
import json
import re
import shutil
from pathlib import Path

import pytest
import synthetic_run as synthetic
from e2e import call
from figures import assert_readable, built, gids, legend_of, line, text_of

import churn
import common
import descriptors_by_class
import field_table
import loop_lag
import palette
import rows
import tick_latency
import versions_grid
from errors import RunError
from recorded import Run
from svg import embeddable

PROJECT = Path(__file__).resolve().parents[2]


def free(name, strategy, pace):
    return synthetic.CellSpec(name, {"strategy": strategy}, "clean", free=True, ticks=40, boards=1, pace=pace)


@pytest.fixture
def paced(built):
    """One cell in time; one whose fifth tick takes 70 s of its 60 s slot, so that the sixth begins 10 s late."""
    slow = {5: (70_000_000, 90, 80_000), 6: (900, 10_000_000, 80)}
    return built(([free("c01", "persistent", lambda tick: (800, 90, 80)),
                   free("c02", "per-tick", lambda tick: slow.get(tick, (8000, 90, 80)))], ["strategy"]))


def test_latency_and_lateness_are_distributions_with_late_ticks_marked(paced, monkeypatch):
    figure = tick_latency.figure(paced)
    whole, late, lag = figure.axes
    assert [axes.get_xlabel() for axes in figure.axes] == ["duration of a whole tick", "how late a tick began",
                                                           "lag of the event loop"]
    assert whole.get_ylabel() == "share of ticks (%)" and whole.get_xscale() == "log"
    assert [gid for gid in gids(whole) if " " in gid] == ["c01 tick", "c02 tick"]
    assert line(whole, "c02 tick").get_ydata()[-1] == 100
    assert line(whole, "late").get_xdata() == pytest.approx([70_000_020], rel=0.01)
    assert line(late, "late").get_xdata() == pytest.approx([10_000_000], rel=0.01)
    assert "late" not in gids(lag)
    assert [axes_line.get_xdata()[0] for axes_line in (line(whole, "slot"), line(late, "slot"))] == [60e6, 6e6]
    assert legend_of(figure) == ["c01 persistent: 40 ticks, 0 longer than the slot, 0 late, 0 missed",
                                 "c02 per-tick: 40 ticks, 1 longer than the slot, 1 late, 0 missed",
                                 "the slot; a tenth of it", "late tick"]
    assert_readable(figure, monkeypatch)


def test_lockstep_has_its_dispatch_passes_alone(built, monkeypatch):
    run = built(synthetic.quick(ticks=12))
    figure = tick_latency.figure(run)
    assert [axes.get_xlabel() for axes in figure.axes] == ["duration of a dispatch pass"]
    assert legend_of(figure)[0] == "c01 per-tick: 12 passes" and len(legend_of(figure)) == 6
    assert_readable(figure, monkeypatch)
    with pytest.raises(RunError, match="free-running cells do"):
        loop_lag.figure(run)
    assert not loop_lag.tells(run)


def test_lines_of_one_strategy_differ_in_style_and_long_names_are_shortened(built, monkeypatch):
    specs = [synthetic.CellSpec(f"c{i:02}", {"strategy": "per-tick", "a_setting_of_a_long_name": "the same for most of them",
                                             "another_setting_that_differs": i}, ticks=5, boards=1) for i in range(1, 13)]
    figure = tick_latency.figure(built((specs, ["strategy"])))
    lines = [axes_line for axes_line in figure.axes[0].lines if axes_line.get_gid()]
    assert len({(str(one.get_linestyle()), one.get_marker(), one.get_linewidth()) for one in lines}) == 12
    assert len({one.get_color() for one in lines}) == 1
    assert "the same for most" not in text_of(figure) and "another_setting_that_differs=7" in text_of(figure)
    assert_readable(figure, monkeypatch)


def test_loop_lag_over_time_with_its_percentiles(paced, monkeypatch):
    figure = loop_lag.figure(paced)
    assert len(figure.axes) == 2 and figure.axes[0].get_yscale() == "log"
    assert max(line(figure.axes[1], "lag").get_ydata()) == 80_000
    assert "max 80 ms" in figure.axes[1].get_title(loc="left")
    assert figure.axes[0].get_ylabel() == "lag (time)"
    assert_readable(figure, monkeypatch)


def test_rows_from_inside_outside_and_in_the_final_copy(built, monkeypatch):
    specs = [synthetic.CellSpec("c01", {"seed": 1}, "data loss", metrics={
                 "acknowledged": 200, "lost_inside": 0, "lost_outside": 50, "lost_commits": 100}),
             synthetic.CellSpec("c02", {"seed": 2}, "wedged", metrics={
                 "acknowledged": 10, "lost_inside": None, "inside_error": 522, "lost_outside": 0, "lost_commits": None,
                 "integrity_failed": 1, "lost_by_fault": 3}),
             synthetic.CellSpec("c03", {"seed": 3}, "clean", metrics={"acknowledged": None})]
    run = built((specs, ["seed"]))
    figure = rows.figure(run)
    axes = figure.axes[0]
    shares = [(one.get_gid(), one.get_xdata()[0]) for one in axes.lines if one.get_gid() in palette.ROWS]
    assert shares == [("inside", 100), ("outside", 75), ("final copy", 50), ("outside", 100)]
    assert axes.get_xlabel().endswith("(%)") and axes.get_ylabel() == "cell"
    assert legend_of(figure) == ["seen from inside", "seen from outside", "in the final copy"]
    for text in ("lost: inside 0, outside 50, final copy 100", "inside: could not look (error 522)", "final copy: unreadable",
                 "taken by a fault: 3", "rows: not known"):
        assert text in text_of(figure)
    assert_readable(figure, monkeypatch)
    sound = {"lost_inside": 0, "lost_outside": 0, "lost_commits": 0}
    assert rows.tells(run) and not rows.tells(built(([synthetic.CellSpec("c01", {}, metrics=sound)], [])))


def versions_run(built):
    """The worker's version decides; 3.9.0 stands before 3.40.1, and one combination cannot be told."""
    specs = []
    for subject, worker, raw in [(s, w, r) for r in ("off", "raw") for s, w in
                                 [("3.40.1", w) for w in ("3.40.1", "3.9.0", "3.51.0")] + [("3.51.0", "3.40.1")]]:
        lost = raw == "raw" and worker != "3.51.0"
        specs.append(synthetic.CellSpec(
            f"c{len(specs) + 1:02}", {"header_check": raw, "sqlite.subject": subject, "sqlite.worker": worker},
            "data loss" if lost else "clean", ticks=2, boards=1,
            mechanisms=("lock lost", *(["split generation"] if lost else [])) if raw == "raw" else (),
            unknown=("split generation",) if worker == "3.51.0" and raw == "raw" else ()))
    return built((specs, ["header_check", "sqlite.subject", "sqlite.worker"]))


def test_mechanisms_by_version_have_a_panel_a_role(built, monkeypatch):
    run = versions_run(built)
    assert versions_grid.tells(run)
    figure = versions_grid.figure(run)
    subject, worker = figure.axes
    assert worker.get_xlabel() == "version of the worker's SQLite (subject 3.40.1)"
    assert [label.get_text() for label in worker.get_xticklabels()] == ["3.9.0", "3.40.1", "3.51.0"]
    assert [label.get_text() for label in subject.get_xticklabels()] == ["3.40.1", "3.51.0"]
    assert [label.get_text() for label in worker.get_yticklabels()] == ["header_check=raw", "lock lost", "split generation"]
    kinds = [patch.get_gid() for patch in worker.patches]
    assert kinds == ["finding"] * 3 + ["seen"] * 3 + ["seen", "seen", "not told"]
    assert "1 conditions under which no mechanism was seen are not drawn." in text_of(figure)
    assert legend_of(figure) == ["data loss", "clean", "mechanism: seen", "mechanism: not told"]
    assert_readable(figure, monkeypatch)
    with pytest.raises(RunError, match="do not differ in the SQLite"):
        versions_grid.figure(built(synthetic.quick(ticks=2)))


def field_run(built):
    """Three threads: one fits, one does not, one was not run."""
    def quantity(what, value, least, most, metric="kernel_main_last"):
        return {"what": what, "value": value, "range": [least, most], "why": "stated", "metric": metric}

    def field(thread, seed, *quantities):
        return {"thread": thread, "leaky": {"seed": seed}, "reported_quantities": list(quantities[:-1]),
                "second_quantity": quantities[-1]}
    specs = [synthetic.CellSpec(f"c0{i}", {"seed": i}, "leak", metrics={"kernel_main_last": 100 * i, "other": 0})
             for i in (1, 2)]
    run = built((specs, ["seed"]))
    fields = [field("#1", 1, quantity("descriptors", 110, 90, 120), quantity("second", 0, 0, 0, "other")),
              field("#2", 2, quantity("descriptors of a long name that goes on and on and on and on", 40, 39, 41),
                    {"what": "finding", "value": "leaks", "finding": "leak"}, quantity("second", 1, 1, 1, "other")),
              field("#3", 3, quantity("descriptors", 5, 5, 5), quantity("second", 5, 5, 5))]
    (run.folder / "run.json").write_text(json.dumps({"scenarios": [
        {"path": f"{i}.json", "content": {"field": one}} for i, one in enumerate(fields)]}))
    return run


def test_the_field_table_has_a_mark_a_quantity_and_a_bar_for_what_fits(built, monkeypatch):
    run = field_run(built)
    # A run of one scenario has cells without its name in front; here three share them.
    monkeypatch.setattr(field_table.field_report, "cell_with", lambda cells, values: next(
        (cell for cell in run.summary["cells"] if cell["settings"]["seed"] == values["seed"]), None))
    figure = field_table.figure(run)
    axes = figure.axes[0]
    marks = [(one.get_gid(), round(float(one.get_xdata()[0]), 3)) for one in axes.lines
             if one.get_gid() in ("fits", "misses")]
    assert marks == [("fits", round(100 / 110, 3)), ("fits", 1), ("misses", 5), ("fits", 1), ("misses", 0.2)]
    assert [text.get_text() for text in axes.texts if text.get_gid() == "thread"] == [
        "#1: reproduced", "#2: partly", "#3: not run"]
    assert len([one for one in axes.lines if one.get_gid() == "range"]) == 5
    assert "3 threads: 1 reproduced, 1 partly, 0 not reproduced, 1 not run" in text_of(figure)
    assert axes.get_xlabel() == "measured / reported (ratio)"
    assert len([text for text in axes.texts if text.get_gid() == "unknown"]) == 2
    assert_readable(figure, monkeypatch)


def test_a_run_without_field_reports_has_no_field_table(built):
    run = built(synthetic.quick(ticks=2))
    assert not field_table.tells(run)
    (run.folder / "run.json").write_text(json.dumps({"scenarios": [{"path": "quick.json", "content": {}}]}))
    assert not field_table.tells(run)
    with pytest.raises(RunError, match="no scenario of this run has a member `field`"):
        field_table.figure(run)


def test_an_svg_can_stand_beside_others_in_a_page(built, tmp_path):
    run, texts = built(synthetic.quick(ticks=12), title="A <title> & more"), {}
    for name, module in (("descriptors", descriptors_by_class), ("churn", churn)):
        first = common.save(module.figure(run), tmp_path / f"{name}.svg").read_bytes()
        (tmp_path / name).mkdir()
        assert common.save(module.figure(run), tmp_path / name / f"{name}.svg").read_bytes() == first, "two draws are equal"
        texts[name] = first.decode()
    ids = {name: re.findall(r' id="([^"]*)"', text) for name, text in texts.items()}
    for name, text in texts.items():
        assert len(set(ids[name])) == len(ids[name]) and all(one.startswith(f"{name}-") for one in ids[name])
        assert set(re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', text)) and all(
            one in ids[name] for pair in re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', text) for one in pair if one)
        assert f'role="img" aria-labelledby="{name}-title"' in text
        assert f'<title id="{name}-title">A &lt;title&gt; &amp; more: ' in text
        assert "<text" in text and "persistent" in text and "dc:date" not in text and "sans-serif" in text
    assert not set(ids["descriptors"]) & set(ids["churn"])


def test_every_strategy_fault_mechanism_and_class_has_a_look_of_its_own(tmp_path):
    def listed(what):
        result = call("list", what, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        return {text.split()[0] for text in result.stdout.splitlines() if text.strip()}
    assert set(palette.STRATEGIES) == listed("strategies")
    assert set(palette.FAULT_HATCHES) == listed("faults")
    assert {name.replace(" ", "-") for name in palette.MECHANISM_LETTERS} == listed("mechanisms")
    classes = [(colour, palette.CLASS_HATCHES.get(name, "") or state) for name, colour in palette.CLASSES.items()
               for state in descriptors_by_class.HATCHES.values()]
    looks = set(classes)
    # Hatched classes have no states of their own; every other one differs in colour or state.
    assert len(looks) == len(palette.CLASSES) * 3 - 2 * len(palette.CLASS_HATCHES)
    assert set(palette.CLASSES) == set(palette.CLASS_NAMES) == {"other", "guard", *descriptors_by_class.BOARDS}
    assert len(set(palette.FAULT_HATCHES.values())) == len(palette.FAULT_HATCHES)
    assert len(set(palette.MECHANISM_LETTERS.values())) == len(palette.MECHANISM_LETTERS)


def test_a_recorded_run_is_drawn_whole(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    shutil.copytree(PROJECT / "tests" / "fixtures" / "run-small", folder)
    run = Run(folder)
    for module in (descriptors_by_class, rows, tick_latency, versions_grid):
        assert module.tells(run), module
        assert_readable(module.figure(run), monkeypatch)
    assert [one.get_gid() for one in rows.figure(run).axes[0].lines].count("final copy") == len(run.cells)
    assert len(list(itertools.chain(*(gids(axes) for axes in descriptors_by_class.figure(run).axes)))) > len(run.cells)


def test_the_last_bit_of_a_coordinate_does_not_change_an_svg():
    # Matplotlib's ids are hashes of coordinates, unrounded: equal pictures had different ids.
    def drawn(clip, hatch):
        return (f'<svg><defs><clipPath id="{clip}"/><pattern id="{hatch}"/></defs><g id="unused" clip-path="url(#{clip})"/>'
                f'<path style="fill: url(#{hatch})"/><use xlink:href="#{clip}"/></svg>')
    first = embeddable(drawn("p4d950a62de", "h0aa51c0e52"), "rows", "Rows")
    assert first == embeddable(drawn("p09d139ea18", "hffffffffff"), "rows", "Rows")
    assert first.count('id="rows-0"') == 1 and first.count("#rows-0") == 2 and first.count("#rows-1") == 1
    assert "unused" not in first
