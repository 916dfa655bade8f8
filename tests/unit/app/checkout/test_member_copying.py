"""What this till sold to a member counts in its own copy of them, also while headquarters cannot be reached."""

from app.checkout import member_requests as ask
from app.checkout.requests import TakeTender
from app.members.ports import Proof
from tests.unit.app.checkout.members_by_hand import (
    AWAY,
    DAY,
    NOON,
    WANG_PHONE,
    CopiesFail,
    amount_off,
    facts,
    form,
    offer,
    signed,
)


def test_points_earned_while_headquarters_is_away_are_there_at_the_next_visit(member_shop):
    member_shop.store.knows(facts(points=100))
    member_shop.members.gone = AWAY
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("GUM")
    earned = member_shop.asks(TakeTender("cash")).completed.points_earned
    assert earned > 0
    view = member_shop.names(WANG_PHONE)
    assert view.shopper.member.points == 100 + earned
    # Still as old as headquarters' last word.
    assert view.shopper.member.as_of == NOON - DAY


def test_a_coupon_that_was_used_while_headquarters_is_away_is_not_offered_again(member_shop):
    two_off = form("two", amount_off(200))
    coupon = offer("c-two", two_off, Proof.SIGNED, signed=signed(two_off, "c-two", "m-wang"))
    member_shop.store.knows(facts(), coupon)
    member_shop.members.gone = AWAY
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("GUM")
    view = member_shop.asks(ask.UseBestCoupons())
    # 2.50 for members, and 2.00 off.
    assert view.basket.due_minor == 50
    member_shop.asks(TakeTender("cash"))
    member_shop.names(WANG_PHONE)
    view = member_shop.rings_up("GUM")
    assert view.shopper.best_saving_minor == 0
    assert all(one.coupon_id != "c-two" for one in view.shopper.coupons)


def test_a_copy_that_cannot_be_kept_keeps_no_sale_from_being_completed(member_shop):
    member_shop.store.knows(facts(points=100))
    member_shop.members.gone = AWAY
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("GUM")

    def fails(*_: object) -> None:
        raise CopiesFail(AWAY)

    member_shop.store.keep_member_copy = fails
    assert member_shop.asks(TakeTender("cash")).completed is not None
