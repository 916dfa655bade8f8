"""The status bytes of Weigh-Tronix/NCI scales, and the commands that NCI and NCI-ECR share.

Source: Weigh-Tronix SCP-01, as printed in the NCI 6702 manual and in Mettler-Toledo's DIVA Service Manual 72191202,
section 6.1.1.
"""

from abc import ABC, abstractmethod
from typing import Final

from app.devices.weighing import MassUnit, WeightState, whole_grams
from hardware.scales.frames import DIGITS, FrameFinder, Shape, figures, shape, unit_named
from hardware.scales.protocol import Acknowledged, Finding, Heard, ScaleCapabilities, Weighed, Weighing

_FIRST: Final = frozenset(range(0x30, 0x40))
_LAST: Final = frozenset(range(0x30, 0x40))
# Bit 6 says that another byte follows.
_FOLLOWED: Final = frozenset(range(0x70, 0x80))

STATUSES: Final[tuple[Shape, ...]] = (
    (_FIRST, _LAST),
    (_FIRST, _FOLLOWED, _LAST),
    (_FIRST, _FOLLOWED, _FOLLOWED, _LAST),
)
"""Two to four status bytes: bits 4 and 5 are always 1, bit 6 of the first always 0."""

UNIT_LETTERS: Final = frozenset(b"kglbozKGLBOZ ")
POUNDS_AND_OUNCES: Final = shape(DIGITS, b"LB ", DIGITS, DIGITS, b".", DIGITS, b"OZ")
"""`xLB xx.xOZ`."""

_FIRST_MOTION, _FIRST_ZERO, _FIRST_FAULTS = 1, 2, 4 | 8
_SECOND_UNDER, _SECOND_OVER, _SECOND_FAULTS = 1, 2, 4 | 8
_THIRD_NET, _THIRD_NOT_ZEROED = 4, 8


def pounds_and_ounces(field: bytes) -> int | None:
    """Return the grams that `xLB xx.xOZ` shows; None where there are more ounces than a pound has."""
    tenths = int(field[4:6] + field[7:8])
    return whole_grams(int(field[:1]) * 160 + tenths, 1, MassUnit.OUNCE) if tenths < 160 else None


def shown_grams(field: bytes, unit: bytes) -> int | None:
    """Return the grams that a display shows; None where it shows no plain weight."""
    shown, known = figures(field), unit_named(unit)
    return None if shown is None or known is None else whole_grams(*shown, known)


def trouble(status: bytes) -> WeightState | None:
    """Return what the status bytes say against the weight; None where they say nothing against it."""
    first, second = status[0], status[1]
    third = status[2] if len(status) > 2 else 0
    for wrong, state in (
        (first & _FIRST_FAULTS or second & _SECOND_FAULTS, WeightState.FAULT),
        (third & _THIRD_NOT_ZEROED, WeightState.NOT_ZEROED),
        (second & _SECOND_OVER, WeightState.OVERLOAD),
        (second & _SECOND_UNDER, WeightState.UNDER_ZERO),
        (first & _FIRST_MOTION, WeightState.MOVING),
    ):
        if wrong:
            return state
    return None


def is_net(status: bytes) -> bool:
    """Whether a tare is set on the scale, where it says so."""
    return len(status) > 2 and bool(status[2] & _THIRD_NET)


class NciLanguage(ABC):
    """What NCI and NCI-ECR have in common: `W CR`, `S CR`, `Z CR`; see `ScaleProtocol`."""

    capabilities = ScaleCapabilities(can_zero=True, says_motion=True, acknowledges=True)

    def __init__(self, shapes: tuple[Shape, ...]) -> None:
        """Look for answers of these shapes."""
        self._finder = FrameFinder[Finding](shapes, self._read)
        self._zeroing = False

    def reset(self) -> None:
        """Forget what was heard."""
        self._finder.forget()
        self._zeroing = False

    def expect(self, weighing: Weighing | None) -> None:  # noqa: B027 - nothing to do is meant
        """Take no note: it only weighs."""

    def ask(self) -> bytes:
        """Return `W CR`; what came before is no part of the answer."""
        self._finder.forget()
        self._zeroing = False
        return b"W\r"

    def zero(self) -> bytes:
        """Return `Z CR`; what came before is no part of the answer."""
        self._finder.forget()
        self._zeroing = True
        return b"Z\r"

    def tare(self, grams: int | None) -> bytes:
        """Return nothing: the standard has no command for it."""
        del grams
        return b""

    def take(self, data: bytes) -> Heard:
        """Take bytes in any pieces."""
        return Heard(tuple(self._finder.take(data)))

    @abstractmethod
    def _read(self, frame: bytes) -> Finding | None:
        """Return what a whole frame says; None where it contradicts itself."""

    def _status_alone(self, status: bytes) -> Finding | None:
        if self._finder.skipped:
            # It may be the end of a weight that could not be read.
            return None
        if self._zeroing:
            return Acknowledged(accepted=bool(status[0] & _FIRST_ZERO) and trouble(status) is None)
        against = trouble(status)
        if against is None:
            # Asked for the weight it would have given one: it has changed its mind meanwhile.
            against = WeightState.EMPTY if status[0] & _FIRST_ZERO else WeightState.MOVING
        return Weighed(against, net=is_net(status))

    def _weight(self, grams: int, status: bytes) -> Finding | None:
        """Return a weight with its status; None where the two contradict each other."""
        if status[0] & _FIRST_ZERO and grams:
            return None
        against = trouble(status)
        if against is None:
            against = WeightState.STABLE if grams > 0 else WeightState.UNDER_ZERO if grams else WeightState.EMPTY
        return Weighed(against, grams, net=is_net(status))
