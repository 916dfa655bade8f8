"""A small shop for tests of deals: lines by short words, coupons of every benefit, rules from TOML."""

from dataclasses import replace
from datetime import UTC, datetime

from app.members.coupons import Benefit, BenefitKind, Proof, ReturnRule
from app.promotions.rules import Rules, read_rules
from app.promotions.solving import Effort
from app.sales.basket import Basket, BasketLine
from app.sales.coupon_offers import OfferBook
from app.sales.dealing import work_out
from app.sales.sale import PriceSource
from app.sales.shopper import BasketCoupon, BasketMember, CouponHold
from app.values.quantity import SellingUnit
from app.values.tax import TaxClass
from app.values.wording import LocalizedText

OPENED = datetime(2026, 11, 22, 2, tzinfo=UTC)
"""Sunday 22 November 2026, 10:00 in the shop."""

STANDARD = TaxClass("standard", 1300)


def rules(toml: str = "") -> Rules:
    return read_rules(toml.encode())


def book(toml: str = "") -> OfferBook:
    return OfferBook(rules(toml))


def line(product: str, price: int, count: int = 1, line_id: int = 0, **changes: object) -> BasketLine:
    plain = BasketLine(
        line_id=line_id,
        product_id=product,
        name=LocalizedText(product),
        department_id="snacks",
        unit=SellingUnit.EACH,
        tax_class=STANDARD,
        quantity_thousandths=count * 1000,
        list_price_minor=price,
        unit_price_minor=price,
        price_source=PriceSource.BOOK,
    )
    return replace(plain, **changes)


def weighed(product: str, price: int, grams: int, **changes: object) -> BasketLine:
    return line(product, price, unit=SellingUnit.KILOGRAM, quantity_thousandths=grams, **changes)


def basket(*lines: BasketLine, coupons: tuple[BasketCoupon, ...] = (), member: BasketMember | None = None) -> Basket:
    """Number the lines that have no number yet as they stand."""
    numbered = tuple(one if one.line_id else replace(one, line_id=number) for number, one in enumerate(lines, 1))
    return Basket("b-1", OPENED, "1001", "CNY", lines=numbered, coupons=coupons, member=member)


def coupon(number: int, benefit: Benefit, **changes: object) -> BasketCoupon:
    plain = BasketCoupon(
        redemption_id=f"r-{number}",
        coupon_id=f"c-{number}",
        form_id=f"form-{number}",
        name=LocalizedText(f"券{number}", (("en", f"Coupon {number}"),)),
        benefit=benefit,
        proof=Proof.ONLINE,
        hold=CouponHold.RESERVED,
        on_return=ReturnRule.GIVE_BACK,
        stackable=True,
    )
    return replace(plain, **changes)


def off(minor: int, least: int = 0) -> Benefit:
    return Benefit(BenefitKind.AMOUNT, minor=minor, least_minor=least)


def percent(basis_points: int, most: int = 0, least: int = 0) -> Benefit:
    return Benefit(BenefitKind.PERCENT, basis_points=basis_points, most_minor=most, least_minor=least)


def product(name: str, price: int = 0, pieces: int = 1, least: int = 0, thousandths: int = 0) -> Benefit:
    kind = BenefitKind.PRODUCT if price else BenefitKind.GIFT
    return Benefit(
        kind, minor=price, product_id=name, quantity_thousandths=thousandths or pieces * 1000, least_minor=least
    )


def dealt(rung_up: Basket, offers: OfferBook | None = None, effort: Effort = Effort.IMPROVED) -> Basket:
    """Return the basket with its deal."""
    return replace(rung_up, deal=work_out(rung_up, offers or book(), effort).deal)


def saved(rung_up: Basket, offers: OfferBook | None = None, effort: Effort = Effort.IMPROVED) -> dict[str, int]:
    """Return what each offer of a basket's deal took off."""
    deal = dealt(rung_up, offers, effort).deal
    return {one.offer_id: one.saving_minor for one in deal.offers} if deal is not None else {}
