"""What is known of a payment attempt, and of what a person must look at: values only, no rules."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

SHORTEST_NUMBER: Final = 6
LONGEST_NUMBER: Final = 32
"""WeChat Pay's limits for `out_trade_no` and `out_refund_no`, the tightest of the providers'."""

THE_TILL: Final = "till"
"""Stands for the till itself where a person is named: it asked, because the time was up or an amount was wrong."""


class Operation(Enum):
    """Which way the money goes."""

    PURCHASE = "purchase"
    REFUND = "refund"


class Method(Enum):
    """How the shopper is asked."""

    SHOPPER_CODE = "shopper_code"
    """The shopper showed a code and the till scanned it."""

    MERCHANT_CODE = "merchant_code"
    """The till shows a code and the shopper scans it."""

    TERMINAL = "terminal"
    """The shopper is at a card terminal."""


class AttemptState(Enum):
    """Where an attempt stands; `app.payments.attempts` says how it gets there."""

    CREATED = "created"
    """Stored; nothing was sent."""

    SUBMITTING = "submitting"
    """Stored as being sent: from here on a byte may have left."""

    PENDING = "pending"
    """The shopper, or for a refund the provider, has still to do something."""

    UNKNOWN = "unknown"
    """Nobody can say; no sale is completed on it."""

    APPROVED = "approved"
    DECLINED = "declined"
    """Nothing was charged; of a refund: nothing was given back."""

    REVERSED = "reversed"
    """The shopper pays nothing: taken back, or being refunded where an exception says so."""

    @property
    def final(self) -> bool:
        """Whether it never changes again."""
        return self in FINAL_STATES


FINAL_STATES: Final = frozenset({AttemptState.APPROVED, AttemptState.DECLINED, AttemptState.REVERSED})


class Call(Enum):
    """Which question of the provider's an answer belongs to."""

    PAY = "pay"
    """Of `pay`, or of `offer_code`."""

    QUERY = "query"
    REVERSE = "reverse"
    REFUND = "refund"
    QUERY_REFUND = "query_refund"


@dataclass(frozen=True, slots=True)
class PaymentAttempt:
    """One try at one tender with a provider, as it is stored after each step.

    Instants are UTC on the desk's steady time, see `app.payments.desk_time`. The shopper's code itself is never here.
    """

    attempt_id: str
    provider_number: str
    """`out_trade_no`, or for a refund `out_refund_no`: 6 to 32 letters and digits, never used again."""

    basket_id: str
    """The basket it pays; of a refund: the basket or return it is given for, or the purchase's."""

    tender_type_id: str
    provider_id: str
    operation: Operation
    method: Method
    amount_minor: int
    currency: str
    """ISO 4217."""

    created_at: datetime
    masked_code: str = field(default="", repr=False)
    """As much of the shopper's code as tells two attempts apart."""

    refund_of: str | None = None
    """The attempt whose money is given back."""

    original_number: str = ""
    original_minor: int = 0
    """Number and charge of that attempt."""

    asked_by: str = ""
    """The operator's number who asked for a refund; `THE_TILL` where the till did by itself."""

    reason: str = ""
    """Why money is given back."""

    state: AttemptState = AttemptState.CREATED
    submitted_at: datetime | None = None
    asking_since: datetime | None = None
    """From when `ProviderTimes.ask_until_s` counts: submission, or the start after a stop in between."""

    last_asked_at: datetime | None = None
    """When the last question about it began or was answered."""

    asks: int = 0
    cancel_by: str = ""
    """Who wants it taken back: an operator's number, or `THE_TILL`; empty: nobody."""

    reverse_first_at: datetime | None = None
    last_reversed_at: datetime | None = None
    """When the last reverse began or was answered."""

    reverses: int = 0
    not_found: int = 0
    """How many reverses were answered with NOT_FOUND since anything else was heard of it."""

    provider_reference: str = ""
    payer: str = field(default="", repr=False)
    """Masked by the provider."""

    approved_minor: int = 0
    """What was charged or given back, as far as known: also of one that is not APPROVED because it is taken back."""

    last_code: str = ""
    """The provider's last word, or one of the till's own such as `NOT-SENT`."""

    help_called: bool = False
    """Whether a supervisor was told that it does not get resolved."""

    decided_by: str = ""
    """Whose word ended it instead of the provider's: the supervisor's number who accepted it anyway or gave it up, or
    the operator's who saw the money come, or cancelled, where the provider cannot be asked."""

    decision_reason: str = ""
    revision: int = 1
    """Counts the steps it was stored at, from 1, without gaps."""

    def __post_init__(self) -> None:
        number = self.provider_number
        if not (SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER and number.isascii() and number.isalnum()):
            raise ValueError("a provider's number is 6 to 32 letters and digits")
        if self.amount_minor <= 0:
            raise ValueError("an attempt is for an amount")
        if (self.operation is Operation.REFUND) != (self.refund_of is not None):
            raise ValueError("a refund, and nothing else, names the attempt that it gives back")
        if self.operation is Operation.REFUND and self.amount_minor > self.original_minor:
            raise ValueError("no more is given back than was charged")

    @property
    def final(self) -> bool:
        """Whether it never changes again."""
        return self.state.final


class ExceptionKind(Enum):
    """What a person must look at."""

    LATE_APPROVAL = "late_approval"
    """Charged after it was taken for reversed or declined; it is being refunded."""

    AMOUNT_DIFFERS = "amount_differs"
    """The provider charged or gave back another amount than was asked for."""

    CANNOT_REVERSE = "cannot_reverse"
    """Charged after a cancel, and the provider no longer reverses; it is being refunded."""

    UNRESOLVED = "unresolved"
    """The provider gives no certain answer; the till keeps asking, a supervisor may decide."""

    REFUND_DECLINED = "refund_declined"
    """Money was not given back: the till itself wanted it, or whoever asked for it may no longer stand there."""

    ACCEPTED_ANYWAY = "accepted_anyway"
    """A supervisor took it for paid without the provider saying so."""

    NOT_LOOKED_AT = "not_looked_at"
    """A payment that counts as taken back could not be looked at once more: nobody answered. Closed by the till when
    somebody does."""

    GIVEN_UP = "given_up"
    """A supervisor stopped the asking; the shopper may have been charged."""

    CAPTURE_DECLINED = "capture_declined"
    """What was held for a sale that is stored could not be taken."""


@dataclass(frozen=True, slots=True)
class ExceptionCase:
    """One thing that a person must look at; there is one of a kind for each attempt."""

    attempt_id: str
    kind: ExceptionKind
    raised_at: datetime
    amount_minor: int
    """What it is about: what was charged or given back, as far as known, else what was asked for."""

    currency: str

    @property
    def case_id(self) -> str:
        """Its name: the same fact told again is the same case."""
        return f"{self.attempt_id}:{self.kind.value}"


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """The end of a case."""

    case_id: str
    closed_by: str
    """An operator's number, or `THE_TILL` where it came right by itself."""

    reason: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentCapture:
    """What an approval had only held was taken, after the sale that it pays was stored."""

    attempt_id: str
    captured_at: datetime
    amount_minor: int
    """What was taken; positive."""

    currency: str
    provider_reference: str = ""
    """The provider's own number of the capture, where it has one; else of the payment."""


@dataclass(frozen=True, slots=True)
class RefundWanted:
    """Money is to be given back by an attempt of its own."""

    original: PaymentAttempt
    amount_minor: int
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What a step came to."""

    attempt: PaymentAttempt
    """The same as before where nothing changed; else its revision is one higher."""

    cases: tuple[ExceptionCase, ...] = ()
    closed: tuple[CaseClosed, ...] = ()
    refund: RefundWanted | None = None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """What is stored in one transaction, or not at all; storing the same again changes nothing."""

    steps: tuple[PaymentAttempt, ...]
    """In their order; of one attempt or of several."""

    cases: tuple[ExceptionCase, ...] = ()
    closed: tuple[CaseClosed, ...] = ()
    captures: tuple[PaymentCapture, ...] = ()
    """Each of an approved purchase; of one purchase there is one."""


def provider_number_of(identity: str) -> str:
    """Return an identity as a provider takes it; a UUID without its hyphens has exactly the 32 characters allowed.

    >>> provider_number_of("0192f0c1-7b1e-7c2d-9a3b-4c5d6e7f8091")
    '0192f0c17b1e7c2d9a3b4c5d6e7f8091'

    Raises:
        ValueError: it is too short or too long to name a payment for ever.
    """
    number = "".join(filter(str.isalnum, identity))
    if not (SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER and number.isascii()):
        raise ValueError("an identity has 6 to 32 letters and digits")
    return number


def masked_code_of(shopper_code: str) -> str:
    """Return what may be kept of a shopper's code: its first two and last two characters.

    >>> masked_code_of("134567890123456789"), masked_code_of("1234")
    ('13******89', '')
    """
    return f"{shopper_code[:2]}******{shopper_code[-2:]}" if len(shopper_code) >= 12 else ""
