"""Which panes stand beside the basket, how long each stays, and which action opens one."""

from enum import Enum
from typing import Final

from app.checkout.views import TillView
from ui.presenters.shortcuts import Action
from ui.presenters.weighing import Form


class Pane(Enum):
    """What stands in the lower right of the window."""

    QUICK_KEYS = "quick_keys"
    SEARCH = "search"
    QUANTITY = "quantity"
    PRICE = "price"
    DISCOUNT = "discount"
    NOTE = "note"
    SUSPEND = "suspend"
    RECALL = "recall"
    DRAWER = "drawer"
    ABANDON = "abandon"
    MORE = "more"
    RECEIPT_NUMBER = "receipt_number"
    QUESTION = "question"
    WEIGHING = "weighing"
    TARE = "tare"
    TENDER = "tender"
    WAITING = "waiting"
    ACCEPT_ANYWAY = "accept_anyway"
    GIVE_UP = "give_up"
    RECEIPT = "receipt"
    WORKLIST = "worklist"


AT_HOME: Final = frozenset({Pane.QUICK_KEYS, Pane.SEARCH})
"""What is in sight while nothing is asked."""

DECISIONS: Final = frozenset({Pane.ACCEPT_ANYWAY, Pane.GIVE_UP})
"""Open over `WAITING`, until the reason is given or left."""

TILLS_PANES: Final = frozenset(
    {Pane.QUESTION, Pane.WEIGHING, Pane.TARE, Pane.TENDER, Pane.WAITING, Pane.RECEIPT, Pane.WORKLIST} | DECISIONS
)
"""Open while the till wants them, and no longer."""

WEIGHT_PANES: Final = {Form.SCALE: Pane.WEIGHING, Form.TARE: Pane.TARE, Form.WEIGHT: Pane.QUESTION}
LINE_PANES: Final = frozenset({Pane.PRICE})
"""Open while a line is selected."""

PANES_OF_ACTIONS: Final = {
    Action.SUSPEND: Pane.SUSPEND,
    Action.ABANDON: Pane.ABANDON,
    Action.QUANTITY: Pane.QUANTITY,
    Action.PRICE: Pane.PRICE,
    Action.DISCOUNT: Pane.DISCOUNT,
    Action.RECALL: Pane.RECALL,
    Action.NOTE: Pane.NOTE,
    Action.DRAWER: Pane.DRAWER,
    Action.MORE: Pane.MORE,
    Action.RECEIPT: Pane.RECEIPT_NUMBER,
}


def paper_pane(before: TillView, view: TillView, on_top: Pane | None) -> Pane | None:
    """Return which of receipt and worklist is in sight: the one that was asked for last; None where there is none.

    Args:
        before: the view until now.
        view: the view to be drawn.
        on_top: which of them was in sight until now.
    """
    known = before.receipt.sale_id if before.receipt is not None else None
    if view.receipt is not None and view.receipt.sale_id != known:
        return Pane.RECEIPT
    if view.worklist is not None and before.worklist is None:
        return Pane.WORKLIST
    there = {Pane.RECEIPT: view.receipt is not None, Pane.WORKLIST: view.worklist is not None}
    if on_top is not None and there[on_top]:
        return on_top
    return next((pane for pane, is_there in there.items() if is_there), None)
