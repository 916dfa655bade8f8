"""How long there is still time: seconds as figures over a thin bar, by an injected clock."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.checkout.payment_views import OpenPaymentView
from app.values.wording import wording
from ui.presenters.payments import Countdown
from ui.settings import WallClock
from ui.theme.fonts import font
from ui.theme.look import Look

_SMOOTH_MS: Final = 100
_CALM_MS: Final = 1000
_BAR_PX: Final = 6
_GAP_PX: Final = 6
_THOUSAND: Final = 1000


class CountdownBar(QWidget):
    """Counts while it is in sight and there is an end; takes no room's height away when there is none."""

    def __init__(self, look: Look, name: str, clock: WallClock) -> None:
        """Take where time comes from."""
        super().__init__()
        self.setObjectName(name)
        self._look = look
        self._clock = clock
        self._countdown = Countdown()
        self._shown: tuple[int | None, int] = (None, 0)
        self._words = ""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme_changed.connect(self.update)
        look.speech_changed.connect(self._render)

    def follow(self, payment: OpenPaymentView | None) -> None:
        """Count down to a payment's end; None, or none of its own: nothing is counted."""
        self._countdown.follow(payment, self._clock.now())
        self.tick()

    @property
    def counting(self) -> bool:
        """Whether it moves by itself."""
        return self._timer.isActive()

    def text(self) -> str:
        """Return the seconds as they are written; empty where nothing is counted."""
        return self._words

    def tick(self) -> None:
        """Show the time as it is now."""
        now = self._clock.now()
        seconds = self._countdown.seconds_left(now)
        share = self._countdown.thousandths_left(now)
        if self._look.reduced_motion and seconds is not None:
            share = share // 50 * 50  # a step now and then in place of a bar that creeps
        if (seconds, share) != self._shown:
            self._shown = (seconds, share)
            self._render()
        self._run(wanted=bool(seconds) and self.isVisible())

    def _run(self, *, wanted: bool) -> None:
        if wanted and not self._timer.isActive():
            self._timer.start(_CALM_MS if self._look.reduced_motion else _SMOOTH_MS)
        elif not wanted:
            self._timer.stop()

    def _render(self) -> None:
        seconds, _ = self._shown
        if seconds is None:
            self._words = ""
        elif seconds == 0:
            self._words = self._look.say(wording("The time is up"))
        else:
            self._words = self._look.say(wording("{seconds} s left", seconds=seconds))
        self.setAccessibleName(self._words)
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Count again."""
        super().showEvent(event)
        self.tick()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        super().hideEvent(event)
        self._timer.stop()

    def sizeHint(self) -> QSize:
        """Return the room for figures and bar."""
        return QSize(160, QFontMetrics(font(self._look.tokens.title_px, bold=True)).height() + _GAP_PX + _BAR_PX)

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw figures and bar."""
        del event
        seconds, share = self._shown
        if seconds is None:
            return
        look, tokens = self._look, self._look.tokens
        painter = QPainter(self)
        painter.setFont(font(tokens.title_px, bold=True))
        painter.setPen(look.colour("ink" if seconds else "warn"))
        words = QRect(0, 0, self.width(), self.height() - _BAR_PX - _GAP_PX)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._words)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRect(0, self.height() - _BAR_PX, self.width(), _BAR_PX)
        painter.setBrush(look.colour("line"))
        painter.drawRoundedRect(track, _BAR_PX // 2, _BAR_PX // 2)
        done = QRect(track.left(), track.top(), track.width() * share // _THOUSAND, _BAR_PX)
        painter.setBrush(look.colour("accent"))
        painter.drawRoundedRect(done, _BAR_PX // 2, _BAR_PX // 2)
        painter.end()
