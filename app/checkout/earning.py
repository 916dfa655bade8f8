"""Earn: the points of a sale, worked out once when it is completed and stored with it."""

from dataclasses import replace
from datetime import date

from app.checkout.counter import Counter
from app.members.birthdays import Birthday
from app.members.earning import Earned, EarningLine, last_day_of, points_earned
from app.members.points import PointsTender
from app.payments.tenders import Tendered
from app.sales.basket import Basket
from app.sales.completion import Settled
from app.sales.pricing import PricedBasket, price_basket
from app.values.rounding import divide_half_up


def with_points(counter: Counter, basket: Basket, settled: Settled, business_date: date) -> Settled:
    """Return how a basket was settled, with the points it earns and costs; the same where nobody is named."""
    terms = counter.members.terms
    if terms is None or basket.member is None or basket.member.blocked:
        return settled
    earned = earned_by(counter, basket, price_basket(basket), settled.tenders, business_date)
    return replace(
        settled,
        earned=earned,
        points_end_on=last_day_of(business_date, terms.earning.valid_months),
        points_spent=_spent(settled.tenders, terms.points_tender_id, terms.points_tender),
    )


def _spent(tenders: tuple[Tendered, ...], points_tender_id: str, worth: PointsTender) -> int:
    """Return how many points paid; the same as was held for each of the tenders, whose amounts are whole steps."""
    paid = [tender.applied_minor for tender in tenders if points_tender_id == tender.tender_type_id]
    return sum(divide_half_up(amount * worth.points, worth.minor) for amount in paid)


def earned_by(
    counter: Counter, basket: Basket, priced: PricedBasket, tenders: tuple[Tendered, ...], business_date: date
) -> Earned | None:
    """Return what a basket earns its member, paid so; None where there is none or they earn nothing."""
    terms, member = counter.members.terms, basket.member
    if terms is None or member is None or member.blocked:
        return None
    lines = tuple(
        EarningLine(
            number,
            line.line.product_id,
            line.line.department_id,
            line.tax.gross_minor,
            counts=line.line.deposit_of is None and line.line.discountable,
        )
        for number, line in enumerate(priced.lines, 1)
    )
    with_points_paid = sum(
        tender.applied_minor for tender in tenders if tender.tender_type_id == terms.points_tender_id
    )
    return points_earned(
        lines,
        terms.earning,
        terms.ladder.find(member.tier_id),
        business_date,
        birthday=Birthday(*member.birthday) if member.birthday is not None else None,
        paid_with_points_minor=min(with_points_paid, sum(line.paid_minor for line in lines)),
    )
