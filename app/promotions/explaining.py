"""Says why an offer that names goods of the basket, or a coupon that was brought, was not given."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.promotions.almost import (
    NO_GOODS,
    Hint,
    bases_found,
    fetch,
    is_reached,
    next_step,
    spent_for_gift,
    times_given,
)
from app.promotions.baskets import Shopper
from app.promotions.case import Case
from app.promotions.offers import GiftFrom, Goods
from app.promotions.rules import offer_name
from app.promotions.saying import write_money
from app.promotions.solving import Answer
from app.values.wording import LocalizedText, Wording, wording


@dataclass(frozen=True, slots=True)
class _Lacks:
    """Why an offer was not given, and what would be enough for it."""

    reason: Wording
    pieces: int = 0
    minor: int = 0
    goods: Goods = NO_GOODS


def why_not_given(case: Case, answer: Answer, shopper: Shopper) -> tuple[Hint, ...]:
    """Say of every offer that names goods of the basket, or a coupon that was brought, why it was not given."""
    hints = [
        Hint(
            case.rules.offers[number].id,
            offer_name(case.rules.offers[number]),
            lacks.reason,
            lacks.pieces,
            lacks.minor,
            lacks.goods,
        )
        for number, lacks in _reasons(case, answer)
    ]
    known = {offer.who.coupon for offer in case.rules.offers}
    looked_at = {case.rules.offers[number].who.coupon for number in case.pools}
    looked_at |= {case.rules.offers[number].who.coupon for number, _ in case.refused}
    for coupon in shopper.coupons:
        if coupon.key not in known:
            reason = wording("No offer of this shop takes this coupon.")
            hints.append(Hint("", LocalizedText(coupon.coupon_id), reason))
        elif coupon.key not in looked_at:
            hints.append(
                Hint("", LocalizedText(coupon.coupon_id), wording("Nothing in the basket goes with this coupon."))
            )
    return tuple(hints)


def _reasons(case: Case, answer: Answer) -> Iterator[tuple[int, _Lacks]]:
    given = times_given(case, answer)
    groups = {case.rules.exclusive_group(number) for number in given} - {""}
    bases = bases_found(case, answer)
    refused = dict(case.refused)
    for number in sorted({*case.pools, *refused}):
        if number in given:
            continue
        if number in refused:
            yield number, _Lacks(refused[number])
        elif case.rules.exclusive_group(number) in groups:
            yield number, _Lacks(wording("Only one offer of its group is given, and another one saves more."))
        else:
            yield number, _not_reached(case, number, bases) or _not_best(case, number)


def _not_best(case: Case, number: int) -> _Lacks:
    if number in case.incomplete:
        return _Lacks(wording("Too few of its goods are in the basket, or it makes none of them cheaper."))
    return _Lacks(wording("Other offers save more on the same goods."))


def _not_reached(case: Case, number: int, bases: dict[int, tuple[int, int]]) -> _Lacks | None:
    """Return what is missing to the least that an offer is given from; None where it is there, or nothing is asked."""
    offer = case.rules.offers[number]
    form, (base, pieces) = offer.form, bases.get(number, (0, 0))
    if isinstance(form, GiftFrom):
        gap = form.from_minor - spent_for_gift(case, number, bases)
        if gap > 0:
            return _lacks_amount(case, gap)
        return _Lacks(fetch(form, case.rules.currency), 1, 0, form.gift) if number in case.incomplete else None
    first = next_step(form, 0, 0)
    if first is None or is_reached(first, base, pieces):
        return None
    if first.from_minor is not None:
        return _lacks_amount(case, first.from_minor - base)
    missing = (first.from_pieces or 0) - pieces
    return _Lacks(wording("It needs {count} more of its goods.", count=missing), missing, 0, offer.goods)


def _lacks_amount(case: Case, gap: int) -> _Lacks:
    return _Lacks(wording("{gap} more is needed for it.", gap=write_money(gap, case.rules.currency)), 0, gap)
