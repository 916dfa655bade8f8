"""What a screen and the payment desk ask of the till about payments."""

from dataclasses import dataclass, field

from app.payments.desk_requests import Decision, DeskEvent


@dataclass(frozen=True, slots=True)
class ReportPayment:
    """The payment desk says how an attempt goes."""

    event: DeskEvent


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Something that the view depends on changed outside the till: a provider went away, or came back."""


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """The open payment is to be taken back; what comes of it is shown when it is certain."""


@dataclass(frozen=True, slots=True)
class DecidePayment:
    """A supervisor decides about the open payment, which does not get resolved."""

    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmPayment:
    """The cashier saw elsewhere, such as in the shop's banking app, that the money of the open payment came."""

    reference: str = field(default="", repr=False)
    """The transaction's number as it is shown there; may be empty."""


@dataclass(frozen=True, slots=True)
class ShowReceipt:
    """A receipt is looked up, by its number as printed; empty: the last one."""

    number_text: str = ""


@dataclass(frozen=True, slots=True)
class HideReceipt:
    """The receipt that was looked up is put away."""


@dataclass(frozen=True, slots=True)
class RefundTender:
    """Money is given back on a tender of the receipt that is shown, by the way it was paid."""

    tender_id: int
    amount_text: str
    """In major units; empty: everything that can still be given back."""

    reason: str
    seen_minor: int | None = None
    """What the screen says can still be given back; where that is no longer so, nothing is. None: nobody looked."""


@dataclass(frozen=True, slots=True)
class ShowWorklist:
    """The payments that a person must look at are shown."""


@dataclass(frozen=True, slots=True)
class HideWorklist:
    """The worklist is put away."""


@dataclass(frozen=True, slots=True)
class CloseCase:
    """A case was dealt with."""

    case_id: str
    reason: str
    """What was found, or done."""


PaymentRequest = (
    ReportPayment
    | LookAgain
    | CancelPayment
    | DecidePayment
    | ConfirmPayment
    | ShowReceipt
    | HideReceipt
    | RefundTender
    | ShowWorklist
    | HideWorklist
    | CloseCase
)
