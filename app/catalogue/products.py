"""What the shop sells: products, the codes they are found by, departments and prices valid in time."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from app.values.quantity import ONE, SellingUnit
from app.values.wording import LocalizedText

STANDARD_PRICE_LIST = "standard"
"""The price list that every product has a price on."""


class PriceRule(Enum):
    """Where the unit price of a line comes from."""

    FIXED = "fixed"
    """From the price book."""

    OPEN = "open"
    """From the cashier, who is asked for it at each sale (services, newspapers)."""


@dataclass(frozen=True, slots=True)
class Product:
    """One thing that is sold, as headquarters or an imported file describes it."""

    product_id: str
    """The shop's own article number; never used again for another product."""

    name: LocalizedText
    """As it stands on screen and receipt."""

    department_id: str
    """The department (ARTS: merchandise hierarchy group) it belongs to."""

    tax_class_id: str
    """Names a `TaxClass` of the catalogue."""

    unit: SellingUnit = SellingUnit.EACH
    """What one unit is; anything but `EACH` is weighed or measured."""

    price_rule: PriceRule = PriceRule.FIXED
    """Whether the price is looked up or asked for."""

    plu: str | None = None
    """Price look-up code of 4 or 5 digits for what carries no barcode; also the item of weighed labels."""

    minimum_age: int = 0
    """Years the shopper must have lived; 0 where there is no limit."""

    deposit_product_id: str | None = None
    """The deposit item that is sold along with each unit (a returnable bottle)."""

    brand: str = ""
    """Maker's brand, for search and the details pane."""

    specification: str = ""
    """Pack size or variety, such as `500ml`."""

    pinyin: str = ""
    """Syllables without tones, separated by spaces; initials are taken from them."""

    picture: str = ""
    """Name of a picture without its suffix, or empty."""

    discountable: bool = True
    """Whether discounts may touch it; false for tobacco and price-maintained goods."""

    returnable: bool = True
    """Whether it may come back."""

    blocked_reason: str = ""
    """Why it may not be sold (a recall); empty where it may."""

    tare_grams: int = 0
    """Weight of its own packaging, such as the box that nuts stand in; taken off where it is weighed at the till."""

    @property
    def pinyin_initials(self) -> str:
        """First letters of the syllables: `nong fu shan quan` → `nfsq`."""
        return "".join(syllable[0] for syllable in self.pinyin.split())


@dataclass(frozen=True, slots=True)
class ProductBarcode:
    """One of a product's barcodes."""

    gtin14: str
    """GTIN padded with zeros to 14 digits, so that the same number has one form."""

    product_id: str
    """The product it stands for."""

    quantity_thousandths: int = ONE
    """How much of the product one scan sells: 6000 for a pack of six."""


@dataclass(frozen=True, slots=True)
class Price:
    """An amount per unit that holds for a span of time on one price list."""

    product_id: str
    """The product priced."""

    amount_minor: int
    """Per unit (a kilogram for what is weighed), in minor units, tax included where the class says so."""

    price_list: str = STANDARD_PRICE_LIST
    """`standard`, `member`, or another list of the shop."""

    valid_from: datetime | None = None
    """First instant it holds, in UTC; None: since ever."""

    valid_until: datetime | None = None
    """First instant it no longer holds, in UTC; None: for ever."""

    def holds_at(self, instant: datetime) -> bool:
        """Whether it counts at an instant; a price book may arrive long before it does."""
        return (self.valid_from is None or self.valid_from <= instant) and (
            self.valid_until is None or instant < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Department:
    """A group of products that stand together in the shop and in its reports."""

    department_id: str
    name: LocalizedText
    colour: str = ""
    """`#rrggbb` for its keys."""

    picture: str = ""
    """Name of its picture without the suffix, or empty."""


@dataclass(frozen=True, slots=True)
class PricedProduct:
    """A product with the price that holds now: what a scan finds."""

    product: Product
    price_minor: int | None
    """Per unit; None where the price is open or none holds today."""

    quantity_thousandths: int = ONE
    """What one scan of the code sells."""

    gtin14: str | None = None
    """The code it was found by, where that was a barcode."""


def price_at(prices: tuple[Price, ...], instant: datetime) -> Price | None:
    """Choose the price that counts at an instant among those of one product and list.

    Of several that hold, the one that began last wins (a promotion price laid over the standing one);
    of two that began together the lower one, in the shopper's favour.
    """
    holding = [price for price in prices if price.holds_at(instant)]
    if not holding:
        return None
    latest = max((price.valid_from for price in holding if price.valid_from), default=None)
    return min((price for price in holding if price.valid_from == latest), key=lambda price: price.amount_minor)
