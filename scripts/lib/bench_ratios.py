"""Turns results of Google Benchmark into ratios; scripts/bench is its caller. Standard library only.

bench_ratios.py [--command TEXT] [--checkout DIR] [--file-system NAME] [--json FILE] RESULT.json...

A benchmark is named <group>/<variant>. A ratio is the median of a variant's repetitions over the median of its group's
base in the same result; its spread is the least and the greatest repetition over that same median. Prints Markdown;
exit 4, one line, where a result cannot be read or a group has no base.
"""

import argparse
import datetime
import json
import os
import re
import statistics
import sys

# Under -I, which keeps the working folder out, Python does not look beside the script either.
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from compare_runs import commit, machine, read, write

# What the other variants of its group are measured against.
BASES = ("bare", "per-tick")
# Time on the wall, with all waiting; processor time of the whole process, which what runs beside it moves less.
MEASURES = {"time": "real_time", "CPU": "cpu_time"}
# Nanoseconds of a program that a benchmark starts to do its work, and that count instead of the benchmark's own.
CHILD_CPU = "child_cpu_ns"
NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
SUFFIXES = re.compile(r"(/process_time)?(/real_time)?$")
HEADLINE = "ratios in one run on one machine; no absolute time is meant"


def repetitions(result):
    """The repetitions of one result: {group: {variant: {measure: [nanoseconds, ...]}}}, in order of registration."""
    found = {}
    entries = [entry for entry in result["benchmarks"] if entry["run_type"] == "iteration"]
    # Interleaved repetitions are reported as they end.
    for entry in sorted(entries, key=lambda entry: entry["family_index"]):
        group, slash, variant = SUFFIXES.sub("", entry["run_name"]).rpartition("/")
        if not slash:
            raise ValueError(f"{entry['run_name']} is not named <group>/<variant>")
        if entry.get("error_occurred") or entry.get("skipped"):
            raise ValueError(f"{group}/{variant} did not do its work: {entry.get('error_message', 'no reason given')}")
        measured = found.setdefault(group, {}).setdefault(variant, {name: [] for name in MEASURES})
        for name, key in MEASURES.items():
            if name == "CPU" and CHILD_CPU in entry:
                measured[name].append(entry[CHILD_CPU])
            else:
                measured[name].append(entry[key] * NANOSECONDS[entry["time_unit"]])
    return found


def ratio(values, base):
    """Of one variant to its base, both as lists of repetitions."""
    middle = statistics.median(base)
    if middle <= 0:
        raise ValueError("the base took no time at all")
    return {"ratio": round(statistics.median(values) / middle, 3), "lowest": round(min(values) / middle, 3),
            "highest": round(max(values) / middle, 3)}


def ratios_of(result):
    """One result as [{"group", "base", "variants": [{"variant", "time": {...}, "CPU": {...}}]}]."""
    groups = []
    for group, variants in repetitions(result).items():
        bases = [name for name in BASES if name in variants]
        if len(bases) != 1:
            raise ValueError(f"{group}: needs one base of {', '.join(BASES)}, has {len(bases)}")
        base = variants[bases[0]]
        groups.append({"group": group, "base": bases[0], "variants": [
            {"variant": name, **{measure: ratio(values[measure], base[measure]) for measure in MEASURES}}
            for name, values in variants.items()]})
    if not groups:
        raise ValueError("holds no benchmark")
    return groups


def count_of_repetitions(results):
    """How many repetitions each variant has: the least of all."""
    return min(len(values["time"]) for result in results for variants in repetitions(result).values()
               for values in variants.values())


def side_by_side(groups):
    """Groups of the same variants share a table: [[group, ...], ...]."""
    tables = {}
    for group in groups:
        tables.setdefault(tuple(row["variant"] for row in group["variants"]), []).append(group)
    return list(tables.values())


def shown(value):
    return f"{value['ratio']:.2f} ({value['lowest']:.2f} to {value['highest']:.2f})"


def table(groups):
    heads = [f"{group['group']}, {measure}" for group in groups for measure in MEASURES]
    lines = [f"| against `{groups[0]['base']}` | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for rows in zip(*(group["variants"] for group in groups)):
        cells = [shown(row[measure]) for row in rows for measure in MEASURES]
        lines.append(f"| {rows[0]['variant']} | {' | '.join(cells)} |")
    return lines


def text_of(report):
    lines = [f"{HEADLINE}: median (least to greatest of {report['repetitions']} repetitions)", "",
             f"    {report['command']}", "",
             f"{report['date']}, commit {report['commit']}, {report['machine']}, load average before "
             f"{report['load_average']}, boards on {report['file_system']}, SQLite {report['sqlite']}."]
    for groups in side_by_side(report["groups"]):
        lines += ["", *table(groups)]
    return "\n".join(lines) + "\n"


def report_of(results, options):
    context = results[0]["context"]
    return {"schema_version": 1, "note": HEADLINE, "command": options.command,
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
            "commit": commit(options.checkout), "machine": machine(),
            # Newer versions of the library leave it out where it cannot be had.
            "load_average": round(context["load_avg"][0], 1) if context.get("load_avg") else "unknown",
            "file_system": options.file_system, "sqlite": context.get("sqlite", "unknown"),
            "repetitions": count_of_repetitions(results),
            "groups": [group for result in results for group in ratios_of(result)]}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="")
    parser.add_argument("--checkout", default=".")
    parser.add_argument("--file-system", default="unknown")
    parser.add_argument("--json")
    parser.add_argument("results", nargs="+")
    options = parser.parse_args(arguments)
    try:
        report = report_of([read(path) for path in options.results], options)
        if options.json:
            write(options.json, json.dumps(report, indent=1) + "\n")
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"bench_ratios.py: {error if isinstance(error, (OSError, ValueError)) else repr(error)}", file=sys.stderr)
        return 4
    print(text_of(report), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
