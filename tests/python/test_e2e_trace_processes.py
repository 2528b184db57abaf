"""walsoak trace of servers, daemons and forked children: what is lost there is told, or who was not followed is."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from e2e import GIVE_UP_S, WALSOAK, environment, wait_until
from traced_command import HOLD, LIBRARY, Traced, compiler, trace_python
from traced_process import Attached, Process, needs_strace

if not LIBRARY.exists():
    pytest.skip("no libwalsoak-trace.so: it was not built here", allow_module_level=True)

# Goes on once the file `go` is there.
AWAIT = """import os, sys, time
def await_go():
    while not os.path.exists("go"): time.sleep(0.01)
"""
DAEMON = AWAIT + """
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
for fd in range(3): os.dup2(os.open(os.devnull, os.O_RDWR), fd)
os.closerange(3, 1000)
open("pid", "w").write(str(os.getpid())); os.rename("pid", "ready")
await_go()
""" + HOLD + "open(sys.argv[1], 'rb').read(16)\n"


class Running:
    """`walsoak trace -- COMMAND` that runs on while the test does something."""

    def __init__(self, folder, *command, options=()):
        self.folder = folder
        self.process = subprocess.Popen([WALSOAK, "trace", "--json", "--out", folder / "events.jsonl", *options, "--",
                                         *map(str, command)], cwd=folder, env=environment(), text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ready(self):
        wait_until(lambda: (self.folder / "ready").exists(), "the program")
        return int((self.folder / "ready").read_text())

    def go(self):
        (self.folder / "go").write_text("")

    def end(self):
        _, said = self.process.communicate(timeout=GIVE_UP_S)
        return json.loads(said[said.index("{\n"):])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go()
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


@pytest.fixture(name="daemon")
def daemon_script(tmp_path):
    (tmp_path / "daemon.py").write_text(DAEMON)
    return [sys.executable, "daemon.py", "board.db"]


def test_a_daemon_is_followed_to_its_own_end(tmp_path, daemon):
    with Running(tmp_path, *daemon) as trace:
        trace.ready()
        trace.go()
        summary = trace.end()
    assert len(summary["lock_losses"]) == 1 and summary["not_followed"] == [] and trace.process.returncode == 0


def test_a_daemon_behind_a_shell_is_too_and_the_exit_code_is_the_shells(tmp_path, daemon):
    with Running(tmp_path, "/bin/sh", "-c", " ".join(daemon) + "; exit 9") as trace:
        trace.ready()
        trace.go()
        summary = trace.end()
    assert len(summary["lock_losses"]) == 1 and trace.process.returncode == 9


@pytest.mark.parametrize("ended", ["by a signal", "by the time"])
def test_a_daemon_that_runs_on_is_named_and_lives(tmp_path, daemon, ended):
    with Running(tmp_path, *daemon, options=["--wait", "0"] if ended == "by the time" else []) as trace:
        pid = trace.ready()
        if ended == "by a signal":
            # Not before the command itself has ended: until then signals are for it.
            children = f"/proc/{trace.process.pid}/task/{trace.process.pid}/children"
            wait_until(lambda: not open(children).read(), "end of the command")
            trace.process.send_signal(signal.SIGINT)
        summary = trace.end()
        # The one in between may still end.
        assert {process["why"] for process in summary["not_followed"]} == {"still runs"}
        assert ended == "by the time" or [process["pid"] for process in summary["not_followed"]] == [pid]
        assert summary["killed"] == 0 and trace.process.returncode == 0
        os.kill(pid, 0)


def test_a_server_that_a_signal_ends_is_said_and_what_it_lost_is_kept(tmp_path):
    (tmp_path / "server.py").write_text(AWAIT + HOLD + "open(sys.argv[1], 'rb').read(16)\n"
                                        "open('pid', 'w').write(str(os.getpid())); os.rename('pid', 'ready')\nawait_go()\n")
    with Running(tmp_path, sys.executable, "server.py", "board.db") as trace:
        trace.ready()
        trace.process.send_signal(signal.SIGTERM)
        summary = trace.end()
    assert len(summary["lock_losses"]) == 1 and summary["killed"] == 1
    assert trace.process.returncode == 128 + signal.SIGTERM


def test_the_server_of_a_shell_that_a_signal_ends_is_named(tmp_path):
    (tmp_path / "server.py").write_text(AWAIT + "for fd in range(3): os.dup2(os.open(os.devnull, os.O_RDWR), fd)\n"
                                        "open('pid', 'w').write(str(os.getpid())); os.rename('pid', 'ready')\nawait_go()\n")
    with Running(tmp_path, "/bin/sh", "-c", f"{sys.executable} server.py; true") as trace:
        pid = trace.ready()
        trace.process.send_signal(signal.SIGTERM)
        summary = trace.end()
    assert pid in [process["pid"] for process in summary["not_followed"]]


def test_a_program_that_cannot_be_traced_is_named_where_it_runs_on(tmp_path):
    source = tmp_path / "static.c"
    source.write_text('#include <unistd.h>\nint main(void) { while (access("go", 0) != 0) usleep(10000); return 0; }\n')
    if subprocess.run([*compiler(), "-static", source, "-o", tmp_path / "static"], check=False,
                      capture_output=True).returncode != 0:
        pytest.skip("no static C library here")
    with Running(tmp_path, "/bin/sh", "-c", "./static >/dev/null 2>&1 & exit 0") as trace:
        (process,) = trace.end()["not_followed"]
        assert "linked statically" in process["why"]


@pytest.mark.parametrize("use, call", [("held.execute('INSERT INTO t VALUES (1)')", "sqlite3_prepare_v2"),
                                       ("held.close()", "sqlite3_close_v2"), ("list(cursor)", "sqlite3_step")])
def test_a_child_that_uses_its_parents_connection_is_said(tmp_path, use, call):
    script = HOLD + "import os\nheld.execute('INSERT INTO t VALUES (1)'); held.commit()\ncursor = held.execute('SELECT * FROM t')\n" \
        f"child = os.fork()\nif child == 0:\n    {use}\n    os._exit(0)\nos.waitpid(child, 0)\nheld.close()\n"
    traced = trace_python(tmp_path, script)
    (event,) = traced.of("inherited_connection")
    (fork,) = traced.of("fork")
    assert (event["pid"], event["parent"], event["call"]) == (fork["pid"], fork["parent"], call)
    assert event["python"][0]["line"] == 1 + next(i for i, line in enumerate(script.splitlines()) if line == f"    {use}")
    (site,) = traced.summary["inherited_connections"]
    assert site["times"] == 1 and "script.py" in site["place"]
    (counts,) = traced.summary["connections"]
    assert (counts["opened"], counts["closed"], counts["open_at_end"]) == (1, 1, 0)


OWN = """import os
child = os.fork()
if child == 0:
    own = sqlite3.connect(sys.argv[1])
    own.execute('SELECT * FROM t').fetchall()
    open(sys.argv[1]).close()
    own.close()
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_child_that_opens_its_own_connection_is_not_and_loses_by_itself(tmp_path):
    traced = trace_python(tmp_path, HOLD + "held.close()\n" + OWN)
    (loss,) = traced.losses()
    assert not traced.of("inherited_connection") and loss["pid"] == traced.of("fork")[0]["pid"]
    (counts,) = traced.summary["connections"]
    assert (counts["opened"], counts["closed"]) == (2, 2)


def test_a_child_that_opens_its_own_beside_its_parents_has_no_lock_and_is_said(tmp_path):
    traced = trace_python(tmp_path, HOLD + OWN)
    (event,) = traced.of("inherited_connection")
    assert (event["call"], event["path"]) == ("sqlite3_open_v2", str(tmp_path / "board.db"))


def test_pid_names_children_that_hold_databases(tmp_path):
    needs_strace()
    with Process(tmp_path) as process:
        process.do("child = os.fork()\nif child == 0: held = connect(); open('child', 'w').close(); signal.pause()")
        wait_until(lambda: (tmp_path / "child").exists(), "the child")
        with Attached(process.pid) as trace:
            (child,) = trace.events[0]["children"]
            assert child["databases"] == 1
            trace.end()
            assert f"walsoak trace --pid {child['pid']}" in trace.err
        process.do("os.kill(child, signal.SIGKILL); os.waitpid(child, 0)")


@pytest.mark.parametrize("wedged", [True, False])
def test_pid_says_what_was_lost_before_it_came(tmp_path, wedged):
    needs_strace()
    with Process(tmp_path) as process:
        process.do("held = connect(); held.execute('INSERT INTO t VALUES (1)')" + ("; header()" if wedged else ""))
        # The time is longer than the look takes.
        with Attached(process.pid, "--for", "2s") as trace:
            assert trace.rest() == []
            assert ("lock lost" in trace.err.lower()) == wedged, trace.err
            assert ("already so when the trace began" in trace.err) == wedged


def test_vfork_and_exec_of_every_kind_keep_their_results(tmp_path):
    """Whatever a program does with other things than SQLite is as without us: exit codes, streams, environment of children."""
    if not shutil.which("env"):
        pytest.skip("no env here")
    script = """import os, subprocess, sys
print(subprocess.run(['sh', '-c', 'exit 3']).returncode, os.waitstatus_to_exitcode(os.system('exit 4')))
pid = os.posix_spawn('/bin/sh', ['sh', '-c', 'kill -9 $$'], os.environ)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(subprocess.run(['env'], capture_output=True, text=True, env={'A': '1'}).stdout)
print(sorted(int(n) for n in os.listdir('/proc/self/fd') if int(n) < 100)[:3], os.open('/dev/null', 0))
sys.stdout.flush()
os._exit(6)
"""
    bare = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment(), text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, check=False)
    traced = Traced(tmp_path, sys.executable, "-c", script)
    assert (traced.result.stdout, traced.result.returncode) == (bare.stdout, bare.returncode) and bare.returncode == 6
