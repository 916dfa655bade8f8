"""A receipt as plain text of so many columns: for screens, e-mails and logs."""

from collections.abc import Iterable
from dataclasses import replace

from app.sales.receipt_columns import PrintedLine, cells_of, compose
from app.sales.receipt_elements import Align, Cut, Element, Feed, QrCode, Row, Size, TextLine


def render_text(elements: Iterable[Element], columns: int) -> str:
    """Return the receipt as lines that end in a newline, none wider than `columns` cells.

    Sizes and emphasis are left out, so large lines have as many columns as the others; a QR code becomes its content
    on a line of its own, broken nowhere; a picture and a barcode, whose digits stand beneath it, become nothing.
    """
    lines: list[str] = []
    for piece in compose(map(_plain, elements), columns):
        match piece:
            case PrintedLine():
                lines.append(place(piece.text, piece.align, columns))
            case QrCode():
                lines.append(piece.payload)
            case Feed():
                lines.extend([""] * piece.lines)
            case Cut():
                lines.append("")
            case _:
                pass
    return "\n".join(lines).strip("\n") + "\n"


def _plain(element: Element) -> Element:
    if isinstance(element, TextLine | Row):
        return replace(element, size=Size.NORMAL)
    return element


def place(text: str, align: Align, columns: int) -> str:
    """Return a line with the spaces before it that its alignment asks for."""
    free = max(0, columns - cells_of(text))
    match align:
        case Align.LEFT:
            return text
        case Align.CENTRE:
            return " " * (free // 2) + text
        case Align.RIGHT:
            return " " * free + text
