"""A journal entry: one fact, in order, chained to the one before it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from app.ledger.postings import Posting
from app.values.identifiers import EntryId


class EntryKind(Enum):
    """What sort of fact an entry holds."""

    EPOCH_BEGUN = "epoch_begun"
    """The store was made or restored; the first entry of every epoch."""

    SESSION_OPENED = "session_opened"
    SALE = "sale"
    BASKET_ABANDONED = "basket_abandoned"
    DRAWER_OPENED = "drawer_opened"
    """Without a sale."""

    DRAWER_REFUSED = "drawer_refused"
    """Somebody without the permission wanted the drawer open without a sale; it stayed shut."""

    SERIAL_SOLD_AGAIN = "serial_sold_again"
    """A sale holds a piece of goods, by GTIN and serial number, that was sold before; the sale stands."""

    RECEIPT_REPRINTED = "receipt_reprinted"
    CLOCK_JUMPED = "clock_jumped"
    """The wall clock went back, or forward by more than time can have passed."""

    CATALOGUE_CHANGED = "catalogue_changed"
    """The till sells from another price book from here on."""

    PROMOTIONS_CHANGED = "promotions_changed"
    """The till works by other promotions from here on; the body has the version of their rules."""

    PAYMENT_ENDED = "payment_ended"
    """A payment attempt reached its final state, by the provider's word or by a supervisor's."""

    PAYMENT_CAPTURED = "payment_captured"
    """What a provider had only held for a sale was taken."""

    PAYMENT_EXCEPTION = "payment_exception"
    """Something about a payment that a person must look at."""

    PAYMENT_EXCEPTION_CLOSED = "payment_exception_closed"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One committed fact."""

    entry_id: EntryId
    kind: EntryKind
    recorded_at: datetime
    """The till's clock, for people; order comes from the sequence."""

    business_date: date
    body: bytes
    """RFC 8785 canonical JSON (UTF-8) of the fact; no personal data, a reference stands for it."""

    postings: tuple[Posting, ...]
    previous_hash: bytes
    """32 bytes; for the first entry of an epoch, see `app.ledger.chain`."""

    hash: bytes
    """32 bytes: SHA-256 over the tag, the previous hash and the canonical JSON of every other value."""

    signature: bytes
    """64 bytes: Ed25519 over the hash, by the till's key."""
