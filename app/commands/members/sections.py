"""The sections of `members.toml`: what a shop decides about its members, coupons and campaigns.

An amount is minor units, a percentage basis points, an instant has its offset from UTC. What contradicts itself is
refused by `app.commands.members.reading`.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Identity = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
TenderName = Annotated[str, Meta(pattern="^[a-z][a-z_]{0,30}$")]
Text = Annotated[str, Meta(min_length=1, max_length=120)]
LongText = Annotated[str, Meta(min_length=1, max_length=8_000)]
Minor = Annotated[int, Meta(ge=0, le=10**9)]
Count = Annotated[int, Meta(ge=0, le=10**9)]
Percent = Annotated[int, Meta(ge=0, le=10_000)]
Instant = Annotated[datetime, Meta(tz=True)]
Code = Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{4,64}$")]


class HeadquartersSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[headquarters]`: who keeps the members of a shop with several tills or stores."""

    url: Annotated[str, Meta(pattern="^https?://[^ ]{1,200}$")]
    token: Annotated[str, Meta(min_length=1, max_length=500)]
    """Where this till's token is: `keyring:NAME`, or the whole path of a file that only the till's user can read."""


class TierSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[tier]]`, the lowest first."""

    id: Identity
    name: Text
    name_en: str = ""
    reached_at_minor: Minor = 0
    """What must have been bought; left out for the first, and for one that is given by hand."""

    by_hand: bool = False
    """Whether nobody reaches it by buying, such as the shop's own staff (`id = "staff"`)."""

    points_percent: Percent = 100
    price_list: str = ""


class EarningSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[earning]`: the points of a sale."""

    points: Count = 1
    per_minor: Annotated[int, Meta(ge=1, le=10**9)] = 100
    birthday_factor: Annotated[int, Meta(ge=1, le=100)] = 2
    rounding: Literal["cut", "half_up"] = "cut"
    excluded_departments: tuple[str, ...] = ()
    excluded_products: tuple[str, ...] = ()
    most_per_sale: Count = 0
    """0: without limit."""

    valid_months: Annotated[int, Meta(ge=0, le=600)] = 12
    """0: points do not end."""


class BirthdaySection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[birthday]`: when a birthday counts."""

    span: Literal["day", "month"] = "day"
    days_before: Annotated[int, Meta(ge=0, le=60)] = 0
    days_after: Annotated[int, Meta(ge=0, le=60)] = 0
    leap_day: Literal["before", "after"] = "before"
    """When 29 February is kept in other years: 28 February, or 1 March."""


class PointsSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[points]`: points that pay."""

    tender: TenderName
    points: Annotated[int, Meta(ge=1, le=10**9)] = 100
    minor: Annotated[int, Meta(ge=1, le=10**9)] = 100
    step: Annotated[int, Meta(ge=1, le=10**9)] = 100
    least: Count = 100
    most_percent: Annotated[int, Meta(ge=1, le=100)] = 50


class ValueSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[value]`: stored value that pays."""

    tender: TenderName


class BonusStepSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[loading.step]]`."""

    from_minor: Annotated[int, Meta(ge=1, le=10**9)]
    bonus_minor: Minor


class LoadingSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[loading]`: what may be loaded, and what the shop lays on top."""

    least_minor: Annotated[int, Meta(ge=1, le=10**9)] = 1
    most_balance_minor: Annotated[int, Meta(ge=1, le=5_000_00)] = 5_000_00
    """At most 5,000 yuan on a named account (单用途商业预付卡管理办法)."""

    bonus_valid_days: Annotated[int, Meta(ge=0, le=36_500)] = 0
    """0: the bonus does not end."""

    spent_first: Literal["paid_first", "bonus_first", "in_proportion"] = "paid_first"
    step: tuple[BonusStepSection, ...] = ()


class NoticeSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[notice]`: what members are told about their data, and agree to."""

    version: Annotated[int, Meta(ge=1, le=10_000)]
    effective_at: Instant
    text: LongText
    text_en: str = ""
    purposes: tuple[Literal["membership", "messages", "profile"], ...] = ("membership", "messages", "profile")


class IssuerKeySection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[issuer_key]]`: by which signed coupons and members' telephone codes are checked."""

    id: Annotated[str, Meta(min_length=1, max_length=16)]
    public_key: Annotated[str, Meta(min_length=40, max_length=64)]
    """Raw Ed25519, 32 bytes in base64."""

    retired_at: Instant | None = None
    withdrawn: bool = False


class CouponSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[coupon]]`: one form of coupon; all coupons of it promise the same."""

    id: Identity
    name: Text
    name_en: str = ""
    kind: Literal["amount", "percent", "gift", "free_delivery", "product"]
    minor: Minor = 0
    basis_points: Annotated[int, Meta(ge=0, le=10_000)] = 0
    product: str = ""
    pieces: Annotated[int, Meta(ge=0, le=999)] = 0
    least_minor: Minor = 0
    most_minor: Minor = 0
    valid_from: Instant
    valid_until: Instant
    stores: tuple[Annotated[int, Meta(ge=1, le=9999)], ...] = ()
    uses: Annotated[int, Meta(ge=1, le=999)] = 1
    per_member: Annotated[int, Meta(ge=0, le=999)] = 0
    stackable: bool = False
    must_be_claimed: bool = True
    on_return: Literal["give_back", "void"] = "give_back"
    grace_days: Annotated[int, Meta(ge=0, le=365)] = 7
    promotion: str = ""
    """The coupon's key in the promotions' `who.coupon`; empty: its benefit alone."""

    code: Code | None = None
    """Of a limited one: what every shopper shows; begins as the shop's coupons do."""

    quota: Annotated[int, Meta(ge=0, le=10**6)] = 0
    """Of a limited one: how many there are."""


class ArmSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[campaign.arm]]`: one form of a comparison."""

    arm: Identity
    coupon: Identity
    weight: Annotated[int, Meta(ge=1, le=10_000)] = 1


class CampaignSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[campaign]]`: members get one of its coupons each, always the same one."""

    id: Identity
    name: Text
    name_en: str = ""
    arm: Annotated[tuple[ArmSection, ...], Meta(min_length=1)]


class MembersFile(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A whole `members.toml`."""

    merchant_id: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,23}$")]
    keeper: Literal["own", "headquarters"] = "own"
    """`own`: this till keeps its shop's members itself, in its own folder; for a shop with one till."""

    database: Annotated[str, Meta(max_length=500)] = ""
    """Of `own` at headquarters: where the address of a PostgreSQL database is (`keyring:NAME` or a file); empty: the
    book is a file in the folder."""

    headquarters: HeadquartersSection | None = None
    tier: Annotated[tuple[TierSection, ...], Meta(min_length=1)]
    earning: EarningSection = EarningSection()
    birthday: BirthdaySection = BirthdaySection()
    points: PointsSection | None = None
    value: ValueSection | None = None
    loading: LoadingSection | None = None
    notice: NoticeSection
    issuer_key: tuple[IssuerKeySection, ...] = ()
    coupon: tuple[CouponSection, ...] = ()
    campaign: tuple[CampaignSection, ...] = ()


class SampleMemberSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[member]]` of the sample store: a person who was made up."""

    id: Identity
    name: Text
    phone: Text
    cards: tuple[str, ...] = ()
    gsrn: str = ""
    birthday: str = ""
    """`MM-DD`."""

    tier: Identity = ""
    bought_minor: Minor = 0
    points: Count = 0
    points_end_on: str = ""
    loaded_minor: Minor = 0
    agrees_to: tuple[Literal["membership", "messages", "profile"], ...] = ("membership",)
    coupons: tuple[Identity, ...] = ()
    """Forms of which the member has one coupon each."""

    def __repr__(self) -> str:
        return f"SampleMemberSection(id={self.id!r}, …)"


class SampleMembersFile(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A whole `sample_members.toml`."""

    member: tuple[SampleMemberSection, ...] = ()
