"""The amount due: the largest thing on screen, always in the same place; and the last item or the change under it."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from app.checkout.views import CompletedView, LineView, Phase, TillView
from app.values.money import currency_of
from app.values.wording import wording
from ui.cashier.first_paint import DUE_HEIGHT_PX
from ui.presenters.formatting import write_line_price, write_money
from ui.presenters.savings import due_words
from ui.presenters.shortcuts import Action, shortcut_of
from ui.theme.look import Look
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import AmountLabel, NameBlock, TextLabel
from ui.widgets.saved_figure import SavedFigure
from ui.widgets.tiles import STAND_IN_COLOUR, PictureBox

ITEM_HEIGHT_PX = 104
_CAPTION_PX: Final = 40
_AMOUNT_PX: Final = 72
_KEY_PX: Final = 152
_ROOMY_KEY_PX: Final = 216
_ROOMY_FROM_PX: Final = 640
"""From this width of the pane on the key of the best coupons is wider."""


class DuePane(QFrame):
    """What the basket costs, or what the sale just paid did; beside it the key that uses the best coupons.

    Everything has its place by hand: the amount never moves, whether the key is there or not.
    """

    best_asked = Signal()
    """The best coupons shall be used."""

    def __init__(self, look: Look) -> None:
        """Build the pane."""
        super().__init__()
        self.setObjectName("duePane")
        self.setProperty("plane", "raised")
        tokens = look.tokens
        self._caption = TextLabel(look, wording("Due"), size_px=tokens.title_px, bold=True)
        self._caption.setObjectName("dueCaption")
        self.amount = AmountLabel(look, sizes_px=(tokens.due_px, tokens.large_px, tokens.title_px))
        self.amount.setObjectName("dueAmount")
        self.saved = SavedFigure(look, "dueSaved")
        self._detail = TextLabel(look, "", role="ink_soft", shrink_to=(tokens.small_px, 2))
        self._detail.setObjectName("dueDetail")
        shortcut = shortcut_of(Action.BEST_COUPONS)
        self.best_key = WordKey(
            look, "bestCoupons", shortcut.label, role=KeyRole.PRIMARY, shortcut=shortcut.key, icon=shortcut.icon
        )
        self.best_key.stack()
        self.best_key.clicked.connect(self.best_asked)
        self._dot = TextLabel(look, "\u00b7", role="ink_soft")
        self._dot.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.best_key.hide()
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(4)
        foot.addWidget(self.saved)
        foot.addWidget(self._dot)
        foot.addWidget(self._detail, 1)
        for widget in (self._caption, self.amount, self._foot, self.best_key):
            widget.setParent(self)
        self.setFixedHeight(DUE_HEIGHT_PX)

    @property
    def moving(self) -> bool:
        """Whether a figure is still growing."""
        return self.saved.moving

    def show_view(self, view: TillView) -> None:
        """Show the amount, what was saved, and who the shopper is."""
        currency = currency_of(view.basket.currency)
        paid = view.phase is Phase.PAID and view.completed is not None
        if paid and view.completed is not None:
            due = view.completed.due_minor
        else:
            due = view.payment.due_minor if view.payment is not None else view.basket.due_minor
        self._caption.say(wording("Paid") if paid else wording("Due"))
        self.amount.show_amount(write_money(due, currency))
        words = due_words(view)
        self.saved.show_saved(words.saved_minor, currency)
        self._detail.say(words.rest)
        self._dot.setVisible(words.saved_minor > 0 and bool(words.rest))
        if words.best is not None:
            self.best_key.say(words.best)
        self.best_key.setVisible(words.best is not None)
        self._place()

    def _place(self) -> None:
        area = self.rect().adjusted(16, 8, -16, -8)
        beside = 0
        if not self.best_key.isHidden():
            beside = _KEY_PX if self.width() < _ROOMY_FROM_PX else _ROOMY_KEY_PX
            self.best_key.setGeometry(area.left(), area.top() + _CAPTION_PX, beside, area.height() - _CAPTION_PX)
            beside += 16
        caption = min(self._caption.sizeHint().width(), area.width() // 3)
        self._caption.setGeometry(area.left(), area.top(), caption, _CAPTION_PX)
        left = max(beside, caption + 16)
        self.amount.setGeometry(area.left() + left, area.top(), area.width() - left, _AMOUNT_PX)
        self._foot.setGeometry(
            area.left() + beside, area.top() + _AMOUNT_PX, area.width() - beside, area.height() - _AMOUNT_PX
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put everything into its place."""
        super().resizeEvent(event)
        self._place()


class ItemPane(QFrame):
    """The item touched last, with its picture."""

    def __init__(self, look: Look) -> None:
        """Build the pane."""
        super().__init__()
        self._look = look
        self.setObjectName("itemPane")
        self.setProperty("plane", "raised")
        tokens = look.tokens
        self._picture = PictureBox(look, 80)
        self._name = NameBlock(look, name_px=tokens.title_px, detail_px=tokens.body_px)
        self._name.setObjectName("itemName")
        self._amount = AmountLabel(look, sizes_px=(tokens.large_px, tokens.title_px, tokens.label_px))
        self._amount.setMaximumWidth(240)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 16, 8)
        row.setSpacing(16)
        row.addWidget(self._picture)
        row.addWidget(self._name, 3)
        row.addWidget(self._amount, 2)
        self.setFixedHeight(ITEM_HEIGHT_PX)

    def show_line(self, line: LineView | None, view: TillView) -> None:
        """Show a line, or nothing."""
        if line is None:
            self._name.say(wording("No item yet"), "", "ink_soft")
            self._amount.show_amount("")
            self._picture.hide()
            return
        currency = currency_of(view.basket.currency)
        how = write_line_price(line.quantity_thousandths, line.unit, line.unit_price_minor, currency)
        self._name.say(line.name, "  ·  ".join(part for part in (how, line.specification) if part))
        self._picture.show()
        self._amount.show_amount(write_money(line.total_minor, currency))
        self._picture.show_picture(line.picture, (STAND_IN_COLOUR, self._look.say(line.name)))


class ChangePane(QFrame):
    """What to hand back, large, until the next scan."""

    def __init__(self, look: Look, reprint: WordKey) -> None:
        """Take the key that prints the receipt again."""
        super().__init__()
        self._look = look
        self.setObjectName("changePane")
        self.setProperty("plane", "raised")
        tokens = look.tokens
        self._caption = TextLabel(look, wording("Change"), size_px=tokens.title_px, bold=True, role="good")
        self.amount = AmountLabel(look, sizes_px=(tokens.due_px, tokens.large_px, tokens.title_px), role="good")
        self.amount.setObjectName("changeAmount")
        self._detail = TextLabel(look, "", role="ink_soft")
        self._detail.setObjectName("receiptDetail")
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 8, 16, 8)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.addWidget(self._caption, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.amount, 0, 1, 1, 2)
        grid.addWidget(self._detail, 1, 0, 1, 2)
        grid.addWidget(reprint, 1, 2)
        grid.setColumnStretch(1, 1)

    def show_completed(self, done: CompletedView, currency_code: str) -> None:
        """Show the sale just completed."""
        currency = currency_of(currency_code)
        self.amount.show_amount(write_money(done.change_minor, currency))
        given = " + ".join(
            f"{self._look.say(tender.name)} {write_money(tender.amount_minor, currency)}" for tender in done.tenders
        )
        self._detail.say(wording("Receipt {number} · {given}", number=done.receipt_number, given=given))
