"""Appends facts to the till's journal: each numbered, chained, signed, with the head and the totals moved along."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import select

from app.ledger.canonical import JsonValue, canonical_json
from app.ledger.chain import ChainPoint, Head, RunningTotals, UnchainedEntry, chain_entry, genesis_hash, note_of
from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.postings import Posting, require_balanced
from app.values.clock import Clock, business_date_of, read_instant, write_instant
from app.values.identifiers import EntryId
from offline_store import schema
from offline_store.clock_watch import Observation, clock_jump
from offline_store.connection import CommitUnknown, StoreConnection
from offline_store.head_file import HeadFile
from offline_store.keys import TillKeys
from offline_store.problems import StoreProblem, damaged
from offline_store.projections import POSTING
from offline_store.schema import entry_key
from offline_store.settings import StoreSettings

Result = TypeVar("Result")

INSERT_ENTRY: Final = (
    "INSERT INTO journal (entry_key, epoch, sequence, till_id, kind, recorded_at, business_date, previous_hash, hash, "
    "signature, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT))"
)
"""The body is bound as the bytes it was hashed as: the database's encoding is UTF-8 too, so none are translated."""
MOVE_HEAD: Final = (
    "UPDATE head SET epoch = ?, sequence = ?, hash = ?, sale_count = ?, gross_minor = ?, last_receipt_number = ? "
    "WHERE one = 1"
)
FIRST_HEAD: Final = (
    "INSERT INTO head (epoch, sequence, hash, sale_count, gross_minor, last_receipt_number, one, till_id) "
    "VALUES (?, ?, ?, ?, ?, ?, 1, ?)"
)


class EntriesUnknown(Exception):
    """A COMMIT of entries failed: they are stored if the head that they came to is found when the store is opened."""

    def __init__(self, problem: StoreProblem, head: Head | None) -> None:
        """Keep what the failure means to a person, and the head that was to be."""
        super().__init__(problem.code)
        self.problem = problem
        self.head = head


class JournalWriter:
    """The journal within one transaction; what it did counts only once that is committed."""

    def __init__(self, journal: "Journal", cursor: Any) -> None:  # noqa: ANN401 - the driver has no types
        """Start at the journal's head."""
        self._journal = journal
        self.cursor = cursor
        self.head: Head | None = journal.head
        self.observed: Observation | None = journal.observed

    @property
    def next_key(self) -> int:
        """The key of the entry that the next `append` writes, once `watch_clock` was called."""
        head = self._journal.require_head(self.head)
        return entry_key(head.epoch, head.sequence + 1)

    def watch_clock(self) -> Observation:
        """Note the time; where the clock was changed since the last entry, say so in an entry of its own."""
        clock = self._journal.clock
        now = Observation(clock.now(), clock.monotonic_ns())
        before, self.observed = self.observed, now
        if before is not None:
            jump = clock_jump(before, now)
            if jump is not None:
                self.append(EntryKind.CLOCK_JUMPED, canonical_json(jump), (), None)
        return now

    def record(
        self,
        kind: EntryKind,
        body: bytes,
        postings: tuple[Posting, ...] = (),
        business_date: date | None = None,
    ) -> JournalEntry:
        """Append one fact; the trading day is the clock's where none is given."""
        self.watch_clock()
        return self.append(kind, body, require_balanced(postings), business_date)

    def append(
        self,
        kind: EntryKind,
        body: bytes,
        postings: tuple[Posting, ...],
        business_date: date | None,
        totals: RunningTotals | None = None,
    ) -> JournalEntry:
        """Append one fact after `watch_clock`; the caller writes what stands beside it, then calls `move_head`.

        Where no totals are given nothing stands beside it, and the head is moved at once.
        """
        entry = self._insert(kind, body, postings, business_date)
        if totals is None:
            self.move_head(entry, self._journal.require_head(self.head).totals)
        return entry

    def _insert(
        self, kind: EntryKind, body: bytes, postings: tuple[Posting, ...], business_date: date | None
    ) -> JournalEntry:
        head = self._journal.require_head(self.head)
        return self._insert_at(
            EntryId(head.till_id, head.epoch, head.sequence + 1), head.hash, (kind, body, postings, business_date)
        )

    def _insert_at(
        self,
        entry_id: EntryId,
        previous_hash: bytes,
        fact: tuple[EntryKind, bytes, tuple[Posting, ...], date | None],
    ) -> JournalEntry:
        kind, body, postings, business_date = fact
        settings = self._journal.settings
        now = self.observed.instant if self.observed else self._journal.clock.now()
        if business_date is None:
            business_date = business_date_of(now, settings.zone, settings.day_starts)
        entry = chain_entry(
            UnchainedEntry(kind, now, business_date, body, postings),
            entry_id,
            previous_hash,
            self._journal.keys.signer,
        )
        key = entry_key(entry_id.epoch, entry_id.sequence)
        self.cursor.execute(
            INSERT_ENTRY,
            (
                key,
                entry_id.epoch,
                entry_id.sequence,
                entry_id.till_id,
                kind.value,
                write_instant(now),
                business_date.isoformat(),
                previous_hash,
                entry.hash,
                entry.signature,
                body,
            ),
        )
        if postings:
            self.cursor.executemany(POSTING.insert, posting_rows(key, postings))
        return entry

    def move_head(self, entry: JournalEntry, totals: RunningTotals) -> None:
        """Move the head onto an entry that is whole; the database refuses one that is not."""
        entry_id = entry.entry_id
        values = (
            entry_id.epoch,
            entry_id.sequence,
            entry.hash,
            totals.sale_count,
            totals.gross_minor,
            totals.last_receipt_number,
        )
        if self.head is None:
            self.cursor.execute(FIRST_HEAD, (*values, entry_id.till_id))
        else:
            self.cursor.execute(MOVE_HEAD, values)
        self.head = Head(entry_id.till_id, entry_id.epoch, entry_id.sequence, entry.hash, totals)

    def begin_epoch(
        self, epoch: int, known_head: ChainPoint | None, totals: RunningTotals, reason: str
    ) -> JournalEntry:
        """Begin an epoch with its first entry; `totals` are what the till is known to have sold before."""
        clock = self._journal.clock
        self.observed = Observation(clock.now(), clock.monotonic_ns())
        settings, before = self._journal.settings, self.head
        continues_from = before.as_point() if before else None
        body: dict[str, JsonValue] = {
            "continues_from": continues_from.as_json() if continues_from else None,
            "known_head": known_head.as_json() if known_head else None,
            "public_key": self._journal.keys.signer.public_key().hex(),
            "reason": reason,
            "store_number": settings.store_number,
            "till_number": settings.till_number,
            "total_gross_minor": totals.gross_minor,
            "total_sale_count": totals.sale_count,
        }
        entry = self._insert_at(
            EntryId(settings.till_id, epoch, 1),
            genesis_hash(settings.till_id, epoch, known_head),
            (EntryKind.EPOCH_BEGUN, canonical_json(body), (), None),
        )
        self.move_head(entry, RunningTotals(totals.sale_count, totals.gross_minor, 0))
        return entry


class Journal:
    """The till's journal and where it ends."""

    def __init__(self, settings: StoreSettings, keys: TillKeys, clock: Clock, head_file: HeadFile) -> None:
        """Take what every entry needs; `load` comes next."""
        self.settings = settings
        self.keys = keys
        self.clock = clock
        self.head: Head | None = None
        self.observed: Observation | None = None
        self._head_file = head_file
        self._note_is_due = False

    def require_head(self, head: Head | None) -> Head:
        """Return a head that must be there once the first epoch has begun."""
        if head is None:
            raise RuntimeError("no epoch was begun in this store")
        return head

    def load(self, connection: StoreConnection) -> None:
        """Learn from the store where the journal ends.

        Raises:
            StoreDamaged: the head is not an entry of the journal.
        """
        self.head = read_head(connection)
        if self.head is None:
            return
        last = connection.core.execute(
            select(schema.journal.c.hash, schema.journal.c.recorded_at).where(
                schema.journal.c.entry_key == entry_key(self.head.epoch, self.head.sequence)
            )
        ).first()
        if last is None or last.hash != self.head.hash:
            raise damaged()
        if self.observed is None:
            try:
                self.observed = Observation(read_instant(last.recorded_at), None)
            except ValueError as error:
                raise damaged() from error

    def write(self, connection: StoreConnection, action: Callable[[JournalWriter], Result]) -> Result:
        """Run one durable transaction that appends to the journal.

        Raises:
            StoreProblem: nothing of it was stored.
            EntriesUnknown: the COMMIT itself failed; `load` says what became of it.
        """
        writer = JournalWriter(self, connection.cursor)
        try:
            result = connection.in_transaction(lambda _: action(writer), durable=True)
        except CommitUnknown as unknown:
            raise EntriesUnknown(unknown.problem, writer.head) from unknown
        if writer.head is not self.head:
            self.head, self.observed = writer.head, writer.observed
            self._note_is_due = True
        return result

    def write_note(self, *, anyway: bool = False) -> None:
        """Write the signed head beside the store where it moved; failing to is no doubt about the commit before."""
        if self.head is None or not (self._note_is_due or anyway):
            return
        try:
            self._head_file.write(note_of(self.head, self.keys.signer))
            self._note_is_due = False
        except OSError as error:
            import logging

            logging.getLogger(__name__).warning("head_note_not_written", extra={"error": str(error)})


def posting_rows(key: int, postings: Sequence[Posting]) -> list[tuple[int, int, str, int, str]]:
    """Return the rows of `posting`."""
    return [
        (key, number, posting.account, posting.amount_minor, posting.currency)
        for number, posting in enumerate(postings, 1)
    ]


def read_head(connection: StoreConnection) -> Head | None:
    """Return the head as the store keeps it; None before the first epoch."""
    row = connection.core.execute(select(schema.head)).first()
    if row is None:
        return None
    totals = RunningTotals(row.sale_count, row.gross_minor, row.last_receipt_number)
    return Head(row.till_id, row.epoch, row.sequence, row.hash, totals)
