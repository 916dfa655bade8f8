"""One basket under the rules, made ready for the solver: its goods in order, and the offers that could be given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.promotions.baskets import OfferBasket, OfferLine
from app.promotions.candidates import Candidate, CheapestOff, Each, Pack, Together
from app.promotions.eligibility import allowance, why_not_for, why_not_now
from app.promotions.offers import (
    Amount,
    AnyForPrice,
    BasketForm,
    Bundle,
    CheapestFree,
    EachForm,
    Gift,
    NForM,
    Offer,
    Percent,
    SecondOff,
)
from app.promotions.rules import Rules
from app.values.quantity import ONE, extend
from app.values.rounding import divide_half_up
from app.values.wording import Wording, wording

ALL = 10_000
"""All of a price, in basis points."""


@dataclass(frozen=True, slots=True)
class BasketCandidate:
    """A basket offer with the lines it would work on, as places in the case."""

    number: int
    lines: tuple[int, ...]
    gift_lines: tuple[int, ...]
    """Where gifts would be taken from, the dearest first."""

    limit: int | None
    group: str


@dataclass(frozen=True, slots=True)
class Case:
    """What the solver works on."""

    rules: Rules
    lines: tuple[OfferLine, ...]
    """Sorted by line id, so that the order of scanning has no say."""

    prices: tuple[int, ...]
    """Of one piece; of the whole line where it is weighed."""

    counts: tuple[int, ...]
    """Pieces; 1 for a weighed line."""

    pieces: tuple[int, ...]
    """Pieces that count as such; 0 for a weighed line."""

    candidates: tuple[Candidate, ...]
    basket_candidates: tuple[BasketCandidate, ...]
    """Gifts first, then by order."""

    refused: tuple[tuple[int, Wording], ...]
    """Offers that name goods of the basket but are not for this shopper or this hour, with why."""

    incomplete: tuple[int, ...]
    """Offers that name goods of the basket and hold, but find too few to be a candidate."""

    pools: dict[int, Sequence[Sequence[int]]]
    """For each offer that holds, the lines that each of its parts names."""

    limits: dict[int, int | None]
    """For each offer that holds, how often it may still be given."""


def make_case(basket: OfferBasket, rules: Rules) -> Case:
    """Match a basket with the rules."""
    lines = tuple(sorted(basket.lines, key=lambda line: line.line_id))
    pieces = tuple(line.pieces for line in lines)
    prices = tuple(
        line.unit_price_minor if count else line.extended_minor for line, count in zip(lines, pieces, strict=True)
    )
    local = basket.at.astimezone(rules.zone)
    builder = _Builder(rules, lines, prices, pieces)
    refused: list[tuple[int, Wording]] = []
    holding: dict[int, Sequence[Sequence[int]]] = {}
    limits: dict[int, int | None] = {}
    for number, pools in sorted(_pools_of(rules, lines, prices, local.date()).items()):
        offer = rules.offers[number]
        limit, reason = offer.limit.per_basket, None
        if rules.conditional[number]:
            limit = allowance(offer, basket.shopper)
            reason = why_not_now(offer.when, local) or why_not_for(offer, basket.shopper, local.date())
            if reason is None and limit == 0:
                reason = wording("It was used as often as it may be.")
        if reason is not None:
            refused.append((number, reason))
        else:
            builder.add(number, offer, pools, limit)
            holding[number] = pools
            limits[number] = limit
    return Case(
        rules=rules,
        lines=lines,
        prices=prices,
        counts=tuple(count or 1 for count in pieces),
        pieces=pieces,
        candidates=tuple(builder.candidates),
        basket_candidates=tuple(sorted(builder.basket, key=lambda one: (not one.gift_lines, rules.rank(one.number)))),
        refused=tuple(refused),
        incomplete=tuple(builder.incomplete),
        pools=holding,
        limits=limits,
    )


def _pools_of(
    rules: Rules, lines: Sequence[OfferLine], prices: Sequence[int], today: date
) -> dict[int, list[list[int]]]:
    """Return for each offer that names goods of the basket the lines of each of its parts, the dearest first."""
    pools: dict[int, list[list[int]]] = {}
    for place in sorted(range(len(lines)), key=lambda one: (-prices[one], one)):
        line = lines[place]
        if not line.discountable or prices[place] <= 0:
            continue
        for number, part in rules.matches(line):
            if rules.dated[number]:
                within = rules.parts[number][part].expires_within_days
                if within is not None and not _expires_within(line.expiry, within, today):
                    continue
            mine = pools.get(number)
            if mine is None:
                mine = pools[number] = [[] for _ in rules.parts[number]]
            mine[part].append(place)
    return pools


def _expires_within(expiry: date | None, days: int, today: date) -> bool:
    return expiry is not None and 0 <= (expiry - today).days <= days


class _Builder:
    """Turns offers and the lines they name into candidates."""

    def __init__(self, rules: Rules, lines: Sequence[OfferLine], prices: Sequence[int], pieces: Sequence[int]) -> None:
        self.rules = rules
        self.lines = lines
        self.prices = prices
        self.pieces = pieces
        self.candidates: list[Candidate] = []
        self.basket: list[BasketCandidate] = []
        self.incomplete: list[int] = []

    def add(self, number: int, offer: Offer, pools: list[list[int]], limit: int | None) -> None:
        """Add an offer that holds, if the basket has what it needs."""
        form = offer.form
        pieces = self.pieces
        for pool, need in zip(pools, self.rules.needs[number], strict=True):
            if need and sum([pieces[place] for place in pool]) < need:
                self.incomplete.append(number)
                return
        group = self.rules.exclusive_group(number)
        if isinstance(form, BasketForm):
            self._add_basket_offer(number, pools, limit, group)
            return
        if isinstance(form, EachForm):
            made: Candidate | None = self._each(number, form, pools[0], limit, group)
        elif isinstance(form, NForM):
            made = self._cheapest(
                number, (form.take, form.take - form.pay, ALL), form.same_product, pools[0], limit, group
            )
        elif isinstance(form, CheapestFree):
            made = self._cheapest(number, (form.take, 1, ALL), form.same_product, pools[0], limit, group)
        elif isinstance(form, SecondOff):
            made = self._cheapest(number, (2, 1, form.off_basis_points), form.same_product, pools[0], limit, group)
        elif isinstance(form, AnyForPrice):
            made = self._together(number, form, pools[0], limit, group)
        else:
            made = self._pack(number, form, pools, limit, group)
        if made is None:
            self.incomplete.append(number)
        else:
            self.candidates.append(made)

    def _add_basket_offer(self, number: int, pools: list[list[int]], limit: int | None, group: str) -> None:
        gifts: tuple[int, ...] = ()
        counted = tuple(sorted(pools[0]))
        if len(pools) > 1:
            gifts = self._pieces_only(pools[1])
            counted = tuple(place for place in counted if place not in pools[1])
        if not counted or (len(pools) > 1 and not gifts):
            self.incomplete.append(number)
        else:
            self.basket.append(BasketCandidate(number, counted, gifts, limit, group))

    def _each(self, number: int, form: EachForm, pool: list[int], limit: int | None, group: str) -> Each | None:
        savings = {}
        for place in pool:
            if form.least_pieces > 1 and not self.pieces[place]:
                continue
            saving = self._saving_of_one(place, form)
            if saving > 0:
                savings[place] = saving
        held = sum([self.pieces[place] or 1 for place in savings])
        if not savings or held < form.least_pieces or (limit is not None and limit < form.least_pieces):
            return None
        return Each(number, savings, limit if limit is None or limit < held else None, form.least_pieces, group)

    def _saving_of_one(self, place: int, form: EachForm) -> int:
        price, line = self.prices[place], self.lines[place]
        quantity = ONE if self.pieces[place] else line.quantity_thousandths
        if isinstance(form, Percent):
            return divide_half_up(price * form.off_basis_points, ALL)
        if isinstance(form, Amount):
            return min(price, extend(form.off_minor, quantity))
        return price - extend(form.price_minor, quantity)

    def _pieces_only(self, pool: Sequence[int]) -> tuple[int, ...]:
        return tuple([place for place in pool if self.pieces[place]])

    def _pools(self, pool: list[int], take: int, *, same_product: bool) -> tuple[tuple[int, ...], ...]:
        ordered = self._pieces_only(pool)
        if same_product:
            products = sorted({self.lines[place].product_id for place in ordered})
            sets = [tuple(place for place in ordered if self.lines[place].product_id == name) for name in products]
        else:
            sets = [ordered]
        return tuple(one for one in sets if sum(self.pieces[place] for place in one) >= take)

    def _cheapest(
        self,
        number: int,
        form: tuple[int, int, int],
        same_product: bool,
        pool: list[int],
        limit: int | None,
        group: str,
    ) -> CheapestOff | None:
        take, cheapest, basis_points = form
        pools = self._pools(pool, take, same_product=same_product)
        if not pools:
            return None
        off = {place: divide_half_up(self.prices[place] * basis_points, ALL) for one in pools for place in one}
        return CheapestOff(number, pools, self.prices, off, take, cheapest, limit, group, basis_points)

    def _together(
        self, number: int, form: AnyForPrice, pool: list[int], limit: int | None, group: str
    ) -> Together | None:
        pools = self._pools(pool, form.take, same_product=form.same_product)
        if not pools:
            return None
        return Together(number, pools, self.prices, form.take, form.price_minor, limit, group)

    def _pack(
        self, number: int, form: Bundle | Gift, pools: list[list[int]], limit: int | None, group: str
    ) -> Pack | None:
        ordered = tuple(self._pieces_only(pool) for pool in pools)
        constant = 0
        if isinstance(form, Gift):
            needs: tuple[int, ...] = (form.buy_pieces, form.gift_pieces)
            bought = dict.fromkeys(ordered[0], 0)
            given = {place: self.prices[place] - form.price_minor for place in ordered[1]}
            ordered = (ordered[0], tuple(place for place in ordered[1] if given[place] > 0))
            values: tuple[dict[int, int], ...] = (bought, given)
        else:
            needs = tuple(part.pieces for part in form.parts)
            if form.price_minor is not None:
                constant = -form.price_minor
                values = tuple({place: self.prices[place] for place in pool} for pool in ordered)
            elif form.off_minor is not None:
                constant = form.off_minor
                values = tuple(dict.fromkeys(pool, 0) for pool in ordered)
            else:
                points = form.off_basis_points or 0
                values = tuple(
                    {place: divide_half_up(self.prices[place] * points, ALL) for place in pool} for pool in ordered
                )
        for pool, need in zip(ordered, needs, strict=True):
            if sum(self.pieces[place] for place in pool) < need:
                return None
        if sum(self.pieces[place] for place in {place for pool in ordered for place in pool}) < sum(needs):
            return None
        return Pack(number, ordered, needs, self.prices, values, constant, limit, group, capped=constant > 0)
