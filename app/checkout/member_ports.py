"""What the checkout needs of members and coupons: the store's local copy, and a desk that asks headquarters.

No call of the desk waits: what comes of a question arrives later as `ReportMember` on the till's thread, in order. The
local copy answers at once, and is never older than the screen says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.members.earning import EarningRule
from app.members.entitlements import UsesSeen
from app.members.identity import Member, MemberKey
from app.members.points import PointsTender
from app.members.ports import CouponLease, CouponOffer, MemberAnswer, MemberFacts, SaleFacts
from app.members.privacy import Consent, PrivacyNotice
from app.members.signed_codes import IssuerKeys
from app.members.tiers import TierLadder
from app.values.wording import Wording


@dataclass(frozen=True, slots=True)
class MemberTerms:
    """What the shop decided about its members; the same at every till."""

    merchant_id: str
    ladder: TierLadder
    earning: EarningRule
    issuer_keys: IssuerKeys
    """By which signed coupons and members' telephone codes are checked."""

    notice: PrivacyNotice
    """What a new member agrees to."""

    points_tender_id: str = ""
    """The tender by which points pay; empty where they do not."""

    points_tender: PointsTender = field(default_factory=PointsTender)
    value_tender_id: str = ""
    """The tender by which stored value pays; empty where there is none."""


@dataclass(frozen=True, slots=True)
class FindMember:
    """Who is this, and what is theirs?"""

    basket_id: str
    """Whose answer it is for; one that comes when another basket is rung up is only kept as the local copy."""

    key: MemberKey


@dataclass(frozen=True, slots=True)
class AskCoupon:
    """What coupon is this code?"""

    basket_id: str
    text: str = field(repr=False)
    member_id: str = ""


@dataclass(frozen=True, slots=True)
class ReserveCoupon:
    """Set a use of a coupon aside."""

    basket_id: str
    redemption_id: str
    coupon_id: str
    member_id: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseCoupon:
    """Let a use go; nothing is answered, for the sale or the abandoned basket says it once more."""

    redemption_id: str
    coupon_id: str


@dataclass(frozen=True, slots=True)
class EnrolMember:
    """Take a new member in."""

    basket_id: str
    message_id: str
    member: Member = field(repr=False)
    consents: tuple[Consent, ...]


MemberQuestion = FindMember | AskCoupon | ReserveCoupon | ReleaseCoupon | EnrolMember


class Membership(Protocol):
    """The desk of members as the checkout sees it; every call returns at once."""

    @property
    def terms(self) -> MemberTerms | None:
        """What the shop decided; None where it has no members."""

    def away(self) -> Wording | None:
        """Say why headquarters cannot be asked now; None where it can, as far as anybody knows."""

    def ask(self, question: MemberQuestion) -> bool:
        """Have a question asked; false where the desk's queue is full or it has not begun."""

    def facts_wait(self) -> None:
        """Learn that the store has a sale or an abandoned basket that headquarters should hear of."""


@dataclass(frozen=True, slots=True)
class MemberCopy:
    """A member as the store's local copy knows them."""

    facts: MemberFacts
    """`as_of` is when headquarters said it."""

    coupons: tuple[CouponOffer, ...] = ()


class MemberStore(Protocol):
    """The till's own memory of members and coupons; one thread owns it.

    Raises:
        StoreProblem: from every method, as of `TillStore`.
    """

    def member_copy(self, key: MemberKey) -> MemberCopy | None:
        """Return the local copy of a member found by phone, card or GSRN; None where there is none.

        The same by `member_copy_of` for one whose telephone code was checked here.
        """

    def member_copy_of(self, member_id: str) -> MemberCopy | None:
        """Return the local copy of a member by reference."""

    def keep_member_copy(self, answer: MemberAnswer, as_of: datetime) -> None:
        """Keep what headquarters said of a member, in place of what was kept before; an erased one is forgotten."""

    def forget_member(self, member_id: str) -> None:
        """Forget a member: the copy, and the names on sales and in open baskets; the reference stays on their sales."""

    def coupon_leases(self) -> Sequence[CouponLease]:
        """Return the shares of limited coupons that this till has, those past their time too: they are to go back.

        Left out are those that were brought back, and those of an epoch before.
        """

    def lease_used(self, lease_id: str) -> int:
        """Return how many uses of a share stand in this till's sales."""

    def uses_seen(self) -> UsesSeen:
        """Return what this till's sales know of coupon uses; open baskets are not counted."""

    def offers_used(self, member_id: str, since: datetime) -> tuple[tuple[str, int], ...]:
        """Return how often the sales of this till gave a member promotions since an instant."""

    def bought_here(self, member_id: str) -> bool:
        """Return whether this till ever made a sale for a member."""


@dataclass(frozen=True, slots=True)
class FactsToTell:
    """What headquarters has still to hear of, in the order in which it happened."""

    facts: tuple[SaleFacts, ...]
    told_to: int
    """Handed to `facts_told` once all of them were taken in; what lies before it and says nothing was passed over."""


class MemberOutbox(Protocol):
    """The journal as the outbox for members and coupons (design decision 2); used on the thread that owns the store.

    Raises:
        StoreProblem: from every method.
    """

    def facts_to_tell(self, limit: int) -> FactsToTell:
        """Return what sales and abandoned baskets did to members and coupons and nobody was told yet, at most so many.

        The same again until `facts_told`: telling twice does nothing twice.
        """

    def facts_told(self, told_to: int) -> None:
        """Remember how far headquarters has heard; forgotten by a power cut, it hears some of it again."""

    def keep_lease(self, lease: CouponLease) -> None:
        """Keep a share of a limited coupon."""

    def lease_over(self, lease_id: str) -> None:
        """Remember that a share was brought back."""
