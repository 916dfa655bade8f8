"""Points that a sale earns: which lines count, at which rate, rounded once, and shared over the lines.

The rule, in this order:
1. A line counts with what it costs after its discounts. Excluded products and departments, deposits and what is marked
   as not discountable (tobacco, price-maintained goods) count nothing.
2. What is paid with points earns none: it is taken off the counting lines in proportion to the whole sale.
3. Points = what counts × rate × the tier's percent × the birthday's factor, in one division, cut towards zero unless
   the shop rounds a half up. The tier is the one of the sale's beginning (`app.members.tiers`).
4. The points are split over the counting lines by largest remainder: a return takes back the shares of its lines, any
   sequence of partial returns exactly all of them (`app.members.returns`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from app.members.birthdays import Birthday, BirthdayRule
from app.members.returns import share_of_part
from app.members.tiers import Tier
from app.values.rounding import divide_half_up, split_by_largest_remainder


class PointsRounding(Enum):
    """What becomes of a part of a point."""

    CUT = "cut"
    HALF_UP = "half_up"


@dataclass(frozen=True, slots=True)
class EarningRule:
    """How a shop's points are earned."""

    points: int = 1
    per_minor: int = 100
    """So many points for so many minor units; one for each yuan."""

    birthday_factor: int = 2
    birthday: BirthdayRule = field(default_factory=BirthdayRule)
    rounding: PointsRounding = PointsRounding.CUT
    excluded_departments: frozenset[str] = frozenset()
    excluded_products: frozenset[str] = frozenset()
    most_per_sale: int | None = None
    """No sale earns more; None: without limit."""

    valid_months: int | None = 12
    """Points can be spent until the end of the month that many months after the sale; None: for ever."""

    def __post_init__(self) -> None:
        if self.points < 0 or self.per_minor <= 0 or self.birthday_factor < 1:
            raise ValueError("points are earned by a rate that is not below zero, and a birthday lowers none")
        if (self.valid_months or 0) < 0 or (self.most_per_sale or 0) < 0:
            raise ValueError("a limit is not below zero")


@dataclass(frozen=True, slots=True)
class EarningLine:
    """What the rule has to know of a line of the sale."""

    line_number: int
    product_id: str
    department_id: str
    paid_minor: int
    """What the line costs after its discounts; not below zero."""

    counts: bool = True
    """False for a deposit and for what is not discountable."""


@dataclass(frozen=True, slots=True)
class Earned:
    """The points of a sale."""

    points: int
    shares: tuple[tuple[int, int], ...]
    """Of each counting line: its number and its points; they sum to the points."""

    counted_minor: int
    """What the points were computed from."""

    birthday: bool = False
    """Whether the birthday's factor was in."""

    def share_of(self, line_number: int) -> int:
        """Return a line's points."""
        return dict(self.shares).get(line_number, 0)

    def taken_back_with(self, line_number: int, quantity: int, returned_before: int, returned_now: int) -> int:
        """Return the points that go back with part of a line; quantities are thousandths.

        Raises:
            ValueError: if more comes back than was sold.
        """
        return share_of_part(self.share_of(line_number), quantity, returned_before, returned_now)


def points_earned(
    lines: Sequence[EarningLine],
    rule: EarningRule,
    tier: Tier,
    business_date: date,
    *,
    birthday: Birthday | None = None,
    paid_with_points_minor: int = 0,
) -> Earned:
    """Compute what a sale earns, see the module.

    Args:
        lines: of the whole sale, those that count nothing too.
        rule: the shop's.
        tier: of the sale's beginning.
        business_date: the trading day, by which a birthday counts.
        birthday: the member's, where known.
        paid_with_points_minor: how much of the sale was paid with points.

    Raises:
        ValueError: if a line costs less than nothing, or more is paid with points than the lines cost.
    """
    costs = [line.paid_minor for line in lines]
    if any(cost < 0 for cost in costs) or not 0 <= paid_with_points_minor <= sum(costs):
        raise ValueError("lines cost nothing or more, and points pay no more than that")
    with_points = split_by_largest_remainder(paid_with_points_minor, costs)
    counting = [
        (line.line_number, cost - points_paid)
        for line, cost, points_paid in zip(lines, costs, with_points, strict=True)
        if line.counts
        and line.product_id not in rule.excluded_products
        and line.department_id not in rule.excluded_departments
    ]
    counted = sum(cost for _, cost in counting)
    has_birthday = birthday is not None and rule.birthday.counts_on(birthday, business_date)
    dividend = counted * rule.points * tier.points_percent * (rule.birthday_factor if has_birthday else 1)
    divisor = rule.per_minor * 100
    points = dividend // divisor if rule.rounding is PointsRounding.CUT else divide_half_up(dividend, divisor)
    if rule.most_per_sale is not None:
        points = min(points, rule.most_per_sale)
    shares = split_by_largest_remainder(points, [cost for _, cost in counting]) if counting else ()
    numbers = (number for number, _ in counting)
    return Earned(points, tuple(zip(numbers, shares, strict=True)), counted, has_birthday)


def last_day_of(earned_on: date, valid_months: int | None) -> date | None:
    """Return the last day on which points can be spent: the end of a month; None: for ever.

    >>> last_day_of(date(2026, 1, 31), 13)
    datetime.date(2027, 2, 28)
    """
    if valid_months is None:
        return None
    after = earned_on.year * 12 + earned_on.month + valid_months  # counts months from 0, so this is the month after
    return date.fromordinal(date(after // 12, after % 12 + 1, 1).toordinal() - 1)
