"""What headquarters' own people do with coupons: describe, issue, sign, limit, compare, share out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import delete, func, insert, select

from app.headquarters.members import coupon_steps, quota_rows, schema
from app.headquarters.members.coupon_rows import (
    Origin,
    coupon_of,
    form_of,
    forms_of_campaign,
    reservations_of_till,
    write_form,
    write_life,
    write_new,
)
from app.headquarters.members.ledgers import standing_of
from app.headquarters.members.quota_rows import excerpt
from app.headquarters.members.records import CampaignArm, CampaignFigures, KeeperRefused
from app.headquarters.members.work import Work, quarantine
from app.members.coupon_life import RedemptionState
from app.members.coupon_problems import CouponRefused
from app.members.coupons import Arm, CouponForm, arm_of
from app.members.entitlements import entitlement_of
from app.members.identity import Standing
from app.members.ledger_entries import ReusedMessage
from app.members.member_pass import MemberPassTerms
from app.members.ports import CouponLease, Reach, epoch_of_lease
from app.members.quotas import Lease
from app.members.signed_codes import TooLong, seconds, sign
from app.values.identifiers import Identities
from app.values.wording import Wording, wording

_NO_FORM: Final = wording("There is no coupon form of this name. Add it first.")
_NO_COUPON: Final = wording("There is no coupon of this number. Check the number.")
_NO_MEMBER: Final = wording("There is no member by this reference. Check the reference.")
_NO_KEY: Final = wording("Headquarters has no key to sign with. Name one in its settings.")
_PROMISED: Final = wording(
    "Coupons of this form are out already, and they promise something else. Give the new form a name of its own."
)
_OTHER_SHOP: Final = wording("This coupon form is another company's. It cannot be added here.")
_TOO_LONG: Final = wording("This coupon does not fit a code. Shorten the names of its form, campaign and member.")
_NOT_CLAIMED: Final = wording("This coupon belongs to nobody yet. Give it to a member first, then sign it.")
_CODE_TAKEN: Final = wording("This code is a coupon's number already. Choose another code.")
_NO_ARMS: Final = wording("This campaign has no coupon form. Add its forms first.")


def add_form(work: Work, form: CouponForm) -> None:
    """Describe a kind of coupon, or describe it anew; what coupons that are out promise stays.

    Raises:
        KeeperRefused: if it is another merchant's, or would change a promise.
    """
    if form.merchant_id not in {"", work.terms.merchant_id}:
        raise KeeperRefused(_OTHER_SHOP)
    new = replace(form, merchant_id=work.terms.merchant_id)
    known = form_of(work, form.form_id)
    if known is not None and _is_out(work, form.form_id):
        promised = (known.benefit, known.uses, known.must_be_claimed, known.campaign_id, known.arm)
        if promised != (new.benefit, new.uses, new.must_be_claimed, new.campaign_id, new.arm):
            raise KeeperRefused(_PROMISED)
    write_form(work, new)


def issue_coupon(work: Work, identities: Identities, form_id: str, member_id: str) -> str:
    """Make a coupon of a form, a member's own where one is named; return its number.

    Raises:
        KeeperRefused: if there is no such form or member.
    """
    form = _form(work, form_id)
    if member_id and standing_of(work, member_id) in {None, Standing.ERASED}:
        raise KeeperRefused(_NO_MEMBER)
    coupon_id = identities.new()
    write_new(work, coupon_id, form, member_id)
    return coupon_id


def claim_coupon(work: Work, coupon_id: str, member_id: str) -> None:
    """Make a coupon a member's.

    Raises:
        KeeperRefused: if it is not known, or nobody is a member by this reference.
        CouponRefused: if it is another member's, withdrawn or over.
    """
    kept = coupon_of(work, coupon_id)
    if kept is None:
        raise KeeperRefused(_NO_COUPON)
    if standing_of(work, member_id) in {None, Standing.ERASED}:
        raise KeeperRefused(_NO_MEMBER)
    write_life(work, kept.life, kept.life.claim(member_id, work.now), Origin())


def void_coupon(work: Work, coupon_id: str) -> None:
    """Withdraw a coupon; what is reserved may still be redeemed.

    Raises:
        KeeperRefused: if it is not known.
    """
    kept = coupon_of(work, coupon_id)
    if kept is None:
        raise KeeperRefused(_NO_COUPON)
    write_life(work, kept.life, kept.life.void(), Origin())


def sign_coupon(work: Work, coupon_id: str) -> str:
    """Return the text of a code that tills take without asking.

    Each till takes it as often as its form says; so printed on paper it may be taken once more by each till while
    headquarters is away. `CopyRule` is the narrower way.

    Raises:
        KeeperRefused: if it is not known, must be claimed and is not, does not fit, or there is no key.
    """
    issuer = work.terms.issuer
    if issuer is None:
        raise KeeperRefused(_NO_KEY)
    kept = coupon_of(work, coupon_id)
    if kept is None or kept.form is None:
        raise KeeperRefused(_NO_COUPON)
    if kept.life.must_be_claimed and not kept.life.claimed_by:
        raise KeeperRefused(_NOT_CLAIMED)
    terms = entitlement_of(kept.form, coupon_id, work.now, kept.life.claimed_by)
    try:
        return sign(terms, issuer.key_id, issuer.signer).text()
    except TooLong as error:
        raise KeeperRefused(_TOO_LONG) from error


def sign_pass(work: Work, member_id: str) -> str:
    """Return the code that a member's telephone shows for a minute.

    Raises:
        KeeperRefused: if nobody is a member by this reference, or there is no key.
    """
    if work.terms.issuer is None:
        raise KeeperRefused(_NO_KEY)
    if standing_of(work, member_id) in {None, Standing.ERASED}:
        raise KeeperRefused(_NO_MEMBER)
    terms = MemberPassTerms(work.terms.merchant_id, seconds(work.now), member_id)
    return sign(terms, work.terms.issuer.key_id, work.terms.issuer.signer).text()


def set_quota(work: Work, form_id: str, code: str, size: int) -> None:
    """Limit a code that every shopper shows to so many uses; never to fewer than are given out already.

    Raises:
        KeeperRefused: if there is no such form, the code is a coupon's, or the size is below zero.
    """
    _form(work, form_id)
    if coupon_of(work, code) is not None or not code.strip():
        raise KeeperRefused(_CODE_TAKEN)
    if size < 0:
        raise KeeperRefused(_negative())
    quota_rows.write_quota(work, code.strip(), form_id, size)


def set_campaign(work: Work, campaign_id: str, arms: Sequence[CampaignArm]) -> None:
    """Say which forms a campaign compares, and how members are shared out over them.

    Raises:
        KeeperRefused: if a form is missing, or no arm has a weight.
    """
    for arm in arms:
        _form(work, arm.form_id)
    names = {arm.arm for arm in arms}
    if len(names) != len(arms) or sum(arm.weight for arm in arms) <= 0 or any(arm.weight < 0 for arm in arms):
        raise KeeperRefused(_negative())
    table = schema.campaign_arm
    work.connection.execute(delete(table).where(table.c.campaign_id == campaign_id))
    for place, arm in enumerate(arms):
        work.connection.execute(
            insert(table).values(
                campaign_id=campaign_id, arm=arm.arm, place=place, weight=arm.weight, form_id=arm.form_id
            )
        )


def claim_campaign(work: Work, identities: Identities, campaign_id: str, member_id: str) -> str:
    """Give a member the coupon of their arm, once; return its number.

    Raises:
        KeeperRefused: if the campaign has no form, or nobody is a member by this reference.
    """
    if standing_of(work, member_id) in {None, Standing.ERASED}:
        raise KeeperRefused(_NO_MEMBER)
    table = schema.campaign_claim
    known = work.connection.execute(
        select(table.c.coupon_id).where(table.c.campaign_id == campaign_id, table.c.member_id == member_id)
    ).scalar()
    if known is not None:
        return str(known)
    arms = _arms(work, campaign_id)
    if not arms:
        raise KeeperRefused(_NO_ARMS)
    chosen = arm_of(campaign_id, member_id, [Arm(arm.arm, arm.weight) for arm in arms])
    form_id = next(arm.form_id for arm in arms if arm.arm == chosen)
    coupon_id = issue_coupon(work, identities, form_id, member_id)
    work.connection.execute(insert(table).values(campaign_id=campaign_id, member_id=member_id, coupon_id=coupon_id))
    return coupon_id


def campaign_figures(work: Work, campaign_id: str) -> tuple[CampaignFigures, ...]:
    """Compare the arms of a campaign: what was given out, what was redeemed, and what it cost."""
    forms = {form.form_id: form.arm for form in forms_of_campaign(work, campaign_id)}
    issued: dict[str, int] = dict.fromkeys(forms.values(), 0)
    coupons = select(schema.coupon.c.form_id, func.count()).where(schema.coupon.c.form_id.in_(forms))
    for form_id, count in work.connection.execute(coupons.group_by(schema.coupon.c.form_id)):
        issued[forms[form_id]] += count
    for quota in quota_rows.all_quotas(work):
        if quota.form_id in forms:
            issued[forms[quota.form_id]] += quota.pieces
    table = schema.redemption
    made = [RedemptionState.REDEEMED.value, RedemptionState.LOST.value]
    uses = (
        select(table.c.arm, func.count(), func.sum(table.c.cost_minor))
        .where(table.c.campaign_id == campaign_id, table.c.state.in_(made), table.c.come_back.is_(None))
        .group_by(table.c.arm)
    )
    redeemed = {arm: (count, int(cost)) for arm, count, cost in work.connection.execute(uses)}
    return tuple(
        CampaignFigures(campaign_id, arm, issued.get(arm, 0), *redeemed.get(arm, (0, 0)))
        for arm in sorted({*issued, *redeemed})
    )


def codes_to_lease(work: Work, till_id: str, epoch: int) -> tuple[str, ...]:
    """Name the limited codes that are good in the asking store now, and of which the till has or can have a share.

    What the till was given in an earlier epoch of its store ends first: it was lost with that store, and will neither
    be used nor brought back.
    """
    _end(work, [one for one in quota_rows.open_leases_of(work, till_id) if epoch_of_lease(one[1].lease_id) < epoch])
    has = {code for code, lease in quota_rows.open_leases_of(work, till_id) if lease.usable_until > work.now}
    codes = []
    for quota in quota_rows.all_quotas(work):
        form = form_of(work, quota.form_id)
        if form is not None and (quota.free > 0 or quota.code in has) and _is_good_here(work, form):
            codes.append(quota.code)
    return tuple(codes)


def lease(work: Work, lease_id: str, code: str, till_id: str, wanted: int) -> CouponLease | None:
    """Give a till a share of a code, a part of what is free at most; None where there is no such code."""
    quota = quota_rows.quota_of(work, code)
    form = form_of(work, quota.form_id) if quota is not None else None
    if quota is None or form is None or wanted <= 0:
        return None
    known = quota_rows.lease_of(work, lease_id)
    if known is not None:
        if known[0] not in {code, ""} or known[1].till_id not in {till_id, ""}:
            return None
        return CouponLease(known[1], code, form)
    share = excerpt(work, quota, lease_id)
    rule = work.terms.leases
    fair = -(-quota.free * rule.most_percent // 100)
    until = min(work.now + rule.lasts, form.valid_until)
    if fair <= 0 or not _is_good_here(work, form):
        return None
    after = share.quota.grant(lease_id, till_id, min(wanted, fair), until)
    quota_rows.write_back(work, share, after)
    granted = after.lease(lease_id)
    return CouponLease(granted, code, form) if granted is not None else None


def bring_back(work: Work, lease_id: str, used: int) -> Reach:
    """Take a share back; one that comes back before it was asked for is never granted."""
    known = quota_rows.lease_of(work, lease_id)
    if used < 0:
        return Reach.REFUSED
    if known is None:
        till_id = work.asker.till_id if work.asker else ""
        quota_rows.write_lease(work, "", quota_rows.never_granted(lease_id, till_id, work.now))
        return Reach.ANSWERED
    quota = quota_rows.quota_of(work, known[0])
    if quota is None:
        return Reach.ANSWERED
    share = excerpt(work, quota, lease_id)
    try:
        after = share.quota.bring_back(lease_id, used)
    except ReusedMessage:
        quarantine(work, f"lease/{lease_id}", "REUSED", {"used": used})
        return Reach.REFUSED
    quota_rows.write_back(work, share, after)
    return Reach.ANSWERED


def declare_dead(work: Work, till_id: str) -> int:
    """Take in that a till's epoch is over: its shares and the uses its baskets had set aside are free again.

    Return how many shares ended. A sale of it that still comes counts as any other.
    """
    ended = quota_rows.open_leases_of(work, till_id)
    _end(work, ended)
    for redemption_id, coupon_id in reservations_of_till(work, till_id):
        coupon_steps.release(work, redemption_id, coupon_id)
    return len(ended)


def _end(work: Work, leases: Sequence[tuple[str, Lease]]) -> None:
    """Free what of shares was not used; each with its code."""
    for code, one in leases:
        quota = quota_rows.quota_of(work, code)
        if quota is not None:
            share = excerpt(work, quota, one.lease_id)
            quota_rows.write_back(work, share, share.quota.declare_dead(one.lease_id))


def _form(work: Work, form_id: str) -> CouponForm:
    form = form_of(work, form_id)
    if form is None:
        raise KeeperRefused(_NO_FORM)
    return form


def _arms(work: Work, campaign_id: str) -> tuple[CampaignArm, ...]:
    """Return a campaign's arms; where nobody said how members are shared out, evenly over the forms that name it."""
    table = schema.campaign_arm
    rows = work.connection.execute(select(table).where(table.c.campaign_id == campaign_id).order_by(table.c.place))
    told = tuple(CampaignArm(row.arm, row.weight, row.form_id) for row in rows)
    return told or tuple(CampaignArm(form.arm, 1, form.form_id) for form in forms_of_campaign(work, campaign_id))


def _is_out(work: Work, form_id: str) -> bool:
    coupon = select(schema.coupon.c.coupon_id).where(schema.coupon.c.form_id == form_id).limit(1)
    return work.connection.execute(coupon).first() is not None


def _is_good_here(work: Work, form: CouponForm) -> bool:
    store = work.asker.store_number if work.asker else (form.stores[0] if form.stores else 0)
    try:
        form.require_good(store, work.now)
    except CouponRefused:
        return False
    return True


def _negative() -> Wording:
    return wording("A number here is below what it can be. Check the numbers, and that each arm has its own name.")
