"""Keeps which payments were captured: what an approval had only held, taken once the sale was stored."""

from typing import Final

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES: Final = (
    """
    CREATE TABLE payment_capture (
        entry_key INTEGER NOT NULL PRIMARY KEY REFERENCES journal (entry_key),
        attempt_id TEXT NOT NULL UNIQUE REFERENCES payment_attempt (attempt_id),
        captured_at TEXT NOT NULL,
        amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        provider_reference TEXT NOT NULL
    ) STRICT
    """,
    # By which the start finds what is still only held, among the few providers that hold.
    "CREATE INDEX payment_attempt_provider ON payment_attempt (provider_id)",
)

TRIGGERS: Final = (
    """
    CREATE TRIGGER payment_capture_of_an_approval BEFORE INSERT ON payment_capture
    WHEN NOT EXISTS (
        SELECT 1 FROM payment_end e JOIN payment_attempt a ON a.attempt_id = e.attempt_id
        WHERE e.attempt_id = NEW.attempt_id AND e.state = 'approved' AND a.operation = 'purchase'
    ) BEGIN
        SELECT RAISE(ABORT, 'payment_capture: only an approved payment is captured');
    END
    """,
    """
    CREATE TRIGGER payment_capture_no_update BEFORE UPDATE ON payment_capture BEGIN
        SELECT RAISE(ABORT, 'payment_capture: append-only');
    END
    """,
    """
    CREATE TRIGGER payment_capture_no_delete BEFORE DELETE ON payment_capture BEGIN
        SELECT RAISE(ABORT, 'payment_capture: append-only');
    END
    """,
)


def upgrade() -> None:
    """Make the table and the triggers that guard it; an older till captured nothing."""
    for statement in (*TABLES, *TRIGGERS):
        op.execute(statement)
