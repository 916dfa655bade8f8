"""A label says name, price, unit and what the shopper compares packs by; what is not sure is left out."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalogue.products import Department, PricedProduct, Product
from app.catalogue.shelf_label_content import Measure, PackContent, pack_content
from app.catalogue.shelf_label_sheet import BadLabelSheet, LabelSheet, parse_mm
from app.catalogue.shelf_labels import LabelStyle, NoLabelPrice, PriceBase, ShelfLabel, UnitPrice, shelf_label
from app.values.money import CNY
from app.values.quantity import SellingUnit
from app.values.wording import LocalizedText

TODAY = datetime(2026, 11, 22, tzinfo=UTC).date()
STYLE = LabelStyle(CNY)


def label(
    specification: str = "", price_minor: int | None = 390, unit: SellingUnit = SellingUnit.EACH, **more
) -> ShelfLabel:
    product = Product(
        "P1", LocalizedText("水", (("en", "Water"),)), "drinks", "standard", unit, specification=specification
    )
    department = Department("drinks", LocalizedText("饮料"))
    return shelf_label(
        PricedProduct(product, price_minor, gtin14=more.pop("gtin14", None)),
        department,
        TODAY,
        more.pop("style", STYLE),
    )


@pytest.mark.parametrize(
    ("specification", "thousandths", "measure"),
    [
        ("500ml", 500_000, Measure.MILLILITRE),
        ("1.5L", 1_500_000, Measure.MILLILITRE),
        ("18.9L", 18_900_000, Measure.MILLILITRE),
        ("3.5g", 3_500, Measure.GRAM),
        ("2斤", 1_000_000, Measure.GRAM),
        ("2.5公斤", 2_500_000, Measure.GRAM),
        ("500 毫升/瓶", 500_000, Measure.MILLILITRE),
        ("2g*25", 50_000, Measure.GRAM),
        ("2g×25袋", 50_000, Measure.GRAM),
        ("12×600ml", 7_200_000, Measure.MILLILITRE),
        ("24瓶x550ml", 13_200_000, Measure.MILLILITRE),
        ("５００ｍｌ", 500_000, Measure.MILLILITRE),
        ("75cl", 750_000, Measure.MILLILITRE),
    ],
)
def test_contents_are_read(specification: str, thousandths: int, measure: Measure) -> None:
    assert pack_content(specification) == PackContent(thousandths, measure)


@pytest.mark.parametrize(
    "doubtful",
    [
        "",
        "散称",
        "约500g",
        "500g+100g",
        "500-600g",
        "20支",
        "30cm*10m",
        "0g",
        "500",
        "g",
        "5m",
        "2g*",
        "XL码",
        "1.2345kg",
        "¹²g g",
    ],
)
def test_what_is_not_sure_is_no_content(doubtful: str) -> None:
    assert pack_content(doubtful) is None


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=20))
def test_no_specification_breaks_it(text: str) -> None:
    content = pack_content(text)
    assert content is None or content.thousandths > 0


@pytest.mark.parametrize(
    ("specification", "price_minor", "expected"),
    [
        # 3.90 for 500 ml: 7.80 a litre. 9.90 for 600 g: 16.50 a kilogram.
        ("500ml", 390, UnitPrice(780, PriceBase.LITRE)),
        ("600g", 990, UnitPrice(1650, PriceBase.KILOGRAM)),
        # 19.90 for 50 g: 398.00 a kilogram.
        ("2g*25", 1990, UnitPrice(39800, PriceBase.KILOGRAM)),
        # 10.00 for 3 l: 3.333… a litre; 1.00 for 1.6 kg: 62.5 fen a kilogram, half up.
        ("3L", 1000, UnitPrice(333, PriceBase.LITRE)),
        ("1.6kg", 100, UnitPrice(63, PriceBase.KILOGRAM)),
        # The price itself is per litre already.
        ("1L", 390, None),
        ("20支", 390, None),
    ],
)
def test_unit_prices_are_worked_out(specification: str, price_minor: int, expected: UnitPrice | None) -> None:
    assert label(specification, price_minor).unit_price == expected


def test_a_shop_compares_by_the_jin_if_it_likes() -> None:
    style = LabelStyle(CNY, mass_base=PriceBase.HALF_KILOGRAM)
    assert label("250g", 500, style=style).unit_price == UnitPrice(1000, PriceBase.HALF_KILOGRAM)


def test_goods_sold_by_the_kilogram_say_the_price_of_a_jin_whatever_their_specification() -> None:
    assert label("散称", 1198, SellingUnit.KILOGRAM).unit_price == UnitPrice(599, PriceBase.HALF_KILOGRAM)
    # 2.59 a kilogram: 129.5 fen a jin, half up.
    assert label("500g", 259, SellingUnit.KILOGRAM).unit_price == UnitPrice(130, PriceBase.HALF_KILOGRAM)


def test_what_has_no_price_of_its_own_gets_no_label() -> None:
    with pytest.raises(NoLabelPrice, match="has no price today"):
        label(price_minor=None)


@pytest.mark.parametrize(
    ("gtin14", "digits"),
    [
        ("06901234567892", "6901234567892"),
        ("00012345000065", "0012345000065"),
        ("00000096385074", "96385074"),
        ("16901234567899", "16901234567899"),
        (None, ""),
    ],
)
def test_a_barcode_has_the_digits_that_stand_under_it(gtin14: str | None, digits: str) -> None:
    assert label(gtin14=gtin14).barcode_digits == digits


def test_a_label_is_dated_and_names_its_department() -> None:
    made = label("500ml")
    assert made.printed_on == date(2026, 11, 22)
    assert str(made.department) == "饮料"


def test_labels_lie_in_the_middle_of_the_page_row_by_row() -> None:
    sheet = LabelSheet()
    # A4 is 210 × 297 mm: (210 − 3·66) / 2 = 6 mm and (297 − 7·38) / 2 = 15.5 mm are left free.
    assert sheet.place(0) == (6_000, 15_500)
    assert sheet.place(2) == (138_000, 15_500)
    assert sheet.place(20) == (138_000, 15_500 + 6 * 38_000)
    assert [len(page) for page in sheet.pages(range(43))] == [21, 21, 1]


@given(
    st.integers(30_000, 120_000),
    st.integers(18_000, 120_000),
    st.integers(1, 4),
    st.integers(1, 9),
    st.integers(0, 5_000),
)
def test_labels_never_overlap_nor_leave_the_page(width: int, height: int, columns: int, rows: int, gap: int) -> None:
    try:
        sheet = LabelSheet(width, height, columns, rows, gap, gap)
    except BadLabelSheet:
        assert columns * width + (columns - 1) * gap > 204_000 or rows * height + (rows - 1) * gap > 291_000
        return
    places = [sheet.place(index) for index in range(sheet.per_page)]
    assert all(0 <= x <= 210_000 - width and 0 <= y <= 297_000 - height for x, y in places)
    for index, (x, y) in enumerate(places):
        assert all(abs(x - x2) >= width or abs(y - y2) >= height for x2, y2 in places[index + 1 :])


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": 0},
        {"columns": 4},
        {"rows": 8},
        {"label_width_um": 20_000},
        {"gap_down_um": -1},
        {"gap_across_um": 9_000},
    ],
)
def test_labels_that_do_not_fit_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(BadLabelSheet):
        LabelSheet(**wrong)


@pytest.mark.parametrize("wrong", ["", "x", "-1", "1.2345", "1e9", "NaN"])
def test_a_length_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(BadLabelSheet):
        parse_mm(wrong)
