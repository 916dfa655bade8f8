"""A sale as it stands in the journal's body: every value of it, and no word about a person.

The header is an object with its keys in order, as RFC 8785 wants them; lines, discount shares, tenders and tax rows are
arrays whose places have fixed meanings, so that a sale of twenty lines takes 5 kB and not 13: it is hashed, encrypted
and flushed while a shopper waits. New values are added at the end of an array, under a higher `format`, and left out
where all of them are absent, as are the keys of `offline_store.deal_document`, so that older bodies read back, and are
written again, as they were.
Instants are RFC 3339 in UTC, dates ISO 8601. The operator is a number and a reference into `operator_name`, a note is
the digest of its salted text, and so is the member's masked name: all of them can be erased without the chain noticing.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from app.payments.tenders import Tendered
from app.sales.sale import DiscountScope, DiscountShare, PriceSource, Sale, SaleLine, TaxSummaryRow, WeightSource
from app.values.clock import write_instant
from app.values.quantity import SellingUnit
from offline_store.deal_document import (
    DealParts,
    LetGoDocument,
    MemberDocument,
    PromotionsDocument,
    UseDocument,
    deal_parts_of,
    has_deal,
)

FORMAT: Final = 4
"""Since 4 a sale says what promotions, member and coupons it had; the keys stand where it had any."""

FORMAT_WITHOUT_DEAL: Final = 3
"""What a sale is still written as without them. Since 3 a tender that was taken offline says so."""

FORMAT_ALL_ONLINE: Final = 2
"""What a sale is still written as in which no tender was taken offline: byte for byte what it always was.

Since 2 a line of weighed goods says by what it was weighed and what tare was taken off.
"""

FORMAT_WITHOUT_WEIGHING: Final = 1
"""What it is still written as where nothing was weighed besides."""

Scalar = str | int | bytes | None
Values = tuple[Scalar, ...]
Array = tuple[object, ...]
Translations = tuple[tuple[str, str], ...]

# attrgetter fetches all values of a row in one call; `_value_` is an enum member's value without its property.
_line_values: Callable[[SaleLine], Values] = attrgetter(
    "line_number",
    "product_id",
    "name.default",
    "department_id",
    "unit._value_",
    "quantity_thousandths",
    "list_price_minor",
    "unit_price_minor",
    "price_source._value_",
    "extended_minor",
    "tax_class.tax_class_id",
    "tax_class.rate_basis_points",
    "tax_class.included",
    "tax.net_minor",
    "tax.tax_minor",
    "tax.gross_minor",
    "gtin14",
    "reason",
    "batch",
    "serial",
    "minimum_age",
    "deposit_of_line",
)
_share_values: Callable[[DiscountShare], Values] = attrgetter(
    "discount_id", "scope._value_", "name.default", "reason", "amount_minor"
)
_tender_values: Callable[[Tendered], Values] = attrgetter(
    "tender_id",
    "tender_type_id",
    "name.default",
    "account",
    "amount_minor",
    "applied_minor",
    "reference",
    "payment_attempt_id",
    "opens_drawer",
    "approved_offline",
)
_tax_values: Callable[[TaxSummaryRow], Values] = attrgetter(
    "tax_class.tax_class_id",
    "tax_class.rate_basis_points",
    "tax_class.included",
    "amounts.net_minor",
    "amounts.tax_minor",
    "amounts.gross_minor",
)


class SaleParts(NamedTuple):
    """The parts of a sale, fetched once: as rows for the tables beside the journal, and as arrays for its body."""

    line_rows: list[Values]
    share_rows: list[Values]
    tender_rows: list[Values]
    tax_rows: list[Values]
    lines: list[Array]
    tenders: list[Array]
    tax_summary: list[Values]
    deal: DealParts


def parts_of(key: int, sale: Sale) -> SaleParts:
    """Fetch the values of a sale's parts; `key` is its entry's, and comes first in every row."""
    line_rows: list[Values] = []
    share_rows: list[Values] = []
    tenders = [_tender_values(tender) for tender in sale.tenders]
    tax_summary = [_tax_values(row) for row in sale.tax_summary]
    return SaleParts(
        lines=_line_arrays(key, sale.lines, line_rows, share_rows),
        line_rows=line_rows,
        share_rows=share_rows,
        tender_rows=[(key, *values) for values in tenders],
        tax_rows=[(key, number, *values) for number, values in enumerate(tax_summary, 1)],
        tenders=[_tender_array(tender, values) for tender, values in zip(sale.tenders, tenders, strict=True)],
        tax_summary=tax_summary,
        deal=deal_parts_of(key, sale),
    )


def _tender_array(tender: Tendered, values: Values) -> Array:
    offline = (True,) if tender.approved_offline else ()
    return (*values[:-1], tender.name.translations, *offline)


def _line_arrays(
    key: int, lines: tuple[SaleLine, ...], line_rows: list[Values], share_rows: list[Values]
) -> list[Array]:
    """Return the arrays of lines and add their rows: one pass, since a shopper waits for it."""
    arrays: list[Array] = []
    for line in lines:
        values = _line_values(line)
        expiry = line.expiry.isoformat() if line.expiry is not None else None
        taken: list[Array] = []
        for number, share in enumerate(line.discounts, 1):
            own = _share_values(share)
            share_rows.append((key, line.line_number, number, *own))
            taken.append((*own, share.name.translations))
        line_rows.append((key, *values, expiry))
        weighing = () if line.weighed_by is None else (line.tare_grams, line.weighed_by.value)
        arrays.append((*values, expiry, line.name.translations, taken, *weighing))
    return arrays


class ShareDocument(msgspec.Struct, frozen=True, array_like=True):
    """What one discount took off one line."""

    discount_id: str
    scope: DiscountScope
    name: str
    reason: str
    amount_minor: int
    name_translations: Translations


class LineDocument(msgspec.Struct, frozen=True, array_like=True):
    """One line of a sale; up to `expiry` its values are those of the row in `sale_line`.

    What its discounts take is their sum, and in the table computed from the amounts before and after.
    """

    line_number: int
    product_id: str
    name: str
    department_id: str
    unit: SellingUnit
    quantity_thousandths: int
    list_price_minor: int
    unit_price_minor: int
    price_source: PriceSource
    extended_minor: int
    tax_class_id: str
    tax_rate_basis_points: int
    tax_included: bool
    net_minor: int
    tax_minor: int
    gross_minor: int
    gtin14: str | None
    reason: str
    batch: str | None
    serial: str | None
    minimum_age: int
    deposit_of_line: int | None
    expiry: date | None
    name_translations: Translations
    discounts: tuple[ShareDocument, ...]
    tare_grams: int = 0
    weighed_by: WeightSource | None = None


class TaxRowDocument(msgspec.Struct, frozen=True, array_like=True):
    """All lines of one tax class together; the values of the row in `tax_summary`."""

    tax_class_id: str
    tax_rate_basis_points: int
    tax_included: bool
    net_minor: int
    tax_minor: int
    gross_minor: int


class TenderDocument(msgspec.Struct, frozen=True, array_like=True):
    """One tender; its values but the translations are those of the row in `tender`, in their order."""

    tender_id: int
    tender_type_id: str
    name: str
    account: str
    amount_minor: int
    applied_minor: int
    reference: str
    payment_attempt_id: str | None
    opens_drawer: bool
    name_translations: Translations
    approved_offline: bool = False


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the body, in their order."""

    change_minor: int
    completed_at: str
    coupons: Sequence[Values] | msgspec.UnsetType
    currency: str
    discount_minor: int
    due_minor: int
    format: int
    gross_minor: int
    lines: list[Array]
    member: MemberDocument | msgspec.UnsetType
    notes: dict[str, str]
    opened_at: str
    operator_number: str
    operator_ref: int
    promotions: PromotionsDocument | msgspec.UnsetType
    receipt_number: int
    released: Sequence[Values] | msgspec.UnsetType
    rounding_minor: int
    sale_id: str
    session_id: str
    store_number: int
    tax_summary: list[Values]
    tenders: list[Array]
    till_number: int
    total_gross_minor: int
    total_sale_count: int
    voided_lines: list[Array]


class SaleDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A whole sale as it is read back; `app.ledger.verification.SaleFigures` reads a part of it."""

    change_minor: int
    completed_at: datetime
    currency: str
    discount_minor: int
    due_minor: int
    format: int
    gross_minor: int
    lines: tuple[LineDocument, ...]
    notes: dict[str, str]
    """Where a note was written (`sale`, `line/3`, `voided/1`, `member`) → hex of SHA-256(salt, NUL, text)."""

    opened_at: datetime
    operator_number: str
    operator_ref: int
    receipt_number: int
    rounding_minor: int
    sale_id: str
    session_id: str
    store_number: int
    tax_summary: tuple[TaxRowDocument, ...]
    tenders: tuple[TenderDocument, ...]
    till_number: int
    total_gross_minor: int
    """The perpetual total with this sale."""

    total_sale_count: int
    voided_lines: tuple[LineDocument, ...]
    coupons: tuple[UseDocument, ...] = ()
    member: MemberDocument | None = None
    promotions: PromotionsDocument | None = None
    released: tuple[LetGoDocument, ...] = ()


class SaleNumbers(msgspec.Struct, frozen=True):
    """What the store adds to a sale when it commits it, and its instants as they are written."""

    receipt_number: int
    total_sale_count: int
    total_gross_minor: int
    operator_ref: int
    opened_at: str
    completed_at: str


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(SaleDocument).decode


def document_of(sale: Sale, parts: SaleParts, numbers: SaleNumbers, notes: dict[str, str]) -> bytes:
    """Write a sale as the body of its journal entry: canonical JSON."""
    return _encode(
        _Header(
            change_minor=sale.change_minor,
            completed_at=numbers.completed_at,
            coupons=parts.deal.coupons,
            currency=sale.currency,
            discount_minor=sale.discount_minor,
            due_minor=sale.due_minor,
            format=_format_of(sale),
            gross_minor=sale.gross_minor,
            lines=parts.lines,
            member=parts.deal.member,
            notes=dict(sorted(notes.items())) if notes else notes,
            opened_at=numbers.opened_at,
            operator_number=sale.operator_number,
            operator_ref=numbers.operator_ref,
            promotions=parts.deal.promotions,
            receipt_number=numbers.receipt_number,
            released=parts.deal.released,
            rounding_minor=sale.rounding_minor,
            sale_id=sale.sale_id,
            session_id=sale.session_id,
            store_number=sale.store_number,
            tax_summary=parts.tax_summary,
            tenders=parts.tenders,
            till_number=sale.till_number,
            total_gross_minor=numbers.total_gross_minor,
            total_sale_count=numbers.total_sale_count,
            voided_lines=_line_arrays(0, sale.voided_lines, [], []) if sale.voided_lines else [],
        )
    )


def _format_of(sale: Sale) -> int:
    """Return the oldest format that holds everything of a sale."""
    if has_deal(sale):
        return FORMAT
    if any(tender.approved_offline for tender in sale.tenders):
        return FORMAT_WITHOUT_DEAL
    if any(line.weighed_by for line in (*sale.lines, *sale.voided_lines)):
        return FORMAT_ALL_ONLINE
    return FORMAT_WITHOUT_WEIGHING


def read_document(body: bytes) -> SaleDocument:
    """Read the body of a sale's journal entry.

    Raises:
        msgspec.MsgspecError: it is not one.
    """
    return _decode(body)


def numbers_of(document: SaleDocument) -> SaleNumbers:
    """Return what the store added to a sale."""
    return SaleNumbers(
        document.receipt_number,
        document.total_sale_count,
        document.total_gross_minor,
        document.operator_ref,
        write_instant(document.opened_at),
        write_instant(document.completed_at),
    )
