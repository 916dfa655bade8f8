"""Finds the first entry of a journal that is not as the till wrote it, and says what was done to it.

Pure: it is given the entries in the order they claim, what is known from elsewhere (keys, head notes, totals), and
whoever keeps tables beside the journal may hand in a check of those.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from app.ledger.canonical import NotCanonical, read_canonical
from app.ledger.chain import ChainPoint, Head, HeadNote, RunningTotals, content_hash, genesis_hash, signature_holds
from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.findings import Finding, Tampering, edited, found, postings_edited, replaced, swapped, totals_differ
from app.ledger.postings import Posting, UnbalancedPostings, require_balanced
from app.values.identifiers import EntryId
from app.values.wording import wording

SEARCH_WINDOW: Final = 500
"""How many places to either side are tried for where a misplaced entry was written."""


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """A row that holds something the till never writes, so that no entry can be made of it."""

    entry_id: EntryId
    column: str
    """Which of its values cannot be read."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known of a journal from elsewhere."""

    public_keys: frozenset[bytes]
    """The till's keys, each 32 bytes: the present one, and those of epochs before where it was changed."""

    head: Head | None = None
    """The head and totals as they are kept beside the journal; they must be those of its last entry."""

    notes: tuple[HeadNote, ...] = ()
    """Signed notes of where the chain ended at some time; the journal must go at least that far."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification saw."""

    entry_count: int
    """Entries found right before the first wrong one."""

    head: ChainPoint | None
    """The last right entry; None where there is none."""

    totals: RunningTotals
    finding: Finding | None = None
    """None: every entry is as the till wrote it."""


class SaleFigures(msgspec.Struct, frozen=True):
    """What the ledger reads from the body of a sale; it knows nothing else of it."""

    gross_minor: int
    receipt_number: int
    total_gross_minor: int
    total_sale_count: int


class ChainPointFacts(msgspec.Struct, frozen=True):
    """A chain point as it stands in a body."""

    epoch: int
    hash: str
    sequence: int

    def as_point(self) -> ChainPoint:
        """Return it as a chain point."""
        return ChainPoint(self.epoch, self.sequence, bytes.fromhex(self.hash))


class EpochFacts(msgspec.Struct, frozen=True):
    """What the ledger reads from the body of an epoch's first entry."""

    continues_from: ChainPointFacts | None
    """The last entry the store held when the epoch began."""

    known_head: ChainPointFacts | None
    """The last entry that is known to have been written; later than the former where entries were lost."""

    public_key: str
    total_gross_minor: int
    total_sale_count: int


Inspect = Callable[[JournalEntry], Finding | None]
"""Compares the tables beside the journal with an entry that is known to be genuine."""

PostingsOf = Callable[[JournalEntry], tuple[Posting, ...] | None]
"""Works out from an entry's body what its postings must be; None where the body does not say."""


def _nothing_beside(_: JournalEntry) -> None:
    return None


def verify_journal(
    entries: Iterable[JournalEntry | UnreadableEntry],
    expectation: Expectation,
    *,
    inspect: Inspect = _nothing_beside,
    postings_of: PostingsOf = _nothing_beside,
) -> Verified:
    """Walk through a journal from its first entry to its last and stop at the first wrong one."""
    walk = _Walk(expectation, inspect, postings_of)
    for entry, following in _with_following(entries):
        finding = walk.step(entry, following)
        if finding is not None:
            return walk.report(finding)
    return walk.report(walk.finish())


Row = JournalEntry | UnreadableEntry


def _with_following(entries: Iterable[Row]) -> Iterator[tuple[Row, Row | None]]:
    iterator = iter(entries)
    present = next(iterator, None)
    while present is not None:
        following = next(iterator, None)
        yield present, following
        present = following


class _Walk:
    """How far a verification has come."""

    def __init__(self, expectation: Expectation, inspect: Inspect, postings_of: PostingsOf) -> None:
        self._expectation = expectation
        self._inspect = inspect
        self._postings_of = postings_of
        self._last: JournalEntry | None = None
        self._count = 0
        self._totals = RunningTotals()
        self._key = b""

    def report(self, finding: Finding | None) -> Verified:
        """Return what was seen so far."""
        last = self._last
        head = ChainPoint(last.entry_id.epoch, last.entry_id.sequence, last.hash) if last else None
        return Verified(self._count, head, self._totals, finding)

    def step(self, entry: Row, following: Row | None) -> Finding | None:
        """Check the next entry; return what is wrong with it."""
        finding = self._check_place(entry.entry_id, following)
        if finding is None and isinstance(entry, UnreadableEntry):
            finding = found(
                entry.entry_id,
                Tampering.VALUE_EDITED,
                wording(
                    "Entry {entry}: the value of {column} is not one a till writes. It was edited.",
                    entry=str(entry.entry_id),
                    column=entry.column,
                ),
            )
        if finding is not None or isinstance(entry, UnreadableEntry):
            return finding
        finding = (
            self._check_epoch(entry)
            or self._check_chain(entry)
            or _check_postings(entry)
            or self._check_figures(entry)
            or self._check_notes_at(entry)
            or self._inspect(entry)
        )
        if finding is None:
            self._last = entry
            self._count += 1
        return finding

    def finish(self) -> Finding | None:
        """Check what only shows at the end: forged notes, a cut tail, a head or totals that are not the journal's."""
        for note in self._expectation.notes:
            if not any(note.is_signed_by(key) for key in self._expectation.public_keys):
                return found(
                    self._last_id(note.head),
                    Tampering.HEAD_NOTE_EDITED,
                    wording("The note of where the journal ends was changed: this till did not sign it."),
                )
            if self._is_beyond(note.head):
                return self._tail_cut(note.head)
        kept = self._expectation.head
        if kept is None:
            return None
        if self._is_beyond(kept):
            return self._tail_cut(kept)
        last = self._last
        if last is None or kept.as_point() != self.report(None).head or kept.till_id != last.entry_id.till_id:
            return found(
                self._last_id(kept),
                Tampering.HEAD_NOTE_EDITED,
                wording("The store's own record of where the journal ends is not the journal's last entry."),
            )
        return None if kept.totals == self._totals else totals_differ(last.entry_id)

    def _last_id(self, head: Head) -> EntryId:
        return self._last.entry_id if self._last else EntryId(head.till_id, 1, 0)

    def _is_beyond(self, head: Head) -> bool:
        here = self._last_id(head)
        return (head.epoch, head.sequence) > (here.epoch, here.sequence)

    def _tail_cut(self, head: Head) -> Finding:
        here = self._last_id(head)
        missing = EntryId(here.till_id, here.epoch, here.sequence + 1)
        return found(
            missing,
            Tampering.TAIL_CUT,
            wording(
                "The end of the journal was cut off: entry {entry} is gone, and entry {head} was the last.",
                entry=str(missing),
                head=str(EntryId(head.till_id, head.epoch, head.sequence)),
            ),
        )

    def _check_place(self, entry_id: EntryId, following: Row | None) -> Finding | None:
        last = self._last.entry_id if self._last else None
        wanted = EntryId(entry_id.till_id, entry_id.epoch, 1)
        if last is not None and entry_id.epoch <= last.epoch:
            wanted = EntryId(last.till_id, last.epoch, last.sequence + 1)
        place = (entry_id.epoch, entry_id.sequence)
        if place == (wanted.epoch, wanted.sequence):
            return None
        here_next = following is not None and following.entry_id == wanted
        if here_next or place < (wanted.epoch, wanted.sequence):
            return swapped(wanted, entry_id)
        return found(
            wanted,
            Tampering.ROW_MISSING,
            wording("Entry {entry} is missing: its row was deleted.", entry=str(wanted)),
        )

    def _check_epoch(self, entry: JournalEntry) -> Finding | None:
        """Check an epoch's first entry: its own words, its link, and what it says of the time before."""
        if entry.entry_id.sequence != 1:
            return None
        facts = _epoch_facts(entry)
        if facts is None or bytes.fromhex(facts.public_key) not in self._expectation.public_keys:
            return self._wrong_contents(entry)
        self._key = bytes.fromhex(facts.public_key)
        known_head = facts.known_head.as_point() if facts.known_head else None
        genesis = genesis_hash(entry.entry_id.till_id, entry.entry_id.epoch, known_head)
        return self._check_link(entry, genesis) or self._check_past(entry, facts)

    def _check_past(self, entry: JournalEntry, facts: EpochFacts) -> Finding | None:
        continues_from = facts.continues_from.as_point() if facts.continues_from else None
        if continues_from != self.report(None).head:
            return self._past_missing(entry, continues_from)
        if (facts.total_sale_count, facts.total_gross_minor) < (self._totals.sale_count, self._totals.gross_minor):
            return totals_differ(entry.entry_id)
        self._totals = RunningTotals(facts.total_sale_count, facts.total_gross_minor, 0)
        return None

    def _wrong_contents(self, entry: JournalEntry) -> Finding:
        """Say what was done to an epoch's first entry whose body does not even say how the epoch began."""
        signed = any(signature_holds(key, entry.hash, entry.signature) for key in self._expectation.public_keys)
        return edited(entry.entry_id) if signed else replaced(entry.entry_id)

    def _past_missing(self, entry: JournalEntry, continues_from: ChainPoint | None) -> Finding:
        """Say what is missing before an epoch: entries that its first entry knows of."""
        if continues_from is None or self._last is None:
            missing = EntryId(entry.entry_id.till_id, continues_from.epoch if continues_from else 1, 1)
        else:
            last = self._last.entry_id
            missing = EntryId(last.till_id, last.epoch, last.sequence + 1)
        return found(
            missing,
            Tampering.TAIL_CUT,
            wording(
                "The end of epoch {epoch} was cut off: entry {entry} is gone.",
                epoch=missing.epoch,
                entry=str(missing),
            ),
        )

    def _check_chain(self, entry: JournalEntry) -> Finding | None:
        if entry.entry_id.sequence == 1 or self._last is None:
            return None
        return self._check_link(entry, self._last.hash)

    def _check_link(self, entry: JournalEntry, expected_previous: bytes) -> Finding | None:
        contents = content_hash(entry)
        genuine = signature_holds(self._key, entry.hash, entry.signature)
        if genuine and contents == entry.hash and entry.previous_hash == expected_previous:
            try:
                read_canonical(entry.body)
            except NotCanonical:
                return edited(entry.entry_id)
            return None
        if not genuine:
            # The values are the till's own and only the hash beside them was changed, or the whole is not the till's.
            if contents != entry.hash and signature_holds(self._key, contents, entry.signature):
                return edited(entry.entry_id)
            return replaced(entry.entry_id)
        if contents == entry.hash:
            return replaced(entry.entry_id)
        return self._say_what_was_edited(entry, expected_previous)

    def _say_what_was_edited(self, entry: JournalEntry, expected_previous: bytes) -> Finding:
        """Name the change behind an entry whose hash is the till's own, but not the hash of its values."""
        if content_hash(replace(entry, previous_hash=expected_previous)) == entry.hash:
            return edited(entry.entry_id)
        original = _original_place(entry)
        if original is not None:
            return swapped(entry.entry_id, original)
        try:
            require_balanced(entry.postings)
        except UnbalancedPostings:
            return postings_edited(entry.entry_id)
        right = self._postings_of(entry)
        if right is not None and content_hash(replace(entry, postings=right)) == entry.hash:
            return postings_edited(entry.entry_id)
        return edited(entry.entry_id)

    def _check_figures(self, entry: JournalEntry) -> Finding | None:
        if entry.kind is not EntryKind.SALE:
            return None
        try:
            figures = msgspec.json.decode(entry.body, type=SaleFigures)
        except msgspec.MsgspecError:
            return edited(entry.entry_id)
        before = self._totals
        if figures.receipt_number != before.last_receipt_number + 1:
            return found(
                entry.entry_id,
                Tampering.RECEIPT_NUMBER_WRONG,
                wording(
                    "Entry {entry} has receipt number {number}, but {expected} comes next.",
                    entry=str(entry.entry_id),
                    number=figures.receipt_number,
                    expected=before.last_receipt_number + 1,
                ),
            )
        after = RunningTotals(
            before.sale_count + 1, before.gross_minor + figures.gross_minor, before.last_receipt_number + 1
        )
        if (figures.total_sale_count, figures.total_gross_minor) != (after.sale_count, after.gross_minor):
            return totals_differ(entry.entry_id)
        self._totals = after
        return None

    def _check_notes_at(self, entry: JournalEntry) -> Finding | None:
        for note in self._expectation.notes:
            head = note.head
            if (head.epoch, head.sequence) != (entry.entry_id.epoch, entry.entry_id.sequence):
                continue
            if not note.is_signed_by(self._key):
                continue  # finish() says so, once the chain is known to be whole
            if head.hash != entry.hash:
                return replaced(entry.entry_id)
            if head.totals != self._totals:
                return totals_differ(entry.entry_id)
        return None


def _epoch_facts(entry: JournalEntry) -> EpochFacts | None:
    """Return what an epoch's first entry says; None where it does not speak as one."""
    if entry.kind is not EntryKind.EPOCH_BEGUN:
        return None
    try:
        facts = msgspec.json.decode(entry.body, type=EpochFacts)
        for digits in (facts.public_key, *(p.hash for p in (facts.known_head, facts.continues_from) if p)):
            bytes.fromhex(digits)
    except (msgspec.MsgspecError, ValueError):
        return None
    return facts


def _original_place(entry: JournalEntry) -> EntryId | None:
    """Return where an entry was written, if it is whole but for its number."""
    own = entry.entry_id
    for distance in range(1, SEARCH_WINDOW + 1):
        for sequence in (own.sequence - distance, own.sequence + distance):
            if sequence < 1:
                continue
            place = EntryId(own.till_id, own.epoch, sequence)
            if content_hash(replace(entry, entry_id=place)) == entry.hash:
                return place
    return None


def _check_postings(entry: JournalEntry) -> Finding | None:
    try:
        require_balanced(entry.postings)
    except UnbalancedPostings:
        return postings_edited(entry.entry_id)
    return None
