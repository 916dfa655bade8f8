"""Tells what a till knows of a provider's payments, for the matching with its bill; read beside a till that sells.

A day's attempts and tenders are given one at a time, so a day may have as many as it likes.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

from app.payments.attempt_record import AttemptState, Operation
from app.payments.day_end_ports import FactsAsked
from app.payments.provider import BillKind
from app.payments.reconciliation_facts import AttemptFact, RecordedTender
from app.values.clock import read_instant, write_instant
from app.values.identifiers import ReceiptNumber
from offline_store.connection import StoreConnection
from offline_store.reader import StoreReader

LONGEST_PURCHASE: Final = timedelta(days=7)
"""How long a payment may have been open, at a till that was not started for a week; a refund's age has no limit."""

_LATEST: Final = (
    "max(a.created_at, coalesce(s.submitted_at, ''), coalesce(s.asking_since, ''), coalesce(s.last_asked_at, ''), "
    "coalesce(s.last_reversed_at, ''))"
)
_STANDING: Final = (
    "SELECT a.attempt_id, a.provider_number, a.operation, a.amount_minor, a.refund_of, a.original_number, s.state, "  # noqa: S608 - our own names
    f"s.approved_minor, s.decided_by, coalesce(s.submitted_at, a.created_at) AS began, {_LATEST} AS latest "
    "FROM payment_attempt a JOIN payment_step s ON s.attempt_id = a.attempt_id AND s.revision = "
    "(SELECT max(revision) FROM payment_step WHERE attempt_id = a.attempt_id) WHERE a.provider_id = :provider_id"
)
_FOUND: Final = (
    f"{_STANDING} AND a.created_at >= :earliest AND a.created_at < :until AND latest >= :since AND began < :until "  # noqa: S608 - our own names
    f"UNION ALL {_STANDING} AND a.refund_of IS NOT NULL AND a.created_at < :earliest AND latest >= :since "
    f"UNION ALL {_STANDING} AND a.created_at >= :until AND a.refund_of IN (SELECT attempt_id FROM payment_attempt "
    "WHERE provider_id = :provider_id AND created_at >= :since AND created_at < :until)"
)
"""The attempts that were open between two instants, and later refunds of payments that were begun between them."""

_SALE_OF_REFUND: Final = (
    "(SELECT t.entry_key FROM tender t WHERE t.payment_attempt_id = f.refund_of AND t.entry_key < coalesce("
    "(SELECT e.entry_key FROM payment_end e WHERE e.attempt_id = f.attempt_id), :beyond_all) "
    "ORDER BY t.entry_key, t.tender_id LIMIT 1)"
)
"""The sale that a refund takes money out of, by the rule of `offline_store.refund_postings`."""

ATTEMPTS: Final = f"SELECT f.*, f.refund_of IS NOT NULL AND {_SALE_OF_REFUND} IS NULL AS for_no_sale FROM ({_FOUND}) f"  # noqa: S608 - our own names
PAID: Final = (
    "SELECT f.provider_number, t.amount_minor, f.began, x.epoch, x.receipt_number "  # noqa: S608 - our own names
    f"FROM ({_FOUND}) f JOIN tender t ON t.payment_attempt_id = f.attempt_id JOIN sale x ON x.entry_key = t.entry_key "
    "WHERE f.operation = 'purchase'"
)
GIVEN_BACK: Final = (
    "SELECT f.original_number, f.provider_number, f.approved_minor, f.began, x.epoch, x.receipt_number "  # noqa: S608 - our own names
    f"FROM ({_FOUND}) f JOIN sale x ON x.entry_key = {_SALE_OF_REFUND} "
    "WHERE f.operation = 'refund' AND f.state = 'approved'"
)
WITHOUT_ATTEMPT: Final = (
    "SELECT t.payment_attempt_id, t.amount_minor, x.completed_at, x.epoch, x.receipt_number, t.tender_id FROM sale x "
    "JOIN tender t ON t.entry_key = x.entry_key WHERE x.completed_at >= :since AND x.completed_at < :until "
    "AND t.tender_type_id IN (SELECT value FROM json_each(:tender_type_ids)) AND t.approved_offline = 0 "
    "AND NOT EXISTS (SELECT 1 FROM payment_attempt a WHERE a.attempt_id = t.payment_attempt_id)"
)
"""Tenders that a provider should have approved and of which no attempt is stored: a damaged or meddled-with store."""

_BEYOND_ALL: Final = (1 << 63) - 1


class StoredPaymentFacts:
    """The facts in one till's store (`app.payments.day_end_ports.PaymentFacts`); one thread uses it.

    The state that is read begins with the first question, not before: a bill that is slow to come holds nothing up.
    """

    def __init__(self, reader: StoreReader, *, store_number: int, till_number: int) -> None:
        """Read through an open reader, which stays the caller's; the numbers are those on the till's receipts."""
        self._reader = reader
        self._store_number = store_number
        self._till_number = till_number
        self._state = ExitStack()
        self._connection: StoreConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the state go that was read; the next question begins with a new one."""
        self._connection = None
        self._state.close()

    def attempts(self, asked: FactsAsked) -> Iterator[AttemptFact]:
        """Give the attempts that were open at any time between the instants, and the refunds of those payments.

        Raises:
            StoreProblem: the store cannot be read.
        """
        for row in self._rows(ATTEMPTS, asked):
            (_, number, operation, amount, _, original, state, approved, decided_by, began, latest, for_no_sale) = row
            refund = operation == Operation.REFUND.value
            standing = AttemptState(state)
            yield AttemptFact(
                kind=BillKind.REFUND if refund else BillKind.PURCHASE,
                provider_number=original if refund else number,
                state=standing,
                amount_minor=approved or amount,
                at=read_instant(began),
                refund_number=number if refund else "",
                for_no_sale=bool(for_no_sale),
                ended_at=read_instant(latest) if standing.final else None,
                decided=bool(decided_by),
            )

    def recorded(self, asked: FactsAsked) -> Iterator[RecordedTender]:
        """Give the tenders, and what was given back, of every attempt that `attempts` gives, and those without one.

        Raises:
            StoreProblem: the store cannot be read.
        """
        for number, amount, began, epoch, receipt in self._rows(PAID, asked):
            yield RecordedTender(
                BillKind.PURCHASE, number, amount, read_instant(began), receipt=self._receipt(epoch, receipt)
            )
        for number, refund, amount, began, epoch, receipt in self._rows(GIVEN_BACK, asked):
            yield RecordedTender(
                BillKind.REFUND, number, amount, read_instant(began), refund, self._receipt(epoch, receipt)
            )
        for attempt_id, amount, completed_at, epoch, receipt, tender_id in self._rows(WITHOUT_ATTEMPT, asked):
            written = self._receipt(epoch, receipt)
            number = "".join(filter(str.isalnum, attempt_id or "")) or f"{written}/{tender_id}"
            yield RecordedTender(BillKind.PURCHASE, number, amount, read_instant(completed_at), receipt=written)

    def _receipt(self, epoch: int, number: int) -> str:
        return str(ReceiptNumber(self._store_number, self._till_number, epoch, number))

    def _rows(self, statement: str, asked: FactsAsked) -> Iterator[tuple[Any, ...]]:
        with self._reader.told():
            if self._connection is None:
                self._connection = self._state.enter_context(self._reader.one_state())
            yield from self._connection.driver.execute(statement, _values(asked))


def _values(asked: FactsAsked) -> Mapping[str, str | int]:
    return {
        "provider_id": asked.provider_id,
        "tender_type_ids": json.dumps(sorted(asked.tender_type_ids)),
        "earliest": write_instant(asked.since - LONGEST_PURCHASE),
        "since": write_instant(asked.since),
        "until": write_instant(asked.until),
        "beyond_all": _BEYOND_ALL,
    }
