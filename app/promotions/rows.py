"""What the columns of a block share: pieces, limits, exclusive groups, and what must be left.

Some rows say nothing new of whole numbers, but keep their parts out: of three pieces two are taken together once, not
one and a half times.
"""

from collections.abc import Sequence

from app.promotions.candidates import CheapestOff, Each, Together
from app.promotions.case import Case
from app.promotions.columns import Column

_SHARES_OF_GROUP = 27_720
"""Divided by how often an offer can be given at most: an exclusive group holds one of its offers at a time."""

Entry = tuple[int, int]
"""A row and what one time of a column takes of it."""


class Rows:
    """The rows of a block's program."""

    def __init__(
        self, case: Case, order: Sequence[int], columns: Sequence[Column], gifts: dict[int, int], slack: Sequence[int]
    ) -> None:
        self.case = case
        self.line = {line: row for row, line in enumerate(order)}
        self.bounds = [case.counts[line] for line in order]
        self.limits = self._limits(columns, gifts)
        """How often an offer may be given, where it is limited."""

        self._limit_row: dict[int, int] = {}
        for place, limit in self.limits.items():
            self._limit_row[place] = len(self.bounds)
            self.bounds.append(limit)
        self._group_row = self._add_groups(columns)
        self._pool_row = self._add_pools(columns)
        self._line_rows = self._add_halves(columns)
        self.needs = range(len(self.bounds), len(self.bounds) + len(slack))
        self.bounds += slack

    def entries(self, column: Column, drops: Sequence[int]) -> list[Entry]:
        """Return what one time of a column takes of each row."""
        line = self.line
        found = [(line[one], count) for one, count, _ in column.takes]
        candidate = column.candidate
        if candidate in self._limit_row:
            found.append((self._limit_row[candidate], 1))
        if candidate in self._group_row:
            found.append(self._group_row[candidate])
        if candidate in self._pool_row:
            row = self._pool_row[candidate].get(column.takes[0][0])
            if row is not None:
                found.append((row, 1))
        for one, count, _ in column.takes:
            if count > 1 and one in self._line_rows:
                found += [(row, count // size) for row, size in self._line_rows[one] if count >= size]
        if drops:
            found += [(row, drop) for row, drop in zip(self.needs, drops, strict=True) if drop]
        return found

    def _limits(self, columns: Sequence[Column], gifts: dict[int, int]) -> dict[int, int]:
        limits: dict[int, int] = {}
        for column in columns:
            place = column.candidate
            limit = gifts[place] if place < 0 else self.case.candidates[place].limit
            if limit is not None:
                limits[place] = limit
        return limits

    def _add_groups(self, columns: Sequence[Column]) -> dict[int, Entry]:
        by_group: dict[str, dict[int, int]] = {}
        for column in columns:
            place = column.candidate
            if place >= 0 and self.case.candidates[place].group:
                size = sum([count for _, count, _ in column.takes])
                members = by_group.setdefault(self.case.candidates[place].group, {})
                members[place] = min(members.get(place, size), size)
        pieces = sum([self.case.counts[line] for line in self.line])
        found: dict[int, Entry] = {}
        for members in by_group.values():
            if len(members) > 1:
                for place, size in members.items():
                    times = max(1, pieces // size)
                    share = _SHARES_OF_GROUP // min(times, self.limits.get(place, times))
                    if share:
                        found[place] = (len(self.bounds), share)
                self.bounds.append(_SHARES_OF_GROUP)
        return found

    def _add_pools(self, columns: Sequence[Column]) -> dict[int, dict[int, int]]:
        """Add for each pool that does not come out even how often it can be taken from."""
        found: dict[int, dict[int, int]] = {}
        for place in sorted({column.candidate for column in columns}):
            offer = self.case.candidates[place] if place >= 0 else None
            if offer is None or isinstance(offer, Each):
                continue
            pools = offer.pools if isinstance(offer, CheapestOff | Together) else (offer.lines,)
            take = offer.take if isinstance(offer, CheapestOff | Together) else sum(offer.needs)
            for pool in pools:
                pieces = sum([self.case.counts[line] for line in pool])
                if pieces % take and (len(pool) > 1 or pieces < take):
                    row = len(self.bounds)
                    self.bounds.append(pieces // take)
                    found.setdefault(place, {}).update(dict.fromkeys(pool, row))
        return found

    def _add_halves(self, columns: Sequence[Column]) -> dict[int, list[tuple[int, int]]]:
        """Add for each line how often several of its pieces can be taken at once."""
        sizes = {(line, count) for column in columns for line, count, _ in column.takes if count > 1}
        found: dict[int, list[tuple[int, int]]] = {}
        for line, size in sorted(sizes):
            if self.case.counts[line] % size:
                found.setdefault(line, []).append((len(self.bounds), size))
                self.bounds.append(self.case.counts[line] // size)
        return found
