"""The rows that stand beside a journal entry so that SQL can answer questions: all follow from the signed body.

The same functions make the rows when a sale is committed and when a verification asks whether they still say what the
journal says.
"""

from datetime import date
from typing import Final, NamedTuple

from app.checkout.ports import TillSession
from app.sales.sale import Sale
from app.values.clock import write_instant
from offline_store.sale_document import SaleNumbers, Values

Row = Values


class Projection(NamedTuple):
    """A table beside the journal."""

    table: str
    columns: tuple[str, ...]
    """The columns of the primary key come first, `entry_key` before all."""

    insert: str


def _projection(table: str, columns: str) -> Projection:
    names = tuple(columns.split())
    places = ", ".join("?" * len(names))
    insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - our own names
    return Projection(table, names, insert)


POSTING: Final = _projection("posting", "entry_key posting_number account amount_minor currency")
SALE: Final = _projection(
    "sale",
    "entry_key sale_id epoch receipt_number session_id business_date operator_number operator_ref opened_at "
    "completed_at currency gross_minor discount_minor rounding_minor due_minor change_minor total_sale_count "
    "total_gross_minor rules_version effort",
)
SALE_LINE: Final = _projection(
    "sale_line",
    "entry_key line_number product_id name department_id unit quantity_thousandths list_price_minor "
    "unit_price_minor price_source extended_minor tax_class_id tax_rate_basis_points tax_included "
    "net_minor tax_minor gross_minor gtin14 reason batch serial minimum_age deposit_of_line expiry",
)
DISCOUNT_SHARE: Final = _projection(
    "discount_share", "entry_key line_number share_number discount_id scope name reason amount_minor"
)
TENDER: Final = _projection(
    "tender",
    "entry_key tender_id tender_type_id name account amount_minor applied_minor reference payment_attempt_id "
    "opens_drawer approved_offline",
)
TAX_SUMMARY: Final = _projection(
    "tax_summary",
    "entry_key row_number tax_class_id tax_rate_basis_points tax_included net_minor tax_minor gross_minor",
)
SALE_OFFER: Final = _projection("sale_offer", "entry_key offer_number offer_id name times saving_minor")
SALE_MEMBER: Final = _projection(
    "sale_member",
    "entry_key member_id tier_id points_before points_earned points_end_on bought_minor birthday points_spent "
    "points_after",
)
COUPON_USE: Final = _projection(
    "coupon_use",
    "entry_key use_number redemption_id coupon_id form_id campaign_id arm proof cost_minor on_return lease_id "
    "member_id",
)
COUPON_LET_GO: Final = _projection("coupon_let_go", "entry_key let_go_number redemption_id coupon_id")
TILL_SESSION: Final = _projection(
    "till_session", "entry_key session_id business_date operator_number opened_at opening_float_minor"
)


def sale_row(key: int, epoch: int, sale: Sale, numbers: SaleNumbers) -> Row:
    """Return the row of `sale`."""
    promotions = sale.promotions
    return (
        key,
        sale.sale_id,
        epoch,
        numbers.receipt_number,
        sale.session_id,
        sale.business_date.isoformat(),
        sale.operator_number,
        numbers.operator_ref,
        numbers.opened_at,
        numbers.completed_at,
        sale.currency,
        sale.gross_minor,
        sale.discount_minor,
        sale.rounding_minor,
        sale.due_minor,
        sale.change_minor,
        numbers.total_sale_count,
        numbers.total_gross_minor,
        promotions.rules_version if promotions is not None else "",
        promotions.effort if promotions is not None else "",
    )


def session_row(key: int, session: TillSession) -> Row:
    """Return the row of `till_session`."""
    return (
        key,
        session.session_id,
        session.business_date.isoformat(),
        session.operator_number,
        write_instant(session.opened_at),
        session.opening_float_minor,
    )


def read_date(text: str) -> date:
    """Read a date as the tables hold it."""
    return date.fromisoformat(text)
