"""The ledger and the open baskets of a till, with the shop's invariants in the database itself."""

from typing import Final

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES: Final = (
    # One row a fact. `entry_key` is epoch * 2^40 + sequence, so that the rowid itself is the order of the journal.
    """
    CREATE TABLE journal (
        entry_key INTEGER NOT NULL PRIMARY KEY,
        epoch INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 99),
        sequence INTEGER NOT NULL CHECK (sequence >= 1),
        till_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        business_date TEXT NOT NULL,
        previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        signature BLOB NOT NULL CHECK (length(signature) = 64),
        body TEXT NOT NULL,
        CHECK (entry_key = epoch * 1099511627776 + sequence)
    ) STRICT
    """,
    """
    CREATE TABLE posting (
        entry_key INTEGER NOT NULL REFERENCES journal (entry_key),
        posting_number INTEGER NOT NULL CHECK (posting_number >= 1),
        account TEXT NOT NULL CHECK (account <> ''),
        amount_minor INTEGER NOT NULL,
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        PRIMARY KEY (entry_key, posting_number)
    ) STRICT, WITHOUT ROWID
    """,
    # Where the chain ends, with the perpetual totals: moved along in the same transaction.
    """
    CREATE TABLE head (
        one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
        till_id TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        sale_count INTEGER NOT NULL CHECK (sale_count >= 0),
        gross_minor INTEGER NOT NULL CHECK (gross_minor >= 0),
        last_receipt_number INTEGER NOT NULL CHECK (last_receipt_number >= 0)
    ) STRICT
    """,
    """
    CREATE TABLE sync_state (
        one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
        acknowledged_epoch INTEGER NOT NULL,
        acknowledged_sequence INTEGER NOT NULL
    ) STRICT
    """,
    # Personal data stands here and nowhere in the journal, which holds the reference only: it can be erased.
    """
    CREATE TABLE operator_name (
        operator_ref INTEGER NOT NULL PRIMARY KEY,
        operator_number TEXT NOT NULL,
        name TEXT NOT NULL
    ) STRICT
    """,
    # Notes are free text and may name a person. The journal holds SHA-256(salt ‖ text); erasing leaves the row.
    """
    CREATE TABLE free_note (
        entry_key INTEGER NOT NULL REFERENCES journal (entry_key),
        place TEXT NOT NULL,
        salt TEXT NOT NULL,
        text TEXT,
        PRIMARY KEY (entry_key, place)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE till_session (
        entry_key INTEGER NOT NULL PRIMARY KEY REFERENCES journal (entry_key),
        session_id TEXT NOT NULL UNIQUE,
        business_date TEXT NOT NULL,
        operator_number TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        opening_float_minor INTEGER NOT NULL CHECK (opening_float_minor >= 0)
    ) STRICT
    """,
    """
    CREATE TABLE sale (
        entry_key INTEGER NOT NULL PRIMARY KEY REFERENCES journal (entry_key),
        sale_id TEXT NOT NULL UNIQUE,
        epoch INTEGER NOT NULL,
        receipt_number INTEGER NOT NULL CHECK (receipt_number >= 1),
        session_id TEXT NOT NULL,
        business_date TEXT NOT NULL,
        operator_number TEXT NOT NULL,
        operator_ref INTEGER NOT NULL REFERENCES operator_name (operator_ref),
        opened_at TEXT NOT NULL,
        completed_at TEXT NOT NULL,
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        gross_minor INTEGER NOT NULL CHECK (gross_minor >= 0),
        discount_minor INTEGER NOT NULL CHECK (discount_minor >= 0),
        rounding_minor INTEGER NOT NULL,
        due_minor INTEGER NOT NULL CHECK (due_minor = gross_minor + rounding_minor),
        change_minor INTEGER NOT NULL CHECK (change_minor >= 0),
        total_sale_count INTEGER NOT NULL CHECK (total_sale_count >= 1),
        total_gross_minor INTEGER NOT NULL CHECK (total_gross_minor >= gross_minor),
        UNIQUE (epoch, receipt_number)
    ) STRICT
    """,
    """
    CREATE TABLE sale_line (
        entry_key INTEGER NOT NULL REFERENCES sale (entry_key),
        line_number INTEGER NOT NULL CHECK (line_number >= 1),
        product_id TEXT NOT NULL,
        name TEXT NOT NULL,
        department_id TEXT NOT NULL,
        unit TEXT NOT NULL,
        quantity_thousandths INTEGER NOT NULL,
        list_price_minor INTEGER NOT NULL,
        unit_price_minor INTEGER NOT NULL,
        price_source TEXT NOT NULL,
        extended_minor INTEGER NOT NULL,
        discount_minor INTEGER NOT NULL GENERATED ALWAYS AS (
            extended_minor - CASE tax_included WHEN 1 THEN gross_minor ELSE net_minor END
        ) VIRTUAL CHECK (discount_minor >= 0),
        tax_class_id TEXT NOT NULL,
        tax_rate_basis_points INTEGER NOT NULL CHECK (tax_rate_basis_points >= 0),
        tax_included INTEGER NOT NULL CHECK (tax_included IN (0, 1)),
        net_minor INTEGER NOT NULL,
        tax_minor INTEGER NOT NULL,
        gross_minor INTEGER NOT NULL CHECK (net_minor + tax_minor = gross_minor),
        gtin14 TEXT,
        reason TEXT NOT NULL,
        batch TEXT,
        expiry TEXT,
        serial TEXT,
        minimum_age INTEGER NOT NULL,
        deposit_of_line INTEGER,
        PRIMARY KEY (entry_key, line_number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE discount_share (
        entry_key INTEGER NOT NULL,
        line_number INTEGER NOT NULL,
        share_number INTEGER NOT NULL CHECK (share_number >= 1),
        discount_id TEXT NOT NULL,
        scope TEXT NOT NULL,
        name TEXT NOT NULL,
        reason TEXT NOT NULL,
        amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
        PRIMARY KEY (entry_key, line_number, share_number),
        FOREIGN KEY (entry_key, line_number) REFERENCES sale_line (entry_key, line_number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE tender (
        entry_key INTEGER NOT NULL REFERENCES sale (entry_key),
        tender_id INTEGER NOT NULL,
        tender_type_id TEXT NOT NULL,
        name TEXT NOT NULL,
        account TEXT NOT NULL,
        amount_minor INTEGER NOT NULL,
        applied_minor INTEGER NOT NULL,
        reference TEXT NOT NULL,
        payment_attempt_id TEXT,
        opens_drawer INTEGER NOT NULL CHECK (opens_drawer IN (0, 1)),
        PRIMARY KEY (entry_key, tender_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE tax_summary (
        entry_key INTEGER NOT NULL REFERENCES sale (entry_key),
        row_number INTEGER NOT NULL CHECK (row_number >= 1),
        tax_class_id TEXT NOT NULL,
        tax_rate_basis_points INTEGER NOT NULL,
        tax_included INTEGER NOT NULL CHECK (tax_included IN (0, 1)),
        net_minor INTEGER NOT NULL,
        tax_minor INTEGER NOT NULL,
        gross_minor INTEGER NOT NULL CHECK (net_minor + tax_minor = gross_minor),
        PRIMARY KEY (entry_key, row_number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE print_job (
        job_number INTEGER NOT NULL PRIMARY KEY,
        job_id TEXT NOT NULL UNIQUE,
        sale_id TEXT NOT NULL REFERENCES sale (sale_id),
        copy_number INTEGER NOT NULL CHECK (copy_number >= 0),
        state TEXT NOT NULL CHECK (state IN ('waiting', 'printing', 'printed', 'cancelled')),
        opens_drawer INTEGER NOT NULL CHECK (opens_drawer IN (0, 1))
    ) STRICT
    """,
    "CREATE INDEX print_job_unfinished ON print_job (job_number) WHERE state IN ('waiting', 'printing')",
    "CREATE UNIQUE INDEX print_job_copy ON print_job (sale_id, copy_number) WHERE copy_number > 0",
    """
    CREATE TABLE basket (
        basket_id TEXT NOT NULL PRIMARY KEY,
        state TEXT NOT NULL CHECK (state IN ('open', 'suspended')),
        suspended_at TEXT,
        document TEXT NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX basket_open ON basket (state) WHERE state = 'open'",
    """
    CREATE TABLE basket_line (
        basket_id TEXT NOT NULL REFERENCES basket (basket_id),
        line_id INTEGER NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (basket_id, line_id)
    ) STRICT, WITHOUT ROWID
    """,
)

APPEND_ONLY: Final = (
    "journal",
    "posting",
    "till_session",
    "sale",
    "sale_line",
    "discount_share",
    "tender",
    "tax_summary",
)
"""REPLACE is a DELETE to these triggers while `recursive_triggers` is on, which every connection of ours sets."""

TRIGGERS: Final = (
    """
    CREATE TRIGGER journal_goes_on BEFORE INSERT ON journal BEGIN
        SELECT RAISE(ABORT, 'journal: the sequence has no gaps and the chain no breaks')
        WHERE NEW.sequence > 1 AND NOT EXISTS (
            SELECT 1 FROM journal WHERE entry_key = NEW.entry_key - 1 AND hash = NEW.previous_hash
        );
        SELECT RAISE(ABORT, 'journal: entries are appended only')
        WHERE EXISTS (SELECT 1 FROM journal WHERE entry_key >= NEW.entry_key);
        SELECT RAISE(ABORT, 'journal: a new epoch follows the last one')
        WHERE NEW.sequence = 1 AND EXISTS (SELECT 1 FROM journal WHERE epoch >= NEW.epoch);
    END
    """,
    """
    CREATE TRIGGER sale_numbers_go_on BEFORE INSERT ON sale BEGIN
        SELECT RAISE(ABORT, 'sale: receipt numbers have no gaps')
        WHERE NEW.receipt_number <> 1 + coalesce(
            (SELECT max(receipt_number) FROM sale WHERE epoch = NEW.epoch), 0
        );
    END
    """,
    # The head moves only onto an entry that is there, whole: balanced postings, a sale whose parts come to its sums.
    """
    CREATE TRIGGER head_moves_forward BEFORE UPDATE ON head BEGIN
        SELECT RAISE(ABORT, 'head: it never goes back and totals never fall')
        WHERE (NEW.epoch, NEW.sequence) <= (OLD.epoch, OLD.sequence)
            OR NEW.sale_count < OLD.sale_count OR NEW.gross_minor < OLD.gross_minor
            OR (NEW.epoch = OLD.epoch AND NEW.last_receipt_number < OLD.last_receipt_number)
            OR NEW.till_id <> OLD.till_id;
        SELECT RAISE(ABORT, 'head: there is no such entry')
        WHERE NOT EXISTS (
            SELECT 1 FROM journal WHERE entry_key = NEW.epoch * 1099511627776 + NEW.sequence AND hash = NEW.hash
        );
        SELECT RAISE(ABORT, 'posting: postings sum to zero') FROM (
            SELECT sum(amount_minor) AS sum FROM posting
            WHERE entry_key = NEW.epoch * 1099511627776 + NEW.sequence GROUP BY currency
        ) WHERE sum <> 0;
        SELECT RAISE(ABORT, 'sale: its lines, tenders and totals come to its sums') FROM sale
        WHERE entry_key = NEW.epoch * 1099511627776 + NEW.sequence AND (
            (gross_minor, discount_minor) <> (
                SELECT coalesce(sum(gross_minor), 0), coalesce(sum(discount_minor), 0)
                FROM sale_line WHERE entry_key = sale.entry_key
            )
            OR discount_minor <> (
                SELECT coalesce(sum(amount_minor), 0) FROM discount_share WHERE entry_key = sale.entry_key
            )
            OR gross_minor <> (
                SELECT coalesce(sum(gross_minor), 0) FROM tax_summary WHERE entry_key = sale.entry_key
            )
            OR (due_minor, change_minor) <> (
                SELECT coalesce(sum(applied_minor), 0), coalesce(sum(amount_minor) - sum(applied_minor), 0)
                FROM tender WHERE entry_key = sale.entry_key
            )
            OR (total_sale_count, total_gross_minor, receipt_number)
                <> (NEW.sale_count, NEW.gross_minor, NEW.last_receipt_number)
        );
    END
    """,
    """
    CREATE TRIGGER head_stays BEFORE DELETE ON head BEGIN
        SELECT RAISE(ABORT, 'head: it is never deleted');
    END
    """,
    """
    CREATE TRIGGER operator_name_stays BEFORE DELETE ON operator_name BEGIN
        SELECT RAISE(ABORT, 'operator_name: a name is erased by making it empty');
    END
    """,
    """
    CREATE TRIGGER operator_name_is_erased_only BEFORE UPDATE ON operator_name
    WHEN NEW.name <> '' OR NEW.operator_ref <> OLD.operator_ref OR NEW.operator_number <> OLD.operator_number BEGIN
        SELECT RAISE(ABORT, 'operator_name: a name is erased, never changed');
    END
    """,
    """
    CREATE TRIGGER free_note_stays BEFORE DELETE ON free_note BEGIN
        SELECT RAISE(ABORT, 'free_note: a note is erased by making its text null');
    END
    """,
    """
    CREATE TRIGGER free_note_is_erased_only BEFORE UPDATE ON free_note
    WHEN NEW.text IS NOT NULL OR NEW.entry_key <> OLD.entry_key OR NEW.place <> OLD.place OR NEW.salt <> OLD.salt BEGIN
        SELECT RAISE(ABORT, 'free_note: a note is erased, never changed');
    END
    """,
)


def upgrade() -> None:
    """Make the tables and the triggers that guard them."""
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
    op.execute("INSERT INTO sync_state (one, acknowledged_epoch, acknowledged_sequence) VALUES (1, 0, 0)")
