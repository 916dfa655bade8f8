"""A completed sale: everything that was charged, stored as it was and never computed again (decision 4)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from app.members.coupons import CouponUse, LetGo
from app.payments.tenders import Tendered
from app.values.identifiers import EntryId, ReceiptNumber
from app.values.quantity import SellingUnit
from app.values.tax import TaxAmounts, TaxClass
from app.values.wording import LocalizedText


class PriceSource(Enum):
    """Where a line's unit price came from."""

    BOOK = "book"
    LABEL = "label"
    """Printed in the barcode by the scale or the maker."""

    OPEN = "open"
    """Keyed by the cashier because the product asks for it."""

    OVERRIDE = "override"
    """Changed by the cashier, with a reason."""


class WeightSource(Enum):
    """How a weighed line came to its weight."""

    SCALE = "scale"
    """A scale at the till, its tare taken off."""

    KEYED = "keyed"
    """Typed by the cashier, net as typed; marked on the receipt."""

    LABEL = "label"
    """Printed in the code by the scale of the counter or by the maker."""


class DiscountScope(Enum):
    """What a discount was given on."""

    LINE = "line"
    BASKET = "basket"
    PROMOTION = "promotion"
    """A promotion on the goods themselves."""

    BASKET_PROMOTION = "basket_promotion"
    """A promotion on what the basket comes to, of which every line carries its share."""

    @property
    def is_promotion(self) -> bool:
        """Whether a rule gave it, and no person."""
        return self in {DiscountScope.PROMOTION, DiscountScope.BASKET_PROMOTION}


@dataclass(frozen=True, slots=True)
class DiscountShare:
    """What one discount took off one line."""

    discount_id: str
    """Names the discount within the sale; the shares of one discount over several lines carry the same."""

    scope: DiscountScope
    name: LocalizedText
    """As it stands on the receipt."""

    reason: str
    """The reason code or words of the person who gave it; empty for a promotion, which `SalePromotions` explains."""

    amount_minor: int
    """Taken off this line; positive."""


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line of a completed sale."""

    line_number: int
    """From 1, without gaps, in the order of the receipt."""

    product_id: str
    name: LocalizedText
    department_id: str
    unit: SellingUnit
    quantity_thousandths: int
    list_price_minor: int
    """The price book's price per unit at the time."""

    unit_price_minor: int
    """What was charged per unit before discounts."""

    price_source: PriceSource
    extended_minor: int
    """Unit price times quantity, or the amount on the label."""

    discounts: tuple[DiscountShare, ...]
    tax_class: TaxClass
    tax: TaxAmounts
    """Split of what the line costs after its discounts."""

    gtin14: str | None = None
    """The code it was scanned by."""

    reason: str = ""
    """Why the price was overridden."""

    batch: str | None = None
    expiry: date | None = None
    serial: str | None = None
    minimum_age: int = 0
    deposit_of_line: int | None = None
    """The line whose deposit this is."""

    note: str = ""
    tare_grams: int = 0
    """Taken off what the till's scale read; the quantity is net of it."""

    weighed_by: WeightSource | None = None
    """How it came to its weight; None for what is not sold by weight."""

    @property
    def discount_minor(self) -> int:
        """Sum of all discounts on the line; positive."""
        return sum(share.amount_minor for share in self.discounts)


@dataclass(frozen=True, slots=True)
class TaxSummaryRow:
    """All lines of one tax class together."""

    tax_class: TaxClass
    amounts: TaxAmounts


@dataclass(frozen=True, slots=True)
class SaleOffer:
    """A promotion that a sale was given."""

    offer_id: str
    name: LocalizedText
    times: int
    """Pieces for percent, amount and price; times for every other form."""

    saving_minor: int
    redemption_ids: tuple[str, ...] = ()
    """The coupons it used up."""


@dataclass(frozen=True, slots=True)
class SalePromotions:
    """By which rules a sale's promotions were worked out: with them the same basket gets the same deal, for ever."""

    rules_version: str
    effort: str
    """`greedy`, `improved` or `exact`."""

    offers: tuple[SaleOffer, ...]
    """In the order in which they took their share of a line."""


@dataclass(frozen=True, slots=True)
class SaleMember:
    """The member a sale was made for."""

    member_id: str
    """The reference; it says nothing of the person."""

    tier_id: str = ""
    points_before: int = 0
    """What the till knew of the balance before this sale."""

    points_earned: int = 0
    points_end_on: date | None = None
    """The last day the earned points can be spent; None: they do not end."""

    points_shares: tuple[tuple[int, int], ...] = ()
    """Of each line that earned points: its number and its points."""

    bought_minor: int = 0
    """What counts towards tiers."""

    birthday: bool = False
    """Whether the birthday's factor was in the points."""

    label: str = field(default="", repr=False)
    """The masked name as it stands on the receipt; kept apart from the journal, so that it can be erased."""

    points_spent: int = 0
    """That paid part of this sale, at what points were worth then."""

    points_after: int | None = None
    """The balance with this sale as far as the till knew it; None: not known, or not this member's to see."""


@dataclass(frozen=True, slots=True)
class Sale:
    """Everything a till knows of a sale when it is completed, before the store numbers it."""

    sale_id: str
    """Given when the basket was opened; finds the sale again after a commit whose outcome is unknown."""

    store_number: int
    till_number: int
    till_id: str
    """`store-till`, such as `0001-01`; names the till in journal and wire."""

    session_id: str
    """The till session it belongs to; never inferred from a time."""

    business_date: date
    operator_number: str
    operator_name: str
    opened_at: datetime
    completed_at: datetime
    currency: str
    lines: tuple[SaleLine, ...]
    tax_summary: tuple[TaxSummaryRow, ...]
    gross_minor: int
    """What the lines cost, all discounts off and all taxes in."""

    rounding_minor: int
    """Added to the gross by the cash rounding rule; negative in the shopper's favour."""

    due_minor: int
    """Gross plus rounding: what was paid."""

    tenders: tuple[Tendered, ...]
    change_minor: int
    """Handed back; positive."""

    discount_minor: int
    """Sum of all discounts; positive."""

    note: str = ""
    voided_lines: tuple[SaleLine, ...] = ()
    """Lines that were rung up and voided again, kept for the auditor; they cost nothing."""

    promotions: SalePromotions | None = None
    """None where no promotion was given and none could have been: the till has no rules."""

    member: SaleMember | None = None
    coupons: tuple[CouponUse, ...] = ()
    """Used up by this sale, with what each took off."""

    released: tuple[LetGo, ...] = ()
    """Redemptions that were asked for this basket and are not part of the sale."""


@dataclass(frozen=True, slots=True)
class CompletedSale:
    """A sale that the store has committed: numbered, chained and signed."""

    sale: Sale
    receipt_number: ReceiptNumber
    entry_id: EntryId
    entry_hash: str
    """Hex of the journal entry's hash."""
