"""Which of a shopper's coupons would save something in this basket, and by which of them most is saved.

The rule: coupons that stack go together; one that does not stack goes alone. Compared are all that stack together, and
each of the others alone, every one by the greedy deal that the solver finds with it; of equal savings the one with
fewer coupons wins, then the one whose coupon comes first by id. Coupons that the shopper keeps for another time are
left out.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from app.members.coupons import BenefitKind
from app.promotions.basket_layer import Left, give, left_after, settle_quickly
from app.promotions.candidates import Application, Each
from app.promotions.case import Case, make_case
from app.promotions.greedy import Cluster, clusters_of, ground_of, solve_cluster
from app.sales.basket import Basket
from app.sales.coupon_offers import OfferBook, comes_last
from app.sales.dealing import offer_basket_of
from app.sales.shopper import BasketCoupon, BasketDeal


@dataclass(frozen=True, slots=True)
class CouponFit:
    """What one coupon would do."""

    coupon_id: str
    saving_minor: int
    """What would be saved by it, alone or with those in the basket where they stack, more than without it."""


@dataclass(frozen=True, slots=True)
class CouponFits:
    """What a shopper's coupons would do in a basket."""

    each: tuple[CouponFit, ...] = ()
    best: tuple[str, ...] = ()
    """The coupons by which most is saved, by id; those in the basket among them."""

    best_saving_minor: int = 0
    """What they save more than the basket saves now."""

    def saving_of(self, coupon_id: str) -> int:
        """Return what a coupon would save; 0 for one that was not looked at."""
        return next((one.saving_minor for one in self.each if one.coupon_id == coupon_id), 0)


NO_FITS: Final = CouponFits()


def stack(coupons: Iterable[BasketCoupon]) -> bool:
    """Tell whether coupons go together in one basket."""
    together = tuple(coupons)
    return len(together) <= 1 or all(one.stackable for one in together)


def fits_of(basket: Basket, at_hand: Sequence[BasketCoupon], book: OfferBook) -> CouponFits:
    """Work out what coupons at hand would do, with those in the basket as they are.

    Args:
        basket: with its deal.
        at_hand: coupons that could be put in, none of which is in the basket.
        book: the rules.
    """
    usable = [one for one in at_hand if one.benefit.kind is not BenefitKind.FREE_DELIVERY]
    trials = _Trials(basket, book, (*basket.coupons, *usable))
    # Greedy is held against greedy: the basket's own deal may have been looked for harder.
    now = trials.of(basket.coupons).saving_minor
    each = []
    for coupon in usable:
        beside = basket.coupons if stack((*basket.coupons, coupon)) else ()
        more = trials.of((*beside, coupon)).saving_minor - trials.of(beside).saving_minor
        each.append(CouponFit(coupon.coupon_id, max(0, more)))
    found = _best(trials, [one for one in (*basket.coupons, *usable) if one.coupon_id not in basket.declined])
    if found is None or found.saving_minor <= now:
        return CouponFits(tuple(each), _used(basket.deal, basket.coupons), 0)
    return CouponFits(tuple(each), found.used, found.saving_minor - now)


class _Trial(NamedTuple):
    """What some coupons together come to."""

    saving_minor: int
    """Of the whole basket."""

    used: tuple[str, ...]
    """The coupons that the deal uses, by id, in order."""


class _Stage(NamedTuple):
    """A basket worked out up to what is left for the coupons that come last."""

    saving_minor: int
    times: Counter[str]
    """How often offers of each coupon's key were given so far."""

    left: Left


class _Prepared:
    """A basket matched with the rules once, for any of the coupons that stand in it."""

    def __init__(self, case: Case) -> None:
        offers = case.rules.offers
        self.case = case
        self.item_keys = tuple(offers[one.number].who.coupon for one in case.candidates)
        self.basket_keys = tuple(offers[one.number].who.coupon for one in case.basket_candidates)
        self.clusters = clusters_of(case)
        self._ground = ground_of(case, self.clusters)
        self._without = [self._solved(cluster, frozenset()) for cluster in self.clusters]
        """Each cluster where no coupon is held."""

    def item_offers(self, keys: frozenset[str]) -> list[Application]:
        """Return the item offers that are given where only coupons of these keys are held."""
        return [
            application
            for cluster, without in zip(self.clusters, self._without, strict=True)
            for application in (self._solved(cluster, keys) if self._has(cluster, keys) else without)
        ]

    def _has(self, cluster: Cluster, keys: frozenset[str]) -> bool:
        return any(self.item_keys[place] in keys for place in (*cluster.grouped, *cluster.free))

    def _solved(self, cluster: Cluster, keys: frozenset[str]) -> tuple[Application, ...]:
        banned = [place for place, key in enumerate(self.item_keys) if key and key not in keys]
        return solve_cluster(self.case, cluster, self._ground, banned)


class _Trials:
    """Tries sets of coupons in one basket; each of them is in the rules once, and a trial says who holds which."""

    def __init__(self, basket: Basket, book: OfferBook, coupons: tuple[BasketCoupon, ...]) -> None:
        self._rules = book.rules_for(coupons)
        self._basket = offer_basket_of(replace(basket, coupons=coupons), book)
        self._keys = {held.coupon_id: held.key for held in self._basket.shopper.coupons}
        self._last = frozenset(self._keys[one.redemption_id] for one in coupons if comes_last(one))
        self._can_matter = self._keys_that_can_matter()
        self._shared = frozenset(key for key, count in Counter(self._keys.values()).items() if count > 1)
        self._all = self._prepared({one for one, key in self._keys.items() if key not in self._shared})
        self._stages: dict[frozenset[str], tuple[_Prepared, _Stage]] = {}
        self._known: dict[frozenset[str], _Trial] = {}

    def of(self, together: Sequence[BasketCoupon]) -> _Trial:
        """Return what a basket with these coupons saves in all."""
        held = frozenset(
            one.redemption_id for one in together if self._keys.get(one.redemption_id, "") in self._can_matter
        )
        found = self._known.get(held)
        if found is None:
            found = self._known[held] = self._tried([one for one in together if one.redemption_id in held])
        return found

    def _keys_that_can_matter(self) -> frozenset[str]:
        """Return the keys that set off an offer on goods of this basket; the others need no trial."""
        offers = self._rules.offers
        found = {number for line in self._basket.lines for number, _ in self._rules.matches(line)}
        return frozenset(offers[number].who.coupon for number in found) - {""}

    def _tried(self, together: Sequence[BasketCoupon]) -> _Trial:
        keys = frozenset(self._keys[one.redemption_id] for one in together)
        prepared, stage = self._stage(
            frozenset(one.redemption_id for one in together if self._keys[one.redemption_id] not in self._last)
        )
        saving, times, left = stage.saving_minor, Counter(stage.times), stage.left.copy()
        for place, key in enumerate(prepared.basket_keys):
            decision = give(prepared.case, place, left) if key in self._last and key in keys else None
            if decision is not None:
                saving += decision.saving
                times[key] += 1
        used = []
        for one in together:
            key = self._keys[one.redemption_id]
            if times[key] > 0:
                times[key] -= 1
                used.append(one.coupon_id)
        return _Trial(saving, tuple(sorted(used)))

    def _stage(self, early: frozenset[str]) -> tuple[_Prepared, _Stage]:
        """Return the basket with these of the coupons that do not come last, by their redemption's id."""
        found = self._stages.get(early)
        if found is None:
            keys = frozenset(self._keys[redemption_id] for redemption_id in early)
            last = {redemption_id for redemption_id, key in self._keys.items() if key in self._last}
            # Of coupons with one key it counts how many are held.
            prepared = self._prepared(early | last) if keys & self._shared else self._all
            found = self._stages[early] = (prepared, self._worked_out(prepared, keys))
        return found

    def _prepared(self, held: Collection[str]) -> _Prepared:
        shopper = self._basket.shopper
        coupons = tuple(one for one in shopper.coupons if one.coupon_id in held)
        return _Prepared(make_case(replace(self._basket, shopper=replace(shopper, coupons=coupons)), self._rules))

    def _worked_out(self, prepared: _Prepared, keys: frozenset[str]) -> _Stage:
        case = prepared.case
        applications = prepared.item_offers(keys)
        left = left_after(case, applications)
        skipped = frozenset(
            place for place, key in enumerate(prepared.basket_keys) if key and (key in self._last or key not in keys)
        )
        decisions = settle_quickly(case, left, skipped)
        times: Counter[str] = Counter()
        for application in applications:
            each = isinstance(case.candidates[application.candidate], Each)
            pieces = sum(count for _, count in application.takes) if each else 1
            times[prepared.item_keys[application.candidate]] += pieces * application.times
        for decision in decisions:
            give(case, decision.candidate, left)
            times[prepared.basket_keys[decision.candidate]] += decision.times
        saving = sum(one.saving * one.times for one in applications) + sum(one.saving for one in decisions)
        return _Stage(saving, times, left)


def _best(trials: _Trials, coupons: Sequence[BasketCoupon]) -> _Trial | None:
    sets = [tuple(one for one in coupons if one.stackable), *((one,) for one in coupons if not one.stackable)]
    found = (trials.of(together) for together in sets if together)
    return min(found, key=lambda one: (-one.saving_minor, len(one.used), one.used), default=None)


def _used(deal: BasketDeal | None, coupons: Iterable[BasketCoupon]) -> tuple[str, ...]:
    """Return the coupons that a deal uses, by id, in order."""
    used = {redemption for offer in deal.offers for redemption in offer.redemption_ids} if deal is not None else set()
    return tuple(sorted(one.coupon_id for one in coupons if one.redemption_id in used))
