"""The form in which a journal leaves the till: one JSON object a line, the same as a table, and a signed manifest.

Everything an auditor needs to check it stands in it, so that a program that knows nothing of this one can.
"""

from typing import Final

from app.ledger.canonical import JsonValue, canonical_json, read_canonical
from app.ledger.chain import ENTRY_TAG, GENESIS_TAG
from app.ledger.entry import JournalEntry
from app.values.clock import write_instant

EXPORT_FORMAT: Final = "guitai-journal-export/1"
"""Names the form; a reader that does not know it must not guess."""

MANIFEST_TAG: Final = b"guitai/manifest/1\x00"
"""Before the canonical JSON of the manifest, its signature left out: what the till signs."""

MANIFEST: Final = "manifest.json"
JOURNAL_LINES: Final = "journal.jsonl"
JOURNAL_TABLE: Final = "journal.csv"
SALES_TABLE: Final = "sales.csv"
TENDERS_TABLE: Final = "tenders.csv"
PAYMENTS_TABLE: Final = "payments.csv"
"""How attempts to pay and to give back ended; what came in by them stands in the tenders of the sales."""

PROMOTIONS_TABLE: Final = "promotions.csv"
COUPONS_TABLE: Final = "coupons.csv"
"""Coupons that sales used; what was asked for and let go again stands in the journal only."""

POINTS_TABLE: Final = "points.csv"
"""Sales made for members, by reference, with what they earned."""

VERIFIER: Final = "verify_export.py"

JOURNAL_COLUMNS: Final = (
    "till_id",
    "epoch",
    "sequence",
    "kind",
    "recorded_at",
    "business_date",
    "previous_hash",
    "hash",
    "signature",
    "postings",
    "body",
)
SALES_COLUMNS: Final = (
    "receipt",
    "sale_id",
    "business_date",
    "completed_at",
    "operator_number",
    "line",
    "product_id",
    "name",
    "quantity",
    "unit",
    "unit_price",
    "discount",
    "net",
    "tax",
    "gross",
    "currency",
    "tare_grams",
    "weighed_by",
)
TENDERS_COLUMNS: Final = (
    "receipt",
    "sale_id",
    "business_date",
    "completed_at",
    "operator_number",
    "tender",
    "tender_type",
    "name",
    "account",
    "amount",
    "applied",
    "currency",
    "reference",
    "payment_attempt",
    "taken_offline",
)
PAYMENTS_COLUMNS: Final = (
    "business_date",
    "ended_at",
    "operation",
    "state",
    "payment_attempt",
    "basket_id",
    "refund_of",
    "tender_type",
    "provider",
    "method",
    "provider_number",
    "provider_reference",
    "amount",
    "approved",
    "posted",
    "currency",
    "last_code",
    "created_at",
    "asked_by",
    "cancelled_by",
    "decided_by",
    "decision_reason",
)
PROMOTIONS_COLUMNS: Final = (
    "receipt",
    "sale_id",
    "business_date",
    "completed_at",
    "promotion",
    "name",
    "times",
    "saving",
    "currency",
    "rules_version",
    "effort",
)
COUPONS_COLUMNS: Final = (
    "receipt",
    "sale_id",
    "business_date",
    "completed_at",
    "redemption",
    "coupon",
    "form",
    "campaign",
    "arm",
    "proof",
    "lease",
    "cost",
    "currency",
    "on_return",
    "member",
)
POINTS_COLUMNS: Final = (
    "receipt",
    "sale_id",
    "business_date",
    "completed_at",
    "member",
    "tier",
    "points_before",
    "points_earned",
    "points_end_on",
    "bought",
    "currency",
    "birthday",
    "points_spent",
    "points_after",
)
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection)."""


def journal_record(entry: JournalEntry) -> dict[str, JsonValue]:
    """Return an entry as the object of its line; hashes and signature in hex.

    Raises:
        NotCanonical: its body is not canonical JSON.
    """
    return {
        "body": read_canonical(entry.body),
        "business_date": entry.business_date.isoformat(),
        "epoch": entry.entry_id.epoch,
        "hash": entry.hash.hex(),
        "kind": entry.kind.value,
        "postings": [
            {"account": posting.account, "amount_minor": posting.amount_minor, "currency": posting.currency}
            for posting in entry.postings
        ],
        "previous_hash": entry.previous_hash.hex(),
        "recorded_at": write_instant(entry.recorded_at),
        "sequence": entry.entry_id.sequence,
        "signature": entry.signature.hex(),
        "till_id": entry.entry_id.till_id,
    }


def journal_cells(record: dict[str, JsonValue]) -> list[str]:
    """Return an entry as the cells of its row, in the order of `JOURNAL_COLUMNS`; body and postings as JSON."""
    return [
        canonical_json(record[column]).decode() if column in {"body", "postings"} else str(record[column])
        for column in JOURNAL_COLUMNS
    ]


def safe_cell(text: str) -> str:
    """Return a text as it may stand in a table that people open in a spreadsheet.

    >>> safe_cell("=1+1"), safe_cell("rice")
    ("'=1+1", 'rice')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def manifest_to_sign(manifest: dict[str, JsonValue]) -> bytes:
    """Return what the till signs of a manifest: everything but the signature."""
    return MANIFEST_TAG + canonical_json({key: value for key, value in manifest.items() if key != "signature"})


def chain_rule() -> dict[str, JsonValue]:
    """Return in words and tags how the hashes are made, for whoever writes a verifier of their own."""
    return {
        "entry_hash": "SHA-256(entry_tag, previous hash, RFC 8785 JSON of body, business_date, epoch, kind, postings, "
        "recorded_at, sequence, till_id)",
        "entry_tag_hex": ENTRY_TAG.hex(),
        "genesis_hash": "SHA-256(genesis_tag, RFC 8785 JSON of epoch, known_head, till_id)",
        "genesis_tag_hex": GENESIS_TAG.hex(),
        "manifest_tag_hex": MANIFEST_TAG.hex(),
        "signature": "Ed25519 (RFC 8032) over the hash",
    }
