"""The tables of an export that people read: lines sold, tenders, how payments ended, promotions, coupons, points."""

from collections.abc import Iterator
from typing import Final

import msgspec

from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.export_format import (
    COUPONS_COLUMNS,
    COUPONS_TABLE,
    PAYMENTS_COLUMNS,
    PAYMENTS_TABLE,
    POINTS_COLUMNS,
    POINTS_TABLE,
    PROMOTIONS_COLUMNS,
    PROMOTIONS_TABLE,
    SALES_COLUMNS,
    SALES_TABLE,
    TENDERS_COLUMNS,
    TENDERS_TABLE,
    safe_cell,
)
from app.values.clock import write_instant
from app.values.identifiers import ReceiptNumber
from app.values.money import currency_of, format_minor
from app.values.quantity import format_thousandths
from offline_store.attempt_documents import PaymentCapturedDocument, PaymentEndedDocument
from offline_store.deal_document import MemberDocument, OfferDocument, PromotionsDocument, UseDocument
from offline_store.sale_document import SaleDocument, read_document

READABLE_TABLES: Final = {
    SALES_TABLE: SALES_COLUMNS,
    TENDERS_TABLE: TENDERS_COLUMNS,
    PAYMENTS_TABLE: PAYMENTS_COLUMNS,
    PROMOTIONS_TABLE: PROMOTIONS_COLUMNS,
    COUPONS_TABLE: COUPONS_COLUMNS,
    POINTS_TABLE: POINTS_COLUMNS,
}


def readable_rows(entry: JournalEntry) -> Iterator[tuple[str, list[str]]]:
    """Yield the rows of an entry with the tables they belong to; amounts in major units, for people.

    Raises:
        msgspec.MsgspecError: its body is not one that a till writes.
    """
    if entry.kind is EntryKind.SALE:
        sale = read_document(entry.body)
        receipt = ReceiptNumber(sale.store_number, sale.till_number, entry.entry_id.epoch, sale.receipt_number)
        for cells in _lines(entry, str(receipt), sale):
            yield SALES_TABLE, cells
        for cells in _tenders(entry, str(receipt), sale):
            yield TENDERS_TABLE, cells
        yield from _deal(entry, str(receipt), sale)
    elif entry.kind is EntryKind.PAYMENT_ENDED:
        yield PAYMENTS_TABLE, _payment(entry, msgspec.json.decode(entry.body, type=PaymentEndedDocument))
    elif entry.kind is EntryKind.PAYMENT_CAPTURED:
        yield PAYMENTS_TABLE, _capture(entry, msgspec.json.decode(entry.body, type=PaymentCapturedDocument))


def _lines(entry: JournalEntry, receipt: str, sale: SaleDocument) -> Iterator[list[str]]:
    currency = currency_of(sale.currency)
    for line in sale.lines:
        yield [
            receipt,
            safe_cell(sale.sale_id),
            entry.business_date.isoformat(),
            write_instant(sale.completed_at),
            safe_cell(sale.operator_number),
            str(line.line_number),
            safe_cell(line.product_id),
            safe_cell(line.name),
            format_thousandths(line.quantity_thousandths, line.unit),
            line.unit.value,
            *(
                format_minor(amount, currency)
                for amount in (
                    line.unit_price_minor,
                    sum(share.amount_minor for share in line.discounts),
                    line.net_minor,
                    line.tax_minor,
                    line.gross_minor,
                )
            ),
            sale.currency,
            str(line.tare_grams) if line.weighed_by is not None else "",
            line.weighed_by.value if line.weighed_by is not None else "",
        ]


def _tenders(entry: JournalEntry, receipt: str, sale: SaleDocument) -> Iterator[list[str]]:
    currency = currency_of(sale.currency)
    for tender in sale.tenders:
        yield [
            receipt,
            safe_cell(sale.sale_id),
            entry.business_date.isoformat(),
            write_instant(sale.completed_at),
            safe_cell(sale.operator_number),
            str(tender.tender_id),
            safe_cell(tender.tender_type_id),
            safe_cell(tender.name),
            safe_cell(tender.account),
            format_minor(tender.amount_minor, currency),
            format_minor(tender.applied_minor, currency),
            sale.currency,
            safe_cell(tender.reference),
            safe_cell(tender.payment_attempt_id or ""),
            "yes" if tender.approved_offline else "no",
        ]


def _deal(entry: JournalEntry, receipt: str, sale: SaleDocument) -> Iterator[tuple[str, list[str]]]:
    """Yield the rows of a sale's promotions, coupons and member."""
    head = [receipt, safe_cell(sale.sale_id), entry.business_date.isoformat(), write_instant(sale.completed_at)]
    if sale.promotions is not None:
        for offer in sale.promotions.offers:
            yield PROMOTIONS_TABLE, [*head, *_offer(offer, sale.promotions, sale.currency)]
    member_id = sale.member.member_id if sale.member is not None else ""
    for use in sale.coupons:
        yield COUPONS_TABLE, [*head, *_use(use, sale.currency), safe_cell(member_id)]
    if sale.member is not None:
        yield POINTS_TABLE, [*head, *_points(sale.member, sale.currency)]


def _offer(offer: OfferDocument, promotions: PromotionsDocument, currency: str) -> list[str]:
    return [
        safe_cell(offer.offer_id),
        safe_cell(offer.name),
        str(offer.times),
        format_minor(offer.saving_minor, currency_of(currency)),
        currency,
        safe_cell(promotions.rules_version),
        promotions.effort,
    ]


def _use(use: UseDocument, currency: str) -> list[str]:
    return [
        *map(safe_cell, (use.redemption_id, use.coupon_id, use.form_id, use.campaign_id, use.arm)),
        use.proof.value,
        safe_cell(use.lease_id),
        format_minor(use.cost_minor, currency_of(currency)),
        currency,
        use.on_return.value,
    ]


def _points(member: MemberDocument, currency: str) -> list[str]:
    return [
        safe_cell(member.member_id),
        safe_cell(member.tier_id),
        str(member.points_before),
        str(member.points_earned),
        member.points_end_on.isoformat() if member.points_end_on is not None else "",
        format_minor(member.bought_minor, currency_of(currency)),
        currency,
        "yes" if member.birthday else "no",
        str(member.points_spent),
        str(member.points_after) if member.points_after is not None else "",
    ]


def _payment(entry: JournalEntry, ended: PaymentEndedDocument) -> list[str]:
    currency = currency_of(ended.currency)
    # What it moved between accounts; nothing but a refund on a sale does, the sale itself tells what came in.
    posted = sum(posting.amount_minor for posting in entry.postings if posting.amount_minor > 0)
    return [
        entry.business_date.isoformat(),
        write_instant(entry.recorded_at),
        ended.operation,
        ended.state,
        safe_cell(ended.attempt_id),
        safe_cell(ended.basket_id),
        safe_cell(ended.refund_of or ""),
        safe_cell(ended.tender_type_id),
        safe_cell(ended.provider_id),
        ended.method,
        safe_cell(ended.provider_number),
        safe_cell(ended.provider_reference),
        format_minor(ended.amount_minor, currency),
        format_minor(ended.approved_minor, currency),
        format_minor(posted, currency),
        ended.currency,
        safe_cell(ended.last_code),
        ended.created_at,
        safe_cell(ended.asked_by),
        safe_cell(ended.cancel_by),
        safe_cell(ended.decided_by),
        safe_cell(ended.decision_reason),
    ]


def _capture(entry: JournalEntry, captured: PaymentCapturedDocument) -> list[str]:
    """Return the row of what was taken after it had been held; what it leaves empty stands at the attempt's own end."""
    amount = format_minor(captured.amount_minor, currency_of(captured.currency))
    known = {
        "business_date": entry.business_date.isoformat(),
        "ended_at": captured.captured_at,
        "operation": "capture",
        "state": "captured",
        "payment_attempt": safe_cell(captured.attempt_id),
        "provider_reference": safe_cell(captured.provider_reference),
        "amount": amount,
        "approved": amount,
        "posted": format_minor(0, currency_of(captured.currency)),
        "currency": captured.currency,
    }
    return [known.get(column, "") for column in PAYMENTS_COLUMNS]
