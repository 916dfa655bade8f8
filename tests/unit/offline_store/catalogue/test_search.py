"""The index finds what reading the whole table would find, in the order of sale, whatever is typed."""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalogue.importing.records import ProductRecord
from app.catalogue.products import Price, Product, ProductBarcode
from app.catalogue.search_text import query_words
from app.values.wording import LocalizedText
from offline_store.catalogue.build import BookDescription, build_catalogue
from offline_store.catalogue.file import CatalogueFile

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Make = Callable[[Iterable[ProductRecord]], Path]

PIECES = st.sampled_from(
    [
        "可",
        "乐",
        "水",
        "果",
        "a",
        "b",
        "ab",
        "É",
        "é",
        "ﬀ",
        "1",
        "12",
        "500",
        "ml",
        "-",
        "%",
        "_",
        "*",
        '"',
        "'",
        "(",
        "\u3000",
        "😀",
        "Ａ",
        "щ",
        "й",
        "ß",
        "aaaa",
        "可可可可",
    ]
)
NAMES = st.lists(PIECES | st.just(" "), min_size=1, max_size=8).map("".join).filter(lambda name: bool(name.strip()))
PINYIN = st.lists(st.sampled_from(["ke", "le", "shui", "guo", "a"]), max_size=5).map(" ".join)
DIGITS = st.text("0123456789", min_size=1, max_size=14)
TYPED = st.one_of(
    NAMES,
    DIGITS,
    st.lists(NAMES | DIGITS, max_size=3).map(" ".join),
    st.text(max_size=12),
    st.sampled_from(["kkl", "kele", "keleshuiguo", "p0000", "P00001", "aaa", "690000", "0690000000"]),
)


def plain(text: str) -> str:
    """Fold a text by other means than the product does: letter by letter, by the properties of Unicode."""
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = [letter for letter in spread if not 0x300 <= ord(letter) < 0x370]
    return unicodedata.normalize("NFC", "".join(kept))


def is_found(record: ProductRecord, word: str) -> bool:
    """Say by the plain words of the rule whether a product is found by a word."""
    product = record.product
    for text in (product.name.default, *dict(product.name.translations).values(), product.brand, product.specification):
        if any(word in part for part in plain(text).split()):
            return True
    return is_spelled(product.pinyin.split(), word) or is_coded(record, word)


def is_spelled(syllables: list[str], word: str) -> bool:
    for at in range(len(syllables)):
        rest = syllables[at:]
        if "".join(rest).startswith(word) or "".join(one[0] for one in rest).startswith(word):
            return True
    return False


def is_coded(record: ProductRecord, word: str) -> bool:
    if plain(record.product.product_id).startswith(word) or (record.product.plu or "").startswith(word):
        return True
    for code in record.barcodes:
        digits = code.gtin14
        # As printed: 8 digits where six zeros stand in front, 12 or 13 where two do, 13 where one does, else 14.
        zeros = len(digits) - len(digits.lstrip("0"))
        shapes = {0: [14], 1: [13]}.get(zeros, [12, 13] if zeros < 6 else [8])
        if any(digits[14 - length :].startswith(word) for length in shapes):
            return True
        if 4 <= len(word) <= 6 and word.isdecimal() and word.isascii() and digits.endswith(word):
            return True
    return False


@st.composite
def catalogues(draw: st.DrawFn) -> list[ProductRecord]:
    found: dict[int, ProductRecord] = {}
    for number in range(draw(st.integers(1, 12))):
        product_id = f"P{number:05d}"
        code = draw(st.integers(1, 10**14 - 1))
        product = Product(
            product_id,
            LocalizedText(draw(NAMES), draw(st.sampled_from([(), (("en", "Water cola"),)]))),
            "food",
            "standard",
            plu=draw(st.sampled_from([None, str(4000 + number)])),
            brand=draw(st.sampled_from(["", "可乐", "Ab"])),
            pinyin=draw(PINYIN),
        )
        # The file does not look at check digits; that is the import's duty.
        found.setdefault(
            code, ProductRecord(product, (ProductBarcode(f"{code:014d}", product_id),), (Price(product_id, number),))
        )
    return list(found.values())


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(catalogues(), st.lists(TYPED, min_size=1, max_size=12), st.integers(1, 5))
def test_searching_finds_what_a_scan_of_the_table_finds(
    tmp_path: Path, book: BookDescription, records: list[ProductRecord], typed: list[str], limit: int
) -> None:
    file = CatalogueFile(build_catalogue(tmp_path / "catalogue.db", book, records).path)
    codes = [record.barcodes[0].gtin14 for record in records]
    for text in [
        *typed,
        *(code[2:9] for code in codes),
        *(code[-4:] for code in codes),
        *(code.lstrip("0") for code in codes),
    ]:
        words = query_words(text)
        scanned = [record.product for record in records if words and all(is_found(record, word) for word in words)]
        assert [hit.product for hit in file.search(text, NOW, limit)] == scanned[:limit], text
    file.close()


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=60))
def test_no_text_that_can_be_typed_breaks_the_search(opened: CatalogueFile, typed: str) -> None:
    assert isinstance(opened.search(typed, NOW), tuple)


@pytest.fixture
def opened(make: Make, records: list[ProductRecord]) -> CatalogueFile:
    return CatalogueFile(make(records))


@pytest.mark.parametrize(
    "typed",
    [
        "'",
        '"',
        "%",
        "_",
        "*",
        "\x00",
        "a\x00b",
        "x" * 10_000,
        "可 " * 5000,
        "😀",
        "a AND b",
        "NEAR(a b)",
        "^a",
        "a:b",
        "--",
        "\ud800",
        "' OR 1=1 --",
        "9" * 5000,
    ],
)
def test_hostile_texts_find_nothing_and_break_nothing(opened: CatalogueFile, typed: str) -> None:
    assert opened.search(typed, NOW) == ()


def test_the_most_sold_comes_first_and_the_answer_ends_where_it_is_full(
    make: Make, record_of: Callable[..., ProductRecord]
) -> None:
    file = CatalogueFile(make(record_of(number, f"牛奶 {number}") for number in range(100, 0, -1)))
    found = [hit.product.product_id for hit in file.search("牛奶", NOW, limit=3)]
    assert found == ["P00100", "P00099", "P00098"]


@pytest.mark.slow
def test_a_catalogue_of_more_than_one_chunk_is_searched_whole(
    make: Make, record_of: Callable[..., ProductRecord]
) -> None:
    # 70,000 products: the second chunk begins at 65,536. Every 7th is milk, every 11th is red: 77, 154, … are both.
    def name(number: int) -> str:
        return f"{'milk' if number % 7 == 0 else 'tea'} {'red' if number % 11 == 0 else 'b'} {number % 13:02d}x"

    file = CatalogueFile(make(record_of(number, name(number)) for number in range(70_000)))
    both = [number for number in range(70_000) if number % 77 == 0]
    assert [hit.product.product_id for hit in file.search("red milk", NOW, 2000)] == [f"P{n:05d}" for n in both]
    rare = [number for number in both if number % 13 == 5]
    assert [hit.product.product_id for hit in file.search("05x mil re", NOW, 2000)] == [f"P{n:05d}" for n in rare]
    assert [hit.product.product_id for hit in file.search("p69999", NOW)] == ["P69999"]
    assert file.search("milk tea", NOW) == ()
