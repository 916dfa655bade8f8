"""Coupon checks: what this till took into a basket unasked must still be good when the basket goes on or is paid.

A basket may lie aside for days. What headquarters reserved is its own word; a signature and a share have an end, which
the till itself has to look at.
"""

from app.checkout.counter import Counter
from app.checkout.coupon_ways import by_signature
from app.checkout.couponing import take_out
from app.checkout.state import TillState, require_basket
from app.checkout.views import Severity, Sound
from app.members.coupon_problems import CouponRefused, QuotaUsedUp
from app.members.coupons import Proof
from app.members.entitlements import EntitlementTerms
from app.members.ports import CouponLease
from app.members.signed_codes import Signed, read
from app.sales.shopper import BasketCoupon, CouponHold
from app.values.wording import Wording, wording


def checked_again(counter: Counter, state: TillState) -> TillState:
    """Return the state without the coupons that were taken unasked and are good no more, with a word; else the same.

    Raises:
        StoreProblem: the till's own sales or shares cannot be read.
    """
    if state.basket is None or counter.members.terms is None:
        return state
    for coupon in state.basket.coupons:
        why = _why_out(counter, state, coupon)
        if why is not None:
            sentence = wording("{coupon} was taken out: {why}", coupon=coupon.name, why=why)
            state = take_out(state, require_basket(state), coupon)
            state = state.saying(Severity.WARNING, sentence, Sound.ATTENTION, "COUPON-OUT")
    return state


def signature_of(state: TillState, coupon: BasketCoupon) -> Signed[EntitlementTerms] | None:
    """Return the signature by which a coupon in a basket can be taken; None where the till has none."""
    if coupon.signed_text:
        return read(EntitlementTerms, coupon.signed_text)
    offers = (*state.brought, *state.coupons_at_hand)
    return next((one.signed for one in offers if one.coupon_id == coupon.coupon_id and one.signed is not None), None)


def _why_out(counter: Counter, state: TillState, coupon: BasketCoupon) -> Wording | None:
    if coupon.hold is not CouponHold.HERE:
        return None
    try:
        if coupon.proof is Proof.LEASED:
            _require_share(counter, coupon)
            return None
        signed = signature_of(state, coupon)
        if signed is not None:
            by_signature(counter, state, signed, state.member_id, asked=coupon)
    except CouponRefused as problem:
        return problem.sentence
    return None


def _require_share(counter: Counter, coupon: BasketCoupon) -> CouponLease:
    share = next((one for one in counter.store.coupon_leases() if one.lease.lease_id == coupon.lease_id), None)
    now = counter.now()
    if share is None or now >= share.lease.usable_until:
        raise QuotaUsedUp
    share.form.require_good(counter.settings.store_number, now)
    return share
