"""What `walsoak watch` counts of the Python subject is what the subject's own ledger says: step by step, where each step is
over before a sample is asked for; and what scripts/watch-agrees makes of a run on the clock.
"""

import copy
import sys

import pytest
from e2e import BUILD, Run
from script_sandbox import PROJECT, Sandbox
from subject_observer import Subject
from watched_subject import Watch

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))
import watch_agrees  # noqa: E402

TICKS = 8
LEAKS = {"strategy": "per-tick", "header_check": "raw", "auto_decompose": "unclosed", "collector": "never"}


def api_open(subject, board):
    opened, closed = subject.api(board)
    return sum(opened.values()) - sum(closed.values())


@pytest.mark.parametrize("settings, grows", [
    (LEAKS, True), ({"strategy": "planted-leak", "leak_every": 2}, True), ({"strategy": "persistent"}, False),
    ({"strategy": "per-tick"}, False)], ids=lambda value: value["strategy"] if isinstance(value, dict) else "")
def test_each_sample_counts_what_the_subject_says_it_has_open(tmp_path, settings, grows):
    with Subject(tmp_path, boards=2, tasks=[("t1", "triage"), ("t2", "ready")]) as subject:
        assert subject.cell(**settings)["ok"]
        own = []
        with Watch(BUILD / "walsoak-watch", tmp_path, "--pid", subject.pid) as watch:
            for tick in range(TICKS):
                for step in ("triage", "dispatch", "probe", "notifier"):
                    assert subject.step(step, tick=tick)["ok"]
                own.append({board: (api_open(subject, board), subject.descriptors(board)) for board in subject.paths})
                watch.sample()
            code, _, err = watch.end()
        assert code == 0, err
    (cell,) = Run(watch.folder).cells()
    names = {line["path"]: line["name"] for line in [*cell.lines(type="header")[0]["boards"], *cell.lines(event="database")]}
    for sample, said in zip(cell.samples(), own, strict=True):
        for board, (connections, descriptors) in said.items():
            seen = sample["boards"].get(names.get(str(subject.paths[board])), {})
            counts = [seen.get(f"kernel_{kind}", 0) for kind in ("main", "wal", "shm")]
            assert counts == [descriptors[f"kanban.db{suffix}"] for suffix in ("", "-wal", "-shm")]
            assert seen.get("kernel_wal", 0) == connections
    ends = [sum(connections for connections, _ in said.values()) for said in (own[0], own[-1])]
    # Before CPython 3.11 a connection that is dropped is closed at once.
    assert (ends[1] > ends[0]) == (grows and (settings is not LEAKS or subject.waits_for_collector()))


# --- the comparison


HEADER = {"columns": ["api_open", "api_opened", "api_closed", *watch_agrees.KERNEL], "boards": [{"name": "b01", "path": "/k"}]}


def taken(opened, closed=0, quiet=True, kernel=None):
    left = opened - closed
    return {"tick": opened, "quiet": quiet, "boards": {"b01": [left, opened, closed, *(kernel or (left, left, 1, 0))]}}


def looked(main, wal, quiet=True):
    return {"quiet": quiet, "boards": {"db1": dict(zip(watch_agrees.KERNEL, (main, wal, 1, 0)))}}


def compared(pairs, samples):
    (row,) = watch_agrees.compare_cell(HEADER, pairs, samples, {"/k": "db1"})
    return row


PAIRS = [(taken(2), 0), (taken(2), 1), (taken(3), 2), (taken(3), None)]
SAMPLES = [looked(2, 2), looked(9, 9), looked(3, 3)]


def test_a_look_counts_only_between_samples_that_nothing_came_between():
    row = compared(PAIRS, SAMPLES)
    # At the second look a connection was being opened: what it saw may be either.
    assert (row["looks"], row["quiet"], row["kernel_same"], row["api_same"]) == (3, 2, 2, 2)
    assert row["wal"] == [2, 3] and row["differs"] == []
    assert watch_agrees.verdict_of([{"boards": [row]}]) == 0


@pytest.mark.parametrize("look", [looked(2, 1), looked(3, 2), looked(0, 0)])
def test_a_count_that_differs_is_told(look):
    row = compared(PAIRS, [look, *SAMPLES[1:]])
    assert len(row["differs"]) == 1 and watch_agrees.verdict_of([{"boards": [row]}]) == 1
    cell = {"cell": "c01", "settings": "strategy noop", "boards": [row]}
    facts = {"command": "c", "date": "d", "commit": "e", "machine": "m", "seconds": 1}
    text = watch_agrees.text_of([cell], facts)
    assert "Some counts differ" in text and "c01 b01, tick 2" in text


def test_nothing_that_was_quiet_is_no_agreement():
    loud = [(dict(copy.deepcopy(sample), quiet=False), look) for sample, look in PAIRS]
    row = compared(loud, SAMPLES)
    assert row["quiet"] == 0 and watch_agrees.verdict_of([{"boards": [row]}]) == 2
    assert watch_agrees.verdict_of([]) == 2


# --- the script


@pytest.mark.parametrize("arguments, word", [(["--for"], "--for"), (["--out", "x"], "--out"),
                                             (["--write", "no such folder/x.md"], "no such folder")])
def test_a_wrong_call_is_one_line_and_starts_nothing(tmp_path, arguments, word):
    box = Sandbox(tmp_path)
    result = box.call("watch-agrees", *arguments)
    assert result.returncode == 3 and box.calls() == []
    assert len(result.stderr.splitlines()) == 1 and word in result.stderr


def test_a_run_that_cannot_be_carried_out_gives_its_code(tmp_path):
    box = Sandbox(tmp_path)
    (box.root / "scenarios" / "watch-agrees.json").write_text("{}")
    assert box.call("watch-agrees", "--for", "1s", FAKE_EXIT="3").returncode == 3
    assert box.calls()[0][:2] == ["run", str(box.root / "scenarios" / "watch-agrees.json")]
