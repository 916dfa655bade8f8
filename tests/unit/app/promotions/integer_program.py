"""The best saving as an integer program: what the oracle cannot enumerate in larger baskets, a solver of programs can.

A column says how often an item offer is given to certain goods. Rows keep each line's pieces, limits, least numbers and
exclusive groups. One threshold over all goods may stand behind the item offers: a binary column for each step, allowed
where what item offers leave is enough for it. Columns and what they save come from the oracle, not from the shop.
"""

from collections import Counter
from dataclasses import dataclass, field

from app.promotions.offers import Goods, Threshold
from tests.unit.app.promotions.oracle import Oracle


@dataclass
class Program:
    """Maximise `gains` over whole columns from 0 to `most`, each row's sum at most its bound."""

    gains: list[int] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    rows: list[tuple[dict[int, int], int]] = field(default_factory=list)

    def column(self, gain: int, most: int) -> int:
        self.gains.append(gain)
        self.most.append(most)
        return len(self.gains) - 1


def write_program(document, basket) -> Program:
    """Write a basket down; the rules hold item offers that stack, and at most one threshold of money over all goods."""
    oracle, program = Oracle(document, basket), Program()
    by_offer: dict[int, list[int]] = {}
    uses: list[tuple[int, Counter]] = []
    for number, offer in enumerate(oracle.items):
        seen = set()
        for first in range(len(oracle.lines)):
            for goods in oracle.ways(offer, first, tuple(oracle.count)):
                if goods in seen or oracle.saved(offer, goods) <= 0:
                    continue
                seen.add(goods)
                counts = Counter(goods)
                most = min(oracle.count[place] // count for place, count in counts.items())
                column = program.column(oracle.saved(offer, goods), most)
                by_offer.setdefault(number, []).append(column)
                uses.append((column, counts))
    for place, count in enumerate(oracle.count):
        program.rows.append(({column: used[place] for column, used in uses if place in used}, count))
    _keep_the_rules_of_offers(program, oracle, by_offer)
    for offer in oracle.baskets:
        _add_threshold(program, oracle, offer, [column for column, _ in uses])
    return program


def _keep_the_rules_of_offers(program, oracle, by_offer) -> None:
    groups: dict[str, list[int]] = {}
    pieces = sum(oracle.count)
    for number, columns in by_offer.items():
        offer = oracle.items[number]
        if offer.limit.per_basket is not None:
            program.rows.append((dict.fromkeys(columns, 1), offer.limit.per_basket))
        least = getattr(offer.form, "least_pieces", 1)
        if least > 1 or offer.group in oracle.exclusive:
            given = program.column(0, 1)
            program.rows.append((dict.fromkeys(columns, 1) | {given: -pieces}, 0))
            program.rows.append((dict.fromkeys(columns, -1) | {given: least}, 0))
            if offer.group in oracle.exclusive:
                groups.setdefault(offer.group, []).append(given)
    program.rows.extend((dict.fromkeys(columns, 1), 1) for columns in groups.values())


def _add_threshold(program, oracle, offer, columns) -> None:
    if not isinstance(offer.form, Threshold) or offer.goods != Goods() or not offer.stackable:
        raise ValueError("the program knows thresholds over all goods only")
    places = [place for place in range(len(oracle.lines)) if oracle.matches(offer.goods, place)]
    gross = sum(oracle.price[place] * oracle.count[place] for place in places)
    savings = {column: program.gains[column] for column in columns}
    steps = []
    for step in offer.form.steps:
        taken = program.column(step.off_minor, 1)
        # Where the step is taken no more than gross - from may be saved before it; otherwise there is no bound.
        bound = max(gross, step.from_minor)
        program.rows.append((savings | {taken: bound - (gross - step.from_minor)}, bound))
        steps.append(taken)
    program.rows.append((dict.fromkeys(steps, 1), 1))


def solve_with_highs(program: Program, highspy) -> int:
    """Return the optimum that HiGHS proves."""
    import numpy as np

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    for column, (gain, most) in enumerate(zip(program.gains, program.most, strict=True)):
        solver.addVar(0.0, float(most))
        solver.changeColCost(column, float(gain))
        solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    for coefficients, bound in program.rows:
        if coefficients:
            columns = np.array(list(coefficients), dtype=np.int32)
            values = np.array(list(coefficients.values()), dtype=np.float64)
            solver.addRow(-highspy.kHighsInf, float(bound), len(columns), columns, values)
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    solver.run()
    return round(solver.getInfo().objective_function_value)


def solve_by_trying(program: Program) -> int:
    """Return the optimum of a small program by trying every column at every number."""
    columns = range(len(program.gains))
    rows_of = {
        column: [(row, rest[column]) for row, (rest, _) in enumerate(program.rows) if column in rest]
        for column in columns
    }
    # What the columns still to come can give back to a row: columns with negative entries.
    back = [[0] * len(program.rows) for _ in range(len(program.gains) + 1)]
    for column in reversed(columns):
        back[column] = list(back[column + 1])
        for row, entry in rows_of[column]:
            back[column][row] += max(0, -entry) * program.most[column]
    best = 0

    def descend(column, slack, gained):
        nonlocal best
        if any(left + more < 0 for left, more in zip(slack, back[column], strict=True)):
            return
        if column == len(program.gains):
            best = max(best, gained)
            return
        if gained + sum(program.gains[one] * program.most[one] for one in range(column, len(program.gains))) <= best:
            return
        for count in range(program.most[column], -1, -1):
            left = list(slack)
            for row, entry in rows_of[column]:
                left[row] -= entry * count
            descend(column + 1, left, gained + program.gains[column] * count)

    descend(0, [bound for _, bound in program.rows], 0)
    return best
