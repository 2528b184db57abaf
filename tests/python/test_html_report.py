"""scripts/report_html: a page is made of whatever a run says, and nothing of it becomes markup or is loaded."""

import json
import os
import re
import subprocess
import sys

import pytest
from e2e import PROJECT
from html_outline import assert_sound, read

sys.path.insert(0, str(PROJECT / "scripts" / "report_html"))
import dialect  # noqa: E402
import make  # noqa: E402
import pictures  # noqa: E402

HOSTILE = '<script>alert("1")</script><img src=x onerror=\'f()\'> & </details> &lt;'
SVG = '''<?xml version="1.0"?><!DOCTYPE svg>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20pt" viewBox="0 0 20 10"
 onload="f()"><metadata>made by</metadata><style>* { display: none }</style><script>f()</script>
<defs><clipPath id="unused"/><clipPath id="a"><rect width="5" height="5"/></clipPath><path id="m" d="M 0 0"/><path id="m" d="M 1 1"/></defs>
<g clip-path="url(#a)" style="fill: url(http://elsewhere/x)" onclick="f()"><use xlink:href="#m" x="1"/>
<use xlink:href="http://elsewhere/y.svg#z"/><image xlink:href="http://elsewhere/z.png"/><text>1 &lt; 2</text></g>
<foreignObject><body/></foreignObject><a xlink:href="javascript:f()"><rect/></a></svg>'''


def cell(name="c01", **values):
    """A cell as an old summary has it, without what came later."""
    return {"cell": name, "settings": {"strategy": "per-tick"}, "differs": {"strategy": "per-tick"}, "finding": "churn",
            "verdict": "pass", "metrics": {"kernel_main_last": 1}, "samples": None, **values}


def content(markdown="# Title\n", cells=None, left_out=0):
    return {"markdown": markdown, "run": "a run", "walsoak": "0.1.0", "state": "done", "cells_left_out": left_out,
            "cells": [cell()] if cells is None else cells}


def page_of(folder, **values):
    page = read(make.html(content(**values), folder))
    assert_sound(page)
    return page


def plain(blocks):
    return [(block["kind"], dialect.text_of(block.get("spans") or [])) for block in blocks]


# --- the text


def test_the_dialect_of_reports_is_read():
    blocks = dialect.parse('''# A *title*

Words of `code`
and **strong *both* words**.

| a | b |
|---|---|
| x \\| y | 1 |

- one
- two

  <details><summary>s.py</summary>

```python
# <details>
- no list
```

  </details>

![a picture](pictures/a.png)

<details><summary>Raw</summary>

## Inside

<details><summary>deeper</summary>

text
</details>
</details>

after'''.splitlines())
    heading, words, table, items, picture, raw, after = blocks
    assert heading["level"] == 1 and dialect.text_of(heading["spans"]) == "A title"
    assert dialect.text_of(words["spans"]) == "Words of code and strong both words."
    assert [kind for kind, _ in words["spans"]] == ["text", "code", "text", "strong", "text"]
    assert table["rows"] == [[[("text", "x | y")], [("text", "1")]]]
    assert [len(item) for item in items["items"]] == [1, 2]
    assert items["items"][1][1]["blocks"] == [{"kind": "code", "language": "python", "text": "# <details>\n- no list"}]
    assert (picture["alt"], picture["path"]) == ("a picture", "pictures/a.png")
    assert plain(raw["blocks"]) == [("heading", "Inside"), ("details", "")]
    assert dialect.text_of(after["spans"]) == "after"


@pytest.mark.parametrize("line, text", [
    ("2 * 3 * 4", "2 * 3 * 4"), ("a_b_c", "a_b_c"), ("&lt;b> &amp; &nbsp;", "<b> & &nbsp;"), ("**open", "**open"),
    ("`a\\|b`", "a|b"), ("\\*no\\*", "*no*"), ("[x](http://e/)", "x (http://e/)"), ("<b>bold</b>", "<b>bold</b>"),
    ("", ""), ("`", "`"), ("``a`b``", "a`b"), ("@&#8203;a &#91;x&#93;(y) &#96;&#124; &amp;#60;", "@a [x](y) `| &#60;")])
def test_text_stays_what_it_says(line, text):
    assert dialect.text_of(dialect.spans(line)) == text


@pytest.mark.parametrize("text", ["```", "<details>", "<details><summary>x", "|", "| a |\n|---|", "- ", "#", "![](", "1.",
                                  "- a\n\n      b\n    c", "</details>", "\x00"])
def test_whatever_the_text_is_it_comes_to_an_end(text, tmp_path):
    page_of(tmp_path, markdown=text)


# --- nothing becomes markup


def hostile(value):
    if isinstance(value, str):
        return value + HOSTILE
    if isinstance(value, list):
        return [hostile(one) for one in value]
    if isinstance(value, dict):
        return {key + HOSTILE if key == "strategy" else key: hostile(one) for key, one in value.items()}
    return value


def test_every_value_is_escaped(tmp_path):
    rich = cell(also=["churn"], evidence=["e"], reasons=["r"], state="done", control_of="c02", integrity="ok", aborted="t",
                mechanisms=[{"name": "m", "evidence": "e"}], mechanisms_unknown=[{"name": "n", "evidence": "e"}],
                ledgers={"agree": False, "remarks": ["l"]}, sqlite={"subject": "3.40.1"},
                errors=[{"code": 522, "message": "m", "where": "w", "app": None, "step": "s", "actor": "a", "count": 2}],
                thresholds=[{"threshold": "t", "verdict": "fail", "seen": 1, "reason": "r"}],
                expected={"finding": "churn", "metrics": {}}, troubled_boards=["b01"],
                watched={"command": "c", "databases": [{"name": "d", "main": {"first": 1, "last": 2, "peak": 3}}]},
                samples={"of": 1, "columns": ["tick"], "rows": [[0]]})
    values = hostile(content(cells=[rich]))
    # A name as the cells of a run have it, and text in which all has its place.
    values["cells"][0]["cell"] = "c01"
    values["markdown"] = "\n\n".join([f"# T {HOSTILE}", f"*{HOSTILE}*", f"## S {HOSTILE}", f"- {HOSTILE}",
                                      f"| {HOSTILE} |\n|---|\n| {HOSTILE} |", f"```\n{HOSTILE}\n```",
                                      f"![{HOSTILE}](pictures/x.png)", f"<details><summary>{HOSTILE}</summary>\n\nx\n</details>"])
    text = make.html(values, tmp_path)
    page = read(text)
    assert_sound(page)
    assert not list(page.all("img", "b"))
    assert page.text().count("alert(") > 40 and "onerror" not in str([one.attributes for one in page.all("figure", "td")])
    assert page.first("title").text().startswith("T <script>alert")


# --- pictures


def test_a_picture_is_cleaned_and_has_ids_of_its_own():
    markup = pictures.inline_svg(SVG, "p1-", 'a "label"')
    picture = read(markup).first("svg")
    assert [one.tag for one in picture.all("clippath", "path", "rect", "use", "image", "text", "g")].count("use") == 2
    for word in ("script", "onload", "onclick", "elsewhere", "javascript", "metadata", "<style", "foreign", "<a ", "<?xml"):
        assert word not in markup
    assert picture.attributes["aria-label"] == 'a "label"' and picture.attributes["role"] == "img"
    assert 'clip-path="url(#p1-a)"' in markup and 'href="#p1-m"' in markup and markup.count('id="p1-m"') == 1
    assert "unused" not in markup
    assert picture.first("text").text() == "1 < 2"


@pytest.fixture(name="drawn")
def folder_with_pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("churn", "ledgers-c01", "other"):
        (folder / f"{name}.svg").write_text(SVG)
        (folder / f"{name}.png").write_bytes(b"\x89PNG\r\n\x1a\n0")
    return tmp_path


def test_pictures_stand_where_the_text_has_them_then_by_their_cell_then_at_the_end(drawn):
    page = page_of(drawn, markdown="# T\n\n## Pictures\n\n![how it churns](pictures/churn.png)\n")
    assert [figure.first("figcaption").text() for figure in page.all("figure")] == ["how it churns", "other", "ledgers c01"]
    assert len(list(page.all("svg"))) == 3 and not list(page.all("img"))
    (detail,) = [one for one in page.all("details") if one.attributes.get("id") == "cell-c01"]
    assert detail.first("figcaption").text() == "ledgers c01"


def test_one_that_is_no_svg_or_too_large_is_shown_as_png(drawn, monkeypatch):
    (drawn / "pictures" / "churn.svg").write_text("<svg")
    monkeypatch.setattr(pictures, "MOST_SVG_BYTES", len(SVG) - 1)
    page = page_of(drawn, markdown="# T\n\n![churn](pictures/churn.png)\n")
    assert [one.attributes["alt"] for one in page.all("img")] == ["churn", "other", "ledgers c01"]


def test_pictures_that_would_make_the_page_too_large_are_named(drawn, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_BYTES", 5)
    page = page_of(drawn, markdown="# T\n\n![churn](pictures/churn.png)\n")
    assert not list(page.all("figure"))
    assert "A picture that is not in this page: churn" in page.text()
    assert "too large for it: churn, ledgers-c01, other" in page.text()


# --- tables


def test_cells_are_linked_findings_marked_and_columns_told_apart(tmp_path):
    page = page_of(tmp_path, cells=[cell("c01"), cell("f.c02", finding="data loss")],
                   markdown="# T\n\n| cell | finding | lost | why |\n|---|---|---|---|\n"
                            f"| c01 | churn | 0 | - |\n| f.c02 | data loss (also leak) | +8 | {'x ' * 20}|\n| c99 | odd | ? | |\n")
    table = page.first("table")
    assert [link.attributes["href"] for link in table.all("a")] == ["#cell-c01", "#cell-f-c02"]
    assert [one.attributes["data-finding"] for one in table.all("span")] == ["churn", "data loss"]
    assert [head.attributes.get("class") for head in table.first("thead").all("th")] == [None, None, "n", "long"]


def test_a_run_of_many_cells_says_what_is_left_out(tmp_path):
    page = page_of(tmp_path, cells=[cell(f"c{number:02}") for number in range(1, 4)], left_out=70)
    assert "3 of 73 cells are shown" in page.text()
    assert len([one for one in page.all("details") if one.attributes.get("class") == "cell"]) == 3


def test_metrics_of_one_key_stand_in_one_row_and_what_is_not_known_is_no_zero(tmp_path):
    metrics = {"api_open_first": None, "api_open_last": 4, "api_open_growth": None, "api_open_peak": 5, "steps": 7}
    page = page_of(tmp_path, cells=[cell(metrics=metrics)])
    rows = [[one.text() for one in row.all("th", "td")] for row in page.all("tr")]
    assert ["api_open", "?", "4", "?", "5"] in rows and ["steps", "7"] in rows
    assert ["connections open, as the program counted them", "?", "4", "?", "5"] in rows


def test_without_cells_there_is_the_text(tmp_path):
    page = page_of(tmp_path, markdown="# T\n\nNothing ran yet.\n", cells=[])
    assert "Nothing ran yet." in page.text() and not list(page.all("table"))


# --- the program


def call(folder, text, **env):
    return subprocess.run([sys.executable, PROJECT / "scripts/report_html/make.py", folder], input=text, text=True,
                          capture_output=True, check=False, env={**os.environ, **env})


def test_what_is_no_page_is_one_line(tmp_path):
    for text in ("", "[]", "{}", json.dumps({**content(), "cells": [{}]})):
        result = call(tmp_path, text)
        assert (result.returncode, result.stdout) == (4, "") and result.stderr.count("\n") == 1


def test_without_jinja2_it_says_what_to_install(tmp_path):
    (tmp_path / "jinja2.py").write_text("raise ImportError('none here')")
    result = call(tmp_path, json.dumps(content()), PYTHONPATH=str(tmp_path))
    assert result.returncode == 4 and re.fullmatch(r"python3-jinja2 is needed: apt-get .*\n", result.stderr)


def test_the_same_page_each_time(tmp_path):
    first = call(tmp_path, json.dumps(content()))
    assert first.returncode == 0 and first.stdout == call(tmp_path, json.dumps(content())).stdout
