"""What an import says of a file, row by row, and what it makes of the rows that are good."""

import gzip
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.catalogue.importing.findings import FindingKind, RowFinding, Severity
from app.catalogue.importing.options import ImportOptions, ImportSources, sources_at
from app.catalogue.importing.preview import ImportPreview, ImportWatch, preview
from app.catalogue.importing.problems import (
    ImportCancelled,
    ImportProblem,
    MissingColumns,
    UnknownEncoding,
    UnreadableFile,
)
from app.catalogue.importing.reading import CatalogueReading
from app.catalogue.importing.records import ProductRecord
from app.catalogue.products import Price, PriceRule, ProductBarcode
from app.values.quantity import SellingUnit

HEADER = "product_id,name,price,barcodes"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., ImportSources]:
    def to_file(text: str, name: str = "goods.csv", encoding: str = "utf-8") -> ImportSources:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return sources_at(path)

    return to_file


def read(sources: ImportSources, options: ImportOptions | None = None) -> tuple[list[ProductRecord], list[RowFinding]]:
    findings: list[RowFinding] = []
    reading = CatalogueReading(sources, options or ImportOptions(), findings.append)
    return list(reading.records(lambda _rows: None, lambda: False)), findings


def kinds(findings: list[RowFinding]) -> list[tuple[int, FindingKind]]:
    return [(finding.row_number, finding.kind) for finding in findings]


def test_a_good_row_becomes_a_product_with_barcodes_and_price(write: Callable[..., ImportSources]) -> None:
    records, findings = read(write(f"{HEADER}\nA1,可口可乐,3.50,6901234567892;16901234567899*6\n"))
    assert findings == []
    (record,) = records
    assert (record.product.product_id, record.product.name.default) == ("A1", "可口可乐")
    assert record.product.pinyin == "ke kou ke le"
    assert record.prices == (Price("A1", 350),)
    assert record.barcodes == (ProductBarcode("06901234567892", "A1"), ProductBarcode("16901234567899", "A1", 6000))


def test_headers_are_known_in_chinese_with_units_in_brackets(write: Callable[..., ImportSources]) -> None:
    records, findings = read(
        write(
            "货号\t商品名称\t零售价（元）\t国际条码\t单位\t规格\t品牌\t秤码\t是否可退\n7\t红富士苹果\t8.9\t\t公斤\t散称\t\t04011\t否\n",
            "goods.tsv",
        )
    )
    assert findings == []
    product = records[0].product
    assert (product.unit, product.specification, product.plu, product.returnable) == (
        SellingUnit.KILOGRAM,
        "散称",
        "4011",
        False,
    )
    assert records[0].prices[0].amount_minor == 890


def test_a_product_without_article_number_is_named_by_its_barcode(write: Callable[..., ImportSources]) -> None:
    records, _ = read(write("barcode,name,price\n6901234567892,Tea,1\n01234565,Gum,2\n"))
    # UPC-E 01234565 is UPC-A 012345000065.
    assert [record.product.product_id for record in records] == ["6901234567892", "012345000065"]


BAD_ROWS = [
    ("A,Tea,-1,", FindingKind.NEGATIVE_PRICE),
    ("A,Tea,1.234,", FindingKind.TOO_MANY_DECIMALS),
    ("A,Tea,cheap,", FindingKind.BAD_PRICE),
    ("A,Tea,1e5,", FindingKind.BAD_PRICE),
    ("A,Tea,NaN,", FindingKind.BAD_PRICE),
    ("A,Tea,6901234567892,", FindingKind.BAD_PRICE),
    ("A,=1+1,1,", FindingKind.FORMULA),
    ("A,@SUM(A1),1,", FindingKind.FORMULA),
    ("A,+cmd|' /C calc'!A0,1,", FindingKind.FORMULA),
    ("A,Tea,=1+1,", FindingKind.FORMULA),
    ("=A1,Tea,1,", FindingKind.FORMULA),
    (f"A,{'x' * 201},1,", FindingKind.TOO_LONG),
    ("A,Te\x07a,1,", FindingKind.CONTROL_CHARACTER),
    ("A,Te\u202ea,1,", FindingKind.CONTROL_CHARACTER),
    ("A,,1,", FindingKind.MISSING_VALUE),
    (",Tea,1,", FindingKind.NO_IDENTITY),
    ("A,Tea,1,,extra", FindingKind.RAGGED_ROW),
]


@pytest.mark.parametrize(("row", "kind"), BAD_ROWS)
def test_a_bad_row_is_left_out_and_named_and_the_next_is_imported(
    write: Callable[..., ImportSources], row: str, kind: FindingKind
) -> None:
    records, findings = read(write(f"{HEADER}\n{row}\nB,Coffee,2,\n"))
    assert [record.product.product_id for record in records] == ["B"]
    assert (2, kind) in kinds(findings)
    assert Severity.ERROR in {finding.severity for finding in findings}


def test_a_price_may_carry_its_sign_and_a_name_may_begin_with_a_dash(write: Callable[..., ImportSources]) -> None:
    records, findings = read(write(f"{HEADER}\nA,-18°C ice,￥12.90,\nB,+C drink,5元,\n"))
    assert findings == []
    assert [record.prices[0].amount_minor for record in records] == [1290, 500]


def test_a_barcode_with_a_wrong_check_digit_is_left_out_and_its_product_kept(
    write: Callable[..., ImportSources],
) -> None:
    records, findings = read(write(f"{HEADER}\nA,Tea,1,6901234567890;96385074\n"))
    assert records[0].barcodes == (ProductBarcode("00000096385074", "A"),)
    (finding,) = findings
    assert (finding.kind, finding.severity, finding.excerpt) == (
        FindingKind.CHECK_DIGIT,
        Severity.WARNING,
        "6901234567890",
    )
    assert "2 was expected" in str(finding.sentence)


def test_the_same_barcode_twice_names_both_rows(write: Callable[..., ImportSources]) -> None:
    records, findings = read(write(f"{HEADER}\nA,Tea,1,6901234567892\nB,Coffee,2,06901234567892\n"))
    assert [len(record.barcodes) for record in records] == [1, 0]
    assert kinds(findings) == [(3, FindingKind.DUPLICATE_BARCODE)]
    assert "row 2" in str(findings[0].sentence)


def test_the_same_article_number_twice_names_both_rows(write: Callable[..., ImportSources]) -> None:
    records, findings = read(write(f"{HEADER}\nA1,Tea,1,\nB,Coffee,2,\na1,Cocoa,3,\n"))
    assert [record.product.product_id for record in records] == ["A1", "B"]
    assert kinds(findings) == [(4, FindingKind.DUPLICATE_PRODUCT)]
    assert "row 2" in str(findings[0].sentence)


@pytest.mark.parametrize(
    ("column", "value", "kind", "severity"),
    [
        ("unit", "斤", FindingKind.BAD_UNIT, Severity.ERROR),
        ("minimum_age", "adult", FindingKind.BAD_AGE, Severity.ERROR),
        ("minimum_age", "-3", FindingKind.BAD_AGE, Severity.ERROR),
        ("minimum_age", "180", FindingKind.BAD_AGE, Severity.ERROR),
        ("tax_class", "luxury", FindingKind.UNKNOWN_TAX_CLASS, Severity.ERROR),
        ("plu", "40x1", FindingKind.BAD_PLU, Severity.ERROR),
        ("price_rule", "haggle", FindingKind.BAD_CHOICE, Severity.ERROR),
        ("discountable", "maybe", FindingKind.BAD_CHOICE, Severity.ERROR),
        ("deposit_product", "NOPE", FindingKind.UNKNOWN_DEPOSIT, Severity.WARNING),
        ("deposit_product", "A", FindingKind.UNKNOWN_DEPOSIT, Severity.WARNING),
        ("pinyin", "kě lè", FindingKind.BAD_PINYIN, Severity.WARNING),
    ],
)
def test_a_value_that_cannot_be_meant_is_named(
    write: Callable[..., ImportSources], column: str, value: str, kind: FindingKind, severity: Severity
) -> None:
    records, findings = read(write(f"product_id,name,price,{column}\nA,Tea,1,{value}\n"))
    assert [(finding.kind, finding.severity, finding.column) for finding in findings] == [(kind, severity, column)]
    assert len(records) == (severity is Severity.WARNING)


def test_a_deposit_product_may_come_later_in_the_file(write: Callable[..., ImportSources]) -> None:
    records, findings = read(write("product_id,name,price,deposit_product\nA,Beer,5,PFAND\nPFAND,Deposit,0.5,\n"))
    assert findings == []
    assert records[0].product.deposit_product_id == "PFAND"


def test_departments_come_from_the_column_where_no_list_is_given(write: Callable[..., ImportSources]) -> None:
    sources = write("product_id,name,price,类别\nA,Tea,1,饮料/茶\nB,Milk,1,乳品\nC,Nail,1,\n")
    reading = CatalogueReading(sources, ImportOptions(), lambda finding: pytest.fail(str(finding)))
    records = list(reading.records(lambda _rows: None, lambda: False))
    assert [record.product.department_id for record in records] == ["饮料", "乳品", "other"]
    assert [entry.department_id for entry in reading.departments] == ["饮料", "乳品", "other"]


def test_a_department_that_the_list_does_not_know_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("product_id,name,price,department\nA,Tea,1,drinks\nB,Nail,1,tools\n")
    (tmp_path / "departments.csv").write_text("department_id,name\ndrinks,饮料\n", encoding="utf-8")
    records, findings = read(sources_at(tmp_path))
    assert [record.product.department_id for record in records] == ["drinks", "other"]
    assert kinds(findings) == [(3, FindingKind.UNKNOWN_DEPARTMENT)]


def test_prices_of_the_price_table_begin_at_the_stores_own_midnight(tmp_path: Path) -> None:
    (tmp_path / "products.tsv").write_text("product_id\tname\tprice\nA\tTea\t5\n")
    (tmp_path / "prices.tsv").write_text(
        "product_id\tprice_list\tamount\tvalid_from\tvalid_until\nA\tmember\t4\t2026-02-01\t2026-03-01\n"
        "A\tstandard\t3\t2026-02-01\t2026-02-01\nA\tstandard\tx\t\t\nA\tstandard\t3\t31.12.2026\t\nZ\t\t1\t\t\n"
    )
    records, findings = read(sources_at(tmp_path), ImportOptions(zone=ZoneInfo("Asia/Shanghai")))
    # Midnight in Shanghai, eight hours ahead, is 16:00 of the day before in UTC.
    member = Price("A", 400, "member", datetime(2026, 1, 31, 16, tzinfo=UTC), datetime(2026, 2, 28, 16, tzinfo=UTC))
    assert records[0].prices == (Price("A", 500), member)
    assert kinds(findings) == [
        (3, FindingKind.BAD_DATE),
        (4, FindingKind.BAD_PRICE),
        (5, FindingKind.BAD_DATE),
        (6, FindingKind.UNKNOWN_PRODUCT),
    ]
    assert {finding.table for finding in findings} == {"prices"}


def test_without_a_price_column_products_are_open_priced_or_take_the_default(
    write: Callable[..., ImportSources],
) -> None:
    sources = write("gtin\tname\n6901234567892\tTea\n", "goods.tsv")
    records, findings = read(sources)
    assert (records[0].product.price_rule, findings) == (PriceRule.OPEN, [])
    records, _ = read(sources, ImportOptions(default_price_minor=990))
    assert (records[0].product.price_rule, records[0].prices[0].amount_minor) == (PriceRule.FIXED, 990)


def test_a_row_without_a_price_among_others_is_warned_of(write: Callable[..., ImportSources]) -> None:
    records, findings = read(write(f"{HEADER}\nA,Tea,,\n"))
    assert records[0].product.price_rule is PriceRule.OPEN
    assert kinds(findings) == [(2, FindingKind.MISSING_PRICE)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_in_the_encodings_that_shops_save(write: Callable[..., ImportSources], encoding: str) -> None:
    records, findings = read(write("编码,品名,售价\nA,农夫山泉饮用天然水,2\n", encoding=encoding))
    assert findings == []
    assert records[0].product.name.default == "农夫山泉饮用天然水"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", UnreadableFile),
        (b"\n\n\n", UnreadableFile),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff", UnknownEncoding),
        (b"name,price\n\xff\xfe\xfa\x80 ,1\n", UnknownEncoding),
        (b"PK\x03\x04 and then nothing", UnreadableFile),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old workbook", UnreadableFile),
        (b"a,b,c\n1,2,3\n", MissingColumns),
        (b"product_id,price\nA,1\n", MissingColumns),
        (b"name,price\nTea,1\n", MissingColumns),
        (b"product_id,name\n" + b"x" * (1 << 20), ImportProblem),
        (b'product_id,name\nA,"' + b"x" * 200_000 + b'"\n', UnreadableFile),
    ],
)
def test_a_file_that_is_no_product_file_is_said_to_be_none(
    tmp_path: Path, content: bytes, problem: type[ImportProblem]
) -> None:
    path = tmp_path / "goods.csv"
    path.write_bytes(content)
    with pytest.raises(problem) as refused:
        preview(sources_at(path), ImportOptions())
    assert str(refused.value.sentence)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        sources_at(tmp_path / "nowhere.csv")


def test_a_packed_file_is_unpacked_on_the_way_and_a_cut_off_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "goods.tsv.gz"
    packed = gzip.compress(b"product_id\tname\tprice\n" + b"".join(b"A%d\tTea\t1\n" % n for n in range(5000)))
    path.write_bytes(packed)
    assert preview(sources_at(path), ImportOptions()).products == 5000
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(UnreadableFile):
        preview(sources_at(path), ImportOptions())


def test_an_inch_sign_in_a_tab_separated_file_swallows_nothing(write: Callable[..., ImportSources]) -> None:
    records, findings = read(
        write('product_id\tname\tprice\nA\t"TV 32" wide\t1\nB\t"Tea ""green"""\t2\nC\t5" nail\t3\n', "g.tsv")
    )
    assert findings == []
    assert [record.product.name.default for record in records] == ['"TV 32" wide', 'Tea "green"', '5" nail']


def test_a_line_break_in_a_cell_becomes_a_space_with_a_warning(write: Callable[..., ImportSources]) -> None:
    records, findings = read(write(f'{HEADER}\nA,"Green\ntea",1,\nB,Milk,1,\nC,=x,1,\n'))
    assert [record.product.name.default for record in records] == ["Green tea", "Milk"]
    # The row after a cell of two lines stands one line further down.
    assert kinds(findings) == [(2, FindingKind.LINE_BREAK), (5, FindingKind.FORMULA)]


def test_a_workbook_is_read_and_its_formulas_are_refused(tmp_path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["编码", "品名", "售价", "条码", "停售"])
    sheet.append(["A", "牛奶", 12.9, 6901234567892, None])
    sheet.append([1002, "酸奶", "=1+1", None, None])
    sheet.append([1003, "=SUM(A1:A2)", 3, None, None])
    sheet.append([])
    sheet.append([1004, "奶酪", 3.3, None, "召回"])
    path = tmp_path / "goods.xlsx"
    book.save(path)
    records, findings = read(sources_at(path))
    assert [record.product.product_id for record in records] == ["A", "1004"]
    assert (records[0].prices, records[0].barcodes) == ((Price("A", 1290),), (ProductBarcode("06901234567892", "A"),))
    assert records[1].product.blocked_reason == "召回"
    assert kinds(findings) == [(3, FindingKind.FORMULA), (4, FindingKind.FORMULA)]


def test_a_workbook_may_hold_all_tables_as_sheets(tmp_path: Path) -> None:
    book = Workbook()
    sheets: dict[str, list[tuple[Any, ...]]] = {
        "商品": [("编码", "品名", "售价", "部门", "税类"), ("A", "茶", 5, "drinks", "reduced")],
        "部门": [("department_id", "name"), ("drinks", "饮料")],
        "税类": [("tax_class_id", "税率"), ("reduced", 9)],
        "价格": [("编码", "价格表", "价格", "生效日期"), ("A", "会员价", 4.5, datetime(2026, 5, 1))],
    }
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "goods.xlsx"
    book.save(path)
    records, findings = read(sources_at(path))
    assert findings == []
    assert records[0].prices == (Price("A", 500), Price("A", 450, "member", datetime(2026, 5, 1, tzinfo=UTC)))
    assert records[0].product.tax_class_id == "reduced"


def test_the_preview_counts_and_the_findings_file_holds_all_that_is_wrong(
    tmp_path: Path, write: Callable[..., ImportSources]
) -> None:
    rows = "".join(f"A{n},Tea,-1,\n" for n in range(300))
    findings_file = tmp_path / "findings.tsv"
    seen: ImportPreview = preview(
        write(f"{HEADER},colour\nB,Milk,2,6901234567892,\nC,=2+3,1,,\n{rows}"),
        ImportOptions(),
        None,
        ImportWatch(findings_file=findings_file),
    )
    assert (seen.rows, seen.products, seen.barcodes, seen.prices) == (302, 1, 1, 1)
    assert (seen.errors, seen.by_kind[FindingKind.NEGATIVE_PRICE]) == (301, 300)
    assert len(seen.findings) == 100
    assert seen.unknown_columns == ("colour",)
    lines = findings_file.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 302
    # The refused formula is quoted, so that it is none in the spreadsheet that shows the findings.
    assert lines[1].endswith("\t'=2+3")


def test_a_preview_tells_how_far_it_is_and_can_be_stopped(write: Callable[..., ImportSources]) -> None:
    sources = write(f"{HEADER}\n" + "".join(f"A{n},Tea,1,\n" for n in range(2000)))
    told: list[int] = []
    preview(sources, ImportOptions(), None, ImportWatch(progress=told.append))
    assert told == [0, 500, 1000, 1500, 2000]
    with pytest.raises(ImportCancelled):
        preview(sources, ImportOptions(), None, ImportWatch(cancelled=lambda: True))


@pytest.mark.parametrize("name", ["goods.csv", "goods.tsv", "goods.xlsx", "goods.csv.gz"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail))
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfe")
@example(b"\xff\xfeA")
@example(b"\x1f\x8b")
def test_no_bytes_crash_the_import(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    # Anything but a problem that can be read is a crash, and fails this test by itself.
    with suppress(ImportProblem):
        assert preview(sources_at(path), ImportOptions()).products >= 0


COLUMNS = (
    "product_id",
    "name",
    "name_en",
    "department",
    "tax_class",
    "unit",
    "price",
    "barcodes",
    "plu",
    "minimum_age",
    "deposit_product",
    "price_rule",
    "brand",
    "specification",
    "picture",
    "pinyin",
    "discountable",
    "returnable",
    "blocked",
)
CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "A",
            "1",
            "6901234567892",
            "6901234567892*6",
            "1*-1",
            "=1",
            "'",
            '"',
            "9" * 400,
            "kg",
            "yes",
            "NaN",
            "１２",
            "-0",
            "Infinity",
            "可乐",
            "\ufeff",
        ]
    ),
)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(
    st.lists(st.lists(CELLS, min_size=len(COLUMNS), max_size=len(COLUMNS) + 1), max_size=4),
    st.sampled_from(["\t", ",", ";"]),
)
def test_no_cells_crash_the_import_and_what_comes_out_is_sound(
    tmp_path: Path, rows: list[list[str]], separator: str
) -> None:
    path = tmp_path / "goods.csv"
    text = "\n".join(separator.join(row) for row in [list(COLUMNS), *rows])
    path.write_bytes(text.encode("utf-8", "replace"))
    findings: list[RowFinding] = []
    try:
        reading = CatalogueReading(sources_at(path), ImportOptions(), findings.append)
        records = list(reading.records(lambda _rows: None, lambda: False))
    except ImportProblem:
        return
    assert (
        len(records) + len({one.row_number for one in findings if one.severity is Severity.ERROR}) >= reading.rows_read
    )
    for record in records:
        assert record.product.product_id
        assert record.product.name.default
        assert all(price.amount_minor >= 0 for price in record.prices)
        assert record.prices or record.product.price_rule is PriceRule.OPEN
