"""A member's telephone number: one form for every way it is typed, masked wherever a person may read it."""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from app.values.problems import Problem
from app.values.wording import wording

_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")
_SEPARATORS: Final = re.compile(r"[\s\-.()/]")
_CHINESE_MOBILE: Final = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
_INTERNATIONAL: Final = re.compile(r"(?:\+|00)([1-9][0-9]{7,14})")
"""E.164: a country code that begins with no zero, 15 digits at most."""

_LONGEST_TYPED: Final = 40
_SHOWN_AT_END: Final = 4
_SHOWN_AT_START: Final = 3
_TAG: Final = b"guitai/phone/1\x00"
_SHORTEST_SECRET_BYTES: Final = 16


class BadPhoneNumber(Problem):
    """Raised when a text is not a telephone number."""

    code = "BAD-PHONE"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A telephone number; as a text it is masked, its digits stand in one field only."""

    e164: str = field(repr=False)
    """`+` and 8 to 15 digits (ITU-T E.164). Never show, print or log it: use `masked`."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\+[1-9][0-9]{7,14}", self.e164):
            raise ValueError("a telephone number is kept as E.164")

    @property
    def masked(self) -> str:
        """The number as it may be shown: `138****5678`, `+852****1234`."""
        digits = self.e164[1:]
        if _CHINESE_MOBILE.fullmatch(self.e164):
            digits = digits[2:]
            return f"{digits[:_SHOWN_AT_START]}****{digits[-_SHOWN_AT_END:]}"
        return f"+{digits[:_SHOWN_AT_START]}****{digits[-_SHOWN_AT_END:]}" if len(digits) > 10 else f"****{digits[-2:]}"

    def look_up_key(self, secret: bytes) -> str:
        """Return what stands for the number in an index: HMAC-SHA-256 in hex.

        A plain hash would not do: all eleven-digit numbers are hashed in minutes.

        Raises:
            ValueError: if the secret has less than 16 bytes.
        """
        if len(secret) < _SHORTEST_SECRET_BYTES:
            raise ValueError("the secret of an index of telephone numbers has 16 bytes or more")
        return hmac.new(secret, _TAG + self.e164.encode(), hashlib.sha256).hexdigest()

    def __str__(self) -> str:
        return self.masked


def read_phone_number(text: str) -> PhoneNumber:
    """Read a number as a person types it or a file holds it.

    A mobile number of mainland China needs no country code; any other comes with `+` or `00` and its own. Blanks,
    hyphens, dots, brackets and full-width digits are taken as what they stand for.

    >>> read_phone_number("138 1234-5678") == read_phone_number("+86 (138) 1234 5678")
    True
    >>> str(read_phone_number("0086 13812345678"))
    '138****5678'

    Raises:
        BadPhoneNumber: if it is none; the sentence does not repeat what was typed.
    """
    plain = _SEPARATORS.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", text[:_LONGEST_TYPED])))
    if plain.isascii() and len(text) <= _LONGEST_TYPED:
        chinese = _CHINESE_MOBILE.fullmatch(plain)
        if chinese is not None:
            return PhoneNumber(f"+86{chinese[1]}")
        other = _INTERNATIONAL.fullmatch(plain)
        # A number of mainland China that is no mobile number receives no messages; 86 with too many digits is a slip.
        if other is not None and not other[1].startswith("86"):
            return PhoneNumber(f"+{other[1]}")
    raise BadPhoneNumber(
        wording("This is not a mobile number. Type its 11 digits, or + with the country code before it.")
    )
