"""A command under `walsoak trace --`, and its events and summary."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from e2e import BUILD, GIVE_UP_S, PROJECT, WALSOAK, environment, validator

LIBRARY = BUILD / "libwalsoak-trace.so"

HOLD = """import sqlite3, sys
held = sqlite3.connect(sys.argv[1])
held.execute("PRAGMA journal_mode=WAL")
held.execute("CREATE TABLE t(x)")
held.execute("SELECT * FROM t").fetchall()
"""


class Traced:
    """Events and summary of one call of walsoak trace."""

    def __init__(self, folder, *command, options=(), **env):
        out = folder / "events.jsonl"
        out.unlink(missing_ok=True)
        self.result = subprocess.run([str(WALSOAK), "trace", "--json", "--out", str(out), *options, "--",
                                      *map(str, command)], cwd=folder, env=environment(**env), text=True,
                                     capture_output=True, stdin=subprocess.DEVNULL, timeout=GIVE_UP_S, check=False)
        self.events = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
        check = validator("trace")
        for event in self.events:
            check(event)
        brace = self.result.stderr.find("{\n")
        self.summary = json.loads(self.result.stderr[brace:]) if brace >= 0 else None

    def of(self, event):
        return [line for line in self.events if line["event"] == event]

    def losses(self):
        return self.of("lock_loss")


def trace_python(folder, script, *arguments, python=sys.executable, **more):
    path = folder / "script.py"
    path.write_text(script)
    return Traced(folder, python, path, folder / "board.db", *arguments, **more)


def compiler():
    """The C compiler's words; skips a test where there is none."""
    for words in (["cc"], ["gcc"], ["g++", "-x", "c"]):
        if shutil.which(words[0]):
            return words
    return pytest.skip("no C compiler here")


@pytest.fixture(name="compile_c", scope="session")
def compile_traced(tmp_path_factory):
    """Compiles traced.c with the given libraries; skips where that cannot be done here."""
    folder = tmp_path_factory.mktemp("traced")

    def compiled(*libraries):
        program = folder / ("traced-" + re.sub(r"\W", "", "".join(libraries)))
        result = subprocess.run([*compiler(), "-O1", str(PROJECT / "tests/fixtures/traced.c"), "-x", "none", *libraries,
                                 "-lpthread", "-lm", "-ldl", "-o", str(program)], capture_output=True, text=True,
                                check=False)
        if result.returncode != 0:
            pytest.skip(f"cannot be compiled here: {result.stderr.splitlines()[:1]}")
        return program

    return compiled
