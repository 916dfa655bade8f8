"""Draws text that wraps to a few lines and then fades: nothing is cut silently."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPen, QTextLayout, QTextOption

_FADE_PX: Final = 40
_THIN_SPACE: Final = "\u2009"
_UNBROKEN_THIN_SPACE: Final = "\u202f"
_MINUS: Final = "\u2212"
_WORD_JOINER: Final = "\u2060"
"""An amount stays in one line: minus, the currency's sign and its figures."""


@dataclass(frozen=True, slots=True)
class WrappedText:
    """A text broken into the lines that fit a width."""

    lines: tuple[str, ...]
    fades: bool
    """Whether there was more text than lines: the last one runs out of sight."""

    line_height_px: int
    ascent_px: int
    width_px: int
    """Of the widest line."""

    @property
    def height_px(self) -> int:
        """How high the lines are together."""
        return len(self.lines) * self.line_height_px


@lru_cache(maxsize=1024)
def _wrap(text: str, font_key: str, width_px: int, most_lines: int) -> WrappedText:
    font = QFont()
    font.fromString(font_key)
    return _wrap_with(text, font, width_px, most_lines)


def _wrap_with(text: str, font: QFont, width_px: int, most_lines: int) -> WrappedText:
    metrics = QFontMetrics(font)
    width = metrics.horizontalAdvance(text)
    if width <= width_px:
        return WrappedText((text,), False, metrics.height(), metrics.ascent(), width)
    text = text.replace(_THIN_SPACE, _UNBROKEN_THIN_SPACE).replace(_MINUS, _MINUS + _WORD_JOINER)
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines: list[str] = []
    fades = False
    widest = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width_px))
        start, length = line.textStart(), line.textLength()
        if len(lines) == most_lines - 1 and start + length < len(text):
            lines.append(text[start:])
            widest, fades = width_px, True
            break
        lines.append(text[start : start + length].rstrip())
        widest = max(widest, line.naturalTextWidth())
    layout.endLayout()
    return WrappedText(tuple(lines), fades, metrics.height(), metrics.ascent(), round(widest))


def wrap(text: str, font: QFont, width_px: int, most_lines: int = 2) -> WrappedText:
    """Break a text into at most so many lines; remembered, since the same names come again and again."""
    return _wrap(text, font.toString(), width_px, most_lines)


def paint_wrapped(
    painter: QPainter,
    area: QRect,
    text: WrappedText,
    colour: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Draw wrapped text from the top of an area, in the painter's font."""
    top = area.top()
    for position, line in enumerate(text.lines):
        last_fades = text.fades and position == len(text.lines) - 1
        pen = _fading_pen(area, colour) if last_fades else QPen(colour)
        painter.setPen(pen)
        baseline = top + text.ascent_px
        if last_fades:
            painter.save()
            painter.setClipRect(area)
            painter.drawText(QPointF(area.left(), baseline), line)
            painter.restore()
        elif align is Qt.AlignmentFlag.AlignLeft:
            painter.drawText(QPointF(area.left(), baseline), line)
        else:
            slot = QRect(area.left(), top, area.width(), text.line_height_px)
            painter.drawText(slot, align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, line)
        top += text.line_height_px


def _fading_pen(area: QRect, colour: QColor) -> QPen:
    clear = QColor(colour)
    clear.setAlpha(0)
    gradient = QLinearGradient(area.right() - _FADE_PX, 0, area.right(), 0)
    gradient.setColorAt(0, colour)
    gradient.setColorAt(1, clear)
    return QPen(QBrush(gradient), 1)
