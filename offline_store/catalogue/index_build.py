"""Makes the search index of a new file: postings gathered chunk by chunk, then written once in their final order."""

from array import array
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, text

from offline_store.catalogue.postings import CHUNK_BITS, LOW_MASK, encode

_EMPTY = partial(array, "H")

_STAGED = 2000
"""Rows handed to the database at once."""


class PostingGatherer:
    """Takes the tokens of products in order of position; memory is bounded by one chunk."""

    def __init__(self, connection: Connection, staging: Path) -> None:
        """Attach a staging file, which the caller deletes; the finished file then has no holes."""
        self._connection = connection
        self._chunk = 0
        self._positions: defaultdict[str, array[int]] = defaultdict(_EMPTY)
        connection.exec_driver_sql("ATTACH DATABASE ? AS staging", (str(staging),))
        connection.exec_driver_sql("PRAGMA staging.journal_mode = OFF")
        connection.exec_driver_sql("PRAGMA staging.synchronous = OFF")
        connection.exec_driver_sql(
            "CREATE TABLE staging.part (token TEXT NOT NULL, chunk INTEGER NOT NULL, count INTEGER NOT NULL,"
            " positions BLOB NOT NULL)"
        )

    def add(self, position: int, tokens: Iterable[str]) -> None:
        """Note the tokens of a product; positions come in rising order."""
        chunk = position >> CHUNK_BITS
        if chunk != self._chunk:
            self._set_aside()
            self._chunk = chunk
        low = position & LOW_MASK
        positions = self._positions
        for token in tokens:
            positions[token].append(low)

    def finish(self) -> None:
        """Write the dictionary of tokens and their postings, each in order of its key."""
        self._set_aside()
        run = self._connection.exec_driver_sql
        run("CREATE INDEX staging.part_by_token ON part (token, chunk, count)")
        run(
            "INSERT INTO gram (token, gram_id, product_count)"
            " SELECT token, row_number() OVER (ORDER BY token), sum(count) FROM staging.part GROUP BY token"
            " ORDER BY token"
        )
        self._connection.execute(
            text(
                "INSERT INTO posting (key, positions) SELECT gram.gram_id << :bits | part.chunk, part.positions"
                " FROM gram CROSS JOIN staging.part ON part.token = gram.token ORDER BY gram.token, part.chunk"
            ),
            {"bits": CHUNK_BITS},
        )

    def _set_aside(self) -> None:
        rows: list[tuple[str, int, int, bytes]] = []
        for token, numbers in self._positions.items():
            rows.append((token, self._chunk, len(numbers), encode(numbers)))
            if len(rows) == _STAGED:
                self._stage(rows)
                rows = []
        self._stage(rows)
        self._positions = defaultdict(_EMPTY)

    def _stage(self, rows: list[tuple[str, int, int, bytes]]) -> None:
        if rows:
            self._connection.exec_driver_sql("INSERT INTO staging.part VALUES (?, ?, ?, ?)", rows)
