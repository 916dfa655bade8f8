"""The till proposes the coupons that save most, and says truly what each would save."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.members.coupons import Benefit, BenefitKind
from app.promotions.solving import Effort
from app.sales.basket import Basket
from app.sales.coupon_fits import CouponFits, fits_of, stack
from app.sales.coupon_offers import OfferBook
from app.sales.dealing import work_out
from app.sales.shopper import BasketCoupon
from tests.unit.app.sales.deal_cases import basket, book, coupon, dealt, line, off, percent, product, weighed

SHOP = """
[[group]]
id = "store"
exclusive = true
order = 200
[[group]]
id = "keyed"
exclusive = true
order = 300
[[offer]]
id = "tea-second"
name = "第二件半价"
goods = { products = ["tea"] }
form = { kind = "second_off", off_basis_points = 5000 }
[[offer]]
id = "snacks"
name = "满30减5"
group = "store"
stackable = false
goods = { products = ["milk"] }
form = { kind = "threshold", steps = [{ from_minor = 3000, off_minor = 500 }] }
[[offer]]
id = "full"
name = "满50减6"
group = "store"
form = { kind = "threshold", steps = [{ from_minor = 5000, off_minor = 600 }] }
[[offer]]
id = "key-tea"
name = "茶券"
goods = { products = ["tea", "cup"] }
who = { coupon = "TEA" }
form = { kind = "percent", off_basis_points = 4000 }
[[offer]]
id = "key-ten"
name = "满10减2"
group = "keyed"
who = { coupon = "TEN" }
form = { kind = "threshold", steps = [{ from_minor = 1000, off_minor = 200 }] }
[[offer]]
id = "key-cup"
name = "换购"
group = "keyed"
who = { coupon = "TEN" }
goods = { products = ["tea"] }
form = { kind = "gift_from", from_minor = 2000, gift = { products = ["cup"] }, price_minor = 100 }
"""


def fits(rung_up: Basket, *at_hand: BasketCoupon, offers: OfferBook | None = None) -> CouponFits:
    offers = offers or book()
    return fits_of(dealt(rung_up, offers, Effort.GREEDY), at_hand, offers)


def test_each_coupon_says_what_it_would_save():
    found = fits(
        basket(line("tea", 1000, 3)),
        coupon(1, off(300)),
        coupon(2, percent(2000)),
        coupon(3, product("milk")),
        coupon(4, Benefit(BenefitKind.FREE_DELIVERY)),
    )
    assert [(one.coupon_id, one.saving_minor) for one in found.each] == [("c-1", 300), ("c-2", 600), ("c-3", 0)]
    assert (found.saving_of("c-2"), found.saving_of("c-4")) == (600, 0)


def test_coupons_that_stack_are_proposed_together_where_that_is_more():
    # 3.00, and 20 % of 27.00.
    found = fits(
        basket(line("tea", 1000, 3)), coupon(1, off(300)), coupon(2, percent(2000)), coupon(3, product("milk"))
    )
    assert (found.best, found.best_saving_minor) == (("c-1", "c-2"), 840)


def test_a_coupon_that_goes_alone_is_proposed_where_it_saves_more_than_all_others():
    alone = coupon(3, off(900), stackable=False)
    found = fits(basket(line("tea", 1000, 3)), coupon(1, off(300)), coupon(2, percent(2000)), alone)
    assert (found.best, found.best_saving_minor) == (("c-3",), 900)


def test_of_equal_savings_the_fewer_coupons_are_proposed_and_then_the_first():
    alone = coupon(3, off(600), stackable=False)
    other = coupon(4, off(600), stackable=False)
    found = fits(basket(line("tea", 1000)), coupon(1, off(300)), coupon(2, off(300)), other, alone)
    assert found.best == ("c-3",)


def test_a_coupon_beside_those_in_the_basket_says_what_it_would_add():
    # 10 % of 30.00 is in it; 10 % of 27.00 more.
    found = fits(basket(line("tea", 1000, 3), coupons=(coupon(1, percent(1000)),)), coupon(2, percent(1000)))
    assert found.saving_of("c-2") == 270
    assert (found.best, found.best_saving_minor) == (("c-1", "c-2"), 270)


def test_a_coupon_that_does_not_stack_says_what_it_would_save_instead():
    inside = basket(line("tea", 1000, 3), coupons=(coupon(1, off(300)),))
    found = fits(inside, coupon(2, off(700), stackable=False))
    assert found.saving_of("c-2") == 700
    assert (found.best, found.best_saving_minor) == (("c-2",), 400)


def test_a_coupon_that_is_kept_for_another_time_is_not_proposed():
    kept = replace(basket(line("tea", 1000)), declined=("c-1",))
    found = fits(kept, coupon(1, off(300)), coupon(2, off(200)))
    assert (found.saving_of("c-1"), found.best) == (300, ("c-2",))


def test_where_nothing_saves_more_those_in_the_basket_stay():
    found = fits(basket(line("tea", 1000), coupons=(coupon(1, off(300)),)), coupon(2, product("milk")))
    assert (found.best, found.best_saving_minor) == (("c-1",), 0)


def test_coupons_go_together_when_all_of_them_stack():
    stacks, alone = coupon(1, off(1)), coupon(2, off(1), stackable=False)
    assert stack(())
    assert stack((alone,))
    assert stack((stacks, stacks))
    assert not stack((stacks, alone))


def plain_saving(rung_up: Basket, coupons: tuple[BasketCoupon, ...], offers: OfferBook) -> tuple[int, tuple[str, ...]]:
    """What a basket with these coupons saves, worked out from nothing each time."""
    deal = work_out(replace(rung_up, coupons=coupons), offers, Effort.GREEDY, explained=False).deal
    used = {redemption for offer in deal.offers for redemption in offer.redemption_ids}
    return deal.saving_minor, tuple(sorted(one.coupon_id for one in coupons if one.redemption_id in used))


benefits = st.one_of(
    st.builds(off, st.integers(1, 2000), st.sampled_from((0, 2000, 4000))),
    st.builds(percent, st.integers(1, 10_000), st.sampled_from((0, 300)), st.sampled_from((0, 3000))),
    st.builds(
        product,
        st.sampled_from(("tea", "milk", "cup", "apples")),
        st.integers(0, 500),
        st.integers(1, 3),
        st.sampled_from((0, 0, 2500)),
    ),
)
drawn_coupons = st.lists(
    st.tuples(benefits, st.booleans(), st.sampled_from(("", "", "", "TEA", "TEN", "NONE")), st.sampled_from("ab")),
    max_size=6,
)


@settings(max_examples=200)
@given(
    drawn_coupons,
    st.integers(0, 2),
    st.lists(
        st.one_of(
            st.builds(line, st.sampled_from(("tea", "milk", "cup", "salt")), st.integers(100, 2000), st.integers(1, 5)),
            st.builds(weighed, st.just("apples"), st.integers(100, 2000), st.integers(50, 4000)),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_the_quick_trial_answers_as_a_deal_from_nothing_would(drawn, inside, lines):
    offers = book(SHOP)
    coupons = [
        coupon(number, benefit, stackable=stacks, promotion_id=key, form_id=form)
        for number, (benefit, stacks, key, form) in enumerate(drawn)
    ]
    within = tuple(coupons[:inside]) if stack(coupons[:inside]) else ()
    at_hand = [one for one in coupons if one not in within]
    rung_up = dealt(basket(*lines, coupons=within), offers, Effort.GREEDY)
    found = fits_of(rung_up, at_hand, offers)
    for one in at_hand:
        beside = within if stack((*within, one)) else ()
        more = plain_saving(rung_up, (*beside, one), offers)[0] - plain_saving(rung_up, beside, offers)[0]
        assert found.saving_of(one.coupon_id) == max(0, more)
    sets = [tuple(one for one in coupons if one.stackable), *((one,) for one in coupons if not one.stackable)]
    wanted = (*within, *at_hand)
    sets = [tuple(one for one in wanted if one in together) for together in sets if together]
    now = plain_saving(rung_up, within, offers)[0]
    tried = [plain_saving(rung_up, together, offers) for together in sets]
    best = min(tried, key=lambda one: (-one[0], len(one[1]), one[1]), default=(0, ()))
    if best[0] > now:
        assert (found.best, found.best_saving_minor) == (best[1], best[0] - now)
    else:
        assert found.best_saving_minor == 0
