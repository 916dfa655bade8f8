"""Quantity: an integer of thousandths of the unit a product is sold by (design decision 1).

One piece is 1000; one kilogram is 1000, so that a thousandth is a gram; 1.245 kg is 1245.
"""

from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Final

from app.values.problems import Problem
from app.values.rounding import divide_half_up
from app.values.wording import wording

ONE: Final = 1000
"""One whole unit, in thousandths."""

MAXIMUM_THOUSANDTHS: Final = 9_999 * ONE
"""The most of one product that a line may hold; more is a scanned code typed as a quantity."""


class SellingUnit(Enum):
    """What one unit of a product is."""

    EACH = "each"
    KILOGRAM = "kg"
    LITRE = "l"
    METRE = "m"

    @property
    def divisible(self) -> bool:
        """Whether parts of a unit can be sold: true for what is weighed or measured."""
        return self is not SellingUnit.EACH


class BadQuantity(Problem):
    """Raised when a text or number is not a quantity that can be sold."""

    code = "BAD-QUANTITY"


def parse_thousandths(text: str, unit: SellingUnit) -> int:
    """Read a quantity as a person types it into thousandths.

    >>> parse_thousandths("1.245", SellingUnit.KILOGRAM)
    1245

    Raises:
        BadQuantity: if it is no number, not positive, too large, or has parts of a piece.
    """
    if not text.strip():
        raise BadQuantity(wording("Type a number such as 2 or 1.245."))
    try:
        if len(text) > 12 or any(letter in text for letter in "eE_nN"):
            raise InvalidOperation
        thousandths = Decimal(text.strip()).scaleb(3)
        if thousandths != thousandths.to_integral_value():
            raise InvalidOperation
    except InvalidOperation:
        raise BadQuantity(
            wording('"{text}" is not a quantity. Type a number such as 2 or 1.245.', text=text[:20])
        ) from None
    return require_sellable(int(thousandths), unit)


def require_sellable(thousandths: int, unit: SellingUnit) -> int:
    """Return a quantity that may stand on a line.

    Raises:
        BadQuantity: if it is not positive, too large, or has parts of a piece.
    """
    if thousandths <= 0:
        raise BadQuantity(wording("A quantity must be more than zero. To take a line away, void it."))
    if thousandths > MAXIMUM_THOUSANDTHS:
        raise BadQuantity(wording("A line holds at most 9,999. Check that no barcode was typed as a quantity."))
    if not unit.divisible and thousandths % ONE:
        raise BadQuantity(wording("This product is sold by the piece. Type a whole number."))
    return thousandths


def format_thousandths(thousandths: int, unit: SellingUnit) -> str:
    """Write a quantity: whole pieces without decimals, weights with three.

    >>> format_thousandths(2000, SellingUnit.EACH), format_thousandths(1245, SellingUnit.KILOGRAM)
    ('2', '1.245')
    """
    sign = "-" if thousandths < 0 else ""
    whole, rest = divmod(abs(thousandths), ONE)
    if unit.divisible or rest:
        return f"{sign}{whole}.{rest:03d}"
    return f"{sign}{whole}"


def extend(unit_price_minor: int, quantity_thousandths: int) -> int:
    """Price times quantity in minor units, rounded half up once per line.

    >>> extend(990, 1245)  # 9.90 a kilogram, 1.245 kg
    1233
    """
    return divide_half_up(unit_price_minor * quantity_thousandths, ONE)
