"""A short journal, made of nothing but the ledger."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from app.ledger.canonical import canonical_json
from app.ledger.chain import (
    ChainPoint,
    Ed25519Signer,
    RunningTotals,
    Signer,
    UnchainedEntry,
    chain_entry,
    genesis_hash,
)
from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.postings import Posting
from app.values.identifiers import EntryId

TILL = "0001-01"
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


class JournalMaker:
    """Chains entries as a till does."""

    def __init__(self) -> None:
        self.signer: Signer = Ed25519Signer(b"s" * 32)
        self.entries: list[JournalEntry] = []
        self.totals = RunningTotals()

    def last(self) -> ChainPoint | None:
        if not self.entries:
            return None
        last = self.entries[-1]
        return ChainPoint(last.entry_id.epoch, last.entry_id.sequence, last.hash)

    def _add(
        self, kind: EntryKind, body: bytes, postings: tuple[Posting, ...], entry_id: EntryId, previous: bytes
    ) -> None:
        at = NOON + timedelta(minutes=len(self.entries))
        entry = UnchainedEntry(kind, at, date(2026, 11, 22), body, postings)
        self.entries.append(chain_entry(entry, entry_id, previous, self.signer))

    def begin(self, epoch: int, known: ChainPoint | None = None, count: int | None = None) -> None:
        last = self.last()
        known = known or last
        self.totals = RunningTotals(count if count is not None else self.totals.sale_count, self.totals.gross_minor, 0)
        body = canonical_json(
            {
                "continues_from": last.as_json() if last else None,
                "known_head": known.as_json() if known else None,
                "public_key": self.signer.public_key().hex(),
                "reason": "made",
                "total_gross_minor": self.totals.gross_minor,
                "total_sale_count": self.totals.sale_count,
            }
        )
        self._add(EntryKind.EPOCH_BEGUN, body, (), EntryId(TILL, epoch, 1), genesis_hash(TILL, epoch, known))

    def append(self, kind: EntryKind, body: bytes, postings: tuple[Posting, ...] = ()) -> None:
        last = self.entries[-1]
        entry_id = EntryId(TILL, last.entry_id.epoch, last.entry_id.sequence + 1)
        self._add(kind, body, postings, entry_id, last.hash)

    def sell(self, gross_minor: int, **wrong: int) -> None:
        self.totals = RunningTotals(
            self.totals.sale_count + 1, self.totals.gross_minor + gross_minor, self.totals.last_receipt_number + 1
        )
        figures = {
            "gross_minor": gross_minor,
            "receipt_number": self.totals.last_receipt_number,
            "total_gross_minor": self.totals.gross_minor,
            "total_sale_count": self.totals.sale_count,
            **wrong,
        }
        postings = (Posting("cash_drawer", gross_minor, "CNY"), Posting("sales", -gross_minor, "CNY"))
        self.append(EntryKind.SALE, json.dumps(figures, sort_keys=True, separators=(",", ":")).encode(), postings)


@pytest.fixture
def make_journal() -> Callable[[], JournalMaker]:
    return JournalMaker


@pytest.fixture
def journal() -> JournalMaker:
    """1 epoch, 2 sale, 3 sale, 4 drawer, 5 sale."""
    maker = JournalMaker()
    maker.begin(1)
    maker.sell(1000)
    maker.sell(250)
    maker.append(EntryKind.DRAWER_OPENED, b'{"reason":"change"}')
    maker.sell(1)
    return maker
