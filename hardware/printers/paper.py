"""Paper that characters, symbols and pictures are drawn on dot by dot, as it grows out of a printer."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from app.sales.receipt_columns import cells_of
from app.sales.receipt_elements import Align
from hardware.printers.fonts import CELL_HEIGHT, CellFont
from hardware.printers.profile import CELL_DOTS
from hardware.printers.symbols import QR_QUIET_MODULES, code128_modules, qr_matrix

BARCODE_HEIGHT: Final = 72
"""9 mm: a hand scanner finds it at once."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character on its way to paper."""

    cluster: str
    """The character and the combining marks on it."""

    bold: bool = False
    wide: int = 1
    high: int = 1

    @property
    def cells(self) -> int:
        """Cells at normal width."""
        return max(1, cells_of(self.cluster))


def glyphs_of(text: str, *, bold: bool = False, wide: int = 1, high: int = 1) -> list[Glyph]:
    """Split a text into characters with their marks."""
    clusters: list[str] = []
    for character in text:
        if clusters and not cells_of(character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return [Glyph(cluster, bold, wide, high) for cluster in clusters]


class Paper:
    """A strip of receipt paper, white, as wide as the print head."""

    def __init__(self, width_dots: int, font: CellFont) -> None:
        """Begin an empty strip."""
        self.width_dots = width_dots
        self._font = font
        self._strips: list[Image.Image] = []
        self.length_dots = 0
        """How far the paper has come."""

    def feed(self, dots: int) -> None:
        """Let empty paper out."""
        if dots > 0:
            self._let_out(Image.new("L", (self.width_dots, dots), 255))

    def print_line(self, glyphs: Iterable[Glyph], align: Align, line_dots: int) -> None:
        """Print one line of characters; what does not fit the paper is lost, as on a real one."""
        line = list(glyphs)
        height = max([line_dots, *(CELL_HEIGHT * glyph.high for glyph in line)])
        tallest = max([CELL_HEIGHT, *(CELL_HEIGHT * glyph.high for glyph in line)])
        width = sum(glyph.cells * glyph.wide * CELL_DOTS for glyph in line)
        strip = Image.new("L", (self.width_dots, height), 255)
        x = self._indent(width, align)
        for glyph in line:
            if glyph.cluster != " ":
                image = self._font.glyph(glyph.cluster, glyph.cells, glyph.wide, glyph.high, bold=glyph.bold)
                strip.paste(image, (x, tallest - image.height))
            x += glyph.cells * glyph.wide * CELL_DOTS
        self._let_out(strip)

    def print_picture(self, picture: Image.Image, align: Align) -> None:
        """Print a picture as it is; what is wider than the paper is lost."""
        strip = Image.new("L", (self.width_dots, picture.height), 255)
        strip.paste(picture.convert("L"), (self._indent(picture.width, align), 0))
        self._let_out(strip)

    def print_barcode(self, data: str, module_dots: int, height: int, align: Align) -> None:
        """Print a Code 128 symbol; nothing where it is wider than the paper, as printers do."""
        image = barcode_image(data, module_dots, height)
        if image.width <= self.width_dots:
            self.print_picture(image, align)

    def print_qr(self, payload: str, module_dots: int, align: Align, *, quiet: int = QR_QUIET_MODULES) -> None:
        """Print a QR code, `quiet` modules of white around it; nothing where it is wider than the paper."""
        image = qr_image(payload, module_dots, quiet=quiet)
        if image.width <= self.width_dots:
            self.print_picture(image, align)

    def picture(self, margin_dots: int = 0) -> Image.Image:
        """Return what is on the paper, in greys, with an unprinted margin around it."""
        height = max(1, self.length_dots)
        picture = Image.new("L", (self.width_dots + 2 * margin_dots, height + 2 * margin_dots), 255)
        y = margin_dots
        for strip in self._strips:
            picture.paste(strip, (margin_dots, y))
            y += strip.height
        return picture

    def _let_out(self, strip: Image.Image) -> None:
        self._strips.append(strip)
        self.length_dots += strip.height

    def _indent(self, width: int, align: Align) -> int:
        match align:
            case Align.LEFT:
                return 0
            case Align.CENTRE:
                return max(0, (self.width_dots - width) // 2)
            case Align.RIGHT:
                return max(0, self.width_dots - width)


def barcode_image(data: str, module_dots: int, height: int) -> Image.Image:
    """Return a Code 128 symbol without quiet zones, `height` dots high."""
    return modules_image(code128_modules(data), module_dots, height)


def modules_image(modules: str, module_dots: int, height: int) -> Image.Image:
    """Return bars for ones and spaces for zeros, each `module_dots` wide, without quiet zones."""
    image = Image.new("1", (len(modules), 1), 1)
    image.putdata([0 if module == "1" else 255 for module in modules])
    return image.resize((len(modules) * module_dots, height), Image.Resampling.NEAREST)


def qr_image(payload: str, module_dots: int, *, quiet: int = QR_QUIET_MODULES) -> Image.Image:
    """Return a QR code with `quiet` modules of white around it; readers want four."""
    matrix = qr_matrix(payload)
    side = len(matrix) + 2 * quiet
    image = Image.new("1", (side, side), 1)
    draw = ImageDraw.Draw(image)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                draw.point((x + quiet, y + quiet), 0)
    return image.resize((side * module_dots, side * module_dots), Image.Resampling.NEAREST)


def logo_image(png: bytes, width_dots: int) -> Image.Image:
    """Return a logo as dots, no wider than the paper.

    Raises:
        ValueError: if the bytes are no picture.
    """
    try:
        with Image.open(BytesIO(png)) as file:
            see_through = "A" in file.getbands() or "transparency" in file.info
            logo = file.convert("RGBA" if see_through else "L")
    except (OSError, Image.DecompressionBombError) as error:
        raise ValueError("the logo is no picture") from error
    if see_through:
        logo = Image.alpha_composite(Image.new("RGBA", logo.size, "white"), logo).convert("L")
    if logo.width > width_dots:
        logo = logo.resize((width_dots, max(1, logo.height * width_dots // logo.width)), Image.Resampling.LANCZOS)
    return logo.convert("1")
