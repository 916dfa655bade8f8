"""Every key at a glance (F1). It leaves the amount due in sight, and any key takes it away."""

from itertools import combinations, pairwise
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.values.wording import Wording, wording
from ui.presenters.shortcuts import PAYMENT_KEYS, SHORTCUTS, WEIGHING_KEYS, Group, shown_key
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.text_painting import paint_wrapped, wrap

_TITLES: Final = {
    Group.SELL: wording("Selling"),
    Group.LINE: wording("The selected line"),
    Group.BASKET: wording("The basket"),
    Group.SCREEN: wording("The screen"),
}
_HEAD_PX: Final = 36
_KEY_PX: Final = 80
_THREE_COLUMNS_FROM_PX: Final = 960
_LEAST_ROW_PX: Final = 26


class ShortcutOverlay(QWidget):
    """Drawn over basket and quick keys, not over the amount due."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Stay hidden until asked for."""
        super().__init__(parent)
        self.setObjectName("shortcutOverlay")
        self._look = look
        self.hide()
        self.setAccessibleName(look.say(wording("All keys")))
        look.theme_changed.connect(self.update)
        look.speech_changed.connect(self.update)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go away when touched."""
        event.accept()
        self.hide()

    def sections(self) -> list[tuple[Wording, list[tuple[str, Wording]]]]:
        """Return titles with their keys and explanations."""
        made: list[tuple[Wording, list[tuple[str, Wording]]]] = []
        for group, title in _TITLES.items():
            rows = [
                (shown_key(shortcut.key), shortcut.explanation) for shortcut in SHORTCUTS if shortcut.group is group
            ]
            made.append((title, rows))
        made.insert(1, (wording("Payment"), list(PAYMENT_KEYS)))
        made.insert(2, (wording("On the scale"), list(WEIGHING_KEYS)))
        return made

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(1000, 560)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plate and two columns of keys."""
        del event
        look, tokens = self._look, self._look.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("accent"), 2))
        painter.setBrush(look.colour("surface_raised"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), 8, 8)
        columns = 3 if self.width() >= _THREE_COLUMNS_FROM_PX else 2
        width = (self.width() - 24 * (columns + 1)) // columns
        for title, keys, area in self._places(columns, width):
            painter.setPen(look.colour("accent"))
            painter.setFont(font(tokens.label_px, bold=True))
            head = QRect(area.left(), area.top(), width, _HEAD_PX)
            painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, look.say(title))
            top = area.top() + _HEAD_PX
            for key, words in keys:
                height = self._row_height(look.say(words), width)
                self._paint_key(painter, QRect(area.left(), top, width, height), key, look.say(words))
                top += height
        painter.end()

    def _row_height(self, words: str, width: int) -> int:
        soft = font(self._look.tokens.small_px)
        lines = len(wrap(words, soft, width - _KEY_PX - 12, 2).lines)
        return max(_LEAST_ROW_PX, lines * QFontMetrics(soft).height() + 4)

    def _places(self, columns: int, width: int) -> list[tuple[Wording, list[tuple[str, Wording]], QRect]]:
        """Lay the sections out in columns of about the same height, in their order."""
        say = self._look.say
        sections = self.sections()
        heights = [_HEAD_PX + sum(self._row_height(say(words), width) for _, words in keys) for _, keys in sections]
        made: list[tuple[Wording, list[tuple[str, Wording]], QRect]] = []
        for column, span in enumerate(_fairest(heights, columns)):
            top = 16
            for (title, keys), height in zip(sections[span], heights[span], strict=True):
                made.append((title, keys, QRect(24 + column * (width + 24), top, width, height)))
                top += height + 8
        return made

    def _paint_key(self, painter: QPainter, area: QRect, key: str, words: str) -> None:
        look, tokens = self._look, self._look.tokens
        plate = QRect(area.left(), area.top() + 2, _KEY_PX, area.height() - 4)
        painter.setPen(QPen(look.colour("line"), 1))
        painter.setBrush(look.colour("surface"))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(look.colour("ink"))
        painter.setFont(font(tokens.small_px, bold=True))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, key)
        soft = font(tokens.small_px)
        room = area.width() - _KEY_PX - 12
        lines = 2 if area.height() >= 2 * QFontMetrics(soft).height() else 1
        text = wrap(words, soft, room, lines)
        painter.setFont(soft)
        place = QRect(plate.right() + 12, area.top() + (area.height() - text.height_px) // 2, room, text.height_px)
        paint_wrapped(painter, place, text, look.colour("ink"))


def _fairest(heights: list[int], columns: int) -> list[slice]:
    """Split sections into columns, in their order, so that the highest column is as low as can be."""
    inner = range(1, len(heights))
    splits = [[0, *cuts, len(heights)] for cuts in combinations(inner, columns - 1)]
    best = min(splits, key=lambda split: max(sum(heights[a:b]) for a, b in pairwise(split)))
    return [slice(start, end) for start, end in pairwise(best)]
