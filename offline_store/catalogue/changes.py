"""Applies small changes to a copy of a catalogue: products put in, replaced and removed, the search index with them.

The copy is published like any other catalogue. So the file that is sold from never changes, its digest stays true, the
selling till waits for no lock, and a power cut in the middle costs only the copy. Copying a million products takes half
a second, which a delivery of changes can wait for; changes are rare against sales.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.schema import CreateColumn

from app.catalogue.importing.records import ProductRecord
from app.catalogue.search_text import Findable, article_key, findable
from app.values.wording import wording
from offline_store.catalogue import schema
from offline_store.catalogue.build import BookDescription, Cancelled, Progress, drop_spare, rewrite_meta, write_lists
from offline_store.catalogue.connections import sql_text
from offline_store.catalogue.postings import CHUNK_BITS, LOW_MASK, decode, encode, key_of, positions_in
from offline_store.catalogue.problems import CatalogueCancelled
from offline_store.catalogue.rows import PRODUCT_COLUMNS, barcode_rows, price_rows, product_row, read_product

BATCH = 20_000
"""Records whose effect on the index is gathered before it is written, each blob once."""

Key = tuple[str, int]
"""A token and a chunk."""


@dataclass(frozen=True, slots=True)
class AppliedChanges:
    """What came of changes."""

    added: int
    replaced: int
    removed: int


def apply_records(
    connection: Connection,
    book: BookDescription,
    records: Iterable[ProductRecord],
    removed: Iterable[str],
    *,
    progress: Progress,
    cancelled: Cancelled,
) -> AppliedChanges:
    """Change an open copy in one transaction: lists replaced, records put in by article number, others removed.

    A product that is replaced keeps its place in the order of sale; a new one comes last.

    Raises:
        CatalogueCancelled: if `cancelled` said so; the copy is then to be thrown away.
        sqlalchemy.exc.IntegrityError: if records contradict each other or the catalogue.
    """
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    _bring_to_this_format(connection)
    write_lists(connection, book)
    changer = _Changer(connection)
    done = 0
    gone = iter(removed)
    while keys := list(islice(gone, BATCH)):
        changer.remove(keys)
    iterator = iter(records)
    while batch := list(islice(iterator, BATCH)):
        if cancelled():
            raise CatalogueCancelled(wording("The making of the catalogue was stopped. Nothing has changed."))
        changer.put(batch)
        done += len(batch)
        progress(done)
    drop_spare(connection, book)
    rewrite_meta(connection, book, changer.count())
    connection.exec_driver_sql("COMMIT")
    return AppliedChanges(changer.added, changer.replaced, changer.removed)


def _bring_to_this_format(connection: Connection) -> None:
    """Give a copy of a file of the format before what this format has more: the column of tares."""
    if connection.exec_driver_sql("PRAGMA user_version").scalar() == schema.WITHOUT_TARES:
        connection.exec_driver_sql(f"ALTER TABLE product ADD COLUMN {CreateColumn(schema.product.c.tare_grams)}")
        connection.exec_driver_sql(f"PRAGMA user_version = {schema.FORMAT_VERSION}")
        connection.execute(update(schema.meta).values(format_version=schema.FORMAT_VERSION))


_product, _barcode, _price, _gram, _posting = schema.product, schema.barcode, schema.price, schema.gram, schema.posting
_AT: BindParameter[int] = bindparam("at")
_FIND = sql_text(select(_product.c.position, *PRODUCT_COLUMNS).where(_product.c.article_key == bindparam("article")))
_GTINS = sql_text(select(_barcode.c.gtin).where(_barcode.c.position == _AT))
_DROP = tuple(sql_text(delete(table).where(table.c.position == _AT)) for table in (_barcode, _price))
_DROP_PRODUCT = sql_text(delete(_product).where(_product.c.position == _AT))
_PUT = {table.name: sql_text(insert(table)) for table in (_product, _barcode, _price)}
_CHANGE = sql_text(
    update(_product)
    .where(_product.c.position == bindparam("position"))
    .values({column: bindparam(column.name) for column in _product.c if column.name != "position"})
)
_GRAM_ID = sql_text(select(_gram.c.gram_id).where(_gram.c.token == bindparam("of")))
_NEW_GRAM = sql_text(insert(_gram))
_COUNT_GRAM = sql_text(
    update(_gram)
    .where(_gram.c.token == bindparam("of"))
    .values(product_count=_gram.c.product_count + bindparam("more", type_=_gram.c.product_count.type))
)
_DROP_GRAM = sql_text(
    delete(_gram).where(_gram.c.token == bindparam("of"), _gram.c.product_count <= literal_column("0"))
)
_BLOB = sql_text(select(_posting.c.positions).where(_posting.c.key == bindparam("at")))
_NEW_BLOB = sql_text(insert(_posting))
_CHANGE_BLOB = sql_text(update(_posting).where(_posting.c.key == bindparam("at")).values(positions=bindparam("blob")))
_DROP_BLOB = sql_text(delete(_posting).where(_posting.c.key == bindparam("at")))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A product of the catalogue before it is changed."""

    position: int
    found_by: Findable


class _Changer:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # Statements of microseconds go to the driver's own cursor; there are hundreds for each product.
        self._run: Callable[[str, dict[str, Any]], Any] = connection.connection.cursor().execute
        self.added = self.replaced = self.removed = 0
        self._next = self._highest(select(func.max(schema.product.c.position)), -1) + 1
        self._next_gram = self._highest(select(func.max(schema.gram.c.gram_id)), 0) + 1

    def count(self) -> int:
        return self._highest(select(func.count()).select_from(schema.product), 0)

    def put(self, batch: Sequence[ProductRecord]) -> None:
        entering: defaultdict[Key, set[int]] = defaultdict(set)
        leaving: defaultdict[Key, set[int]] = defaultdict(set)
        placed: list[tuple[ProductRecord, int, _Placed | None]] = []
        for record in batch:
            old = self._find(record.product.product_id)
            if old is None:
                placed.append((record, self._next, old))
                self._next += 1
            else:
                placed.append((record, old.position, old))
                self._clear(old)
        # Barcodes of the whole batch are taken away before any is put in, so that products may exchange them.
        for record, position, old in placed:
            self._run(_CHANGE if old else _PUT["product"], product_row(record, position))
            for name, rows in (("barcode", barcode_rows(record, position)), ("price", price_rows(record, position))):
                for row in rows:
                    self._run(_PUT[name], row)
            self.replaced += old is not None
            self.added += old is None
            found_by = findable(record.product, tuple(code.gtin14 for code in record.barcodes))
            if old is None:
                _note(entering, position, found_by)
            elif found_by != old.found_by:
                _note(entering, position, found_by)
                _note(leaving, position, old.found_by)
        self._reindex(entering, leaving)

    def remove(self, product_ids: Sequence[str]) -> None:
        leaving: defaultdict[Key, set[int]] = defaultdict(set)
        for product_id in product_ids:
            old = self._find(product_id)
            if old is not None:
                self._clear(old)
                self._run(_DROP_PRODUCT, {"at": old.position})
                _note(leaving, old.position, old.found_by)
                self.removed += 1
        self._reindex({}, leaving)

    def _find(self, product_id: str) -> _Placed | None:
        row = self._run(_FIND, {"article": article_key(product_id)}).fetchone()
        if row is None:
            return None
        gtins = tuple(f"{code[0]:014d}" for code in self._run(_GTINS, {"at": row[0]}))
        return _Placed(int(row[0]), findable(read_product(row[1:]), gtins))

    def _clear(self, old: _Placed) -> None:
        for statement in _DROP:
            self._run(statement, {"at": old.position})

    def _reindex(self, entering: dict[Key, set[int]], leaving: dict[Key, set[int]]) -> None:
        for token, chunk in sorted(entering.keys() | leaving.keys()):
            enter = entering.get((token, chunk), set())
            leave = leaving.get((token, chunk), set())
            if enter != leave:
                self._change_blob(token, chunk, enter, leave)

    def _change_blob(self, token: str, chunk: int, enter: set[int], leave: set[int]) -> None:
        row = self._run(_GRAM_ID, {"of": token}).fetchone()
        if row is None:
            gram_id = self._next_gram
            self._next_gram += 1
            self._run(_NEW_GRAM, {"token": token, "gram_id": gram_id, "product_count": 0})
        else:
            gram_id = row[0]
        key = key_of(gram_id, chunk)
        blob = self._run(_BLOB, {"at": key}).fetchone()
        before = set(positions_in(decode(blob[0]))) if blob else set()
        after = (before - leave) | enter
        if not after:
            self._run(_DROP_BLOB, {"at": key})
        elif blob:
            self._run(_CHANGE_BLOB, {"at": key, "blob": encode(sorted(after))})
        else:
            self._run(_NEW_BLOB, {"key": key, "positions": encode(sorted(after))})
        if len(after) != len(before):
            self._run(_COUNT_GRAM, {"of": token, "more": len(after) - len(before)})
        if not after:
            self._run(_DROP_GRAM, {"of": token})

    def _highest(self, statement: Any, otherwise: int) -> int:  # noqa: ANN401  any statement with one number
        found = self._connection.execute(statement).scalar()
        return otherwise if found is None else int(found)


def _note(tokens: defaultdict[Key, set[int]], position: int, found_by: Findable) -> None:
    chunk, low = position >> CHUNK_BITS, position & LOW_MASK
    for token in found_by.tokens():
        tokens[token, chunk].add(low)
