"""Turns what a scale says into what may be sold: within its limits, and twice where one answer proves nothing.

Protocols without a checksum cannot tell a weight from one with a wrong bit: `1` and `3`, `5` and `7`, `8` and `9` are
one bit apart. Two answers in a row to two questions must then agree; one wrong frame is never sold.
"""

from dataclasses import dataclass, replace

from app.devices.weighing import WeightState
from hardware.scales.protocol import Weighed


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which weights a scale may weigh, where it does not say so itself."""

    minimum_grams: int = 0
    """The lightest weight that may be sold, e.g. 20 scale divisions (OIML R 76); 0 where the scale minds it itself."""

    capacity_grams: int = 0
    """The heaviest; 0 where the scale minds it itself."""


class Agreement:
    """Lets a weight through as stable when enough was said for it."""

    def __init__(self, limits: Limits, *, twice: bool) -> None:
        """Say whether two answers must agree."""
        self._limits = limits
        self._twice = twice
        self._candidate: Weighed | None = None
        self._occasion = 0

    def forget(self) -> None:
        """Believe nothing that was said before."""
        self._candidate = None

    def judged(self, weighed: Weighed, occasion: int) -> Weighed:
        """Return what an answer is worth.

        Args:
            weighed: the answer.
            occasion: which question it answers: two copies of one answer agree about nothing.
        """
        if weighed.state is not WeightState.STABLE:
            self._candidate = None
            return weighed
        if self._twice and not self._confirmed(weighed, occasion):
            return replace(weighed, state=WeightState.MOVING)
        if self._limits.capacity_grams and weighed.grams > self._limits.capacity_grams:
            return replace(weighed, state=WeightState.OVERLOAD)
        if weighed.grams < self._limits.minimum_grams:
            return replace(weighed, state=WeightState.BELOW_MINIMUM)
        return weighed

    def _confirmed(self, weighed: Weighed, occasion: int) -> bool:
        if self._candidate != weighed:
            self._candidate, self._occasion = weighed, occasion
            return False
        return occasion != self._occasion
