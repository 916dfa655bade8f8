"""Every form of offer with an example a shop would recognise; the figures are worked out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.promotions.baskets import HeldCoupon, Shopper
from app.promotions.solving import Effort


def offer(form: str, more: str = "", offer_id: str = "x") -> str:
    return f'[[offer]]\nid = "{offer_id}"\nname = "活动"\nform = {form}\n{more}\n'


def paid(deal) -> list[int]:
    return [line.total_minor for line in deal.lines]


def test_a_percentage_comes_off_each_piece_and_is_rounded_half_up(counter):
    counter.piece("chips", 333, 3)
    # 20 % of 3.33 is 0.666, 0.67 a piece; three times 0.67.
    assert counter.saved(offer('{ kind = "percent", off_basis_points = 2000 }')) == 201


def test_a_percentage_comes_off_the_amount_of_what_is_weighed(counter):
    counter.weighed("apple", 1398, 1245)
    # 13.98 a kilogram, 1.245 kg: 17.4051, charged 17.41; 15 % of that is 2.6115.
    assert counter.saved(offer('{ kind = "percent", off_basis_points = 1500 }')) == 261


def test_a_weighed_label_is_discounted_from_the_amount_it_states(counter):
    counter.weighed("apple", 1398, 1245, label_amount_minor=1740)
    assert counter.saved(offer('{ kind = "percent", off_basis_points = 1000 }')) == 174


def test_an_amount_comes_off_each_piece_but_never_more_than_the_piece_costs(counter):
    counter.piece("bun", 100, 2).piece("cake", 500)
    assert counter.saved(offer('{ kind = "amount", off_minor = 150 }')) == 100 + 100 + 150


def test_an_amount_comes_off_each_kilogram(counter):
    counter.weighed("pork", 3380, 500)
    assert counter.saved(offer('{ kind = "amount", off_minor = 301 }')) == 151  # 1.505, half up


def test_a_special_price_holds_for_pieces_and_kilograms_and_never_makes_dearer(counter):
    counter.piece("milk", 1290, 2).piece("gum", 300).weighed("apple", 1398, 2000)
    # Milk 12.90 to 9.90 twice, gum stays at 3.00, 2 kg of apples from 27.96 to 19.80.
    assert counter.saved(offer('{ kind = "price", price_minor = 990 }')) == 600 + 816


def test_two_pieces_at_least_and_all_are_a_fifth_cheaper(counter):
    rules = offer('{ kind = "percent", off_basis_points = 2000, least_pieces = 2 }')
    counter.piece("chips", 500)
    assert counter.saved(rules) == 0
    counter.piece("nuts", 1000)
    assert counter.saved(rules) == 300
    counter.piece("figs", 600)
    assert counter.saved(rules) == 420


def test_three_for_two_gives_the_cheapest_of_each_three(counter):
    counter.piece("a", 1000, 2).piece("b", 700, 2).piece("c", 500, 3)
    # 10 10 7 | 7 5 5 | 5: free are a 7 and a 5.
    assert counter.saved(offer('{ kind = "n_for_m", take = 3, pay = 2 }')) == 1200


def test_buy_one_get_one_of_the_same_product_only(counter):
    counter.piece("a", 1000).piece("b", 900, 2)
    assert counter.saved(offer('{ kind = "n_for_m", take = 2, pay = 1, same_product = true }')) == 900
    assert counter.saved(offer('{ kind = "n_for_m", take = 2, pay = 1 }')) == 900
    assert counter.saved(offer('{ kind = "n_for_m", take = 3, pay = 1 }')) == 1800


def test_of_four_the_cheapest_is_free(counter):
    counter.piece("a", 800, 3).piece("b", 350)
    assert counter.saved(offer('{ kind = "cheapest_free", take = 4 }')) == 350


def test_the_second_is_half_price(counter):
    counter.piece("yogurt", 1390, 3).piece("cheese", 1791)
    # 17.91 with 13.90, 13.90 with 13.90: half of 13.90 twice.
    assert counter.saved(offer('{ kind = "second_off", off_basis_points = 5000 }')) == 695 * 2
    # Only yogurt with yogurt.
    assert counter.saved(offer('{ kind = "second_off", off_basis_points = 5000, same_product = true }')) == 695


def test_any_three_for_one_price(counter):
    counter.piece("a", 890, 2).piece("b", 790, 1).piece("c", 590, 1)
    # The dearest three: 25.70 for 19.90.
    assert counter.saved(offer('{ kind = "any_for_price", take = 3, price_minor = 1990 }')) == 580


def test_any_three_that_cost_less_than_their_price_are_left_alone(counter):
    counter.piece("a", 500, 3)
    assert counter.saved(offer('{ kind = "any_for_price", take = 3, price_minor = 1990 }')) == 0


@pytest.mark.parametrize(
    ("reward", "saving"), [("price_minor = 2500", 690), ("off_minor = 300", 300), ("off_basis_points = 1000", 319)]
)
def test_a_slow_seller_goes_with_a_fast_one(counter, reward, saving):
    counter.piece("shampoo", 2590).piece("soap", 300, 3)
    # A shampoo and two soaps: 31.90; a tenth off is 2.59 and twice 0.30.
    rules = offer(
        '{ kind = "bundle", REWARD, parts = [ { goods = { products = ["shampoo"] } },'
        ' { goods = { products = ["soap"] }, pieces = 2 } ] }'.replace("REWARD", reward)
    )
    assert counter.saved(rules) == saving


def test_a_gift_comes_with_what_was_bought_and_is_shared_over_both(counter):
    counter.piece("oil", 6000, 2).piece("sauce", 1500, 1)
    rules = offer(
        '{ kind = "gift", buy_pieces = 2, gift = { products = ["sauce"] } }', 'goods = { products = ["oil"] }'
    )
    # 15.00 over 120.00 and 15.00: 13.33 and 1.67.
    deal = counter.deal(rules)
    assert deal.saving_minor == 1500
    assert paid(deal) == [12000 - 1333, 1500 - 167]


def test_a_little_more_buys_what_goes_with_it(counter):
    counter.piece("oil", 6000, 2).piece("sauce", 1500, 2)
    rules = offer(
        '{ kind = "gift", buy_pieces = 1, price_minor = 100, gift = { products = ["sauce"] } }',
        'goods = { products = ["oil"] }\nlimit = { per_basket = 1 }',
    )
    assert counter.saved(rules) == 1400


def test_from_an_amount_a_gift_is_free_and_does_not_count_itself(counter):
    rules = offer('{ kind = "gift_from", from_minor = 5000, gift = { products = ["tissue"] } }')
    counter.piece("tissue", 790, 2).piece("rice", 4900)
    assert counter.saved(rules) == 0
    counter.piece("salt", 100)
    deal = counter.deal(rules)
    assert paid(deal) == [790, 4900, 100]


def test_thresholds_have_steps_and_look_at_what_is_left(counter):
    steps = "steps = [ { from_minor = 10000, off_minor = 1000 }, { from_minor = 20000, off_minor = 3000 } ]"
    rules = offer(f'{{ kind = "threshold", {steps} }}')
    counter.piece("wine", 9999)
    assert counter.saved(rules) == 0
    counter.piece("match", 1)
    assert counter.saved(rules) == 1000
    counter.piece("tea", 10000)
    assert counter.saved(rules) == 3000


def test_a_threshold_of_pieces_gives_a_percentage(counter):
    rules = offer('{ kind = "threshold", steps = [ { from_pieces = 3, off_basis_points = 1000 } ] }')
    counter.piece("a", 1005, 2).weighed("apple", 1000, 1000)
    assert counter.saved(rules) == 0  # what is weighed is no piece
    counter.piece("b", 990)
    assert counter.saved(rules) == 400  # a tenth of 20.10 + 10.00 + 9.90


def test_every_hundred_gives_ten_as_often_as_the_basket_allows(counter):
    counter.piece("gift box", 35000)
    form = '{ kind = "every", off_minor = 1000, every_minor = 10000 }'
    assert counter.saved(offer(form)) == 3000
    assert counter.saved(offer(form, "limit = { per_basket = 2 }")) == 2000


def test_every_third_piece_takes_an_amount_off(counter):
    counter.piece("a", 500, 7)
    assert counter.saved(offer('{ kind = "every", off_minor = 200, every_pieces = 3 }')) == 400


def test_an_extra_comes_on_top_of_item_offers(counter):
    counter.piece("a", 10000)
    rules = offer('{ kind = "percent", off_basis_points = 2000 }') + offer(
        '{ kind = "extra", off_basis_points = 500 }', offer_id="y"
    )
    # 100.00, less a fifth is 80.00, less a twentieth of that is 76.00.
    assert counter.saved(rules) == 2400


def test_basket_offers_work_in_their_order(counter):
    counter.piece("a", 10000)
    groups = '[[group]]\nid = "first"\norder = 1\n[[group]]\nid = "last"\norder = 2\n'
    tenth, coupon = '{ kind = "extra", off_basis_points = 1000 }', '{ kind = "extra", off_minor = 1000 }'
    # A tenth and then 10.00: 80.00. First 10.00 and then a tenth: 81.00.
    assert counter.saved(groups + offer(tenth, 'group = "first"', "t") + offer(coupon, 'group = "last"', "c")) == 2000
    assert counter.saved(groups + offer(tenth, 'group = "last"', "t") + offer(coupon, 'group = "first"', "c")) == 1900


def test_an_item_offer_is_left_out_where_a_threshold_gives_more(counter):
    counter.piece("a", 10000)
    rules = offer('{ kind = "percent", off_basis_points = 100 }') + offer(
        '{ kind = "threshold", steps = [ { from_minor = 10000, off_minor = 2000 } ] }', offer_id="y"
    )
    # At a scan the greedy answer may still take the 1.00; before payment it is the 20.00.
    assert counter.deal(rules, Effort.IMPROVED).saving_minor == 2000
    assert counter.deal(rules, Effort.EXACT).saving_minor == 2000


def test_goods_of_an_offer_that_does_not_stack_take_no_basket_offer(counter):
    counter.piece("a", 10000).piece("b", 5000)
    special = offer('{ kind = "price", price_minor = 7000 }', 'goods = { products = ["a"] }\nstackable = false')
    extra = offer('{ kind = "extra", off_basis_points = 1000 }', offer_id="y")
    assert counter.saved(special + extra) == 3000 + 500


def test_a_basket_offer_that_does_not_stack_takes_only_goods_that_no_other_touched(counter):
    counter.piece("a", 10000).piece("b", 5000)
    special = offer('{ kind = "price", price_minor = 7000 }', 'goods = { products = ["a"] }')
    extra = offer('{ kind = "extra", off_basis_points = 1000 }', "stackable = false", "y")
    assert counter.saved(special + extra) == 3000 + 500


def test_of_an_exclusive_group_one_offer_is_given(counter):
    counter.piece("a", 1000).piece("b", 2000)
    group = '[[group]]\nid = "festival"\nexclusive = true\n'
    one = offer('{ kind = "percent", off_basis_points = 1000 }', 'goods = { products = ["a"] }\ngroup = "festival"')
    two = offer(
        '{ kind = "percent", off_basis_points = 1000 }', 'goods = { products = ["b"] }\ngroup = "festival"', "y"
    )
    assert counter.saved(group + one + two) == 200


def test_each_piece_takes_one_item_offer(counter):
    counter.piece("a", 1000, 2)
    rules = offer('{ kind = "percent", off_basis_points = 3000 }') + offer(
        '{ kind = "second_off", off_basis_points = 5000 }', offer_id="y"
    )
    assert counter.saved(rules) == 600  # twice 3.00 beats once 5.00


def test_a_limit_counts_pieces_of_a_special_price(counter):
    counter.piece("egg", 1290, 5)
    assert counter.saved(offer('{ kind = "price", price_minor = 990 }', "limit = { per_basket = 2 }")) == 600


def test_what_a_member_used_before_counts(counter):
    counter.piece("egg", 1290, 5)
    rules = offer('{ kind = "price", price_minor = 990 }', "who = { member = true }\nlimit = { per_member = 3 }")
    assert counter.saved(rules) == 0
    counter.shopper = Shopper(member=True)
    assert counter.saved(rules) == 900
    counter.shopper = Shopper(member=True, used_before=(("x", 2),))
    assert counter.saved(rules) == 300
    counter.shopper = Shopper(member=True, used_before=(("x", 3),))
    assert counter.saved(rules) == 0


def test_tier_staff_and_first_purchase_are_asked_for(counter):
    counter.piece("a", 1000)
    form = '{ kind = "percent", off_basis_points = 1000 }'
    for who, shopper in (
        ('tiers = ["gold"]', Shopper(member=True, tier="gold")),
        ("staff = true", Shopper(staff=True)),
        ("first_purchase = true", Shopper(first_purchase=True)),
        ('birthday = "day"', Shopper(member=True, birthday=(11, 22))),
    ):
        counter.shopper = Shopper(member=True, tier="silver", birthday=(1, 1))
        assert counter.saved(offer(form, f"who = {{ {who} }}")) == 0
        counter.shopper = shopper
        assert counter.saved(offer(form, f"who = {{ {who} }}")) == 100


def test_each_coupon_is_used_once(counter):
    counter.piece("a", 1000, 3)
    rules = offer('{ kind = "amount", off_minor = 300 }', 'who = { coupon = "THREE" }')
    assert counter.saved(rules) == 0
    counter.shopper = Shopper(coupons=(HeldCoupon("c1", "THREE"), HeldCoupon("c2", "THREE"), HeldCoupon("c3", "OTHER")))
    deal = counter.deal(rules)
    assert deal.saving_minor == 600
    assert deal.given[0].coupon_ids == ("c1", "c2")


def test_one_coupon_sets_off_one_offer_of_its_group(counter):
    counter.piece("a", 10000)
    rules = '[[group]]\nid = "ten"\nexclusive = true\n'
    rules += offer('{ kind = "extra", off_minor = 1000 }', 'who = { coupon = "TEN" }\ngroup = "ten"')
    rules += offer('{ kind = "extra", off_basis_points = 1500 }', 'who = { coupon = "TEN" }\ngroup = "ten"', "y")
    counter.shopper = Shopper(coupons=(HeldCoupon("c1", "TEN"),))
    assert counter.saved(rules) == 1500
    assert counter.deal(rules).given[0].coupon_ids == ("c1",)


def test_goods_near_their_date_are_marked_down_and_those_past_it_are_not(counter, today):
    for days in (-1, 0, 2, 3):
        counter.piece(f"yogurt{days}", 1000, expiry=date.fromordinal(today.toordinal() + days))
    counter.piece("yogurt", 1000)
    rules = offer('{ kind = "percent", off_basis_points = 5000 }', "goods = { expires_within_days = 2 }")
    assert paid(counter.deal(rules)) == [1000, 500, 500, 1000, 1000]


def test_excluded_goods_take_no_offer_and_count_for_none(counter):
    counter.piece("cigarettes", 9000, department="tobacco").piece("formula", 5000, discountable=False).piece("a", 2000)
    rules = '[excluded]\ndepartments = ["tobacco"]\n' + offer(
        '{ kind = "threshold", steps = [ { from_minor = 3000, off_minor = 500 } ] }'
    )
    assert counter.saved(rules) == 0
    counter.piece("b", 1000)
    assert counter.saved(rules) == 500
    assert paid(counter.deal(rules))[:2] == [9000, 5000]


def test_an_offer_holds_in_its_hours(counter):
    counter.piece("bread", 1000)
    rules = offer('{ kind = "percent", off_basis_points = 3000 }', 'when = { hours = ["20:00-22:00"] }')
    assert counter.saved(rules) == 0
    counter.at = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)  # 20:30 in Shanghai
    assert counter.saved(rules) == 300


def test_goods_are_named_by_product_department_and_tag_and_excepted(counter):
    counter.piece("a", 1000, department="drinks").piece("b", 1000, tags=("new",)).piece("c", 1000).piece("d", 1000)
    goods = 'goods = { products = ["c"], departments = ["drinks"], tags = ["new"], except_products = ["a"] }'
    assert paid(counter.deal(offer('{ kind = "percent", off_basis_points = 1000 }', goods))) == [1000, 900, 900, 1000]


def test_all_that_is_left_is_the_most_an_offer_takes_off(counter):
    counter.piece("a", 500)
    assert counter.saved(offer('{ kind = "extra", off_minor = 1000 }')) == 500
    counter.lines[0] = replace(counter.lines[0], unit_price_minor=0)
    assert counter.saved(offer('{ kind = "extra", off_minor = 1000 }')) == 0
