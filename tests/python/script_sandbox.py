"""A checkout of its own for tests of the scripts: copies of scripts/, a stand-in for walsoak and for other programs.

Its path has spaces and every call is made from another folder, as users' calls may be.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# What the scripts call of the base system; a sandbox with `only_base` has nothing else on its PATH.
BASE_PROGRAMS = ("bash env basename dirname readlink cat awk sed grep sort tail mktemp mkdir rm id uname nproc find "
                 "paste date").split()

# Does what `walsoak run`, `report` and `list scenarios --path` promise to the scripts, as the variables FAKE_* tell it.
FAKE_WALSOAK = '''#!{python} -I
import json, os, signal, sys
home = os.path.dirname(os.path.abspath(__file__))
if sys.argv[1:3] == ["list", "scenarios"]:
    for name in sys.argv[4::2]:
        places = [name] + [os.path.join({root!r}, place, name + end) for place in ("", "scenarios") for end in ("", ".json")]
        found = [place for place in places if os.path.isfile(place)]
        if not found:
            print(name + ": no such file, and no scenario of that name", file=sys.stderr)
            sys.exit(3)
        print(found[0])
    sys.exit(0)
with open(os.path.join(home, "calls"), "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "report":
    if "FAKE_REPORT_EXIT" in os.environ:
        sys.exit(int(os.environ["FAKE_REPORT_EXIT"]))
    open(os.path.join(sys.argv[2], "report.md"), "w").close()
    if "--html" in sys.argv:
        open(os.path.join(sys.argv[2], "report.html"), "w").close()
    sys.exit(0)
if "--dry-run" in sys.argv:
    print("c01 c02")
    sys.exit(0)
if "FAKE_FIFO" in os.environ:
    def end(*_):
        with open(os.path.join(home, "calls"), "a") as log:
            log.write('["ended"]\\n')
        sys.exit(143)
    signal.signal(signal.SIGTERM, end)
    with open(os.environ["FAKE_FIFO"], "w") as fifo:
        fifo.write("started")
    signal.pause()
runs = sum(1 for line in open(os.path.join(home, "calls")) if json.loads(line)[0] == "run")
summaries = json.loads(os.environ.get("FAKE_SUMMARIES", "[]"))
if summaries:
    out = sys.argv[sys.argv.index("--out") + 1]
    os.makedirs(out)
    with open(os.path.join(out, "summary.json"), "w") as file:
        json.dump(summaries[(runs - 1) % len(summaries)], file)
print("the table")
sys.exit(int(os.environ.get("FAKE_EXIT", "0")))
'''


def summary(finding="clean", **metrics):
    """A summary of one cell with what the scripts read of it."""
    return {"cells": [{"cell": "c01", "differs": {"strategy": "noop"}, "state": "done", "finding": finding, "also": [],
                       "mechanisms": [{"name": "zombie connection", "evidence": "pid 4711"}], "verdict": "pass",
                       "metrics": {"kernel_wal_last": 4, **metrics}}]}


class Sandbox:
    def __init__(self, folder):
        self.root = folder / "a check out"
        self.bin = folder / "bin"
        self.elsewhere = folder / "else where"
        for path in (self.root / "scenarios", self.bin, self.elsewhere):
            path.mkdir(parents=True)
        shutil.copytree(PROJECT / "scripts", self.root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        self.scenario("quick.json", {"matrix": {}})
        self.program("walsoak", FAKE_WALSOAK.format(python=sys.executable, root=str(self.root)))
        self.env = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(folder),
                    "WALSOAK_ASSUME_INSTALLED": "1", "WALSOAK_BIN": str(self.bin / "walsoak"),
                    "WALSOAK_CACHE": str(folder / "cache")}
        for name in ("WALSOAK_NO_INSTALL", "WALSOAK_BUILD", "WALSOAK_WERROR", "CMAKE_GENERATOR"):
            self.env.pop(name, None)

    def scenario(self, name, content):
        (self.root / "scenarios" / name).write_text(json.dumps(content))

    def program(self, name, text, folder=None):
        """Puts a program on the PATH (or in `folder`); a text without a first line of its own is bash."""
        path = (folder or self.bin) / name
        path.write_text(text if text.startswith("#!") else f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)

    def only_base(self):
        """Leaves the base system's programs and this sandbox's own on the PATH."""
        for name in BASE_PROGRAMS:
            if not (self.bin / name).exists():
                (self.bin / name).symlink_to(shutil.which(name))
        self.env["PATH"] = str(self.bin)

    def call(self, script, *arguments, **env):
        return self.run([str(self.root / "scripts" / script), *arguments], **env)

    def bash(self, text, **env):
        """Runs bash with the libraries of the scripts sourced."""
        libraries = " ".join(f". '{self.root}/scripts/lib/{name}.sh';" for name in ("common", "packages", "build"))
        return self.run(["bash", "-c", f"{libraries} {text}"], **env)

    def run(self, argv, **env):
        return subprocess.run(argv, cwd=self.elsewhere, env={**self.env, **env}, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=120, check=False)

    def calls(self):
        """The arguments of every call of the walsoak stand-in, and what other stand-ins logged."""
        path = self.bin / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
