"""walsoak trace names the line that opens a connection and leaves it open, that fails, and that loses a lock, in
CPython, PHP, Ruby and Perl; in Node and Java the loss is named by its C code."""

import shutil
import subprocess
import sys

import pytest
from e2e import pythons
from traced_command import LIBRARY, Traced, compiler, trace_python

if not LIBRARY.exists():
    pytest.skip("no libwalsoak-trace.so: it was not built here", allow_module_level=True)

LEAK = """import sqlite3, sys
kept = []
def fetch(n):
    c = sqlite3.connect(sys.argv[1])  # here
    c.execute("SELECT * FROM sqlite_schema").fetchall()
    if n % 3: c.close()
    else: kept.append(c)
def other():
    sqlite3.connect(sys.argv[1]).close()  # there
for n in range(12): fetch(n)
other()
"""


def line_of(script, mark):
    return next(number for number, line in enumerate(script.splitlines(), 1) if mark in line)


@pytest.mark.parametrize("python", pythons())
@pytest.mark.parametrize("end", ["", "import os; os._exit(0)\n"], ids=["exit", "_exit"])
def test_connections_that_a_line_leaves_open_are_told_from_those_it_closes(tmp_path, python, end):
    traced = trace_python(tmp_path, LEAK + end, python=python)
    assert traced.result.returncode == 0, traced.result.stderr
    (counts,) = traced.summary["connections"]
    left = {"freed_at_exit": 0 if end else 4, "open_at_end": 4 if end else 0}
    assert (counts["opened"], counts["closed"], counts["peak"]) == (13, 9, 5)
    assert {key: counts[key] for key in left} == left
    places = {place["place"]: place for place in counts["places"]}
    here = places[f"PATH/script.py:{line_of(LEAK, '# here')} in fetch"]
    assert (here["opened"], here["closed"], here["peak"]) == (12, 8, 5)
    assert {key: here[key] for key in left} == left
    other = places[f"PATH/script.py:{line_of(LEAK, '# there')} in other"]
    assert (other["opened"], other["closed"]) == (1, 1)


def test_what_a_handler_closes_at_exit_was_closed_by_the_program(tmp_path):
    traced = trace_python(tmp_path, "import atexit, sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\natexit.register(c.close)\n")
    (counts,) = traced.summary["connections"]
    assert (counts["closed"], counts["freed_at_exit"]) == (1, 0)


FAIL = """import os, sqlite3, sys
for _ in range(2):
    try: sqlite3.connect(sys.argv[1] + "/nowhere")  # open
    except sqlite3.OperationalError: pass
a = sqlite3.connect(sys.argv[1], isolation_level=None)
b = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)
a.execute("CREATE TABLE t(x UNIQUE)")
a.execute("BEGIN IMMEDIATE")
for _ in range(300):
    try: b.execute("INSERT INTO t VALUES (1)")  # busy
    except sqlite3.OperationalError: pass
a.execute("COMMIT")
a.execute("INSERT INTO t VALUES (1)")
for statement in "INSERT INTO t VALUES (1)", "SELECT * FROM nothing":
    try: a.execute(statement)
    except sqlite3.Error: pass
"""


def test_opens_and_statements_that_fail_are_told_by_place_and_wrong_statements_are_not(tmp_path):
    traced = trace_python(tmp_path, FAIL)
    if traced.summary["unseen_connections"]:
        pytest.skip("this Python's SQLite is linked in")
    assert traced.result.returncode == 0, traced.result.stderr
    failures = traced.summary["failures"]
    opens = [(site["code"], site["times"], site["place"]) for site in failures if site["call"] == "sqlite3_open_v2"]
    assert opens == [(14, 2, f"PATH/script.py:{line_of(FAIL, '# open')} in <module>")]
    busy = [site for site in failures if site["code"] == 5]
    # The first ones are events, the others are only counted, without a place.
    assert sum(site["times"] for site in busy) == 300 and len(traced.of("failed_statement")) < 120
    assert busy[0]["place"] == f"PATH/script.py:{line_of(FAIL, '# busy')} in <module>" and busy[0]["times"] >= 100
    assert {site["code"] for site in failures} == {14, 5}


PHP = """<?php
$kept = [];
function fetch($path) { global $kept; $d = new SQLite3($path); $d->querySingle('select 1'); $kept[] = $d; } // opens
$held = new SQLite3($argv[1]);
$held->exec('pragma journal_mode=wal'); $held->exec('create table t(x)'); $held->querySingle('select * from t');
for ($i = 0; $i < 3; ++$i) fetch($argv[1]);
$p = new PDO('sqlite:' . $argv[1]); $p->query('select * from t')->fetchAll(); // by PDO
file_get_contents($argv[1], false, null, 0, 16); // reads
echo "done\\n";
"""
RUBY = """require 'sqlite3'
$kept = []
def fetch(path)
  db = SQLite3::Database.new(path) # opens
  db.execute('select 1')
  $kept << db
end
held = SQLite3::Database.new(ARGV[0])
held.execute('pragma journal_mode=wal'); held.execute('create table t(x)'); held.execute('select * from t')
3.times { fetch(ARGV[0]) }
File.open(ARGV[0]) { |f| f.read(16) } # reads
puts 'done'
"""
PERL = """use DBI;
our @kept;
sub fetch {
  my $db = DBI->connect("dbi:SQLite:dbname=$_[0]", '', ''); # opens
  $db->do('select 1');
  push @kept, $db;
}
our $held = DBI->connect("dbi:SQLite:dbname=$ARGV[0]", '', '');
$held->do('pragma journal_mode=wal'); $held->do('create table t(x)'); $held->selectall_arrayref('select * from t');
fetch($ARGV[0]) for 1 .. 3;
open(my $f, '<', $ARGV[0]); read($f, my $x, 16); close($f); # reads
print "done\\n";
"""
LANGUAGES = {"php": (PHP, "exit(class_exists('SQLite3') && class_exists('PDO') ? 0 : 1);", "-r"),
             "ruby": (RUBY, "require 'sqlite3'", "-e"), "perl": (PERL, "use DBD::SQLite;", "-e")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_in_another_language_names_its_lines(tmp_path, language):
    script, needs, option = LANGUAGES[language]
    program = shutil.which(language)
    if not program or subprocess.run([program, option, needs], capture_output=True, check=False).returncode != 0:
        pytest.skip(f"no {language} with SQLite here")
    name = "script." + {"php": "php", "ruby": "rb", "perl": "pl"}[language]
    (tmp_path / name).write_text(script)
    traced = Traced(tmp_path, program, name, "board.db")
    assert (traced.result.returncode, traced.result.stdout.splitlines()[0]) == (0, "done"), traced.result.stderr
    main = [site for site in traced.summary["lock_losses"] if site["file"] == "main"]
    assert len(main) == 1 and f"{name}:{line_of(script, 'reads')}" in main[0]["place"]
    (counts,) = traced.summary["connections"]
    opening = f"{name}:{line_of(script, 'opens')}"
    places = [place for place in counts["places"] if opening in " ".join([place["place"], *place["called_from"]])]
    assert sum(place["opened"] for place in places) == 3
    assert sum(place["freed_at_exit"] for place in places) == 3 and counts["open_at_end"] == 0
    if language == "php":
        assert any(f"{name}:{line_of(script, 'by PDO')}" in place["place"] for place in counts["places"])


# Holds a database open in a program that has no SQLite: as a Node addon, and as a library of Java's.
ADDON = """#include <sqlite3.h>
#include <stdlib.h>
static void hold(void) {
  sqlite3* c;
  if (sqlite3_open(getenv("BOARD"), &c) != 0) abort();
  if (sqlite3_exec(c, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); SELECT * FROM t", 0, 0, 0) != 0) abort();
}
void* napi_register_module_v1(void* env, void* exports) { (void)env; hold(); return exports; }
int JNI_OnLoad(void* machine, void* reserved) { (void)machine, (void)reserved; hold(); return 0x00010008; }
"""
NODE = """const fs = require('fs');
process.dlopen({exports: {}}, process.env.ADDON);
const fd = fs.openSync(process.env.BOARD);
fs.readSync(fd, Buffer.alloc(16));
fs.closeSync(fd);
"""
JAVA = """public class Script {
  public static void main(String[] none) throws Exception {
    System.load(System.getenv("ADDON"));
    try (var file = new java.io.FileInputStream(System.getenv("BOARD"))) { file.read(); }
  }
}
"""


@pytest.mark.parametrize("language, name, script", [("node", "script.js", NODE), ("java", "Script.java", JAVA)],
                         ids=["node", "java"])
def test_node_and_java_lose_by_a_call_that_is_seen(tmp_path, language, name, script):
    if not shutil.which(language):
        pytest.skip(f"no {language} here")
    (tmp_path / "addon.c").write_text(ADDON)
    addon = tmp_path / "addon.node"
    if subprocess.run([*compiler(), "-shared", "-fPIC", tmp_path / "addon.c", "-lsqlite3", "-o", addon], check=False,
                      capture_output=True).returncode != 0:
        pytest.skip("no SQLite to compile with")
    (tmp_path / name).write_text(script)
    traced = Traced(tmp_path, language, name, BOARD=str(tmp_path / "board.db"), ADDON=str(addon))
    assert traced.result.returncode == 0, traced.result.stderr
    (loss,) = [loss for loss in traced.losses() if loss["file"] == "main"]
    assert loss["call"] == "close" and loss["stack"]
    assert [event["path"] for event in traced.of("open")] == [str(tmp_path / "board.db")]


def test_calls_by_io_uring_and_of_another_namespace_are_said(tmp_path):
    script = """import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
made = libc.syscall(425, 4, ctypes.create_string_buffer(120))  # io_uring_setup
handle = ctypes.CDLL(None).dlmopen
handle.restype = ctypes.c_void_p
assert handle(-1, b"libz.so.1", 2), "dlmopen"
print("ring" if made >= 0 else "none")
"""
    if sys.platform != "linux":
        pytest.skip("Linux alone has them")
    traced = trace_python(tmp_path, script)
    if traced.result.returncode != 0:
        pytest.skip(f"no dlmopen here: {traced.result.stderr}")
    said = " ".join(calls["why"] for calls in traced.summary["unseen_calls"])
    assert "dlmopen" in said and ("io_uring" in said) == ("ring" in traced.result.stdout)
