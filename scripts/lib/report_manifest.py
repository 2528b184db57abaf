"""reports/manifest.json: what each reference report was made of, so that a report and its scenarios cannot part unseen.

An entry holds, for one report, the hash of each scenario as the run recorded it, and of what each preset
(scenarios/fixes.json) that a scenario names sets, as it stood at the commit that was built; with the command and the versions. Standard library only.

  report_manifest.py names                    every report that can be made, one a line
  report_manifest.py files NAME               its scenario files
  report_manifest.py times NAME               how many runs a repeat-* is made of
  report_manifest.py record NAME RUN PYTHON   writes the entry of NAME from RUN/run.json; PYTHON drew the pictures
  report_manifest.py record-repeat NAME       the same of a repeat-*, from reports/NAME.json, which goes then
  report_manifest.py rejudge NAME RUN WALSOAK judges RUN, a copy, by the scenario that stands here, where it expects
                                              something else since; nothing else may differ
  report_manifest.py matches NAME RUN         whether RUN is of the scenarios of NAME as they are now, done and passed

Exit codes: 4 not to be read or written; 3 no such report, or a run of something else; 0.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "reports" / "manifest.json"
PRESETS = "scenarios/fixes.json"
# Reports of more than the scenario that bears their name. Notes are prose: their numbers are what these expect.
SETS = {
    "mechanisms": ["scenarios/mechanism/*.json"],
    "field": ["scenarios/field/*.json"],
    "outside": ["scenarios/outside/*.json"],
    "notes/open-questions": ["scenarios/questions/*.json"],
    "notes/sqlite-versions": ["scenarios/sqlite-versions.json", "scenarios/questions/versions-worker-life.json"],
}


# Runs of a repeat-*; those that take minutes each are fewer.
TIMES = {"repeat-every-fix": 2, "repeat-quick-may2026": 5}
USUAL_TIMES = 20


class NoReport(Exception):
    def __init__(self, message, code=3):
        super().__init__(message)
        self.code = code


def scenario_files(name):
    """Paths below the checkout, in the order of their names."""
    repeated = name.removeprefix("repeat-")
    patterns = SETS.get(repeated, [f"scenarios/{repeated}.json"])
    files = [str(path.relative_to(ROOT)) for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    if not files or PRESETS in files:
        raise NoReport(f"no scenario scenarios/{name}.json, and no set of that name; sets: {', '.join(SETS)}")
    return files


def names():
    single = [path.stem for path in sorted((ROOT / "scenarios").glob("*.json")) if not path.name.endswith(".schema.json")]
    return [*(name for name in single if name != "fixes"), *SETS]


def digest(value):
    """Of the content, whatever the spelling: neither blanks nor the order of keys count."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def presets_named(content):
    """The presets that a scenario lays over its cells."""
    found = set()

    def look(value, key=None):
        if isinstance(value, dict):
            for name, part in value.items():
                if name not in ("expect", "field", "thresholds"):
                    look(part, name)
        elif isinstance(value, list):
            for part in value:
                look(part, key)
        elif key in ("fix", "preset") and isinstance(value, str):
            found.add(value)

    look(content)
    return found


def presets_at(commit):
    """The presets as they stood at a commit of the checkout."""
    shown = subprocess.run(["git", "-C", str(ROOT), "show", f"{commit}:{PRESETS}"], capture_output=True, text=True, check=False)
    if shown.returncode != 0:
        raise NoReport(f"{PRESETS} at commit {commit}: {shown.stderr.strip()}", 4)
    return json.loads(shown.stdout)["presets"]


def presets_now():
    return json.loads((ROOT / PRESETS).read_text())["presets"]


def made_of(contents, presets):
    """The hashes of an entry. `contents`: scenarios by path."""
    used = sorted(set().union(*map(presets_named, contents.values())) & presets.keys())
    return {"scenarios": {path: digest(content) for path, content in sorted(contents.items())},
            "presets": {name: digest(presets[name]["settings"]) for name in used}}


def contents_now(paths):
    return {path: json.loads((ROOT / path).read_text()) for path in paths}


def parted(entry):
    """What of the checkout differs from what the report was made of: one line each."""
    lines = []
    missing = [path for path in entry["scenarios"] if not (ROOT / path).is_file()]
    lines += [f"{path} is gone" for path in missing]
    now = made_of(contents_now(path for path in entry["scenarios"] if path not in missing), presets_now())
    lines += [f"{path} is another one now" for path, was in entry["scenarios"].items()
              if path not in missing and now["scenarios"][path] != was]
    lines += [f"preset {name} of {PRESETS} is another one now" for name, was in entry["presets"].items()
              if now["presets"].get(name) != was]
    return lines


def read_run(folder):
    try:
        return json.loads((Path(folder) / "run.json").read_text())
    except (OSError, ValueError) as problem:
        raise NoReport(f"no run to be read: {problem}") from problem


def scenarios_of(run, name):
    """The scenarios of a run by their paths below the checkout; it must be a run of those that NAME is made of."""
    by_stem = {Path(path).stem: path for path in scenario_files(name)}
    contents = {}
    for scenario in run["scenarios"]:
        stem = Path(scenario["path"]).stem
        if stem not in by_stem:
            raise NoReport(f"the run is of {scenario['path']}, which is no scenario of {name}")
        contents[by_stem[stem]] = scenario["content"]
    if missing := sorted(set(by_stem.values()) - contents.keys()):
        raise NoReport(f"the run has not {missing[0]}, which {name} is made of")
    return contents


def unjudged(content):
    """A scenario without what is expected of it."""
    return {key: value for key, value in content.items() if key not in ("expect", "thresholds")}


def rejudge(name, folder, walsoak):
    """A run is kept, and what is expected of it may have been understood since: its verdicts are told anew."""
    run = read_run(folder)
    contents = scenarios_of(run, name)
    now = contents_now(contents)
    if len(now) != 1 or now == contents or any(unjudged(now[path]) != unjudged(contents[path]) for path in now):
        return
    (path,) = now
    checked = subprocess.run([walsoak, "check", str(folder), "--scenario", str(ROOT / path), "--json"], capture_output=True,
                             text=True, check=False)
    if checked.returncode not in (0, 1, 2):
        raise NoReport(f"{folder} cannot be judged anew: {checked.stderr.strip()}", 4)
    before = json.loads((Path(folder) / "summary.json").read_text())
    summary = {"schema_version": before["schema_version"], **json.loads(checked.stdout)}
    (Path(folder) / "summary.json").write_text(json.dumps(summary))
    run["scenarios"][0]["content"] = now[path]
    (Path(folder) / "run.json").write_text(json.dumps(run))


def matches(name, folder):
    run = read_run(folder)
    contents = scenarios_of(run, name)
    for path, now in contents_now(contents).items():
        if digest(now) != digest(contents[path]):
            raise NoReport(f"{path} is another one than the run was made of")
    summary = json.loads((Path(folder) / "summary.json").read_text())
    if summary["state"] != "done" or summary["verdict"] != "pass":
        raise NoReport(f"the run is {summary['state']}, its verdict {summary['verdict']}: no reference")


def version_of(python, module):
    """As the interpreter that draws the pictures has it, or None."""
    code = "import platform; print(platform.python_version())" if module == "python" else \
        f"import {module}; print({module}.__version__)"
    asked = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else None


def entry_of_run(name, folder, drawing_python):
    run = read_run(folder)
    machine = run["environment"]
    commit = re.match(r"[0-9a-f]*", machine.get("commit") or "").group()
    contents = scenarios_of(run, name)
    named = set().union(*map(presets_named, contents.values()))
    return {"command": f"scripts/reference-reports {name}", **made_of(contents, presets_at(commit) if named else {}),
            "commit": machine.get("commit"), "walsoak": run["walsoak"], "sqlite": sorted(machine.get("sqlite", {})),
            "kernel": machine.get("kernel"), "distribution": machine.get("distribution"),
            "python": version_of(drawing_python, "python"), "matplotlib": version_of(drawing_python, "matplotlib")}


def entry_of_repeat(name):
    told = json.loads((ROOT / "reports" / f"{name}.json").read_text())
    contents = contents_now(scenario_files(name))
    named = set().union(*map(presets_named, contents.values()))
    return {"command": f"scripts/reference-reports {name}", **made_of(contents, presets_now() if named else {}),
            "commit": told["commit"], "walsoak": None, "sqlite": None, "kernel": told["machine"].split(", ")[-1],
            "distribution": None, "python": None, "matplotlib": None, "runs": told["runs"]}


def record(name, entry):
    manifest = json.loads(MANIFEST.read_text()) if MANIFEST.is_file() else {"schema_version": 1, "reports": {}}
    manifest["reports"][name] = entry
    manifest["reports"] = dict(sorted(manifest["reports"].items()))
    MANIFEST.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


def main():
    action, *rest = sys.argv[1:] or [""]
    try:
        match action, rest:
            case "names", []:
                print("\n".join(names()))
            case "files", [name]:
                print("\n".join(scenario_files(name)))
            case "times", [name]:
                print(TIMES.get(name, USUAL_TIMES))
            case "matches", [name, folder]:
                matches(name, folder)
            case "rejudge", [name, folder, walsoak]:
                rejudge(name, folder, walsoak)
            case "record", [name, folder, python]:
                record(name, entry_of_run(name, folder, python))
            case "record-repeat", [name]:
                record(name, entry_of_repeat(name))
            case _:
                raise NoReport(f"report_manifest.py: {__doc__}")
    except NoReport as problem:
        print(f"reference-reports: {problem}", file=sys.stderr)
        sys.exit(problem.code)


if __name__ == "__main__":
    main()
