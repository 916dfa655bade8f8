"""Shows one of several panes, made when first wanted; a pane slides in from the side it belongs to."""

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QPoint, QPropertyAnimation
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.look import Look


class PaneStack(QWidget):
    """Panes by name. Only the one shown takes part in the layout of keys and focus."""

    def __init__(self, look: Look, makers: dict[str, Callable[[], QWidget]]) -> None:
        """Take how each pane is made."""
        super().__init__()
        self._look = look
        self._makers = makers
        self._made: dict[str, QWidget] = {}
        self._shown = ""
        self._slide: QPropertyAnimation | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def shown(self) -> str:
        """Return the name of the pane in sight."""
        return self._shown

    @property
    def moving(self) -> bool:
        """Whether a pane is still sliding in."""
        return self._slide is not None and self._slide.state() is QPropertyAnimation.State.Running

    def pane(self, name: str) -> QWidget:
        """Return a pane, making it where it was never wanted before."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._makers[name]()
            made.setParent(self)
            made.setGeometry(self.rect())
            made.hide()
        return made

    def made(self, name: str) -> QWidget | None:
        """Return a pane if it was made already."""
        return self._made.get(name)

    def show_pane(self, name: str, *, slide: bool = False) -> bool:
        """Bring a pane into sight; False where it is there already."""
        if name == self._shown:
            return False
        before = self._made.get(self._shown)
        pane = self.pane(name)
        self._shown = name
        if self._slide is not None:
            self._slide.stop()
        pane.setGeometry(self.rect())
        pane.show()
        pane.raise_()
        if before is not None:
            before.hide()
        if slide and not self._look.reduced_motion and self.isVisible():
            self._slide = QPropertyAnimation(pane, b"pos", self)
            self._slide.setDuration(self._look.tokens.slide_ms)
            self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
            self._slide.setStartValue(QPoint(self.width() // 4, 0))
            self._slide.setEndValue(QPoint(0, 0))
            self._slide.start()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the panes the new room."""
        super().resizeEvent(event)
        for pane in self._made.values():
            pane.setGeometry(self.rect())
