"""The scripts of scripts/repro, as walsoak prints them: they show what they say, and only where its cause is."""

import ast
import functools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from e2e import GIVE_UP_S, HOME, WALSOAK, call, environment, fetched_sqlite, pythons

FOLDER = HOME / "scripts/repro"
PYTHON = sorted(path.stem for path in FOLDER.glob("*.py"))
C = sorted(path.stem for path in FOLDER.glob("*.c"))
# From this version on SQLite looks at the locks on the -shm before it unlinks: no split.
LOOKS_FIRST = (3, 51, 0)
NEEDS_A_SPLIT = {"split-generation", "stale-checkpoint"}
# CPython's connections are no cycles before, and their close() finalizes all statements.
NEEDS_PYTHON_3_11 = {"deferred-collection", "zombie-connection"}
# What gives the case the cause or not, in either language.
CAUSE = {"mechanism": re.compile(r'(mechanism\.db", )(True|1)\b'), "control": re.compile(r'(control\.db", )(False|0)\b')}
OPPOSITE = {"True": "False", "False": "True", "0": "1", "1": "0"}


def text_of(name, language="py"):
    return (FOLDER / f"{name}.{language}").read_text()


def turned(text, case):
    """The script with the cause taken from its mechanism, or given to its control."""
    text, times = CAUSE[case].subn(lambda match: match[1] + OPPOSITE[match[2]], text)
    assert times == 1
    return text


def run(command, folder, text=None, **env):
    """Runs a script to its end in an empty folder; nothing may be left there, nor in its temporary folder."""
    here, temporary = folder / "here", folder / "temporary"
    here.mkdir()
    temporary.mkdir()
    result = subprocess.run(command, input=text, cwd=here, env=environment(TMPDIR=str(temporary), **env), text=True,
                            capture_output=True, timeout=GIVE_UP_S, check=False)
    assert list(here.iterdir()) == list(temporary.iterdir()) == []
    here.rmdir()
    temporary.rmdir()
    return result


def assert_ended(result, code):
    assert result.returncode == code, result.stdout + result.stderr
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    if code == 2:
        assert len(lines) == 1 and lines[0].startswith("cannot be shown here: ")
    else:
        assert lines[-1] == ("not reproduced" if code else "reproduced")
        for case in ("mechanism (", "control ("):
            (line,) = (line for line in lines if line.startswith(case))
            assert "expected" in line and "seen" in line


@functools.cache
def versions(python, libraries=None):
    """Those of a Python and of the SQLite it loads."""
    code = "import json, sqlite3, sys; print(json.dumps([sys.version_info[:3], sqlite3.sqlite_version_info]))"
    described = subprocess.run([python, "-c", code], env=environment(LD_LIBRARY_PATH=libraries), text=True,
                               capture_output=True, check=True)
    return [tuple(version) for version in json.loads(described.stdout)]


def code_of(name, python=sys.executable):
    """How a script must end with that Python: 0, or 2 where it cannot show the mechanism."""
    python_version, sqlite_version = versions(python)
    cannot = name in NEEDS_A_SPLIT and sqlite_version >= LOOKS_FIRST
    cannot = cannot or name in NEEDS_PYTHON_3_11 and python_version < (3, 11)
    return 2 if cannot else 0


@pytest.mark.parametrize("python", pythons())
@pytest.mark.parametrize("name", PYTHON)
def test_python_shows_it(tmp_path, name, python):
    assert_ended(run([python, "-"], tmp_path, text_of(name)), code_of(name, python))


@pytest.mark.parametrize("case", CAUSE)
@pytest.mark.parametrize("name", PYTHON)
def test_python_tells_mechanism_and_control_apart(tmp_path, name, case):
    if code_of(name) != 0:
        pytest.skip("cannot be shown here")
    assert_ended(run([sys.executable, "-"], tmp_path, turned(text_of(name), case)), 1)


@pytest.mark.parametrize("name", [name for name in PYTHON if "/proc/" in text_of(name)])
def test_python_says_where_there_is_no_proc(tmp_path, name):
    text = text_of(name).replace("/proc/self/", "/nowhere/self/")
    assert_ended(run([sys.executable, "-"], tmp_path, text), 2)


@pytest.mark.parametrize("name, code", [("lock-lost", 0), ("split-generation", 2), ("stale-checkpoint", 2)])
def test_a_newer_sqlite(tmp_path, name, code):
    libraries = str(fetched_sqlite("3.54.1"))
    if versions(sys.executable, libraries)[1] != (3, 54, 1):
        pytest.skip("this Python does not load SQLite from LD_LIBRARY_PATH")
    assert_ended(run([sys.executable, "-"], tmp_path, text_of(name), LD_LIBRARY_PATH=libraries), code)


@functools.cache
def compiler():
    for command in (["cc"], ["g++", "-x", "c"]):
        if shutil.which(command[0]):
            header = subprocess.run([*command, "-xc", "-fsyntax-only", "-"], input="#include <sqlite3.h>\n", text=True,
                                    capture_output=True, check=False)
            return command if header.returncode == 0 else None
    return None


@pytest.fixture(name="compiled")
def compile_script(tmp_path):
    """Compiles a C script and returns how it must be called."""
    if not compiler():
        pytest.skip("no C compiler, or no sqlite3.h")

    def compiled(text):
        source = tmp_path / "script.c"
        source.write_text(text)
        subprocess.run([*compiler(), "-Wall", "-Wextra", "-Werror", str(source), "-lsqlite3", "-o", "script"],
                       cwd=tmp_path, check=True)
        return [str(tmp_path / "script")]

    return compiled


def run_compiled(program, name, folder, **env):
    """Runs a C script, which makes its folder in /tmp."""
    def made():
        return set(Path("/tmp").glob(f"{name}-*"))

    before = made()
    result = run(program, folder, **env)
    assert made() <= before
    return result


@pytest.mark.parametrize("name", C)
def test_c_shows_it(tmp_path, compiled, name):
    result = run_compiled(compiled(text_of(name, "c")), name, tmp_path)
    version = tuple(map(int, re.search(r"SQLite (\d+)\.(\d+)\.(\d+)", result.stdout).groups()))
    assert_ended(result, 2 if name in NEEDS_A_SPLIT and version >= LOOKS_FIRST else 0)


@pytest.mark.parametrize("case", CAUSE)
@pytest.mark.parametrize("name", C)
def test_c_tells_mechanism_and_control_apart(tmp_path, compiled, name, case):
    result = run_compiled(compiled(turned(text_of(name, "c"), case)), name, tmp_path)
    if result.returncode == 2:
        pytest.skip(result.stdout)
    assert_ended(result, 1)


@pytest.mark.parametrize("name, code", [("lock-lost", 0), ("split-generation", 2)])
def test_c_with_a_newer_sqlite(tmp_path, compiled, name, code):
    libraries = str(fetched_sqlite("3.54.1"))
    result = run_compiled(compiled(text_of(name, "c")), name, tmp_path, LD_LIBRARY_PATH=libraries)
    assert "SQLite 3.54.1" in result.stdout
    assert_ended(result, code)


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_a_script_is_short_and_says_what_it_is(path):
    lines = path.read_text(encoding="ascii").splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 110
    opening = '"""' if path.suffix == ".py" else "/* "
    assert re.fullmatch(re.escape(f"{opening}{path.stem}: ") + r"\S.*\.", lines[0])
    assert re.search(r"sqlite\.org/|docs\.python\.org/", "\n".join(lines[:5]))


@pytest.mark.parametrize("name", PYTHON)
def test_python_needs_its_standard_library_alone(name):
    text = text_of(name)
    ast.parse(text, feature_version=(3, 9))
    assert "__file__" not in text
    modules = re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)
    assert set(modules) <= {"concurrent", "gc", "glob", "os", "resource", "sqlite3", "subprocess", "sys", "tempfile",
                            "threading"}


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_walsoak_prints_the_very_file(tmp_path, path):
    language = {".py": "python", ".c": "c"}[path.suffix]
    result = call("repro", path.stem, "--lang", language, cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, path.read_text(), "")


def test_python_is_the_default_and_a_name_may_be_written_as_in_a_report(tmp_path):
    assert call("repro", "split-generation", cwd=tmp_path).stdout == text_of("split-generation")
    assert call("repro", "split generation", cwd=tmp_path).stdout == text_of("split-generation")


@pytest.mark.parametrize("arguments", [("repro",), ("list", "mechanisms")], ids=" ".join)
def test_the_list_names_each_with_its_languages(tmp_path, arguments):
    result = call(*arguments, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert sorted(lines) == PYTHON and len(lines) == len(result.stdout.splitlines())
    assert all(line.endswith("[python, c]" if name in C else "[python]") for name, line in lines.items())


def test_every_mechanism_that_a_verdict_names_has_one():
    listed = json.loads(subprocess.run([WALSOAK, "list", "--json"], capture_output=True, text=True, check=True).stdout)
    named = [mechanism["name"] for mechanism in listed["mechanisms"] if mechanism["letter"]]
    assert named and {name.replace(" ", "-") for name in named} == set(PYTHON)


@pytest.mark.parametrize("arguments, words", [
    (["split-generatoin"], ["split-generatoin", 'did you mean "split-generation"?']),
    (["frobnicate"], ["frobnicate", "valid:", "sidecar-churn"]),
    (["lock-lost", "--lang", "rust"], ["rust", "--lang python or c"]),
    (["sidecar-churn", "--lang", "c"], ["sidecar-churn", '"c"', "--lang python"]),
    (["--lang", "c"], ["--lang"]), (["lock-lost", "extra"], ["extra"])], ids=" ".join)
def test_a_wrong_call_is_one_line_that_says_what_is_there(tmp_path, arguments, words):
    result = call("repro", *arguments, cwd=tmp_path)
    assert result.returncode == 3 and result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    for word in words:
        assert word in result.stderr


def test_a_script_that_cannot_be_printed_is_no_success(tmp_path):
    with open("/dev/full", "w") as full:
        result = subprocess.run([WALSOAK, "repro", "lock-lost"], stdout=full, stderr=subprocess.PIPE, text=True,
                                cwd=tmp_path, check=False)
    assert result.returncode == 4 and len(result.stderr.splitlines()) == 1
