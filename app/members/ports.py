"""What a till needs to know and do of members and coupons; three ways to it behind the same calls.

* the local copy: what this store needs of its members, never older than the screen says; answers at once
* the live question: headquarters, within seconds or not at all
* the signed entitlement: a right that came with the shopper, checked without asking (`app.members.entitlements`)

Every call that changes anything carries an id that the till gave and stored before it asked. A call whose answer was
lost is made again with the same id, any number of times, and has one effect. No call raises for what the line does: it
answers AWAY, and AWAY of a write means that it may have been done or not.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

from app.members.coupons import CouponForm, CouponUse, Proof, ReturnRule
from app.members.entitlements import EntitlementTerms
from app.members.identity import Member, MemberKey
from app.members.privacy import Consent, Erasure
from app.members.signed_codes import Signed
from app.values.wording import Wording


class Reach(Enum):
    """What came of a question."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What a till shows and uses of a member while a sale goes on."""

    member: Member = field(repr=False)
    points: int = 0
    points_owed: int = 0
    value_minor: int = 0
    bought_minor: int = 0
    """Within the span of time that tiers count."""

    bought_before: bool = True
    """False until the first purchase; what offers for it ask."""

    as_of: datetime | None = None
    """How old the figures are; None: of this moment."""


@dataclass(frozen=True, slots=True)
class MemberFound:
    """What came of looking for a member."""

    reach: Reach
    facts: MemberFacts | None = None


class Members(Protocol):
    """Who is a member: the local copy and the live question have the same calls."""

    def find(self, key: MemberKey) -> MemberFound:
        """Find a member; changes nothing."""

    def enrol(self, message_id: str, member: Member, consents: tuple[Consent, ...]) -> Reach:
        """Take a new member in with what they agreed to; once for its id."""

    def record_consent(self, message_id: str, consent: Consent) -> Reach:
        """Add what a member said."""

    def erase(self, message_id: str, erasure: Erasure) -> Reach:
        """Forget a member here and wherever there is a copy."""


@dataclass(frozen=True, slots=True)
class CouponOffer:
    """A coupon that a member has, or that a scanned code is, with how it would be proved."""

    coupon_id: str
    form: CouponForm
    proof: Proof
    lease_id: str = ""
    signed: Signed[EntitlementTerms] | None = None
    """Of SIGNED."""


@dataclass(frozen=True, slots=True)
class CouponsFound:
    """What came of asking for coupons."""

    reach: Reach
    offers: tuple[CouponOffer, ...] = ()


class CouponReach(Enum):
    """What came of a step with a coupon."""

    DONE = "done"
    REFUSED = "refused"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class CouponAnswer:
    """What the keeper of coupons says of a step."""

    reach: CouponReach
    refusal: Wording | None = None


class Coupons(Protocol):
    """Coupons while a sale goes on: reserve with the basket, redeem with the commit, release where it is abandoned."""

    def of_member(self, member_id: str) -> CouponsFound:
        """Say which coupons a member can use; changes nothing."""

    def of_code(self, text: str) -> CouponsFound:
        """Say what coupon a scanned code is; changes nothing."""

    def reserve(self, redemption_id: str, offer: CouponOffer, member_id: str) -> CouponAnswer:
        """Set a use aside for a basket."""

    def redeem(self, use: CouponUse, sale_id: str, member_id: str) -> CouponAnswer:
        """Say that the sale is committed; never refused: without a use left it becomes an exception."""

    def release(self, redemption_id: str) -> CouponAnswer:
        """Let a use go, also one whose reservation is still under way."""

    def come_back(self, return_id: str, redemption_id: str, outcome: ReturnRule) -> CouponAnswer:
        """Say that all the use had taken off came back with a return."""


class PointsAccounts(Protocol):
    """Points beside their spending, which goes by the holds of `app.members.holds`."""

    def earn(self, sale_id: str, member_id: str, points: int) -> Reach:
        """Put in what a committed sale earned; the sale's id is the message's."""

    def take_back(self, return_id: str, member_id: str, sale_id: str, points: int) -> Reach:
        """Take back what the returned lines had earned."""


class ValueLoading(Protocol):
    """Stored value beside its spending, which goes by the holds of `app.members.holds`."""

    def load(self, loading_id: str, member_id: str, paid_minor: int) -> Reach:
        """Put a paid loading on the account; the bonus is headquarters' own rule."""

    def refund(self, refund_id: str, member_id: str) -> Reach:
        """Take what is left of the paid part off the account, to be handed out."""
