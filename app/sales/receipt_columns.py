"""Sets a receipt's elements into lines of so many cells, the same for every device that prints characters.

A cell is the width of a Latin letter; a Hanzi is two (Unicode Standard Annex 11). Characters of ambiguous width
count as two, since they come out of a printer's Chinese font; accented Latin letters do not.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from app.sales.receipt_elements import (
    Align,
    Barcode,
    Cut,
    Element,
    Feed,
    Picture,
    QrCode,
    Row,
    Rule,
    Size,
    Table,
    TextLine,
)

_NEVER_FIRST: Final = frozenset("，。、；：？！）》〉」』】〕％℃…—～·’”")
"""Punctuation that may not begin a line (GB/T 15834, 5.1)."""

_NEVER_LAST: Final = frozenset("（《〈「『【〔‘“￥")
"""Punctuation that may not end a line."""


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line of characters, already as wide as it will be."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    size: Size = Size.NORMAL


Composed = PrintedLine | Barcode | QrCode | Picture | Feed | Cut
"""What is left when texts, rows, tables and rules are lines."""


_BEYOND_LATIN: Final = "\u0250"
"""Letters before it are Latin; é is as narrow as e, though Chinese fonts of old hold some of them full-width."""


def paper_text(text: str) -> str:
    r"""Return a text as paper can hold it: composed, on one line, nothing invisible, the yuan sign full-width.

    A printer's Chinese font has ￥ (GBK A3 A4) and not the half-width ¥.

    >>> paper_text("a\tb\u200b ¥5")
    'a b ￥5'
    """
    kept: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if character == "¥":
            kept.append("￥")
        elif category in {"Cc", "Zl", "Zp"} or (category == "Zs" and character != "　"):
            kept.append(" ")
        elif category == "Cs":
            kept.append("�")
        elif category != "Cf":
            kept.append(character)
    return "".join(kept)


def cells_of(text: str) -> int:
    """Return how many cells a text takes.

    >>> cells_of("milk"), cells_of("牛奶"), cells_of("2 × 牛奶")
    (4, 4, 9)
    """
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if character < _BEYOND_LATIN and (character.isascii() or character.isalpha()):
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F", "A"} else 1


def wrap(text: str, columns: int) -> tuple[str, ...]:
    """Break a text into lines of at most so many cells; nothing of it is lost but the spaces at the breaks.

    Breaks at spaces and between Hanzi, never inside a Latin word or number unless it is longer than the line.

    >>> wrap("Fresh whole milk 1 L", 12)
    ('Fresh whole', 'milk 1 L')
    >>> wrap("纯牛奶1L家庭装", 8)
    ('纯牛奶1L', '家庭装')
    """
    return _wrap(paper_text(text), columns)


def _wrap(text: str, columns: int) -> tuple[str, ...]:
    lines: list[str] = []
    line, used = "", 0
    for atom in _atoms(text):
        width = cells_of(atom)
        if used + width <= columns:
            line, used = line + atom, used + width
            continue
        if atom == " ":
            continue
        if line.strip():
            lines.append(line.rstrip(" "))
        *full, line = _split_long(atom, columns)
        lines.extend(full)
        used = cells_of(line)
    if line.strip() or not lines:
        lines.append(line.rstrip(" "))
    return tuple(lines)


def _atoms(text: str) -> Iterator[str]:
    """Yield what a line may be broken between: words, single Hanzi with their punctuation, spaces."""
    atom = ""
    for character in text:
        if atom and _holds_together(atom[-1], character):
            atom += character
            continue
        if atom:
            yield atom
        atom = character
    if atom:
        yield atom


def _holds_together(before: str, after: str) -> bool:
    if _cells(after) == 0:
        return True
    if before == " " or after == " ":
        return False
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return True
    return _cells(before) == 1 and _cells(after) == 1


def _split_long(atom: str, columns: int) -> list[str]:
    pieces, piece, used = [], "", 0
    for character in atom:
        width = _cells(character)
        if used + width > columns and piece:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + character, used + width
    return [*pieces, piece]


def compose(elements: Iterable[Element], columns: int, spell: Callable[[str], str] = paper_text) -> Iterator[Composed]:
    """Turn elements into lines and codes for a device with so many cells on a line; no line is longer.

    Args:
        elements: a receipt's.
        columns: cells on a line at normal size, at least 16.
        spell: writes a text in the characters that the device has, before anything is measured.
    """
    for spoken in elements:
        element = _spelled(spoken, spell)
        match element:
            case TextLine():
                yield from _compose_text(element, columns)
            case Row():
                yield from _compose_row(element, columns)
            case Table():
                yield from _compose_table(element, columns)
            case Rule():
                yield PrintedLine(element.stroke * columns)
            case _:
                yield element


def _spelled(element: Element, spell: Callable[[str], str]) -> Element:
    match element:
        case TextLine():
            return replace(element, text=spell(element.text))
        case Row():
            return replace(element, left=spell(element.left), right=spell(element.right))
        case Table():
            rows = tuple(tuple(map(spell, row)) for row in element.rows)
            return Table(tuple(map(spell, element.header)), rows)
        case _:
            return element


def _compose_text(element: TextLine, columns: int) -> Iterator[PrintedLine]:
    indent = " " * (element.indent if element.align is Align.LEFT else 0)
    for line in _wrap(element.text, columns // element.size.wide - len(indent)):
        yield PrintedLine(indent + line, element.align, element.bold, element.size)


def _compose_row(row: Row, columns: int) -> Iterator[PrintedLine]:
    width = columns // row.size.wide
    beside = width - row.indent - cells_of(row.right) - 1
    if beside >= (width - row.indent) // 3:
        left = _wrap(row.left, beside)
        lines = [*left[:-1], _spread(" " * row.indent + left[-1], row.right, width)]
        lines[:-1] = [" " * row.indent + line for line in lines[:-1]]
    elif row.indent + cells_of(row.left) + 1 + cells_of(row.right) <= width:
        lines = [_spread(" " * row.indent + row.left, row.right, width)]
    else:
        lines = [" " * row.indent + line for line in _wrap(row.left, width - row.indent)]
        lines += [_spread("", line, width) for line in _wrap(row.right, width)]
    for line in lines:
        yield PrintedLine(line, Align.LEFT, row.bold, row.size)


def _spread(left: str, right: str, width: int) -> str:
    return left + " " * (width - cells_of(left) - cells_of(right)) + right


def _compose_table(table: Table, columns: int) -> Iterator[PrintedLine]:
    rows = (table.header, *table.rows)
    widths = [max(cells_of(row[place]) for row in rows) for place in range(len(table.header))]
    spare = columns - sum(widths)
    gaps = len(widths) - 1
    if gaps and spare >= gaps:
        # Spare cells go between the columns, evenly, so that the last column ends at the paper's edge.
        shares = [spare * (place + 1) // gaps - spare * place // gaps for place in range(gaps)]
        for row in rows:
            line = row[0] + " " * (widths[0] - cells_of(row[0]))
            for cell, width, share in zip(row[1:], widths[1:], shares, strict=True):
                line += " " * (share + width - cells_of(cell)) + cell
            yield PrintedLine(line)
        return
    for row in table.rows:
        for name, cell in zip(table.header, row, strict=True):
            yield from _compose_row(Row(name, cell), columns)
