"""CONTRIBUTING says how many files an addition touches: by the dummies that scripts/dev/check-additions builds."""

import re
import shutil
import subprocess
import sys

import pytest
from e2e import PROJECT

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))

import additions

MOST_FILES = 5


@pytest.mark.parametrize("kind", additions.KINDS)
def test_an_addition_touches_as_many_files_as_contributing_says(kind):
    text = (PROJECT / "CONTRIBUTING.md").read_text()
    row = re.search(rf"^\| {kind} \| (\d+) \|(.*)$", text, re.MULTILINE)
    assert row and int(row[1]) == len(additions.files(kind)) <= MOST_FILES
    for path in additions.files(kind):
        known = path if (PROJECT / path).exists() else path.rpartition("/")[0]
        assert known in row[2], path


def test_every_addition_fits_the_tree(tmp_path):
    listed = subprocess.run(["git", "-C", PROJECT, "ls-files"], capture_output=True, text=True, check=False).stdout.split("\n")
    for path in {path for kind in additions.KINDS for path in additions.files(kind)}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        if (PROJECT / path).exists():
            shutil.copy(PROJECT / path, tmp_path / path)
    assert listed and additions.apply(tmp_path) is None


def test_an_addition_without_its_place_is_said(tmp_path):
    shutil.copytree(PROJECT / "harness", tmp_path / "harness", ignore=shutil.ignore_patterns("*.o"))
    (tmp_path / "scenarios" / "mechanism").mkdir(parents=True)
    (tmp_path / "scripts" / "repro").mkdir(parents=True)
    table = tmp_path / "harness" / "judgement" / "mechanism" / "mechanisms.cc"
    table.write_text(table.read_text().replace("{kSidecarChurn, nullptr", "{kSidecarChurning, nullptr"))
    assert "mechanisms.cc" in additions.apply(tmp_path)
