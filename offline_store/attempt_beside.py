"""Asks of the payment tables whether they still say what the signed entries of payments say."""

import msgspec

from app.ledger.entry import EntryKind, JournalEntry
from offline_store.attempt_documents import (
    ATTEMPT,
    CAPTURE,
    EXCEPTION,
    EXCEPTION_CLOSED,
    PAYMENT_END,
    STEP,
    PaymentCapturedDocument,
    PaymentEndedDocument,
    PaymentExceptionClosedDocument,
    PaymentExceptionDocument,
    capture_row,
    closed_row,
    end_row,
    exception_row,
    history_digest,
)
from offline_store.attempt_rows import ALL_STEPS
from offline_store.connection import StoreConnection
from offline_store.projections import Row

ENDED_WITHOUT_ENTRY = (
    "SELECT 1 FROM payment_step s WHERE s.state IN ('approved', 'declined', 'reversed') "
    "AND NOT EXISTS (SELECT 1 FROM payment_end e WHERE e.attempt_id = s.attempt_id) LIMIT 1"
)
WITHOUT_STEP = (
    "SELECT 1 FROM payment_attempt a WHERE NOT EXISTS "
    "(SELECT 1 FROM payment_step s WHERE s.attempt_id = a.attempt_id) LIMIT 1"
)
STRAY_STEP = (
    "SELECT 1 FROM payment_step s WHERE NOT EXISTS "
    "(SELECT 1 FROM payment_attempt a WHERE a.attempt_id = s.attempt_id) LIMIT 1"
)


def rows_of_payment(key: int, entry: JournalEntry) -> dict[str, list[Row]]:
    """Return the rows beside an entry of a payment; none beside any other.

    Raises:
        msgspec.MsgspecError: its body is not one that a till writes.
    """
    if entry.kind is EntryKind.PAYMENT_ENDED:
        return {PAYMENT_END.table: [end_row(key, msgspec.json.decode(entry.body, type=PaymentEndedDocument))]}
    if entry.kind is EntryKind.PAYMENT_CAPTURED:
        return {CAPTURE.table: [capture_row(key, msgspec.json.decode(entry.body, type=PaymentCapturedDocument))]}
    if entry.kind is EntryKind.PAYMENT_EXCEPTION:
        return {EXCEPTION.table: [exception_row(key, msgspec.json.decode(entry.body, type=PaymentExceptionDocument))]}
    if entry.kind is EntryKind.PAYMENT_EXCEPTION_CLOSED:
        closed = msgspec.json.decode(entry.body, type=PaymentExceptionClosedDocument)
        return {EXCEPTION_CLOSED.table: [closed_row(key, closed)]}
    return {}


class AttemptsBeside:
    """The steps of ended attempts during one verification; those of open ones are no facts yet."""

    def __init__(self, connection: StoreConnection) -> None:
        """Look through an open store."""
        self._connection = connection

    def table_that_differs(self, entry: JournalEntry) -> str | None:
        """Return the table that does not say what an attempt's end says; None where they agree."""
        document = msgspec.json.decode(entry.body, type=PaymentEndedDocument)
        rows = self._connection.driver.execute(ALL_STEPS, (document.attempt_id,)).fetchall()
        return None if rows and history_digest(rows) == document.history else STEP.table

    def ended_without_entry(self) -> str | None:
        """Return the table that holds an end nobody signed, or rows that belong to nothing."""
        for table, statement in (
            (STEP.table, ENDED_WITHOUT_ENTRY),
            (ATTEMPT.table, WITHOUT_STEP),
            (STEP.table, STRAY_STEP),
        ):
            if self._connection.driver.execute(statement).fetchone() is not None:
                return table
        return None
