"""A process, its folder and a scenario with hostile names: what walsoak prints and writes has lines of its own alone."""

import json
import os
import re

import pytest
from e2e import BUILD, WALSOAK, call, scenario
from watched_subject import SOURCE, Subject, Watch

NAME = "\x1b[2J\n::error "  # PR_SET_NAME takes 15 bytes
RENAMES = f"import ctypes\nctypes.CDLL(None).prctl(15, {NAME.encode()!r})\n"
FOLDER = "b\x1b[31m\n::error::forged\n##[error]x @octocat ![x](http:e)|\u202e"
MARK = f"mark-{os.getpid()}\x1b]0;t\x07\n::warning::forged\n@octocat"


def assert_harmless(text, *shown):
    """No control character, no workflow command; what is `shown` says that a name came at all."""
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", text), text
    assert not re.search(r"^\s*::|##\[", text, re.MULTILINE), text
    for one in shown:
        assert one in text


def assert_plain_markdown(text):
    outside = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    assert not re.search(r"@(?!&#8203;)|!\[(?!.*\]\(pictures/)|<(?!/?(details|summary)>)|\]\(http", outside), outside


@pytest.fixture(name="folder")
def hostile_folder(tmp_path):
    folder = tmp_path / FOLDER
    folder.mkdir()
    return folder


def test_a_process_and_its_folder(folder):
    with Subject(folder, MARK, source=RENAMES + SOURCE) as subject:
        subject.say("open", "k.db", 2)
        with Watch(BUILD / "walsoak-watch", folder, "--pid", subject.pid) as watch:
            assert_harmless(watch.sample(), "main 2")
            code, out, err = watch.end()
        assert code == 0, err
        assert_harmless(out + err, "\\x1b[2J\\n::error", "\\u202e/watch")
        for arguments in (["--pid", subject.pid, "--for", "100ms", "--every", "50ms", "--no-redact"], [watch.folder]):
            result = call("diagnose", *arguments, cwd=folder)
            assert result.returncode == 0, result.stderr
            assert_harmless(result.stdout + result.stderr, "\\x1b[2J\\n::error")
        with Subject(folder, MARK, source=RENAMES + SOURCE) as twin:
            twin.say("open", "k.db", 1)
            several = call("watch", "--name", MARK[:12], cwd=folder)
        assert several.returncode == 3 and several.stderr.count("\n") == 3
        assert_harmless(several.stderr, "2 processes match")
    report = call("report", watch.folder, "--no-pictures", "--html", cwd=folder)
    assert_harmless(report.stdout + report.stderr, "\\u202e/watch/report.md")
    text = (watch.folder / "report.md").read_text()
    assert_harmless(text, "&#92;x1b&#91;2J")
    assert_plain_markdown(text)
    if (watch.folder / "report.html").exists():  # where this machine has jinja2
        assert_harmless((watch.folder / "report.html").read_text(), "\\x1b[2J\\n::error")


def test_a_scenario_and_what_is_wrong_with_a_call(folder):
    path = scenario(folder, {"ticks": 24}, title="t\n::error::forged\x1b[2J")
    for arguments, code in ((["run", path, "--dry-run"], 0), (["run", path, "--set", "a\n::error::x=\x1b"], 3),
                            (["run", folder / "none\n"], 3), (["check", folder], 3), (["\n::error::x"], 3),
                            (["check", "x", "##[error]y"], 3), (["repro", "\n::error::x\x1b"], 3),
                            (["watch", "--name", "\n::error::(\x9b"], 3)):
        result = call(*arguments, cwd=folder, GITHUB_ACTIONS="true")
        assert result.returncode == code, result.stderr
        assert_harmless(result.stdout + result.stderr)
        assert code == 0 or result.stderr.count("\n") == 1


def test_a_stored_run_from_elsewhere(folder):
    with Subject(folder) as subject, Watch(BUILD / "walsoak-watch", folder, "--pid", subject.pid) as watch:
        watch.sample()
        watch.end()
    path = watch.folder / "summary.json"
    summary = json.loads(path.read_text())
    summary["title"] = "t\n| forged | row |\n<img src=x> ##[error]x"
    summary["cells"][0]["evidence"] = ["\n::error::forged\x1b[2J ![x](http://e.example/) @octocat"]
    path.write_text(json.dumps(summary))
    result = call("report", watch.folder, "--no-pictures", cwd=folder)
    assert result.returncode == 0, result.stderr
    text = (watch.folder / "report.md").read_text()
    assert_harmless(text, "t&#92;n&#124; forged", "&#92;n::error::forged&#92;x1b&#91;2J")
    assert_plain_markdown(text)
    printed = call("compare", watch.folder, watch.folder, cwd=folder, GITHUB_ACTIONS="true")
    assert_harmless(printed.stdout + printed.stderr)
    as_json = call("check", watch.folder, "--json", cwd=folder)
    assert as_json.stdout.isascii() and WALSOAK.exists()
