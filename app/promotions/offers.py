"""Offers as data: the schema of a rules file, in which every form a shop uses can be written.

Every struct refuses keys that it does not know; msgspec names the path of the wrong one. Percentages are basis points
(10 % is 1000), amounts are minor units, and neither is ever a float. What a form means exactly is written in
`app.promotions`; what is contradictory is refused by `app.promotions.checking`.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

Identity = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_.-]{0,63}$")]
Text = Annotated[str, Meta(min_length=1, max_length=120)]
Pieces = Annotated[int, Meta(ge=1, le=999)]
Minor = Annotated[int, Meta(ge=0, le=10**12)]
BasisPoints = Annotated[int, Meta(ge=1, le=10_000)]
"""At most 10000: more than all of a price would pay the shopper."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Goods(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """Which goods: what is named, less what is excepted; naming nothing means everything."""

    products: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    except_products: tuple[str, ...] = ()
    except_departments: tuple[str, ...] = ()
    except_tags: tuple[str, ...] = ()
    expires_within_days: Annotated[int, Meta(ge=0, le=3650)] | None = None
    """Only goods whose date is known, not past, and at most so many days away; 0: today is the last day."""

    @property
    def names_something(self) -> bool:
        """Whether it names goods; otherwise all goods are meant."""
        return bool(self.products or self.departments or self.tags)


class When(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """When an offer holds, in the store's own time; all that is given must hold together."""

    from_date: date | None = None
    """First day."""

    until_date: date | None = None
    """Last day, included."""

    weekdays: tuple[Weekday, ...] = ()
    month_days: tuple[Annotated[int, Meta(ge=1, le=31)], ...] = ()
    hours: tuple[
        Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]$")], ...
    ] = ()
    """Spans such as `18:00-20:00`, the end not included. One that ends before it starts runs over midnight, and what is
    after midnight belongs to the day on which it began."""


class Who(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """For whom an offer is; all that is given must hold together."""

    member: bool = False
    tiers: tuple[str, ...] = ()
    birthday: Literal["", "day", "week", "month"] = ""
    first_purchase: bool = False
    staff: bool = False
    coupon: str = ""
    """The coupon's key: one coupon is used up each time the offer is given."""


class Limit(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """How often an offer is given: pieces for percent, amount and price, times for every other form."""

    per_basket: Pieces | None = None
    per_member: Pieces | None = None
    """Over all purchases of a member; what was used before comes with the shopper's facts."""


class Percent(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="percent"):
    """A percentage off each piece or weighed line."""

    off_basis_points: BasisPoints
    least_pieces: Pieces = 1
    """So many pieces must take part (满2件8折); above 1 only pieces take part."""


class Amount(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="amount"):
    """An amount off each piece, or off each kilogram of what is weighed."""

    off_minor: Annotated[int, Meta(ge=1, le=10**12)]
    least_pieces: Pieces = 1


class FixedPrice(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="price"):
    """A price for each piece or kilogram: special price, member price, tier price."""

    price_minor: Minor
    least_pieces: Pieces = 1


class NForM(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="n_for_m"):
    """Take n pieces, pay m: the cheapest of each n are free (买三付二, 买一送一)."""

    take: Pieces
    pay: Pieces
    same_product: bool = False


class CheapestFree(
    Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="cheapest_free"
):
    """Of so many pieces the cheapest is free."""

    take: Pieces
    same_product: bool = False


class SecondOff(
    Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="second_off"
):
    """Of each two pieces a percentage off the cheaper one (第二件半价)."""

    off_basis_points: BasisPoints
    same_product: bool = False


class AnyForPrice(
    Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="any_for_price"
):
    """Any n pieces for one price (任选3件19.9)."""

    take: Pieces
    price_minor: Minor
    same_product: bool = False


class Part(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """One part of a bundle."""

    goods: Goods
    pieces: Pieces = 1


class Bundle(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="bundle"):
    """Different goods together: for one price, an amount off or a percentage off. Exactly one of the three."""

    parts: Annotated[tuple[Part, ...], Meta(min_length=2, max_length=8)]
    price_minor: Minor | None = None
    off_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    off_basis_points: BasisPoints | None = None


class Gift(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="gift"):
    """Buy so many pieces of the offer's goods and take a gift, free or at a price (买赠, 加价购)."""

    buy_pieces: Pieces
    gift: Goods
    gift_pieces: Pieces = 1
    price_minor: Minor = 0
    """What each gift piece costs."""


class GiftFrom(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="gift_from"):
    """Spend so much on the offer's goods and take a gift, free or at a price (满赠, 满额换购)."""

    from_minor: Annotated[int, Meta(ge=1, le=10**12)]
    gift: Goods
    gift_pieces: Pieces = 1
    price_minor: Minor = 0


class Step(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """One step of a threshold: from so much or so many, so much off. Exactly one key of each pair."""

    from_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    from_pieces: Pieces | None = None
    off_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    off_basis_points: BasisPoints | None = None


class Threshold(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="threshold"):
    """Off what is left of the goods, by the highest step that is reached (满100减10, 满200减30)."""

    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=20)]
    most_off_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    """The most that comes off, of a percentage (8折, 最多减20元)."""


class Every(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="every"):
    """An amount off each time so much or so many are reached (每满100减10)."""

    off_minor: Annotated[int, Meta(ge=1, le=10**12)]
    every_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    every_pieces: Pieces | None = None


class Extra(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, tag_field="kind", tag="extra"):
    """Off what is left of the goods, on top of other offers: a percentage or one amount. Exactly one of the two."""

    off_basis_points: BasisPoints | None = None
    off_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None


Form = (
    Percent
    | Amount
    | FixedPrice
    | NForM
    | CheapestFree
    | SecondOff
    | AnyForPrice
    | Bundle
    | Gift
    | GiftFrom
    | Threshold
    | Every
    | Extra
)
BasketForm = GiftFrom | Threshold | Every | Extra
"""The forms that work on what the item offers left."""

EachForm = Percent | Amount | FixedPrice
"""The forms that each piece takes by itself."""


class Group(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """Offers that belong together: whether only one of them is given, and where they stand in the order."""

    id: Identity
    exclusive: bool = False
    """At most one offer of the group is given in a basket: the one that is best for the shopper."""

    order: Annotated[int, Meta(ge=0, le=9999)] = 100
    """Basket offers work in this order, the lower first."""


class Offer(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """One promotion."""

    id: Identity
    name: Text
    """In the shop's own language."""

    form: Form
    name_en: str = ""
    goods: Goods = Goods()
    when: When = When()
    who: Who = Who()
    limit: Limit = Limit()
    group: str = ""
    order: Annotated[int, Meta(ge=0, le=9999)] = 100
    """Within its group."""

    stackable: bool = True
    """False: goods that take it take no basket offer; as a basket offer it takes only goods that no other touched."""

    @property
    def is_basket_offer(self) -> bool:
        """Whether it works on what the item offers left."""
        return isinstance(self.form, BasketForm)


class RulesDocument(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A whole rules file."""

    offer: tuple[Offer, ...] = ()
    group: tuple[Group, ...] = ()
    excluded: Goods | None = None
    """Goods that no offer touches, such as tobacco."""

    time_zone: str = "Asia/Shanghai"
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "CNY"
