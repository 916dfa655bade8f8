"""The cashier's window: paints its outline on Qt alone, then takes its panes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from ui.cashier.first_paint import FirstPaint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QCloseEvent


class CashierWindow(QWidget):
    """A window that is there at once and useful a moment later."""

    painted = Signal()
    """Once, when a person can see it."""

    closing = Signal()

    def __init__(self, colours: Mapping[str, str], family: str, title: str, size: tuple[int, int]) -> None:
        """Take the colours, the font, and the window's title, which it shows until the panes are there."""
        super().__init__()
        self.is_painted = False
        """Whether a person has seen it."""

        self.setObjectName("cashierWindow")
        self.setWindowTitle(title)
        self.resize(*size)
        self.setMinimumSize(800, 600)
        self._layers = QStackedLayout(self)
        self._layers.setContentsMargins(0, 0, 0, 0)
        self._outline: FirstPaint | None = FirstPaint(colours, family, title)
        self._outline.painted.connect(self._now_painted)
        self._layers.addWidget(self._outline)

    def _now_painted(self) -> None:
        self.is_painted = True
        self.painted.emit()

    def take_in(self, desk: QWidget) -> None:
        """Show the panes in place of the outline."""
        self._layers.addWidget(desk)
        self._layers.setCurrentWidget(desk)
        if self._outline is not None:
            self._layers.removeWidget(self._outline)
            self._outline.deleteLater()
            self._outline = None

    def toggle_full_screen(self) -> None:
        """Fill the screen, or not."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the till finish what it is doing before the window is gone."""
        self.closing.emit()
        super().closeEvent(event)
