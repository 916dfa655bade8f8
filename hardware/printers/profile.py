"""What a receipt printer can do, so that no renderer asks for its make."""

from dataclasses import dataclass, field
from typing import Final

from app.values.problems import Problem
from app.values.wording import wording
from hardware.drawers.wiring import DrawerWiring

CELL_DOTS: Final = 12
"""Width of a Font A character."""

LINE_DOTS: Final = 30
"""Distance of two lines: 24 dots of character and 6 of air."""

AIR_DOTS: Final = 8
"""Between a barcode and the digits beneath it."""

_PAPER_DOTS: Final = {58: 384, 80: 576}
"""Printable dots at 203 dpi."""


class BadPrinterProfile(Problem):
    """Raised when a configured printer cannot be one."""

    code = "BAD-PRINTER"


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """A printer's abilities; the defaults are those of the usual 80 mm printer sold in China."""

    paper_mm: int = 80
    """58 or 80."""

    dots: int = 0
    """Printable dots across, a multiple of 8; 0 for what is usual on that paper (384 or 576)."""

    chinese_rom: bool = True
    """Whether it holds Chinese characters (GB18030, two-byte part); where not, the receipt is sent as a picture."""

    native_qr: bool = True
    """Whether it draws QR codes itself (`GS ( k`); where not, they are sent as pictures."""

    native_barcode: bool = True
    """Whether it draws Code 128 itself (`GS k`)."""

    cutter: bool = True
    partial_cut: bool = True
    """Whether a little is left standing, so that the receipt does not fall."""

    feed_before_cut: int = 4
    """Lines between the print head and the knife, or the edge to tear at."""

    answers_status: bool = True
    """Whether it answers `DLE EOT`; where not, a receipt counts as printed when its bytes are gone."""

    confirms: bool = True
    """Whether it answers `GS r` when it has come that far in its buffer, which tells a printed receipt from a sent
    one."""

    kicks_at_once: bool = True
    """Whether it obeys `DLE DC4`, so that the drawer opens even without paper."""

    drawer: DrawerWiring = field(default_factory=DrawerWiring)

    def __post_init__(self) -> None:
        if self.paper_mm not in _PAPER_DOTS:
            raise BadPrinterProfile(wording("Receipt paper is 58 or 80 mm wide, not {width}.", width=self.paper_mm))
        if self.dots % 8 or not 0 <= self.dots <= 1024:
            raise BadPrinterProfile(
                wording("A printer has a multiple of 8 dots across, at most 1024, not {dots}.", dots=self.dots)
            )

    @property
    def width_dots(self) -> int:
        """Printable dots across the paper."""
        return self.dots or _PAPER_DOTS[self.paper_mm]

    @property
    def columns(self) -> int:
        """Cells of a Latin letter across the paper."""
        return self.width_dots // CELL_DOTS
