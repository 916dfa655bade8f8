"""Toledo Prix III: `ENQ` asks, `STX` five characters `ETX` answers, in grams.

Letters in place of the figures tell the state: I unstable, N negative, S overload (Toledo do Brasil, protocols Prt1 to
Prt3). There is no check and no motion bit, so a weight counts only when two answers agree.
"""

from typing import Final

from app.devices.weighing import WeightState
from hardware.scales.frames import DIGITS, ENQ, ETX, STX, FrameFinder, shape, times
from hardware.scales.protocol import Finding, Heard, ScaleCapabilities, Weighed, Weighing

_STATES: Final = {
    b"IIIII": WeightState.MOVING,
    b"NNNNN": WeightState.UNDER_ZERO,
    b"SSSSS": WeightState.OVERLOAD,
}


class Prix3:
    """The Prix III's language; see `ScaleProtocol`."""

    capabilities = ScaleCapabilities()

    def __init__(self) -> None:
        """Begin in step."""
        weights = (shape(STX, times(DIGITS, 5), ETX), *(shape(STX, letters, ETX) for letters in _STATES))
        self._finder = FrameFinder[Finding](weights, _read)

    def reset(self) -> None:
        """Forget what was heard."""
        self._finder.forget()

    def expect(self, weighing: Weighing | None) -> None:
        """Take no note: it only weighs."""

    def ask(self) -> bytes:
        """Return `ENQ`."""
        return bytes((ENQ,))

    def zero(self) -> bytes:
        """Return nothing: the protocol has no command for it."""
        return b""

    def tare(self, grams: int | None) -> bytes:
        """Return nothing: the protocol has no command for it."""
        del grams
        return b""

    def take(self, data: bytes) -> Heard:
        """Take bytes in any pieces."""
        return Heard(tuple(self._finder.take(data)))


def _read(frame: bytes) -> Finding | None:
    state = _STATES.get(frame[1:-1])
    if state is not None:
        return Weighed(state)
    grams = int(frame[1:-1])
    return Weighed(WeightState.STABLE if grams else WeightState.EMPTY, grams)
