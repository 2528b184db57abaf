"""scripts/soak, scripts/test, scripts/check-format, .ci/run and the libraries that they share."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from script_sandbox import PROJECT, Sandbox, summary

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))
import count_tests  # noqa: E402
import sqlite_versions  # noqa: E402

ALL = ["soak", "test", "repeat", "bench", "fetch-sqlite", "check-format", "check-html", "check-workflows", "gate-torture",
       "watch-agrees", "check-firefox", "diagnosis-report"]


@pytest.fixture(name="box")
def make_sandbox(tmp_path):
    return Sandbox(tmp_path)


def one_line(result, *words):
    """An error is one line on stderr that holds the given words."""
    lines = result.stderr.strip().splitlines()
    return len(lines) == 1 and all(word in lines[0] for word in words)


@pytest.mark.parametrize("name", ALL)
def test_help_has_examples_and_starts_nothing(box, name):
    result = box.call(name, "--help")
    assert result.returncode == 0
    assert result.stdout.count(f"scripts/{name}") >= 2
    assert "Exit codes" in result.stdout
    assert "#" not in result.stdout.splitlines()[0]
    assert box.calls() == []


@pytest.mark.parametrize("name", ALL)
def test_help_that_cannot_be_printed_is_exit_4_and_starts_nothing(box, name):
    result = box.run(["bash", "-c", '"$0" --help >/dev/full', str(box.root / "scripts" / name)])
    assert result.returncode == 4
    assert one_line(result, "standard output cannot be written")
    assert box.calls() == []


# --- find-python


def test_find_python_takes_the_named_one_first(box):
    assert box.call("lib/find-python", "json", WALSOAK_PYTHON=sys.executable).stdout == sys.executable + "\n"


def test_find_python_passes_over_one_that_lacks_a_module(box):
    box.program("python3", "exit 1")
    box.program("good python", f'exec "{sys.executable}" "$@"')
    result = box.call("lib/find-python", "json", WALSOAK_PYTHON=str(box.bin / "python3"))
    assert result.returncode == 0
    assert os.path.dirname(result.stdout) == "/usr/bin"


def test_find_python_is_not_fooled_by_a_file_of_the_caller(box):
    (box.elsewhere / "no_such_module.py").write_text("")
    result = box.call("lib/find-python", "no_such_module")
    assert result.returncode == 4
    assert one_line(result, "no_such_module", "apt-get install")


# --- packages


def fake_apt(box, installed, apt="exit 0"):
    """dpkg-query knows `installed`; apt-get logs its arguments and then does `apt`."""
    box.program("dpkg-query", "".join(f"echo 'installed {name}'\n" for name in installed) + "exit 1")
    box.program("apt-get", f'echo "$*" >>"{box.bin}/apt.log"; {apt}')
    box.program("sudo", f'echo sudo >>"{box.bin}/apt.log"; exec "$@"')
    box.program("id", "echo 0")
    del box.env["WALSOAK_ASSUME_INSTALLED"]


def apt_log(box):
    path = box.bin / "apt.log"
    return path.read_text() if path.exists() else ""


def test_nothing_missing_says_nothing_and_leaves_apt_alone(box):
    fake_apt(box, ["one-dev", "two-dev"])
    result = box.bash("require_packages one-dev two-dev")
    assert (result.returncode, result.stdout, result.stderr, apt_log(box)) == (0, "", "", "")


def test_installs_only_what_is_missing_and_says_so(box):
    fake_apt(box, ["one-dev"])
    result = box.bash("require_packages one-dev two-dev three-dev")
    assert result.returncode == 0
    assert one_line(result, "installing", ": two-dev three-dev")
    installs = [line for line in apt_log(box).splitlines() if " install " in line]
    assert len(installs) == 1 and installs[0].endswith("two-dev three-dev")


def test_a_program_from_elsewhere_counts_as_there(box):
    fake_apt(box, [])
    box.program("npm", "exit 0")
    assert box.bash("require_packages npm").returncode == 0
    assert apt_log(box) == ""


def test_failing_apt_is_one_line_and_exit_4(box):
    fake_apt(box, [], apt='[[ $* == *update* ]] || { echo "noise"; echo "E: no such thing"; exit 100; }')
    result = box.bash("require_packages two-dev")
    assert result.returncode == 4
    assert "E: no such thing" in result.stderr.splitlines()[-1]
    assert "noise" not in result.stderr


def test_may_not_install(box):
    fake_apt(box, [])
    result = box.bash("require_packages two-dev", WALSOAK_NO_INSTALL="1")
    assert result.returncode == 4
    assert one_line(result, "two-dev", "WALSOAK_NO_INSTALL")
    assert apt_log(box) == ""


def test_a_user_installs_with_sudo(box):
    fake_apt(box, [])
    box.program("id", "echo 1000")
    assert box.bash("require_packages two-dev").returncode == 0
    assert apt_log(box).splitlines()[:2] == ["sudo", "-q update"]


def test_a_user_without_sudo_is_told_what_to_install(box):
    fake_apt(box, [])
    (box.bin / "sudo").unlink()
    box.program("id", "echo 1000")
    box.only_base()
    result = box.bash("require_packages two-dev")
    assert result.returncode == 4
    assert one_line(result, "apt-get install two-dev")


@pytest.mark.parametrize("script", ["soak", "test"])
def test_another_package_manager_is_exit_4_with_the_packages(box, script):
    box.only_base()
    for name in ("WALSOAK_ASSUME_INSTALLED", "WALSOAK_BIN"):
        del box.env[name]
    result = box.call(script)
    assert result.returncode == 4
    assert one_line(result, "no apt-get", "g++", "cmake", "libsqlite3-dev", "python3-matplotlib")


# --- soak


def test_soak_runs_quick_and_reports(box):
    result = box.call("soak", FAKE_SUMMARIES=json.dumps([summary()]), FAKE_EXIT="2")
    assert result.returncode == 2
    run, report = box.calls()
    assert run[:2] == ["run", str(box.root / "scenarios" / "quick.json")]
    assert run[2] == "--out" and run[3].startswith(str(box.root / "walsoak-runs" / "quick-20"))
    assert report == ["report", run[3], "--html"]
    assert result.stdout == f"the table\nreport: {run[3]}/report.html\n"


def test_soak_hands_its_arguments_on(box):
    box.scenario("other.json", {})
    result = box.call("soak", "scenarios/other.json", "--keep", "--out", "a run", FAKE_SUMMARIES=json.dumps([summary()]))
    assert result.returncode == 0
    assert box.calls() == [["run", str(box.root / "scenarios/other.json"), "--keep", "--out", "a run"],
                           ["report", "a run", "--html"]]
    assert "report: a run/report.html" in result.stdout


def test_soak_keeps_the_error_of_the_run(box):
    result = box.call("soak", FAKE_EXIT="3")
    assert result.returncode == 3
    assert [call[0] for call in box.calls()] == ["run"]


def test_soak_says_when_only_the_report_failed(box):
    result = box.call("soak", FAKE_SUMMARIES=json.dumps([summary()]), FAKE_REPORT_EXIT="1")
    assert result.returncode == 4
    assert one_line(result, "walsoak report")


def test_soak_dry_run_makes_no_folder(box):
    result = box.call("soak", "quick", "--dry-run")
    assert (result.returncode, result.stdout) == (0, "c01 c02\n")
    assert not (box.root / "walsoak-runs").exists()


def test_soak_leaves_it_to_walsoak_to_find_scenarios(box):
    result = box.call("soak", "scenarios/quik.json")
    assert result.returncode == 3
    assert one_line(result, "scenarios/quik.json", "no scenario of that name")
    assert box.calls() == []


def test_soak_gets_missing_sqlite_versions_first(box):
    box.scenario("two.json", {"matrix": {"sqlite.subject": ["system", "3.40.1", "3.54.1"]}})
    box.program("fetch-sqlite", f'[[ $1 == --path && $2 == 3.40.1 ]] && exit 0; [[ $1 == --path ]] && exit 3\n'
                                f'echo "[\\"fetch\\", \\"$*\\"]" >>"{box.bin}/calls"', box.root / "scripts")
    assert box.call("soak", "two").returncode == 0
    assert [call[:2] for call in box.calls()][0] == ["fetch", "3.54.1"]


def test_soak_passes_sigterm_on_and_keeps_its_code(box, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen([str(box.root / "scripts/soak")], env={**box.env, "FAKE_FIFO": str(fifo)},
                          stderr=subprocess.DEVNULL) as soak:
        assert fifo.read_text() == "started"
        soak.send_signal(signal.SIGTERM)
        assert soak.wait(timeout=60) == 143


def test_versions_are_found_under_sqlite_settings_alone():
    scenario = {"title": "on 3.1.1", "settings": {"sqlite": {"worker": "3.49.1"}, "ticks": "3.2.2"},
                "matrix": [{"sqlite.subject": ["3.54.1", "system"]}, {"sqlite": ["3.40.1"]}]}
    assert sqlite_versions.versions(scenario) == {"3.40.1", "3.49.1", "3.54.1"}


# --- test and its count

# Two programs of one test each, with result files in the form of GoogleTest.
MINI_PROJECT = """cmake_minimum_required(VERSION 3.23)
project(mini LANGUAGES NONE)
enable_testing()
add_custom_target(unit_tests)
file(WRITE ${{CMAKE_BINARY_DIR}}/true "<testsuites><testcase/></testsuites>")
file(WRITE ${{CMAKE_BINARY_DIR}}/false "<testsuites><testcase><failure/></testcase></testsuites>")
function(program name result)
  add_test(NAME ${{name}} COMMAND sh -c "mkdir -p gtest && cp ${{result}} gtest/${{name}}.xml && exec ${{result}}")
  set_tests_properties(${{name}} PROPERTIES WORKING_DIRECTORY ${{CMAKE_BINARY_DIR}})
endfunction()
program(good true)
program(slow {slow})
set_tests_properties(slow PROPERTIES LABELS e2e)
"""


def mini_project(box, slow, python_test):
    (box.root / "CMakeLists.txt").write_text(MINI_PROJECT.format(slow=slow))
    shutil.copy(PROJECT / "CMakePresets.json", box.root)
    (box.root / "tests" / "python").mkdir(parents=True)
    (box.root / "tests" / "python" / "test_mini.py").write_text(python_test)


def test_test_counts_both_kinds(box):
    mini_project(box, "true", "import os, pytest\n"
                 "def test_build():\n    assert os.environ['WALSOAK_BUILD'].endswith('a check out/build/release')\n"
                 "def test_skip():\n    pytest.skip('so')\n")
    result = box.call("test")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "3 passed, 0 failed, 1 skipped"


def test_test_fails_with_its_tests(box):
    mini_project(box, "false", "def test_bad():\n    assert False\n")
    result = box.call("test", "--preset", "dev")
    assert result.returncode == 1
    assert result.stdout.splitlines()[-1] == "1 passed, 2 failed"


def test_only_unit_leaves_out_e2e_and_python(box):
    mini_project(box, "false", "def test_bad():\n    assert False\n")
    result = box.call("test", "--preset", "tsan", "--only-unit")
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "1 passed, 0 failed")


def test_a_build_that_fails_is_exit_4_with_its_error(box):
    mini_project(box, "true", "")
    (box.root / "CMakeLists.txt").write_text("message(FATAL_ERROR broken)")
    result = box.call("test")
    assert result.returncode == 4
    assert "broken" in result.stderr
    assert "configuring preset release failed" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("arguments, word", [(["--preset"], "release, dev"), (["--rooms"], "needs names"),
                                             (["--rooms", "attic"], "no room attic"), (["--preset", "fast"], "fast"),
                                             (["more"], "more")])
def test_wrong_calls_of_test(box, arguments, word):
    result = box.call("test", *arguments)
    assert result.returncode == 3
    assert one_line(result, word)


JUNIT = {
    "passed": "<testcase/>",
    "failed": "<testcase><failure/></testcase>",
    "error": "<testcase><error/></testcase>",
    "skipped by pytest": '<testcase><skipped message="so"/></testcase>',
    "passed by GoogleTest": '<testcase status="run" result="completed"/>',
    "failed by GoogleTest": '<testcase status="run" result="completed"><failure/></testcase>',
    "skipped by GoogleTest": '<testcase status="run" result="skipped"><skipped message="so"/></testcase>',
    "disabled by GoogleTest": '<testcase status="notrun" result="suppressed"/>',
}


@pytest.mark.parametrize("case, expected", [("passed", (1, 0, 0)), ("failed", (0, 1, 0)), ("error", (0, 1, 0)),
                                            ("skipped by pytest", (0, 0, 1)), ("passed by GoogleTest", (1, 0, 0)),
                                            ("failed by GoogleTest", (0, 1, 0)), ("skipped by GoogleTest", (0, 0, 1)),
                                            ("disabled by GoogleTest", (0, 0, 1))])
def test_outcomes_of_junit(tmp_path, case, expected):
    path = tmp_path / "x.xml"
    path.write_text(f"<testsuites><testsuite>{JUNIT[case]}</testsuite></testsuites>")
    assert count_tests.outcomes(str(path)) == expected


def test_a_folder_counts_as_its_files_and_a_broken_one_as_a_failure(tmp_path):
    assert count_tests.outcomes(str(tmp_path)) is None
    for name in ("a", "b"):
        (tmp_path / f"{name}.xml").write_text(f"<testsuites><testsuite>{JUNIT['passed by GoogleTest']}</testsuite></testsuites>")
    assert count_tests.outcomes(str(tmp_path)) == (2, 0, 0)
    (tmp_path / "c.xml").write_text("<testsuites><testsuite>")
    assert count_tests.count([(0, str(tmp_path))])[0] == [2, 1, 0]


def test_a_runner_that_broke_down_counts_as_a_failure(tmp_path):
    good, absent = tmp_path / "good.xml", str(tmp_path / "absent.xml")
    good.write_text(f"<testsuite>{JUNIT['passed']}</testsuite>")
    assert count_tests.count([(0, str(good)), (8, absent)])[0] == [1, 1, 0]
    assert count_tests.count([(8, str(good))])[0] == [1, 1, 0]


# --- check-format and .ci/run

# Of each file behind the options it says where it differs, as clang-format does; what is BROKEN it cannot look at.
FAKE_FORMATTER = """
[[ $1 != --version ]] || { echo "clang-format version 14.0.6"; exit 0; }
code=0
for file in "${@:3}"; do
  ! grep -q BROKEN "$file" || { echo "Cannot open $file"; exit 1; }
  ! grep -q BAD "$file" || { echo "$file:1:1: error: code should be clang-formatted [-Wclang-format-violations]" >&2; code=1; }
done
exit $code
"""


def test_check_format_lists_what_differs(box):
    box.program("clang-format-14", FAKE_FORMATTER)
    for folder, text in (("harness", "good"), ("tests", "BAD")):
        (box.root / folder).mkdir()
        (box.root / folder / "a file.cc").write_text(text)
    result = box.call("check-format")
    assert (result.returncode, result.stdout) == (1, "tests/a file.cc\n")
    (box.root / "tests" / "a file.cc").write_text("good")
    assert box.call("check-format").returncode == 0
    (box.root / "tests" / "a file.cc").write_text("BROKEN")
    result = box.call("check-format")
    assert (result.returncode, result.stdout) == (4, "")
    assert one_line(result, "could not look at them", "a file.cc")


def test_check_format_says_when_it_is_skipped(box):
    box.only_base()
    box.program("clang-format", 'echo "clang-format version 18.1.3"')
    result = box.call("check-format")
    assert result.returncode == 0
    assert one_line(result, "skipped", "14")


@pytest.mark.parametrize("test_code, soak_code, expected",
                         [(0, 0, "10 passed, 0 failed, 4 skipped"), (1, 0, "8 passed, 2 failed, 4 skipped"),
                          (0, 1, "9 passed, 1 failed, 4 skipped")])
def test_ci_adds_everything_up(box, test_code, soak_code, expected):
    shutil.copytree(PROJECT / ".ci", box.root / ".ci")
    scripts = box.root / "scripts"
    box.program("check-format", "exit 0", scripts)
    box.program("test", "echo noise; [[ $* == *tsan* && $CODE == 1 ]] && { echo 1 passed, 1 failed, 1 skipped; exit 1; }\n"
                        "echo 2 passed, 0 failed, 1 skipped", scripts)
    box.program("soak", f"exit {soak_code}", scripts)
    result = box.run([str(box.root / ".ci/run")], CODE=str(test_code))
    assert result.stdout.splitlines()[-1] == expected
    assert result.returncode == (test_code or soak_code)


# --- check-html


def test_check_html_refuses_what_is_no_report_before_it_installs_anything(box):
    for arguments, words in (([], "give reports"), (["nowhere/report.html"], "walsoak report RUN --html"),
                             ([str(box.root)], f"{box.root}/report.html"), (["--pictures"], "needs a folder"),
                             (["--pictured"], "--pictured")):
        result = box.call("check-html", *arguments)
        assert result.returncode == 3
        assert one_line(result, words)
