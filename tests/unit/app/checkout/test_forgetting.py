"""Who asked to be forgotten: nothing of the till brings the name back, and no shopper pays another price at the desk."""

import pytest

from app.checkout import member_requests as ask
from app.checkout.requests import BeginPayment, RecallBasket, SuspendBasket, TakeTender
from app.checkout.views import Phase
from app.members.ports import CouponReach, MemberAnswer, Reach
from tests.unit.app.checkout.members_by_hand import (
    AWAY,
    LI_PHONE,
    WANG_PHONE,
    amount_off,
    facts,
    form,
    li,
    member,
    offer,
)
from tests.unit.app.checkout.test_members_with_the_store import named_by_headquarters, stored_shop

__all__ = ["stored_shop"]

TEN = form("ten", amount_off(1000))
ERASED = ask.MembersErased(("m-wang",))


@pytest.fixture
def wang(member_shop):
    """Wang with a coupon of 10.00, and a shirt of 129.00 that costs members 119.00 the first time."""
    member_shop.store.knows(facts(), offer("c-1", TEN))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("SHIRT")
    member_shop.asks(ask.UseCoupon("c-1"))
    member_shop.members.reserves()
    return member_shop


def put_aside(shop):
    basket_id = shop.basket.basket_id
    shop.asks(SuspendBasket())
    return basket_id


def test_a_name_that_was_erased_does_not_come_back_with_a_basket_that_was_put_aside(stored_shop):
    named_by_headquarters(stored_shop)
    stored_shop.rings_up("SHIRT")
    basket_id = put_aside(stored_shop)
    # Another shopper types the number, and headquarters has forgotten Wang meanwhile.
    stored_shop.names(WANG_PHONE)
    stored_shop.members.finds(None)
    assert stored_shop.store.member_copy_of("m-wang") is None
    assert stored_shop.till.view().suspended[0].member == ""
    view = stored_shop.asks(RecallBasket(basket_id))
    back = stored_shop.basket.member
    assert (back.member_id, back.label, back.birthday) == ("m-wang", "", None)
    assert "Scan the member's code again" in str(view.notice.sentence)
    stored_shop.asks(TakeTender("cash"))
    sold = stored_shop.store.find_sale(basket_id).sale.member
    assert (sold.member_id, sold.label) == ("m-wang", "")


def test_a_started_till_names_nobody_of_whom_it_has_no_copy(stored_shop):
    named_by_headquarters(stored_shop)
    stored_shop.rings_up("SHIRT")
    put_aside(stored_shop)
    stored_shop.names(WANG_PHONE)
    stored_shop.rings_up("GUM")
    stored_shop.store.forget_member("m-wang")
    stored_shop.open_again()
    assert stored_shop.basket.member.label == ""
    assert stored_shop.store.suspended_baskets()[0].member.label == ""
    assert stored_shop.till.view().suspended[0].member == ""


def test_a_payment_that_came_meanwhile_makes_a_sale_without_a_name(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("SHIRT")
    member_shop.asks(TakeTender("wechat"))
    basket_id = put_aside(member_shop)
    member_shop.desk.approves()
    member_shop.store.copies.clear()
    assert member_shop.asks(RecallBasket(basket_id)).phase is Phase.PAID
    sold = member_shop.store.sales[0].sale.member
    assert (sold.member_id, sold.label) == ("m-wang", "")


def test_erasure_heard_after_the_first_tender_takes_the_copy_and_the_name(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("SHIRT")
    member_shop.asks(BeginPayment())
    member_shop.asks(TakeTender("cash", "10.00"))
    view = member_shop.members.finds(None)
    assert member_shop.store.copies == {}
    assert view.payment.due_minor == 11900
    member_shop.asks(TakeTender("cash"))
    assert member_shop.store.sales[0].sale.member.label == ""


def test_a_late_answer_that_a_number_is_nobodys_still_takes_the_copy(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    earlier = member_shop.members.questions[-1]
    member_shop.rings_up("GUM")
    member_shop.asks(TakeTender("cash"))
    member_shop.members.says(ask.MemberAnswered(earlier, MemberAnswer(Reach.NOT_FOUND)))
    assert member_shop.store.copies == {}


def test_headquarters_tells_of_an_erased_member_whose_sale_is_rung_up(wang):
    redemption = wang.basket.coupons[0].redemption_id
    view = wang.members.says(ERASED)
    assert view.basket.due_minor == 12900
    assert view.shopper.member is None
    assert view.shopper.coupons == ()
    assert "no member any more" in str(view.notice.sentence)
    assert [one.redemption_id for one in wang.basket.released] == [redemption]
    assert wang.members.released() == [(redemption, "c-1")]
    assert wang.store.copies == {}


def test_headquarters_tells_of_an_erased_member_whose_sale_is_being_paid(wang):
    wang.asks(TakeTender("cash", "10.00"))
    view = wang.members.says(ERASED)
    # 129.00 less 10.00 for members, less the coupon: as it was when payment began.
    assert view.payment.due_minor == 10900
    assert view.shopper.member.masked_name == ""
    wang.asks(TakeTender("cash"))
    sold = wang.store.sales[0].sale
    assert (sold.member.member_id, sold.member.label, len(sold.coupons)) == ("m-wang", "", 1)


def test_headquarters_tells_of_an_erased_member_whose_basket_lies_aside(wang):
    put_aside(wang)
    view = wang.members.says(ERASED)
    assert (view.suspended[0].member, view.suspended[0].due_minor) == ("", 12900)
    aside = wang.store.suspended_baskets()[0]
    assert (aside.member, aside.coupons, len(aside.released)) == (None, (), 1)
    assert len(wang.members.released()) == 1


def test_a_basket_aside_that_waits_for_its_payment_keeps_its_price(wang):
    wang.asks(TakeTender("wechat"))
    put_aside(wang)
    view = wang.members.says(ERASED)
    assert (view.suspended[0].member, view.suspended[0].due_minor) == ("", 10900)
    aside = wang.store.suspended_baskets()[0]
    assert (aside.member.member_id, aside.member.label, len(aside.coupons)) == ("m-wang", "", 1)


def test_a_member_erased_before_the_first_item_waits_for_none(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    assert member_shop.members.says(ERASED).shopper.member is None
    assert member_shop.rings_up("GUM").basket.due_minor == 333


def test_an_answer_older_than_the_erasure_brings_nobody_back(member_shop):
    member_shop.rings_up("GUM")
    member_shop.names(WANG_PHONE)
    member_shop.members.says(ERASED)
    view = member_shop.members.finds(facts())
    assert view.shopper.member is None
    assert member_shop.store.copies == {}
    # The same person may become a member again, under another reference.
    member_shop.names(WANG_PHONE)
    assert member_shop.members.finds(facts(member("m-new"))).shopper.member.masked_name == "王**"


def test_others_are_left_as_they_are(member_shop):
    member_shop.store.knows(facts(li()))
    member_shop.names(LI_PHONE)
    before = member_shop.rings_up("GUM")
    view = member_shop.members.says(ERASED)
    assert view.shopper == before.shopper
    assert "m-li" in member_shop.store.copies


def test_a_store_that_cannot_forget_now_forgets_later(member_shop):
    member_shop.store.knows(facts())
    member_shop.store.copies_fail = True
    member_shop.members.says(ERASED)
    assert member_shop.till.has_unheard
    member_shop.store.copies_fail = False
    member_shop.rings_up("GUM")
    assert not member_shop.till.has_unheard
    assert member_shop.store.copies == {}


def test_a_coupon_answered_for_a_basket_aside_writes_no_name_back(stored_shop):
    named_by_headquarters(stored_shop, offer("c-1", TEN))
    stored_shop.rings_up("SHIRT")
    stored_shop.asks(ask.UseCoupon("c-1"))
    put_aside(stored_shop)
    stored_shop.names(WANG_PHONE)
    stored_shop.members.finds(None)
    stored_shop.members.reserves(CouponReach.DONE)
    aside = stored_shop.store.suspended_baskets()[0]
    assert (len(aside.coupons), aside.member.label) == (1, "")


def test_headquarters_being_away_erases_nobody(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    member_shop.members.finds(None, reach=Reach.AWAY)
    member_shop.members.gone = AWAY
    assert member_shop.names(WANG_PHONE).shopper.member.masked_name == "王**"
