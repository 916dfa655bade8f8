"""What the cashier's window shows before anything but Qt is loaded: its own outline.

Made of the style sheet alone: the namespace `Qt` and the painter bring a hundred enumerations with them, a fifth of
the time to the first paint, and are not needed for a few frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QPaintEvent, QResizeEvent

STATUS_HEIGHT_PX: Final = 72
KEY_BAR_HEIGHT_PX: Final = 72
DUE_HEIGHT_PX: Final = 128
MARGIN_PX: Final = 8


def basket_width(window_width: int) -> int:
    """Return how wide the basket is in a window: on the 8-pixel grid, a little under half."""
    return window_width * 46 // 100 // 8 * 8


class _Words(QLabel):
    """The one line of words; tells when it was painted."""

    painted = Signal()

    def __init__(self, words: str, parent: QFrame) -> None:
        super().__init__(words, parent)
        self._told = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and tell so the first time."""
        super().paintEvent(event)
        if not self._told:
            self._told = True
            self.painted.emit()


class FirstPaint(QFrame):
    """The window's outline. It emits `painted` once, when a person can see it."""

    painted = Signal()

    def __init__(self, colours: Mapping[str, str], family: str, words: str) -> None:
        """Take the colours, the font and the words that say what is going on."""
        super().__init__()
        self.setObjectName("firstPaint")
        self.setStyleSheet(
            f"QFrame {{ background: {colours['surface_raised']}; "
            f"border: 1px solid {colours['line']}; border-radius: 8px; }}"
            f"QFrame#firstPaint {{ background: {colours['surface']}; border: none; border-radius: 0; }}"
            f"QLabel {{ color: {colours['ink_soft']}; border: none; font-family: '{family}'; font-size: 24px; }}"
        )
        self._basket, self._due, self._keys = QFrame(self), QFrame(self), QFrame(self)
        self._words = _Words(words, self)
        self._words.painted.connect(self.painted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the frames where basket, amount due and quick keys will stand."""
        super().resizeEvent(event)
        margin, top = MARGIN_PX, STATUS_HEIGHT_PX
        bottom = self.height() - KEY_BAR_HEIGHT_PX
        left = basket_width(self.width())
        right_width = self.width() - left - 2 * margin
        below = top + DUE_HEIGHT_PX + margin
        self._basket.setGeometry(margin, top, left - margin, bottom - top - margin)
        self._due.setGeometry(left + margin, top, right_width, DUE_HEIGHT_PX)
        self._keys.setGeometry(left + margin, below, right_width, bottom - below - margin)
        self._words.setGeometry(margin + 16, top + 16, left - margin - 32, 48)
