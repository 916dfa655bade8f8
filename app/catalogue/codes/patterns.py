"""The shop's own patterns for labels from its scales: checked when they are loaded, then read and written.

A pattern is the label's digits with letters for what varies, such as `21IIIIIWWWWWC`: digits stand for
themselves, `I` item, `W` weight in grams, `P` price in minor units, `V` the inner check digit of the weight
or price beside it, `C` the check digit at the end. Numbers with such labels are restricted circulation
numbers (GS1 General Specifications 2.1.11; GB/T 18283 for China, which gives 13 and 8 digits); the 18-digit
form with price and weight is what label scales in China print as Code 128.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from app.catalogue.codes.check_digits import check_digit, has_right_check_digit, measure_check_digit
from app.catalogue.codes.gtins import RESTRICTED_PREFIXES
from app.catalogue.codes.meaning import ItemIs, WeighedLabel
from app.catalogue.codes.misread import NOT_READ_RIGHT, Misread
from app.values.problems import Problem
from app.values.wording import Wording, wording

_LENGTHS: Final = (8, 13, 18)
_LETTERS: Final = "IWPVC"
_GUARDED_WIDTHS: Final = (4, 5)
_SHORTEST_PLU: Final = 4

Span = tuple[int, int]
"""Where a field starts and where it ends, the end not included."""


class BadLabelPattern(Problem):
    """Raised when a label pattern of the configuration cannot work; names the pattern and what is wrong."""

    code = "BAD-LABEL-PATTERN"


@dataclass(frozen=True, slots=True)
class LabelPattern:
    """One pattern that was checked; made by `parse_pattern`."""

    name: str
    """What the shop calls it, such as "fruit scale"."""

    text: str
    """The pattern as it stands in the configuration."""

    item_is: ItemIs
    """What the item digits are."""

    item: Span
    weight: Span | None
    price: Span | None
    inner_check: int | None
    """Where the inner check digit stands."""

    guarded: Span | None
    """The weight or price field that the inner check digit is over."""

    def matches(self, digits: str) -> bool:
        """Tell whether digits have this pattern's length and its fixed digits."""
        return len(digits) == len(self.text) and all(
            letter == digit for letter, digit in zip(self.text, digits, strict=True) if letter not in _LETTERS
        )

    def could_begin_with(self, prefix: str, length: int) -> bool:
        """Tell whether some label of this pattern has a length and begins with given digits."""
        return length == len(self.text) and all(
            letter in (digit, *_LETTERS) for letter, digit in zip(self.text, prefix, strict=False)
        )

    def read(self, digits: str) -> WeighedLabel:
        """Read a label that matches.

        Raises:
            Misread: if a check digit is wrong, or weight and price are all zero.
        """
        if not has_right_check_digit(digits):
            raise Misread(NOT_READ_RIGHT)
        if (
            self.inner_check is not None
            and self.guarded is not None
            and measure_check_digit(digits[slice(*self.guarded)]) != digits[self.inner_check]
        ):
            raise Misread(
                wording("The weight or price on this label was not read right. Scan it again or have it weighed again.")
            )
        weight = int(digits[slice(*self.weight)]) if self.weight else 0
        price = int(digits[slice(*self.price)]) if self.price else 0
        if (self.weight or self.price) and not weight and not price:
            raise Misread(wording("This label says zero. Have the goods weighed again for a new label."))
        return WeighedLabel(self.name, self._item_of(digits), self.item_is, weight or None, price or None, digits)

    def compose(self, item: str, weight_grams: int = 0, price_minor: int = 0) -> str:
        """Write the digits of a label, as a label scale does.

        Raises:
            ValueError: if a value does not fit its field, or is given and the pattern has no field for it.
        """
        if len(item) > self.item[1] - self.item[0] or not (item.isascii() and item.isdigit()):
            raise ValueError(f"{item!r} does not fit the item digits of {self.text}")
        digits = list(self.text)
        for span, value in ((self.item, int(item)), (self.weight, weight_grams), (self.price, price_minor)):
            if span is None:
                if value:
                    raise ValueError(f"{self.text} has no field for {value}")
                continue
            written = f"{value:0{span[1] - span[0]}d}"
            if value < 0 or len(written) > span[1] - span[0]:
                raise ValueError(f"{value} does not fit its field in {self.text}")
            digits[slice(*span)] = written
        if self.inner_check is not None and self.guarded is not None:
            digits[self.inner_check] = measure_check_digit("".join(digits[slice(*self.guarded)]))
        digits[-1] = check_digit("".join(digits[:-1]))
        return "".join(digits)

    def _item_of(self, digits: str) -> str:
        """Return the product on the label in the form it is looked up by."""
        item = digits[slice(*self.item)]
        if self.item_is is ItemIs.PLU:
            return item.lstrip("0").zfill(_SHORTEST_PLU) if len(item) > _SHORTEST_PLU else item
        if self.item_is is ItemIs.BARCODE:
            return self._without_measure(digits).zfill(14)
        return item

    def _without_measure(self, digits: str) -> str:
        """Return the label with zeros for weight, price and inner check digit, and its check digit over that."""
        kept = "".join(
            "0" if letter in "WPV" else digit for letter, digit in zip(self.text[:-1], digits[:-1], strict=True)
        )
        return kept + check_digit(kept)


def parse_pattern(name: str, text: str, item_is: ItemIs = ItemIs.PLU) -> LabelPattern:
    """Check a pattern of the configuration and make it ready.

    >>> parse_pattern("fruit scale", "21IIIIIWWWWWC").read("2104011012453").weight_grams
    1245

    Raises:
        BadLabelPattern: if it cannot work; the sentence names the pattern and what is wrong.
    """
    _require_form(name, text, item_is)
    spans = {letter: _span(name, text, letter) for letter in _LETTERS}
    item, weight, price = spans["I"], spans["W"], spans["P"]
    if item is None:
        raise _bad(name, text, wording("it has no item digits; write them as I"))
    inner = spans["V"]
    guarded = None
    if inner is not None:
        guarded = _guarded_field(name, text, inner, [span for span in (weight, price) if span])
    return LabelPattern(name, text, item_is, item, weight, price, inner[0] if inner else None, guarded)


def require_distinct(patterns: Sequence[LabelPattern]) -> None:
    """Make sure that no label can match two patterns and that names differ.

    Raises:
        BadLabelPattern: naming both patterns.
    """
    for one, other in combinations(patterns, 2):
        if one.name == other.name:
            raise _bad(other.name, other.text, wording("another pattern has the same name"))
        if len(one.text) == len(other.text) and _fixed_digits_agree(one.text, other.text):
            raise _bad(
                other.name,
                other.text,
                wording('a label could be this or "{other}" ({text})', other=one.name, text=one.text),
            )


def _fixed_digits_agree(one: str, other: str) -> bool:
    """Tell whether some label has the fixed digits of both patterns."""
    return all(
        first == second or first in _LETTERS or second in _LETTERS for first, second in zip(one, other, strict=True)
    )


def _bad(name: str, text: str, what: Wording) -> BadLabelPattern:
    return BadLabelPattern(
        wording('The label pattern "{name}" ({text}) cannot be used: {what}.', name=name, text=text[:40], what=what)
    )


def _require_form(name: str, text: str, item_is: ItemIs) -> None:
    """Check letters, length, prefix and end, which do not depend on the fields."""
    for letter in text:
        if letter not in _LETTERS and letter not in "0123456789":
            raise _bad(name, text, wording('"{letter}" means nothing; use digits and I, W, P, V, C', letter=letter))
    if len(text) not in _LENGTHS:
        raise _bad(name, text, wording("it has {count} digits; labels have 8, 13 or 18", count=len(text)))
    if text[:2] not in RESTRICTED_PREFIXES:
        raise _bad(name, text, wording("it must begin with 02 or 20 to 29; other beginnings belong to real products"))
    if len(text) == 18 and text[:2] >= "25":
        raise _bad(name, text, wording("18 digits from 25 on are Alipay payment codes; begin with 02 or 20 to 24"))
    if text.count("C") != 1 or text[-1] != "C":
        raise _bad(name, text, wording("it must end in C, the check digit, and have no other C"))
    if item_is is ItemIs.BARCODE and len(text) == 18:
        raise _bad(name, text, wording("18 digits are no barcode of a product; the item must be a PLU or a number"))


def _span(name: str, text: str, letter: str) -> Span | None:
    """Return where a field stands, or None where the pattern has none."""
    start, count = text.find(letter), text.count(letter)
    if not count:
        return None
    if text[start : start + count] != letter * count:
        raise _bad(name, text, wording("the {letter} digits must stand together", letter=letter))
    if letter == "V" and count > 1:
        raise _bad(name, text, wording("there is one inner check digit V at most"))
    return start, start + count


def _guarded_field(name: str, text: str, inner: Span, measures: Iterable[Span]) -> Span:
    """Return the one field beside the inner check digit, which it is over."""
    beside = [span for span in measures if inner[0] in (span[1], span[0] - 1)]
    if len(beside) != 1:
        raise _bad(name, text, wording("the inner check digit V must stand beside one weight or price field"))
    if beside[0][1] - beside[0][0] not in _GUARDED_WIDTHS:
        raise _bad(name, text, wording("an inner check digit V needs 4 or 5 digits of weight or price beside it"))
    return beside[0]
