"""What every pane beside the basket shares: a head with a way back, and a field that takes the keyboard."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.checkout.requests import TillRequest
from app.values.wording import wording
from ui.presenters.cashier import CashierPresenter
from ui.theme.look import Look
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import Text, TextLabel

Send = Callable[[TillRequest | None], None]
"""Sends a request to the till, where there is one, and draws the presenter's state anew."""


class SidePane(QFrame):
    """A pane of the right side. `opened` is called each time it slides in, `refresh` at each new view."""

    def __init__(
        self, look: Look, presenter: CashierPresenter, send: Send, name: str, title: Text, *, title_lines: int = 1
    ) -> None:
        """Build the head."""
        super().__init__()
        self.look = look
        self.presenter = presenter
        self.send = send
        self.setObjectName(name)
        self.setProperty("plane", "raised")
        tokens = look.tokens
        self.title = TextLabel(look, title, size_px=tokens.label_px, bold=True, lines=title_lines)
        self.subtitle = TextLabel(look, "", size_px=tokens.body_px, role="ink_soft")
        self.back_key = WordKey(look, f"{name}Back", wording("Back"), role=KeyRole.QUIET, shortcut="Esc")
        self.back_key.clicked.connect(lambda: self.send(self.presenter.back()))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        words.addStretch(1)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.head.addLayout(words, 1)
        self.head.addWidget(self.back_key)
        self.subtitle.hide()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 8, 8, 16)
        self.column.setSpacing(8)
        self.column.addLayout(self.head)

    def say_under_title(self, text: Text) -> None:
        """Show a second, softer line in the head; nothing takes no room."""
        self.subtitle.say(text)
        self.subtitle.setVisible(bool(text))

    def opened(self) -> None:
        """Be shown: forget what was typed the last time."""

    def refresh(self) -> None:
        """Draw what changed in the presenter."""

    def input_field(self) -> QLineEdit | None:
        """Return where typing goes while this pane is open; None: the entry line keeps it."""
        return None

    def first_focus(self) -> QWidget | None:
        """Return what takes the keyboard when the pane opens."""
        return self.input_field()

    def take_key(self, key: str) -> bool:
        """Do what a key means in this pane only; False where it means nothing here."""
        del key
        return False

    def typing_place(self) -> QWidget | None:
        """Return what takes a character that is typed while something else has the keyboard."""
        return self.input_field()

    def amount_for_scan(self) -> str:
        """Return the amount that stands here, as typed, which a shopper's payment code is to pay; empty: all."""
        return ""

    def show_scale(self) -> None:
        """Show what the scale says now, where a weight is asked for."""

    def subtitle_of_line(self) -> None:
        """Name the selected line under the title."""
        row = self.presenter.selected_row()
        self.say_under_title("" if row is None else f"{row.number}  {row.name}   {row.calculation}")
