"""Names the offers that would be given with a little more in the basket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.promotions.basket_layer import base_of, give, left_after
from app.promotions.candidates import Each
from app.promotions.case import Case
from app.promotions.offers import (
    AnyForPrice,
    Bundle,
    CheapestFree,
    EachForm,
    Every,
    Extra,
    Form,
    Gift,
    GiftFrom,
    Goods,
    NForM,
    SecondOff,
    Step,
    Threshold,
)
from app.promotions.rules import offer_name
from app.promotions.saying import write_money, write_percent
from app.promotions.solving import Answer
from app.values.wording import LocalizedText, Wording, wording

_NEAR: Final = 3
"""An offer is almost reached when at most one part in so many is missing, or a single piece."""

NO_GOODS: Final = Goods()


@dataclass(frozen=True, slots=True)
class Hint:
    """Something worth saying of an offer that was not given, or could be given once more."""

    offer_id: str
    """Empty where a coupon names no offer of this shop."""

    name: LocalizedText
    reason: Wording
    missing_pieces: int = 0
    missing_minor: int = 0
    goods: Goods = NO_GOODS
    """What is missing, where pieces are."""


def almost(case: Case, answer: Answer) -> tuple[Hint, ...]:
    """Name what would be given with a little more in the basket, in the order of the offers' ids."""
    given = times_given(case, answer)
    taken = _taken_in_groups(case, answer)
    bases = bases_found(case, answer)
    hints = []
    for number in sorted(case.pools):
        limit = case.limits[number]
        if limit is not None and given.get(number, 0) >= limit:
            continue
        hint = _almost(case, number, taken, bases)
        if hint is not None:
            hints.append(hint)
    return tuple(hints)


def times_given(case: Case, answer: Answer) -> dict[int, int]:
    """Return how often each offer was given, by its place in the rules."""
    times: dict[int, int] = {}
    for one in answer.applications:
        candidate = case.candidates[one.candidate]
        each = sum(count for _, count in one.takes) if isinstance(candidate, Each) else 1
        times[candidate.number] = times.get(candidate.number, 0) + each * one.times
    for decision in answer.decisions:
        times[case.basket_candidates[decision.candidate].number] = decision.times
    return times


def _taken_in_groups(case: Case, answer: Answer) -> dict[int, int]:
    """Return for each line how many pieces are bound by an offer that looks at several pieces."""
    taken: dict[int, int] = {}
    for one in answer.applications:
        candidate = case.candidates[one.candidate]
        if not isinstance(candidate, Each) or candidate.least > 1:
            for line, count in one.takes:
                taken[line] = taken.get(line, 0) + count * one.times
    return taken


def bases_found(case: Case, answer: Answer) -> dict[int, tuple[int, int]]:
    """Return what each basket offer found when its turn came: amount and pieces."""
    left = left_after(case, answer.applications)
    chosen = {decision.candidate for decision in answer.decisions}
    bases = {}
    for place, candidate in enumerate(case.basket_candidates):
        bases[candidate.number] = base_of(case, place, left)
        if place in chosen:
            give(case, place, left)
    return bases


def _almost(case: Case, number: int, taken: dict[int, int], bases: dict[int, tuple[int, int]]) -> Hint | None:
    form = case.rules.offers[number].form
    hint: Hint | None = None
    if isinstance(form, Threshold | Every):
        hint = _almost_reached(case, number, bases)
    elif isinstance(form, GiftFrom):
        hint = _almost_gift_from(case, number, taken, bases)
    elif isinstance(form, Bundle | Gift):
        hint = _almost_together(case, number, taken)
    elif isinstance(form, EachForm):
        hint = _almost_enough(case, number, form)
    elif not isinstance(form, Extra):
        hint = _almost_so_many(case, number, form, taken)
    return hint


def _almost_enough(case: Case, number: int, form: EachForm) -> Hint | None:
    offer = case.rules.offers[number]
    missing = form.least_pieces - sum(case.pieces[line] for line in case.pools[number][0])
    if not _is_near(missing, form.least_pieces):
        return None
    reason = wording("{count} more, and each is cheaper.", count=missing)
    return Hint(offer.id, offer_name(offer), reason, missing, 0, offer.goods)


def _almost_so_many(
    case: Case, number: int, form: NForM | CheapestFree | SecondOff | AnyForPrice, taken: dict[int, int]
) -> Hint | None:
    offer = case.rules.offers[number]
    take = 2 if isinstance(form, SecondOff) else form.take
    rest = _rest(case, case.pools[number][0], taken, take, same_product=form.same_product)
    missing = take - rest
    if not rest or not _is_near(missing, take):
        return None
    if isinstance(form, SecondOff):
        percent = write_percent(form.off_basis_points)
        reason = wording("{count} more, and the cheaper one is {percent} off.", count=missing, percent=percent)
    elif isinstance(form, AnyForPrice):
        amount = write_money(form.price_minor, case.rules.currency)
        reason = wording("{count} more, and {take} are {amount}.", count=missing, take=take, amount=amount)
    else:
        reason = wording("{count} more, and the cheapest is free.", count=missing)
    return Hint(offer.id, offer_name(offer), reason, missing, 0, offer.goods)


def _is_near(missing: int, whole: int) -> bool:
    return 0 < missing < whole and (missing == 1 or missing * _NEAR <= whole)


def _rest(case: Case, pool: Sequence[int], taken: dict[int, int], take: int, *, same_product: bool) -> int:
    """Return how many pieces stand there towards the next whole; of one product where it must be the same."""
    counts: dict[str, int] = {}
    for line in pool:
        key = case.lines[line].product_id if same_product else ""
        counts[key] = counts.get(key, 0) + max(0, case.pieces[line] - taken.get(line, 0))
    return max((count % take for count in counts.values()), default=0)


def _almost_reached(case: Case, number: int, bases: dict[int, tuple[int, int]]) -> Hint | None:
    offer = case.rules.offers[number]
    form, currency = offer.form, case.rules.currency
    base, pieces = bases.get(number, (0, 0))
    step = next_step(form, base, pieces)
    if step is None:
        return None
    off = write_money(step.off_minor, currency) if step.off_minor else write_percent(step.off_basis_points or 0)
    if step.from_minor is not None:
        gap = step.from_minor - base
        if gap * _NEAR > step.from_minor:
            return None
        reason = wording("{gap} more, and {off} comes off.", gap=write_money(gap, currency), off=off)
        return Hint(offer.id, offer_name(offer), reason, 0, gap)
    missing = (step.from_pieces or 0) - pieces
    if not _is_near(missing, step.from_pieces or 0):
        return None
    reason = wording("{count} more, and {off} comes off.", count=missing, off=off)
    return Hint(offer.id, offer_name(offer), reason, missing, 0, offer.goods)


def next_step(form: Form, base: int, pieces: int) -> Step | None:
    """Return the lowest amount or number that is not reached yet, and what it would give; None where there is none."""
    if isinstance(form, Threshold):
        return next((one for one in form.steps if not is_reached(one, base, pieces)), None)
    if isinstance(form, Every) and form.every_minor:
        return Step(from_minor=(base // form.every_minor + 1) * form.every_minor, off_minor=form.off_minor)
    if isinstance(form, Every) and form.every_pieces:
        return Step(from_pieces=(pieces // form.every_pieces + 1) * form.every_pieces, off_minor=form.off_minor)
    return None


def is_reached(step: Step, base: int, pieces: int) -> bool:
    """Whether an amount or a number of pieces is enough for a step."""
    return base >= step.from_minor if step.from_minor is not None else pieces >= (step.from_pieces or 0)


def spent_for_gift(case: Case, number: int, bases: dict[int, tuple[int, int]]) -> int:
    """Return what counts towards a gift from an amount on: the goods besides the gift."""
    if number in bases:
        return bases[number][0]
    counted, gifts = case.pools[number]
    return sum(case.prices[line] * case.counts[line] for line in counted if line not in gifts)


def _almost_gift_from(case: Case, number: int, taken: dict[int, int], bases: dict[int, tuple[int, int]]) -> Hint | None:
    offer = case.rules.offers[number]
    if not isinstance(offer.form, GiftFrom):
        return None
    gifts = case.pools[number][1]
    spent = spent_for_gift(case, number, bases)
    if any(case.pieces[line] > taken.get(line, 0) for line in gifts):
        gap = offer.form.from_minor - spent
        if gap <= 0 or gap * _NEAR > offer.form.from_minor:
            return None
        reason = wording("{gap} more, and the gift is yours.", gap=write_money(gap, case.rules.currency))
        return Hint(offer.id, offer_name(offer), reason, 0, gap)
    if spent < offer.form.from_minor:
        return None
    return Hint(offer.id, offer_name(offer), fetch(offer.form, case.rules.currency), 1, 0, offer.form.gift)


def fetch(form: Gift | GiftFrom, currency: str) -> Wording:
    """Say that what goes with the rest is not in the basket yet."""
    if form.price_minor:
        return wording(
            "Fetch what goes with it: it costs {amount} only.", amount=write_money(form.price_minor, currency)
        )
    return wording("Fetch the gift: it is free.")


def _almost_together(case: Case, number: int, taken: dict[int, int]) -> Hint | None:
    """Name the one part of a bundle that is missing, where the others are there."""
    offer = case.rules.offers[number]
    form, pools = offer.form, case.pools[number]
    if isinstance(form, Gift):
        needs = [(offer.goods, form.buy_pieces), (form.gift, form.gift_pieces)]
    elif isinstance(form, Bundle):
        needs = [(part.goods, part.pieces) for part in form.parts]
    else:
        return None
    used = dict(taken)
    missing: list[tuple[Goods, int]] = []
    for (goods, need), pool in zip(needs, pools, strict=True):
        still = need
        for line in pool:
            count = min(still, max(0, case.pieces[line] - used.get(line, 0)))
            used[line] = used.get(line, 0) + count
            still -= count
        if still:
            missing.append((goods, still))
    if len(missing) != 1 or (missing[0][1] > 1 and missing[0][0] == needs[0][0]):
        return None
    goods, count = missing[0]
    if isinstance(form, Gift) and goods is form.gift:
        reason = fetch(form, case.rules.currency)
    elif isinstance(form, Gift):
        reason = wording("{count} more, and the gift is yours.", count=count)
    else:
        reason = wording("{count} more, and the set is complete.", count=count)
    return Hint(offer.id, offer_name(offer), reason, count, 0, goods)
