"""A column or grid of keys to choose one of, such as reasons; numbered for the keyboard."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from ui.theme.look import Look
from ui.widgets.detail_keys import DetailKey
from ui.widgets.labels import Text


class ChoiceKeys(QWidget):
    """Keys that call back with the position chosen; Ctrl+1 to Ctrl+9 choose as well."""

    def __init__(self, look: Look, name: str, choose: Callable[[int], None], *, columns: int = 1) -> None:
        """Take what to do with a choice."""
        super().__init__()
        self._look = look
        self._name = name
        self._choose = choose
        self._columns = columns
        self._keys: list[DetailKey] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

    def offer(self, choices: Sequence[Text], shortcuts: Sequence[str] = (), icons: Sequence[str] = ()) -> None:
        """Show these choices, each with its keyboard key and icon where it has one."""
        while len(self._keys) < len(choices):
            position = len(self._keys)
            key = DetailKey(self._look, f"{self._name}{position + 1}", "")
            key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            key.clicked.connect(lambda _=False, chosen=position: self._choose(chosen))
            self._grid.addWidget(key, position // self._columns, position % self._columns)
            self._keys.append(key)
        for position, key in enumerate(self._keys):
            key.setVisible(position < len(choices))
            if position < len(choices):
                key.say(choices[position])
                key.show_icon(icons[position] if position < len(icons) else "")
                key.hint(shortcuts[position] if position < len(shortcuts) else "")

    def explain(self, details: Sequence[tuple[Text, str]], shorts: Sequence[Text] = ()) -> None:
        """Show a second line with its icon under each; where one has something to say, all stand as it does.

        Args:
            details: the line and its icon, of each.
            shorts: what each says where its line has no room.
        """
        tile = any(detail for detail, _ in details)
        for position, (key, (detail, icon)) in enumerate(zip(self._keys, details, strict=False)):
            key.explain(detail, icon, tile=tile, short=shorts[position] if position < len(shorts) else "")

    def arrange(self, columns: int) -> None:
        """Put the keys into so many columns."""
        if columns == self._columns:
            return
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 0)
        self._columns = columns
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
        for position, key in enumerate(self._keys):
            self._grid.addWidget(key, position // columns, position % columns)

    @property
    def columns(self) -> int:
        """Return into how many columns they are put."""
        return self._columns

    def all_keys(self) -> tuple[DetailKey, ...]:
        """Return the keys, those not offered now included."""
        return tuple(self._keys)

    def mark(self, position: int) -> None:
        """Show one as chosen."""
        for here, key in enumerate(self._keys):
            key.choose(here == position)

    def take_number(self, key: str) -> bool:
        """Choose by Ctrl and a digit; False where that names no choice."""
        digit = key.removeprefix("Ctrl+")
        if digit == key or not (digit.isdecimal() and len(digit) == 1):
            return False
        position = int(digit) - 1
        if 0 <= position < len(self._keys) and not self._keys[position].isHidden():
            if self._keys[position].isEnabled():
                self._choose(position)
            return True
        return False


def numbered(count: int) -> tuple[str, ...]:
    """Return the keyboard keys of so many choices."""
    return tuple(f"Ctrl+{position}" for position in range(1, min(count, 9) + 1))
