"""Coupons in and out of the basket, by touch, by scan and by what headquarters says; no use is counted twice.

Every use has its identity before anybody is asked: the basket is stored with it first, then the desk of members is told
(`TillState.questions`). Whatever was asked for and is not used is in the basket's `released`, and headquarters hears of
it with the sale or with the end of the basket; that it is told at once as well only frees the coupon sooner.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from app.catalogue.codes import CouponCode
from app.checkout.counter import Counter
from app.checkout.coupon_codes import offer_of_code
from app.checkout.coupon_ways import require_terms, way_of
from app.checkout.dealing import coupon_of, not_yet_in
from app.checkout.member_ports import AskCoupon, ReleaseCoupon, ReserveCoupon
from app.checkout.member_requests import KeepCoupon, UseCoupon
from app.checkout.state import CheckoutRefused, Displaced, TillState, require_editable
from app.checkout.views import Severity, Sound
from app.members.coupon_problems import CouponRefused
from app.members.coupons import LetGo, Proof
from app.members.ports import CouponOffer
from app.members.signed_codes import TooLong
from app.sales.basket import Basket
from app.sales.shopper import BasketCoupon, CouponHold
from app.values.wording import LocalizedText, wording

MOST_COUPONS: Final = 20
"""More than anybody hands over for one basket."""

MOST_USES_ASKED: Final = 100
"""How many uses one basket may ask for, those that were let go again among them."""

WAIT_FOR_CODE: Final = timedelta(seconds=10)
"""For so long payment waits until headquarters has said what a scanned coupon is."""


class DoesNotGoTogether(CouponRefused):
    """Raised when a coupon and one that is in the basket cannot be used in one sale."""

    code = "COUPON-NOT-TOGETHER"

    def __init__(self, coupon: LocalizedText, other: LocalizedText) -> None:
        """Say which two."""
        super().__init__(
            wording("{coupon} does not go together with {other}. Take that one out first.", coupon=coupon, other=other)
        )


def scan_coupon(counter: Counter, state: TillState, code: CouponCode) -> TillState:
    """Take a coupon whose code was scanned or typed; headquarters is asked what this till cannot tell by itself.

    Raises:
        CheckoutRefused: there is nothing in the basket yet, a tender was taken, or nobody can be asked.
        CouponRefused: it cannot be used here, now, by this member, or beside those in the basket.
        StoreProblem: the till's own sales cannot be read.
    """
    require_terms(counter)
    if state.basket is None:
        raise CheckoutRefused(wording("Scan the goods first, then the coupon. It was not used."))
    basket = require_editable(state)
    offer = offer_of_code(counter, state, code.code)
    if offer is not None:
        return put_in(counter, bringing(state, offer), offer)
    away = counter.members.away()
    if away is not None:
        raise CheckoutRefused(
            wording(
                "Headquarters must be asked about this coupon, and cannot be reached now. Sell without it. {why}",
                why=away,
            )
        )
    question = AskCoupon(basket.basket_id, code.code, state.member_id)
    asked = replace(state, asked_code=question, asked_code_at=counter.now()).asking(question)
    return asked.saying(Severity.INFO, wording("Headquarters is being asked about the coupon."))


def require_code_answered(counter: Counter, state: TillState) -> None:
    """Refuse to take payment while headquarters is being asked what a scanned coupon is; not for long.

    Raises:
        CheckoutRefused: wait a moment.
    """
    if state.asked_code is None or state.asked_code_at is None:
        return
    if timedelta() <= counter.now() - state.asked_code_at < WAIT_FOR_CODE:
        raise CheckoutRefused(wording("Headquarters is being asked about a coupon. Wait a moment."))


def use_coupon(counter: Counter, state: TillState, request: UseCoupon) -> TillState:
    """Put one of the member's coupons into the basket, instead of those with which it does not go together.

    Raises:
        CheckoutRefused: there is no basket, a tender was taken, or the coupon is not there.
        CouponRefused: it cannot be used here or now; those in the basket stay.
    """
    basket = require_editable(state)
    offer = next((one for one in known_offers(state) if one.coupon_id == request.coupon_id), None)
    if offer is None:
        raise CheckoutRefused(wording("This coupon is not there any more. Scan it, or name the member again."))
    leaving = () if _is_inside(basket, offer) else not_beside(basket, offer)
    used = put_in(counter, _without_all(state, leaving), offer)
    if not leaving:
        return used
    used = _displacing(state, used, leaving)
    if len(leaving) == 1:
        instead = wording("{coupon} is used instead of {other}.", coupon=offer.form.name, other=leaving[0].name)
    else:
        instead = wording("{coupon} is used instead of the {count} before.", coupon=offer.form.name, count=len(leaving))
    return used.saying(Severity.INFO, instead, used.sound)


def _is_inside(basket: Basket, offer: CouponOffer) -> bool:
    return any(inside.coupon_id == offer.coupon_id for inside in basket.coupons)


def not_beside(basket: Basket, offer: CouponOffer) -> tuple[BasketCoupon, ...]:
    """Return the coupons in a basket with which one does not go together."""
    return tuple(one for one in basket.coupons if not (one.stackable and offer.form.stackable))


def _without_all(state: TillState, coupons: Iterable[BasketCoupon]) -> TillState:
    for coupon in coupons:
        state = take_out(state, require_editable(state), coupon)
    return state


def _displacing(before: TillState, after: TillState, leaving: Iterable[BasketCoupon]) -> TillState:
    """Return the state that knows what comes back where headquarters refuses what has just come in."""
    old = {one.redemption_id for one in require_editable(before).coupons}
    asked = (one for one in require_editable(after).coupons if one.hold is CouponHold.ASKED)
    by = frozenset(one.redemption_id for one in asked if one.redemption_id not in old)
    gone = {one.coupon_id for one in leaving}
    offers = tuple(one for one in not_yet_in(require_editable(after), known_offers(before)) if one.coupon_id in gone)
    return replace(after, displaced=Displaced(by, offers) if by and offers else None)


def put_back(counter: Counter, state: TillState, refused: BasketCoupon) -> tuple[TillState, bool]:
    """Put back what a coupon had displaced that headquarters does not let be used; tells whether anything is back.

    Raises:
        StoreProblem: the till's own sales cannot be read.
    """
    displaced = state.displaced
    if displaced is None or refused.redemption_id not in displaced.by:
        return state, False
    missing = []
    for offer in displaced.offers:
        try:
            state = put_in(counter, state, offer)
        except (CheckoutRefused, CouponRefused):
            missing.append(offer)
    left = Displaced(displaced.by - {refused.redemption_id}, tuple(missing))
    is_back = len(missing) < len(displaced.offers)
    return replace(state, displaced=left if left.by and left.offers else None), is_back


def known_offers(state: TillState) -> tuple[CouponOffer, ...]:
    """Return the coupons that could be put in: the member's, and those whose codes were scanned."""
    return (*state.coupons_at_hand, *state.brought)


def keep_coupon(_counter: Counter, state: TillState, request: KeepCoupon) -> TillState:
    """Take a coupon out of the basket, or do not propose it again: the shopper keeps it.

    Raises:
        CheckoutRefused: there is no basket, a tender was taken, or the coupon is not there.
    """
    basket = require_editable(state)
    inside = next((one for one in basket.coupons if one.coupon_id == request.coupon_id), None)
    if inside is not None:
        state = replace(take_out(state, basket, inside), displaced=None)
    elif all(one.coupon_id != request.coupon_id for one in known_offers(state)):
        raise CheckoutRefused(wording("This coupon is not there any more."))
    state = declining(state, require_editable(state), request.coupon_id)
    return state.refusing(basket.basket_id, request.coupon_id, None)


def use_best(counter: Counter, state: TillState, _request: object) -> TillState:
    """Use the coupons by which the shopper saves most: the others leave the basket, those at hand come in.

    A coupon that turns out not to be good is not proposed again, and the basket stays as it was; what headquarters
    refuses later leaves it, and what it had displaced comes back.

    Raises:
        CheckoutRefused: there is no basket, a tender was taken, or nothing saves more than now.
    """
    basket = require_editable(state)
    best = state.fits.best
    if not state.fits.best_saving_minor:
        raise CheckoutRefused(wording("The shopper saves most as it is."))
    leaving = tuple(coupon for coupon in basket.coupons if coupon.coupon_id not in best)
    chosen = _without_all(state, leaving)
    for offer in not_yet_in(basket, known_offers(state)):
        if offer.coupon_id in best:
            try:
                chosen = put_in(counter, chosen, offer)
            except CouponRefused as problem:
                said = wording("{coupon}: {why}", coupon=offer.form.name, why=problem.sentence)
                kept = declining(state, basket, offer.coupon_id)
                kept = kept.refusing(basket.basket_id, offer.coupon_id, problem.sentence)
                return kept.saying(Severity.BAD, said, Sound.ATTENTION, problem.code)
    return replace(_displacing(state, chosen, leaving) if leaving else chosen, sound=Sound.GOOD_READ)


def put_in(counter: Counter, state: TillState, offer: CouponOffer) -> TillState:
    """Put a coupon into the basket: at once, or waiting for headquarters' word.

    Raises:
        CheckoutRefused: there is no basket, a tender was taken, or it has had too many coupons.
        CouponRefused: it cannot be used here, now, or beside those in the basket.
    """
    basket = require_editable(state)
    if _is_inside(basket, offer):
        raise CouponRefused(wording("{coupon} is in the basket already.", coupon=offer.form.name))
    if len(basket.coupons) >= MOST_COUPONS or len(basket.coupons) + len(basket.released) >= MOST_USES_ASKED:
        raise CheckoutRefused(wording("This basket has had as many coupons as it may. Take payment."))
    way = way_of(counter, state, offer)
    text = _signed_text(offer) if way.proof is not Proof.LEASED else ""
    coupon = replace(coupon_of(offer, counter.identities.new(), way.hold), proof=way.proof, signed_text=text)
    apart = not_beside(basket, offer)
    if apart:
        raise DoesNotGoTogether(coupon.name, apart[0].name)
    declined = tuple(known for known in basket.declined if known != offer.coupon_id)
    state = replace(
        state,
        basket=replace(basket, coupons=(*basket.coupons, coupon), declined=declined),
        sound=Sound.GOOD_READ,
    ).refusing(basket.basket_id, offer.coupon_id, None)
    if way.hold is not CouponHold.ASKED:
        return state
    question = ReserveCoupon(basket.basket_id, coupon.redemption_id, coupon.coupon_id, state.member_id)
    return state.asking(question)


def _signed_text(offer: CouponOffer) -> str:
    """Return the signed code of a coupon; empty where it has none, or one that is longer than a code may be."""
    try:
        return offer.signed.text() if offer.signed is not None else ""
    except TooLong:
        return ""


def without(basket: Basket, coupon: BasketCoupon) -> Basket:
    """Return a basket without one of its coupons; what was asked for it is let go."""
    return replace(
        basket,
        coupons=tuple(one for one in basket.coupons if one.redemption_id != coupon.redemption_id),
        released=(*basket.released, LetGo(coupon.redemption_id, coupon.coupon_id)),
    )


def take_out(state: TillState, basket: Basket, coupon: BasketCoupon) -> TillState:
    """Return the state with a coupon out of the basket that is rung up."""
    return letting_go(replace(state, basket=without(basket, coupon)), coupon)


def letting_go(state: TillState, coupon: BasketCoupon) -> TillState:
    """Have headquarters told that a use will not be made; of a piece of this till's own share it knows nothing."""
    if coupon.proof is Proof.LEASED:
        return state
    return state.asking(ReleaseCoupon(coupon.redemption_id, coupon.coupon_id))


def without_coupons(state: TillState) -> TillState:
    """Return the state without any coupon in the basket that is rung up: they go with the member."""
    for coupon in state.basket.coupons if state.basket is not None else ():
        if state.basket is not None:
            state = take_out(state, state.basket, coupon)
    if state.basket is not None and state.basket.declined:
        state = replace(state, basket=replace(state.basket, declined=()))
    return replace(state, coupons_at_hand=(), brought=(), asked_code=None, asked_code_at=None, displaced=None)


def declining(state: TillState, basket: Basket, coupon_id: str) -> TillState:
    """Return the state with a coupon that is not proposed again for its basket."""
    if coupon_id in basket.declined:
        return state
    return replace(state, basket=replace(basket, declined=(*basket.declined, coupon_id)))


def bringing(state: TillState, offer: CouponOffer) -> TillState:
    """Return the state with a coupon that was brought on paper or on a screen."""
    return replace(state, brought=(*(one for one in state.brought if one.coupon_id != offer.coupon_id), offer))
