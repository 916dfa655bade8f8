"""What was saved, counted up where it grows: a person sees that a scan took something off."""

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from app.values.money import CNY, Currency
from app.values.wording import Wording
from ui.presenters.savings import saved_words
from ui.theme.look import Look
from ui.widgets.labels import TextLabel


class SavedFigure(TextLabel):
    """`saved ¥ 9.40`. It grows within the time of a slide, on a plate that fades; at once where motion is reduced."""

    def __init__(
        self,
        look: Look,
        name: str,
        *,
        size_px: int | None = None,
        say: Callable[[int, Currency], Wording | str] = saved_words,
    ) -> None:
        """Begin with nothing saved; `say` writes an amount of minor units."""
        super().__init__(look, "", size_px=size_px, bold=True, role="good")
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._words_for = say
        self._currency = CNY
        self._saved = 0
        self._glow = 0.0
        self._growth = QVariantAnimation(self)
        self._growth.setDuration(look.tokens.slide_ms)
        self._growth.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._growth.valueChanged.connect(self._step)
        self._growth.finished.connect(self._rest)
        self.hide()

    @property
    def moving(self) -> bool:
        """Whether it is still being counted up."""
        return self._growth.state() is QVariantAnimation.State.Running

    def show_saved(self, saved_minor: int, currency: Currency) -> None:
        """Show what is saved in all; nothing is said of nothing."""
        before, self._saved, self._currency = self._saved, saved_minor, currency
        if saved_minor == before:
            return
        self._growth.stop()
        above = self.parentWidget()
        in_sight = above is not None and above.isVisible()
        if saved_minor < before or self._look.reduced_motion or not in_sight:
            self._rest()
            return
        self.show()
        self._growth.setStartValue(before)
        self._growth.setEndValue(saved_minor)
        self._growth.start()

    def _step(self, value: object) -> None:
        if isinstance(value, int) and self.moving:
            self._glow = 1 - self._growth.currentTime() / max(1, self._growth.duration())
            self.say(self._words_for(max(1, value), self._currency))
            self.update()

    def _rest(self) -> None:
        self._glow = 0.0
        self.say(self._words_for(self._saved, self._currency))
        self.setVisible(self._saved > 0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plate while it fades, and the figure on it."""
        if self._glow > 0:
            colour = self._look.colour("selection")
            painter = QPainter(self)
            painter.setOpacity(self._glow)
            painter.fillRect(self.rect(), colour)
            painter.end()
        super().paintEvent(event)
