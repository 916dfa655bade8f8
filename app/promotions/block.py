"""The best way, or every good way, to give the item offers of one block: depth first, led and bounded by shadow prices.

Each choice is judged by how much it falls behind the prices of the goods it takes; once that adds up to the gap between
the bound and the best known, nothing better can follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import ge

from app.promotions.candidates import Each
from app.promotions.case import Case
from app.promotions.columns import Column
from app.promotions.pricing_out import shadow_prices
from app.promotions.scenarios import SCALE, Need, Worth

LEFT = -1_000_000
"""Stands where a column has an offer: the piece is left to the basket offers."""

_SHARES_OF_GROUP = 27_720
"""Divided by how often an offer can be given at most: an exclusive group holds one of its offers at a time."""


class OutOfSteps(Exception):
    """The budget is used up."""


@dataclass(slots=True)
class Budget:
    """Counts what was looked at."""

    steps: int

    def step(self, cost: int = 1) -> None:
        """Count.

        Raises:
            OutOfSteps: nothing is left.
        """
        self.steps -= cost
        if self.steps < 0:
            raise OutOfSteps


@dataclass(frozen=True, slots=True)
class Way:
    """One way to give a block's item offers."""

    value: int
    """In millionths, with what the goods it leaves are worth."""

    columns: tuple[tuple[Column, int], ...]
    """With how often each is given."""


@dataclass(slots=True)
class _Choice:
    """A column as the search looks at it."""

    behind: int
    """What it falls behind the prices of what it takes."""

    worth: int
    column: Column
    drops: tuple[int, ...]
    limited: bool
    useless: bool = False
    """Whether another choice for single pieces is worth no less and leaves no less."""


@dataclass(slots=True)
class Block:
    """A block with its columns, ready to be searched under a worth and some needs."""

    case: Case
    lines: tuple[int, ...]
    columns: Sequence[Column]
    single: dict[int, tuple[Column, ...]]
    worth: Worth
    needs: Sequence[Need]
    gift_limits: dict[int, int]
    budget: Budget
    bound: int = 0
    """No way is worth more."""

    order: tuple[int, ...] = ()
    choices: dict[int, list[_Choice]] = field(default_factory=dict)
    rest: dict[int, _Choice] = field(default_factory=dict)
    """For each line what all pieces get that no other choice takes: an offer for single pieces, or to be left."""

    slack: tuple[int, ...] = ()
    limits: dict[int, int] = field(default_factory=dict)
    least: dict[int, int] = field(default_factory=dict)

    def prepare(self) -> bool:
        """Work out the prices; False where no way can fill the needs."""
        case = self.case
        self.order = tuple(sorted(self.lines, key=lambda line: (-case.prices[line], line)))
        self.slack = tuple(self._slack(need) for need in self.needs)
        if any(slack < 0 for slack in self.slack):
            return False
        singles = {
            line: [self._leaving(line), *(self._choice(one) for one in self.single.get(line, ()))]
            for line in self.order
        }
        grouped = [self._choice(one) for one in self.columns]
        self._price(grouped, singles)
        position = {line: place for place, line in enumerate(self.order)}
        self.choices = {line: [] for line in self.order}
        for one in grouped:
            first = min([line for line, _, _ in one.column.takes], key=position.__getitem__)
            self.choices[first].append(one)
        for line, ones in singles.items():
            rest = self.rest[line] = min(ones, key=lambda one: (one.behind, -one.worth, one.column.candidate))
            for one in ones:
                if one is not rest:
                    one.useless = one.worth <= rest.worth and all(
                        had >= other for had, other in zip(one.drops, rest.drops, strict=True)
                    )
                    self.choices[line].append(one)
        for ones in self.choices.values():
            ones.sort(key=lambda one: (one.behind, one.column.candidate, one.column.takes))
        return True

    def _slack(self, need: Need) -> int:
        """Return how much may be lost for a need, when each piece at first brings the most that it can.

        In whole minor units, or pieces, as all losses are: rounded so that none is refused that would do.
        """
        most = sum(self._most(need, line) * self.case.counts[line] for line in self.lines)
        return -(-(most - need.least) // SCALE)

    def _most(self, need: Need, line: int) -> int:
        unit = self.case.prices[line] if need.in_money else self.case.pieces[line] and 1
        return max(need.fresh[line], need.worn[line]) * unit

    def _drop(self, need: Need, column: Column) -> int:
        drop = 0
        for line, count, share in column.takes:
            left = 0
            if column.stackable:
                price, pieces = self.case.prices[line] * count - share, count if self.case.pieces[line] else 0
                left = need.worn[line] * (price if need.in_money else pieces)
            drop += self._most(need, line) * count - left
        return drop // SCALE

    def _leaving_drop(self, need: Need, line: int) -> int:
        unit = self.case.prices[line] if need.in_money else self.case.pieces[line] and 1
        return (self._most(need, line) - need.fresh[line] * unit) // SCALE

    def _choice(self, column: Column) -> _Choice:
        worth = column.saving * SCALE
        if column.stackable:
            for line, count, share in column.takes:
                worth += self.worth.worn[line] * (self.case.prices[line] * count - share)
        candidate = column.candidate
        limited = candidate < 0
        if candidate >= 0:
            offer = self.case.candidates[candidate]
            limited = offer.limit is not None or bool(offer.group) or (isinstance(offer, Each) and offer.least > 1)
        return _Choice(0, worth, column, tuple([self._drop(need, column) for need in self.needs]), limited)

    def _leaving(self, line: int) -> _Choice:
        """Return the choice to leave one piece to the basket offers."""
        worth = self.worth.fresh[line] * self.case.prices[line]
        drops = tuple([self._leaving_drop(need, line) for need in self.needs])
        return _Choice(0, worth, Column(LEFT, ((line, 1, 0),), 0, True), drops, limited=False)

    def _price(self, grouped: Sequence[_Choice], singles: dict[int, list[_Choice]]) -> None:
        """Set the bound, and what each choice falls behind."""
        case, rows = self.case, {line: place for place, line in enumerate(self.order)}
        bounds = [case.counts[line] for line in self.order]
        limit_rows, group_rows = self._rows_of_rules(grouped, bounds)
        need_rows = range(len(bounds), len(bounds) + len(self.needs))
        bounds += self.slack
        base = dict.fromkeys(self.order, 0)
        if not self.needs:
            # What a piece has in any case need not be priced.
            base = {line: max([one.worth for one in ones]) for line, ones in singles.items()}
        priced: list[tuple[_Choice, int, list[tuple[int, int]]]] = []
        for one in [*grouped, *(one for ones in singles.values() for one in ones)]:
            worth = one.worth - sum([base[line] * count for line, count, _ in one.column.takes])
            entries = [(rows[line], count) for line, count, _ in one.column.takes]
            if one.limited:
                if one.column.candidate in limit_rows:
                    entries.append((limit_rows[one.column.candidate], 1))
                if one.column.candidate in group_rows:
                    entries.append(group_rows[one.column.candidate])
            entries += [(row, drop) for row, drop in zip(need_rows, one.drops, strict=True) if drop]
            priced.append((one, worth, entries))
        worths = [worth for _, worth, _ in priced if worth > 0]
        columns = [entries for _, worth, entries in priced if worth > 0]
        prices, work = shadow_prices(worths, columns, bounds) if worths else ([0] * len(bounds), 0)
        self.budget.step(work // 10 + len(priced))
        for one, worth, entries in priced:
            one.behind = sum([prices[row] * coefficient for row, coefficient in entries]) - worth
        self.bound = sum([price * bound for price, bound in zip(prices, bounds, strict=True)])
        self.bound += sum([base[line] * case.counts[line] for line in self.order])

    def _rows_of_rules(
        self, grouped: Sequence[_Choice], bounds: list[int]
    ) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
        """Add a row for each limit and each exclusive group."""
        case = self.case
        limit_rows: dict[int, int] = {}
        by_group: dict[str, dict[int, int]] = {}
        for one in grouped:
            place = one.column.candidate
            if place < 0:
                self.limits[place] = self.gift_limits[place]
            else:
                offer = case.candidates[place]
                if offer.limit is not None:
                    self.limits[place] = offer.limit
                if isinstance(offer, Each) and offer.least > 1:
                    self.least[place] = offer.least
                if offer.group:
                    smallest = sum(count for _, count, _ in one.column.takes)
                    known = by_group.setdefault(offer.group, {})
                    known[place] = min(known.get(place, smallest), smallest)
            if place in self.limits and place not in limit_rows:
                limit_rows[place] = len(bounds)
                bounds.append(self.limits[place])
        group_rows: dict[int, tuple[int, int]] = {}
        pieces = sum(case.counts[line] for line in self.lines)
        for members in by_group.values():
            if len(members) > 1:
                for place, smallest in members.items():
                    times = max(1, pieces // smallest)
                    times = min(times, self.limits.get(place, times))
                    group_rows[place] = (len(bounds), _SHARES_OF_GROUP // times)
                bounds.append(_SHARES_OF_GROUP)
        return limit_rows, {place: entry for place, entry in group_rows.items() if entry[1]}

    def first(self, above: int) -> Way | None:
        """Return the way that falls behind least at each choice, if it is worth more than a value."""
        found: list[Way] = []

        def keep(way: Way) -> int:
            found.append(way)
            return self.bound

        _Search(self, above, keep, merged=True).run()
        return found[0] if found else None

    def best(self, above: int) -> Way | None:
        """Return the best way that is worth more than a value; None where there is none."""
        found: list[Way] = []

        def keep(way: Way) -> int:
            found.append(way)
            return way.value

        _Search(self, above, keep, merged=True).run()
        return found[-1] if found else None

    def each(self, above: int, keep: Callable[[Way], int]) -> None:
        """Show every way that is worth more than a value; `keep` returns the value from then on."""
        _Search(self, above, keep, merged=False).run()


@dataclass(slots=True)
class _Search:
    """One run through a block."""

    block: Block
    above: int
    keep: Callable[[Way], int]
    merged: bool
    """Whether ways that come to the same goods with no less are one."""

    used: dict[int, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    taken: list[tuple[Column, int]] = field(default_factory=list)
    seen: dict[object, list[tuple[int, tuple[int, ...]]]] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)

    def run(self) -> None:
        self.left = list(self.block.case.counts)
        self._descend(0, 0, 0, 0, self.block.slack)

    def _descend(self, at: int, start: int, behind: int, value: int, slack: tuple[int, ...]) -> None:
        block, left = self.block, self.left
        block.budget.step()
        while at < len(block.order) and not left[block.order[at]]:
            at, start = at + 1, 0
        if at == len(block.order):
            self._finish(value)
            return
        if self.merged and self._known(at, start, value, slack):
            return
        line = block.order[at]
        gap = block.bound - self.above
        choices = block.choices[line]
        for place in range(start, len(choices)):
            one = choices[place]
            if behind + one.behind >= gap:
                break
            if one.useless and self.merged:
                continue
            if self._may(one):
                self._take(one, at, place, behind, value, slack)
                gap = block.bound - self.above
        self._leave(at, behind, value, slack)

    def _leave(self, at: int, behind: int, value: int, slack: tuple[int, ...]) -> None:
        """Leave the rest of a line to what is best for single pieces."""
        block, left = self.block, self.left
        line = block.order[at]
        count, rest = left[line], block.rest[line]
        behind += rest.behind * count
        if behind >= block.bound - self.above:
            return
        if slack:
            slack = tuple([had - drop * count for had, drop in zip(slack, rest.drops, strict=True)])
            if min(slack) < 0:
                return
        left[line] = 0
        if rest.column.candidate != LEFT:
            self.taken.append((rest.column, count))
        self._descend(at + 1, 0, behind, value + rest.worth * count, slack)
        if rest.column.candidate != LEFT:
            self.taken.pop()
        left[line] = count

    def _known(self, at: int, start: int, value: int, slack: tuple[int, ...]) -> bool:
        """Whether the same goods were left before, with no less value and no less slack."""
        left = self.left
        key = (at, start, tuple([left[line] for line in self.block.order[at:]]), *self._marks())
        before = self.seen.get(key)
        if before is None:
            self.seen[key] = [(value, slack)]
            return False
        for had, kept in before:
            if had >= value and all(map(ge, kept, slack)):
                return True
        before.append((value, slack))
        return False

    def _marks(self) -> tuple[object, ...]:
        if not self.used and not self.groups:
            return ()
        return tuple(sorted(self.used.items())), tuple(sorted(self.groups.items()))

    def _may(self, one: _Choice) -> bool:
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

    def _take(self, one: _Choice, at: int, place: int, behind: int, value: int, slack: tuple[int, ...]) -> None:
        after = tuple([had - drop for had, drop in zip(slack, one.drops, strict=True)]) if slack else slack
        if after and min(after) < 0:
            return
        left, column = self.left, one.column
        candidate = column.candidate
        for line, count, _ in column.takes:
            left[line] -= count
        opened = ""
        if one.limited:
            self.used[candidate] = self.used.get(candidate, 0) + 1
            group = self.block.case.candidates[candidate].group if candidate >= 0 else ""
            if group and group not in self.groups:
                opened, self.groups[group] = group, candidate
        self.taken.append((column, 1))
        self._descend(at, place, behind + one.behind, value + one.worth, after)
        self.taken.pop()
        if one.limited:
            self.used[candidate] -= 1
            if not self.used[candidate]:
                del self.used[candidate]
            if opened:
                del self.groups[opened]
        for line, count, _ in column.takes:
            left[line] += count

    def _finish(self, value: int) -> None:
        if value <= self.above:
            return
        if any(self.used.get(place, least) < least for place, least in self.block.least.items()):
            return
        self.above = max(self.above, self.keep(Way(value, tuple(self.taken))))
