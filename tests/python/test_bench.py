"""scripts/bench: how results of Google Benchmark become ratios, and that the benchmark programs still work.

No test looks at a time that was measured.
"""

import json
import os
import re
import subprocess
import sys

import pytest

from e2e import ALL_STRATEGIES, BUILD, GIVE_UP_S
from script_sandbox import PROJECT, Sandbox

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))
import bench_ratios  # noqa: E402

PROGRAMS = ("strategy_benchmark", "cost_benchmark", "shim_benchmark", "trace_benchmark")


def entry(name, real, cpu=None, unit="us", index=0, **more):
    """One repetition, as the library writes it."""
    return {"name": f"{name}/process_time/real_time", "run_name": f"{name}/process_time/real_time",
            "run_type": "iteration", "family_index": index, "real_time": real, "cpu_time": real if cpu is None else cpu,
            "time_unit": unit, **more}


def result(*entries):
    return {"context": {"load_avg": [4.25, 1, 1], "sqlite": "3.40.1"}, "benchmarks": list(entries)}


def interleaved():
    """Two groups of two variants, three repetitions each, in the order in which they happened to end."""
    repetitions = [("tick of 1 board/noop", 0, 40), ("tick of 1 board/per-tick", 1, 100),
                   ("tick of 30 boards/noop", 2, 900), ("tick of 1 board/per-tick", 1, 300),
                   ("tick of 30 boards/per-tick", 3, 1000), ("tick of 1 board/noop", 0, 20),
                   ("tick of 30 boards/noop", 2, 1100), ("tick of 1 board/per-tick", 1, 200),
                   ("tick of 30 boards/per-tick", 3, 1000), ("tick of 1 board/noop", 0, 100),
                   ("tick of 30 boards/noop", 2, 1000), ("tick of 30 boards/per-tick", 3, 1000)]
    entries = [entry(name, real, cpu=10, index=index) for name, index, real in repetitions]
    aggregate = dict(entry("tick of 1 board/noop", 5000), run_type="aggregate", aggregate_name="median")
    return result(*reversed(entries), aggregate)


# --- ratios


def test_a_ratio_is_of_medians_and_its_spread_of_single_repetitions():
    first, second = bench_ratios.ratios_of(interleaved())
    assert (first["group"], first["base"]) == ("tick of 1 board", "per-tick")
    assert first["variants"] == [
        {"variant": "noop", "time": {"ratio": 0.2, "lowest": 0.1, "highest": 0.5},
         "CPU": {"ratio": 1.0, "lowest": 1.0, "highest": 1.0}},
        {"variant": "per-tick", "time": {"ratio": 1.0, "lowest": 0.5, "highest": 1.5},
         "CPU": {"ratio": 1.0, "lowest": 1.0, "highest": 1.0}}]
    assert second["variants"][0]["time"] == {"ratio": 1.0, "lowest": 0.9, "highest": 1.1}


def test_each_group_has_its_own_base_and_units_are_made_equal():
    groups = bench_ratios.ratios_of(result(entry("pass/bare", 2, unit="us"), entry("pass/shim", 3000, unit="ns")))
    assert groups[0]["variants"][1]["time"]["ratio"] == 1.5


def test_the_processor_time_of_a_program_that_was_started_counts_instead_of_the_benchmarks():
    groups = bench_ratios.ratios_of(result(entry("work/bare", 2, child_cpu_ns=100.0), entry("work/traced", 2, child_cpu_ns=300.0)))
    assert groups[0]["variants"][1]["CPU"]["ratio"] == 3.0 and groups[0]["variants"][1]["time"]["ratio"] == 1.0


def test_a_name_may_hold_a_slash_before_its_variant():
    assert bench_ratios.ratios_of(result(entry("open/close/bare", 1)))[0]["group"] == "open/close"


@pytest.mark.parametrize("entries, words", [
    ([entry("pass/shim", 1)], "base"),
    ([entry("pass/bare", 1), entry("pass/per-tick", 1)], "base"),
    ([entry("bare", 1)], "<group>/<variant>"),
    ([entry("pass/bare", 0)], "no time"),
    ([entry("pass/bare", 1, error_occurred=True, error_message="disk full")], "disk full"),
    ([], "no benchmark")])
def test_what_gives_no_ratio_is_an_error(entries, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        bench_ratios.ratios_of(result(*entries))


def test_groups_of_the_same_variants_stand_side_by_side():
    groups = bench_ratios.ratios_of(interleaved()) + bench_ratios.ratios_of(result(entry("pass/bare", 1)))
    tables = bench_ratios.side_by_side(groups)
    assert [[group["group"] for group in table] for table in tables] == [["tick of 1 board", "tick of 30 boards"],
                                                                         ["pass"]]
    lines = bench_ratios.table(tables[0])
    assert lines[0] == ("| against `per-tick` | tick of 1 board, time | tick of 1 board, CPU | tick of 30 boards, time "
                        "| tick of 30 boards, CPU |")
    assert lines[2] == ("| noop | 0.20 (0.10 to 0.50) | 1.00 (1.00 to 1.00) | 1.00 (0.90 to 1.10) "
                        "| 1.00 (1.00 to 1.00) |")
    assert len({line.count("|") for line in lines}) == 1


# --- the script


@pytest.fixture(name="box")
def make_sandbox(tmp_path):
    """Stand-ins for the programs: they log their arguments and write what a real one would."""
    box = Sandbox(tmp_path)
    (box.bin / "result.json").write_text(json.dumps(interleaved()))
    for program in PROGRAMS:
        box.program(program, f'echo "$0 $*" >>"{box.bin}/bench.log"; '
                             f'for a; do case $a in --benchmark_out=*) cp "{box.bin}/result.json" "${{a#*=}}" ;; esac; done')
    return box


def started(box):
    log = box.bin / "bench.log"
    return log.read_text().splitlines() if log.exists() else []


def test_prints_ratios_and_says_of_what(box):
    called = box.call("bench", "--quick")
    assert called.returncode == 0, called.stderr
    lines = called.stdout.splitlines()
    assert "ratios in one run on one machine; no absolute time is meant" in lines[0]
    assert "3 repetitions" in lines[0]
    assert lines[2] == "    scripts/bench --quick"
    assert "load average before 4.2" in lines[4] and "SQLite 3.40.1" in lines[4]
    assert "| noop | 0.20 (0.10 to 0.50) |" in called.stdout
    assert len(started(box)) == len(PROGRAMS)
    assert all("--benchmark_enable_random_interleaving=true" in line for line in started(box))


def test_one_alone_is_run_where_one_is_named(box):
    assert box.call("bench", "--quick", "--only", "trace").returncode == 0
    (line,) = started(box)
    assert "/trace_benchmark " in line


def test_quick_is_shorter(box):
    def asked(flag, *arguments):
        (box.bin / "bench.log").unlink(missing_ok=True)
        box.call("bench", *arguments)
        return {float(re.search(rf"--benchmark_{flag}=(\S+)", line).group(1)) for line in started(box)}
    for flag in ("repetitions", "min_time"):
        assert max(asked(flag, "--quick")) < min(asked(flag))


@pytest.mark.parametrize("form", [["--json", "ratios.json"], ["--json=ratios.json"]])
def test_json_holds_the_same_ratios_and_no_time(box, form):
    assert box.call("bench", *form).returncode == 0
    text = (box.elsewhere / "ratios.json").read_text()
    report = json.loads(text)
    assert report["schema_version"] == 1
    assert report["groups"][0]["variants"][0]["time"] == {"ratio": 0.2, "lowest": 0.1, "highest": 0.5}
    assert "_time" not in text


@pytest.mark.parametrize("arguments, word", [(["--fast"], "--fast"), (["quick"], "quick"), (["--json"], "--json"), (["--only", "speed"], "--only"),
                                             (["--json", "no such folder/x.json"], "no such folder"),
                                             (["--json", "."], "--json .")])
def test_a_wrong_call_is_one_line_and_exit_3(box, arguments, word):
    called = box.call("bench", *arguments)
    assert called.returncode == 3
    assert len(called.stderr.splitlines()) == 1 and word in called.stderr
    assert started(box) == []


def test_a_program_that_fails_is_named_with_its_last_line(box):
    box.program("cost_benchmark", "echo noise; echo 'disk I/O error' >&2; exit 4")
    called = box.call("bench")
    assert called.returncode == 4
    assert "cost_benchmark failed: disk I/O error" in called.stderr.splitlines()[-1]
    assert called.stdout == ""


def test_a_result_without_a_base_is_exit_4(box):
    (box.bin / "result.json").write_text(json.dumps(result(entry("pass/shim", 1))))
    called = box.call("bench")
    assert called.returncode == 4
    assert "pass: needs one base" in called.stderr.splitlines()[-1]
    assert called.stdout == ""


# --- the real programs, so that they cannot rot: as few iterations as the library does


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_program_does_its_work_and_gives_ratios(program, tmp_path):
    path = BUILD / program
    if not path.exists() and not (BUILD / "shim_benchmark").exists():
        pytest.skip("built without Google Benchmark")
    out = tmp_path / "out.json"
    ran = subprocess.run([str(path), "--benchmark_min_time=0.0001", f"--benchmark_out={out}",
                          "--benchmark_out_format=json"], env={**os.environ, "TMPDIR": str(tmp_path)}, stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, timeout=GIVE_UP_S, check=False)
    assert ran.returncode == 0, ran.stderr
    assert list(tmp_path.iterdir()) == [out], "it leaves no boards behind"
    groups = {group["group"]: [row["variant"] for row in group["variants"]]
              for group in bench_ratios.ratios_of(json.loads(out.read_text()))}
    if program == "strategy_benchmark":
        assert set(groups) == {"tick of 1 board", "tick of 30 boards"}
        assert all(sorted(variants) == sorted(ALL_STRATEGIES) for variants in groups.values())
    if program == "cost_benchmark":
        assert groups == {"idle dispatch pass": ["bare", "counting VFS", "Connection and API ledger", "tick line",
                                                 "all of it"]}
    if program == "trace_benchmark":
        assert len(groups) == 3 and all(variants[0] == "bare" for variants in groups.values())


@pytest.mark.parametrize("argument", ["--no-such-flag", "--benchmark_filter=no such benchmark"])
def test_a_program_that_measures_nothing_says_so(argument):
    path = BUILD / "cost_benchmark"
    if not path.exists():
        pytest.skip("built without Google Benchmark")
    assert subprocess.run([str(path), argument], capture_output=True, timeout=GIVE_UP_S, check=False).returncode == 3
