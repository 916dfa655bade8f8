"""A receipt as ESC/POS: the commands, in pieces that a status request may stand between."""

from collections.abc import Iterable, Iterator
from typing import Final

from PIL import Image

from app.sales.receipt_columns import PrintedLine, compose
from app.sales.receipt_elements import Align, Barcode, Cut, Element, Feed, Picture, QrCode
from hardware.printers.characters import encode_line, in_font, spell_for_font
from hardware.printers.fonts import CellFont, NoChineseFont, installed_font
from hardware.printers.paper import BARCODE_HEIGHT, Paper, barcode_image, glyphs_of, logo_image, qr_image
from hardware.printers.picture import line_distance, render_picture
from hardware.printers.profile import AIR_DOTS, LINE_DOTS, PrinterProfile
from hardware.printers.symbols import REAL_TIME, code128_commands_data, code128_width, qr_module_dots

INITIALIZE: Final = b"\x1b@"
BAND_DOTS: Final = 48
"""Rows of dots sent in one `GS v 0`: small enough for the smallest buffer."""

_FEED_AIR: Final = bytes((0x1B, 0x4A, AIR_DOTS))
_ALIGNMENTS: Final = {Align.LEFT: b"\x1ba\x00", Align.CENTRE: b"\x1ba\x01", Align.RIGHT: b"\x1ba\x02"}


def render_escpos(
    elements: Iterable[Element], profile: PrinterProfile, font: CellFont | None = None
) -> tuple[bytes, ...]:
    """Return the commands that print a receipt, each piece holding whole commands.

    Args:
        elements: the receipt's.
        profile: what the printer can.
        font: draws what the printer cannot; the installed one where none is given.

    Raises:
        NoChineseFont: if the printer has no Chinese characters and this computer neither.
    """
    return tuple(_EscposWriter(profile, font).write(elements))


class _EscposWriter:
    """Writes one receipt; remembers the printer's settings so that none is sent twice."""

    def __init__(self, profile: PrinterProfile, font: CellFont | None) -> None:
        self._profile = profile
        self._font = font
        self._align = Align.LEFT
        self._line_dots = 0

    def write(self, elements: Iterable[Element]) -> Iterator[bytes]:
        # The codes of Chinese mode differ from the start between makes: leave it, then enter it where it is needed.
        yield INITIALIZE + b"\x1c." + self._line_spacing(LINE_DOTS)
        if not self._profile.chinese_rom:
            yield from self._as_pictures(elements)
            return
        keep_rare = self._can_draw()
        for piece in compose(elements, self._profile.columns, lambda text: spell_for_font(text, keep_rare=keep_rare)):
            yield from self._piece(piece)

    def _can_draw(self) -> bool:
        try:
            self._font = self._font or installed_font()
        except NoChineseFont:
            # The printer's own font holds nearly every receipt; 〓 stands for the rest.
            return False
        return True

    def _piece(self, piece: PrintedLine | Barcode | QrCode | Picture | Feed | Cut) -> Iterator[bytes]:
        match piece:
            case PrintedLine():
                yield from self._line(piece)
            case QrCode():
                yield from self._qr(piece.payload)
            case Barcode():
                yield from self._barcode(piece.data)
            case Picture():
                yield from self._bands(logo_image(piece.png, self._profile.width_dots), Align.CENTRE)
                yield b"\n"
            case Feed():
                yield self._line_spacing(LINE_DOTS) + b"\n" * piece.lines
            case Cut():
                yield self._cut()

    def _line(self, line: PrintedLine) -> Iterator[bytes]:
        if not all(map(in_font, line.text)):
            yield from self._bands(self._drawn(line), Align.LEFT)
            return
        style, plain = b"", b""
        if line.size.high > 1:
            style, plain = bytes((0x1D, 0x21, (line.size.wide - 1) << 4 | line.size.high - 1)), b"\x1d!\x00"
        if line.bold:
            style, plain = style + b"\x1bE\x01", plain + b"\x1bE\x00"
        settings = self._aligned(line.align) + self._line_spacing(line_distance(line))
        yield settings + style + encode_line(line.text) + plain + b"\n"

    def _drawn(self, line: PrintedLine) -> Image.Image:
        paper = Paper(self._profile.width_dots, self._font or installed_font())
        glyphs = glyphs_of(line.text, bold=line.bold, wide=line.size.wide, high=line.size.high)
        paper.print_line(glyphs, line.align, line_distance(line))
        return paper.picture()

    def _qr(self, payload: str) -> Iterator[bytes]:
        module_dots = qr_module_dots(payload, self._profile.width_dots)
        if not self._profile.native_qr:
            yield from self._bands(qr_image(payload, module_dots), Align.CENTRE)
            return
        from escpos.constants import QR_ECLEVEL_M
        from escpos.printer import Dummy

        printer = Dummy()
        printer.qr(payload, ec=QR_ECLEVEL_M, size=module_dots, native=True)
        # Printers draw no quiet zone of their own: an empty line above and below is it.
        yield self._aligned(Align.CENTRE) + self._line_spacing(LINE_DOTS) + b"\n" + bytes(printer.output) + b"\n"

    def _barcode(self, data: str) -> Iterator[bytes]:
        module_dots = code128_width(data, self._profile.width_dots)
        if not module_dots:
            return
        encoded = code128_commands_data(data) if self._profile.native_barcode else None
        if encoded is None:
            yield from self._bands(barcode_image(data, module_dots, BARCODE_HEIGHT), Align.CENTRE)
            yield _FEED_AIR
            return
        size = bytes((0x1D, 0x68, BARCODE_HEIGHT, 0x1D, 0x77, module_dots))
        # No digits beneath (GS H 0): the receipt has its own line for them.
        yield self._aligned(Align.CENTRE) + size + b"\x1dH\x00\x1dkI" + bytes((len(encoded),)) + encoded + _FEED_AIR

    def _cut(self) -> bytes:
        feed = self._line_spacing(LINE_DOTS) + b"\n" * self._profile.feed_before_cut
        if not self._profile.cutter:
            return feed
        return feed + (b"\x1dV\x01" if self._profile.partial_cut else b"\x1dV\x00")

    def _as_pictures(self, elements: Iterable[Element]) -> Iterator[bytes]:
        """Send everything between two cuts as one picture; the paper is then fed by the cut itself."""
        piece: list[Element] = []
        for element in (*elements, None):
            if element is not None and not isinstance(element, Cut):
                piece.append(element)
                continue
            if piece:
                yield from self._bands(render_picture(piece, self._profile, self._font), Align.LEFT)
                piece = []
            if element is not None:
                yield self._cut()

    def _bands(self, picture: Image.Image, align: Align) -> Iterator[bytes]:
        """Send a picture by `GS v 0`, band by band."""
        dots = picture.convert("L").point(lambda grey: 255 if grey < 144 else 0).convert("1", dither=Image.Dither.NONE)
        width = (dots.width + 7) // 8
        settings = self._aligned(align)
        for top in range(0, dots.height, BAND_DOTS):
            height = min(BAND_DOTS, dots.height - top)
            # PIL pads each row with white bits to whole bytes, as the printer wants it.
            raster = dots.crop((0, top, dots.width, top + height)).tobytes()
            # One dot more where the picture would hold a real-time command and, say, open the drawer.
            raster = REAL_TIME.sub(lambda found: bytes((0x10, found[1][0] | 0x08)), raster)
            header = b"\x1dv0\x00" + width.to_bytes(2, "little") + height.to_bytes(2, "little")
            yield settings + header + raster
            settings = b""

    def _aligned(self, align: Align) -> bytes:
        if align is self._align:
            return b""
        self._align = align
        return _ALIGNMENTS[align]

    def _line_spacing(self, dots: int) -> bytes:
        if dots == self._line_dots:
            return b""
        self._line_dots = dots
        return bytes((0x1B, 0x33, dots))
