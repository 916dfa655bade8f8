"""What a shop decided about its members, checked: the till's terms, who keeps them, and what that one keeps."""

from dataclasses import dataclass, field

from app.checkout.member_ports import MemberTerms
from app.members.coupons import Arm, CouponForm
from app.members.signed_codes import IssuerKey
from app.members.stored_value import LoadingRule, SpendingOrder
from app.values.wording import LocalizedText


@dataclass(frozen=True, slots=True)
class Headquarters:
    """Where the keeper of members is asked."""

    url: str
    token: str = field(repr=False)
    """Names the credential; never the credential itself."""


@dataclass(frozen=True, slots=True)
class LimitedCoupon:
    """A code that every shopper shows, of which there are so many."""

    code: str
    form_id: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """A comparison of coupon forms: each member gets the form of their arm."""

    campaign_id: str
    name: LocalizedText
    arms: tuple[Arm, ...]
    form_ids: tuple[tuple[str, str], ...]
    """Of each arm the form its members get."""


@dataclass(frozen=True, slots=True)
class OwnKeeping:
    """What a shop that keeps its members itself decided beyond its terms."""

    loading: LoadingRule
    spending_order: SpendingOrder
    forms: tuple[CouponForm, ...] = ()
    limited: tuple[LimitedCoupon, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    database: str = field(default="", repr=False)
    """Names the credential that holds the address of a PostgreSQL database; empty: a file in the folder."""


@dataclass(frozen=True, slots=True)
class MemberSettings:
    """A whole `members.toml`, checked."""

    terms: MemberTerms
    headquarters: Headquarters | None
    """None: this till keeps the members itself."""

    keeping: OwnKeeping | None
    """None: headquarters decides."""

    issuer_keys: tuple[IssuerKey, ...] = ()
    """The keys of the terms, one by one."""
