"""The foot of the basket: the offer that is nearest, as something to say to the shopper; touching it explains more."""

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from app.values.wording import Wording
from ui.presenters.shortcuts import Action, shortcut_of
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.keys import TouchKey
from ui.widgets.text_painting import WrappedText, paint_wrapped, wrap

_SIDE_PX: Final = 16
_ICON_PX: Final = 24
_GAP_PX: Final = 8
_MOST_LINES: Final = 3


class AlmostStrip(TouchKey):
    """One sentence, as high as it needs; not there while nothing is near."""

    def __init__(self, look: Look) -> None:
        """Begin with nothing near."""
        super().__init__(look, "almostStrip")
        self._sentence: Wording | None = None
        self._shortcut = shortcut_of(Action.DEAL).key
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.speech_changed.connect(self._render)
        self.hide()

    def show_hint(self, sentence: Wording | None) -> None:
        """Show the nearest offer; None: there is none."""
        if sentence != self._sentence:
            self._sentence = sentence
            self._render()
        self.setVisible(sentence is not None)

    def text(self) -> str:
        """Return what is shown, in the present language."""
        return "" if self._sentence is None else self.look.say(self._sentence)

    def _render(self) -> None:
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._shortcut)
        self.setToolTip(self.text())
        self._fit()
        self.update()

    def _hint_width(self) -> int:
        return QFontMetrics(font(self.look.tokens.small_px)).horizontalAdvance(self._shortcut)

    def _wrapped(self) -> WrappedText:
        room = self.width() - 2 * _SIDE_PX - _ICON_PX - _GAP_PX - self._hint_width() - 2 * _GAP_PX
        return wrap(self.text(), font(self.look.tokens.body_px), max(1, room), _MOST_LINES)

    def _fit(self) -> None:
        height = max(self.look.tokens.touch_px, self._wrapped().height_px + 2 * _GAP_PX)
        if height != self.height():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the words need at the new width."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Return the room for the words at the present width."""
        return QSize(160, max(self.look.tokens.touch_px, self._wrapped().height_px + 2 * _GAP_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a hairline to the list, the picture, the sentence and the key that explains more."""
        del event
        look = self.look
        painter = QPainter(self)
        if self.isDown() or self.hasFocus():
            self.paint_plate(painter, look.colour("selection"), None)
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(_SIDE_PX, 0, self.width() - _SIDE_PX, 0)
        ink = look.colour("accent")
        icon = look.icons.pixmap("lightbulb-on-outline", _ICON_PX, ink, self.devicePixelRatioF())
        if icon is not None:
            painter.drawPixmap(QPoint(_SIDE_PX, (self.height() - _ICON_PX) // 2), icon)
        words = self._wrapped()
        left = _SIDE_PX + _ICON_PX + _GAP_PX
        room = self.width() - left - _SIDE_PX - self._hint_width() - 2 * _GAP_PX
        painter.setFont(font(look.tokens.body_px))
        area = QRect(left, (self.height() - words.height_px) // 2, room, words.height_px)
        paint_wrapped(painter, area, words, look.colour("ink"))
        small = font(look.tokens.small_px)
        painter.setFont(small)
        painter.setPen(look.colour("ink_soft"))
        top = (self.height() - QFontMetrics(small).height()) // 2
        baseline = top + QFontMetrics(small).ascent()
        painter.drawText(QPoint(self.width() - _SIDE_PX - self._hint_width(), baseline), self._shortcut)
        painter.end()
