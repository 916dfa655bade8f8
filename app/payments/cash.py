"""Cash: rounding to coins that exist, and the notes a person would hand over."""

from dataclasses import dataclass
from enum import Enum

from app.values.rounding import divide_half_up

CNY_DENOMINATIONS_MINOR = (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10)
"""Notes and coins of the fifth series that are in everyday use: 100 yuan to 1 jiao."""


class RoundingRule(Enum):
    """Which way an amount between two coins goes."""

    NEAREST = "nearest"
    """To the nearer one, a half up (四舍五入)."""

    DOWN = "down"
    """In the shopper's favour (抹零)."""


@dataclass(frozen=True, slots=True)
class CashRounding:
    """A store's rule for what is paid in cash."""

    step_minor: int = 1
    """The smallest coin: 1 means no rounding, 5 for 5 fen, 10 for 1 jiao."""

    rule: RoundingRule = RoundingRule.NEAREST

    def apply(self, amount_minor: int) -> int:
        """Round an amount that is not negative.

        >>> CashRounding(10).apply(1233), CashRounding(10).apply(1235), CashRounding(5).apply(1233)
        (1230, 1240, 1235)
        """
        if self.step_minor <= 1:
            return amount_minor
        if self.rule is RoundingRule.DOWN:
            return amount_minor // self.step_minor * self.step_minor
        return divide_half_up(amount_minor, self.step_minor) * self.step_minor


def suggested_notes(due_minor: int, denominations_minor: tuple[int, ...], limit: int = 6) -> tuple[int, ...]:
    """Return amounts a person would hand over for what is due, ascending, the exact amount first.

    A person tops the amount up to a multiple of one of the notes; what they hand over holds no note that
    they could have kept. For 128.60 yuan: 128.60, 129, 130, 140, 150 and 200.
    """
    if due_minor <= 0:
        return (0,)
    amounts = {due_minor}
    for note in denominations_minor:
        topped_up = -(-due_minor // note) * note
        if topped_up > due_minor:
            amounts.add(topped_up)
    ascending = sorted(amounts)
    if len(ascending) > limit:
        ascending = [ascending[0], *ascending[-(limit - 1) :]]
    return tuple(ascending)
