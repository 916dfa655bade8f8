"""Basket offers as straight lines: under each choice of them, at most how much a unit that item offers leave is worth.

A scenario says which basket offers are given, and which step of each is reached. A percentage is then a share of what
is left, an amount is fixed, a gift is one more way for a piece to be taken. All is rounded in the shopper's favour, so
that no way to give item offers saves more than its scenario says; what it really saves is worked out afterwards.

Amounts are in millionths of minor units.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

from app.promotions.basket_layer import saving_on
from app.promotions.case import BasketCandidate, Case
from app.promotions.columns import Column
from app.promotions.offers import Every, Extra, GiftFrom, Threshold

SCALE: Final = 1_000_000
_HUNDRED: Final = 10_000
MOST_STEPS: Final = 2_000
"""Of one basket offer."""


class Reach(NamedTuple):
    """One step of a basket offer."""

    place: int
    """Among the case's basket candidates."""

    least: int
    in_money: bool
    off_minor: int
    basis_points: int


class Need(NamedTuple):
    """What must be left for a step to be reached: a line's piece brings so much untouched, or worn by item offers."""

    fresh: tuple[int, ...]
    """For each line: for one minor unit left, or for one piece."""

    worn: tuple[int, ...]
    in_money: bool
    least: int
    area: tuple[int, ...]
    """The lines that can bring anything."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What it is worth to leave goods to the basket offers of a choice."""

    fresh: tuple[int, ...]
    """For each line, for one minor unit that nothing touched."""

    worn: tuple[int, ...]
    gifts: tuple[tuple[Column, int], ...]
    """Pieces that could be a gift, each with the place of its basket offer."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A choice of basket offers with their steps."""

    worth: Worth
    constant: int
    """Added to what item offers and the goods they leave are worth."""

    needs: tuple[Need, ...]
    chosen: tuple[Reach, ...]
    cells: tuple[tuple[tuple[int, bool], ...], ...]
    """For each offer the cells it works on when all before it are given: a line, and whether item offers touched it."""


def steps_of(case: Case, known: int, most_from_items: int) -> list[list[Reach | None]] | None:
    """Return for each basket offer the steps that an answer that saves more than a known one could reach, or none.

    Where most is spent item offers save at least what is known less all that basket offers could take off, and at most
    what they could save by themselves: what is left lies between, and few steps of "every so much" do.

    Returns:
        None where an offer has too many steps to be written down.
    """
    offers = range(len(case.basket_candidates))
    gross = [sum(case.prices[line] * case.counts[line] for line in one.lines) for one in case.basket_candidates]
    if any(_count_of(case, place) > MOST_STEPS for place in offers):
        return None
    reaches = [list(_reaches(case, place)) for place in offers]
    touched = {line for candidate in case.candidates for line in candidate.lines}
    most_off = sum(_most_off(case, place, gross[place]) for place in offers)
    closes = not all(case.rules.offers[one.number].stackable for one in (*case.candidates, *case.basket_candidates))
    options: list[list[Reach | None]] = []
    for place, ones in enumerate(reaches):
        high = gross[place]
        if touched <= set(case.basket_candidates[place].lines):
            high += most_off - known
        low = 0 if closes else max(0, gross[place] - most_from_items - most_off)
        kept: list[Reach | None] = [None]
        for at, one in enumerate(ones):
            passed = at + 1 < len(ones) and ones[at + 1].in_money and ones[at + 1].least <= low
            if not one.in_money or (one.least <= high and not passed):
                kept.append(one)
        options.append(kept)
    return options


def _most_off(case: Case, place: int, gross: int) -> int:
    """Return at most what a basket offer takes off, or gives."""
    candidate = case.basket_candidates[place]
    form = case.rules.offers[candidate.number].form
    if isinstance(form, GiftFrom):
        return form.gift_pieces * max((case.prices[line] for line in candidate.gift_lines), default=0)
    pieces = sum(case.pieces[line] for line in candidate.lines)
    return saving_on(case, candidate, gross, pieces)


def _count_of(case: Case, place: int) -> int:
    """Return how many steps a basket offer has at most, without writing them all down."""
    candidate = case.basket_candidates[place]
    form = case.rules.offers[candidate.number].form
    if isinstance(form, Every):
        return _most_times(case, candidate, form)
    return 2 * len(form.steps) if isinstance(form, Threshold) else 1


def _most_times(case: Case, candidate: BasketCandidate, form: Every) -> int:
    if form.every_minor:
        most = sum(case.prices[line] * case.counts[line] for line in candidate.lines) // form.every_minor
    else:
        most = sum(case.pieces[line] for line in candidate.lines) // (form.every_pieces or 1)
    return most if candidate.limit is None else min(most, candidate.limit)


def scenarios_of(case: Case, options: Sequence[Sequence[Reach | None]]) -> list[Scenario]:
    """Return every scenario of some steps."""
    known: dict[tuple[tuple[int, int], ...], Worth] = {}
    found = []
    for choice in product(*options):
        chosen = [one for one in choice if one is not None]
        groups = [case.basket_candidates[one.place].group for one in chosen]
        named = [group for group in groups if group]
        if len(set(named)) == len(named):
            found.append(_scenario(case, chosen, known))
    return found


def _reaches(case: Case, place: int) -> Iterator[Reach]:
    candidate = case.basket_candidates[place]
    form = case.rules.offers[candidate.number].form
    gross = sum(case.prices[line] * case.counts[line] for line in candidate.lines)
    pieces = sum(case.pieces[line] for line in candidate.lines)
    if isinstance(form, GiftFrom):
        yield Reach(place, form.from_minor, True, 0, 0)
    elif isinstance(form, Extra):
        yield Reach(place, 1, True, form.off_minor or 0, form.off_basis_points or 0)
    elif isinstance(form, Every):
        size = form.every_minor or form.every_pieces or 1
        for times in range(1, _most_times(case, candidate, form) + 1):
            yield Reach(place, times * size, form.every_minor is not None, times * form.off_minor, 0)
    elif isinstance(form, Threshold):
        for step in form.steps:
            in_money = step.from_minor is not None
            least = step.from_minor or step.from_pieces or 0
            if least <= (gross if in_money else pieces):
                yield Reach(place, least, in_money, step.off_minor or 0, step.off_basis_points or 0)
            cap = form.most_off_minor
            if cap is not None and in_money and step.off_basis_points:
                # Where the cap is reached, what is left beyond is worth nothing more to the offer.
                capped_from = max(least, -(-(cap * _HUNDRED - _HUNDRED // 2) // step.off_basis_points))
                if capped_from <= gross:
                    yield Reach(place, capped_from, True, cap, 0)


Cell = tuple[int, bool]
"""A line, and whether item offers touched the pieces."""


def _scenario(case: Case, chosen: Sequence[Reach], known: dict[tuple[tuple[int, int], ...], Worth]) -> Scenario:
    cells = _cells_of(case, chosen)
    marginal: dict[Cell, int] = {}
    constant = 0
    for reach, mine in zip(reversed(chosen), reversed(cells), strict=True):
        if case.basket_candidates[reach.place].gift_lines:
            continue
        least = min((marginal.get(cell, 0) for cell in mine), default=0)
        if reach.basis_points:
            # Its own rounding, and that of its spreading over goods that are worth more than others.
            constant += SCALE // 2 + 1 + sum([marginal.get(cell, 0) - least for cell in mine])
            for cell in mine:
                after = marginal.get(cell, 0)
                marginal[cell] = reach.basis_points * SCALE // _HUNDRED + after - reach.basis_points * after // _HUNDRED
        else:
            constant += reach.off_minor * (SCALE - least)
    # Amounts have no say in what goods are worth, unless an offer after them takes untouched ones only.
    closing = not all(case.rules.offers[case.basket_candidates[one.place].number].stackable for one in chosen)
    key = tuple([(one.place, one.basis_points) for one in chosen if closing or _shapes(case, one)])
    worth = known.get(key)
    if worth is None:
        lines = range(len(case.lines))
        worth = known[key] = Worth(
            tuple([marginal.get((line, False), 0) for line in lines]),
            tuple([marginal.get((line, True), 0) for line in lines]),
            tuple(_gifts(case, chosen, cells)),
        )
    return Scenario(worth, constant, tuple(_needs(case, chosen, cells)), tuple(chosen), tuple(map(tuple, cells)))


def _shapes(case: Case, reach: Reach) -> bool:
    """Whether an offer has a say in what goods are worth: amounts have none."""
    return bool(reach.basis_points or case.basket_candidates[reach.place].gift_lines)


def _cells_of(case: Case, chosen: Sequence[Reach]) -> list[list[Cell]]:
    """Return for each offer the cells it works on when all before it are given."""
    touched: set[Cell] = set()
    closed: set[Cell] = set()
    found = []
    for reach in chosen:
        candidate = case.basket_candidates[reach.place]
        if case.rules.offers[candidate.number].stackable:
            mine = [cell for line in candidate.lines for cell in ((line, False), (line, True)) if cell not in closed]
        else:
            mine = [(line, False) for line in candidate.lines if (line, False) not in touched]
            closed.update(mine)
        touched.update(mine)
        found.append(mine)
    return found


def _gifts(case: Case, chosen: Sequence[Reach], cells: Sequence[Sequence[Cell]]) -> Iterator[tuple[Column, int]]:
    touched: set[Cell] = set()
    for reach, mine in zip(chosen, cells, strict=True):
        candidate = case.basket_candidates[reach.place]
        offer = case.rules.offers[candidate.number]
        if isinstance(offer.form, GiftFrom):
            for line in candidate.gift_lines:
                saving = case.prices[line] - offer.form.price_minor
                if saving > 0 and (line, False) not in touched:
                    column = Column(-1 - reach.place, ((line, 1, saving),), saving, offer.stackable)
                    yield column, reach.place
        touched.update(mine)


def _needs(case: Case, chosen: Sequence[Reach], cells: Sequence[Sequence[Cell]]) -> Iterator[Need]:
    """Yield what each step needs, less what the offers before it take off for certain."""
    lines = range(len(case.lines))
    for place, (reach, mine) in enumerate(zip(chosen, cells, strict=True)):
        if not reach.in_money:
            inside = set(mine)
            yield Need(
                area=tuple(sorted({line for line, _ in mine if case.pieces[line]})),
                fresh=tuple([SCALE * ((line, False) in inside) for line in lines]),
                worn=tuple([SCALE * ((line, True) in inside) for line in lines]),
                in_money=False,
                least=reach.least * SCALE,
            )
            continue
        kept = dict.fromkeys(mine, SCALE)
        taken = slack = 0
        for before, others in zip(chosen[:place], cells[:place], strict=True):
            if case.basket_candidates[before.place].gift_lines:
                continue
            whole = all(cell in kept for cell in others)
            if before.basis_points:
                taken -= -(-taken * before.basis_points // _HUNDRED)
                slack += SCALE if whole else SCALE * (1 + len(others))
                for cell in others:
                    if cell in kept:
                        kept[cell] -= kept[cell] * before.basis_points // _HUNDRED
            elif whole and before.in_money and before.off_minor <= before.least:
                taken += before.off_minor * SCALE
        yield Need(
            tuple([kept.get((line, False), 0) for line in lines]),
            tuple([kept.get((line, True), 0) for line in lines]),
            in_money=True,
            least=reach.least * SCALE + taken - slack,
            area=tuple(sorted({line for line, _ in mine})),
        )
