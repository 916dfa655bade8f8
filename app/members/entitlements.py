"""Entitlements: coupons that headquarters signed, checked at a till while headquarters is away.

The order of the checks is the order of what the shopper should hear first: whether the code is whole, whose it is,
whether it was changed, whether it is for here, for now, for this person, and whether it was used. The till's own count
of uses is all that it can know offline: two tills may each take a code of one use. Headquarters keeps the first that
arrives and lists the other as an exception with its cost (`app.members.coupon_life`); `per_till` and `tills` say how
far that can go.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Protocol

from app.members.coupon_problems import (
    MemberLimitReached,
    OtherMember,
    OtherShop,
    TillLimitReached,
    Unreadable,
    UsedAlready,
)
from app.members.coupons import Benefit, BenefitKind, CouponForm, CouponUse, Proof, ReturnRule, require_time
from app.members.signed_codes import IssuerKeys, Signed, Terms, read, seconds

_KINDS = tuple(BenefitKind)
_KIND_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
"""Appended to, never sorted anew: the numbers stand in printed codes."""


class EntitlementTerms(Terms, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a signed coupon says. Instants are seconds since 1970-01-01 UTC, amounts minor units."""

    PURPOSE: ClassVar[str] = "entitlement"
    PREFIX: ClassVar[str] = "GC1"

    coupon_id: str
    form_id: str
    benefit: int
    """0 amount, 1 percent, 2 gift, 3 free delivery, 4 product."""

    value: int
    """Minor units of an amount or a product's price; basis points of a percent."""

    valid_from: int
    valid_until: int
    member_id: str = ""
    """Whose it is; empty: whoever brings it."""

    least_minor: int = 0
    campaign_id: str = ""
    arm: str = ""
    stores: tuple[int, ...] = ()
    product_id: str = ""
    quantity_thousandths: int = 0
    uses: int = 1
    per_till: int = 1
    most_minor: int = 0
    per_member: int = 0
    """Uses of the form by one member that this till may see; 0: no limit."""

    stackable: bool = False
    void_on_return: bool = False
    tills: tuple[str, ...] = ()
    """The only tills that may take it unasked; none: every till of the stores."""

    promotion_id: str = ""


def entitlement_of(form: CouponForm, coupon_id: str, issued_at: datetime, member_id: str = "") -> EntitlementTerms:
    """Return the terms of one coupon of a form; limits of tills are set with `msgspec.structs.replace`."""
    benefit = form.benefit
    is_percent = benefit.kind is BenefitKind.PERCENT
    return EntitlementTerms(
        merchant_id=form.merchant_id,
        issued_at=seconds(issued_at),
        coupon_id=coupon_id,
        form_id=form.form_id,
        benefit=_KIND_NUMBERS[benefit.kind],
        value=benefit.basis_points if is_percent else benefit.minor,
        valid_from=seconds(form.valid_from),
        valid_until=seconds(form.valid_until),
        least_minor=benefit.least_minor,
        most_minor=benefit.most_minor,
        product_id=benefit.product_id,
        quantity_thousandths=benefit.quantity_thousandths,
        member_id=member_id,
        campaign_id=form.campaign_id,
        arm=form.arm,
        uses=form.uses,
        per_till=form.uses,
        per_member=form.per_member,
        stores=form.stores,
        stackable=form.stackable,
        void_on_return=form.on_return is ReturnRule.VOID,
        promotion_id=form.promotion_id,
    )


def benefit_of(terms: EntitlementTerms) -> Benefit:
    """Return what a signed coupon gives.

    Raises:
        BadCoupon: if its figures contradict each other: it was signed so, and is refused all the same.
        Unreadable: if it is of a kind that this till is too old for.
    """
    if not 0 <= terms.benefit < len(_KINDS):
        raise Unreadable
    kind = _KINDS[terms.benefit]
    is_percent = kind is BenefitKind.PERCENT
    return Benefit(
        kind,
        minor=0 if is_percent else terms.value,
        basis_points=terms.value if is_percent else 0,
        product_id=terms.product_id,
        quantity_thousandths=terms.quantity_thousandths,
        least_minor=terms.least_minor,
        most_minor=terms.most_minor,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code is shown."""

    merchant_id: str
    store_number: int
    till_id: str


class UsesSeen(Protocol):
    """What the till itself knows of uses: its own sales and the open baskets', and what headquarters told it."""

    def of_coupon(self, coupon_id: str) -> int:
        """Return how many uses of a coupon are known, wherever they were made; those that came back are not counted."""

    def of_coupon_here(self, coupon_id: str) -> int:
        """Return how many of them this till made."""

    def of_form_by(self, form_id: str, member_id: str) -> int:
        """Return how many uses of a form by a member are known."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A signed coupon that can be put into the basket."""

    terms: EntitlementTerms
    benefit: Benefit

    def use(self, redemption_id: str, cost_minor: int) -> CouponUse:
        """Return what the sale keeps of it."""
        terms = self.terms
        return CouponUse(
            redemption_id,
            terms.coupon_id,
            terms.form_id,
            terms.campaign_id,
            terms.arm,
            Proof.SIGNED,
            cost_minor,
            ReturnRule.VOID if terms.void_on_return else ReturnRule.GIVE_BACK,
        )


@dataclass(frozen=True, slots=True)
class Presented:
    """A code as it is shown at a till."""

    text: str
    at: datetime
    member_id: str = ""
    """Who is named in the sale; empty where nobody is."""


def check_offline(presented: Presented, keys: IssuerKeys, place: Place, seen: UsesSeen) -> Accepted:
    """Check a signed coupon without asking anybody; changes nothing.

    Raises:
        CouponRefused: one leaf for each thing that can be wrong, in the order of the module's description.
    """
    signed = read(EntitlementTerms, presented.text)
    return check_signed(signed, presented, keys, place, seen)


def check_signed(
    signed: Signed[EntitlementTerms], presented: Presented, keys: IssuerKeys, place: Place, seen: UsesSeen
) -> Accepted:
    """Check a signed coupon that came by another way than a code, such as with a member's account.

    Raises:
        CouponRefused: as `check_offline`.
    """
    signed.verify(keys)
    terms = signed.terms
    elsewhere = terms.merchant_id != place.merchant_id or (terms.stores and place.store_number not in terms.stores)
    if elsewhere or (terms.tills and place.till_id not in terms.tills):
        raise OtherShop
    try:
        valid_from, valid_until = (datetime.fromtimestamp(end, UTC) for end in (terms.valid_from, terms.valid_until))
    except (OverflowError, ValueError, OSError):
        raise Unreadable from None
    require_time(valid_from, valid_until, presented.at)
    if terms.member_id and terms.member_id != presented.member_id:
        raise OtherMember
    if seen.of_coupon(terms.coupon_id) >= terms.uses:
        raise UsedAlready
    if seen.of_coupon_here(terms.coupon_id) >= terms.per_till:
        raise TillLimitReached
    member_id = presented.member_id
    if terms.per_member and member_id and seen.of_form_by(terms.form_id, member_id) >= terms.per_member:
        raise MemberLimitReached
    return Accepted(terms, benefit_of(terms))
