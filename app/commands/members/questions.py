"""The questions that wait for the keeper of members: a bounded row, each answered once in time, as AWAY if need be.

A keeper that hangs holds nobody up: a question that has no answer within its time comes back AWAY while the call still
runs. What is answered after that is passed on only where it can do no harm: who a member is. A coupon whose reservation
comes too late has left the basket, and the sale or the abandoned basket lets it go.
"""

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
from app.checkout.member_requests import CouponAnswered, MemberAnswered, MemberNews, ReserveAnswered
from app.commands.members.duties import NS
from app.members.ports import CouponAnswer, CouponReach, CouponsFound, MemberAnswer, MemberKeeper, Reach

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
            found = keeper.find(question.key)
            return found.reach is not Reach.AWAY, MemberAnswered(question, found)
        case EnrolMember():
            taken = keeper.enrol(question.message_id, question.member, question.consents)
            return taken.reach is not Reach.AWAY, MemberAnswered(question, taken)
        case AskCoupon():
            coupons = keeper.of_code(question.text, question.member_id)
            return coupons.reach is not Reach.AWAY, CouponAnswered(question, coupons)
        case ReserveCoupon():
            said = keeper.reserve(question.redemption_id, question.coupon_id, question.member_id)
            return said.reach is not CouponReach.AWAY, ReserveAnswered(question, said)
        case ReleaseCoupon():
            let_go = keeper.release(question.redemption_id, question.coupon_id)
            return let_go.reach is not CouponReach.AWAY, None


def away_news(question: MemberQuestion) -> MemberNews | None:
    """Return what is told where nobody answered; None of a question that wants no answer."""
    match question:
        case FindMember() | EnrolMember():
            return MemberAnswered(question, MemberAnswer(Reach.AWAY))
        case AskCoupon():
            return CouponAnswered(question, CouponsFound(Reach.AWAY))
        case ReserveCoupon():
            return ReserveAnswered(question, CouponAnswer(CouponReach.AWAY))
        case ReleaseCoupon():
            return None


def _is_welcome_late(news: MemberNews) -> bool:
    return isinstance(news, MemberAnswered) and news.answer.reach is Reach.ANSWERED
