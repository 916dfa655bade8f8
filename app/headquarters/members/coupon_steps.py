"""A coupon while a sale goes on and after it: reserved, released, redeemed by a completed sale, come back.

The rules are `app.members.coupon_life` for one coupon and `app.members.quotas` for a limited code. What a completed
sale took is never refused: without a right to it, it becomes an exception with its cost.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from app.headquarters.members import quota_rows
from app.headquarters.members.coupon_offers import why_not, why_not_of_code
from app.headquarters.members.coupon_rows import (
    Origin,
    coupon_of,
    coupon_or_unknown,
    find_redemption,
    form_of,
    uses_of_form,
    write_life,
    write_redemption,
)
from app.headquarters.members.exceptions import close_by_itself, note_exception
from app.headquarters.members.quota_rows import KeptQuota, excerpt, online_lease, quota_of
from app.headquarters.members.records import ExceptionKind
from app.headquarters.members.work import Work
from app.members.coupon_life import CouponLife, Redemption, RedemptionState
from app.members.coupon_problems import (
    CouponRefused,
    MemberLimitReached,
    NotClaimed,
    OtherMember,
    OtherShop,
    UsedAlready,
    Voided,
)
from app.members.coupons import CouponForm, CouponUse, ReturnRule
from app.members.ledger_entries import ReusedMessage
from app.members.ports import CouponAnswer, CouponReach, SaleFacts
from app.members.quotas import UseState
from app.values.wording import wording

UNKNOWN_COUPON: Final = "COUPON-UNKNOWN"
_NOT_KNOWN: Final = wording("Headquarters does not know this coupon. It cannot be taken.")
_LET_GO: Final = wording("This coupon was taken out of the sale again. Put it in once more.")
_ASKED_BEFORE: Final = wording("This number was used for another coupon before. Put the coupon in once more.")
_NOT_NOW: Final = wording("This coupon cannot be used now.")
_REASONS: Final = {
    refusal.code: refusal.sentence
    for refusal in (UsedAlready(), OtherMember(), OtherShop(), NotClaimed(), Voided(), MemberLimitReached())
}
_TAKEN: Final = {RedemptionState.RESERVED, RedemptionState.REDEEMED}


def reserve(work: Work, redemption_id: str, coupon_id: str, member_id: str) -> CouponAnswer:
    """Set a use aside for a basket."""
    known = find_redemption(work, redemption_id)
    if known is not None:
        same = known[0] == coupon_id and known[1].member_id in {member_id, ""}
        if not same:
            return CouponAnswer(CouponReach.REFUSED, _ASKED_BEFORE)
        if known[1].state is not RedemptionState.UNSEEN:
            return _answer(known[1])
    quota = quota_of(work, coupon_id)
    if quota is not None:
        return _reserve_of_code(work, quota, redemption_id, member_id)
    kept = coupon_of(work, coupon_id)
    if kept is None or kept.form is None:
        return CouponAnswer(CouponReach.REFUSED, _NOT_KNOWN)
    origin = _origin(kept.form, work.asker.till_id if work.asker else "")
    refusal = why_not(work, kept, member_id)
    if refusal is None:
        life = kept.life.reserve(redemption_id, member_id, work.now)
        write_life(work, kept.life, life, origin)
        return CouponAnswer(CouponReach.DONE)
    _write_refused(work, redemption_id, coupon_id, member_id, refusal, origin)
    return CouponAnswer(CouponReach.REFUSED, refusal.sentence)


def release(work: Work, redemption_id: str, coupon_id: str) -> CouponAnswer:
    """Let a use go, or keep one that is under way from ever being set aside."""
    known = find_redemption(work, redemption_id)
    if known is not None and known[0] != coupon_id:
        return CouponAnswer(CouponReach.REFUSED, _ASKED_BEFORE)
    quota = quota_of(work, coupon_id)
    if quota is None:
        before = coupon_or_unknown(work, coupon_id).life
        write_life(work, before, before.release(redemption_id), Origin())
        return CouponAnswer(CouponReach.DONE)
    state = known[1].state if known else RedemptionState.UNSEEN
    if state in {RedemptionState.UNSEEN, RedemptionState.RESERVED}:
        share = excerpt(work, quota, online_lease(redemption_id))
        quota_rows.write_back(work, share, share.quota.bring_back(online_lease(redemption_id), 0))
        one = known[1] if known else Redemption(redemption_id, state)
        write_redemption(work, coupon_id, replace(one, state=RedemptionState.RELEASED), Origin())
    return CouponAnswer(CouponReach.DONE)


def redeem(work: Work, use: CouponUse, facts: SaleFacts) -> None:
    """Take in that a completed sale used a coupon.

    Raises:
        ReusedMessage: if the redemption is known of another coupon, sale or cost.
    """
    known = find_redemption(work, use.redemption_id)
    if known is not None and known[0] != use.coupon_id:
        raise ReusedMessage(f"{use.redemption_id} came with another coupon before")
    quota = _quota_of_use(work, use)
    if quota is not None:
        _redeem_of_code(work, quota, use, facts, known[1] if known else None)
        return
    kept = coupon_or_unknown(work, use.coupon_id)
    reserved = known is not None and known[1].state in _TAKEN
    if kept.form is not None and not reserved and _beyond_limit(work, kept.form, facts.member_id):
        after = _lost(kept.life, use, facts, MemberLimitReached.code)
    else:
        at = work.as_told(facts.completed_at)
        after = kept.life.redeem(use.redemption_id, facts.member_id, facts.sale_id, use.cost_minor, at)
        if kept.form is None:
            after = _lost(kept.life, use, facts, UNKNOWN_COUPON)
    write_life(work, kept.life, after, Origin(use.form_id, use.campaign_id, use.arm, facts.till_id))
    _note_lost(work, ExceptionKind.LOST_COUPON, use.coupon_id, after.find(use.redemption_id))


def come_back(work: Work, redemption_id: str, coupon_id: str, outcome: ReturnRule, returned_at: datetime) -> None:
    """Take in that everything a use had taken off was returned.

    Raises:
        ReusedMessage: if the redemption is known of another coupon, or came back with another outcome.
    """
    known = find_redemption(work, redemption_id)
    if known is not None and known[0] != coupon_id:
        raise ReusedMessage(f"{redemption_id} came with another coupon before")
    code = quota_rows.code_of_use(work, redemption_id)
    quota = quota_of(work, code or coupon_id)
    if quota is not None:
        one = known[1] if known else Redemption(redemption_id, RedemptionState.UNSEEN)
        if one.come_back not in {None, outcome}:
            raise ReusedMessage(f"{redemption_id} came back with another outcome before")
        if outcome is ReturnRule.GIVE_BACK:
            _give_piece_back(work, quota, redemption_id)
        write_redemption(work, coupon_id, replace(one, come_back=outcome), Origin())
        close_by_itself(work, ExceptionKind.LOST_QUOTA, redemption_id)
        return
    kept = coupon_or_unknown(work, coupon_id)
    until = None
    if kept.form is not None:
        until = work.as_told(returned_at) + timedelta(days=kept.form.grace_days)
    write_life(work, kept.life, kept.life.come_back(redemption_id, outcome, until), Origin())
    close_by_itself(work, ExceptionKind.LOST_COUPON, redemption_id)


def _reserve_of_code(work: Work, quota: KeptQuota, redemption_id: str, member_id: str) -> CouponAnswer:
    form = form_of(work, quota.form_id)
    if form is None:
        return CouponAnswer(CouponReach.REFUSED, _NOT_KNOWN)
    till_id = work.asker.till_id if work.asker else ""
    refusal = why_not_of_code(work, quota, form, member_id)
    if refusal is not None:
        _write_refused(work, redemption_id, quota.code, member_id, refusal, _origin(form, till_id))
        return CouponAnswer(CouponReach.REFUSED, refusal.sentence)
    share = excerpt(work, quota, online_lease(redemption_id))
    # One piece is free: `why_not_of_code` looked in this same transaction.
    quota_rows.write_back(work, share, share.quota.grant(online_lease(redemption_id), till_id, 1, form.valid_until))
    _write(work, quota.code, Redemption(redemption_id, RedemptionState.RESERVED, member_id), _origin(form, till_id))
    return CouponAnswer(CouponReach.DONE)


def _redeem_of_code(work: Work, quota: KeptQuota, use: CouponUse, facts: SaleFacts, known: Redemption | None) -> None:
    lease_id = use.lease_id or online_lease(use.redemption_id)
    one = known or Redemption(use.redemption_id, RedemptionState.UNSEEN)
    if one.state in {RedemptionState.REDEEMED, RedemptionState.LOST}:
        if (one.sale_id, one.cost_minor) != (facts.sale_id, use.cost_minor):
            raise ReusedMessage(f"{use.redemption_id} came with another sale or cost before")
        return
    form = form_of(work, quota.form_id)
    share = excerpt(work, quota, lease_id, use.redemption_id)
    reason = ""
    if form is not None and one.state is not RedemptionState.RESERVED and _beyond_limit(work, form, facts.member_id):
        reason = MemberLimitReached.code
    else:
        after = share.quota.use(use.redemption_id, lease_id, use.cost_minor)
        quota_rows.write_back(work, share, after)
        made = after.find(use.redemption_id)
        reason = UsedAlready.code if made is not None and made.state is UseState.LOST else ""
    one = replace(
        one,
        state=RedemptionState.LOST if reason else RedemptionState.REDEEMED,
        member_id=facts.member_id,
        sale_id=facts.sale_id,
        cost_minor=use.cost_minor,
        reason=reason,
    )
    _write(work, use.coupon_id, one, Origin(use.form_id, use.campaign_id, use.arm, facts.till_id))
    _note_lost(work, ExceptionKind.LOST_QUOTA, quota.code, one)


def _give_piece_back(work: Work, quota: KeptQuota, redemption_id: str) -> None:
    lease_id = quota_rows.lease_of_use(work, redemption_id) or online_lease(redemption_id)
    share = excerpt(work, quota, lease_id, redemption_id)
    quota_rows.write_back(work, share, share.quota.give_back(redemption_id))


def _quota_of_use(work: Work, use: CouponUse) -> KeptQuota | None:
    if use.lease_id:
        lease = quota_rows.lease_of(work, use.lease_id)
        if lease is not None and lease[0]:
            return quota_of(work, lease[0])
    return quota_of(work, use.coupon_id)


def _beyond_limit(work: Work, form: CouponForm, member_id: str) -> bool:
    return bool(form.per_member and member_id and uses_of_form(work, form.form_id, member_id) >= form.per_member)


def _lost(life: CouponLife, use: CouponUse, facts: SaleFacts, reason: str) -> CouponLife:
    """Return a life with a use that was lost for a reason that the life itself does not know."""
    known = life.find(use.redemption_id)
    if known is not None and known.state in {RedemptionState.REDEEMED, RedemptionState.LOST}:
        return life.redeem(use.redemption_id, facts.member_id, facts.sale_id, use.cost_minor, facts.completed_at)
    lost = Redemption(
        use.redemption_id,
        RedemptionState.LOST,
        facts.member_id,
        facts.sale_id,
        use.cost_minor,
        known.come_back if known else None,
        reason,
    )
    others = tuple(one for one in life.redemptions if one.redemption_id != use.redemption_id)
    return replace(life, redemptions=(*others, lost))


def _note_lost(work: Work, kind: ExceptionKind, subject_id: str, one: Redemption | None) -> None:
    if one is not None and one.is_open_exception:
        note_exception(
            work,
            kind,
            subject_id,
            one.cost_minor,
            reason=one.reason,
            sale_id=one.sale_id,
            about=one.redemption_id,
        )


def _write_refused(
    work: Work, redemption_id: str, coupon_id: str, member_id: str, refusal: CouponRefused, origin: Origin
) -> None:
    known = find_redemption(work, redemption_id)
    one = known[1] if known else Redemption(redemption_id, RedemptionState.UNSEEN)
    refused = replace(one, state=RedemptionState.REFUSED, member_id=member_id, reason=refusal.code)
    write_redemption(work, coupon_id, refused, origin)


def _write(work: Work, coupon_id: str, one: Redemption, origin: Origin) -> None:
    known = find_redemption(work, one.redemption_id)
    kept = replace(one, come_back=known[1].come_back) if known else one
    write_redemption(work, coupon_id, kept, origin)


def _answer(one: Redemption) -> CouponAnswer:
    if one.state in _TAKEN:
        return CouponAnswer(CouponReach.DONE)
    if one.state is RedemptionState.RELEASED:
        return CouponAnswer(CouponReach.REFUSED, _LET_GO)
    return CouponAnswer(CouponReach.REFUSED, _REASONS.get(one.reason, _NOT_NOW))


def _origin(form: CouponForm, till_id: str) -> Origin:
    return Origin(form.form_id, form.campaign_id, form.arm, till_id)
