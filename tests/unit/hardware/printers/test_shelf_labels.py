"""What stands on a label can be read: barcodes by a scanner, words by the shopper, figures under one another."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.catalogue.gtin import check_digit
from app.catalogue.shelf_label_sheet import LabelSheet
from app.catalogue.shelf_labels import PriceBase, ShelfLabel, UnitPrice
from app.values.money import CNY, Currency
from app.values.quantity import SellingUnit
from app.values.speech import ENGLISH, Speech
from app.values.wording import LocalizedText
from hardware.printers.fonts import CellFont
from hardware.printers.profile import PrinterProfile
from hardware.printers.shelf_label_drawing import LabelArtist, _figures_width
from hardware.printers.shelf_label_fonts import LabelFonts, fit_lines
from hardware.printers.shelf_labels import label_commands, label_pages, write_label_pdf, write_label_pictures
from hardware.simulated.printer import SimulatedPrinter

CodeReader = Callable[[Image.Image], set[tuple[str, str]]]

TODAY = datetime(2026, 11, 22, tzinfo=UTC).date()
WATER = ShelfLabel(
    product_id="P1",
    name=LocalizedText("农家山泉水", (("en", "Farm spring water"),)),
    specification="500ml",
    unit=SellingUnit.EACH,
    price_minor=390,
    currency=CNY,
    unit_price=UnitPrice(780, PriceBase.LITRE),
    gtin14="06901234567892",
    plu=None,
    department=LocalizedText("饮料", (("en", "Drinks"),)),
    printed_on=TODAY,
)
LONG = LocalizedText(
    "某某农庄有机全麦高纤维无添加蔗糖手工烘焙核桃葡萄干大列巴面包礼盒装家庭分享特惠组合",
    (("en", "A very long name " * 8),),
)
CHINESE = Speech("zh_CN")


@pytest.fixture(scope="session")
def fonts(font: CellFont) -> LabelFonts:
    return LabelFonts()


def gtin(number: int) -> str:
    body = f"0690{number:09d}"
    return body + check_digit(body)


def labels(count: int) -> list[ShelfLabel]:
    return [replace(WATER, gtin14=gtin(number * 7919)) for number in range(count)]


def test_every_barcode_of_a_full_sheet_is_read_back(fonts: LabelFonts, read_codes: CodeReader) -> None:
    wanted = [
        *labels(18),
        replace(WATER, gtin14="00000096385074"),
        replace(WATER, gtin14="00079181000550"),
        replace(WATER, gtin14="16901234567899", name=LONG, price_minor=1_299_900),
    ]
    (page,) = label_pages(wanted, LabelSheet(), CHINESE, fonts=fonts)
    # A4 at 300 dots to the inch: 210 mm / 25.4 · 300 and 297 mm / 25.4 · 300.
    assert page.size == (2480, 3508)
    assert {text for _, text in read_codes(page)} == {label.barcode_digits for label in wanted}


def test_pictures_are_one_file_a_page(font: CellFont, tmp_path: Path, read_codes: CodeReader) -> None:
    sheet = LabelSheet(columns=2, rows=1)
    written = write_label_pictures(labels(3), sheet, ENGLISH, tmp_path / "labels.png")
    assert [path.name for path in written] == ["labels.png", "labels-2.png"]
    with Image.open(written[1]) as page:
        assert round(page.info["dpi"][0]) == 300
        assert read_codes(page) == {("EAN-13", gtin(2 * 7919)[1:])}


def test_a_pdf_has_pages_of_the_real_size_and_bars_that_scan(
    font: CellFont, tmp_path: Path, read_codes: CodeReader
) -> None:
    out = tmp_path / "labels.pdf"
    assert write_label_pdf(labels(25), LabelSheet(), CHINESE, out) == 2
    data = out.read_bytes()
    pages = [
        Image.open(io.BytesIO(found[0]))
        for found in re.finditer(rb"\xff\xd8\xff.*?\xff\xd9(?=\s*endstream)", data, re.DOTALL)
    ]
    assert [len(read_codes(page)) for page in pages] == [21, 4]
    # A4 in points: 210 mm and 297 mm / 25.4 · 72 = 595.2 and 841.9.
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+)", data)
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {(595, 842)}


def test_no_labels_make_no_file(font: CellFont, tmp_path: Path) -> None:
    assert write_label_pdf([], LabelSheet(), ENGLISH, tmp_path / "none.pdf") == 0
    assert not (tmp_path / "none.pdf").exists()


def test_the_receipt_printer_writes_the_label_and_cuts_it_off(font: CellFont, read_codes: CodeReader) -> None:
    profile = PrinterProfile()
    printer = SimulatedPrinter(profile, font=font)
    printer.receive(b"".join(label_commands([WATER, replace(WATER, price_minor=129_900)], CHINESE, profile)))
    assert printer.misunderstood == ()
    first, second = printer.papers
    assert first.cut
    assert second.cut
    lines = [line.strip() for line in first.text.splitlines() if line.strip()]
    assert lines == [
        "农家山泉水",
        "Farm spring water",
        "500ml",
        "Unit price ￥7.80 / L",
        "￥3.90",
        "each",
        "6 901234 567892",
        "饮料 2026-11-22",
    ]
    assert "￥1299.00" in second.text
    assert read_codes(first.picture) == {("EAN-13", "6901234567892")}


@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize(("native_barcode", "chinese_rom"), [(True, True), (False, True), (False, False)])
@pytest.mark.parametrize("gtin14", ["06901234567892", "00000096385074", "16901234567899"])
def test_barcodes_scan_from_whatever_receipt_printer(
    font: CellFont,
    fonts: LabelFonts,
    read_codes: CodeReader,
    paper_mm: int,
    native_barcode: bool,
    chinese_rom: bool,
    gtin14: str,
) -> None:
    profile = PrinterProfile(paper_mm=paper_mm, native_barcode=native_barcode, chinese_rom=chinese_rom)
    printer = SimulatedPrinter(profile, font=font)
    label = replace(WATER, gtin14=gtin14)
    printer.receive(b"".join(label_commands([label], ENGLISH, profile, fonts)))
    assert printer.misunderstood == ()
    (paper,) = printer.papers
    assert {text for _, text in read_codes(paper.picture)} == {label.barcode_digits}


def test_a_long_name_takes_two_lines_and_ends_in_dots(font: CellFont) -> None:
    profile = PrinterProfile(paper_mm=58)
    printer = SimulatedPrinter(profile, font=font)
    printer.receive(b"".join(label_commands([replace(WATER, name=LONG)], CHINESE, profile)))
    lines = printer.texts[0].splitlines()
    assert lines[0] == "某某农庄有机全麦高纤维无添加蔗糖"
    assert lines[1].endswith("…")
    assert lines[2].startswith("A very long name A very")
    assert lines[2].endswith("…")
    assert lines[3] == "500ml"


def test_what_is_weighed_shows_its_number_for_the_scale(font: CellFont) -> None:
    profile = PrinterProfile()
    printer = SimulatedPrinter(profile, font=font)
    cabbage = replace(WATER, gtin14=None, plu="4552", unit=SellingUnit.KILOGRAM)
    printer.receive(b"".join(label_commands([cabbage], CHINESE, profile)))
    assert "PLU 4552" in printer.texts[0]
    assert "per kg" in printer.texts[0]


def test_a_name_never_runs_out_of_its_label(fonts: LabelFonts) -> None:
    sized = fonts.sized(45)

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text(max_size=120), st.integers(120, 900))
    def holds(text: str, width: int) -> None:
        lines = fit_lines(text, sized, width, 2)
        assert len(lines) <= 2
        assert all(sized.getlength(line) <= width for line in lines)

    holds()


def test_nothing_of_a_short_name_is_lost(fonts: LabelFonts) -> None:
    name = "Château Valmorel 法国干白葡萄酒 750ml"
    lines = fit_lines(name, fonts.sized(45), 520, 2)
    assert len(lines) == 2
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")
    (line,) = fit_lines(name, fonts.sized(20), 900, 2)
    assert line == name


def test_every_figure_is_equally_wide(fonts: LabelFonts) -> None:
    for size in (20, 90, 171):
        for bold in (False, True):
            sized = fonts.sized(size, bold=bold)
            assert len({_figures_width(figure * 4, sized) for figure in "0123456789"}) == 1


def ink(picture: Image.Image) -> tuple[int, int, int, int] | None:
    return picture.point(lambda grey: 255 if grey < 128 else 0).getbbox()


@pytest.mark.parametrize("price_minor", [1, 990, 12_990, 9_999_999])
@pytest.mark.parametrize("size", [(354, 213), (780, 449), (1200, 600)])
def test_nothing_touches_the_edge_of_a_label_whatever_the_price(
    fonts: LabelFonts, price_minor: int, size: tuple[int, int]
) -> None:
    label = replace(WATER, name=LONG, price_minor=price_minor)
    box = ink(LabelArtist(*size, 300, CHINESE, fonts).draw(label))
    assert box is not None
    assert box[0] >= 4
    assert box[1] >= 4
    assert box[2] <= size[0] - 4
    assert box[3] <= size[1] - 2


def test_a_currency_without_small_change_has_no_decimals(fonts: LabelFonts, font: CellFont) -> None:
    yen = replace(WATER, currency=Currency("JPY", 0, "JP¥"), price_minor=390, unit_price=None)
    assert ink(LabelArtist(780, 449, 300, ENGLISH, fonts).draw(yen)) is not None
    profile = PrinterProfile()
    printer = SimulatedPrinter(profile, font=font)
    printer.receive(b"".join(label_commands([yen], ENGLISH, profile)))
    assert "390" in printer.texts[0]
    assert "3.90" not in printer.texts[0]
