"""walsoak trace: the call that loses SQLite's lock is named, in Python and in C, and nothing else is."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from e2e import GIVE_UP_S, SMALL, WALSOAK, Run, has_sqlite_built_in, pythons, scenario
from traced_command import HOLD, LIBRARY, Traced, compile_traced, trace_python  # noqa: F401 (a fixture)

if not LIBRARY.exists():
    pytest.skip("no libwalsoak-trace.so: it was not built here", allow_module_level=True)

READ = HOLD + """def header():
    with open(sys.argv[1], "rb") as file: return file.read(64)
header()
"""


def lossy_line(script):
    """The number of the line that opens the database's file."""
    return next(number for number, line in enumerate(script.splitlines(), 1) if "with open" in line)


@pytest.mark.parametrize("python", pythons())
def test_python_names_the_line_that_reads_the_header(tmp_path, python):
    traced = trace_python(tmp_path, READ, python=python)
    assert traced.result.returncode == 0, traced.result.stderr
    (loss,) = traced.losses()
    assert loss["path"] == str(tmp_path / "board.db") and (loss["file"], loss["call"]) == ("main", "close")
    assert loss["python"][0] == {"file": str(tmp_path / "script.py"), "line": lossy_line(READ), "function": "header"}
    assert loss["stack"] and not any("libwalsoak-trace" in frame["module"] for frame in loss["stack"])
    (site,) = traced.summary["lock_losses"]
    assert (site["mechanism"], site["times"]) == ("lock lost", 1)
    assert site["place"] == f"PATH/script.py:{lossy_line(READ)} in header"


@pytest.mark.parametrize("python", pythons())
def test_python_without_the_read_has_no_event(tmp_path, python):
    traced = trace_python(tmp_path, HOLD, python=python)
    assert traced.result.returncode == 0 and not traced.losses() and len(traced.of("open")) == 1


MODES = HOLD.splitlines()[0] + """
def connect(vfs, *pragmas):
    c = sqlite3.connect("file:" + sys.argv[1] + "?vfs=" + vfs, uri=True, isolation_level=None, check_same_thread=False)
    for pragma in pragmas: c.execute("PRAGMA " + pragma).fetchall()
    c.execute("CREATE TABLE IF NOT EXISTS t(x)"); c.execute("INSERT INTO t VALUES (1)")
    c.execute("SELECT * FROM t").fetchall()
    return c
"""
HEALTHY = {
    "unix-excl": "for _ in range(3): connect('unix-excl', 'journal_mode=WAL').close()",
    "unix-excl, several": "all = [connect('unix-excl', 'journal_mode=WAL') for _ in range(3)]\nfor c in all: c.close()",
    "unix-excl, last first": "all = [connect('unix-excl', 'journal_mode=WAL') for _ in range(3)]\n"
                             "for c in reversed(all): c.close()",
    "unix-excl, rollback": "all = [connect('unix-excl', 'journal_mode=DELETE') for _ in range(2)]\nfor c in all: c.close()",
    "unix-excl, threads": """import threading
def use():
    for _ in range(10):
        c = sqlite3.connect("file:" + sys.argv[1] + "?vfs=unix-excl", uri=True, timeout=60)
        c.execute("SELECT * FROM t").fetchall(); c.close()
connect('unix-excl', 'journal_mode=WAL').close()
all = [threading.Thread(target=use) for _ in range(4)]
for t in all: t.start()
for t in all: t.join()
""",
    "unix-dotfile": "connect('unix-dotfile', 'journal_mode=DELETE').close()",
    "unix-dotfile, WAL": "connect('unix-dotfile', 'locking_mode=EXCLUSIVE', 'journal_mode=WAL').close()",
    "unix-none": "connect('unix-none', 'journal_mode=DELETE').close()",
    "unix-none, WAL": "connect('unix-none', 'locking_mode=EXCLUSIVE', 'journal_mode=WAL').close()",
    "rollback": "for mode in 'DELETE', 'TRUNCATE', 'PERSIST', 'MEMORY':\n"
                "    a, b = connect('unix', 'journal_mode=' + mode), connect('unix')\n"
                "    b.execute('BEGIN IMMEDIATE'); b.execute('INSERT INTO t VALUES (1)'); b.execute('COMMIT')\n"
                "    a.close(); b.close()",
    "exclusive": "connect('unix', 'locking_mode=EXCLUSIVE', 'journal_mode=DELETE').close()\n"
                 "connect('unix', 'locking_mode=EXCLUSIVE', 'journal_mode=WAL').close()",
    "a reader at the end": "a = connect('unix', 'journal_mode=DELETE'); cursor = a.execute('SELECT * FROM t'); cursor.fetchone()",
}


@pytest.mark.parametrize("mode", HEALTHY)
def test_no_way_of_locking_of_sqlites_own_is_a_loss(tmp_path, mode):
    traced = trace_python(tmp_path, MODES + HEALTHY[mode])
    assert traced.result.returncode == 0 and not traced.losses(), traced.result.stderr


@pytest.mark.parametrize("held", ["connect('unix-excl', 'journal_mode=WAL')",
                                  "[connect('unix-excl', 'journal_mode=WAL') for _ in range(2)]",
                                  "connect('unix', 'journal_mode=DELETE'); held.execute('BEGIN IMMEDIATE')"])
def test_a_read_beside_each_way_of_locking_is(tmp_path, held):
    traced = trace_python(tmp_path, MODES + f"held = {held}\nopen(sys.argv[1], 'rb').read(16)\n")
    assert len(traced.losses()) == 1 and traced.losses()[0]["python"][0]["line"] == len(MODES.splitlines()) + 2


def test_a_stat_and_a_read_before_the_database_is_open_lose_nothing(tmp_path):
    script = "import os, sys\nopen(sys.argv[1], 'wb').close()\n" + HOLD + "os.stat(sys.argv[1])\n"
    assert not trace_python(tmp_path, script).losses()


def test_each_loss_is_told_once_and_grouped_by_its_line(tmp_path):
    again = READ + "for _ in range(3):\n    held.execute('BEGIN IMMEDIATE'); held.execute('COMMIT')\n    header()\n"
    traced = trace_python(tmp_path, again)
    # SQLite believes to have its lock, and does not take it again: there is nothing more to lose.
    assert [site["times"] for site in traced.summary["lock_losses"]] == [1]
    reopened = READ + "held.close()\nfor _ in range(3):\n    held = sqlite3.connect(sys.argv[1])\n" \
                      "    held.execute('SELECT * FROM t').fetchall()\n    header()\n    held.close()\n"
    (tmp_path / "board.db").unlink()
    traced = trace_python(tmp_path, reopened)
    assert [site["times"] for site in traced.summary["lock_losses"]] == [1, 3] or \
        [site["times"] for site in traced.summary["lock_losses"]] == [4]


def test_sqlite_by_dlopen_is_seen_too(tmp_path):
    script = """import ctypes, sys
lib = ctypes.CDLL("libsqlite3.so.0")
board, statement = ctypes.c_void_p(), ctypes.c_void_p()
assert lib.sqlite3_open(sys.argv[1].encode(), ctypes.byref(board)) == 0
assert lib.sqlite3_exec(board, b"PRAGMA journal_mode=WAL; CREATE TABLE t(x); SELECT * FROM t", None, None, None) == 0
with open(sys.argv[1]): pass
assert lib.sqlite3_prepare_v2(board, b"SELECT 1", -1, ctypes.byref(statement), None) == 0
assert lib.sqlite3_close(board) == 5
assert lib.sqlite3_close_v2(board) == 0
"""
    traced = trace_python(tmp_path, script)
    assert traced.result.returncode == 0, traced.result.stderr
    (loss,) = traced.losses()
    assert loss["python"][0]["line"] == lossy_line(script)
    (counts,) = traced.summary["connections"]
    assert (counts["opened"], counts["closed"], counts["zombies"]) == (1, 1, 1)


def test_a_second_copy_of_sqlite_is_caught(tmp_path):
    script = HOLD + """import ctypes, re, shutil
copy, board = sys.argv[2], ctypes.c_void_p()
shutil.copy(re.search(r"/\\S*libsqlite3\\S*", open("/proc/self/maps").read())[0], copy)
other = ctypes.CDLL(copy)
assert other.sqlite3_open(sys.argv[1].encode(), ctypes.byref(board)) == 0
assert other.sqlite3_exec(board, b"SELECT * FROM t", None, None, None) == 0
assert other.sqlite3_close(board) == 0
"""
    copy = tmp_path / "bundled-sqlite.so"
    traced = trace_python(tmp_path, script, copy)
    assert traced.result.returncode == 0, traced.result.stderr
    assert [counts["opened"] for counts in traced.summary["connections"]] == [2]
    main = [loss for loss in traced.losses() if loss["file"] == "main"]
    assert len(main) == 1 and main[0]["stack"][0]["module"] == str(copy)


def test_a_symbol_looked_up_behind_the_caller_is_still_found(tmp_path):
    script = "import ctypes\nf = ctypes.CDLL(None)\nassert f.getpid() > 0\ntry:\n    f.sqlite3_open\n" \
             "except AttributeError:\n    print('none')\n"
    traced = trace_python(tmp_path, script)
    assert (traced.result.returncode, traced.result.stdout) == (0, "none\n")


@pytest.fixture(name="traced_c")
def trace_c(tmp_path, compile_c):
    return lambda what, *libraries: Traced(tmp_path, compile_c(*(libraries or ("-lsqlite3",))), what,
                                           tmp_path / "board.db")


@pytest.mark.parametrize("call", ["close", "fclose", "freopen", "close_range", "closefrom", "dup2", "dup3", "fcntl",
                                  "lockf"])
def test_c_is_caught_by_whatever_call(traced_c, tmp_path, call):
    traced = traced_c(call)
    assert traced.result.returncode == 0, traced.result.stderr
    (loss,) = traced.losses()
    assert (loss["call"], loss["path"], loss["file"]) == (call, str(tmp_path / "board.db"), "main")
    assert loss["stack"][0]["module"].endswith("traced-lsqlite3")
    assert loss["locks"] == [{"first": 0x40000002, "last": 0x400001FF, "mode": "read", "fd": loss["locks"][0]["fd"]}]


@pytest.mark.parametrize("what, code, calls", [
    ("sqlites-own", 0, {("close", "main")}), ("everything", 7, {("closefrom", "main"), ("closefrom", "shm")}),
    ("killed", 137, {("close", "main")}), ("no-descriptors", 0, {("close", "main")})])
def test_c_is_caught_however_it_goes_on(traced_c, what, code, calls):
    traced = traced_c(what)
    assert traced.result.returncode == code, traced.result.stderr
    assert {(loss["call"], loss["file"]) for loss in traced.losses()} == calls
    assert len(traced.losses()) == len(calls)


def test_thousands_of_last_closes_leave_room_for_what_is_lost_then(compile_c, tmp_path):
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        pytest.skip("no tmpfs here, where each -shm has an inode of its own")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        traced = Traced(tmp_path, compile_c("-lsqlite3"), "cycles", Path(folder) / "board.db")
    assert traced.result.returncode == 0, traced.result.stderr
    assert len(traced.losses()) == 1


@pytest.mark.parametrize("what, call", [("syscall", "close"), ("syscall-range", "close_range"), ("syscall-dup3", "dup3")])
def test_c_is_caught_by_the_number_of_a_system_call(traced_c, tmp_path, what, call):
    traced = traced_c(what)
    assert traced.result.returncode == 0, traced.result.stderr
    (loss,) = traced.losses()
    assert (loss["call"], loss["path"], loss["file"]) == (call, str(tmp_path / "board.db"), "main")
    assert loss["stack"][0]["module"].endswith("traced-lsqlite3")


@pytest.mark.parametrize("what", ["instruction", "instruction-exit", "instruction-end"])
def test_a_call_that_does_not_come_through_the_library_is_noticed_later(traced_c, tmp_path, what):
    traced = traced_c(what)
    assert traced.result.returncode == 0, traced.result.stderr
    (loss,) = traced.losses()
    assert (loss["call"], loss["file"], loss["path"], loss["stack"]) == ("unseen", "main", str(tmp_path / "board.db"), [])
    assert "python" not in loss and traced.summary["lock_losses"][0]["place"] == ""


def test_a_second_sqlite_that_is_bound_to_itself_and_the_c_library_is_seen(compile_c, tmp_path):
    loaded = subprocess.run([sys.executable, "-c", "import _sqlite3; print(open('/proc/self/maps').read())"],
                            capture_output=True, text=True, check=True).stdout
    library = re.search(r"/\S*libsqlite3\S*", loaded)
    if not library:
        pytest.skip("this Python has SQLite linked in")
    copy = tmp_path / "bundled-sqlite.so"
    shutil.copy(library[0], copy)
    traced = Traced(tmp_path, compile_c("-lsqlite3"), "deepbind", tmp_path / "board.db", copy)
    assert traced.result.returncode == 0, traced.result.stderr
    assert [counts["opened"] for counts in traced.summary["connections"]] == [2]
    (loss,) = [loss for loss in traced.losses() if loss["file"] == "main"]
    assert loss["call"] == "fcntl" and loss["stack"][0]["module"] == str(copy)


@pytest.mark.parametrize("what", ["nothing", "threads", "fork", "vfork", "other-lock", "cloexec-range", "syscall-others",
                                  "delete-journal"])
def test_c_that_loses_nothing_has_no_event(traced_c, what):
    traced = traced_c(what)
    assert traced.result.returncode == 0, traced.result.stderr
    assert not traced.losses()
    (counts,) = traced.summary["connections"]
    assert counts["opened"] == counts["closed"] == (241 if what == "threads" else 1)


@pytest.mark.parametrize("what, code, expected", [("zombie", 0, (1, 1, 1, 0)), ("unclosed", 3, (1, 0, 0, 1))])
def test_c_connections_are_counted(traced_c, what, code, expected):
    traced = traced_c(what)
    assert traced.result.returncode == code
    (counts,) = traced.summary["connections"]
    assert tuple(counts[key] for key in ("opened", "closed", "zombies", "open_at_end")) == expected


def test_sqlite_linked_in_statically_is_said_and_its_losses_are_seen(traced_c):
    traced = traced_c("close", "-l:libsqlite3.a")
    assert traced.result.returncode == 0, traced.result.stderr
    assert len(traced.of("unseen_connections")) == 1 and not traced.of("open")
    assert len(traced.losses()) == 1 and traced.summary["unseen_connections"]


def test_children_are_followed_unless_told_otherwise(tmp_path):
    (tmp_path / "child.py").write_text(READ)
    command = ["/bin/sh", "-c", f"{sys.executable} child.py board.db; exit 5"]
    followed = Traced(tmp_path, *command)
    assert followed.result.returncode == 5 and len(followed.losses()) == 1
    (tmp_path / "board.db").unlink()
    alone = Traced(tmp_path, *command, options=["--no-follow"])
    assert alone.result.returncode == 5 and len(alone.of("process")) == 1 and not alone.of("open")


def test_streams_pass_through_and_events_go_to_standard_output(tmp_path):
    (tmp_path / "echo.py").write_text("import sys\nprint(sys.stdin.read() + 'out')\nprint('err', file=sys.stderr)\n")
    result = subprocess.run([WALSOAK, "trace", "--out", "-", "--", sys.executable, "echo.py"], cwd=tmp_path, text=True,
                            input="in ", capture_output=True, timeout=GIVE_UP_S, check=False)
    lines = result.stdout.splitlines()
    assert result.returncode == 0 and lines[0] == "in out" and result.stderr.startswith("err\n")
    assert [json.loads(line)["event"] for line in lines[1:]] == ["process", "end"]
    assert "lock losses: none seen" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["echo.py"]


def test_a_script_is_traced_through_its_interpreter(tmp_path):
    script = tmp_path / "tool"
    script.write_text(f"#!{sys.executable}\n{READ}")
    script.chmod(0o755)
    traced = Traced(tmp_path, script, tmp_path / "board.db")
    assert traced.result.returncode == 0 and len(traced.losses()) == 1


def test_a_static_program_is_said_and_not_started(tmp_path):
    source = tmp_path / "static.c"
    source.write_text('#include <stdio.h>\nint main(void) { puts("ran"); return 0; }\n')
    if not shutil.which("cc") or subprocess.run(["cc", "-static", source, "-o", tmp_path / "static"], check=False,
                                                capture_output=True).returncode != 0:
        pytest.skip("no static C library here")
    traced = Traced(tmp_path, tmp_path / "static")
    assert traced.result.returncode == 4 and traced.result.stdout == "" and not (tmp_path / "events.jsonl").exists()
    assert len(traced.result.stderr.splitlines()) == 1 and "linked statically" in traced.result.stderr


@pytest.mark.parametrize("arguments, word", [(["--", "no-such-program"], "no-such-program"), ([], "COMMAND"),
                                             (["--out", "there", "--", "true"], "there"),
                                             (["--", "./there"], "there")], ids=" ".join)
def test_a_wrong_call_is_one_line_and_starts_nothing(tmp_path, arguments, word):
    (tmp_path / "there").write_text("mine")
    result = subprocess.run([WALSOAK, "trace", *arguments], cwd=tmp_path, text=True, capture_output=True,
                            timeout=GIVE_UP_S, check=False)
    assert result.returncode == 3 and len(result.stderr.splitlines()) == 1 and word in result.stderr
    assert (tmp_path / "there").read_text() == "mine" and len(list(tmp_path.iterdir())) == 1


def test_the_help_has_examples(tmp_path):
    result = subprocess.run([WALSOAK, "trace", "--help"], cwd=tmp_path, text=True, capture_output=True, check=True)
    assert "walsoak trace -- python3" in result.stdout and "Exit codes" in result.stdout


def without_sanitizer():
    """Their runtimes must come first of all libraries, and refuse to start behind ours."""
    linked = subprocess.run(["ldd", WALSOAK], capture_output=True, text=True, check=False).stdout
    return not re.search(r"lib[at]san", linked)


def test_a_run_of_walsoak_agrees_with_its_own_ledger_and_tells_its_header_reads(tmp_path):
    if not without_sanitizer() or has_sqlite_built_in():
        pytest.skip("needs a subject without a sanitizer that loads SQLite")
    path = scenario(tmp_path, {**SMALL, "ticks": 6, "strategy": "persistent"}, {"header_check": ["off", "raw"]})
    traced = Traced(tmp_path, WALSOAK, "run", path, "--out", tmp_path / "run")
    assert traced.result.returncode == 0, traced.result.stderr
    subjects = [line["pid"] for line in traced.of("process") if line["program"].endswith("/walsoak-subject")]
    for cell in Run(tmp_path / "run").cells():
        for board, ledger in cell.samples()[-1]["boards"].items():
            file = str(cell.folder / "boards" / board / "kanban.db")
            opens = [line for line in traced.of("open") if line["path"] == file and line["pid"] in subjects]
            # Behind the last sample the subject is asked once more which rows it sees: on a connection of its own,
            # or on the one it holds.
            assert ledger["api_opened"] > 0 and len(opens) - ledger["api_opened"] in (0, 1)
        lost = [loss for loss in traced.losses() if loss["path"].startswith(str(cell.folder))]
        assert bool(lost) == (cell.settings["header_check"] == "raw")
        assert all(loss["pid"] in subjects and loss["stack"] for loss in lost)
