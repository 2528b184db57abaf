"""Counts false verdicts of the gate and writes a section of reports/gate.md; scripts/gate-torture is its caller.

gate_torture.py quick|trends --command TEXT [--load TEXT] [--checkout DIR] [--write FILE.md] RUNS

RUNS has a line "NAME EXIT-CODE SECONDS" a run; NAME.json beside it is the run's summary, missing where there is none.
Exit 0 no verdict is false, 1 some are. Standard library only.
"""

import argparse
import collections
import datetime
import os
import re
import sys

# Under -I, which keeps the working folder out, Python does not look beside the script either.
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from compare_runs import commit, extract, machine, read, tally, write

TITLES = {"quick": "scenarios/quick.json under load", "trends": "scenarios/trends.json: pools that breathe"}
HEAD = """# Does the gate tell the truth?

Made by `scripts/gate-torture`. What the scenarios expect was seen and understood before; a verdict that is not `pass` is
a false one.
"""


def read_runs(path):
    """[{"name", "code", "seconds", "summary": {...} or None}] of a RUNS file."""
    runs = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, code, seconds = line.split()
            try:
                summary = read(os.path.join(os.path.dirname(path), name + ".json"))
            except (OSError, ValueError):
                summary = None
            runs.append({"name": name, "code": int(code), "seconds": int(seconds), "summary": summary})
    return runs


def false_verdicts(runs):
    """A line for each verdict that is false, for each exit code that tells otherwise, for each run that is none."""
    lines = []
    for run in runs:
        if run["summary"] is None:
            lines.append(f"{run['name']}: not carried out, exit {run['code']}")
            continue
        wrong = [cell for cell in run["summary"]["cells"] if cell["verdict"] != "pass"]
        for cell in wrong:
            settings = ", ".join(f"{key} {value}" for key, value in cell["differs"].items())
            reason = (cell["reasons"] or ["no reason"])[0]
            lines.append(f"{run['name']} {cell['cell']} ({settings}): {cell['finding']}, {cell['verdict']}: {reason}")
        if not wrong and run["code"] != 0:
            lines.append(f"{run['name']}: every verdict is pass, but exit {run['code']}")
    return lines


def sqlite_versions(runs):
    found = {version for run in runs if run["summary"] for cell in run["summary"]["cells"]
             for version in cell["sqlite"].values() if version}
    return ", ".join(sorted(found)) or "unknown"


def commit_of(runs, checkout):
    """The commit that the programs were built from; of the checkout where no run says it."""
    for run in runs:
        if run["summary"] and run["summary"].get("environment", {}).get("commit"):
            return run["summary"]["environment"]["commit"]
    return commit(checkout)


def table(columns, rows):
    return ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)] + [
        "| " + " | ".join(map(str, row)) + " |" for row in rows]


def quick_section(runs):
    """One row a cell: what was found, and how often its verdict was pass."""
    cells = collections.defaultdict(list)
    for run in runs:
        for cell in (run["summary"] or {"cells": []})["cells"]:
            cells[cell["cell"]].append(cell)
    rows = []
    for name, seen in cells.items():
        findings = ", ".join(f"{value} ({count})" for value, count in tally([cell["finding"] for cell in seen]))
        passed = sum(cell["verdict"] == "pass" for cell in seen)
        rows.append((name, seen[0]["differs"].get("strategy", "-"), findings, f"{passed} of {len(runs)}"))
    counted = [extract(run["summary"]) for run in runs if run["summary"]]
    alike = tally(counted)[0][1] if counted else 0
    seconds = [run["seconds"] for run in runs]
    return table(("cell", "strategy", "finding (runs)", "verdict pass"), rows) + [
        "", f"A run took {min(seconds)} to {max(seconds)} s. {alike} of {len(runs)} runs agree in every count."]


def trends_section(runs):
    """One row a kind of pool: healthy or leaking, by coefficient."""
    kinds = collections.defaultdict(list)
    for run in runs:
        for cell in (run["summary"] or {"cells": []})["cells"]:
            settings = cell["settings"]
            kinds[settings["pool_coefficient"], settings["leak_every"]].append(cell)

    def spread(cells, metric):
        values = [cell["metrics"].get(metric) for cell in cells]
        values = [value for value in values if value is not None]
        return f"{min(values)} to {max(values)}" if values else "?"

    rows = []
    for (coefficient, every), cells in kinds.items():
        findings = ", ".join(f"{value} ({count})" for value, count in tally([cell["finding"] for cell in cells]))
        passed = sum(cell["verdict"] == "pass" for cell in cells)
        rows.append((coefficient, f"one in {every} ticks" if every else "none", spread(cells, "ticks_ran"), findings,
                     spread(cells, "descriptors_net_slope_per_million_ticks"),
                     spread(cells, "descriptors_net_min_detectable_slope_per_million_ticks"),
                     f"{passed} of {len(cells)}"))
    return table(("coefficient", "leak", "ticks", "finding (runs)", "slope, per million ticks",
                  "least that could be seen", "verdict pass"), rows)


def section(part, runs, options):
    wrong = false_verdicts(runs)
    verdicts = sum(len(run["summary"]["cells"]) for run in runs if run["summary"])
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [f"## {TITLES[part]}", "",
             f"**{len(wrong)} false of {verdicts} verdicts in {len(runs)} run{'s' if len(runs) > 1 else ''}.**", "",
             f"    {options.command}", "",
             f"{now}, commit {commit_of(runs, options.checkout)}, SQLite {sqlite_versions(runs)}, {machine()}"
             + (f", load: `{options.load}`." if options.load else "."), ""]
    lines += (quick_section if part == "quick" else trends_section)(runs)
    if wrong:
        lines += ["", "False:", ""] + [f"- {line}" for line in wrong]
    return "\n".join(lines) + "\n", wrong


def with_section(text, part, new):
    """The report with one section replaced, or added at its end."""
    parts = re.split(r"(?m)^(?=## )", text or HEAD)
    old = [i for i, one in enumerate(parts) if one.startswith(f"## {TITLES[part]}\n")]
    if old:
        parts[old[0]] = new
    else:
        parts.append(new)
    return "\n".join(one.rstrip("\n") + "\n" for one in parts)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=sorted(TITLES))
    parser.add_argument("--command", default="")
    parser.add_argument("--load", default="")
    parser.add_argument("--checkout", default=".")
    parser.add_argument("--write")
    parser.add_argument("runs")
    options = parser.parse_args(arguments)
    text, wrong = section(options.part, read_runs(options.runs), options)
    if options.write:
        before = ""
        if os.path.exists(options.write):
            with open(options.write, encoding="utf-8") as file:
                before = file.read()
        write(options.write, with_section(before, options.part, text))
    print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
