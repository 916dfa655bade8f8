"""The amount due: the largest thing on screen, always in the same place; and the last item or the change under it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout

from app.checkout.views import CompletedView, LineView, Phase, TillView
from app.values.money import currency_of
from app.values.wording import Wording, wording
from ui.cashier.first_paint import DUE_HEIGHT_PX
from ui.presenters.formatting import write_line_price, write_money
from ui.theme.look import Look
from ui.widgets.keys import WordKey
from ui.widgets.labels import AmountLabel, NameBlock, TextLabel
from ui.widgets.tiles import STAND_IN_COLOUR, PictureBox

ITEM_HEIGHT_PX = 104


class DuePane(QFrame):
    """What the basket costs, or what the sale just paid did."""

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
        self._detail = TextLabel(look, "", role="good")
        self._detail.setObjectName("dueDetail")
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 8, 16, 8)
        grid.setSpacing(0)
        grid.addWidget(self._caption, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.amount, 0, 1)
        grid.addWidget(self._detail, 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self.setFixedHeight(DUE_HEIGHT_PX)

    def show_view(self, view: TillView) -> None:
        """Show the amount, and what was saved."""
        currency = currency_of(view.basket.currency)
        if view.phase is Phase.PAID and view.completed is not None:
            self._caption.say(wording("Paid"))
            self.amount.show_amount(write_money(view.completed.due_minor, currency))
            self._detail.say(_saved(view.completed.discount_minor, view))
            return
        self._caption.say(wording("Due"))
        due = view.payment.due_minor if view.payment is not None else view.basket.due_minor
        self.amount.show_amount(write_money(due, currency))
        self._detail.say(_saved(view.basket.discount_minor, view))


def _saved(minor: int, view: TillView) -> Wording | str:
    currency = currency_of(view.basket.currency)
    tax = view.basket.tax_added_minor
    saved = wording("saved {amount}", amount=write_money(minor, currency)) if minor > 0 else None
    added = wording("tax added {amount}", amount=write_money(tax, currency)) if tax else None
    if saved and added:
        return wording("{one} · {other}", one=saved, other=added)
    return saved or added or ""


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
