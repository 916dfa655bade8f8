"""Mettler-Toledo 8217: `W` asks, `STX weight CR` or `STX ? status CR` answers.

Source: Mettler-Toledo, 8217 Host Communications, and DIVA Service Manual 72191202, sections 6.1.3 and 6.1.4. The answer
says no unit (two decimals are pounds, three are kilograms) and carries no check.
"""

from typing import Final

from app.devices.weighing import MassUnit, WeightState, whole_grams
from hardware.scales.frames import CR, DIGITS, STX, FrameFinder, Shape, figures, shape, times
from hardware.scales.protocol import Acknowledged, Finding, Heard, ScaleCapabilities, Weighed, Weighing

_MOTION, _OVER, _UNDER, _OUTSIDE_ZERO, _AT_ZERO, _NET = 1, 2, 4, 8, 16, 32
_LEADING: Final = DIGITS | {0x20}
# Bit 6 of the status is always 1; bit 7 is the parity bit, which the line takes away.
_STATUS: Final = frozenset(range(0x40, 0x80))
_DECIMALS: Final = {MassUnit.KILOGRAM: 3, MassUnit.POUND: 2}


def _shapes(decimals: int) -> tuple[Shape, ...]:
    return (
        shape(STX, b"?", _STATUS, CR),
        *(
            shape(STX, times(_LEADING, leading), DIGITS, b".", times(DIGITS, decimals), net, CR)
            for leading in (0, 1, 2)
            for net in (b"", b"N")
        ),
    )


class MettlerToledo8217:
    """The 8217's language; see `ScaleProtocol`."""

    capabilities = ScaleCapabilities(
        can_zero=True,
        can_tare=True,
        can_preset_tare=True,
        says_motion=True,
        acknowledges=True,
        # "There must be at least a 200-ms delay between commands."
        shortest_ask_s=0.2,
    )

    def __init__(self, unit: MassUnit = MassUnit.KILOGRAM) -> None:
        """Take the unit the scale is set to: kilograms or pounds."""
        self._unit = unit
        self._finder = FrameFinder[Finding](_shapes(_DECIMALS[unit]), self._read)
        self._asked = b"W"

    def reset(self) -> None:
        """Forget what was heard."""
        self._finder.forget()
        self._asked = b"W"

    def expect(self, weighing: Weighing | None) -> None:
        """Take no note: it only weighs."""

    def ask(self) -> bytes:
        """Return `W`."""
        self._asked = b"W"
        return b"W"

    def zero(self) -> bytes:
        """Return `Z`."""
        self._asked = b"Z"
        return b"Z"

    def tare(self, grams: int | None) -> bytes:
        """Return `T CR` for the goods, `C` to clear, `Twwwww CR` for a known tare in thousandths or hundredths."""
        if grams == 0:
            self._asked = b"C"
            return b"C"
        self._asked = b"T"
        if grams is None:
            return b"T\r"
        shown = grams * 10 ** _DECIMALS[self._unit] / self._unit.grams
        return b"T%05d\r" % min(round(shown), 99_999)

    def take(self, data: bytes) -> Heard:
        """Take bytes in any pieces."""
        return Heard(tuple(self._finder.take(data)))

    def _read(self, frame: bytes) -> Finding | None:
        if frame[1] == ord("?"):
            return self._status(frame[2])
        net = frame[-2] == ord("N")
        shown = figures(frame[1 : -2 if net else -1])
        if shown is None:
            return None
        grams = whole_grams(*shown, self._unit)
        return Weighed(WeightState.STABLE if grams else WeightState.EMPTY, grams, net=net)

    def _status(self, status: int) -> Finding:
        net = bool(status & _NET)
        match self._asked:
            case b"Z":
                # Zero is taken at the next measurement, which may be after this answer.
                can_be = not status & (_MOTION | _OVER | _OUTSIDE_ZERO | _NET)
                return Acknowledged(accepted=bool(status & _AT_ZERO) or can_be)
            case b"T":
                return Acknowledged(accepted=net)
            case b"C":
                return Acknowledged(accepted=not net)
            case _:
                return Weighed(_state(status), net=net)


def _state(status: int) -> WeightState:
    """Return what keeps the scale from giving a weight; with goods on it, it is always outside its zero range."""
    for bit, state in (
        (_OVER, WeightState.OVERLOAD),
        (_UNDER, WeightState.UNDER_ZERO),
        (_MOTION, WeightState.MOVING),
        (_OUTSIDE_ZERO, WeightState.NOT_ZEROED),
        (_AT_ZERO, WeightState.EMPTY),
    ):
        if status & bit:
            return state
    return WeightState.MOVING
