"""Finds the sale of a piece of goods by its GTIN and serial number, so that none is sold twice unnoticed."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index; it also covers what was sold before.

    It is not unique: a sale that was paid is a fact, whatever is found out about its goods. The store looks before it
    commits and writes an entry of its own where a piece was sold already.
    """
    op.execute(
        "CREATE INDEX sale_line_serial ON sale_line (gtin14, serial) WHERE serial IS NOT NULL AND gtin14 IS NOT NULL"
    )
