"""What a coupon promises, where and when it is good, and which campaign it belongs to."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import accumulate
from typing import Final

from app.members.coupon_problems import BadCoupon, Expired, NotYetValid, OtherShop
from app.values.rounding import divide_half_up
from app.values.wording import LocalizedText, wording

_WHOLE_BASIS_POINTS: Final = 100_00
_ARM_TAG: Final = b"guitai/arm/1\x00"


class BenefitKind(Enum):
    """What a coupon gives."""

    AMOUNT = "amount"
    """An amount off."""

    PERCENT = "percent"
    """A part off, up to a cap where there is one."""

    GIFT = "gift"
    """A product on top, for nothing."""

    FREE_DELIVERY = "free_delivery"
    PRODUCT = "product"
    """A product at the coupon's price, which may be nothing."""


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a coupon gives; a value that contradicts itself cannot be made.

    Raises:
        BadCoupon: if it gives nothing, pays the shopper, or lacks what its kind needs.
    """

    kind: BenefitKind
    minor: int = 0
    """Of AMOUNT: what is taken off; of PRODUCT: what each unit costs."""

    basis_points: int = 0
    """Of PERCENT: hundredths of a percent taken off; 2000 is 20 percent off (八折)."""

    product_id: str = ""
    """Of GIFT and PRODUCT."""

    quantity_thousandths: int = 0
    """Of GIFT and PRODUCT: how much of it at most; a piece is 1000."""

    least_minor: int = 0
    """What the goods it counts on must cost before it is good."""

    most_minor: int = 0
    """Of PERCENT: the most that is taken off; 0: no cap."""

    def __post_init__(self) -> None:
        kind = self.kind
        of_goods = kind in {BenefitKind.GIFT, BenefitKind.PRODUCT}
        fits = (
            (self.minor > 0 if kind is BenefitKind.AMOUNT else self.minor == 0 or kind is BenefitKind.PRODUCT),
            (0 < self.basis_points <= _WHOLE_BASIS_POINTS if kind is BenefitKind.PERCENT else not self.basis_points),
            bool(self.product_id) == of_goods and (self.quantity_thousandths > 0) == of_goods,
            not self.most_minor or kind is BenefitKind.PERCENT,
            min(self.minor, self.least_minor, self.most_minor, self.quantity_thousandths) >= 0,
        )
        if not all(fits):
            raise BadCoupon(wording("A coupon of the kind {kind} has figures that do not fit it.", kind=kind.value))
        if kind is BenefitKind.AMOUNT and 0 < self.least_minor < self.minor:
            raise BadCoupon(wording("A coupon must not be worth more than the purchase it needs."))

    def takes_off(self, cost_minor: int) -> int:
        """Return what AMOUNT or PERCENT takes off goods, never more than they cost; 0 for other kinds.

        >>> Benefit(BenefitKind.PERCENT, basis_points=1250, most_minor=500).takes_off(2000)
        250
        """
        if cost_minor < max(self.least_minor, 1):
            return 0
        if self.kind is BenefitKind.AMOUNT:
            return min(self.minor, cost_minor)
        if self.kind is BenefitKind.PERCENT:
            off = divide_half_up(cost_minor * self.basis_points, _WHOLE_BASIS_POINTS)
            return min(off, self.most_minor) if self.most_minor else off
        return 0


class ReturnRule(Enum):
    """What becomes of a use when everything that it took off has come back with returns."""

    GIVE_BACK = "give_back"
    """The coupon can be used again."""

    VOID = "void"
    """The use stays spent."""


@dataclass(frozen=True, slots=True)
class CouponForm:
    """One kind of coupon as headquarters describes it: all coupons of a form promise the same."""

    form_id: str
    name: LocalizedText
    benefit: Benefit
    valid_from: datetime
    valid_until: datetime
    """The first instant it is no longer good."""

    merchant_id: str = ""
    stores: tuple[int, ...] = ()
    """Store numbers; none: all of the merchant's."""

    campaign_id: str = ""
    arm: str = ""
    """Which form of the campaign's A/B comparison this is."""

    uses: int = 1
    """How often one coupon can be used."""

    per_member: int = 0
    """How many uses of this form a member has, over all their coupons; 0: no limit."""

    stackable: bool = False
    """Whether it goes together with other coupons."""

    must_be_claimed: bool = True
    """Whether it belongs to a member before it can be used."""

    on_return: ReturnRule = ReturnRule.GIVE_BACK
    grace_days: int = 7
    """A use that comes back can be used for this long at least."""

    promotion_id: str = ""
    """The promotion that the coupon sets off, where the shop's rules say what it does; empty: the benefit alone."""

    def __post_init__(self) -> None:
        if self.valid_until <= self.valid_from:
            raise BadCoupon(wording("A coupon must end after it begins."))
        if self.uses < 1 or self.per_member < 0 or self.grace_days < 0:
            raise BadCoupon(wording("A coupon must have one use or more, and no limit below zero."))

    def require_good(self, store_number: int, at: datetime) -> None:
        """Return where the form is good in a store at an instant.

        Raises:
            OtherShop, NotYetValid, Expired: where it is not.
        """
        if self.stores and store_number not in self.stores:
            raise OtherShop
        require_time(self.valid_from, self.valid_until, at)


def require_time(valid_from: datetime, valid_until: datetime, at: datetime) -> None:
    """Return where an instant lies within a span, its end not included.

    Raises:
        NotYetValid, Expired: where it does not.
    """
    if at < valid_from:
        raise NotYetValid(valid_from.date().isoformat())
    if at >= valid_until:
        raise Expired(valid_until.date().isoformat())


def may_stack(forms: Sequence[CouponForm]) -> bool:
    """Tell whether coupons can be used in one sale: one of any kind, or several that are all stackable."""
    return len(forms) <= 1 or all(form.stackable for form in forms)


class Proof(Enum):
    """By what right a till took a coupon."""

    ONLINE = "online"
    """Headquarters reserved it."""

    LEASED = "leased"
    """Out of the till's share of a quota."""

    SIGNED = "signed"
    """By the signature, without asking."""


@dataclass(frozen=True, slots=True)
class CouponUse:
    """What a completed sale keeps of a coupon: enough for a return and for comparing the arms of a campaign."""

    redemption_id: str
    """Given before anything is asked; names this use for ever."""

    coupon_id: str
    form_id: str
    campaign_id: str
    arm: str
    proof: Proof
    cost_minor: int
    """What it took off the sale; what it costs the shop if it turns out that it should not have."""

    on_return: ReturnRule
    lease_id: str = ""
    """Of LEASED: out of which share."""


@dataclass(frozen=True, slots=True)
class LetGo:
    """A use that was asked for and will not be made."""

    redemption_id: str
    coupon_id: str


def outcome_of_return(use: CouponUse, returned_minor: int, *, whole_sale: bool) -> ReturnRule | None:
    """Return what becomes of a use after a return; None while part of what it gave stays with the shopper.

    Args:
        use: as the sale keeps it.
        returned_minor: its discount shares on everything returned so far, this return included.
        whole_sale: whether nothing of the sale is left; decides for a coupon that took nothing off, as a delivery.

    Raises:
        ValueError: if more of it came back than it had taken off.
    """
    if not 0 <= returned_minor <= use.cost_minor:
        raise ValueError("a return brings back at most what the coupon took off")
    if whole_sale or (use.cost_minor and returned_minor == use.cost_minor):
        return use.on_return
    return None


@dataclass(frozen=True, slots=True)
class Arm:
    """One form of a campaign's comparison."""

    arm: str
    weight: int


def arm_of(campaign_id: str, member_id: str, arms: Sequence[Arm]) -> str:
    """Return a member's arm of a campaign: by weight, evenly spread, the same for ever and everywhere.

    Raises:
        ValueError: if no arm has a weight.
    """
    weight = sum(arm.weight for arm in arms)
    if weight <= 0 or any(arm.weight < 0 for arm in arms):
        raise ValueError("a campaign has an arm with a weight")
    digest = hashlib.sha256(_ARM_TAG + campaign_id.encode() + b"\x00" + member_id.encode()).digest()
    place = int.from_bytes(digest, "big") % weight
    ends = accumulate(arm.weight for arm in arms)
    return next(arm.arm for arm, end in zip(arms, ends, strict=True) if place < end)


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """What came of one arm."""

    campaign_id: str
    arm: str
    redeemed: int
    cost_minor: int


def figures_by_arm(uses: Iterable[CouponUse]) -> tuple[ArmFigures, ...]:
    """Compare the arms of campaigns by the uses that sales kept; each redemption counts once."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for use in uses:
        found.setdefault((use.campaign_id, use.arm), {})[use.redemption_id] = use.cost_minor
    return tuple(
        ArmFigures(campaign, arm, len(costs), sum(costs.values())) for (campaign, arm), costs in sorted(found.items())
    )
