"""The bodies of entries that are not sales, as they stand in the journal; fields in the order of their names."""

from datetime import date, datetime
from typing import Final

import msgspec

from app.checkout.ports import TillSession
from app.ledger.postings import Posting
from app.sales.basket import Basket
from app.sales.completion import released_of_abandoned
from app.sales.sale import PriceSource
from offline_store.deal_document import LetGoDocument

DRAWER_ACCOUNT: Final = "cash_drawer"
SAFE_ACCOUNT: Final = "safe"
"""Where the float comes from."""

encode = msgspec.json.Encoder().encode


class SessionDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A till session that was opened."""

    business_date: date
    currency: str
    opened_at: datetime
    opening_float_minor: int
    operator_number: str
    session_id: str


class ReprintDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of a receipt that was asked for."""

    copy_number: int
    job_id: str
    sale_id: str


class AbandonedLineDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a basket that was given up."""

    gtin14: str | None
    line_id: int
    name: str
    price_source: PriceSource
    product_id: str
    quantity_thousandths: int
    unit_price_minor: int
    voided: bool


class AbandonedTenderDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A tender that had been taken towards it."""

    amount_minor: int
    applied_minor: int
    payment_attempt_id: str | None
    tender_type_id: str


class AbandonedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A basket that was given up; notes and a member's masked name stay out, since they name a person."""

    basket_id: str
    lines: tuple[AbandonedLineDocument, ...]
    member_id: str | msgspec.UnsetType
    """Left out where nobody was named."""

    opened_at: datetime
    operator_number: str
    reason: str
    released: tuple[LetGoDocument, ...] | msgspec.UnsetType
    """Redemptions that had been asked for it; left out where there is none."""

    tenders: tuple[AbandonedTenderDocument, ...]


class GivenUp(msgspec.Struct, frozen=True, kw_only=True):
    """What is read again of a basket that was given up."""

    basket_id: str
    released: tuple[LetGoDocument, ...] = ()


class SerialSoldAgainDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of goods that a sale holds although it was sold before, or that stands in one sale twice."""

    earlier_sale_id: str
    """The sale that held it first; the same as `sale_id` where it stands in that one twice."""

    gtin14: str
    line_number: int
    """Its line in the sale."""

    sale_id: str
    serial: str


def session_document(session: TillSession, currency: str) -> SessionDocument:
    """Return the body of a session's opening."""
    return SessionDocument(
        business_date=session.business_date,
        currency=currency,
        opened_at=session.opened_at,
        opening_float_minor=session.opening_float_minor,
        operator_number=session.operator_number,
        session_id=session.session_id,
    )


def session_of(document: SessionDocument) -> TillSession:
    """Bring a session back."""
    return TillSession(
        session_id=document.session_id,
        business_date=document.business_date,
        operator_number=document.operator_number,
        opened_at=document.opened_at,
        opening_float_minor=document.opening_float_minor,
    )


def float_postings(session: TillSession, currency: str) -> tuple[Posting, ...]:
    """Return the postings of a float (ARTS: tender loan): from the safe into the drawer."""
    amount = session.opening_float_minor
    if not amount:
        return ()
    return (Posting(DRAWER_ACCOUNT, amount, currency), Posting(SAFE_ACCOUNT, -amount, currency))


def abandoned_document(basket: Basket, reason: str) -> AbandonedDocument:
    """Return the body of a basket's end without a sale."""
    return AbandonedDocument(
        basket_id=basket.basket_id,
        lines=tuple(
            AbandonedLineDocument(
                gtin14=line.gtin14,
                line_id=line.line_id,
                name=line.name.default,
                price_source=line.price_source,
                product_id=line.product_id,
                quantity_thousandths=line.quantity_thousandths,
                unit_price_minor=line.unit_price_minor,
                voided=line.voided,
            )
            for line in basket.lines
        ),
        member_id=basket.member.member_id if basket.member is not None else msgspec.UNSET,
        opened_at=basket.opened_at,
        operator_number=basket.operator_number,
        reason=reason,
        released=tuple(LetGoDocument(one.redemption_id, one.coupon_id) for one in released_of_abandoned(basket))
        or msgspec.UNSET,
        tenders=tuple(
            AbandonedTenderDocument(
                amount_minor=tender.amount_minor,
                applied_minor=tender.applied_minor,
                payment_attempt_id=tender.payment_attempt_id,
                tender_type_id=tender.tender_type_id,
            )
            for tender in basket.tenders
        ),
    )
