"""scripts/field-report: what fits, what that makes of a thread, and what it says of a run that it cannot read."""

import json
import subprocess
import sys

import pytest

from e2e import PROJECT

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))
import field_report  # noqa: E402


def cell(name="a.c01", finding="leak", also=(), errors=(), settings=None, **metrics):
    return {"cell": name, "state": "done", "finding": finding, "also": list(also), "evidence": ["seen"],
            "mechanisms": [{"name": "unclosed connection"}], "errors": [{"message": text} for text in errors],
            "settings": {"ticks": 60, "warmup_ticks": 5, "boards": 6, **(settings or {})}, "metrics": metrics}


def quantity(**keys):
    return {"what": "what", "value": 12, "why": "why", **keys}


@pytest.mark.parametrize("keys, measured", [
    ({"metric": "growth"}, 660),
    ({"metric": "growth", "per": "tick"}, 12),
    ({"metric": "growth", "per": "pass"}, 11),
    ({"metric": "growth", "per": "board"}, 110),
    ({"metric": "growth", "per": "half"}, 2),
    ({"metric": "growth", "minus": "half"}, 330),
    ({"metric": "growth", "minus": "half", "times": 0.5}, 165),
    ({"metric": "no_such"}, None),
    ({"metric": "growth", "minus": "unknown"}, None),
    ({"metric": "growth", "per": "unknown"}, None),
    ({"metric": "growth", "per": "nothing"}, None),
])
def test_a_metric_is_measured(keys, measured):
    seen = cell(growth=660, half=330, unknown=None, nothing=0)
    assert field_report.measure(quantity(**keys), seen, None) == measured


def test_what_no_cell_has_is_not_known_and_fits_nothing():
    one = quantity(metric="growth", range=[-1e9, 1e9])
    assert field_report.measure(one, None, None) is None
    assert not field_report.fits(one, None)


@pytest.mark.parametrize("measured, fit", [(11.9, False), (12, True), (14, True), (14.1, False)])
def test_a_number_fits_its_range_ends_included(measured, fit):
    assert field_report.fits(quantity(metric="m", range=[12, 14]), measured) is fit


def test_texts_and_findings():
    seen = cell(finding="wedged", also=["leak"], errors=["disk I/O error"])
    for keys, fit in (({"error": "disk I/O error"}, True), ({"error": "I/O"}, False), ({"finding": "wedged"}, True),
                      ({"finding": "leak"}, True), ({"finding": "data loss"}, False)):
        assert field_report.fits(quantity(**keys), field_report.measure(quantity(**keys), seen, None)) is fit


def test_events_are_counted_up_to_the_first_pass_that_failed():
    ended = {"type": "event", "event": "worker-ended"}
    stream = [ended, {"type": "event", "event": "fault"}, {"type": "step", "step": "probe", "ok": False},
              {"type": "step", "step": "dispatch", "ok": True}, ended]
    assert field_report.events_before_failure("worker-ended", stream) is None
    stream += [{"type": "step", "step": "dispatch", "ok": False}, ended]
    assert field_report.events_before_failure("worker-ended", stream) == 2
    free = [ended, {"type": "tick", "steps": {"dispatch": {"ok": False}}}, ended]
    assert field_report.events_before_failure("worker-ended", free) == 1


def test_a_cell_is_found_by_its_values_and_the_shorthand():
    roles = {f"sqlite.{role}": "3.49.1" for role in ("subject", "worker", "checker")}
    cells = [cell("c01"), cell("c02", settings=roles), cell("c03", settings={"boards": 1, **roles})]
    assert field_report.cell_with(cells, {"sqlite": "3.49.1"})["cell"] == "c02"
    assert field_report.cell_with(cells, {"sqlite": {"worker": "3.49.1"}, "boards": 1})["cell"] == "c03"
    assert field_report.cell_with(cells, {"boards": 2}) is None


FIELD = {"thread": "#1", "reported": "a | b", "conditions": "c", "leaky": {"boards": 6}, "fixed": {"boards": 1},
         "reported_quantities": [quantity(metric="growth", range=[600, 700])],
         "second_quantity": quantity(metric="ratio", range=[1, 1]), "cure": "closing", "tried": "all"}


@pytest.mark.parametrize("growth, ratio, status", [(660, 1, "reproduced"), (660, 2, "partly"), (1, 1, "partly"),
                                                   (1, 2, "not reproduced"), (None, None, "not reproduced")])
def test_reproduced_needs_every_quantity(growth, ratio, status):
    thread = field_report.thread_of(FIELD, [cell(growth=growth, ratio=ratio)], None)
    assert thread["status"] == status


def run_folder(folder, scenarios, cells):
    environment = {"commit": "abc", "cpu_model": "CPU", "cpu_count": 2, "kernel": "Linux", "distribution": "Debian",
                   "file_system": "ext4", "sqlite": {"3.40.1": {}, "3.9.0": {}}}
    summary = {"walsoak": "0.1.0", "command": ["/some/where/walsoak", "run", "a.json", "--out", "/srv/acme/run"], "environment": environment,
               "verdict": "pass", "cells": cells}
    (folder / "run.json").write_text(json.dumps({"scenarios": scenarios}))
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


def test_the_report_of_two_threads(tmp_path):
    scenarios = [{"path": "x/b.json", "content": {"field": {**FIELD, "thread": "#22"}}},
                 {"path": "x/a.json", "content": {"name": "a", "field": FIELD}}, {"path": "c.json", "content": {}}]
    cells = [cell("a.c01", growth=660, ratio=1), cell("a.c02", "churn", settings={"boards": 1}),
             cell("b.c01", growth=1, ratio=2), cell("b.c02", "leak", settings={"boards": 1})]
    text = field_report.report(run_folder(tmp_path, scenarios, cells))
    assert "**1 of 2 reproduced, 0 partly, 1 not.**" in text
    assert "    walsoak run a.json\n" in text and "commit abc" in text and "SQLite 3.9.0, 3.40.1" in text
    first, second = (line for line in text.splitlines() if line.startswith("| #"))
    assert first.startswith("| #1 | a \\| b |") and "closing: **churn** |" in first and "**reproduced**" in first
    assert "closing: **leak** - no cure" in second and "660" not in second


def test_what_a_report_made_elsewhere_takes_in(tmp_path):
    cells = [cell("a.c01", growth=660, ratio=1), cell("a.c02", "churn", settings={"boards": 1})]
    folder = run_folder(tmp_path, [{"path": "x/a.json", "content": {"field": FIELD}}], cells)
    (thread,) = field_report.comparison(field_report.read(folder)[1])["threads"]
    assert (thread["status"], thread["finding_cured"], thread["mechanisms"]) == ("reproduced", "churn", "unclosed connection")
    assert [(row["measured"], row["fits"], row["second"]) for row in thread["rows"]] == [("660", True, False), ("1", True, True)]


def test_it_says_what_it_cannot_report_on(tmp_path):
    def called(folder):
        return subprocess.run([PROJECT / "scripts/field-report", folder], capture_output=True, text=True, check=False)

    assert called(tmp_path).returncode == 3
    run_folder(tmp_path, [{"path": "c.json", "content": {}}], [])
    result = called(tmp_path)
    assert result.returncode == 3 and "no scenario of this run" in result.stderr and result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
