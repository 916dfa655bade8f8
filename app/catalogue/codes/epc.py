"""What an item's radio tag says: its Electronic Product Code, read into a GTIN and a serial number.

The forms and tables are those of the GS1 EPC Tag Data Standard (TDS) 1.13: SGTIN-96 (14.5.1.1) and SGTIN-198
(14.5.1.2), partition table 14-2, characters of serial numbers in Annex A.

>>> parse_epc("3074257BF7194E4000001A85")
Sgtin(gtin14='80614141123458', serial='6789', filter_value=3)
"""

import re
from dataclasses import dataclass
from typing import Final

from app.catalogue.codes.check_digits import check_digit, has_right_check_digit
from app.values.problems import Problem
from app.values.wording import wording


class BadEpc(Problem):
    """Raised when a tag's code cannot be read: no hexadecimal, cut short, or figures that no GTIN has."""

    code = "BAD-EPC"


class NotAnItemTag(Problem):
    """Raised when a tag is in order but marks no article for sale: a pallet, a place, a crate, a staff card."""

    code = "NOT-AN-ITEM-TAG"


@dataclass(frozen=True, slots=True)
class Sgtin:
    """One piece of goods: a GTIN and the serial number that tells this piece from all others (SGTIN)."""

    gtin14: str
    """14 digits with their check digit."""

    serial: str
    """1 to 20 characters; digits without zeros in front where the tag is an SGTIN-96."""

    filter_value: int = 1
    """What is tagged (TDS table 10-1): 0 all others, 1 point-of-sale item, 2 case, 4 inner pack, 6 unit load, …"""


SGTIN_96: Final = 0x30
SGTIN_198: Final = 0x36

SCHEMES: Final = {
    0x2C: "GDTI-96",
    0x2D: "GSRN-96",
    0x2E: "GSRNP-96",
    0x2F: "USDoD-96",
    0x30: "SGTIN-96",
    0x31: "SSCC-96",
    0x32: "SGLN-96",
    0x33: "GRAI-96",
    0x34: "GIAI-96",
    0x35: "GID-96",
    0x36: "SGTIN-198",
    0x37: "GRAI-170",
    0x38: "GIAI-202",
    0x39: "SGLN-195",
    0x3A: "GDTI-113",
    0x3B: "ADI-var",
    0x3C: "CPI-96",
    0x3D: "CPI-var",
    0x3E: "GDTI-174",
    0x3F: "SGCN-96",
    0x40: "ITIP-110",
    0x41: "ITIP-212",
}
"""Headers of the EPC schemes, the first eight bits of a tag's code (TDS 1.13, table 14-1)."""

# Partition value -> bits and digits of the company prefix, bits of indicator and item reference (TDS table 14-2).
# Company prefix and item reference have 13 digits together.
_PARTITIONS: Final = (
    (40, 12, 4),
    (37, 11, 7),
    (34, 10, 10),
    (30, 9, 14),
    (27, 8, 17),
    (24, 7, 20),
    (20, 6, 24),
)
_HEXADECIMAL: Final = re.compile(r"(?:[0-9A-F]{4}){1,31}", re.ASCII)
_SERIAL_BITS: Final = {SGTIN_96: 38, SGTIN_198: 140}
# What stands before the serial number: header, filter, partition, company prefix with item reference.
_FRONT_BITS: Final = 8 + 3 + 3 + 44
_SERIAL_CHARACTERS: Final = frozenset(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)


def parse_epc(text: str) -> Sgtin:
    """Read what a tag reader reports.

    Args:
        text: the code in hexadecimal, whole 16-bit words as a tag keeps them (an SGTIN-198 may come in 50 figures,
            to the last byte that it uses); capitals or not, blanks are ignored.

    Raises:
        BadEpc: if it cannot be read.
        NotAnItemTag: naming the scheme, if it marks something else than goods.
    """
    digits = "".join(text.split()).upper()
    if len(digits) == 50 and digits.startswith("36"):
        digits += "00"
    if not _HEXADECIMAL.fullmatch(digits):
        raise BadEpc(wording("The tag {tag} cannot be read. Hold it to the reader again.", tag=_shown(text)))
    header = int(digits[:2], 16)
    if header not in _SERIAL_BITS:
        raise _not_an_item(header, digits)
    used_bits = _FRONT_BITS + _SERIAL_BITS[header]
    surplus_bits = 4 * len(digits) - used_bits
    value = int(digits, 16)
    if surplus_bits < 0 or value & ((1 << surplus_bits) - 1):
        raise _wrong(digits)
    value >>= surplus_bits
    serial_bits = _SERIAL_BITS[header]
    number = value & ((1 << serial_bits) - 1)
    front = value >> serial_bits
    gtin14 = _gtin14(front, digits)
    serial = str(number) if header == SGTIN_96 else _characters(number, digits)
    return Sgtin(gtin14, serial, front >> 47 & 0b111)


def compose_epc(sgtin: Sgtin, company_prefix_digits: int = 7, *, long: bool | None = None) -> str:
    """Return the code that a tag of this piece carries, in capitals: 24 figures, or 52 for an SGTIN-198.

    >>> compose_epc(Sgtin("80614141123458", "6789", 3), 7)
    '3074257BF7194E4000001A85'

    Args:
        sgtin: the piece.
        company_prefix_digits: 6 to 12; the maker's GS1 Company Prefix has so many digits, which a GTIN does not tell.
        long: an SGTIN-198; where not said, only if its serial number does not fit into an SGTIN-96.

    Raises:
        ValueError: if no tag can say so.
    """
    if not re.fullmatch(r"[0-9]{14}", sgtin.gtin14) or not has_right_check_digit(sgtin.gtin14):
        raise ValueError(f"{sgtin.gtin14} is no GTIN of 14 digits")
    if not 6 <= company_prefix_digits <= 12:
        raise ValueError("a GS1 Company Prefix has 6 to 12 digits")
    if not 0 <= sgtin.filter_value <= 7:
        raise ValueError("the filter value is 0 to 7")
    partition = 12 - company_prefix_digits
    _, digits, item_bits = _PARTITIONS[partition]
    prefix = int(sgtin.gtin14[1 : 1 + digits])
    item = int(sgtin.gtin14[0] + sgtin.gtin14[1 + digits : 13])
    fits = bool(re.fullmatch(r"0|[1-9][0-9]*", sgtin.serial)) and int(sgtin.serial) < 1 << _SERIAL_BITS[SGTIN_96]
    if long is False and not fits:
        raise ValueError(f"the serial number {sgtin.serial} does not fit into an SGTIN-96")
    header = SGTIN_198 if long or not fits else SGTIN_96
    front = ((header << 3 | sgtin.filter_value) << 3 | partition) << 44 | prefix << item_bits | item
    if header == SGTIN_96:
        return f"{front << 38 | int(sgtin.serial):024X}"
    return f"{(front << 140 | _packed(sgtin.serial)) << 10:052X}"


def _gtin14(front: int, digits: str) -> str:
    partition = front >> 44 & 0b111
    if partition >= len(_PARTITIONS):
        raise _wrong(digits)
    _, prefix_digits, item_bits = _PARTITIONS[partition]
    both = front & ((1 << 44) - 1)
    prefix, item = both >> item_bits, both & ((1 << item_bits) - 1)
    item_digits = 13 - prefix_digits
    if prefix >= 10**prefix_digits or item >= 10**item_digits:
        raise _wrong(digits)
    reference = f"{item:0{item_digits}d}"
    payload = f"{reference[0]}{prefix:0{prefix_digits}d}{reference[1:]}"
    return payload + check_digit(payload)


def _characters(number: int, digits: str) -> str:
    """Return a serial number of 7-bit characters; zeros fill it up behind its last one (TDS 14.4.2)."""
    serial = "".join(chr(number >> shift & 0x7F) for shift in range(133, -1, -7)).rstrip("\0")
    if not serial or not _SERIAL_CHARACTERS.issuperset(serial):
        raise _wrong(digits)
    return serial


def _packed(serial: str) -> int:
    if not 1 <= len(serial) <= 20 or not _SERIAL_CHARACTERS.issuperset(serial):
        raise ValueError(f"{serial!r} is no serial number")
    packed = 0
    for character in serial.ljust(20, "\0"):
        packed = packed << 7 | ord(character)
    return packed


def _not_an_item(header: int, digits: str) -> NotAnItemTag:
    scheme = SCHEMES.get(header)
    if scheme is None:
        return NotAnItemTag(
            wording(
                "The tag {tag} follows no scheme that this till knows (header {header}). Scan the article's barcode.",
                tag=_shown(digits),
                header=f"{header:02X}",
            )
        )
    return NotAnItemTag(
        wording(
            "The tag {tag} marks no article for sale ({scheme}). Scan the article's barcode.",
            tag=_shown(digits),
            scheme=scheme,
        )
    )


def _wrong(digits: str) -> BadEpc:
    return BadEpc(
        wording("The tag {tag} holds no valid article number. Scan the article's barcode.", tag=_shown(digits))
    )


def _shown(text: str) -> str:
    return text if len(text) <= 52 else f"{text[:52]}…"
