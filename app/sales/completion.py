"""From a basket that is paid to the sale that is stored: everything charged, written down once."""

from dataclasses import dataclass
from datetime import date, datetime

from app.members.coupons import CouponUse, LetGo
from app.members.earning import Earned
from app.payments.tenders import Tendered
from app.sales.basket import Basket, BasketLine
from app.sales.pricing import PricedBasket, PricedLine, extended_minor, price_basket, tax_summary
from app.sales.sale import Sale, SaleLine, SaleMember, SaleOffer, SalePromotions


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
    earned: Earned | None = None
    """The points of the sale; None where nobody earns any."""

    points_end_on: date | None = None
    points_spent: int = 0
    """That paid part of it."""


def points_after(before: int, owed: int, earned: int, spent: int) -> int:
    """Return a balance of points with a sale: what is owed is paid by what comes in first; never below zero."""
    return max(0, before - spent + earned - min(owed, earned))


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
        promotions=_promotions_of(basket),
        member=_member_of(basket, priced, settled),
        coupons=_uses_of(basket),
        released=_released_of(basket),
    )


def _promotions_of(basket: Basket) -> SalePromotions | None:
    deal = basket.deal
    if deal is None:
        return None
    return SalePromotions(
        deal.rules_version,
        deal.effort,
        tuple(
            SaleOffer(one.offer_id, one.name, one.times, one.saving_minor, one.redemption_ids) for one in deal.offers
        ),
    )


def _member_of(basket: Basket, priced: PricedBasket, settled: Settled) -> SaleMember | None:
    member, earned = basket.member, settled.earned
    if member is None:
        return None
    bought = sum(line.tax.gross_minor for line in priced.lines if line.line.deposit_of is None)
    if member.blocked:
        # A shopper like any other, on paper too; the purchase itself is a fact.
        return SaleMember(member.member_id, member.tier_id, bought_minor=bought)
    points, spent = earned.points if earned is not None else 0, settled.points_spent
    return SaleMember(
        member_id=member.member_id,
        tier_id=member.tier_id,
        points_before=member.points,
        points_earned=points,
        points_end_on=settled.points_end_on if points else None,
        points_shares=tuple(share for share in earned.shares if share[1]) if earned is not None else (),
        bought_minor=bought,
        birthday=earned is not None and earned.birthday,
        label=member.label,
        points_spent=spent,
        points_after=points_after(member.points, member.points_owed, points, spent) if earned is not None else None,
    )


def _uses_of(basket: Basket) -> tuple[CouponUse, ...]:
    """Return the coupons that the deal used, with what each took off."""
    cost = basket.deal.coupon_costs() if basket.deal is not None else {}
    return tuple(coupon.use(cost[coupon.redemption_id]) for coupon in basket.coupons if coupon.redemption_id in cost)


def _released_of(basket: Basket) -> tuple[LetGo, ...]:
    """Return what was asked for and is no part of the sale: what was let go, and what the deal did not use."""
    used = {use.redemption_id for use in _uses_of(basket)}
    unused = (LetGo(one.redemption_id, one.coupon_id) for one in basket.coupons if one.redemption_id not in used)
    return (*basket.released, *unused)


def released_of_abandoned(basket: Basket) -> tuple[LetGo, ...]:
    """Return every redemption that was asked for a basket that is given up."""
    return (*basket.released, *(LetGo(one.redemption_id, one.coupon_id) for one in basket.coupons))


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
