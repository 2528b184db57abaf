"""The Python subject as a process: the conversation, the streams, the leash, and the ends it can come to."""

import json
import os
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest
from subject_observer import INTERPRETER, PROGRAM, Subject


def test_hello_says_who_it_is_and_what_it_can(tmp_path):
    with Subject(tmp_path) as subject:
        hello = subject.hello
        assert hello["type"] == "hello" and hello["role"] == "subject"
        assert hello["pid"] == subject.pid
        stat = Path(f"/proc/{subject.pid}/stat").read_text()
        assert hello["start_ticks"] == int(stat.rpartition(")")[2].split()[19])
        assert hello["sqlite"]["version"].startswith("3.")
        assert hello["sqlite"]["source_id"][:2] == "20"
        assert any(option.startswith("THREADSAFE") for option in hello["sqlite"]["compile_options"])
        orders = ["lockstep", "free"]
        assert hello["capabilities"] == [*orders, "spawn", "collector-every-n", "collector-auto", "module",
                                         *(["close-checkpoint"] if hasattr(sqlite3.Connection, "setconfig") else [])]


def test_stop_is_answered_with_the_final_ledger_and_exit_0(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell()
        subject.step("dispatch")
        bye, exit_code = subject.stop()
        assert bye["type"] == "bye"
        assert bye["api"] == {"b01": {"opened": {"dispatcher": 1}, "closed": {"dispatcher": 1}}}
        assert bye["vfs"] is None
        assert exit_code == 0


def test_end_of_stdin_without_stop_is_exit_4(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell()
        subject.close_stdin()
        assert subject.wait() == 4


def test_end_of_leash_ends_the_process_at_once(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(strategy="persistent")
        subject.step("dispatch")
        subject.let_go_of_leash()
        assert subject.wait() == 4


def test_interrupt_ends_it_like_any_program(tmp_path):
    with Subject(tmp_path) as subject:
        os.kill(subject.pid, signal.SIGINT)
        assert subject.wait() == -signal.SIGINT
        assert "Traceback" not in subject.log()


def test_streams_are_out_of_the_way_of_the_low_descriptors(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell()
        links = {n: os.readlink(f"/proc/{subject.pid}/fd/{n}") for n in subject.descriptor_numbers()}
        assert links[0] == "/dev/null"
        assert links[1] == links[2] == str(tmp_path / "subject.stderr")
        assert sum(link.startswith("pipe:") for n, link in links.items() if n >= 10) == 2
        # Leash, both streams and the log of acknowledgements: nothing else is open before the first board is.
        assert len(links) == 7


def test_lines_without_the_key_go_to_the_log(tmp_path):
    with Subject(tmp_path) as subject:
        subject.send({"hello": "stranger"})
        assert subject.cell()["ok"]
        assert "stranger" in subject.log()


def test_another_version_of_the_protocol_is_exit_4_with_one_line(tmp_path):
    with Subject(tmp_path) as subject:
        subject.send({"walsoak": 2, "type": "cell"})
        assert subject.wait() == 4
        assert subject.log() == "python subject: protocol version 2, but this program speaks 1\n"


def test_unknown_step_is_a_failed_step_and_no_more(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell()
        done = subject.step("dance")
        assert not done["ok"]
        assert done["error"]["code"] == 0 and "dance" in done["error"]["message"]
        assert subject.step("dispatch")["ok"]


def test_step_before_the_cell_is_a_failed_step(tmp_path):
    with Subject(tmp_path) as subject:
        assert not subject.step("dispatch")["ok"]


@pytest.mark.parametrize(
    "settings, hint",
    [
        ({"strategy": "per-tock"}, "per-tick"),
        ({"module": "/nowhere/there.py:connect"}, "/nowhere/there.py"),
        ({"module": "connect"}, "FILE:FUNCTION"),
    ],
)
def test_a_cell_that_cannot_be_is_answered_with_what_would_be_valid(tmp_path, settings, hint):
    with Subject(tmp_path) as subject:
        done = subject.cell(**settings)
        assert done["id"] == 0 and not done["ok"]
        assert hint in done["error"]["message"]
        assert subject.stop()[1] == 0


def test_thread_outside_the_pool_is_an_error(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(pool_threads=2)
        assert subject.step("dispatch", thread=1)["ok"]
        assert not subject.step("dispatch", thread=2)["ok"]


def test_threads_of_the_pool_begin_when_they_are_picked(tmp_path):
    with Subject(tmp_path) as subject:
        subject.cell(pool_threads=32)
        assert not [name for name in subject.thread_names() if name.startswith("pool-")]
        subject.step("dispatch", thread=7)
        subject.step("probe", thread=31)
        subject.step("dispatch", thread=7)
        assert [name for name in subject.thread_names() if name.startswith("pool-")] == ["pool-31", "pool-7"]


@pytest.mark.parametrize(
    "mode, collector, runs",
    [
        ("free", "every-n", "False"),
        ("free", "never", "False"),
        ("free", "auto", "True"),
        ("lockstep", "auto", "False"),
    ],
)
def test_cpythons_own_collector_runs_only_where_a_free_cell_says_auto(tmp_path, mode, collector, runs):
    module = tmp_path / "asks.py"
    module.write_text("import gc, sqlite3\nprint(gc.isenabled())\nconnect = sqlite3.connect\n")
    with Subject(tmp_path) as subject:
        assert subject.cell(module=f"{module}:connect", mode=mode, collector=collector)["ok"]
        assert subject.log().split() == [runs]


def test_stray_prints_of_a_module_do_not_break_the_stream(tmp_path):
    module = tmp_path / "noisy.py"
    module.write_text(
        "import os, sqlite3\n"
        "print('at import')\n"
        "def connect(path):\n"
        "    print('connecting')\n"
        "    os.write(1, b'straight to one\\n')\n"
        "    return sqlite3.connect(path, isolation_level=None)\n"
    )
    with Subject(tmp_path) as subject:
        subject.cell(module=f"{module}:connect")
        assert subject.step("dispatch")["ok"]
        assert [line for line in subject.log().splitlines()] == ["at import", "connecting", "straight to one"]


def test_describe_lists_the_strategies_as_they_declare_themselves():
    run = subprocess.run([INTERPRETER, PROGRAM, "--describe"], stdout=subprocess.PIPE, check=True)
    description = json.loads(run.stdout)
    declared = {strategy["name"]: strategy for strategy in description["strategies"]}
    names = sorted(declared)
    kept = ["per-tick", "persistent", "planted-leak", "pool", "shared", "thread-local", "unclosed", "wal-safe-close"]
    assert names == ["noop", *kept]
    assert declared["persistent"]["executor"] == "dedicated" and declared["persistent"]["holds_connections"]
    assert declared["unclosed"]["drops_connections"]
    affinities = {name: declared[name]["affinity"] for name in ("shared", "pool", "thread-local")}
    assert affinities == {"shared": "serialized", "pool": "serialized", "thread-local": "any-thread-close"}
    assert "vfs-ledger" not in description["capabilities"]


def test_a_wrong_call_is_one_line_and_exit_3():
    run = subprocess.run([INTERPRETER, PROGRAM, "--help-me"], stderr=subprocess.PIPE, text=True, check=False)
    assert run.returncode == 3
    assert len(run.stderr.splitlines()) == 1


def test_the_cells_answer_says_what_the_strategy_declares(tmp_path):
    with Subject(tmp_path) as subject:
        declared = subject.cell(strategy="persistent")["strategy"]
        assert (declared["name"], declared["executor"]) == ("persistent", "dedicated")
