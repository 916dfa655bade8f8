"""From a basket to its deal: which goods promotions touch, for whom, when; and what the sale keeps of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.coupons import LetGo
from app.members.earning import Earned
from app.payments.tenders import Tendered
from app.promotions.solving import Effort
from app.sales.basket import Basket, BasketLine, DiscountKind, GivenDiscount
from app.sales.completion import SellingPlace, Settled, points_after, released_of_abandoned, sale_of
from app.sales.dealing import STAFF_TIER, work_out
from app.sales.postings import postings_of
from app.sales.pricing import price_basket
from app.sales.sale import DiscountScope, PriceSource, Sale, SaleMember
from app.sales.shopper import BasketDeal, BasketMember, BasketOffer
from app.values.wording import LocalizedText
from tests.unit.app.sales.deal_cases import (
    OPENED,
    basket,
    book,
    coupon,
    dealt,
    line,
    off,
    percent,
    product,
    saved,
    weighed,
)

TENTH_OFF = """
[[offer]]
id = "tenth"
name = "九折"
name_en = "A tenth off"
form = { kind = "percent", off_basis_points = 1000 }
"""


def offer(condition: str) -> str:
    return f"{TENTH_OFF}{condition}"


# Which goods.


@pytest.mark.parametrize(
    "changes",
    [
        {"discountable": False},
        {"price_source": PriceSource.OVERRIDE},
        {"price_source": PriceSource.OPEN},
        {"deposit_of": 1},
        {"voided": True},
    ],
)
def test_goods_that_promotions_leave_alone(changes):
    two = basket(line("tea", 1000), line("milk", 1000, **changes))
    deal = dealt(two, book(TENTH_OFF)).deal
    assert deal.shares == ((1, "tenth", 100),)


def test_a_price_on_a_label_takes_part_as_one_whole():
    # 12.34 as the label has it, whatever 0.500 kg at 20.00 would be; 10 % is 1.23.
    cheese = weighed("cheese", 2000, 500, label_amount_minor=1234, price_source=PriceSource.LABEL)
    assert saved(basket(cheese), book(TENTH_OFF)) == {"tenth": 123}


# When.


@pytest.mark.parametrize(
    ("opened", "saving"),
    [
        (datetime(2026, 11, 22, 9, 59, 59, tzinfo=UTC), {}),  # 17:59:59 in the shop
        (datetime(2026, 11, 22, 10, tzinfo=UTC), {"tenth": 100}),
        (datetime(2026, 11, 22, 12, tzinfo=UTC), {}),
    ],
)
def test_the_hour_of_a_basket_is_when_it_was_opened(opened, saving):
    evening = book(offer('when = { hours = ["18:00-20:00"] }'))
    assert saved(replace(basket(line("tea", 1000)), opened_at=opened), evening) == saving


# For whom.


def shopper(**known: object) -> BasketMember:
    return replace(BasketMember("m-1"), **known)


@pytest.mark.parametrize(
    ("who", "member", "given"),
    [
        ("member = true", None, False),
        ("member = true", shopper(), True),
        ("member = true", shopper(blocked=True), False),
        ('member = true, tiers = ["gold"]', shopper(tier_id="gold"), True),
        ('member = true, tiers = ["gold"]', shopper(tier_id="basic"), False),
        ("staff = true", shopper(tier_id=STAFF_TIER), True),
        ("staff = true", shopper(tier_id="gold"), False),
        ('member = true, birthday = "day"', shopper(birthday=(11, 22)), True),
        ('member = true, birthday = "day"', shopper(), False),
        ("first_purchase = true", shopper(first_purchase=True), True),
        ("first_purchase = true", shopper(), False),
        ("first_purchase = true", None, False),
    ],
)
def test_for_whom_an_offer_is(who, member, given):
    found = saved(basket(line("tea", 1000), member=member), book(offer(f"who = {{ {who} }}")))
    assert found == ({"tenth": 100} if given else {})


def test_what_a_member_used_before_counts():
    once = book(offer("who = { member = true }\nlimit = { per_member = 2 }"))
    used = shopper(used_offers=(("tenth", 1),))
    assert saved(basket(line("tea", 1000, 3), member=used), once) == {"tenth": 100}
    assert saved(basket(line("tea", 1000, 3), member=shopper(used_offers=(("tenth", 2),))), once) == {}


def test_a_blocked_member_still_has_the_coupon_in_hand():
    blocked = basket(line("tea", 1000), coupons=(coupon(1, off(300)),), member=shopper(blocked=True))
    assert list(saved(blocked).values()) == [300]


def test_a_coupon_sets_off_the_promotion_of_its_key_and_not_its_own_benefit():
    keyed = book(offer('who = { coupon = "TENTH" }'))
    deal = dealt(basket(line("tea", 1000), coupons=(coupon(1, off(900), promotion_id="TENTH"),)), keyed).deal
    assert deal.offers == (BasketOffer("tenth", LocalizedText("九折", (("en", "A tenth off"),)), 1, 100, ("r-1",)),)


def test_the_explanation_speaks_of_a_coupon_that_nothing_goes_with():
    found = work_out(basket(line("tea", 1000), coupons=(coupon(1, product("milk")),)), book(), Effort.GREEDY)
    assert [str(hint.reason) for hint in found.explained.not_given] == ["Nothing in the basket goes with this coupon."]


def test_the_same_basket_gets_the_same_deal_whatever_the_order_of_its_lines():
    one, other = line("tea", 1000, 3, line_id=1), line("milk", 550, line_id=2)
    offers = book(TENTH_OFF)
    first, second = dealt(basket(one, other), offers).deal, dealt(basket(other, one), offers).deal
    assert (first.offers, sorted(first.shares)) == (second.offers, sorted(second.shares))
    assert first.rules_version == second.rules_version == offers.rules.version


# What it costs.


def test_promotions_come_off_before_the_discounts_that_a_person_gives():
    # 3 x 10.00; 10 % each: 27.00. Half of the line: 13.50. 20 % of the basket of 13.50 + 5.00 * 0.9 = 18.00: 3.60.
    half = GivenDiscount("d-1", DiscountKind.PERCENT, 5000, "torn")
    fifth = GivenDiscount("d-2", DiscountKind.PERCENT, 2000, "wait")
    rung_up = replace(basket(line("tea", 1000, 3, discount=half), line("milk", 500)), discounts=(fifth,))
    priced = price_basket(dealt(rung_up, book(TENTH_OFF)))
    assert [[(one.scope, one.amount_minor) for one in each.shares] for each in priced.lines] == [
        [(DiscountScope.PROMOTION, 300), (DiscountScope.LINE, 1350), (DiscountScope.BASKET, 270)],
        [(DiscountScope.PROMOTION, 50), (DiscountScope.BASKET, 90)],
    ]
    assert (priced.subtotal_minor, priced.discount_minor, priced.gross_minor) == (3500, 2060, 1440)
    assert priced.lines[0].shares[0].name.in_language("en") == "A tenth off"


def test_a_deal_that_takes_more_than_a_line_costs_is_a_bug():
    stale = replace(
        basket(line("tea", 100)),
        deal=BasketDeal("v", "greedy", (BasketOffer("o", LocalizedText("o"), 1, 101),), ((1, "o", 101),)),
    )
    with pytest.raises(ValueError, match="takes 101 off line 1, and 100 is left"):
        price_basket(stale)


any_line = st.one_of(
    st.builds(
        line,
        st.sampled_from(("tea", "milk", "salt")),
        st.integers(0, 3000),
        st.integers(1, 6),
        discountable=st.sampled_from((True, True, True, False)),
        price_source=st.sampled_from((PriceSource.BOOK, PriceSource.BOOK, PriceSource.OVERRIDE)),
        voided=st.sampled_from((False, False, False, True)),
    ),
    st.builds(
        weighed,
        st.just("apples"),
        st.integers(0, 3000),
        st.integers(1, 5000),
        label_amount_minor=st.none() | st.integers(0, 3000),
    ),
)
SHOP = f"""
[[offer]]
id = "pair"
name = "第二件半价"
goods = {{ products = ["tea", "milk"] }}
form = {{ kind = "second_off", off_basis_points = 5000 }}
[[offer]]
id = "full"
name = "满30减4"
form = {{ kind = "threshold", steps = [{{ from_minor = 3000, off_minor = 400 }}] }}
{offer('goods = { products = ["salt", "apples"] }')}
"""
any_coupon = st.one_of(
    st.builds(off, st.integers(1, 2000)),
    st.builds(percent, st.integers(1, 10_000), st.sampled_from((0, 300))),
    st.builds(product, st.sampled_from(("tea", "apples")), st.integers(0, 500), st.integers(1, 3)),
)
any_discount = st.builds(
    GivenDiscount, st.just("by-hand"), st.just(DiscountKind.PERCENT), st.integers(1, 10_000), st.just("torn")
)


def sold(rung_up: Basket, earned: Earned | None = None, points_spent: int = 0) -> Sale:
    gross = price_basket(rung_up).gross_minor
    cash = Tendered(1, "cash", LocalizedText("现金"), "cash_drawer", gross, gross)
    place = SellingPlace(1, 1, "0001-01", "s", date(2026, 11, 22), "1001", "王")
    at = OPENED + timedelta(minutes=2)
    return sale_of(rung_up, place, Settled((cash,), 0, 0, at, earned, date(2027, 11, 30), points_spent))


@given(
    st.lists(any_line, min_size=1, max_size=7),
    st.lists(any_coupon, max_size=3),
    st.none() | any_discount,
    st.sampled_from((Effort.GREEDY, Effort.IMPROVED)),
)
def test_every_figure_of_a_sale_with_promotions_sums_up(lines, benefits, by_hand, effort):
    coupons = tuple(coupon(number, benefit) for number, benefit in enumerate(benefits))
    rung_up = basket(*lines, coupons=coupons)
    rung_up = replace(rung_up, discounts=(by_hand,) if by_hand is not None else ())
    sale = sold(dealt(rung_up, book(SHOP), effort))
    postings_of(sale)
    assert sale.promotions is not None
    for one in sale.promotions.offers:
        shares = [
            share.amount_minor
            for each in sale.lines
            for share in each.discounts
            if share.scope.is_promotion and share.discount_id == one.offer_id
        ]
        assert sum(shares) == one.saving_minor > 0
    for each in sale.lines:
        assert 0 <= each.discount_minor <= each.extended_minor
        assert each.tax.gross_minor == each.extended_minor - each.discount_minor
    by_coupon = sum(one.saving_minor for one in sale.promotions.offers if one.redemption_ids)
    assert sum(one.cost_minor for one in sale.coupons) == by_coupon
    assert all(one.cost_minor > 0 for one in sale.coupons)
    used, gone = {one.redemption_id for one in sale.coupons}, {one.redemption_id for one in sale.released}
    assert used | gone == {one.redemption_id for one in coupons}
    assert not used & gone


# What the sale keeps.


def test_the_sale_keeps_by_which_rules_and_how_hard_it_was_worked_out():
    offers = book(TENTH_OFF)
    sale = sold(dealt(basket(line("tea", 1000)), offers))
    assert (sale.promotions.rules_version, sale.promotions.effort) == (offers.rules.version, "improved")
    assert [(one.offer_id, one.times, one.saving_minor) for one in sale.promotions.offers] == [("tenth", 1, 100)]


def test_a_till_without_rules_sells_as_before():
    sale = sold(basket(line("tea", 1000)))
    assert (sale.promotions, sale.member, sale.coupons, sale.released) == (None, None, (), ())


def test_two_coupons_in_one_offer_share_what_it_took_off():
    # 10 % of two at 10.05: 1.01 each by one coupon each; 2.02 is 1.01 and 1.01.
    keyed = book(offer('who = { coupon = "K" }'))
    coupons = tuple(
        coupon(number, off(1), promotion_id="K", campaign_id="autumn", arm=arm) for number, arm in ((1, "a"), (2, "b"))
    )
    sale = sold(dealt(basket(line("tea", 1005, 3), coupons=coupons), keyed))
    assert [(one.redemption_id, one.cost_minor, one.campaign_id, one.arm) for one in sale.coupons] == [
        ("r-1", 101, "autumn", "a"),
        ("r-2", 101, "autumn", "b"),
    ]


def test_what_was_not_used_is_let_go_with_what_was_let_go_before():
    before = LetGo("r-0", "c-0")
    unused = coupon(1, product("milk"))
    rung_up = replace(basket(line("tea", 1000), coupons=(unused, coupon(2, off(300)))), released=(before,))
    sale = sold(dealt(rung_up))
    assert sale.released == (before, LetGo("r-1", "c-1"))
    assert [one.redemption_id for one in sale.coupons] == ["r-2"]


def test_a_basket_that_is_given_up_lets_everything_go():
    rung_up = replace(basket(line("tea", 1000), coupons=(coupon(1, off(300)),)), released=(LetGo("r-0", "c-0"),))
    assert released_of_abandoned(dealt(rung_up)) == (LetGo("r-0", "c-0"), LetGo("r-1", "c-1"))


def test_the_sale_keeps_of_the_member_the_reference_and_the_points():
    named = shopper(tier_id="gold", points=120, masked_name="王*", masked_phone="138****0000")
    lines: tuple[BasketLine, ...] = (line("beer", 650, 2), line("deposit", 50, 2, deposit_of=1, discountable=False))
    sale = sold(dealt(basket(*lines, member=named)), Earned(13, ((1, 13), (2, 0)), 1300))
    member = sale.member
    assert member is not None
    assert (member.member_id, member.tier_id, member.label) == ("m-1", "gold", "王*")
    assert (member.points_before, member.points_earned, member.points_shares) == (120, 13, ((1, 13),))
    assert (member.bought_minor, member.points_end_on) == (1300, date(2027, 11, 30))
    assert "王" not in repr(sale.member)


@pytest.mark.parametrize(
    ("before", "owed", "earned", "spent", "after"),
    [
        (120, 0, 13, 0, 133),
        (120, 0, 13, 100, 33),
        # 20 of the 50 that are owed are paid by what comes in.
        (0, 50, 20, 0, 0),
        (0, 50, 79, 0, 29),
        # What was held meanwhile may be more than the till knew of.
        (100, 0, 0, 200, 0),
    ],
)
def test_the_balance_after_a_sale_is_worked_out_once(before, owed, earned, spent, after):
    assert points_after(before, owed, earned, spent) == after


def test_the_sale_keeps_what_was_spent_and_the_balance_with_it():
    named = shopper(points=120, points_owed=5)
    paid = Earned(13, ((1, 13),), 1300)
    sale = sold(dealt(basket(line("tea", 1000), member=named)), paid, points_spent=100)
    assert sale.member is not None
    assert (sale.member.points_spent, sale.member.points_after) == (100, 28)


def test_a_blocked_member_is_on_the_sale_by_reference_alone():
    named = shopper(tier_id="gold", points=120, masked_name="王*", blocked=True)
    sale = sold(dealt(basket(line("tea", 1000), member=named)))
    assert sale.member == SaleMember("m-1", "gold", bought_minor=1000)


def test_without_points_there_is_no_day_on_which_they_end():
    sale = sold(dealt(basket(line("tea", 1000), member=shopper())))
    assert sale.member is not None
    assert (sale.member.points_earned, sale.member.points_end_on) == (0, None)
    assert sale.member.points_after is None


def test_who_was_born_on_the_leap_day_has_the_birthday_when_the_shop_says() -> None:
    birthday = BasketMember("m-1", birthday=(2, 29))
    shop = book(offer('who = { birthday = "day" }'))
    on_the_first = replace(basket(line("tea", 100)), opened_at=datetime(2027, 3, 1, 4, tzinfo=UTC), member=birthday)
    assert work_out(on_the_first, shop, Effort.GREEDY).deal.saving_minor == 0
    shop.leap_day_after = True
    assert work_out(on_the_first, shop, Effort.GREEDY).deal.saving_minor == 10
