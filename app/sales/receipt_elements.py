"""What a receipt is made of on any device: lines, rows, tables, codes, pictures, feeds and cuts."""

from dataclasses import dataclass
from enum import Enum


class Align(Enum):
    """Where a line stands across the paper."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class Size(Enum):
    """How large characters are, as receipt printers know it."""

    NORMAL = "normal"
    TALL = "tall"
    """Twice the height."""

    BIG = "big"
    """Twice the height and twice the width: half as many characters on a line."""

    @property
    def wide(self) -> int:
        """Factor on the width of a character."""
        return 2 if self is Size.BIG else 1

    @property
    def high(self) -> int:
        """Factor on the height of a character."""
        return 1 if self is Size.NORMAL else 2


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text of its own, wrapped where it is longer than the paper is wide."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    size: Size = Size.NORMAL
    indent: int = 0
    """Cells left free before every line of it; only where it is aligned left."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text on the left and one, usually an amount, against the right edge."""

    left: str
    right: str
    bold: bool = False
    size: Size = Size.NORMAL
    indent: int = 0
    """Cells left free before the left text."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equal columns: the first aligned left, the others right; stacked where the paper is too narrow."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Each as long as the header."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    stroke: str = "-"
    """One ASCII character."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """A Code 128 symbol, centred."""

    data: str
    """ASCII."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code, centred."""

    payload: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, such as the shop's logo, centred; made narrower where the paper is."""

    png: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty paper."""

    lines: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of a piece of paper."""


Element = TextLine | Row | Table | Rule | Barcode | QrCode | Picture | Feed | Cut
