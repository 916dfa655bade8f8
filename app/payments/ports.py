"""What payments need of the world beside the providers: a store that keeps attempts before a byte leaves."""

from collections.abc import Collection
from typing import Protocol

from app.payments.attempt_record import AttemptRecord, CaseClosed, ExceptionCase, PaymentAttempt
from app.values.problems import Problem


class AttemptNotStored(Problem):
    """Raised when the till's store did not say in time that it keeps a step; nothing may be sent on it."""

    code = "PAYMENT-NOT-STORED"


class AttemptStore(Protocol):
    """Where attempts are kept, each with every step it took.

    The till's thread owns the store itself; the desk reaches it through `app.payments.desk_errands`.
    """

    def save_attempt(self, record: AttemptRecord) -> None:
        """Keep steps and cases, all or none; when this returns a power cut cannot take them.

        Storing the same again changes nothing. A final step, a case and a capture get their journal entries in the
        same transaction; a closed case that is not there is passed over, and so is a second capture of a payment.

        Raises:
            Problem: whether it was stored is not known, or it was not; storing it again is always right.
            ValueError: a step that does not follow what is stored, a second open payment of a basket, a number
                that was used before, or a capture of what is not approved: faults of the program; nothing was stored.
        """

    def open_attempts(self) -> tuple[PaymentAttempt, ...]:
        """Return those that are not final, the oldest first."""

    def attempt(self, attempt_id: str) -> PaymentAttempt | None:
        """Return an attempt as it was last stored."""

    def attempt_history(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        """Return every step of an attempt, the first first."""

    def refunds_of(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        """Return the refunds of a purchase, the oldest first."""

    def last_reversed(self, count: int) -> tuple[PaymentAttempt, ...]:
        """Return the purchases that ended REVERSED last, by the journal's order: clocks lie."""

    def uncaptured(self, provider_ids: Collection[str]) -> tuple[PaymentAttempt, ...]:
        """Return the purchases of these providers that are approved, stand in a sale, and were not captured.

        Those that were given back whole, and those whose capture was declined, are not among them.
        """

    def open_exceptions(self) -> tuple[ExceptionCase, ...]:
        """Return what a person must still look at, the oldest first."""

    def close_exception(self, closed: CaseClosed) -> None:
        """Keep that a person dealt with a case, with a journal entry; closing it again changes nothing.

        Raises:
            Problem: it is still open.
            ValueError: there is no such case.
        """
