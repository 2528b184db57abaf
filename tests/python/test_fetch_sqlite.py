"""scripts/fetch-sqlite with a stand-in for npm that packs a library of a few lines."""

import pytest

from script_sandbox import PROJECT, Sandbox

# Packs an "amalgamation" that reports $FAKE_VERSION. Called as: npm pack --loglevel=error --pack-destination DIR NAME@RELEASE
FAKE_NPM = """
echo "$*" >>"{bin}/npm.log"
pwd >>"{bin}/npm.folders"
[[ -z ${{FAKE_NPM_ERROR:-}} ]] || {{
  printf 'npm ERR! %s\n' "code E1" "$FAKE_NPM_ERROR" "A complete log is in: x" >&2; exit 1; }}
work=$(mktemp -d); mkdir -p "$work/package/deps/sqlite3"; cd "$work/package/deps/sqlite3"
printf 'const char* sqlite3_libversion(void) {{ return "%s"; }}\\n' "$FAKE_VERSION" >sqlite3.c
printf 'const char* sqlite3_sourceid(void) {{ return "a source id"; }}\\n' >>sqlite3.c
touch sqlite3.h
tar -czf "$4/better-sqlite3-${{5#*@}}.tgz" -C "$work" package
"""


@pytest.fixture(name="box")
def make_sandbox(tmp_path):
    box = Sandbox(tmp_path)
    box.program("npm", FAKE_NPM.format(bin=box.bin))
    return box


def npm_calls(box):
    path = box.bin / "npm.log"
    return path.read_text().splitlines() if path.exists() else []


def test_builds_a_version_once(box, tmp_path):
    folder = tmp_path / "cache" / "sqlite" / "3.40.1"
    result = box.call("fetch-sqlite", "3.40.1", FAKE_VERSION="3.40.1")
    assert result.returncode == 0, result.stderr
    assert {path.name for path in folder.iterdir()} == {"libsqlite3.so.0", "sqlite3.c", "sqlite3.h", "options", "source"}
    assert "-DSQLITE_THREADSAFE=1" in (folder / "options").read_text()
    assert (folder / "source").read_text() == "better-sqlite3 8.1.0\na source id\n"
    assert len(npm_calls(box)) == 1 and npm_calls(box)[0].endswith("better-sqlite3@8.1.0")
    # Nothing half-made stays beside it.
    assert [path.name for path in folder.parent.iterdir()] == ["3.40.1"]

    again = box.call("fetch-sqlite", "3.40.1")
    assert (again.returncode, again.stdout, again.stderr) == (0, "3.40.1: present\n", "")
    assert len(npm_calls(box)) == 1
    assert box.call("fetch-sqlite", "--path", "3.40.1").stdout == f"{folder}\n"
    listed = box.call("fetch-sqlite", "--list").stdout.splitlines()
    assert [line for line in listed if line.endswith("present")] == ["3.40.1   better-sqlite3 8.1.0    present"]


def test_npm_does_not_run_in_the_folder_of_the_caller(box, tmp_path):
    """A .npmrc there may name another registry, whose SQLite would be compiled and loaded."""
    assert box.call("fetch-sqlite", "3.40.1", FAKE_VERSION="3.40.1").returncode == 0
    (folder,) = (box.bin / "npm.folders").read_text().splitlines()
    assert folder.startswith(str(tmp_path / "cache"))


def test_a_version_built_with_other_options_is_built_again(box, tmp_path):
    options = tmp_path / "cache" / "sqlite" / "3.40.1" / "options"
    box.call("fetch-sqlite", "3.40.1", FAKE_VERSION="3.40.1")
    today = options.read_text()
    options.write_text("-O0\n")
    assert box.call("fetch-sqlite", "--path", "3.40.1").returncode == 3
    assert box.call("fetch-sqlite", "3.40.1", FAKE_VERSION="3.40.1").returncode == 0
    assert options.read_text() == today


def test_a_package_with_another_version_is_refused(box, tmp_path):
    result = box.call("fetch-sqlite", "3.40.1", FAKE_VERSION="3.39.4")
    assert result.returncode == 4
    assert "holds SQLite 3.39.4, not 3.40.1" in result.stderr.splitlines()[-1]
    assert list((tmp_path / "cache" / "sqlite").iterdir()) == []


def test_npm_that_fails_is_exit_4_with_its_words(box):
    result = box.call("fetch-sqlite", "3.40.1", FAKE_NPM_ERROR="network down")
    assert result.returncode == 4
    assert "network down" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("arguments, words", [([], ["which version", "3.54.1"]), (["3.1.1"], ["no SQLite 3.1.1", "3.54.1"]),
                                              (["--path", "3.40.1"], ["get it with: scripts/fetch-sqlite 3.40.1"]),
                                              (["--path"], ["one version"]), (["--all"], ["--all", "--list"]),
                                              (["3.40.1", "3.1.1"], ["no SQLite 3.1.1"])])
def test_wrong_calls(box, arguments, words):
    result = box.call("fetch-sqlite", *arguments)
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1 and all(word in result.stderr for word in words)
    assert npm_calls(box) == []


def test_the_table_names_each_version_once():
    lines = (PROJECT / "scripts/lib/better-sqlite3-versions.txt").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    assert all(len(row) == 2 for row in rows)
    versions = [tuple(int(part) for part in row[0].split(".")) for row in rows]
    assert versions == sorted(set(versions))
