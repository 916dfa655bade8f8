"""What a basket knows of its shopper: the member it was named for, and the coupons that count in it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from app.members.coupons import Benefit, CouponUse, Proof, ReturnRule
from app.values.rounding import split_by_largest_remainder
from app.values.wording import LocalizedText


@dataclass(frozen=True, slots=True)
class BasketMember:
    """The member a basket was named for, as much of it as the sale needs; nothing here is computed again later."""

    member_id: str
    masked_name: str = field(default="", repr=False)
    masked_phone: str = field(default="", repr=False)
    tier_id: str = ""
    """The tier that held when the basket was opened (`app.members.tiers`)."""

    tier_name: LocalizedText = field(default_factory=lambda: LocalizedText(""))
    points: int = 0
    points_owed: int = 0
    value_minor: int = 0
    birthday: tuple[int, int] | None = field(default=None, repr=False)
    """Month and day, as offers want them."""

    first_purchase: bool = False
    used_offers: tuple[tuple[str, int], ...] = ()
    """How often promotions with a limit for each member were used before."""

    blocked: bool = False
    """Whether headquarters keeps the member from spending and from member offers."""

    as_of: datetime | None = None
    """How old the figures are; None: headquarters answered while this basket was open."""

    @property
    def label(self) -> str:
        """The member as a person may read it: masked name, or the masked number."""
        return self.masked_name or self.masked_phone

    def without_names(self) -> "BasketMember":
        """Return what may stay of a member whom the till does not, or must not, know by name any more."""
        return replace(self, masked_name="", masked_phone="", birthday=None)


class CouponHold(Enum):
    """How sure it is that a coupon in the basket can be used."""

    ASKED = "asked"
    """Headquarters was asked to set it aside; payment waits for its answer."""

    RESERVED = "reserved"
    HERE = "here"
    """Taken without asking: by its signature, or out of the till's own share."""


@dataclass(frozen=True, slots=True)
class BasketCoupon:
    """A coupon that counts in a basket."""

    redemption_id: str
    """Given by the till before anybody is asked; names this use for ever."""

    coupon_id: str
    form_id: str
    name: LocalizedText
    benefit: Benefit
    proof: Proof
    hold: CouponHold
    on_return: ReturnRule
    promotion_id: str = ""
    """The key that sets off the shop's promotions; empty: the benefit alone."""

    campaign_id: str = ""
    arm: str = ""
    lease_id: str = ""
    stackable: bool = False
    signed_text: str = field(default="", repr=False)
    """The code that headquarters signed, kept while the till may have to go by it; empty where it cannot."""

    def use(self, cost_minor: int) -> CouponUse:
        """Return what the sale keeps of it; `cost_minor` is what it took off."""
        return CouponUse(
            self.redemption_id,
            self.coupon_id,
            self.form_id,
            self.campaign_id,
            self.arm,
            self.proof,
            cost_minor,
            self.on_return,
            self.lease_id,
        )


@dataclass(frozen=True, slots=True)
class BasketOffer:
    """A promotion that a basket was given."""

    offer_id: str
    name: LocalizedText
    times: int
    """Pieces for percent, amount and price; times for every other form."""

    saving_minor: int
    redemption_ids: tuple[str, ...] = ()
    """The coupons it uses up."""

    on_basket: bool = False
    """Whether it works on what the basket comes to, not on the goods themselves."""


@dataclass(frozen=True, slots=True)
class BasketDeal:
    """The best deal as it was worked out: stored with the basket, so that what is shown is what is charged."""

    rules_version: str
    """Version of the rules, with the benefits of the basket's own coupons in it."""

    effort: str
    """How hard was looked: `greedy`, `improved` or `exact`."""

    offers: tuple[BasketOffer, ...] = ()
    """In the order in which they take their share of a line."""

    shares: tuple[tuple[int, str, int], ...] = ()
    """Line id, offer id and what it takes off that line."""

    @property
    def saving_minor(self) -> int:
        """What all offers take off."""
        return sum(offer.saving_minor for offer in self.offers)

    def coupon_costs(self) -> dict[str, int]:
        """Return what each coupon that is used takes off, by its redemption: its offers' savings, shared evenly."""
        costs: dict[str, int] = {}
        for offer in self.offers:
            used = offer.redemption_ids
            parts = split_by_largest_remainder(offer.saving_minor, [1] * len(used)) if used else ()
            for redemption_id, part in zip(used, parts, strict=True):
                costs[redemption_id] = costs.get(redemption_id, 0) + part
        return costs
