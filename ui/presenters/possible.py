"""Says whether an action can be done now, and what it lacks where it cannot."""

from dataclasses import dataclass
from typing import Final

from app.checkout.payment_views import OpenPaymentView, PaymentStage
from app.checkout.views import Notice, Phase, Severity, TillView
from app.values.wording import wording
from ui.presenters.panes import Pane
from ui.presenters.payments import open_payment
from ui.presenters.shortcuts import Action

ALWAYS: Final = frozenset(
    {
        Action.HELP,
        Action.THEME,
        Action.LANGUAGE,
        Action.FULLSCREEN,
        Action.INPUT_METHOD,
        Action.FIND,
        Action.DEVICES,
    }
)
"""Can be done at any moment."""

MOVES: Final = frozenset({Action.LINE_UP, Action.LINE_DOWN})
NEEDS_BASKET: Final = frozenset({Action.SUSPEND, Action.DISCOUNT, Action.ABANDON, Action.PAY, Action.NOTE, Action.DEAL})
WHILE_PAYING: Final = frozenset({Action.BACK, Action.PAY, Action.VOID_LINE}) | MOVES
WHILE_A_PAPER_LIES_OPEN: Final = frozenset({Action.BACK, Action.REPRINT, Action.WORKLIST, Action.RECEIPT}) | MOVES
"""While a receipt or the worklist is in sight."""

NOTHING_SELECTED: Final = Notice(Severity.WARNING, wording("No line is selected. Choose one with the arrow keys."))
BASKET_EMPTY: Final = Notice(Severity.WARNING, wording("The basket is empty. Scan a product first."))
NONE_SUSPENDED: Final = Notice(Severity.WARNING, wording("No basket was put aside."))
QUESTION_OPEN: Final = Notice(Severity.WARNING, wording("Answer the question first, or leave it with Esc."))
LEAVE_PAYMENT_FIRST: Final = Notice(Severity.WARNING, wording("Go back to the basket with Esc first."))
PAPER_OPEN: Final = Notice(Severity.WARNING, wording("Put away with Esc what is open beside the basket first."))
NO_MEMBERS: Final = Notice(Severity.INFO, wording("Members are not set up at this till."))
NO_BETTER_COUPON: Final = Notice(Severity.INFO, wording("No other coupon saves more in this basket."))
PUT_ASIDE_STAGES: Final = frozenset(
    {PaymentStage.SHOPPER, PaymentStage.UNANSWERED, PaymentStage.HELP, PaymentStage.TAKING_BACK}
)
"""In these the queue may go on without the payment's end."""

OF_AMOUNTS: Final = frozenset({"TENDER-REFUSED", "BAD-AMOUNT", "NOT-NOW", "WEIGHT-REFUSED"})
"""Codes of refusals of what was just typed: the next key is meant for the amount."""

OFFER_STAYS: Final = Notice(
    Severity.INFO, wording("An offer is not taken back by hand. It goes with its goods or its coupon.")
)
PAYMENT_OPEN: Final = Notice(
    Severity.WARNING, wording("A payment is open. Wait until it is over, or take it back with Esc.")
)
PAYMENT_OPEN_ASIDE: Final = Notice(
    Severity.WARNING, wording("A payment is open and cannot be taken back now. F5 puts the basket aside.")
)
CALL_SUPERVISOR: Final = Notice(
    Severity.WARNING,
    wording("Only a supervisor who works at this till decides about a payment. F5 puts the basket aside meanwhile."),
)
CANNOT_TAKE_BACK: Final = Notice(Severity.INFO, wording("Wait until it is certain how the payment stands."))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is selected in the basket's list."""

    row: bool
    line: bool


def missing(action: Action, view: TillView, pane: Pane, chosen: Chosen) -> Notice | None:
    """Say what an action lacks; None where it can be done.

    Args:
        action: what is asked.
        view: the till's.
        pane: what stands beside the basket.
        chosen: what is selected in the list.
    """
    if action in ALWAYS:
        return None
    if view.question is not None and action is not Action.BACK:
        return QUESTION_OPEN
    payment = open_payment(view)
    if payment is not None:
        return _lacks_while_open(payment, action)
    if pane in {Pane.RECEIPT, Pane.WORKLIST} and action not in WHILE_A_PAPER_LIES_OPEN:
        return PAPER_OPEN
    if view.phase is Phase.PAYING and action not in WHILE_PAYING:
        return LEAVE_PAYMENT_FIRST
    return _missing_thing(action, view, chosen)


def _missing_thing(action: Action, view: TillView, chosen: Chosen) -> Notice | None:
    if action in NEEDS_BASKET and not view.basket.lines:
        return BASKET_EMPTY
    if action is Action.MEMBER and not view.shopper.can_enrol and view.shopper.member is None:
        return NO_MEMBERS
    if action is Action.BEST_COUPONS and view.shopper.best_saving_minor <= 0:
        return NO_BETTER_COUPON
    if (action is Action.VOID_LINE and not chosen.row) or (action is Action.PRICE and not chosen.line):
        return NOTHING_SELECTED
    return NONE_SUSPENDED if action is Action.RECALL and not view.suspended else None


def _lacks_while_open(payment: OpenPaymentView, action: Action) -> Notice | None:
    """Say why an action is not possible while a payment is open; None where it is."""
    if action in MOVES or action is Action.BACK:
        return None
    if action is Action.SUSPEND and payment.stage in PUT_ASIDE_STAGES:
        return None
    if payment.stage is PaymentStage.HELP and not payment.can_decide:
        return CALL_SUPERVISOR
    return PAYMENT_OPEN if payment.can_cancel else PAYMENT_OPEN_ASIDE
