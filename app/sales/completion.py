"""From a basket that is paid to the sale that is stored: everything charged, written down once."""

from dataclasses import dataclass
from datetime import date, datetime

from app.payments.tenders import Tendered
from app.sales.basket import Basket, BasketLine
from app.sales.pricing import PricedLine, extended_minor, price_basket, tax_summary
from app.sales.sale import Sale, SaleLine


class NotPaid(ValueError):
    """Raised when tenders, change and rounding do not meet what is due; always a bug, and nothing is stored."""


@dataclass(frozen=True, slots=True)
class SellingPlace:
    """Where and by whom a sale is made."""

    store_number: int
    till_number: int
    till_id: str
    session_id: str
    business_date: date
    operator_number: str
    operator_name: str


@dataclass(frozen=True, slots=True)
class Settled:
    """How the basket was paid."""

    tenders: tuple[Tendered, ...]
    change_minor: int
    rounding_minor: int
    completed_at: datetime


def sale_of(basket: Basket, place: SellingPlace, settled: Settled) -> Sale:
    """Make the sale of a paid basket.

    Raises:
        NotPaid: if what was tendered, less the change, is not what is due.
    """
    priced = price_basket(basket)
    due = priced.gross_minor + settled.rounding_minor
    if sum(tender.amount_minor for tender in settled.tenders) - settled.change_minor != due:
        raise NotPaid(f"tenders less change do not meet {due}")
    number_of = {line.line.line_id: number for number, line in enumerate(priced.lines, 1)}
    return Sale(
        sale_id=basket.basket_id,
        store_number=place.store_number,
        till_number=place.till_number,
        till_id=place.till_id,
        session_id=place.session_id,
        business_date=place.business_date,
        operator_number=place.operator_number,
        operator_name=place.operator_name,
        opened_at=basket.opened_at,
        completed_at=settled.completed_at,
        currency=basket.currency,
        lines=tuple(_sale_line(number_of[line.line.line_id], line, number_of) for line in priced.lines),
        tax_summary=tax_summary(priced.lines),
        gross_minor=priced.gross_minor,
        rounding_minor=settled.rounding_minor,
        due_minor=due,
        tenders=settled.tenders,
        change_minor=settled.change_minor,
        discount_minor=priced.discount_minor,
        note=basket.note,
        voided_lines=tuple(_voided_line(number, line) for number, line in enumerate(_voided(basket), 1)),
    )


def _voided(basket: Basket) -> tuple[BasketLine, ...]:
    return tuple(line for line in basket.lines if line.voided)


def _voided_line(number: int, line: BasketLine) -> SaleLine:
    amount = extended_minor(line)
    return _sale_line(number, PricedLine(line, amount, (), line.tax_class.split(amount)), {})


def _sale_line(number: int, priced: PricedLine, number_of: dict[int, int]) -> SaleLine:
    line = priced.line
    return SaleLine(
        line_number=number,
        product_id=line.product_id,
        name=line.name,
        department_id=line.department_id,
        unit=line.unit,
        quantity_thousandths=line.quantity_thousandths,
        list_price_minor=line.list_price_minor,
        unit_price_minor=line.unit_price_minor,
        price_source=line.price_source,
        extended_minor=priced.extended_minor,
        discounts=priced.shares,
        tax_class=line.tax_class,
        tax=priced.tax,
        gtin14=line.gtin14,
        reason=line.reason,
        batch=line.batch,
        expiry=line.expiry,
        serial=line.serial,
        minimum_age=line.minimum_age,
        deposit_of_line=number_of.get(line.deposit_of) if line.deposit_of is not None else None,
        note=line.note,
        tare_grams=line.tare_grams,
        weighed_by=line.weighed_by,
    )
