"""Names that are given once and never again."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Protocol


class Identities(Protocol):
    """Where new identities come from; handed in, so that a replay gives the same ones."""

    def new(self) -> str:
        """Return a text that was never returned before, here or on any other till (a UUID version 7)."""


class CountingIdentities:
    """Identities in a row, for tests and replays."""

    def __init__(self, prefix: str = "id") -> None:
        """Start at one with a prefix."""
        self._prefix = prefix
        self._count = 0

    def new(self) -> str:
        """Return the next one."""
        self._count += 1
        return f"{self._prefix}-{self._count:06d}"


@dataclass(frozen=True, slots=True, order=True)
class EntryId:
    """The name of a fact for ever: which till, which making of its store, which number."""

    till_id: str
    epoch: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.till_id}/{self.epoch}/{self.sequence}"


_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")
"""What keyboards and input methods write for a hyphen, once full-width characters are narrow."""

_PRINTED: Final = re.compile(r"([0-9]{4,6})-([0-9]{2,3})-([0-9]{1,4})-([0-9]{6,12})")
_BARCODE: Final = re.compile(r"[Rr]([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{6,12})")


@dataclass(frozen=True, slots=True)
class ReceiptNumber:
    """The number on a receipt: store, till, epoch, and a count without gaps from 1.

    Written as `SSSS-TT-E-NNNNNN`; as a barcode the same without hyphens behind the letter R, see
    `app.catalogue.codes`. Store and till are the digits of their configured numbers.
    """

    store_number: int
    till_number: int
    epoch: int
    number: int

    def __str__(self) -> str:
        return f"{self.store_number:04d}-{self.till_number:02d}-{self.epoch}-{self.number:06d}"

    def barcode_data(self) -> str:
        """Return what the receipt's Code 128 holds: `R`, then the parts with their lengths fixed but the last."""
        return f"R{self.store_number:04d}{self.till_number:02d}{self.epoch:02d}{self.number:06d}"

    @classmethod
    def read(cls, text: str) -> "ReceiptNumber | None":
        """Return the number that stands on a receipt, as it is printed or as its barcode holds it; None: it is neither.

        Blanks round its parts and the hyphens and digits of an input method are taken as what they stand for.

        >>> str(ReceiptNumber.read(" 0001-02-1-000123"))
        '0001-02-1-000123'
        >>> ReceiptNumber.read("R00010201000123") == ReceiptNumber(1, 2, 1, 123)
        True
        """
        plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
        plain = "".join(plain.split())
        found = _PRINTED.fullmatch(plain) or _BARCODE.fullmatch(plain)
        if found is None:
            return None
        store_number, till_number, epoch, number = map(int, found.groups())
        if not epoch or not number:
            return None
        return cls(store_number, till_number, epoch, number)
