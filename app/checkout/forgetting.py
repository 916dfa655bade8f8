"""Forgetting: who headquarters does not know any more leaves the till's baskets, its memory and its store.

| what headquarters says, or does not say       | the basket without a tender    | the basket with one, or a payment  |
|-----------------------------------------------|--------------------------------|------------------------------------|
| the member is erased                          | nobody's; the coupons leave it | keeps the reference, without names |
| nobody has the number, which may have changed | keeps the reference alone      | keeps the reference, without names |
| nothing: there is no local copy any more      | keeps the reference alone      | keeps the reference, without names |

The basket in which such a number was asked for becomes nobody's (`member_news`).
"""

from collections.abc import Iterable
from dataclasses import replace

from app.checkout.counter import Counter
from app.checkout.couponing import letting_go, without
from app.checkout.dealing import is_fixed, reworked
from app.checkout.member_requests import MembersErased
from app.checkout.membership import dropping
from app.checkout.state import TillState
from app.checkout.views import Severity, Sound
from app.sales.basket import Basket
from app.values.wording import wording


def hear_erased(counter: Counter, state: TillState, news: MembersErased) -> TillState:
    """Forget members for good; heard again it does nothing more.

    Raises:
        StoreProblem: somebody is not forgotten yet; it is to be heard again.
    """
    gone = frozenset(news.member_ids)
    for member_id in sorted(gone):
        counter.store.forget_member(member_id)
    state = replace(state, erased=state.erased | gone)
    if state.member is not None and state.member.member_id in gone:
        if is_fixed(state):
            state = nameless(state)
        else:
            sentence = wording("The member is no member any more. The sale is for nobody known.")
            state = dropping(state).saying(Severity.WARNING, sentence, Sound.ATTENTION, "MEMBER-NOT-KNOWN")
    for aside in state.suspended:
        if aside.member is not None and aside.member.member_id in gone:
            state = _aside(counter, *_without_member(counter, state, aside))
    return state


def forgetting(counter: Counter, state: TillState, member_ids: Iterable[str]) -> TillState:
    """Forget who members are; baskets keep the reference alone.

    Raises:
        StoreProblem: somebody is not forgotten yet.
    """
    gone = frozenset(member_ids)
    for member_id in sorted(gone):
        counter.store.forget_member(member_id)
    if state.member is not None and state.member.member_id in gone:
        state = nameless(state)
    for aside in state.suspended:
        if aside.member is not None and aside.member.member_id in gone:
            state = _aside(counter, state, _nameless(aside))
    return state


def nameless(state: TillState) -> TillState:
    """Return the state with the reference alone of its member: no name, and nothing else that is known of them."""
    state = replace(state, facts=None, coupons_at_hand=())
    if state.basket is not None:
        return replace(state, basket=_nameless(state.basket))
    return replace(state, next_member=None, named_at=None)


def only_who_is_known(counter: Counter, state: TillState) -> TillState:
    """Return the state of a basket that comes back: no basket names anybody of whom there is no local copy any more.

    Raises:
        StoreProblem: a copy cannot be read, or a basket that lies aside not be stored.
    """
    if state.basket is not None and not _is_known(counter, state.basket):
        state = replace(state, basket=_nameless(state.basket))
    for aside in state.suspended:
        if not _is_known(counter, aside):
            state = _aside(counter, state, _nameless(aside))
    return state


def _is_known(counter: Counter, basket: Basket) -> bool:
    member = basket.member
    if member is None or not (member.label or member.birthday):
        return True
    return counter.store.member_copy_of(member.member_id) is not None


def _nameless(basket: Basket) -> Basket:
    return basket if basket.member is None else replace(basket, member=basket.member.without_names())


def _without_member(counter: Counter, state: TillState, basket: Basket) -> tuple[TillState, Basket]:
    if basket.tenders or basket.basket_id in state.payments:
        return state, _nameless(basket)
    for coupon in basket.coupons:
        state, basket = letting_go(state, coupon), without(basket, coupon)
    return state, reworked(counter, replace(basket, member=None, declined=()))


def _aside(counter: Counter, state: TillState, basket: Basket) -> TillState:
    counter.store.save_basket(basket)
    return replace(
        state, suspended=tuple(basket if one.basket_id == basket.basket_id else one for one in state.suspended)
    )
