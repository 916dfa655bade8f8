"""Membership: who the basket is for. The local copy answers at once, headquarters is asked as well where it can be.

A member is named at any moment until the first tender is taken, also in the tender pane. One who is named before the
first item waits for it in the till's memory, for ten minutes at most: nothing is stored for a shopper who buys nothing,
and a till that is started again does not give the next shopper's points to somebody who has gone.

Another member in place of the first takes the first one's coupons out, all that are in the basket: they were asked for
under that member's name. What anybody may use is scanned again.

A member whom headquarters has blocked is greeted as any shopper, and has no figures, coupons or offers.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from app.catalogue.codes import MemberCode
from app.checkout.counter import Counter
from app.checkout.coupon_checks import checked_again
from app.checkout.coupon_ways import require_terms
from app.checkout.couponing import without_coupons
from app.checkout.dealing import forgotten, is_fixed
from app.checkout.member_figures import basket_member
from app.checkout.member_ports import FindMember, MemberCopy, MemberTerms, ReserveCoupon
from app.checkout.member_requests import NameMember
from app.checkout.state import CheckoutRefused, TillState, require_basket, require_editable
from app.checkout.views import Phase, Severity, Sound
from app.members.identity import FoundBy, Member, MemberKey, Standing, key_of_code, key_of_typed
from app.members.member_pass import read_member_pass
from app.members.ports import CouponOffer, MemberFacts
from app.sales.basket import Basket
from app.sales.shopper import BasketMember, CouponHold
from app.values.wording import Wording, wording

WAITS_FOR_ITEM: Final = timedelta(minutes=10)
"""For so long a member who was named before the first item is the one of the next basket."""


def name_member(counter: Counter, state: TillState, request: NameMember) -> TillState:
    """Name the member with a typed telephone number.

    Raises:
        BadPhoneNumber: it is none.
        CheckoutRefused: a tender was taken, or the till does not know the member and headquarters cannot be asked.
        StoreProblem: the local copy cannot be read.
    """
    require_terms(counter)
    return _look_for(counter, state, key_of_typed(request.text))


def scan_member(counter: Counter, state: TillState, code: MemberCode) -> TillState:
    """Name the member whose card or telephone was scanned.

    Raises:
        BadMemberCode: PassOver: CouponRefused: the code is not good, see `read_member_pass`.
        CheckoutRefused: as `name_member`.
        StoreProblem: the local copy cannot be read.
    """
    require_terms(counter)
    return _look_for(counter, state, key_of_code(code))


def _look_for(counter: Counter, state: TillState, key: MemberKey) -> TillState:
    if state.basket is not None:
        require_editable(state)
    copy = _copy_by(counter, require_terms(counter), key)
    away = counter.members.away()
    state = replace(state, enrol_key=None)
    if copy is not None:
        state = named(counter, state, copy.facts, copy.coupons)
    elif away is not None:
        raise CheckoutRefused(
            wording(
                "This till does not know {member}, and headquarters cannot be reached now. Sell without. {why}",
                member=key.masked,
                why=away,
            )
        )
    if away is not None:
        return replace(state, asked_member=None)
    state = _begun(state)
    basket_id = state.basket.basket_id if state.basket is not None else ""
    return replace(state, asked_member=key).asking(FindMember(basket_id, key))


def _begun(state: TillState) -> TillState:
    """Return the state as the next shopper's: what was shown of the sale before is over, as with a first scan."""
    return state if state.basket is not None else replace(state, phase=Phase.SELLING, completed=None)


def _copy_by(counter: Counter, terms: MemberTerms, key: MemberKey) -> MemberCopy | None:
    if key.found_by is FoundBy.QR:
        member_id = read_member_pass(key, terms.issuer_keys, terms.merchant_id, counter.now())
        copy = counter.store.member_copy_of(member_id)
    else:
        copy = counter.store.member_copy(key)
    return copy if copy is not None and copy.facts.member.standing is not Standing.ERASED else None


def named(
    counter: Counter, state: TillState, facts: MemberFacts, coupons: tuple[CouponOffer, ...], *, softly: bool = False
) -> TillState:
    """Return the state with the basket, or the one to come, for a member; the same member's figures become these.

    Args:
        counter: the counter.
        state: of a basket whose deal may still change, or of none.
        facts: what is known of the member.
        coupons: that they can use.
        softly: whether it is news of the desk, that says nothing over a warning on screen.

    Raises:
        StoreProblem: the till's own sales cannot be read.
    """
    before, opened_at = state.member, counter.now() if state.basket is None else state.basket.opened_at
    figures = basket_member(counter, require_terms(counter), facts, opened_at)
    same = before is not None and before.member_id == figures.member_id
    had_coupons = state.basket is not None and bool(state.basket.coupons)
    if before is not None and (not same or (figures.blocked and not before.blocked)):
        state = without_coupons(state)
    coupons = () if figures.blocked else coupons
    state = replace(
        _begun(state),
        facts=facts,
        enrol_key=None,
        coupons_at_hand=state.coupons_at_hand if coupons == state.coupons_at_hand else coupons,
    )
    if state.basket is None:
        state = replace(state, next_member=figures, named_at=counter.now())
    elif state.basket.member != figures:
        state = replace(state, basket=replace(state.basket, member=figures))
    if same:
        return state
    state = _greeted(state, before, figures, softly=softly)
    if before is None or not had_coupons:
        return state
    gone = wording(
        "The sale is for {member} now. The coupons of {before} are out; scan what anybody may use again.",
        member=figures.label,
        before=before.label,
    )
    return state.saying(Severity.WARNING, gone, Sound.ATTENTION)


def _greeted(state: TillState, before: BasketMember | None, member: BasketMember, *, softly: bool) -> TillState:
    if softly and state.notice is not None and state.notice.severity in {Severity.BAD, Severity.WARNING}:
        return state
    if before is not None:
        instead = wording(
            "The sale is for {member} now, no longer for {before}.", member=member.label, before=before.label
        )
        return state.saying(Severity.WARNING, instead, Sound.ATTENTION)
    if member.blocked:
        return state.saying(Severity.INFO, wording("Serve this member as any shopper."), Sound.GOOD_READ)
    greeting = wording("Welcome, {member}. {tier}", member=member.label, tier=member.tier_name)
    return state.saying(Severity.GOOD, greeting, Sound.GOOD_READ)


def drop_member(_counter: Counter, state: TillState, _request: object) -> TillState:
    """Make the basket nobody's; the member's coupons leave it.

    Raises:
        CheckoutRefused: nobody is named, or a tender was taken.
    """
    if state.basket is not None:
        require_editable(state)
    if state.member is None and state.asked_member is None and state.enrol_key is None:
        raise CheckoutRefused(wording("No member is named."))
    dropped = dropping(state)
    return dropped if state.member is None else dropped.saying(Severity.INFO, wording("The sale is for nobody known."))


def dropping(state: TillState) -> TillState:
    """Return the state with nobody named."""
    if state.member is not None:
        state = without_coupons(state)
    if state.basket is not None and state.basket.member is not None:
        state = replace(state, basket=replace(state.basket, member=None))
    return replace(state, next_member=None, named_at=None, facts=None, asked_member=None, enrol_key=None)


def handed_over(counter: Counter, before: TillState, after: TillState) -> TillState:
    """Give a basket that begins the member who was named before it; one that ends takes everything of theirs along.

    Raises:
        StoreProblem: the till's own sales cannot be read.
    """
    if after.basket is None:
        return forgotten(after) if before.basket is not None else after
    basket, waiting, facts = after.basket, after.next_member, after.facts
    if waiting is None:
        return after
    late = after.named_at is None or not timedelta() <= counter.now() - after.named_at <= WAITS_FOR_ITEM
    after = replace(after, next_member=None, named_at=None)
    if basket.member is not None:
        return after
    if late or facts is None or is_fixed(after):
        after = replace(dropping(after), coupons_at_hand=())
        sentence = wording("{member} was named too long ago. Name the member again.", member=waiting.label)
        return after if after.notice is not None else after.saying(Severity.INFO, sentence, after.sound)
    figures = basket_member(counter, require_terms(counter), facts, basket.opened_at)
    return replace(after, basket=replace(basket, member=figures))


def take_up(counter: Counter, state: TillState) -> TillState:
    """Return the state of a basket that comes back, recalled or after a start, with its member.

    What the local copy says holds at once; headquarters is asked again, also about coupons that it had not answered.
    Where there is no copy any more the basket keeps the reference alone (`forgetting`), by which nobody can be asked
    for, until the member is named again. What the till took unasked is checked again.

    Raises:
        StoreProblem: the local copy, or the till's own sales, cannot be read.
    """
    basket = state.basket
    if basket is None or counter.members.terms is None:
        return state
    if basket.member is not None:
        state = _member_again(counter, replace(state, facts=None, coupons_at_hand=()), basket, basket.member)
    if is_fixed(state):
        return state
    state = checked_again(counter, state)
    for coupon in require_basket(state).coupons:
        if coupon.hold is CouponHold.ASKED:
            state = state.asking(
                ReserveCoupon(basket.basket_id, coupon.redemption_id, coupon.coupon_id, state.member_id)
            )
    return state


def _member_again(counter: Counter, state: TillState, basket: Basket, member: BasketMember) -> TillState:
    copy = counter.store.member_copy_of(member.member_id)
    if copy is None or copy.facts.member.standing is Standing.ERASED:
        if is_fixed(state) or state.notice is not None:
            return state
        return state.saying(
            Severity.INFO,
            wording("This till does not know the basket's member by name any more. Scan the member's code again."),
            Sound.ATTENTION,
        )
    if is_fixed(state):
        return replace(state, facts=copy.facts)
    state = named(counter, state, copy.facts, copy.coupons, softly=True)
    key = _key_of(copy.facts.member)
    if key is None or counter.members.away() is not None:
        return state
    return replace(state, asked_member=key).asking(FindMember(basket.basket_id, key))


def _key_of(member: Member) -> MemberKey | None:
    """Return by what headquarters finds a member whom it told of before."""
    if member.phone is not None:
        return MemberKey(FoundBy.PHONE, member.phone.e164)
    if member.gsrn is not None:
        return MemberKey(FoundBy.GSRN, member.gsrn)
    return MemberKey(FoundBy.CARD, member.cards[0]) if member.cards else None


def show_member(counter: Counter, state: TillState, _request: object) -> TillState:
    """Show the pane of the member.

    Raises:
        CheckoutRefused: the shop has no members.
    """
    require_terms(counter)
    return replace(state, member_shown=True)


def hide_member(_counter: Counter, state: TillState, _request: object) -> TillState:
    """Put the pane away, and with it the number that was nobody's."""
    return replace(state, member_shown=False, enrol_key=None)


def show_deal(_counter: Counter, state: TillState, _request: object) -> TillState:
    """Show why the basket costs what it costs.

    Raises:
        CheckoutRefused: there is no basket.
    """
    require_basket(state)
    return replace(state, deal_shown=True)


def hide_deal(_counter: Counter, state: TillState, _request: object) -> TillState:
    """Put the explanation away."""
    return replace(state, deal_shown=False)


def not_known(key: MemberKey) -> Wording:
    """Say that a number is nobody's."""
    return wording("{member} is no member's. Sell without, or enrol the shopper.", member=key.masked)
