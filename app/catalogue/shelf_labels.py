"""The label on the shelf in front of a product: what it must say, as plain values.

China's rules on marking prices (明码标价和禁止价格欺诈规定, SAMR order 56 of 2022) ask for the name, the price and the
unit it is per, and for variety, origin or grade where the price depends on them.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from app.catalogue.products import Department, PricedProduct
from app.catalogue.shelf_label_content import Measure, PackContent, pack_content
from app.values.money import Currency
from app.values.problems import Problem
from app.values.quantity import SellingUnit
from app.values.rounding import divide_half_up
from app.values.wording import LocalizedText, wording


class NoLabelPrice(Problem):
    """Raised when a label is wanted for what has no price of its own."""

    code = "NO-LABEL-PRICE"


class PriceBase(Enum):
    """What a unit price is per, by which the shopper compares packs."""

    KILOGRAM = "kg"
    HALF_KILOGRAM = "500 g"
    """A jin, by which fresh goods are compared in China."""

    HUNDRED_GRAMS = "100 g"
    LITRE = "L"
    HUNDRED_MILLILITRES = "100 ml"

    @property
    def measure(self) -> Measure:
        """What it is measured in."""
        return Measure.MILLILITRE if self in {PriceBase.LITRE, PriceBase.HUNDRED_MILLILITRES} else Measure.GRAM

    @property
    def thousandths(self) -> int:
        """Thousandths of a gram or millilitre in it."""
        match self:
            case PriceBase.KILOGRAM | PriceBase.LITRE:
                return 1_000_000
            case PriceBase.HALF_KILOGRAM:
                return 500_000
            case _:
                return 100_000


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What so much of a product costs, whatever the pack."""

    amount_minor: int
    """Rounded half up to the minor unit."""

    base: PriceBase


@dataclass(frozen=True, slots=True)
class ShelfLabel:
    """Everything that stands on one label."""

    product_id: str
    name: LocalizedText
    """In all languages the shop wrote it in; the label shows two."""

    specification: str
    unit: SellingUnit
    """What the price is per."""

    price_minor: int
    currency: Currency
    unit_price: UnitPrice | None
    """None where the content is not known beyond doubt, or the price is per that much anyway."""

    gtin14: str | None
    """What the barcode says; None for what carries none."""

    plu: str | None
    department: LocalizedText | None
    printed_on: date

    @property
    def barcode_digits(self) -> str:
        """The digits of the barcode as they stand under it: 8, 13 or 14; empty where there is none.

        A number of 12 digits (UPC-A) is printed as the EAN-13 with a zero in front, which is the same bars.
        """
        if self.gtin14 is None:
            return ""
        if self.gtin14.startswith("000000"):
            return self.gtin14[6:]
        return self.gtin14.removeprefix("0")


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """What a shop chooses for all its labels."""

    currency: Currency
    mass_base: PriceBase = PriceBase.KILOGRAM
    """What unit prices of packed goods measured by mass are per."""

    volume_base: PriceBase = PriceBase.LITRE

    def __post_init__(self) -> None:
        if self.mass_base.measure is not Measure.GRAM or self.volume_base.measure is not Measure.MILLILITRE:
            raise ValueError("mass is compared by mass and volume by volume")


def shelf_label(
    priced: PricedProduct, department: Department | None, printed_on: date, style: LabelStyle, gtin14: str | None = None
) -> ShelfLabel:
    """Return the label of a product with its price of today.

    Args:
        priced: the product and the price that holds.
        department: the one it stands in, where that is to be shown.
        printed_on: the store's date.
        style: what the shop chose.
        gtin14: one of its barcodes that sells a single unit; where None, the one it was found by.

    Raises:
        NoLabelPrice: if it has no price today, or one that the cashier is asked for.
    """
    product = priced.product
    if priced.price_minor is None:
        raise NoLabelPrice(
            wording(
                "{name} ({product}) has no price today, so it gets no label. Give it a price first.",
                name=product.name,
                product=product.product_id,
            )
        )
    return ShelfLabel(
        product_id=product.product_id,
        name=product.name,
        specification=product.specification,
        unit=product.unit,
        price_minor=priced.price_minor,
        currency=style.currency,
        unit_price=_unit_price(product.unit, product.specification, priced.price_minor, style),
        gtin14=gtin14 if gtin14 is not None else priced.gtin14,
        plu=product.plu,
        department=department.name if department is not None else None,
        printed_on=printed_on,
    )


def _unit_price(unit: SellingUnit, specification: str, price_minor: int, style: LabelStyle) -> UnitPrice | None:
    if unit is SellingUnit.KILOGRAM:
        content: PackContent | None = PackContent(PriceBase.KILOGRAM.thousandths, Measure.GRAM)
        mass_base = PriceBase.HALF_KILOGRAM
    else:
        content = pack_content(specification) if unit is SellingUnit.EACH else None
        mass_base = style.mass_base
    if content is None:
        return None
    base = mass_base if content.measure is Measure.GRAM else style.volume_base
    if content.thousandths == base.thousandths:
        return None
    return UnitPrice(divide_half_up(price_minor * base.thousandths, content.thousandths), base)
