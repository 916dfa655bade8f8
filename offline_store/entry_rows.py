"""Brings journal entries back from their rows, refusing none: a row that no till writes becomes an unreadable entry."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.postings import Posting
from app.ledger.verification import UnreadableEntry
from app.values.clock import read_instant, write_instant
from app.values.identifiers import EntryId
from offline_store.connection import StoreConnection
from offline_store.schema import entry_key, place_of

ENTRIES: Final = (
    "SELECT entry_key, epoch, sequence, till_id, kind, recorded_at, business_date, previous_hash, hash, signature, "
    "body FROM journal WHERE entry_key >= ? ORDER BY entry_key"
)
POSTINGS: Final = (
    "SELECT entry_key, posting_number, account, amount_minor, currency FROM posting WHERE entry_key >= ? "
    "ORDER BY entry_key, posting_number"
)


class _Unreadable(ValueError):
    """A column that holds what no till writes."""


def read_entries(connection: StoreConnection, from_key: int = 0) -> Iterator[JournalEntry | UnreadableEntry]:
    """Yield the entries from a key on, in their order, with their postings."""
    postings = groupby(connection.driver.execute(POSTINGS, (from_key,)), key=lambda row: row[0])
    waiting = next(postings, None)
    for row in connection.driver.execute(ENTRIES, (from_key,)):
        own: list[tuple[Any, ...]] = []
        while waiting is not None and waiting[0] <= row[0]:
            if waiting[0] == row[0]:
                own = list(waiting[1])
            # Postings of an entry that is not there are found by `verify`, which counts what stands alone.
            waiting = next(postings, None)
        yield _entry(row, own)


def _entry(row: tuple[Any, ...], posting_rows: list[tuple[Any, ...]]) -> JournalEntry | UnreadableEntry:
    key, epoch, sequence, till_id, kind, recorded_at, business_date, previous, hashed, signature, body = row
    entry_id = EntryId(till_id, *place_of(key))
    try:
        if entry_key(epoch, sequence) != key:
            raise _Unreadable("sequence" if epoch == place_of(key)[0] else "epoch")
        return JournalEntry(
            entry_id,
            _kind(kind),
            _instant(recorded_at),
            _date(business_date),
            body.encode(),
            _postings(posting_rows),
            previous,
            hashed,
            signature,
        )
    except _Unreadable as error:
        return UnreadableEntry(entry_id, str(error))


def _kind(text: str) -> EntryKind:
    try:
        return EntryKind(text)
    except ValueError as error:
        raise _Unreadable("kind") from error


def _instant(text: str) -> datetime:
    try:
        instant = read_instant(text)
    except ValueError as error:
        raise _Unreadable("recorded_at") from error
    if write_instant(instant) != text:
        raise _Unreadable("recorded_at")
    return instant


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise _Unreadable("business_date") from error
    if day.isoformat() != text:
        raise _Unreadable("business_date")
    return day


def _postings(rows: list[tuple[Any, ...]]) -> tuple[Posting, ...]:
    if [row[1] for row in rows] != list(range(1, len(rows) + 1)):
        raise _Unreadable("posting_number")
    return tuple(Posting(*row[2:]) for row in rows)
