"""The most a shopper can save, by integer programs that HiGHS solves; every form, in baskets too large to try everything.

A column says that an item offer is given to certain goods (once more); rows keep pieces, limits, least numbers and
exclusive groups. Which basket offers are given is tried outside: for each subset of them, in their order, what they
take off is written behind the item offers: a binary for each step, whole numbers for what is rounded, the goods parted
into regions that the same offers see. Two things are not linear: how an amount is spread over goods that a later
offer sees in part (kept between bounds, interval by interval), and goods that cost nothing any more. So each program's
value is never too low; its plan is priced by the plain rules of `oracle`, and taken out of the programs if it holds
less than was promised, until no program promises more than the best plan found.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations, combinations_with_replacement

import numpy as np

from app.promotions import offers as forms
from tests.unit.app.promotions.oracle import Oracle, split

HIGH = 1e9
INTERVALS = 24
MOST_PROGRAMS = 60


class Undecided(Exception):
    """Too many plans promise more than they hold; tells the best plan found, and what no plan can exceed."""

    def __init__(self, best: int, bound: int) -> None:
        super().__init__(best, bound)
        self.best, self.bound = best, bound


@dataclass
class Sum:
    """A linear expression: a constant, and variables with their coefficients."""

    constant: float = 0.0
    terms: dict[int, float] = field(default_factory=dict)

    def add(self, other: "Sum", times: float = 1.0) -> "Sum":
        self.constant += other.constant * times
        for variable, value in other.terms.items():
            self.terms[variable] = self.terms.get(variable, 0.0) + value * times
        return self

    def plus(self, other: "Sum", times: float = 1.0) -> "Sum":
        return Sum(self.constant, dict(self.terms)).add(other, times)


@dataclass
class Program:
    """Maximise over whole and real variables, each row between its bounds."""

    gains: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)
    constant: float = 0.0

    def variable(self, most: float, gain: float = 0.0, *, whole: bool = True, least: float = 0.0) -> Sum:
        self.gains.append(gain)
        self.lower.append(least)
        self.upper.append(most)
        self.whole.append(whole)
        return Sum(0.0, {len(self.gains) - 1: 1.0})

    def between(self, left: Sum, low: float, high: float) -> None:
        self.rows.append((left.terms, low - left.constant, high - left.constant))

    def at_least(self, left: Sum, right: Sum) -> None:
        self.between(left.plus(right, -1.0), 0.0, HIGH)

    def copy(self) -> "Program":
        return Program(
            list(self.gains), list(self.lower), list(self.upper), list(self.whole), list(self.rows), self.constant
        )

    def solve(self, highspy, *, relaxed: bool = False) -> tuple[float, list[float]]:
        """Return the optimum and the variables; minus one where nothing fits."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.gains), len(self.rows)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.offset_ = self.constant
        lp.col_cost_ = np.array(self.gains, dtype=float)
        lp.col_lower_, lp.col_upper_ = np.array(self.lower, dtype=float), np.array(self.upper, dtype=float)
        lp.row_lower_ = np.array([row[1] if row[1] > -HIGH / 2 else -highspy.kHighsInf for row in self.rows])
        lp.row_upper_ = np.array([row[2] if row[2] < HIGH / 2 else highspy.kHighsInf for row in self.rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(row[0]) for row in self.rows)]).astype(np.int32)
        lp.a_matrix_.index_ = np.array([one for row in self.rows for one in row[0]], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([one for row in self.rows for one in row[0].values()], dtype=float)
        if not relaxed:
            kinds = highspy.HighsVarType
            lp.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in self.whole]
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", 0.5)
        solver.passModel(lp)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return -1.0, []
        bound = solver.getInfo().objective_function_value if relaxed else solver.getInfo().mip_dual_bound
        return bound, list(solver.getSolution().col_value)


@dataclass
class Column:
    """An item offer given once to certain goods."""

    number: int
    goods: tuple[int, ...]
    saving: int
    copies: list[int] = field(default_factory=list)
    """Its variables: the first says once, the second twice, and so on."""


class Programs:
    """Writes and solves the programs of one basket."""

    def __init__(self, document, basket, highspy) -> None:
        self.oracle = Oracle(document, basket)
        self.highspy = highspy
        self.columns = [one for number in range(len(self.oracle.items)) for one in self.columns_of(number)]
        self.base = Program()
        self.cells = self.write_items()
        self.best = 0
        self.solved = 0

    # The item offers.

    def columns_of(self, number):
        oracle, offer = self.oracle, self.oracle.items[number]
        size = oracle.size(offer)
        if isinstance(offer.form, forms.Bundle):
            sets = [part.goods for part in offer.form.parts]
        else:
            sets = [offer.goods, *([offer.form.gift] if isinstance(offer.form, forms.Gift) else [])]
        pool = [
            place
            for place in range(len(oracle.lines))
            if any(oracle.matches(one, place) for one in sets) and (size == 1 or oracle.is_piece[place])
        ]
        for goods in combinations_with_replacement(pool, size):
            counts = Counter(goods)
            most = min(oracle.count[place] // count for place, count in counts.items())
            if size == 1 and not oracle.is_piece[goods[0]] and offer.form.least_pieces > 1:
                continue
            saving = oracle.saved(offer, goods) if most else 0
            if saving > 0:
                yield Column(number, goods, saving, [0] * most)

    def write_items(self):
        """Write columns and their rows; return for each line amount and pieces, untouched and touched."""
        oracle, program = self.oracle, self.base
        cells = [
            [Sum(oracle.price[place] * count), Sum(count * oracle.is_piece[place]), Sum(), Sum()]
            for place, count in enumerate(oracle.count)
        ]
        used = [Sum() for _ in oracle.lines]
        times: dict[int, Sum] = {}
        for column in self.columns:
            offer, counts = oracle.items[column.number], sorted(Counter(column.goods).items())
            shares = split(column.saving, [oracle.price[place] * count for place, count in counts])
            for copy in range(len(column.copies)):
                given = program.variable(1.0, column.saving)
                (column.copies[copy],) = given.terms
                if copy:
                    program.at_least(Sum(0.0, {column.copies[copy - 1]: 1.0}), given)
                times.setdefault(column.number, Sum()).add(given)
                for (place, count), share in zip(counts, shares, strict=True):
                    worth, pieces = oracle.price[place] * count, count * oracle.is_piece[place]
                    used[place].add(given, count)
                    cells[place][0].add(given, -worth)
                    cells[place][1].add(given, -pieces)
                    if offer.stackable:
                        cells[place][2].add(given, worth - share)
                        cells[place][3].add(given, pieces)
        for place, count in enumerate(oracle.count):
            program.between(used[place], -HIGH, count)
        self.keep_the_rules_of_offers(times)
        return cells

    def keep_the_rules_of_offers(self, times) -> None:
        oracle, program, groups = self.oracle, self.base, {}
        for number, total in times.items():
            offer = oracle.items[number]
            limit = oracle.limit(offer)
            most = sum(oracle.count) if limit is None else limit
            program.between(total, -HIGH, most)
            least = getattr(offer.form, "least_pieces", 1)
            if least > 1 or offer.group in oracle.exclusive:
                given = program.variable(1.0)
                program.at_least(Sum().add(given, most), total)
                program.at_least(total, Sum().add(given, least))
                if offer.group in oracle.exclusive:
                    groups.setdefault(offer.group, Sum()).add(given)
        for total in groups.values():
            program.between(total, -HIGH, 1)

    # The basket offers.

    def subsets(self):
        names = self.oracle.baskets
        for size in range(len(names), -1, -1):
            for chosen in combinations(names, size):
                groups = [one.group for one in chosen if one.group in self.oracle.exclusive]
                if len(set(groups)) == len(groups):
                    yield chosen

    def saving(self) -> int:
        """Return the most that can be saved.

        Raises:
            Undecided: too many plans had to be priced.
        """
        waiting = []
        for chosen in self.subsets():
            program = BasketLayer(self, chosen).write()
            bound, _ = program.solve(self.highspy, relaxed=True)
            waiting.append((bound, len(waiting), program))
        taken_out: list[tuple[dict[int, float], float, float]] = []
        while waiting:
            waiting.sort(key=lambda one: (-one[0], one[1]))
            bound, place, program = waiting[0]
            if int(bound + 1e-6) <= self.best:
                break
            self.solved += 1
            if self.solved > MOST_PROGRAMS:
                raise Undecided(self.best, int(bound + 1e-6))
            whole = program.copy()
            whole.rows.extend(taken_out)
            bound, values = whole.solve(self.highspy)
            if int(bound + 1e-6) <= self.best:
                waiting.pop(0)
                continue
            self.best = max(self.best, self.priced(values))
            waiting[0] = (bound, place, program)
            taken_out.append(self.without(values))
        return self.best

    def plan(self, values):
        return [
            (column.number, column.goods) for column in self.columns for copy in column.copies if values[copy] > 0.5
        ]

    def priced(self, values) -> int:
        before = self.oracle.best
        self.oracle.best = 0
        plan = tuple(sorted(self.plan(values)))
        if self.oracle.allowed(plan):
            self.oracle.settle(plan)
        found, self.oracle.best = self.oracle.best, before
        return found

    def without(self, values):
        """Return the row that takes one plan out: at least one copy is another way."""
        terms, given = {}, 0
        for column in self.columns:
            for copy in column.copies:
                taken = values[copy] > 0.5
                terms[copy] = -1.0 if taken else 1.0
                given += taken
        return terms, 1.0 - given, HIGH


@dataclass
class Step:
    """From so much (money) or so many (pieces) so much or so much of a hundredth of a hundredth off."""

    least: int
    in_money: bool
    off: int
    points: int


class BasketLayer:
    """Writes a subset of the basket offers, all of them given, behind the item offers."""

    def __init__(self, programs: Programs, chosen) -> None:
        self.oracle = programs.oracle
        self.chosen = chosen
        self.program = programs.base.copy()
        self.money: dict[tuple[int, bool], Sum] = {}
        self.pieces: dict[tuple[int, bool], Sum] = {}
        self.cells_of: list[list[tuple[int, bool]]] = []
        for place, (fresh, fresh_pieces, worn, worn_pieces) in enumerate(programs.cells):
            self.money[place, False], self.money[place, True] = Sum().add(fresh), Sum().add(worn)
            self.pieces[place, False], self.pieces[place, True] = Sum().add(fresh_pieces), Sum().add(worn_pieces)

    def write(self) -> Program:
        touched: set[tuple[int, bool]] = set()
        closed: set[tuple[int, bool]] = set()
        gifts = [one for one in self.chosen if isinstance(one.form, forms.GiftFrom)]
        for offer in self.chosen:
            mine = [
                cell
                for cell in self.money
                if cell not in closed
                and (offer.stackable or not (cell[1] or cell in touched))
                and self.oracle.matches(offer.goods, cell[0])
                and not (offer in gifts and self.oracle.matches(offer.form.gift, cell[0]))
            ]
            self.cells_of.append(mine)
            if offer in gifts:
                self.gift(offer, mine, touched)
            touched.update(mine)
            if not offer.stackable:
                closed.update(mine)
        self.take_off(len(gifts))
        return self.program

    def gift(self, offer, mine, touched) -> None:
        program, form, oracle = self.program, offer.form, self.oracle
        base = Sum()
        for cell in mine:
            base.add(self.money[cell])
        program.between(base, form.from_minor, HIGH)
        total = Sum()
        for place in range(len(oracle.lines)):
            worth = oracle.price[place] - form.price_minor
            if (place, False) in touched or not oracle.matches(form.gift, place) or worth <= 0:
                continue
            count = program.variable(oracle.count[place] * oracle.is_piece[place], worth)
            program.at_least(self.pieces[place, False], count)
            total.add(count)
            self.money[place, False].add(count, -oracle.price[place])
            self.pieces[place, False].add(count, -1.0)
            if offer.stackable:
                self.money[place, True].add(count, form.price_minor)
                self.pieces[place, True].add(count)
        program.between(total, 1, form.gift_pieces)

    def take_off(self, first: int) -> None:
        """Part the cells into regions, and let one offer after another work on them."""
        later = list(range(first, len(self.chosen)))
        seen_by: dict[tuple[int, ...], list[tuple[int, bool]]] = {}
        for cell in self.money:
            key = tuple(one for one in later if cell in self.cells_of[one])
            if key:
                seen_by.setdefault(key, []).append(cell)
        regions = sorted(seen_by)
        net = {}
        for region in regions:
            amount = Sum()
            for cell in seen_by[region]:
                amount.add(self.money[cell])
            net[region] = self.held(amount)
        for one in later:
            mine = [region for region in regions if one in region]
            pieces = Sum()
            for cell in self.cells_of[one]:
                pieces.add(self.pieces[cell])
            self.give(one, {region: net[region] for region in mine}, pieces, seen_by, net)

    def held(self, amount: Sum) -> Sum:
        """Return a variable that equals an expression, so that rows stay short."""
        if not amount.terms:
            return amount
        variable = self.program.variable(HIGH, whole=False)
        self.program.between(variable.plus(amount, -1.0), 0.0, 0.0)
        return variable

    def steps(self, offer) -> list[Step]:
        form, gross = offer.form, sum(map(int.__mul__, self.oracle.price, self.oracle.count))
        if isinstance(form, forms.Extra):
            return [Step(1, True, form.off_minor or 0, form.off_basis_points or 0)]
        if isinstance(form, forms.Every):
            size = form.every_minor or form.every_pieces
            most = (gross if form.every_minor else sum(self.oracle.count)) // size
            limit = self.oracle.limit(offer)
            most = most if limit is None else min(limit, most)
            return [
                Step(size * times, form.every_minor is not None, form.off_minor * times, 0)
                for times in range(1, most + 1)
            ]
        steps = [
            Step(
                step.from_minor or step.from_pieces,
                step.from_minor is not None,
                step.off_minor or 0,
                step.off_basis_points or 0,
            )
            for step in form.steps
        ]
        if form.most_off_minor is None:
            return steps
        # One percentage with a most: from where it is reached, rounded half up, the offer is an amount.
        (only,) = steps
        reached = max(only.least, -(-(form.most_off_minor * 10_000 - 5_000) // only.points))
        capped = Step(reached, True, form.most_off_minor, 0)
        return [only, capped] if reached > only.least else [capped]

    def give(self, one, mine, pieces, seen_by, net) -> None:
        program, offer = self.program, self.chosen[one]
        steps = self.steps(offer)
        base = Sum()
        for amount in mine.values():
            base.add(amount)
        if not steps or not mine:
            program.between(Sum(), 1, 1)
            return
        gross = sum(
            self.oracle.price[cell[0]] * self.oracle.count[cell[0]] for cell in self.cells_of[one] if not cell[1]
        )
        gross = 2.0 * max(
            gross, sum(self.oracle.price[place] * self.oracle.count[place] for place, _ in self.cells_of[one]), 1
        )
        off = program.variable(HIGH, 1.0, least=1.0)
        program.at_least(base, off)
        taken = [program.variable(1.0) for _ in steps]
        every = Sum()
        least = Sum()
        for step, binary in zip(steps, taken, strict=True):
            every.add(binary)
            least.add(binary, step.least)
        program.between(every, 1, 1)
        program.at_least(base if steps[0].in_money else pieces, least)
        most_off = Sum()
        for place, (step, binary) in enumerate(zip(steps, taken, strict=True)):
            if step.in_money and place + 1 < len(steps):
                # Up to what the next step would need; else it is that step.
                program.at_least(Sum(steps[place + 1].least - 1 + gross).add(binary, -gross), base)
            if step.points:
                rate = step.points / 10_000
                program.at_least(Sum(0.5 + gross).add(base, rate).add(binary, -gross), off)
                program.at_least(off, Sum(0.5 - 0.9999 - gross).add(base, rate).add(binary, gross))
                most_off.add(binary, gross)
            else:
                most_off.add(binary, step.off)
                if step.in_money and step.off <= step.least:
                    program.at_least(off, Sum().add(binary, step.off))
        program.at_least(most_off, off)
        self.spread(one, mine, (steps, taken), (base, off, gross), seen_by, net)

    def spread(self, one, mine, given, amounts, seen_by, net) -> None:
        """Spread what is taken off over the regions that later offers look at apart."""
        program, (base, off, gross) = self.program, amounts
        if not any(later > one for region in mine for later in region):
            return
        if len(mine) == 1:
            (region,) = mine
            net[region] = self.held(net[region].plus(off, -1.0))
            return
        shares = {region: program.variable(HIGH, whole=False) for region in mine}
        total = Sum()
        for share in shares.values():
            total.add(share)
        program.between(total.plus(off, -1.0), 0.0, 0.0)
        count = {region: len(seen_by[region]) for region in mine}
        spans = self.spans(base, gross, given[0])
        for region, share in shares.items():
            program.at_least(mine[region], share)
            slack = min(count[region], sum(count.values()) - count[region]) + 1.0
            for step, binary in zip(*given, strict=True):
                away = Sum(gross).add(binary, -gross)
                if step.points:
                    exact = Sum().add(mine[region], step.points / 10_000)
                    program.at_least(exact.plus(Sum(slack)).add(away), share)
                    program.at_least(share, exact.plus(Sum(-slack)).add(away, -1.0))
                    continue
                for low, high, inside in spans:
                    outside = Sum(gross).add(inside, -gross).add(away)
                    at_most = Sum(slack).add(mine[region], step.off / low).add(outside)
                    program.at_least(at_most, share)
                    if step.in_money and step.off <= step.least:
                        at_least = Sum(-slack).add(mine[region], step.off / high).add(outside, -1.0)
                        program.at_least(share, at_least)
            net[region] = self.held(net[region].plus(share, -1.0))

    def spans(self, base, gross, steps):
        """Part the base into intervals, each with a binary that says it lies within."""
        if all(step.points for step in steps):
            return []
        edges, low = [], float(min(step.least if step.in_money else 1 for step in steps))
        top = gross / 2
        ratio = max((top / max(low, 1.0)) ** (1 / INTERVALS), 1.02)
        while low < top:
            edges.append((low, min(top, low * ratio)))
            low *= ratio
        edges = edges or [(1.0, max(top, 1.0))]
        spans, every = [], Sum()
        for low, high in edges:
            inside = self.program.variable(1.0)
            every.add(inside)
            self.program.at_least(base, Sum().add(inside, low))
            self.program.at_least(Sum(high + gross).add(inside, -gross), base)
            spans.append((low, high, inside))
        self.program.between(every, 1, 1)
        return spans


def most_saving_by_program(document, basket, highspy) -> int:
    """Return the most a shopper can save, as HiGHS proves it."""
    return Programs(document, basket, highspy).saving()
