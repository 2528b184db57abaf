"""The states of a board in pictures are those of findings: both sides are held to the same cases."""

import json

import pytest
import figures  # puts scripts/plots on the path
from e2e import PROJECT

import board_state

CASES = json.loads((PROJECT / "tests" / "fixtures" / "board_state" / "cases.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_each_state_is_that_of_the_case(case):
    assert figures
    board, before = case["board"], case.get("before")
    was_locked = before is not None and board_state.locked(before) is True
    assert board_state.lock_lost(board, was_locked) is case["lock_lost"]
    assert board_state.sidecar_deleted(board) is case["sidecar_deleted"]
    assert board_state.main_replaced(board) is case["main_replaced"]
    if before is not None:
        assert board_state.main_shrunk(board, before) is case["main_shrunk"]
