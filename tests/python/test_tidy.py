"""The style that a reader of this project may count on, checked as an ordinary test."""

import ast
import os
import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
MOST_LINES = 80
# One row after another, without a branch: tables.
TABLES = ("_table(", "table()", "_subjects(")
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


def cpp_functions(lines):
    """First line and length of each: from a line that ends in ") {" to the brace at its own depth."""
    begins = re.compile(r"( {0,4})(?!namespace|class|struct|enum|union|extern|if|for|while|switch|else|do\b|\}|#|//)\S.*\) (const |noexcept |override )*\{$")
    for number, line in enumerate(lines):
        if match := begins.match(line):
            closing = match[1] + "}"
            yield line.strip(), next((i for i, later in enumerate(lines[number + 1:], 2) if later.startswith(closing)), 0)


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


def test_functions_are_short():
    long_ones = [f"{path}: {name} has {lines} lines" for path in with_suffix(".cc", ".h", ".py")
                 for name, lines in (python_functions(text_of(path)) if path.suffix == ".py"
                                     else cpp_functions(text_of(path).splitlines()))
                 if lines > MOST_LINES and not any(table in name for table in TABLES)]
    assert not long_ones


def test_what_is_too_long_is_found():
    body = ["  a();"] * MOST_LINES
    assert [lines for _, lines in cpp_functions(["void f() {", *body, "}"])] == [MOST_LINES + 2]
    assert [lines for _, lines in python_functions("def f():\n" + "    a()\n" * MOST_LINES)] == [MOST_LINES + 1]


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
    """By harness/base/escape alone: what a name holds reaches no terminal as it is. The preloaded library has no C++."""
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
