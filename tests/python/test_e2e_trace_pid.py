"""walsoak trace --pid: the calls of a running process that lose SQLite's lock, through strace, and nothing else.

What a process has done before it answers strace has written before it was let go on: no test waits for a time.
"""

import os
import shutil
import signal
import subprocess

import pytest
from e2e import GIVE_UP_S, WALSOAK, wait_until
from traced_process import Attached, Process, needs_strace


@pytest.fixture(name="strace", scope="session", autouse=True)
def strace_here():
    needs_strace()


@pytest.fixture(name="process")
def running(tmp_path):
    with Process(tmp_path) as process:
        process.do("held = connect()")
        yield process


def test_a_lock_that_was_taken_before_is_known_and_its_loss_is_told_at_once(process):
    with Attached(process.pid) as trace:
        assert trace.events[0]["locked"] == [str(process.database)] and trace.events[0]["attached"]
        assert trace.events[0]["program"] == os.readlink(f"/proc/{process.pid}/exe")
        process.do("held.execute('INSERT INTO t VALUES (1)')")
        process.do("header()")
        loss = trace.next()
        assert (loss["event"], loss["path"], loss["file"], loss["call"]) == \
            ("lock_loss", str(process.database), "main", "close")
        assert (loss["pid"], loss["tid"]) == (process.pid, process.pid)
        assert loss["locks"] == [{"first": 0x40000002, "last": 0x400001FF, "mode": "read", "fd": loss["locks"][0]["fd"]}]
        process.do("header()")
        assert len(trace.end()) == 1
        assert trace.process.returncode == 0 and "close once" in trace.err and "connections: not seen" in trace.err
    process.do("held.execute('INSERT INTO t VALUES (1)')")  # it lives


REOPEN = "held.close(); held = connect(); "
LOSSY = {
    "close": REOPEN + "header()",
    "dup2": REOPEN + "fd = os.open(db, 0); os.dup2(0, fd)",
    "dup3": REOPEN + "fd = os.open(db, 0); os.dup2(0, fd, inheritable=False)",
    "close_range": REOPEN + "fd = os.open(db, 0); os.closerange(fd, fd + 9)",
}


def test_each_way_to_close_is_told_in_whatever_thread(process):
    with Attached(process.pid) as trace:
        for lines in LOSSY.values():
            process.do(lines)
        process.do(REOPEN + "t = threading.Thread(target=header); t.start(); t.join()")
        losses = trace.end()
    assert [loss["call"] for loss in losses] == [*LOSSY, "close"]
    assert losses[-1]["tid"] != process.pid and {loss["pid"] for loss in losses} == {process.pid}


HEALTHY = {
    "its life": REOPEN + "held.execute('INSERT INTO t VALUES (1)'); held.execute('PRAGMA wal_checkpoint(TRUNCATE)')",
    "another reader": "other = connect(); other.close()",
    "threads": """
def many():
    for i in range(20):
        own = sqlite3.connect(db, timeout=60, isolation_level=None)
        own.execute('INSERT INTO t VALUES (1)'); own.close()
threads = [threading.Thread(target=many) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
""",
    "vacuum and modes": "held.execute('VACUUM'); held.execute('PRAGMA journal_mode=DELETE'); held.execute('INSERT INTO t VALUES (1)')\n"
                        "held.execute('PRAGMA journal_mode=WAL'); held.execute('SELECT * FROM t').fetchall()",
    "attach and backup": "held.execute('ATTACH ? AS more', (db + '-more',)); held.execute('CREATE TABLE IF NOT EXISTS more.u(x)')\n"
                         "held.execute('DETACH more'); to = sqlite3.connect(db + '-copy'); held.backup(to); to.close()",
    "a child reads": "child = os.fork()\nif child == 0: header(); os.closerange(3, 100); os._exit(0)\nos.waitpid(child, 0)",
    "a program": "subprocess.run(['cat', db], stdout=subprocess.DEVNULL, check=True)",
    "other files": "f = open(db + '.lock', 'w'); fcntl.lockf(f, fcntl.LOCK_EX); f.close(); header(__file__)",
    "a stat": "os.stat(db); os.path.getsize(db)",
    "unix-excl": "for _ in range(2):\n"
                 "    all = [sqlite3.connect('file:' + db + '-excl?vfs=unix-excl', uri=True, isolation_level=None) for _ in range(3)]\n"
                 "    for c in all: c.execute('PRAGMA journal_mode=WAL'); c.execute('CREATE TABLE IF NOT EXISTS t(x)')\n"
                 "    for c in reversed(all): c.close()",
    "other VFS": "for vfs in 'unix-dotfile', 'unix-none':\n"
                 "    c = sqlite3.connect('file:' + db + vfs + '?vfs=' + vfs, uri=True); c.execute('CREATE TABLE t(x)'); c.close()",
}


def test_what_is_healthy_has_no_event(process):
    with Attached(process.pid) as trace:
        for lines in HEALTHY.values():
            process.do(lines)
        assert trace.end() == []
        assert "lock losses: none seen" in trace.err


def test_a_path_with_any_character(tmp_path):
    with Process(tmp_path, name='b "<1>\n,) = 3.db') as process:
        process.do("held = connect()")
        with Attached(process.pid) as trace:
            process.do("header()")
            (loss,) = trace.end()
    assert loss["path"] == str(process.database)


def test_a_hard_link_is_the_same_file_and_a_renamed_database_still_is(process):
    with Attached(process.pid) as trace:
        process.do("os.link(db, db + '-link'); header(db + '-link')")
        process.do(REOPEN + "os.rename(db, db + '-moved'); header(db + '-moved')")
        assert len(trace.end()) == 2


def test_children_are_followed_unless_told_otherwise(process):
    lines = "child = os.fork()\nif child == 0: own = connect(db + '-own'); header(db + '-own'); os._exit(0)\nos.waitpid(child, 0)"
    with Attached(process.pid) as trace:
        process.do(lines)
        (loss,) = trace.end()
        assert loss["pid"] != process.pid
    with Attached(process.pid, "--no-follow") as trace:
        process.do(lines)
        assert trace.end() == []


def test_the_end_of_the_process_and_of_the_time_are_normal_ends(tmp_path):
    with Process(tmp_path) as process:
        process.do("held = connect()")
        with Attached(process.pid, "--for", "1ms") as trace:
            trace.rest()
            assert trace.process.returncode == 0 and "locked when the trace began" in trace.err
        with Attached(process.pid) as trace:
            process.process.send_signal(signal.SIGKILL)
            assert trace.rest() == [] and trace.process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_process_lives_however_the_trace_ends(process, number):
    with Attached(process.pid) as trace:
        trace.process.send_signal(number)
        trace.process.communicate(timeout=GIVE_UP_S)
    process.do("header()")
    wait_until(lambda: "TracerPid:\t0" in open(f"/proc/{process.pid}/status").read(), "end of the tracing")
    process.do("held.execute('INSERT INTO t VALUES (1)')")


def test_a_strace_that_is_killed_is_said_and_what_came_before_is_kept(process):
    with Attached(process.pid) as trace:
        process.do("header()")
        assert trace.next()["event"] == "lock_loss"
        (strace,) = open(f"/proc/{trace.process.pid}/task/{trace.process.pid}/children").read().split()
        os.kill(int(strace), signal.SIGKILL)
        assert len(trace.rest()) == 1
        assert trace.process.returncode == 4 and trace.err.count("\n") == 1 and "strace ended before" in trace.err
    process.do("held.execute('INSERT INTO t VALUES (1)')")


def test_events_nobody_reads_end_the_trace_in_good_order_and_not_the_process(process):
    with Attached(process.pid) as trace:
        trace.process.stdout.close()  # as head does: no error, and the summary is told
        process.do("header()")
        assert trace.process.wait(GIVE_UP_S) == 0
        assert "lock losses" in trace.process.stderr.read()
    process.do("held.execute('INSERT INTO t VALUES (1)')")


def test_a_stack_names_the_code_and_a_second_sqlite_that_unlocks(process, tmp_path):
    tried = subprocess.run(["strace", "-k", "-e", "trace=close", "true"], capture_output=True, text=True, check=False)
    if " > " not in tried.stderr:
        pytest.skip("this strace unwinds no stacks")
    process.do("import ctypes, re, shutil")
    copy = tmp_path / "bundled-sqlite.so"
    process.do(f"shutil.copy(re.search(r'/\\S*libsqlite3\\S*', open('/proc/self/maps').read())[0], {str(copy)!r})\n"
               f"other = ctypes.CDLL({str(copy)!r}); board = ctypes.c_void_p()")
    with Attached(process.pid, "--stack") as trace:
        process.do("held.close(); held = sqlite3.connect(db); held.execute('SELECT * FROM t').fetchall()")
        process.do("other.sqlite3_open(db.encode(), ctypes.byref(board))\n"
                   "other.sqlite3_exec(board, b'SELECT * FROM t', None, None, None)")
        process.do("other.sqlite3_close(board)")
        losses = [loss for loss in trace.end() if loss["file"] == "main"]
    assert len(losses) == 1 and losses[0]["stack"][0]["module"] == str(copy)


def refused(*arguments, path=None, prefix=()):
    env = {**os.environ, **({"PATH": str(path)} if path else {})}
    return subprocess.run([*prefix, WALSOAK, "trace", *map(str, arguments)], text=True, capture_output=True, env=env,
                          stdin=subprocess.DEVNULL, timeout=GIVE_UP_S, check=False)


def one_line(result, code, *words):
    return result.returncode == code and result.stderr.count("\n") == 1 and all(word in result.stderr for word in words)


def test_without_strace_one_line_says_how_to_get_it(process, tmp_path):
    assert one_line(refused("--pid", process.pid, path=tmp_path), 4, "apt-get install strace")


def test_where_tracing_is_refused_one_line_says_what_to_do(process, tmp_path):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv, to be somebody else")
    if not os.access(WALSOAK, os.X_OK) or subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", WALSOAK, "--version"],
                                                         capture_output=True, check=False).returncode != 0:
        pytest.skip("another user may not run walsoak where it lies")
    result = refused("--pid", process.pid, "--out", "-", prefix=["setpriv", "--reuid=65534", "--clear-groups"])
    assert one_line(result, 4, "root", "kernel.yama.ptrace_scope", "SYS_PTRACE"), result.stderr


def test_a_process_that_is_traced_already_is_said(process):
    with Attached(process.pid) as trace:
        assert one_line(refused("--pid", process.pid, "--out", "-"), 4, "traces it already")
        trace.end()


def test_a_file_that_is_there_is_not_written_over(process, tmp_path):
    (tmp_path / "events").write_text("mine")
    assert one_line(refused("--pid", process.pid, "--out", tmp_path / "events"), 3, "exists")
    assert (tmp_path / "events").read_text() == "mine"


@pytest.mark.parametrize("arguments, word", [(["--pid", 4194304], "no such process"), (["--pid", 0], "--pid"),
                                             (["--pid", 1, "--for", "soon"], "--for soon"), (["--pid", 1, "--", "true"], "one of"),
                                             ([], "one of"), (["--for", "1s", "--", "true"], "--for"),
                                             (["--stack", "--", "true"], "--stack")])
def test_a_wrong_call_is_one_line_and_starts_nothing(arguments, word):
    assert one_line(refused(*arguments), 3, word)
