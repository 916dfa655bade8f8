"""What a sale holds of promotions, its member and coupons: as it stands in the journal's body, and as rows beside it.

A promotion is `[offer_id, name, times, saving_minor, [redemption_id, …], translations]`, a coupon's use
`[redemption_id, coupon_id, form_id, campaign_id, arm, proof, cost_minor, on_return, lease_id]`, and a redemption that
was let go `[redemption_id, coupon_id]`; new values are added at an array's end. Of the member the body holds the
reference and figures: the label on the receipt stands apart, as notes do, and can be erased.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from app.members.coupons import CouponUse, LetGo, Proof, ReturnRule
from app.sales.sale import Sale, SaleMember, SaleOffer, SalePromotions
from app.values.wording import LocalizedText

Values = tuple[str | int | bytes | None, ...]

_offer_values: Callable[[SaleOffer], Values] = attrgetter("offer_id", "name.default", "times", "saving_minor")
_use_values: Callable[[CouponUse], Values] = attrgetter(
    "redemption_id",
    "coupon_id",
    "form_id",
    "campaign_id",
    "arm",
    "proof._value_",
    "cost_minor",
    "on_return._value_",
    "lease_id",
)
_let_go_values: Callable[[LetGo], Values] = attrgetter("redemption_id", "coupon_id")


class OfferDocument(msgspec.Struct, frozen=True, array_like=True):
    """A promotion that a sale was given."""

    offer_id: str
    name: str
    times: int
    saving_minor: int
    redemption_ids: tuple[str, ...]
    name_translations: tuple[tuple[str, str], ...]


class PromotionsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """By which rules, how hard was looked, and what came of it; the keys in the order of RFC 8785."""

    effort: str
    offers: tuple[OfferDocument, ...]
    rules_version: str


class MemberDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The member a sale was made for, as a reference and figures; the keys in the order of RFC 8785."""

    birthday: bool
    bought_minor: int
    member_id: str
    points_after: int | None = None
    points_before: int
    points_earned: int
    points_end_on: date | None
    points_shares: tuple[tuple[int, int], ...]
    points_spent: int = 0
    tier_id: str


class UseDocument(msgspec.Struct, frozen=True, array_like=True):
    """A coupon that a sale used."""

    redemption_id: str
    coupon_id: str
    form_id: str
    campaign_id: str
    arm: str
    proof: Proof
    cost_minor: int
    on_return: ReturnRule
    lease_id: str


class LetGoDocument(msgspec.Struct, frozen=True, array_like=True):
    """A redemption that was let go."""

    redemption_id: str
    coupon_id: str


class DealParts(NamedTuple):
    """The rows beside a sale's entry, and the values of its body; all empty where it has nothing of the kind."""

    offer_rows: Sequence[Values] = ()
    member_rows: Sequence[Values] = ()
    use_rows: Sequence[Values] = ()
    let_go_rows: Sequence[Values] = ()
    promotions: PromotionsDocument | msgspec.UnsetType = msgspec.UNSET
    member: MemberDocument | msgspec.UnsetType = msgspec.UNSET
    coupons: Sequence[Values] | msgspec.UnsetType = msgspec.UNSET
    released: Sequence[Values] | msgspec.UnsetType = msgspec.UNSET


NO_DEAL: Final = DealParts()


def has_deal(sale: Sale) -> bool:
    """Return whether a sale says anything of promotions, a member or coupons."""
    return bool(sale.promotions is not None or sale.member is not None or sale.coupons or sale.released)


def deal_parts_of(key: int, sale: Sale) -> DealParts:
    """Fetch what a sale says of promotions, member and coupons; `key` is its entry's, and comes first in every row."""
    if not has_deal(sale):
        return NO_DEAL
    promotions, member = sale.promotions, sale.member
    uses = [_use_values(use) for use in sale.coupons]
    let_go = [_let_go_values(one) for one in sale.released]
    member_id = member.member_id if member is not None else ""
    return DealParts(
        offer_rows=[
            (key, number, *_offer_values(offer))
            for number, offer in enumerate(promotions.offers if promotions is not None else (), 1)
        ],
        member_rows=[_member_row(key, member)] if member is not None else (),
        use_rows=[(key, number, *values, member_id) for number, values in enumerate(uses, 1)],
        let_go_rows=let_go_rows(key, let_go),
        promotions=_promotions_document(promotions) if promotions is not None else msgspec.UNSET,
        member=_member_document(member) if member is not None else msgspec.UNSET,
        coupons=uses or msgspec.UNSET,
        released=let_go or msgspec.UNSET,
    )


def let_go_rows(key: int, let_go: Iterable[Values]) -> list[Values]:
    """Return the rows of redemptions that were let go, by a sale or an abandoned basket."""
    return [(key, number, *values) for number, values in enumerate(let_go, 1)]


def _member_row(key: int, member: SaleMember) -> Values:
    return (
        key,
        member.member_id,
        member.tier_id,
        member.points_before,
        member.points_earned,
        member.points_end_on.isoformat() if member.points_end_on is not None else None,
        member.bought_minor,
        int(member.birthday),
        member.points_spent,
        member.points_after,
    )


def _member_document(member: SaleMember) -> MemberDocument:
    return MemberDocument(
        birthday=member.birthday,
        bought_minor=member.bought_minor,
        member_id=member.member_id,
        points_after=member.points_after,
        points_before=member.points_before,
        points_earned=member.points_earned,
        points_end_on=member.points_end_on,
        points_shares=member.points_shares,
        points_spent=member.points_spent,
        tier_id=member.tier_id,
    )


def _promotions_document(promotions: SalePromotions) -> PromotionsDocument:
    return PromotionsDocument(
        effort=promotions.effort,
        offers=tuple(
            OfferDocument(
                offer.offer_id,
                offer.name.default,
                offer.times,
                offer.saving_minor,
                offer.redemption_ids,
                offer.name.translations,
            )
            for offer in promotions.offers
        ),
        rules_version=promotions.rules_version,
    )


def promotions_of(document: PromotionsDocument) -> SalePromotions:
    """Bring the promotions of a sale back."""
    return SalePromotions(
        document.rules_version,
        document.effort,
        tuple(
            SaleOffer(
                offer.offer_id,
                LocalizedText(offer.name, offer.name_translations),
                offer.times,
                offer.saving_minor,
                offer.redemption_ids,
            )
            for offer in document.offers
        ),
    )


def member_of(document: MemberDocument, label: str) -> SaleMember:
    """Bring the member of a sale back, with the label that stands apart; empty where it was erased."""
    return SaleMember(
        member_id=document.member_id,
        tier_id=document.tier_id,
        points_before=document.points_before,
        points_earned=document.points_earned,
        points_end_on=document.points_end_on,
        points_shares=document.points_shares,
        bought_minor=document.bought_minor,
        birthday=document.birthday,
        label=label,
        points_spent=document.points_spent,
        points_after=document.points_after,
    )


def use_of(document: UseDocument) -> CouponUse:
    """Bring a coupon's use back."""
    return CouponUse(
        document.redemption_id,
        document.coupon_id,
        document.form_id,
        document.campaign_id,
        document.arm,
        document.proof,
        document.cost_minor,
        document.on_return,
        document.lease_id,
    )


def let_go_of(document: LetGoDocument) -> LetGo:
    """Bring a redemption back that was let go."""
    return LetGo(document.redemption_id, document.coupon_id)
