"""The C++ subject and the Python one come to the same results, cell by cell."""

import pytest
from e2e import STRATEGIES, carry_out, scenario

AGREED = ("lost_commits", "lost_inside", "lost_outside", "acknowledged", "passes", "passes_failed", "steps_failed",
          "kernel_main_last", "kernel_wal_last", "kernel_shm_last", "kernel_wal_deleted_last",
          "connections_opened_in_scope", "last_closes_in_scope", "wal_unlinked", "shm_unlinked")


@pytest.fixture(name="both", scope="module")
def run_both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("both")
    settings = {"boards": 2, "workers": 1, "ticks": 8, "warmup_ticks": 2, "leak_every": 2}
    return carry_out(folder, scenario(folder, settings, {"strategy": list(STRATEGIES), "subject": ["cpp", "python"]}))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_both_subjects_agree(both, strategy):
    cpp, python = (both.cell(strategy=strategy, subject=subject) for subject in ("cpp", "python"))
    assert {key: python.metrics[key] for key in AGREED} == {key: cpp.metrics[key] for key in AGREED}
    assert python.finding == cpp.finding


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_the_python_subject_cannot_count_is_unknown(both, strategy):
    last = both.cell(strategy=strategy, subject="python").samples()[-1]
    for board in last["boards"].values():
        assert {value for key, value in board.items() if key.startswith("vfs_")} == {None}
        assert board["api_open"] is not None and board["kernel_main"] is not None


@pytest.mark.parametrize("header_check, finding", [("off", "clean"), ("raw", None)])
def test_both_subjects_agree_on_a_held_connection(tmp_path, header_check, finding):
    path = scenario(tmp_path, {"ticks": 8, "warmup_ticks": 2, "held_connection": "on", "header_check": header_check},
                    {"subject": ["cpp", "python"]})
    cpp, python = carry_out(tmp_path, path).cells()
    if cpp.sqlite_version() != python.sqlite_version():
        pytest.skip("this Python loads another SQLite than the C++ subject")
    assert python.finding == cpp.finding
    assert finding in (None, cpp.finding)
    for name in ("lock lost", "split generation", "stale checkpoint"):
        assert (name in python.mechanisms) == (name in cpp.mechanisms), name
