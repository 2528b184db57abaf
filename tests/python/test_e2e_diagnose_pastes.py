"""`walsoak diagnose --lsof` on pasted texts: other tools, several processes, other systems. Texts of our own."""

import json
import os
import re
import subprocess
import sys

import pytest
from e2e import WALSOAK, call, validator
from script_sandbox import PROJECT

LISTINGS = PROJECT / "tests" / "fixtures" / "listings"
LINK = "lrwx------ 1 u u 64 May 22 03:00 {} -> {}\n"


def document(text, cwd, *more):
    result = subprocess.run([WALSOAK, "diagnose", "--lsof", "-", "--json", *more], cwd=cwd, text=True, input=text,
                            capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    made = json.loads(result.stdout)
    validator("diagnosis")(made)
    return made


def refusal(text, cwd):
    result = subprocess.run([WALSOAK, "diagnose", "--lsof", "-"], cwd=cwd, text=True, input=text, capture_output=True, check=False)
    assert result.returncode == 3 and result.stderr.count("\n") == 1 and not result.stdout
    return result.stderr


def names(cell, key):
    return {line["name"] for line in cell[key]}


def links(connections, path="/srv/k.db", first=3):
    return "".join(LINK.format(first + 2 * i, path) + LINK.format(first + 1 + 2 * i, path + "-wal") for i in range(connections))


@pytest.mark.parametrize("text", [
    LINK.format(9, "/srv/k.db-wal (deleted)"),
    LINK.format(9, "/srv/k.db-shm (deleted)"),
    "app 4711 u 9u REG 8,1 4096 202 /srv/k.db-wal (deleted)\n",
    "/srv/k.db-wal (deleted)\n",
    "4711\t/usr/bin/app\t9\t/srv/k.db-wal (deleted)\n",
    "app 4711 u DEL-r REG 8,1 203 /srv/k.db-shm\n",
], ids=["ls", "shm", "lsof", "readlink", "busybox", "map"])
def test_a_deleted_sidecar_alone_is_never_nothing_wrong(text, tmp_path):
    (cell,) = document(text, tmp_path)["cells"]
    assert cell["standing"] == "open" and cell["consistent_with"][0]["name"] == "split generation"
    assert "split generation" not in names(cell, "ruled_out")
    assert re.search(r"copy .* before anything is stopped", cell["do_now"])


def test_processes_of_a_loop_are_no_moments_of_one(tmp_path):
    text = "".join(f"{2000 + 7 * i}\n{links(i)}" for i in range(1, 8))
    made = document(text, tmp_path)
    assert [cell["subject"]["pid"] for cell in made["cells"]] == [2000 + 7 * i for i in range(1, 8)]
    assert {cell["standing"] for cell in made["cells"]} == {"unknown"}
    assert not any("pile up" in cell["verdict"] for cell in made["cells"])
    (one,) = document(text, tmp_path, "--pid", "2014")["cells"]
    assert one["subject"]["pid"] == 2014


@pytest.mark.parametrize("main, wal", [(300, 100), (90, 40), (41, 40), (5, 2)])
def test_main_descriptors_beyond_the_wals_rule_out_no_parked_ones(main, wal, tmp_path):
    text = f"  {main} /srv/k.db\n  {wal} /srv/k.db-wal\n  1 /srv/k.db-shm\n"
    (cell,) = document(text, tmp_path)["cells"]
    assert "parked descriptors" not in names(cell, "ruled_out")


def test_on_macos_there_is_nothing_to_watch(tmp_path):
    row = "node 750 me {}u REG 1,15 4096 44 /Users/me/app/chat.db{}\n"
    made = document(row.format(20, "") + row.format(21, "-wal"), tmp_path)
    assert "/proc/750" not in json.dumps(made) and "watch --pid" not in json.dumps(made)
    assert "lsof -n -P -p 750" in made["cells"][0]["next_command"]


def test_inside_a_container_the_static_file_is_copied_there(tmp_path):
    (cell,) = document("$ kubectl exec web-0 -- ls -l /proc/1/fd\n" + links(1), tmp_path)["cells"]
    assert "kubectl cp walsoak-watch POD:" in cell["next_command"] and "--pid 1" in cell["next_command"]


def test_a_folder_with_a_large_wal_asks_who_holds_it(tmp_path):
    (cell,) = document("-rw-r--r-- 1 u u 2.1G Apr  3 00:01 k.db\n-rw-r--r-- 1 u u 900M Apr  4 16:05 k.db-wal\n", tmp_path)["cells"]
    assert cell["standing"] == "open" and cell["consistent_with"][0]["name"] == "checkpoint starvation"
    assert cell["next_command"].startswith("lsof -n -P DATABASE")
    assert "943.7 MB" in cell["remarks"][0]


def test_a_folder_alone_is_never_healthy(tmp_path):
    text = "-rw-r--r-- 1 u u 4096 Apr  3 00:01 k.db\n"
    dated = "".join(f"Fri May 22 03:0{i}:00 2026\n{text}" for i in range(6))
    for paste in (text, dated):
        (cell,) = document(paste, tmp_path)["cells"]
        assert cell["standing"] == "unknown", cell["verdict"]


@pytest.mark.parametrize("name, words", [("fuser", "fuser"), ("lslocks", "locks"), ("proc-locks", "locks"), ("fdinfo", "locks"),
                                         ("strace", "strace")])
def test_what_shows_no_descriptors_is_refused_with_the_command_that_does(name, words, tmp_path):
    said = refusal((LISTINGS / f"deleted.{name}.txt").read_text(), tmp_path)
    assert words in said and re.search(r"run lsof -n -P -p (PID|\d+) \| walsoak diagnose --lsof -", said)


def test_the_short_form_is_five_lines_and_the_whole_is_asked_for(tmp_path):
    (tmp_path / "paste.txt").write_text(links(3) + LINK.format(40, "/srv/k.db-wal (deleted)"))
    brief = call("diagnose", "--lsof", "paste.txt", cwd=tmp_path).stdout.splitlines()
    assert len(brief) == 6 and brief[5].startswith("(--explain")
    assert brief[0].endswith("[open]")
    assert [line.split(":")[0].strip() for line in brief[1:5]] == ["seen", "means", "do now", "settles"]
    whole = call("diagnose", "--lsof", "paste.txt", "--explain", cwd=tmp_path).stdout
    assert "Ruled out:" in whole and "cures:" in whole and "[open]" in whole
    # Names of walsoak's own threads and fixes are explained where they occur.
    assert "(no-raw-open)" in whole and "- no-raw-open: a fix:" in whole


def test_a_static_program_is_not_sent_to_a_preloaded_library(tmp_path):
    """It holds files of a database's names, and no lock: as one whose lock is lost."""
    source = tmp_path / "still.c"
    source.write_text("#include <fcntl.h>\n#include <stdio.h>\n#include <unistd.h>\n"
                      "int main(int n, char **a) { for (int i = 1; i < n; ++i) { open(a[i], O_RDWR | O_CREAT, 0600);"
                      " } puts(\"ready\"); fflush(stdout); char c; return read(0, &c, 1) < 0; }\n")
    built = subprocess.run(["cc", "-static", "-o", tmp_path / "still", source], capture_output=True, check=False)
    if built.returncode != 0:
        pytest.skip("no static C library is here")
    files = [str(tmp_path / name) for name in ("k.db", "k.db-wal", "k.db-shm")]
    process = subprocess.Popen([tmp_path / "still", *files], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        made = json.loads(call("diagnose", "--pid", process.pid, "--json", cwd=tmp_path).stdout)
    finally:
        process.communicate()
    (cell,) = made["cells"]
    assert cell["named"] == ["lock lost"]
    assert cell["next_command"] == f"walsoak trace --pid {process.pid} --for 60s"
    assert os.path.basename(cell["subject"]["command"]) == "still"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_from_outside_a_container_the_call_is_named_by_pid(tmp_path):
    code = ("import sqlite3; held = sqlite3.connect('k.db'); held.execute('PRAGMA journal_mode=WAL');"
            " held.execute('CREATE TABLE t (x)'); open('k.db', 'rb').close(); print('ready', flush=True); input()")
    process = subprocess.Popen(["unshare", "--mount", sys.executable, "-c", code], cwd=tmp_path, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        if process.stdout.readline() != "ready\n":
            pytest.skip("no mount namespace can be made here")
        (cell,) = json.loads(call("diagnose", "--pid", process.pid, "--json", cwd=tmp_path).stdout)["cells"]
    finally:
        process.communicate("\n")
    assert cell["named"] == ["lock lost"] and cell["next_command"] == f"walsoak trace --pid {process.pid} --for 60s"
