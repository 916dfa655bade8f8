"""Deal: after every change of a basket its promotions are worked out again, until the first tender is taken.

Greedy at each scan, improved before payment and where coupons are in (design decision 16). What stands in the basket
is what is shown and what is charged: from the first tender, or from a payment that was begun, it does not change.
"""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from app.checkout.counter import Counter
from app.checkout.coupon_ways import hindrance, way_of
from app.checkout.state import TillState
from app.checkout.views import Phase
from app.members.coupon_problems import CouponRefused
from app.members.ports import CouponOffer
from app.promotions.solving import Effort
from app.sales.basket import Basket
from app.sales.coupon_fits import NO_FITS, fits_of
from app.sales.dealing import work_out
from app.sales.shopper import BasketCoupon, CouponHold
from app.values.wording import Wording

MOST_FITTED: Final = 12
"""So many of a member's coupons are tried in the basket at every scan, those that end soonest."""


def refreshed(counter: Counter, before: TillState, after: TillState) -> TillState:
    """Return the state with the deal of its basket."""
    basket = after.basket
    if basket is None:
        return after
    if before.basket is not None and before.basket.basket_id != basket.basket_id:
        after = replace(after, worked_out=None)
    if is_fixed(after) or not _changed(counter, before, after, basket):
        return after
    # What the tender pane shows is what is charged, and who asks why wants the best answer. A coupon that somebody
    # brought is not said to be idle where another offer would make room for it. A basket that comes back with the till
    # costs what it cost.
    came_back = before.basket is None and basket.deal is not None and basket.deal.effort != Effort.GREEDY.value
    hard = after.phase is Phase.PAYING or after.deal_shown or came_back or bool(basket.coupons)
    return _worked_out(counter, after, basket, Effort.IMPROVED if hard else Effort.GREEDY)


def reworked(counter: Counter, basket: Basket) -> Basket:
    """Return a basket that was put aside with its deal worked out anew; one that is being paid stays as it is."""
    if basket.deal is None or basket.tenders:
        return basket
    return replace(basket, deal=work_out(basket, counter.offers, Effort.IMPROVED, explained=False).deal)


def before_payment(counter: Counter, state: TillState) -> TillState:
    """Return the state with the best deal that can be found in bounded steps, as it will be charged."""
    basket = state.basket
    if basket is None or is_fixed(state):
        return state
    if state.worked_out is not None and basket.deal is not None and basket.deal.effort != Effort.GREEDY.value:
        return state
    return _worked_out(counter, state, basket, Effort.IMPROVED)


def is_fixed(state: TillState) -> bool:
    """Tell whether the basket's deal does not change any more."""
    return state.basket is not None and (bool(state.basket.tenders) or state.open_payment is not None)


def forgotten(state: TillState) -> TillState:
    """Return the state without anything that belonged to a basket and its shopper; what was refused stays by basket."""
    open_baskets = {basket.basket_id for basket in (state.basket, *state.suspended) if basket is not None}
    refusals = {known: why for known, why in state.refusals.items() if known[0] in open_baskets}
    return replace(
        state,
        refusals=MappingProxyType(refusals),
        displaced=None,
        worked_out=None,
        coupons_at_hand=(),
        fits=NO_FITS,
        hindered=MappingProxyType({}),
        asked_member=None,
        enrol_key=None,
        member_shown=False,
        deal_shown=False,
        facts=None,
        next_member=None,
        named_at=None,
        brought=(),
        asked_code=None,
        asked_code_at=None,
    )


def _changed(counter: Counter, before: TillState, after: TillState, basket: Basket) -> bool:
    old = before.basket
    if after.worked_out is None or old is None or basket.deal is None:
        return True
    return (
        old.lines is not basket.lines
        or old.member is not basket.member
        or old.coupons is not basket.coupons
        or old.declined is not basket.declined
        or before.coupons_at_hand is not after.coupons_at_hand
        or before.brought is not after.brought
        or (after.deal_shown and not before.deal_shown)
        or after.worked_out.book_version != counter.offers.rules.version
    )


def _worked_out(counter: Counter, state: TillState, basket: Basket, effort: Effort) -> TillState:
    offered = (*state.coupons_at_hand, *state.brought)
    if not counter.offers.rules.offers and not basket.coupons and not offered:
        # A shop without promotions: its baskets and sales say nothing of any.
        plain = basket if basket.deal is None else replace(basket, deal=None)
        return replace(state, basket=plain, worked_out=None, fits=NO_FITS)
    found = work_out(basket, counter.offers, effort)
    # The same deal stays the same object, so that a basket that did not change is not stored again.
    dealt = basket if found.deal == basket.deal else replace(basket, deal=found.deal)
    waiting = not_yet_in(dealt, offered)
    hindered = {one.coupon_id: why for one in waiting if (why := _hindered(counter, state, one)) is not None}
    at_hand = tuple(_trial(offer) for offer in waiting if offer.coupon_id not in hindered)[:MOST_FITTED]
    fits = fits_of(dealt, at_hand, counter.offers) if at_hand else NO_FITS
    return replace(state, basket=dealt, worked_out=found, fits=fits, hindered=MappingProxyType(hindered))


def _hindered(counter: Counter, state: TillState, offer: CouponOffer) -> Wording | None:
    """Return why a coupon cannot be put in now; while headquarters is away its uses at this till count as well."""
    if counter.members.away() is None:
        return hindrance(counter, offer)
    try:
        way_of(counter, state, offer)
    except CouponRefused as problem:
        return problem.sentence
    return None


def not_yet_in(basket: Basket, offers: tuple[CouponOffer, ...]) -> tuple[CouponOffer, ...]:
    """Return the coupons at hand that are not in the basket, those that end soonest first, each once."""
    inside = {coupon.coupon_id for coupon in basket.coupons}
    others = {one.coupon_id: one for one in reversed(offers) if one.coupon_id not in inside}
    return tuple(sorted(others.values(), key=lambda one: (one.form.valid_until, one.coupon_id)))


def _trial(offer: CouponOffer) -> BasketCoupon:
    return coupon_of(offer, offer.coupon_id, CouponHold.HERE)


def coupon_of(offer: CouponOffer, redemption_id: str, hold: CouponHold) -> BasketCoupon:
    """Return a coupon as a basket holds it."""
    form = offer.form
    return BasketCoupon(
        redemption_id=redemption_id,
        coupon_id=offer.coupon_id,
        form_id=form.form_id,
        name=form.name,
        benefit=form.benefit,
        proof=offer.proof,
        hold=hold,
        on_return=form.on_return,
        promotion_id=form.promotion_id,
        campaign_id=form.campaign_id,
        arm=form.arm,
        lease_id=offer.lease_id,
        stackable=form.stackable,
    )
