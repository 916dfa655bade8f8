"""One sentence to the cashier, always at the same place: an icon, a word, the sentence, a small code."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.checkout.views import Notice, Severity
from app.values.wording import Wording, wording
from ui.theme.look import Look
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import TextLabel

_WORDS: Final = {
    Severity.GOOD: (wording("Done"), "good", "check-circle"),
    Severity.INFO: (wording("Info"), "accent", "information"),
    Severity.WARNING: (wording("Attention"), "warn", "alert"),
    Severity.BAD: (wording("Stop"), "bad", "close-octagon"),
}
_HEIGHT_PX: Final = 80
_ICON_PX: Final = 32


class NoticeStrip(QWidget):
    """Keeps its place while empty, so that nothing jumps when something is said."""

    dismissed = Signal()
    bench_asked = Signal()
    """The device that the notice is about is to be looked at."""

    def __init__(self, look: Look) -> None:
        """Build the strip."""
        super().__init__()
        self.setObjectName("noticeStrip")
        self._look = look
        self._notice: Notice | None = None
        self._calm: Wording = wording("Ready to scan")
        self._calm_icon = "barcode-scan"
        tokens = look.tokens
        self._word = TextLabel(look, "", size_px=tokens.body_px, bold=True)
        self._word.setObjectName("noticeWord")
        self._code = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self._code.setObjectName("noticeCode")
        self._sentence = TextLabel(look, "", size_px=tokens.body_px, lines=3, shrink_to=(tokens.small_px, 4))
        self._sentence.setObjectName("noticeSentence")
        self._close = WordKey(look, "noticeDismiss", wording("Clear"), role=KeyRole.QUIET, size_px=tokens.small_px)
        self._close.clicked.connect(self.dismissed)
        self._bench = WordKey(look, "noticeDevices", wording("Devices"), role=KeyRole.QUIET, size_px=tokens.small_px)
        self._bench.clicked.connect(self.bench_asked)
        self._bench.hide()
        side = QVBoxLayout()
        side.setSpacing(0)
        side.addStretch(1)
        side.addWidget(self._word)
        side.addWidget(self._code)
        side.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16 + _ICON_PX + 8, 0, 8, 0)
        row.setSpacing(8)
        row.addLayout(side)
        row.addWidget(self._sentence, 1)
        keys = QHBoxLayout()
        keys.setSpacing(0)
        keys.addWidget(self._bench)
        keys.addWidget(self._close)
        row.addLayout(keys)
        self.setFixedHeight(_HEIGHT_PX)
        look.theme_changed.connect(self.update)
        look.icons.loaded.connect(self.update)
        self.show_notice(None)

    def say_calmly(self, words: Wording, icon: str = "barcode-scan") -> None:
        """Say what is waited for while there is nothing else to say."""
        self._calm, self._calm_icon = words, icon
        if self._notice is None:
            self._sentence.say(words)

    def show_notice(self, notice: Notice | None, *, about_a_device: bool = False) -> None:
        """Show a notice, or what the till is waiting for; one about a device has the way to the device bench."""
        self._notice = notice
        self._bench.setVisible(about_a_device)
        self._close.setVisible(notice is not None)
        self._word.setVisible(notice is not None)
        if notice is None:
            self._sentence.say(self._calm)
            self._sentence.colour("ink_soft")
            self._code.say("")
        else:
            word, role, _ = _WORDS[notice.severity]
            self._word.say(word)
            self._word.colour(role)
            self._sentence.say(notice.sentence)
            self._sentence.colour("ink")
            self._code.say(notice.code)
            self.setAccessibleName(self._look.say(notice.sentence))
        self._sentence.setToolTip("" if notice is None else self._look.say(notice.sentence))
        self._code.setVisible(notice is not None and bool(notice.code))
        self.update()

    def notice(self) -> Notice | None:
        """Return what is shown."""
        return self._notice

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw plate, edge and icon."""
        del event
        look = self._look
        role, icon_name = "ink_soft", self._calm_icon
        if self._notice is not None:
            _, role, icon_name = _WORDS[self._notice.severity]
        colour = look.colour(role)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 2) if self._notice is not None else QPen(look.colour("line"), 1))
        painter.setBrush(look.colour("surface_raised"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        icon = look.icons.pixmap(icon_name, _ICON_PX, colour, self.devicePixelRatioF())
        top = (self.height() - _ICON_PX) // 2
        if icon is not None:
            painter.drawPixmap(16, top, icon)
        elif self._notice is not None:
            painter.setBrush(colour)
            painter.drawEllipse(20, top + 4, _ICON_PX - 8, _ICON_PX - 8)
        painter.end()
