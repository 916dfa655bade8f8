"""A QR code on screen: whole pixels for every module, black on white in every theme, its quiet zone around it."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.values.wording import Wording, wording
from ui.presenters.qr_modules import QUIET_MODULES, modules_of
from ui.theme.look import Look

_BLACK: Final = QColor("#000000")
_WHITE: Final = QColor("#ffffff")
"""Readers want the highest contrast, and dark on light: no theme changes these."""

_RADIUS_PX: Final = 8
_WORDS: Final = wording("QR code to pay with")


class QrPicture(QWidget):
    """Shows a code as large as its room allows, in the middle."""

    def __init__(self, look: Look, name: str, *, side_px: int | None = None) -> None:
        """Take a fixed side, or None to fill the room."""
        super().__init__()
        self.setObjectName(name)
        self._look = look
        self._payload = ""
        self._words: Wording | str = ""
        if side_px is not None:
            self.setFixedSize(side_px, side_px)
        else:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        look.speech_changed.connect(self._render)

    def show_payload(self, payload: str, words: Wording = _WORDS) -> None:
        """Show what a shopper's phone is to read; empty: nothing."""
        if (payload, words) != (self._payload, self._words):
            self._payload, self._words = payload, words
            self._render()

    def _render(self) -> None:
        self.setAccessibleName(self._look.say(self._words))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size that a phone reads from an arm's length."""
        return QSize(240, 240)

    def module_px(self) -> int:
        """Return how many device pixels a module's side has; 0 where no code is shown or it does not fit."""
        modules = modules_of(self._payload)
        if not modules:
            return 0
        side = min(self.width(), self.height()) * self.devicePixelRatioF()
        return int(side // (len(modules) + 2 * QUIET_MODULES))

    def symbol_side_px(self) -> float:
        """Return the side of the code without its quiet zone, in the window's pixels."""
        return self.module_px() * len(modules_of(self._payload)) / self.devicePixelRatioF()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plate and the modules."""
        del event
        modules, module = modules_of(self._payload), self.module_px()
        if not module:
            return
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        # Drawn in device pixels: a module whose edge falls between two of them would be grey.
        painter.scale(1 / ratio, 1 / ratio)
        side = (len(modules) + 2 * QUIET_MODULES) * module
        left = int((self.width() * ratio - side) // 2)
        top = int((self.height() * ratio - side) // 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_WHITE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(QRectF(left, top, side, side), _RADIUS_PX, _RADIUS_PX)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        start = QUIET_MODULES * module
        for down, row in enumerate(modules):
            for across, dark in enumerate(row):
                if dark:
                    area = QRect(left + start + across * module, top + start + down * module, module, module)
                    painter.fillRect(area, _BLACK)
        painter.end()
