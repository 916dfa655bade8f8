"""What the payment desk is asked, and the events that it tells."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from app.payments.attempt_record import ExceptionCase, Method, PaymentAttempt
from app.values.wording import Wording


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """A payment to be asked for."""

    attempt_id: str
    """A new identity (`Identities.new()`), never used for anything else."""

    basket_id: str
    tender_type_id: str
    provider_id: str
    method: Method
    amount_minor: int
    currency: str
    description: str
    """What the shopper reads in the wallet."""

    store_number: str = ""
    till_number: str = ""
    shopper_code: str = field(default="", repr=False)
    """As it was scanned; lives in memory only, until it was sent."""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money to be given back on a payment that was approved."""

    attempt_id: str
    """A new identity of the refund's own."""

    refund_of: str
    """The payment attempt."""

    amount_minor: int
    asked_by: str
    """The operator's number."""

    reason: str
    basket_id: str = ""
    """The return it belongs to; empty: the payment's own basket."""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """A payment is to be taken back."""

    attempt_id: str
    asked_by: str


class Decision(Enum):
    """What a supervisor can do about an attempt that does not get resolved."""

    ACCEPT_ANYWAY = "accept_anyway"
    """Take it for done, without the provider's word."""

    GIVE_UP = "give_up"
    """Stop asking; the payment does not count."""


@dataclass(frozen=True, slots=True)
class SupervisorDecision:
    """A supervisor decides; whether she may is the staff's rule, and was checked before."""

    attempt_id: str
    decision: Decision
    decided_by: str
    """The supervisor's number; her name stands apart from the journal."""

    reason: str


@dataclass(frozen=True, slots=True)
class AskNow:
    """Somebody, such as a card terminal, says that there is an answer: the next question is put at once."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class ConfirmRequest:
    """A person saw the money of a payment come whose provider cannot be asked."""

    attempt_id: str
    confirmed_by: str
    """The operator's number."""

    reference: str = field(default="", repr=False)
    """What the bank calls it, as it was keyed in; may be empty."""


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """The sale of these payments is stored: what was only held for them is to be taken."""

    attempt_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LateWord:
    """Somebody, such as the provider's bill, says that a payment stands otherwise than the till believes."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class Resume:
    """The till was started: take up what is not final."""


DeskRequest = (
    PaymentOrder
    | RefundRequest
    | CancelRequest
    | SupervisorDecision
    | AskNow
    | ConfirmRequest
    | CaptureRequest
    | LateWord
    | Resume
)


@dataclass(frozen=True, slots=True)
class AttemptChanged:
    """An attempt went on and is not final, or could not be stored."""

    attempt: PaymentAttempt
    sentence: Wording
    """What is happening, and what to do now."""

    seconds_left: int | None
    """How long the shopper still has; None where that is not what is waited for."""

    payload: str = ""
    """What the QR holds that the shopper is to scan; empty where there is none."""

    ends_at: datetime | None = None
    """The instant, UTC by the wall clock, at which `seconds_left` is over; None where that is."""

    stored: bool = True
    """Whether the attempt is stored at all. Where not, nothing was sent, the sentence says why, and it is tried again:
    another event follows."""


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """An attempt is final, and that is stored; comes exactly once in a run of the program."""

    attempt: PaymentAttempt
    sentence: Wording


@dataclass(frozen=True, slots=True)
class ExceptionRaised:
    """A person must look at something; it is stored."""

    case: ExceptionCase
    sentence: Wording


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """Something that was asked cannot be done; nothing was stored and nothing sent."""

    attempt_id: str
    sentence: Wording


@dataclass(frozen=True, slots=True)
class DeskReady:
    """What was not final at the start is known; payments are taken from here on."""

    unresolved: tuple[PaymentAttempt, ...]
    """Resolve these before selling: each brings its `AttemptEnded`."""


DeskEvent = AttemptChanged | AttemptEnded | ExceptionRaised | RequestRefused | DeskReady
