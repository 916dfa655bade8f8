"""A receipt as a picture of the paper: for screens, and for printers that hold no Chinese characters."""

from collections.abc import Iterable

from PIL import Image

from app.sales.receipt_columns import PrintedLine, compose
from app.sales.receipt_elements import Align, Barcode, Cut, Element, Feed, Picture, QrCode
from hardware.printers.fonts import CellFont, installed_font
from hardware.printers.paper import BARCODE_HEIGHT, Paper, glyphs_of, logo_image
from hardware.printers.profile import AIR_DOTS, LINE_DOTS, PrinterProfile
from hardware.printers.symbols import code128_width, qr_module_dots


def line_distance(line: PrintedLine) -> int:
    """Return how far the paper moves for a line, in dots."""
    return LINE_DOTS + (line.size.high - 1) * 26


def render_picture(elements: Iterable[Element], profile: PrinterProfile, font: CellFont | None = None) -> Image.Image:
    """Return the receipt in greys, as wide as the profile's print head, one pixel for each dot.

    Raises:
        NoChineseFont: if no font is given and none is installed.
    """
    paper = Paper(profile.width_dots, font or installed_font())
    for piece in compose(elements, profile.columns):
        match piece:
            case PrintedLine():
                size = piece.size
                glyphs = glyphs_of(piece.text, bold=piece.bold, wide=size.wide, high=size.high)
                paper.print_line(glyphs, piece.align, line_distance(piece))
            case QrCode():
                paper.print_qr(piece.payload, qr_module_dots(piece.payload, profile.width_dots), Align.CENTRE)
            case Barcode():
                if module_dots := code128_width(piece.data, profile.width_dots):
                    paper.print_barcode(piece.data, module_dots, BARCODE_HEIGHT, Align.CENTRE)
                paper.feed(AIR_DOTS)
            case Picture():
                paper.print_picture(logo_image(piece.png, profile.width_dots), Align.CENTRE)
                paper.feed(LINE_DOTS)
            case Feed():
                paper.feed(piece.lines * LINE_DOTS)
            case Cut():
                paper.feed(profile.feed_before_cut * LINE_DOTS)
    return paper.picture()
