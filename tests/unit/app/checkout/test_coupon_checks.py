"""What the till took unasked: its signature is kept while it may be needed, and it is looked at again before it pays."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.checkout.member_ports import ReserveCoupon
from app.checkout.requests import BeginPayment, RecallBasket, SuspendBasket, TakeTender
from app.checkout.views import Phase, Severity
from app.members.ports import CouponReach
from app.sales.shopper import CouponHold
from tests.unit.app.checkout.members_by_hand import AWAY, DAY, NOON, amount_off, form, lease, signed

TEN = form("ten", amount_off(1000), must_be_claimed=False)
PAPER = signed(TEN, "paper-1").text()


def aside_with(shop, code):
    shop.rings_up("SHIRT")
    shop.scan(code)
    basket_id = shop.basket.basket_id
    shop.asks(SuspendBasket())
    return basket_id


def test_the_signature_of_a_coupon_that_was_asked_for_counts_also_after_the_basket_was_put_aside(member_shop):
    basket_id = aside_with(member_shop, PAPER)
    view = member_shop.members.reserves(CouponReach.AWAY)
    assert view.suspended[0].due_minor == 11900
    member_shop.members.gone = AWAY
    view = member_shop.asks(RecallBasket(basket_id))
    assert member_shop.basket.coupons[0].hold is CouponHold.HERE
    assert view.basket.due_minor == 11900


def test_the_signature_counts_also_after_the_till_was_started_again(member_shop):
    member_shop.rings_up("SHIRT")
    member_shop.scan(PAPER)
    member_shop.restart()
    member_shop.rings_up("GUM")
    assert isinstance(member_shop.members.questions[-1], ReserveCoupon)
    # 129.00 − 10.00 + 3.33.
    assert member_shop.members.reserves(CouponReach.AWAY).basket.due_minor == 12233


def test_a_reserved_coupon_needs_its_signature_no_more(member_shop):
    member_shop.rings_up("SHIRT")
    member_shop.scan(PAPER)
    assert member_shop.basket.coupons[0].signed_text == PAPER
    assert PAPER not in repr(member_shop.basket)
    member_shop.members.reserves()
    assert member_shop.basket.coupons[0].signed_text == ""


def test_a_coupon_that_ended_while_its_basket_lay_aside_leaves_it_with_a_word(member_shop):
    member_shop.members.gone = AWAY
    basket_id = aside_with(member_shop, PAPER)
    member_shop.clock.advance(timedelta(days=30))
    view = member_shop.asks(RecallBasket(basket_id))
    assert view.basket.due_minor == 12900
    assert view.notice.severity is Severity.WARNING
    assert "good until" in str(view.notice.sentence)
    assert [one.coupon_id for one in member_shop.basket.released] == ["paper-1"]
    assert member_shop.asks(TakeTender("cash")).completed.due_minor == 12900


def test_a_coupon_that_ended_while_the_till_was_off_leaves_with_a_word(member_shop):
    member_shop.members.gone = AWAY
    member_shop.rings_up("SHIRT")
    member_shop.scan(PAPER)
    member_shop.clock.advance(timedelta(days=30))
    view = member_shop.restart().view()
    assert view.basket.due_minor == 12900
    assert "taken out" in str(view.notice.sentence)
    assert member_shop.basket.coupons == ()


@pytest.mark.parametrize("request_", [BeginPayment(), TakeTender("cash"), TakeTender("wechat")])
def test_a_coupon_that_ends_before_payment_begins_is_out_and_the_new_price_is_seen_first(member_shop, request_):
    member_shop.members.gone = AWAY
    member_shop.rings_up("SHIRT")
    member_shop.scan(PAPER)
    member_shop.clock.advance(timedelta(days=8))
    view = member_shop.asks(request_)
    assert view.phase is Phase.SELLING
    assert view.basket.due_minor == 12900
    assert "taken out" in str(view.notice.sentence)
    assert member_shop.payments.orders == []
    assert member_shop.asks(TakeTender("cash")).completed.due_minor == 12900


def test_a_payment_that_began_keeps_its_coupons(member_shop):
    member_shop.members.gone = AWAY
    member_shop.rings_up("SHIRT")
    member_shop.scan(PAPER)
    member_shop.asks(TakeTender("cash", "10.00"))
    member_shop.clock.advance(timedelta(days=30))
    member_shop.restart()
    assert member_shop.asks(TakeTender("cash")).completed.due_minor == 11900


@pytest.mark.parametrize("ends", ["the share", "the coupon", "brought back"])
def test_a_piece_of_a_share_that_is_over_leaves_with_a_word(member_shop, ends):
    short = replace(TEN, valid_until=NOON + timedelta(hours=2)) if ends == "the coupon" else TEN
    share = lease("YHQ0000001", short, until=NOON + timedelta(hours=2) if ends == "the share" else NOON + 9 * DAY)
    member_shop.store.keep_lease(share)
    basket_id = aside_with(member_shop, "YHQ0000001")
    assert member_shop.asks(RecallBasket(basket_id)).basket.due_minor == 11900
    member_shop.asks(SuspendBasket())
    member_shop.clock.advance(timedelta(hours=3))
    if ends == "brought back":
        member_shop.store.lease_over(share.lease.lease_id)
    view = member_shop.asks(RecallBasket(basket_id))
    assert view.basket.due_minor == 12900
    assert "taken out" in str(view.notice.sentence)
