"""What the desk of members does by itself when no question waits, and how often while nobody answers."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from app.members.ports import MemberKeeper

NS: Final = 1_000_000_000


class Duty(Protocol):
    """Something that has to be done sooner or later; called on the desk's thread."""

    def due_in_s(self) -> float | None:
        """Return in how many seconds there is something to do, 0: now; None: not before somebody says so."""

    def step(self, keeper: MemberKeeper) -> bool | None:
        """Do one small thing; return whether the keeper answered, None where it was not asked."""


@dataclass(frozen=True, slots=True)
class MemberTimes:
    """How long and how often, in seconds."""

    settling_s: float = 1.2
    """How long the till has the processor to itself before the keeper of members is opened."""

    answer_within_s: float = 3.0
    """A question that is not answered by then comes back AWAY."""

    first_pause_s: float = 1.0
    """After the first try that nobody answered; each further one waits twice as long."""

    longest_pause_s: float = 30.0
    spared_s: float = 2.0
    """So long after a try that nobody answered a question comes back AWAY without another."""

    round_every_s: float = 60.0
    """Between two looks at shares of limited coupons, by which an idle till knows that its line works."""

    erased_every_s: float = 300.0
    """Between two questions who was forgotten."""

    untold_every_s: float = 6 * 3600.0
    """After which facts that were not understood are told again."""


class Contact:
    """Whether the keeper answers, by what the last calls said. Any thread may ask."""

    def __init__(self, times: MemberTimes, now_ns: Callable[[], int], jitter: Callable[[], float]) -> None:
        """Begin, with nothing known.

        Args:
            times: how often.
            now_ns: a clock that never goes back.
            jitter: gives the factor by which a pause is longer or shorter, so that a shop's tills do not come at once.
        """
        self._times = times
        self._now_ns = now_ns
        self._jitter = jitter
        self._lock = threading.Lock()
        self._known = False
        self._away = False
        self._pause_s = times.first_pause_s
        self._failed_ns = 0
        self._retry_ns = 0

    @property
    def away(self) -> bool:
        """Whether the last call was not answered."""
        with self._lock:
            return self._away

    @property
    def known(self) -> bool:
        """Whether anything was answered, or not, so far."""
        with self._lock:
            return self._known

    def hear(self, *, reached: bool) -> bool:
        """Take what a call said; return whether that is news."""
        with self._lock:
            news = not self._known or self._away is reached
            self._known, self._away = True, not reached
            if reached:
                self._pause_s = self._times.first_pause_s
            else:
                self._failed_ns = self._now_ns()
                self._retry_ns = self._failed_ns + int(self._pause_s * self._jitter() * NS)
                self._pause_s = min(self._pause_s * 2, self._times.longest_pause_s)
            return news

    def pause_s(self) -> float:
        """Return how long no duty should be tried; 0: one may be."""
        with self._lock:
            return max(0.0, (self._retry_ns - self._now_ns()) / NS) if self._away else 0.0

    def spares_questions(self) -> bool:
        """Return whether a question need not be tried, for nobody answered just now."""
        with self._lock:
            return self._away and self._now_ns() - self._failed_ns < self._times.spared_s * NS
