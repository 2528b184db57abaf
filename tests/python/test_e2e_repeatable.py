"""The same scenario gives the same run: findings, counts, and the stream itself but for times, sizes and identities."""

import sys

from e2e import PROJECT, STRATEGIES, carry_out, scenario

sys.path.insert(0, str(PROJECT / "scripts" / "lib"))
from compare_runs import extract, is_count  # noqa: E402

IDENTITIES = {"pid", "path", "started", "start_ticks"}


def repeatable(value):
    """A line of a stream without what repeats only by chance."""
    if isinstance(value, dict):
        return {key: repeatable(inner) for key, inner in value.items() if is_count(key) and key not in IDENTITIES}
    return [repeatable(inner) for inner in value] if isinstance(value, list) else value


def assert_same(one, two):
    assert extract(one.summary) == extract(two.summary)
    for first, second in zip(one.cells(), two.cells(), strict=True):
        assert [repeatable(line) for line in first.stream] == [repeatable(line) for line in second.stream]


def test_the_same_scenario_twice(tmp_path):
    path = scenario(tmp_path, {"boards": 2, "workers": 2, "ticks": 8, "warmup_ticks": 2, "leak_every": 2,
                               "header_check": "raw"}, {"strategy": list(STRATEGIES)})
    assert_same(carry_out(tmp_path, path, out="one"), carry_out(tmp_path, path, out="two"))


def test_another_seed_gives_another_order(tmp_path):
    path = scenario(tmp_path, {"boards": 1, "workers": 1, "ticks": 8}, {"seed": [1, 2]})
    first, second = ([(step["step"], step.get("thread")) for step in cell.steps()]
                     for cell in carry_out(tmp_path, path).cells())
    assert first != second


KILLS = {"strategy": "per-tick", "boards": 2, "workers": 3, "ticks": 16, "worker_kill_rate": 0.3, "claim_ttl_s": 120}


def test_killed_workers_are_seen_and_lose_nothing(tmp_path):
    path = scenario(tmp_path, KILLS)
    one, two = carry_out(tmp_path, path, out="one"), carry_out(tmp_path, path, out="two")
    assert_same(one, two)
    (cell,) = one.cells()
    ended = cell.lines(type="event", event="worker-ended")
    killed = [event["writer"] for event in ended if event["signal"] == 9]
    ordered = [step["actor"] for step in cell.steps(step="visit") if "kill_at" in step]
    assert killed and sorted(killed) == sorted(ordered)
    assert all(event["exit_code"] == 0 for event in ended if event["signal"] is None)
    assert cell.metrics["lost_commits"] == cell.metrics["integrity_failed"] == 0
    assert cell.finding == "churn"


def test_tasks_of_killed_workers_are_reclaimed(tmp_path):
    (cell,) = carry_out(tmp_path, scenario(tmp_path, KILLS)).cells()
    started = cell.lines(type="event", event="worker-started")
    task_of = {event["writer"]: event["task"] for event in started}
    # Early enough that the claim runs out (2 ticks) and a worker is free again within the run.
    killed = [event["writer"] for event in cell.lines(type="event", event="worker-ended")
              if event["signal"] == 9 and event["tick"] < KILLS["ticks"] // 2]
    assert killed
    for writer in killed:
        later = [event["writer"] for event in started if event["task"] == task_of[writer] and event["writer"] > writer]
        assert later, f"nobody took the task of {writer} again"
    assert sum(board["released"] for step in cell.steps(step="dispatch") for board in step["boards"]) >= len(killed)
