"""Runs a scenario, watches each of its subjects from outside, and compares; scripts/watch-agrees is its caller.
Standard library only.

watch_agrees.py [--command TEXT] [--checkout DIR] [--write FILE.md] WALSOAK FOLDER run SCENARIO ARGUMENT...

The run goes to FOLDER/run, the watch of cell c01 to FOLDER/watch-c01. Exit 0 all agree, 1 some count differs, 2 some
board was never quiet for both, 4 with one line where something could not be carried out; `walsoak run`'s own code
where that ended with 3 or more.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

# Under -I, which keeps the working folder out, Python does not look beside the script either.
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from compare_runs import commit, machine, write

KERNEL = ("kernel_main", "kernel_wal", "kernel_shm", "kernel_journal")
LOOK_EVERY_S = 0.02


def lines_of(path, ended):
    """The lines of a stream as they come, until the program that writes it has ended."""
    while not path.exists():
        if ended():
            return
        time.sleep(LOOK_EVERY_S)
    with open(path, encoding="utf-8") as file:
        part = ""
        while True:
            over = ended()
            part += file.readline()
            if part.endswith("\n"):
                yield json.loads(part)
                part = ""
            elif over:
                return
            else:
                time.sleep(LOOK_EVERY_S)


def subject_of(parent, folder):
    """The child of `parent` that is a subject and whose standard error goes into this folder of a cell: its pid, or None."""
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            ppid = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if ppid != parent or b"subject" not in (entry / "cmdline").read_bytes():
                continue
            if pathlib.Path(os.readlink(entry / "fd" / "2")).parent == folder:
                return int(entry.name)
        except OSError:
            continue  # it has ended, or is nobody's business
    return None


class WatchedCell(threading.Thread):
    """Watches the subject of one cell; `pairs` holds each sample of the run with the number of the watch's after it."""

    def __init__(self, run, walsoak, folder, cell):
        super().__init__(daemon=True)
        self.run_process, self.walsoak, self.folder, self.cell = run, walsoak, folder, cell
        self.stream = folder / "run" / "cells" / f"{cell}.jsonl"
        self.header, self.pairs, self.error = None, [], None
        self.watch = None

    def run(self):
        try:
            for line in lines_of(self.stream, lambda: self.run_process.poll() is not None):
                if line["type"] == "header":
                    self.header = line
                elif line["type"] == "sample":
                    self.pairs.append((line, self.look()))
        except (OSError, ValueError) as error:
            self.error = str(error)
        finally:
            if self.watch:
                self.watch.stdin.close()
                self.watch.wait()

    def look(self):
        """Asks the watch for a sample; its number, once it is on disk; None where the process has ended."""
        if self.watch is None:
            pid = subject_of(self.run_process.pid, self.folder / "run" / "cells" / self.cell)
            if pid is None:
                raise ValueError(f"{self.cell}: no subject to watch")
            self.watch = subprocess.Popen(
                [self.walsoak.with_name("walsoak-watch"), "watch", "--pid", str(pid), "--every", "stdin", "--out",
                 self.folder / f"watch-{self.cell}"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self.watch.stdin.write("\n")
            self.watch.stdin.flush()
        except BrokenPipeError:
            return None
        said = re.match(r"w01 sample (\d+):", self.watch.stdout.readline())
        return int(said.group(1)) if said else None

    def watched(self):
        """The samples of the watch, and the name that it gave to each path."""
        samples, names = [], {}
        path = self.folder / f"watch-{self.cell}" / "cells" / "w01.jsonl"
        for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            if line["type"] == "sample":
                samples.append(line)
            for database in line.get("boards", []) if line["type"] == "header" else [line]:
                if "path" in database:
                    names[database["path"]] = database["name"]
        return samples, names


def board_counts(sample, board, columns):
    values = sample["boards"].get(board, {})
    return values if isinstance(values, dict) else dict(zip(columns, values))


def compare_cell(header, pairs, samples, names):
    """One row a board. A look of the watch lies between two samples of the run; it counts where all three were quiet
    and the process's own ledger opened and closed nothing on the board from the one to the other."""
    rows = []
    columns = header.get("columns", [])
    for board in header["boards"]:
        name = names.get(board["path"])
        row = {"board": board["name"], "looks": 0, "quiet": 0, "kernel_same": 0, "api_same": 0, "wal": [], "differs": []}
        for (before, look), (after, _) in zip(pairs, pairs[1:]):
            if look is None:
                continue  # the process had ended
            row["looks"] += 1
            own, later = (board_counts(sample, board["name"], columns) for sample in (before, after))
            quiet = before["quiet"] and samples[look]["quiet"] and after["quiet"]
            if not quiet or any(own[key] != later[key] for key in ("api_opened", "api_closed")):
                continue
            row["quiet"] += 1
            # A database that the watch has not met has no descriptors.
            seen = {key: board_counts(samples[look], name, []).get(key, 0) for key in KERNEL}
            kernel_same = all(seen[key] == own[key] for key in KERNEL)
            api_same = seen["kernel_wal"] == own["api_open"]
            row["wal"].append(seen["kernel_wal"])
            row["kernel_same"] += kernel_same
            row["api_same"] += api_same
            if not (kernel_same and api_same):
                row["differs"].append({"tick": before["tick"], "watch": seen, "api_open": own["api_open"],
                                       "run": {key: own[key] for key in KERNEL}})
        rows.append(row)
    return rows


def verdict_of(cells):
    rows = [row for cell in cells for row in cell["boards"]]
    if any(row["differs"] for row in rows):
        return 1
    return 2 if not rows or any(row["quiet"] == 0 for row in rows) else 0


def text_of(cells, facts):
    outcome = {0: "All agree.", 1: "**Some counts differ.**", 2: "**Some board was never quiet for both.**"}[verdict_of(cells)]
    lines = ["# What a watch counts, beside the process's own ledger", "", outcome, "", f"    {facts['command']}", "",
             f"{facts['date']}, commit {facts['commit']}, {facts['machine']}; {facts['seconds']} s.", "",
             "| cell | settings | board | looks | between two quiet samples | main, -wal, -shm, -journal as the run's | "
             "-wal as open connections (API) | -wal first, peak, last |", "|---|---|---|---|---|---|---|---|"]
    for cell in cells:
        for row in cell["boards"]:
            wal = f"{row['wal'][0]}, {max(row['wal'])}, {row['wal'][-1]}" if row["wal"] else "none"
            lines.append(f"| {cell['cell']} | {cell['settings']} | {row['board']} | {row['looks']} | {row['quiet']} | "
                         f"{row['kernel_same']} of {row['quiet']} | {row['api_same']} of {row['quiet']} | {wal} |")
    for cell in cells:
        for row in cell["boards"]:
            lines += [f"\n{cell['cell']} {row['board']}, tick {one['tick']}: watch {one['watch']}, run {one['run']}, "
                      f"api_open {one['api_open']}" for one in row["differs"]]
    return "\n".join(lines) + "\n"


def settings_text(summary, cell):
    (found,) = [one for one in summary["cells"] if one["cell"] == cell]
    return ", ".join(f"{key} {value}" for key, value in found["differs"].items())


def watch_run(walsoak, folder, arguments):
    """Runs to the end; returns walsoak's exit code, the threads and how many seconds it took."""
    began = time.monotonic()
    run = subprocess.Popen([walsoak, *arguments, "--out", folder / "run", "--keep"], stdout=subprocess.DEVNULL)
    book = folder / "run" / "run.json"
    while not book.exists() and run.poll() is None:
        time.sleep(LOOK_EVERY_S)
    if not book.exists():
        return run.wait(), [], 0
    names = [cell["cell"] for cell in json.loads(book.read_text(encoding="utf-8"))["cells"]]
    threads = [WatchedCell(run, walsoak, folder, name) for name in names]
    for thread in threads:
        thread.start()
    code = run.wait()
    for thread in threads:
        thread.join()
    return code, threads, round(time.monotonic() - began)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="")
    parser.add_argument("--checkout", default=".")
    parser.add_argument("--write")
    parser.add_argument("walsoak", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    folder = options.folder.resolve()
    facts = {"command": options.command, "commit": commit(options.checkout), "machine": machine(),
             "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")}
    try:
        code, threads, seconds = watch_run(options.walsoak, folder, options.arguments)
        if code > 2:
            return code
        failed = [thread.error for thread in threads if thread.error]
        if failed:
            raise ValueError(failed[0])
        summary = json.loads((folder / "run" / "summary.json").read_text(encoding="utf-8"))
        cells = [{"cell": thread.cell, "settings": settings_text(summary, thread.cell),
                  "boards": compare_cell(thread.header, thread.pairs, *thread.watched())} for thread in threads]
        text = text_of(cells, {**facts, "seconds": seconds})
        if options.write:
            write(options.write, text)
    except (OSError, ValueError, KeyError) as error:
        print(f"watch_agrees.py: {error if isinstance(error, (OSError, ValueError)) else repr(error)}", file=sys.stderr)
        return 4
    print(text, end="")
    return verdict_of(cells)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
