"""A block of item offers that compete for the same goods, made ready to be searched: each choice with its price.

A choice is judged by how much it falls behind the shadow prices of the goods that it takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import mul

from app.promotions.candidates import Each
from app.promotions.case import Case
from app.promotions.columns import Column
from app.promotions.pricing_out import shadow_prices
from app.promotions.rows import Rows
from app.promotions.scenarios import SCALE, Need, Worth

LEFT = -1_000_000
"""Stands where a column has an offer: the piece is left to the basket offers."""


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
class Choice:
    """A column as the search looks at it."""

    behind: int
    """What it falls behind the prices of what it takes."""

    worth: int
    column: Column
    drops: tuple[int, ...]
    limited: bool
    useless: bool = False
    """Whether another choice for single pieces is worth no less and leaves no less."""

    trace: tuple[int, ...] = ()
    """What it saves, and leaves less in each region, where ways that come to the same are listed once."""


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

    possible: bool = True
    """Whether any way fills the needs."""

    order: tuple[int, ...] = ()
    choices: dict[int, list[Choice]] = field(default_factory=dict)
    rest: dict[int, Choice] = field(default_factory=dict)
    """For each line what all pieces get that no other choice takes: an offer for single pieces, or to be left."""

    slack: tuple[int, ...] = ()
    most_drops: tuple[dict[int, int], ...] = ()
    """For each need the most that a piece of a line could lose for it."""

    limits: dict[int, int] = field(default_factory=dict)
    least: dict[int, int] = field(default_factory=dict)
    until: dict[int, int] = field(default_factory=dict)
    group_until: dict[str, int] = field(default_factory=dict)

    def prepare(self) -> bool:
        """Work out the prices; False where no way can fill the needs."""
        self.order = self._ordered()
        self.slack = tuple(self._slack(need) for need in self.needs)
        if any(slack < 0 for slack in self.slack):
            return False
        self.most_drops = tuple(
            [{line: -(-self._most(need, line) // SCALE) for line in self.lines} for need in self.needs]
        )
        singles = {
            line: [self._leaving(line), *(self._choice(one) for one in self.single.get(line, ()))]
            for line in self.order
        }
        grouped = [self._choice(one) for one in self.columns]
        self._price(grouped, singles)
        position = {line: place for place, line in enumerate(self.order)}
        self._marked_until(position)
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

    def _ordered(self) -> tuple[int, ...]:
        """Return the lines so that what belongs together is decided together, and little is open at any time."""
        near: dict[int, set[int]] = {line: set() for line in self.lines}
        for column in self.columns:
            mine = [line for line, _, _ in column.takes]
            for line in mine:
                near[line].update(mine)
        order: list[int] = []
        waiting, reached = set(self.lines), set[int]()
        while waiting:
            ready = waiting & reached or waiting
            line = min(ready, key=lambda one: (len(near[one] - reached), -self.case.prices[one], one))
            waiting.discard(line)
            order.append(line)
            reached |= near[line]
            reached.add(line)
        return tuple(order)

    def _marked_until(self, position: dict[int, int]) -> None:
        """Note after which line a limit, a least number or an exclusive group has no more say."""
        for column in self.columns:
            last = max([position[line] for line, _, _ in column.takes])
            place = column.candidate
            self.until[place] = max(self.until.get(place, 0), last)
            offer = self.case.candidates[place] if place >= 0 else None
            if offer is not None and offer.group:
                self.group_until[offer.group] = max(self.group_until.get(offer.group, 0), last)
            if isinstance(offer, Each) and offer.least > 1:
                self.least[place] = offer.least

    def way_of(self, given: Sequence[tuple[Column, int]]) -> Way | None:
        """Return the way that gives certain columns and the rest what is best for single pieces."""
        known = {one.column: one for ones in self.choices.values() for one in ones}
        left = {line: self.case.counts[line] for line in self.lines}
        value, columns = 0, []
        for column, times in given:
            one = known.get(column)
            if one is None:
                return None
            value += one.worth * times
            columns.append((column, times))
            for line, count, _ in column.takes:
                left[line] -= count * times
        for line, count in left.items():
            rest = self.rest[line]
            value += rest.worth * count
            if count and rest.column.candidate != LEFT:
                columns.append((rest.column, count))
        return Way(value, tuple(columns))

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

    def _choice(self, column: Column) -> Choice:
        worth = column.saving * SCALE
        if column.stackable:
            for line, count, share in column.takes:
                worth += self.worth.worn[line] * (self.case.prices[line] * count - share)
        candidate = column.candidate
        limited = candidate < 0
        if candidate >= 0:
            offer = self.case.candidates[candidate]
            limited = offer.limit is not None or bool(offer.group) or (isinstance(offer, Each) and offer.least > 1)
        return Choice(0, worth, column, tuple([self._drop(need, column) for need in self.needs]), limited)

    def _leaving(self, line: int) -> Choice:
        """Return the choice to leave one piece to the basket offers."""
        worth = self.worth.fresh[line] * self.case.prices[line]
        drops = tuple([self._leaving_drop(need, line) for need in self.needs])
        return Choice(0, worth, Column(LEFT, ((line, 1, 0),), 0, True), drops, limited=False)

    def _price(self, grouped: Sequence[Choice], singles: dict[int, list[Choice]]) -> None:
        """Set the bound, and what each choice falls behind."""
        case = self.case
        if not grouped and not self.needs:
            for line, ones in singles.items():
                most = max([one.worth for one in ones])
                self.bound += most * case.counts[line]
                for one in ones:
                    one.behind = most - one.worth
            return
        rows = Rows(case, self.order, [one.column for one in grouped], self.gift_limits, self.slack)
        self.limits = rows.limits
        base = dict.fromkeys(self.order, 0)
        if not self.needs:
            # What a piece has in any case need not be priced.
            base = {line: max([one.worth for one in ones]) for line, ones in singles.items()}
        choices = [*grouped, *(one for ones in singles.values() for one in ones)]
        worths = [one.worth - sum([base[line] * count for line, count, _ in one.column.takes]) for one in choices]
        entries = [rows.entries(one.column, one.drops) for one in choices]
        gaining = [place for place, worth in enumerate(worths) if worth > 0]
        prices, work = [0] * len(rows.bounds), 0
        if gaining:
            prices, work = shadow_prices(
                [worths[place] for place in gaining], [entries[place] for place in gaining], rows.bounds
            )
        self.budget.step(work // 2 + len(choices))
        for one, worth, mine in zip(choices, worths, entries, strict=True):
            one.behind = sum([prices[row] * coefficient for row, coefficient in mine]) - worth
        self.bound = sum(map(mul, prices, rows.bounds))
        self.bound += sum([base[line] * case.counts[line] for line in self.order])
