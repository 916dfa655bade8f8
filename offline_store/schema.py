"""The tables of the till's store as SQLAlchemy Core reads them; the steps under `migrations` make them.

A test holds the two against each other, column by column.
"""

from typing import Final

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text

EPOCH_SHIFT: Final = 40
"""`entry_key` is the epoch shifted by this many bits, plus the sequence: one integer that orders the whole journal."""

LATEST_REVISION: Final = "0006"
"""The last step under `migrations/versions`; a test holds it against Alembic's own answer."""

ledger = MetaData()


def entry_key(epoch: int, sequence: int) -> int:
    """Return the key of an entry's row.

    >>> entry_key(1, 5) == 2**40 + 5
    True
    """
    return (epoch << EPOCH_SHIFT) + sequence


def place_of(key: int) -> tuple[int, int]:
    """Return epoch and sequence of a key.

    >>> place_of(entry_key(3, 12))
    (3, 12)
    """
    return key >> EPOCH_SHIFT, key & ((1 << EPOCH_SHIFT) - 1)


def _table(name: str, key: tuple[str, ...], integers: str, texts: str, blobs: str = "") -> Table:
    columns: list[Column[int] | Column[str] | Column[bytes]] = []
    columns.extend(Column(column, Integer, primary_key=column in key) for column in integers.split())
    columns.extend(Column(column, Text, primary_key=column in key) for column in texts.split())
    columns.extend(Column(column, LargeBinary) for column in blobs.split())
    return Table(name, ledger, *columns)


journal: Final = _table(
    "journal",
    ("entry_key",),
    "entry_key epoch sequence",
    "till_id kind recorded_at business_date body",
    "previous_hash hash signature",
)
posting: Final = _table(
    "posting", ("entry_key", "posting_number"), "entry_key posting_number amount_minor", "account currency"
)
head: Final = _table(
    "head",
    ("one",),
    "one epoch sequence sale_count gross_minor last_receipt_number",
    "till_id",
    "hash",
)
sync_state: Final = _table("sync_state", ("one",), "one acknowledged_epoch acknowledged_sequence", "")
operator_name: Final = _table("operator_name", ("operator_ref",), "operator_ref", "operator_number name")
free_note: Final = _table("free_note", ("entry_key", "place"), "entry_key", "place salt text")
till_session: Final = _table(
    "till_session",
    ("entry_key",),
    "entry_key opening_float_minor",
    "session_id business_date operator_number opened_at",
)
sale: Final = _table(
    "sale",
    ("entry_key",),
    "entry_key epoch receipt_number operator_ref gross_minor discount_minor rounding_minor due_minor change_minor "
    "total_sale_count total_gross_minor",
    "sale_id session_id business_date operator_number opened_at completed_at currency rules_version effort",
)
sale_line: Final = _table(
    "sale_line",
    ("entry_key", "line_number"),
    "entry_key line_number quantity_thousandths list_price_minor unit_price_minor extended_minor discount_minor "
    "tax_rate_basis_points tax_included net_minor tax_minor gross_minor minimum_age deposit_of_line",
    "product_id name department_id unit price_source tax_class_id gtin14 reason batch expiry serial",
)
discount_share: Final = _table(
    "discount_share",
    ("entry_key", "line_number", "share_number"),
    "entry_key line_number share_number amount_minor",
    "discount_id scope name reason",
)
tender: Final = _table(
    "tender",
    ("entry_key", "tender_id"),
    "entry_key tender_id amount_minor applied_minor opens_drawer approved_offline",
    "tender_type_id name account reference payment_attempt_id",
)
tax_summary: Final = _table(
    "tax_summary",
    ("entry_key", "row_number"),
    "entry_key row_number tax_rate_basis_points tax_included net_minor tax_minor gross_minor",
    "tax_class_id",
)
print_job: Final = _table("print_job", ("job_number",), "job_number copy_number opens_drawer", "job_id sale_id state")
basket: Final = _table("basket", ("basket_id",), "", "basket_id state suspended_at document")
basket_line: Final = _table("basket_line", ("basket_id", "line_id"), "line_id", "basket_id document")
payment_attempt: Final = _table(
    "payment_attempt",
    ("attempt_number",),
    "attempt_number amount_minor original_minor",
    "attempt_id provider_number basket_id tender_type_id provider_id operation method currency created_at masked_code "
    "refund_of original_number asked_by reason",
)
payment_step: Final = _table(
    "payment_step",
    ("attempt_id", "revision"),
    "revision asks reverses not_found approved_minor help_called",
    "attempt_id state submitted_at asking_since last_asked_at cancel_by reverse_first_at last_reversed_at "
    "provider_reference payer last_code decided_by decision_reason",
)
payment_open: Final = _table("payment_open", ("attempt_id",), "", "attempt_id basket_id operation")
payment_end: Final = _table(
    "payment_end", ("entry_key",), "entry_key approved_minor revision", "attempt_id state history"
)
payment_exception: Final = _table(
    "payment_exception", ("entry_key",), "entry_key amount_minor", "case_id attempt_id kind raised_at currency"
)
payment_capture: Final = _table(
    "payment_capture", ("entry_key",), "entry_key amount_minor", "attempt_id captured_at currency provider_reference"
)
payment_exception_closed: Final = _table(
    "payment_exception_closed", ("entry_key",), "entry_key", "case_id closed_by reason closed_at"
)
provider_answer: Final = _table("provider_answer", ("provider_id",), "entry_key", "provider_id")
sale_offer: Final = _table(
    "sale_offer",
    ("entry_key", "offer_number"),
    "entry_key offer_number times saving_minor",
    "offer_id name",
)
sale_member: Final = _table(
    "sale_member",
    ("entry_key",),
    "entry_key points_before points_earned bought_minor birthday points_spent points_after",
    "member_id tier_id points_end_on",
)
coupon_use: Final = _table(
    "coupon_use",
    ("entry_key", "use_number"),
    "entry_key use_number cost_minor",
    "redemption_id coupon_id form_id member_id campaign_id arm proof on_return lease_id",
)
coupon_let_go: Final = _table(
    "coupon_let_go", ("entry_key", "let_go_number"), "entry_key let_go_number", "redemption_id coupon_id"
)
member_copy: Final = _table("member_copy", ("member_id",), "kept_number", "member_id as_of document")
member_key: Final = _table("member_key", ("found_by", "value"), "", "found_by value member_id")
coupon_lease: Final = _table("coupon_lease", ("lease_id",), "epoch over", "lease_id document")
member_outbox: Final = _table("member_outbox", ("one",), "one told_to", "")
