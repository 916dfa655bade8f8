"""What a screen is shown of the member, the coupons and the deal: frozen, complete, masked."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from app.values.wording import LocalizedText, Wording


@dataclass(frozen=True, slots=True)
class HintView:
    """An offer with a sentence: what it gave, what is missing, or why it was not given."""

    offer_id: str
    name: LocalizedText
    sentence: Wording
    saving_minor: int = 0
    """Of what was given; 0 otherwise."""


class CouponStanding(Enum):
    """How a coupon stands in this basket."""

    OFFERED = "offered"
    """The member has it, and it would save something here, beside those in the basket or, as `reason` says, instead."""

    ASKED = "asked"
    USED = "used"
    """It counts, and takes something off."""

    IDLE = "idle"
    """It is in the basket and takes nothing off: it stays unused."""

    UNFIT = "unfit"
    """Nothing here goes with it, it is not good here or now, or headquarters refused it."""


@dataclass(frozen=True, slots=True)
class CouponView:
    """One coupon of the member's, or in the basket, as a tile."""

    coupon_id: str
    name: LocalizedText
    standing: CouponStanding
    saving_minor: int = 0
    """What it takes off, or would take off by itself."""

    ends_on: date | None = None
    """The last day it is good, in the store's time."""

    reason: Wording | None = None
    """Why it is unfit or idle, what is being waited for, or what it would be used instead of."""

    best: bool = False
    """Whether it is one of those by which the shopper saves most."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """The member the basket is for."""

    masked_name: str = field(repr=False)
    masked_phone: str = field(repr=False)
    tier_name: LocalizedText = field(default_factory=lambda: LocalizedText(""))
    points: int = 0
    points_owed: int = 0
    points_worth_minor: int = 0
    """What the points would pay; 0 where points do not pay here."""

    points_expiring: tuple[tuple[date, int], ...] = ()
    value_minor: int = 0
    earns: int = 0
    """Points that this basket would earn."""

    birthday: bool = False
    """Whether the birthday's factor counts today."""

    to_next_tier: tuple[LocalizedText, int] | None = None
    """The tier above, and what is missing to it in minor units."""

    as_of: datetime | None = None
    """How old the figures are; None: of this moment."""

    blocked: bool = False


@dataclass(frozen=True, slots=True)
class ShopperView:
    """What is known of the shopper, and what they could still have."""

    member: MemberView | None = None
    looking: bool = False
    """Whether headquarters is being asked who somebody is."""

    coupons: tuple[CouponView, ...] = ()
    best_saving_minor: int = 0
    """What `UseBestCoupons` would save more than now; 0: nothing."""

    almost: tuple[HintView, ...] = ()
    """What would be given with a little more, the nearest first."""

    can_enrol: bool = False
    """Whether members are set up at this till."""

    enrol_phone: str = field(default="", repr=False)
    """The number that was asked for and is nobody's: a shopper who can become a member."""

    notice: LocalizedText = field(default_factory=lambda: LocalizedText(""))
    """What a new member agrees to; there where somebody can be enrolled."""


@dataclass(frozen=True, slots=True)
class DealView:
    """The whole explanation, where it was asked for."""

    given: tuple[HintView, ...]
    almost: tuple[HintView, ...]
    not_given: tuple[HintView, ...]
    proven: bool
    """Whether nothing can save the shopper more."""
