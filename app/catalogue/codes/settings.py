"""What a shop has decided about its codes: label patterns, cards, typed numbers, currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import Final

from app.catalogue.codes.gtins import GTIN_LENGTHS, RESTRICTED_PREFIXES
from app.catalogue.codes.patterns import LabelPattern, require_distinct
from app.catalogue.codes.scanned import GROUP_SEPARATOR
from app.values.money import CNY, Currency
from app.values.problems import Problem
from app.values.wording import Wording, wording

LONGEST_CARD: Final = 400
PLU_LENGTHS: Final = (4, 5)
_WECHAT_LENGTH: Final = 18
_ALIPAY_LENGTHS: Final = range(16, 25)
_WECHAT_STARTS: Final = tuple(str(start) for start in range(10, 16))
_ALIPAY_STARTS: Final = tuple(str(start) for start in range(25, 31))
_FREE_LENGTHS: Final = (8, 13)
_SHORTEST_GS1: Final = 16
_GS1_STARTS: Final = ("00", "01", "02", "03", "8017", "8018")


class BadCodeSettings(Problem):
    """Raised when a shop's settings for codes contradict each other or the codes of the world."""

    code = "BAD-CODE-SETTINGS"


class CardKind(Enum):
    """Whose card a prefix marks."""

    MEMBER = "member"
    COUPON = "coupon"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class CardPrefix:
    """How the shop's own member cards, coupons or operator cards begin."""

    kind: CardKind
    prefix: str
    """One or more ASCII letters, digits or signs; upper and lower case differ."""

    length: int | None = None
    """How many characters the whole code has. Must be given where the prefix is all digits."""

    def matches(self, data: str) -> bool:
        """Tell whether data is such a card; its check digit, where it has one, is not looked at."""
        if not data.startswith(self.prefix) or not len(self.prefix) < len(data) <= LONGEST_CARD:
            return False
        if self.length is not None and len(data) != self.length:
            return False
        return data.isdigit() or not self.prefix.isdigit()


@dataclass(frozen=True, slots=True)
class CodeSettings:
    """Everything a shop can decide about codes; checked as it is made.

    Raises:
        BadLabelPattern: if two label patterns could match one label.
        BadCodeSettings: if a card prefix takes codes away from products, wallets, receipts or another card.
    """

    patterns: tuple[LabelPattern, ...] = ()
    """How labels from the shop's scales are written."""

    cards: tuple[CardPrefix, ...] = ()
    """How the shop's cards begin."""

    numbers_are_plus: bool = True
    """Whether 4 or 5 digits are a PLU."""

    currency: Currency = CNY
    """What prices on labels without a currency are in (AI 390n, 392n and scale labels)."""

    separators: tuple[str, ...] = (GROUP_SEPARATOR,)
    """What scanners send for FNC1 between element strings. Some keyboard scanners cannot send GS and send, say, `|`."""

    def __post_init__(self) -> None:
        require_distinct(self.patterns)
        for card in self.cards:
            trouble = _trouble_with(card, self.patterns, plus=self.numbers_are_plus)
            if trouble is not None:
                raise _bad(card, trouble)
        _require_cards_differ(self.cards)
        if not all(separator and not any(map(str.isdigit, separator)) for separator in self.separators):
            raise BadCodeSettings(wording("A separator of scanner data must not be empty and must hold no digit."))


def _bad(card: CardPrefix, what: Wording) -> BadCodeSettings:
    return BadCodeSettings(
        wording('Codes beginning with "{prefix}" cannot be cards: {what}.', prefix=card.prefix[:40], what=what)
    )


def _trouble_with(card: CardPrefix, patterns: Sequence[LabelPattern], *, plus: bool) -> Wording | None:
    """Return why a card prefix cannot work, or None."""
    prefix = card.prefix
    if not prefix or not prefix.isascii() or not prefix.isprintable() or " " in prefix:
        return wording("a prefix is made of letters, digits and signs without blanks")
    if card.length is not None and not len(prefix) < card.length <= LONGEST_CARD:
        return wording("the length must be more than the prefix has and at most {most}", most=LONGEST_CARD)
    if prefix.isdigit():
        return _trouble_with_digits(card, patterns, plus=plus)
    low = prefix.lower()
    taken = (
        (low[0] in "](" or low.startswith("http"), wording("GS1 codes and web addresses begin so")),
        (low == "r" or (low[0] == "r" and low[1:].isdigit()), wording("the shop's receipts begin so")),
        (_could_begin(low, ("fp",)), wording("Alipay's face payment codes begin so")),
    )
    return next((why for is_taken, why in taken if is_taken), None)


def _trouble_with_digits(card: CardPrefix, patterns: Sequence[LabelPattern], *, plus: bool) -> Wording | None:
    """Return why a prefix of digits cannot work, or None."""
    prefix, length = card.prefix, card.length
    if length is None:
        return wording("cards that are all digits need a length in the settings")
    of_a_product = length in GTIN_LENGTHS
    free = length in _FREE_LENGTHS and prefix.startswith(RESTRICTED_PREFIXES)
    taken = (
        (plus and length in PLU_LENGTHS, wording("numbers of 4 and 5 digits are PLUs")),
        (
            of_a_product and not free,
            wording("products have {length} digits; of those only 8 or 13 from 02 or 20 to 29 are free", length=length),
        ),
        (length >= _SHORTEST_GS1 and _could_begin(prefix, _GS1_STARTS), wording("GS1 labels begin so")),
        (length == _WECHAT_LENGTH and _could_begin(prefix, _WECHAT_STARTS), wording("WeChat payment codes begin so")),
        (length in _ALIPAY_LENGTHS and _could_begin(prefix, _ALIPAY_STARTS), wording("Alipay payment codes begin so")),
        *(
            (pattern.could_begin_with(prefix, length), wording('labels of "{name}" begin so', name=pattern.name))
            for pattern in patterns
        ),
    )
    return next((why for is_taken, why in taken if is_taken), None)


def _could_begin(prefix: str, starts: Sequence[str]) -> bool:
    """Tell whether some code has both the prefix and one of the starts."""
    return any(prefix.startswith(start) or start.startswith(prefix) for start in starts)


def _require_cards_differ(cards: Sequence[CardPrefix]) -> None:
    """Make sure that no code can be two cards.

    Raises:
        BadCodeSettings: naming both prefixes.
    """
    for one, other in combinations(cards, 2):
        lengths_meet = one.length is None or other.length is None or one.length == other.length
        if lengths_meet and _could_begin(one.prefix, (other.prefix,)):
            raise _bad(other, wording('cards beginning with "{other}" could be the same', other=one.prefix))


def is_wechat(digits: str) -> bool:
    """Tell whether digits are a WeChat payment code: 18, beginning with 10 to 15."""
    return len(digits) == _WECHAT_LENGTH and digits.startswith(_WECHAT_STARTS)


def is_alipay(digits: str) -> bool:
    """Tell whether digits are an Alipay payment code: 16 to 24, beginning with 25 to 30."""
    return len(digits) in _ALIPAY_LENGTHS and digits.startswith(_ALIPAY_STARTS)
