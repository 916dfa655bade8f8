"""The cashier's window without the window: which pane is open, what a key asks of the till, what is selected."""

from collections.abc import Callable
from typing import Final

from app.checkout import requests as ask
from app.checkout.member_requests import UseBestCoupons
from app.checkout.payment_requests import CancelPayment
from app.checkout.payment_views import OpenPaymentView
from app.checkout.views import BasketView, LineView, Notice, Phase, SearchView, Severity, TillView
from app.sales.basket import DiscountKind
from app.values.money import currency_of
from app.values.wording import Wording, wording
from ui.presenters.member import TypedPhone
from ui.presenters.panes import (
    AT_HOME,
    DECISIONS,
    LINE_PANES,
    PANES_OF_ACTIONS,
    PAPERS,
    PAPERS_OF_ACTIONS,
    SHOPPERS_PAPERS,
    TILLS_PANES,
    WEIGHT_PANES,
    Pane,
    hide,
    paper_pane,
    show_or_hide,
)
from ui.presenters.payments import exact_cash, open_payment
from ui.presenters.possible import (
    CANNOT_TAKE_BACK,
    LEAVE_PAYMENT_FIRST,
    MOVES,
    OF_AMOUNTS,
    OFFER_STAYS,
    PAYMENT_OPEN,
    Chosen,
    missing,
)
from ui.presenters.rows import BasketRow, RowKind
from ui.presenters.shortcuts import Action, action_of
from ui.presenters.weighing import WeighingPresenter

SEARCH_FROM: Final = 1
"""Letters typed before results show; a Chinese product may be found by one."""

DIGITS_SEARCH_FROM: Final = 3
"""Digits typed before results show: fewer are mostly the beginning of a quantity or PLU."""


EMPTY_VIEW: Final = TillView(Phase.SELLING, BasketView(basket_id=None, currency="CNY"), revision=-1)


class CashierPresenter:
    """State of the window that is not the till's: pane, selection, typed search.

    A method that asks something of the till returns the request, or None where there is nothing to ask; the window
    sends it and draws `pane`, `selected_key` and `notice` anew.
    """

    def __init__(self, weighing: WeighingPresenter | None = None) -> None:
        """Begin with an empty view, older than any the till sends."""
        self.view = EMPTY_VIEW
        self.weighing = weighing if weighing is not None else WeighingPresenter()
        self.pane = Pane.QUICK_KEYS
        self.search = SearchView("", ())
        self.search_position = -1
        self.selected_key: str | None = None
        self.notice: Notice | None = None
        self.rows: tuple[BasketRow, ...] = ()
        self._paper: Pane | None = None
        self._submitted: Pane | None = None
        self._words_entered = False
        self.typed_phone = TypedPhone()

    # what the till says

    def accept(self, view: TillView) -> bool:
        """Take a new view; False where it is older than the one on screen and must not be drawn."""
        if view.revision < self.view.revision:
            return False
        before, self.view = self.view, view
        if view.notice is None or view.notice is not before.notice:
            # What the till said before is not said again over something newer of the screen's own.
            self.notice = self.typed_phone.notice(view)
        if view.selected_line != before.selected_line or view.basket != before.basket:
            self.selected_key = None if view.selected_line is None else f"line:{view.selected_line}"
        on_top, self._paper = self._paper, paper_pane(before, view, self._paper)
        found = view.receipt is not None and (before.receipt is None or before.receipt.sale_id != view.receipt.sale_id)
        self._settle_pane(paper_came=found or self._paper is not on_top)
        return True

    @property
    def open_payment(self) -> OpenPaymentView | None:
        """Return the payment that the basket is waiting for."""
        return open_payment(self.view)

    def _settle_pane(self, *, paper_came: bool = False) -> None:
        view = self.view
        refused = view.notice is not None and view.notice.severity in {Severity.BAD, Severity.WARNING}
        submitted, self._submitted = self._submitted, None
        self.weighing.take_question(view.question, refused=refused)
        answered = submitted is self.pane and not refused
        payment = self.open_payment
        if view.question is not None:
            self.settle_question()
        elif payment is not None:
            if answered or not payment.can_decide or self.pane not in DECISIONS:
                self.pane = Pane.WAITING
        elif self._paper is not None:
            if answered or paper_came or not self._stands_over(self._paper):
                self.pane = self._paper
        elif view.phase is Phase.PAYING:
            self.pane = Pane.TENDER
        elif view.search_text is not None and self._words_entered:
            self.pane, self._words_entered = Pane.SEARCH, False
        elif self._pane_is_over(answered=answered):
            self.pane = Pane.QUICK_KEYS

    def _stands_over(self, paper: Pane) -> bool:
        """Whether what a person opened over a paper stays until it is answered or left."""
        opened = self.pane in PANES_OF_ACTIONS.values() and not (self.pane in LINE_PANES and not self.selected_line())
        return self.pane is Pane.RECEIPT_NUMBER or (paper in SHOPPERS_PAPERS and opened)

    def settle_question(self) -> bool:
        """Choose the pane of the till's question anew, after what the scale or a person did; False where it stays."""
        if self.view.question is None:
            return False
        form = self.weighing.form
        before, self.pane = self.pane, Pane.QUESTION if form is None else WEIGHT_PANES[form]
        return self.pane is not before

    def _pane_is_over(self, *, answered: bool) -> bool:
        if self.pane in TILLS_PANES:
            return True
        return answered or (self.pane in LINE_PANES and self.selected_line() is None)

    def accept_rows(self, rows: tuple[BasketRow, ...]) -> None:
        """Take the rows that the list shows, so that arrows and F8 know them."""
        self.rows = rows
        if rows and self.selected_key not in {row.key for row in rows}:
            self.selected_key = rows[-1].key
        elif not rows:
            self.selected_key = None

    def accept_search(self, found: SearchView, wanted: str) -> bool:
        """Take search results; False where they answer an older text."""
        if found.text != wanted or self.pane not in {Pane.QUICK_KEYS, Pane.SEARCH}:
            return False
        self.search = found
        self.search_position = 0 if found.found and self.view.search_text == found.text else -1
        self.pane = Pane.SEARCH
        return True

    def say(self, notice: Notice) -> None:
        """Show a notice of the screen's own, or of a request that failed; an open pane stays."""
        self.notice = notice
        self._submitted = None

    def announce(self, notice: Notice | None) -> None:
        """Show what a device has to say, or take it away; what was asked of the till goes on."""
        self.notice = notice

    def waiting_for(self) -> Wording:
        """Say what the till is waiting for."""
        if self.view.question is not None:
            return wording("Waiting for an answer")
        if self.open_payment is not None:
            return wording("Waiting for the payment")
        if self.view.phase is Phase.PAYING:
            return wording("Take payment")
        if self.view.armed_quantity:
            return wording("The next product is sold {quantity} times", quantity=self.view.armed_quantity)
        return wording("Ready to scan")

    # selection

    def selected_row(self) -> BasketRow | None:
        """Return the selected row of the list."""
        return next((row for row in self.rows if row.key == self.selected_key), None)

    def selected_line(self) -> LineView | None:
        """Return the selected basket line."""
        return next((line for line in self.view.basket.lines if f"line:{line.line_id}" == self.selected_key), None)

    def move_selection(self, step: int) -> None:
        """Select the row or search result above or below."""
        if self.pane is Pane.SEARCH:
            last = len(self.search.found) - 1
            self.search_position = max(0, min(last, self.search_position + step)) if last >= 0 else -1
        elif self.rows:
            keys = [row.key for row in self.rows]
            here = keys.index(self.selected_key) if self.selected_key in keys else len(keys)
            self.selected_key = keys[max(0, min(len(keys) - 1, here + step))]

    # typing

    def typed(self, text: str) -> str | None:
        """Take what stands in the entry line; return the words to search for, or None where there are none."""
        words = text.strip().rpartition("*")[2].strip()
        wanted = words if len(words) >= (DIGITS_SEARCH_FROM if words.isdigit() else SEARCH_FROM) else None
        if wanted is None and self.pane is Pane.SEARCH:
            self.pane = Pane.QUICK_KEYS
        return wanted

    def enter(self, text: str) -> ask.TillRequest | None:
        """Take Enter in the entry line: the chosen result, else what was typed; nothing while a payment is open."""
        if self.open_payment is not None:
            self.notice = PAYMENT_OPEN
            return None
        chosen = self.chosen_result()
        if chosen is not None:
            self.pane = Pane.QUICK_KEYS
            return ask.AddProduct(chosen)
        self._words_entered = bool(text.strip())
        self.typed_phone.entered(text.strip())
        return ask.EnterText(text.strip()) if self._words_entered else None

    @staticmethod
    def quantity_before_scan(text: str) -> ask.TillRequest | None:
        """Return the request that arms what stands in the entry line as a quantity (`3*`) when a scan comes."""
        quantity, star, rest = text.strip().partition("*")
        return ask.ArmQuantity(quantity) if star and quantity.strip() and not rest.strip() else None

    def chosen_result(self) -> str | None:
        """Return the product of the highlighted search result."""
        if self.pane is Pane.SEARCH and 0 <= self.search_position < len(self.search.found):
            return self.search.found[self.search_position].product_id
        return None

    def choose_product(self, product_id: str) -> ask.TillRequest:
        """Sell a quick key or a result that was touched."""
        self.pane = Pane.QUICK_KEYS
        return ask.AddProduct(product_id)

    # keys

    def route(self, key: str, *, entry_empty: bool) -> Action | None:
        """Say what a key means now; None where it is for whatever has the focus."""
        action = action_of(key)
        if key == "Del" and not (entry_empty and self.pane in {Pane.QUICK_KEYS, Pane.TENDER}):
            return None
        if action in MOVES and self.pane not in AT_HOME | {Pane.TENDER, Pane.WAITING}:
            return None
        return action

    def missing(self, action: Action) -> Notice | None:
        """Say what an action lacks at the moment; None where it can be done."""
        chosen = Chosen(self.selected_row() is not None, self.selected_line() is not None)
        return missing(action, self.view, self.pane, chosen)

    def perform(self, action: Action) -> ask.TillRequest | None:
        """Do what a key of the till asks: open a pane, or return the request."""
        lacking = self.missing(action)
        if lacking is not None:
            self.notice = lacking
            return None
        does = {
            Action.BACK: self.back,
            Action.PAY: self._pay,
            Action.VOID_LINE: self._remove_selected,
            Action.REPRINT: self._reprint,
            Action.BEST_COUPONS: UseBestCoupons,
        }.get(action)
        if does is not None:
            return does()
        if action in PAPERS_OF_ACTIONS:
            return self._show_or_hide(PAPERS_OF_ACTIONS[action])
        if action is Action.SUSPEND and self.open_payment is not None:
            return ask.SuspendBasket()
        if action in PANES_OF_ACTIONS:
            self._open(PANES_OF_ACTIONS[action])
        return None

    def _reprint(self) -> ask.TillRequest:
        """Print the receipt in sight again, else the last one."""
        receipt = self.view.receipt if self.pane is Pane.RECEIPT else None
        self.pane = self._paper or Pane.QUICK_KEYS
        return ask.ReprintReceipt(None if receipt is None else receipt.sale_id)

    def _show_or_hide(self, paper: Pane) -> ask.TillRequest:
        request = show_or_hide(paper, self.pane)
        self.pane = self._paper or Pane.QUICK_KEYS
        return request

    def decide(self, pane: Pane) -> None:
        """Ask why the open payment is accepted anyway or given up, where this operator may say so."""
        if self.open_payment is not None and self.open_payment.can_decide:
            self.pane = pane

    def _open(self, pane: Pane) -> None:
        self.pane = (self._paper or Pane.QUICK_KEYS) if self.pane is pane else pane
        self.notice = None

    def _pay(self) -> ask.TillRequest | None:
        """Begin payment, or in it take the exact sum in cash: never by whatever other tender can be had."""
        if self.view.phase is not Phase.PAYING or self.view.payment is None:
            return ask.BeginPayment()
        if self.must_be_read:
            return self.dismiss()
        taken = exact_cash(self.view.payment)
        if isinstance(taken, Notice):
            self.notice = taken
            return None
        return taken

    @property
    def must_be_read(self) -> bool:
        """Whether a payment was just refused or did not come: no key takes cash before that is put away."""
        notice = self.notice
        return (
            notice is not None
            and notice is self.view.notice
            and notice.severity in {Severity.BAD, Severity.WARNING}
            and notice.code not in OF_AMOUNTS
        )

    def _remove_selected(self) -> ask.TillRequest | None:
        row = self.selected_row()
        return None if row is None else self.removal(row)

    def removal(self, row: BasketRow) -> ask.TillRequest | None:
        """Return the request that takes a row of the list away."""
        if row.kind is RowKind.TENDER and row.tender_id is not None:
            return ask.RemoveTender(row.tender_id)
        if row.kind is RowKind.DISCOUNT and row.discount_id is None:
            self.notice = OFFER_STAYS
            return None
        if self.view.phase is Phase.PAYING:
            self.notice = LEAVE_PAYMENT_FIRST
            return None
        if row.kind is RowKind.DISCOUNT and row.discount_id is not None:
            return ask.RemoveDiscount(row.discount_id)
        return None if row.line_id is None else ask.VoidLine(row.line_id)

    def back(self) -> ask.TillRequest | None:
        """Take Esc: the nearest thing that can be left."""
        if self.view.question is not None:
            return self._leave_question()
        if self.open_payment is not None:
            return self._take_back(self.open_payment)
        if self.pane not in {Pane.QUICK_KEYS, Pane.TENDER}:
            return self._leave_pane()
        if self.view.armed_quantity:
            return ask.ArmQuantity("")
        if self.notice is not None:
            return self.dismiss()
        return ask.LeavePayment() if self.view.phase is Phase.PAYING else None

    def _leave_pane(self) -> ask.TillRequest | None:
        if self.pane in PAPERS:
            return hide(self.pane)
        self.pane = self._paper or Pane.QUICK_KEYS
        return None

    def _take_back(self, payment: OpenPaymentView) -> ask.TillRequest | None:
        """Leave a supervisor's decision, else take the payment back."""
        if self.pane in DECISIONS:
            self.pane = Pane.WAITING
            return None
        if not payment.can_cancel:
            self.notice = CANNOT_TAKE_BACK
            return None
        return CancelPayment()

    def _leave_question(self) -> ask.TillRequest | None:
        """Go back from typing to the scale, else decline."""
        if not self.weighing.can_go_back_to_scale:
            return ask.DeclineQuestion()
        self.weighing.back_to_scale()
        self.settle_question()
        return None

    def dismiss(self) -> ask.TillRequest | None:
        """Take the notice away; the till is told only where it was the till's."""
        from_till = self.view.notice is not None and self.notice in {
            self.view.notice,
            self.typed_phone.notice(self.view),
        }
        self.notice = None
        return ask.DismissNotice() if from_till else None

    # weighing

    def key_weight(self, first_typed: str = "") -> None:
        """Type the weight in place of the scale's."""
        self.weighing.key_weight(first_typed)
        self.settle_question()

    def key_tare(self) -> None:
        """Type the weight of the container."""
        self.weighing.key_tare()
        self.settle_question()

    def accept_weight(self) -> ask.TillRequest | None:
        """Sell what lies on the scale, or say why it cannot be sold as it lies there."""
        request = self.weighing.accept()
        if request is None:
            sentence = self.weighing.picture(currency_of(self.view.basket.currency)).sentence
            self.say(Notice(Severity.WARNING, sentence))
        return request

    # panes

    def submit_quantity(self, text: str) -> ask.TillRequest:
        """Change the selected line's quantity, or arm one for the next scan where no line is selected."""
        line = self.selected_line()
        return self._submit(ask.ArmQuantity(text) if line is None else ask.ChangeQuantity(line.line_id, text))

    def submit_armed_quantity(self, text: str) -> ask.TillRequest:
        """Sell the next product this many times."""
        return self._submit(ask.ArmQuantity(text))

    def submit_price(self, text: str, reason: str) -> ask.TillRequest | None:
        """Change the selected line's price."""
        line = self.selected_line()
        return None if line is None else self._submit(ask.OverridePrice(line.line_id, text, reason))

    def submit_discount(self, kind: DiscountKind, text: str, reason: str, *, on_line: bool) -> ask.TillRequest:
        """Give a discount on the selected line or on the basket."""
        line = self.selected_line() if on_line else None
        return self._submit(ask.GiveDiscount(kind, text, reason, None if line is None else line.line_id))

    def remove_line_discount(self) -> ask.TillRequest | None:
        """Take the selected line's own discount back."""
        row = self.selected_row()
        return None if row is None or row.discount_id is None else self._submit(ask.RemoveDiscount(row.discount_id))

    def submit_text(self, make: Callable[[str], ask.TillRequest], text: str) -> ask.TillRequest:
        """Send what a pane with one text asks: note, name of a suspended basket, reason."""
        return self._submit(make(text))

    def recall(self, basket_id: str) -> ask.TillRequest:
        """Bring a basket back."""
        return self._submit(ask.RecallBasket(basket_id))

    def _submit(self, request: ask.TillRequest) -> ask.TillRequest:
        self._submitted = self.pane
        return request
