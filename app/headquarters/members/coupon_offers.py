"""Which coupons can be used now, what a scanned code is, and the signed copies for when headquarters is away."""

from dataclasses import replace
from datetime import timedelta

import msgspec

from app.headquarters.members.coupon_rows import (
    KeptCoupon,
    coupon_of,
    coupons_of_member,
    form_of,
    uses_at_till,
    uses_of_form,
)
from app.headquarters.members.ledgers import standing_of
from app.headquarters.members.quota_rows import KeptQuota, quota_of
from app.headquarters.members.work import Work
from app.members.coupon_problems import (
    CouponRefused,
    MemberLimitReached,
    NotClaimed,
    OtherMember,
    OtherShop,
    Unreadable,
    UsedAlready,
)
from app.members.coupons import BenefitKind, CouponForm, Proof
from app.members.entitlements import EntitlementTerms, entitlement_of
from app.members.identity import Standing
from app.members.ports import CouponOffer, CouponsFound, Reach
from app.members.signed_codes import Signed, read, seconds, sign

MOST_OFFERED = 60
"""A till shows a handful; a member with more sees those that end soonest."""


def usable_coupons(work: Work, member_id: str) -> tuple[CouponOffer, ...]:
    """Return the coupons that a member can use now where the asking till stands, those that end soonest first."""
    offers = []
    for kept in coupons_of_member(work, member_id):
        if kept.form is not None and why_not(work, kept, member_id) is None:
            offers.append(_offer(kept, kept.form, _copy(work, kept, kept.form, member_id)))
        if len(offers) == MOST_OFFERED:
            break
    return tuple(offers)


def of_code(work: Work, text: str, member_id: str) -> CouponsFound:
    """Say what coupon a code is: a limited code, a signed coupon, or a coupon's own number."""
    quota = quota_of(work, text)
    form = form_of(work, quota.form_id) if quota is not None else None
    try:
        if quota is not None and form is not None:
            refusal = why_not_of_code(work, quota, form, member_id)
            offer = CouponOffer(quota.code, form, Proof.ONLINE)
        else:
            signed = _read_own(work, text)
            kept = coupon_of(work, signed.terms.coupon_id if signed is not None else text)
            if kept is None or kept.form is None:
                return CouponsFound(Reach.NOT_FOUND)
            refusal = why_not(work, kept, member_id)
            offer = _offer(kept, kept.form, signed)
    except CouponRefused as refused:
        refusal = refused
    if refusal is not None:
        return CouponsFound(Reach.REFUSED, refusal=refusal.sentence)
    return CouponsFound(Reach.ANSWERED, (offer,))


def why_not(work: Work, kept: KeptCoupon, member_id: str) -> CouponRefused | None:
    """Return what keeps a member from using a coupon here and now; None where nothing does."""
    if kept.form is None:
        return Unreadable()
    elsewhere = _elsewhere(work, kept.form)
    refusal = elsewhere or kept.life.why_not(member_id, work.now)
    return refusal or _why_not_member(work, kept.form, member_id)


def why_not_of_code(work: Work, quota: KeptQuota, form: CouponForm, member_id: str) -> CouponRefused | None:
    """Return what keeps a limited code from being used here and now; None where nothing does."""
    try:
        form.require_good(work.asker.store_number if work.asker else _any_store(form), work.now)
    except CouponRefused as refusal:
        return refusal
    if form.must_be_claimed and not member_id:
        return NotClaimed()
    return _why_not_member(work, form, member_id) or (UsedAlready() if quota.free <= 0 else None)


def _why_not_member(work: Work, form: CouponForm, member_id: str) -> CouponRefused | None:
    if not member_id:
        return None
    if standing_of(work, member_id) in {Standing.BLOCKED, Standing.ERASED}:
        return OtherMember()
    if form.per_member and uses_of_form(work, form.form_id, member_id) >= form.per_member:
        return MemberLimitReached()
    return None


def _elsewhere(work: Work, form: CouponForm) -> CouponRefused | None:
    if work.asker is not None and form.stores and work.asker.store_number not in form.stores:
        return OtherShop()
    return None


def _any_store(form: CouponForm) -> int:
    return form.stores[0] if form.stores else 0


def _read_own(work: Work, text: str) -> Signed[EntitlementTerms] | None:
    """Read a signed coupon of this shop; None of a text that is no signed coupon at all.

    Raises:
        CouponRefused: if it is not whole, not of this shop, or changed.
    """
    if not text.strip().upper().startswith(EntitlementTerms.PREFIX):
        return None
    signed = read(EntitlementTerms, text)
    signed.verify(work.terms.keys())
    if signed.terms.merchant_id != work.terms.merchant_id:
        raise OtherShop
    return signed


def _offer(kept: KeptCoupon, form: CouponForm, signed: Signed[EntitlementTerms] | None) -> CouponOffer:
    # A use that came back may have moved this coupon's own end.
    own = replace(form, valid_from=kept.life.valid_from, valid_until=kept.life.valid_until)
    return CouponOffer(kept.life.coupon_id, own, Proof.ONLINE, signed=signed)


def _copy(work: Work, kept: KeptCoupon, form: CouponForm, member_id: str) -> Signed[EntitlementTerms] | None:
    """Sign a copy for the asking till, see `CopyRule` for the risk; None where the rule forbids it."""
    issuer, asker, rule = work.terms.issuer, work.asker, work.terms.copies
    if issuer is None or asker is None or rule.good_for <= timedelta(0) or kept.life.claimed_by != member_id:
        return None
    if not _is_cheap(form, rule.most_minor):
        return None
    terms = entitlement_of(form, kept.life.coupon_id, work.now, member_id)
    copy = msgspec.structs.replace(
        terms,
        valid_from=seconds(kept.life.valid_from),
        valid_until=seconds(min(kept.life.valid_until, work.now + rule.good_for)),
        tills=(asker.till_id,),
        per_till=uses_at_till(work, kept.life.coupon_id, asker.till_id) + 1,
    )
    return sign(copy, issuer.key_id, issuer.signer)


def _is_cheap(form: CouponForm, most_minor: int) -> bool:
    benefit = form.benefit
    if benefit.kind is BenefitKind.AMOUNT:
        return benefit.minor <= most_minor
    if benefit.kind is BenefitKind.PERCENT:
        return 0 < benefit.most_minor <= most_minor
    # A gift, a delivery, a product at its price: one piece at a time, which the shop chose to give.
    return benefit.quantity_thousandths <= 1000
