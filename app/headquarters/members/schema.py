"""The keeper's tables: ledgers that only grow, and states that are rows; the same in SQLite and in PostgreSQL.

What names a person stands in `member` and `member_key` alone: erasing a person empties one row and deletes others, and
every ledger stays whole. Instants are RFC 3339 texts in UTC, days are ISO texts, amounts are whole numbers.
"""

from typing import Final

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
)
from sqlalchemy.schema import ExecutableDDLElement

VERSION: Final = "1"
"""Of the tables; a book of another version is not opened."""

METADATA: Final = MetaData()
_BIG: Final = BigInteger().with_variant(Integer(), "sqlite")


def _text(name: str, *, key: bool = False, index: bool = False) -> "Column[str]":
    return Column(name, Text, primary_key=key, nullable=False, index=index)


def _number(name: str) -> "Column[int]":
    return Column(name, _BIG, nullable=False)


def _count(name: str = "number") -> "Column[int]":
    return Column(name, _BIG, primary_key=True, autoincrement=True)


meta = Table("meta", METADATA, _text("name", key=True), _text("value"))

member = Table(
    "member",
    METADATA,
    _text("member_id", key=True),
    Column("joined_at", Text),
    _text("standing"),
    _text("name"),
    Column("birthday", Text),
    _text("granted_tiers"),
)
member_key = Table(
    "member_key",
    METADATA,
    _text("found_by", key=True),
    _text("value", key=True),
    _text("member_id", index=True),
)
consent = Table(
    "consent",
    METADATA,
    _count(),
    Column("consent_id", Text, nullable=False, unique=True),
    _text("member_id", index=True),
    _text("document"),
)
erasure = Table(
    "erasure",
    METADATA,
    _count(),
    Column("erasure_id", Text, nullable=False, unique=True),
    _text("member_id"),
    _text("document"),
)
message = Table(
    "message",
    METADATA,
    _text("message_id", key=True),
    _text("digest"),
    _text("taken_at"),
)
quarantine = Table(
    "quarantine",
    METADATA,
    _count(),
    _text("message_id", index=True),
    _text("reason"),
    # In no index: it may be longer than PostgreSQL takes in one.
    _text("document"),
    _text("noticed_at"),
)
purchase = Table(
    "purchase",
    METADATA,
    _text("purchase_id", key=True),
    _text("sale_id", index=True),
    _text("member_id", index=True),
    _text("counted_at"),
    _number("amount_minor"),
)
offer_use = Table(
    "offer_use",
    METADATA,
    _text("sale_id", key=True),
    _text("offer_id", key=True),
    _text("member_id", index=True),
    _number("times"),
)
ledger = Table(
    "ledger",
    METADATA,
    _count(),
    _text("kind"),
    _text("message_id"),
    _text("account_id"),
    _text("subject_id"),
    _text("document"),
    Index("ledger_account", "kind", "account_id"),
    Index("ledger_subject", "kind", "subject_id"),
    Index("ledger_message", "kind", "message_id"),
    sqlite_autoincrement=True,
)
form = Table(
    "form",
    METADATA,
    _text("form_id", key=True),
    _text("campaign_id", index=True),
    _text("arm"),
    _text("document"),
)
campaign_arm = Table(
    "campaign_arm",
    METADATA,
    _text("campaign_id", key=True),
    _text("arm", key=True),
    _number("place"),
    _number("weight"),
    _text("form_id"),
    CheckConstraint("weight >= 0"),
)
campaign_claim = Table(
    "campaign_claim",
    METADATA,
    _text("campaign_id", key=True),
    _text("member_id", key=True),
    _text("coupon_id"),
)
coupon = Table(
    "coupon",
    METADATA,
    _text("coupon_id", key=True),
    _text("form_id", index=True),
    _text("claimed_by", index=True),
    Column("voided", Boolean, nullable=False),
    Column("must_be_claimed", Boolean, nullable=False),
    _number("uses"),
    _text("valid_from"),
    _text("valid_until"),
    CheckConstraint("uses >= 1"),
)
redemption = Table(
    "redemption",
    METADATA,
    _count(),
    Column("redemption_id", Text, nullable=False, unique=True),
    _text("coupon_id", index=True),
    _text("form_id"),
    _text("member_id", index=True),
    _text("state"),
    _text("sale_id"),
    _number("cost_minor"),
    Column("come_back", Text),
    _text("reason"),
    _text("campaign_id", index=True),
    _text("arm"),
    _text("till_id"),
    CheckConstraint("cost_minor >= 0"),
    sqlite_autoincrement=True,
)
quota = Table(
    "quota",
    METADATA,
    _text("code", key=True),
    _text("form_id"),
    _number("pieces"),
    _number("committed"),
    # What the whole arithmetic of leases is for stands in the database too.
    CheckConstraint("committed >= 0 AND committed <= pieces"),
)
lease = Table(
    "lease",
    METADATA,
    _text("lease_id", key=True),
    _text("code", index=True),
    _text("till_id", index=True),
    _number("granted"),
    _text("usable_until"),
    _text("state"),
    _number("said_used"),
    CheckConstraint("granted >= 0 AND said_used >= 0 AND said_used <= granted"),
)
quota_use = Table(
    "quota_use",
    METADATA,
    _text("redemption_id", key=True),
    _text("code", index=True),
    _text("lease_id", index=True),
    _text("state"),
    _number("cost_minor"),
    Column("came_back", Boolean, nullable=False),
)
kept_exception = Table(
    "kept_exception",
    METADATA,
    _text("exception_id", key=True),
    _text("kind"),
    _text("subject_id"),
    _text("sale_id"),
    _number("cost_minor"),
    _text("reason"),
    _text("noticed_at"),
    Column("closed_at", Text),
    _text("closed_by"),
)
till_access = Table(
    "till_access",
    METADATA,
    _text("till_id", key=True),
    Column("store_number", Integer, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
)

published_rules = Table(
    "published_rules",
    METADATA,
    _count(),
    _text("version"),
    _text("document"),
    _text("published_at"),
    sqlite_autoincrement=True,
)

APPEND_ONLY: Final = (ledger, consent, erasure, published_rules)


def _guard(table: Table) -> None:
    """Have the database itself refuse to change or delete a row."""
    for event_name in ("UPDATE", "DELETE"):
        name = f"{table.name}_{event_name.lower()}"
        sqlite = (
            f"CREATE TRIGGER {name} BEFORE {event_name} ON {table.name} BEGIN"
            f" SELECT RAISE(ABORT, '{table.name}: rows are only added'); END"
        )
        postgresql = (
            f"CREATE TRIGGER {name} BEFORE {event_name} ON {table.name}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_to_change()"
        )
        event.listen(table, "after_create", _ddl(sqlite, "sqlite"))
        event.listen(table, "after_create", _ddl(postgresql, "postgresql"))


def _ddl(statement: str, dialect: str) -> ExecutableDDLElement:
    made: ExecutableDDLElement = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    return made.execute_if(dialect=dialect)


event.listen(
    METADATA,
    "before_create",
    _ddl(
        "CREATE OR REPLACE FUNCTION refuse_to_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%%: rows are only added', TG_TABLE_NAME; END $$",
        "postgresql",
    ),
)
for _table in APPEND_ONLY:
    _guard(_table)
