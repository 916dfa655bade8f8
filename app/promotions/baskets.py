"""What the offers are worked out on: lines with their prices, and what is known of the shopper."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from app.values.problems import Problem
from app.values.quantity import ONE, SellingUnit, extend
from app.values.wording import LocalizedText, wording


class BadOfferBasket(Problem):
    """Raised when a basket document is not what can be priced; names the path of the wrong key."""

    code = "BAD-OFFER-BASKET"


_NAMELESS: Final = LocalizedText("")
_LEAP_YEAR: Final = 2000
"""Has every day that a birthday can be."""


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One line of a basket, as much of it as offers look at."""

    line_id: int
    """Its own within the basket; the order of lines never matters, the ids only break ties."""

    product_id: str
    department_id: str
    unit: SellingUnit
    quantity_thousandths: int
    """Positive."""

    unit_price_minor: int
    """For a piece or a kilogram, zero or more."""

    name: LocalizedText = _NAMELESS
    tags: tuple[str, ...] = ()
    label_amount_minor: int | None = None
    """What a weighed label states; charged in place of price times weight."""

    discountable: bool = True
    expiry: date | None = None
    """The last day of the goods in hand."""

    def __post_init__(self) -> None:
        """Refuse what no till could have rung up; a bug of who built it."""
        if self.quantity_thousandths <= 0 or self.unit_price_minor < 0 or (self.label_amount_minor or 0) < 0:
            raise ValueError(f"line {self.line_id} has a negative price or no quantity")

    @property
    def extended_minor(self) -> int:
        """What the line costs without offers."""
        if self.label_amount_minor is not None:
            return self.label_amount_minor
        return extend(self.unit_price_minor, self.quantity_thousandths)

    @property
    def pieces(self) -> int:
        """How many pieces it holds; 0 for what is weighed, or priced by its label."""
        if self.unit.divisible or self.label_amount_minor is not None or self.quantity_thousandths % ONE:
            return 0
        return self.quantity_thousandths // ONE


@dataclass(frozen=True, slots=True)
class HeldCoupon:
    """A coupon that the shopper brought."""

    coupon_id: str
    key: str
    """Names the offers it sets off."""


@dataclass(frozen=True, slots=True)
class Shopper:
    """What is known of the shopper; nothing known is a passer-by."""

    member: bool = False
    tier: str = ""
    birthday: tuple[int, int] | None = None
    """Month and day; a day that some year has."""

    leap_day_after: bool = False
    """Whether the shop keeps a birthday of 29 February on 1 March in a year without one, not on 28 February."""

    first_purchase: bool = False
    staff: bool = False
    coupons: tuple[HeldCoupon, ...] = ()
    used_before: tuple[tuple[str, int], ...] = ()
    """How often the member used an offer before today's basket: offer id and count."""


@dataclass(frozen=True, slots=True)
class OfferBasket:
    """A basket at an instant."""

    lines: tuple[OfferLine, ...]
    at: datetime
    """Aware; the store's zone comes from the rules."""

    shopper: Shopper = field(default_factory=Shopper)

    def __post_init__(self) -> None:
        """Refuse line ids that stand twice and an instant without a zone; bugs of who built it."""
        if len({line.line_id for line in self.lines}) != len(self.lines):
            raise ValueError("a line id stands twice")
        if self.at.tzinfo is None:
            raise ValueError("the instant has no time zone")


class _LineDocument(Struct, forbid_unknown_fields=True, frozen=True):
    product: Annotated[str, Meta(min_length=1)]
    unit_price_minor: Annotated[int, Meta(ge=0, le=10**10)]
    department: str = ""
    id: Annotated[int, Meta(ge=1)] | None = None
    unit: SellingUnit = SellingUnit.EACH
    quantity_thousandths: Annotated[int, Meta(ge=1, le=9_999_000)] = ONE
    name: str = ""
    name_en: str = ""
    tags: tuple[str, ...] = ()
    label_amount_minor: Annotated[int, Meta(ge=0, le=10**10)] | None = None
    discountable: bool = True
    expiry: date | None = None


class _CouponDocument(Struct, forbid_unknown_fields=True, frozen=True):
    id: Annotated[str, Meta(min_length=1)]
    key: Annotated[str, Meta(min_length=1)]


class _ShopperDocument(Struct, forbid_unknown_fields=True, frozen=True):
    member: bool = False
    tier: str = ""
    birthday: Annotated[str, Meta(pattern="^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")] | None = None
    leap_day: Literal["before", "after"] = "before"
    first_purchase: bool = False
    staff: bool = False
    coupons: tuple[_CouponDocument, ...] = ()
    used_before: dict[str, Annotated[int, Meta(ge=0)]] = {}


class _BasketDocument(Struct, forbid_unknown_fields=True, frozen=True):
    lines: Annotated[tuple[_LineDocument, ...], Meta(max_length=2000)]
    at: Annotated[datetime, Meta(tz=True)]
    shopper: _ShopperDocument = _ShopperDocument()


def read_offer_basket(data: bytes) -> OfferBasket:
    """Read a basket from JSON; lines without an id are numbered from 1 as they stand.

    Raises:
        BadOfferBasket: it is no JSON, or a key is wrong, unknown or missing.
    """
    try:
        document = msgspec.json.decode(data, type=_BasketDocument)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadOfferBasket(wording("The basket cannot be read: {reason}", reason=str(error))) from error
    ids = [line.id if line.id is not None else number for number, line in enumerate(document.lines, start=1)]
    if len(set(ids)) != len(ids):
        raise BadOfferBasket(wording("The basket has two lines with the same id. Give each its own, or none."))
    shopper = document.shopper
    return OfferBasket(
        lines=tuple(_line(line_id, line) for line_id, line in zip(ids, document.lines, strict=True)),
        at=document.at,
        shopper=Shopper(
            member=shopper.member,
            tier=shopper.tier,
            birthday=_birthday(shopper.birthday) if shopper.birthday else None,
            leap_day_after=shopper.leap_day == "after",
            first_purchase=shopper.first_purchase,
            staff=shopper.staff,
            coupons=tuple(HeldCoupon(coupon.id, coupon.key) for coupon in shopper.coupons),
            used_before=tuple(sorted(shopper.used_before.items())),
        ),
    )


def _birthday(text: str) -> tuple[int, int]:
    month, day = int(text[:2]), int(text[3:])
    if day > monthrange(_LEAP_YEAR, month)[1]:
        raise BadOfferBasket(
            wording("{key}: there is no such day. Write month and day, such as 02-29.", key="shopper.birthday")
        )
    return month, day


def _line(line_id: int, line: _LineDocument) -> OfferLine:
    english = (("en", line.name_en),) if line.name_en else ()
    return OfferLine(
        line_id=line_id,
        product_id=line.product,
        department_id=line.department,
        unit=line.unit,
        quantity_thousandths=line.quantity_thousandths,
        unit_price_minor=line.unit_price_minor,
        name=LocalizedText(line.name or line.product, english),
        tags=line.tags,
        label_amount_minor=line.label_amount_minor,
        discountable=line.discountable,
        expiry=line.expiry,
    )
