"""Item offers as they stand before one basket: which of its goods they may take, and what they would save there.

Goods are counted in takes: `(line, count)` with the line's place in the case and so many of its pieces; a weighed line
is one piece that costs what the line costs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

Takes = tuple[tuple[int, int], ...]


class TooManyWays(Exception):
    """An offer could be given in more ways than are worth listing."""


class Proposal(NamedTuple):
    """The best use of a candidate on what is left, as far as the greedy answer looks."""

    gain: int
    """What it saves beyond what its goods would save by themselves."""

    saving: int
    takes: Takes


class Application(NamedTuple):
    """An item offer given to goods, so many times over in the same way."""

    candidate: int
    """Its place among the case's candidates."""

    takes: Takes
    """The goods of one time."""

    saving: int
    """Of one time."""

    times: int = 1


@dataclass(frozen=True, slots=True)
class Each:
    """Pieces that each take the offer by themselves: percent, amount, price."""

    number: int
    """The offer's place in the rules."""

    savings: dict[int, int]
    """Line to what one piece saves; only lines that save something."""

    limit: int | None
    least: int
    group: str

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines it could take."""
        return tuple(self.savings)

    @property
    def is_free(self) -> bool:
        """Whether pieces take it without regard to any other piece."""
        return self.limit is None and self.least == 1 and not self.group

    def potential(self, line: int, price: int) -> int:  # noqa: ARG002 - one shape for all candidates
        """Return at most what a piece of a line can save in this offer."""
        return self.savings.get(line, 0)

    def propose(self, left: Sequence[int], base: Sequence[int], room: int | None, had: int = 0) -> Proposal | None:
        """Take every piece that gains; pieces that gain nothing only to reach the least number."""
        room = room if room is not None else sum(left[line] for line in self.savings)
        ranked = sorted((base[line] - saving, line) for line, saving in self.savings.items() if left[line])
        takes: list[tuple[int, int]] = []
        gain = saving = taken = 0
        for loss, line in ranked:
            wanted = room - taken if loss < 0 else min(room - taken, self.least - had - taken)
            count = min(left[line], wanted)
            if count <= 0:
                break
            takes.append((line, count))
            taken += count
            gain -= loss * count
            saving += self.savings[line] * count
        if gain <= 0 or taken + had < self.least:
            return None
        return Proposal(gain, saving, tuple(sorted(takes)))


@dataclass(frozen=True, slots=True)
class CheapestOff:
    """Of so many pieces the cheapest few have a percentage off: n for m, cheapest free, second at half price."""

    number: int
    pools: tuple[tuple[int, ...], ...]
    """Lines that may go together, the dearest first; one pool for each product where they must be the same."""

    prices: Sequence[int]
    off: dict[int, int]
    """Line to what the percentage takes off one of its pieces."""

    take: int
    cheapest: int
    limit: int | None
    group: str
    basis_points: int

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines it could take."""
        return tuple(self.off)

    def potential(self, line: int, price: int) -> int:
        """Return at most what a piece can add: the cheapest k of n cost no more than k/n of all."""
        if line not in self.off:
            return 0
        rounding = 0 if self.basis_points == 10_000 else 1
        return -(-price * self.basis_points * self.cheapest // (10_000 * self.take)) + rounding

    def propose(self, left: Sequence[int], base: Sequence[int], room: int | None, had: int = 0) -> Proposal | None:  # noqa: ARG002
        """Look at each piece as the cheapest, with dearer ones that give up least beside it."""
        best: Proposal | None = None
        for pool in self.pools:
            pieces = [line for line in pool for _ in range(min(left[line], self.take))]
            if len(pieces) < self.take:
                continue
            for end in range(self.take, len(pieces) + 1):
                cheap = pieces[end - self.cheapest : end]
                dear_wanted = self.take - self.cheapest
                dear = pieces[: end - self.cheapest]
                if dear_wanted == 1:
                    dear = [min(dear, key=lambda line: base[line])]
                elif dear_wanted:
                    dear = sorted(dear, key=lambda line: base[line])[:dear_wanted]
                else:
                    dear = []
                saving = sum(self.off[line] for line in cheap)
                gain = saving - sum(base[line] for line in cheap) - sum(base[line] for line in dear)
                if gain > 0 and (best is None or gain > best.gain):
                    best = Proposal(gain, saving, _counted([*dear, *cheap]))
        return best

    def applications(self, first: int, left: Sequence[int]) -> Iterator[tuple[Takes, int]]:
        """Yield each way to use a piece of a line as the dearest one, with what it saves."""
        for pool in self.pools:
            if first not in pool:
                continue
            behind = pool[pool.index(first) :]
            for lines in _combinations(behind, left, self.take, first):
                saving = sum(self.off[line] for line in lines[-self.cheapest :])
                if saving:
                    yield _counted(lines), saving

    def ways(self, counts: Sequence[int], most: int) -> Iterator[tuple[Takes, int]]:
        """Yield every way to give it once, at most so many."""
        yield from islice((way for line in self.lines for way in self.applications(line, counts)), max(0, most))


@dataclass(frozen=True, slots=True)
class Together:
    """Any so many pieces for one price."""

    number: int
    pools: tuple[tuple[int, ...], ...]
    prices: Sequence[int]
    take: int
    price_minor: int
    limit: int | None
    group: str

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines it could take."""
        return tuple(line for pool in self.pools for line in pool)

    def potential(self, line: int, price: int) -> int:
        """Return at most what a piece can add: its price less its part of the whole."""
        return max(0, price - self.price_minor // self.take) if line in self.lines else 0

    def propose(self, left: Sequence[int], base: Sequence[int], room: int | None, had: int = 0) -> Proposal | None:  # noqa: ARG002
        """Take the pieces with the highest prices beyond what they would save by themselves."""
        best: Proposal | None = None
        for pool in self.pools:
            ranked = sorted(pool, key=lambda line: (base[line] - self.prices[line], line))
            pieces = [line for line in ranked for _ in range(min(left[line], self.take))][: self.take]
            if len(pieces) < self.take:
                continue
            saving = sum(self.prices[line] for line in pieces) - self.price_minor
            gain = saving - sum(base[line] for line in pieces)
            if gain > 0 and (best is None or gain > best.gain):
                best = Proposal(gain, saving, _counted(pieces))
        return best

    def applications(self, first: int, left: Sequence[int]) -> Iterator[tuple[Takes, int]]:
        """Yield each way to use a piece of a line as the dearest one, with what it saves."""
        for pool in self.pools:
            if first not in pool:
                continue
            for lines in _combinations(pool[pool.index(first) :], left, self.take, first):
                saving = sum(self.prices[line] for line in lines) - self.price_minor
                if saving > 0:
                    yield _counted(lines), saving

    def ways(self, counts: Sequence[int], most: int) -> Iterator[tuple[Takes, int]]:
        """Yield every way to give it once, at most so many."""
        yield from islice((way for line in self.lines for way in self.applications(line, counts)), max(0, most))


@dataclass(frozen=True, slots=True)
class Pack:
    """Different goods together: a bundle, or a gift with the pieces that are bought."""

    number: int
    pools: tuple[tuple[int, ...], ...]
    """For each part the lines that may fill it, the dearest first."""

    needs: tuple[int, ...]
    """For each part how many pieces."""

    prices: Sequence[int]
    values: tuple[dict[int, int], ...]
    """For each part, line to what a piece in it adds to the saving before `constant`."""

    constant: int
    """Added to the saving of the whole: minus the price of the bundle, or the amount off."""

    limit: int | None
    group: str
    capped: bool
    """Whether the saving may not exceed what the pieces cost (an amount off)."""

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines it could take."""
        return tuple(sorted({line for pool in self.pools for line in pool}))

    def potential(self, line: int, price: int) -> int:  # noqa: ARG002 - one shape for all candidates
        """Return at most what a piece can add, on average over the pieces of a whole."""
        values = [value[line] for value in self.values if line in value]
        if not values:
            return 0
        share = -(-self.constant // sum(self.needs)) if self.constant else 0
        return max(0, max(values) + share)

    def saving_of(self, filled: Sequence[Sequence[int]]) -> int:
        """Return what a filled bundle saves."""
        saving = self.constant
        for part, lines in enumerate(filled):
            saving += sum(self.values[part][line] for line in lines)
        if self.capped:
            saving = min(saving, sum(self.prices[line] for lines in filled for line in lines))
        return saving

    def propose(self, left: Sequence[int], base: Sequence[int], room: int | None, had: int = 0) -> Proposal | None:  # noqa: ARG002
        """Fill the parts one by one, each with what adds most: the last first (a gift is), then the narrowest."""
        last_first = range(len(self.pools) - 1, -1, -1)
        narrow_first = sorted(last_first, key=lambda part: len(self.pools[part]))
        found = [self._filled(order, left, base) for order in (last_first, narrow_first)]
        return max((one for one in found if one is not None), default=None, key=lambda one: one.gain)

    def _filled(self, order: Sequence[int], left: Sequence[int], base: Sequence[int]) -> Proposal | None:
        taken: dict[int, int] = {}
        filled: list[list[int]] = [[] for _ in self.pools]
        for part in order:
            value = self.values[part]
            for line in sorted(self.pools[part], key=lambda line: (base[line] - value[line], line)):
                count = min(left[line] - taken.get(line, 0), self.needs[part] - len(filled[part]))
                if count > 0:
                    filled[part] += [line] * count
                    taken[line] = taken.get(line, 0) + count
            if len(filled[part]) < self.needs[part]:
                return None
        saving = self.saving_of(filled)
        gain = saving - sum(base[line] * count for line, count in taken.items())
        return Proposal(gain, saving, tuple(sorted(taken.items()))) if gain > 0 else None

    def ways(self, counts: Sequence[int], most: int) -> Iterator[tuple[Takes, int]]:
        """Yield every way to give it once; goods that fill the parts in several ways once only.

        Raises:
            TooManyWays: the parts can be filled in far more ways than so many.
        """
        best: dict[Takes, int] = {}
        self._fill(0, [], list(counts), best, [4 * most])
        for takes, saving in sorted(best.items()):
            if saving > 0:
                yield takes, saving

    def _fill(
        self, part: int, filled: list[list[int]], left: list[int], best: dict[Takes, int], room: list[int]
    ) -> None:
        if part == len(self.pools):
            room[0] -= 1
            if room[0] < 0:
                raise TooManyWays
            takes = _counted([line for lines in filled for line in lines])
            best[takes] = max(best.get(takes, 0), self.saving_of(filled))
            return
        for lines in _combinations(self.pools[part], left, self.needs[part], None):
            for line in lines:
                left[line] -= 1
            self._fill(part + 1, [*filled, lines], left, best, room)
            for line in lines:
                left[line] += 1


Grouped = CheapestOff | Together | Pack
Candidate = Each | CheapestOff | Together | Pack


def _combinations(pool: Sequence[int], left: Sequence[int], size: int, first: int | None) -> Iterator[list[int]]:
    """Yield each multiset of pieces, in the pool's order; with `first` only those that hold a piece of that line."""
    if first is not None:
        if left[first] < 1:
            return
        rest = [line for line in pool if line != first]
        for own in range(min(size, left[first]), 0, -1):
            for others in _combinations(rest, left, size - own, None):
                yield [first] * own + others
        return
    if size == 0:
        yield []
        return
    for position, line in enumerate(pool):
        for count in range(min(size, left[line]), 0, -1):
            if count == size:
                yield [line] * count
            else:
                for others in _combinations(pool[position + 1 :], left, size - count, None):
                    yield [line] * count + others


def _counted(lines: Sequence[int]) -> Takes:
    counts: dict[int, int] = {}
    for line in lines:
        counts[line] = counts.get(line, 0) + 1
    return tuple(sorted(counts.items()))
