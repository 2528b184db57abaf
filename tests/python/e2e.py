"""Runs the real programs for the end-to-end tests: writes small scenarios, starts walsoak, reads back what it recorded.

Every wait is for an event (a line in a file, the end of a process), never for a time; GIVE_UP_S only turns a
program that hangs into a failed test. WALSOAK_BUILD names the build folder (default: build/release), WALSOAK_HOME
another checkout.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

PROJECT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("WALSOAK_HOME") or PROJECT)
BUILD = Path(os.environ.get("WALSOAK_BUILD") or PROJECT / "build" / "release")
WALSOAK = BUILD / "walsoak"
GIVE_UP_S = 600
# Ticks of 200 ms, the notifier's and the dashboard's of 100: the same steps as lockstep has, on the subject's clock.
CLOCK = {"mode": "free", "time_scale": 300, "notifier_interval_s": 30, "dashboard_interval_s": 30}
SMALL = {"boards": 2, "workers": 2, "ticks": 24, "leak_every": 3}
GATEWAY = {"dashboards": 1, "second_dispatcher": "on", "slash_interval_s": 60}
STRATEGIES = ("per-tick", "wal-safe-close", "persistent", "unclosed", "noop", "planted-leak", "shared", "thread-local",
              "pool")
# With the control for trends, which the C++ subject alone has and which is for long runs.
ALL_STRATEGIES = (*STRATEGIES, "breathing-pool")


def pythons():
    """This one, and the one that a reader would get by its name."""
    named = shutil.which("python3")
    return [sys.executable] if named in (None, sys.executable) else [sys.executable, named]


def environment(**changes):
    """This process's environment, with this interpreter for the Python subject; None removes a variable."""
    merged = {**os.environ, "WALSOAK_PYTHON": sys.executable, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def without_modules(folder, *modules):
    """The variables that leave walsoak one Python alone, which can import none of these."""
    unwanted = " | ".join(f"*{module}*" for module in modules)
    (folder / "bin").mkdir(exist_ok=True)
    python = folder / "bin" / "python3"
    # All that is asked is `-I -c "import ..."`; a script goes by its name.
    python.write_text(f'#!/bin/sh\n[ "$2" != -c ] || case $3 in {unwanted}) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return {"PATH": str(python.parent), "WALSOAK_PYTHON": None}


def scenario(folder, settings=None, matrix=None, expect="any", name="tiny", **extra):
    """Writes a scenario file and returns its path. `extra` lays other top-level keys over it."""
    content = {"schema_version": 1, "name": name, "title": "A small run", "question": "Does it do as it says?",
               "settings": settings or {}, "expect": expect, **extra}
    if matrix:
        content["matrix"] = matrix
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content))
    return path


def call(*arguments, cwd, **env):
    """Runs walsoak to its end with pipes for all of its streams."""
    assert WALSOAK.exists(), f"{WALSOAK} is missing; build it, or name another build folder with WALSOAK_BUILD"
    return subprocess.run([str(WALSOAK), *map(str, arguments)], cwd=cwd, env=environment(**env), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=GIVE_UP_S, check=False)


def carry_out(folder, path, *arguments, code=0, out="run", **env):
    """Runs a scenario into `folder`/`out`; it must end with `code`. Returns the run."""
    result = call("run", path, "--out", folder / out, *arguments, cwd=folder, **env)
    assert result.returncode == code, result.stderr + result.stdout
    return Run(folder / out)


class Run:
    """What a run left on disk."""

    def __init__(self, folder):
        self.folder = Path(folder)

    @functools.cached_property
    def summary(self):
        return json.loads((self.folder / "summary.json").read_text())

    def cells(self):
        return [Cell(self.folder, recorded) for recorded in self.summary["cells"]]

    def cell(self, **settings):
        """The one cell with these values."""
        found = [cell for cell in self.cells()
                 if all(cell.settings[name.replace("__", ".")] == value for name, value in settings.items())]
        assert len(found) == 1, f"{len(found)} cells with {settings}"
        return found[0]


class Cell:
    """A cell of a summary, and its stream."""

    def __init__(self, folder, recorded):
        self.name = recorded["cell"]
        self.folder = folder / "cells" / self.name
        self.recorded = recorded
        self.settings = recorded["settings"]
        self.metrics = recorded["metrics"]
        self.finding, self.verdict = recorded["finding"], recorded["verdict"]
        self.mechanisms = {mechanism["name"] for mechanism in recorded["mechanisms"]}

    @functools.cached_property
    def stream(self):
        path = self.folder.with_name(f"{self.name}.jsonl")  # a name may hold a dot
        return [json.loads(line) for line in path.read_text().splitlines()]

    def lines(self, **values):
        """The lines of the stream with these values."""
        return [line for line in self.stream if all(line.get(key) == value for key, value in values.items())]

    def steps(self, **values):
        return self.lines(type="step", **values)

    def samples(self):
        return self.lines(type="sample")

    def check(self, name):
        (line,) = self.lines(type="check", check=name)
        return {board["board"]: board for board in line["boards"]}

    def sqlite_version(self):
        """Of the subject, as a tuple of numbers."""
        return tuple(map(int, self.lines(type="header")[0]["roles"]["subject"]["version"].split(".")))


@functools.cache
def has_sqlite_built_in():
    """Whether this build carries its own SQLite (-DWALSOAK_SQLITE), so that no role can be given another one."""
    described = subprocess.run([str(BUILD / "walsoak-subject"), "--describe"], capture_output=True, check=True)
    return json.loads(described.stdout)["sqlite_built_in"]


def fetched_sqlite(version):
    """The folder of a SQLite that was fetched; skips a test on a machine that has not done so."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "walsoak"
    cache = Path(os.environ.get("WALSOAK_CACHE") or cache) / "sqlite"
    if not (cache / version / "libsqlite3.so.0").exists():
        pytest.skip(f"SQLite {version} is not in {cache}; get it: scripts/fetch-sqlite {version}")
    return cache / version


def needs_sqlite(version):
    """Skips a test where no role can be given this SQLite; `system` is everywhere."""
    if version == "system":
        return
    if has_sqlite_built_in():
        pytest.skip("this build has SQLite built in")
    fetched_sqlite(version)


def validator(name):
    """A check of JSON values against schemas/NAME.schema.json."""
    schema = json.loads((PROJECT / "schemas" / f"{name}.schema.json").read_text())
    return jsonschema.Draft202012Validator(schema).validate


def wait_until(condition, what):
    """Polls what has no event to wait for, such as a growing file; returns what `condition` returned."""
    deadline = time.monotonic() + GIVE_UP_S
    while not (value := condition()):
        assert time.monotonic() < deadline, f"no {what} after {GIVE_UP_S} s"
        time.sleep(0.01)
    return value
