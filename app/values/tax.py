"""Tax classes and the three amounts that a tax splits a price into."""

from dataclasses import dataclass

from app.values.rounding import divide_half_up


class InconsistentTax(ValueError):
    """Raised when net + tax is not gross; always a bug, and never stored."""


@dataclass(frozen=True, slots=True)
class TaxAmounts:
    """Net, tax and gross of one line or one summary row, in minor units."""

    net_minor: int
    tax_minor: int
    gross_minor: int

    def __post_init__(self) -> None:
        if self.net_minor + self.tax_minor != self.gross_minor:
            raise InconsistentTax(f"{self.net_minor} + {self.tax_minor} is not {self.gross_minor}")

    def __add__(self, other: "TaxAmounts") -> "TaxAmounts":
        return TaxAmounts(
            self.net_minor + other.net_minor, self.tax_minor + other.tax_minor, self.gross_minor + other.gross_minor
        )


@dataclass(frozen=True, slots=True)
class TaxClass:
    """A rate that products share. China's VAT classes (13, 9, 6 and 0 %) are included in the price."""

    tax_class_id: str
    rate_basis_points: int
    """Hundredths of a percent: 13 % is 1300."""

    included: bool = True
    """Whether the shelf price holds the tax; where it does not, the tax is added at the till."""

    def split(self, amount_minor: int) -> TaxAmounts:
        """Split a line's amount, rounding the tax half up once per line.

        Included: tax = amount × rate / (1 + rate) (增值税暂行条例实施细则 art. 14). Exclusive: tax = amount × rate.

        >>> TaxClass("standard", 1300).split(11300)
        TaxAmounts(net_minor=10000, tax_minor=1300, gross_minor=11300)
        """
        rate = self.rate_basis_points
        if self.included:
            tax = divide_half_up(amount_minor * rate, 10_000 + rate)
            return TaxAmounts(amount_minor - tax, tax, amount_minor)
        tax = divide_half_up(amount_minor * rate, 10_000)
        return TaxAmounts(amount_minor, tax, amount_minor + tax)
