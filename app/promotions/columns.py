"""Every way in which an item offer could be given to goods of a basket, listed once for the proof.

A column is one time of an offer: for a percentage one piece, for "any three" three pieces. Columns whose offers compete
for pieces, a limit or an exclusive group stand in one block; blocks are solved apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from app.promotions.basket_layer import shares_of
from app.promotions.candidates import Application, Each, TooManyWays
from app.promotions.case import Case

MOST_COLUMNS: Final = 6_000
"""In one basket; beyond them no proof is tried."""


class Column(NamedTuple):
    """One time of an item offer."""

    candidate: int
    """Its place among the case's candidates; negative for a gift that a basket offer would give."""

    takes: tuple[tuple[int, int, int], ...]
    """Line, pieces, and what comes off them."""

    saving: int
    stackable: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """All columns of a case."""

    grouped: tuple[Column, ...]
    """Of offers that look at several pieces, or are limited."""

    single: dict[int, tuple[Column, ...]]
    """For each line those that a piece takes without regard to any other."""


def list_columns(case: Case) -> Listed | None:
    """List the columns of a case; None where there are too many."""
    try:
        return _listed(case)
    except TooManyWays:
        return None


def _listed(case: Case) -> Listed:
    grouped: list[Column] = []
    single: dict[int, list[Column]] = {}
    for place, candidate in enumerate(case.candidates):
        stackable = case.rules.offers[candidate.number].stackable
        if isinstance(candidate, Each):
            for line, saving in candidate.savings.items():
                column = Column(place, ((line, 1, saving),), saving, stackable)
                if candidate.is_free:
                    others = single.setdefault(line, [])
                    if all((one.saving, one.stackable) != (saving, stackable) for one in others):
                        others.append(column)
                else:
                    grouped.append(column)
            continue
        for takes, saving in candidate.ways(case.counts, MOST_COLUMNS - len(grouped)):
            shares = shares_of(case, Application(place, takes, saving))
            taken = tuple((line, count, share) for (line, count), (_, share) in zip(takes, shares, strict=True))
            grouped.append(Column(place, taken, saving, stackable))
        if len(grouped) >= MOST_COLUMNS:
            raise TooManyWays
    return Listed(tuple(grouped), {line: tuple(columns) for line, columns in single.items()})


def joined(groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """Join groups that share a member; return for each joined group the places of those that went into it.

    >>> joined([(1, 2), (3,), (2, 4)])
    [[0, 2], [1]]
    """
    root: dict[int, int] = {}

    def find(one: int) -> int:
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for group in groups:
        for member in group:
            root.setdefault(member, member)
            one, other = find(group[0]), find(member)
            root[max(one, other)] = min(one, other)
    found: dict[int, list[int]] = {}
    for place, group in enumerate(groups):
        found.setdefault(find(group[0]), []).append(place)
    return [found[one] for one in sorted(found)]


def parted(
    case: Case, columns: Sequence[Column], areas: Sequence[Sequence[int]]
) -> list[tuple[tuple[int, ...], tuple[Column, ...]]]:
    """Return lines and columns that have to do with each other: by pieces, limits, exclusive groups, or areas."""
    # Places from the number of lines on stand for columns and areas, keys below zero for offers and their groups.
    keys: list[Sequence[int]] = [[line] for line in range(len(case.lines))]
    groups: dict[str, int] = {}
    for column in columns:
        key = [line for line, _, _ in column.takes]
        candidate = column.candidate
        if candidate < 0:
            key.append(candidate)
        else:
            offer = case.candidates[candidate]
            if offer.limit is not None or (isinstance(offer, Each) and offer.least > 1):
                key.append(-10_000 - candidate)
            if offer.group:
                key.append(-1_000_000 - groups.setdefault(offer.group, len(groups)))
        keys.append(key)
    lines, last = len(case.lines), len(case.lines) + len(columns)
    return [
        (
            tuple([place for place in places if place < lines]),
            tuple([columns[place - lines] for place in places if lines <= place < last]),
        )
        for places in joined([*keys, *areas])
    ]
