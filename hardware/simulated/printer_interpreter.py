"""Understands ESC/POS bytes as a receipt printer with Chinese characters does, and puts them on paper."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from app.sales.receipt_columns import cells_of
from app.sales.receipt_elements import Align
from hardware.printers.fonts import CellFont
from hardware.printers.paper import Glyph, Paper, modules_image
from hardware.printers.profile import CELL_DOTS, LINE_DOTS, PrinterProfile
from hardware.printers.symbols import code128_modules, retail_modules
from hardware.printers.text import place

_ALIGNMENTS: Final = {0: Align.LEFT, 1: Align.CENTRE, 2: Align.RIGHT, 48: Align.LEFT, 49: Align.CENTRE, 50: Align.RIGHT}
_SHEETS_KEPT: Final = 1000
_UNKNOWN: Final = "�"


@dataclass(slots=True)
class Sheet:
    """The paper between two cuts."""

    paper: Paper
    lines: list[str] = field(default_factory=list)
    """Characters as printed, each line placed by cells."""

    cut: bool = False

    @property
    def text(self) -> str:
        """What can be read on it; symbols and pictures left out."""
        return "\n".join(self.lines).strip("\n") + "\n"

    def picture(self, margin_dots: int = 0) -> Image.Image:
        """Return what it looks like, in greys."""
        return self.paper.picture(margin_dots)


class NotYet(Exception):
    """Raised when a command has not come whole yet."""


class Reader:
    """Takes one command's bytes from the front of a buffer."""

    def __init__(self, buffer: bytearray) -> None:
        """Begin at the front."""
        self._buffer = buffer
        self.taken = 0

    def byte(self) -> int:
        """Take one byte."""
        return self.bytes(1)[0]

    def bytes(self, count: int) -> bytes:
        """Take so many bytes."""
        if self.taken + count > len(self._buffer):
            raise NotYet
        piece = bytes(self._buffer[self.taken : self.taken + count])
        self.taken += count
        return piece

    def word(self) -> int:
        """Take a little-endian number of two bytes."""
        return int.from_bytes(self.bytes(2), "little")


@dataclass(slots=True)
class _Settings:
    """What `ESC @` resets."""

    align: Align = Align.LEFT
    bold: bool = False
    wide: int = 1
    high: int = 1
    chinese: bool = False
    line_dots: int = LINE_DOTS
    barcode_height: int = 162
    barcode_module: int = 3
    qr_module: int = 3
    qr_data: bytes = b""


class Interpreter:
    """Executes printer commands from a buffer, one at a time."""

    def __init__(self, profile: PrinterProfile, font: CellFont, answer: Callable[[bytes], None]) -> None:
        """Start with empty paper.

        Args:
            profile: width, and what the printer has: without Chinese characters their bytes come out as signs of
                code page 437.
            font: draws the characters.
            answer: takes what the printer sends back in its turn.
        """
        self._profile = profile
        self._font = font
        self._answer = answer
        self.sheets: deque[Sheet] = deque(maxlen=_SHEETS_KEPT)
        """The papers that came out last, the oldest first."""

        self._cut_dots = 0
        self.kicks: list[tuple[int, int, int]] = []
        """Drawer pulses: connector, on and off in ms."""

        self.unknown: list[bytes] = []
        """Commands it did not understand: none, if the till speaks as it should."""

        self.status_bytes: Callable[[], bytes] = lambda: b""
        self.automatic_status = False
        self.automatic_due = False
        """Whether automatic status was switched on just now, which makes a printer say it at once."""

        self._set = _Settings()
        self._line: list[Glyph] = []

    def reset(self) -> None:
        """Forget settings and what has not come on paper, as switching off does; the paper stays."""
        self._set = _Settings()
        self._line = []
        self.automatic_status = self.automatic_due = False

    @property
    def sheet(self) -> Sheet:
        """The paper that hangs out of the printer."""
        if not self.sheets or self.sheets[-1].cut:
            self.sheets.append(Sheet(Paper(self._profile.width_dots, self._font)))
        return self.sheets[-1]

    @property
    def printed_dots(self) -> int:
        """How much paper came out since it was made."""
        return self._cut_dots + (0 if not self.sheets or self.sheets[-1].cut else self.sheets[-1].paper.length_dots)

    def step(self, buffer: bytearray) -> bool:
        """Execute the first command of a buffer and take it out; false where it is not whole yet."""
        reader = Reader(buffer)
        try:
            self._execute(reader)
        except NotYet:
            return False
        del buffer[: reader.taken]
        return True

    def _execute(self, reader: Reader) -> None:
        first = reader.byte()
        match first:
            case 0x0A:
                self._print_line()
            case 0x1B:
                self._escape(reader)
            case 0x1D:
                self._group(reader)
            case 0x1C:
                self._chinese_mode(reader)
            case 0x10:
                # A real-time command: obeyed when it arrived, skipped in its turn.
                reader.bytes({0x04: 1, 0x05: 1, 0x14: 3}.get(reader.byte(), 0))
            case _ if first >= 0x20:
                self._character(first, reader)
            case _:
                pass

    def _character(self, first: int, reader: Reader) -> None:
        if first < 0x80:
            text = chr(first)
        elif not (self._set.chinese and self._profile.chinese_rom):
            text = bytes((first,)).decode("cp437")
        else:
            pair = bytes((first, reader.byte()))
            text = _UNKNOWN if 0x30 <= pair[1] <= 0x39 else pair.decode("gb18030", errors="replace")[:1]
        glyph = Glyph(text, self._set.bold, self._set.wide, self._set.high)
        used = sum(other.cells * other.wide for other in self._line)
        if (used + glyph.cells * glyph.wide) * CELL_DOTS > self._profile.width_dots:
            self._print_line()
        self._line.append(glyph)

    def _print_line(self) -> None:
        line, self._line = self._line, []
        sheet = self.sheet
        if not line:
            sheet.paper.feed(self._set.line_dots)
            sheet.lines.append("")
            return
        sheet.paper.print_line(line, self._set.align, self._set.line_dots)
        text = "".join(glyph.cluster for glyph in line)
        # A large line is placed by its own cells, then stands where its first letter stands on paper.
        widened = sum(glyph.cells * glyph.wide for glyph in line) - cells_of(text)
        columns = self._profile.columns - (widened if self._set.align is not Align.LEFT else 0)
        sheet.lines.append(place(text, self._set.align, columns))

    def _feed_dots(self, dots: int) -> None:
        if self._line:
            self._print_line()
            dots -= self._set.line_dots
        self.sheet.paper.feed(dots)

    def _escape(self, reader: Reader) -> None:
        command = chr(reader.byte())
        match command:
            case "@":
                self._set, self._line = _Settings(), []
            case "a":
                self._set.align = _ALIGNMENTS.get(reader.byte(), self._set.align)
            case "E":
                self._set.bold = bool(reader.byte() & 1)
            case "2":
                self._set.line_dots = LINE_DOTS
            case "3":
                self._set.line_dots = reader.byte()
            case "J":
                self._feed_dots(reader.byte())
            case "d":
                for _ in range(reader.byte()):
                    self._print_line()
            case "p":
                connector, on, off = reader.bytes(3)
                self.kicks.append((connector & 1, on * 2, off * 2))
            case _:
                self.unknown.append(b"\x1b" + command.encode("latin-1"))

    def _chinese_mode(self, reader: Reader) -> None:
        command = reader.byte()
        if command in {0x26, 0x2E}:
            self._set.chinese = command == 0x26
        else:
            self.unknown.append(bytes((0x1C, command)))

    def _group(self, reader: Reader) -> None:
        command = chr(reader.byte())
        match command:
            case "!":
                size = reader.byte()
                self._set.wide, self._set.high = (size >> 4 & 7) + 1, (size & 7) + 1
            case "h" | "w" | "H" | "k":
                self._barcode(command, reader)
            case "(":
                self._function(reader)
            case "v":
                self._raster(reader)
            case "V":
                self._cut(reader)
            case "a":
                self.automatic_status = self.automatic_due = bool(reader.byte())
            case "r":
                reader.byte()
                self._answer(self.status_bytes())
            case _:
                self.unknown.append(b"\x1d" + command.encode("latin-1"))

    def _barcode(self, command: str, reader: Reader) -> None:
        kind = reader.byte()
        if command != "k":
            if command == "h":
                self._set.barcode_height = kind
            elif command == "w":
                self._set.barcode_module = kind
            return
        data = reader.bytes(reader.byte())
        at = self._set
        modules = _modules(kind, data) if self._profile.native_barcode else ""
        if not modules:
            self.unknown.append(b"\x1dk" + bytes((kind,)))
        elif len(modules) * at.barcode_module <= self._profile.width_dots:
            # One too wide for the paper is not printed at all.
            self.sheet.paper.print_picture(modules_image(modules, at.barcode_module, at.barcode_height), at.align)

    def _function(self, reader: Reader) -> None:
        kind = reader.byte()
        data = reader.bytes(reader.word())
        if kind != ord("k") or data[0] != ord("1") or not self._profile.native_qr:
            self.unknown.append(b"\x1d(" + bytes((kind,)))
            return
        match data[1]:
            case 67:
                self._set.qr_module = data[2]
            case 80:
                self._set.qr_data = data[3:]
            case 81 if self._set.qr_data:
                payload = self._set.qr_data.decode("utf-8", errors="replace")
                self.sheet.paper.print_qr(payload, self._set.qr_module, self._set.align, quiet=0)
            case _:
                pass

    def _raster(self, reader: Reader) -> None:
        reader.bytes(2)
        width_bytes, height = reader.word(), reader.word()
        data = reader.bytes(width_bytes * height)
        if not data:
            return
        # Bits are dots: one is black here and white in Pillow.
        dots = Image.frombytes("1", (width_bytes * 8, height), bytes(byte ^ 0xFF for byte in data))
        self.sheet.paper.print_picture(dots, self._set.align)

    def _cut(self, reader: Reader) -> None:
        if reader.byte() in {65, 66}:
            self.sheet.paper.feed(reader.byte())
        if self._profile.cutter and self.sheet.paper.length_dots:
            sheet = self.sheet
            sheet.cut = True
            self._cut_dots += sheet.paper.length_dots


def _modules(kind: int, data: bytes) -> str:
    """Return the ones and zeros of what `GS k` draws; empty where this printer does not know the kind or the data."""
    try:
        match kind:
            case 0x43 | 0x44:
                return retail_modules(data.decode("ascii"))
            case 0x49:
                return code128_modules(_code128_text(data))
            case _:
                return ""
    except ValueError:
        return ""


def _code128_text(data: bytes) -> str:
    """Return what `GS k 73` data says, code sets taken out."""
    text, pairs, place_ = "", False, 0
    while place_ < len(data):
        if data[place_] == ord("{") and place_ + 1 < len(data):
            if data[place_ + 1] == ord("{"):
                text += "{"
            pairs = data[place_ + 1] == ord("C")
            place_ += 2
            continue
        text += f"{data[place_]:02d}" if pairs else chr(data[place_])
        place_ += 1
    return text
