"""The field reports, run: the quick ones in one run, and what scripts/field-report makes of it."""

import subprocess

import pytest

import e2e

FIELD = e2e.PROJECT / "scenarios" / "field"
# Those of few ticks, one of each outcome and each source of a quantity among them; 31736 needs a fetched SQLite and
# 28285, 29525, 30799 and 33113 run for hundreds of ticks.
QUICK = ("29610", "30031", "31158", "32226", "98573")
STATUS = {"29610": "reproduced", "30031": "reproduced", "31158": "partly", "32226": "partly", "98573": "partly"}


@pytest.fixture(scope="module", name="run")
def quick_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("field")
    result = e2e.call("run", *(FIELD / f"{number}.json" for number in QUICK), "--out", folder / "run", cwd=folder)
    assert result.returncode == 0, result.stderr + result.stdout
    return e2e.Run(folder / "run")


@pytest.fixture(scope="module", name="report")
def report_of_run(run):
    file = run.folder / "field.md"
    result = subprocess.run([e2e.PROJECT / "scripts/field-report", run.folder, "-o", file], env=e2e.environment(),
                            capture_output=True, text=True, check=False)
    assert result.returncode == 0 and result.stdout == "", result.stderr
    return file.read_text()


def row(report, number):
    (line,) = (line for line in report.splitlines() if line.startswith(f"| #{number} |"))
    return [part.strip() for part in line.strip("|").split(" | ")]


def test_every_cell_is_as_expected(run):
    assert {cell.recorded["verdict"] for cell in run.cells()} == {"pass"}
    assert {cell.name.split(".")[0] for cell in run.cells()} == set(QUICK)


@pytest.mark.parametrize("number", QUICK)
def test_the_table_says_what_was_reproduced(report, number):
    assert row(report, number)[6] == f"**{STATUS[number]}**"


def test_numbers_are_those_of_the_run(run, report):
    leaky = next(cell for cell in run.cells() if cell.name == "29610.c01")
    rate = leaky.metrics["descriptors_growth"] / (leaky.settings["ticks"] - leaky.settings["warmup_ticks"])
    assert f"descriptors a minute (a tick is a minute): 12 / {rate:g};" in row(report, "29610")[2]
    assert "descriptors on the -wal: 12 / 20 (does not fit)" in row(report, "98573")[2]


def test_the_cure_stands_with_its_finding(run, report):
    for number, name in (("29610", "29610.c02"), ("32226", "32226.c04")):
        finding = next(cell.finding for cell in run.cells() if cell.name == name)
        assert finding in ("clean", "churn") and row(report, number)[5].endswith(f"**{finding}**")


def test_workers_are_counted_in_the_stream(run, report):
    cell = next(cell for cell in run.cells() if cell.name == "31158.c01")
    failed = next(index for index, line in enumerate(cell.stream)
                  if line.get("step") == "dispatch" and not line["ok"])
    ended = sum(line.get("event") == "worker-ended" for line in cell.stream[:failed])
    assert f"before the first failed pass: 3 to 4 / {ended} (does not fit)" in row(report, "31158")[2]


def test_the_report_of_the_run_has_the_table(run):
    result = e2e.call("report", run.folder, "--no-pictures", cwd=run.folder)
    assert result.returncode == 0 and result.stderr == ""
    # A thread of another repository must not become a link in this one: a blank without width parts # and number.
    text = (run.folder / "report.md").read_text().replace("#&#8203;", "#")
    assert "**Answer. Of 5 field reports 2 are reproduced in full, 3 in part and 0 not.**" in text
    for number in QUICK:
        assert row(text, number)[1] == STATUS[number]
    assert "descriptors on the -wal: 12 / 20 (does not fit)" in row(text, "98573")[2]


def test_without_python_the_table_alone_is_missing_and_that_is_said(run, tmp_path):
    result = e2e.call("report", run.folder, "--no-pictures", cwd=run.folder, **e2e.without_modules(tmp_path, "json"))
    assert result.returncode == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("walsoak: no table of reported beside measured: no Python with json here")
    text = (run.folder / "report.md").read_text()
    assert "**Answer. All 5 scenarios came out as they expect" in text and "## Scenarios" in text


def test_a_field_with_an_unknown_key_starts_nothing(tmp_path):
    field = {"thread": "#1", "rate": 12}
    result = e2e.call("run", e2e.scenario(tmp_path, field=field), "--out", tmp_path / "run", cwd=tmp_path)
    assert result.returncode == 3 and "/field/rate: unknown key" in result.stderr
    assert not (tmp_path / "run").exists()
