"""Makes a finished catalogue file out of records: rows first, indexes last, checked, hashed and on the disk."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import CreateIndex, CreateTable

from app.catalogue.importing.records import NamedTaxClass, ProductRecord
from app.catalogue.products import Department
from app.catalogue.search_text import findable
from app.values.clock import write_instant
from app.values.wording import wording
from offline_store.catalogue import schema
from offline_store.catalogue.connections import DriverIntegrityError, is_damage, sql_text, writing_connection
from offline_store.catalogue.index_build import PostingGatherer
from offline_store.catalogue.problems import CatalogueCancelled, CatalogueDisk, CatalogueRefused
from offline_store.catalogue.rows import barcode_rows, department_row, price_rows, product_row, tax_class_row

BATCH = 1000
"""Records between two calls of progress and cancelling."""

Progress = Callable[[int], None]
"""Takes how many records are done."""

Cancelled = Callable[[], bool]
"""Says whether a person wants the work stopped."""


def no_progress(_done: int) -> None:
    """Tell nobody."""


def never_cancelled() -> bool:
    """Go on to the end."""
    return False


@dataclass(frozen=True, slots=True)
class BookDescription:
    """What a price book says of itself, and the lists its products refer to."""

    published_at: datetime
    """When headquarters or the import made it; the screen shows how old it is."""

    departments: tuple[Department, ...]
    """In the shop's order."""

    tax_classes: tuple[NamedTaxClass, ...]

    source: str = ""
    """Where the records came from: a file's name or headquarters' own."""

    source_sha256: str = ""
    """Digest of that source, where it was a file."""

    spare_departments: tuple[Department, ...] = ()
    """Those of the departments that are left out again where no product belongs to them."""


@dataclass(frozen=True, slots=True)
class BuiltCatalogue:
    """A finished file that nobody sells from yet."""

    path: Path
    sha256: str
    product_count: int


def build_catalogue(
    path: Path,
    book: BookDescription,
    records: Iterable[ProductRecord],
    *,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
) -> BuiltCatalogue:
    """Make a catalogue file; the order of the records is the order in which searches show them, the most sold first.

    Whatever stops it, nothing remains at `path`.

    Raises:
        CatalogueRefused: if two records share an article number, PLU or barcode, or one names a list entry that is
            not there.
        CatalogueDisk: if the disk is full or fails.
        CatalogueCancelled: if `cancelled` said so.
    """
    with new_file(path) as (connection, staging):
        gatherer = PostingGatherer(connection, staging)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        for table in schema.metadata.sorted_tables:
            connection.execute(CreateTable(table))
        write_lists(connection, book)
        count = 0
        for rows in _batches(records):
            if cancelled():
                raise CatalogueCancelled(wording("The making of the catalogue was stopped. Nothing has changed."))
            _write_batch(connection, gatherer, rows, count)
            count += len(rows)
            progress(count)
        gatherer.finish()
        for index in schema.LATE_INDEXES:
            connection.execute(CreateIndex(index))
        drop_spare(connection, book)
        _write_meta(connection, book, count)
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("DETACH DATABASE staging")
    return BuiltCatalogue(path, seal(path), count)


@contextmanager
def new_file(path: Path) -> Iterator[tuple[Connection, Path]]:
    """Open a new file and the name of a staging file beside it; translate what the disk does, leave nothing behind."""
    staging = path.with_name(path.name + ".staging")
    for leftover in (path, staging):
        leftover.unlink(missing_ok=True)
    with removed_on_failure(path, staging):
        with writing_connection(path) as connection:
            yield connection, staging
        staging.unlink(missing_ok=True)


@contextmanager
def removed_on_failure(*paths: Path) -> Iterator[None]:
    """Remove files when what makes them fails, and say in words what went wrong."""
    try:
        yield
    except BaseException as error:
        for path in paths:
            path.unlink(missing_ok=True)
        cause = error.orig if isinstance(error, DatabaseError) else error
        if isinstance(cause, DriverIntegrityError):
            raise CatalogueRefused(
                wording(
                    "The records contradict each other ({detail}). Nothing has changed; correct them and try again.",
                    detail=str(cause)[:120],
                )
            ) from error
        if isinstance(cause, OSError) or is_damage(cause):
            raise CatalogueDisk(
                wording(
                    "The catalogue could not be written ({detail}). Free some space on the disk and try again.",
                    detail=str(cause)[:120],
                )
            ) from error
        raise


def seal(path: Path) -> str:
    """Bring a file to the disk and return its SHA-256 in hexadecimal."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        return file_digest(file, "sha256").hexdigest()


def _batches(records: Iterable[ProductRecord]) -> Iterator[list[ProductRecord]]:
    iterator = iter(records)
    while batch := list(islice(iterator, BATCH)):
        yield batch


_PRODUCT = sql_text(insert(schema.product))
_BARCODE = sql_text(insert(schema.barcode))
_PRICE = sql_text(insert(schema.price))


def _write_batch(connection: Connection, gatherer: PostingGatherer, batch: list[ProductRecord], first: int) -> None:
    products, barcodes, prices = [], [], []
    for position, record in enumerate(batch, first):
        products.append(product_row(record, position))
        barcodes += barcode_rows(record, position)
        prices += price_rows(record, position)
        gtins = tuple(code.gtin14 for code in record.barcodes)
        gatherer.add(position, findable(record.product, gtins).tokens())
    for text, rows in ((_PRODUCT, products), (_BARCODE, barcodes), (_PRICE, prices)):
        if rows:
            connection.exec_driver_sql(text, rows)


def write_lists(connection: Connection, book: BookDescription) -> None:
    """Put the departments and tax classes in, in place of those of the same name."""
    departments = [department_row(entry, sequence) for sequence, entry in enumerate(book.departments)]
    tax_classes = [tax_class_row(entry, sequence) for sequence, entry in enumerate(book.tax_classes)]
    for table, rows in ((schema.department, departments), (schema.tax_class, tax_classes)):
        for row in rows:
            put = upsert(table).values(row)
            connection.execute(put.on_conflict_do_update(index_elements=list(table.primary_key), set_=row))


def drop_spare(connection: Connection, book: BookDescription) -> None:
    """Take out the spare departments that no product belongs to."""
    for entry in book.spare_departments:
        used = select(schema.product.c.position).where(schema.product.c.department_id == entry.department_id).limit(1)
        if connection.execute(used).first() is None:
            connection.execute(
                delete(schema.department).where(schema.department.c.department_id == entry.department_id)
            )


def _write_meta(connection: Connection, book: BookDescription, count: int) -> None:
    connection.exec_driver_sql(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {schema.FORMAT_VERSION}")
    connection.execute(
        insert(schema.meta),
        {
            "row": 1,
            "format_version": schema.FORMAT_VERSION,
            "published_at": write_instant(book.published_at),
            "source": book.source,
            "source_sha256": book.source_sha256,
            "product_count": count,
        },
    )


def rewrite_meta(connection: Connection, book: BookDescription, count: int) -> None:
    """Say of a changed copy when and from what it was made."""
    connection.execute(
        update(schema.meta).values(
            published_at=write_instant(book.published_at),
            source=book.source,
            source_sha256=book.source_sha256,
            product_count=count,
        )
    )
