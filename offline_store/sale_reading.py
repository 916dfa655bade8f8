"""Brings a sale back from the body of its journal entry, with the texts that stand apart from it."""

from collections.abc import Callable
from datetime import date

from app.payments.tenders import Tendered
from app.sales.sale import DiscountShare, Sale, SaleLine, TaxSummaryRow
from app.values.tax import TaxAmounts, TaxClass
from app.values.wording import LocalizedText
from offline_store.deal_document import let_go_of, member_of, promotions_of, use_of
from offline_store.personal_texts import MEMBER_LABEL
from offline_store.sale_document import LineDocument, SaleDocument, TaxRowDocument, TenderDocument


def sale_of(
    document: SaleDocument,
    *,
    till_id: str,
    business_date: date,
    operator_name: str,
    note_at: Callable[[str], str],
) -> Sale:
    """Bring a sale back from its document, with the texts that stand apart from the journal.

    `note_at` returns the text of a note by its place; empty where there is none or it was erased.
    """
    return Sale(
        sale_id=document.sale_id,
        store_number=document.store_number,
        till_number=document.till_number,
        till_id=till_id,
        session_id=document.session_id,
        business_date=business_date,
        operator_number=document.operator_number,
        operator_name=operator_name,
        opened_at=document.opened_at,
        completed_at=document.completed_at,
        currency=document.currency,
        lines=tuple(_line(line, note_at(f"line/{place}")) for place, line in enumerate(document.lines, 1)),
        tax_summary=tuple(_tax_row(row) for row in document.tax_summary),
        gross_minor=document.gross_minor,
        rounding_minor=document.rounding_minor,
        due_minor=document.due_minor,
        tenders=tuple(_tender(tender) for tender in document.tenders),
        change_minor=document.change_minor,
        discount_minor=document.discount_minor,
        note=note_at("sale"),
        voided_lines=tuple(
            _line(line, note_at(f"voided/{place}")) for place, line in enumerate(document.voided_lines, 1)
        ),
        promotions=promotions_of(document.promotions) if document.promotions is not None else None,
        member=member_of(document.member, note_at(MEMBER_LABEL)) if document.member is not None else None,
        coupons=tuple(use_of(use) for use in document.coupons),
        released=tuple(let_go_of(one) for one in document.released),
    )


def _line(line: LineDocument, note: str) -> SaleLine:
    return SaleLine(
        line_number=line.line_number,
        product_id=line.product_id,
        name=LocalizedText(line.name, line.name_translations),
        department_id=line.department_id,
        unit=line.unit,
        quantity_thousandths=line.quantity_thousandths,
        list_price_minor=line.list_price_minor,
        unit_price_minor=line.unit_price_minor,
        price_source=line.price_source,
        extended_minor=line.extended_minor,
        discounts=tuple(
            DiscountShare(
                share.discount_id,
                share.scope,
                LocalizedText(share.name, share.name_translations),
                share.reason,
                share.amount_minor,
            )
            for share in line.discounts
        ),
        tax_class=TaxClass(line.tax_class_id, line.tax_rate_basis_points, line.tax_included),
        tax=TaxAmounts(line.net_minor, line.tax_minor, line.gross_minor),
        gtin14=line.gtin14,
        reason=line.reason,
        batch=line.batch,
        expiry=line.expiry,
        serial=line.serial,
        minimum_age=line.minimum_age,
        deposit_of_line=line.deposit_of_line,
        note=note,
        tare_grams=line.tare_grams,
        weighed_by=line.weighed_by,
    )


def _tax_row(row: TaxRowDocument) -> TaxSummaryRow:
    return TaxSummaryRow(
        TaxClass(row.tax_class_id, row.tax_rate_basis_points, row.tax_included),
        TaxAmounts(row.net_minor, row.tax_minor, row.gross_minor),
    )


def _tender(tender: TenderDocument) -> Tendered:
    return Tendered(
        tender_id=tender.tender_id,
        tender_type_id=tender.tender_type_id,
        name=LocalizedText(tender.name, tender.name_translations),
        account=tender.account,
        amount_minor=tender.amount_minor,
        applied_minor=tender.applied_minor,
        reference=tender.reference,
        payment_attempt_id=tender.payment_attempt_id,
        opens_drawer=tender.opens_drawer,
        approved_offline=tender.approved_offline,
    )
