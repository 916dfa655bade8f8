"""The chain, worked out a second time by hand."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.ledger.chain import (
    ChainPoint,
    Ed25519Signer,
    Head,
    HeadNote,
    RunningTotals,
    UnchainedEntry,
    chain_entry,
    content_hash,
    entry_document,
    genesis_hash,
    note_of,
    signature_holds,
)
from app.ledger.entry import EntryKind
from app.ledger.postings import Posting
from app.values.identifiers import EntryId

SIGNER = Ed25519Signer(b"k" * 32)


def test_the_hash_covers_the_previous_one_and_every_value() -> None:
    postings = (Posting("cash_drawer", 5, "CNY"), Posting("sales", -5, "CNY"))
    at = datetime(2026, 11, 22, 4, 5, 6, 7, tzinfo=UTC)
    entry = chain_entry(
        UnchainedEntry(EntryKind.SALE, at, date(2026, 11, 22), '{"名":"米"}'.encode(), postings),
        EntryId("0001-01", 3, 17),
        b"p" * 32,
        SIGNER,
    )
    document: dict[str, Any] = {
        "body": {"名": "米"},
        "business_date": "2026-11-22",
        "epoch": 3,
        "kind": "sale",
        "postings": [
            {"account": "cash_drawer", "amount_minor": 5, "currency": "CNY"},
            {"account": "sales", "amount_minor": -5, "currency": "CNY"},
        ],
        "recorded_at": "2026-11-22T04:05:06.000007Z",
        "sequence": 17,
        "till_id": "0001-01",
    }
    assert entry_document(entry) == rfc8785.dumps(document)
    assert entry.hash == hashlib.sha256(b"guitai/journal/1\0" + b"p" * 32 + rfc8785.dumps(document)).digest()
    assert content_hash(entry) == entry.hash
    public = Ed25519PrivateKey.from_private_bytes(b"k" * 32).public_key()
    public.verify(entry.signature, entry.hash)


def test_an_epoch_is_bound_to_till_number_and_past() -> None:
    point = ChainPoint(1, 9, b"h" * 32)
    document: dict[str, Any] = {
        "epoch": 2,
        "known_head": {"epoch": 1, "hash": (b"h" * 32).hex(), "sequence": 9},
        "till_id": "t",
    }
    assert genesis_hash("t", 2, point) == hashlib.sha256(b"guitai/genesis/1\0" + rfc8785.dumps(document)).digest()
    different = {
        genesis_hash("t", 2, point),
        genesis_hash("u", 2, point),
        genesis_hash("t", 3, point),
        genesis_hash("t", 2, None),
        genesis_hash("t", 2, ChainPoint(1, 8, b"h" * 32)),
        genesis_hash("t", 2, ChainPoint(1, 9, b"i" * 32)),
    }
    assert len(different) == 6


def test_a_head_note_holds_only_as_it_was_signed() -> None:
    head = Head("t", 1, 5, b"h" * 32, RunningTotals(2, 300, 2))
    note = note_of(head, SIGNER)
    assert note.is_signed_by(SIGNER.public_key())
    document: dict[str, Any] = {
        "epoch": 1,
        "gross_minor": 300,
        "hash": (b"h" * 32).hex(),
        "last_receipt_number": 2,
        "sale_count": 2,
        "sequence": 5,
        "till_id": "t",
    }
    assert json.loads(rfc8785.dumps(document)) == document
    assert signature_holds(SIGNER.public_key(), b"guitai/head/1\0" + rfc8785.dumps(document), note.signature)
    for other in (
        Head("u", 1, 5, b"h" * 32, head.totals),
        Head("t", 2, 5, b"h" * 32, head.totals),
        Head("t", 1, 4, b"h" * 32, head.totals),
        Head("t", 1, 5, b"i" * 32, head.totals),
        Head("t", 1, 5, b"h" * 32, RunningTotals(3, 300, 2)),
        Head("t", 1, 5, b"h" * 32, RunningTotals(2, 301, 2)),
        Head("t", 1, 5, b"h" * 32, RunningTotals(2, 300, 1)),
    ):
        assert not HeadNote(other, note.signature).is_signed_by(SIGNER.public_key())
    assert not note.is_signed_by(Ed25519Signer(b"o" * 32).public_key())


@pytest.mark.parametrize(("key", "signature"), [(b"", b"s" * 64), (b"k" * 32, b""), (b"k" * 31, b"s" * 64)])
def test_a_key_or_signature_of_the_wrong_length_holds_nothing(key: bytes, signature: bytes) -> None:
    assert not signature_holds(key, b"data", signature)
