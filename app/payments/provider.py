"""What a payment provider is to the till: a few calls that each may answer, or not answer.

A provider never decides what to do next: it says what it was told, and the attempt's state machine decides. A call that
brings no certain answer gives `Verdict.UNKNOWN`; nothing is ever guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import Enum
from typing import Final, Protocol

from app.values.problems import Problem
from app.values.wording import Wording

CHINA_TIME: Final = timezone(timedelta(hours=8))


class Verdict(Enum):
    """What a provider says of a payment or refund."""

    APPROVED = "approved"
    """Charged, or given back, in full."""

    DECLINED = "declined"
    """Final: nothing was charged and nothing will be."""

    PENDING = "pending"
    """The shopper has still to do something, such as keying in a password."""

    NOT_FOUND = "not_found"
    """The provider has never heard of it. It may still arrive: only the state machine may conclude from this."""

    REVERSED = "reversed"
    """It was revoked or closed, or a charge given back whole: the shopper has paid nothing."""

    UNKNOWN = "unknown"
    """No answer, an answer that contradicts itself or the request, or one that is not signed rightly."""


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """One answer."""

    verdict: Verdict
    sentence: Wording
    """What it means for the cashier, and what to do now."""

    amount_minor: int = 0
    """What was charged or given back; checked against the request before APPROVED is said."""

    provider_reference: str = ""
    """The provider's own number of the transaction."""

    payer: str = ""
    """Who paid, masked by the provider; may be empty. Never a card number."""

    at: datetime | None = None
    """When the provider says that it happened, UTC."""

    code: str = ""
    """The provider's own word, such as `USERPAYING`, for log and help; no personal data."""


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """A payment to be asked for."""

    provider_number: str
    """The shop's number of it (`out_trade_no`): at most 32 letters and digits, stored before anything is sent and never
    used again."""

    amount_minor: int
    currency: str
    """ISO 4217."""

    description: str
    """What the shopper reads in the wallet, such as the shop's name; at most 127 characters."""

    store_number: str = ""
    till_number: str = ""
    shopper_code: str = field(default="", repr=False)
    """The payment code that the shopper showed. Lives in memory only: never stored, logged or shown."""

    reversed_before: bool = True
    """False only where it is certain that no earlier call asked to reverse it, in this run of the program or before;
    for a provider that must not send the same twice and may itself have forgotten."""


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money to be given back on an earlier payment."""

    provider_number: str
    """The original payment's number."""

    refund_number: str
    """The refund's own number (`out_refund_no`, `out_request_no`): repeated with it, a refund happens once."""

    amount_minor: int
    """To be given back now."""

    original_minor: int
    """What the payment charged."""

    currency: str
    reason: str = ""
    original_reference: str = ""
    """The provider's own number of the payment, as its answers gave it (`ProviderAnswer.provider_reference`)."""

    sent_before: bool = True
    """False only where it is certain that no earlier call sent this refund, in this run of the program or before."""


@dataclass(frozen=True, slots=True)
class CodeOffer:
    """A code of the merchant's that the shopper scans."""

    answer: ProviderAnswer
    """PENDING where there is a code to show."""

    payload: str = ""
    """What the QR holds."""


@dataclass(frozen=True, slots=True)
class ProviderTimes:
    """How a provider wants to be asked; from its documents."""

    ask_every_s: int = 5
    """Between two questions while the shopper has still to do something."""

    ask_until_s: int = 45
    """Counted from submission: after this the payment is taken back."""

    reverse_not_before_s: int = 15
    """Counted from submission: earlier the provider refuses to reverse."""

    reverse_every_s: int = 5
    call_timeout_s: int = 10
    """A call without an answer after this time is UNKNOWN."""


@dataclass(frozen=True, slots=True)
class ProviderCapabilities:
    """What a provider can do; nobody asks for its type."""

    shopper_code: bool = True
    """Takes a code that the shopper shows."""

    merchant_code: bool = False
    """Gives a code that the shopper scans."""

    terminal: bool = False
    """Has a terminal of its own that the shopper is sent to; `PurchaseOrder.shopper_code` is empty then."""

    offers_again: bool = False
    """Whether `offer_code` asks nobody and gives a number its code however often: it is shown again after a restart."""

    confirmed_by_hand: bool = False
    """Cannot be asked: a person sees elsewhere whether the money came, and says so. `query` answers PENDING."""

    captures: bool = False
    """Whether an approval only holds the money, and the provider is a `CapturingProvider`.

    What it never heard of when the till was started again is reversed at once: its `reverse` must hold against a `pay`
    that arrives later."""

    reverse: bool = True
    refund: bool = True
    bills: bool = False
    bill_zone: tzinfo = CHINA_TIME
    """Whose midnights a day's bill goes by."""

    works_offline: bool = False
    times: ProviderTimes = field(default_factory=ProviderTimes)


class BillKind(Enum):
    """What a row of a bill is."""

    PURCHASE = "purchase"
    REFUND = "refund"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class BillRow:
    """One transaction of a provider's daily bill."""

    kind: BillKind
    provider_number: str
    amount_minor: int
    """Positive for both; the kind says which way it went."""

    at: datetime
    """In the provider's zone, aware."""

    refund_number: str = ""
    provider_reference: str = ""
    fee_minor: int = 0


class BillNotReady(Problem):
    """Raised when a bill is asked for before the provider has made it."""

    code = "BILL-NOT-READY"


class BadBill(Problem):
    """Raised when a bill is damaged, of another day or merchant, or its summary does not fit its rows."""

    code = "BAD-BILL"


class ProviderAway(Problem):
    """Raised by bill downloads when the provider cannot be reached; payments give UNKNOWN instead."""

    code = "PROVIDER-AWAY"


class PaymentProvider(Protocol):
    """A provider, used by one thread; `close` is called on it once, after the last call.

    A call comes back within `ProviderTimes.call_timeout_s` and never raises for what the network or the provider does:
    that is an answer.
    """

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What it can do."""

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        """Ask for a payment by the shopper's code."""

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        """Ask for a code to show to the shopper."""

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        """Ask how a payment stands; the order's shopper code is empty."""

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        """Take a payment back whole, whether it was charged or not. REVERSED when that is certain."""

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        """Give money back; repeated with the same number it happens once."""

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        """Ask how a refund stands."""

    def bill(self, day: date) -> Iterator[BillRow]:
        """Return the rows of a day's bill, streamed, its summary checked at the end.

        Raises:
            BillNotReady: BadBill: ProviderAway: see there.
        """

    def close(self) -> None:
        """Let go of connections; nothing is called any more."""


class CapturingProvider(PaymentProvider, Protocol):
    """A provider whose approval holds the money, and which takes it once the sale is stored."""

    def capture(self, order: PurchaseOrder) -> ProviderAnswer:
        """Take what was held; repeated for the same order it happens once. APPROVED when that is certain."""
