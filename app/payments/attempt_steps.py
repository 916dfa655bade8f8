"""What every step of a payment attempt is made of: the check of its state, the next revision, and its cases."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from app.payments.attempt_record import (
    THE_TILL,
    AttemptState,
    CaseClosed,
    ExceptionCase,
    ExceptionKind,
    Moved,
    Operation,
    PaymentAttempt,
    RefundWanted,
    provider_number_of,
)

SUBMITTED: Final = frozenset({AttemptState.SUBMITTING, AttemptState.PENDING, AttemptState.UNKNOWN})
"""States in which a byte may have left."""


class WrongStep(RuntimeError):
    """A step that the table does not know was asked for: a fault of the program."""

    def __init__(self, attempt: PaymentAttempt, step: str) -> None:
        """Say which."""
        super().__init__(f"{step} does not happen to a {attempt.operation.value} that is {attempt.state.value}")


def require_state(attempt: PaymentAttempt, step: str, *states: AttemptState) -> None:
    """Let a step pass whose state the table knows; without states named: one in which a byte may have left.

    Raises:
        WrongStep: the table does not know it.
    """
    if attempt.state not in (states or SUBMITTED):
        raise WrongStep(attempt, step)


def require_purchase(attempt: PaymentAttempt, step: str) -> None:
    """Let a step pass that happens to purchases only.

    Raises:
        WrongStep: it is a refund.
    """
    if attempt.operation is not Operation.PURCHASE:
        raise WrongStep(attempt, step)


def changed(attempt: PaymentAttempt, **changes: Any) -> PaymentAttempt:  # noqa: ANN401 - as `replace` has it
    """Return the next revision of an attempt."""
    return replace(attempt, revision=attempt.revision + 1, **changes)


def case_of(attempt: PaymentAttempt, kind: ExceptionKind, now: datetime, amount_minor: int = 0) -> ExceptionCase:
    """Return a case about an attempt; of no amount: about what was charged, or else asked for."""
    amount = amount_minor or attempt.approved_minor or attempt.amount_minor
    return ExceptionCase(attempt.attempt_id, kind, now, amount, attempt.currency)


def ended(attempt: PaymentAttempt, now: datetime, *cases: ExceptionCase, refund: RefundWanted | None = None) -> Moved:
    """Return a certain end; a case that called for help over it is closed."""
    if not attempt.help_called:
        return Moved(attempt, cases, refund=refund)
    case_id = case_of(attempt, ExceptionKind.UNRESOLVED, now).case_id
    return Moved(attempt, cases, (CaseClosed(case_id, THE_TILL, attempt.state.value, now),), refund)


def refund_attempt(wanted: RefundWanted, identity: str, now: datetime, *, asked_by: str = THE_TILL) -> PaymentAttempt:
    """Return the attempt by which money is given back, with an identity of its own."""
    original = wanted.original
    return PaymentAttempt(
        attempt_id=identity,
        provider_number=provider_number_of(identity),
        basket_id=original.basket_id,
        tender_type_id=original.tender_type_id,
        provider_id=original.provider_id,
        operation=Operation.REFUND,
        method=original.method,
        amount_minor=wanted.amount_minor,
        currency=original.currency,
        created_at=now,
        refund_of=original.attempt_id,
        original_number=original.provider_number,
        original_minor=original.approved_minor or original.amount_minor,
        asked_by=asked_by,
        reason=wanted.reason,
    )
