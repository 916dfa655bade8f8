"""Members for tests of the counter: a desk that keeps what it was asked, and what a store remembers of members."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import msgspec

from app.catalogue.codes.settings import CardKind, CardPrefix
from app.checkout.member_ports import (
    AskCoupon,
    EnrolMember,
    FactsToTell,
    FindMember,
    MemberCopy,
    MemberQuestion,
    MemberTerms,
    ReleaseCoupon,
    ReserveCoupon,
)
from app.checkout.member_requests import CouponAnswered, MemberAnswered, MemberNews, ReportMember, ReserveAnswered
from app.ledger.chain import Ed25519Signer
from app.members.birthdays import Birthday
from app.members.coupons import Benefit, BenefitKind, CouponForm, CouponUse, LetGo, Proof
from app.members.earning import EarningRule
from app.members.entitlements import EntitlementTerms, entitlement_of
from app.members.identity import FoundBy, Member, MemberKey, Standing
from app.members.member_pass import MemberPassTerms
from app.members.phone_numbers import PhoneNumber
from app.members.points import PointsTender
from app.members.ports import (
    CouponAnswer,
    CouponLease,
    CouponOffer,
    CouponReach,
    CouponsFound,
    MemberAnswer,
    MemberFacts,
    Reach,
    SaleFacts,
)
from app.members.privacy import PrivacyNotice, Purpose
from app.members.quotas import Lease
from app.members.signed_codes import IssuerKey, IssuerKeys, Signed, seconds, sign
from app.members.tiers import Tier, TierLadder, TierSpan
from app.sales.sale import CompletedSale
from app.values.problems import Problem
from app.values.wording import LocalizedText, Wording, wording

NOON = datetime(2026, 11, 22, 4, 41, tzinfo=UTC)
"""12:41 in the shop, as the shop floor's clock says at first."""

DAY = timedelta(days=1)
MERCHANT = "GT"
AWAY = wording("The line to headquarters is down.")
SIGNER = Ed25519Signer(b"\x07" * 32)
OTHER_SIGNER = Ed25519Signer(b"\x08" * 32)
CARDS = (
    CardPrefix(CardKind.MEMBER, "M", 10),
    CardPrefix(CardKind.MEMBER, "GM1"),
    CardPrefix(CardKind.COUPON, "GC1"),
    CardPrefix(CardKind.COUPON, "YHQ", 10),
)
TERMS = MemberTerms(
    merchant_id=MERCHANT,
    ladder=TierLadder(
        (
            Tier("plain", LocalizedText("普通", (("en", "Plain"),)), 0),
            Tier("gold", LocalizedText("金卡", (("en", "Gold"),)), 500_000, points_percent=150),
        )
    ),
    earning=EarningRule(),
    issuer_keys=IssuerKeys([IssuerKey("hq1", MERCHANT, SIGNER.public_key())]),
    notice=PrivacyNotice(
        3, NOON - 90 * DAY, LocalizedText("隐私声明"), (Purpose.MEMBERSHIP, Purpose.MESSAGES, Purpose.PROFILE)
    ),
    points_tender_id="points",
    points_tender=PointsTender(),
    value_tender_id="value",
)

WANG_PHONE = "13812345678"
LI_PHONE = "13987654321"
WANG_KEY = MemberKey(FoundBy.PHONE, f"+86{WANG_PHONE}")


def member(member_id: str = "m-wang", **changes: object) -> Member:
    """Wang Xiaoming, born on 20 May, gold since a month, with a card."""
    wang = Member(
        member_id,
        "王小明",
        PhoneNumber(f"+86{WANG_PHONE}"),
        ("M000000042",),
        birthday=Birthday(5, 20),
        tiers=(TierSpan("plain", NOON - 400 * DAY), TierSpan("gold", NOON - 30 * DAY)),
        joined_at=NOON - 400 * DAY,
    )
    return replace(wang, **changes)  # type: ignore[arg-type] # only fields of Member are passed


def li(**changes: object) -> Member:
    """Li Lei, who has been a plain member since last week."""
    return member(
        "m-li",
        **{
            "name": "李雷",
            "phone": PhoneNumber(f"+86{LI_PHONE}"),
            "cards": ("M000000043",),
            "birthday": None,
            "tiers": (TierSpan("plain", NOON - 7 * DAY),),
            **changes,
        },
    )


def facts(of: Member | None = None, **changes: object) -> MemberFacts:
    """2,350 points, 80 yuan of stored value, 4,600 yuan bought: 400 yuan from gold, had Wang it not already."""
    known = MemberFacts(
        of or member(),
        points=2350,
        points_expiring=((date(2026, 12, 31), 300),),
        value_minor=8000,
        bought_minor=460_000,
    )
    return replace(known, **changes)  # type: ignore[arg-type] # only fields of MemberFacts are passed


def form(form_id: str, benefit: Benefit, **changes: object) -> CouponForm:
    """A coupon of this month that its member has claimed."""
    base = CouponForm(form_id, LocalizedText(form_id), benefit, NOON - DAY, NOON + 7 * DAY, merchant_id=MERCHANT)
    return replace(base, **changes)  # type: ignore[arg-type] # only fields of CouponForm are passed


def amount_off(minor: int, least: int = 0) -> Benefit:
    return Benefit(BenefitKind.AMOUNT, minor=minor, least_minor=least)


def percent_off(basis_points: int, least: int = 0, most: int = 0) -> Benefit:
    return Benefit(BenefitKind.PERCENT, basis_points=basis_points, least_minor=least, most_minor=most)


DELIVERY = Benefit(BenefitKind.FREE_DELIVERY)


def offer(coupon_id: str, of: CouponForm, proof: Proof = Proof.ONLINE, **changes: object) -> CouponOffer:
    return replace(CouponOffer(coupon_id, of, proof), **changes)  # type: ignore[arg-type] # its own fields


def signed(of: CouponForm, coupon_id: str, member_id: str = "", **terms: object) -> Signed[EntitlementTerms]:
    """A coupon that headquarters signed yesterday."""
    said = entitlement_of(of, coupon_id, NOON - DAY, member_id)
    return sign(msgspec.structs.replace(said, **terms), "hq1", SIGNER)


def member_pass(member_id: str, at: datetime = NOON) -> str:
    """What the member's telephone shows."""
    return sign(MemberPassTerms(MERCHANT, seconds(at), member_id), "hq1", SIGNER).text()


def lease(code: str, of: CouponForm, granted: int = 2, until: datetime = NOON + DAY) -> CouponLease:
    return CouponLease(Lease(f"lease-{code}", "0001-02", granted, until), code, of)


@dataclass
class DeskOfMembers:
    """The desk of members: it keeps what it was asked, and the test says what headquarters answers."""

    tell: Callable[[ReportMember], object]
    terms: MemberTerms | None = TERMS
    gone: Wording | None = None
    takes: bool = True
    questions: list[MemberQuestion] = field(default_factory=list)
    waits: int = 0
    """How often it learned that there is something to tell."""

    stored: Callable[[MemberQuestion], bool] = lambda _question: True
    """Whether what a question is about is in the store when it is asked."""

    asked_too_early: list[MemberQuestion] = field(default_factory=list)

    def away(self) -> Wording | None:
        return self.gone

    def ask(self, question: MemberQuestion) -> bool:
        if not self.takes:
            return False
        if not self.stored(question):
            self.asked_too_early.append(question)
        self.questions.append(question)
        return True

    def facts_wait(self) -> None:
        self.waits += 1

    def last(self, kind: type) -> MemberQuestion:
        return [one for one in self.questions if isinstance(one, kind)][-1]

    def finds(self, known: MemberFacts | None, *coupons: CouponOffer, reach: Reach | None = None) -> object:
        """Answer the last question for a member."""
        question = [one for one in self.questions if isinstance(one, FindMember | EnrolMember)][-1]
        came = reach or (Reach.ANSWERED if known is not None else Reach.NOT_FOUND)
        return self.says(MemberAnswered(question, MemberAnswer(came, known, coupons)))

    def says_of_code(self, *offers: CouponOffer, reach: Reach = Reach.ANSWERED, refusal: Wording | None = None):
        question = self.last(AskCoupon)
        assert isinstance(question, AskCoupon)
        return self.says(CouponAnswered(question, CouponsFound(reach, offers, refusal)))

    def reserves(self, reach: CouponReach = CouponReach.DONE, refusal: Wording | None = None):
        question = self.last(ReserveCoupon)
        assert isinstance(question, ReserveCoupon)
        return self.says(ReserveAnswered(question, CouponAnswer(reach, refusal)))

    def says(self, news: MemberNews) -> object:
        return self.tell(ReportMember(news))

    def released(self) -> list[tuple[str, str]]:
        return [(one.redemption_id, one.coupon_id) for one in self.questions if isinstance(one, ReleaseCoupon)]


class CopiesFail(Problem):
    code = "STORE-FAILS"


@dataclass
class MembersInMemory:
    """What a store that lives in memory remembers of members, coupons and what headquarters should hear."""

    copies: dict[str, MemberCopy] = field(default_factory=dict)
    shares: list[CouponLease] = field(default_factory=list)
    let_go: list[tuple[str, tuple[LetGo, ...]]] = field(default_factory=list)
    """Of baskets that were given up: their id and what was asked for them."""

    told: int = 0
    copies_fail: bool = False

    def completed_sales(self) -> Sequence[CompletedSale]:
        """Return the sales; the whole store knows."""
        return ()

    def knows(self, known: MemberFacts, *coupons: CouponOffer, as_of: datetime = NOON - DAY) -> None:
        """Have a local copy of a member."""
        self.copies[known.member.member_id] = MemberCopy(replace(known, as_of=as_of), coupons)

    def member_copy(self, key: MemberKey) -> MemberCopy | None:
        return next((copy for copy in self.copies.values() if copy.facts.member.is_found_by(key)), None)

    def member_copy_of(self, member_id: str) -> MemberCopy | None:
        return self.copies.get(member_id)

    def keep_member_copy(self, answer: MemberAnswer, as_of: datetime) -> None:
        if self.copies_fail:
            raise CopiesFail(wording("The disk is full. Call the store admin."))
        if answer.facts is None:
            return
        if answer.facts.member.standing is Standing.ERASED:
            self.copies.pop(answer.facts.member.member_id, None)
        else:
            self.knows(answer.facts, *answer.coupons, as_of=as_of)

    def forget_member(self, member_id: str) -> None:
        """Forget the copy; what sales and baskets say is the store's own to forget, and is not played here."""
        if self.copies_fail:
            raise CopiesFail(wording("The disk is full. Call the store admin."))
        self.copies.pop(member_id, None)

    def coupon_leases(self) -> Sequence[CouponLease]:
        return self.shares

    def _uses(self) -> list[tuple[str, CouponUse]]:
        return [
            (known.sale.member.member_id if known.sale.member else "", use)
            for known in self.completed_sales()
            for use in known.sale.coupons
        ]

    def lease_used(self, lease_id: str) -> int:
        return sum(use.lease_id == lease_id for _, use in self._uses())

    def uses_seen(self) -> "MembersInMemory":
        return self

    def of_coupon(self, coupon_id: str) -> int:
        return sum(use.coupon_id == coupon_id for _, use in self._uses())

    def of_coupon_here(self, coupon_id: str) -> int:
        return self.of_coupon(coupon_id)

    def of_form_by(self, form_id: str, member_id: str) -> int:
        return sum((use.form_id, who) == (form_id, member_id) for who, use in self._uses())

    def offers_used(self, member_id: str, since: datetime) -> tuple[tuple[str, int], ...]:
        used: dict[str, int] = {}
        for known in self.completed_sales():
            sale = known.sale
            if sale.member and sale.member.member_id == member_id and sale.completed_at >= since and sale.promotions:
                for given in sale.promotions.offers:
                    used[given.offer_id] = used.get(given.offer_id, 0) + given.times
        return tuple(sorted(used.items()))

    def bought_here(self, member_id: str) -> bool:
        members = (known.sale.member for known in self.completed_sales())
        return any(one is not None and one.member_id == member_id for one in members)

    def facts_to_tell(self, limit: int) -> FactsToTell:
        untold = self.completed_sales()[self.told : self.told + limit]
        return FactsToTell(
            tuple(
                SaleFacts(known.sale.sale_id, known.sale.till_id, known.sale.completed_at, known.sale.business_date)
                for known in untold
            ),
            self.told + len(untold),
        )

    def facts_told(self, told_to: int) -> None:
        self.told = told_to

    def keep_lease(self, lease: CouponLease) -> None:
        self.shares.append(lease)

    def lease_over(self, lease_id: str) -> None:
        self.shares = [one for one in self.shares if one.lease.lease_id != lease_id]
