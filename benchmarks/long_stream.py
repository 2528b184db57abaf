#!/usr/bin/env python3
"""What a stream of many samples costs: the most memory that judging and reporting it takes, and how small its summary is.

    benchmarks/long_stream.py                          a million samples of four boards, about 1.1 GB in the temporary folder
    benchmarks/long_stream.py --samples 100000 --cells 2 --boards 30
    benchmarks/long_stream.py --pictures               the pictures, too (WALSOAK_PYTHON: one with matplotlib)
    WALSOAK_BUILD=build/dev benchmarks/long_stream.py  another build than build/release

Writes a free-running run as docs/record.md has it, lets `walsoak check` and `walsoak report` read it, and prints a line each.
Exit codes: 0; 1 where a bound was broken: 200 MB of memory, 1 MB of summary, 60,000 characters of report.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
WALSOAK = Path(os.environ.get("WALSOAK_BUILD") or PROJECT / "build" / "release") / "walsoak"
MOST_RSS_BYTES = 200_000_000
MOST_SUMMARY_BYTES = 1_000_000
MOST_REPORT_CHARACTERS = 60_000

COLUMNS = ["api_open", "api_opened", "api_closed", "api_opened_in_scope", "vfs_main", "vfs_main_peak", "vfs_main_opens",
           "vfs_wal", "vfs_wal_opens", "vfs_shm", "vfs_shm_maps", "vfs_journal", "vfs_wal_unlinks",
           "vfs_wal_unlinks_in_scope", "kernel_main", "kernel_wal", "kernel_shm", "kernel_journal",
           "kernel_main_deleted", "kernel_wal_deleted", "kernel_shm_deleted", "kernel_main_replaced", "guards",
           "lock_main_posix", "lock_main_ofd", "lock_shm_dms", "main_bytes", "wal_bytes"]
WRITERS = 3  # a board, besides the dispatcher
ERRORS = 300  # different messages


def settings(samples, boards):
    return {"strategy": "per-tick", "subject": "cpp", "mode": "free", "boards": boards, "ticks": samples, "warmup_ticks": 5,
            "tick_interval_s": 60.0, "duration_s": 0.0, "time_scale": 1.0, "collector": "every-n", "collector_every": 1,
            "wal_autocheckpoint": 1000, "notifier": 1, "workers": 1, "seed": 1}


def board_text(tick):
    """The numbers of a board whose connections all close, and of which one in a thousand ticks stays open."""
    kept, opened = tick // 1000, 3 * tick
    return (f"[{kept},{opened},{opened - kept},{opened},{kept},2,{opened},{kept},{opened},{min(kept, 1)},{opened},0,{opened},"
            f"{opened},{kept},{kept},{min(kept, 1)},0,0,0,0,0,0,{min(kept, 1)},0,{min(kept, 1)},131072,4096]")


def lines_of(samples, boards, cell):
    """The stream, a line at a time."""
    names = [f"b{i + 1:02}" for i in range(boards)]
    yield json.dumps({"type": "header", "schema_version": 1, "cell": cell, "settings": settings(samples, boards), "seed": 1,
                      "control_of": None, "columns": COLUMNS, "boards": [{"name": name, "path": f"/b/{name}"} for name in names],
                      "started": "2026-11-28T00:00:00Z", "roles": {}})
    for tick in range(-1, samples):
        t_us = 60_000_000 * (tick + 1)
        if tick >= 0:
            failed = (f'"ok":false,"latency_us":900,"wait_us":10,"failed":[{{"error":{{"code":5,"message":"locked {tick % ERRORS}",'
                      f'"where":"claim","app":null}},"boards":["b01"]}}]') if tick % 97 == 0 else \
                f'"ok":true,"latency_us":{800 + tick % 211},"wait_us":10'
            yield (f'{{"type":"tick","tick":{tick},"t_us":{t_us},"late_us":{tick % 83},"missed":0,"lag_us":{tick % 71},"ok":true,'
                   f'"steps":{{"dispatch":{{{failed}}}}}}}')
        of_board = board_text(max(tick, 0))
        yield (f'{{"type":"sample","tick":{tick},"t_us":{t_us},"quiet":true,"boards":{{'
               + ",".join(f'"{name}":{of_board}' for name in names)
               + f'}},"process":{{"descriptors":{9 + 2 * boards * (tick // 1000)},"descriptor_limit":1048576,"threads":9,'
               f'"rss_bytes":9000000}},"harness":{{"rss_bytes":18000000,"descriptors":21,"jitter_us":{tick % 59}}},'
               f'"subject":{{"affinity_errors":0,"lock_wait_us":0}},"sidecars":{{}},"activity":{{"notifier":{{"ran":12,"missed":0,'
               f'"failed":0,"latency_max_us":{tick % 997},"wait_max_us":9,"late_max_us":9,"errors":[]}}}}}}')
    rows = {"dispatcher": [[1, samples]], **{f"w{i:04}": [[1, 3]] for i in range(WRITERS)}}
    for check in ("acknowledged", "inside", "outside", "final"):
        yield json.dumps({"type": "check", "check": check, "boards": [
            {"board": name, "ok": True, "integrity": "ok", "rows": rows} for name in names]})
    yield json.dumps({"type": "end", "reason": "done", "steps": samples, "samples": samples + 1, "ticks": samples, "missed": 0})


def write_run(folder, samples, boards, cells=1):
    """A run folder of this many cells, each with a stream of this many samples; its summary has no cells yet."""
    (folder / "cells").mkdir(parents=True)
    (folder / ".walsoak-run").write_text("")
    names = [f"c{i + 1:03}" for i in range(cells)]
    run = {"schema_version": 1, "walsoak": "0.1.0", "run": folder.name, "title": "A long stream", "question": "How much does it take?",
           "state": "done", "command": ["walsoak", "run", "long.json"], "jobs": 1, "scenarios": [], "axes": ["seed"],
           "environment": {"kernel": "Linux 6.1"},
           "cells": [{"cell": name, "state": "done", "settings": {**settings(samples, boards), "seed": i},
                      "differs": {"seed": i}, "control_of": None, "expected": {"finding": "any", "metrics": {}}}
                     for i, name in enumerate(names)]}
    (folder / "run.json").write_text(json.dumps(run))
    # As far as a run has it before its first cell ends.
    begun = {key: run[key] for key in ("schema_version", "walsoak", "run", "title", "question", "state", "command", "environment",
                                       "axes")}
    (folder / "summary.json").write_text(json.dumps(begun))
    for name in names:
        with open(folder / "cells" / f"{name}.jsonl", "w", encoding="utf-8") as stream:
            stream.writelines(line + "\n" for line in lines_of(samples, boards, name))
    return folder


def measured(*command, stdout=os.devnull):
    """Runs a command to its end; the most resident memory it had, in bytes, and its CPU time in seconds."""
    with open(stdout, "wb") as out:
        process = subprocess.Popen([*map(str, command)], stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 2):
        sys.exit(f"long_stream.py: {command[0]} {command[1]} ended with {process.returncode}")
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def judge_and_report(folder):
    """What `check` and `report` took, by command; the summary that check made stands in the folder then."""
    judged = folder / "judged.json"
    took = {"walsoak check": measured(WALSOAK, "check", folder, "--json", stdout=judged)}
    # Spelt as a run writes it.
    summary = {"schema_version": 1, **json.loads(judged.read_text())}
    (folder / "summary.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
    took["walsoak report --no-pictures"] = measured(WALSOAK, "report", folder, "--no-pictures")
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--boards", type=int, default=4)
    parser.add_argument("--cells", type=int, default=1)
    parser.add_argument("--pictures", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="long-stream-") as temporary:
        folder = write_run(Path(temporary) / "run", asked.samples, asked.boards, asked.cells)
        stream_bytes = sum(path.stat().st_size for path in folder.glob("cells/*.jsonl"))
        print(f"{asked.cells} cells of {asked.samples} samples of {asked.boards} boards: {stream_bytes / 1e6:.0f} MB of stream")
        took = judge_and_report(folder)
        if asked.pictures:
            took["scripts/plots/all.py"] = measured(os.environ.get("WALSOAK_PYTHON", sys.executable),
                                                    PROJECT / "scripts" / "plots" / "all.py", folder)
        for command, (rss, seconds) in took.items():
            print(f"{command}: {rss / 1e6:.0f} MB at most, {seconds:.1f} s of CPU")
        summary, report = (folder / "summary.json").stat().st_size, len((folder / "report.md").read_text())
        print(f"summary.json: {summary / 1e3:.0f} kB, report.md: {report} characters")
    broken = (max(rss for rss, _ in took.values()) > MOST_RSS_BYTES or summary > MOST_SUMMARY_BYTES
              or report > MOST_REPORT_CHARACTERS)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
