"""Small catalogues for the tests of the file and the shelf."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.catalogue.gtin import check_digit
from app.catalogue.importing.records import NamedTaxClass, ProductRecord
from app.catalogue.products import Department, Price, Product, ProductBarcode
from app.values.quantity import SellingUnit
from app.values.tax import TaxClass
from app.values.wording import LocalizedText
from offline_store.catalogue.build import BookDescription, build_catalogue

PUBLISHED = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


def gtin_of(number: int) -> str:
    body = f"0690{number:09d}"
    return body + check_digit(body)


def a_record(number: int, name: str, price_minor: int = 100, **more: object) -> ProductRecord:
    product_id = f"P{number:05d}"
    product = Product(product_id, LocalizedText(name), "food", "standard", **more)  # type: ignore[arg-type]
    return ProductRecord(product, (ProductBarcode(gtin_of(number), product_id),), (Price(product_id, price_minor),))


@pytest.fixture
def book() -> BookDescription:
    return BookDescription(
        PUBLISHED,
        (
            Department("food", LocalizedText("食品", (("en", "Food"),)), "#aabbcc", "apple"),
            Department("x", LocalizedText("X")),
        ),
        (
            NamedTaxClass(TaxClass("standard", 1300), LocalizedText("基本税率")),
            NamedTaxClass(TaxClass("zero", 0, included=False), LocalizedText("零")),
        ),
        source="test",
    )


@pytest.fixture
def records() -> list[ProductRecord]:
    water = a_record(1, "农夫山泉 550ml", 200, pinyin="nong fu shan quan")
    pear = a_record(2, "皇冠梨", 1290, pinyin="huang guan li", plu="4409", unit=SellingUnit.KILOGRAM)
    beer = a_record(3, "青岛啤酒", 550, pinyin="qing dao pi jiu", minimum_age=18, deposit_product_id="P00001")
    return [water, pear, beer]


@pytest.fixture
def make(tmp_path: Path, book: BookDescription) -> Callable[[Iterable[ProductRecord]], Path]:
    count = 0

    def build(entries: Iterable[ProductRecord]) -> Path:
        nonlocal count
        count += 1
        return build_catalogue(tmp_path / f"made-{count}.db", book, entries).path

    return build


@pytest.fixture
def record_of() -> Callable[..., ProductRecord]:
    return a_record


@pytest.fixture
def gtin() -> Callable[[int], str]:
    return gtin_of
