"""Draws one shelf label: names above, a price to be read from two steps away, and a barcode that scans."""

from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from app.catalogue.shelf_labels import ShelfLabel
from app.values.money import format_minor
from app.values.quantity import SellingUnit
from app.values.speech import LANGUAGES, Speech
from app.values.wording import Wording, wording
from hardware.printers.paper import modules_image
from hardware.printers.shelf_label_fonts import LabelFonts, fit_lines, shortened
from hardware.printers.symbols import (
    CODE128_QUIET_MODULES,
    RETAIL_QUIET_MODULES,
    code128_modules,
    retail_modules,
)

_INK: Final = 0
_GREY: Final = 96
_HAIRLINE_GREY: Final = 176
_WIDEST_MODULE_UM: Final = 360
_NARROWEST_MODULE_UM: Final = 250
"""Hand scanners read it. GS1 wants 264 um on goods; a shelf label is read by the shop alone, and its price comes first.
"""

PER: Final = {
    SellingUnit.EACH: wording("each"),
    SellingUnit.KILOGRAM: wording("per kg"),
    SellingUnit.LITRE: wording("per litre"),
    SellingUnit.METRE: wording("per metre"),
}
"""What a price is per, as it stands beneath it."""


def unit_price_words(label: ShelfLabel) -> Wording | None:
    """Return the unit price as it stands on a label; None where there is none."""
    if label.unit_price is None:
        return None
    return wording(
        "Unit price {price} / {base}",
        price=f"{label.currency.symbol}{format_minor(label.unit_price.amount_minor, label.currency)}",
        base=label.unit_price.base.value,
    )


def second_name(label: ShelfLabel, speech: Speech) -> str:
    """Return the name in another language than the label's; empty where the shop wrote none."""
    first = speech.say(label.name)
    others = (label.name.in_language(language) for language in LANGUAGES)
    return next((name for name in (*others, label.name.default) if name != first), "")


def digits_in_groups(digits: str) -> str:
    """Return a barcode's digits as they are read aloud.

    >>> digits_in_groups("6901234567892"), digits_in_groups("96385074")
    ('6 901234 567892', '9638 5074')
    """
    match len(digits):
        case 13:
            return f"{digits[0]} {digits[1:7]} {digits[7:]}"
        case 8:
            return f"{digits[:4]} {digits[4:]}"
        case _:
            return digits


def modules_of(digits: str) -> tuple[str, int]:
    """Return the ones and zeros of a barcode, and how many modules of white it needs on each side."""
    if len(digits) in {8, 13}:
        return retail_modules(digits), RETAIL_QUIET_MODULES
    return code128_modules(digits), CODE128_QUIET_MODULES


@dataclass(frozen=True, slots=True)
class _Box:
    """A part of the label, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


class LabelArtist:
    """Draws labels of one size, resolution and language."""

    def __init__(self, width: int, height: int, dots_per_inch: int, speech: Speech, fonts: LabelFonts) -> None:
        """Say how large.

        Args:
            width: of a label, in pixels.
            height: the same.
            dots_per_inch: pixels to the inch; barcodes have the width that scanners want whatever it is.
            speech: the language that comes first.
            fonts: draws the characters.
        """
        self._size = (width, height)
        self._dots_per_inch = dots_per_inch
        self._speech = speech
        self._fonts = fonts

    def draw(self, label: ShelfLabel) -> Image.Image:
        """Return a label in greys."""
        width, height = self._size
        picture = Image.new("L", self._size, 255)
        draw = ImageDraw.Draw(picture)
        margin = max(6, height * 5 // 100)
        top = self._names(draw, label, _Box(margin, margin, width - margin, height * 44 // 100))
        draw.line((margin, top, width - margin, top), _HAIRLINE_GREY, max(1, height // 300))
        below = _Box(margin, top + height * 3 // 100, width - margin, height - margin)
        middle = self._left(picture, draw, label, below)
        self._right(draw, label, _Box(middle + height * 5 // 100, below.top, below.right, below.bottom))
        return picture

    def _names(self, draw: ImageDraw.ImageDraw, label: ShelfLabel, box: _Box) -> int:
        """Write the name on two lines at most and the other language's on one; return where the names' room ends."""
        small = self._font(self._size[1] * 66 // 1000)
        name = self._speech.say(label.name)
        font, step = self._font(self._size[1] * 165 // 1000, bold=True), self._size[1] * 200 // 1000
        lines = fit_lines(name, font, box.width, 2)
        if len(lines) > 1:
            # Longer than one large line: two smaller ones.
            font, step = self._font(self._size[1] * 118 // 1000, bold=True), self._size[1] * 138 // 1000
            lines = fit_lines(name, font, box.width, 2)
        for place, line in enumerate(lines):
            draw.text((box.left, box.top + place * step), line, _INK, font, anchor="la")
        if other := second_name(label, self._speech):
            y = box.top + len(lines) * step + self._size[1] // 100
            (line,) = fit_lines(other, small, box.width, 1)
            draw.text((box.left, y), line, _GREY, small, anchor="la")
        return box.bottom

    def _left(self, picture: Image.Image, draw: ImageDraw.ImageDraw, label: ShelfLabel, box: _Box) -> int:
        """Write specification and unit price above the barcode; return where the column ends."""
        digits = label.barcode_digits
        column = self._column(digits, box.width)
        font = self._font(self._size[1] * 75 // 1000, bold=True)
        small = self._font(self._size[1] * 66 // 1000)
        y = box.top
        if label.specification:
            draw.text((box.left, y), self._within(label.specification, font, column), _INK, font, anchor="la")
            y += self._size[1] * 95 // 1000
        if (words := unit_price_words(label)) is not None:
            draw.text((box.left, y), self._within(self._speech.say(words), small, column), _INK, small, anchor="la")
            y += self._size[1] * 112 // 1000
        foot = box.bottom - self._size[1] * 78 // 1000
        bars = self._bars(digits, column, min(foot - y, self._size[1] * 26 // 100)) if digits else None
        if bars is not None:
            # The label's own margin is part of the white that a barcode needs beside it.
            left = box.left + max(0, RETAIL_QUIET_MODULES * bars.width // len(modules_of(digits)[0]) - box.left)
            picture.paste(bars, (left, foot - bars.height))
            middle = left + bars.width // 2
            draw.text((middle, box.bottom), digits_in_groups(digits), _INK, small, anchor="md")
        elif digits:
            draw.text((box.left, box.bottom), digits_in_groups(digits), _INK, small, anchor="ld")
        elif label.plu:
            draw.text((box.left, box.bottom), f"PLU {label.plu}", _INK, self._font(self._size[1] // 8), anchor="ld")
        return box.left + column

    @property
    def _finest(self) -> int:
        """How many pixels the narrowest bar must have."""
        return max(2, -(-_NARROWEST_MODULE_UM * self._dots_per_inch // 25_400))

    def _column(self, digits: str, width: int) -> int:
        """Return how wide the barcode's column is: less than half, for the price; more where a long code needs it."""
        least = width * 46 // 100
        if not digits:
            return least
        modules, quiet = modules_of(digits)
        needed = (len(modules) + quiet) * self._finest
        return max(least, needed) if needed <= width * 62 // 100 else least

    def _bars(self, digits: str, width: int, height: int) -> Image.Image | None:
        """Return a barcode without its white; None where it would be too fine to be read."""
        modules, quiet = modules_of(digits)
        widest = _WIDEST_MODULE_UM * self._dots_per_inch // 25_400
        dots = min(widest, width // (len(modules) + quiet))
        if dots < self._finest:
            return None
        return modules_image(modules, dots, max(1, height)).convert("L")

    def _right(self, draw: ImageDraw.ImageDraw, label: ShelfLabel, box: _Box) -> None:
        """Write the price as large as there is room, what it is per, and department and date in the corner."""
        tiny, small = self._font(self._size[1] * 55 // 1000), self._font(self._size[1] * 75 // 1000)
        line = self._size[1] * 85 // 1000
        printed = f" {label.printed_on:%Y-%m-%d}"
        department = "" if label.department is None else self._speech.say(label.department)
        beside = self._within(department, tiny, box.width - round(tiny.getlength(printed)))
        draw.text((box.right, box.bottom), beside + printed, _GREY, tiny, anchor="rd")
        baseline = box.bottom - 2 * line - self._size[1] * 2 // 100
        draw.text((box.right, box.bottom - line), self._speech.say(PER[label.unit]), _INK, small, anchor="rd")
        self._price(draw, label, _Box(box.left, box.top, box.right, baseline))

    def _price(self, draw: ImageDraw.ImageDraw, label: ShelfLabel, box: _Box) -> None:
        """Write the price against the right edge: every figure equally wide, the decimals small and raised."""
        whole, point, decimals = format_minor(label.price_minor, label.currency).partition(".")
        size = max(8, min(box.height * 125 // 100, self._size[1] * 45 // 100))
        while size > 8 and self._price_width(label.currency.symbol, whole, point + decimals, size) > box.width:
            size -= 2
        large, raised = self._font(size, bold=True), self._font(size * 55 // 100, bold=True)
        sign = self._font(size * 45 // 100, bold=True)
        cap = _height_of_figures(large) - _height_of_figures(raised)
        x = box.right
        x = _figures(draw, (x, box.bottom - cap), point + decimals, raised)
        x = _figures(draw, (x, box.bottom), whole, large)
        draw.text((x - size // 20, box.bottom), label.currency.symbol, _INK, sign, anchor="rs")

    def _price_width(self, symbol: str, whole: str, rest: str, size: int) -> int:
        sign = self._font(size * 45 // 100, bold=True)
        return (
            int(sign.getlength(symbol))
            + size // 20
            + _figures_width(whole, self._font(size, bold=True))
            + _figures_width(rest, self._font(size * 55 // 100, bold=True))
        )

    def _within(self, text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
        return text if font.getlength(text) <= width else shortened(text, font, width)

    def _font(self, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        return self._fonts.sized(max(6, size), bold=bold)


def _height_of_figures(font: ImageFont.FreeTypeFont) -> int:
    return -round(font.getbbox("0", anchor="ls")[1])


def _figure_width(font: ImageFont.FreeTypeFont) -> int:
    """Return the width of the widest figure: all get it, so that prices on a shelf stand under one another."""
    return max(round(font.getlength(figure)) for figure in "0123456789")


def _width_of(character: str, font: ImageFont.FreeTypeFont) -> int:
    return _figure_width(font) if character.isdigit() else round(font.getlength(character))


def _figures_width(text: str, font: ImageFont.FreeTypeFont) -> int:
    return sum(_width_of(character, font) for character in text)


def _figures(
    draw: ImageDraw.ImageDraw, right_on_baseline: tuple[int, int], text: str, font: ImageFont.FreeTypeFont
) -> int:
    """Write figures that end at a place on a baseline; return where they begin."""
    x, y = right_on_baseline
    for character in reversed(text):
        width = _width_of(character, font)
        draw.text((x - width / 2, y), character, _INK, font, anchor="ms")
        x -= width
    return x
