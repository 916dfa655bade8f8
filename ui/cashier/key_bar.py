"""The bottom of the window: what the F-keys do, to be touched as well, and PAY."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.values.wording import wording
from ui.cashier.first_paint import KEY_BAR_HEIGHT_PX, MARGIN_PX
from ui.presenters.shortcuts import SHORTCUTS, Action, shown_key
from ui.theme.look import Look
from ui.widgets.keys import KeyRole, WordKey


class KeyBar(QWidget):
    """One key for each shortcut that stands on the bar."""

    asked = Signal(object)
    """The `Action` of a key that was touched."""

    def __init__(self, look: Look) -> None:
        """Build the keys from the table."""
        super().__init__()
        self.setObjectName("keyBar")
        self.keys: dict[Action, WordKey] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, MARGIN_PX)
        row.setSpacing(MARGIN_PX)
        for shortcut in SHORTCUTS:
            if not shortcut.on_bar:
                continue
            pay = shortcut.action is Action.PAY
            key = WordKey(
                look,
                f"key_{shortcut.action.value}",
                shortcut.label,
                role=KeyRole.PRIMARY if pay else KeyRole.PLAIN,
                shortcut=shown_key(shortcut.key),
                icon=shortcut.icon,
                size_px=look.tokens.title_px if pay else look.tokens.body_px,
            )
            if not pay:
                key.stack()
            key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            key.clicked.connect(lambda _=False, action=shortcut.action: self.asked.emit(action))
            row.addWidget(key, 2 if pay else 1)
            self.keys[shortcut.action] = key
        self.setFixedHeight(KEY_BAR_HEIGHT_PX)

    def show_state(self, usable: dict[Action, bool], suspended: int, *, paying: bool) -> None:
        """Dim what cannot be done now, count the baskets put aside, and say what PAY does."""
        for action, key in self.keys.items():
            key.setEnabled(usable.get(action, True))
        recall = wording("Recall ({count})", count=suspended) if suspended else wording("Recall")
        self.keys[Action.RECALL].say(recall)
        self.keys[Action.PAY].say(wording("Exact cash") if paying else wording("Pay"))
