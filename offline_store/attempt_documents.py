"""Payment attempts as rows and as journal entries: the columns, the bodies, and the digest that binds the two."""

import hashlib
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any, Final

import msgspec

from app.ledger.canonical import JsonValue, canonical_json
from app.payments.attempt_record import (
    AttemptState,
    CaseClosed,
    ExceptionCase,
    ExceptionKind,
    Method,
    Operation,
    PaymentAttempt,
    PaymentCapture,
)
from app.values.clock import read_instant, write_instant
from offline_store.projections import Projection, Row

ATTEMPT_COLUMNS: Final = (
    "attempt_id",
    "provider_number",
    "basket_id",
    "tender_type_id",
    "provider_id",
    "operation",
    "method",
    "amount_minor",
    "currency",
    "created_at",
    "masked_code",
    "refund_of",
    "original_number",
    "original_minor",
    "asked_by",
    "reason",
)
"""What never changes of an attempt."""

STEP_COLUMNS: Final = (
    "revision",
    "state",
    "submitted_at",
    "asking_since",
    "last_asked_at",
    "asks",
    "cancel_by",
    "reverse_first_at",
    "last_reversed_at",
    "reverses",
    "not_found",
    "provider_reference",
    "payer",
    "approved_minor",
    "last_code",
    "help_called",
    "decided_by",
    "decision_reason",
)
"""What a step may change; a test holds the two against the attempt's own fields."""

INSTANTS: Final = frozenset(
    {"created_at", "submitted_at", "asking_since", "last_asked_at", "reverse_first_at", "last_reversed_at"}
)
ENUMS: Final[dict[str, type[Enum]]] = {"operation": Operation, "method": Method, "state": AttemptState}
ERASABLE: Final = "payer"
"""Masked, but of a person: in no digest, so that it can be erased."""


def _projection(table: str, *columns: str) -> Projection:
    places = ", ".join("?" * len(columns))
    return Projection(table, columns, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})")  # noqa: S608 - our own names


ATTEMPT: Final = _projection("payment_attempt", *ATTEMPT_COLUMNS)
STEP: Final = _projection("payment_step", "attempt_id", *STEP_COLUMNS)
PAYMENT_END: Final = _projection(
    "payment_end", "entry_key", "attempt_id", "state", "approved_minor", "revision", "history"
)
CAPTURE: Final = _projection(
    "payment_capture", "entry_key", "attempt_id", "captured_at", "amount_minor", "currency", "provider_reference"
)
EXCEPTION: Final = _projection(
    "payment_exception", "entry_key", "case_id", "attempt_id", "kind", "raised_at", "amount_minor", "currency"
)
EXCEPTION_CLOSED: Final = _projection(
    "payment_exception_closed", "entry_key", "case_id", "closed_by", "reason", "closed_at"
)
HISTORY: Final = (
    f"SELECT {', '.join(f'a.{column}' for column in ATTEMPT_COLUMNS)}, "  # noqa: S608 - our own names
    f"{', '.join(f's.{column}' for column in STEP_COLUMNS)} "
    "FROM payment_attempt a JOIN payment_step s ON s.attempt_id = a.attempt_id "
)


class PaymentEndedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended; fields in the order of their names, as canonical JSON wants them."""

    amount_minor: int
    approved_minor: int
    asked_by: str
    attempt_id: str
    basket_id: str
    cancel_by: str
    created_at: str
    currency: str
    decided_by: str
    decision_reason: str
    history: str
    """SHA-256, in hex, over the canonical JSON of every step, the payers left out."""

    last_code: str
    method: str
    operation: str
    original_number: str
    provider_id: str
    provider_number: str
    provider_reference: str
    refund_of: str | None
    revision: int
    state: str
    tender_type_id: str


class PaymentCapturedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken of an approved payment."""

    amount_minor: int
    attempt_id: str
    captured_at: str
    currency: str
    provider_reference: str


class PaymentExceptionDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What a person must look at."""

    amount_minor: int
    attempt_id: str
    case_id: str
    currency: str
    kind: str
    raised_at: str


class PaymentExceptionClosedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has dealt with."""

    case_id: str
    closed_at: str
    closed_by: str
    reason: str


Cell = str | int | None


def cells(attempt: PaymentAttempt, columns: tuple[str, ...]) -> tuple[Cell, ...]:
    """Return an attempt's values as the tables hold them."""
    return tuple(_cell(getattr(attempt, column)) for column in columns)


def _cell(value: object) -> Cell:
    match value:
        case datetime():
            return write_instant(value)
        case Enum():
            return str(value.value)
        case bool():
            return int(value)
        case str() | int() | None:
            return value
        case _:
            raise TypeError(f"no column holds a {type(value).__name__}")


def attempt_of(row: tuple[Any, ...]) -> PaymentAttempt:
    """Bring an attempt back from a row of `HISTORY`."""
    values: dict[str, Any] = dict(zip((*ATTEMPT_COLUMNS, *STEP_COLUMNS), row, strict=True))
    for column in INSTANTS:
        if values[column] is not None:
            values[column] = read_instant(values[column])
    for column, kind in ENUMS.items():
        values[column] = kind(values[column])
    values["help_called"] = bool(values["help_called"])
    return PaymentAttempt(**values)


def history_digest(rows: list[tuple[Any, ...]]) -> str:
    """Return what binds the rows of `HISTORY` to the entry that ends them."""
    columns = (*ATTEMPT_COLUMNS, *STEP_COLUMNS)
    erasable = columns.index(ERASABLE)
    kept: list[JsonValue] = [[*row[:erasable], *row[erasable + 1 :]] for row in rows]
    return hashlib.sha256(canonical_json(kept)).hexdigest()


def ended_document(attempt: PaymentAttempt, history: str) -> PaymentEndedDocument:
    """Return the body of an attempt's end."""
    named = {field.name for field in fields(attempt)} & set(PaymentEndedDocument.__struct_fields__)
    values: dict[str, Any] = {name: _cell(getattr(attempt, name)) for name in named}
    return PaymentEndedDocument(history=history, **values)


def end_row(key: int, document: PaymentEndedDocument) -> Row:
    """Return the row of `payment_end`."""
    return (
        key,
        document.attempt_id,
        document.state,
        document.approved_minor,
        document.revision,
        document.history,
    )


def captured_document(capture: PaymentCapture) -> PaymentCapturedDocument:
    """Return the body of a capture."""
    return PaymentCapturedDocument(
        amount_minor=capture.amount_minor,
        attempt_id=capture.attempt_id,
        captured_at=write_instant(capture.captured_at),
        currency=capture.currency,
        provider_reference=capture.provider_reference,
    )


def capture_row(key: int, document: PaymentCapturedDocument) -> Row:
    """Return the row of `payment_capture`."""
    return (
        key,
        document.attempt_id,
        document.captured_at,
        document.amount_minor,
        document.currency,
        document.provider_reference,
    )


def exception_document(case: ExceptionCase) -> PaymentExceptionDocument:
    """Return the body of a case."""
    return PaymentExceptionDocument(
        amount_minor=case.amount_minor,
        attempt_id=case.attempt_id,
        case_id=case.case_id,
        currency=case.currency,
        kind=case.kind.value,
        raised_at=write_instant(case.raised_at),
    )


def exception_row(key: int, document: PaymentExceptionDocument) -> Row:
    """Return the row of `payment_exception`."""
    return (
        key,
        document.case_id,
        document.attempt_id,
        document.kind,
        document.raised_at,
        document.amount_minor,
        document.currency,
    )


def exception_of(row: tuple[Any, ...]) -> ExceptionCase:
    """Bring a case back from attempt, kind, instant, amount and currency."""
    attempt_id, kind, raised_at, amount_minor, currency = row
    return ExceptionCase(attempt_id, ExceptionKind(kind), read_instant(raised_at), amount_minor, currency)


def closed_document(closed: CaseClosed) -> PaymentExceptionClosedDocument:
    """Return the body of a case's end."""
    return PaymentExceptionClosedDocument(
        case_id=closed.case_id,
        closed_at=write_instant(closed.closed_at),
        closed_by=closed.closed_by,
        reason=closed.reason,
    )


def closed_row(key: int, document: PaymentExceptionClosedDocument) -> Row:
    """Return the row of `payment_exception_closed`."""
    return (key, document.case_id, document.closed_by, document.reason, document.closed_at)
