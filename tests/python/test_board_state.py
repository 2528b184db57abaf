"""The states of a board in pictures are those of findings: both sides are held to the same cases."""

import json

import pytest
import figures  # puts scripts/plots on the path
from e2e import PROJECT

import board_state

CASES = json.loads((PROJECT / "tests" / "fixtures" / "board_state" / "cases.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
@pytest.mark.parametrize("state", ["lock_lost", "sidecar_deleted", "main_replaced"])
def test_a_state_is_that_of_the_case(case, state):
    assert figures
    assert getattr(board_state, state)(case["board"]) is case[state]
