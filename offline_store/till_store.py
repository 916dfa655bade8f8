"""The till's store as the checkout knows it: one door to journal, sales, baskets, sessions and print jobs."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select

from app.checkout.ports import JsonValue, PerpetualTotals, PrintJob, PrintState, StoreStatus, TillSession
from app.ledger.canonical import canonical_json
from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.postings import Posting
from app.payments.attempt_record import AttemptRecord, CaseClosed, ExceptionCase, PaymentAttempt
from app.sales.basket import Basket
from app.sales.completion import released_of_abandoned
from app.sales.sale import CompletedSale, Sale
from app.values.clock import Clock, read_instant
from app.values.identifiers import Identities
from offline_store import projections, schema
from offline_store.acknowledgement import Acknowledgement
from offline_store.attempt_rows import AttemptRows
from offline_store.basket_rows import BasketRows, delete_basket
from offline_store.deal_document import let_go_rows
from offline_store.documents import abandoned_document, encode, float_postings, session_document
from offline_store.journal import JournalWriter
from offline_store.keys import KeyringElseFiles, KeyVault
from offline_store.member_memory import MemberMemory
from offline_store.payment_questions import PaymentQuestions
from offline_store.personal_texts import PersonalTexts
from offline_store.print_jobs import PrintJobs
from offline_store.problems import disk_fails
from offline_store.sale_rows import SaleRows
from offline_store.schema import entry_key
from offline_store.settings import BALLAST_BYTES, LOW_SPACE_BYTES, StoreFiles, StoreSettings
from offline_store.till_file import TillFile

OWN_KINDS = frozenset(
    {
        EntryKind.EPOCH_BEGUN,
        EntryKind.SALE,
        EntryKind.SERIAL_SOLD_AGAIN,
        EntryKind.SESSION_OPENED,
        EntryKind.CLOCK_JUMPED,
        EntryKind.PAYMENT_ENDED,
        EntryKind.PAYMENT_CAPTURED,
        EntryKind.PAYMENT_EXCEPTION,
        EntryKind.PAYMENT_EXCEPTION_CLOSED,
    }
)
"""Entries that the store writes by itself, along with what stands beside them."""


class TillStoreFile(MemberMemory):
    """An open till's store (`app.checkout.ports.TillStore`). One thread owns it."""

    def __init__(self, till_file: TillFile) -> None:
        """Take an open file; `open_till_store` makes one."""
        super().__init__(till_file)
        self._file = till_file
        self._sales = SaleRows(till_file)
        self._baskets = BasketRows(till_file)
        self._jobs = PrintJobs(till_file)
        self._acknowledgement = Acknowledgement(till_file)
        self._texts = PersonalTexts(till_file)
        self._attempts = AttemptRows(till_file)
        self._questions = PaymentQuestions(till_file)
        self._session: TillSession | None = None
        self._session_known = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; another process may then open it."""
        self._file.close()

    @property
    def folder(self) -> Path:
        """Where the store lies."""
        return self._file.folder

    def public_key(self) -> bytes:
        """Return the key that the till's signatures are checked with, 32 bytes."""
        return self._file.journal.keys.signer.public_key()

    def epoch(self) -> int:
        """Return how often this till's store was restored or re-made, from 1."""
        return self._file.head.epoch

    def save_basket(self, basket: Basket) -> None:
        """Keep an open or suspended basket; survives a killed process when this returns.

        Raises:
            StoreProblem: disk full or failing; the basket as last saved is still there.
        """
        self._baskets.save(basket)

    def open_basket(self) -> Basket | None:
        """Return the basket that was being rung up when the till stopped."""
        return self._baskets.open_basket()

    def suspended_baskets(self) -> tuple[Basket, ...]:
        """Return the baskets put aside, the oldest first."""
        return self._baskets.suspended()

    def abandon_basket(self, basket: Basket, reason: str) -> JournalEntry:
        """Give up a basket that was not paid: a journal entry says what was in it, and it is gone.

        Raises:
            StoreProblem: it could not be recorded; the basket is still there.
        """
        body = encode(abandoned_document(basket, reason))

        def write(writer: JournalWriter) -> JournalEntry:
            delete_basket(writer.cursor, basket.basket_id)
            entry = writer.record(EntryKind.BASKET_ABANDONED, body)
            key = entry_key(entry.entry_id.epoch, entry.entry_id.sequence)
            let_go = let_go_rows(key, ((one.redemption_id, one.coupon_id) for one in released_of_abandoned(basket)))
            writer.cursor.executemany(projections.COUPON_LET_GO.insert, let_go)
            return entry

        # Before it is known how this ends: after a failure the next save asks what the store holds.
        self._baskets.forget(basket.basket_id)
        return self._file.write_entries(write)

    def commit_sale(self, sale: Sale, *, print_job_id: str | None) -> CompletedSale:
        """Write a sale, whole and durable, in one transaction; when this returns a power cut cannot take it.

        Called again with the same sale it returns what was committed the first time. A piece of goods in it that was
        sold before, by GTIN and serial number, is told in an entry of its own; the sale stands.

        Raises:
            SaleAlreadyStored: another sale was stored under this id; its basket is over.
            StoreProblem: the sale was not stored, or not yet safely; the till may try again.
        """
        # Before it is known how this ends: after a failure the next save asks what the store holds.
        self._baskets.forget(sale.sale_id)
        return self._sales.commit(sale, print_job_id)

    def record(
        self, kind: EntryKind, body: Mapping[str, JsonValue], postings: tuple[Posting, ...] = ()
    ) -> JournalEntry:
        """Append one fact that is not a sale, durably.

        Raises:
            StoreProblem: it was not stored.
        """
        if kind in OWN_KINDS:
            raise ValueError(f"{kind.value} entries are the store's own")
        data = canonical_json(body)
        return self._file.write_entries(lambda writer: writer.record(kind, data, postings))

    def open_session(self, session: TillSession) -> None:
        """Keep a new till session as the present one, with its journal entry and the float's postings.

        Raises:
            StoreProblem: it was not stored; the session before is still the present one.
        """
        currency = self._file.settings.currency
        body = encode(session_document(session, currency))

        def write(writer: JournalWriter) -> None:
            entry = writer.record(
                EntryKind.SESSION_OPENED, body, float_postings(session, currency), session.business_date
            )
            key = entry_key(entry.entry_id.epoch, entry.entry_id.sequence)
            writer.cursor.execute(projections.TILL_SESSION.insert, projections.session_row(key, session))

        self._file.write_entries(write)
        self._session, self._session_known = session, True

    def present_session(self) -> TillSession | None:
        """Return the session that is open, if one is."""
        if not self._session_known:
            self._session, self._session_known = self._last_session(), True
        return self._session

    def _last_session(self) -> TillSession | None:
        table = schema.till_session
        with self._file.reading() as connection:
            row = connection.core.execute(select(table).order_by(table.c.entry_key.desc()).limit(1)).first()
        if row is None:
            return None
        return TillSession(
            session_id=row.session_id,
            business_date=projections.read_date(row.business_date),
            operator_number=row.operator_number,
            opened_at=read_instant(row.opened_at),
            opening_float_minor=row.opening_float_minor,
        )

    def find_sale(self, sale_id: str) -> CompletedSale | None:
        """Return a committed sale by its id."""
        return self._sales.find(sale_id)

    def serial_sold(self, gtin14: str, serial: str) -> bool:
        """Return whether this till sold the piece of goods with this GTIN and serial number, in whatever epoch."""
        return self._sales.serial_sold(gtin14, serial)

    def find_receipt(self, epoch: int, number: int) -> CompletedSale | None:
        """Return a committed sale of this till by its receipt number."""
        return self._sales.find_receipt(epoch, number)

    def last_sale(self) -> CompletedSale | None:
        """Return the sale committed last."""
        return self._sales.last()

    def totals(self) -> PerpetualTotals:
        """Return the perpetual totals."""
        totals = self._file.head.totals
        return PerpetualTotals(totals.sale_count, totals.gross_minor, totals.last_receipt_number)

    def add_print_job(self, job: PrintJob) -> None:
        """Keep a reprint; its copy number counts in the journal.

        Raises:
            StoreProblem: it was not stored.
        """
        self._jobs.add(job)

    def copies_printed(self, sale_id: str) -> int:
        """Return how many copies of a sale's receipt were asked for so far."""
        return self._jobs.copies_of(sale_id)

    def set_print_state(self, job_id: str, state: PrintState) -> None:
        """Keep how far a job came.

        Raises:
            StoreProblem: the state is as before.
        """
        self._jobs.set_state(job_id, state)

    def unfinished_print_jobs(self) -> tuple[PrintJob, ...]:
        """Return jobs neither printed nor cancelled, the oldest first."""
        return self._jobs.unfinished()

    def save_attempt(self, record: AttemptRecord) -> None:
        """Keep steps of payment attempts and cases, all or none, durably; the same again changes nothing.

        Raises:
            StoreProblem: whether it was stored is not known, or it was not; storing it again is always right.
            ValueError: it does not follow what is stored: a fault of the program.
        """
        self._attempts.save(record)

    def open_attempts(self) -> tuple[PaymentAttempt, ...]:
        """Return payment attempts that are not final, the oldest first."""
        return self._attempts.open()

    def attempt(self, attempt_id: str) -> PaymentAttempt | None:
        """Return a payment attempt as it was last stored."""
        return self._attempts.find(attempt_id)

    def attempt_history(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        """Return every step of a payment attempt, the first first."""
        return self._attempts.history(attempt_id)

    def attempts_of(self, basket_id: str) -> tuple[PaymentAttempt, ...]:
        """Return the payment attempts of a basket, the oldest first."""
        return self._attempts.of_basket(basket_id)

    def refunds_of(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        """Return the refunds of a payment, the oldest first."""
        return self._attempts.refunds_of(attempt_id)

    def last_reversed(self, count: int) -> tuple[PaymentAttempt, ...]:
        """Return the payments that ended REVERSED last, the last first."""
        return self._attempts.last_reversed(count)

    def unclaimed_attempts(self, since: datetime) -> tuple[PaymentAttempt, ...]:
        """Return payments made since an instant that are approved, stand in no sale, and were not given back."""
        return self._attempts.unclaimed_since(since)

    def uncaptured(self, provider_ids: Collection[str]) -> tuple[PaymentAttempt, ...]:
        """Return approved payments of these providers that stand in a sale and were neither captured nor given back."""
        return self._attempts.uncaptured(provider_ids)

    def offline_cards_taken(self, business_date: date) -> tuple[int, int]:
        """Return how many tenders of a day's sales were taken offline, and their sum in minor units."""
        return self._questions.offline_cards_taken(business_date)

    def last_answer(self, provider_id: str) -> datetime | None:
        """Return when, by the till's clock, a provider last approved something by its own word; None: it never did."""
        return self._questions.last_answer(provider_id)

    def reference_used(self, tender_type_id: str, reference: str) -> bool:
        """Return whether a sale of this till has a tender of this type with this reference."""
        return self._questions.reference_used(tender_type_id, reference)

    def open_exceptions(self) -> tuple[ExceptionCase, ...]:
        """Return what a person must still look at, the oldest first."""
        return self._attempts.open_cases()

    def close_exception(self, closed: CaseClosed) -> None:
        """Keep that a person dealt with a case; closing it again changes nothing.

        Raises:
            StoreProblem: it is still open.
            ValueError: there is no such case.
        """
        self._attempts.close_case(closed)

    def erase_payer(self, attempt_id: str) -> None:
        """Forget who paid an attempt; the chain stays whole.

        Raises:
            StoreProblem: it is still there.
        """
        self._attempts.erase_payer(attempt_id)

    def status(self) -> StoreStatus:
        """Return what the status bar shows."""
        self._file.journal.write_note()
        unsynced = self._acknowledgement.unsynced()
        try:
            free_bytes = self._file.space.free_bytes()
        except OSError as error:
            raise disk_fails() from error
        return StoreStatus(
            unsynced_count=unsynced.entry_count,
            unsynced_minor=unsynced.gross_minor,
            free_bytes=free_bytes,
            low_on_space=self._file.space.is_low(free_bytes),
        )

    def erase_operator(self, operator_number: str) -> None:
        """Forget the names of an operator who left; her number stays on what she did.

        Raises:
            StoreProblem: the name is still there.
        """
        self._texts.erase_operator(operator_number)
        self._sales.forget_operators()

    def erase_notes(self, sale_id: str) -> None:
        """Forget what was noted on a sale; the chain stays whole.

        Raises:
            StoreProblem: the notes are still there.
        """
        self._texts.erase_notes(sale_id)

    def acknowledge(self, epoch: int, sequence: int) -> None:
        """Keep that headquarters holds every entry up to this one; going back is ignored.

        Raises:
            StoreProblem: it was not stored.
        """
        self._acknowledgement.acknowledge(epoch, sequence)


def default_keys(folder: Path, till_id: str) -> KeyVault:
    """Return where a till's keys are kept: the system's keyring where it works, else owner-only files beside it."""
    return KeyringElseFiles(till_id, folder / StoreFiles.KEYS)


def open_till_store(  # noqa: PLR0913 - a till's store is named by all of these, once, where the parts are put together
    folder: Path,
    *,
    till_id: str,
    store_number: int,
    till_number: int,
    clock: Clock,
    identities: Identities,
    zone: tzinfo,
    day_starts: timedelta,
    keys: KeyVault | None = None,
    currency: str = "CNY",
    ballast_bytes: int = BALLAST_BYTES,
    low_space_bytes: int = LOW_SPACE_BYTES,
) -> TillStoreFile:
    """Open a till's store, making it at first use; close it after use, or use it in a `with`.

    Raises:
        StoreProblem: it is in use, damaged, another till's, or its key or disk fails; each says what to do.
    """
    settings = StoreSettings(
        till_id, store_number, till_number, zone, day_starts, currency, ballast_bytes, low_space_bytes
    )
    till_file = TillFile(folder, settings, clock, identities, keys or default_keys(folder, till_id))
    till_file.open()
    return TillStoreFile(till_file)
