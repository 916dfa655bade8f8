"""The keys that stand on the selected line: void, quantity, price, discount."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.values.wording import wording
from ui.presenters.rows import BasketRow, RowKind
from ui.presenters.shortcuts import Action
from ui.theme.look import Look
from ui.widgets.keys import KeyRole, WordKey


class LineKeys(QWidget):
    """A row of keys; which of them are there depends on what is selected."""

    asked = Signal(object)
    """The `Action` of a key that was touched."""

    discount_removed = Signal()

    def __init__(self, look: Look) -> None:
        """Build the keys."""
        super().__init__()
        self.setObjectName("lineKeys")
        small = look.tokens.body_px
        self._void = WordKey(look, "lineVoid", wording("Void"), role=KeyRole.DANGER, icon="close", size_px=small)
        self._quantity = WordKey(look, "lineQuantity", wording("Quantity"), icon="counter", size_px=small)
        self._price = WordKey(look, "linePrice", wording("Price"), icon="tag-outline", size_px=small)
        self._discount = WordKey(look, "lineDiscount", wording("Discount"), icon="percent-outline", size_px=small)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for key, action in (
            (self._void, Action.VOID_LINE),
            (self._quantity, Action.QUANTITY),
            (self._price, Action.PRICE),
            (self._discount, Action.DISCOUNT),
        ):
            layout.addWidget(key, 1)
            key.clicked.connect(lambda _=False, asked=action: self._touched(asked))
        self._row: BasketRow | None = None

    def show_row(self, row: BasketRow) -> None:
        """Show the keys that a row can be asked."""
        self._row = row
        on_line = row.kind is RowKind.LINE and not row.deposit
        for key in (self._quantity, self._price, self._discount):
            key.setVisible(on_line)
        self._void.setVisible(row.has_keys)
        self._void.say(wording("Void") if row.kind is RowKind.LINE else wording("Take back"))
        has_discount = on_line and row.discount_id is not None
        self._discount.say(wording("Undo discount") if has_discount else wording("Discount"))

    def _touched(self, action: Action) -> None:
        if action is Action.DISCOUNT and self._row is not None and self._row.discount_id is not None:
            self.discount_removed.emit()
        else:
            self.asked.emit(action)
