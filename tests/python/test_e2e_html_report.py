"""walsoak report --html: one page of a run, made by the real programs, that loads nothing, shows every cell and names
nobody; and what is said where it cannot be made.
"""

import html
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from e2e import PROJECT, call, scenario, wait_until, without_modules
from html_outline import assert_sound, outline, read

HOSTILE = "<script>alert(1)</script> & \"quoted\" 'text' | *x*"
SMALL = {"ticks": 6, "boards": 1, "workers": 1, "warmup_ticks": 1}
FIXTURE = PROJECT / "tests" / "fixtures" / "run-small"


@pytest.fixture(scope="module", name="made")
def run_with_hostile_names(tmp_path_factory):
    """A run below a home folder that nobody must see; its title and question would be markup."""
    home = tmp_path_factory.mktemp("made") / "home of <b>somebody & co"
    home.mkdir()
    path = scenario(home, SMALL, {"strategy": ["per-tick", "noop", "planted-leak"]}, title=f"Title {HOSTILE}",
                    question=f"Question {HOSTILE}?")
    first = call("run", path, "--quiet", "--keep", "--out", home / "seed", cwd=home, HOME=str(home))
    assert first.returncode == 0, first.stderr
    shutil.copy(home / "seed" / "cells" / "c01" / "boards" / "b01" / "kanban.db", home / "acme-salaries.db")
    run = call("run", path, "--quiet", "--board-template", home / "acme-salaries.db", "--out", home / "run", cwd=home,
               HOME=str(home))
    assert run.returncode == 0, run.stderr
    return home


def report(home, *arguments, **env):
    """Calls walsoak report; gives the result and the page, None where there is none."""
    result = call("report", home / "run", *arguments, cwd=home, HOME=str(home), **env)
    page = home / "run" / "report.html"
    return result, page.read_text() if page.exists() else None


def test_the_page_says_what_the_report_says_and_nothing_of_it_is_markup(made):
    result, text = report(made, "--html", "--no-pictures")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"report: {made}/run/report.md\nreport: {made}/run/report.html\n"
    page = read(text)
    assert_sound(page)
    assert page.first("h1").text() == f"Title {HOSTILE}"
    assert "Question <script>alert(1)</script>" in page.first("main").text()
    # Every word of the report's first lines stands in the page: they have one source.
    for line in (made / "run" / "report.md").read_text().split("\n## ")[0].splitlines():
        if line.startswith("**"):
            assert html.unescape(line.replace("**", "")) in page.text()


def test_every_cell_is_in_a_table_and_told_in_detail(made):
    page = read(report(made, "--html", "--no-pictures")[1])
    cells = json.loads((made / "run" / "summary.json").read_text())["cells"]
    links = [link for link in page.all("a") if link.attributes["href"].startswith("#cell-")]
    assert {link.text() for link in links} == {cell["cell"] for cell in cells}
    for cell in cells:
        (detail,) = [one for one in page.all("details") if one.attributes.get("id") == f"cell-{cell['cell']}"]
        text = detail.text()
        for value in (cell["finding"], cell["verdict"], *cell["evidence"], *cell["settings"], f"{SMALL['ticks'] + 1} samples"):
            assert value in text, value
        for name in cell["metrics"]:
            assert name in text or name.rpartition("_")[0] in text, name


def test_the_pictures_are_in_it(made):
    pytest.importorskip("matplotlib")
    result, text = report(made, "--html")
    assert (result.returncode, result.stderr) == (0, "")
    page = read(text)
    assert_sound(page)
    drawn = list((made / "run" / "pictures").glob("*.svg"))
    assert len(drawn) >= 3 and len(list(page.all("svg"))) == len(drawn) and not list(page.all("img"))
    assert "<?xml" not in text and text.count("<!DOCTYPE") == 1


def test_the_page_names_neither_home_nor_host_nor_boards(made):
    text = report(made, "--html", "--no-pictures")[1]
    assert str(made) not in text and "somebody" not in text and "acme-salaries" not in text
    for name in {socket.gethostname(), socket.getfqdn()} - {"localhost"}:
        whole_word = subprocess.run(["grep", "-cw", "--", name, made / "run" / "report.html"], check=False,
                                    capture_output=True, text=True)
        assert whole_word.stdout.strip() == "0", f"{name} stands in the page"


def test_they_are_shown_where_that_was_asked_for(made):
    page = read(report(made, "--html", "--no-pictures", "--no-redact")[1])
    assert_sound(page)
    assert str(made / "acme-salaries.db") in page.text()


# --- what is missing costs the page, never the report


@pytest.fixture(name="copy")
def copy_of_the_fixture(tmp_path):
    shutil.copytree(FIXTURE, tmp_path / "run")
    (tmp_path / "run" / ".walsoak-run").touch()
    (tmp_path / "run" / "report.md").unlink()
    return tmp_path


def test_without_jinja2_there_is_the_report_and_one_line(copy):
    (copy / "run" / "report.html").write_text("of an older summary")
    result, text = report(copy, "--html", "--no-pictures", **without_modules(copy, "jinja2"))
    assert result.returncode == 0 and (copy / "run" / "report.md").exists() and text is None
    assert result.stderr.count("\n") == 1 and "no report.html" in result.stderr and "python3-jinja2" in result.stderr


def test_without_matplotlib_there_is_the_page_without_pictures(copy):
    result, text = report(copy, "--html", **without_modules(copy, "matplotlib"))
    assert result.returncode == 0 and (copy / "run" / "report.md").exists()
    assert result.stderr.count("\n") == 1 and "no pictures" in result.stderr and "python3-matplotlib" in result.stderr
    page = read(text)
    assert_sound(page)
    assert not list(page.all("figure")) and len(list(page.all("table"))) > 5


def test_without_the_scripts_there_is_the_report(copy):
    result, text = report(copy, "--html", WALSOAK_HOME=str(copy))
    assert result.returncode == 0 and (copy / "run" / "report.md").exists() and text is None
    assert [line.partition(": no ")[2].split(":")[0] for line in result.stderr.splitlines()] == ["pictures", "report.html"]


# --- other runs


def test_an_older_summary_that_lacks_what_came_later_is_shown(copy):
    path = copy / "run" / "summary.json"
    summary = json.loads(path.read_text())
    for key in ("jobs", "axes", "exit_code"):
        summary.pop(key, None)
    for cell in summary["cells"]:
        for key in ("thresholds", "aborted", "so_far", "expected", "ledgers", "mechanisms_unknown", "reasons", "sqlite"):
            cell.pop(key, None)
        cell["metrics"] = dict(list(cell["metrics"].items())[:20])
    path.write_text(json.dumps(summary))
    shutil.rmtree(copy / "run" / "cells")
    result, text = report(copy, "--html", "--no-pictures")
    assert (result.returncode, result.stderr) == (0, "")
    assert_sound(read(text))


def test_a_stream_that_was_cut_off_shows_its_samples(copy):
    stream = copy / "run" / "cells" / "c01.jsonl"
    lines = stream.read_text().splitlines()
    of_samples = [at for at, line in enumerate(lines) if json.loads(line)["type"] == "sample"]
    stream.write_text("\n".join(lines[:of_samples[-1]]) + "\n" + lines[of_samples[-1]][:40])
    page = read(report(copy, "--html", "--no-pictures")[1])
    (detail,) = [one for one in page.all("details") if one.attributes.get("id") == "cell-c01"]
    assert f"{len(of_samples) - 1} samples" in detail.text()


def test_the_structure_is_the_approved_one(copy):
    """After a change that is meant, WALSOAK_APPROVE=1 writes it anew."""
    text = report(copy, "--html", "--no-pictures")[1]
    page = read(text)
    assert_sound(page)
    approved = FIXTURE / "report.outline.txt"
    if os.environ.get("WALSOAK_APPROVE"):
        approved.write_text(outline(page))
    assert outline(page) == approved.read_text()


# --- --open


def test_open_hands_the_page_to_the_desktop(copy):
    opener = copy / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" >"{copy}/part" && mv "{copy}/part" "{copy}/opened"\n')
    opener.chmod(0o755)
    result, text = report(copy, "--open", "--no-pictures", PATH=f"{opener.parent}:{os.environ['PATH']}")
    assert (result.returncode, result.stderr) == (0, "") and text
    opened = wait_until(lambda: (copy / "opened").exists() and (copy / "opened").read_text(), "file that was opened")
    assert Path(opened) == copy / "run" / "report.html"


def test_without_an_opener_one_line_says_so(copy):
    (copy / "empty").mkdir()
    result, text = report(copy, "--open", "--no-pictures", PATH=str(copy / "empty"), WALSOAK_PYTHON=sys.executable)
    assert result.returncode == 0 and text
    assert result.stderr.count("\n") == 1 and "no xdg-open here" in result.stderr
