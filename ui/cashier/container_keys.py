"""The shop's containers as keys of the weighing pane, one of them chosen, beside the key for a tare of its own."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.checkout.views import ContainerView, Question
from app.values.wording import wording
from ui.presenters.weighing import container_page
from ui.theme.look import Look
from ui.widgets.keys import WordKey

_KEY_PX: Final = 120
_MOST_ROWS: Final = 2
_ROOMY_FROM_PX: Final = 470
"""From this height of the pane on there are two rows of keys."""

_FIXED: Final = 2
"""Keys that always stand there: no container, and a tare of its own."""


class ContainerKeys(QWidget):
    """Ctrl+0 is no container, Ctrl+1 to Ctrl+9 are the containers in their order; more of them turn like pages."""

    chosen = Signal(object)
    """A `ContainerView`, or None for no container."""

    tare_asked = Signal()

    def __init__(self, look: Look) -> None:
        """Build the keys that are always there."""
        super().__init__()
        self._look = look
        self._containers: tuple[ContainerView, ...] = ()
        self._chosen_id = ""
        self._has_tare = False
        self._page = 0
        self._rows = _MOST_ROWS
        self._none = self._make("containerNone", "Ctrl+0")
        self._none.say(wording("No container"))
        self._none.clicked.connect(lambda: self.chosen.emit(None))
        self.tare_key = self._make("keyTare", "F3")
        self.tare_key.say(wording("Key in tare"))
        self.tare_key.clicked.connect(self.tare_asked)
        self._more = self._make("containersMore", "")
        self._more.say(wording("More …"))
        self._more.clicked.connect(self._turn)
        self._keys: list[WordKey] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _make(self, name: str, shortcut: str) -> WordKey:
        key = WordKey(self._look, name, "", shortcut=shortcut)
        key.stack()
        key.setParent(self)
        key.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        key.setFixedHeight(self._look.tokens.touch_px)
        return key

    def show_question(self, question: Question) -> None:
        """Show the containers of a question and mark the one chosen."""
        if question.containers != self._containers:
            self._containers, self._page = question.containers, 0
        self._chosen_id = question.container_id
        self._has_tare = question.tare_grams > 0
        self._arrange()

    def give_height(self, pane_px: int) -> None:
        """Take how high the pane is that the keys stand in."""
        rows = _MOST_ROWS if pane_px >= _ROOMY_FROM_PX else 1
        if rows != self._rows:
            self._rows = rows
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the keys into as many columns as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _turn(self) -> None:
        self._page += 1
        self._arrange()

    def _arrange(self) -> None:
        columns = max(_FIXED + 2, (self.width() + 8) // (_KEY_PX + 8))
        slots = columns * self._rows - _FIXED
        start, end, turns = container_page(self._containers, slots, self._page)
        shown = self._show(start, end)
        if turns:
            shown.append(self._more)
        for key in (*self._keys, self._more):
            if key not in shown:
                self._grid.removeWidget(key)
                key.hide()
        for position, key in enumerate(shown):
            self._grid.addWidget(key, position // columns, position % columns)
            key.show()
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _show(self, start: int, end: int) -> list[WordKey]:
        """Give the keys of one page their words and return them, the fixed ones first."""
        # A tare that is no container's was typed, or is the product's own.
        self._none.choose(not self._chosen_id and not self._has_tare)
        self.tare_key.choose(not self._chosen_id and self._has_tare)
        shown = [self._none, self.tare_key]
        for position, container in enumerate(self._containers[start:end]):
            if position == len(self._keys):
                made = self._make(f"container{position + 1}", "")
                made.clicked.connect(lambda _=False, key=position: self._touched(key))
                self._keys.append(made)
            key, number = self._keys[position], start + position + 1
            key.say(wording("{name} {weight}", name=container.name, weight=f"{container.tare_grams}\u00a0g"))
            key.hint(f"Ctrl+{number}" if number <= 9 else "")
            key.choose(container.container_id == self._chosen_id)
            shown.append(key)
        self._first = start
        return shown

    def _touched(self, position: int) -> None:
        self.chosen.emit(self._containers[self._first + position])

    def take_number(self, key: str) -> bool:
        """Choose by Ctrl and a digit; False where that names none."""
        digit = key.removeprefix("Ctrl+")
        if digit == key or not (digit.isdecimal() and len(digit) == 1):
            return False
        number = int(digit)
        if number > len(self._containers):
            return False
        self.chosen.emit(self._containers[number - 1] if number else None)
        return True
