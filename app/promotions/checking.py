"""Refuses rules that contradict themselves, never end, or would pay the shopper; each refusal names its key."""

from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.promotions.offers import (
    AnyForPrice,
    Bundle,
    CheapestFree,
    Every,
    Extra,
    Form,
    Gift,
    GiftFrom,
    Goods,
    NForM,
    Offer,
    RulesDocument,
    Step,
    Threshold,
    When,
    Who,
)
from app.values.money import BadAmount, currency_of
from app.values.problems import Problem
from app.values.wording import Wording, wording


class BadRules(Problem):
    """Raised when promotion rules are unreadable, contradictory, endless, or would pay the shopper; names the key."""

    code = "BAD-PROMOTION-RULES"


Found = tuple[str, Wording]
"""The path of a key, and what is wrong with it."""


def check(document: RulesDocument) -> None:
    """Check a whole document.

    Raises:
        BadRules: the first thing that is wrong, in the order of the file.
    """
    for path, reason in _wrong(document):
        raise BadRules(wording("Promotion rules, {path}: {reason}", path=path, reason=reason))


def _wrong(document: RulesDocument) -> Iterator[Found]:
    try:
        ZoneInfo(document.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield "time_zone", wording("this time zone is not known. Write one such as Asia/Shanghai.")
    try:
        currency_of(document.currency)
    except BadAmount as problem:
        yield "currency", problem.sentence
    if document.excluded is not None:
        if not document.excluded.names_something:
            yield "excluded", wording("it names no goods, so every product would be excluded.")
        yield from _wrong_goods("excluded", document.excluded)
    yield from _wrong_groups(document)
    yield from _wrong_coupons(document)
    seen: set[str] = set()
    for number, offer in enumerate(document.offer):
        path = f"offer[{number}] ({offer.id})"
        if offer.id in seen:
            yield f"{path}.id", wording("two offers have this id; give each its own.")
        seen.add(offer.id)
        yield from _wrong_offer(path, offer)


def _wrong_groups(document: RulesDocument) -> Iterator[Found]:
    groups = {group.id: group for group in document.group}
    if len(groups) != len(document.group):
        yield "group", wording("two groups have the same id; an offer could not tell which of them it is in.")
    layer_of: dict[str, bool] = {}
    for number, offer in enumerate(document.offer):
        if not offer.group:
            continue
        path = f"offer[{number}] ({offer.id}).group"
        if offer.group not in groups:
            yield path, wording("there is no group {group}. Add it with [[group]].", group=offer.group)
        elif (
            groups[offer.group].exclusive
            and layer_of.setdefault(offer.group, offer.is_basket_offer) != offer.is_basket_offer
        ):
            yield path, wording("an exclusive group holds item offers or basket offers, not both. Make two groups.")


def _wrong_coupons(document: RulesDocument) -> Iterator[Found]:
    exclusive = {group.id for group in document.group if group.exclusive}
    group_of: dict[str, str] = {}
    for number, offer in enumerate(document.offer):
        key = offer.who.coupon
        if not key:
            continue
        if key not in group_of:
            group_of[key] = offer.group if offer.group in exclusive else ""
        elif group_of[key] != offer.group or not offer.group:
            yield (
                f"offer[{number}] ({offer.id}).who.coupon",
                wording("another offer takes the same coupon. Put both in one exclusive group, or give each its own."),
            )


def _wrong_offer(path: str, offer: Offer) -> Iterator[Found]:
    yield from _wrong_goods(f"{path}.goods", offer.goods)
    yield from _wrong_when(f"{path}.when", offer.when)
    yield from _wrong_who(f"{path}.who", offer.who)
    limit = offer.limit
    if limit.per_member is not None and not (offer.who.member or offer.who.tiers or offer.who.birthday):
        yield f"{path}.limit.per_member", wording("only an offer for members can count per member; set who.member.")
    if limit.per_member is not None and limit.per_basket is not None and limit.per_basket > limit.per_member:
        yield f"{path}.limit.per_basket", wording("it is more than a member may have at all.")
    yield from _wrong_form(f"{path}.form", offer.form, offer.goods)


def _wrong_goods(path: str, goods: Goods) -> Iterator[Found]:
    for key, taken, excepted in (
        ("products", goods.products, goods.except_products),
        ("departments", goods.departments, goods.except_departments),
        ("tags", goods.tags, goods.except_tags),
    ):
        both = sorted(set(taken) & set(excepted))
        if both:
            yield f"{path}.except_{key}", wording("{name} is named and excepted at once.", name=both[0])
        if len(set(taken)) != len(taken):
            yield f"{path}.{key}", wording("a name stands twice.")
        if "" in taken or "" in excepted:
            yield f"{path}.{key}", wording("a name is empty.")


def _wrong_when(path: str, when: When) -> Iterator[Found]:
    if when.from_date and when.until_date and when.until_date < when.from_date:
        yield f"{path}.until_date", wording("it is before from_date, so the offer would never hold.")
    for key, values in (("weekdays", when.weekdays), ("month_days", when.month_days), ("hours", when.hours)):
        if len(set(values)) != len(values):
            yield f"{path}.{key}", wording("a value stands twice.")
    for span in when.hours:
        start, end = span.split("-")
        if start == end:
            yield f"{path}.hours", wording("{span} is empty. For the whole day leave hours out.", span=span)
        if end > "24:00":
            yield f"{path}.hours", wording("{span} ends after midnight. Write it as 22:00-02:00.", span=span)


def _wrong_who(path: str, who: Who) -> Iterator[Found]:
    if who.first_purchase and who.birthday:
        yield f"{path}.birthday", wording("a first purchase is made before the shop knows a birthday; choose one.")
    if len(set(who.tiers)) != len(who.tiers):
        yield f"{path}.tiers", wording("a tier stands twice.")


def _wrong_form(path: str, form: Form, goods: Goods) -> Iterator[Found]:
    if isinstance(form, NForM) and form.pay >= form.take:
        yield f"{path}.pay", wording("paying {pay} of {take} gives nothing.", pay=form.pay, take=form.take)
    if isinstance(form, CheapestFree | AnyForPrice) and form.take < 2:
        yield f"{path}.take", wording("of one piece nothing can be the cheapest. Use percent or price.")
    if isinstance(form, Bundle):
        yield from _wrong_bundle(path, form, goods)
    if isinstance(form, Gift | GiftFrom):
        if not form.gift.names_something:
            yield f"{path}.gift", wording("it names no goods, so anything would be the gift.")
        yield from _wrong_goods(f"{path}.gift", form.gift)
    if isinstance(form, Threshold):
        yield from _wrong_steps(f"{path}.steps", form.steps)
        if form.most_off_minor is not None and any(step.off_basis_points is None for step in form.steps):
            yield f"{path}.most_off_minor", wording("only a percentage has a most; an amount says itself.")
    if isinstance(form, Every | Extra):
        yield from _wrong_reward(path, form)


def _wrong_reward(path: str, form: Every | Extra) -> Iterator[Found]:
    if isinstance(form, Every):
        if (form.every_minor is None) == (form.every_pieces is None):
            yield path, wording("give either every_minor or every_pieces.")
        elif form.every_minor is not None and form.off_minor > form.every_minor:
            yield f"{path}.off_minor", _pays(form.off_minor, form.every_minor)
    elif (form.off_minor is None) == (form.off_basis_points is None):
        yield path, wording("give either off_minor or off_basis_points.")


def _wrong_bundle(path: str, form: Bundle, goods: Goods) -> Iterator[Found]:
    if sum(value is not None for value in (form.price_minor, form.off_minor, form.off_basis_points)) != 1:
        yield path, wording("give exactly one of price_minor, off_minor and off_basis_points.")
    if goods != Goods():
        yield path, wording("a bundle names its goods in its parts; take the offer's own goods away.")
    for number, part in enumerate(form.parts):
        yield from _wrong_goods(f"{path}.parts[{number}].goods", part.goods)


def _wrong_steps(path: str, steps: tuple[Step, ...]) -> Iterator[Found]:
    for number, step in enumerate(steps):
        here = f"{path}[{number}]"
        if (step.from_minor is None) == (step.from_pieces is None):
            yield here, wording("give either from_minor or from_pieces.")
        elif (step.off_minor is None) == (step.off_basis_points is None):
            yield here, wording("give either off_minor or off_basis_points.")
        elif step.from_minor is not None and step.off_minor is not None and step.off_minor > step.from_minor:
            yield f"{here}.off_minor", _pays(step.off_minor, step.from_minor)
    for number, (lower, higher) in enumerate(pairwise(steps), start=1):
        here = f"{path}[{number}]"
        if (lower.from_minor is None) != (higher.from_minor is None):
            yield here, wording("the steps of one threshold count money or pieces, not both.")
        elif (lower.off_minor is None) != (higher.off_minor is None):
            yield here, wording("the steps of one threshold give amounts or percentages, not both.")
        elif (higher.from_minor or higher.from_pieces or 0) <= (lower.from_minor or lower.from_pieces or 0):
            yield here, wording("it does not begin above the step before it.")
        elif (higher.off_minor or higher.off_basis_points or 0) <= (lower.off_minor or lower.off_basis_points or 0):
            yield here, wording("it gives no more than the step before it.")


def _pays(off_minor: int, from_minor: int) -> Wording:
    return wording(
        "{off} off from {least} would pay the shopper. Take off no more than is spent.", off=off_minor, least=from_minor
    )
