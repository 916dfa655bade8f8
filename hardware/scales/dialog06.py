"""Checkout-Dialog 06: the till sends the unit price, the scale answers weight, unit price and price to pay.

Source: Mettler-Toledo, DIVA Service Manual 72191202, section 6.1.8, and Ohaus Aviator 7000 Service Manual, section
6.1.3; Cely PI100 and Dibal DPOS-400 manuals print the same records. A record carries no check, but its price repeats
the till's and its amount must be the weight times the price. Scales under European approval now and then ask the till
for checksums of its approved program (record 11); the pairs come from the approval and stand in the settings.
"""

import logging
from enum import Enum, auto
from typing import Final

from app.devices.weighing import MassUnit, WeightState, whole_grams
from hardware.scales.frames import ACK, DIGITS, ENQ, EOT, ESC, ETX, NAK, STX, FrameFinder, shape, times
from hardware.scales.protocol import Acknowledged, Finding, Heard, ScaleCapabilities, Weighed, Weighing

_log = logging.getLogger(__name__)

_HEX: Final = frozenset(b"0123456789ABCDEFabcdef")
_UNITS: Final = {b"1": (MassUnit.POUND, 2), b"2": (MassUnit.POUND, 3), b"3": (MassUnit.KILOGRAM, 3)}
"""Of record 02: pounds in hundredths, pounds in thousandths by fives, kilograms. Pounds and ounces are not read."""

_OF_UNIT: Final = {MassUnit.KILOGRAM: b"3", MassUnit.POUND: b"12"}
"""The unit is settled beforehand: 3 and 2 are one bit apart, and the amount does not tell them from each other."""

_STATUS_REQUEST: Final = bytes((EOT, STX)) + b"08" + bytes((ETX,))
_RESULT_REQUEST: Final = bytes((EOT, ENQ))
_TEXT_LENGTH: Final = 13

_WAIT, _UNMOVED, _CALM = (b"20", b"22"), b"21", (b"00", b"02")
_STATES: Final = {b"30": WeightState.BELOW_MINIMUM, b"31": WeightState.UNDER_ZERO, b"32": WeightState.OVERLOAD}

ChecksumPair = tuple[int, int]
"""CS and KW of 16 bits each."""


class _Step(Enum):
    IDLE = auto()
    PRICED = auto()
    """The price was sent: an acknowledgement is due, or the request for checksums."""

    ENQUIRED = auto()
    """The result was asked for."""

    DIAGNOSING = auto()
    """The status was asked for."""

    PROVING = auto()
    """The checksums were sent."""


def encoded_checksums(pairs: tuple[ChecksumPair, ...], challenge: int) -> bytes:
    """Return the pairs as record 10 carries them: CS turned left by the challenge's high half, KW right by its low one.

    >>> encoded_checksums(((0x1234, 0x8001),), 0x47)
    b'23410300'

    Args:
        pairs: CS and KW.
        challenge: the random number of record 11, 8 bits.
    """
    left, right = challenge >> 4, challenge & 15
    return b"".join(b"%04X%04X" % (_turned_left(cs, left), _turned_left(kw, 16 - right)) for cs, kw in pairs)


def _turned_left(value: int, places: int) -> int:
    return ((value << places) | (value >> (16 - places))) & 0xFFFF


class Dialog06:
    """Dialog 06's language; see `ScaleProtocol`."""

    capabilities = ScaleCapabilities(can_preset_tare=True, computes_price=True, says_motion=True)

    def __init__(
        self,
        *,
        unit: MassUnit = MassUnit.KILOGRAM,
        price_digits: int = 6,
        amount_step_minor: int = 1,
        send_name: bool = False,
        checksums: tuple[ChecksumPair, ...] = (),
    ) -> None:
        """Say how this scale is set.

        Args:
            unit: kilograms or pounds; the unit price is of one of them.
            price_digits: 5 or 6 figures of the unit price.
            amount_step_minor: what the scale rounds the price to pay to.
            send_name: whether the product's name is sent for the scale's display.
            checksums: of the approved program.
        """
        self._price_digits = price_digits
        self._amount_step_minor = amount_step_minor
        self._send_name = send_name
        self._checksums = checksums
        self._finder = FrameFinder(_shapes(_OF_UNIT[unit], price_digits), bytes)
        self._weighing: Weighing | None = None
        self._tare_grams = 0
        self._step = _Step.IDLE
        self._ask_again = False
        self._last: Weighed | None = None
        self._refusal = b""
        self._alone = False

    def reset(self) -> None:
        """Forget what was heard."""
        self._finder.forget()
        self._step, self._ask_again, self._last = _Step.IDLE, False, None

    def expect(self, weighing: Weighing | None) -> None:
        """Take note of price and name; at rest only the status is asked, so that the scale's display stays quiet."""
        self._weighing = weighing
        self._ask_again, self._last = False, None

    def ask(self) -> bytes:
        """Return the price's record, or the next question of a weighing under way."""
        if self._weighing is None:
            self._step = _Step.DIAGNOSING
            return _STATUS_REQUEST
        if self._ask_again:
            self._ask_again = False
            self._step = _Step.ENQUIRED
            return _RESULT_REQUEST
        self._step = _Step.PRICED
        return self._price_record(self._weighing)

    def zero(self) -> bytes:
        """Return nothing: the protocol has no command for it."""
        return b""

    def tare(self, grams: int | None) -> bytes:
        """Keep a known tare; it goes out with the next price."""
        self._tare_grams = min(grams or 0, 9999)
        self._ask_again, self._last = False, None
        return b""

    def take(self, data: bytes) -> Heard:
        """Take bytes in any pieces."""
        findings: list[Finding] = []
        reply = b""
        self._alone = len(data) == 1
        for record in self._finder.take(data):
            heard = self._heard(record)
            findings += heard.findings
            reply = heard.reply or reply
        return Heard(tuple(findings), reply)

    @property
    def _price_minor(self) -> int:
        """The price that is sent; 0 where there is none or it has too many figures."""
        price = (self._weighing.unit_price_minor if self._weighing else None) or 0
        return price if 0 <= price < 10**self._price_digits else 0

    def _price_record(self, weighing: Weighing) -> bytes:
        price = b"%0*d" % (self._price_digits, self._price_minor)
        name = _text(weighing.name) if self._send_name else b""
        escape = bytes((ESC,))
        number, fields = b"01", [price, b""]
        if self._tare_grams and name:
            number, fields = b"05", [price, b"%04d" % self._tare_grams, name]
        elif name:
            number, fields = b"04", [price, name]
        elif self._tare_grams:
            number, fields = b"03", [price, b"%04d" % self._tare_grams]
        return bytes((EOT, STX)) + escape.join((number, *fields)) + bytes((ETX,))

    def _heard(self, record: bytes) -> Heard:
        match record[1:3]:
            case b"02":
                return self._result(record)
            case b"09":
                return self._status(record[4:6])
            case b"11":
                return self._checksum_request(record[4:-1])
            case _:
                return self._answered(accepted=record[0] == ACK)

    def _answered(self, *, accepted: bool) -> Heard:
        if accepted and self._step in {_Step.PRICED, _Step.PROVING}:
            self._step = _Step.ENQUIRED
            return Heard(reply=_RESULT_REQUEST)
        # Among other bytes a refusal is noise: looking into each would never come to the weight.
        if not accepted and self._alone and self._step in {_Step.PRICED, _Step.ENQUIRED, _Step.PROVING}:
            self._step = _Step.DIAGNOSING
            return Heard(reply=_STATUS_REQUEST)
        return Heard()

    def _result(self, record: bytes) -> Heard:
        if self._step is not _Step.ENQUIRED:
            return Heard()
        self._step = _Step.IDLE
        unit, weight, price, amount = (field for field in record[4:-1].split(bytes((ESC,))))
        measured, decimals = _UNITS[unit]
        digits, price_minor = int(weight), int(price)
        # Whatever way a half is rounded, price to pay and product differ by half a step at most.
        difference = abs(int(amount) * 10**decimals - digits * price_minor)
        if price_minor != self._price_minor or 2 * difference > self._amount_step_minor * 10**decimals:
            return Heard()
        grams = whole_grams(digits, decimals, measured)
        self._last = Weighed(
            WeightState.STABLE if grams else WeightState.EMPTY, grams, bool(self._tare_grams), self._tare_grams
        )
        # "Every response of the scale has to be answered by the POS-system with EOT."
        return Heard((self._last,), bytes((EOT,)))

    def _status(self, status: bytes) -> Heard:
        if self._step is not _Step.DIAGNOSING:
            return Heard()
        self._step = _Step.IDLE
        at_rest = self._weighing is None
        finding: Finding = Acknowledged(accepted=True)
        if status in _WAIT:
            self._ask_again = not at_rest
            finding = finding if at_rest else Weighed(WeightState.MOVING)
        elif status == _UNMOVED:
            # It gives each weight once only: the last one is still on it.
            finding = finding if at_rest else self._last or Weighed(WeightState.MOVING)
        elif status in _STATES:
            finding = Weighed(_STATES[status])
        elif status not in _CALM:
            finding = Weighed(WeightState.FAULT)
            self._note_refusal(status)
        return Heard((finding,))

    def _checksum_request(self, field: bytes) -> Heard:
        if field == b"1" and self._weighing is not None:
            # The weighing that the request broke into begins again.
            self._step = _Step.PRICED
            return Heard(reply=self._price_record(self._weighing))
        if field[:1] == b"2" and self._checksums:
            self._step = _Step.PROVING
            proof = encoded_checksums(self._checksums, int(field[1:], 16))
            return Heard(reply=bytes((EOT, STX)) + b"10" + bytes((ESC,)) + proof + bytes((ETX,)))
        self._step = _Step.IDLE
        self._note_refusal(b"checksums " + (b"invalid" if field == b"0" else b"missing"))
        return Heard((Weighed(WeightState.FAULT),))

    def _note_refusal(self, reason: bytes) -> None:
        """Log why the scale does not weigh, once for each reason in a row."""
        if reason != self._refusal:
            self._refusal = reason
            _log.warning("dialog06_refused", extra={"reason": reason.decode("ascii")})


def _shapes(units: bytes, price_digits: int) -> tuple[tuple[frozenset[int], ...], ...]:
    result = shape(STX, b"02", ESC, frozenset(units), ESC, times(DIGITS, 5))
    amounts = shape(ESC, times(DIGITS, price_digits), ESC, times(DIGITS, 6), ETX)
    return (
        shape(frozenset((ACK, NAK))),
        shape(result, amounts),
        shape(STX, b"09", ESC, DIGITS, DIGITS, ETX),
        shape(STX, b"11", ESC, frozenset(b"01"), ETX),
        shape(STX, b"11", ESC, b"2", _HEX, _HEX, ETX),
    )


def _text(name: str) -> bytes:
    """Return what of a name the scale's display can show; empty where that is nothing."""
    return "".join(letter for letter in name if " " <= letter <= "~").strip().encode("ascii")[:_TEXT_LENGTH]
