"""From a basket to its best deal: which lines offers may touch, for whom, with which coupons, and at which instant.

The rules, written down:

1. The instant of a basket is when it was opened: offers that begin or end while it is rung up do not change under the
   shopper's eyes, as the tier does not (`app.members.tiers`).
2. Deposits, goods that take no discounts, and goods whose price a person changed or keyed take part in no offer and
   count for none.
3. A blocked member, or none, is a passer-by: no member offers; coupons that anybody may use still count.
4. A coupon sets off the shop's promotions of its key. Where it names none, its own benefit becomes an offer beside the
   shop's (`app.sales.coupon_offers`), and its terms are part of the rules' version.
5. A coupon that the deal does not use takes nothing off and stays unused: it is let go when the sale is completed.
"""

from dataclasses import dataclass

from app.promotions.baskets import HeldCoupon, OfferBasket, OfferLine, Shopper
from app.promotions.deal import Deal, best_deal
from app.promotions.solving import Effort
from app.sales.basket import Basket, BasketLine
from app.sales.coupon_offers import OfferBook
from app.sales.sale import PriceSource
from app.sales.shopper import BasketDeal, BasketMember, BasketOffer

_BY_HAND = (PriceSource.OVERRIDE, PriceSource.OPEN)


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """A deal with its explanation."""

    deal: BasketDeal
    """As the basket keeps it."""

    explained: Deal
    """With what almost applies, and what does not and why."""

    book_version: str
    """The shop's rules, without the coupons' own benefits."""


def work_out(basket: Basket, book: OfferBook, effort: Effort, *, explained: bool = True) -> WorkedOut:
    """Work out the best deal of a basket; the same basket under the same rules gets the same."""
    rules = book.rules_for(basket.coupons)
    found = best_deal(offer_basket_of(basket, book), rules, effort, explained=explained)
    given = {one.offer_id for one in found.given}
    on_basket = {offer.id for offer in rules.offers if offer.id in given and offer.is_basket_offer}
    offers = tuple(
        BasketOffer(
            one.offer_id,
            one.name,
            one.times,
            one.saving_minor,
            tuple(dict.fromkeys(one.coupon_ids)),
            one.offer_id in on_basket,
        )
        for one in found.given
    )
    shares = tuple(
        (line.line.line_id, share.offer_id, share.amount_minor) for line in found.lines for share in line.shares
    )
    return WorkedOut(BasketDeal(found.rules_version, effort.value, offers, shares), found, book.rules.version)


def offer_basket_of(basket: Basket, book: OfferBook) -> OfferBasket:
    """Return a basket as the solver sees it; its coupons are named by their redemption's id."""
    lines = basket.live_lines
    return OfferBasket(
        lines=tuple(_offer_line(line, book.tags_of(line, basket.coupons)) for line in lines),
        at=basket.opened_at,
        shopper=_shopper(basket, book.held(basket.coupons, lines), leap_day_after=book.leap_day_after),
    )


def _shopper(basket: Basket, coupons: tuple[HeldCoupon, ...], *, leap_day_after: bool) -> Shopper:
    member = basket.member
    if member is None or member.blocked:
        return Shopper(coupons=coupons)
    return Shopper(
        member=True,
        tier=member.tier_id,
        birthday=member.birthday,
        first_purchase=member.first_purchase,
        staff=_is_staff(member),
        coupons=coupons,
        used_before=member.used_offers,
        leap_day_after=leap_day_after,
    )


STAFF_TIER = "staff"
"""Members on this tier are the shop's own staff, and get its staff offers."""


def _is_staff(member: BasketMember) -> bool:
    return member.tier_id == STAFF_TIER


def _offer_line(line: BasketLine, tags: tuple[str, ...]) -> OfferLine:
    return OfferLine(
        line_id=line.line_id,
        product_id=line.product_id,
        department_id=line.department_id,
        unit=line.unit,
        quantity_thousandths=line.quantity_thousandths,
        unit_price_minor=line.unit_price_minor,
        name=line.name,
        tags=tags,
        label_amount_minor=line.label_amount_minor,
        discountable=line.discountable and line.deposit_of is None and line.price_source not in _BY_HAND,
        expiry=line.expiry,
    )
