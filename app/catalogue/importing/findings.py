"""What an import says about a file, row by row."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from app.values.wording import Wording

EXCERPT_LENGTH = 60
"""Characters of a cell that a finding quotes."""


class Severity(Enum):
    """What becomes of a row."""

    ERROR = "error"
    """It is left out."""

    WARNING = "warning"
    """It is imported, without what is wrong in it."""


class FindingKind(Enum):
    """What is wrong, for counting; a code that stays the same in every language."""

    CHECK_DIGIT = "check-digit"
    BAD_BARCODE = "bad-barcode"
    DUPLICATE_BARCODE = "duplicate-barcode"
    DUPLICATE_PRODUCT = "duplicate-product"
    DUPLICATE_PLU = "duplicate-plu"
    DUPLICATE_ENTRY = "duplicate-entry"
    NO_IDENTITY = "no-identity"
    MISSING_VALUE = "missing-value"
    BAD_PRICE = "bad-price"
    NEGATIVE_PRICE = "negative-price"
    TOO_MANY_DECIMALS = "too-many-decimals"
    MISSING_PRICE = "missing-price"
    FORMULA = "formula"
    TOO_LONG = "too-long"
    CONTROL_CHARACTER = "control-character"
    LINE_BREAK = "line-break"
    UNKNOWN_DEPARTMENT = "unknown-department"
    UNKNOWN_TAX_CLASS = "unknown-tax-class"
    UNKNOWN_DEPOSIT = "unknown-deposit-product"
    UNKNOWN_PRODUCT = "unknown-product"
    BAD_UNIT = "bad-unit"
    BAD_AGE = "bad-minimum-age"
    BAD_PLU = "bad-plu"
    BAD_CHOICE = "bad-choice"
    BAD_DATE = "bad-date"
    BAD_RATE = "bad-rate"
    BAD_TARE = "bad-tare"
    BAD_PINYIN = "bad-pinyin"
    RAGGED_ROW = "ragged-row"


@dataclass(frozen=True, slots=True)
class RowFinding:
    """One thing that is wrong with one row."""

    row_number: int
    """As a spreadsheet or editor counts: the header is row 1."""

    column: str
    """The column's name as this product calls it, or empty where the whole row is meant."""

    severity: Severity
    kind: FindingKind
    sentence: Wording
    """What is wrong and what was done about it."""

    excerpt: str = ""
    """The beginning of what stands there."""

    table: str = "products"
    """Which table: `products`, `prices`, `departments` or `tax_classes`."""


Report = Callable[[RowFinding], None]
"""Takes findings as they come."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one cell, before it is known in which row it stands."""

    kind: FindingKind
    sentence: Wording
    severity: Severity = Severity.ERROR


def excerpt_of(text: str) -> str:
    """Return the beginning of a cell with what does not show made visible."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in text[: EXCERPT_LENGTH + 1])
    return shown if len(shown) <= EXCERPT_LENGTH else shown[: EXCERPT_LENGTH - 1] + "…"
