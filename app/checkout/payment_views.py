"""What a screen is shown of payments: the one that is open, a receipt with what can be given back, and the worklist."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from app.payments.attempt_record import ExceptionKind, Method
from app.values.wording import LocalizedText, Wording


class PaymentStage(Enum):
    """What is being waited for; decides picture and colour, the sentence says it in words."""

    SENDING = "sending"
    SHOPPER = "shopper"
    """The shopper has something to do: scan the code, key in a password, hold the card to the terminal."""

    UNANSWERED = "unanswered"
    """Nobody knows; it is being asked again."""

    TAKING_BACK = "taking_back"
    GIVING_BACK = "giving_back"
    """A tender that was handed back is being refunded."""

    HELP = "help"
    """It does not get resolved: a supervisor decides, or the basket is put aside."""


@dataclass(frozen=True, slots=True)
class OpenPaymentView:
    """The payment that the basket is waiting for."""

    attempt_id: str
    tender_type_id: str
    tender_name: LocalizedText
    method: Method
    amount_minor: int
    stage: PaymentStage
    sentence: Wording
    """What is happening, and what to do now."""

    ends_at: datetime | None = None
    """Until when the shopper has time, UTC; a screen counts down to it. None where that is not what is waited for."""

    payload: str = ""
    """What the QR holds that the shopper scans; empty where there is none."""

    code: str = ""
    """The provider's last word, for help; no personal data."""

    can_cancel: bool = False
    can_decide: bool = False
    """Whether this operator may accept it anyway or give it up now."""

    confirmed_by_hand: bool = False
    """Whether the cashier looks elsewhere whether the money came and says so (`ConfirmPayment`)."""


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money given back on a tender, or on its way."""

    amount_minor: int
    sentence: Wording
    asked_at: datetime
    done: bool
    """Whether it arrived, by the provider's word."""

    failed: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptTenderView:
    """A tender of a sale that was completed."""

    tender_id: int
    name: LocalizedText
    amount_minor: int
    """What of it paid the sale."""

    reference: str
    refundable_minor: int
    """What can still be given back through the provider; 0 where nothing can."""

    refunds: tuple[RefundView, ...] = ()
    why_not: Wording | None = None
    """Why nothing can be given back here."""


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A sale that was looked up."""

    sale_id: str
    receipt_number: str
    completed_at: datetime
    operator_number: str
    due_minor: int
    item_count: int
    currency: str
    tenders: tuple[ReceiptTenderView, ...]
    may_refund: bool
    """Whether this operator may give money back."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """Something about a payment that a person must look at."""

    case_id: str
    kind: ExceptionKind
    sentence: Wording
    tender_name: LocalizedText
    amount_minor: int
    currency: str
    raised_at: datetime
    provider_number: str
    """The shop's number of the payment at the provider: what the provider's portal is searched by."""

    shopper: str = ""
    """The masked code or payer, to tell two shoppers apart."""

    attempt_open: bool = False
    """Whether the till is still asking: it closes by itself when the provider answers."""


@dataclass(frozen=True, slots=True)
class WorklistView:
    """The open cases, the oldest first."""

    cases: tuple[CaseView, ...]
    may_close: bool
    """Whether this operator may close one."""
