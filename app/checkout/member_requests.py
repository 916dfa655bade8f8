"""What a screen and the desk of members ask of the till about members, coupons and the deal."""

from dataclasses import dataclass, field

from app.checkout.member_ports import (
    AskCoupon,
    EnrolMember,
    FindMember,
    MemberQuestion,
    ReleaseCoupon,
    ReserveCoupon,
)
from app.members.ports import CouponAnswer, CouponReach, CouponsFound, MemberAnswer, Reach


@dataclass(frozen=True, slots=True)
class MemberAnswered:
    """Headquarters answered who a member is, or took a new one in; AWAY too is an answer."""

    question: FindMember | EnrolMember
    answer: MemberAnswer


@dataclass(frozen=True, slots=True)
class CouponAnswered:
    """Headquarters answered what a coupon's code is."""

    question: AskCoupon
    answer: CouponsFound


@dataclass(frozen=True, slots=True)
class ReserveAnswered:
    """Headquarters answered whether a use is set aside."""

    question: ReserveCoupon
    answer: CouponAnswer


@dataclass(frozen=True, slots=True)
class MembersErased:
    """Headquarters has forgotten members for good: the till forgets them too, in its baskets and in its store."""

    member_ids: tuple[str, ...]


MemberNews = MemberAnswered | CouponAnswered | ReserveAnswered | MembersErased


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


@dataclass(frozen=True, slots=True)
class ReportMember:
    """The desk of members says what came of a question, or what headquarters told by itself."""

    news: MemberNews


@dataclass(frozen=True, slots=True)
class NameMember:
    """The basket is for the member with this telephone number, as it was typed."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DropMember:
    """The basket is for nobody known; the member's coupons go with it."""


@dataclass(frozen=True, slots=True)
class Enrol:
    """A shopper becomes a member: the notice was shown, and they agreed to what is named."""

    phone_text: str = field(repr=False)
    name: str = field(default="", repr=False)
    birthday_text: str = field(default="", repr=False)
    """`MM-DD` or `YYYY-MM-DD`; empty where the shopper does not want to say."""

    agrees_to_messages: bool = False
    agrees_to_profile: bool = False


@dataclass(frozen=True, slots=True)
class UseCoupon:
    """A coupon of the member's is used in this basket, instead of those in it with which it does not go together."""

    coupon_id: str


@dataclass(frozen=True, slots=True)
class KeepCoupon:
    """A coupon is kept for another time: it is taken out of the basket, and not proposed again in it."""

    coupon_id: str


@dataclass(frozen=True, slots=True)
class UseBestCoupons:
    """The member's coupons are used as the shopper saves most."""


@dataclass(frozen=True, slots=True)
class ShowMember:
    """The pane of the member and their coupons is shown."""


@dataclass(frozen=True, slots=True)
class HideMember:
    """It is put away."""


@dataclass(frozen=True, slots=True)
class ShowDeal:
    """What was given, what almost applies and what does not and why is shown."""


@dataclass(frozen=True, slots=True)
class HideDeal:
    """It is put away."""


MemberRequest = (
    ReportMember
    | NameMember
    | DropMember
    | Enrol
    | UseCoupon
    | KeepCoupon
    | UseBestCoupons
    | ShowMember
    | HideMember
    | ShowDeal
    | HideDeal
)
