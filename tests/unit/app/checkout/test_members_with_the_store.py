"""Members and coupons with the till's own store under them: closed and opened again, nothing is counted twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.checkout import member_requests as ask
from app.checkout.member_ports import ReserveCoupon
from app.checkout.requests import RecallBasket, SuspendBasket, TakeTender
from app.checkout.till import Till
from app.checkout.views import Phase
from app.members.coupons import Proof
from app.sales.shopper import CouponHold
from tests.faults.store_shop import open_shop
from tests.unit.app.checkout.members_by_hand import (
    AWAY,
    WANG_PHONE,
    amount_off,
    facts,
    form,
    lease,
    offer,
    signed,
)

TEN = form("ten", amount_off(1000))


@pytest.fixture
def stored_shop(member_shop, tmp_path):
    """The same shop with a store on the disk."""
    opened = []

    def open_again():
        for store in opened:
            store.close()
        opened[:] = [open_shop(tmp_path, member_shop.clock)]
        member_shop.store = opened[0]
        settings = replace(member_shop.counter.settings, till_number=1)
        member_shop.counter = replace(member_shop.counter, store=opened[0], settings=settings)
        member_shop.till = Till(member_shop.counter)

    member_shop.members.stored = lambda _question: True
    open_again()
    member_shop.open_again = open_again
    yield member_shop
    opened[0].close()


def named_by_headquarters(shop, *coupons, **figures):
    shop.names(WANG_PHONE)
    return shop.members.finds(facts(**figures), *coupons)


def test_a_basket_with_its_member_and_coupon_comes_back_as_it_was(stored_shop):
    named_by_headquarters(stored_shop, offer("c-1", TEN, signed=signed(TEN, "c-1", "m-wang")))
    stored_shop.rings_up("SHIRT", "GUM")
    stored_shop.asks(ask.UseCoupon("c-1"))
    question = stored_shop.members.last(ReserveCoupon)
    before = stored_shop.basket
    shown = stored_shop.till.view()
    stored_shop.open_again()
    # The figures are those of the copy now; what counts is the same.
    assert replace(stored_shop.basket, member=before.member) == before
    assert stored_shop.till.view().basket == shown.basket
    assert stored_shop.till.view().shopper.coupons[0].coupon_id == "c-1"
    stored_shop.rings_up("MILK")
    assert stored_shop.members.last(ReserveCoupon) == question
    stored_shop.members.gone = AWAY
    view = stored_shop.members.reserves()
    # 119.00 + 2.50 + 12.90 − 10.00.
    assert view.basket.due_minor == 12440
    assert stored_shop.asks(TakeTender("cash")).phase is Phase.PAID


def test_what_was_used_stays_used_and_headquarters_has_it_to_hear(stored_shop):
    stored_shop.members.gone = AWAY
    stored_shop.rings_up("SHIRT")
    code = signed(TEN, "paper-1").text()
    stored_shop.scan(code)
    completed = stored_shop.asks(TakeTender("cash")).completed
    assert completed.due_minor == 11900
    stored_shop.open_again()
    stored_shop.rings_up("SHIRT")
    assert stored_shop.scan(code).notice.code == "COUPON-USED"
    told = stored_shop.store.facts_to_tell(10).facts
    assert [(use.coupon_id, use.proof, use.cost_minor) for use in told[0].coupons] == [("paper-1", Proof.SIGNED, 1000)]


def test_once_for_each_member_is_once_also_when_nobody_was_told(stored_shop):
    named_by_headquarters(stored_shop)
    assert stored_shop.rings_up("SHIRT").basket.due_minor == 11900
    stored_shop.asks(TakeTender("cash"))
    stored_shop.clock.advance(timedelta(minutes=1))
    named_by_headquarters(stored_shop)
    assert stored_shop.rings_up("SHIRT").basket.due_minor == 12900


def test_a_share_is_held_by_a_basket_that_was_put_aside(stored_shop):
    stored_shop.store.keep_lease(lease("YHQ0000001", replace(TEN, must_be_claimed=False), granted=1))
    stored_shop.rings_up("SHIRT")
    stored_shop.scan("YHQ0000001")
    assert stored_shop.basket.coupons[0].hold is CouponHold.HERE
    basket_id = stored_shop.basket.basket_id
    stored_shop.asks(SuspendBasket())
    stored_shop.open_again()
    stored_shop.rings_up("SHIRT")
    assert stored_shop.scan("YHQ0000001").notice.code == "COUPON-QUOTA"
    stored_shop.asks(TakeTender("cash"))
    stored_shop.asks(RecallBasket(basket_id))
    assert stored_shop.asks(TakeTender("cash")).completed.due_minor == 11900
    assert stored_shop.store.lease_used("lease-YHQ0000001") == 1
