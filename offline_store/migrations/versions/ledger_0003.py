"""Keeps payment attempts with every step they took, how they ended, and what a person must look at."""

from typing import Final

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES: Final = (
    # What never changes of an attempt. Its number orders attempts; a provider's number names one for ever.
    """
    CREATE TABLE payment_attempt (
        attempt_number INTEGER NOT NULL PRIMARY KEY,
        attempt_id TEXT NOT NULL UNIQUE CHECK (attempt_id <> ''),
        provider_number TEXT NOT NULL UNIQUE
            CHECK (length(provider_number) BETWEEN 6 AND 32 AND provider_number NOT GLOB '*[^0-9A-Za-z]*'),
        basket_id TEXT NOT NULL CHECK (basket_id <> ''),
        tender_type_id TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        operation TEXT NOT NULL CHECK (operation IN ('purchase', 'refund')),
        method TEXT NOT NULL CHECK (method IN ('shopper_code', 'merchant_code', 'terminal')),
        amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        created_at TEXT NOT NULL,
        masked_code TEXT NOT NULL,
        refund_of TEXT REFERENCES payment_attempt (attempt_id),
        original_number TEXT NOT NULL,
        original_minor INTEGER NOT NULL,
        asked_by TEXT NOT NULL,
        reason TEXT NOT NULL,
        CHECK ((operation = 'refund') = (refund_of IS NOT NULL)),
        CHECK (operation = 'purchase' OR amount_minor <= original_minor)
    ) STRICT
    """,
    "CREATE INDEX payment_attempt_basket ON payment_attempt (basket_id)",
    "CREATE INDEX payment_attempt_created ON payment_attempt (created_at)",
    "CREATE INDEX payment_attempt_refund ON payment_attempt (refund_of) WHERE refund_of IS NOT NULL",
    """
    CREATE TABLE payment_step (
        attempt_id TEXT NOT NULL REFERENCES payment_attempt (attempt_id),
        revision INTEGER NOT NULL CHECK (revision >= 1),
        state TEXT NOT NULL CHECK (
            state IN ('created', 'submitting', 'pending', 'unknown', 'approved', 'declined', 'reversed')
        ),
        submitted_at TEXT,
        asking_since TEXT,
        last_asked_at TEXT,
        asks INTEGER NOT NULL CHECK (asks >= 0),
        cancel_by TEXT NOT NULL,
        reverse_first_at TEXT,
        last_reversed_at TEXT,
        reverses INTEGER NOT NULL CHECK (reverses >= 0),
        not_found INTEGER NOT NULL CHECK (not_found >= 0),
        provider_reference TEXT NOT NULL,
        payer TEXT NOT NULL,
        approved_minor INTEGER NOT NULL CHECK (approved_minor >= 0),
        last_code TEXT NOT NULL,
        help_called INTEGER NOT NULL CHECK (help_called IN (0, 1)),
        decided_by TEXT NOT NULL,
        decision_reason TEXT NOT NULL,
        PRIMARY KEY (attempt_id, revision),
        CHECK (state <> 'approved' OR approved_minor > 0),
        CHECK (state IN ('created', 'declined') OR submitted_at IS NOT NULL)
    ) STRICT, WITHOUT ROWID
    """,
    # The attempts that are not final: the triggers below keep it.
    """
    CREATE TABLE payment_open (
        attempt_id TEXT NOT NULL PRIMARY KEY REFERENCES payment_attempt (attempt_id),
        basket_id TEXT NOT NULL,
        operation TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX payment_open_basket ON payment_open (basket_id) WHERE operation = 'purchase'",
    """
    CREATE TABLE payment_end (
        entry_key INTEGER NOT NULL PRIMARY KEY REFERENCES journal (entry_key),
        attempt_id TEXT NOT NULL UNIQUE REFERENCES payment_attempt (attempt_id),
        state TEXT NOT NULL CHECK (state IN ('approved', 'declined', 'reversed')),
        approved_minor INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        history TEXT NOT NULL CHECK (length(history) = 64)
    ) STRICT
    """,
    "CREATE INDEX payment_end_reversed ON payment_end (entry_key) WHERE state = 'reversed'",
    """
    CREATE TABLE payment_exception (
        entry_key INTEGER NOT NULL PRIMARY KEY REFERENCES journal (entry_key),
        case_id TEXT NOT NULL UNIQUE,
        attempt_id TEXT NOT NULL REFERENCES payment_attempt (attempt_id),
        kind TEXT NOT NULL,
        raised_at TEXT NOT NULL,
        amount_minor INTEGER NOT NULL,
        currency TEXT NOT NULL CHECK (length(currency) = 3)
    ) STRICT
    """,
    """
    CREATE TABLE payment_exception_closed (
        entry_key INTEGER NOT NULL PRIMARY KEY REFERENCES journal (entry_key),
        case_id TEXT NOT NULL UNIQUE REFERENCES payment_exception (case_id),
        closed_by TEXT NOT NULL CHECK (closed_by <> ''),
        reason TEXT NOT NULL CHECK (reason <> ''),
        closed_at TEXT NOT NULL
    ) STRICT
    """,
    # By which a payment finds the sale that it paid.
    "CREATE INDEX tender_attempt ON tender (payment_attempt_id) WHERE payment_attempt_id IS NOT NULL",
)

APPEND_ONLY: Final = ("payment_attempt", "payment_end", "payment_exception", "payment_exception_closed")

STEP_COLUMNS: Final = (
    "attempt_id, revision, state, submitted_at, asking_since, last_asked_at, asks, cancel_by, reverse_first_at, "
    "last_reversed_at, reverses, not_found, provider_reference, approved_minor, last_code, help_called, decided_by, "
    "decision_reason"
)

TRIGGERS: Final = (
    """
    CREATE TRIGGER payment_attempt_opens AFTER INSERT ON payment_attempt BEGIN
        INSERT INTO payment_open (attempt_id, basket_id, operation)
        VALUES (NEW.attempt_id, NEW.basket_id, NEW.operation);
    END
    """,
    """
    CREATE TRIGGER payment_step_goes_on BEFORE INSERT ON payment_step BEGIN
        SELECT RAISE(ABORT, 'payment_step: steps are appended without gaps')
        WHERE NEW.revision <> 1 + coalesce(
            (SELECT max(revision) FROM payment_step WHERE attempt_id = NEW.attempt_id), 0
        );
        SELECT RAISE(ABORT, 'payment_step: an attempt begins as created')
        WHERE (NEW.revision = 1) <> (NEW.state = 'created');
        SELECT RAISE(ABORT, 'payment_step: a final state never changes') FROM payment_step
        WHERE attempt_id = NEW.attempt_id AND revision = NEW.revision - 1
            AND state IN ('approved', 'declined', 'reversed');
        SELECT RAISE(ABORT, 'payment_step: what was sent is never again unsent') FROM payment_step
        WHERE attempt_id = NEW.attempt_id AND revision = NEW.revision - 1
            AND (
                (state = 'created' AND NEW.state NOT IN ('submitting', 'declined'))
                OR (state IN ('pending', 'unknown') AND NEW.state = 'submitting')
            );
    END
    """,
    """
    CREATE TRIGGER payment_step_closes AFTER INSERT ON payment_step
    WHEN NEW.state IN ('approved', 'declined', 'reversed') BEGIN
        DELETE FROM payment_open WHERE attempt_id = NEW.attempt_id;
    END
    """,
    f"""
    CREATE TRIGGER payment_step_no_update BEFORE UPDATE OF {STEP_COLUMNS} ON payment_step BEGIN
        SELECT RAISE(ABORT, 'payment_step: append-only');
    END
    """,
    """
    CREATE TRIGGER payment_step_payer_is_erased_only BEFORE UPDATE OF payer ON payment_step
    WHEN NEW.payer <> '' BEGIN
        SELECT RAISE(ABORT, 'payment_step: a payer is erased, never changed');
    END
    """,
    """
    CREATE TRIGGER payment_step_no_delete BEFORE DELETE ON payment_step BEGIN
        SELECT RAISE(ABORT, 'payment_step: append-only');
    END
    """,
    """
    CREATE TRIGGER payment_open_ends_only BEFORE DELETE ON payment_open
    WHEN NOT EXISTS (
        SELECT 1 FROM payment_step
        WHERE attempt_id = OLD.attempt_id AND state IN ('approved', 'declined', 'reversed')
    ) BEGIN
        SELECT RAISE(ABORT, 'payment_open: this attempt is not final');
    END
    """,
    """
    CREATE TRIGGER payment_open_stays BEFORE UPDATE ON payment_open BEGIN
        SELECT RAISE(ABORT, 'payment_open: it is kept by the steps');
    END
    """,
)


def upgrade() -> None:
    """Make the tables and the triggers that guard them; an older till has no attempts."""
    for statement in TABLES:
        op.execute(statement)
    for table in APPEND_ONLY:
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, '{table}: append-only'); END"
            )
    for statement in TRIGGERS:
        op.execute(statement)
