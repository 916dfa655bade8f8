"""Shelf labels on paper: sheets as pictures and PDF, and commands for the receipt printer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from app.catalogue.shelf_label_sheet import LabelSheet
from app.catalogue.shelf_labels import ShelfLabel
from app.sales.receipt_columns import cells_of, wrap
from app.sales.receipt_elements import Align, Barcode, Cut, Element, Picture, Size, TextLine
from app.values.money import format_minor
from app.values.speech import Speech
from hardware.printers.characters import encode_line, spell_for_font
from hardware.printers.escpos import render_escpos
from hardware.printers.paper import BARCODE_HEIGHT, modules_image
from hardware.printers.profile import PrinterProfile
from hardware.printers.shelf_label_drawing import (
    PER,
    LabelArtist,
    digits_in_groups,
    modules_of,
    second_name,
    unit_price_words,
)
from hardware.printers.shelf_label_fonts import LabelFonts
from hardware.printers.symbols import RETAIL_QUIET_MODULES

SHEET_DOTS_PER_INCH: Final = 300
_RECEIPT_DOTS_PER_INCH: Final = 203
_MARK_GREY: Final = 150
_MARK_UM: Final = 2_500
_MOST_MODULE_DOTS: Final = 3
_LABEL_SHAPE: Final = (38, 66)
"""Height and width of a label that is drawn for a receipt printer without Chinese characters."""


def label_pages(
    labels: Sequence[ShelfLabel],
    sheet: LabelSheet,
    speech: Speech,
    *,
    dots_per_inch: int = SHEET_DOTS_PER_INCH,
    fonts: LabelFonts | None = None,
) -> Iterator[Image.Image]:
    """Yield pages of labels in greys, one at a time.

    Args:
        labels: in the order in which they are to lie.
        sheet: how they lie.
        speech: the language that comes first.
        dots_per_inch: pixels to the inch.
        fonts: draws the characters; the installed ones where none are given.

    Raises:
        NoChineseFont: if no fonts are given and none are installed.
    """

    def pixels(length_um: int) -> int:
        return (length_um * dots_per_inch + 12_700) // 25_400

    artist = LabelArtist(
        pixels(sheet.label_width_um), pixels(sheet.label_height_um), dots_per_inch, speech, fonts or LabelFonts()
    )
    for shared in sheet.pages(labels):
        page = Image.new("L", (pixels(sheet.page_width_um), pixels(sheet.page_height_um)), 255)
        for index, label in enumerate(shared):
            left, top = sheet.place(index)
            page.paste(artist.draw(label), (pixels(left), pixels(top)))
        if sheet.cut_marks:
            _mark_cuts(ImageDraw.Draw(page), sheet, pixels)
        yield page


def _mark_cuts(draw: ImageDraw.ImageDraw, sheet: LabelSheet, pixels: Callable[[int], int]) -> None:
    """Draw a small cross at each corner of each label: where a knife goes in, and nothing across a label."""
    thin = max(1, pixels(100))
    for index in range(sheet.per_page):
        left, top = sheet.place(index)
        for x_um in (left, left + sheet.label_width_um):
            for y_um in (top, top + sheet.label_height_um):
                x, y, arm = pixels(x_um), pixels(y_um), pixels(_MARK_UM) // 2
                draw.line((x - arm, y, x + arm, y), _MARK_GREY, thin)
                draw.line((x, y - arm, x, y + arm), _MARK_GREY, thin)


def write_label_pictures(
    labels: Sequence[ShelfLabel], sheet: LabelSheet, speech: Speech, out: Path
) -> tuple[Path, ...]:
    """Write pages as PNG files, `labels.png`, `labels-2.png` and so on; return them.

    Raises:
        NoChineseFont: if none is installed.
        OSError: if a file cannot be written.
    """
    written = []
    for number, page in enumerate(label_pages(labels, sheet, speech), 1):
        path = out if number == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        page.save(path, "PNG", dpi=(SHEET_DOTS_PER_INCH, SHEET_DOTS_PER_INCH), optimize=True)
        written.append(path)
    return tuple(written)


def write_label_pdf(labels: Sequence[ShelfLabel], sheet: LabelSheet, speech: Speech, out: Path) -> int:
    """Write one PDF with a page for each sheet, at its real size; return how many pages.

    Raises:
        NoChineseFont: if none is installed.
        OSError: if the file cannot be written.
    """
    count = 0
    for page in label_pages(labels, sheet, speech):
        # Page by page: a shop's labels are more than fits into memory. Compressed no further: bars with soft
        # edges scan badly.
        page.save(out, "PDF", resolution=SHEET_DOTS_PER_INCH, quality=80, append=count > 0)
        count += 1
    return count


def label_commands(
    labels: Sequence[ShelfLabel], speech: Speech, profile: PrinterProfile, fonts: LabelFonts | None = None
) -> Iterator[bytes]:
    """Yield ESC/POS commands that print labels on a receipt printer, each cut off, a label in a few pieces.

    Args:
        labels: in the order in which they are to come out.
        speech: the language that comes first.
        profile: what the printer can; without Chinese characters the labels are drawn and sent as pictures.
        fonts: draws them; the installed ones where none are given.

    Raises:
        NoChineseFont: if they must be drawn and no font is installed.
    """
    if profile.chinese_rom:
        for label in labels:
            yield from _written(label, speech, profile)
        return
    width = profile.width_dots
    height = width * _LABEL_SHAPE[0] // _LABEL_SHAPE[1]
    artist = LabelArtist(width, height, _RECEIPT_DOTS_PER_INCH, speech, fonts or LabelFonts())
    for label in labels:
        # The bars have the whole width of the paper to themselves: within the label they would be too fine.
        digits = label.barcode_digits
        yield from render_escpos((_picture(artist.draw(replace(label, gtin14=None))),), profile)
        tail: tuple[Element, ...] = (Cut(),)
        if digits:
            yield from _barcode_commands(digits, profile)
            tail = (TextLine(digits_in_groups(digits), Align.CENTRE), Cut())
        yield from render_escpos(tail, profile)


def _written(label: ShelfLabel, speech: Speech, profile: PrinterProfile) -> Iterator[bytes]:
    columns = profile.columns
    head: list[Element] = [
        TextLine(line, bold=True, size=Size.TALL) for line in _two_lines(speech.say(label.name), columns)
    ]
    if other := second_name(label, speech):
        head.append(TextLine(_one_line(other, columns)))
    facts = [label.specification] if label.specification else []
    if (words := unit_price_words(label)) is not None:
        facts.append(speech.say(words))
    head += [TextLine(_one_line(fact, columns)) for fact in facts]
    yield from render_escpos(head, profile)
    yield _price_commands(label, columns)
    department = "" if label.department is None else speech.say(label.department)
    corner = _one_line(f"{department} {label.printed_on:%Y-%m-%d}".strip(), columns)
    tail: list[Element] = [TextLine(speech.say(PER[label.unit]), Align.CENTRE)]
    if digits := label.barcode_digits:
        yield from render_escpos(tail, profile)
        yield from _barcode_commands(digits, profile)
        tail = [TextLine(digits_in_groups(digits), Align.CENTRE)]
    elif label.plu:
        tail.append(TextLine(f"PLU {label.plu}", Align.CENTRE, size=Size.TALL))
    yield from render_escpos((*tail, TextLine(corner, Align.CENTRE), Cut()), profile)


def _price_commands(label: ShelfLabel, columns: int) -> bytes:
    """Return the price in figures up to four times as large as text, as large as the paper is wide (GS !)."""
    amount = format_minor(label.price_minor, label.currency)
    text = spell_for_font(f"{label.currency.symbol}{amount}", keep_rare=False)
    times = next((times for times in (4, 3, 2) if cells_of(text) * times <= columns), 1)
    spacing = bytes((0x1B, 0x33, 24 * times + 12))
    large = bytes((0x1D, 0x21, (times - 1) << 4 | (times - 1)))
    return b"\x1ba\x01" + spacing + large + b"\x1bE\x01" + encode_line(text) + b"\x1bE\x00\x1d!\x00\n"


def _barcode_commands(digits: str, profile: PrinterProfile) -> Iterator[bytes]:
    if len(digits) not in {8, 13}:
        yield from render_escpos((Barcode(digits),), profile)
        return
    modules, quiet = modules_of(digits)
    dots = min(_MOST_MODULE_DOTS, profile.width_dots // (len(modules) + 2 * quiet))
    if not profile.native_barcode:
        bars = modules_image(modules, dots, BARCODE_HEIGHT)
        white = Image.new("L", (bars.width + 2 * RETAIL_QUIET_MODULES * dots, bars.height), 255)
        white.paste(bars.convert("L"), (RETAIL_QUIET_MODULES * dots, 0))
        yield from render_escpos((_picture(white),), profile)
        return
    # GS h height, GS w module, GS H 0 no digits beneath (the label writes them), GS k 67 EAN-13 or 68 EAN-8 (Epson).
    kind = 67 if len(digits) == 13 else 68
    size = bytes((0x1D, 0x68, BARCODE_HEIGHT, 0x1D, 0x77, dots, 0x1D, 0x48, 0))
    data = bytes((0x1D, 0x6B, kind, len(digits))) + digits.encode("ascii")
    yield b"\x1ba\x01" + size + data + bytes((0x1B, 0x4A, 8))


def _two_lines(text: str, columns: int) -> tuple[str, ...]:
    lines = wrap(text, columns)
    return lines if len(lines) <= 2 else (lines[0], _one_line(lines[1] + lines[2], columns))


def _one_line(text: str, columns: int) -> str:
    """Return a text that fits a line, its end replaced by `…` where it is too long."""
    if cells_of(text) <= columns:
        return text
    while cells_of(text + "…") > columns:
        text = text[:-1]
    return text + "…"


def _picture(image: Image.Image) -> Picture:
    png = BytesIO()
    image.save(png, "PNG")
    return Picture(png.getvalue())
