"""Data objects of EMV merchant-presented QR codes: id, length, value, in templates, closed by a checksum.

The rules are those of the EMV QR Code Specification for Payment Systems, Merchant-Presented Mode (EMV QRCPS-MPM) 1.1:
two digits of id, two digits of length, the value; the payload format indicator `00` comes first, the
checksum `63` last, everything else in any order.

A length counts characters. The specification's own example shows it with a Chinese name, and UnionPay International's
encoding rules say it in words: not the number of bytes. Some apps count the bytes of UTF-8 all the same; for a shop
whose shoppers use one of those, `LengthUnit.BYTES` writes that form. ASCII is the same in both.

>>> write_payload((DataObject("00", "01"), DataObject("59", "BEST TRANSPORT")))
'0002015914BEST TRANSPORT63047B89'
"""

import binascii
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.payments.emv_qr.refusals import NOT_WHOLE, DamagedPaymentQr, bad
from app.values.wording import wording

FORMAT: Final = "00"
"""Id of the payload format indicator."""

CHECKSUM: Final = "63"
"""Id of the checksum."""

LONGEST_PAYLOAD: Final = 4296
"""The most characters that any QR code holds (ISO/IEC 18004, version 40-L, alphanumeric)."""

_LONGEST_VALUE: Final = 99
_CHECKSUM_START: Final = f"{CHECKSUM}04"
_CHECKSUM_AT_END: Final = re.compile(r"6304[0-9A-Fa-f]{4}", re.ASCII)
_TWO_DIGITS: Final = re.compile(r"[0-9]{2}", re.ASCII)
# Control characters, halves of surrogate pairs, line and paragraph separators.
_NEVER_IN_TEXT: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


class LengthUnit(Enum):
    """What the two digits of a length count."""

    CHARACTERS = "characters"
    """Unicode characters, as the specification has it."""

    BYTES = "bytes"
    """Bytes of UTF-8, as some apps have it."""

    def measure(self, text: str) -> int:
        """Return how long a text is in this unit.

        >>> LengthUnit.CHARACTERS.measure("北京"), LengthUnit.BYTES.measure("北京")
        (2, 6)
        """
        return len(text) if self is LengthUnit.CHARACTERS else len(text.encode())


@dataclass(frozen=True, slots=True)
class DataObject:
    """One id with its value; a template is a value that is made of data objects itself."""

    id: str
    """Two digits."""

    value: str
    """Never empty, at most 99 long."""


def checksum(text: str) -> str:
    """Return the CRC-16/CCITT-FALSE of a text's UTF-8 as four capital hexadecimal digits.

    Polynomial 0x1021, start 0xFFFF, nothing reflected (EMV QRCPS-MPM, id 63; ISO/IEC 13239).

    >>> checksum("123456789")
    '29B1'
    """
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def write_objects(objects: Sequence[DataObject], unit: LengthUnit = LengthUnit.CHARACTERS) -> str:
    """Write data objects one behind the other, in the order given.

    Raises:
        BadPaymentQr: an id comes twice, or a value is empty, too long or holds what is no text.
    """
    seen: set[str] = set()
    written = []
    for item in objects:
        if not _TWO_DIGITS.fullmatch(item.id):
            raise ValueError(f"{item.id!r} is no id")
        if item.id in seen:
            raise bad(wording("it says {id} twice", id=item.id))
        seen.add(item.id)
        require_text(item.value)
        length = unit.measure(item.value)
        if not 1 <= length <= _LONGEST_VALUE:
            raise bad(wording("{id} must be 1 to 99 long and is {length}", id=item.id, length=length))
        written.append(f"{item.id}{length:02d}{item.value}")
    return "".join(written)


def write_payload(objects: Sequence[DataObject], unit: LengthUnit = LengthUnit.CHARACTERS) -> str:
    """Write a whole payload; the checksum is put behind the objects given.

    Raises:
        BadPaymentQr: as `write_objects` does.
    """
    start = write_objects(objects, unit) + _CHECKSUM_START
    return start + checksum(start)


def read_objects(text: str, unit: LengthUnit = LengthUnit.CHARACTERS) -> tuple[DataObject, ...]:
    """Take the content of a template apart, in the order read.

    Raises:
        DamagedPaymentQr: the lengths do not fit.
        BadPaymentQr: an id comes twice.
    """
    objects: dict[str, DataObject] = {}
    place = 0
    while place < len(text):
        identifier, length = text[place : place + 2], text[place + 2 : place + 4]
        if not _TWO_DIGITS.fullmatch(identifier) or not _TWO_DIGITS.fullmatch(length) or length == "00":
            raise DamagedPaymentQr(NOT_WHOLE)
        value = _take(text, place + 4, int(length), unit)
        if identifier in objects:
            raise bad(wording("it says {id} twice", id=identifier))
        objects[identifier] = DataObject(identifier, value)
        place += 4 + len(value)
    return tuple(objects.values())


def _take(text: str, start: int, length: int, unit: LengthUnit) -> str:
    """Return a value of a length from a place on.

    Raises:
        DamagedPaymentQr: the text is shorter, or the length ends within a character.
    """
    value = text[start : start + length]
    if unit is LengthUnit.BYTES:
        try:
            value = value.encode()[:length].decode()
        except UnicodeDecodeError:
            raise DamagedPaymentQr(NOT_WHOLE) from None
    if unit.measure(value) != length:
        raise DamagedPaymentQr(NOT_WHOLE)
    return value


def prove_checksum(text: str) -> str:
    """Return a payload without its checksum, which was right.

    Raises:
        DamagedPaymentQr: it has none at its end, or it is wrong.
        BadPaymentQr: it is longer than any QR code, or holds what is no text.
    """
    if len(text) > LONGEST_PAYLOAD:
        raise bad(wording("it is longer than any payment QR"))
    require_text(text)
    if not _CHECKSUM_AT_END.fullmatch(text[-8:]) or checksum(text[:-4]) != text[-4:].upper():
        raise DamagedPaymentQr(NOT_WHOLE)
    return text[:-8]


def require_text(text: str) -> None:
    """Let a text pass that a person can read.

    Raises:
        BadPaymentQr: it holds control characters or half characters.
    """
    if not text.isascii() or not text.isprintable():
        for character in text:
            if unicodedata.category(character) in _NEVER_IN_TEXT:
                raise bad(wording("it holds signs that are no text"))
