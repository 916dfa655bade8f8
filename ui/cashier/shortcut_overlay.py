"""Every key at a glance (F1). It leaves the amount due in sight, and any key takes it away."""

from functools import lru_cache
from itertools import product
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.values.wording import Wording, wording
from ui.presenters.panes import Pane
from ui.presenters.shortcuts import (
    MEMBER_KEYS,
    PAYMENT_KEYS,
    RECEIPT_KEYS,
    SHORTCUTS,
    WAITING_KEYS,
    WEIGHING_KEYS,
    Group,
    shown_key,
)
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.text_painting import paint_wrapped, wrap

_TITLES: Final = {
    Group.SELL: wording("Selling"),
    Group.LINE: wording("The selected line"),
    Group.SHOPPER: wording("The shopper"),
    Group.BASKET: wording("The basket"),
    Group.SCREEN: wording("The screen"),
}
Section = tuple[Wording, list[tuple[str, Wording]]]

_PAYMENT: Final[Section] = (wording("Payment"), list(PAYMENT_KEYS))
_SCALE: Final[Section] = (wording("On the scale"), list(WEIGHING_KEYS))
_WAITING: Final[Section] = (wording("While a payment is waited for"), list(WAITING_KEYS))
_PAPER: Final[Section] = (wording("Receipt and payments to check"), list(RECEIPT_KEYS))
_MEMBER: Final[Section] = (wording("Member and offers"), list(MEMBER_KEYS))
_SPECIAL: Final = {
    Pane.MEMBER: _MEMBER,
    Pane.DEAL: _MEMBER,
    Pane.WAITING: _WAITING,
    Pane.ACCEPT_ANYWAY: _WAITING,
    Pane.GIVE_UP: _WAITING,
    Pane.RECEIPT: _PAPER,
    Pane.WORKLIST: _PAPER,
}
"""What is shown in place of the keys for payment and scale, which do nothing then."""

_HEAD_PX: Final = 36
_TIGHT_HEAD_PX: Final = 28
_KEY_PX: Final = 80
_THREE_COLUMNS_FROM_PX: Final = 960
_LEAST_ROW_PX: Final = 26
_FOOT_PX: Final = 8


class ShortcutOverlay(QWidget):
    """Drawn over basket and quick keys, not over the amount due."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        """Stay hidden until asked for."""
        super().__init__(parent)
        self.setObjectName("shortcutOverlay")
        self._look = look
        self._pane = Pane.QUICK_KEYS
        self._tight = False
        self.hide()
        self.setAccessibleName(look.say(wording("All keys")))
        look.theme_changed.connect(self.update)
        look.speech_changed.connect(self.update)

    def explain(self, pane: Pane) -> None:
        """Begin with the keys of what stands beside the basket."""
        self._pane = pane
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go away when touched."""
        event.accept()
        self.hide()

    def sections(self) -> list[Section]:
        """Return titles with their keys and explanations."""
        made: list[Section] = []
        for group, title in _TITLES.items():
            rows = [
                (shown_key(shortcut.key), shortcut.explanation) for shortcut in SHORTCUTS if shortcut.group is group
            ]
            made.append((title, rows))
        special = _SPECIAL.get(self._pane)
        if special is None:
            made.insert(1, _PAYMENT)
            made.insert(2, _SCALE)
        else:
            made.insert(0, special)
        return made

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(1000, 560)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plate and the columns of keys."""
        del event
        look, tokens = self._look, self._look.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("accent"), 2))
        painter.setBrush(look.colour("surface_raised"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), 8, 8)
        for title, keys, area in self._places():
            width = area.width()
            painter.setPen(look.colour("accent"))
            painter.setFont(font(tokens.label_px, bold=True))
            head = QRect(area.left(), area.top(), width, self._head_px)
            painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, look.say(title))
            top = area.top() + self._head_px
            for key, words in keys:
                height = self._row_height(look.say(words), width)
                self._paint_key(painter, QRect(area.left(), top, width, height), key, look.say(words))
                top += height
        painter.end()

    def _row_height(self, words: str, width: int) -> int:
        soft = font(self._look.tokens.small_px)
        lines = len(wrap(words, soft, width - _KEY_PX - 12, 2).lines)
        air = 0 if self._tight else 4
        return max(_LEAST_ROW_PX - 4 + air, lines * QFontMetrics(soft).height() + air)

    @property
    def _head_px(self) -> int:
        return _TIGHT_HEAD_PX if self._tight else _HEAD_PX

    def fits(self) -> bool:
        """Whether every key is in sight."""
        return max(area.bottom() for _, _, area in self._places()) <= self.height() - _FOOT_PX

    def _places(self) -> list[tuple[Wording, list[tuple[str, Wording]], QRect]]:
        """Lay the sections out in columns of about the same height; close together where they would not fit else."""
        self._tight = False
        made = self._laid_out()
        if max(area.bottom() for _, _, area in made) > self.height() - _FOOT_PX:
            self._tight = True
            made = self._laid_out()
        return made

    def _laid_out(self) -> list[tuple[Wording, list[tuple[str, Wording]], QRect]]:
        columns = 3 if self.width() >= _THREE_COLUMNS_FROM_PX else 2
        width = (self.width() - 24 * (columns + 1)) // columns
        say = self._look.say
        sections = self.sections()
        heights = tuple(
            self._head_px + sum(self._row_height(say(words), width) for _, words in keys) for _, keys in sections
        )
        made: list[tuple[Wording, list[tuple[str, Wording]], QRect]] = []
        tops = [8 if self._tight else 16] * columns
        for (title, keys), height, column in zip(sections, heights, _fairest(heights, columns), strict=True):
            made.append((title, keys, QRect(24 + column * (width + 24), tops[column], width, height)))
            tops[column] += height + 8
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


@lru_cache(maxsize=8)
def _fairest(heights: tuple[int, ...], columns: int) -> tuple[int, ...]:
    """Return the column of each section, so that the highest column is as low as can be; the first as low is taken."""

    def highest(places: tuple[int, ...]) -> int:
        return max(sum(h for h, place in zip(heights, places, strict=True) if place == column) for column in taken)

    taken = range(columns)
    return min(product(taken, repeat=len(heights)), key=highest)
