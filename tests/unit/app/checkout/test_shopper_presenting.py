"""What the screens show of savings, of what almost applies, and of why not."""

from app.checkout import member_requests as ask
from app.checkout.member_views import CouponStanding
from app.checkout.requests import BeginPayment, ChangeQuantity, TakeTender
from app.checkout.shopper_presenting import MOST_NOT_GIVEN
from app.members.coupons import Proof
from app.promotions.offers import Amount, Goods, Limit, Offer, Percent, Step, Threshold, Who
from app.sales.sale import DiscountScope
from tests.unit.app.checkout.conftest import rules_of
from tests.unit.app.checkout.members_by_hand import NOON, WANG_PHONE, amount_off, facts, form, offer


def test_savings_are_shown_as_they_happen_with_their_reason(member_shop):
    assert member_shop.rings_up("MILK").basket.discount_minor == 0
    view = member_shop.rings_up("MILK")
    assert view.basket.discount_minor == 645
    shown = view.basket.lines[0].discounts[0]
    assert (shown.scope, str(shown.name), shown.amount_minor) == (DiscountScope.PROMOTION, "第二件半价", 645)
    assert "50% off the second" in str(shown.why)


def test_what_is_nearest_is_said_first_and_at_most_three(member_shop):
    offers = (
        *(
            Offer(f"gum-{take}", f"满{take}件", Percent(1000, take), goods=Goods(products=("GUM",)))
            for take in (2, 3, 4, 5)
        ),
        Offer("full-4", "满4减1", Threshold((Step(from_minor=400, off_minor=100),))),
    )
    member_shop.counter.offers.take(rules_of(*offers).rules)
    view = member_shop.rings_up("GUM")
    # One more piece is nearest; two more of three are not near; 0.67 is missing to 4.00.
    assert [hint.offer_id for hint in view.shopper.almost] == ["gum-2", "full-4"]
    view = member_shop.asks(ChangeQuantity(1, "3"))
    assert view.shopper.almost[0].offer_id == "gum-4"
    assert len(view.shopper.almost) <= 3


def test_the_deal_is_explained_where_it_was_asked_for(member_shop):
    member_shop.rings_up("MILK", "MILK")
    assert member_shop.till.view().deal is None
    view = member_shop.asks(ask.ShowDeal())
    assert [(hint.offer_id, hint.saving_minor) for hint in view.deal.given] == [("milk-second", 645)]
    assert view.deal.proven
    member_shop.rings_up("GUM")
    view = member_shop.till.view()
    why_not = {hint.offer_id: str(hint.sentence) for hint in view.deal.not_given}
    assert "members" in why_not["gum-member"]
    assert member_shop.asks(ask.HideDeal()).deal is None


def test_a_long_explanation_is_cut(member_shop):
    offers = [
        Offer(f"gum-{number:03}", "会员价", Amount(10), goods=Goods(products=("GUM",)), who=Who(member=True))
        for number in range(60)
    ]
    member_shop.counter.offers.take(rules_of(*offers).rules)
    member_shop.rings_up("GUM")
    assert len(member_shop.asks(ask.ShowDeal()).deal.not_given) == MOST_NOT_GIVEN


def test_a_coupon_in_the_explanation_has_its_own_name(member_shop):
    ten = form("ten", amount_off(1000), promotion_id="NOBODY")
    member_shop.store.knows(facts(), offer("c-1", ten))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("GUM")
    member_shop.asks(ask.UseCoupon("c-1"))
    view = member_shop.members.reserves()
    assert view.shopper.coupons[0].standing is CouponStanding.IDLE
    assert "No offer of this shop" in str(view.shopper.coupons[0].reason)
    view = member_shop.asks(ask.ShowDeal())
    assert "ten" in {str(hint.name) for hint in view.deal.not_given}


def test_the_last_day_of_a_coupon_is_the_stores_own(member_shop):
    # Good until midnight in Shanghai, the end not included: the day before is the last.
    until = NOON.replace(hour=16, minute=0)
    member_shop.store.knows(facts(), offer("c-1", form("ten", amount_off(1000), valid_until=until)))
    view = member_shop.names(WANG_PHONE)
    assert view.shopper.coupons[0].ends_on.isoformat() == "2026-11-22"
    assert view.shopper.coupons[0].standing is CouponStanding.UNFIT


def test_a_coupon_that_saves_nothing_here_says_so(member_shop):
    shirt = form("shirt", amount_off(1), promotion_id="SHIRT20")
    member_shop.store.knows(facts(), offer("c-1", shirt))
    member_shop.names(WANG_PHONE)
    view = member_shop.rings_up("GUM")
    assert view.shopper.coupons[0].standing is CouponStanding.UNFIT
    assert "Nothing in the basket" in str(view.shopper.coupons[0].reason)
    view = member_shop.rings_up("SHIRT")
    assert view.shopper.coupons[0].standing is CouponStanding.OFFERED
    # 20 % of 129.00, in place of the member's 10.00.
    assert view.shopper.coupons[0].saving_minor == 1580


def test_after_a_restart_within_a_payment_the_price_stands_and_nothing_is_explained(member_shop):
    member_shop.rings_up("MILK", "MILK")
    member_shop.asks(TakeTender("cash", "1"))
    member_shop.counter.offers.take(rules_of().rules)
    view = member_shop.restart().view()
    assert view.payment.due_minor == 1935
    assert view.basket.lines[0].discounts[0].why is None
    assert member_shop.asks(ask.ShowDeal()).deal is None
    assert member_shop.asks(TakeTender("cash")).completed.due_minor == 1935


def test_new_rules_count_for_the_basket_that_is_not_being_paid(member_shop):
    member_shop.rings_up("MILK", "MILK")
    member_shop.counter.offers.take(rules_of().rules)
    assert member_shop.asks(ask.ShowMember()).basket.due_minor == 2580


def test_a_long_basket_is_looked_at_harder_before_it_is_paid(member_shop):
    offers = [Offer("each", "单件", Percent(100), goods=Goods(products=("GUM", "MILK")), limit=Limit(per_basket=3))]
    member_shop.counter.offers.take(rules_of(*offers).rules)
    for _ in range(8):
        member_shop.rings_up("GUM", "MILK")
    assert member_shop.basket.deal.effort == "greedy"
    view = member_shop.asks(BeginPayment())
    assert member_shop.basket.deal.effort == "improved"
    due = view.payment.due_minor
    # A member named in the pane changes what is due, and what is shown is still what is charged.
    member_shop.store.knows(facts(), offer("c-1", form("one", amount_off(100)), Proof.ONLINE))
    view = member_shop.names(WANG_PHONE)
    assert member_shop.basket.deal.effort == "improved"
    member_shop.asks(ask.UseCoupon("c-1"))
    view = member_shop.members.reserves()
    assert view.payment.due_minor == due - 100
    assert member_shop.asks(TakeTender("cash")).completed.due_minor == due - 100
