"""Coupon ways: by what right this till can take a coupon now, and what keeps it from it.

| the coupon                                      | headquarters answers          | headquarters is away    |
|-------------------------------------------------|-------------------------------|-------------------------|
| a member's, kept at headquarters                | reserved there                | by its signature, if any |
| a signed code that was scanned                  | reserved there                | by its signature        |
| one that headquarters gave out by signature only | by its signature             | by its signature        |
| out of a share that this till has of a quota    | out of the share, unasked     | out of the share        |
| any other                                       | headquarters says what it is  | not taken               |

Where headquarters was asked and did not answer, it is as if it were away: a signature counts, and anything else leaves
the basket with a word. A till that takes a coupon by its signature counts the uses that it knows of: those in its sales
and those in its open baskets, put aside or not.
"""

from collections import Counter as Tally
from collections.abc import Iterable
from dataclasses import dataclass

from app.checkout.counter import Counter
from app.checkout.member_ports import MemberTerms
from app.checkout.state import CheckoutRefused, TillState
from app.members.coupon_problems import CouponRefused, MemberLimitReached, NotClaimed, QuotaUsedUp
from app.members.coupons import BenefitKind, Proof
from app.members.entitlements import EntitlementTerms, Place, Presented, UsesSeen, check_signed
from app.members.ports import CouponLease, CouponOffer
from app.members.signed_codes import Signed
from app.sales.basket import Basket
from app.sales.shopper import BasketCoupon, CouponHold
from app.values.wording import Wording, wording


@dataclass(frozen=True, slots=True)
class CouponWay:
    """By what right a coupon is taken."""

    hold: CouponHold
    proof: Proof


class NothingSeen:
    """`UsesSeen` where headquarters counts the uses itself."""

    def of_coupon(self, coupon_id: str) -> int:  # noqa: ARG002 - the port's
        """See `UsesSeen`."""
        return 0

    def of_coupon_here(self, coupon_id: str) -> int:  # noqa: ARG002 - the port's
        """See `UsesSeen`."""
        return 0

    def of_form_by(self, form_id: str, member_id: str) -> int:  # noqa: ARG002 - the port's
        """See `UsesSeen`."""
        return 0


class _SeenHere:
    """What the till's sales and its open baskets know of uses."""

    def __init__(self, sold: UsesSeen, baskets: Iterable[Basket], apart_from: BasketCoupon | None = None) -> None:
        self._sold = sold
        inside = [
            (basket.member, coupon) for basket in baskets for coupon in basket.coupons if coupon is not apart_from
        ]
        self._coupons = Tally(coupon.coupon_id for _, coupon in inside)
        self._forms = Tally((coupon.form_id, member.member_id) for member, coupon in inside if member is not None)

    def of_coupon(self, coupon_id: str) -> int:
        return self._sold.of_coupon(coupon_id) + self._coupons[coupon_id]

    def of_coupon_here(self, coupon_id: str) -> int:
        return self._sold.of_coupon_here(coupon_id) + self._coupons[coupon_id]

    def of_form_by(self, form_id: str, member_id: str) -> int:
        return self._sold.of_form_by(form_id, member_id) + self._forms[form_id, member_id]


def require_terms(counter: Counter) -> MemberTerms:
    """Return what the shop decided about members.

    Raises:
        CheckoutRefused: it has none.
    """
    terms = counter.members.terms
    if terms is None:
        raise CheckoutRefused(wording("Members are not set up at this till. Sell without."))
    return terms


def hindrance(counter: Counter, offer: CouponOffer) -> Wording | None:
    """Return what keeps a coupon out of any basket here and now, as far as that is known without looking anything up.

    None where nothing does.
    """
    if offer.form.benefit.kind is BenefitKind.FREE_DELIVERY:
        return wording("There is nothing to deliver at a till. The shopper keeps {coupon}.", coupon=offer.form.name)
    try:
        offer.form.require_good(counter.settings.store_number, counter.now())
    except CouponRefused as problem:
        return problem.sentence
    if offer.proof is not Proof.LEASED and offer.signed is None and counter.members.away() is not None:
        return wording(
            "{coupon} must be asked for at headquarters, which cannot be reached now. Sell without it.",
            coupon=offer.form.name,
        )
    return None


def way_of(counter: Counter, state: TillState, offer: CouponOffer) -> CouponWay:
    """Return by what right a coupon can be taken now, see the module.

    Raises:
        CouponRefused: it cannot; the sentence says what to do.
        StoreProblem: the till's own sales cannot be read.
    """
    hindered = hindrance(counter, offer)
    if hindered is not None:
        raise CouponRefused(hindered)
    if offer.proof is Proof.LEASED:
        return _out_of_share(counter, state, offer)
    only_signed = offer.proof is Proof.SIGNED or counter.members.away() is not None
    if offer.signed is not None and only_signed:
        return by_signature(counter, state, offer.signed, state.member_id)
    return CouponWay(CouponHold.ASKED, Proof.ONLINE)


def by_signature(
    counter: Counter,
    state: TillState,
    signed: Signed[EntitlementTerms],
    member_id: str,
    asked: BasketCoupon | None = None,
) -> CouponWay:
    """Take a coupon by its signature.

    Args:
        counter: the counter.
        state: with every open basket.
        signed: the coupon.
        member_id: who the basket is for; empty where nobody is named.
        asked: the coupon as it stands in a basket already, where headquarters was asked first and did not answer.

    Raises:
        CouponRefused: it is not good, or used up as far as this till knows.
        StoreProblem: the till's own sales cannot be read.
    """
    terms = require_terms(counter)
    seen = _SeenHere(counter.store.uses_seen(), _baskets(state), asked)
    presented = Presented("", counter.now(), member_id)
    check_signed(signed, presented, terms.issuer_keys, _place(counter, terms), seen)
    return CouponWay(CouponHold.HERE, Proof.SIGNED)


def check_code(counter: Counter, state: TillState, signed: Signed[EntitlementTerms]) -> None:
    """Check all of a signed code but its uses, and whether just this till may take it unasked: headquarters may.

    Raises:
        CouponRefused: it is not this shop's, not for here or now, or not for this member.
    """
    terms = require_terms(counter)
    place = _place(counter, terms)
    if signed.terms.tills:
        place = Place(place.merchant_id, place.store_number, signed.terms.tills[0])
    presented = Presented("", counter.now(), state.member_id)
    check_signed(signed, presented, terms.issuer_keys, place, NothingSeen())


def _place(counter: Counter, terms: MemberTerms) -> Place:
    return Place(terms.merchant_id, counter.settings.store_number, counter.settings.till_id)


def _baskets(state: TillState) -> tuple[Basket, ...]:
    return tuple(basket for basket in (state.basket, *state.suspended) if basket is not None)


def _out_of_share(counter: Counter, state: TillState, offer: CouponOffer) -> CouponWay:
    """Take a piece of a share that this till has of a quota: what its sales used and its open baskets hold is gone."""
    share = next((one for one in counter.store.coupon_leases() if one.lease.lease_id == offer.lease_id), None)
    if share is None or counter.now() >= share.lease.usable_until or _left(counter, state, share) <= 0:
        raise QuotaUsedUp
    if offer.form.must_be_claimed and not state.member_id:
        raise NotClaimed
    if offer.form.per_member and state.member_id:
        seen = _SeenHere(counter.store.uses_seen(), _baskets(state))
        if seen.of_form_by(offer.form.form_id, state.member_id) >= offer.form.per_member:
            raise MemberLimitReached
    return CouponWay(CouponHold.HERE, Proof.LEASED)


def _left(counter: Counter, state: TillState, share: CouponLease) -> int:
    lease = share.lease
    held = sum(coupon.lease_id == lease.lease_id for basket in _baskets(state) for coupon in basket.coupons)
    return lease.granted - counter.store.lease_used(lease.lease_id) - held
