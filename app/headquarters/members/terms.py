"""What a shop decided about its members and coupons, as far as their keeper has to know it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from app.ledger.chain import Signer
from app.members.points import GRACE_DAYS
from app.members.privacy import PrivacyNotice
from app.members.signed_codes import IssuerKey, IssuerKeys
from app.members.stored_value import LoadingRule, SpendingOrder
from app.members.tiers import TierLadder
from app.values.clock import business_date_of

CHINA: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Issuer:
    """With which key headquarters signs coupons and members' telephone codes."""

    key_id: str
    """1 to 16 characters; the tills know the public half by it."""

    signer: Signer = field(repr=False)


@dataclass(frozen=True, slots=True)
class CopyRule:
    """How far a till may take a member's coupons unasked while headquarters is away: the risk that the shop takes.

    A till that asks about a member is given a signed copy of each coupon that belongs to this member alone. A copy is
    good at that till only, for one use, and for `good_for` at most. So while headquarters is away, a coupon can be
    taken once too often by each further till at which its member was named within that time; each such use becomes an
    exception with its cost. What one of them can cost is bounded by `most_minor`.
    """

    good_for: timedelta = timedelta(days=7)
    """Nothing: no copies are signed."""

    most_minor: int = 50_00
    """Coupons that may take more than this off are taken online only; a percent without a cap is one of them."""


@dataclass(frozen=True, slots=True)
class LeaseRule:
    """How limited coupons are shared out."""

    most_percent: int = 25
    """The largest part of what is free that one till is given at a time; one piece where there is any."""

    lasts: timedelta = timedelta(days=1)
    """How long a till uses a share before it brings it back."""

    def __post_init__(self) -> None:
        if not 0 < self.most_percent <= 100 or self.lasts <= timedelta(0):
            raise ValueError("a share is a part of what is free, for a while")


@dataclass(frozen=True, slots=True)
class KeeperTerms:
    """What a shop decided, the same for all its tills."""

    merchant_id: str
    ladder: TierLadder
    notice: PrivacyNotice
    """What a new member agrees to."""

    loading: LoadingRule = field(default_factory=LoadingRule)
    spending: SpendingOrder = SpendingOrder.PAID_FIRST
    tier_days: int = 365
    """For how many days a purchase counts towards a tier."""

    points_grace_days: int = GRACE_DAYS
    """How long points that come back with a return after their end can be spent."""

    issuer: Issuer | None = None
    """None: nothing is signed, coupons are taken online only."""

    issuer_keys: tuple[IssuerKey, ...] = ()
    """Further keys whose codes are good: earlier ones of the shop. The issuer's own need not be named."""

    copies: CopyRule = field(default_factory=CopyRule)
    leases: LeaseRule = field(default_factory=LeaseRule)
    zone: tzinfo = CHINA
    day_starts: timedelta = timedelta(0)
    """How long after midnight a trading day begins."""

    def __post_init__(self) -> None:
        if self.tier_days <= 0 or self.points_grace_days < 0:
            raise ValueError("a purchase counts for a day or more, and grace is not below zero")

    def keys(self) -> IssuerKeys:
        """Return the keys whose codes are good."""
        own: tuple[IssuerKey, ...] = ()
        if self.issuer is not None:
            own = (IssuerKey(self.issuer.key_id, self.merchant_id, self.issuer.signer.public_key()),)
        return IssuerKeys((*own, *self.issuer_keys))

    def today(self, now: datetime) -> date:
        """Return the trading day of an instant."""
        return business_date_of(now, self.zone, self.day_starts)
