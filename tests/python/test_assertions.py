"""scripts/assertions: a test of other people's that leaves SQLite's files open, deleted or unlocked fails and says where."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from script_sandbox import PROJECT

# Theirs is a run of its own, whatever options this one has.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
ASSERTIONS = PROJECT / "scripts" / "assertions"
WRITE = "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS t (x); INSERT INTO t VALUES (1)"

PYTHON_TESTS = f"""
import os, sqlite3, pytest

KEPT = []

def connected(path):
    held = sqlite3.connect(path, isolation_level=None)
    held.executescript("{WRITE}")
    return held

@pytest.fixture
def database(tmp_path):
    held = connected(tmp_path / "k.db")
    yield held
    held.close()

@pytest.fixture(scope="session")
def long_lived(tmp_path_factory):
    held = connected(tmp_path_factory.mktemp("long") / "long.db")
    yield held
    held.close()

def path_of(held):
    return held.execute("PRAGMA database_list").fetchone()[2]

def test_good(database, walsoak_pytest):
    database.execute("INSERT INTO t VALUES (1)")

def test_good_beside_one_that_stays(long_lived, walsoak_pytest):
    other = sqlite3.connect(path_of(long_lived))
    other.execute("SELECT * FROM t").fetchall()
    other.close()

def test_good_without_the_fixture(tmp_path):
    KEPT.append(connected(tmp_path / "k.db"))

def test_bad_leak(tmp_path, walsoak_pytest):
    KEPT.append(connected(tmp_path / "leaks.db"))  # here

def test_bad_never_read(tmp_path, walsoak_pytest):
    KEPT.append(sqlite3.connect(tmp_path / "unread.db"))

def test_bad_rollback(tmp_path, walsoak_pytest):
    KEPT.append(sqlite3.connect(tmp_path / "rollback.db"))
    KEPT[-1].executescript("CREATE TABLE t (x)")

def test_bad_cycle(tmp_path, walsoak_pytest):
    cycle = [connected(tmp_path / "cycle.db")]
    cycle.append(cycle)

def test_bad_lock(long_lived, walsoak_pytest):
    open(path_of(long_lived), "rb").close()

def test_bad_deleted(tmp_path, walsoak_pytest):
    KEPT.append(connected(tmp_path / "gone.db"))
    os.unlink(tmp_path / "gone.db-wal")
    os.unlink(tmp_path / "gone.db-shm")

@pytest.mark.walsoak_allowed
def test_good_where_it_is_allowed(tmp_path, walsoak_pytest):
    KEPT.append(connected(tmp_path / "allowed.db"))
"""


def run_pytest(folder, *options):
    (folder / "conftest.py").write_text('pytest_plugins = ["walsoak_pytest"]\n')
    (folder / "test_theirs.py").write_text(PYTHON_TESTS)
    shutil.copy(ASSERTIONS / "walsoak_pytest.py", folder)
    return subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options], cwd=folder, text=True,
                          capture_output=True, check=False, env=ENVIRONMENT).stdout


def failed(output):
    return set(re.findall(r"^(?:ERROR|FAILED) test_theirs.py::(\w+)", output, re.M))


@pytest.fixture(scope="module")
def python_output(tmp_path_factory):
    return run_pytest(tmp_path_factory.mktemp("theirs"))


def part_of(output, test):
    return re.search(rf"_ ERROR at teardown of {test} _+\n(.*?)(?=^_{{3,}}|^=)", output, re.M | re.S)[1]


def test_only_tests_that_leave_something_fail(python_output):
    assert failed(python_output) == set(re.findall(r"def (test_bad_\w+)", PYTHON_TESTS)), python_output


def test_the_lines_that_opened_are_named(python_output):
    line = 1 + next(i for i, text in enumerate(PYTHON_TESTS.splitlines()) if text.endswith("# here"))
    part = part_of(python_output, "test_bad_leak")
    assert "leaks.db: descriptors left open: 0 -> 1 on the database, 0 -> 1 on its -wal" in part
    assert f"in connected, called from test_theirs.py:{line} in test_bad_leak" in part


def test_what_is_wrong_is_said(python_output):
    assert "garbage collector closes them" in part_of(python_output, "test_bad_cycle")
    assert "long.db: its lock is lost" in part_of(python_output, "test_bad_lock")
    assert "gone.db-wal: deleted while" in part_of(python_output, "test_bad_deleted")
    assert "0 -> 1 on the database\n" in part_of(python_output, "test_bad_rollback")
    assert "garbage collector" not in part_of(python_output, "test_bad_leak")


def test_an_option_checks_every_test(tmp_path):
    assert "test_good_without_the_fixture" in failed(run_pytest(tmp_path, "--walsoak"))


CPP_TESTS = f"""
#define WALSOAK_SQLITE3
#include "walsoak_gtest.h"

#include <fcntl.h>

static sqlite3* Connected(const std::string& path) {{
  sqlite3* held = nullptr;
  sqlite3_open(path.c_str(), &held);
  sqlite3_exec(held, "{WRITE}", nullptr, nullptr, nullptr);
  return held;
}}

class Member : public testing::Test {{
 private:
  walsoak::SqliteLeakCheck leaks_;
}};

TEST_F(Member, Good) {{ sqlite3_close(Connected("good.db")); }}
TEST_F(Member, BadLeak) {{ Connected("leaks.db"); }}  // here
TEST_F(Member, BadLock) {{
  static sqlite3* const held = Connected("lock.db");
  (void)held;
  close(open("lock.db", O_RDONLY));
}}
TEST_F(Member, BadDeleted) {{
  Connected("gone.db");
  unlink("gone.db-wal");
}}
TEST(Program, BadLeak) {{ Connected("listened.db"); }}
TEST(Program, Good) {{ sqlite3_close(Connected("good.db")); }}

int main(int count, char** words) {{
  testing::InitGoogleTest(&count, words);
  if (count > 1) testing::UnitTest::GetInstance()->listeners().Append(new walsoak::SqliteLeakListener);
  return RUN_ALL_TESTS();
}}
"""


@pytest.fixture(scope="module")
def cpp_program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("theirs")
    (folder / "theirs.cc").write_text(CPP_TESTS)
    subprocess.run(["c++", "-g", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-I", ASSERTIONS, "theirs.cc", "-o", "theirs", "-lgtest",
                    "-lsqlite3", "-lpthread"], cwd=folder, check=True)
    return folder / "theirs"


def run_program(program, *words):
    return subprocess.run([program, *words], cwd=program.parent, text=True, capture_output=True, check=False).stdout


def test_only_googletests_that_leave_something_fail(cpp_program):
    output = run_program(cpp_program, "--gtest_filter=Member*")
    assert set(re.findall(r"^\[  FAILED  \] (Member\.\w+)$", output, re.M)) == {"Member.BadLeak", "Member.BadLock", "Member.BadDeleted"}
    line = 1 + next(i for i, text in enumerate(CPP_TESTS.splitlines()) if text.endswith("// here"))
    assert "leaks.db: descriptors left open: 0 -> 1 on the database" in output
    assert re.search(rf"opened at \S*theirs\.cc:\d+, called from \S*theirs\.cc:{line}\n", output), output
    assert "lock.db: its lock is lost" in output and "gone.db-wal: deleted while" in output


def test_a_listener_checks_every_test_of_a_program(cpp_program):
    output = run_program(cpp_program, "--gtest_filter=Program*", "listen")
    assert set(re.findall(r"^\[  FAILED  \] (Program\.\w+)$", output, re.M)) == {"Program.BadLeak"}
    assert "listened.db: descriptors left open" in output
