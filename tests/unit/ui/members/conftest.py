"""A basket with five promotions and a member with four coupons, as the till would show them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.checkout.member_views import (
    CouponStanding,
    CouponView,
    DealView,
    HintView,
    MemberView,
    ShopperView,
)
from app.checkout.views import (
    BasketView,
    CompletedView,
    DiscountView,
    LineView,
    Phase,
    TenderView,
    TillView,
)
from app.sales.sale import DiscountScope, PriceSource
from app.values.quantity import SellingUnit
from app.values.wording import LocalizedText, Wording, wording

NOON = datetime(2026, 11, 22, 4, 41, tzinfo=UTC)


def text(chinese: str, english: str) -> LocalizedText:
    return LocalizedText(chinese, (("en", english), ("zh_CN", chinese)))


def promotion(offer_id: str, name: LocalizedText, amount: int, why: Wording | None = None) -> DiscountView:
    return DiscountView(offer_id, DiscountScope.PROMOTION, name, amount, why)


def line(number: int, name: LocalizedText, price: int, quantity: int, *discounts: DiscountView) -> LineView:
    amount = price * quantity
    return LineView(
        line_id=number,
        number=number,
        product_id=f"p{number}",
        name=name,
        specification="",
        picture="",
        unit=SellingUnit.EACH,
        quantity_thousandths=quantity * 1000,
        unit_price_minor=price,
        list_price_minor=price,
        price_source=PriceSource.BOOK,
        extended_minor=amount,
        total_minor=amount - sum(one.amount_minor for one in discounts),
        discounts=discounts,
    )


HALF = wording("{count} at half price", count=1)
LONG_NAME = text(
    "金卡会员生日月额外九五折优惠，部分商品除外", "Gold members: five per cent more in the month of their birthday"
)
LINES = (
    line(
        1, text("鲜牛奶", "Whole milk"), 1290, 2, promotion("o1", text("牛奶", "Milk: second at half price"), 645, HALF)
    ),
    line(2, text("红牛", "Red Bull"), 650, 3, promotion("o2", text("三件两件价", "Drinks: three for two"), 650)),
    line(
        3,
        text("绍兴花雕酒", "Shaoxing rice wine"),
        4500,
        1,
        promotion("o3", text("会员价", "Member price"), 300),
        promotion("o4", LONG_NAME, 210),
    ),
    line(4, text("酸奶", "Greek-style yoghurt, chilled family pack of six cups"), 3990, 1),
    line(5, text("菠萝包", "Pineapple bun"), 550, 2, promotion("o5", text("面包券", "Bakery coupon: 5 off"), 500)),
)
# 25.80 + 19.50 + 45.00 + 39.90 + 11.00 = 141.20; 6.45 + 6.50 + 3.00 + 2.10 + 5.00 = 23.05; 118.15 is left
SUBTOTAL, SAVED, DUE = 14120, 2305, 11815
BASKET = BasketView("b1", "CNY", LINES, 9, SUBTOTAL, SAVED, due_minor=DUE)
MEMBER = MemberView(
    "王**",
    "138****5678",
    text("金卡", "Gold"),
    points=1204,
    points_worth_minor=1204,
    points_expiring=((date(2026, 12, 31), 200),),
    value_minor=15680,
    earns=118,
    birthday=True,
    to_next_tier=(text("铂金卡", "Platinum"), 32000),
)
COUPONS = (
    CouponView(
        "c1", text("面包券减5元", "Bakery coupon: 5 off"), CouponStanding.USED, 500, date(2026, 11, 30), best=True
    ),
    CouponView(
        "c2", text("满100减12元券", "12 off from 100"), CouponStanding.OFFERED, 1200, date(2026, 12, 31), best=True
    ),
    CouponView(
        "c3",
        text("免费布袋", "Free cotton bag"),
        CouponStanding.ASKED,
        0,
        date(2027, 1, 15),
        wording("Headquarters is being asked."),
    ),
    CouponView(
        "c4",
        text("进口水果八折券", "A fifth off imported fruit"),
        CouponStanding.UNFIT,
        0,
        date(2026, 12, 5),
        wording("Nothing in the basket goes with this coupon."),
    ),
)
ALMOST = (
    HintView(
        "o9",
        text("全麦面包买二送一", "Wholemeal bread: buy two, get one free"),
        wording("{count} more, and the cheapest is free.", count=1),
    ),
    HintView(
        "o10", text("满200减25", "25 off from 200"), wording("{gap} more, and {off} comes off.", gap="¥ 60", off="¥ 25")
    ),
)
NOTICE = text(
    "会员隐私声明\n\n" + "我们收集您的手机号，用于识别会员身份、累计积分和发放优惠券。" * 12,
    "Privacy notice\n\n" + "We keep your phone number to know you again and to count your points. " * 12,
)
SHOPPER = ShopperView(MEMBER, False, COUPONS, 1200, ALMOST, can_enrol=True, notice=NOTICE)
SELLING = TillView(Phase.SELLING, BASKET, 3, shopper=SHOPPER)
NOBODY = replace(SELLING, shopper=ShopperView(almost=ALMOST, can_enrol=True, notice=NOTICE))
FIND = replace(NOBODY, member_shown=True)
ENROL = replace(FIND, shopper=replace(FIND.shopper, enrol_phone="+8613812345678"))
OLD = replace(
    MEMBER,
    as_of=NOON - timedelta(hours=5),
    points_owed=40,
    points_expiring=((date(2026, 12, 31), 200), (date(2026, 12, 1), 80), (date(2027, 3, 1), 5)),
)
DEAL = DealView(
    given=tuple(
        HintView(one.discount_id, one.name, one.why or wording("For members."), one.amount_minor)
        for here in LINES
        for one in here.discounts
    ),
    almost=ALMOST,
    not_given=tuple(
        HintView(f"n{number}", text(f"优惠{number}", f"Offer {number}"), wording("It is for staff only."))
        for number in range(30)
    ),
    proven=True,
)
DONE = CompletedView(
    "s1", "0001-02-1-000205", DUE, 15000, 3185, SAVED, (TenderView(1, text("现金", "Cash"), 15000),), 118, 1322
)
PAID = TillView(Phase.PAID, BasketView(None, "CNY"), completed=DONE)


@pytest.fixture(scope="session")
def shop() -> Any:
    """The views of this file, for tests, which cannot import it."""
    return SimpleNamespace(
        member=MEMBER,
        coupons=COUPONS,
        shopper=SHOPPER,
        selling=SELLING,
        nobody=NOBODY,
        find=FIND,
        looking=replace(FIND, shopper=replace(FIND.shopper, looking=True)),
        enrol=ENROL,
        shown=replace(SELLING, member_shown=True),
        old=replace(SELLING, member_shown=True, shopper=replace(SHOPPER, member=OLD)),
        blocked=replace(
            SELLING,
            member_shown=True,
            shopper=replace(SHOPPER, member=MemberView("王**", "138****5678", blocked=True), coupons=()),
        ),
        explained=replace(SELLING, deal=DEAL),
        deal=DEAL,
        paid=PAID,
        almost=ALMOST,
        text=text,
        line=line,
        promotion=promotion,
    )
