"""The best way, or every good way, to give the item offers of one block: depth first, led and bounded by shadow prices.

Once what the choices fall behind adds up to the gap between the bound and the best known, nothing better can follow.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from operator import add, ge, sub
from typing import Final

from app.promotions.block import LEFT, Block, Choice, Way
from app.promotions.columns import Column

_MOST_REMEMBERED: Final = 200_000
"""States of a search; beyond them it goes on without remembering more."""

_MOST_ALIKE: Final = 100
"""Of states that leave the same goods, so many are remembered with what may still be lost for a need."""

_FIRST_GAP: Final = 1_000
_WIDER: Final = 4
"""A search looks no further below the bound than a thousandth of it, then four times as far, and so on: what is good is
found before anything that is not has to be looked at."""


State = tuple[tuple[int, ...], tuple[int, ...]]
"""What may still be lost for each need, and the choices' traces added up."""


def best_way(block: Block, above: int, *, first: bool = False, found: list[Way] | None = None) -> Way | None:
    """Return the best way that is worth more than a value, or the first good one; None where there is none.

    Each that is better than the ones before it is added to `found`, which tells what there was when steps run out.
    """
    found = [] if found is None else found

    def keep(way: Way) -> int:
        found.append(way)
        return block.bound if first else way.value

    # The first one comes at once; and where something must be left, the bound is often far from what can be had.
    gap = block.bound + 1 if first or block.needs else block.bound // _FIRST_GAP + 1
    while not found and block.bound > above:
        floor = max(above, block.bound - gap)
        Search(block, floor, keep, Merging.ALL).run()
        if floor == above:
            break
        gap *= _WIDER
    return found[-1] if found else None


def show_ways(block: Block, above: int, best: int, keep: Callable[[Way], int], *, alike: bool) -> None:
    """Show the ways that are worth more than a value, the best one's worth being known.

    `keep` returns the value that they must exceed from then on.

    Of ways that are `alike`, that is that come to the same by their choices' traces, one is enough: what is worth most.
    """
    Search(block, above, keep, Merging.ALIKE if alike else Merging.NONE, best).run()


class Merging(Enum):
    """Which ways that leave the same goods are one."""

    ALL = "all"
    ALIKE = "alike"
    """Those with the same traces."""

    NONE = "none"


@dataclass(slots=True)
class Search:
    """One run through a block."""

    block: Block
    above: int
    keep: Callable[[Way], int]
    merging: Merging
    best: int = 0
    """What the best way is worth, once that is known."""

    used: dict[int, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    taken: list[tuple[Column, int]] = field(default_factory=list)
    seen: dict[object, list[tuple[int, tuple[int, ...]]]] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)
    most: dict[object, int] = field(default_factory=dict)
    """The most that was had before the same goods were left."""

    def run(self) -> None:
        """Look at everything that may be worth more."""
        self.left = list(self.block.case.counts)
        self._descend(0, 0, 0, 0, (self.block.slack, ()))

    def _descend(self, at: int, start: int, behind: int, value: int, state: State) -> None:
        block, left = self.block, self.left
        block.budget.step()
        while at < len(block.order) and not left[block.order[at]]:
            at, start = at + 1, 0
        if at == len(block.order):
            self._finish(value)
            return
        if self._known(at, start, value, state):
            return
        line = block.order[at]
        gap = block.bound - self.above
        choices = block.choices[line]
        for place in range(start, len(choices)):
            one = choices[place]
            if behind + one.behind >= gap:
                break
            if one.useless and self.merging is Merging.ALL:
                continue
            if self._may(one):
                self._take(one, at, place, behind, value, state)
                gap = block.bound - self.above
        self._leave(at, behind, value, state)

    def _leave(self, at: int, behind: int, value: int, state: State) -> None:
        """Leave the rest of a line to what is best for single pieces."""
        block, left = self.block, self.left
        line = block.order[at]
        count, rest = left[line], block.rest[line]
        behind += rest.behind * count
        if behind >= block.bound - self.above:
            return
        slack, trace = state
        if slack:
            slack = tuple([had - drop * count for had, drop in zip(slack, rest.drops, strict=True)])
            if min(slack) < 0:
                return
        if self.merging is Merging.ALIKE:
            more = [one * count for one in rest.trace]
            trace = tuple(map(add, trace, more)) if trace else tuple(more)
        left[line] = 0
        if rest.column.candidate != LEFT:
            self.taken.append((rest.column, count))
        self._descend(at + 1, 0, behind, value + rest.worth * count, (slack, trace))
        if rest.column.candidate != LEFT:
            self.taken.pop()
        left[line] = count

    def _known(self, at: int, start: int, value: int, state: State) -> bool:
        """Whether it is known that what follows is not worth looking at again."""
        left, (slack, trace) = self.left, state
        if slack:
            # More than all that is left could bring cannot be lost: beyond that, slack is all the same.
            open_lines = [line for line in self.block.order[at:] if left[line]]
            slack = tuple(
                [
                    min(had, sum([most[line] * left[line] for line in open_lines]))
                    for had, most in zip(slack, self.block.most_drops, strict=True)
                ]
            )
        key = (at, start, tuple([left[line] for line in self.block.order[at:]]), *self._marks(at))
        if self.merging is not Merging.ALL:
            if not slack and self._too_little(key, value):
                return True
            if self.merging is Merging.NONE:
                return False
            key = (*key, trace)
        before = self.seen.get(key)
        if before is None:
            if len(self.seen) < _MOST_REMEMBERED:
                self.seen[key] = [(value, slack)]
            return False
        for had, kept in before:
            if had >= value and all(map(ge, kept, slack)):
                return True
        if len(before) < _MOST_ALIKE:
            before.append((value, slack))
        return False

    def _too_little(self, key: object, value: int) -> bool:
        """Whether so much more was had for the same goods that no way from here is worth enough."""
        most = self.most.get(key, -1)
        if value > most and len(self.most) < _MOST_REMEMBERED:
            self.most[key] = value
        return most - value >= self.best - self.above > 0

    def _marks(self, at: int) -> tuple[object, ...]:
        """Return how often offers were given, as far as that still matters."""
        if not self.used and not self.groups:
            return ()
        block = self.block
        used = [(place, times) for place, times in self.used.items() if self._matters(place, times, at)]
        groups = [(group, place) for group, place in self.groups.items() if block.group_until[group] >= at]
        return tuple(sorted(used)), tuple(sorted(groups))

    def _matters(self, place: int, times: int, at: int) -> bool:
        block = self.block
        if times < block.least.get(place, 0):
            return True
        return block.until[place] >= at and (place in block.limits or place in block.least)

    def _may(self, one: Choice) -> bool:
        for line, count, _ in one.column.takes:
            if self.left[line] < count:
                return False
        if not one.limited:
            return True
        block, place = self.block, one.column.candidate
        limit = block.limits.get(place)
        if limit is not None and self.used.get(place, 0) >= limit:
            return False
        group = block.case.candidates[place].group if place >= 0 else ""
        return not group or self.groups.get(group, place) == place

    def _take(self, one: Choice, at: int, place: int, behind: int, value: int, state: State) -> None:
        slack, trace = state
        if slack:
            slack = tuple(map(sub, slack, one.drops))
            if min(slack) < 0:
                return
        if self.merging is Merging.ALIKE:
            trace = tuple(map(add, trace, one.trace)) if trace else one.trace
        left, column = self.left, one.column
        for line, count, _ in column.takes:
            left[line] -= count
        opened = self._open(column.candidate) if one.limited else ""
        self.taken.append((column, 1))
        self._descend(at, place, behind + one.behind, value + one.worth, (slack, trace))
        self.taken.pop()
        if one.limited:
            self._close(column.candidate, opened)
        for line, count, _ in column.takes:
            left[line] += count

    def _open(self, candidate: int) -> str:
        """Note that an offer is given; return its exclusive group if it is the first there."""
        self.used[candidate] = self.used.get(candidate, 0) + 1
        group = self.block.case.candidates[candidate].group if candidate >= 0 else ""
        if not group or group in self.groups:
            return ""
        self.groups[group] = candidate
        return group

    def _close(self, candidate: int, opened: str) -> None:
        self.used[candidate] -= 1
        if not self.used[candidate]:
            del self.used[candidate]
        if opened:
            del self.groups[opened]

    def _finish(self, value: int) -> None:
        if value <= self.above:
            return
        if any(self.used.get(place, least) < least for place, least in self.block.least.items()):
            return
        self.above = max(self.above, self.keep(Way(value, tuple(self.taken))))
