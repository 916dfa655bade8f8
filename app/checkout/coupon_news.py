"""Coupon news: what headquarters says of a coupon that it was asked about, and what becomes of it in its basket."""

from dataclasses import replace

from app.checkout.counter import Counter
from app.checkout.coupon_checks import signature_of
from app.checkout.coupon_ways import by_signature
from app.checkout.couponing import bringing, letting_go, put_back, put_in, without
from app.checkout.dealing import is_fixed, reworked
from app.checkout.member_requests import CouponAnswered, ReserveAnswered
from app.checkout.state import CheckoutRefused, TillState
from app.checkout.views import Severity, Sound
from app.members.coupon_problems import CouponRefused
from app.members.coupons import Proof
from app.members.ports import CouponReach, CouponsFound, Reach
from app.sales.basket import Basket
from app.sales.shopper import BasketCoupon, CouponHold
from app.values.wording import Wording, wording

_NO_ANSWER = wording("Headquarters did not answer, and the coupon cannot be taken without. The shopper keeps it.")


def hear_coupon(counter: Counter, state: TillState, news: CouponAnswered) -> TillState:
    """Take what a scanned code is; an answer for a basket that is gone, or heard before, changes nothing.

    Raises:
        StoreProblem: the till's own sales cannot be read; it is to be heard again.
    """
    if state.asked_code != news.question:
        return state
    state = replace(state, asked_code=None, asked_code_at=None)
    if state.basket is None or state.basket.basket_id != news.question.basket_id:
        return state
    answer = news.answer
    refused = _why_not_taken(state, answer)
    if refused is not None:
        return _refused(state, refused)
    offer = answer.offers[0]
    try:
        return put_in(counter, bringing(state, offer), offer)
    except (CheckoutRefused, CouponRefused) as problem:
        return _refused(state, problem.sentence, problem.code)


def _why_not_taken(state: TillState, answer: CouponsFound) -> Wording | None:
    if answer.reach is Reach.AWAY:
        return wording("Headquarters did not answer. The coupon was not used; scan it again.")
    if answer.reach is not Reach.ANSWERED or not answer.offers:
        return answer.refusal or wording("Headquarters does not know this coupon. Sell without it.")
    if is_fixed(state):
        return wording("Payment has begun. The coupon was not used; the shopper keeps it.")
    return None


def hear_reserve(counter: Counter, state: TillState, news: ReserveAnswered) -> TillState:
    """Take whether a use is set aside; without an answer its signature counts, and what has none leaves the basket.

    Raises:
        StoreProblem: the basket could not be stored, or the till's own sales not read; it is to be heard again.
    """
    question, answer = news.question, news.answer
    here = state.basket
    basket = next(
        (known for known in (here, *state.suspended) if known is not None and known.basket_id == question.basket_id),
        None,
    )
    if basket is None or (basket is here and is_fixed(state)):
        return state
    asked = (one for one in basket.coupons if one.redemption_id == question.redemption_id)
    coupon = next((one for one in asked if one.hold is CouponHold.ASKED), None)
    if coupon is None:
        return state
    if answer.reach is CouponReach.DONE:
        return _with_coupon(counter, state, basket, replace(coupon, hold=CouponHold.RESERVED, signed_text=""))
    if answer.reach is CouponReach.REFUSED:
        refusal = answer.refusal or wording("Headquarters does not let it be used.")
        return _refused_out(counter, state, basket, coupon, refusal)
    return _unanswered(counter, state, basket, coupon)


def _unanswered(counter: Counter, state: TillState, basket: Basket, coupon: BasketCoupon) -> TillState:
    signed = signature_of(state, coupon)
    if signed is None:
        return _out(counter, state, basket, coupon, _NO_ANSWER)
    member = basket.member
    member_id = "" if member is None or member.blocked else member.member_id
    try:
        by_signature(counter, state, signed, member_id, asked=coupon)
    except CouponRefused as problem:
        return _refused_out(counter, state, basket, coupon, problem.sentence)
    return _with_coupon(counter, state, basket, replace(coupon, hold=CouponHold.HERE, proof=Proof.SIGNED))


def _refused_out(counter: Counter, state: TillState, basket: Basket, coupon: BasketCoupon, why: Wording) -> TillState:
    """Let a coupon go that is refused: it is not proposed again for this basket, and the screen says why."""
    kept = replace(basket, declined=(*basket.declined, coupon.coupon_id))
    return _out(counter, state.refusing(basket.basket_id, coupon.coupon_id, why), kept, coupon, why)


def _out(counter: Counter, state: TillState, basket: Basket, coupon: BasketCoupon, why: Wording) -> TillState:
    """Let a coupon go that cannot be used, and put back what it displaced; of a basket aside the price follows."""
    state = _with_basket(counter, letting_go(state, coupon), without(basket, coupon))
    state, is_back = put_back(counter, state, coupon)
    if is_back:
        sentence = wording(
            "{coupon} was taken out: {why} What it replaced is in the basket again.", coupon=coupon.name, why=why
        )
    else:
        sentence = wording("{coupon} was taken out: {why}", coupon=coupon.name, why=why)
    return state.saying(Severity.WARNING, sentence, Sound.ATTENTION, "COUPON-OUT")


def _with_coupon(counter: Counter, state: TillState, basket: Basket, coupon: BasketCoupon) -> TillState:
    coupons = tuple(coupon if one.redemption_id == coupon.redemption_id else one for one in basket.coupons)
    return _with_basket(counter, state, replace(basket, coupons=coupons))


def _with_basket(counter: Counter, state: TillState, basket: Basket) -> TillState:
    if state.basket is not None and state.basket.basket_id == basket.basket_id:
        return replace(state, basket=basket)
    aside = reworked(counter, basket)
    counter.store.save_basket(aside)
    return replace(
        state, suspended=tuple(aside if one.basket_id == aside.basket_id else one for one in state.suspended)
    )


def _refused(state: TillState, sentence: Wording, code: str = "COUPON-OUT") -> TillState:
    return state.saying(Severity.WARNING, sentence, Sound.ATTENTION, code)
