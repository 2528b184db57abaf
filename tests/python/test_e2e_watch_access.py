"""What walsoak-watch opens, and where it can run: it is one static program that reads /proc and writes its run folder."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from e2e import BUILD, GIVE_UP_S, WALSOAK, Run
from watched_subject import Subject, Watch

WATCH = BUILD / "walsoak-watch"
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
# What the run-time of a program that is not static opens before main.
START_UP = re.compile(r"/etc/ld\.so\.|.*\.so(\.\d+)*$")


@pytest.fixture
def subject(tmp_path):
    with Subject(tmp_path, "watched") as process:
        yield process


@pytest.fixture
def open_folder():
    """A folder that every user can enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="walsoak-watch-") as folder:
        os.chmod(folder, 0o755)
        shutil.copy(WATCH, folder)
        yield Path(folder)


def needs(program):
    if not shutil.which(program):
        pytest.skip(f"{program} is not here")


def board_seen(process, folder):
    """The first database of a process in one sample; the process is told to end then."""
    with Watch(WATCH, folder, "--pid", process.pid) as watch:
        watch.sample()
        code, _, err = watch.end()
    process.stdin.close()
    assert code == 0, err
    (sample,) = Run(watch.folder).cells()[0].samples()
    return sample["boards"]["db1"]


def sanitized():
    """Whether this build has a sanitizer in it: their runtimes are shared."""
    linked = subprocess.run(["ldd", BUILD / "walsoak"], capture_output=True, text=True, check=False).stdout
    return re.search(r"lib[atu]b?san", linked) is not None


@pytest.mark.parametrize("arguments", [["--pid"], ["--name"]])
def test_nothing_but_proc_and_the_run_folder_is_opened(subject, tmp_path, arguments):
    needs("strace")
    log = tmp_path / "strace.log"
    which = [*arguments, str(subject.pid) if arguments == ["--pid"] else "gateway.py watched"]
    subject.say("open", tmp_path / "k.db", 2)
    subject.say("rollback", tmp_path / "idle.db", 1)
    trace = ["strace", "-f", "-qq", "-e", "trace=file,desc", "-o", str(log)]
    if subprocess.run([*trace, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("strace may not trace here")
    with Watch(WATCH, tmp_path, *which, prefix=trace) as watch:
        watch.sample()
        code, _, err = watch.end()
    assert code == 0, err
    opened = re.findall(r"\b(?:openat|open|openat2|creat)\((?:AT_FDCWD, |(\d+<?[^,]*), )?\"([^\"]*)\"", log.read_text())
    # The SQLite version is read from files mapped as code: by root through /proc, by other users through their paths.
    mapped = set(re.findall(r" r-xp .* (/.*)$", Path(f"/proc/{subject.pid}/maps").read_text(encoding="utf-8"), re.MULTILINE))
    outside = {path for folder, path in opened if not folder and not path.startswith("/proc") and path not in mapped
               and not Path(tmp_path, path).is_relative_to(watch.folder) and not START_UP.match(path)}
    assert opened and not outside
    assert not re.search(r"\bopen[a-z0-9]*\([^)]*/proc/\d+/fd/\d+\"", log.read_text())
    assert re.search(r"stat[a-z0-9]*\([^)]*k\.db", log.read_text())


# What is done with the run in the same empty root: arguments, exit code, and a word of what comes of it.
AFTERWARDS = {
    "report": (["report", "/run"], 0, "report: /run/report.md"),
    "check": (["check", "/run"], 0, "clean"),
    "check that fails": (["check", "/run", "--scenario", "/gate.json"], 1, "kernel_main_peak"),
}


@ROOT_ONLY
def test_it_runs_in_an_empty_root(subject, tmp_path):
    needs("unshare")
    if sanitized():
        pytest.skip("a build with a sanitizer is not static")
    root = tmp_path / "root"
    (root / "proc").mkdir(parents=True)
    shutil.copy(WATCH, root)
    gate = {"schema_version": 1, "expect": "any", "thresholds": ["kernel_main_peak == 0"]}
    (root / "gate.json").write_text(json.dumps(gate))

    def inside(*arguments, lines=""):
        enter = 'mount --rbind /proc "$0/proc" && root=$0 && exec chroot "$root" /walsoak-watch "$@"'
        result = subprocess.run(["unshare", "--mount", "sh", "-c", enter, root, *arguments], input=lines, text=True,
                                capture_output=True, timeout=GIVE_UP_S, check=False)
        if "unshare failed" in result.stderr:
            pytest.skip("no mount namespaces here")
        return result
    subject.say("open", tmp_path / "k.db", 3)
    result = inside("watch", "--pid", str(subject.pid), "--every", "stdin", "--out", "/run", lines="\n\n\n")
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in root.iterdir()) == ["gate.json", "proc", "run", "walsoak-watch"]
    (cell,) = Run(root / "run").cells()
    assert cell.finding == "clean"
    for sample in cell.samples():
        board = sample["boards"]["db1"]
        assert (board["kernel_main"], board["kernel_wal"], board["kernel_main_replaced"]) == (3, 3, 0)
        assert board["main_bytes"] == (tmp_path / "k.db").stat().st_size
    report = (root / "run" / "report.md").read_text()
    assert report.startswith("# Watching python3")
    for name, (arguments, code, word) in AFTERWARDS.items():
        result = inside(*arguments)
        assert result.returncode == code and word in result.stdout + result.stderr, (name, result)
    assert (root / "run" / "report.md").read_text() == report


@ROOT_ONLY
def test_a_process_below_a_root_of_its_own_has_its_files_found(tmp_path):
    needs("chroot")
    jail = tmp_path / "jail"
    jail.mkdir()
    # The interpreter is loaded, and its modules with it, before it changes its root.
    source = ("import os, sqlite3, sys; c = sqlite3.connect(':memory:'); os.chroot(sys.argv[1]); os.chdir('/');"
              "c = sqlite3.connect('/k.db', isolation_level=None); c.execute('PRAGMA journal_mode=WAL');"
              "c.execute('CREATE TABLE t (x)'); print('ready', flush=True); sys.stdin.read()")
    with subprocess.Popen([sys.executable, "-c", source, jail], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        assert process.stdout.readline() == "ready\n"
        board = board_seen(process, tmp_path)
    assert board["kernel_main_replaced"] == 0 and board["main_bytes"] is not None


@ROOT_ONLY
@pytest.mark.parametrize("name", ["k.db", "k.db (deleted)"])
def test_a_root_of_its_own_in_another_mount_namespace(tmp_path, name):
    """The kernel shows such paths from the root of that namespace: neither from the process's own root nor from ours."""
    needs("unshare")
    jail = tmp_path / "jail"
    jail.mkdir()
    source = ("import os, sqlite3, sys; c = sqlite3.connect(':memory:'); os.chroot(sys.argv[1]); os.chdir('/');"
              "c = sqlite3.connect(sys.argv[2], isolation_level=None); c.execute('PRAGMA journal_mode=WAL');"
              "c.execute('CREATE TABLE t (x)'); print('ready', flush=True); sys.stdin.read()")
    # Where the namespace differs the same path must not be found from here.
    enter = 'mount -t tmpfs tmpfs "$0" && exec "$1" -c "$2" "$0" "$3"'
    with subprocess.Popen(["unshare", "--mount", "sh", "-c", enter, jail, sys.executable, source, f"/{name}"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline() != "ready\n":
            pytest.skip("no mount namespaces here")
        board = board_seen(process, tmp_path)
    assert (board["kernel_main_deleted"], board["kernel_main_replaced"], board["main_bytes"] % 4096) == (0, 0, 0)
    assert board["wal_inode"] is not None


@ROOT_ONLY
def test_the_files_of_another_mount_namespace_are_looked_at_there(tmp_path):
    needs("unshare")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "k.db").write_bytes(b"the same path leads elsewhere from here")
    script = tmp_path / "inside.py"
    script.write_text("import sqlite3, sys\n"
                      "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
                      "c.execute('PRAGMA journal_mode=WAL')\nc.execute('CREATE TABLE t (x)')\n"
                      "print('ready', flush=True)\nsys.stdin.read()\n")
    enter = 'mount -t tmpfs tmpfs "$0" && exec "$1" "$2" "$0/k.db"'
    with subprocess.Popen(["unshare", "--mount", "sh", "-c", enter, mounted, sys.executable, script],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline() != "ready\n":
            pytest.skip("no mount namespaces here")
        board = board_seen(process, tmp_path)
    assert (board["kernel_main_replaced"], board["main_bytes"] % 4096) == (0, 0)
    assert board["wal_inode"] is not None


@ROOT_ONLY
def test_another_users_process_is_one_line_that_says_what_to_do(subject, open_folder):
    needs("setpriv")
    result = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", open_folder / "walsoak-watch", "watch", "--pid",
                             str(subject.pid), "--out", open_folder / "out"], cwd="/", capture_output=True, text=True,
                            stdin=subprocess.DEVNULL, timeout=GIVE_UP_S, check=False)
    assert result.returncode == 4, result.stderr
    assert "sudo" in result.stderr and "docker inspect" in result.stderr and result.stderr.count("\n") == 1
    assert not (open_folder / "out").exists()


def test_it_has_no_libraries_and_a_few_megabytes():
    if sanitized():
        pytest.skip("a build with a sanitizer is not static")
    described = subprocess.run(["readelf", "-lds", WATCH], capture_output=True, text=True, check=True).stdout
    assert "INTERP" not in described and "NEEDED" not in described
    names = WATCH.read_bytes()
    assert b"sqlite_autoindex" not in names  # which stands in each SQLite
    assert WATCH.stat().st_size < 6_000_000


@pytest.mark.parametrize("program", [WATCH, WALSOAK])
def test_the_help_says_how_to_reach_a_process_in_a_container(program):
    text = subprocess.run([program, "watch", "--help"], capture_output=True, text=True, check=True).stdout
    for word in ("container", "docker inspect -f '{{.State.Pid}}'", "as root", "docker cp", "kubectl cp"):
        assert word in text


def test_a_report_without_scripts_and_python_costs_the_pictures_and_one_line(subject, tmp_path, open_folder):
    with Watch(WATCH, tmp_path, "--pid", subject.pid) as watch:
        watch.sample()
        assert watch.end()[0] == 0
    bare = {key: value for key, value in os.environ.items() if key != "WALSOAK_HOME"}
    result = subprocess.run([open_folder / "walsoak-watch", "report", watch.folder], capture_output=True, text=True,
                            cwd="/", env=bare, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("\n") == 1 and "no pictures" in result.stderr


@ROOT_ONLY
def test_a_process_whose_descriptors_can_be_listed_and_not_read_is_refused(subject, tmp_path):
    """One that has capabilities which we lack: it must not pass for one without descriptors."""
    needs("setpriv")
    prefix = ["setpriv", "--bounding-set=-all"]
    folder = Path(f"/proc/{subject.pid}/fd")
    listed = subprocess.run([*prefix, "ls", folder], capture_output=True, text=True, check=False)
    read = subprocess.run([*prefix, "readlink", folder / "0"], capture_output=True, check=False)
    if listed.returncode != 0 or not listed.stdout or read.returncode == 0:
        pytest.skip("this kernel shows all of it or nothing")
    for arguments in (["watch", "--every", "1s", "--for", "2s", "--out", tmp_path / "run"], ["diagnose"]):
        result = subprocess.run([*prefix, WATCH, *arguments, "--pid", str(subject.pid)], capture_output=True, text=True,
                                check=False, timeout=GIVE_UP_S)
        assert (result.returncode, result.stdout) == (4, "")
        assert len(result.stderr.splitlines()) == 1 and "may not be looked into" in result.stderr
    assert not (tmp_path / "run").exists()
