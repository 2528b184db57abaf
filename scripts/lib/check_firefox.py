"""check_firefox.py WALSOAK FIREFOX FOLDER URL: for scripts/check-firefox. Prints a table; exit 1 where a database is
missing, failed to open or was moved aside, 4 where Firefox cannot be run."""

import json
import os
import subprocess
import sys
from pathlib import Path

GIVE_UP_S = 300
MAGIC = b"SQLite format 3\0"


def databases(profile):
    """The SQLite files of a profile, by their path in it."""
    found = set()
    for path in profile.rglob("*"):
        if path.is_file() and path.open("rb").read(len(MAGIC)) == MAGIC:
            found.add(str(path.relative_to(profile)))
    return found


def run(firefox, folder, profile, url, *before):
    home = folder / "home"
    home.mkdir(exist_ok=True)
    profile.mkdir(exist_ok=True)
    command = [*before, firefox, "--headless", "--no-remote", "--profile", str(profile), "--screenshot",
               str(folder / "picture.png"), url]
    # A display or a session of the caller's would be asked for a window.
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    result = subprocess.run(command, cwd=folder, env={**kept, "HOME": str(home)}, stdin=subprocess.DEVNULL, text=True,
                            capture_output=True, timeout=GIVE_UP_S, check=False)
    return result


def opened(events, profile):
    """Per database the codes that its opens gave."""
    codes = {}
    for line in events.read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "open" and event["path"] and event["path"].startswith(f"{profile}/"):
            codes.setdefault(event["path"][len(str(profile)) + 1:], set()).add(event["code"])
    return codes


def main():
    walsoak, firefox, folder, url = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]
    alone = []
    for name in ("alone-1", "alone-2"):
        result = run(firefox, folder, folder / name, url)
        if result.returncode != 0:
            last = (result.stderr.strip().splitlines() or ["nothing said"])[-1]
            print(f"check-firefox: {firefox} ended with {result.returncode}: {last}", file=sys.stderr)
            return 4
        alone.append(databases(folder / name))
    wanted = sorted(alone[0] & alone[1])
    (folder / "alone-1").rename(folder / "existing")
    bad = 0
    print("| profile | database | left | opens gave |\n|---|---|---|---|")
    for kind in ("fresh", "existing"):
        events = folder / f"{kind}.jsonl"
        profile = folder / kind
        result = run(firefox, folder, profile, url, walsoak, "trace", "--out", str(events), "--")
        if result.returncode != 0:
            print(f"| {kind} | exit code {result.returncode} | | |")
            bad += 1
        codes = opened(events, profile) if events.exists() else {}
        left = databases(profile)
        for name in wanted:
            got = codes.get(name, set())
            wrong = name not in left or not got or got - {0}
            # One that Firefox made once, and has no use for at the next start, need not be opened again.
            if kind == "existing" and name in left and not got:
                wrong = False
            bad += bool(wrong)
            said = ", ".join(map(str, sorted(got))) or "none"
            print(f"| {kind} | {name} | {'yes' if name in left else 'no'} | {said}{' **wrong**' if wrong else ''} |")
        for path in sorted(profile.rglob("*")):
            if path.suffix in (".corrupt", ".bak") or ".sqlite.bak" in path.name:
                print(f"| {kind} | {path.relative_to(profile)} | moved aside | **wrong** |")
                bad += 1
    print(f"\n{len(wanted)} databases, {bad} wrong")
    return 1 if bad or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
