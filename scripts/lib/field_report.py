"""Puts what field reports say beside what one run measured; scripts/field-report is its caller. Standard library only.

A scenario's member `field` names each reported quantity and how a cell gives it. A thread counts as reproduced only if
every quantity fits, the second one, which nobody tuned, included; what a cell does not know fits nothing.
"""

import argparse
import json
import sys
from pathlib import Path

STATUS = ("reproduced", "partly", "not reproduced")
CURED = ("clean", "churn")


class NoReport(Exception):
    """The folder holds nothing that could be reported on."""


def flat(values):
    """Settings with the shorthand `sqlite` spelt out by role."""
    spelt = {}
    for name, value in values.items():
        if name != "sqlite":
            spelt[name] = value
        else:
            roles = value if isinstance(value, dict) else dict.fromkeys(("subject", "worker", "checker"), value)
            spelt.update({f"sqlite.{role}": version for role, version in roles.items()})
    return spelt


def cell_with(cells, values):
    """The first cell with these values, or None."""
    wanted = flat(values).items()
    return next((cell for cell in cells if all(cell["settings"].get(name) == value for name, value in wanted)), None)


def unit(per, cell):
    """What a quantity is divided by: a count of the settings, or a metric; None where that is not known."""
    settings = cell["settings"]
    units = {"tick": settings["ticks"] - settings["warmup_ticks"], "pass": settings["ticks"], "board": settings["boards"]}
    return units[per] if per in units else cell["metrics"].get(per)


def from_metrics(quantity, cell):
    value = cell["metrics"].get(quantity["metric"])
    if value is not None and "minus" in quantity:
        taken = cell["metrics"].get(quantity["minus"])
        value = None if taken is None else value - taken
    if value is not None and "per" in quantity:
        divisor = unit(quantity["per"], cell)
        value = value / divisor if divisor else None
    return value if value is None else value * quantity.get("times", 1)


def events_before_failure(name, stream):
    """Events of this name before the first dispatcher pass that failed; None where none failed."""
    seen = 0
    for line in stream:
        if line["type"] == "event" and line.get("event") == name:
            seen += 1
        elif line["type"] == "step" and line["step"] == "dispatch" and not line["ok"]:
            return seen
        elif line["type"] == "tick" and not line["steps"].get("dispatch", {"ok": True})["ok"]:
            return seen
    return None


def measure(quantity, cell, stream_of):
    """The quantity as this cell has it; None is not known. For an error: its message, or "not seen"."""
    if cell is None:
        return None
    if "metric" in quantity:
        return from_metrics(quantity, cell)
    if "event" in quantity:
        return events_before_failure(quantity["event"], stream_of(cell["cell"]))
    if "finding" in quantity:
        return ", ".join([cell["finding"], *cell["also"]])
    return next((error["message"] for error in cell["errors"] if error["message"] == quantity["error"]), "not seen")


def fits(quantity, measured):
    if measured is None:
        return False
    if "range" in quantity:
        return quantity["range"][0] <= measured <= quantity["range"][1]
    return (quantity["finding"] in measured.split(", ")) if "finding" in quantity else measured == quantity["error"]


def status(rows):
    """Over the quantities, the second one included."""
    fitting = sum(row["fits"] for row in rows)
    return STATUS[0] if fitting == len(rows) else STATUS[1] if fitting else STATUS[2]


def thread_of(field, cells, stream_of):
    """One thread: its quantities, what the cells showed, and whether that is what was reported."""
    leaky = cell_with(cells, field["leaky"])
    fixed = cell_with(cells, field["fixed"]) if "fixed" in field else None

    def row(quantity, second):
        cell = cell_with(cells, quantity["of"]) if "of" in quantity else leaky
        measured = measure(quantity, cell, stream_of)
        return {"quantity": quantity, "cell": cell and cell["cell"], "measured": measured, "second": second,
                "fits": fits(quantity, measured)}

    rows = [row(quantity, False) for quantity in field["reported_quantities"]] + [row(field["second_quantity"], True)]
    return {"field": field, "rows": rows, "leaky": leaky, "fixed": fixed, "status": status(rows)}


def shown(value):
    if value is None:
        return "not known"
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def cell_text(text):
    return text.replace("|", "\\|").replace("\n", " ")


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell_text(text) for text in line) + " |\n" for line in lines)


def needed(quantity):
    if "range" not in quantity:
        return "the same"
    least, most = quantity["range"]
    return shown(least) if least == most else f"{shown(least)} to {shown(most)}"


def beside(row):
    return (f"{row['quantity']['what']}: {shown(row['quantity']['value'])} / {shown(row['measured'])}"
            f"{'' if row['fits'] else ' (does not fit)'}")


def cured(thread):
    cell = thread["fixed"]
    if cell is None:
        return f"{thread['field']['cure']}: not tried, the thread states none that could be"
    return f"{thread['field']['cure']}: **{cell['finding']}**{'' if cell['finding'] in CURED else ' - no cure'}"


def mechanisms(cell):
    return ", ".join(mechanism["name"] for mechanism in cell["mechanisms"]) or "none" if cell else "not known"


def overview(threads):
    return table(
        ["thread", "reported", "reported / measured", "second quantity, reported / measured", "mechanisms found",
         "what cures it: finding there", "reproduced", "what was tried"],
        [[thread["field"]["thread"], thread["field"]["reported"],
          "; ".join(beside(row) for row in thread["rows"] if not row["second"]),
          "; ".join(beside(row) for row in thread["rows"] if row["second"]),
          mechanisms(thread["leaky"]), cured(thread), f"**{thread['status']}**", thread["field"]["tried"]]
         for thread in threads])


def section(thread):
    """How each number came about: the cell, what would have fitted, and why."""
    field = thread["field"]
    text = f"## {field['thread']}: {thread['status']}\n\n{field['conditions']}\n\n"
    text += table(["quantity", "reported", "fits", "why", "cell", "measured", "does it fit"],
                  [[row["quantity"]["what"] + (" (second quantity)" if row["second"] else ""),
                    shown(row["quantity"]["value"]), needed(row["quantity"]), row["quantity"]["why"],
                    row["cell"] or "none", shown(row["measured"]), "yes" if row["fits"] else "**no**"]
                   for row in thread["rows"]])
    for name, cell in (("reported", thread["leaky"]), ("cured", thread["fixed"])):
        if cell:
            evidence = "; ".join(cell["evidence"]) or "no evidence recorded"
            text += f"\n- {name}: {cell['cell']}, {', '.join([cell['finding'], *cell['also']])}: {evidence}"
    return text + "\n"


def header(summary, threads):
    machine = summary["environment"]
    counts = {name: sum(thread["status"] == name for thread in threads) for name in STATUS}
    versions = sorted(machine["sqlite"], key=lambda version: [int(part) for part in version.split(".")])
    typed = summary["command"]
    # Where the run lay is nobody's: what a reader can repeat names no folder of it.
    words = [Path(word).name if number == 0 or Path(word).is_absolute() else word for number, word in enumerate(typed)
             if word != "--out" and not word.startswith("--out=") and typed[number - 1] != "--out"]
    return (
        "# Field reports, put to the test\n\n"
        "What people reported, beside what walsoak counts where nothing but the conditions stated in the thread is set "
        "(boards, interval, limit, threads, versions, duration) and the gateway is the one of that time. A leak rate is "
        "never an input. A thread is *reproduced* only if every quantity fits, the second one, which nobody tuned, "
        "included.\n\n"
        f"**{counts[STATUS[0]]} of {len(threads)} reproduced, {counts[STATUS[1]]} partly, {counts[STATUS[2]]} not.**\n\n"
        f"    {' '.join(words)}\n    scripts/field-report RUN\n\n"
        f"walsoak {summary['walsoak']}, commit {machine['commit']}, {machine['cpu_model']}, {machine['cpu_count']} cores, "
        f"{machine['kernel']}, {machine['distribution']}, {machine['file_system']}; SQLite {', '.join(versions)}. "
        f"{len(summary['cells'])} cells, verdict {summary['verdict']}.\n\n")


def threads_of(run, summary, stream_of):
    """The threads of a run, in the order of their numbers."""
    several = len(run["scenarios"]) > 1
    threads = []
    for scenario in run["scenarios"]:
        content = scenario["content"]
        if "field" not in content:
            continue
        name = content.get("name", Path(scenario["path"]).stem)
        cells = [cell for cell in summary["cells"]
                 if cell["state"] == "done" and (not several or cell["cell"].startswith(f"{name}."))]
        threads.append(thread_of(content["field"], cells, stream_of))
    if not threads:
        raise NoReport("no scenario of this run has a member `field`")
    return sorted(threads, key=lambda thread: int(thread["field"]["thread"][1:]))


def comparison(threads):
    """The same for a report that is made elsewhere: texts as they are shown, without the reasons of each number."""
    return {"threads": [
        {"thread": thread["field"]["thread"], "reported": thread["field"]["reported"], "status": thread["status"],
         "rows": [{"what": row["quantity"]["what"], "reported": shown(row["quantity"]["value"]),
                   "measured": shown(row["measured"]), "fits": row["fits"], "second": row["second"]}
                  for row in thread["rows"]],
         "mechanisms": mechanisms(thread["leaky"]), "cure": thread["field"]["cure"],
         "finding_cured": thread["fixed"]["finding"] if thread["fixed"] else None, "tried": thread["field"]["tried"]}
        for thread in threads]}


def read(folder):
    """The summary of a run and its threads."""
    try:
        run = json.loads((folder / "run.json").read_text())
        summary = json.loads((folder / "summary.json").read_text())
    except (OSError, ValueError) as problem:
        raise NoReport(f"no run to be read: {problem}") from problem

    def stream_of(cell):
        with open(folder / "cells" / f"{cell}.jsonl", encoding="utf-8") as lines:
            yield from map(json.loads, lines)

    return summary, threads_of(run, summary, stream_of)


def report(folder):
    """The text of the report of a run."""
    summary, threads = read(folder)
    return header(summary, threads) + overview(threads) + "\n" + "\n".join(map(section, threads))


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(3, f"field-report: {message}\n")


def main():
    parser = Parser(prog="field-report", description=__doc__.splitlines()[0])
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a run of scenarios/field/*.json")
    parser.add_argument("-o", metavar="FILE.md", type=Path, help="write there instead of to stdout")
    parser.add_argument("--json", action="store_true", help="the table alone, as JSON: what walsoak report takes in")
    asked = parser.parse_args()
    try:
        text = json.dumps(comparison(read(asked.run)[1]), indent=1) + "\n" if asked.json else report(asked.run)
    except NoReport as problem:
        parser.exit(3, f"field-report: {asked.run}: {problem}\n")
    if asked.o:
        asked.o.write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
