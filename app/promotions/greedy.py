"""The greedy answer for item offers: quick enough for each scan, and the same for the same goods.

Goods that no grouped offer names take their best piece offer at once. The others fall into clusters: lines that some
offer could bring together. In a cluster the offer that gains most (or most for each piece) beyond what its goods would
save by themselves is given first, as often as it can be, until none gains.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from app.promotions.candidates import Application, Each, Proposal
from app.promotions.case import Case


@dataclass(frozen=True, slots=True)
class Cluster:
    """Lines that belong together, with the candidates that could take them."""

    lines: tuple[int, ...]
    grouped: tuple[int, ...]
    """Candidates that look at several pieces."""

    free: tuple[int, ...]
    """Candidates that each piece takes by itself."""


@dataclass(slots=True)
class _Work:
    """What is still to be given in a cluster."""

    left: list[int]
    base: list[int]
    room: dict[int, int | None]
    had: dict[int, int] = field(default_factory=dict)
    group_taken: dict[str, int] = field(default_factory=dict)


def clusters_of(case: Case) -> tuple[Cluster, ...]:
    """Divide a case into clusters, in the order of their first lines."""
    root = _joined(case)
    members: dict[int, list[int]] = {}
    for line in sorted({line for candidate in case.candidates for line in candidate.lines}):
        members.setdefault(root[line], []).append(line)
    grouped: dict[int, list[int]] = {one: [] for one in members}
    free: dict[int, list[int]] = {one: [] for one in members}
    for place, candidate in enumerate(case.candidates):
        if isinstance(candidate, Each) and candidate.is_free:
            for one in sorted({root[line] for line in candidate.lines}):
                free[one].append(place)
        else:
            grouped[root[candidate.lines[0]]].append(place)
    return tuple(Cluster(tuple(lines), tuple(grouped[one]), tuple(free[one])) for one, lines in sorted(members.items()))


def _joined(case: Case) -> list[int]:
    """Return for each line the first line of its cluster: lines are joined by what looks at several pieces at once."""
    parent = list(range(len(case.lines)))

    def root(line: int) -> int:
        while parent[line] != line:
            parent[line] = parent[parent[line]]
            line = parent[line]
        return line

    group_line: dict[str, int] = {}
    for candidate in case.candidates:
        if isinstance(candidate, Each) and candidate.is_free:
            continue
        first = candidate.lines[0]
        if candidate.group:
            first = group_line.setdefault(candidate.group, first)
        for line in candidate.lines:
            one, other = root(line), root(first)
            if one != other:
                parent[max(one, other)] = min(one, other)
    return [root(line) for line in range(len(case.lines))]


class Ground(NamedTuple):
    """What a case's goods save by themselves, and each grouped candidate's first proposal on top of that.

    Proposals stay true while goods are taken away, as long as the goods that they name are there.
    """

    base: list[int]
    owner: list[int | None]
    proposals: dict[int, Proposal]


def ground_of(case: Case, clusters: Collection[Cluster], banned: Collection[int] = ()) -> Ground:
    """Work out the ground of clusters, without the banned candidates."""
    base, owner = [0] * len(case.lines), list[int | None]([None] * len(case.lines))
    for place in sorted({place for cluster in clusters for place in cluster.free}):
        candidate = case.candidates[place]
        if place in banned or not isinstance(candidate, Each):
            continue
        for line, saving in candidate.savings.items():
            if saving > base[line]:
                base[line], owner[line] = saving, place
    proposals = {}
    for cluster in clusters:
        for place in cluster.grouped:
            candidate = case.candidates[place]
            proposal = candidate.propose(case.counts, base, candidate.limit)
            if proposal is not None:
                proposals[place] = proposal
    return Ground(base, owner, proposals)


def solve_cluster(
    case: Case,
    cluster: Cluster,
    ground: Ground,
    banned: Collection[int] = (),
    first: int | None = None,
    *,
    by_piece: bool = False,
    kept: Collection[int] = (),
) -> tuple[Application, ...]:
    """Give a cluster's offers greedily.

    Without the banned candidates, with one of them `first` where it is named, and with the lines that are `kept` out of
    all of them.
    """
    if any(place in cluster.free for place in banned):
        ground = ground_of(case, (cluster,), banned)
    base, owner = ground.base, ground.owner
    work = _Work(list(case.counts), base, {place: case.candidates[place].limit for place in cluster.grouped})
    for line in kept:
        work.left[line] = 0
    given: list[Application] = []
    if first is not None:
        _give(case, work, first, given)
    proposals = ground.proposals
    heap = [
        (_rank(proposals[place], by_piece=by_piece), place, proposals[place])
        for place in cluster.grouped
        if place in proposals and place not in banned and (place != first or not given)
    ]
    heapify(heap)
    if given and first is not None:
        again = _propose(case, work, first)
        if again is not None:
            heappush(heap, (_rank(again, by_piece=by_piece), first, again))
    while heap:
        _, place, proposal = heappop(heap)
        if _still_possible(case, work, place, proposal):
            given.append(_take(case, work, place, proposal))
        fresh = _propose(case, work, place)
        if fresh is not None:
            heappush(heap, (_rank(fresh, by_piece=by_piece), place, fresh))
    given.extend(
        [
            Application(place, ((line, work.left[line]),), base[line] * work.left[line])
            for line, place in [(line, owner[line]) for line in cluster.lines]
            if place is not None and work.left[line]
        ]
    )
    return tuple(given)


def _give(case: Case, work: _Work, place: int, given: list[Application]) -> None:
    """Give one candidate as often as it can be, even where it gains nothing by itself."""
    plain = [0] * len(work.base)
    proposal = case.candidates[place].propose(work.left, plain, work.room[place])
    if proposal is not None:
        given.append(_take(case, work, place, proposal))


def _propose(case: Case, work: _Work, place: int) -> Proposal | None:
    candidate = case.candidates[place]
    room = work.room[place]
    if room == 0 or work.group_taken.get(candidate.group, place) != place:
        return None
    return candidate.propose(work.left, work.base, room, work.had.get(place, 0))


def _rank(proposal: Proposal, *, by_piece: bool) -> int:
    if by_piece:
        return -(proposal.gain * 1000 // sum(count for _, count in proposal.takes))
    return -proposal.gain


def _still_possible(case: Case, work: _Work, place: int, proposal: Proposal) -> bool:
    group = case.candidates[place].group
    if work.group_taken.get(group, place) != place:
        return False
    return all(work.left[line] >= count for line, count in proposal.takes)


def _take(case: Case, work: _Work, place: int, proposal: Proposal) -> Application:
    candidate = case.candidates[place]
    room = work.room[place]
    taken = sum(count for _, count in proposal.takes)
    if isinstance(candidate, Each):
        times, used = 1, taken
        work.had[place] = work.had.get(place, 0) + taken
    else:
        times = min(work.left[line] // count for line, count in proposal.takes)
        times = times if room is None else min(times, room)
        used = times
    for line, count in proposal.takes:
        work.left[line] -= count * times
    if room is not None:
        work.room[place] = room - used
    if candidate.group:
        work.group_taken[candidate.group] = place
    return Application(place, proposal.takes, proposal.saving, times)
