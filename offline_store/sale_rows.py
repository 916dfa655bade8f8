"""Commits sales: the journal entry, the rows beside it, the receipt number and the totals, or nothing at all."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Row as FoundRow
from sqlalchemy import Select, select
from sqlcipher3 import dbapi2

from app.checkout.ports import PrintState
from app.ledger.chain import RunningTotals
from app.ledger.entry import EntryKind
from app.sales.postings import postings_of
from app.sales.sale import CompletedSale, Sale
from app.values.clock import write_instant
from app.values.identifiers import EntryId, ReceiptNumber
from offline_store import projections, schema
from offline_store.basket_rows import delete_basket
from offline_store.deal_document import NO_DEAL, DealParts
from offline_store.documents import SerialSoldAgainDocument, encode
from offline_store.journal import JournalWriter
from offline_store.personal_texts import note_digest, notes_of
from offline_store.problems import StoreProblem, sale_already_stored
from offline_store.sale_document import (
    SaleNumbers,
    SaleParts,
    document_of,
    parts_of,
    read_document,
)
from offline_store.sale_reading import sale_of
from offline_store.till_file import TillFile

INSERT_NOTE: Final = "INSERT INTO free_note (entry_key, place, salt, text) VALUES (?, ?, ?, ?)"
INSERT_JOB: Final = "INSERT INTO print_job (job_id, sale_id, copy_number, state, opens_drawer) VALUES (?, ?, ?, ?, ?)"
INSERT_OPERATOR: Final = "INSERT INTO operator_name (operator_number, name) VALUES (?, ?)"
FIND_OPERATOR: Final = (
    "SELECT operator_ref FROM operator_name WHERE operator_number = ? AND name = ? ORDER BY operator_ref LIMIT 1"
)
FIND_SERIAL: Final = (
    "SELECT sale.sale_id FROM sale_line JOIN sale ON sale.entry_key = sale_line.entry_key "
    "WHERE sale_line.gtin14 = ? AND sale_line.serial = ? ORDER BY sale_line.entry_key LIMIT 1"
)
NOTHING_ERASED: Final[Mapping[str, str]] = MappingProxyType({})


class _CommittedBefore(Exception):
    """A sale with this id is in the store."""


class SaleRows:
    """The sales in the store."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._file = till_file
        self._operators: dict[tuple[str, str], int] = {}
        """References of the names in use, so that a sale does not look them up."""

    def commit(self, sale: Sale, print_job_id: str | None) -> CompletedSale:
        """Write a sale, whole and durable; the same sale again is answered with what was committed the first time.

        Raises:
            SaleAlreadyStored: a sale of other content was stored under this id.
            StoreProblem: nothing of it was stored.
        """
        if sale.till_id != self._file.settings.till_id:
            raise ValueError(f"sale {sale.sale_id} is till {sale.till_id}'s")
        try:
            return self._file.write_entries(lambda writer: self._write(writer, sale, print_job_id))
        except _CommittedBefore:
            return self._committed_before(sale)

    def _committed_before(self, sale: Sale) -> CompletedSale:
        """Answer a sale whose id is in the store; its basket, should one lie there, is over."""
        committed = self.find(sale.sale_id)
        # What was erased since is taken as it comes now, so that only what both still say is compared.
        as_stored = self._one(
            _SALES.where(schema.sale.c.sale_id == sale.sale_id), sale.operator_name, dict(notes_of(sale))
        )
        if committed is None or as_stored is None:
            raise RuntimeError(f"sale {sale.sale_id} is there and cannot be found")
        try:
            self._file.write_working_state(lambda cursor: delete_basket(cursor, sale.sale_id))
        except StoreProblem as problem:
            # The sale is stored all the same, and saying so comes first; the next try takes the basket out.
            logging.getLogger(__name__).warning("sold_basket_not_removed", extra={"problem": problem.code})
        # A second try comes at a later moment: that alone makes it no other sale.
        if as_stored.sale != replace(sale, completed_at=as_stored.sale.completed_at):
            raise sale_already_stored(committed.receipt_number)
        return committed

    def _write(self, writer: JournalWriter, sale: Sale, print_job_id: str | None) -> CompletedSale:
        writer.watch_clock()
        cursor = writer.cursor
        before = self._file.journal.require_head(writer.head)
        key = writer.next_key
        totals = RunningTotals(
            before.totals.sale_count + 1,
            before.totals.gross_minor + sale.gross_minor,
            before.totals.last_receipt_number + 1,
        )
        operator_ref, operator_is_new = self._operator_ref(cursor, sale)
        numbers = SaleNumbers(
            totals.last_receipt_number,
            totals.sale_count,
            totals.gross_minor,
            operator_ref,
            write_instant(sale.opened_at),
            write_instant(sale.completed_at),
        )
        notes = [(key, place, self._file.identities.new(), text) for place, text in notes_of(sale)]
        sold_again = _sold_again(cursor, sale)
        parts = parts_of(key, sale)
        digests = {place: note_digest(salt, text) for _, place, salt, text in notes}
        entry = writer.append(
            EntryKind.SALE, document_of(sale, parts, numbers, digests), postings_of(sale), sale.business_date, totals
        )
        _insert_sale(cursor, projections.sale_row(key, before.epoch, sale, numbers))
        _insert_parts(cursor, parts)
        if notes:
            cursor.executemany(INSERT_NOTE, notes)
        if print_job_id is not None:
            opens_drawer = any(tender.opens_drawer for tender in sale.tenders)
            cursor.execute(INSERT_JOB, (print_job_id, sale.sale_id, 0, PrintState.WAITING.value, opens_drawer))
        delete_basket(cursor, sale.sale_id)
        writer.move_head(entry, totals)
        for document in sold_again:
            writer.append(EntryKind.SERIAL_SOLD_AGAIN, encode(document), (), sale.business_date)
        if not operator_is_new:
            self._operators[sale.operator_number, sale.operator_name] = operator_ref
        return CompletedSale(sale, self._receipt_number(before.epoch, numbers), entry.entry_id, entry.hash.hex())

    def _operator_ref(self, cursor: Any, sale: Sale) -> tuple[int, bool]:  # noqa: ANN401 - the driver has no types
        """Return the reference that stands for a name, and whether this transaction made it (and may undo it)."""
        named = (sale.operator_number, sale.operator_name)
        known = self._operators.get(named)
        if known is not None:
            return known, False
        found = cursor.execute(FIND_OPERATOR, named).fetchone()
        if found is not None:
            return found[0], False
        cursor.execute(INSERT_OPERATOR, named)
        return cursor.lastrowid, True

    def _receipt_number(self, epoch: int, numbers: SaleNumbers) -> ReceiptNumber:
        settings = self._file.settings
        return ReceiptNumber(settings.store_number, settings.till_number, epoch, numbers.receipt_number)

    def forget_operators(self) -> None:
        """Look names up again at the next sale: some were erased."""
        self._operators.clear()

    def serial_sold(self, gtin14: str, serial: str) -> bool:
        """Return whether a piece of goods was sold."""
        with self._file.reading() as connection:
            return connection.driver.execute(FIND_SERIAL, (gtin14, serial)).fetchone() is not None

    def find(self, sale_id: str) -> CompletedSale | None:
        """Return a sale by its id."""
        return self._one(_SALES.where(schema.sale.c.sale_id == sale_id))

    def find_receipt(self, epoch: int, number: int) -> CompletedSale | None:
        """Return a sale by its receipt number."""
        return self._one(_SALES.where(schema.sale.c.epoch == epoch, schema.sale.c.receipt_number == number))

    def last(self) -> CompletedSale | None:
        """Return the sale committed last."""
        return self._one(_SALES.order_by(schema.sale.c.entry_key.desc()).limit(1))

    def _one(
        self, statement: Select[Any], erased_name: str = "", erased_notes: Mapping[str, str] = NOTHING_ERASED
    ) -> CompletedSale | None:
        """Return a sale; `erased_name` and `erased_notes` (by their place) stand where the store's were erased."""
        notes = schema.free_note.c
        with self._file.reading() as connection:
            row = connection.core.execute(statement).first()
            if row is None:
                return None
            texts: dict[str, str | None] = {
                note.place: erased_notes.get(note.place) if note.text is None else note.text
                for note in connection.core.execute(
                    select(notes.place, notes.text).where(notes.entry_key == row.entry_key)
                )
            }
        return self._completed(row, row.name or erased_name, texts)

    def _completed(self, row: FoundRow[Any], operator_name: str, texts: dict[str, str | None]) -> CompletedSale:
        document = read_document(row.body.encode())
        sale = sale_of(
            document,
            till_id=row.till_id,
            business_date=projections.read_date(row.business_date),
            operator_name=operator_name,
            note_at=lambda place: texts.get(place) or "",
        )
        number = ReceiptNumber(document.store_number, document.till_number, row.epoch, document.receipt_number)
        return CompletedSale(sale, number, EntryId(row.till_id, row.epoch, row.sequence), row.hash.hex())


_SALES: Final = select(
    schema.journal.c.entry_key,
    schema.journal.c.epoch,
    schema.journal.c.sequence,
    schema.journal.c.till_id,
    schema.journal.c.business_date,
    schema.journal.c.hash,
    schema.journal.c.body,
    schema.operator_name.c.name,
).select_from(
    schema.sale.join(schema.journal, schema.sale.c.entry_key == schema.journal.c.entry_key).join(
        schema.operator_name, schema.sale.c.operator_ref == schema.operator_name.c.operator_ref
    )
)


def _sold_again(cursor: Any, sale: Sale) -> list[SerialSoldAgainDocument]:  # noqa: ANN401 - the driver has no types
    """Return what the journal must say of pieces in a sale that were sold before; only lines with serials cost."""
    told: list[SerialSoldAgainDocument] = []
    in_this_sale: set[tuple[str, str]] = set()
    for line in sale.lines:
        if line.gtin14 is None or line.serial is None:
            continue
        found = cursor.execute(FIND_SERIAL, (line.gtin14, line.serial)).fetchone()
        earlier = found[0] if found is not None else None
        if earlier is None and (line.gtin14, line.serial) in in_this_sale:
            earlier = sale.sale_id
        in_this_sale.add((line.gtin14, line.serial))
        if earlier is not None:
            told.append(
                SerialSoldAgainDocument(
                    earlier_sale_id=earlier,
                    gtin14=line.gtin14,
                    line_number=line.line_number,
                    sale_id=sale.sale_id,
                    serial=line.serial,
                )
            )
    return told


def _insert_sale(cursor: Any, row: projections.Row) -> None:  # noqa: ANN401 - the driver has no types
    try:
        cursor.execute(projections.SALE.insert, row)
    except dbapi2.IntegrityError as error:
        if "sale.sale_id" in str(error):
            raise _CommittedBefore from error
        raise


def _insert_parts(cursor: Any, parts: SaleParts) -> None:  # noqa: ANN401 - the driver has no types
    cursor.executemany(projections.SALE_LINE.insert, parts.line_rows)
    if parts.share_rows:
        cursor.executemany(projections.DISCOUNT_SHARE.insert, parts.share_rows)
    cursor.executemany(projections.TENDER.insert, parts.tender_rows)
    cursor.executemany(projections.TAX_SUMMARY.insert, parts.tax_rows)
    if parts.deal is not NO_DEAL:
        _insert_deal(cursor, parts.deal)


def _insert_deal(cursor: Any, deal: DealParts) -> None:  # noqa: ANN401 - the driver has no types
    for projection, rows in (
        (projections.SALE_OFFER, deal.offer_rows),
        (projections.SALE_MEMBER, deal.member_rows),
        (projections.COUPON_USE, deal.use_rows),
        (projections.COUPON_LET_GO, deal.let_go_rows),
    ):
        if rows:
            cursor.executemany(projection.insert, rows)
