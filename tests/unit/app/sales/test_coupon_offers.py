"""A coupon's own benefit takes off what it promises, after the shop's promotions, whatever headquarters called it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.coupons import Benefit, BenefitKind
from app.promotions.solving import Effort
from app.sales.shopper import BasketCoupon
from app.values.wording import LocalizedText
from tests.unit.app.sales.deal_cases import (
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


def cost(*lines, coupons, offers=None, effort=Effort.IMPROVED) -> int:
    return sum(saved(basket(*lines, coupons=coupons), offers, effort).values())


@pytest.mark.parametrize("effort", list(Effort))
@pytest.mark.parametrize(
    ("benefit", "saving"),
    [
        (off(300), 300),
        (off(5000), 3000),  # never more than the goods cost
        (off(500, least=3000), 500),
        (off(500, least=3001), 0),
        (percent(1000), 300),
        (percent(3333), 1000),  # 999.9 is rounded half up
        (percent(5000, most=700), 700),
        (percent(5000, least=3001), 0),
        (percent(10_000), 3000),
        (product("tea", price=400), 600),
        (product("tea"), 1000),
        (product("tea", pieces=2), 2000),
        (product("tea", pieces=9), 3000),  # there are three
        (product("tea", price=1200), 0),  # dearer than the shelf
        (product("milk"), 0),  # not in the basket
        (Benefit(BenefitKind.FREE_DELIVERY), 0),
    ],
)
def test_each_benefit_takes_off_what_it_says(benefit, saving, effort):
    # Three teas at 10.00.
    assert cost(line("tea", 1000, 3), coupons=(coupon(1, benefit),), effort=effort) == saving


@pytest.mark.parametrize("effort", list(Effort))
@pytest.mark.parametrize(
    ("pieces", "price", "saving"),
    [(1, 0, 600), (2, 0, 1200), (1, 100, 500)],
)
def test_a_gift_from_an_amount_needs_that_amount_in_other_goods(pieces, price, saving, effort):
    # 30.00 of tea, and two cups at 6.00.
    gift = (coupon(1, product("cup", price, pieces, least=3000)),)
    assert cost(line("tea", 1000, 3), line("cup", 600, 2), coupons=gift, effort=effort) == saving
    assert cost(line("tea", 999, 3), line("cup", 600, 2), coupons=gift, effort=effort) == 0


def test_two_coupons_of_one_form_both_count():
    two = (coupon(1, off(300), form_id="same"), coupon(2, off(300), form_id="same"))
    found = dealt(basket(line("tea", 1000), coupons=two)).deal
    assert [one.saving_minor for one in found.offers] == [300, 300]
    assert [one.redemption_ids for one in found.offers] == [("r-1",), ("r-2",)]


def test_a_coupon_for_several_pieces_is_one_use():
    found = dealt(basket(line("tea", 1000, 3), coupons=(coupon(1, product("tea", pieces=3)),))).deal
    assert [(one.times, one.redemption_ids) for one in found.offers] == [(3, ("r-1",))]


def test_two_coupons_for_one_product_take_a_piece_each():
    two = (coupon(1, product("tea")), coupon(2, product("tea", price=200)))
    assert cost(line("tea", 1000, 3), coupons=two) == 1000 + 800


STORE_WIDE = """
[[group]]
id = "store"
order = 200
[[offer]]
id = "full-100"
name = "满100减10"
group = "store"
form = { kind = "threshold", steps = [{ from_minor = 10000, off_minor = 1000 }] }
"""


@pytest.mark.parametrize("effort", list(Effort))
def test_a_coupon_breaks_no_threshold_that_is_reached_without_it(effort):
    # 100.00, less 10.00 from 100.00; the coupon then takes 10 % of 90.00.
    full = basket(line("tea", 10_000), coupons=(coupon(1, percent(1000)),))
    assert list(saved(full, book(STORE_WIDE), effort).values()) == [1000, 900]


def test_a_coupon_with_a_least_amount_looks_at_what_is_left_to_pay():
    # 100.00 less 10.00 is 90.00: a coupon from 95.00 is not reached.
    full = basket(line("tea", 10_000), coupons=(coupon(1, off(500, least=9500)),))
    assert list(saved(full, book(STORE_WIDE)).values()) == [1000]


def test_goods_that_no_offer_touches_are_not_touched_by_coupons_either():
    excluded = '[excluded]\ndepartments = ["tobacco"]'
    cigarettes = line("cigarettes", 2000, department_id="tobacco")
    assert cost(cigarettes, coupons=(coupon(1, off(300)),), offers=book(excluded)) == 0
    assert cost(cigarettes, line("tea", 200), coupons=(coupon(1, off(300)),), offers=book(excluded)) == 200


@pytest.mark.parametrize(("grams", "saving"), [(480, 480), (500, 500), (501, 0), (2500, 0)])
def test_of_weighed_goods_a_coupon_takes_a_weighing_up_to_what_it_is_for(grams, saving):
    # Apples at 10.00 a kilogram; the coupon is for half a kilogram of them.
    half_a_kilogram = coupon(1, product("apples", thousandths=500))
    assert cost(weighed("apples", 1000, grams), coupons=(half_a_kilogram,)) == saving


def test_a_coupon_for_two_kilograms_takes_one_weighing_of_them():
    two = coupon(1, product("apples", thousandths=2000))
    assert cost(weighed("apples", 1000, 1900), weighed("apples", 1000, 2000), coupons=(two,)) == 2000


def test_the_shops_rules_are_named_in_the_version_with_every_coupon_that_brings_its_own():
    offers = book(STORE_WIDE)
    with_one = offers.rules_for((coupon(1, off(300)),))
    assert offers.rules_for(()) is offers.rules
    assert offers.rules_for((coupon(1, off(300), promotion_id="KEY"),)) is offers.rules
    assert len({offers.rules.version, with_one.version, offers.rules_for((coupon(1, off(301)),)).version}) == 3
    assert book(STORE_WIDE).rules_for((coupon(1, off(300)),)).version == with_one.version
    assert book().rules_for((coupon(1, off(300)),)).version != with_one.version


def test_the_order_in_which_coupons_were_scanned_has_no_say():
    one, other = coupon(1, percent(1000)), coupon(2, off(300))
    goods = (line("tea", 1000, 3), line("milk", 250))
    first, second = (dealt(basket(*goods, coupons=order)).deal for order in ((one, other), (other, one)))
    assert (first.rules_version, first.offers, first.shares) == (second.rules_version, second.offers, second.shares)


def test_more_than_nine_coupons_work_in_the_order_of_their_forms():
    # 12 times 10 % of what is left of 100.00: each is worked out on what those before it left.
    many = tuple(coupon(number, percent(1000), form_id=f"form-{number:02}") for number in range(1, 13))
    offers = dealt(basket(line("tea", 10_000), coupons=many), effort=Effort.GREEDY).deal.offers
    assert [one.redemption_ids[0] for one in offers] == [f"r-{number}" for number in range(1, 13)]
    assert [one.saving_minor for one in offers][:3] == [1000, 900, 810]


def test_a_coupon_has_its_name_in_both_languages_and_a_long_one_is_cut():
    named = coupon(1, off(300), name=LocalizedText("券" * 200, (("en", "Coupon " * 40),)))
    (given,) = dealt(basket(line("tea", 1000), coupons=(named,))).deal.offers
    assert given.name.in_language("zh_CN") == "券" * 120
    assert given.name.in_language("en") == ("Coupon " * 40)[:120]


def test_a_coupon_without_a_name_still_counts():
    assert cost(line("tea", 1000), coupons=(coupon(1, off(300), name=LocalizedText("")),)) == 300


SHOP_WITH_ODD_NAMES = """
[[offer]]
id = "coupon.001.form-1"
name = "店里的"
goods = { products = ["milk"] }
form = { kind = "percent", off_basis_points = 1000 }
[[offer]]
id = "mine"
name = "另一个"
goods = { products = ["milk"] }
who = { coupon = "coupon-.001.form-1" }
form = { kind = "percent", off_basis_points = 9000 }
"""


def test_a_coupon_is_never_taken_for_an_offer_of_the_shop():
    found = saved(
        basket(line("tea", 1000), line("milk", 1000), coupons=(coupon(1, off(300)),)), book(SHOP_WITH_ODD_NAMES)
    )
    assert found == {"coupon.001.form-1": 100, "coupon--.001.form-1": 300}


def test_a_coupon_never_sets_off_the_promotion_of_another_coupon():
    keyed = coupon(2, off(1), promotion_id="coupon.001.form-1")
    assert cost(line("tea", 1000), coupons=(coupon(1, off(300)), keyed)) == 300


any_form = st.text(max_size=90)


@given(any_form, any_form)
def test_a_form_may_have_any_name(first: str, second: str):
    two = (coupon(1, off(300), form_id=first), coupon(2, percent(1000), form_id=second))
    found = dealt(basket(line("tea", 1000), coupons=two), effort=Effort.GREEDY).deal
    # Either the amount first, or the tenth: 3.00 + 0.70, or 1.00 + 3.00.
    assert found.saving_minor in {370, 400}
    assert {one.redemption_ids for one in found.offers} == {("r-1",), ("r-2",)}


@given(
    st.lists(
        st.one_of(
            st.builds(off, st.integers(1, 5000)),
            st.builds(percent, st.integers(1, 10_000), st.sampled_from((0, 100, 700))),
            st.builds(product, st.sampled_from(("tea", "milk", "apples")), st.integers(0, 900), st.integers(1, 4)),
        ),
        max_size=5,
    ),
    st.integers(1, 5),
    st.integers(1, 3000),
    st.randoms(use_true_random=False),
)
def test_coupons_never_pay_the_shopper_and_lines_and_coupons_come_in_any_order(benefits, count, grams, chance):
    coupons: list[BasketCoupon] = [coupon(number, benefit) for number, benefit in enumerate(benefits)]
    lines = [
        line("tea", 999, count, line_id=1),
        line("milk", 350, 2, line_id=2),
        weighed("apples", 1280, grams, line_id=3),
    ]
    found = dealt(basket(*lines, coupons=tuple(coupons)), book(STORE_WIDE), Effort.GREEDY).deal
    left = {1: 999 * count, 2: 700, 3: (1280 * grams + 500) // 1000}
    for line_id, _, amount in found.shares:
        assert amount > 0
        left[line_id] -= amount
    assert min(left.values()) >= 0
    assert sum(amount for *_, amount in found.shares) == found.saving_minor
    chance.shuffle(lines)
    chance.shuffle(coupons)
    again = dealt(basket(*lines, coupons=tuple(coupons)), book(STORE_WIDE), Effort.GREEDY).deal
    assert (again.offers, sorted(again.shares)) == (found.offers, sorted(found.shares))
