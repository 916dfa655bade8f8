"""One shelf of the bench: keys for what a device can be made to do, with a field where something is to be typed."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.devices.bench import BenchAction
from app.values.wording import Wording, wording
from ui.theme.look import Look
from ui.widgets.fields import Field
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import TextLabel

_KEY_PX: Final = 152
_GAP_PX: Final = 8
_ON: Final = "check-circle"


class PromptRow(QWidget):
    """A field with a caption and the key that sends what stands in it."""

    def __init__(self, look: Look, action: BenchAction, key: WordKey) -> None:
        """Take the action and its key."""
        super().__init__()
        prompt = action.prompt if action.prompt is not None else wording("Type here")
        self._caption = TextLabel(look, prompt, size_px=look.tokens.small_px, role="ink_soft")
        self.field = Field(look, f"field_{action.action_id}", prompt, size_px=look.tokens.body_px)
        self.field.setText(action.suggestion)
        self.field.returnPressed.connect(key.click)
        row = QHBoxLayout()
        row.setSpacing(_GAP_PX)
        row.addWidget(self.field, 3)
        row.addWidget(key, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._caption)
        column.addLayout(row)


class ActionShelf(QWidget):
    """The actions of one kind. Keys stay while the device offers the same ones, and so does what was typed."""

    asked = Signal(str, str)
    """An action, and what was typed for it."""

    def __init__(self, look: Look, name: str, title: Wording, modifier: str) -> None:
        """Take the title and the key that, with a digit, does the actions in their order."""
        super().__init__()
        self.setObjectName(name)
        self._look = look
        self._modifier = modifier
        self._shape: tuple[tuple[str, Wording | None], ...] = ()
        self._keys: list[WordKey] = []
        self._plain: list[WordKey] = []
        self._fields: dict[str, Field] = {}
        self._columns = 0
        self._title = TextLabel(look, title, size_px=look.tokens.body_px, bold=True)
        self._inside = QWidget()
        self._grid = QGridLayout()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(_GAP_PX)
        self._column.addWidget(self._title)
        self._column.addWidget(self._inside)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_actions(self, device: str, actions: tuple[BenchAction, ...]) -> None:
        """Show a device's actions; what is switched on is marked by plate and sign."""
        shape = ((device, None), *((action.action_id, action.prompt) for action in actions))
        if shape != self._shape:
            self._shape = shape
            self._rebuild(actions)
        for key, action in zip(self._keys, actions, strict=True):
            key.say(action.name)
            if key.is_chosen() != action.active:
                key.show_icon(_ON if action.active else "")
                key.choose(action.active)
            words = self._look.say(action.name)
            state = wording("{subject}: {state}", subject=action.name, state=wording("on"))
            key.setAccessibleName(self._look.say(state) if action.active else words)
        self.setVisible(bool(actions))

    def _rebuild(self, actions: tuple[BenchAction, ...]) -> None:
        self._column.removeWidget(self._inside)
        # Out of sight at once: it is deleted only when the event loop comes round.
        self._inside.hide()
        self._inside.deleteLater()
        self._inside = QWidget(self)
        self._keys, self._plain, self._fields, self._columns = [], [], {}, 0
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(_GAP_PX)
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP_PX)
        rows: list[PromptRow] = []
        for position, action in enumerate(actions):
            key = self._make_key(position, action)
            if action.prompt is None:
                self._plain.append(key)
            else:
                rows.append(row := PromptRow(self._look, action, key))
                self._fields[action.action_id] = row.field
        for row in rows:
            inside.addWidget(row)
        inside.addLayout(self._grid)
        self._column.addWidget(self._inside)
        self._inside.show()
        self._arrange()

    def _make_key(self, position: int, action: BenchAction) -> WordKey:
        shortcut = f"{self._modifier}+{position + 1}" if position < 9 else ""
        key = WordKey(
            self._look, f"action_{action.action_id}", action.name, shortcut=shortcut, role=KeyRole.PLAIN, icon=""
        )
        key.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        key.setFixedHeight(self._look.tokens.touch_px)
        key.stack()
        key.clicked.connect(lambda _=False, action_id=action.action_id: self._touched(action_id))
        self._keys.append(key)
        return key

    def _touched(self, action_id: str) -> None:
        field = self._fields.get(action_id)
        self.asked.emit(action_id, field.text() if field is not None else "")

    def press(self, position: int) -> None:
        """Press the key at a position, counted from 0, where there is one."""
        if position < len(self._keys) and not self.isHidden():
            self._keys[position].click()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the keys into as many columns as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, (self.width() + _GAP_PX) // (_KEY_PX + _GAP_PX))
        if columns == self._columns:
            return
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 0)
        self._columns = columns
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
        for position, key in enumerate(self._plain):
            self._grid.addWidget(key, position // columns, position % columns)
