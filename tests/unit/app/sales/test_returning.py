"""What comes back of a sale: by hand on the small shop's receipt, whose figures stand in `receipt_samples`."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from app.members.coupons import CouponUse, Proof, ReturnRule
from app.members.ports import ReturnFacts
from app.payments.cash import CashRounding, RoundingRule
from app.payments.tenders import Tendered
from app.sales.refund_tenders import RefundTerms
from app.sales.returning import ReturnedGoods, ReturnedSoFar, ReturnRefused, return_facts, take_back
from app.sales.sale import DiscountScope, DiscountShare, Sale, SaleMember, SaleOffer, SalePromotions
from app.values.tax import TaxAmounts, TaxClass
from app.values.wording import LocalizedText

MILK, APPLES, WINE, BEER, DEPOSIT = 1, 2, 3, 4, 5
NOTHING = ReturnedSoFar()
SHOPS = RefundTerms("points", "stored_value")
NAME = LocalizedText("x")


def tender(tender_id: int, kind: str, amount: int, attempt: str | None = None) -> Tendered:
    return Tendered(tender_id, kind, LocalizedText(kind), kind, amount, amount, "", attempt)


def paid_by(sale: Sale, *tenders: Tendered) -> Sale:
    return replace(sale, tenders=tenders, change_minor=0)


def refunds(goods: ReturnedGoods) -> list[tuple[str, int]]:
    return [(one.tender.tender_type_id, one.amount_minor) for one in goods.tenders]


def test_of_two_at_a_discount_one_brings_its_own_share_and_its_tax_back(samples: SimpleNamespace) -> None:
    # 6.45 off two: 3.23 and 3.22. 12.90 - 3.23 = 9.67; of the tax 2.23 x 967 / 1935 = 1.114 -> 1.11. Then the rest.
    first = take_back(samples.SALE, NOTHING, {MILK: 1000})
    second = take_back(samples.SALE, first.after, {MILK: 1000})
    (one,), (other,) = first.lines, second.lines
    assert (one.extended_minor, one.discounts[0].amount_minor, one.tax) == (1290, 323, TaxAmounts(856, 111, 967))
    assert (other.extended_minor, other.discounts[0].amount_minor, other.tax) == (1290, 322, TaxAmounts(856, 112, 968))
    assert (first.refund_minor, second.refund_minor) == (967, 968)


def test_part_of_what_was_weighed_comes_back_by_weight(samples: SimpleNamespace) -> None:
    # 12.33 x 500 / 1245 = 4.951 -> 4.95; the rest is 7.38.
    first = take_back(samples.SALE, NOTHING, {APPLES: 500})
    assert first.refund_minor == 495
    assert take_back(samples.SALE, first.after, {APPLES: 745}).refund_minor == 738


def test_the_deposit_comes_back_with_its_bottle(samples: SimpleNamespace) -> None:
    goods = take_back(samples.SALE, NOTHING, {BEER: 1000})
    assert [(one.line_number, one.refund_minor) for one in goods.lines] == [(BEER, 650), (DEPOSIT, 50)]
    assert goods.bought_minor == 650, "a deposit does not count towards a tier"


def test_a_bottle_that_came_back_before_is_not_paid_twice(samples: SimpleNamespace) -> None:
    bottle = take_back(samples.SALE, NOTHING, {DEPOSIT: 1000})
    assert bottle.refund_minor == 50
    assert take_back(samples.SALE, bottle.after, {BEER: 1000}).refund_minor == 650


def test_of_three_bottles_one_deposit_follows_each(samples: SimpleNamespace) -> None:
    three = {
        line.line_number: replace(
            line,
            quantity_thousandths=3000,
            extended_minor=3 * line.extended_minor,
            tax=line.tax_class.split(3 * line.extended_minor),
        )
        for line in samples.LINES
        if line.line_number in {BEER, DEPOSIT}
    }
    sale = replace(
        samples.SALE, lines=tuple(three.get(line.line_number, line) for line in samples.LINES), due_minor=9770
    )
    goods = take_back(sale, NOTHING, {BEER: 2000})
    assert {one.line_number: one.quantity_thousandths for one in goods.lines} == {BEER: 2000, DEPOSIT: 2000}
    assert take_back(sale, goods.after, {BEER: 1000}).lines[1].quantity_thousandths == 1000


def test_rounding_to_the_shop_comes_back_with_the_last_part(samples: SimpleNamespace) -> None:
    # 83.68 was rounded to 83.70. Without the beer 76.68; with it 6.50 + 0.50 + 0.02.
    first = take_back(samples.SALE, NOTHING, {MILK: 2000, APPLES: 1245, WINE: 1000})
    last = take_back(samples.SALE, first.after, {BEER: 1000})
    assert (first.refund_minor, first.rounding_minor) == (7668, 0)
    assert (last.refund_minor, last.rounding_minor, last.whole_sale) == (702, 2, True)
    assert last.open_after_minor == 0


def test_what_the_shop_let_the_shopper_off_is_not_paid_back_in_parts_either(samples: SimpleNamespace) -> None:
    # 83.68 was rounded down to 83.60. All but 5 g of the apples (0.05) is worth 83.63: 83.60 was paid.
    cash = replace(samples.CASH_TENDER, applied_minor=8360)
    sale = replace(samples.SALE, rounding_minor=-8, due_minor=8360, tenders=(cash,), change_minor=1640)
    most = {MILK: 2000, APPLES: 1240, WINE: 1000, BEER: 1000}
    first = take_back(sale, NOTHING, most)
    assert (first.goods_minor, first.rounding_minor, first.refund_minor) == (8363, -3, 8360)
    last = take_back(sale, first.after, {APPLES: 5})
    assert (last.goods_minor, last.rounding_minor, last.refund_minor, last.tenders) == (5, -5, 0, ())


def test_cash_goes_in_coins_and_the_rest_comes_with_the_next_part(samples: SimpleNamespace) -> None:
    # 12.33 -> 12.30, 0.03 stay open; with the milk 9.67 + 0.03 = 9.70.
    terms = RefundTerms(cash_rounding=CashRounding(10))
    first = take_back(samples.SALE, NOTHING, {APPLES: 1245}, terms)
    assert (first.refund_minor, first.open_after_minor) == (1230, 3)
    second = take_back(samples.SALE, first.after, {MILK: 1000}, terms)
    assert (second.refund_minor, second.open_before_minor, second.open_after_minor) == (970, 3, 0)


def test_a_shop_that_rounds_down_when_it_is_paid_rounds_up_when_it_pays(samples: SimpleNamespace) -> None:
    terms = RefundTerms(cash_rounding=CashRounding(10, RoundingRule.DOWN))
    first = take_back(samples.SALE, NOTHING, {APPLES: 1245}, terms)
    assert (first.refund_minor, first.open_after_minor) == (1240, -7)


def test_points_go_back_first_then_stored_value_then_the_wallet_and_cash_last(samples: SimpleNamespace) -> None:
    sale = paid_by(
        samples.SALE,
        tender(1, "cash", 1370),
        tender(2, "wechat", 2000, "w-1"),
        tender(3, "stored_value", 3000, "v-1"),
        tender(4, "points", 2000, "p-1"),
    )
    wine = take_back(sale, NOTHING, {WINE: 1000}, SHOPS)
    assert refunds(wine) == [("points", 2000), ("stored_value", 2500)]
    milk = take_back(sale, wine.after, {MILK: 2000}, SHOPS)
    assert refunds(milk) == [("stored_value", 500), ("wechat", 1435)]
    assert [one.before_minor for one in milk.tenders] == [2500, 0]
    rest = take_back(sale, milk.after, {APPLES: 1245, BEER: 1000}, SHOPS)
    assert refunds(rest) == [("wechat", 565), ("cash", 1370)]


def test_a_refund_that_failed_is_owed_with_the_next_part(samples: SimpleNamespace) -> None:
    sale = paid_by(samples.SALE, tender(1, "wechat", 8370, "w-1"))
    milk = take_back(sale, NOTHING, {MILK: 1000})
    beer = take_back(sale, replace(milk.after, tenders=()), {BEER: 1000})
    assert (beer.open_before_minor, beer.refund_minor, beer.open_after_minor) == (967, 967 + 700, 0)


def test_money_given_back_ahead_of_the_goods_is_not_given_again(samples: SimpleNamespace) -> None:
    # 10.00 went back on the wallet for nothing; the milk is worth 9.67, the apples 12.33 less the 0.33 that are left.
    sale = paid_by(samples.SALE, tender(1, "wechat", 8370, "w-1"))
    milk = take_back(sale, ReturnedSoFar((), ((1, 1000),)), {MILK: 1000})
    assert (milk.open_before_minor, milk.refund_minor, milk.open_after_minor) == (-1000, 0, -33)
    assert take_back(sale, milk.after, {APPLES: 1245}).refund_minor == 1200


def test_a_tax_on_top_goes_back_on_top(samples: SimpleNamespace) -> None:
    # Three at 1.00 with 8 % on top: 0.24. One: 1.00 + 0.08.
    excise = TaxClass("excise", 800, included=False)
    line = replace(
        samples.line(1, NAME, 300, excise),
        quantity_thousandths=3000,
        unit_price_minor=100,
        tax=TaxAmounts(300, 24, 324),
    )
    sale = replace(
        samples.SALE, lines=(line,), gross_minor=324, rounding_minor=0, due_minor=324, tenders=(tender(1, "cash", 324),)
    )
    goods = take_back(sale, NOTHING, {1: 1000})
    assert goods.lines[0].tax == TaxAmounts(100, 8, 108)
    assert take_back(sale, goods.after, {1: 2000}).refund_minor == 216


def test_a_gift_that_cost_nothing_brings_nothing_back(samples: SimpleNamespace) -> None:
    share = DiscountShare("gift", DiscountScope.PROMOTION, NAME, "", 650)
    gift = replace(samples.LINES[3], discounts=(share,), tax=TaxAmounts(0, 0, 0))
    sale = replace(samples.SALE, lines=(*samples.LINES[:3], gift), gross_minor=7668, rounding_minor=2, due_minor=7670)
    goods = take_back(sale, NOTHING, {BEER: 1000})
    assert (goods.goods_minor, goods.tenders, goods.lines[0].discounts[0].amount_minor) == (0, (), 650)


def test_labels_with_an_odd_amount_for_several_pieces_still_come_back_to_the_fen(samples: SimpleNamespace) -> None:
    # 5 fen for two pieces, 5 fen off: nothing was paid for either.
    share = DiscountShare("d", DiscountScope.LINE, NAME, "torn", 5)
    line = replace(samples.line(1, NAME, 5), quantity_thousandths=2000, discounts=(share,), tax=TaxAmounts(0, 0, 0))
    sale = replace(samples.SALE, lines=(line,), gross_minor=0, rounding_minor=0, due_minor=0, tenders=())
    first = take_back(sale, NOTHING, {1: 1000})
    assert (first.goods_minor, take_back(sale, first.after, {1: 1000}).goods_minor) == (0, 0)


# What the member had.


def of_a_member(sale: Sale) -> Sale:
    # 83 points: 19 on the milk, 12 on the apples, 45 on the wine, 7 on the beer.
    member = SaleMember("m-7", points_earned=83, points_shares=((1, 19), (2, 12), (3, 45), (4, 7)), bought_minor=8318)
    return replace(sale, member=member)


def test_points_are_taken_back_with_what_earned_them(samples: SimpleNamespace) -> None:
    sale = of_a_member(samples.SALE)
    first = take_back(sale, NOTHING, {MILK: 1000})
    second = take_back(sale, first.after, {MILK: 1000, WINE: 1000})
    # 19 over two pieces: 9 and 10.
    assert (first.points, second.points) == (9, 10 + 45)


def test_headquarters_hears_of_points_and_of_what_counts_towards_the_tier(samples: SimpleNamespace) -> None:
    goods = take_back(of_a_member(samples.SALE), NOTHING, {BEER: 1000})
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert return_facts(goods, "ret-1", "0001-03", at, date(2026, 11, 23)) == ReturnFacts(
        "ret-1", samples.SALE.sale_id, "0001-03", at, date(2026, 11, 23), "m-7", returned_minor=650, points=7
    )


def use(number: int, cost: int, rule: ReturnRule = ReturnRule.GIVE_BACK) -> CouponUse:
    return CouponUse(f"r-{number}", f"c-{number}", "form", "", "", Proof.ONLINE, cost, rule)


def with_coupons(sale: Sale, *uses: CouponUse) -> Sale:
    """The half price of the milk, 6.45, was set off by these."""
    offer = SaleOffer("d1", NAME, len(uses), 645, tuple(one.redemption_id for one in uses))
    return replace(sale, promotions=SalePromotions("v", "greedy", (offer,)), coupons=uses)


def test_a_coupon_comes_back_with_the_last_of_what_it_took_off(samples: SimpleNamespace) -> None:
    sale = with_coupons(samples.SALE, use(1, 645))
    first = take_back(sale, NOTHING, {MILK: 1000})
    assert [(one.returned_minor, one.outcome) for one in first.coupons] == [(323, None)]
    second = take_back(sale, first.after, {MILK: 1000})
    assert [(one.outcome, one.decided_now) for one in second.coupons] == [(ReturnRule.GIVE_BACK, True)]
    assert return_facts(second, "ret", "t", datetime(2026, 11, 23, tzinfo=UTC), date(2026, 11, 23)).coupons == (
        ("r-1", "c-1", ReturnRule.GIVE_BACK),
    )


def test_a_coupon_is_decided_once(samples: SimpleNamespace) -> None:
    sale = with_coupons(samples.SALE, use(1, 645, ReturnRule.VOID))
    first = take_back(sale, NOTHING, {MILK: 2000})
    assert first.coupons[0].decided_now
    second = take_back(sale, first.after, {WINE: 1000})
    assert (second.coupons[0].outcome, second.coupons[0].decided_now) == (ReturnRule.VOID, False)


def test_of_two_coupons_in_one_offer_the_first_comes_back_with_the_first_half(samples: SimpleNamespace) -> None:
    sale = with_coupons(samples.SALE, use(1, 323), use(2, 322))
    goods = take_back(sale, NOTHING, {MILK: 1000})
    assert [(one.returned_minor, one.outcome) for one in goods.coupons] == [(323, ReturnRule.GIVE_BACK), (0, None)]


def test_a_coupon_that_took_nothing_off_comes_back_with_the_whole_sale(samples: SimpleNamespace) -> None:
    sale = replace(samples.SALE, coupons=(use(1, 0),))
    milk = take_back(sale, NOTHING, {MILK: 2000})
    assert milk.coupons[0].outcome is None
    rest = take_back(sale, milk.after, {APPLES: 1245, WINE: 1000, BEER: 1000})
    assert rest.coupons[0].outcome is ReturnRule.GIVE_BACK


# What cannot be.


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        ({}, "Nothing comes back yet. Choose the goods that the shopper brings back."),
        ({MILK: 0}, "Nothing comes back yet. Choose the goods that the shopper brings back."),
        ({9: 1000}, "Line 9 is not on this receipt. Choose a line that is."),
        ({MILK: 3000}, "Of Whole milk 1 L 2 can still come back, not 3. Take less back."),
        ({APPLES: 1246}, "Of Fuji apples 1.245 can still come back, not 1.246. Take less back."),
        ({MILK: 500}, "Whole milk 1 L comes back in whole pieces. Type a whole number."),
        ({MILK: 1000, WINE: -1000}, "A quantity that comes back is more than zero. Type it again."),
    ],
)
def test_what_cannot_come_back_is_refused_in_words(
    samples: SimpleNamespace, now: dict[int, int], sentence: str
) -> None:
    with pytest.raises(ReturnRefused) as refused:
        take_back(samples.SALE, NOTHING, now)
    assert samples.ENGLISH_SPEECH.say(refused.value.sentence) == sentence


def test_what_came_back_does_not_come_back_again(samples: SimpleNamespace) -> None:
    goods = take_back(samples.SALE, NOTHING, {WINE: 1000})
    with pytest.raises(ReturnRefused):
        take_back(samples.SALE, goods.after, {WINE: 1000})


@pytest.mark.parametrize(
    "before",
    [
        ReturnedSoFar(((WINE, 2000),)),
        ReturnedSoFar(((9, 1000),)),
        ReturnedSoFar(((WINE, -1),)),
        ReturnedSoFar((), ((7, 100),)),
        ReturnedSoFar((), ((1, -1),)),
    ],
)
def test_a_past_that_cannot_have_been_is_a_bug_and_not_a_sentence(
    samples: SimpleNamespace, before: ReturnedSoFar
) -> None:
    with pytest.raises(ValueError, match="cannot have"):
        take_back(samples.SALE, before, {MILK: 1000})
