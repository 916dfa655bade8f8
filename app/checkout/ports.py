"""What the checkout needs of the world: a store that keeps facts, and a printer that takes jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from app.checkout.member_ports import MemberOutbox, MemberStore
from app.checkout.payment_ports import CounterAttempts
from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.postings import Posting
from app.sales.basket import Basket
from app.sales.receipt import Receipt
from app.sales.sale import CompletedSale, Sale

JsonValue = str | int | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True, slots=True)
class TillSession:
    """A cashier's turn at a till, from the float put in to the count; sales bind to its id."""

    session_id: str
    business_date: date
    operator_number: str
    opened_at: datetime
    opening_float_minor: int


@dataclass(frozen=True, slots=True)
class PerpetualTotals:
    """Totals since the till's store was first made; they never fall."""

    sale_count: int
    gross_minor: int
    """Sum of what all sales cost, rounding not included."""

    last_receipt_number: int
    """Count within the present epoch; 0 before its first receipt."""


class PrintState(Enum):
    """Where a print job is."""

    WAITING = "waiting"
    PRINTING = "printing"
    """Its bytes may have left; after a crash it is printed again only as a copy."""

    PRINTED = "printed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One receipt to be printed, with an identity that outlives the process."""

    job_id: str
    sale_id: str
    copy_number: int
    state: PrintState
    opens_drawer: bool = False
    """Whether the drawer is kicked before the paper moves."""


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What the status bar shows of the till's store."""

    unsynced_count: int
    """Journal entries that headquarters has not yet acknowledged."""

    unsynced_minor: int
    """Gross of the sales among them."""

    free_bytes: int
    low_on_space: bool
    """Below the mark under which no new basket is opened."""


class TillStore(CounterAttempts, MemberStore, MemberOutbox, Protocol):
    """The till's durable memory. One thread owns it.

    Every method raises a `StoreProblem` (disk full, I/O error, damaged file) that a cashier can read; after one
    the store is as it was before the call, or the outcome is looked up by id and returned.
    """

    def epoch(self) -> int:
        """Return how often this till's store was restored or re-made, from 1."""

    def save_basket(self, basket: Basket) -> None:
        """Keep an open or suspended basket; survives a killed process when this returns.

        Raises:
            StoreProblem: disk full or failing; the basket as last saved is still there.
        """

    def open_basket(self) -> Basket | None:
        """Return the basket that was being rung up when the till stopped."""

    def suspended_baskets(self) -> tuple[Basket, ...]:
        """Return the baskets put aside, the oldest first."""

    def abandon_basket(self, basket: Basket, reason: str) -> JournalEntry:
        """Give up a basket that was not paid: a journal entry says what was in it, and it is gone."""

    def commit_sale(self, sale: Sale, *, print_job_id: str | None) -> CompletedSale:
        """Write a sale, whole and durable, in one transaction; when this returns a power cut cannot take it.

        Writes the sale with its lines, discount shares, tenders and postings, the next receipt number, the journal
        entry, the perpetual totals and a waiting print job (where an id is given), and removes its basket.
        Called again with the same sale it returns what was committed the first time. A serial number that was sold
        before is no reason to refuse: a `SERIAL_SOLD_AGAIN` entry beside the sale says so.

        Raises:
            StoreProblem: the sale was not stored, and the till may try again; or (`SaleAlreadyStored`) another sale
                was stored under this id, and stands.
        """

    def record(
        self, kind: EntryKind, body: Mapping[str, JsonValue], postings: tuple[Posting, ...] = ()
    ) -> JournalEntry:
        """Append one fact that is not a sale, durably."""

    def open_session(self, session: TillSession) -> None:
        """Keep a new till session as the present one, with its journal entry and the float's postings."""

    def present_session(self) -> TillSession | None:
        """Return the session that is open, if one is."""

    def find_sale(self, sale_id: str) -> CompletedSale | None:
        """Return a committed sale by its id."""

    def serial_sold(self, gtin14: str, serial: str) -> bool:
        """Return whether this till sold the piece of goods with this GTIN and serial number, in whatever epoch."""

    def find_receipt(self, epoch: int, number: int) -> CompletedSale | None:
        """Return a committed sale of this till by its receipt number."""

    def last_sale(self) -> CompletedSale | None:
        """Return the sale committed last."""

    def totals(self) -> PerpetualTotals:
        """Return the perpetual totals."""

    def add_print_job(self, job: PrintJob) -> None:
        """Keep a reprint; its copy number counts in the journal."""

    def copies_printed(self, sale_id: str) -> int:
        """Return how many copies of a sale's receipt were asked for so far."""

    def set_print_state(self, job_id: str, state: PrintState) -> None:
        """Keep how far a job came."""

    def unfinished_print_jobs(self) -> tuple[PrintJob, ...]:
        """Return jobs neither printed nor cancelled, the oldest first."""

    def status(self) -> StoreStatus:
        """Return what the status bar shows."""


@dataclass(frozen=True, slots=True)
class ReceiptOrder:
    """What a receipt printer is asked to do."""

    job_id: str
    receipt: Receipt | None
    """None: only kick the drawer."""

    opens_drawer: bool = False


class ReceiptPrinter(Protocol):
    """A printer with a queue of its own; handing an order over never waits for paper."""

    def submit(self, order: ReceiptOrder) -> bool:
        """Take an order and return at once; False where its queue is full (the job stays waiting in the store)."""

    def stored(self, job_id: str, state: PrintState) -> None:
        """Learn that what was reported of a job is in the store; returns at once.

        No byte of a receipt leaves before `PRINTING` is stored: else a till that dies then would print it twice.
        """
