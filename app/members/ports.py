"""What a till needs of the keeper of members, coupons, points and stored value: headquarters, or a shop's own book.

Every call that changes anything carries an id that the till gave and stored before it asked. A call whose answer was
lost is made again with the same id, any number of times, and has one effect. No call raises for what the line does: it
answers AWAY, and AWAY of a write means that it may have been done or not.

What a sale did is a fact: it is told by `MemberFacts.take_in` after the sale is committed, as often as needed until it
is answered, and never refused (design decision 6).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Final, Protocol

from app.members.coupons import CouponForm, CouponUse, LetGo, Proof, ReturnRule
from app.members.entitlements import EntitlementTerms
from app.members.holds import GiveBackAnswer, HoldAnswer
from app.members.identity import Member, MemberKey
from app.members.privacy import Consent, Erasure
from app.members.published_rules import PublishedRules
from app.members.quotas import Lease
from app.members.signed_codes import IssuerKey, Signed
from app.values.wording import Wording


class Reach(Enum):
    """What came of a question."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    """Heard and not done; the answer says why where there is a place for it. Of a fact: it could not be read."""

    AWAY = "away"


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What a till shows and uses of a member while a sale goes on."""

    member: Member = field(repr=False)
    points: int = 0
    """Free points: what is held by a payment under way is not among them."""

    points_owed: int = 0
    points_expiring: tuple[tuple[date, int], ...] = ()
    """What ends within the next 60 days: last day and points, the soonest first."""

    value_minor: int = 0
    bought_minor: int = 0
    """Within the span of time that tiers count."""

    bought_before: bool = True
    """False until the first purchase; what offers for it ask."""

    used_offers: tuple[tuple[str, int], ...] = ()
    """How often the member used promotions so far: the offer's id and count; only what limits ask for."""

    as_of: datetime | None = None
    """How old the figures are; None: of this moment."""


@dataclass(frozen=True, slots=True)
class CouponOffer:
    """A coupon that a member has, or that a scanned code is, with how it would be proved."""

    coupon_id: str
    form: CouponForm
    proof: Proof
    lease_id: str = ""
    """Of LEASED: out of which share of its quota."""

    signed: Signed[EntitlementTerms] | None = None
    """Of SIGNED; an ONLINE one may carry it too, for when headquarters goes away."""


@dataclass(frozen=True, slots=True)
class MemberAnswer:
    """What came of looking for a member."""

    reach: Reach
    facts: MemberFacts | None = None
    coupons: tuple[CouponOffer, ...] = ()
    """The coupons the member can use in this store now."""


@dataclass(frozen=True, slots=True)
class CouponsFound:
    """What came of asking for coupons."""

    reach: Reach
    offers: tuple[CouponOffer, ...] = ()
    refusal: Wording | None = None
    """Of REFUSED: why the coupon cannot be used, and what to do."""


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


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """What a committed sale did to a member and to coupons."""

    sale_id: str
    till_id: str
    completed_at: datetime
    business_date: date
    member_id: str = ""
    """Empty where nobody was named: then only coupons and what was let go count."""

    bought_minor: int = 0
    """What counts towards tiers: what the sale cost, deposits and rounding left out."""

    points: int = 0
    """Earned."""

    points_end_on: date | None = None
    offers: tuple[tuple[str, int], ...] = ()
    """Promotions the sale got, and how often."""

    coupons: tuple[CouponUse, ...] = ()
    """Redeemed by it."""

    released: tuple[LetGo, ...] = ()
    """Redemptions that were reserved for the basket, or may have been, and did not become part of the sale."""


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """What a committed return took back of a sale."""

    return_id: str
    sale_id: str
    till_id: str
    returned_at: datetime
    business_date: date
    member_id: str = ""
    returned_minor: int = 0
    """Of what counted towards tiers."""

    points: int = 0
    """What the returned goods had earned."""

    coupons: tuple[tuple[str, str, ReturnRule], ...] = ()
    """Uses that came back whole: the redemption's id, the coupon's, and what becomes of it."""


@dataclass(frozen=True, slots=True)
class ErasedMembers:
    """Who was forgotten since a mark; references that say nothing by themselves."""

    member_ids: tuple[str, ...]
    """The oldest first; not all of them where there are many."""

    mark: int
    """What to ask with next. The same as was asked with: that was all."""


class Members(Protocol):
    """Who is a member and what is theirs."""

    def find(self, key: MemberKey) -> MemberAnswer:
        """Find a member with the coupons they can use; changes nothing."""

    def enrol(self, message_id: str, member: Member, consents: tuple[Consent, ...]) -> MemberAnswer:
        """Take a new member in with what they agreed to; once for its id.

        A phone number that is a member's already answers REFUSED, with that member's facts.
        """

    def record_consent(self, message_id: str, consent: Consent) -> Reach:
        """Add what a member said."""

    def erase(self, message_id: str, erasure: Erasure) -> Reach:
        """Forget a member; REFUSED while something is open.

        The keeper forgets at once, each till with the next `erased_since`.
        """

    def erased_since(self, mark: int) -> ErasedMembers | None:
        """Name who was forgotten since a mark, 0: ever, for whoever has a copy; None while away.

        A copy may have been put back from a backup, so a till asks from 0 again each time it starts.
        """


class Coupons(Protocol):
    """Coupons while a sale goes on: reserve with the basket, release where it is given up; `take_in` redeems."""

    def of_code(self, text: str, member_id: str) -> CouponsFound:
        """Say what coupon a scanned code is; changes nothing."""

    def reserve(self, redemption_id: str, coupon_id: str, member_id: str) -> CouponAnswer:
        """Set a use aside for a basket."""

    def release(self, redemption_id: str, coupon_id: str) -> CouponAnswer:
        """Let a use go, also one whose reservation is still under way."""


@dataclass(frozen=True, slots=True)
class CouponLease:
    """A share of a limited coupon that a till may give out of without asking."""

    lease: Lease
    code: str
    """What shoppers show: the same code for all of them."""

    form: CouponForm


_LONGEST_CODE: Final = 64
"""In the name of a share; a longer code is told from others by its digest."""

_LONGEST_EPOCH: Final = 9
"""In digits."""


def lease_name(till_id: str, code: str, epoch: int, day: date, number: int) -> str:
    """Return the id of the share of a code that a till asks for on a day: the same for the same share.

    >>> lease_name("0001-01", "YHQ", 2, date(2026, 11, 22), 1)
    '0001-01.YHQ.e2.20261122.1'
    """
    short = code if len(code) <= _LONGEST_CODE else hashlib.sha256(code.encode()).hexdigest()[:32]
    return f"{till_id}.{short}.e{epoch}.{day:%Y%m%d}.{number}"


def epoch_of_lease(lease_id: str) -> int:
    """Return in which epoch of its till a share was asked for; 0 where its id does not say.

    >>> epoch_of_lease("0001-01.YHQ.e2.20261122.1"), epoch_of_lease("a share")
    (2, 0)
    """
    parts = lease_id.rsplit(".", 3)
    told = parts[1].removeprefix("e") if len(parts) == 4 and parts[1].startswith("e") else ""
    return int(told) if told.isascii() and told.isdecimal() and len(told) <= _LONGEST_EPOCH else 0


class Leases(Protocol):
    """Shares of limited coupons, that a till uses without asking."""

    def codes_to_lease(self, till_id: str, epoch: int) -> tuple[str, ...] | None:
        """Name the codes of limited coupons of which this till should have a share; None while away.

        The till says in which epoch of its store it is: what it had before was lost with the earlier one, so shares of
        earlier epochs (`epoch_of_lease`) are dead from now on.
        """

    def lease(self, lease_id: str, code: str, till_id: str, wanted: int) -> CouponLease | None:
        """Take a share of a code's quota, which may be less than wanted; the same id gets the same. None while away."""

    def bring_back(self, lease_id: str, used: int) -> Reach:
        """Bring a share back, with how many of it were used."""


class MemberFactsKeeper(Protocol):
    """Takes in what happened; what it says is never refused.

    REFUSED says of both calls that the message could not be read on its way: asked again it would be refused again. The
    till keeps it apart, where a person finds it, and tells what comes after it.
    """

    def take_in(self, facts: SaleFacts) -> Reach:
        """Take a committed sale in, or an abandoned basket's releases: points earned, coupons redeemed, once."""

    def take_back(self, facts: ReturnFacts) -> Reach:
        """Take a committed return in."""


class ValueLoading(Protocol):
    """Stored value beside its spending."""

    def load(self, loading_id: str, member_id: str, paid_minor: int) -> Reach:
        """Put a paid loading on the account; the bonus is headquarters' own rule."""

    def refund(self, refund_id: str, member_id: str) -> Reach:
        """Take what is left of the paid part off the account, to be handed out."""


class AccountKind(Enum):
    """What an account holds."""

    POINTS = "points"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class AccountFound:
    """What came of looking at an account."""

    reach: Reach
    free: int = 0
    """Points, or minor units, that can be held now."""

    refusal: Wording | None = None
    """Why nothing can be held, such as that the account is blocked."""


class AccountHolds(Protocol):
    """Spending of points and stored value: see the table of `app.members.holds`; None: away, done or not."""

    def look_up(self, kind: AccountKind, member_id: str) -> AccountFound:
        """Say what can be held; changes nothing."""

    def hold(self, kind: AccountKind, hold_id: str, member_id: str, amount: int) -> HoldAnswer | None:
        """Set an amount aside."""

    def held(self, kind: AccountKind, hold_id: str) -> HoldAnswer | None:
        """Say how a hold stands; changes nothing."""

    def capture(self, kind: AccountKind, hold_id: str) -> HoldAnswer | None:
        """Take what is held."""

    def let_go(self, kind: AccountKind, hold_id: str) -> HoldAnswer | None:
        """Let a hold go, also one that is still under way."""

    def give_back(self, kind: AccountKind, hold_id: str, give_back_id: str, amount: int) -> GiveBackAnswer | None:
        """Give part of a hold or of what was captured back."""

    def given_back(self, kind: AccountKind, hold_id: str, give_back_id: str) -> GiveBackAnswer | None:
        """Say how a giving back stands; changes nothing."""


class PublishedPromotions(Protocol):
    """The promotion rules that headquarters gives to its tills; here they are bytes with a name."""

    def promotions(self, known_version: str) -> PublishedRules | None:
        """Return the rules that are to hold, without their content where this version is known; None while away."""


class PublicKeys(Protocol):
    """By what a till knows what headquarters signed: coupons, and members' telephone codes."""

    def issuer_keys(self) -> tuple[IssuerKey, ...] | None:
        """Return the public keys whose codes are good, retired and withdrawn ones among them; None while away."""


class MemberKeeper(
    Members, Coupons, Leases, MemberFactsKeeper, ValueLoading, AccountHolds, PublishedPromotions, PublicKeys, Protocol
):
    """All of it: what headquarters offers its tills."""
