"""A time for payments that goes at the pace of real time, whatever is done to the wall clock."""

from datetime import UTC, datetime, timedelta

from app.values.clock import Clock


class SteadyTime:
    """Starts at the wall clock's instant and goes on by the monotonic clock; never behind what was stored."""

    def __init__(self, clock: Clock) -> None:
        """Start now."""
        self._clock = clock
        self._base = datetime.min.replace(tzinfo=UTC)
        self._base_ns = 0
        self.set_by_the_wall()

    def set_by_the_wall(self) -> None:
        """Take the wall clock's instant again; only while no attempt is open."""
        self._base, self._base_ns = self._clock.now(), self._clock.monotonic_ns()

    def reach(self, instant: datetime) -> None:
        """Go forward to an instant that was stored, where the wall clock was set back since."""
        now = self.now()
        if instant > now:
            self._base, self._base_ns = instant, self._clock.monotonic_ns()

    def now(self) -> datetime:
        """Return the instant, UTC."""
        return self._base + timedelta(microseconds=(self._clock.monotonic_ns() - self._base_ns) // 1000)
