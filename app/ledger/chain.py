"""How journal entries hang together: each one's hash covers the one before it, and the till signs each hash.

    hash = SHA-256( "guitai/journal/1" 0x00 ‖ previous hash ‖ canonical JSON of every other value )

The canonical JSON (RFC 8785) has the keys `body`, `business_date`, `epoch`, `kind`, `postings`, `recorded_at`,
`sequence`, `till_id`. The first entry of an epoch follows a hash of its own making, bound to the till, the epoch and
the last head that was known of the time before, so that no epoch can be hung onto another past.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

import msgspec

from app.ledger.canonical import JsonValue, canonical_json
from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.postings import Posting
from app.values.clock import write_instant
from app.values.identifiers import EntryId

ENTRY_TAG: Final = b"guitai/journal/1\x00"
GENESIS_TAG: Final = b"guitai/genesis/1\x00"
HEAD_TAG: Final = b"guitai/head/1\x00"

HASH_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
PUBLIC_KEY_BYTES: Final = 32


class Signer(Protocol):
    """Who signs for a till."""

    def public_key(self) -> bytes:
        """Return the raw Ed25519 public key, 32 bytes."""

    def sign(self, data: bytes) -> bytes:
        """Return the Ed25519 signature over the data, 64 bytes."""


class Ed25519Signer:
    """Signs with a till's private key (RFC 8032)."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32 bytes that the private key is made from."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._private.public_key().public_bytes_raw()

    def public_key(self) -> bytes:
        """Return the raw public key, 32 bytes."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """Return the signature over the data, 64 bytes."""
        return self._private.sign(data)


def signature_holds(public_key: bytes, data: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature over the data was made with the key's private half."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class ChainPoint:
    """A place in a till's chain."""

    epoch: int
    sequence: int
    hash: bytes
    """32 bytes."""

    def as_json(self) -> dict[str, JsonValue]:
        """Return it as it stands in an entry's body."""
        return {"epoch": self.epoch, "hash": self.hash.hex(), "sequence": self.sequence}


@dataclass(frozen=True, slots=True)
class RunningTotals:
    """What all sales came to up to a place in the chain; the first two never fall, not even over a restore."""

    sale_count: int = 0
    gross_minor: int = 0
    last_receipt_number: int = 0
    """Within the epoch; 0 before its first receipt."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a till's chain ends, with the totals up to there."""

    till_id: str
    epoch: int
    sequence: int
    hash: bytes
    totals: RunningTotals

    def as_point(self) -> ChainPoint:
        """Return it as a place in the chain."""
        return ChainPoint(self.epoch, self.sequence, self.hash)


@dataclass(frozen=True, slots=True)
class HeadNote:
    """Where a till's chain ended when the note was written; kept apart from the chain, it betrays a cut-off tail."""

    head: Head
    signature: bytes
    """64 bytes: Ed25519 over the head's values, by the till's key."""

    def is_signed_by(self, public_key: bytes) -> bool:
        """Return whether the till with this key wrote it, and nobody changed it since."""
        return signature_holds(public_key, _head_bytes(self.head), self.signature)


def note_of(head: Head, signer: Signer) -> HeadNote:
    """Sign where the chain ends."""
    return HeadNote(head, signer.sign(_head_bytes(head)))


class _HeadDocument(msgspec.Struct, frozen=True):
    """A head's values, in the order of their names (RFC 8785)."""

    epoch: int
    gross_minor: int
    hash: str
    last_receipt_number: int
    sale_count: int
    sequence: int
    till_id: str


class _EntryDocument(msgspec.Struct, frozen=True):
    """An entry's values but the body, in the order of their names (RFC 8785); a `Posting` keeps that order too."""

    business_date: str
    epoch: int
    kind: str
    postings: tuple[Posting, ...]
    recorded_at: str
    sequence: int
    till_id: str


_encode = msgspec.json.Encoder().encode


def _head_bytes(head: Head) -> bytes:
    totals = head.totals
    return HEAD_TAG + _encode(
        _HeadDocument(
            head.epoch,
            totals.gross_minor,
            head.hash.hex(),
            totals.last_receipt_number,
            totals.sale_count,
            head.sequence,
            head.till_id,
        )
    )


def genesis_hash(till_id: str, epoch: int, known_head: ChainPoint | None) -> bytes:
    """Return what the first entry of an epoch has as its previous hash, 32 bytes."""
    document: dict[str, JsonValue] = {
        "epoch": epoch,
        "known_head": known_head.as_json() if known_head else None,
        "till_id": till_id,
    }
    return hashlib.sha256(GENESIS_TAG + canonical_json(document)).digest()


@dataclass(frozen=True, slots=True)
class UnchainedEntry:
    """What an entry says, before it has a place in the chain."""

    kind: EntryKind
    recorded_at: datetime
    business_date: date
    body: bytes
    """Canonical JSON."""

    postings: tuple[Posting, ...] = ()


def chain_entry(entry: UnchainedEntry, entry_id: EntryId, previous_hash: bytes, signer: Signer) -> JournalEntry:
    """Give an entry its place: hash and signature."""
    hashed = _hash(entry, entry_id, previous_hash)
    return JournalEntry(
        entry_id,
        entry.kind,
        entry.recorded_at,
        entry.business_date,
        entry.body,
        entry.postings,
        previous_hash,
        hashed,
        signer.sign(hashed),
    )


def entry_document(entry: JournalEntry) -> bytes:
    """Return the canonical JSON of every value of an entry but its hashes and signature."""
    return b"".join(_document_parts(entry, entry.entry_id))


def content_hash(entry: JournalEntry) -> bytes:
    """Return the hash that an entry's values have, whatever hash it claims."""
    return _hash(entry, entry.entry_id, entry.previous_hash)


def _hash(entry: UnchainedEntry | JournalEntry, entry_id: EntryId, previous_hash: bytes) -> bytes:
    hashed = hashlib.sha256(ENTRY_TAG + previous_hash)
    for part in _document_parts(entry, entry_id):
        hashed.update(part)
    return hashed.digest()


def _document_parts(entry: UnchainedEntry | JournalEntry, entry_id: EntryId) -> tuple[bytes, bytes, bytes]:
    """Return an entry's canonical JSON in three parts; `body` sorts first, and is canonical already."""
    rest = _encode(
        _EntryDocument(
            entry.business_date.isoformat(),
            entry_id.epoch,
            entry.kind.value,
            entry.postings,
            write_instant(entry.recorded_at),
            entry_id.sequence,
            entry_id.till_id,
        )
    )
    return b'{"body":', entry.body, b"," + rest[1:]
