"""Notices when the wall clock was changed, by what the monotonic clock says has passed."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from app.ledger.canonical import JsonValue
from app.values.clock import write_instant

TOLERANCE_US: Final = 30_000_000
"""A time server nudging the clock is no jump."""

DRIFT_PARTS: Final = 1000
"""A clock may also run wrong by one part in this many of the time that passed."""

MICROSECOND: Final = timedelta(microseconds=1)


class Observation(NamedTuple):
    """Both clocks at one moment."""

    instant: datetime
    monotonic_ns: int | None
    """None for a moment of an earlier process, whose monotonic clock means nothing here."""


def clock_jump(before: Observation, after: Observation) -> dict[str, JsonValue] | None:
    """Return the body of a journal entry where the wall clock was changed between two moments; else None.

    Across a restart only a clock that went back can be told: nobody knows how long the till was off.
    """
    moved_us = (after.instant - before.instant) // MICROSECOND
    if before.monotonic_ns is None or after.monotonic_ns is None:
        passed_us = None
        jumped = moved_us < -TOLERANCE_US
    else:
        passed_us = (after.monotonic_ns - before.monotonic_ns) // 1000
        jumped = abs(moved_us - passed_us) > TOLERANCE_US + passed_us // DRIFT_PARTS
    if not jumped:
        return None
    return {
        "clock_said": write_instant(before.instant),
        "clock_says": write_instant(after.instant),
        "passed_ms": None if passed_us is None else passed_us // 1000,
    }
