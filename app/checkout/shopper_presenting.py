"""From the till's state to what a screen shows of the member, the coupons and the deal."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from app.checkout.counter import Counter
from app.checkout.coupon_ways import hindrance
from app.checkout.couponing import not_beside
from app.checkout.dealing import not_yet_in
from app.checkout.earning import earned_by
from app.checkout.member_ports import MemberTerms
from app.checkout.member_views import CouponStanding, CouponView, DealView, HintView, MemberView, ShopperView
from app.checkout.state import TillState
from app.members.birthdays import Birthday
from app.members.identity import FoundBy
from app.members.ports import CouponOffer
from app.promotions.almost import Hint
from app.sales.basket import Basket
from app.sales.pricing import PricedBasket, price_basket
from app.sales.shopper import BasketCoupon, BasketMember, CouponHold
from app.values.money import Money
from app.values.wording import LocalizedText, Wording, wording

MOST_ALMOST: Final = 3
MOST_NOT_GIVEN: Final = 30
MOST_EXPLAINED: Final = 100
MOST_TILES: Final = 30

_ASKED: Final = wording("Headquarters is being asked.")
_IDLE: Final = wording("It takes nothing off here, and stays unused.")
_NOTHING_FITS: Final = wording("Nothing in the basket goes with this coupon.")
_NO_GOODS: Final = wording("Scan the goods first.")


def shopper_view(counter: Counter, state: TillState, priced: PricedBasket | None) -> ShopperView:
    """Draw what is known of the shopper, and what they could still have."""
    terms, member, key = counter.members.terms, state.member, state.enrol_key
    almost = state.worked_out.explained.almost if state.worked_out is not None else ()
    return ShopperView(
        member=_member_view(counter, terms, state, member, priced) if terms is not None and member else None,
        looking=state.asked_member is not None,
        coupons=_coupon_views(counter, state)[:MOST_TILES],
        best_saving_minor=state.fits.best_saving_minor,
        almost=tuple(_hint(hint, state) for hint in sorted(almost, key=_nearness)[:MOST_ALMOST]),
        can_enrol=terms is not None,
        enrol_phone=key.value if key is not None and key.found_by is FoundBy.PHONE else "",
        notice=terms.notice.text if terms is not None else LocalizedText(""),
    )


def _nearness(hint: Hint) -> tuple[int, int, str]:
    """Order by what is missing: single pieces before amounts, of each the fewest first."""
    return (1, hint.missing_minor, hint.offer_id) if hint.missing_minor else (0, hint.missing_pieces, hint.offer_id)


def _member_view(
    counter: Counter, terms: MemberTerms, state: TillState, member: BasketMember, priced: PricedBasket | None
) -> MemberView:
    if member.blocked:
        return MemberView(member.masked_name, member.masked_phone, blocked=True)
    # The day by which the sale's points are worked out, so that what is shown is what is stored.
    facts, business_date = state.facts, counter.session_date()
    earned = None
    if state.basket is not None and priced is not None:
        earned = earned_by(counter, state.basket, priced, state.basket.tenders, business_date)
    has_birthday = member.birthday is not None and terms.earning.birthday.counts_on(
        Birthday(*member.birthday), business_date
    )
    above = terms.ladder.to_the_next(facts.bought_minor) if facts is not None else None
    return MemberView(
        masked_name=member.masked_name,
        masked_phone=member.masked_phone,
        tier_name=member.tier_name,
        points=member.points,
        points_owed=member.points_owed,
        points_worth_minor=terms.points_tender.worth(member.points) if terms.points_tender_id else 0,
        points_expiring=facts.points_expiring if facts is not None else (),
        value_minor=member.value_minor,
        earns=earned.points if earned is not None else 0,
        birthday=has_birthday,
        to_next_tier=(above[0].name, above[1]) if above is not None else None,
        as_of=member.as_of,
    )


def _coupon_views(counter: Counter, state: TillState) -> tuple[CouponView, ...]:
    """Draw the coupons in the basket in their order, then those at hand: what saves most, then what ends first."""
    offers = (*state.coupons_at_hand, *state.brought)
    if state.basket is None:
        return tuple(
            CouponView(
                one.coupon_id,
                one.form.name,
                CouponStanding.UNFIT,
                ends_on=_last_day(counter, one),
                reason=hindrance(counter, one) or _NO_GOODS,
            )
            for one in sorted(offers, key=lambda one: (one.form.valid_until, one.coupon_id))
        )
    inside = tuple(_inside_view(counter, state, state.basket, coupon) for coupon in state.basket.coupons)
    others = [_at_hand_view(counter, state, state.basket, offer) for offer in not_yet_in(state.basket, offers)]
    others.sort(key=lambda view: (view.standing is not CouponStanding.OFFERED, not view.best, -view.saving_minor))
    return (*inside, *others)


def _inside_view(counter: Counter, state: TillState, basket: Basket, coupon: BasketCoupon) -> CouponView:
    saving = basket.deal.coupon_costs().get(coupon.redemption_id, 0) if basket.deal is not None else 0
    known = next((one for one in (*state.coupons_at_hand, *state.brought) if one.coupon_id == coupon.coupon_id), None)
    standing, reason = CouponStanding.USED, None
    if coupon.hold is CouponHold.ASKED:
        standing, reason = CouponStanding.ASKED, _ASKED
    elif not saving:
        standing, reason = CouponStanding.IDLE, _why_idle(counter, state, basket, coupon) or _IDLE
    return CouponView(
        coupon.coupon_id,
        coupon.name,
        standing,
        saving,
        ends_on=_last_day(counter, known) if known is not None else None,
        reason=reason,
        best=coupon.coupon_id in state.fits.best,
    )


def _why_idle(counter: Counter, state: TillState, basket: Basket, coupon: BasketCoupon) -> Wording | None:
    """Return what the solver says of a coupon that it did not use, or of the promotions that it would set off."""
    if state.worked_out is None:
        return None
    own = {one.redemption_id: key for key, one in counter.offers.own_benefits(basket.coupons)}
    keys = {coupon.promotion_id or own.get(coupon.redemption_id, "")} - {""}
    ids = {offer.id for offer in counter.offers.rules_for(basket.coupons).offers if offer.who.coupon in keys}
    for hint in state.worked_out.explained.not_given:
        if hint.offer_id in ids or (not hint.offer_id and hint.name.default == coupon.redemption_id):
            return hint.reason
    return None


def _at_hand_view(counter: Counter, state: TillState, basket: Basket, offer: CouponOffer) -> CouponView:
    saving = state.fits.saving_of(offer.coupon_id)
    looked_at = any(fit.coupon_id == offer.coupon_id for fit in state.fits.each)
    reason = state.refusal_of(offer.coupon_id) or state.hindered.get(offer.coupon_id) or hindrance(counter, offer)
    standing = CouponStanding.OFFERED
    if reason is not None or (looked_at and not saving):
        standing, reason = CouponStanding.UNFIT, reason or _missing(counter, basket, offer) or _NOTHING_FITS
    elif offer.coupon_id in basket.declined:
        reason = wording("The shopper keeps it for another time.")
    else:
        reason = _instead_of(basket, offer)
    return CouponView(
        offer.coupon_id,
        offer.form.name,
        standing,
        saving,
        ends_on=_last_day(counter, offer),
        reason=reason,
        best=offer.coupon_id in state.fits.best,
    )


def _missing(counter: Counter, basket: Basket, offer: CouponOffer) -> Wording | None:
    """Return what is missing to the amount from which a coupon is good; None where that is not why it saves nothing."""
    goods = sum(line.total_minor for line in price_basket(basket).lines if line.line.discountable)
    missing = offer.form.benefit.least_minor - goods
    if missing <= 0 or offer.form.promotion_id:
        return None
    return wording("{gap} more is needed for it.", gap=str(Money(missing, counter.settings.currency)))


def _instead_of(basket: Basket, offer: CouponOffer) -> Wording | None:
    """Return which coupon would leave the basket for one; None where they go together."""
    leaving = not_beside(basket, offer)
    if not leaving:
        return None
    if len(leaving) == 1:
        return wording("Instead of {coupon}: the two do not go together.", coupon=leaving[0].name)
    return wording("Instead of the {count} in the basket: they do not go together.", count=len(leaving))


def _last_day(counter: Counter, offer: CouponOffer) -> date:
    return (offer.form.valid_until.astimezone(counter.settings.zone) - timedelta(microseconds=1)).date()


def reasons_of(state: TillState) -> Mapping[str, Wording]:
    """Return what each promotion gave, in words, by its id; empty after a restart within a payment."""
    if state.worked_out is None or state.basket is None or state.worked_out.deal != state.basket.deal:
        return {}
    return {given.offer_id: given.reason for given in state.worked_out.explained.given}


def deal_view(state: TillState) -> DealView | None:
    """Draw the whole explanation, where it was asked for and is known."""
    if not state.deal_shown or state.worked_out is None:
        return None
    explained = state.worked_out.explained
    return DealView(
        given=tuple(
            HintView(one.offer_id, one.name, one.reason, one.saving_minor) for one in explained.given[:MOST_EXPLAINED]
        ),
        almost=tuple(_hint(hint, state) for hint in sorted(explained.almost, key=_nearness)[:MOST_NOT_GIVEN]),
        not_given=tuple(_hint(hint, state) for hint in explained.not_given[:MOST_NOT_GIVEN]),
        proven=explained.proven,
    )


def _hint(hint: Hint, state: TillState) -> HintView:
    """Draw an offer with its sentence; a coupon that the solver names by its use gets its own name."""
    name = hint.name
    if not hint.offer_id and state.basket is not None:
        named = (one.name for one in state.basket.coupons if one.redemption_id == name.default)
        name = next(named, name)
    return HintView(hint.offer_id, name, hint.reason)
