"""What a till asks of a catalogue file."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalogue.importing.records import ProductRecord
from app.catalogue.ports import Catalogue
from app.catalogue.products import Department, Price, Product, ProductBarcode, price_at
from app.values.tax import TaxClass
from app.values.wording import LocalizedText
from offline_store.catalogue.build import BookDescription, build_catalogue
from offline_store.catalogue.file import CatalogueFile
from offline_store.catalogue.problems import CatalogueCancelled, CatalogueDamaged, CatalogueFormat, CatalogueRefused

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Make = Callable[[Iterable[ProductRecord]], Path]


@pytest.fixture
def file(make: Make, records: list[ProductRecord]) -> CatalogueFile:
    return CatalogueFile(make(records))


def test_a_scan_finds_product_price_and_what_the_barcode_sells(
    make: Make, records: list[ProductRecord], gtin: Callable[[int], str]
) -> None:
    water = records[0]
    six = ProductBarcode(gtin(77), "P00001", 6000)
    file = CatalogueFile(make([ProductRecord(water.product, (*water.barcodes, six), water.prices)]))
    found = file.by_gtin(gtin(77), NOW)
    assert found is not None
    assert (found.product, found.price_minor, found.quantity_thousandths, found.gtin14) == (
        water.product,
        200,
        6000,
        gtin(77),
    )


def test_it_serves_as_the_catalogue_of_the_checkout(file: CatalogueFile, records: list[ProductRecord]) -> None:
    catalogue: Catalogue = file
    assert catalogue.departments()[0] == Department(
        "food", LocalizedText("食品", (("en", "Food"),)), "#aabbcc", "apple"
    )
    assert catalogue.tax_class("zero") == TaxClass("zero", 0, included=False)
    assert catalogue.published_at() == datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
    with pytest.raises(KeyError):
        catalogue.tax_class("unknown")


@pytest.mark.parametrize("code", ["", "123", "abc", "0690000000001x", "99999999999999", "０6900000000011"])
def test_an_unknown_or_hostile_code_finds_nothing(file: CatalogueFile, code: str) -> None:
    assert file.by_gtin(code, NOW) is None
    assert file.by_plu(code, NOW) is None
    assert file.by_product_id(code, NOW) is None


def test_a_plu_is_found_with_the_zeros_a_label_pads_it_with(file: CatalogueFile) -> None:
    for plu in ("4409", "04409"):
        found = file.by_plu(plu, NOW)
        assert found is not None
        assert found.product.name.default == "皇冠梨"


def test_an_article_number_is_found_in_any_case_and_width(file: CatalogueFile) -> None:
    for typed in ("P00002", "p00002", "Ｐ００００２"):
        found = file.by_product_id(typed, NOW)
        assert found is not None
        assert found.product.product_id == "P00002"


def test_all_that_was_put_in_comes_back(file: CatalogueFile, records: list[ProductRecord]) -> None:
    assert list(file.records()) == records
    assert file.record_of("p00003") == records[2]


INSTANTS = st.none() | st.datetimes(
    datetime(1960, 1, 1),
    datetime(2100, 1, 1),
    timezones=st.just(UTC),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**9), INSTANTS, INSTANTS), max_size=6), st.data())
def test_the_price_of_an_instant_is_the_one_the_price_rule_chooses(
    tmp_path: Path,
    book: BookDescription,
    given_prices: list[tuple[int, datetime | None, datetime | None]],
    data: st.DataObject,
) -> None:
    prices = tuple(Price("P1", amount, "standard", begin, end) for amount, begin, end in given_prices)
    others = (Price("P1", 1, "member"),)
    product = Product("P1", LocalizedText("Tea"), "food", "standard")
    file = CatalogueFile(
        build_catalogue(tmp_path / "c.db", book, [ProductRecord(product, (), (*prices, *others))]).path
    )
    moments = [NOW, *(moment for _, *both in given_prices for moment in both if moment is not None)]
    at = data.draw(st.sampled_from(moments)) + data.draw(st.sampled_from([timedelta(0), timedelta(microseconds=-1)]))
    expected = price_at(prices, at)
    found = file.by_product_id("P1", at)
    assert found is not None
    assert found.price_minor == (None if expected is None else expected.amount_minor)
    kept = file.record_of("P1")
    assert kept is not None
    assert set(kept.prices) == {*prices, *others}
    file.close()


def test_a_price_book_that_arrives_early_counts_from_its_day_on(make: Make) -> None:
    product = Product("P1", LocalizedText("Tea"), "food", "standard")
    change = datetime(2027, 1, 1, tzinfo=UTC)
    file = CatalogueFile(make([ProductRecord(product, (), (Price("P1", 500), Price("P1", 450, valid_from=change)))]))
    before = file.by_product_id("P1", change - timedelta(microseconds=1))
    after = file.by_product_id("P1", change)
    assert (before and before.price_minor, after and after.price_minor) == (500, 450)


@pytest.mark.parametrize("twice", ["article", "barcode", "plu"])
def test_records_that_contradict_each_other_make_no_file(
    make: Make, tmp_path: Path, record_of: Callable[..., ProductRecord], gtin: Callable[[int], str], twice: str
) -> None:
    one = record_of(1, "Tea", plu="4001")
    two = record_of(2, "Coffee", plu="4001" if twice == "plu" else "4002")
    if twice == "article":
        two = ProductRecord(Product("p00001", LocalizedText("Coffee"), "food", "standard"))
    if twice == "barcode":
        two = ProductRecord(two.product, (ProductBarcode(gtin(1), "P00002"),))
    with pytest.raises(CatalogueRefused):
        make([one, two])
    assert list(tmp_path.iterdir()) == []


def test_a_product_of_an_unknown_tax_class_makes_no_file(make: Make, tmp_path: Path) -> None:
    with pytest.raises(CatalogueRefused):
        make([ProductRecord(Product("1", LocalizedText("Tea"), "food", "luxury"))])
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_making_leaves_nothing(
    tmp_path: Path, book: BookDescription, record_of: Callable[..., ProductRecord]
) -> None:
    told: list[int] = []
    with pytest.raises(CatalogueCancelled):
        build_catalogue(
            tmp_path / "c.db",
            book,
            (record_of(number, "Tea") for number in range(5000)),
            progress=told.append,
            cancelled=lambda: bool(told) and told[-1] >= 2000,
        )
    assert told == [1000, 2000]
    assert list(tmp_path.iterdir()) == []


def test_a_failing_source_of_records_leaves_nothing(
    tmp_path: Path, book: BookDescription, records: list[ProductRecord]
) -> None:
    def broken() -> Iterable[ProductRecord]:
        yield from records
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        build_catalogue(tmp_path / "c.db", book, broken())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + b"\x00" * 4000, bytes(range(256)) * 64])
def test_what_is_no_catalogue_is_said_to_be_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(content)
    with pytest.raises(CatalogueDamaged):
        CatalogueFile(path)
    with pytest.raises(CatalogueDamaged):
        CatalogueFile(tmp_path / "missing.db")


def test_a_file_of_another_format_is_told_apart_from_a_damaged_one(make: Make, records: list[ProductRecord]) -> None:
    path = make(records)
    content = bytearray(path.read_bytes())
    content[60:64] = (3).to_bytes(4, "big")  # user_version stands at byte 60 of the header
    path.write_bytes(content)
    with pytest.raises(CatalogueFormat, match="format 3"):
        CatalogueFile(path)


def test_an_empty_catalogue_opens_and_finds_nothing(make: Make) -> None:
    file = CatalogueFile(make([]))
    assert file.search("tea", NOW) == ()
    assert file.product_count == 0
