"""What each strategy does to descriptors and sidecars, read from the streams of one small run of all of them."""

import pytest
from e2e import STRATEGIES, carry_out, scenario

TICKS, WARMUP, LEAK_EVERY, BOARDS = 12, 4, 2, 2
IN_SCOPE = ("dispatch", "probe")
ONE_LIFE = {"wal_created": 1, "wal_unlinked": 1, "shm_created": 1, "shm_unlinked": 1}


@pytest.fixture(name="quick", scope="module")
def run_quick(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quick")
    settings = {"ticks": TICKS, "warmup_ticks": WARMUP, "leak_every": LEAK_EVERY, "boards": BOARDS, "workers": 2,
                "pool_threads": 2}
    expect = [{"when": {}, "finding": ["clean", "churn"]}, {"when": {"strategy": "noop"}, "finding": "clean"},
              {"when": {"strategy": "planted-leak"}, "finding": "leak"}]
    return carry_out(folder, scenario(folder, settings, {"strategy": list(STRATEGIES)}, expect))


def uses(step):
    """How often a step came to each board: an entry in its answer is one use."""
    return {board["board"]: 1 for board in step.get("boards", [])}


def growth(cell, number):
    """The growth, from the last sample of warm-up to the last of all, of a sum over boards."""
    after = {sample["tick"]: sum(map(number, sample["boards"].values())) for sample in cell.samples()}
    return after[TICKS - 1] - after[WARMUP - 1]


def test_every_strategy_is_there_with_its_verdict(quick):
    assert [cell.settings["strategy"] for cell in quick.cells()] == list(STRATEGIES)
    assert quick.summary["state"] == "done" and quick.summary["exit_code"] == 0
    assert {cell.recorded["verdict"] for cell in quick.cells()} == {"pass"}


def test_per_tick_creates_and_unlinks_both_sidecars_once_a_use(quick):
    steps = quick.cell(strategy="per-tick").steps(actor="subject")
    assert {step["step"] for step in steps} == {"cell", "triage", "dispatch", "probe", "notifier", "collect"}
    for step in steps:
        expected = {board: ONE_LIFE for board in uses(step)}
        assert step.get("sidecars", {}) == expected, step


def test_per_tick_closes_last_at_every_use(quick):
    cell = quick.cell(strategy="per-tick")
    in_scope = sum(len(uses(step)) for name in IN_SCOPE for step in cell.steps(step=name))
    all_unlinked = sum(life["wal_unlinked"] for step in cell.steps() for life in step.get("sidecars", {}).values())
    metrics = cell.metrics
    assert cell.finding == "churn"
    assert in_scope >= TICKS * BOARDS
    assert metrics["last_closes_in_scope"] == metrics["connections_opened_in_scope"] == in_scope
    assert metrics["wal_unlinked"] == metrics["shm_unlinked"] == all_unlinked
    assert metrics["last_closes_apart"] == all_unlinked - in_scope


def test_wal_safe_close_closes_last_as_often_as_per_tick(quick):
    per_tick, safe = quick.cell(strategy="per-tick").metrics, quick.cell(strategy="wal-safe-close").metrics
    for key in ("last_closes_in_scope", "connections_opened_in_scope", "wal_unlinked", "shm_unlinked"):
        assert safe[key] == per_tick[key]


def test_persistent_opens_each_board_once(quick):
    cell = quick.cell(strategy="persistent")
    assert cell.settings["fingerprint"] == "inode"
    assert cell.metrics["connections_opened_in_scope"] == BOARDS
    assert [board["api_opened_in_scope"] for board in cell.samples()[-1]["boards"].values()] == [1] * BOARDS
    assert cell.metrics["last_closes_in_scope"] == 0
    assert cell.finding == "clean"


def test_persistent_keeps_the_sidecars_once_it_has_opened(quick):
    steps = quick.cell(strategy="persistent").steps()
    first = next(index for index, step in enumerate(steps) if step["step"] == "dispatch")
    assert set(steps[first]["sidecars"]) == set(uses(steps[first]))
    assert not [step for step in steps[first + 1:] if "sidecars" in step]


def test_unclosed_gives_back_at_each_collection_what_it_dropped(quick):
    cell = quick.cell(strategy="unclosed")
    collections = cell.steps(step="collect")
    assert [step["tick"] for step in collections] == list(range(TICKS))
    assert sum(step["freed"] for step in collections) == cell.metrics["connections_opened_in_scope"]
    assert {board["api_open"] for sample in cell.samples() for board in sample["boards"].values()} == {0}


def test_planted_leak_stands_in_every_ledger(quick):
    cell = quick.cell(strategy="planted-leak")
    planted = (TICKS - WARMUP) // LEAK_EVERY
    assert cell.finding == "leak" and "unclosed connection" in cell.mechanisms
    for key in ("api_open", "vfs_main", "kernel_wal", "kernel_main_net"):
        assert cell.metrics[f"{key}_growth"] == planted, key
    for key in ("api_open", "vfs_main", "kernel_wal"):
        assert growth(cell, lambda board, key=key: board[key]) == planted, key
    parked = growth(cell, lambda board: board["kernel_main"] - board["vfs_main"])
    assert growth(cell, lambda board: board["kernel_main"]) - parked == planted
    # It is planted on the first board, and nowhere else.
    assert cell.samples()[-1]["boards"]["b02"]["api_open"] == 0


def test_noop_opens_nothing_in_scope(quick):
    cell = quick.cell(strategy="noop")
    assert cell.finding == "clean"
    assert cell.metrics["connections_opened_in_scope"] == cell.metrics["last_closes_in_scope"] == 0
    assert all(not board["looked"] for name in IN_SCOPE for step in cell.steps(step=name) for board in step["boards"])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_ledgers_agree_at_every_quiet_sample(quick, strategy):
    cell = quick.cell(strategy=strategy)
    assert cell.metrics["ledgers_parted"] == 0
    samples = cell.samples()
    assert [sample["tick"] for sample in samples] == list(range(-1, TICKS))
    for board in (board for sample in samples if sample["quiet"] for board in sample["boards"].values()):
        parked = board["kernel_main"] - board["vfs_main"]
        assert board["api_open"] == board["vfs_main"]
        assert board["kernel_wal"] == board["vfs_wal"]
        assert 0 <= parked <= (board["vfs_main_peak"] - board["vfs_main"] if board["vfs_main"] else 0)
        assert board["kernel_shm"] == (1 if board["vfs_shm"] else 0)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_commit_is_lost(quick, strategy):
    cell = quick.cell(strategy=strategy)
    assert cell.metrics["lost_commits"] == cell.metrics["integrity_failed"] == 0
    # All that was acknowledged is in the final copy; noop's dispatcher writes nothing and so spawns nobody.
    assert {board["board"]: board["rows"] for board in cell.check("final").values()} == {
        board["board"]: board["rows"] for board in cell.check("acknowledged").values()}
    assert (cell.metrics["acknowledged"] > 0) == (strategy != "noop")
