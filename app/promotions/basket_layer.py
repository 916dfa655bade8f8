"""What item offers left, and what basket offers then take off it, in their order.

Each line stands here as two cells: the pieces that no item offer touched (even places) and those that one touched
(odd places). A discount is spread over the cells it worked on by largest remainder; the next offer sees what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.promotions.candidates import Application, Each
from app.promotions.case import ALL, BasketCandidate, Case
from app.promotions.offers import Every, Extra, GiftFrom, Threshold
from app.values.rounding import divide_half_up


class Decision(NamedTuple):
    """A basket offer that was given, with what it took off each cell."""

    candidate: int
    """Its place among the case's basket candidates."""

    saving: int
    shares: tuple[tuple[int, int], ...]
    """Line and amount; a line may stand twice."""

    times: int = 1
    base_minor: int = 0
    """What it was worked out on."""

    gift_pieces: tuple[tuple[int, int], ...] = ()
    """Line and pieces that were the gift."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left in the cells."""

    net: list[int]
    pieces: list[int]
    touched: list[bool]
    closed: list[bool]

    def copy(self) -> "Left":
        """Return a copy that can be worked on."""
        return Left(self.net[:], self.pieces[:], self.touched[:], self.closed[:])


def shares_of(case: Case, application: Application) -> tuple[tuple[int, int], ...]:
    """Return what one time of an application takes off each of its lines: in proportion to what its pieces cost.

    Pieces that take an offer by themselves keep their own saving.
    """
    candidate = case.candidates[application.candidate]
    if isinstance(candidate, Each):
        return tuple([(line, candidate.savings[line] * count) for line, count in application.takes])
    weights = [case.prices[line] * count for line, count in application.takes]
    parts = spread(application.saving, weights, sum(weights))
    return tuple([(line, part) for (line, _), part in zip(application.takes, parts, strict=True)])


def left_after(case: Case, applications: Iterable[Application]) -> Left:
    """Return what is left after item offers."""
    cells = traced(case, range(len(case.lines)), applications)
    return Left(
        [amount for cell in cells for amount in (cell[0], cell[2])],
        [pieces for cell in cells for pieces in (cell[1], cell[3])],
        [False, True] * len(cells),
        [False] * (2 * len(cells)),
    )


def traced(
    case: Case, lines: Sequence[int], applications: Iterable[Application]
) -> tuple[tuple[int, int, int, int], ...]:
    """Return what is left of some lines after item offers: amount and pieces, untouched and touched."""
    cells = {line: [case.prices[line] * case.counts[line], case.pieces[line], 0, 0] for line in lines}
    for application in applications:
        stackable = case.rules.offers[case.candidates[application.candidate].number].stackable
        for (line, count), (_, share) in zip(application.takes, shares_of(case, application), strict=True):
            cell = cells.get(line)
            if cell is None:
                continue
            price = case.prices[line] * count * application.times
            counted = count * application.times if case.pieces[line] else 0
            cell[0] -= price
            cell[1] -= counted
            if stackable:
                cell[2] += price - share * application.times
                cell[3] += counted
    return tuple((cell[0], cell[1], cell[2], cell[3]) for cell in cells.values())


def give(case: Case, place: int, left: Left) -> Decision | None:
    """Give one basket offer on what is left and change that; None where it takes nothing off."""
    candidate = case.basket_candidates[place]
    cells = _cells(case, candidate, left)
    net = left.net
    amounts = [net[cell] for cell in cells]
    base = sum(amounts)
    if candidate.gift_lines:
        return _give_gift(case, place, left, cells, base)
    times, saving = _saving(case, candidate, base, sum([left.pieces[cell] for cell in cells]))
    if saving <= 0:
        return None
    parts = spread(saving, amounts, base)
    closes = not case.rules.offers[candidate.number].stackable
    for cell, part in zip(cells, parts, strict=True):
        net[cell] -= part
        left.touched[cell] = True
        left.closed[cell] = closes
    shares = tuple([(cell // 2, part) for cell, part in zip(cells, parts, strict=True) if part])
    return Decision(place, saving, shares, times, base)


def spread(amount: int, weights: Sequence[int], total: int) -> list[int]:
    """Split an amount of zero or more as `split_by_largest_remainder` does, with the sum of the weights known.

    All that a trolley holds is spread over again and again while answers are compared; that is what takes most time.
    """
    parts = [amount * weight // total for weight in weights]
    missing = amount - sum(parts)
    if missing:
        remainders = [amount * weight % total for weight in weights]
        # Sorting backwards leaves the earlier of equal remainders first.
        for place in sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:missing]:
            parts[place] += 1
    return parts


def most(case: Case, place: int, left: Left) -> int:
    """Return what an offer would take off by itself: never less than what it takes off after others."""
    candidate = case.basket_candidates[place]
    if candidate.gift_lines:
        decision = give(case, place, left.copy())
        return decision.saving if decision else 0
    cells = _cells(case, candidate, left)
    base, pieces = sum([left.net[cell] for cell in cells]), sum([left.pieces[cell] for cell in cells])
    return _saving(case, candidate, base, pieces)[1]


def base_of(case: Case, place: int, left: Left) -> tuple[int, int]:
    """Return the amount and the pieces that an offer would be worked out on."""
    cells = _cells(case, case.basket_candidates[place], left)
    return sum([left.net[cell] for cell in cells]), sum([left.pieces[cell] for cell in cells])


def saving_on(case: Case, candidate: BasketCandidate, base: int, pieces: int) -> int:
    """Return what an offer that is no gift takes off an amount and so many pieces."""
    return _saving(case, candidate, base, pieces)[1]


def _cells(case: Case, candidate: BasketCandidate, left: Left) -> list[int]:
    if case.rules.offers[candidate.number].stackable:
        net, closed = left.net, left.closed
        return [
            cell for line in candidate.lines for cell in (2 * line, 2 * line + 1) if net[cell] > 0 and not closed[cell]
        ]
    return [2 * line for line in candidate.lines if left.net[2 * line] > 0 and not left.touched[2 * line]]


def _saving(case: Case, candidate: BasketCandidate, base: int, pieces: int) -> tuple[int, int]:
    """Return how many times an offer is given on an amount, and what it takes off: never more than the amount."""
    form = case.rules.offers[candidate.number].form
    times, saving = 1, 0
    if isinstance(form, Extra):
        saving = form.off_minor or divide_half_up(base * (form.off_basis_points or 0), ALL)
    elif isinstance(form, Every):
        times = base // form.every_minor if form.every_minor else pieces // (form.every_pieces or 1)
        times = times if candidate.limit is None else min(times, candidate.limit)
        saving = form.off_minor * times
    elif isinstance(form, Threshold):
        for step in form.steps:
            if (base >= step.from_minor) if step.from_minor else (pieces >= (step.from_pieces or 0)):
                saving = step.off_minor or divide_half_up(base * (step.off_basis_points or 0), ALL)
        saving = saving if form.most_off_minor is None else min(saving, form.most_off_minor)
    return times, min(saving, base)


def _give_gift(case: Case, place: int, left: Left, cells: Sequence[int], base: int) -> Decision | None:
    candidate = case.basket_candidates[place]
    offer = case.rules.offers[candidate.number]
    form = offer.form
    if not isinstance(form, GiftFrom) or base < form.from_minor:
        return None
    wanted, saving = form.gift_pieces, 0
    shares, gifts = [], []
    for line in candidate.gift_lines:
        cell = 2 * line
        each = case.prices[line] - form.price_minor
        count = 0 if left.touched[cell] else min(wanted, left.pieces[cell])
        if each <= 0 or count <= 0:
            continue
        wanted -= count
        saving += each * count
        shares.append((line, each * count))
        gifts.append((line, count))
        left.net[cell] -= case.prices[line] * count
        left.pieces[cell] -= count
        if offer.stackable:
            left.net[cell + 1] += form.price_minor * count
            left.pieces[cell + 1] += count
    if not saving:
        return None
    for cell in cells:
        left.touched[cell] = True
        left.closed[cell] = not offer.stackable
    return Decision(place, saving, tuple(shares), 1, base, tuple(gifts))


def settle_quickly(case: Case, left: Left, skipped: frozenset[int] = frozenset()) -> tuple[Decision, ...]:
    """Give basket offers in their order, of an exclusive group the one that takes most off by itself."""
    chosen: dict[str, tuple[int, int]] = {}
    for place, candidate in enumerate(case.basket_candidates):
        if candidate.group and place not in skipped:
            value = most(case, place, left)
            if value > chosen.get(candidate.group, (0, 0))[0]:
                chosen[candidate.group] = (value, place)
    work = left.copy()
    given = []
    for place, candidate in enumerate(case.basket_candidates):
        if place in skipped or (candidate.group and chosen.get(candidate.group, (0, -1))[1] != place):
            continue
        decision = give(case, place, work)
        if decision is not None:
            given.append(decision)
    return tuple(given)


def settle_well(case: Case, left: Left) -> tuple[Decision, ...]:
    """Settle quickly, then leave out one offer after another as long as that takes more off."""
    best = settle_quickly(case, left)
    saved = sum(decision.saving for decision in best)
    skipped: frozenset[int] = frozenset()
    for _ in range(len(best)):
        found: frozenset[int] | None = None
        for decision in best:
            trial = settle_quickly(case, left, skipped | {decision.candidate})
            value = sum(one.saving for one in trial)
            if value > saved:
                saved, found, best_trial = value, skipped | {decision.candidate}, trial
        if found is None:
            break
        skipped, best = found, best_trial
    return best


@dataclass(slots=True)
class _Search:
    """The best choice found so far."""

    saved: int = -1
    decisions: tuple[Decision, ...] = ()


def settle_exactly(case: Case, left: Left) -> tuple[Decision, ...]:
    """Give or skip each offer in its order: the choice that takes most off, of equal ones the first found."""
    search = _Search()
    order = [place for place in range(len(case.basket_candidates)) if most(case, place, left) > 0]
    _choose(case, order, left, (), 0, search)
    return search.decisions


def _choose(
    case: Case, order: Sequence[int], left: Left, given: tuple[Decision, ...], saved: int, search: _Search
) -> None:
    if saved > search.saved:
        search.saved, search.decisions = saved, given
    if not order or saved + _bound(case, order, left) <= search.saved:
        return
    place, rest = order[0], order[1:]
    work = left.copy()
    decision = give(case, place, work)
    if decision is not None:
        group = case.basket_candidates[place].group
        others = [one for one in rest if not group or case.basket_candidates[one].group != group]
        _choose(case, others, work, (*given, decision), saved + decision.saving, search)
    _choose(case, rest, left, given, saved, search)


def _bound(case: Case, order: Iterable[int], left: Left) -> int:
    """Return at most what the offers still take off."""
    bound = 0
    by_group: dict[str, int] = {}
    for place in order:
        group, value = case.basket_candidates[place].group, most(case, place, left)
        if group:
            by_group[group] = max(by_group.get(group, 0), value)
        else:
            bound += value
    return bound + sum(by_group.values())
