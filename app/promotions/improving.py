"""Improves the greedy answer by a bounded number of changes, tried in a fixed order.

Within a cluster: offers ranked by what they gain for each piece, each offer once first, and each given offer left out.
Between item and basket offers: where a threshold is missed by what item offers took off, the item offers that are
cheapest to do without are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.promotions.basket_layer import (
    Decision,
    Left,
    base_of,
    give,
    left_after,
    most,
    settle_quickly,
    settle_well,
    traced,
)
from app.promotions.candidates import Application, Each
from app.promotions.case import Case
from app.promotions.greedy import Cluster, Ground, solve_cluster
from app.promotions.offers import Every, Extra, GiftFrom, Step, Threshold

CLUSTER_WORK: Final = (1_000, 150)
"""How much work on clusters is allowed, in a small basket and in a large one; one attempt costs as much as the cluster
has lines and offers."""

SMALL: Final = 60
"""A basket of at most so many lines is worth more attempts, and a proof before payment: they cost little there."""

BASKET_ATTEMPTS: Final = (80, 4)
"""How many times item offers are left out for a basket offer, in a small basket and in a large one."""

Plan = tuple[Application, ...]


def improve(
    case: Case, clusters: Sequence[Cluster], ground: Ground, solved: Sequence[Plan]
) -> tuple[list[Plan], tuple[Decision, ...]]:
    """Return a better answer where one is found; never a worse one than the greedy."""
    better = _improve_clusters(case, clusters, ground, solved)
    if not case.basket_candidates:
        return better, ()
    settled = _settled(case, list(solved))
    if better != list(solved):
        second = _settled(case, better)
        settled = second if second.total > settled.total else settled
    return _improve_thresholds(case, clusters, ground, settled)


def saved_by(plan: Sequence[Application]) -> int:
    """Return what item offers save."""
    return sum(one.saving * one.times for one in plan)


def _improve_clusters(case: Case, clusters: Sequence[Cluster], ground: Ground, solved: Sequence[Plan]) -> list[Plan]:
    better, work = list(solved), CLUSTER_WORK[len(case.lines) > SMALL]
    order = [place for place, cluster in enumerate(clusters) if len(cluster.grouped) > 1]
    order.sort(key=lambda place: (len(clusters[place].grouped), place))
    for place in order:
        cluster = clusters[place]
        work -= len(cluster.lines) + len(cluster.grouped)
        if work < 0:
            return better
        better[place] = _best(better[place], solve_cluster(case, cluster, ground, by_piece=True))
    for place in order:
        cluster = clusters[place]
        cost = len(cluster.lines) + len(cluster.grouped)
        used = {one.candidate for one in better[place]}
        for candidate in cluster.grouped:
            work -= cost
            if work < 0:
                return better
            if candidate in used:
                trial = solve_cluster(case, cluster, ground, banned=(candidate,))
            else:
                trial = solve_cluster(case, cluster, ground, first=candidate)
            better[place] = _best(better[place], trial)
    return better


def _best(known: Plan, trial: Plan) -> Plan:
    return trial if saved_by(trial) > saved_by(known) else known


@dataclass(slots=True)
class _Settled:
    """An answer with its basket offers."""

    solved: list[Plan]
    decisions: tuple[Decision, ...]
    total: int
    left: Left
    """After item offers."""


def _settled(case: Case, solved: list[Plan]) -> _Settled:
    left = left_after(case, [one for plan in solved for one in plan])
    decisions = settle_well(case, left) if len(case.lines) <= SMALL else settle_quickly(case, left)
    return _Settled(solved, decisions, sum(map(saved_by, solved)) + sum(one.saving for one in decisions), left)


def _improve_thresholds(
    case: Case, clusters: Sequence[Cluster], ground: Ground, best: _Settled
) -> tuple[list[Plan], tuple[Decision, ...]]:
    small = len(case.lines) <= SMALL
    first, attempts = best.solved, BASKET_ATTEMPTS[not small]
    most_from_basket = 0
    if small:
        untouched = left_after(case, ())
        most_from_basket = sum(most(case, place, untouched) for place in range(len(case.basket_candidates)))
    changed = True
    while changed and attempts > 0:
        changed = False
        for trial in _trials(case, clusters, ground, best, first, most_from_basket):
            attempts -= 1
            settled = _settled(case, trial)
            if settled.total > best.total:
                best, changed = settled, True
                break
            if attempts <= 0:
                break
    return best.solved, best.decisions


def _trials(
    case: Case,
    clusters: Sequence[Cluster],
    ground: Ground,
    answer: _Settled,
    first: Sequence[Plan],
    most_from_basket: int,
) -> Iterator[list[Plan]]:
    """Yield answers with less from item offers: what reaches a next step, then each offer left out of its cluster."""
    for place, (base, pieces) in enumerate(_bases(case, answer)):
        trial = _reaching(case, place, answer, base, pieces)
        if trial is not None:
            yield trial
    if len(case.lines) <= SMALL:
        room = most_from_basket - sum(one.saving for one in answer.decisions)
        yield from _other_answers(case, clusters, ground, answer, first, room)


def _other_answers(
    case: Case,
    clusters: Sequence[Cluster],
    ground: Ground,
    answer: _Settled,
    first: Sequence[Plan],
    room: int,
) -> Iterator[list[Plan]]:
    """Yield answers with a cluster as it was at first, with goods kept for a basket offer, with other offers."""
    for place, plan in enumerate(first):
        if plan != answer.solved[place]:
            yield [*answer.solved[:place], plan, *answer.solved[place + 1 :]]
    for candidate in case.basket_candidates:
        yield [solve_cluster(case, cluster, ground, kept=candidate.lines) for cluster in clusters]
        if candidate.gift_lines:
            dearest = candidate.gift_lines[:1]
            yield [solve_cluster(case, cluster, ground, kept=dearest) for cluster in clusters]
    for place, cluster in enumerate(clusters):
        for plan in _other_plans(case, cluster, ground, answer.solved[place]):
            if saved_by(plan) + room > saved_by(answer.solved[place]):
                yield [*answer.solved[:place], plan, *answer.solved[place + 1 :]]


def _other_plans(case: Case, cluster: Cluster, ground: Ground, known: Plan) -> Iterator[Plan]:
    """Yield a cluster's plans without each offer that is given, then with each other one first; in both orders."""
    given = sorted({one.candidate for one in known})
    for by_piece in (False, True):
        for candidate in given:
            yield solve_cluster(case, cluster, ground, banned=(candidate,), by_piece=by_piece)
        for candidate in cluster.grouped:
            if candidate not in given:
                yield solve_cluster(case, cluster, ground, first=candidate, by_piece=by_piece)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What a basket offer counts."""

    lines: tuple[int, ...]
    touched_too: bool
    """Whether goods that an item offer touched count as well."""

    in_money: bool


@dataclass(frozen=True, slots=True)
class _Move:
    """So many pieces or times of an application that could be left out."""

    cost: int
    brings: int
    """What the basket offer then counts more: minor units or pieces."""

    application: Application
    left: Application | None
    """What stays of it."""


def _bases(case: Case, answer: _Settled) -> list[tuple[int, int]]:
    """Return what each basket offer found when its turn came: amount and pieces."""
    left, given = answer.left.copy(), {decision.candidate for decision in answer.decisions}
    bases = []
    for place in range(len(case.basket_candidates)):
        bases.append(base_of(case, place, left))
        if place in given:
            give(case, place, left)
    return bases


def _reaching(case: Case, place: int, answer: _Settled, base: int, pieces: int) -> list[Plan] | None:
    """Leave out the item offers that cost least for a basket offer's next step; None where none would do."""
    candidate = case.basket_candidates[place]
    missing, prize, in_money = _next_step(case, place, base, pieces)
    counted = _Counted(candidate.lines, case.rules.offers[candidate.number].stackable, in_money)
    form = case.rules.offers[candidate.number].form
    if isinstance(form, GiftFrom) and missing <= 0 and all(one.candidate != place for one in answer.decisions):
        missing, counted = form.gift_pieces, _Counted(candidate.gift_lines, touched_too=False, in_money=False)
    if missing <= 0:
        return None
    lines = set(counted.lines)
    moves = [
        move
        for plan in answer.solved
        for one in plan
        if one.saving < prize * len(one.takes) and any(line in lines for line, _ in one.takes)
        for move in _moves(case, one, counted, missing)
        if move.cost < prize
    ]
    chosen = _choose_moves(moves, missing, prize)
    if not chosen:
        return None
    stays = {id(move.application): move.left for move in chosen}
    return [
        tuple(kept for one in plan for kept in (stays.get(id(one), one),) if kept is not None) for plan in answer.solved
    ]


def _choose_moves(moves: list[_Move], missing: int, prize: int) -> list[_Move]:
    """Choose the cheapest single move that is enough, otherwise moves by what they cost for what they bring."""
    alone = [move for move in moves if move.brings >= missing]
    if alone:
        return [min(alone, key=lambda move: move.cost)]
    chosen: list[_Move] = []
    used: set[int] = set()
    for move in sorted(moves, key=lambda move: move.cost * 1000 // move.brings):
        if id(move.application) in used:
            continue
        used.add(id(move.application))
        chosen.append(move)
        missing -= move.brings
        prize -= move.cost
        if prize <= 0:
            return []
        if missing <= 0:
            return chosen
    return []


def _moves(case: Case, one: Application, counted: _Counted, missing: int) -> Iterator[_Move]:
    """Yield ways to give an application less often: just enough for what is missing, and not at all."""
    candidate = case.candidates[one.candidate]
    if isinstance(candidate, Each):
        held = sum(count for _, count in one.takes)
        for line, count in one.takes:
            single = Application(one.candidate, ((line, 1),), candidate.savings[line])
            brings = _brings(case, single, counted)
            few = -(-missing // brings) if brings > 0 else 0
            if brings > 0 and few <= count and held - few >= candidate.least:
                takes = tuple((at, had - few * (at == line)) for at, had in one.takes if at != line or had > few)
                stays = one._replace(takes=takes, saving=one.saving - few * single.saving)
                yield _Move(few * single.saving, few * brings, one, stays)
    elif one.times > 1:
        brings = _brings(case, one._replace(times=1), counted)
        few = -(-missing // brings) if brings > 0 else 0
        if 0 < few < one.times:
            yield _Move(few * one.saving, few * brings, one, one._replace(times=one.times - few))
    brings = _brings(case, one, counted)
    if brings > 0:
        yield _Move(one.saving * one.times, brings, one, None)


def _brings(case: Case, one: Application, counted: _Counted) -> int:
    """Return what a basket offer counts more without an application."""
    mine = [line for line, _ in one.takes if line in counted.lines]
    if not mine:
        return 0
    candidate = case.candidates[one.candidate]
    if isinstance(candidate, Each) and counted.touched_too and case.rules.offers[candidate.number].stackable:
        # What it takes off comes back; the pieces were counted all along.
        back = [candidate.savings[line] * count for line, count in one.takes if line in counted.lines]
        return sum(back) * one.times if counted.in_money else 0
    before, after = traced(case, mine, ()), traced(case, mine, (one,))
    at = 0 if counted.in_money else 1
    had = sum(cell[at] + (cell[at + 2] if counted.touched_too else 0) for cell in after)
    return sum(cell[at] for cell in before) - had


def _next_step(case: Case, place: int, base: int, pieces: int) -> tuple[int, int, bool]:
    """Return what is missing to the next step, at most what it would bring, and whether money is counted."""
    candidate = case.basket_candidates[place]
    form = case.rules.offers[candidate.number].form
    gross = sum(case.prices[line] * case.counts[line] for line in candidate.lines)
    found: tuple[int, int, bool] = (0, 0, True)
    if isinstance(form, Threshold):
        found = _next_of(form.steps, base, pieces, gross)
    elif isinstance(form, Every) and form.every_minor:
        found = (form.every_minor - base % form.every_minor, form.off_minor, True)
    elif isinstance(form, Every) and form.every_pieces:
        found = (form.every_pieces - pieces % form.every_pieces, form.off_minor, False)
    elif isinstance(form, Extra) and form.off_minor is not None:
        found = (form.off_minor - base, form.off_minor, True)
    elif isinstance(form, GiftFrom):
        dearest = max((case.prices[line] for line in candidate.gift_lines), default=0)
        found = (form.from_minor - base, dearest * form.gift_pieces, True)
    return found


def _next_of(steps: Sequence[Step], base: int, pieces: int, gross: int) -> tuple[int, int, bool]:
    for step in steps:
        prize = step.off_minor or gross * (step.off_basis_points or 0) // 10_000
        if step.from_minor is not None and base < step.from_minor:
            return step.from_minor - base, prize, True
        if step.from_pieces is not None and pieces < step.from_pieces:
            return step.from_pieces - pieces, prize, False
    return 0, 0, True
