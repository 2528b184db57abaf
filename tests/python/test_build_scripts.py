"""scripts/lib/build.sh: targets, messages, and a build tree that has been moved."""

import os
import shutil
import subprocess
import sys

import pytest
from script_sandbox import FAKE_WALSOAK, PROJECT, Sandbox

PROGRAMS = ("walsoak", "walsoak-subject", "walsoak-worker", "walsoak-checker", "walsoak-watch")
# As the real one: programs at the top of the build folder, tests that need a package of their own, and more in `all`.
CMAKE = """cmake_minimum_required(VERSION 3.23)
project(mini LANGUAGES NONE)
option(WALSOAK_TESTS "" ON)
foreach(program {programs})
  add_custom_command(OUTPUT ${{CMAKE_BINARY_DIR}}/${{program}} COMMAND ${{CMAKE_COMMAND}} -E copy ${{CMAKE_SOURCE_DIR}}/fake
                     ${{CMAKE_BINARY_DIR}}/${{program}} COMMENT "Making ${{program}}")
  add_custom_target(${{program}}_made ALL DEPENDS ${{CMAKE_BINARY_DIR}}/${{program}})
endforeach()
add_custom_target(others ALL COMMAND false)
if(WALSOAK_TESTS)
  message(FATAL_ERROR "GoogleTest is not here")
endif()
"""
FIRST = "soak: building walsoak (about 3 minutes on 2 cores, the first time only; log: "


@pytest.fixture(name="box")
def sandbox_that_builds(tmp_path):
    box = Sandbox(tmp_path)
    del box.env["WALSOAK_BIN"]
    (box.root / "CMakeLists.txt").write_text(CMAKE.format(programs=" ".join(PROGRAMS)))
    shutil.copy(PROJECT / "CMakePresets.json", box.root)
    box.program("fake", FAKE_WALSOAK.format(python=sys.executable, root=str(box.root)), box.root)
    return box


def folder(box):
    return box.root / "build" / "release"


def test_soak_builds_the_programs_alone_and_says_how_long_that_takes(box):
    result = box.call("soak", "--dry-run")
    assert (result.returncode, result.stdout) == (0, "c01 c02\n"), result.stderr
    assert result.stderr.startswith(FIRST)
    assert all((folder(box) / name).exists() for name in PROGRAMS)
    again = box.call("soak", "--dry-run")
    assert again.returncode == 0 and "minutes" not in again.stderr


def test_the_tests_are_configured_for_those_who_run_them(box):
    result = box.call("test")
    assert result.returncode == 4
    assert "GoogleTest is not here" in result.stderr


@pytest.mark.parametrize("leave", ["moved", "copied"])
def test_a_tree_that_was_moved_or_copied_is_built_anew(box, leave):
    assert box.call("soak", "--dry-run").returncode == 0
    before = box.root
    box.root = before.with_name("another place")
    (before.rename if leave == "moved" else lambda place: shutil.copytree(before, place))(box.root)
    result = box.call("soak", "--dry-run")
    assert (result.returncode, result.stdout) == (0, "c01 c02\n"), result.stderr
    said = [line for line in result.stderr.splitlines() if "moved or copied" in line]
    assert said == [f"soak: {folder(box)} was moved or copied from {before}/build/release: it is built anew"]
    assert "CMake" not in result.stderr
    third = box.call("soak", "--dry-run")
    assert third.returncode == 0 and "moved or copied" not in third.stderr


def on_a_terminal(box, *arguments):
    """Runs soak with a terminal for its stderr; returns its exit code and what the terminal got."""
    terminal, theirs = os.openpty()
    with subprocess.Popen([box.root / "scripts/soak", *arguments], cwd=box.elsewhere, env={**box.env, "TERM": "xterm"},
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs) as soak:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(terminal, 4096):
                shown += chunk
        except OSError:  # the end, as a terminal has it
            pass
        os.close(terminal)
        return soak.wait(timeout=120), shown.decode()


def test_a_terminal_shows_the_steps_and_a_pipe_does_not(box):
    steps = [f"Making {name}" for name in PROGRAMS]
    code, shown = on_a_terminal(box, "--dry-run")
    assert code == 0 and shown.startswith(FIRST) and all(step in shown for step in steps)
    assert "[5/5]" in shown and "soak: built in " in shown.splitlines()[-1]
    log = folder(box) / "scripts.log"
    assert all(step in log.read_text() for step in steps)
    shutil.rmtree(folder(box))
    result = box.call("soak", "--dry-run")
    assert result.returncode == 0 and "Making" not in result.stderr
    assert all(step in log.read_text() for step in steps)


def test_a_build_that_fails_on_a_terminal_is_told(box):
    lists = box.root / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace('COMMENT "Making', 'COMMAND false COMMENT "Making'))
    code, shown = on_a_terminal(box, "--dry-run")
    assert code == 4 and "building preset release failed" in shown
