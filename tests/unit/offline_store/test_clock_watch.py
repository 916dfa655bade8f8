"""When a wall clock is believed, and when it is said to have jumped."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_store.clock_watch import Observation, clock_jump
from tests.faults.store_shop import NOON

SECOND_NS = 1_000_000_000


@pytest.mark.parametrize(
    ("moved", "passed_s", "jumped"),
    [
        (timedelta(minutes=5), 300, False),
        (timedelta(minutes=5, seconds=20), 300, False),  # a time server nudged it
        (timedelta(hours=1), 5, True),
        (timedelta(hours=-1), 5, True),
        (timedelta(days=3650), 5, True),
        (timedelta(days=-3650), 5, True),
        (timedelta(0), 3600, True),  # it stood still
        (timedelta(days=7, minutes=5), 7 * 86400, False),  # a clock that runs fast by half a thousandth
    ],
)
def test_a_clock_is_held_against_what_has_passed(moved: timedelta, passed_s: int, jumped: bool) -> None:
    before, after = Observation(NOON, 0), Observation(NOON + moved, passed_s * SECOND_NS)
    assert (clock_jump(before, after) is not None) is jumped


@given(st.integers(-(10**6), 10**6))
def test_across_a_restart_only_a_clock_that_went_back_is_told(seconds: int) -> None:
    after = Observation(NOON + timedelta(seconds=seconds), 5)
    jump = clock_jump(Observation(NOON, None), after)
    assert (jump is not None) is (seconds < -30)
    if jump is not None:
        assert jump["passed_ms"] is None
