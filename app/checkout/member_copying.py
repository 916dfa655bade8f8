"""Copying: the till's local copy of a member takes in what this till sold, until headquarters says its own figures."""

import logging
from dataclasses import replace

from app.checkout.counter import Counter
from app.members.coupons import Proof
from app.members.ports import CouponOffer, MemberAnswer, Reach
from app.sales.sale import Sale
from app.values.problems import Problem

_log = logging.getLogger(__name__)


def remember_sale(counter: Counter, sale: Sale) -> None:
    """Take a committed sale into the copy: points earned and spent, stored value, the coupons that it used up.

    `as_of` stays, for nobody at headquarters said so. The sale is committed, so nothing here may fail it: a copy that
    cannot be read or written stays as it was.
    """
    member, terms = sale.member, counter.members.terms
    if member is None or terms is None:
        return
    try:
        copy = counter.store.member_copy_of(member.member_id)
        if copy is None:
            return
        paid_with_value = sum(
            tender.applied_minor for tender in sale.tenders if tender.tender_type_id == terms.value_tender_id
        )
        facts = replace(
            copy.facts,
            points=copy.facts.points if member.points_after is None else member.points_after,
            points_owed=max(0, copy.facts.points_owed - member.points_earned),
            value_minor=max(0, copy.facts.value_minor - paid_with_value),
            bought_minor=copy.facts.bought_minor + member.bought_minor,
            bought_before=True,
        )
        used = {use.coupon_id for use in sale.coupons}
        coupons = tuple(one for one in copy.coupons if one.coupon_id not in used or _usable_again(one))
        answer = MemberAnswer(Reach.ANSWERED, facts, coupons)
        counter.store.keep_member_copy(answer, copy.facts.as_of or counter.now())
    except Problem as problem:
        _log.warning("member_copy_not_kept", extra={"code": problem.code})


def _usable_again(offer: CouponOffer) -> bool:
    return offer.proof is Proof.LEASED or offer.form.uses > 1
