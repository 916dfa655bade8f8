"""The things a scanned code can mean, one frozen value for each, and nothing about how they are told apart."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Literal

from app.values.identifiers import ReceiptNumber
from app.values.wording import Wording


class ItemIs(Enum):
    """What the item digits of an in-store label are."""

    PLU = "plu"
    """The product's PLU, as a person would type it."""

    ITEM_NUMBER = "item-number"
    """The shop's own number of the product, all digits as they stand on the label."""

    BARCODE = "barcode"
    """The catalogue holds the whole label with zeros for price, weight and inner check digit as a barcode."""


@dataclass(frozen=True, slots=True)
class ProductCode:
    """A GTIN-8, -12, -13 or -14 and nothing else."""

    gtin14: str
    """The GTIN with zeros in front, 14 digits, check digit proved."""

    raw: str
    """The digits as they were read, without an add-on."""

    symbology: str | None = None
    """The AIM identifier, where known."""

    add_on: str | None = None
    """The 2 or 5 digits beside the barcode of a periodical or book."""

    restricted: bool = False
    """Whether the number means something in this shop only and no label pattern claimed it."""

    also_gtin14: str | None = None
    """The second reading of 8 digits that are right as EAN-8 and as UPC-E; to be looked up after `gtin14`."""


@dataclass(frozen=True, slots=True)
class Gs1Code:
    """What GS1 element strings or a GS1 Digital Link say; None where they say nothing."""

    gtin14: str | None = None
    """AI 01."""

    batch: str | None = None
    """AI 10."""

    serial: str | None = None
    """AI 21."""

    expiry: date | None = None
    """AI 17, or the day of AI 7003: the last day on which it may be sold."""

    best_before: date | None = None
    """AI 15."""

    sell_by: date | None = None
    """AI 16."""

    production: date | None = None
    """AI 11."""

    packaged: date | None = None
    """AI 13."""

    net_weight_thousandths: int | None = None
    """AI 310n (kg), or 320n, 356n, 357n converted: grams."""

    length_thousandths: int | None = None
    """AI 311n (m), or 321n–323n converted: millimetres."""

    area_thousandths: int | None = None
    """AI 314n: thousandths of a square metre."""

    volume_thousandths: int | None = None
    """AI 315n (l), or 316n, 360n, 361n converted: millilitres."""

    price_minor: int | None = None
    """AI 392n or 393n: what to pay for this very item, in minor units of `currency`."""

    currency: str | None = None
    """ISO 4217 letters that `price_minor` is in: the shop's own for 392n, the label's for 393n."""

    count: int | None = None
    """AI 30: how many pieces a variable-measure item holds."""

    contained_gtin14: str | None = None
    """AI 02: what a logistic unit holds."""

    contained_count: int | None = None
    """AI 37: how many of them."""

    sscc: str | None = None
    """AI 00: the logistic unit itself."""

    elements: tuple[tuple[str, str], ...] = ()
    """Every element string in the order read, as (application identifier, value)."""

    syntax: Literal["element-string", "bracketed", "digital-link"] = "element-string"
    """How it was written: with FNC1, typed as under a barcode, or as a web address."""

    symbology: str | None = None
    """The AIM identifier, where known."""

    raw: str = ""
    """The data as read."""


@dataclass(frozen=True, slots=True)
class WeighedLabel:
    """A label from the shop's own scale, read by one of the shop's patterns."""

    pattern_name: str
    """Which pattern read it."""

    item: str
    """The product, in the sense of `item_is`."""

    item_is: ItemIs
    """What to look `item` up as."""

    weight_grams: int | None
    """The weight on the label, or None where it has none or zero."""

    price_minor: int | None
    """The price on the label in the shop's currency, or None where it has none or zero."""

    raw: str
    """The digits as they were read."""


@dataclass(frozen=True, slots=True)
class PluCode:
    """A price look-up number of 4 or 5 digits, as typed for produce."""

    plu: str


@dataclass(frozen=True, slots=True)
class ReceiptCode:
    """The number of one of the shop's receipts, scanned or typed: opens a return."""

    receipt: ReceiptNumber


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """A shopper's wallet code, single use and about a minute old at most."""

    kind: Literal["wechat", "alipay"]
    code: str = field(repr=False)
    """The code itself: for the provider only. Never store, log or show it: use `masked`."""

    face: bool = False
    """Whether it stands for a face (`fp…`) and not for a barcode on a telephone."""

    @property
    def masked(self) -> str:
        """The code as it may be stored and shown: two characters, stars, four characters."""
        return mask(self.code)


@dataclass(frozen=True, slots=True)
class MemberCode:
    """A member's card."""

    code: str = field(repr=False)
    """The whole card code, or the GSRN of 18 digits. Names a person, so it stays out of the repr."""

    scheme: Literal["card", "gsrn"] = "card"


@dataclass(frozen=True, slots=True)
class CouponCode:
    """A coupon: the shop's own, a GS1 GCN, a North American coupon, or 13 digits with a coupon prefix."""

    code: str
    scheme: Literal["card", "gcn", "north-american", "prefix", "refund-receipt"] = "card"
    value_minor: int | None = None
    """AI 390n or 391n beside a GCN: what the coupon is worth, in minor units of `currency`."""

    currency: str | None = None
    percent_basis_points: int | None = None
    """AI 394n beside a GCN: the discount in hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class OperatorCard:
    """The card by which someone who works here signs on or allows something."""

    code: str = field(repr=False)
    """The whole card code. It opens things, so it stays out of the repr; show `masked`."""

    scheme: Literal["card", "gsrn"] = "card"

    @property
    def masked(self) -> str:
        """The code as it may be shown."""
        return mask(self.code)


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A code that means nothing here, and why. The catalogue may still know `raw` as a text of its own."""

    reason: Wording
    """What happened and what to do, for the person who scanned."""

    raw: str = ""
    """What was read, cut to 200 characters; of a bank card its masked number and nothing else."""


Meaning = (
    ProductCode
    | Gs1Code
    | WeighedLabel
    | PluCode
    | ReceiptCode
    | PaymentCode
    | MemberCode
    | CouponCode
    | OperatorCard
    | UnknownCode
)


def mask(secret: str) -> str:
    """Return a secret with all but its first two and last four characters starred; a short one starred whole.

    >>> mask("134567890123456789")
    '13************6789'
    """
    if len(secret) < 10:
        return "*" * len(secret)
    return f"{secret[:2]}{'*' * (len(secret) - 6)}{secret[-4:]}"
