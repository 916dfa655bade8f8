"""What a person typed and is kept: notes, reasons, names, references; made harmless where it comes in."""

import re
import unicodedata

from app.values.problems import Problem
from app.values.wording import wording

_CARD_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){13,18}(?!\d)")
"""14 to 19 digits (ISO/IEC 7812), also in groups."""

_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control and format characters, halves of surrogate pairs, private and unassigned ones: none of them can be read."""


class CardNumberRefused(Problem):
    """Raised when what was typed to be kept holds a card number."""

    code = "CARD-NUMBER"


def kept_text(text: str, longest: int) -> str:
    """Return a typed text as it may be stored and printed: one line, readable characters only, cut to a length.

    Raises:
        CardNumberRefused: it holds a payment card's number, which must never reach store, log or paper (PCI DSS 3).
    """
    readable = "".join(" " if unicodedata.category(letter) in _DROPPED else letter for letter in text[: longest * 4])
    cleaned = " ".join(readable.split())[:longest]
    for found in _CARD_NUMBER.finditer(cleaned):
        if _passes_luhn([int(digit) for digit in found[0] if digit.isdigit()]):
            raise CardNumberRefused(
                wording("This looks like a card number, which must not be kept. Key in the approval code instead.")
            )
    return cleaned


def _passes_luhn(digits: list[int]) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812-1 annex B."""
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
