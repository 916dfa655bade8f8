"""The proof: scenario by scenario of the basket offers, until none promises more than the best answer found.

In each scenario what goods are worth is linear, so blocks of item offers that share nothing are solved apart. Where the
answer that comes of it holds what the scenario promised, the scenario is done; otherwise the ways that promise more are
looked at one by one. The steps are counted; where they run out the best answer found is returned as not proven.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import prod
from operator import add
from typing import Final

from app.promotions.basket_layer import Decision, left_after, settle_exactly
from app.promotions.block import Block, Budget, OutOfSteps, Way
from app.promotions.candidates import Application, Each, Takes
from app.promotions.case import Case
from app.promotions.columns import Column, Listed, list_columns, parted
from app.promotions.regions import Held, Regions
from app.promotions.scenarios import SCALE, Need, Scenario, Worth, scenarios_of, steps_of
from app.promotions.searching import best_way, show_ways
from app.promotions.stages import Outcomes, Plan, Solved, Stage

JOINT_LINES: Final = 60
"""In a basket of so many lines needs are looked at from the first; in a larger one where they are broken."""

FIRST_SHARE: Final = 15
"""A scenario's best way is looked for with one part in so many of all steps before other scenarios have their turn."""

DIVE_STEPS: Final = 300
"""How long a first way is looked for in each block of a scenario."""

MOST_PIECES: Final = 300
"""Beyond so many pieces no proof is tried: the search goes as deep as there are pieces."""


@dataclass(slots=True)
class Proof:
    """Looks for an answer that saves more than a known one."""

    case: Case
    budget: Budget
    total: int
    """What the best answer found saves."""

    start: Plan = ()
    """The item offers of the known answer."""

    applications: Plan = ()
    decisions: tuple[Decision, ...] = ()
    improved: bool = False
    alone: Worth | None = None
    """Kept because what is solved is known by the identity of its worth."""

    scenarios: list[Scenario] = field(default_factory=list)
    listed: Listed = field(default_factory=lambda: Listed((), {}))
    solved: dict[int, Solved] = field(default_factory=dict)
    parts: dict[object, list[tuple[tuple[int, ...], tuple[Column, ...]]]] = field(default_factory=dict)
    made: dict[object, Block] = field(default_factory=dict)
    ways: dict[int, Way] = field(default_factory=dict)
    known: list[tuple[Column, int]] = field(default_factory=list)
    settled: dict[Plan, int] = field(default_factory=dict)

    def run(self) -> bool:
        """Return whether the best answer is proven; it is kept in any case."""
        listed = list_columns(self.case) if sum(self.case.counts) <= MOST_PIECES else None
        if listed is None:
            return False
        self.listed = listed
        self.known = self._known_columns()
        try:
            options = steps_of(self.case, self.total, self._most_from_items())
            if options is None:
                return False
            self.budget.step(prod([len(one) for one in options]) * (5 + len(self.case.lines)))
            self.scenarios = scenarios_of(self.case, options)
            self._look_at()
        except OutOfSteps:
            return False
        return True

    def _most_from_items(self) -> int:
        """Return at most what item offers save by themselves."""
        nothing = (0,) * len(self.case.lines)
        self.alone = Worth(nothing, nothing, ())
        return self._unbound(self.alone).bound // SCALE

    def _look_at(self) -> None:
        """Always go on with what promises most: a scenario's first bound, its tighter bounds, its ways one by one."""
        waiting: list[tuple[int, int, Stage]] = []
        first = self.budget.steps // FIRST_SHARE
        for place, one in enumerate(self.scenarios):
            solved = self._unbound(one.worth)
            bound = sum([block.bound for block in solved.blocks]) + one.constant
            waiting.append((-bound, place, Stage(one, solved, steps=first)))
        heapify(waiting)
        later: list[tuple[int, int, Stage]] = []
        while waiting or later:
            if not waiting:
                waiting, later = later, []
                heapify(waiting)
            bound, place, stage = heappop(waiting)
            if -bound // SCALE <= self.total:
                # Nothing in the heap promises more than this one.
                waiting = []
                continue
            stage.later = False
            after = self._go_on(stage)
            if after // SCALE > self.total:
                heappush(later if stage.later else waiting, (-after, place, stage))

    def _go_on(self, stage: Stage) -> int:
        """Take a scenario one step further; return at most what it still holds beyond what was tried."""
        scenario = stage.scenario
        if not stage.solved.best:
            if not stage.needs and scenario.needs and len(self.case.lines) <= JOINT_LINES:
                return self._bind(stage, scenario.needs)
            if not self._find_best(stage):
                return stage.solved.bound + scenario.constant if stage.later else -1
        solved = stage.solved
        if not stage.tried:
            broken = [one for one in scenario.needs if one not in stage.needs and not self._fills(one, solved.best)]
            if broken:
                return self._bind(stage, [*stage.needs, *broken])
            stage.tried = True
            self._try(solved.best)
            return solved.value + scenario.constant
        self._list(solved, scenario)
        return -1

    def _bind(self, stage: Stage, needs: Sequence[Need]) -> int:
        """Look at a scenario under its needs; return its bound then."""
        stage.needs = tuple(needs)
        blocks = self._blocks(stage.scenario.worth, needs)
        if not blocks:
            return -1
        stage.solved = Solved(blocks, [])
        bound = stage.solved.bound + stage.scenario.constant
        if bound // SCALE > self.total and len(self.case.lines) <= JOINT_LINES:
            self._dive(stage)
        return bound

    def _find_best(self, stage: Stage) -> bool:
        """Find the best way of each block; where something must be left, only what could save more matters."""
        solved = stage.solved
        found = {place: self._best(block) for place, block in enumerate(solved.blocks) if not block.needs}
        value = sum([way.value for way in found.values()]) + stage.scenario.constant
        waiting = sum([block.bound for block in solved.blocks if block.needs])
        for place, block in enumerate(solved.blocks):
            if block.needs:
                waiting -= block.bound
                way = self._best_for_now(block, max(-1, self._above(value + waiting)), stage, found)
                if way is None:
                    return False
                found[place] = way
                value += way.value
        solved.best = [found[place] for place in range(len(solved.blocks))]
        return True

    def _best_for_now(self, block: Block, above: int, stage: Stage, others: dict[int, Way]) -> Way | None:
        """Look for a block's best way as long as the stage allows; then try what was found, and leave the rest."""
        so_far: list[Way] = []
        whole, block.budget = block.budget, Budget(min(stage.steps, self.budget.steps))
        given = block.budget.steps
        try:
            return best_way(block, above, found=so_far)
        except OutOfSteps:
            stage.later, stage.steps = True, 4 * stage.steps
            if so_far:
                self._try([*others.values(), so_far[-1]])
            return None
        finally:
            used, block.budget = given - block.budget.steps, whole
            whole.step(used)

    def _dive(self, stage: Stage) -> None:
        """Try the way that comes first in a scenario; often it is nearly the best. Do not look for it long."""
        ways = []
        for block in stage.solved.blocks:
            whole, block.budget = block.budget, Budget(DIVE_STEPS)
            try:
                way = best_way(block, -1, first=True)
            except OutOfSteps:
                way = None
            whole.step(DIVE_STEPS - max(0, block.budget.steps))
            block.budget = whole
            if way is not None:
                ways.append(way)
        self._try(ways)

    def _unbound(self, worth: Worth) -> Solved:
        key = id(worth)
        if key not in self.solved:
            self.solved[key] = Solved(self._blocks(worth, ()), [])
        return self.solved[key]

    # Blocks.

    def _blocks(self, worth: Worth, needs: Sequence[Need]) -> list[Block]:
        """Part the columns into blocks, joined where one need looks at both; none where a need cannot be filled."""
        areas = tuple([need.area for need in needs])
        if not all(areas):
            return []
        parting = (worth.gifts, areas)
        if parting not in self.parts:
            columns = (*self.listed.grouped, *(column for column, _ in worth.gifts))
            self.parts[parting] = parted(self.case, columns, areas)
        limits = {column.candidate: self._gifts(place) for column, place in worth.gifts}
        made = []
        for lines, mine in self.parts[parting]:
            inside = tuple([need for need in needs if need.area[0] in lines])
            worths = tuple([(worth.fresh[line], worth.worn[line]) for line in lines])
            key = (lines, len(mine), worths, worth.gifts, inside)
            block = self.made.get(key)
            if block is None:
                block = self.made[key] = Block(
                    self.case, lines, mine, self.listed.single, worth, inside, limits, self.budget
                )
                block.possible = block.prepare()
            if not block.possible:
                return []
            made.append(block)
        return made

    def _gifts(self, place: int) -> int:
        candidate = self.case.basket_candidates[place]
        return int(getattr(self.case.rules.offers[candidate.number].form, "gift_pieces", 0))

    # Scenarios.

    def _best(self, block: Block) -> Way:
        """Return the best way of a block, which is worth no less than what the known answer does there."""
        key = id(block)
        if key not in self.ways:
            lines = set(block.lines)
            known = block.way_of([one for one in self.known if one[0].takes[0][0] in lines])
            found = best_way(block, known.value if known else -1) or known
            if found is None:
                raise OutOfSteps
            self.ways[key] = found
        return self.ways[key]

    def _known_columns(self) -> list[tuple[Column, int]]:
        """Return the known answer's item offers as columns, those of single pieces aside."""
        known = {
            (column.candidate, tuple([(line, count) for line, count, _ in column.takes])): column
            for column in self.listed.grouped
        }
        found = []
        for one in self.start:
            pieces: list[tuple[Takes, int]] = [(one.takes, one.times)]
            if isinstance(self.case.candidates[one.candidate], Each):
                pieces = [(((line, 1),), count * one.times) for line, count in one.takes]
            for takes, times in pieces:
                column = known.get((one.candidate, takes))
                if column is not None:
                    found.append((column, times))
        return found

    def _fills(self, need: Need, ways: Sequence[Way]) -> bool:
        case = self.case
        held = 0
        left = list(case.counts)
        for way in ways:
            for column, times in way.columns:
                for line, count, share in column.takes:
                    left[line] -= count * times
                    if column.stackable:
                        held += need.worn[line] * times * self._unit(need, line, count, share)
        held += sum([need.fresh[line] * self._unit(need, line, count, 0) for line, count in enumerate(left)])
        return held >= need.least

    def _unit(self, need: Need, line: int, count: int, share: int) -> int:
        if need.in_money:
            return self.case.prices[line] * count - share
        return count if self.case.pieces[line] else 0

    def _list(self, solved: Solved, scenario: Scenario) -> None:
        """Look at every way of the blocks together that still promises more than the best answer."""
        regions = Regions(self.case, scenario)
        for block in solved.blocks:
            self._trace(block, regions)
        if len(solved.blocks) == 1:
            if not self._show(solved, scenario, regions, alike=True):
                self._show(solved, scenario, regions, alike=False)
            return
        if not self._combine_alike(self._outcomes(solved, scenario, alike=True), regions):
            self._combine(self._outcomes(solved, scenario, alike=False), 0, [])

    def _show(self, solved: Solved, scenario: Scenario, regions: Regions, *, alike: bool) -> bool:
        """Look at the ways of a scenario's only block; return whether none that was not looked at could save more."""
        closed, block = True, solved.blocks[0]

        def show(way: Way) -> int:
            nonlocal closed
            self.budget.step(4)
            saving, held = regions.held(block.lines, way)
            if saving + regions.most(held) > self.total:
                self._try([way])
                closed = closed and saving + regions.most(held) <= self.total
            return self._above(scenario.constant)

        show_ways(block, self._above(scenario.constant), solved.best[0].value, show, alike=alike)
        return closed

    def _outcomes(self, solved: Solved, scenario: Scenario, *, alike: bool) -> Outcomes:
        """List the ways of each block, the block with the fewest first."""
        listed = [
            (self._ways_of(block, best.value, solved.value + scenario.constant, alike=alike), place)
            for place, (block, best) in enumerate(zip(solved.blocks, solved.best, strict=True))
        ]
        listed.sort(key=lambda one: (len(one[0]), one[1]))
        most = [0]
        for ways, _ in reversed(listed):
            most.append(most[-1] + ways[0].value)
        return Outcomes(
            [solved.blocks[place] for _, place in listed], [ways for ways, _ in listed], most[::-1], scenario
        )

    def _trace(self, block: Block, regions: Regions) -> None:
        """Have the ways of a block listed as far as they differ in what they save and leave in each region."""
        for line, ones in block.choices.items():
            for one in (*ones, block.rest[line]):
                one.trace = regions.trace(one.column)

    def _ways_of(self, block: Block, best: int, whole: int, *, alike: bool) -> list[Way]:
        """Return the ways of a block that with the others' best promise more than the best answer, the best first."""
        ways: list[Way] = []
        above = self._above(whole - best)

        def keep(way: Way) -> int:
            self.budget.step(4)
            ways.append(way)
            return above

        show_ways(block, above, best, keep, alike=alike)
        return sorted(ways, key=lambda one: -one.value)

    def _above(self, others: int) -> int:
        """Return what a way must exceed so that with the others it promises more than the best answer."""
        return self.total * SCALE + SCALE - 1 - others

    def _combine_alike(self, outcome: Outcomes, regions: Regions) -> bool:
        """Combine ways, with those that save the same and leave the same in each region as one.

        Returns:
            Whether nothing that is not looked at could save more than the best answer.
        """
        known: dict[tuple[int, Held], tuple[int, tuple[Way, ...]]] = {
            (0, (0,) * (4 * len(regions.sizes))): (outcome.scenario.constant, ())
        }
        for at, (block, ways) in enumerate(zip(outcome.blocks, outcome.ways, strict=True)):
            alike: dict[tuple[int, Held], Way] = {}
            for way in ways:
                alike.setdefault(regions.held(block.lines, way), way)
            after: dict[tuple[int, Held], tuple[int, tuple[Way, ...]]] = {}
            self.budget.step(len(known) * len(alike) + len(ways))
            for (saved, held), (value, chosen) in known.items():
                for (saving, figures), way in alike.items():
                    reached = value + way.value
                    if (reached + outcome.most[at + 1]) // SCALE <= self.total:
                        continue
                    key = (saved + saving, tuple(map(add, held, figures)))
                    if key not in after or after[key][0] < reached:
                        after[key] = (reached, (*chosen, way))
            known = after
        closed = True
        for (saved, held), (value, chosen) in sorted(known.items(), key=lambda one: (-one[1][0], one[0])):
            if value // SCALE > self.total and saved + regions.most(held) > self.total:
                self._try(chosen)
                closed = closed and saved + regions.most(held) <= self.total
        return closed

    def _combine(self, outcome: Outcomes, value: int, chosen: list[Way]) -> None:
        self.budget.step()
        at = len(chosen)
        if at == len(outcome.ways):
            self._try(chosen)
            return
        for way in outcome.ways[at]:
            if (value + way.value + outcome.most[at + 1] + outcome.scenario.constant) // SCALE <= self.total:
                break
            self._combine(outcome, value + way.value, [*chosen, way])

    # What a plan really saves.

    def _try(self, ways: Sequence[Way]) -> None:
        times: dict[tuple[int, tuple[tuple[int, int], ...]], list[int]] = {}
        for way in ways:
            for column, count in way.columns:
                if column.candidate >= 0:
                    key = (column.candidate, tuple([(line, pieces) for line, pieces, _ in column.takes]))
                    times.setdefault(key, [column.saving, 0])[1] += count
        plan = tuple(
            [Application(place, takes, saving, count) for (place, takes), (saving, count) in sorted(times.items())]
        )
        if plan in self.settled:
            return
        self.settled[plan] = 1
        self.budget.step(len(self.case.lines) * (1 + len(self.case.basket_candidates)))
        plan = self._single_pieces_together(plan)
        decisions = settle_exactly(self.case, left_after(self.case, plan)) if self.case.basket_candidates else ()
        saved = sum([one.saving * one.times for one in plan]) + sum([one.saving for one in decisions])
        if saved > self.total:
            self.total, self.applications, self.decisions, self.improved = saved, plan, decisions, True

    def _single_pieces_together(self, plan: Plan) -> Plan:
        """Write pieces that take an offer by themselves as one application of so many pieces."""
        return tuple(
            [
                Application(one.candidate, ((one.takes[0][0], one.times),), one.saving * one.times)
                if isinstance(self.case.candidates[one.candidate], Each)
                else one
                for one in plan
            ]
        )
