"""The arrows between rooms, enforced when CMake configures: an include and a dependency that run back are refused."""

import shutil
import subprocess

import pytest
from e2e import PROJECT

TREE = ["CMakeLists.txt", "cmake", "harness", "strategies", "schemas", "scenarios", "scripts/repro"]


def configured(folder):
    return subprocess.run(["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", "-DWALSOAK_TESTS=OFF", "-DWALSOAK_BENCHMARKS=OFF"],
                          capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path):
    for name in TREE:
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, tmp_path / name)
        else:
            shutil.copy(PROJECT / name, tmp_path / name)
    return tmp_path


def test_the_tree_as_it_is_configures(tree):
    result = configured(tree)
    assert result.returncode == 0, result.stderr


def test_an_include_of_a_later_room_is_refused(tree):
    path = tree / "harness" / "base" / "os" / "clock.h"
    path.write_text(path.read_text() + '#include "harness/report/text/table.h"\n')
    result = configured(tree)
    assert result.returncode != 0
    assert "clock.h" in result.stderr and "does not depend on harness/report/text" in result.stderr.replace("\n  ", " ")


def test_a_dependency_on_a_later_room_is_refused(tree):
    path = tree / "harness" / "base" / "os" / "CMakeLists.txt"
    text = path.read_text()
    assert "walsoak_shared" in text
    path.write_text(text.replace("walsoak_shared", "walsoak_shared walsoak_report", 1))
    result = configured(tree)
    assert result.returncode != 0 and "walsoak_report" in result.stderr and "comes later" in result.stderr
