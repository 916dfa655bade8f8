"""A scale that is not there: goods are put on it, it settles, and it speaks any of the protocols."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hardware.simulated.device import SimulatedDevice
from hardware.simulated.scale_dialog06 import Dialog06Voice
from hardware.simulated.scale_voices import (
    CasVoice,
    Condition,
    EightTwoOneSevenVoice,
    NciEcrVoice,
    NciVoice,
    Os2Voice,
    PatternVoice,
    Prix3Voice,
    View,
    Voice,
)

VOICES: Final[dict[str, Callable[[], Voice]]] = {
    "mettler-toledo-8217": EightTwoOneSevenVoice,
    "nci": NciVoice,
    "nci-ecr": NciEcrVoice,
    "cas": CasVoice,
    "os2": Os2Voice,
    "os2-polled": lambda: Os2Voice(pushes=False),
    "dialog06": Dialog06Voice,
    "toledo-prix3": Prix3Voice,
    "pattern-scale": PatternVoice,
}
"""What a simulated scale can speak, by the names of the drivers."""


@dataclass(frozen=True, slots=True)
class ScaleMake:
    """What a scale was built for."""

    capacity_grams: int = 15_000
    minimum_grams: int = 0
    """Below it, scales that have a word for it say so; 0 for scales that weigh anything."""

    settles_s: float = 0.4
    """How long goods move after they were put on."""


class SimulatedScale(SimulatedDevice):
    """A scale with goods on it; any thread may touch it."""

    def __init__(
        self,
        protocol: str = "mettler-toledo-8217",
        make: ScaleMake | None = None,
        *,
        seed: int = 0,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Switch it on, empty and at zero.

        Args:
            protocol: one of `VOICES`.
            make: what it was built for.
            seed: where noise and flipped bits come from.
            monotonic_s: seconds that never go back.
        """
        super().__init__(seed=seed, monotonic_s=monotonic_s)
        self.protocol = protocol
        self.voice = VOICES[protocol]()
        self.make = make or ScaleMake()
        self.speaks_every_s = self.voice.speaks_every_s
        self._goods_grams = 0
        self._from_grams = 0
        self._zero_grams = 0
        self._tare_grams = 0
        self._put_s = monotonic_s() - self.make.settles_s
        self._shaken = False
        self._shakes = 0
        self._zeroed = True
        self._jammed = False

    # What a person does to it.

    def put_on(self, grams: int) -> None:
        """Put goods on it, so that they weigh so much together; they move for a while."""
        with self._changed:
            self._from_grams, self._goods_grams = self._goods_grams, grams
            self._put_s = self._monotonic_s()

    def take_off(self) -> None:
        """Take everything off."""
        self.put_on(0)

    def moving(self, shaken: bool) -> None:
        """Keep shaking what is on it, or let it come to rest."""
        with self._changed:
            self._shaken = shaken

    def overload(self) -> None:
        """Put more on it than it can weigh."""
        self.put_on(self.make.capacity_grams + 1000)

    def press_below_zero(self, grams: int = 50) -> None:
        """Lift its plate a little, as a bag that hangs on it does: it shows less than nothing until it is zeroed."""
        with self._changed:
            self._goods_grams = self._from_grams = 0
            self._zero_grams = grams

    def lose_zero(self) -> None:
        """Let it forget its zero, as after being switched on with something on it."""
        with self._changed:
            self._zeroed = False

    def jam(self) -> None:
        """Break its load cell."""
        with self._changed:
            self._jammed = True

    def repair(self) -> None:
        """Mend it."""
        with self._changed:
            self._jammed = False

    def press_zero(self) -> bool:
        """Press its zero key; whether it took zero: at rest, without tare, near nothing."""
        with self._changed:
            near = abs(self._goods_grams - self._zero_grams) * 50 <= self.make.capacity_grams
            if self._tare_grams or self._in_motion() or self._jammed or not near:
                return False
            self._zero_grams, self._zeroed = self._goods_grams, True
            return True

    def press_tare(self) -> bool:
        """Press its tare key: what is on it counts as nothing from now on; whether it took it."""
        with self._changed:
            gross = self._goods_grams - self._zero_grams
            if self._in_motion() or gross < 0 or gross > self.make.capacity_grams:
                return False
            self._tare_grams = gross
            return True

    def set_tare(self, grams: int) -> bool:
        """Key in a tare; whether it took it."""
        with self._changed:
            self._tare_grams = grams
            return True

    # What can be seen of it.

    @property
    def view(self) -> View:
        """What its display shows now."""
        with self._changed:
            gross = self._shown_grams() - self._zero_grams
            return View(self._condition(gross), gross - self._tare_grams, self._tare_grams)

    @property
    def shaken(self) -> bool:
        """Whether something keeps shaking it."""
        with self._changed:
            return self._shaken

    @property
    def jammed(self) -> bool:
        """Whether its load cell is broken."""
        with self._changed:
            return self._jammed

    def _in_motion(self) -> bool:
        return self._shaken or self._monotonic_s() - self._put_s < self.make.settles_s

    def _shown_grams(self) -> int:
        passed_s = self._monotonic_s() - self._put_s
        if passed_s < self.make.settles_s:
            way = self._goods_grams - self._from_grams
            return self._from_grams + int(way * passed_s / self.make.settles_s)
        if not self._shaken:
            return self._goods_grams
        self._shakes += 1
        return self._goods_grams + 3 * (self._shakes % 5)

    def _condition(self, gross: int) -> Condition:
        net = gross - self._tare_grams
        for holds, condition in (
            (self._jammed, Condition.FAULT),
            (not self._zeroed, Condition.NOT_ZEROED),
            (gross > self.make.capacity_grams, Condition.OVER),
            (self._in_motion(), Condition.MOVING),
            (net < 0, Condition.UNDER),
            (net == 0, Condition.EMPTY),
            (net < self.make.minimum_grams, Condition.MINIMUM),
        ):
            if holds:
                return condition
        return Condition.STABLE

    # The line.

    def _heard(self, data: bytes) -> None:
        for answer in self.voice.hear(data, self):
            self._say(answer)

    def _spoken(self) -> bytes:
        return self.voice.spoken(self)

    def _forget(self) -> None:
        self._tare_grams = self._zero_grams = 0
        self._zeroed = self._goods_grams == 0
        self.voice.forget()
