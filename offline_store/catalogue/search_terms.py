"""What may hold for products, and where in the file: a token, a list of positions, one of several alternatives."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import bindparam, select

from offline_store.catalogue.connections import Cursor, sql_text
from offline_store.catalogue.postings import (
    CHUNK_BITS,
    LIST_LIMIT,
    LOW_MASK,
    Container,
    all_of,
    any_of,
    decode,
    keep_in,
    key_of,
    positions_in,
)
from offline_store.catalogue.schema import posting

RARE = 512
"""Products up to which a token is read whole when it is first asked for."""

SPARSE = 16_384
"""Products up to which it is read whole when it is asked for a second time."""

_POSTING = sql_text(select(posting.c.positions).where(posting.c.key == bindparam("key")))
_POSTINGS = sql_text(
    select(posting.c.key, posting.c.positions).where(posting.c.key.between(bindparam("first"), bindparam("last")))
)


class Term(Protocol):
    """Something that holds for some products."""

    @property
    def estimate(self) -> int:
        """About how many."""

    def cost(self, walked: float, chunks: int) -> float:
        """Return about how many microseconds a chunk costs in which so many positions are walked."""

    def container(self, chunk: int) -> Container | None:
        """Return their positions in a chunk, or None where there are none."""

    def keep(self, chunk: int, positions: Sequence[int]) -> Sequence[int]:
        """Return those of some positions in a chunk for which it holds."""


class Token:
    """Holds for the products in which a token stands."""

    def __init__(self, cursor: Cursor, gram_id: int, estimate: int) -> None:
        """Use a cursor on the open file; nothing is read before it is asked for."""
        self.estimate = estimate
        self._cursor = cursor
        self._gram_id = gram_id
        self._asked = 0
        self._known: dict[int, Container] = {}
        self._known_from = LOW_MASK + 1
        self._chunk = -1
        self._container: Container | None = None

    def cost(self, walked: float, chunks: int) -> float:
        """Return about how many microseconds a chunk costs: small lists are compared, bitmaps fetched and probed."""
        inside = self.estimate / chunks
        return 4 + 0.05 * inside if inside < LIST_LIMIT else 10 + 0.1 * walked

    def container(self, chunk: int) -> Container | None:
        """Return the positions in a chunk; chunks are asked for in rising order."""
        if chunk != self._chunk:
            self._chunk = chunk
            self._container = self._read(chunk)
        return self._container

    def keep(self, chunk: int, positions: Sequence[int]) -> Sequence[int]:
        """Return those of some positions for which it holds."""
        container = self.container(chunk)
        return () if container is None else keep_in(container, positions)

    def _read(self, chunk: int) -> Container | None:
        if chunk >= self._known_from:
            return self._known.get(chunk)
        # Often the first chunk fills the answer. A search that goes on will want the rest of a sparse token as well,
        # and one statement that returns many small rows costs a fraction of many statements.
        self._asked += 1
        if self.estimate <= (RARE if self._asked == 1 else SPARSE):
            bounds = {"first": key_of(self._gram_id, chunk), "last": key_of(self._gram_id, LOW_MASK)}
            self._known = {key & LOW_MASK: decode(blob) for key, blob in self._cursor.execute(_POSTINGS, bounds)}
            self._known_from = chunk
            return self._known.get(chunk)
        row = self._cursor.execute(_POSTING, {"key": key_of(self._gram_id, chunk)}).fetchone()
        return decode(row[0]) if row else None


class Listed:
    """Holds for the products that were read from a range of codes."""

    def __init__(self, positions: Iterable[int]) -> None:
        """Take them sorted."""
        self._chunks: dict[int, list[int]] = {}
        self.estimate = 0
        for position in positions:
            self._chunks.setdefault(position >> CHUNK_BITS, []).append(position & LOW_MASK)
            self.estimate += 1

    def cost(self, walked: float, chunks: int) -> float:
        """Return about how many microseconds a chunk costs."""
        return 1 + 0.05 * (walked + self.estimate / chunks)

    def container(self, chunk: int) -> Container | None:
        """Return the positions in a chunk."""
        return self._chunks.get(chunk)

    def keep(self, chunk: int, positions: Sequence[int]) -> Sequence[int]:
        """Return those of some positions for which it holds."""
        container = self.container(chunk)
        return () if container is None else keep_in(container, positions)


class AnyOf:
    """Holds where all terms of one alternative do: digits may stand in a name, begin a code or end a barcode."""

    def __init__(self, alternatives: Sequence[Sequence[Term]]) -> None:
        """Take alternatives, the terms of each with the rarest first."""
        self.estimate = sum(terms[0].estimate for terms in alternatives)
        self._alternatives = alternatives
        self._known: tuple[int, Container | None] = (-1, None)

    def cost(self, walked: float, chunks: int) -> float:
        """Return about how many microseconds a chunk costs."""
        return sum(terms[0].cost(walked, chunks) for terms in self._alternatives)

    def container(self, chunk: int) -> Container | None:
        """Return the positions in a chunk."""
        if self._known[0] != chunk:
            found = [container for terms in self._alternatives if (container := _together(terms, chunk)) is not None]
            self._known = (chunk, any_of(found) if found else None)
        return self._known[1]

    def keep(self, chunk: int, positions: Sequence[int]) -> Sequence[int]:
        """Return those of some positions for which it holds, without laying the alternatives together."""
        found: set[int] = set()
        rest = positions
        for terms in self._alternatives:
            kept = keep_all(terms, chunk, rest)
            if kept:
                found.update(kept)
                if len(found) == len(positions):
                    return positions
                rest = [position for position in rest if position not in found]
        return sorted(found)


def _together(terms: Sequence[Term], chunk: int) -> Container | None:
    containers = []
    for term in terms:
        container = term.container(chunk)
        if container is None:
            return None
        containers.append(container)
    lead, sparse = all_of(containers)
    if not sparse:
        return lead
    positions: Sequence[int] = list(positions_in(lead))
    for container in sparse:
        positions = keep_in(container, positions)
    return positions or None


def keep_all(terms: Sequence[Term], chunk: int, positions: Sequence[int]) -> Sequence[int]:
    """Return those of some positions in a chunk for which all terms hold."""
    for term in terms:
        if not positions:
            break
        positions = term.keep(chunk, positions)
    return positions
