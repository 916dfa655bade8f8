"""Why an offer was given, what is almost reached, and why others were not given."""

import pytest

from app.promotions.baskets import HeldCoupon, Shopper
from app.promotions.saying import write_percent
from app.promotions.solving import Effort

GROUP = '[[group]]\nid = "g"\nexclusive = true\n'


def offer(form: str, more: str = "", offer_id: str = "x") -> str:
    return (
        f'[[offer]]\nid = "{offer_id}"\nname = "活动 {offer_id}"\nname_en = "Offer {offer_id}"\nform = {form}\n{more}\n'
    )


def said(hints) -> dict[str, str]:
    return {hint.offer_id: str(hint.reason) for hint in hints}


def test_percentages_are_written_as_a_shop_writes_them():
    assert [write_percent(points) for points in (2000, 1250, 505, 10000)] == ["20%", "12.5%", "5.05%", "100%"]


def test_each_line_says_what_was_applied(counter):
    counter.piece("a", 1000, 2)
    deal = counter.deal(offer('{ kind = "percent", off_basis_points = 1250 }'))
    (share,) = deal.lines[0].shares
    assert (share.offer_id, share.amount_minor, str(share.reason)) == ("x", 250, "12.5% off, on 2")
    assert share.name.in_language("en") == "Offer x"


def test_one_more_and_the_cheapest_is_free(counter):
    counter.piece("a", 1000).piece("b", 800)
    deal = counter.deal(offer('{ kind = "n_for_m", take = 3, pay = 2 }'))
    (hint,) = deal.almost
    assert str(hint.reason) == "1 more, and the cheapest is free."
    assert hint.missing_pieces == 1


def test_far_from_an_offer_nothing_is_said(counter):
    counter.piece("a", 1000)
    rules = offer('{ kind = "cheapest_free", take = 6 }') + offer(
        '{ kind = "threshold", steps = [ { from_minor = 10000, off_minor = 500 } ] }', offer_id="y"
    )
    assert counter.deal(rules).almost == ()


def test_the_second_at_half_price_asks_for_one_more(counter):
    counter.piece("a", 1000)
    rules = offer('{ kind = "second_off", off_basis_points = 5000, same_product = true }')
    assert said(counter.deal(rules).almost) == {"x": "1 more, and the cheaper one is 50% off."}
    counter.piece("a", 1000)
    assert counter.deal(rules).almost == ()


def test_any_three_ask_for_the_third(counter):
    counter.piece("a", 1000, 2)
    rules = offer('{ kind = "any_for_price", take = 3, price_minor = 1990 }')
    assert said(counter.deal(rules).almost) == {"x": "1 more, and 3 are ¥19.90."}


def test_what_is_missing_to_a_threshold_is_named_after_item_offers(counter):
    counter.piece("a", 10000)
    rules = offer('{ kind = "percent", off_basis_points = 500 }') + offer(
        '{ kind = "threshold", steps = [ { from_minor = 5000, off_minor = 300 }, { from_minor = 10000, off_minor = 600 } ] }',
        offer_id="y",
    )
    deal = counter.deal(rules)
    # 95.00 after the twentieth; the second step lacks 5.00.
    assert deal.saving_minor == 800
    (hint,) = deal.almost
    assert (str(hint.reason), hint.missing_minor) == ("¥5.00 more, and ¥6.00 comes off.", 500)


def test_a_gift_that_was_not_fetched_is_named(counter):
    counter.piece("oil", 10000)
    rules = offer(
        '{ kind = "gift", buy_pieces = 1, gift = { products = ["sauce"] } }', 'goods = { products = ["oil"] }'
    )
    rules += offer(
        '{ kind = "gift_from", from_minor = 9900, price_minor = 100, gift = { products = ["bag"] } }', "", "y"
    )
    deal = counter.deal(rules)
    assert said(deal.almost) == {
        "x": "Fetch the gift: it is free.",
        "y": "Fetch what goes with it: it costs ¥1.00 only.",
    }
    assert deal.almost[0].goods.products == ("sauce",)


def test_a_set_that_lacks_one_part_is_named(counter):
    counter.piece("shampoo", 2590)
    rules = offer(
        '{ kind = "bundle", off_minor = 300, parts = [ { goods = { products = ["shampoo"] } },'
        ' { goods = { products = ["soap"] } } ] }'
    )
    assert said(counter.deal(rules).almost) == {"x": "1 more, and the set is complete."}


def test_what_is_not_for_this_shopper_or_hour_says_so(counter):
    counter.piece("a", 1000)
    form = '{ kind = "percent", off_basis_points = 1000 }'
    rules = "".join(
        offer(form, more, name)
        for name, more in (
            ("member", "who = { member = true }"),
            ("staff", "who = { staff = true }"),
            ("coupon", 'who = { coupon = "K" }'),
            ("day", 'when = { weekdays = ["wed"] }'),
            ("hour", 'when = { hours = ["20:00-22:00"] }'),
            ("over", "when = { until_date = 2026-11-21 }"),
            ("soon", "when = { from_date = 2026-11-23 }"),
        )
    )
    assert said(counter.deal(rules).not_given) == {
        "coupon": "It needs a coupon.",
        "day": "It does not hold on this day of the week.",
        "hour": "It holds only at 20:00-22:00.",
        "member": "It is for members. Scan the member code.",
        "over": "It ended on 2026-11-21.",
        "soon": "It begins on 2026-11-23.",
        "staff": "It is for staff only.",
    }


def test_what_was_beaten_or_not_reached_says_so(counter):
    counter.piece("a", 1000)
    rules = (
        GROUP
        + offer('{ kind = "percent", off_basis_points = 1000 }', "", "a-tenth")
        + offer('{ kind = "percent", off_basis_points = 2000 }', "", "b-fifth")
        + offer('{ kind = "threshold", steps = [ { from_minor = 90000, off_minor = 10 } ] }', "", "c-far")
        + offer('{ kind = "extra", off_minor = 100 }', 'group = "g"', "d-one")
        + offer('{ kind = "extra", off_minor = 200 }', 'group = "g"', "e-two")
        + offer('{ kind = "cheapest_free", take = 9 }', "", "f-nine")
    )
    assert said(counter.deal(rules).not_given) == {
        "a-tenth": "Other offers save more on the same goods.",
        # 900.00 less the 8.00 that the other offers leave.
        "c-far": "¥892.00 more is needed for it.",
        "d-one": "Only one offer of its group is given, and another one saves more.",
        "f-nine": "Too few of its goods are in the basket, or it makes none of them cheaper.",
    }


@pytest.mark.parametrize(
    ("form", "reason", "minor", "pieces"),
    [
        # 10.00 is there, of one piece.
        (
            '{ kind = "threshold", steps = [ { from_minor = 1001, off_minor = 10 } ] }',
            "¥0.01 more is needed for it.",
            1,
            0,
        ),
        (
            '{ kind = "threshold", steps = [ { from_pieces = 2, off_minor = 10 } ] }',
            "It needs 1 more of its goods.",
            0,
            1,
        ),
        (
            '{ kind = "threshold", steps = [ { from_pieces = 4, off_minor = 10 } ] }',
            "It needs 3 more of its goods.",
            0,
            3,
        ),
        ('{ kind = "every", every_minor = 5000, off_minor = 10 }', "¥40.00 more is needed for it.", 4000, 0),
        ('{ kind = "every", every_pieces = 3, off_minor = 10 }', "It needs 2 more of its goods.", 0, 2),
    ],
)
def test_what_a_coupon_lacks_is_named(counter, form, reason, minor, pieces):
    counter.piece("a", 1000)
    counter.shopper = Shopper(coupons=(HeldCoupon("c1", "K"),))
    (hint,) = counter.deal(offer(form, 'who = { coupon = "K" }')).not_given
    assert (str(hint.reason), hint.missing_minor, hint.missing_pieces) == (reason, minor, pieces)


@pytest.mark.parametrize("bag", [True, False])
def test_a_gift_coupon_below_its_minimum_lacks_an_amount_whether_the_gift_is_there_or_not(counter, bag):
    counter.piece("a", 4000)
    if bag:
        counter.piece("bag", 100)
    counter.shopper = Shopper(coupons=(HeldCoupon("c1", "K"),))
    rules = offer('{ kind = "gift_from", from_minor = 9900, gift = { products = ["bag"] } }', 'who = { coupon = "K" }')
    # The gift itself does not count: 99.00 less 40.00.
    assert said(counter.deal(rules).not_given) == {"x": "¥59.00 more is needed for it."}


def test_a_gift_coupon_whose_amount_is_reached_says_to_fetch_the_gift(counter):
    counter.piece("a", 9900)
    counter.shopper = Shopper(coupons=(HeldCoupon("c1", "K"),))
    form = '{ kind = "gift_from", from_minor = 9900, price_minor = 100, gift = { products = ["bag"] } }'
    deal = counter.deal(offer(form, 'who = { coupon = "K" }'))
    assert said(deal.not_given) == {"x": "Fetch what goes with it: it costs ¥1.00 only."}
    assert deal.not_given[0].missing_pieces == 1


def test_where_other_offers_leave_nothing_no_amount_is_missing(counter):
    counter.piece("a", 1000)
    rules = offer('{ kind = "percent", off_basis_points = 10000 }') + offer(
        '{ kind = "extra", off_minor = 100 }', offer_id="y"
    )
    assert said(counter.deal(rules).not_given) == {"y": "Other offers save more on the same goods."}


@pytest.mark.parametrize(("count", "given"), [(3, "Take 3, pay 2 ×1"), (6, "Take 3, pay 2 ×2")])
def test_how_often_an_offer_was_given_reads_right_for_one_and_for_many(counter, count, given):
    counter.piece("a", 1000, count)
    deal = counter.deal(offer('{ kind = "n_for_m", take = 3, pay = 2 }'))
    assert str(deal.lines[0].shares[0].reason) == given


def test_a_coupon_of_another_shop_is_named(counter):
    counter.piece("a", 1000)
    rules = offer('{ kind = "extra", off_minor = 100 }', 'who = { coupon = "K" }\ngoods = { products = ["b"] }')
    counter.shopper = Shopper(coupons=(HeldCoupon("c1", "ELSEWHERE"), HeldCoupon("c2", "K")))
    hints = counter.deal(rules).not_given
    assert [(str(hint.name), str(hint.reason)) for hint in hints] == [
        ("c1", "No offer of this shop takes this coupon."),
        ("c2", "Nothing in the basket goes with this coupon."),
    ]


def test_at_a_scan_the_explanation_is_there_as_well(counter):
    counter.piece("a", 1000)
    rules = offer('{ kind = "second_off", off_basis_points = 5000 }')
    assert said(counter.deal(rules, Effort.GREEDY).almost) == {"x": "1 more, and the cheaper one is 50% off."}
