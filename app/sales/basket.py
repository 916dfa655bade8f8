"""A basket: what is being rung up and can still change. Frozen; every change makes a new one."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from app.members.coupons import LetGo
from app.payments.tenders import Tendered
from app.sales.sale import PriceSource, WeightSource
from app.sales.shopper import BasketCoupon, BasketDeal, BasketMember
from app.values.quantity import SellingUnit
from app.values.tax import TaxClass
from app.values.wording import LocalizedText


class BasketState(Enum):
    """Where a basket is in its life."""

    OPEN = "open"
    SUSPENDED = "suspended"


class DiscountKind(Enum):
    """How a discount's value is meant."""

    PERCENT = "percent"
    """In basis points: 10 % is 1000."""

    AMOUNT = "amount"
    """In minor units, off the line or the basket."""


@dataclass(frozen=True, slots=True)
class GivenDiscount:
    """A discount that a person gave, kept as what was said; its amount follows the basket."""

    discount_id: str
    kind: DiscountKind
    value: int
    """Basis points or minor units, see the kind."""

    reason: str


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line of a basket."""

    line_id: int
    """From 1, never used again within the basket, not even after a void."""

    product_id: str
    name: LocalizedText
    department_id: str
    unit: SellingUnit
    tax_class: TaxClass
    quantity_thousandths: int
    list_price_minor: int
    """The price book's price per unit."""

    unit_price_minor: int
    """What is charged per unit before discounts."""

    price_source: PriceSource
    label_amount_minor: int | None = None
    """The amount a weighed label states; it is charged even where price times weight differs by rounding."""

    discount: GivenDiscount | None = None
    """The line's own discount."""

    discountable: bool = True
    gtin14: str | None = None
    reason: str = ""
    """Why the price was overridden."""

    batch: str | None = None
    expiry: date | None = None
    serial: str | None = None
    minimum_age: int = 0
    deposit_of: int | None = None
    """The line id whose deposit this is; it follows that line's quantity and void."""

    picture: str = ""
    specification: str = ""
    voided: bool = False
    note: str = ""
    tare_grams: int = 0
    """Taken off what the till's scale read; the quantity is net of it."""

    weighed_by: WeightSource | None = None
    """How it came to its weight; None for what is not sold by weight."""


@dataclass(frozen=True, slots=True)
class Basket:
    """Everything needed to bring the same basket back on screen after a crash."""

    basket_id: str
    """Becomes the sale's id."""

    opened_at: datetime
    operator_number: str
    currency: str
    state: BasketState = BasketState.OPEN
    lines: tuple[BasketLine, ...] = ()
    discounts: tuple[GivenDiscount, ...] = ()
    """Discounts on the whole basket, in the order they were given."""

    tenders: tuple[Tendered, ...] = ()
    """Tenders already taken while the rest is still due."""

    age_checked: int = 0
    """The highest age the cashier has confirmed for this basket; asked once (field.md)."""

    note: str = ""
    suspended_as: str = ""
    """What the cashier called it when she put it aside."""

    suspended_at: datetime | None = None
    next_line_id: int = 1
    next_tender_id: int = 1
    member: BasketMember | None = None
    coupons: tuple[BasketCoupon, ...] = ()
    """In the order in which they were put in."""

    declined: tuple[str, ...] = ()
    """Coupons that the shopper keeps for another time, by id: they are not proposed again."""

    released: tuple[LetGo, ...] = ()
    """Redemptions that were asked for and let go again: headquarters hears of them once more with the sale."""

    deal: BasketDeal | None = None
    """The promotions that count; None where the till has none."""

    @property
    def live_lines(self) -> tuple[BasketLine, ...]:
        """The lines that are not voided."""
        return tuple(line for line in self.lines if not line.voided)
