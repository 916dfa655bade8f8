"""From a coupon's own benefit to an offer that the solver weighs beside the shop's promotions.

| benefit          | becomes                                                                             |
|------------------|-------------------------------------------------------------------------------------|
| amount           | that amount off everything that may be discounted; from an amount on: a threshold    |
| percent          | a threshold, with the cap where there is one                                         |
| product, gift    | the price, or nothing, for that many pieces; from an amount on: a gift at that price |
| free delivery    | nothing at a till: there is nothing to deliver                                      |

They come after all of the shop's own basket offers, so that a coupon works on what would be paid otherwise and breaks
no threshold that is reached without it. Of weighed goods a coupon takes one whole weighing that is no more than it is
for: a heavier one is not given in part.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.ledger.canonical import canonical_json
from app.members.coupons import Benefit, BenefitKind
from app.promotions.baskets import HeldCoupon, OfferLine
from app.promotions.offers import Extra, FixedPrice, Form, GiftFrom, Goods, Offer, RulesDocument, Step, Threshold, Who
from app.promotions.rules import Match, Rules, make_rules
from app.sales.basket import BasketLine
from app.sales.shopper import BasketCoupon
from app.values.quantity import ONE

_AFTER_THE_SHOPS: Final = 10_000
"""The order of coupons' own benefits among basket offers: the shop's go up to 9999."""

_REMEMBERED: Final = 32
_REMEMBERED_PRODUCTS: Final = 1_000
_MOST_PIECES: Final = 999
_MOST_NAME: Final = 120
_NOT_IN_AN_ID: Final = re.compile(r"[^a-z0-9_.-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesWithCoupons(Rules):
    """The shop's rules with the benefits of coupons after them; the shop's own are not read or checked again."""

    shop: Rules
    own: Rules

    def matches(self, line: OfferLine) -> tuple[Match, ...]:
        """Return the offers and parts that a line's product belongs to, the coupons' after the shop's."""
        key = (line.product_id, line.department_id, line.tags)
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= _REMEMBERED_PRODUCTS:
                self._remembered.clear()
            first = len(self.shop.offers)
            own = ((number + first, part) for number, part in self.own.matches(line))
            found = self._remembered[key] = (*self.shop.matches(line), *own)
        return found

    def rank(self, number: int) -> tuple[int, int, str]:
        """Return where an offer stands in the order of basket offers."""
        first = len(self.shop.offers)
        return self.shop.rank(number) if number < first else (_AFTER_THE_SHOPS, number, self.offers[number].id)

    def exclusive_group(self, number: int) -> str:
        """Return the exclusive group an offer is in; a coupon's benefit is in none."""
        return self.shop.exclusive_group(number) if number < len(self.shop.offers) else ""


class OfferBook:
    """The rules that hold, and those with the benefits of coupons beside them; one thread uses it."""

    def __init__(self, rules: Rules) -> None:
        """Take the shop's rules."""
        self.take(rules)

    def take(self, rules: Rules) -> None:
        """Work by other rules from here on; what was worked out before stays as it was."""
        self.rules = rules
        self.leap_day_after = False
        """Whether who was born on 29 February celebrates on 1 March in other years; the shop's rule for birthdays."""

        self._names = {name for offer in rules.offers for name in (offer.id, offer.who.coupon)}
        self._remembered: dict[tuple[Offer, ...], Rules] = {}

    def rules_for(self, coupons: tuple[BasketCoupon, ...]) -> Rules:
        """Return the rules with an offer for each coupon that brings its own benefit."""
        own = tuple(_offer(key, coupon) for key, coupon in self.own_benefits(coupons))
        if not own:
            return self.rules
        found = self._remembered.get(own)
        if found is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            found = self._remembered[own] = _extended(self.rules, own)
        return found

    def held(self, coupons: tuple[BasketCoupon, ...], lines: tuple[BasketLine, ...]) -> tuple[HeldCoupon, ...]:
        """Return a basket's coupons as the solver counts them, by their redemption's id.

        One that gives several pieces stands there once for each of them; one for weighed goods once.
        """
        weighed = {line.product_id for line in lines if _is_weighed(line)}
        own = {coupon.redemption_id: key for key, coupon in self.own_benefits(coupons)}
        return tuple(
            HeldCoupon(coupon.redemption_id, coupon.promotion_id or own[coupon.redemption_id])
            for coupon in coupons
            if coupon.promotion_id or coupon.redemption_id in own
            for _ in range(_times(coupon, weighed))
        )

    def tags_of(self, line: BasketLine, coupons: tuple[BasketCoupon, ...]) -> tuple[str, ...]:
        """Return what keeps a weighed line out of the coupons for less of its product than it weighs."""
        if not _is_weighed(line):
            return ()
        return tuple(
            _too_heavy_for(key)
            for key, coupon in self.own_benefits(coupons)
            if _is_priced_product(coupon.benefit)
            and coupon.benefit.product_id == line.product_id
            and coupon.benefit.quantity_thousandths < line.quantity_thousandths
        )

    def own_benefits(self, coupons: tuple[BasketCoupon, ...]) -> tuple[tuple[str, BasketCoupon], ...]:
        """Name the coupons without a promotion of the shop, each by the offer that it becomes.

        In the order of form and coupon, not of the scans: the same coupons make the same rules. No name is one of the
        shop's offers, or sets one of them off.
        """
        own = [one for one in coupons if not one.promotion_id and one.benefit.kind is not BenefitKind.FREE_DELIVERY]
        own.sort(key=lambda one: (one.form_id, one.coupon_id, one.redemption_id))
        taken = self._names.union(one.promotion_id for one in coupons)
        return tuple((_key(number, one.form_id, taken), one) for number, one in enumerate(own, start=1))


def _key(number: int, form_id: str, taken: set[str]) -> str:
    """Return an offer's id that nothing else has; form ids come from headquarters and may be any text."""
    form = _NOT_IN_AN_ID.sub("-", form_id.lower())[:40]
    return next(key for key in _keys(number, form) if key not in taken)


def _keys(number: int, form: str) -> Iterator[str]:
    stem = "coupon"
    while True:
        yield f"{stem}.{number:03}.{form}"  # of one width, so that ids sort as numbers do
        stem += "-"


def _extended(shop: Rules, own_offers: tuple[Offer, ...]) -> Rules:
    # Checked by themselves: checking and naming a thousand offers again would cost a scan its tenth of a second.
    own = make_rules(
        RulesDocument(offer=own_offers, excluded=shop.excluded, time_zone=shop.zone.key, currency=shop.currency)
    )
    digest = hashlib.sha256(canonical_json({"rules": shop.version, "coupons": own.version}))
    return RulesWithCoupons(
        version=digest.hexdigest(),
        offers=(*shop.offers, *own.offers),
        groups=shop.groups,
        zone=shop.zone,
        currency=shop.currency,
        excluded=shop.excluded,
        parts=(*shop.parts, *own.parts),
        needs=(*shop.needs, *own.needs),
        conditional=(*shop.conditional, *own.conditional),
        dated=(*shop.dated, *own.dated),
        _by_name={},
        shop=shop,
        own=own,
    )


def _offer(key: str, coupon: BasketCoupon) -> Offer:
    benefit = coupon.benefit
    goods = Goods()
    if _is_priced_product(benefit):
        goods = Goods(products=(benefit.product_id,), except_tags=(_too_heavy_for(key),))
    return Offer(
        id=key,
        name=coupon.name.default[:_MOST_NAME] or key,
        name_en=dict(coupon.name.translations).get("en", "")[:_MOST_NAME],
        form=_form(benefit),
        goods=goods,
        who=Who(coupon=key),
    )


def _too_heavy_for(key: str) -> str:
    return f"too heavy for {key}"


def _is_weighed(line: BasketLine) -> bool:
    """Tell whether a line is one whole to the solver: weighed, or priced by its label."""
    return line.unit.divisible or line.label_amount_minor is not None or bool(line.quantity_thousandths % ONE)


def comes_last(coupon: BasketCoupon) -> bool:
    """Tell whether a coupon works on the amount that everything else leaves, and so changes nothing before it."""
    return not coupon.promotion_id and coupon.benefit.kind in {BenefitKind.AMOUNT, BenefitKind.PERCENT}


def _is_priced_product(benefit: Benefit) -> bool:
    return benefit.kind in {BenefitKind.GIFT, BenefitKind.PRODUCT} and not benefit.least_minor


def _times(coupon: BasketCoupon, weighed: set[str]) -> int:
    benefit = coupon.benefit
    if coupon.promotion_id or not _is_priced_product(benefit) or benefit.product_id in weighed:
        return 1
    return _pieces(benefit)


def _pieces(benefit: Benefit) -> int:
    return min(_MOST_PIECES, max(1, benefit.quantity_thousandths // ONE))


def _form(benefit: Benefit) -> Form:
    if benefit.kind in {BenefitKind.GIFT, BenefitKind.PRODUCT}:
        if _is_priced_product(benefit):
            return FixedPrice(price_minor=benefit.minor)
        return GiftFrom(
            from_minor=benefit.least_minor,
            gift=Goods(products=(benefit.product_id,)),
            gift_pieces=_pieces(benefit),
            price_minor=benefit.minor,
        )
    if benefit.kind is BenefitKind.AMOUNT:
        if not benefit.least_minor:
            return Extra(off_minor=benefit.minor)
        return Threshold(steps=(Step(from_minor=benefit.least_minor, off_minor=benefit.minor),))
    percent = Step(from_minor=max(1, benefit.least_minor), off_basis_points=benefit.basis_points)
    return Threshold(steps=(percent,), most_off_minor=benefit.most_minor or None)
