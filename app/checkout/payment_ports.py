"""What the checkout needs of payment providers: which tender is asked how, and a desk that never makes it wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from app.payments.attempt_record import Method, PaymentAttempt
from app.payments.desk_requests import PaymentOrder, RefundRequest, SupervisorDecision
from app.payments.offline_rules import OfflineCardRule, OfflineMeans
from app.payments.ports import AttemptStore
from app.payments.routing import RoutingSettings
from app.values.wording import Wording


@dataclass(frozen=True, slots=True)
class TenderPath:
    """How a tender that a provider must approve can be asked for now."""

    provider_id: str
    methods: frozenset[Method]
    """A tender's key begins with the terminal where there is one, else with the merchant's code."""

    means: OfflineMeans
    """What it needs to be good, for the rules while its provider cannot be asked."""

    away: Wording | None = None
    """Why its provider cannot be asked now, and what to do; None where it can."""

    confirmed_by_hand: bool = False
    """Whether a person looks elsewhere whether the money came, because the provider cannot be asked."""

    captures: bool = False
    """Whether an approval only holds the money, which is taken when the sale is stored."""


class Payments(Protocol):
    """The payment desk as the checkout sees it; every call returns at once, what comes of it is told later.

    Everything told arrives as `ReportPayment` on the till's thread, in order.
    """

    @property
    def routing(self) -> RoutingSettings:
        """Which tender takes the codes of which wallet."""

    @property
    def offline_cards(self) -> OfflineCardRule:
        """When cards are taken without asking the bank."""

    def path(self, tender_type_id: str) -> TenderPath | None:
        """Return how a tender is asked for; None where it is not set up at this till."""

    def begin(self, order: PaymentOrder) -> bool:
        """Have a payment made; false where the desk is not ready, or the basket has one that is not over."""

    def is_busy_with(self, basket_id: str) -> bool:
        """Return whether a payment of this basket is at work: its `AttemptEnded` is still to come."""

    def cancel(self, attempt_id: str, asked_by: str) -> bool:
        """Have a payment taken back."""

    def refund(self, request: RefundRequest) -> bool:
        """Have money given back on an approved payment."""

    def decide(self, decision: SupervisorDecision) -> bool:
        """Take a supervisor's decision about an attempt that does not get resolved."""

    def confirm(self, attempt_id: str, confirmed_by: str, reference: str) -> bool:
        """Take a person's word that the money came, where the provider cannot be asked."""

    def capture(self, attempt_ids: Sequence[str]) -> None:
        """Take what was only held for these payments: their sale is stored. Repeated until it is certain."""


class CounterAttempts(AttemptStore, Protocol):
    """The attempts in the till's store, as the checkout asks for them."""

    def attempts_of(self, basket_id: str) -> tuple[PaymentAttempt, ...]:
        """Return the attempts of a basket, the oldest first."""

    def unclaimed_attempts(self, since: datetime) -> tuple[PaymentAttempt, ...]:
        """Return payments made since an instant that are approved, stand in no sale, and were not given back."""

    def offline_cards_taken(self, business_date: date) -> tuple[int, int]:
        """Return how many tenders were approved offline in the sales of a day, and their sum in minor units."""

    def last_answer(self, provider_id: str) -> datetime | None:
        """Return when a provider last approved a payment or refund by its own word; None where it never did.

        What was declined tells nothing: a card terminal that reaches no bank declines too.
        """

    def reference_used(self, tender_type_id: str, reference: str) -> bool:
        """Return whether a sale of this till has a tender of this type with this reference: a voucher's number."""
