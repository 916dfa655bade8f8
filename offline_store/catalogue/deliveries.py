"""Brings what arrives onto a shelf, files and headquarters' changes: whole or not at all, while selling goes on."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.catalogue.importing.options import ImportMode, ImportOptions, ImportSources
from app.catalogue.importing.preview import UNWATCHED, ImportPreview, ImportTally, ImportWatch
from app.catalogue.importing.reading import CatalogueReading
from app.catalogue.importing.records import ProductRecord
from app.values.wording import wording
from offline_store.catalogue.build import (
    BookDescription,
    Cancelled,
    Progress,
    build_catalogue,
    never_cancelled,
    no_progress,
)
from offline_store.catalogue.changes import AppliedChanges, apply_records
from offline_store.catalogue.connections import writing_connection
from offline_store.catalogue.file import CatalogueFile
from offline_store.catalogue.problems import CatalogueRefused, NoCatalogue
from offline_store.catalogue.shelf import CatalogueShelf, ShelfEntry, digest_of


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did."""

    preview: ImportPreview
    """What was in the files, and what was wrong in them."""

    changes: AppliedChanges
    entry: ShelfEntry
    """The catalogue that is sold from now."""


def import_into(
    shelf: CatalogueShelf,
    sources: ImportSources,
    options: ImportOptions,
    at: datetime,
    watch: ImportWatch = UNWATCHED,
) -> ImportResult:
    """Import files and sell from the result; rows in which something is wrong are left out and reported.

    `at` becomes the time the price book was made. A stopped, failed or killed import changes nothing.

    Raises:
        ImportProblem: if a file cannot be read, is in an unknown encoding or lacks its columns.
        CatalogueRefused: if the files hold nothing that could be imported.
        CatalogueBusy: if another import is running.
        CatalogueDisk: if the disk is full or fails.
        ImportCancelled: if `watch.cancelled` said so (`CatalogueCancelled` while the file is written).
    """
    tally = ImportTally(watch)
    with shelf.writing() as staging, tally.writing_findings():
        known = _present(shelf) if options.mode is ImportMode.MERGE else None
        if known is None:
            reading = CatalogueReading(sources, options, tally.report)
            records = tally.counted(reading.records(watch.progress, watch.cancelled))
            built = build_catalogue(staging, _book(sources, reading, at), records, cancelled=watch.cancelled)
            changes = AppliedChanges(built.product_count, 0, 0)
        else:
            with closing(known):
                reading = CatalogueReading(sources, options, tally.report, known)
                records = _changed(known, tally.counted(reading.records(watch.progress, watch.cancelled)))
                book = _book(sources, reading, at)
                changes = _change_copy(known.path, staging, book, records, (), cancelled=watch.cancelled)
        seen = tally.preview(reading)
        if not seen.products:
            raise CatalogueRefused(
                wording("No row of {name} can be imported. Look through the findings.", name=sources.label)
            )
        entry = shelf.publish_held(staging)
    return ImportResult(seen, changes, entry)


def apply_changes(
    shelf: CatalogueShelf,
    book: BookDescription,
    records: Iterable[ProductRecord],
    removed: Iterable[str] = (),
    *,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
) -> ShelfEntry:
    """Put products in, replace and remove them by article number, and sell from the result.

    The departments and tax classes of `book` are added to those that are there.

    Raises:
        NoCatalogue: if there is none yet.
        CatalogueRefused: if the records contradict each other or the catalogue.
        CatalogueBusy: if an import is running.
        CatalogueDisk: if the disk is full or fails.
        CatalogueCancelled: if `cancelled` said so.
    """
    with shelf.writing() as staging:
        with closing(shelf.open_current().file) as present:
            source = present.path
        _change_copy(source, staging, book, records, removed, progress=progress, cancelled=cancelled)
        return shelf.publish_held(staging)


def _present(shelf: CatalogueShelf) -> CatalogueFile | None:
    try:
        return shelf.open_current().file
    except NoCatalogue:
        return None


def _book(sources: ImportSources, reading: CatalogueReading, at: datetime) -> BookDescription:
    first = sources.products or sources.prices
    digest = digest_of(first.path) if first else ""
    return BookDescription(
        at, reading.departments, reading.tax_classes, sources.label, digest, reading.spare_departments
    )


def _changed(known: CatalogueFile, records: Iterator[ProductRecord]) -> Iterator[ProductRecord]:
    """Leave out what the catalogue holds as it is: a shop imports its whole list to change a few prices."""
    for record in records:
        old = known.record_of(record.product.product_id)
        if (
            old is None
            or old.product != record.product
            or set(old.barcodes) != set(record.barcodes)
            or set(old.prices) != set(record.prices)
        ):
            yield record


def _change_copy(
    source: Path,
    staging: Path,
    book: BookDescription,
    records: Iterable[ProductRecord],
    removed: Iterable[str],
    *,
    progress: Progress = no_progress,
    cancelled: Cancelled = never_cancelled,
) -> AppliedChanges:
    shutil.copyfile(source, staging)
    with writing_connection(staging) as connection:
        return apply_records(connection, book, records, removed, progress=progress, cancelled=cancelled)
