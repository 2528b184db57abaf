"""Tries `walsoak diagnose --pid` on small programs whose trouble is known, and writes a table. Standard library only;
scripts/diagnosis-report is its caller.

Exit codes: 0 no case that destroys or troubles was called healthy and nothing that harms was named of a healthy one; 1
some was; 3 usage.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from diagnosis_cases import CASES  # noqa: E402  (beside this file)

KINDS = ("destroys", "troubles", "healthy")


class NotReady(Exception):
    """The program ended before it was ready; its last words."""


def missing(case):
    """The things that the case needs and this machine lacks; may be empty."""
    if case.needs == "root":
        return "" if os.geteuid() == 0 else "needs root"
    if case.needs == "libsqlite3":
        listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
        return "" if "libsqlite3.so.0 " in listed else "needs libsqlite3.so.0"
    return ""


def started(case, folder):
    program = subprocess.Popen([sys.executable, "-I", str(HERE / "diagnosis_cases.py"), case.name, str(folder)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        for line in program.stdout:
            if line.startswith("ready "):
                return program, int(line.split()[1])
        raise NotReady((program.stderr.read().strip().splitlines() or ["no output"])[-1])
    except BaseException:
        ended(program)
        raise


def ended(program):
    """Ends the case and its processes."""
    os.killpg(program.pid, signal.SIGKILL)
    program.communicate()


def diagnosed(walsoak, case, options=None):
    """The one cell of the diagnosis of a running case, with its own options or those."""
    folder = Path(tempfile.mkdtemp(prefix="diagnosis-"))
    os.chmod(folder, 0o755)
    program = None
    try:
        program, pid = started(case, folder)
        how = case.options if options is None else options
        result = subprocess.run([walsoak, "diagnose", "--pid", str(pid), "--json", *how], capture_output=True, text=True,
                                check=True)
        (cell,) = json.loads(result.stdout)["cells"]
        return cell
    finally:
        if program:
            ended(program)
        shutil.rmtree(folder, ignore_errors=True)


def harmful(cell):
    """Names of certain harmful causes, and of open ones."""
    candidates = [one for one in cell["consistent_with"] if not one["harmless"]]
    named = [one["name"] for one in candidates if one["certain"]]
    return named, [one["name"] for one in candidates if one["name"] not in named]


def fault_of(case, cell):
    """Why the answer is wrong; empty where it is not."""
    named, undecided = harmful(cell)
    if case.kind == "healthy":
        return f"names {', '.join(named)}" if named else ""
    if cell["standing"] == "healthy":
        return "healthy"
    ruled_out = {line["name"] for line in cell["ruled_out"]} & set(case.fits)
    if ruled_out and not set(case.fits) & set(named + undecided):
        return f"rules out {', '.join(sorted(ruled_out))}"
    strange = [name for name in named if name not in case.fits] if case.fits else []
    if strange and not set(case.fits) & set(named + undecided):
        return f"names {', '.join(strange)} instead"
    return "" if not case.fits or set(case.fits) & set(named + undecided) else f"says nothing of {case.fits[0]}"


def row(case, cell, fault):
    named, undecided = harmful(cell)
    return [case.kind, case.name, case.what, cell["standing"], ", ".join(named) or "-",
            ", ".join(dict.fromkeys(undecided)) or "-", fault or "right"]


def table(rows):
    heads = ["kind", "case", "what", "standing", "named", "open", "answer"]
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def summary_of(rows):
    """The two numbers that count, by kind."""
    tried = {kind: [line for line in rows if line[0] == kind] for kind in KINDS}
    harmed = tried["destroys"] + tried["troubles"]
    well = tried["healthy"]
    return (f"{sum(line[3] == 'healthy' for line in harmed)} of {len(harmed)} cases that destroy or trouble are called healthy. "
            f"{sum(line[4] != '-' for line in well)} of {len(well)} healthy ones are given the name of something that harms; "
            f"{sum(line[3] == 'healthy' for line in well)} of them are called healthy.")


def document(rows, skipped, command, versions):
    parts = ["# Right and wrong diagnoses of programs whose trouble is known", summary_of(rows),
             "Each case is a small program (`scripts/lib/diagnosis_cases.py`) that `walsoak diagnose --pid` looks at from outside. "
             "*destroys*: commits are being lost, or will be at the next close; *troubles*: somebody sees an error, or runs "
             "out of something; *healthy*: nothing is wrong. *open* lists what is among the possible causes and not established: "
             "of a healthy program it is an open question, not a false answer.",
             table(rows)]
    if skipped:
        parts.append("Not tried: " + "; ".join(f"{name} ({why})" for name, why in skipped) + ".")
    parts.append(f"    {command}\n\n{versions}.")
    return "\n\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="scripts/diagnosis-report", description=__doc__.split("\n")[0])
    parser.add_argument("walsoak")
    parser.add_argument("names", nargs="*", metavar="CASE", help="these alone (default: all)")
    parser.add_argument("--write", metavar="FILE.md")
    parser.add_argument("--command", default="scripts/diagnosis-report")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in CASES]
    if unknown:
        print(f"no case {unknown[0]}; valid: {', '.join(CASES)}", file=sys.stderr)
        return 3
    rows, skipped = [], []
    for case in [CASES[name] for name in options.names or CASES]:
        why = missing(case)
        if not why:
            try:
                cell = diagnosed(options.walsoak, case)
            except NotReady as error:
                why = f"the program did not start: {error}"
        if why:
            skipped.append((case.name, why))
            print(f"{case.name}: not tried, {why}", file=sys.stderr, flush=True)
            continue
        rows.append(row(case, cell, fault_of(case, cell)))
        print(f"{case.name}: {rows[-1][3]}; named {rows[-1][4]}; open {rows[-1][5]}: {rows[-1][6]}", file=sys.stderr, flush=True)
    rows.sort(key=lambda line: KINDS.index(line[0]))
    library = subprocess.run([sys.executable, "-I", "-c", "import sqlite3; print(sqlite3.sqlite_version)"],
                             capture_output=True, text=True, check=True).stdout.strip()
    text = document(rows, skipped, options.command,
                    f"SQLite {library}, Python {sys.version_info.major}.{sys.version_info.minor}, Linux {os.uname().release}")
    if options.write:
        Path(options.write).write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 1 if any(line[-1] != "right" for line in rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        sys.exit(0)
