"""Keeps what sales did to members and coupons, and the till's own memory of both."""

from typing import Final

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SALES: Final = (
    # By which rules the promotions were worked out; empty where the till had none.
    "ALTER TABLE sale ADD COLUMN rules_version TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sale ADD COLUMN effort TEXT NOT NULL DEFAULT ''",
)

FACTS: Final = (
    # None of these refuses a value: a sale that was paid is a fact, whatever is found out about its coupons. That a
    # redemption stands in two sales is for headquarters to find, so its id is not unique.
    """
    CREATE TABLE sale_offer (
        entry_key INTEGER NOT NULL REFERENCES sale (entry_key),
        offer_number INTEGER NOT NULL CHECK (offer_number >= 1),
        offer_id TEXT NOT NULL,
        name TEXT NOT NULL,
        times INTEGER NOT NULL,
        saving_minor INTEGER NOT NULL,
        PRIMARY KEY (entry_key, offer_number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE sale_member (
        entry_key INTEGER NOT NULL PRIMARY KEY REFERENCES sale (entry_key),
        member_id TEXT NOT NULL,
        tier_id TEXT NOT NULL,
        points_before INTEGER NOT NULL,
        points_earned INTEGER NOT NULL,
        points_end_on TEXT,
        bought_minor INTEGER NOT NULL,
        birthday INTEGER NOT NULL CHECK (birthday IN (0, 1)),
        points_spent INTEGER NOT NULL,
        points_after INTEGER
    ) STRICT
    """,
    "CREATE INDEX sale_member_of ON sale_member (member_id)",
    """
    CREATE TABLE coupon_use (
        entry_key INTEGER NOT NULL REFERENCES sale (entry_key),
        use_number INTEGER NOT NULL CHECK (use_number >= 1),
        redemption_id TEXT NOT NULL,
        coupon_id TEXT NOT NULL,
        form_id TEXT NOT NULL,
        member_id TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        arm TEXT NOT NULL,
        proof TEXT NOT NULL,
        cost_minor INTEGER NOT NULL,
        on_return TEXT NOT NULL,
        lease_id TEXT NOT NULL,
        PRIMARY KEY (entry_key, use_number)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX coupon_use_coupon ON coupon_use (coupon_id, redemption_id)",
    "CREATE INDEX coupon_use_member ON coupon_use (form_id, member_id, redemption_id) WHERE member_id <> ''",
    "CREATE INDEX coupon_use_lease ON coupon_use (lease_id, redemption_id) WHERE lease_id <> ''",
    # Of sales and of abandoned baskets.
    """
    CREATE TABLE coupon_let_go (
        entry_key INTEGER NOT NULL REFERENCES journal (entry_key),
        let_go_number INTEGER NOT NULL CHECK (let_go_number >= 1),
        redemption_id TEXT NOT NULL,
        coupon_id TEXT NOT NULL,
        PRIMARY KEY (entry_key, let_go_number)
    ) STRICT, WITHOUT ROWID
    """,
)

WORKING_STATE: Final = (
    # What headquarters said of members that were named here; it can be asked again, and is forgotten on demand.
    """
    CREATE TABLE member_copy (
        member_id TEXT NOT NULL PRIMARY KEY,
        kept_number INTEGER NOT NULL UNIQUE,
        as_of TEXT NOT NULL,
        document TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE member_key (
        found_by TEXT NOT NULL CHECK (found_by IN ('phone', 'card', 'gsrn')),
        value TEXT NOT NULL,
        member_id TEXT NOT NULL REFERENCES member_copy (member_id) ON DELETE CASCADE,
        PRIMARY KEY (found_by, value)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX member_key_of ON member_key (member_id)",
    # A share belongs to the epoch it was taken in: headquarters ends it with that epoch.
    """
    CREATE TABLE coupon_lease (
        lease_id TEXT NOT NULL PRIMARY KEY,
        epoch INTEGER NOT NULL,
        over INTEGER NOT NULL CHECK (over IN (0, 1)),
        document TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # How far headquarters has heard of what sales did to members and coupons: an entry's key.
    """
    CREATE TABLE member_outbox (
        one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
        told_to INTEGER NOT NULL
    ) STRICT
    """,
    "INSERT INTO member_outbox (one, told_to) VALUES (1, 0)",
)

APPEND_ONLY: Final = ("sale_offer", "sale_member", "coupon_use", "coupon_let_go")

NOTES: Final = (
    # A masked name can be guessed from its digest by whoever has the salt, so the salt goes with the text.
    "DROP TRIGGER free_note_is_erased_only",
    """
    CREATE TRIGGER free_note_is_erased_only BEFORE UPDATE ON free_note
    WHEN NEW.text IS NOT NULL OR NEW.entry_key <> OLD.entry_key OR NEW.place <> OLD.place
        OR NEW.salt NOT IN (OLD.salt, '') BEGIN
        SELECT RAISE(ABORT, 'free_note: a note is erased, never changed');
    END
    """,
    "UPDATE free_note SET text = NULL, salt = '' WHERE text IS NULL",
)


def upgrade() -> None:
    """Make the tables; the sales of an older till had no members, coupons or promotions."""
    for statement in (*SALES, *FACTS, *WORKING_STATE):
        op.execute(statement)
    for table in APPEND_ONLY:
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, '{table}: append-only'); END"
            )
    for statement in NOTES:
        op.execute(statement)
