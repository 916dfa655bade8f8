"""A receipt that was looked up: its tenders, what of each can be given back, and the way to do it."""

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.checkout.payment_requests import RefundTender
from app.checkout.payment_views import ReceiptTenderView, ReceiptView
from app.checkout.views import Notice, Severity, TillView
from app.values.money import currency_of
from app.values.wording import LocalizedText, Wording, wording
from ui.cashier.choice_keys import ChoiceKeys
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.receipts import (
    Moments,
    receipt_subtitle,
    receipt_title,
    refund_words,
    tender_cards,
    why_no_refund,
)
from ui.presenters.shortcuts import SUGGESTION_KEYS, Action, shortcut_of
from ui.settings import WallClock
from ui.theme.look import Look
from ui.widgets.cards import CardColumn
from ui.widgets.fields import Field
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import TextLabel
from ui.widgets.number_pad import NumberPad

_CHOOSE_A_TENDER = Notice(Severity.WARNING, wording("Choose what it was paid with first."))
_CHOOSE_A_REASON = Notice(Severity.WARNING, wording("Choose a reason."))


class ReceiptPane(SidePane):
    """Tender, amount, reason: then one key gives the money back. Nothing is given back by one touch alone."""

    def __init__(
        self,
        look: Look,
        presenter: CashierPresenter,
        send: Send,
        reasons: Sequence[Wording | LocalizedText],
        time: tuple[WallClock, tzinfo],
    ) -> None:
        """Take the store's reasons, and the clock and zone that times are written by."""
        super().__init__(look, presenter, send, "receiptPane", "")
        self._reasons = tuple(reasons)[: len(SUGGESTION_KEYS)]
        self._clock, self._zone = time
        self._receipt: ReceiptView | None = None
        self._tender = -1
        self._reason = -1
        self._sent_from: TillView | None = None
        self.cards = CardColumn(look, "receiptTender", self._choose_tender)
        self.field = Field(
            look, "receiptAmount", wording("Amount; empty: all"), size_px=look.tokens.title_px, figures=True
        )
        self.pad = NumberPad(look, self.field, wording("Give back"))
        self._choices = ChoiceKeys(look, "refundReason", self._choose_reason, columns=2)
        self._choices.offer(self._reasons, SUGGESTION_KEYS)
        self._why = TextLabel(look, wording("Why?"), bold=True)
        self._closed = TextLabel(look, "", role="ink_soft", lines=3)
        self._closed.setObjectName("receiptClosed")
        copy = shortcut_of(Action.REPRINT)
        self.copy_key = WordKey(look, "receiptCopy", copy.label, role=KeyRole.QUIET, shortcut=copy.key)
        self.copy_key.clicked.connect(lambda: self.send(self.presenter.perform(Action.REPRINT)))
        self.head.insertWidget(1, self.copy_key)
        self._about = TextLabel(look, "", role="ink_soft")
        self._about.setObjectName("receiptAbout")
        self._lay_out()
        self.pad.accepted.connect(self._accept)
        self.field.returnPressed.connect(self._accept)
        self.field.textChanged.connect(lambda _: self._show_amount())

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.cards, 1)
        for widget in (self._closed, self._why, self._choices):
            left.addWidget(widget)
        self._right = QWidget()
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(8)
        right.addWidget(self.field)
        right.addWidget(self.pad, 1)
        right.addStretch(0)
        self.column.addWidget(self._about)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addLayout(left, 3)
        body.addWidget(self._right, 2)
        self.column.addLayout(body, 1)

    def opened(self) -> None:
        """Begin with nothing chosen."""
        self._receipt = None
        self.refresh()

    def refresh(self) -> None:
        """Show the receipt as it is now; what is typed stays until the receipt changes."""
        receipt = self.presenter.view.receipt
        if receipt is None:
            return
        if self._sent_from is not self.presenter.view:
            self._sent_from = None
        if receipt != self._receipt:
            self._begin(receipt)
        moments = Moments(self._zone, self._clock.now())
        self.title.say(receipt_title(receipt))
        self._about.say(receipt_subtitle(receipt, moments))
        self.cards.offer(tender_cards(receipt, moments))
        self.cards.mark(self._tender)
        why_not = why_no_refund(receipt)
        self._closed.say(why_not or "")
        self._closed.setVisible(why_not is not None)
        for widget in (self._right, self._why, self._choices):
            widget.setVisible(why_not is None)
        self._show_amount()

    def _begin(self, receipt: ReceiptView) -> None:
        """Forget what was chosen on another receipt, or before the last refund; choose what there is no choice of."""
        self._receipt = receipt
        can_be = [position for position, tender in enumerate(receipt.tenders) if tender.refundable_minor > 0]
        self._tender = can_be[0] if len(can_be) == 1 and receipt.may_refund else -1
        self._reason = -1
        self._choices.mark(-1)
        self.field.clear()

    def input_field(self) -> QLineEdit | None:
        """Return the amount's field, where money can be given back."""
        return self.field if self._receipt is not None and why_no_refund(self._receipt) is None else None

    def first_focus(self) -> QWidget:
        """Give the keyboard to the amount, else to the way back."""
        return self.input_field() or self.back_key

    def take_key(self, key: str) -> bool:
        """Choose a tender by its number, a reason by its F-key."""
        if key in SUGGESTION_KEYS and self._choices.isVisibleTo(self):
            position = SUGGESTION_KEYS.index(key)
            if position < len(self._reasons):
                self._choose_reason(position)
            return True
        return self.cards.take_number(key)

    def _chosen(self) -> ReceiptTenderView | None:
        tenders = self._receipt.tenders if self._receipt is not None else ()
        return tenders[self._tender] if 0 <= self._tender < len(tenders) else None

    def _choose_tender(self, position: int) -> None:
        self._tender = position
        self.cards.mark(position)
        self._show_amount()
        self.field.setFocus()

    def _choose_reason(self, position: int) -> None:
        self._reason = position
        self._choices.mark(position)
        self.field.setFocus()

    def _show_amount(self) -> None:
        """Write the amount on the key that gives it back."""
        if self._receipt is not None:
            currency = currency_of(self._receipt.currency)
            self.pad.accept_key.say(refund_words(self._chosen(), self.field.text(), currency))

    def _accept(self) -> None:
        """Give back, once: a second Enter before the till has answered is none."""
        tender = self._chosen()
        if tender is None or self._reason < 0:
            self.presenter.say(_CHOOSE_A_TENDER if tender is None else _CHOOSE_A_REASON)
            self.send(None)
        elif self._sent_from is not self.presenter.view:
            self._sent_from = self.presenter.view
            reason = self.look.say(self._reasons[self._reason])
            amount = self.field.text().strip()
            self.send(RefundTender(tender.tender_id, amount, reason, tender.refundable_minor))
