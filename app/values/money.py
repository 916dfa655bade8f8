"""Money: an integer of minor units with its currency, never a float (design decision 1)."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final

from app.values.problems import Problem
from app.values.wording import wording


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217."""

    code: str
    """Three letters, such as `CNY`."""

    exponent: int
    """How many decimal digits the minor unit has: 2 for fen, 0 for yen."""

    symbol: str
    """What stands before an amount on screens and receipts."""

    @property
    def minor_per_major(self) -> int:
        """How many minor units make one major unit: 100 fen in a yuan."""
        return int(10**self.exponent)


CNY: Final = Currency("CNY", 2, "¥")

_KNOWN: Final = {
    currency.code: currency
    for currency in (
        CNY,
        Currency("HKD", 2, "HK$"),
        Currency("MOP", 2, "MOP$"),
        Currency("TWD", 2, "NT$"),
        Currency("JPY", 0, "JP¥"),
        Currency("SGD", 2, "S$"),
        Currency("MYR", 2, "RM"),
        Currency("THB", 2, "฿"),
        Currency("BRL", 2, "R$"),
        Currency("INR", 2, "₹"),
        Currency("EUR", 2, "€"),
        Currency("GBP", 2, "£"),
        Currency("USD", 2, "$"),
    )
}


class BadAmount(Problem):
    """Raised when a text is not an amount of money that this currency can hold."""

    code = "BAD-AMOUNT"


class CurrencyMismatch(ValueError):
    """Raised when amounts of two currencies are mixed; always a bug."""


@cache
def currency_of(code: str) -> Currency:
    """Return the currency with an ISO 4217 code.

    Raises:
        BadAmount: if the code is not one this till knows.
    """
    try:
        return _KNOWN[code]
    except KeyError:
        raise BadAmount(
            wording(
                "The currency {code} is not known. Set one of: {known}.", code=code, known=", ".join(sorted(_KNOWN))
            )
        ) from None


MAXIMUM_MINOR: Final = 10**13
"""No amount in a shop reaches this; a larger one is a mistyped or hostile number."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency."""

    minor: int
    currency: Currency = CNY

    def __add__(self, other: "Money") -> "Money":
        self._require_same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._require_same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def _require_same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency.code} and {other.currency.code}")

    def digits(self) -> str:
        """Return the amount with its decimals and no symbol, as `-1234.50`."""
        return format_minor(self.minor, self.currency)

    def __str__(self) -> str:
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{self.currency.symbol}{format_minor(abs(self.minor), self.currency)}"


def format_minor(minor: int, currency: Currency = CNY) -> str:
    """Write minor units as a decimal number of major units.

    >>> format_minor(123456), format_minor(-5)
    ('1234.56', '-0.05')
    """
    if currency.exponent == 0:
        return str(minor)
    major, rest = divmod(abs(minor), currency.minor_per_major)
    return f"{'-' if minor < 0 else ''}{major}.{rest:0{currency.exponent}d}"


def parse_minor(text: str, currency: Currency = CNY) -> int:
    """Read an amount as a person types it or a file holds it, in major units, into minor units.

    Accepts digits of any script that Unicode calls decimal, one decimal point, a leading sign and
    the currency's symbol. Never rounds: more decimals than the currency has are an error.

    >>> parse_minor("12.9"), parse_minor("¥0.05")
    (1290, 5)

    Raises:
        BadAmount: if the text is no amount, has too many decimals, or is too large.
    """
    cleaned = text.strip().removeprefix(currency.symbol).removeprefix("￥").strip()
    try:
        if not cleaned or len(cleaned) > 24 or any(letter in cleaned for letter in "eE_ nN"):
            raise InvalidOperation
        amount = Decimal(cleaned)
        scaled = amount.scaleb(currency.exponent)
        if scaled != scaled.to_integral_value() or abs(scaled) > MAXIMUM_MINOR:
            raise InvalidOperation
    except InvalidOperation:
        raise BadAmount(
            wording(
                '"{text}" is not an amount. Type it like {example}.',
                text=text[:30],
                example=format_minor(1290, currency),
            )
        ) from None
    return int(scaled)
