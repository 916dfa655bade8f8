"""顶尖 OS2 (Pinnacle OS2, OS2X, OS2CX): speaks ten times a second by itself, or is asked as a CAS scale is.

Source: Pinnacle Technology, OS2CX manual, section 13. The manual takes the checksum over the first twelve bytes; CAS,
Gram (Z FOC manual, the same frame) and scales seen in shops leave SOH and STX out. The two differ by 03h, two bits, so
no single wrong bit can make one form look like the other; the form seen first is kept until the line is opened again.
"""

import logging
from typing import Final, Literal

from app.devices.weighing import WeightState
from hardware.scales.cas import BODY, Cas, weight_of
from hardware.scales.frames import ANYTHING, FrameFinder, shape, xor
from hardware.scales.protocol import Finding, Heard, ScaleCapabilities, Weighed

_log = logging.getLogger(__name__)

_ZERO: Final = b"<ZK>\t"
_TARE: Final = b"<TK>\t"
_FLAG_ZERO, _FLAG_TARED, _FLAG_ABNORMAL = 0x10, 0x20, 0x40


class Os2(Cas):
    """The OS2's language; see `ScaleProtocol`."""

    def __init__(self, mode: Literal["pushed", "polled"] = "pushed") -> None:
        """Say whether it speaks by itself, as it does when it comes from the factory, or is asked."""
        super().__init__()
        self._pushed = mode == "pushed"
        self._sealed_from: int | None = None
        self.capabilities = ScaleCapabilities(
            pushes=self._pushed, can_zero=True, can_tare=True, checks_frames=True, says_motion=True
        )
        if self._pushed:
            self._finder = FrameFinder((shape(BODY, ANYTHING),), self._read)

    def reset(self) -> None:
        """Forget what was heard."""
        super().reset()
        self._sealed_from = None

    def ask(self) -> bytes:
        """Return nothing, or `ENQ` where it is asked."""
        return b"" if self._pushed else super().ask()

    def zero(self) -> bytes:
        """Return `<ZK>` and a tabulator."""
        return _ZERO

    def tare(self, grams: int | None) -> bytes:
        """Return `<TK>` and a tabulator, which takes what lies on it."""
        del grams
        return _TARE

    def take(self, data: bytes) -> Heard:
        """Take bytes in any pieces; of many pushed weights the last counts."""
        heard = super().take(data)
        return Heard(heard.findings[-1:]) if self._pushed else heard

    def _read(self, frame: bytes) -> Finding | int | None:
        if len(frame) == 1:
            return self._handshake(frame[0])
        if not self._sealed(frame):
            return None
        flag = frame[15] if len(frame) > 15 else 0
        abnormal = frame[2] == ord("F") or bool(flag & _FLAG_ABNORMAL)
        weighed = weight_of(frame[2], frame[3], frame[4:10], frame[10:12])
        if abnormal:
            return Weighed(_abnormal(weighed))
        if weighed is None or (flag & _FLAG_ZERO and weighed.state is WeightState.STABLE):
            return None
        return Weighed(weighed.state, weighed.grams, net=bool(flag & _FLAG_TARED))

    def _sealed(self, frame: bytes) -> bool:
        """Whether the checksum is right, in the form that this scale uses."""
        for begin in (0, 2) if self._sealed_from is None else (self._sealed_from,):
            if xor(frame[begin:12]) == frame[12]:
                if self._sealed_from is None:
                    self._sealed_from = begin
                    _log.info("os2_checksum_form", extra={"first_byte": begin})
                return True
        return False


def _abnormal(weighed: Weighed | None) -> WeightState:
    """Return what `F`, "beyond the range or not zeroed at the start", means by the weight beside it."""
    if weighed is None or weighed.grams == 0:
        return WeightState.OVERLOAD if weighed and weighed.state is WeightState.OVERLOAD else WeightState.NOT_ZEROED
    return WeightState.UNDER_ZERO if weighed.grams < 0 else WeightState.OVERLOAD
