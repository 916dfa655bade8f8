"""What the bytes mean to a printer is what the receipt says."""

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.sales.receipt_columns import cells_of
from app.sales.receipt_elements import Align, Barcode, Cut, Picture, QrCode, Row, Rule, Size, TextLine
from app.sales.receipt_layout import built_in_layout, lay_out
from hardware.printers.escpos import render_escpos
from hardware.printers.fonts import CellFont
from hardware.printers.picture import render_picture
from hardware.printers.profile import PrinterProfile
from hardware.printers.rendering import receipt_commands, receipt_picture, receipt_text
from hardware.printers.symbols import REAL_TIME, code128_commands_data
from hardware.simulated.printer import SimulatedPrinter

CodeReader = Callable[[Image.Image], set[tuple[str, str]]]

PAGE = "https://r.example/s/0192f0c1-7a3e-7b11-9c55-3f2e8d6a4b10"
NATIVE_80 = PrinterProfile()
NATIVE_58 = PrinterProfile(paper_mm=58)
RASTER_80 = PrinterProfile(chinese_rom=False, native_qr=False, native_barcode=False)
RASTER_58 = replace(RASTER_80, paper_mm=58)
DRAWN_CODES = PrinterProfile(native_qr=False, native_barcode=False)


def printed_on(profile: PrinterProfile, pieces: tuple[bytes, ...], font: CellFont) -> SimulatedPrinter:
    printer = SimulatedPrinter(profile, font=font)
    assert printer.receive(b"".join(pieces)) == sum(map(len, pieces))
    assert printer.misunderstood == ()
    return printer


def words(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip() and PAGE not in line]


@pytest.mark.parametrize("profile", [NATIVE_80, NATIVE_58])
@pytest.mark.parametrize("language", ["CHINESE_SPEECH", "ENGLISH_SPEECH"])
def test_the_printer_prints_what_the_text_says(
    samples: SimpleNamespace, font: CellFont, profile: PrinterProfile, language: str
) -> None:
    layout = built_in_layout(profile.paper_mm)
    speech = getattr(samples, language)
    pieces = receipt_commands(samples.receipt(copy_number=1), speech, layout, profile)
    printer = printed_on(profile, pieces, font)
    assert words(printer.texts[0]) == words(receipt_text(samples.receipt(copy_number=1), speech, layout))


def test_lines_of_normal_size_stand_cell_by_cell_where_the_text_has_them(
    samples: SimpleNamespace, font: CellFont
) -> None:
    layout = built_in_layout(80)
    pieces = receipt_commands(samples.receipt(), samples.CHINESE_SPEECH, layout, NATIVE_80)
    printer = printed_on(NATIVE_80, pieces, font)
    expected = receipt_text(samples.receipt(), samples.CHINESE_SPEECH, layout).splitlines()
    large = ("柜台社区超市", "合计")
    lines = [line for line in expected if line.strip() and PAGE not in line and not line.strip().startswith(large)]
    assert [
        line for line in printer.texts[0].splitlines() if line.strip() and not line.strip().startswith(large)
    ] == lines


@pytest.mark.parametrize("profile", [NATIVE_80, NATIVE_58, RASTER_80, RASTER_58, DRAWN_CODES])
def test_barcode_and_qr_can_be_read_from_the_paper(
    samples: SimpleNamespace, font: CellFont, read_codes: CodeReader, profile: PrinterProfile
) -> None:
    layout = built_in_layout(profile.paper_mm)
    printer = printed_on(profile, receipt_commands(samples.receipt(), samples.CHINESE_SPEECH, layout, profile), font)
    (paper,) = printer.papers
    assert paper.cut
    assert {text for _, text in read_codes(paper.picture)} == {"R00010201000123", PAGE}


@pytest.mark.parametrize("paper_mm", [58, 80])
def test_barcode_and_qr_can_be_read_from_the_picture(
    samples: SimpleNamespace, read_codes: CodeReader, paper_mm: int
) -> None:
    picture = receipt_picture(samples.receipt(), samples.ENGLISH_SPEECH, built_in_layout(paper_mm))
    assert picture.width == {58: 384, 80: 576}[paper_mm]
    assert {text for _, text in read_codes(picture)} == {"R00010201000123", PAGE}


def test_a_printer_without_chinese_characters_gets_the_whole_receipt_as_dots(
    samples: SimpleNamespace, font: CellFont
) -> None:
    layout = built_in_layout(58)
    pieces = receipt_commands(samples.receipt(), samples.CHINESE_SPEECH, layout, RASTER_58)
    printer = printed_on(RASTER_58, pieces, font)
    assert printer.texts[0].strip() == ""
    drawn = render_picture(lay_out(samples.receipt(), samples.CHINESE_SPEECH, layout), RASTER_58, font)
    paper = printer.papers[0].picture.crop((24, 24, 24 + 384, 24 + drawn.height))
    pairs = list(zip(paper.tobytes(), drawn.tobytes(), strict=True))
    assert sum(dot < 144 for dot, _ in pairs) > 10_000
    # A dot may be added where the picture would hold a real-time command; see the test of the drawer below.
    assert sum((dot < 144) != (meant < 144) for dot, meant in pairs) <= 3


def test_a_line_with_a_rare_hanzi_is_drawn_and_the_rest_is_not(font: CellFont) -> None:
    elements = (TextLine("𠮷野家"), TextLine("牛肉饭"), Cut())
    printer = printed_on(NATIVE_80, render_escpos(elements, NATIVE_80, font), font)
    assert printer.texts[0].split() == ["牛肉饭"]
    # Above the text stand the drawn line's dots.
    assert min(printer.papers[0].picture.crop((24, 24, 600, 24 + 30)).tobytes()) == 0


def test_the_last_of_the_settings_is_undone_before_the_next_line(font: CellFont) -> None:
    elements = (TextLine("AB", Align.RIGHT, bold=True, size=Size.BIG), TextLine("cd"), Cut())
    data = b"".join(render_escpos(elements, NATIVE_80, font))
    assert b"\x1d!\x11\x1bE\x01AB\x1d!\x00\x1bE\x00\n" in data
    assert b"\x1ba\x00\x1b3\x1ecd\n" in data


@pytest.mark.parametrize(
    ("profile", "ending"),
    [
        (PrinterProfile(), b"\n\n\n\n\x1dV\x01"),
        (PrinterProfile(partial_cut=False), b"\n\n\n\n\x1dV\x00"),
        (PrinterProfile(cutter=False), b"\n\n\n\n"),
    ],
)
def test_the_paper_is_fed_past_the_knife_and_cut_if_there_is_one(profile: PrinterProfile, ending: bytes) -> None:
    assert b"".join(render_escpos((TextLine("x"), Cut()), profile)).endswith(ending)


def test_no_picture_and_no_barcode_can_open_the_drawer_or_ask_for_status(font: CellFont) -> None:
    # A logo whose every row holds the bytes of DLE DC4 1 0 1, which would kick the drawer.
    row = bytes.fromhex("1014010001") * 2
    logo = Image.frombytes("1", (80, 40), bytes(byte ^ 0xFF for byte in row * 40))
    png = io.BytesIO()
    logo.save(png, "PNG")
    printer = SimulatedPrinter(NATIVE_80, font=font)
    # 16 04 05 20 as pairs of digits are the bytes 10 04 05 14.
    pieces = render_escpos((Picture(png.getvalue()), Barcode("R16040520"), Cut()), NATIVE_80, font)
    printer.receive(b"".join(pieces))
    assert printer.drawer_kicks == 0
    assert printer.replies(0) == b""
    assert not any(REAL_TIME.search(piece) for piece in pieces)


@given(st.from_regex(re.compile(r"R[0-9]{14,18}"), fullmatch=True))
def test_every_receipt_number_becomes_a_code_128_that_fits_58_mm(number: str) -> None:
    encoded = code128_commands_data(number)
    if encoded is not None:
        assert not REAL_TIME.search(encoded)
        # Eleven modules for each sign, for a change of set, for start and check; thirteen for the stop (ISO/IEC 15417).
        changes = encoded.count(b"{") - 1
        signs = len(encoded) - 2 * (changes + 1)
        assert (11 * (1 + signs + changes + 1) + 13 + 20) * 2 <= 384


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=80), paper_mm=st.sampled_from([58, 80]))
def test_any_product_name_prints_without_a_crash_within_the_paper(font: CellFont, name: str, paper_mm: int) -> None:
    profile = PrinterProfile(paper_mm=paper_mm)
    elements = (Row(name, "12.90"), TextLine(name, indent=2), Rule(), Cut())
    printer = printed_on(profile, render_escpos(elements, profile, font), font)
    for line in printer.texts[0].splitlines():
        assert cells_of(line) <= profile.columns
        assert "�" not in line
        assert "?" not in line or "?" in unicodedata.normalize("NFKD", name)
    assert render_picture(elements, profile, font).width == profile.width_dots


def test_a_qr_too_large_for_the_paper_is_left_out_and_nothing_breaks(font: CellFont) -> None:
    elements = (QrCode("x" * 2000), TextLine("after"), Cut())
    printer = printed_on(NATIVE_58, render_escpos(elements, NATIVE_58, font), font)
    assert "after" in printer.texts[0]
