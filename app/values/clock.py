"""Time as a thing that is handed in: no part of the shop reads the machine's clock by itself.

Instants are timezone-aware `datetime` in UTC. Order never comes from them (clocks lie, design decision 8):
it comes from sequence numbers.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the instant, in UTC and aware of it."""

    def monotonic_ns(self) -> int:
        """Return nanoseconds that never go back, for measuring durations only."""


class FixedClock:
    """A clock that stands still until it is told to move; for tests, demonstrations and replays."""

    def __init__(self, start: datetime) -> None:
        """Start at an aware instant."""
        self._now = start.astimezone(UTC)
        self._elapsed_ns = 0

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self._now

    def monotonic_ns(self) -> int:
        """Return how far it was moved forward."""
        return self._elapsed_ns

    def advance(self, by: timedelta) -> None:
        """Move on, as time does."""
        self._now += by
        self._elapsed_ns += max(0, round(by / timedelta(microseconds=1))) * 1000

    def jump(self, to: datetime) -> None:
        """Change the wall clock only, as a wrong time server or a flat battery does."""
        self._now = to.astimezone(UTC)


def write_instant(instant: datetime) -> str:
    """Write an instant as RFC 3339 in UTC with microseconds: one form, sortable, in store and journal."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def read_instant(text: str) -> datetime:
    """Read what `write_instant` wrote.

    Raises:
        ValueError: if the text is no instant.
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def business_date_of(instant: datetime, zone: tzinfo, day_starts: timedelta) -> date:
    """Return the store's trading day of an instant: a sale at 00:30 belongs to the evening before.

    `day_starts` is how long after midnight a new trading day begins in the store's own zone.
    """
    return (instant.astimezone(zone) - day_starts).date()
