"""How a cash drawer on a port of its own is wired: what kicks it, and what its answers mean."""

from typing import Final, Literal

import msgspec

from app.values.wording import wording
from hardware.drawers.wiring import BadDrawerWiring

_LONGEST_COMMAND: Final = 64

Signal = Literal["dtr", "rts"]
"""Signal lines of a serial port that a computer drives."""

Sensor = Literal["cts", "dsr"]
"""Signal lines of a serial port that a device drives."""


class PortWiring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a drawer is kicked and seen to be open; the defaults are those of the usual box, which opens at BEL.

    Sources: APG 484A SerialPRO II user's guide (BEL opens; status on CTS or RI); IBM 4840 technical reference (07
    opens, 06 asks).
    """

    kick: str = "07"
    """Bytes that open it, in hexadecimal."""

    kick_by: Literal["bytes", "dtr", "rts"] = "bytes"
    """Bytes, or a pulse on a signal line of a serial port."""

    pulse_ms: int = 200
    """How long a pulse on a signal line lasts."""

    pulse_high: bool = True
    """Whether the signal line is up during the pulse and down otherwise, or the other way round."""

    state_by: Literal["nothing", "query", "cts", "dsr"] = "nothing"
    """How its state is learnt: not at all, by asking, or from a signal line of a serial port."""

    query: str = ""
    """Bytes that ask for the state, in hexadecimal; the answer is one byte."""

    state_mask: int = 0x01
    """The bits of the answer that tell the state."""

    answer_mask: int = 0x00
    """The bits that are the same in every answer, by which it is told from noise; 0 where the box has none."""

    answer_value: int = 0x00
    """What those bits are."""

    open_when_high: bool = True
    """Whether it is open when all bits of `state_mask` are set, or the signal line is up; boxes differ."""

    def __post_init__(self) -> None:
        kick, query = _bytes_of(self.kick), _bytes_of(self.query)
        if self.kick_by == "bytes" and not kick:
            raise BadDrawerWiring(wording("A drawer needs bytes that open it: set kick, such as 07."))
        if self.state_by == "query" and not query:
            raise BadDrawerWiring(wording("Set query, the bytes that ask the drawer for its state, such as 06."))
        if not 10 <= self.pulse_ms <= 1000:
            raise BadDrawerWiring(wording("A drawer's pulse lasts 10 to 1000 ms, not {pulse}.", pulse=self.pulse_ms))
        masks = (self.state_mask, self.answer_mask, self.answer_value)
        if not all(0 <= mask <= 0xFF for mask in masks) or not self.state_mask or self.state_mask & self.answer_mask:
            raise BadDrawerWiring(
                wording(
                    "The masks of the drawer's answer are one byte each; state_mask is not 0 and shares no bit with"
                    " answer_mask."
                )
            )
        if self.answer_value & ~self.answer_mask:
            raise BadDrawerWiring(wording("The drawer's answer_value has a bit that answer_mask has not."))

    @property
    def kick_bytes(self) -> bytes:
        """What opens it."""
        return _bytes_of(self.kick)

    @property
    def query_bytes(self) -> bytes:
        """What asks for its state."""
        return _bytes_of(self.query)

    def is_answer(self, byte: int) -> bool:
        """Whether a byte can be an answer."""
        return byte & self.answer_mask == self.answer_value

    def is_open(self, answer: int) -> bool:
        """Read an answer."""
        return (answer & self.state_mask == self.state_mask) is self.open_when_high

    def answer(self, *, is_open: bool) -> int:
        """Return the byte that says a state."""
        return self.answer_value | (self.state_mask if is_open is self.open_when_high else 0)


def _bytes_of(text: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = bytes(_LONGEST_COMMAND + 1)
    if len(data) > _LONGEST_COMMAND:
        raise BadDrawerWiring(
            wording('"{text}" is no row of hexadecimal bytes such as 1B 70 00 19 FA.', text=text[:40])
        )
    return data


class StateListener:
    """Reads a drawer's answers as they come in, in pieces of any size; keeps one of them.

    One byte carries no checksum: a state counts when two answers in a row say it and nothing else came between.
    """

    def __init__(self, wiring: PortWiring) -> None:
        """Begin with nothing known."""
        self._wiring = wiring
        self._last: bool | None = None
        self.is_open: bool | None = None
        """The state that counts; None where none has been said twice."""

        self.answers = 0
        """How many answers came."""

        self.noise = 0
        """How many bytes came that are none."""

    def take(self, data: bytes) -> None:
        """Take what came in."""
        for byte in data:
            if not self._wiring.is_answer(byte):
                self.noise += 1
                self._last = None
                continue
            self.answers += 1
            now = self._wiring.is_open(byte)
            if now is self._last:
                self.is_open = now
            self._last = now
