"""The double entry of money given back by a payment: out of the account that the sale's tender brought it into."""

from typing import Any, Final

import msgspec

from app.ledger.entry import JournalEntry
from app.ledger.postings import Posting
from app.payments.attempt_record import AttemptState, Operation, PaymentAttempt
from app.sales.postings import postings_of_money_back
from offline_store.attempt_documents import PaymentEndedDocument
from offline_store.schema import entry_key

TENDER_ACCOUNT: Final = (
    "SELECT account FROM tender WHERE payment_attempt_id = ? AND entry_key < ? ORDER BY entry_key, tender_id LIMIT 1"
)
BEYOND_ALL: Final = (1 << 63) - 1


def postings_of_refund(cursor: Any, attempt: PaymentAttempt) -> tuple[Posting, ...]:  # noqa: ANN401 - the driver has no types
    """Return what the end of an attempt moves, within the transaction that stores it.

    The tender's account gives what the provider says it gave back, and `refunds` gains it. Nothing is moved by a
    payment, by a refund that was not approved, and by a refund of a payment that stands in no sale, such as a tender
    that was handed back before the sale or an approval that came too late: no posting ever said that it came in.
    """
    if attempt.operation is not Operation.REFUND or attempt.state is not AttemptState.APPROVED:
        return ()
    return _given_back(cursor, attempt.refund_of, BEYOND_ALL, attempt.approved_minor, attempt.currency)


def postings_of_end(cursor: Any, entry: JournalEntry) -> tuple[Posting, ...] | None:  # noqa: ANN401 - the driver has no types
    """Work out again what the entry of a payment's end moves; None where its body does not say.

    Only the sales before it count, as they did when it was written.
    """
    try:
        ended = msgspec.json.decode(entry.body, type=PaymentEndedDocument)
    except msgspec.MsgspecError:
        return None
    if (ended.operation, ended.state) != (Operation.REFUND.value, AttemptState.APPROVED.value):
        return ()
    before = entry_key(entry.entry_id.epoch, entry.entry_id.sequence)
    return _given_back(cursor, ended.refund_of, before, ended.approved_minor, ended.currency)


def _given_back(
    cursor: Any,  # noqa: ANN401 - the driver has no types
    refund_of: str | None,
    before: int,
    amount_minor: int,
    currency: str,
) -> tuple[Posting, ...]:
    found = cursor.execute(TENDER_ACCOUNT, (refund_of, before)).fetchone()
    return () if found is None else postings_of_money_back(found[0], amount_minor, currency)
