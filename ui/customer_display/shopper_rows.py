"""The shopper's own lines on their window: the greeting over the basket, and the offer that is nearest under it."""

from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.labels import TextLabel
from ui.widgets.text_painting import WrappedText, paint_wrapped, wrap

_ICON_PX: Final = 24
_SIDE_PX: Final = 16
_GAP_PX: Final = 8
_MOST_LINES: Final = 2


class GreetingRow(QFrame):
    """Name and tier at the left, points at the right; not there while nobody is named."""

    def __init__(self, look: Look) -> None:
        """Begin with nobody."""
        super().__init__()
        self.setProperty("plane", "raised")
        tokens = look.tokens
        self._greeting = TextLabel(look, "", size_px=tokens.title_px, bold=True, shrink_to=(tokens.label_px, 2))
        self._greeting.setObjectName("customerGreeting")
        self._points = TextLabel(look, "", size_px=tokens.title_px, role="accent")
        self._points.setObjectName("customerPoints")
        self._points.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 8)
        row.setSpacing(24)
        row.addWidget(self._greeting, 1)
        row.addWidget(self._points)
        self.hide()

    def show_words(self, greeting: str, points: str) -> None:
        """Greet, or do not."""
        self._greeting.say(greeting)
        self._points.say(points)
        self.setVisible(bool(greeting))


class HintRow(QWidget):
    """A picture and a sentence in two lines at most; not there while nothing is near."""

    def __init__(self, look: Look) -> None:
        """Begin with nothing near."""
        super().__init__()
        self._look = look
        self._words = ""
        self.setObjectName("customerHint")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme_changed.connect(self.update)
        look.icons.loaded.connect(self.update)
        self.hide()

    def show_words(self, words: str) -> None:
        """Show what is near."""
        self._words = words
        self.setAccessibleName(words)
        self._fit()
        self.setVisible(bool(words))
        self.update()

    def text(self) -> str:
        """Return what is shown."""
        return self._words

    def _wrapped(self) -> WrappedText:
        room = self.width() - 2 * _SIDE_PX - _ICON_PX - _GAP_PX
        return wrap(self._words, font(self._look.tokens.label_px), max(1, room), _MOST_LINES)

    def _fit(self) -> None:
        height = self._wrapped().height_px + 2 * _GAP_PX
        if height != self.height():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        """Return the room for the words at the present width."""
        return QSize(160, self._wrapped().height_px + 2 * _GAP_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the words need at the new width."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture and sentence."""
        del event
        look = self._look
        painter = QPainter(self)
        words = self._wrapped()
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(_SIDE_PX, 0, self.width() - _SIDE_PX, 0)
        icon = look.icons.pixmap("lightbulb-on-outline", _ICON_PX, look.colour("accent"), self.devicePixelRatioF())
        if icon is not None:
            painter.drawPixmap(QPoint(_SIDE_PX, _GAP_PX + (words.line_height_px - _ICON_PX) // 2), icon)
        painter.setFont(font(look.tokens.label_px))
        left = _SIDE_PX + _ICON_PX + _GAP_PX
        area = self.rect().adjusted(left, _GAP_PX, -_SIDE_PX, 0)
        paint_wrapped(painter, area, words, look.colour("accent"), Qt.AlignmentFlag.AlignLeft)
        painter.end()
