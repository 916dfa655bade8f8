"""What a piece of each line is worth at most: shadow prices that bound every way to give the item offers.

The prices are those of the linear program "give each column as often as wanted, in parts too, within pieces and
limits", found by the simplex method. It works in floating point, whose rounding may only make the bound weaker: the
prices are made whole numbers afterwards, and raised until no column is worth more than its pieces.
"""

from collections.abc import Sequence
from typing import Final

_TINY: Final = 1e-7

Entries = Sequence[tuple[int, int]]
"""Row and coefficient of one column."""


def shadow_prices(worths: Sequence[int], entries: Sequence[Entries], bounds: Sequence[int]) -> tuple[list[int], int]:
    """Return a price for each row, and how much work it was.

    Every column's entries times prices come to no less than its worth; the bounds times the prices to little more than
    the most that can be had. Worths, coefficients and bounds are not negative.
    """
    prices, work = _simplex(worths, entries, bounds)
    whole = [max(0, -int(-price // 1)) for price in prices]
    for worth, column in zip(worths, entries, strict=True):
        missing = worth - sum([whole[row] * coefficient for row, coefficient in column])
        if missing > 0:
            row, coefficient = column[0]
            whole[row] += -(-missing // coefficient)
    return whole, work


def _simplex(worths: Sequence[int], entries: Sequence[Entries], bounds: Sequence[int]) -> tuple[list[float], int]:
    rows, columns = len(bounds), len(worths)
    table = _first_table(columns, entries, bounds)
    top = [-float(worth) for worth in worths] + [0.0] * (rows + 1)
    least = -_TINY * max(worths, default=1)
    work = 0
    for _ in range(12 * rows + 60):
        lowest = min(top)
        if lowest >= least:
            break
        entering = top.index(lowest)
        leaving = _leaving_row(table, entering)
        if leaving < 0:
            break
        work += rows * (columns + rows) // 50
        pivot = table[leaving][entering]
        source = table[leaving] = [value / pivot for value in table[leaving]]
        for row, values in enumerate(table):
            if row != leaving and values[entering]:
                table[row] = _less(values, values[entering], source)
        top = _less(top, lowest, source)
    return top[columns : columns + rows], work


def _first_table(columns: int, entries: Sequence[Entries], bounds: Sequence[int]) -> list[list[float]]:
    rows = len(bounds)
    table = [[0.0] * (columns + rows + 1) for _ in range(rows)]
    for column, coefficients in enumerate(entries):
        for row, coefficient in coefficients:
            table[row][column] = float(coefficient)
    for row, bound in enumerate(bounds):
        table[row][columns + row] = 1.0
        # A little more of each, each time another, so that no two rows run out at once.
        table[row][-1] = bound + 1e-6 * (row + 1)
    return table


def _leaving_row(table: list[list[float]], entering: int) -> int:
    """Return the row that runs out first; below zero where none does."""
    leaving, least = -1, 0.0
    for row, values in enumerate(table):
        value = values[entering]
        if value > _TINY:
            ratio = values[-1] / value
            if leaving < 0 or ratio < least:
                leaving, least = row, ratio
    return leaving


def _less(values: list[float], factor: float, source: list[float]) -> list[float]:
    return [value - factor * other if other else value for value, other in zip(values, source, strict=True)]
