"""Notices when the wall clock was changed, by what the monotonic clock says has passed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.ledger.canonical import JsonValue
from app.values.clock import write_instant

TOLERANCE: Final = timedelta(seconds=30)
"""A time server nudging the clock is no jump."""

DRIFT_PARTS: Final = 1000
"""A clock may also run wrong by one part in this many of the time that passed."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Both clocks at one moment."""

    instant: datetime
    monotonic_ns: int | None
    """None for a moment of an earlier process, whose monotonic clock means nothing here."""


def clock_jump(before: Observation, after: Observation) -> dict[str, JsonValue] | None:
    """Return the body of a journal entry where the wall clock was changed between two moments; else None.

    Across a restart only a clock that went back can be told: nobody knows how long the till was off.
    """
    moved = after.instant - before.instant
    if before.monotonic_ns is None or after.monotonic_ns is None:
        passed = None
        jumped = moved < -TOLERANCE
    else:
        passed = timedelta(microseconds=(after.monotonic_ns - before.monotonic_ns) // 1000)
        jumped = abs(moved - passed) > TOLERANCE + passed / DRIFT_PARTS
    if not jumped:
        return None
    return {
        "clock_said": write_instant(before.instant),
        "clock_says": write_instant(after.instant),
        "passed_ms": None if passed is None else passed // timedelta(milliseconds=1),
    }
