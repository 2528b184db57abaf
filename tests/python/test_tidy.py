"""The style that a reader of this project may count on, checked as an ordinary test."""

import os
import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
# In two parts, so that this file holds none of the words.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
LEFT_OUT = {".git", "build", "walsoak-runs", "__pycache__", ".pytest_cache"}


def project_files():
    """Every tracked file; without git (an unpacked archive) every file but what builds and runs leave behind."""
    try:
        listed = subprocess.run(["git", "-C", str(PROJECT), "ls-files", "-z"], capture_output=True, check=True).stdout
        names = listed.decode().rstrip("\0").split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = [os.path.relpath(os.path.join(folder, name), PROJECT)
                 for folder, folders, files in os.walk(PROJECT)
                 for name in files if not LEFT_OUT & set(Path(folder).relative_to(PROJECT).parts)]
    # A file that is tracked may have been deleted in the working tree.
    return [Path(name) for name in names if (PROJECT / name).is_file()]


def text_of(path):
    return (PROJECT / path).read_text(encoding="utf-8")


def with_suffix(*suffixes):
    return [path for path in project_files() if path.suffix in suffixes]


def is_script(path):
    return path.parts[0] in ("scripts", ".ci") and text_of(path).startswith("#!")


def test_there_is_something_to_check():
    assert len(with_suffix(".cc", ".h")) > 10
    assert len(with_suffix(".py")) > 1


def test_files_are_short():
    long_ones = {str(path): lines for path in with_suffix(".cc", ".h", ".py", ".sh")
                 if (lines := len(text_of(path).splitlines())) > MOST_LINES}
    assert not long_ones


def test_nothing_is_marked_unfinished():
    files = with_suffix(".cc", ".h", ".py", ".sh", ".cmake", ".sql") + [
        path for path in project_files() if path.name == "CMakeLists.txt" or is_script(path)]
    found = [f"{path}:{number}" for path in files
             for number, line in enumerate(text_of(path).splitlines(), 1) if UNFINISHED.search(line)]
    assert not found


def test_headers_say_their_job_and_are_guarded():
    headers = with_suffix(".h")
    assert not [str(path) for path in headers if not text_of(path).startswith("//")]
    assert not [str(path) for path in headers if text_of(path).count("\n#pragma once\n") != 1]


def test_cpp_has_no_tabs():
    assert not [str(path) for path in with_suffix(".cc", ".h") if "\t" in text_of(path)]


def test_what_is_printed_is_escaped():
    """By harness/escape alone: what a name holds reaches no terminal as it is. The preloaded library has no C++."""
    prints = re.compile(r"fmt::print\(|std::(cout|cerr|clog)\b|\b(printf|fprintf|fputs|puts|perror)\(")
    files = [path for path in with_suffix(".cc", ".h") if path.parts[0] == "harness" and "preload" not in path.parts]
    assert len(files) > 100
    assert not [f"{path}:{number}" for path in files
                for number, line in enumerate(text_of(path).splitlines(), 1) if prints.search(line)]


def test_scripts_have_their_run_bit():
    assert not [str(path) for path in project_files() if is_script(path) and not os.access(PROJECT / path, os.X_OK)]


def test_the_two_commands_of_the_readme_are_there():
    readme = text_of("README.md")
    for command in ("scripts/soak", "scripts/test"):
        assert command in readme
        assert os.access(PROJECT / command, os.X_OK)


def test_there_is_a_licence():
    assert "MIT" in text_of("LICENSE")
