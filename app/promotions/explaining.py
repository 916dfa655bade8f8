"""Says why an offer that names goods of the basket, or a coupon that was brought, was not given."""

from collections.abc import Iterator

from app.promotions.almost import Hint, bases_found, is_reached, times_given
from app.promotions.baskets import Shopper
from app.promotions.case import Case
from app.promotions.offers import Every, GiftFrom, Threshold
from app.promotions.rules import offer_name
from app.promotions.solving import Answer
from app.values.wording import LocalizedText, Wording, wording


def why_not_given(case: Case, answer: Answer, shopper: Shopper) -> tuple[Hint, ...]:
    """Say of every offer that names goods of the basket, or a coupon that was brought, why it was not given."""
    hints = [
        Hint(case.rules.offers[number].id, offer_name(case.rules.offers[number]), reason)
        for number, reason in _reasons(case, answer)
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


def _reasons(case: Case, answer: Answer) -> Iterator[tuple[int, Wording]]:
    given = times_given(case, answer)
    groups = {case.rules.exclusive_group(number) for number in given} - {""}
    bases = bases_found(case, answer)
    refused = dict(case.refused)
    for number in sorted({*case.pools, *refused}):
        if number in given:
            continue
        if number in refused:
            yield number, refused[number]
        elif case.rules.exclusive_group(number) in groups:
            yield number, wording("Only one offer of its group is given, and another one saves more.")
        elif number in case.incomplete:
            yield number, wording("Too few of its goods are in the basket, or it makes none of them cheaper.")
        elif number in bases and not _could_give(case, number, bases[number]):
            yield number, wording("The amount or number for it is not reached.")
        else:
            yield number, wording("Other offers save more on the same goods.")


def _could_give(case: Case, number: int, found: tuple[int, int]) -> bool:
    form = case.rules.offers[number].form
    base, pieces = found
    if isinstance(form, Threshold):
        return is_reached(form.steps[0], base, pieces)
    if isinstance(form, Every):
        return base >= form.every_minor if form.every_minor else pieces >= (form.every_pieces or 0)
    return base >= form.from_minor if isinstance(form, GiftFrom) else base > 0
