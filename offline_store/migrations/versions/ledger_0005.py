"""Keeps which tenders were taken offline, and makes a reference and a provider's last answer quick to find."""

from typing import Final

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BY_ITS_OWN_WORD: Final = "s.state = 'approved' AND s.decided_by = ''"
"""That an attempt was approved by who alone can: not by a supervisor or a person who looked. What is declined or taken
back tells nothing, for a card terminal that reaches nobody says so too."""

ENDS: Final = (
    "payment_end e JOIN payment_attempt a ON a.attempt_id = e.attempt_id "
    "JOIN payment_step s ON s.attempt_id = e.attempt_id AND s.revision = e.revision"
)

TENDERS: Final = (
    # Nothing was taken offline before it could be said.
    "ALTER TABLE tender ADD COLUMN approved_offline INTEGER NOT NULL DEFAULT 0 CHECK (approved_offline IN (0, 1))",
    "CREATE INDEX tender_offline ON tender (entry_key) WHERE approved_offline = 1",
    "CREATE INDEX tender_reference ON tender (tender_type_id, reference) WHERE reference <> ''",
)

PROVIDER_ANSWERS: Final = (
    # The last end that came by the provider's own word. The trigger keeps it, and the payments' ends are signed.
    """
    CREATE TABLE provider_answer (
        provider_id TEXT NOT NULL PRIMARY KEY,
        entry_key INTEGER NOT NULL REFERENCES payment_end (entry_key)
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    INSERT INTO provider_answer (provider_id, entry_key)
    SELECT a.provider_id, max(e.entry_key) FROM {ENDS} WHERE {BY_ITS_OWN_WORD} GROUP BY a.provider_id
    """,  # noqa: S608 - our own names
    f"""
    CREATE TRIGGER payment_end_is_an_answer AFTER INSERT ON payment_end BEGIN
        INSERT INTO provider_answer (provider_id, entry_key)
        SELECT a.provider_id, e.entry_key FROM {ENDS} WHERE e.entry_key = NEW.entry_key AND {BY_ITS_OWN_WORD}
        ON CONFLICT (provider_id) DO UPDATE SET entry_key = excluded.entry_key;
    END
    """,  # noqa: S608 - our own names
    """
    CREATE TRIGGER provider_answer_goes_on BEFORE UPDATE ON provider_answer
    WHEN NEW.provider_id <> OLD.provider_id OR NEW.entry_key <= OLD.entry_key BEGIN
        SELECT RAISE(ABORT, 'provider_answer: the last answer only moves on');
    END
    """,
    """
    CREATE TRIGGER provider_answer_stays BEFORE DELETE ON provider_answer BEGIN
        SELECT RAISE(ABORT, 'provider_answer: it is kept by the payments');
    END
    """,
)


def upgrade() -> None:
    """Add the column, the indexes and the table; an older till's sales stay as they are signed."""
    for statement in (*TENDERS, *PROVIDER_ANSWERS):
        op.execute(statement)
