"""Which panes stand beside the basket, how long each stays, and which action opens one."""

from enum import Enum
from typing import Final

from app.checkout import requests as ask
from app.checkout.member_requests import HideDeal, HideMember, ShowDeal, ShowMember
from app.checkout.payment_requests import HideReceipt, HideWorklist, ShowWorklist
from app.checkout.views import Phase, TillView
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
    MEMBER = "member"
    DEAL = "deal"


AT_HOME: Final = frozenset({Pane.QUICK_KEYS, Pane.SEARCH})
"""What is in sight while nothing is asked."""

DECISIONS: Final = frozenset({Pane.ACCEPT_ANYWAY, Pane.GIVE_UP})
"""Open over `WAITING`, until the reason is given or left."""

SHOPPERS_PAPERS: Final = frozenset({Pane.MEMBER, Pane.DEAL})
"""About the basket that is rung up: selling goes on beside them, and what a person opens stands over them."""

PAPERS: Final = frozenset({Pane.RECEIPT, Pane.WORKLIST}) | SHOPPERS_PAPERS
"""Open while the till shows what they show; the one that was asked for last is in sight."""

TILLS_PANES: Final = frozenset(
    {Pane.QUESTION, Pane.WEIGHING, Pane.TARE, Pane.TENDER, Pane.WAITING} | PAPERS | DECISIONS
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


PAPERS_OF_ACTIONS: Final = {Action.WORKLIST: Pane.WORKLIST, Action.MEMBER: Pane.MEMBER, Action.DEAL: Pane.DEAL}
"""The same key shows one of these and puts it away."""

_SHOW: Final[dict[Pane, ask.TillRequest]] = {
    Pane.WORKLIST: ShowWorklist(),
    Pane.MEMBER: ShowMember(),
    Pane.DEAL: ShowDeal(),
}
_HIDE: Final[dict[Pane, ask.TillRequest]] = {
    Pane.RECEIPT: HideReceipt(),
    Pane.WORKLIST: HideWorklist(),
    Pane.MEMBER: HideMember(),
    Pane.DEAL: HideDeal(),
}


def show_or_hide(paper: Pane, shown: Pane) -> ask.TillRequest:
    """Return what to ask of the till so that a paper comes into sight, or goes away where it is the one shown."""
    return _HIDE[paper] if shown is paper else _SHOW[paper]


def hide(paper: Pane) -> ask.TillRequest:
    """Return what puts a paper away."""
    return _HIDE[paper]


def _papers(view: TillView) -> dict[Pane, object]:
    """Return what each paper shows; None or False where it is not there."""
    selling = view.phase is not Phase.PAYING
    return {
        Pane.RECEIPT: None if view.receipt is None else view.receipt.sale_id,
        Pane.WORKLIST: view.worklist is not None,
        Pane.MEMBER: view.member_shown and selling,
        Pane.DEAL: view.deal is not None and selling,
    }


def paper_pane(before: TillView, view: TillView, on_top: Pane | None) -> Pane | None:
    """Return which of receipt, worklist, member and explanation is in sight: the one that was asked for last.

    Args:
        before: the view until now.
        view: the view to be drawn.
        on_top: which of them was in sight until now.

    Returns:
        None where there is none.
    """
    known, there = _papers(before), _papers(view)
    for paper, what in there.items():
        if what and what != known[paper]:
            return paper
    if on_top is not None and there[on_top]:
        return on_top
    return next((paper for paper, what in there.items() if what), None)
