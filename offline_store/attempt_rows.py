"""Keeps payment attempts: every step before a byte leaves, every end and every case with its journal entry."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlcipher3 import dbapi2

from app.ledger.entry import EntryKind
from app.payments.attempt_record import (
    AttemptRecord,
    CaseClosed,
    ExceptionCase,
    PaymentAttempt,
    PaymentCapture,
)
from app.values.clock import write_instant
from offline_store.attempt_documents import (
    ATTEMPT,
    ATTEMPT_COLUMNS,
    CAPTURE,
    EXCEPTION,
    EXCEPTION_CLOSED,
    HISTORY,
    PAYMENT_END,
    STEP,
    STEP_COLUMNS,
    attempt_of,
    capture_row,
    captured_document,
    cells,
    closed_document,
    closed_row,
    end_row,
    ended_document,
    exception_document,
    exception_of,
    exception_row,
    history_digest,
)
from offline_store.documents import encode
from offline_store.journal import JournalWriter
from offline_store.refund_postings import postings_of_refund
from offline_store.schema import entry_key
from offline_store.till_file import TillFile

LAST_STEP: Final = (
    f"{HISTORY} WHERE s.revision = (SELECT max(revision) FROM payment_step WHERE attempt_id = a.attempt_id) "  # noqa: S608 - our own names
)
ONE_STEP: Final = f"{HISTORY} WHERE a.attempt_id = ? AND s.revision = ?"
ALL_STEPS: Final = f"{HISTORY} WHERE a.attempt_id = ? ORDER BY s.revision"
OPEN: Final = f"{LAST_STEP} AND a.attempt_id IN (SELECT attempt_id FROM payment_open) ORDER BY a.attempt_number"  # noqa: S608 - our own names
BY_ID: Final = f"{LAST_STEP} AND a.attempt_id = ?"
OF_BASKET: Final = f"{LAST_STEP} AND a.basket_id = ? ORDER BY a.attempt_number"
REFUNDS: Final = f"{LAST_STEP} AND a.refund_of = ? ORDER BY a.attempt_number"
REVERSED: Final = (
    f"{HISTORY} JOIN payment_end e ON e.attempt_id = a.attempt_id AND e.revision = s.revision "
    "WHERE e.state = 'reversed' AND a.operation = 'purchase' ORDER BY e.entry_key DESC LIMIT ?"
)
UNCLAIMED: Final = (
    f"{LAST_STEP} AND s.state = 'approved' AND a.operation = 'purchase' AND a.created_at >= ? "  # noqa: S608 - our own names
    "AND NOT EXISTS (SELECT 1 FROM tender WHERE payment_attempt_id = a.attempt_id) "
    "AND s.approved_minor > (SELECT coalesce(sum(r.amount_minor), 0) FROM payment_attempt r "
    "WHERE r.refund_of = a.attempt_id AND NOT EXISTS "
    "(SELECT 1 FROM payment_end e WHERE e.attempt_id = r.attempt_id AND e.state = 'declined')) "
    "ORDER BY a.attempt_number"
)
UNCAPTURED: Final = (
    f"{HISTORY} JOIN payment_end e ON e.attempt_id = a.attempt_id AND e.revision = s.revision "  # noqa: S608 - our own names
    "WHERE a.provider_id IN (SELECT value FROM json_each(?)) AND e.state = 'approved' AND a.operation = 'purchase' "
    "AND NOT EXISTS (SELECT 1 FROM payment_capture c WHERE c.attempt_id = a.attempt_id) "
    "AND EXISTS (SELECT 1 FROM tender WHERE payment_attempt_id = a.attempt_id) "
    "AND NOT EXISTS (SELECT 1 FROM payment_exception x WHERE x.case_id = a.attempt_id || ':capture_declined') "
    "AND e.approved_minor > (SELECT coalesce(sum(r.amount_minor), 0) FROM payment_attempt r "
    "WHERE r.refund_of = a.attempt_id AND NOT EXISTS "
    "(SELECT 1 FROM payment_end d WHERE d.attempt_id = r.attempt_id AND d.state = 'declined')) "
    "ORDER BY a.attempt_number"
)
FIND_CAPTURE: Final = "SELECT 1 FROM payment_capture WHERE attempt_id = ?"
OPEN_CASES: Final = (
    "SELECT attempt_id, kind, raised_at, amount_minor, currency FROM payment_exception e WHERE NOT EXISTS "
    "(SELECT 1 FROM payment_exception_closed c WHERE c.case_id = e.case_id) ORDER BY entry_key"
)
FIND_CASE: Final = "SELECT 1 FROM payment_exception WHERE case_id = ?"
FIND_CLOSED: Final = "SELECT 1 FROM payment_exception_closed WHERE case_id = ?"
ERASE_PAYER: Final = "UPDATE payment_step SET payer = '' WHERE attempt_id = ?"


class AttemptRows:
    """The payment attempts in the store; see `app.payments.ports.AttemptStore` for what its methods promise."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._file = till_file

    def save(self, record: AttemptRecord) -> None:
        """Keep steps and cases, durably; the same again changes nothing.

        Raises:
            StoreProblem: whether it was stored is not known, or it was not.
            ValueError: it does not follow what is stored.
        """
        if record.cases or record.closed or record.captures or any(step.final for step in record.steps):
            self._file.write_entries(lambda writer: _write(writer, record))
        else:
            self._file.write_durably(lambda cursor: _write_steps(cursor, record))

    def open(self) -> tuple[PaymentAttempt, ...]:
        """Return those that are not final."""
        return self._found(OPEN)

    def find(self, attempt_id: str) -> PaymentAttempt | None:
        """Return one as it was last stored."""
        return next(iter(self._found(BY_ID, attempt_id)), None)

    def history(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        """Return every step of one."""
        return self._found(ALL_STEPS, attempt_id)

    def of_basket(self, basket_id: str) -> tuple[PaymentAttempt, ...]:
        """Return those of a basket."""
        return self._found(OF_BASKET, basket_id)

    def refunds_of(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        """Return the refunds of one."""
        return self._found(REFUNDS, attempt_id)

    def last_reversed(self, count: int) -> tuple[PaymentAttempt, ...]:
        """Return the purchases that ended REVERSED last, the last first."""
        return self._found(REVERSED, count)

    def unclaimed_since(self, instant: datetime) -> tuple[PaymentAttempt, ...]:
        """Return purchases made since then that are approved, stand in no sale, and were not wholly given back."""
        return self._found(UNCLAIMED, write_instant(instant))

    def uncaptured(self, provider_ids: Collection[str]) -> tuple[PaymentAttempt, ...]:
        """Return approved purchases of these providers that stand in a sale and were neither captured nor given back.

        Those whose capture was declined are a person's, and not among them.
        """
        return self._found(UNCAPTURED, json.dumps(sorted(provider_ids)))

    def open_cases(self) -> tuple[ExceptionCase, ...]:
        """Return what a person must still look at."""
        with self._file.reading() as connection:
            return tuple(exception_of(row) for row in connection.driver.execute(OPEN_CASES).fetchall())

    def close_case(self, closed: CaseClosed) -> None:
        """Keep that a case was dealt with.

        Raises:
            StoreProblem: it is still open.
            ValueError: there is no such case.
        """

        def write(writer: JournalWriter) -> None:
            if writer.cursor.execute(FIND_CASE, (closed.case_id,)).fetchone() is None:
                raise ValueError(f"there is no case {closed.case_id}")
            _close(writer, closed)

        self._file.write_entries(write)

    def erase_payer(self, attempt_id: str) -> None:
        """Forget who paid; the chain stays whole.

        Raises:
            StoreProblem: it is still there.
        """
        self._file.write_durably(lambda cursor: cursor.execute(ERASE_PAYER, (attempt_id,)))

    def _found(self, statement: str, *values: str | int) -> tuple[PaymentAttempt, ...]:
        with self._file.reading() as connection:
            return tuple(attempt_of(row) for row in connection.driver.execute(statement, values).fetchall())


def _write(writer: JournalWriter, record: AttemptRecord) -> None:
    for ended in _write_steps(writer.cursor, record):
        rows = writer.cursor.execute(ALL_STEPS, (ended.attempt_id,)).fetchall()
        document = ended_document(ended, history_digest(rows))
        entry = writer.record(EntryKind.PAYMENT_ENDED, encode(document), postings_of_refund(writer.cursor, ended))
        writer.cursor.execute(
            PAYMENT_END.insert, end_row(entry_key(entry.entry_id.epoch, entry.entry_id.sequence), document)
        )
    for capture in record.captures:
        _write_capture(writer, capture)
    for case in record.cases:
        if writer.cursor.execute(FIND_CASE, (case.case_id,)).fetchone() is None:
            raised = exception_document(case)
            entry = writer.record(EntryKind.PAYMENT_EXCEPTION, encode(raised))
            writer.cursor.execute(
                EXCEPTION.insert, exception_row(entry_key(entry.entry_id.epoch, entry.entry_id.sequence), raised)
            )
    for closed in record.closed:
        if writer.cursor.execute(FIND_CASE, (closed.case_id,)).fetchone() is not None:
            _close(writer, closed)


def _write_capture(writer: JournalWriter, capture: PaymentCapture) -> None:
    if writer.cursor.execute(FIND_CAPTURE, (capture.attempt_id,)).fetchone() is not None:
        return
    document = captured_document(capture)
    entry = writer.record(EntryKind.PAYMENT_CAPTURED, encode(document))
    try:
        writer.cursor.execute(
            CAPTURE.insert, capture_row(entry_key(entry.entry_id.epoch, entry.entry_id.sequence), document)
        )
    except dbapi2.IntegrityError as error:
        raise ValueError(str(error)) from error


def _close(writer: JournalWriter, closed: CaseClosed) -> None:
    if writer.cursor.execute(FIND_CLOSED, (closed.case_id,)).fetchone() is not None:
        return
    document = closed_document(closed)
    entry = writer.record(EntryKind.PAYMENT_EXCEPTION_CLOSED, encode(document))
    writer.cursor.execute(
        EXCEPTION_CLOSED.insert, closed_row(entry_key(entry.entry_id.epoch, entry.entry_id.sequence), document)
    )


def _write_steps(cursor: Any, record: AttemptRecord) -> list[PaymentAttempt]:  # noqa: ANN401 - the driver has no types
    """Write the steps that are not there yet, and return those of them that are final."""
    return [step for step in record.steps if _write_step(cursor, step) and step.final]


def _write_step(cursor: Any, step: PaymentAttempt) -> bool:  # noqa: ANN401 - the driver has no types
    found = cursor.execute(ONE_STEP, (step.attempt_id, step.revision)).fetchone()
    if found is not None:
        if attempt_of(found) != step:
            raise ValueError(f"another step {step.revision} of attempt {step.attempt_id} is stored")
        return False
    try:
        if step.revision == 1:
            cursor.execute(ATTEMPT.insert, cells(step, ATTEMPT_COLUMNS))
        cursor.execute(STEP.insert, (step.attempt_id, *cells(step, STEP_COLUMNS)))
    except dbapi2.IntegrityError as error:
        raise ValueError(str(error)) from error
    return True
