"""Asks of every table beside the journal whether it still says what the signed entries say."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from sqlalchemy import select

from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.findings import Finding, Tampering
from app.ledger.postings import Posting, UnbalancedPostings
from app.sales.postings import postings_of
from app.sales.sale import Sale
from app.values.identifiers import EntryId
from app.values.wording import wording
from offline_store import projections, schema
from offline_store.attempt_beside import AttemptsBeside, rows_of_payment
from offline_store.attempt_documents import CAPTURE, EXCEPTION, EXCEPTION_CLOSED, PAYMENT_END
from offline_store.connection import StoreConnection
from offline_store.deal_document import let_go_rows
from offline_store.documents import GivenUp, ReprintDocument, SessionDocument, float_postings, session_of
from offline_store.journal import posting_rows
from offline_store.payment_questions import answer_that_differs
from offline_store.personal_texts import note_digest
from offline_store.projections import Projection, Row
from offline_store.refund_postings import postings_of_end
from offline_store.sale_document import SaleDocument, numbers_of, parts_of, read_document
from offline_store.sale_reading import sale_of
from offline_store.schema import entry_key, place_of

NOTE: Final = Projection("free_note", ("entry_key", "place", "salt", "text"), "")
WALKED: Final = (
    projections.POSTING,
    projections.SALE,
    projections.SALE_LINE,
    projections.DISCOUNT_SHARE,
    projections.TENDER,
    projections.TAX_SUMMARY,
    projections.SALE_OFFER,
    projections.SALE_MEMBER,
    projections.COUPON_USE,
    projections.COUPON_LET_GO,
    projections.TILL_SESSION,
    PAYMENT_END,
    CAPTURE,
    EXCEPTION,
    EXCEPTION_CLOSED,
    NOTE,
)
KEY_COLUMNS: Final = 3
"""No table has more columns in its key than this."""


class _TableWalk:
    """One table read alongside the journal, in the order of its keys."""

    def __init__(self, connection: StoreConnection, projection: Projection) -> None:
        self.name = projection.table
        # The columns of a primary key come first in every projection, so this is the key's own order.
        order = ", ".join(projection.columns[:KEY_COLUMNS])
        self._rows: Iterator[Row] = iter(
            connection.driver.execute(
                f"SELECT {', '.join(projection.columns)} FROM {projection.table} ORDER BY {order}"  # noqa: S608 - our own names
            )
        )
        self._waiting: Row | None = next(self._rows, None)

    def stray_before(self, key: int) -> int | None:
        """Return the key of a row that belongs to no entry up to here."""
        if self._waiting is not None and self._key(self._waiting) < key:
            return self._key(self._waiting)
        return None

    def take(self, key: int) -> list[Row]:
        """Return the rows of an entry."""
        own = []
        while self._waiting is not None and self._key(self._waiting) == key:
            own.append(self._waiting)
            self._waiting = next(self._rows, None)
        return own

    @staticmethod
    def _key(row: Row) -> int:
        if not isinstance(row[0], int):
            raise TypeError("an entry's key is an integer in every table")
        return row[0]


class Beside:
    """The tables beside the journal during one verification."""

    def __init__(self, connection: StoreConnection) -> None:
        """Begin at the first row of each."""
        self._till_id = ""
        self._last_key = 0
        self._walks = {projection.table: _TableWalk(connection, projection) for projection in WALKED}
        self._attempts = AttemptsBeside(connection)
        self._connection = connection
        names, jobs, sale = schema.operator_name.c, schema.print_job.c, schema.sale.c
        self._operators: dict[int, str] = {
            row.operator_ref: row.operator_number
            for row in connection.core.execute(select(names.operator_ref, names.operator_number))
        }
        self._copies: dict[str, tuple[str, int, int]] = {
            row.job_id: (row.sale_id, row.copy_number, row.entry_key or 0)
            for row in connection.core.execute(
                select(jobs.job_id, jobs.sale_id, jobs.copy_number, sale.entry_key)
                .select_from(schema.print_job.outerjoin(schema.sale, jobs.sale_id == sale.sale_id))
                .where(jobs.copy_number > 0)
            )
        }

    def inspect(self, entry: JournalEntry) -> Finding | None:
        """Compare what stands beside a genuine entry with what it says."""
        self._till_id = entry.entry_id.till_id
        key = self._last_key = entry_key(entry.entry_id.epoch, entry.entry_id.sequence)
        for walk in self._walks.values():
            stray = walk.stray_before(key)
            if stray is not None:
                return self._differs(stray, walk.name)
        expected = self._expected(key, entry)
        if expected is None:
            return self._differs(key, "journal")
        for name, walk in self._walks.items():
            if name != NOTE.table and walk.take(key) != expected.get(name, []):
                return self._differs(key, name)
        if entry.kind is EntryKind.RECEIPT_REPRINTED:
            return self._check_copy(key, entry)
        if entry.kind is EntryKind.PAYMENT_ENDED:
            table = self._attempts.table_that_differs(entry)
            if table is not None:
                return self._differs(key, table)
        return self._check_sale_texts(key, entry)

    def postings_of(self, entry: JournalEntry) -> tuple[Posting, ...] | None:
        """Work out what an entry's postings must be; None where that cannot be said."""
        if entry.kind is EntryKind.PAYMENT_ENDED:
            return postings_of_end(self._connection.driver, entry)
        return postings_from_body(entry)

    def left_over(self) -> Finding | None:
        """Return a row that belongs to no entry at all, once all entries were seen."""
        beyond = entry_key(1 << 20, 0)
        strays = [
            (stray, walk.name) for walk in self._walks.values() if (stray := walk.stray_before(beyond)) is not None
        ]
        strays.extend((key, schema.print_job.name) for _, _, key in self._copies.values())
        if strays:
            return self._differs(*min(strays))
        unsigned = self._attempts.ended_without_entry() or answer_that_differs(self._connection)
        return self._differs(self._last_key, unsigned) if unsigned is not None else None

    def _expected(self, key: int, entry: JournalEntry) -> dict[str, list[Row]] | None:
        rows: dict[str, list[Row]] = {projections.POSTING.table: list(posting_rows(key, entry.postings))}
        try:
            if entry.kind is EntryKind.SALE:
                rows |= _rows_of_sale(key, entry)
            elif entry.kind is EntryKind.SESSION_OPENED:
                session = session_of(msgspec.json.decode(entry.body, type=SessionDocument))
                rows[projections.TILL_SESSION.table] = [projections.session_row(key, session)]
            elif entry.kind is EntryKind.BASKET_ABANDONED:
                given_up = msgspec.json.decode(entry.body, type=GivenUp)
                rows[projections.COUPON_LET_GO.table] = let_go_rows(
                    key, map(msgspec.structs.astuple, given_up.released)
                )
            else:
                rows |= rows_of_payment(key, entry)
        except (msgspec.MsgspecError, ValueError):
            return None
        return {name: sorted_by_key(found) for name, found in rows.items()}

    def _check_sale_texts(self, key: int, entry: JournalEntry) -> Finding | None:
        """Check the texts that stand apart so that they can be erased: operator and notes."""
        notes = self._walks[NOTE.table].take(key)
        if entry.kind is not EntryKind.SALE:
            return self._differs(key, NOTE.table) if notes else None
        document = read_document(entry.body)
        if self._operators.get(document.operator_ref) != document.operator_number:
            return self._differs(key, schema.operator_name.name)
        if {row[1] for row in notes} != set(document.notes):
            return self._differs(key, NOTE.table)
        for _, place, salt, text in notes:
            if text is not None and note_digest(str(salt), str(text)) != document.notes[str(place)]:
                return self._differs(key, NOTE.table)
        return None

    def _check_copy(self, key: int, entry: JournalEntry) -> Finding | None:
        try:
            reprint = msgspec.json.decode(entry.body, type=ReprintDocument)
        except msgspec.MsgspecError:
            return self._differs(key, "journal")
        sale_id, copy_number, _ = self._copies.pop(reprint.job_id, ("", 0, 0))
        if (sale_id, copy_number) != (reprint.sale_id, reprint.copy_number):
            return self._differs(key, schema.print_job.name)
        return None

    def _differs(self, key: int, table: str) -> Finding:
        entry_id = EntryId(self._till_id, *place_of(key))
        return Finding(
            entry_id,
            Tampering.TABLE_DIFFERS,
            wording(
                "Entry {entry}: the table {table} does not say what the signed journal says.",
                entry=str(entry_id),
                table=table,
            ),
        )


def _rows_of_sale(key: int, entry: JournalEntry) -> dict[str, list[Row]]:
    document = read_document(entry.body)
    sale = sale_from_entry(entry, document)
    parts = parts_of(key, sale)
    return {
        projections.SALE.table: [projections.sale_row(key, entry.entry_id.epoch, sale, numbers_of(document))],
        projections.SALE_LINE.table: parts.line_rows,
        projections.DISCOUNT_SHARE.table: parts.share_rows,
        projections.TENDER.table: parts.tender_rows,
        projections.TAX_SUMMARY.table: parts.tax_rows,
        projections.SALE_OFFER.table: list(parts.deal.offer_rows),
        projections.SALE_MEMBER.table: list(parts.deal.member_rows),
        projections.COUPON_USE.table: list(parts.deal.use_rows),
        projections.COUPON_LET_GO.table: list(parts.deal.let_go_rows),
    }


def sorted_by_key(rows: Iterable[Row]) -> list[Row]:
    """Return rows in the order of their keys; keys are integers."""
    return sorted(rows, key=lambda row: tuple(value for value in row[:KEY_COLUMNS] if isinstance(value, int)))


def sale_from_entry(entry: JournalEntry, document: SaleDocument) -> Sale:
    """Return the sale of an entry, without the texts that stand apart from the journal."""
    return sale_of(
        document,
        till_id=entry.entry_id.till_id,
        business_date=entry.business_date,
        operator_name="",
        note_at=_no_note,
    )


def postings_from_body(entry: JournalEntry) -> tuple[Posting, ...] | None:
    """Work out what an entry's postings must be; None where its body does not say."""
    try:
        if entry.kind is EntryKind.SALE:
            return postings_of(sale_from_entry(entry, read_document(entry.body)))
        if entry.kind is EntryKind.SESSION_OPENED:
            document = msgspec.json.decode(entry.body, type=SessionDocument)
            return float_postings(session_of(document), document.currency)
    except (msgspec.MsgspecError, ValueError, UnbalancedPostings):
        return None
    return None


def _no_note(_: str) -> str:
    return ""
