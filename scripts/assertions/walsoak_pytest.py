"""A test that leaves SQLite's files as it found them, or fails: a pytest fixture in one file, standard library alone, Linux.

Copy this file beside conftest.py and say there

    pytest_plugins = ["walsoak_pytest"]

Then a test that asks for the fixture fails where, at its end, a descriptor is open on a database, a deleted -wal or -shm is
held, or SQLite's lock on a database is lost, and was not so at its beginning:

    def test_sync(walsoak_pytest): ...

`pytest --walsoak` does so for every test; @pytest.mark.walsoak_allowed leaves one out. walsoak_pytest.check() fails at
once, in the middle of a test. The failure names the files, and for connections of the sqlite3 module (Python 3.10 and
later) the line that opened them.

Only /proc/self is read, and no database's file is opened: closing one would drop SQLite's locks. Descriptors that SQLite
parks while another connection to the database stays open are none of the test's, nor are those of other processes.
"""

import gc
import os
import re
import sys
import threading
import traceback

import pytest

SIDECARS = ("-wal", "-shm", "-journal")
DELETED = " (deleted)"
# The shared range of a main file, which a connection that has its -wal open keeps locked (sqlite.org/lockingv3.html).
FIRST_SHARED, LAST_SHARED = 1073741826, 1073742335
LIBRARIES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep, os.path.dirname(os.__file__) + os.sep)


def open_files():
    """Descriptor -> (path, deleted) of the files that this process has open."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue  # the descriptor of the folder itself, or one that another thread has closed
        if target.startswith("/") and not target.startswith(("/dev/", "/memfd:")):
            found[int(name)] = (target.removesuffix(DELETED), target.endswith(DELETED))
    return found


def main_of(path):
    for suffix in SIDECARS:
        if path.endswith(suffix):
            return path.removesuffix(suffix)
    return None


def is_database(descriptor):
    """By its first bytes, read through its own descriptor, whose offset does not move."""
    try:
        return os.pread(descriptor, 16, 0) == b"SQLite format 3\0"
    except OSError:
        return False


def holds_shared_lock(descriptor):
    try:
        with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as lines:
            locks = [re.search(r"(\d+) (\d+|EOF)$", line) for line in lines if line.startswith("lock:") and "FLOCK" not in line]
    except OSError:
        return False
    return any(lock and lock[2] != "EOF" and int(lock[1]) <= LAST_SHARED and int(lock[2]) >= FIRST_SHARED for lock in locks)


class Files:
    """SQLite's open files of this process: by database the descriptors on each file."""

    def __init__(self):
        table = open_files()
        mains = {main_of(path) for path, _ in table.values()} - {None}
        mains |= {path for descriptor, (path, _) in table.items()
                  if main_of(path) is None and (path in OPENED.by_path or is_database(descriptor))}
        self.held = {main: {suffix: {d for d, (path, _) in table.items() if path == main + suffix} for suffix in ("", *SIDECARS)}
                     for main in mains}
        self.deleted = {main: {path for path, deleted in table.values() if deleted and main_of(path) == main} for main in mains}
        self.unlocked = {main for main in mains if self.held[main]["-wal"] and self.held[main][""]
                         and not any(holds_shared_lock(d) for d in self.held[main][""])}

    def descriptors(self, main, suffix):
        return self.held.get(main, {}).get(suffix, set())


def place_of(stack):
    """The two innermost lines of the program under test; where there is none, the innermost one of a library."""
    def told(frame):
        return f"{os.path.relpath(frame.filename)}:{frame.lineno} in {frame.name}"
    others = [frame for frame in reversed(stack) if frame.filename != __file__ and not frame.filename.startswith("<")]
    own = [frame for frame in others if not any(part in frame.filename for part in LIBRARIES)]
    return ", called from ".join(map(told, own[:2] or others[:1])) or "a line that is not known"


class Opened:
    """Descriptor -> the line that opened its connection, from the interpreter's own events of the sqlite3 module."""

    def __init__(self):
        self.places, self.by_path, self.installed = {}, {}, False
        self.thread = threading.local()  # both events of a connect come in one

    def install(self):
        if not self.installed:
            self.installed = True  # an audit hook cannot be removed
            sys.addaudithook(self.hear)

    def hear(self, event, arguments):
        if event == "sqlite3.connect":
            self.thread.before = open_files()
        elif event == "sqlite3.connect/handle":
            new = {d: path for d, (path, _) in open_files().items() if d not in getattr(self.thread, "before", {})}
            place = place_of(traceback.extract_stack())
            for descriptor, path in new.items():
                self.places[descriptor] = (path, place)
                self.by_path.setdefault(path, []).append(place)

    def place(self, descriptor, path):
        opened = self.places.get(descriptor)
        return opened[1] if opened and opened[0] == path else None


OPENED = Opened()


def more(files, before, main):
    """Descriptors on the database beyond those at the beginning, but for main ones that SQLite may have parked: there is a
    -wal one a connection that has read."""
    grown = {suffix: files.descriptors(main, suffix) - before.descriptors(main, suffix) for suffix in ("", *SIDECARS)}
    counts = {suffix: len(files.descriptors(main, suffix)) - len(before.descriptors(main, suffix)) for suffix in grown}
    may_be_parked = before.descriptors(main, "-wal") and counts["-wal"] <= 0
    if may_be_parked:
        counts[""] = 0
    return {suffix: (count, grown[suffix]) for suffix, count in counts.items() if count > 0}


def lines_of(files, before):
    lines = []
    for main in sorted(files.held):
        grown = more(files, before, main)
        if grown:
            numbers = ", ".join(f"{len(before.descriptors(main, suffix))} -> {len(files.descriptors(main, suffix))} on "
                                f"{'the database' if suffix == '' else 'its ' + suffix}" for suffix in grown)
            lines.append(f"{main}: descriptors left open: {numbers}")
            places = sorted({OPENED.place(d, main) for d in grown.get("", (0, set()))[1]} - {None})
            places = places or sorted(set(OPENED.by_path.get(main, [])))
            lines += [f"    opened at {place}" for place in places or ["a line that is not known"]]
        for path in sorted(files.deleted[main] - before.deleted.get(main, set())):
            lines.append(f"{path}: deleted while this process has it open: what it commits may be seen by nobody")
        if main in files.unlocked - before.unlocked:
            lines.append(f"{main}: its lock is lost: the file was opened and closed outside SQLite while a connection was open "
                         "(walsoak trace -- COMMAND names the call)")
    return lines


class Check:
    def __init__(self):
        OPENED.install()
        self.before = Files()

    def lines(self):
        lines = lines_of(Files(), self.before)
        if any("left open" in line for line in lines) and gc.isenabled():
            gc.collect()
            if not any("left open" in line for line in lines_of(Files(), self.before)):
                lines.append("    the garbage collector closes them: dropped without close()")
        return lines

    def check(self):
        """Fails where SQLite's files are not as they were when the test began."""
        __tracebackhide__ = True
        if lines := self.lines():
            pytest.fail("SQLite's files are not left as they were found:\n" + "\n".join(lines), pytrace=False)


# Autouse ones are set up before a test's other fixtures and behind those that outlive it: what both close is closed by then.
@pytest.fixture(autouse=True)
def _walsoak_check(request):
    wanted = request.config.getoption("--walsoak") or "walsoak_pytest" in request.fixturenames
    if not wanted or not os.path.isdir("/proc/self/fd"):
        yield None
        return
    check = Check()
    yield check
    if not request.node.get_closest_marker("walsoak_allowed"):
        check.check()


@pytest.fixture
def walsoak_pytest(_walsoak_check):
    if _walsoak_check is None:
        pytest.skip("walsoak_pytest reads /proc: Linux")
    return _walsoak_check


def pytest_addoption(parser):
    parser.addoption("--walsoak", action="store_true", help="fail each test that leaves SQLite's files open, deleted or unlocked")


def pytest_configure(config):
    config.addinivalue_line("markers", "walsoak_allowed: may leave SQLite's files open")
