"""Compares runs of one scenario; scripts/repeat is its caller. Standard library only.

compare_runs.py extract SUMMARY         prints what must repeat of a run's summary.json, as canonical JSON
compare_runs.py compare [--command TEXT] [--checkout DIR] [--write FILE.md] EXTRACT...
                                        one line on stdout, more where runs differ; exit 0 all agree, 1 otherwise
"""

import argparse
import collections
import datetime
import json
import os
import platform
import re
import subprocess
import sys

# A key with one of these words holds a time, a size or an identity, which repeat only by chance.
NO_COUNT_WORDS = {"us", "ms", "s", "bytes", "inode"}
NO_COUNT = re.compile(r"^(rss|dispatch_|harness_)")


def is_count(key):
    return not NO_COUNT.match(key) and not NO_COUNT_WORDS & set(key.split("_"))


def extract(summary):
    """The parts of a summary that must be the same in every run: {cell: {...}}."""
    return {
        cell["cell"]: {
            "differs": cell["differs"],
            "state": cell["state"],
            "finding": cell["finding"],
            "also": cell["also"],
            "mechanisms": [mechanism["name"] for mechanism in cell["mechanisms"]],
            "verdict": cell["verdict"],
            "counts": {key: value for key, value in cell["metrics"].items() if is_count(key)},
        }
        for cell in summary["cells"]
    }


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def tally(values):
    """Values with how many runs have them, the most frequent first: [[value, count], ...]."""
    counted = collections.Counter(canonical(value) for value in values)
    return [[json.loads(text), count] for text, count in counted.most_common()]


def differences(cells):
    """What differs between the runs of one cell (None where a run lacks it): {key: tally}."""
    if any(cell is None for cell in cells):
        return {"present": tally([cell is not None for cell in cells])}
    flat = [{**{key: value for key, value in cell.items() if key != "counts"}, **cell["counts"]} for cell in cells]
    keys = dict.fromkeys(key for cell in flat for key in cell)
    found = {}
    for key in keys:
        values = tally([cell.get(key) for cell in flat])
        if len(values) > 1:
            found[key] = values
    return found


def compare(runs):
    """The result as written to JSON: per cell the agreed values, how many runs agree, and what differs."""
    cells = []
    for name in dict.fromkeys(name for run in runs for name in run):
        seen = [run.get(name) for run in runs]
        value, agreed = tally(seen)[0]
        cells.append({"cell": name, "agreed": agreed, "most_frequent": value, "differing": differences(seen)})
    return {"runs": len(runs), "agreed": tally(runs)[0][1], "cells": cells}


def one_line(result):
    counts = max((len((cell["most_frequent"] or {}).get("counts", {})) for cell in result["cells"]), default=0)
    return (f"{result['agreed']} of {result['runs']} runs agree in state, finding, mechanisms, verdict and {counts} "
            f"counts of each of {len(result['cells'])} cells")


def shown(tallied):
    return ", ".join(f"{json.dumps(value, ensure_ascii=False)} ({count}x)" for value, count in tallied)


def markdown(result):
    lines = [f"# Repeated {result['runs']} times", "", f"**{one_line(result)}.**", "",
             f"    {result['command']}", "",
             f"{result['date']}, commit {result['commit']}, {result['machine']}.", "",
             "| cell | differs in | finding | mechanisms | verdict | runs that agree |", "|---|---|---|---|---|---|"]
    for cell in result["cells"]:
        value = cell["most_frequent"] or {}
        settings = ", ".join(f"{key} {setting}" for key, setting in value.get("differs", {}).items())
        lines.append(f"| {cell['cell']} | {settings} | {value.get('finding')} | "
                     f"{', '.join(value.get('mechanisms', []))} | {value.get('verdict')} | "
                     f"{cell['agreed']} of {result['runs']} |")
    differing = [cell for cell in result["cells"] if cell["differing"]]
    if differing:
        lines += ["", "What differs, with the number of runs that have each value:", ""]
        lines += [f"- {cell['cell']} `{key}`: {shown(values)}"
                  for cell in differing for key, values in cell["differing"].items()]
    return "\n".join(lines) + "\n"


def machine():
    """Processor, cores and kernel; never the host's name."""
    model = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE).group(1)
    except (OSError, AttributeError):
        pass  # not every architecture names its model
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def commit(checkout):
    """The short commit, with a mark where tracked files differ from it."""
    def git(*arguments):
        return subprocess.run(["git", "-C", checkout, *arguments], capture_output=True, text=True, check=True).stdout
    try:
        head = git("rev-parse", "--short=12", "HEAD").strip()
        return head + (" with changes" if git("status", "--porcelain", "--untracked-files=no", "--", ":(exclude)reports").strip() else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write(path, text):
    """Replaces a file by rename, so that an interrupted call leaves the earlier result whole."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="what", required=True)
    commands.add_parser("extract").add_argument("summary")
    comparing = commands.add_parser("compare")
    comparing.add_argument("--command", default="")
    comparing.add_argument("--checkout", default=".")
    comparing.add_argument("--write")
    comparing.add_argument("extracts", nargs="+")
    options = parser.parse_args(arguments)

    if options.what == "extract":
        try:
            found = extract(read(options.summary))
        except (OSError, ValueError, KeyError, TypeError) as error:
            sys.exit(f"compare_runs.py: {options.summary}: {error!r}")
        if not found:
            sys.exit(f"compare_runs.py: {options.summary} has no cell")
        print(canonical(found))
        return 0

    result = compare([read(path) for path in options.extracts])
    if options.write:
        now = datetime.datetime.now(datetime.timezone.utc)
        result = {"schema_version": 1, "date": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "machine": machine(),
                  "commit": commit(options.checkout), "command": options.command, **result}
        write(os.path.splitext(options.write)[0] + ".json",
              json.dumps(result, indent=1, ensure_ascii=False) + "\n")
        write(options.write, markdown(result))
    print(one_line(result))
    for cell in result["cells"]:
        for key, values in cell["differing"].items():
            print(f"  {cell['cell']} {key}: {shown(values)}")
    return 0 if result["agreed"] == result["runs"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
