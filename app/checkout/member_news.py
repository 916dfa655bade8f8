"""Member news: what headquarters says of a member; the same heard twice, or too late for its basket, does no harm."""

import logging
from dataclasses import replace

from app.checkout.counter import Counter
from app.checkout.coupon_news import hear_coupon, hear_reserve
from app.checkout.dealing import is_fixed
from app.checkout.forgetting import forgetting, hear_erased
from app.checkout.member_ports import (
    EnrolMember,
    FindMember,
    MemberCopy,
    MemberQuestion,
    ReserveCoupon,
)
from app.checkout.member_requests import (
    CouponAnswered,
    MemberAnswered,
    MemberNews,
    MembersErased,
    ReportMember,
)
from app.checkout.membership import dropping, named, not_known
from app.checkout.state import TillState
from app.checkout.views import Severity, Sound
from app.members.identity import FoundBy, Member, MemberKey, Standing
from app.members.member_pass import MemberPassTerms
from app.members.ports import MemberAnswer, MemberFacts, Reach
from app.members.signed_codes import read
from app.sales.shopper import CouponHold
from app.values.problems import Problem
from app.values.wording import Wording, wording

_log = logging.getLogger(__name__)


def hear(counter: Counter, state: TillState, request: ReportMember) -> TillState:
    """Take what the desk of members says.

    Raises:
        StoreProblem: the store cannot take what follows from it; it is to be heard again.
    """
    news = request.news
    if isinstance(news, MembersErased):
        return hear_erased(counter, state, news)
    if counter.members.terms is None:
        return state
    if isinstance(news, MemberAnswered):
        return _hear_member(counter, state, news)
    if isinstance(news, CouponAnswered):
        return hear_coupon(counter, state, news)
    return hear_reserve(counter, state, news)


def about(news: MemberNews) -> str:
    """Return what news is about: of one thing it is heard in its order."""
    if isinstance(news, MembersErased):
        return "erased"
    question = news.question
    if isinstance(question, ReserveCoupon):
        return f"coupon/{question.redemption_id}"
    return f"member/{question.basket_id}"


def is_wanted(state: TillState, question: MemberQuestion) -> bool:
    """Tell whether a question still has somebody waiting: not a use that left its basket before it was asked for."""
    if not isinstance(question, ReserveCoupon):
        return True
    baskets = (basket for basket in (state.basket, *state.suspended) if basket is not None)
    coupons = (one for basket in baskets for one in basket.coupons)
    return any(one.redemption_id == question.redemption_id and one.hold is CouponHold.ASKED for one in coupons)


def _hear_member(counter: Counter, state: TillState, news: MemberAnswered) -> TillState:
    """Take who a member is: the local copy follows whoever it is for and however far the sale has come.

    Raises:
        StoreProblem: the store cannot take it.
    """
    question, answer = news.question, _as_it_stands(state, news.answer)
    key, facts, old = key_of(question), answer.facts, state.member
    here = state.basket.basket_id if state.basket is not None else ""
    is_asked = state.asked_member == key and question.basket_id in {"", here}
    gone = _whom_to_forget(counter, state, question, answer)
    if gone:
        state = forgetting(counter, state, gone)
        if facts is not None:
            state = hear_erased(counter, state, MembersErased((facts.member.member_id,)))
    elif facts is not None:
        _keep_copy(counter, answer)
    if not is_asked:
        return state
    state = replace(state, asked_member=None)
    if is_fixed(state):
        return state
    if facts is not None and facts.member.standing is not Standing.ERASED:
        return _is_known(counter, state, question, answer, facts)
    if answer.reach is Reach.AWAY:
        return _away(state, question)
    if answer.reach is Reach.REFUSED and isinstance(question, FindMember):
        return _not_taken(state, question.key)
    return _is_nobody(state, question, key, was_named=old is not None and old.member_id in gone)


def _as_it_stands(state: TillState, answer: MemberAnswer) -> MemberAnswer:
    """Return an answer that may be older than the news that its member was erased."""
    facts = answer.facts
    if facts is None or facts.member.member_id not in state.erased:
        return answer
    return MemberAnswer(Reach.ANSWERED, MemberFacts(facts.member.forgotten()))


def _whom_to_forget(
    counter: Counter, state: TillState, question: FindMember | EnrolMember, answer: MemberAnswer
) -> frozenset[str]:
    """Return whose names must go: who was erased there, or is known here by a key that is nobody's there.

    Headquarters does not say whether the number is only another one now: nobody who asked to be forgotten is kept.
    """
    facts = answer.facts
    if facts is not None and facts.member.standing is not Standing.ERASED:
        return frozenset()
    gone = {facts.member.member_id} if facts is not None else set()
    if isinstance(question, FindMember) and answer.reach in {Reach.ANSWERED, Reach.NOT_FOUND}:
        old = state.facts
        if old is not None and _is_of(question.key, old.member):
            gone.add(old.member.member_id)
        copy = _copy_by(counter, question.key)
        if copy is not None:
            gone.add(copy.facts.member.member_id)
    return frozenset(gone)


def _copy_by(counter: Counter, key: MemberKey) -> MemberCopy | None:
    if key.found_by is FoundBy.QR:
        return counter.store.member_copy_of(read(MemberPassTerms, key.value).terms.member_id)
    return counter.store.member_copy(key)


def key_of(question: FindMember | EnrolMember) -> MemberKey | None:
    """Return who is asked about."""
    if isinstance(question, FindMember):
        return question.key
    phone = question.member.phone
    return MemberKey(FoundBy.PHONE, phone.e164) if phone is not None else None


def _is_known(
    counter: Counter, state: TillState, question: FindMember | EnrolMember, answer: MemberAnswer, facts: MemberFacts
) -> TillState:
    state = named(counter, state, facts, answer.coupons, softly=True)
    if isinstance(question, FindMember):
        return state
    if answer.reach is Reach.REFUSED:
        sentence = wording("This number is a member's already. The sale is for {member}.", member=_label(facts))
        return state.saying(Severity.INFO, sentence, Sound.ATTENTION)
    return state.saying(
        Severity.GOOD, wording("{member} is a member from now on. Welcome.", member=_label(facts)), Sound.GOOD_READ
    )


def _label(facts: MemberFacts) -> str:
    return facts.member.masked_name or facts.member.masked_phone


def _away(state: TillState, question: FindMember | EnrolMember) -> TillState:
    if isinstance(question, EnrolMember):
        state = replace(state, enrol_key=key_of(question))
        return _warned(state, wording("Headquarters did not answer. Try again: nobody becomes a member twice."))
    if state.member is not None:
        # The local copy's figures stand, and the screen says how old they are.
        return state
    return _warned(
        state,
        wording(
            "Headquarters did not answer, and this till does not know {member}. Sell without, or try again.",
            member=question.key.masked,
        ),
    )


def _not_taken(state: TillState, key: MemberKey) -> TillState:
    """Say that a code is no longer good; a member who was named by the copy stays."""
    if state.facts is not None and _is_of(key, state.facts.member):
        return state
    return _warned(state, wording("Headquarters does not take this code. Scan a new one, or type the phone number."))


def _is_nobody(
    state: TillState, question: FindMember | EnrolMember, key: MemberKey | None, *, was_named: bool
) -> TillState:
    if isinstance(question, EnrolMember):
        return _warned(
            replace(state, enrol_key=key), wording("Headquarters did not take the new member. Sell without.")
        )
    if was_named:
        gone = wording("{member} is no member any more. The sale is for nobody known.", member=question.key.masked)
        return _warned(dropping(state), gone)
    can_enrol = question.key.found_by is FoundBy.PHONE
    sentence = not_known(question.key) if can_enrol else wording("This is no member's card. Sell without.")
    return _warned(replace(state, enrol_key=question.key if can_enrol else None), sentence)


def _is_of(key: MemberKey, member: Member) -> bool:
    if key.found_by is FoundBy.QR:
        return read(MemberPassTerms, key.value).terms.member_id == member.member_id
    return member.is_found_by(key)


def _warned(state: TillState, sentence: Wording) -> TillState:
    return state.saying(Severity.WARNING, sentence, Sound.ATTENTION, "MEMBER-NOT-KNOWN")


def _keep_copy(counter: Counter, answer: MemberAnswer) -> None:
    """Keep what was said; a copy that cannot be kept only makes the next naming slower."""
    try:
        counter.store.keep_member_copy(answer, counter.now())
    except Problem as problem:
        _log.warning("member_copy_not_kept", extra={"code": problem.code})
