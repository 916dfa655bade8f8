"""Tares in the price book, and price books that were made before there were any."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as driver

from app.catalogue.importing.records import ProductRecord
from offline_store.catalogue.build import BookDescription, no_progress
from offline_store.catalogue.changes import apply_records
from offline_store.catalogue.connections import writing_connection
from offline_store.catalogue.file import CatalogueFile

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Make = Callable[[Iterable[ProductRecord]], Path]


def with_tare(record: ProductRecord, grams: int) -> ProductRecord:
    return replace(record, product=replace(record.product, tare_grams=grams))


def made_before_tares(path: Path) -> Path:
    """The same file as the version before made it."""
    connection = driver.connect(str(path), isolation_level=None)
    connection.execute("ALTER TABLE product DROP COLUMN tare_grams")
    connection.execute("UPDATE meta SET format_version = 1")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    return path


def tares(file: CatalogueFile) -> list[int]:
    return [record.product.tare_grams for record in file.records()]


def test_a_tare_is_found_with_its_product(make: Make, records: list[ProductRecord]) -> None:
    file = CatalogueFile(make([records[0], with_tare(records[1], 12)]))
    found = file.by_plu("4409", NOW)
    assert found is not None
    assert found.product.tare_grams == 12
    assert tares(file) == [0, 12]


def test_a_tare_that_no_packaging_has_is_refused_by_the_file_itself(make: Make, records: list[ProductRecord]) -> None:
    with pytest.raises(Exception, match="contradict"):
        make([with_tare(records[0], 10_000)])


def test_a_price_book_of_the_version_before_is_sold_from_as_it_is(make: Make, records: list[ProductRecord]) -> None:
    path = made_before_tares(make(records))
    before = path.read_bytes()
    file = CatalogueFile(path)
    for found in (file.by_plu("4409", NOW), file.by_product_id("p00002", NOW), *file.search("huang guan", NOW)):
        assert found is not None
        assert (found.product.name.default, found.price_minor, found.product.tare_grams) == ("皇冠梨", 1290, 0)
    assert file.by_gtin(records[2].barcodes[0].gtin14, NOW) is not None
    assert list(file.records()) == list(CatalogueFile(make(records)).records())
    assert file.owner_of_plu("4409") == "P00002"
    file.close()
    assert path.read_bytes() == before


def test_changes_to_a_price_book_of_the_version_before_bring_it_to_this_one(
    make: Make, book: BookDescription, records: list[ProductRecord]
) -> None:
    path = made_before_tares(make(records))
    with writing_connection(path) as connection:
        apply_records(
            connection,
            book,
            [with_tare(records[1], 25)],
            (),
            progress=no_progress,
            cancelled=lambda: False,
        )
    file = CatalogueFile(path)
    assert tares(file) == [0, 25, 0]
    file.close()
    check = driver.connect(str(path))
    assert check.execute("PRAGMA user_version").fetchone() == (2,)
    assert check.execute("SELECT format_version FROM meta").fetchone() == (2,)
    check.close()
