"""The questions that wait for the keeper of members: a bounded row, each answered once in time, as AWAY if need be.

A keeper that hangs holds nobody up: a question that has no answer within its time comes back AWAY while the call still
runs. What is answered after that is passed on only where it can do no harm: who a member is. A coupon whose reservation
comes too late has left the basket, and the sale or the abandoned basket lets it go.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.checkout.member_ports import (
    AskCoupon,
    EnrolMember,
    FindMember,
    MemberQuestion,
    ReleaseCoupon,
    ReserveCoupon,
)
from app.checkout.member_requests import CouponAnswered, MemberAnswered, MemberNews, ReserveAnswered, away_news
from app.commands.members.duties import NS
from app.members.coupon_problems import CouponRefused
from app.members.identity import FoundBy, Member
from app.members.member_pass import MemberPassTerms
from app.members.ports import CouponReach, MemberAnswer, MemberKeeper, Reach
from app.members.signed_codes import read

_log: Final = logging.getLogger(__name__)

MOST_QUESTIONS: Final = 32
"""Questions that may wait: a shopper's coupons and card, twice over. More of them come from no person."""


@dataclass(slots=True)
class Asked:
    """A question under way."""

    question: MemberQuestion
    due_ns: int
    """When it comes back AWAY."""

    told: bool = False
    """Whether it was answered, as AWAY too."""


class QuestionRow:
    """The row with its deadlines. Any thread may call it; `changed` is the desk's own condition."""

    def __init__(
        self,
        changed: threading.Condition,
        now_ns: Callable[[], int],
        answer_within_s: float,
        tell: Callable[[MemberNews], None],
    ) -> None:
        """Begin empty.

        Args:
            changed: guards the row, and is notified when a question comes.
            now_ns: a clock that never goes back.
            answer_within_s: after which a question comes back AWAY.
            tell: takes answers; returns at once, called with the row locked so that they stay in order.
        """
        self._changed = changed
        self._now_ns = now_ns
        self._within_ns = int(answer_within_s * NS)
        self._tell = tell
        self._waiting: deque[Asked] = deque()
        self._under_way: list[Asked] = []

    def put(self, question: MemberQuestion) -> bool:
        """Take a question; false where too many wait."""
        with self._changed:
            if len(self._waiting) >= MOST_QUESTIONS:
                return False
            asked = Asked(question, self._now_ns() + self._within_ns, told=isinstance(question, ReleaseCoupon))
            self._waiting.append(asked)
            self._under_way.append(asked)
            self._changed.notify_all()
            return True

    @property
    def waits(self) -> bool:
        """Whether there is a question to be asked; with `changed` held."""
        return bool(self._waiting)

    def next(self) -> Asked | None:
        """Take the next one out that is still wanted."""
        with self._changed:
            while self._waiting:
                asked = self._waiting.popleft()
                if not asked.told or isinstance(asked.question, ReleaseCoupon):
                    return asked
                self._under_way.remove(asked)
            return None

    def answered(self, asked: Asked, news: MemberNews | None) -> None:
        """Pass on what came of a question; None: nobody answered, or there is nothing to say."""
        with self._changed:
            self._under_way.remove(asked)
            late, asked.told = asked.told, True
            if news is None:
                if not late:
                    self._tell_away(asked)
            elif not late or _is_welcome_late(news):
                self._tell(news)

    def give_up_overdue(self) -> float | None:
        """Answer AWAY to what has waited too long; return in how many seconds the next one has, None: there is none."""
        with self._changed:
            now = self._now_ns()
            open_ones = [asked for asked in self._under_way if not asked.told]
            for asked in open_ones:
                if asked.due_ns <= now:
                    asked.told = True
                    self._tell_away(asked)
            dues = [asked.due_ns for asked in open_ones if not asked.told]
            return (min(dues) - now) / NS if dues else None

    def give_up_all(self) -> None:
        """Answer AWAY to everything: nobody will ask any more."""
        with self._changed:
            for asked in self._under_way:
                if not asked.told:
                    asked.told = True
                    self._tell_away(asked)
            self._waiting.clear()

    def _tell_away(self, asked: Asked) -> None:
        news = away_news(asked.question)
        if news is not None:
            self._tell(news)


def put_to(keeper: MemberKeeper, question: MemberQuestion) -> tuple[bool, MemberNews | None]:
    """Ask a keeper; return whether it answered, and what is told of it."""
    match question:
        case FindMember():
            return _about_member(question, keeper.find(question.key))
        case EnrolMember():
            return _about_member(question, keeper.enrol(question.message_id, question.member, question.consents))
        case AskCoupon():
            coupons = keeper.of_code(question.text, question.member_id)
            return coupons.reach is not Reach.AWAY, CouponAnswered(question, coupons)
        case ReserveCoupon():
            said = keeper.reserve(question.redemption_id, question.coupon_id, question.member_id)
            return said.reach is not CouponReach.AWAY, ReserveAnswered(question, said)
        case ReleaseCoupon():
            let_go = keeper.release(question.redemption_id, question.coupon_id)
            return let_go.reach is not CouponReach.AWAY, None


def _about_member(question: FindMember | EnrolMember, answer: MemberAnswer) -> tuple[bool, MemberNews | None]:
    """Take an answer in where it can be one to the question; one about somebody else, or that cannot be, is AWAY."""
    if answer.reach is Reach.AWAY:
        return False, MemberAnswered(question, MemberAnswer(Reach.AWAY))
    doubt = why_not_believed(question, answer)
    if doubt:
        _log.error("member_answer_not_believed", extra={"code": "MEMBER-ANSWER-WRONG", "reason": doubt})
        # The line works: only this answer is none.
        return True, away_news(question)
    return True, MemberAnswered(question, answer)


def why_not_believed(question: FindMember | EnrolMember, answer: MemberAnswer) -> str:
    """Return in a word why an answer cannot be one to a question, for the log; empty where it can be."""
    facts = answer.facts
    if facts is None:
        return "nobody" if answer.reach is Reach.ANSWERED else ""
    figures = (
        facts.points,
        facts.points_owed,
        facts.value_minor,
        facts.bought_minor,
        *(points for _, points in facts.points_expiring),
        *(times for _, times in facts.used_offers),
    )
    if min(figures) < 0:
        return "figures"
    return "" if _is_about(question, answer.reach, facts.member) else "somebody else"


def _is_about(question: FindMember | EnrolMember, reach: Reach, member: Member) -> bool:
    if isinstance(question, EnrolMember):
        asked = question.member
        if reach is Reach.ANSWERED:
            return member.member_id == asked.member_id
        # Refused with the member whose number, or card, it is.
        same_number = asked.phone is not None and asked.phone == member.phone
        same_card = bool(set(asked.cards) & set(member.cards))
        return same_number or same_card or (asked.gsrn is not None and asked.gsrn == member.gsrn)
    if question.key.found_by is not FoundBy.QR:
        return member.is_found_by(question.key)
    try:
        # The till has checked the signature before it asked.
        return read(MemberPassTerms, question.key.value).terms.member_id == member.member_id
    except CouponRefused:
        return False


def _is_welcome_late(news: MemberNews) -> bool:
    return isinstance(news, MemberAnswered) and news.answer.reach is Reach.ANSWERED
