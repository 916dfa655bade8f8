"""Answers what is asked before a payment is taken: what was taken offline, who answered last, what is used up."""

from datetime import date, datetime
from typing import Final

from app.values.clock import read_instant
from offline_store.connection import StoreConnection
from offline_store.till_file import TillFile

OFFLINE_TAKEN: Final = (
    "SELECT count(*), coalesce(sum(t.amount_minor), 0) FROM tender t JOIN sale s ON s.entry_key = t.entry_key "
    "WHERE t.approved_offline = 1 AND s.business_date = ?"
)
LAST_ANSWER: Final = (
    "SELECT j.recorded_at FROM provider_answer p JOIN journal j ON j.entry_key = p.entry_key WHERE p.provider_id = ?"
)
REFERENCE_USED: Final = "SELECT 1 FROM tender WHERE tender_type_id = ? AND reference = ? AND reference <> '' LIMIT 1"
WRONG_ANSWER: Final = (
    "SELECT 1 FROM (SELECT a.provider_id AS provider_id, max(e.entry_key) AS entry_key "
    "FROM payment_end e JOIN payment_attempt a ON a.attempt_id = e.attempt_id "
    "JOIN payment_step s ON s.attempt_id = e.attempt_id AND s.revision = e.revision "
    "WHERE s.state = 'approved' AND s.decided_by = '' GROUP BY a.provider_id) AS signed "
    "FULL JOIN provider_answer p ON p.provider_id = signed.provider_id "
    "WHERE p.entry_key IS NOT signed.entry_key LIMIT 1"
)


class PaymentQuestions:
    """The tenders and ends of payments in the store, as `app.checkout.payment_ports.CounterAttempts` asks for them."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._file = till_file

    def offline_cards_taken(self, business_date: date) -> tuple[int, int]:
        """Return how many tenders of a day's sales were taken offline, and their sum in minor units."""
        with self._file.reading() as connection:
            count, sum_minor = connection.driver.execute(OFFLINE_TAKEN, (business_date.isoformat(),)).fetchone()
        return int(count), int(sum_minor)

    def last_answer(self, provider_id: str) -> datetime | None:
        """Return when, by the till's clock, a provider last approved something by its own word."""
        with self._file.reading() as connection:
            row = connection.driver.execute(LAST_ANSWER, (provider_id,)).fetchone()
        return read_instant(row[0]) if row is not None else None

    def reference_used(self, tender_type_id: str, reference: str) -> bool:
        """Return whether a sale has a tender of a type with a reference; no reference at all is never used up."""
        with self._file.reading() as connection:
            row = connection.driver.execute(REFERENCE_USED, (tender_type_id, reference)).fetchone()
        return row is not None


def answer_that_differs(connection: StoreConnection) -> str | None:
    """Return the table that names another last answer than the ended payments do; None where they agree."""
    return "provider_answer" if connection.driver.execute(WRONG_ANSWER).fetchone() is not None else None
