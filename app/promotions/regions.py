"""At most what a choice of basket offers takes off, known only how much item offers left in each region of goods.

A region holds lines that the same basket offers of a scenario look at. Within one it does not matter which line has how
much left, but for the minor unit more or less that spreading over a line may bring: that is kept between bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.promotions.basket_layer import saving_on
from app.promotions.block import Way
from app.promotions.case import Case
from app.promotions.columns import Column
from app.promotions.offers import GiftFrom
from app.promotions.scenarios import Scenario

Held = tuple[int, ...]
"""For each region four figures: amount and pieces that item offers left untouched, amount and pieces they touched."""

Span = tuple[int, int]
"""The least and the most that something can be."""

Area = frozenset[int]
"""Cells of regions: even ones untouched, odd ones touched by item offers."""


@dataclass(slots=True)
class Regions:
    """The regions of a scenario."""

    case: Case
    scenario: Scenario
    of_line: dict[int, int] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    """What each offer of the scenario works on."""

    known: dict[Held, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Part the lines."""
        case, chosen = self.case, self.scenario.chosen
        numbers: dict[tuple[int, ...], int] = {}
        for line in range(len(case.lines)):
            key = [at for at, one in enumerate(chosen) if line in self._lines(one.place)]
            if any(line in case.basket_candidates[one.place].gift_lines for one in chosen):
                key.append(-1 - line)
            if key:
                number = self.of_line[line] = numbers.setdefault(tuple(key), len(numbers))
                if number == len(self.sizes):
                    self.sizes.append(0)
                self.sizes[number] += 1
        for cells in self.scenario.cells:
            inside = {2 * self.of_line[line] + touched for line, touched in cells}
            self.areas.append(frozenset(inside))

    def _lines(self, place: int) -> frozenset[int]:
        return frozenset(self.case.basket_candidates[place].lines)

    def held(self, lines: Sequence[int], way: Way) -> tuple[int, Held]:
        """Return what a way saves, and what it leaves of some lines in each region."""
        case = self.case
        figures = [0] * (4 * len(self.sizes))
        for line in lines:
            region = self.of_line.get(line)
            if region is not None:
                figures[4 * region] += case.prices[line] * case.counts[line]
                figures[4 * region + 1] += case.pieces[line]
        saving = 0
        for column, times in way.columns:
            if column.candidate < 0:
                continue
            saving += column.saving * times
            for line, count, share in column.takes:
                region = self.of_line.get(line)
                if region is None:
                    continue
                price, pieces = case.prices[line] * count, count if case.pieces[line] else 0
                figures[4 * region] -= price * times
                figures[4 * region + 1] -= pieces * times
                if column.stackable:
                    figures[4 * region + 2] += (price - share) * times
                    figures[4 * region + 3] += pieces * times
        return saving, tuple(figures)

    def trace(self, column: Column) -> tuple[int, ...]:
        """Return what a column saves, and what it takes away in each region."""
        saving, held = self.held((), Way(0, ((column, 1),)))
        return saving, *held

    def most(self, held: Held) -> int:
        """Return at most what the scenario's basket offers take off."""
        found = self.known.get(held)
        if found is None:
            found = self.known[held] = _Spread(self, held).total()
        return found


@dataclass(slots=True)
class _Spread:
    """Gives a scenario's offers one after another on what is held."""

    regions: Regions
    held: Held
    net: list[int] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    taken: list[Span] = field(default_factory=list)
    """What each offer takes off; nothing for gifts, which are taken from the figures themselves."""

    def total(self) -> int:
        held = self.held
        self.net = [amount for at in range(0, len(held), 4) for amount in (held[at], held[at + 2])]
        self.pieces = [count for at in range(0, len(held), 4) for count in (held[at + 1], held[at + 3])]
        case = self.regions.case
        total = 0
        for at, reach in enumerate(self.regions.scenario.chosen):
            candidate = case.basket_candidates[reach.place]
            if candidate.gift_lines:
                total += self._gift(at)
                self.taken.append((0, 0))
                continue
            least, most = self._left(at, self.regions.areas[at])
            pieces = sum([self.pieces[cell] for cell in self.regions.areas[at]])
            span = saving_on(case, candidate, least, pieces), saving_on(case, candidate, most, pieces)
            self.taken.append(span)
            total += span[1]
        return total

    def _gift(self, at: int) -> int:
        """Take the gift's pieces; each line that could be a gift is a region of its own."""
        case, scenario = self.regions.case, self.regions.scenario
        candidate = case.basket_candidates[scenario.chosen[at].place]
        offer = case.rules.offers[candidate.number]
        form = offer.form
        if not isinstance(form, GiftFrom) or sum([self.net[cell] for cell in self.regions.areas[at]]) < form.from_minor:
            return 0
        touched: set[int] = set()
        for before in self.regions.areas[:at]:
            touched |= before
        wanted, saved = form.gift_pieces, 0
        for line in candidate.gift_lines:
            cell, each = 2 * self.regions.of_line[line], case.prices[line] - form.price_minor
            count = 0 if cell in touched else min(wanted, self.pieces[cell])
            if each <= 0 or count <= 0:
                continue
            wanted -= count
            saved += each * count
            self.net[cell] -= case.prices[line] * count
            self.pieces[cell] -= count
            if offer.stackable:
                self.net[cell + 1] += form.price_minor * count
                self.pieces[cell + 1] += count
        return saved

    def _left(self, after: int, area: Area) -> Span:
        """Return what is left of an area after so many offers."""
        least = most = sum([self.net[cell] for cell in area])
        for at in range(after):
            low, high = self._share(at, area & self.regions.areas[at])
            least, most = least - high, most - low
        return max(0, least), max(0, most)

    def _share(self, at: int, area: Area) -> Span:
        """Return which part of an offer falls on an area within the offer's own."""
        low, high = self.taken[at]
        mine = self.regions.areas[at]
        if not area or not high or area == mine:
            return (low, high) if area else (0, 0)
        least, most = self._left(at, area)
        base_least, base_most = self._left(at, mine)
        cells = min(self._cells(area), self._cells(mine - area))
        if not cells or not most:
            return (low, high) if area and not self._cells(mine - area) else (0, 0)
        # Each cell's part is cut off or one more, so that the parts of n cells are less than n from the exact ones.
        fewest = low * least // max(1, base_most) - cells + 1
        utmost = -(-high * most // max(1, base_least)) + cells - 1
        return max(0, fewest), min(high, utmost)

    def _cells(self, area: Area) -> int:
        return sum([self.regions.sizes[cell // 2] for cell in area if self.net[cell]])
