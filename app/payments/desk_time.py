"""A time for payments that goes at the pace of real time, whatever is done to the wall clock."""

from datetime import datetime, timedelta

from app.values.clock import Clock


class SteadyTime:
    """Starts at the wall clock's instant and goes on by the monotonic clock; never behind what was stored."""

    def __init__(self, clock: Clock) -> None:
        """Start now."""
        self._clock = clock
        self._base, self._base_ns = clock.now(), clock.monotonic_ns()

    def set_by_the_wall(self) -> timedelta:
        """Take the wall clock's instant again; only while no attempt is open.

        Returns by how much this time changed: what is to be done later must be put off by as much.
        """
        before = self.now()
        self._base, self._base_ns = self._clock.now(), self._clock.monotonic_ns()
        return self._base - before

    def on_the_wall(self, instant: datetime) -> datetime:
        """Return what the wall clock will show at an instant of this time, as it stands now; UTC."""
        return self._clock.now() + (instant - self.now())

    def reach(self, instant: datetime) -> None:
        """Go forward to an instant that was stored, where the wall clock was set back since."""
        now = self.now()
        if instant > now:
            self._base, self._base_ns = instant, self._clock.monotonic_ns()

    def now(self) -> datetime:
        """Return the instant, UTC."""
        return self._base + timedelta(microseconds=(self._clock.monotonic_ns() - self._base_ns) // 1000)
