"""Makes coupons' forms, limited codes and campaigns of what `members.toml` says of them, and refuses what cannot be."""

from datetime import UTC
from typing import Final

from app.catalogue.codes import CardKind, CodeSettings
from app.commands.configuration import localized
from app.commands.members.sections import CouponSection, MembersFile
from app.commands.members.settings import Campaign, LimitedCoupon
from app.members.coupon_problems import BadCoupon
from app.members.coupons import Arm, Benefit, BenefitKind, CouponForm, ReturnRule
from app.values.problems import Problem
from app.values.quantity import ONE
from app.values.wording import wording

_OF_GOODS: Final = frozenset({"gift", "product"})


class BadCoupons(Problem):
    """Raised when a coupon or a campaign of `members.toml` cannot be meant; names it."""

    code = "BAD-COUPONS"


def forms_of(found: MembersFile) -> tuple[CouponForm, ...]:
    """Return the coupons' forms.

    Raises:
        BadCoupons: one gives nothing, pays the shopper, ends before it begins, or stands there twice.
    """
    _require_once("coupon.id", [section.id for section in found.coupon])
    arms = {arm.coupon: (campaign.id, arm.arm) for campaign in found.campaign for arm in campaign.arm}
    return tuple(_form(section, found.merchant_id, arms.get(section.id, ("", ""))) for section in found.coupon)


def _form(section: CouponSection, merchant_id: str, arm: tuple[str, str]) -> CouponForm:
    of_goods = section.kind in _OF_GOODS
    if of_goods and not section.pieces:
        raise BadCoupons(wording("coupon.pieces: {id} does not say how many pieces. Add it.", id=section.id))
    try:
        return CouponForm(
            form_id=section.id,
            name=localized(section.name, section.name_en),
            benefit=Benefit(
                BenefitKind(section.kind),
                minor=section.minor,
                basis_points=section.basis_points,
                product_id=section.product,
                quantity_thousandths=section.pieces * ONE,
                least_minor=section.least_minor,
                most_minor=section.most_minor,
            ),
            valid_from=section.valid_from.astimezone(UTC),
            valid_until=section.valid_until.astimezone(UTC),
            merchant_id=merchant_id,
            stores=section.stores,
            campaign_id=arm[0],
            arm=arm[1],
            uses=section.uses,
            per_member=section.per_member,
            stackable=section.stackable,
            must_be_claimed=section.must_be_claimed,
            on_return=ReturnRule(section.on_return),
            grace_days=section.grace_days,
            promotion_id=section.promotion,
        )
    except BadCoupon as problem:
        raise BadCoupons(
            wording("{key} {id}: {reason}", key="coupon", id=section.id, reason=problem.sentence)
        ) from problem


def limited_of(found: MembersFile, codes: CodeSettings) -> tuple[LimitedCoupon, ...]:
    """Return the limited coupons.

    Raises:
        BadCoupons: one lacks its code or its number, its code is no coupon's at the till, or it stands there twice.
    """
    limited = [section for section in found.coupon if section.code is not None or section.quota]
    for section in limited:
        if section.code is None or not section.quota:
            raise BadCoupons(
                wording("coupon {id}: code and quota belong together. Set both, or neither.", id=section.id)
            )
        if section.must_be_claimed:
            raise BadCoupons(
                wording("coupon {id}: whoever brings its code can use it. Set must_be_claimed = false.", id=section.id)
            )
        code = section.code
        if not any(card.kind is CardKind.COUPON and card.matches(code) for card in codes.cards):
            raise BadCoupons(
                wording(
                    'coupon.code: {code} is no coupon at the till. Add a [[card]] with kind = "coupon" to store.toml'
                    " that begins so.",
                    code=code,
                )
            )
    _require_once("coupon.code", [section.code or "" for section in limited])
    return tuple(LimitedCoupon(section.code or "", section.id, section.quota) for section in limited)


def campaigns_of(found: MembersFile) -> tuple[Campaign, ...]:
    """Return the campaigns.

    Raises:
        BadCoupons: one names a coupon that is not there, or is no comparison.
    """
    _require_once("campaign.id", [campaign.id for campaign in found.campaign])
    _require_once("campaign.arm.coupon", [arm.coupon for campaign in found.campaign for arm in campaign.arm])
    known = {section.id: section for section in found.coupon}
    for campaign in found.campaign:
        _require_once(f"campaign.{campaign.id}.arm", [arm.arm for arm in campaign.arm])
        for arm in campaign.arm:
            if arm.coupon not in known:
                raise BadCoupons(
                    wording(
                        "campaign.arm.coupon: there is no [[coupon]] {coupon}. Add it, or name another.",
                        coupon=arm.coupon,
                    )
                )
            if known[arm.coupon].quota:
                raise BadCoupons(
                    wording("campaign.arm.coupon: {coupon} is for whoever brings its code.", coupon=arm.coupon)
                )
    return tuple(
        Campaign(
            campaign.id,
            localized(campaign.name, campaign.name_en),
            tuple(Arm(arm.arm, arm.weight) for arm in campaign.arm),
            tuple((arm.arm, arm.coupon) for arm in campaign.arm),
        )
        for campaign in found.campaign
    )


def _require_once(key: str, names: list[str]) -> None:
    for twice in sorted({name for name in names if names.count(name) > 1}):
        raise BadCoupons(wording("{key}: {name} stands there twice. Change one.", key=key, name=twice))
