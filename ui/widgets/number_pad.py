"""A number pad that types into a field, for those who touch; the keyboard types into the same field."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QWidget

from app.values.wording import wording
from ui.theme.look import Look
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import Text

_FIGURES: Final = (("7", "8", "9"), ("4", "5", "6"), ("1", "2", "3"))
_ERASE: Final = "\u232b"


class NumberPad(QWidget):
    """Twelve keys and one that accepts."""

    accepted = Signal()

    def __init__(self, look: Look, field: QLineEdit, accept: Text, *, sign: str = ".") -> None:
        """Take the field to type into and the words of the key that accepts.

        Args:
            look: theme and language.
            field: where the keys type.
            accept: on the key that accepts.
            sign: beside the nought: the point of an amount, the plus of a telephone number, the hyphen of a day.
        """
        super().__init__()
        self._field = field
        rows = (*_FIGURES, ("0", sign, _ERASE))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for down, row in enumerate(rows):
            for across, text in enumerate(row):
                key = WordKey(look, f"pad{text if text != _ERASE else 'Erase'}", text, size_px=look.tokens.title_px)
                key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
                if text == _ERASE:
                    key.setAccessibleName(look.say(wording("Erase")))
                    key.clicked.connect(field.backspace)
                else:
                    key.clicked.connect(lambda _=False, typed=text: self._type(typed))
                grid.addWidget(key, down, across)
        self.accept_key = WordKey(look, "padAccept", accept, role=KeyRole.PRIMARY, shortcut="Enter")
        self.accept_key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.accept_key.clicked.connect(self.accepted)
        grid.addWidget(self.accept_key, len(rows), 0, 1, 3)
        for row_number in range(len(rows) + 1):
            grid.setRowStretch(row_number, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight((len(rows) + 1) * 80)

    def _type(self, text: str) -> None:
        self._field.setFocus()
        self._field.insert(text)
