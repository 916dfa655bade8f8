"""The tables of a catalogue file.

Instants are microseconds since 1970 in UTC. A barcode is the number its 14 digits make, so that it is the row's own
key and the first digits of a barcode are a range of keys.
"""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

APPLICATION_ID: Final = 0x47544349
"""Says in the file's header that it is a catalogue of this product."""

FORMAT_VERSION: Final = 2
"""Stored as `user_version`; a till reads its own format and the one before, and asks for a new file otherwise."""

WITHOUT_TARES: Final = 1
"""The format before: the same but for `product.tare_grams`."""

SINCE_EVER: Final = 1 << 62
"""In place of the negative first instant of a price that always held."""

FOR_EVER: Final = 1 << 62
"""In place of the end of a price that ends never."""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("row", Integer, CheckConstraint("row = 1"), primary_key=True),
    Column("format_version", Integer, nullable=False),
    Column("published_at", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_sha256", Text, nullable=False),
    Column("product_count", Integer, nullable=False),
)

department = Table(
    "department",
    metadata,
    Column("department_id", Text, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("translations", LargeBinary),
    Column("colour", Text, nullable=False),
    Column("picture", Text, nullable=False),
)

tax_class = Table(
    "tax_class",
    metadata,
    Column("tax_class_id", Text, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("translations", LargeBinary),
    Column("rate_basis_points", Integer, CheckConstraint("rate_basis_points BETWEEN 0 AND 100000"), nullable=False),
    Column("included", Integer, CheckConstraint("included IN (0, 1)"), nullable=False),
)

product = Table(
    "product",
    metadata,
    Column("position", Integer, CheckConstraint("position >= 0"), primary_key=True),
    Column("product_id", Text, nullable=False),
    # The same article number in other letters or widths is the same article, so this form is the unique one.
    Column("article_key", Text, CheckConstraint("article_key <> ''"), nullable=False),
    Column("name", Text, CheckConstraint("name <> ''"), nullable=False),
    Column("translations", LargeBinary),
    Column("department_id", Text, ForeignKey("department.department_id"), nullable=False),
    Column("tax_class_id", Text, ForeignKey("tax_class.tax_class_id"), nullable=False),
    Column("unit", Text, CheckConstraint("unit IN ('each', 'kg', 'l', 'm')"), nullable=False),
    Column("price_rule", Text, CheckConstraint("price_rule IN ('fixed', 'open')"), nullable=False),
    Column("plu", Text),
    Column("minimum_age", Integer, CheckConstraint("minimum_age BETWEEN 0 AND 150"), nullable=False),
    Column("deposit_product_id", Text),
    Column("brand", Text, nullable=False),
    Column("specification", Text, nullable=False),
    Column("pinyin", Text, nullable=False),
    Column("picture", Text, nullable=False),
    Column("discountable", Integer, CheckConstraint("discountable IN (0, 1)"), nullable=False),
    Column("returnable", Integer, CheckConstraint("returnable IN (0, 1)"), nullable=False),
    Column("blocked_reason", Text, nullable=False),
    Column("tare_grams", Integer, CheckConstraint("tare_grams BETWEEN 0 AND 9999"), nullable=False, server_default="0"),
    # The one standard price that holds at all times, which is all that most products have. Where a product has another
    # standard price as well, this is empty and all of them stand in `price`; so each is stored once and found at once.
    Column("standing_price_minor", Integer, CheckConstraint("standing_price_minor >= 0")),
)

barcode = Table(
    "barcode",
    metadata,
    Column("gtin", Integer, CheckConstraint("gtin BETWEEN 1 AND 99999999999999"), primary_key=True),
    Column("position", Integer, ForeignKey("product.position"), nullable=False),
    Column("quantity_thousandths", Integer, CheckConstraint("quantity_thousandths > 0"), nullable=False),
)

# Clustered by product. The first instant is kept negative, so that walking upwards meets the price that began last
# first, and of two that began together the lower one: the very rule of `price_at`.
price = Table(
    "price",
    metadata,
    Column("position", Integer, ForeignKey("product.position"), nullable=False),
    Column("price_list", Text, nullable=False),
    Column("minus_valid_from", Integer, nullable=False),
    Column("amount_minor", Integer, CheckConstraint("amount_minor >= 0"), nullable=False),
    Column("valid_until", Integer, nullable=False),
    PrimaryKeyConstraint("position", "price_list", "minus_valid_from", "amount_minor", "valid_until"),
    sqlite_with_rowid=False,
)

gram = Table(
    "gram",
    metadata,
    Column("token", Text, primary_key=True),
    Column("gram_id", Integer, nullable=False),
    Column("product_count", Integer, nullable=False),
    sqlite_with_rowid=False,
)

posting = Table(
    "posting",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("positions", LargeBinary, nullable=False),
)

LATE_INDEXES: Final = (
    Index("product_by_article", product.c.article_key, unique=True),
    Index("product_by_plu", product.c.plu, unique=True, sqlite_where=product.c.plu.is_not(None)),
    Index("barcode_of_product", barcode.c.position),
)
"""Made when all rows are in: four times as quick as keeping them in order row by row."""
