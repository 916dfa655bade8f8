"""CAS: `ENQ` asks whether a weight is there, `ACK` says yes, `DC1` fetches it, sealed with an exclusive or.

Source: CAS PD-II manual, section 3.1.6 (type 6), and CAS AP-1, transmission protocol: `SOH STX status sign weight unit
BCC ETX EOT`, BCC over everything between STX and itself. Overload is sign `F` and a weight of `F`s.
"""

from typing import Final

from app.devices.weighing import WeightState, whole_grams
from hardware.scales.frames import (
    ACK,
    ANYTHING,
    DC1,
    DIGITS,
    ENQ,
    EOT,
    ETX,
    NAK,
    SOH,
    STX,
    FrameFinder,
    figures,
    shape,
    times,
    unit_named,
    xor,
)
from hardware.scales.protocol import Finding, Heard, ScaleCapabilities, Weighed, Weighing

_SHOWN: Final = DIGITS | frozenset(b" .-F")
_UNIT: Final = frozenset(b"kglbozKGLBOZSJ ")
BODY: Final = shape(SOH, STX, frozenset(b"SUF"), frozenset(b" -F"), times(_SHOWN, 6), _UNIT, _UNIT, ANYTHING, ETX, EOT)
"""Shared with OS2, which is built on it."""


def weight_of(status: int, sign: int, weight: bytes, unit: bytes) -> Weighed | None:
    """Return what the fields between STX and BCC say; None where they are no weight."""
    known = unit_named(unit)
    if known is None:
        return None
    if sign == ord("F") or weight == b"FFFFFF":
        return Weighed(WeightState.OVERLOAD)
    shown = figures(weight)
    if shown is None or shown[0] < 0:
        return None
    grams = whole_grams(*shown, known)
    if sign == ord("-") and grams:
        return Weighed(WeightState.UNDER_ZERO if status == ord("S") else WeightState.MOVING, -grams)
    if status == ord("U"):
        return Weighed(WeightState.MOVING, grams)
    return Weighed(WeightState.STABLE if grams else WeightState.EMPTY, grams)


class Cas:
    """CAS's language; see `ScaleProtocol`."""

    capabilities = ScaleCapabilities(checks_frames=True, says_motion=True)

    def __init__(self) -> None:
        """Begin in step."""
        self._finder = FrameFinder((shape(frozenset((ACK, NAK))), BODY), self._read)
        self._enquired = False
        self._acknowledged = False
        self._alone = False

    def reset(self) -> None:
        """Forget what was heard."""
        self._finder.forget()
        self._enquired = self._acknowledged = False

    def expect(self, weighing: Weighing | None) -> None:
        """Take no note: it only weighs."""

    def ask(self) -> bytes:
        """Return `ENQ`."""
        self._enquired, self._acknowledged = True, False
        return bytes((ENQ,))

    def zero(self) -> bytes:
        """Return nothing: the protocol has no command for it."""
        return b""

    def tare(self, grams: int | None) -> bytes:
        """Return nothing: the protocol has no command for it."""
        del grams
        return b""

    def take(self, data: bytes) -> Heard:
        """Take bytes in any pieces; `DC1` answers the `ACK` that was asked for, once."""
        self._alone = len(data) == 1
        found = tuple(one for one in self._finder.take(data) if isinstance(one, Weighed))
        reply = bytes((DC1,)) if self._acknowledged and not found else b""
        self._acknowledged = False
        return Heard(found, reply)

    def _read(self, frame: bytes) -> Finding | int | None:
        if len(frame) == 1:
            return self._handshake(frame[0])
        if xor(frame[2:12]) != frame[12]:
            return None
        return weight_of(frame[2], frame[3], frame[4:10], frame[10:12])

    def _handshake(self, said: int) -> Finding | int:
        if not self._enquired or (said == NAK and not self._alone):
            # Among other bytes it is noise: a scale that only makes noise must not count as one that is busy.
            return said
        self._enquired = False
        if said == NAK:
            # No weight to send yet; whatever was there before no longer holds.
            return Weighed(WeightState.MOVING)
        self._acknowledged = True
        return said
