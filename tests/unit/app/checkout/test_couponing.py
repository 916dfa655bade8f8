"""Coupons at the till: reserved, taken by signature or out of a share, used once, and let go where they are not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.checkout import member_requests as ask
from app.checkout.couponing import MOST_COUPONS
from app.checkout.member_ports import AskCoupon, ReserveCoupon
from app.checkout.member_views import CouponStanding
from app.checkout.requests import (
    AbandonBasket,
    BeginPayment,
    LeavePayment,
    RecallBasket,
    SuspendBasket,
    TakeTender,
    VoidLine,
)
from app.checkout.views import Phase, Severity
from app.members.coupons import Proof, ReturnRule
from app.members.ports import CouponReach, Reach
from app.members.quotas import Lease
from app.members.signed_codes import sign
from app.sales.shopper import CouponHold
from app.values.wording import wording
from tests.unit.app.checkout.members_by_hand import (
    AWAY,
    DAY,
    DELIVERY,
    NOON,
    OTHER_SIGNER,
    WANG_PHONE,
    amount_off,
    facts,
    form,
    lease,
    offer,
    percent_off,
    signed,
)

TEN = form("ten", amount_off(1000))
FIVE = form("five", amount_off(500), stackable=True)
THREE = form("three", amount_off(300), stackable=True)
SHIRT = form("shirt", percent_off(2000), promotion_id="SHIRT20", stackable=True)
USED_UP = wording("This code has been used already.")


@pytest.fixture
def wang(member_shop):
    """Wang, with a shirt of 129.00 that costs 119.00 the first time: member's offer, once."""

    def with_coupons(*coupons):
        member_shop.store.knows(facts(), *coupons)
        member_shop.names(WANG_PHONE)
        return member_shop.rings_up("SHIRT")

    return with_coupons


def test_a_coupon_of_the_members_is_stored_before_it_is_asked_for_and_counts_when_reserved(member_shop, wang):
    wang(offer("c-1", TEN))
    view = member_shop.asks(ask.UseCoupon("c-1"))
    inside = member_shop.basket.coupons[0]
    assert inside.hold is CouponHold.ASKED
    assert view.shopper.coupons[0].standing is CouponStanding.ASKED
    question = ReserveCoupon(member_shop.basket.basket_id, inside.redemption_id, "c-1", "m-wang")
    assert member_shop.members.questions[-1] == question
    assert member_shop.members.asked_too_early == []
    view = member_shop.members.reserves()
    assert view.shopper.coupons[0].standing is CouponStanding.USED
    assert view.shopper.coupons[0].saving_minor == 1000
    # 129.00 − 10.00 member's offer − 10.00 coupon.
    assert view.basket.due_minor == 10900


def test_payment_waits_for_no_answer_to_be_missing(member_shop, wang):
    wang(offer("c-1", TEN))
    member_shop.asks(ask.UseCoupon("c-1"))
    refused = member_shop.asks(TakeTender("cash"))
    assert refused.phase is Phase.SELLING
    assert "being asked" in str(refused.notice.sentence)
    member_shop.members.reserves()
    assert member_shop.asks(TakeTender("cash")).phase is Phase.PAID
    sale = member_shop.store.sales[0].sale
    assert [(use.coupon_id, use.proof, use.cost_minor) for use in sale.coupons] == [("c-1", Proof.ONLINE, 1000)]
    assert sale.released == ()


def test_a_refused_coupon_leaves_with_headquarters_own_words_and_is_not_proposed_again(member_shop, wang):
    wang(offer("c-1", TEN))
    member_shop.asks(ask.UseCoupon("c-1"))
    view = member_shop.members.reserves(CouponReach.REFUSED, USED_UP)
    assert "used already" in str(view.notice.sentence)
    assert view.basket.due_minor == 11900
    assert member_shop.basket.coupons == ()
    assert [one.coupon_id for one in member_shop.basket.released] == ["c-1"]
    assert view.shopper.best_saving_minor == 0
    assert not view.shopper.coupons[0].best


def test_without_an_answer_the_signature_counts(member_shop, wang):
    wang(offer("c-1", TEN, signed=signed(TEN, "c-1", "m-wang")))
    member_shop.asks(ask.UseCoupon("c-1"))
    redemption = member_shop.basket.coupons[0].redemption_id
    view = member_shop.members.reserves(CouponReach.AWAY)
    inside = member_shop.basket.coupons[0]
    assert (inside.hold, inside.proof, inside.redemption_id) == (CouponHold.HERE, Proof.SIGNED, redemption)
    assert view.basket.due_minor == 10900


def test_without_an_answer_and_without_a_signature_it_leaves_with_a_word(member_shop, wang):
    wang(offer("c-1", TEN))
    member_shop.asks(ask.UseCoupon("c-1"))
    view = member_shop.members.reserves(CouponReach.AWAY)
    assert view.basket.due_minor == 11900
    assert view.notice.severity is Severity.WARNING
    # It may have been reserved all the same: headquarters is told now, and with the sale.
    redemption = member_shop.basket.released[0].redemption_id
    assert member_shop.members.released() == [(redemption, "c-1")]


def test_away_a_signed_coupon_counts_at_once_and_another_is_refused(member_shop, wang):
    member_shop.members.gone = AWAY
    wang(offer("c-1", SHIRT), offer("c-2", FIVE, signed=signed(FIVE, "c-2", "m-wang")))
    view = member_shop.asks(ask.UseCoupon("c-1"))
    assert view.notice.code == "COUPON-REFUSED"
    assert member_shop.basket.coupons == ()
    view = member_shop.asks(ask.UseCoupon("c-2"))
    assert member_shop.basket.coupons[0].hold is CouponHold.HERE
    assert view.basket.due_minor == 11400
    assert member_shop.members.questions == []


def test_a_coupon_that_headquarters_gave_out_by_signature_is_never_asked_for(member_shop, wang):
    wang(offer("c-1", TEN, Proof.SIGNED, signed=signed(TEN, "c-1", "m-wang")))
    member_shop.asks(ask.UseCoupon("c-1"))
    assert member_shop.basket.coupons[0].hold is CouponHold.HERE
    assert not [one for one in member_shop.members.questions if isinstance(one, ReserveCoupon)]


def test_a_scanned_code_is_reserved_while_headquarters_answers(member_shop):
    member_shop.rings_up("SHIRT")
    code = signed(TEN, "paper-1").text()
    member_shop.scan(code)
    assert member_shop.basket.coupons[0].hold is CouponHold.ASKED
    view = member_shop.members.reserves()
    assert view.basket.due_minor == 11900
    assert str(view.shopper.coupons[0].name) == "¥10.00 优惠券"


def test_a_scanned_code_counts_by_its_signature_while_headquarters_is_away(member_shop):
    member_shop.members.gone = AWAY
    member_shop.rings_up("SHIRT")
    view = member_shop.scan(signed(TEN, "paper-1").text())
    assert view.basket.due_minor == 11900
    member_shop.asks(TakeTender("cash"))
    assert member_shop.store.sales[0].sale.coupons[0].proof is Proof.SIGNED


def test_a_desk_whose_queue_is_full_is_as_if_headquarters_were_away(member_shop):
    member_shop.members.takes = False
    member_shop.rings_up("SHIRT")
    view = member_shop.scan(signed(TEN, "paper-1").text())
    assert member_shop.basket.coupons[0].hold is CouponHold.HERE
    assert view.basket.due_minor == 11900
    assert view.sound is not None


def test_a_code_is_not_taken_twice_by_its_signature_in_this_basket_aside_or_sold(member_shop):
    member_shop.members.gone = AWAY
    code = signed(TEN, "paper-1").text()
    member_shop.rings_up("SHIRT")
    member_shop.scan(code)
    assert member_shop.scan(code).notice.severity is Severity.BAD
    assert len(member_shop.basket.coupons) == 1
    basket_id = member_shop.basket.basket_id
    member_shop.asks(SuspendBasket())
    member_shop.rings_up("SHIRT")
    assert member_shop.scan(code).notice.code == "COUPON-USED"
    member_shop.asks(AbandonBasket("gone"))
    member_shop.asks(RecallBasket(basket_id))
    member_shop.asks(TakeTender("cash"))
    member_shop.rings_up("SHIRT")
    assert member_shop.scan(code).notice.code == "COUPON-USED"
    assert member_shop.scan(code.lower()).basket.due_minor == 12900


def test_a_code_of_another_issuer_or_changed_or_over_is_refused_online_too(member_shop):
    member_shop.rings_up("SHIRT")
    good = signed(TEN, "paper-1")
    forged = sign(good.terms, "hq1", OTHER_SIGNER)
    assert member_shop.scan(forged.text()).notice.code == "COUPON-FORGED"
    assert member_shop.scan(good.text()[:-8]).notice.severity is Severity.BAD
    over = form("over", amount_off(1000), valid_from=NOON - 9 * DAY, valid_until=NOON - DAY)
    assert member_shop.scan(signed(over, "paper-2").text()).notice.code == "COUPON-EXPIRED"
    assert member_shop.scan(signed(TEN, "paper-3", stores=(7,)).text()).notice.code == "COUPON-OTHER-SHOP"
    assert member_shop.scan(signed(TEN, "paper-4", "m-li").text()).notice.code == "COUPON-OTHER-MEMBER"
    assert member_shop.basket.coupons == ()
    assert not [one for one in member_shop.members.questions if isinstance(one, ReserveCoupon)]


def test_a_code_that_only_other_tills_may_take_unasked_is_reserved_here(member_shop):
    code = signed(TEN, "paper-1", tills=("0001-09",)).text()
    member_shop.rings_up("SHIRT")
    member_shop.scan(code)
    member_shop.members.reserves()
    assert member_shop.basket.coupons[0].hold is CouponHold.RESERVED
    member_shop.asks(ask.KeepCoupon("paper-1"))
    member_shop.members.gone = AWAY
    assert member_shop.scan(code).notice.code == "COUPON-OTHER-SHOP"


def test_a_limited_coupon_comes_out_of_this_tills_share_unasked(member_shop):
    member_shop.store.shares.append(lease("YHQ0000001", replace(TEN, must_be_claimed=False), granted=1))
    member_shop.rings_up("SHIRT")
    view = member_shop.scan("YHQ0000001")
    inside = member_shop.basket.coupons[0]
    assert (inside.hold, inside.proof, inside.lease_id) == (CouponHold.HERE, Proof.LEASED, "lease-YHQ0000001")
    assert view.basket.due_minor == 11900
    assert member_shop.members.questions == []
    member_shop.asks(SuspendBasket())
    member_shop.rings_up("SHIRT")
    assert member_shop.scan("YHQ0000001").notice.code == "COUPON-QUOTA"


def test_a_share_that_is_used_up_or_over_gives_nothing_more(member_shop):
    member_shop.store.shares.append(lease("YHQ0000001", replace(TEN, must_be_claimed=False), granted=1))
    member_shop.rings_up("SHIRT")
    member_shop.scan("YHQ0000001")
    member_shop.asks(TakeTender("cash"))
    member_shop.rings_up("SHIRT")
    assert member_shop.scan("YHQ0000001").notice.code == "COUPON-QUOTA"
    over = Lease("lease-2", "0001-02", 5, NOON - timedelta(seconds=1))
    member_shop.store.shares[:] = [replace(member_shop.store.shares[0], lease=over)]
    assert member_shop.scan("YHQ0000001").notice.code == "COUPON-QUOTA"


def test_of_a_piece_of_its_own_share_headquarters_is_told_nothing_until_the_sale(member_shop):
    member_shop.store.shares.append(lease("YHQ0000001", replace(TEN, must_be_claimed=False), granted=1))
    member_shop.rings_up("SHIRT")
    member_shop.scan("YHQ0000001")
    member_shop.asks(ask.KeepCoupon("YHQ0000001"))
    assert member_shop.members.questions == []
    # The piece is there again.
    assert member_shop.scan("YHQ0000001").basket.due_minor == 11900


def test_a_limited_coupon_that_must_be_claimed_needs_its_member(member_shop):
    member_shop.store.shares.append(lease("YHQ0000001", TEN))
    member_shop.rings_up("SHIRT")
    assert member_shop.scan("YHQ0000001").notice.code == "COUPON-NOT-CLAIMED"


def test_a_code_that_says_nothing_here_is_asked_about(member_shop):
    member_shop.rings_up("SHIRT")
    view = member_shop.scan("YHQ0000009")
    assert "being asked" in str(view.notice.sentence)
    question = member_shop.members.last(AskCoupon)
    assert (question.text, question.member_id) == ("YHQ0000009", "")
    assert "YHQ0000009" not in repr(question)
    member_shop.members.says_of_code(offer("c-9", TEN))
    assert member_shop.basket.coupons[0].hold is CouponHold.ASKED
    assert member_shop.members.reserves().basket.due_minor == 11900


def test_payment_waits_a_moment_for_what_a_code_is_and_no_longer(member_shop):
    member_shop.rings_up("SHIRT")
    member_shop.scan("YHQ0000009")
    assert member_shop.asks(TakeTender("cash")).phase is Phase.SELLING
    member_shop.clock.advance(timedelta(seconds=10))
    assert member_shop.asks(TakeTender("cash")).phase is Phase.PAID
    assert member_shop.members.says_of_code(offer("c-9", TEN)).phase is Phase.PAID


@pytest.mark.parametrize("reach", [Reach.NOT_FOUND, Reach.REFUSED, Reach.AWAY])
def test_a_code_that_headquarters_does_not_give_is_said_and_not_used(member_shop, reach):
    member_shop.rings_up("SHIRT")
    member_shop.scan("YHQ0000009")
    refusal = USED_UP if reach is Reach.REFUSED else None
    view = member_shop.members.says_of_code(reach=reach, refusal=refusal)
    assert view.notice.severity is Severity.WARNING
    assert member_shop.basket.coupons == ()
    assert member_shop.asks(TakeTender("cash")).phase is Phase.PAID


def test_an_answer_about_a_code_after_payment_began_is_not_used(member_shop):
    member_shop.rings_up("SHIRT")
    member_shop.scan("YHQ0000009")
    member_shop.clock.advance(timedelta(seconds=11))
    member_shop.asks(TakeTender("cash", "1"))
    view = member_shop.members.says_of_code(offer("c-9", TEN))
    assert "Payment has begun" in str(view.notice.sentence)
    assert view.basket.due_minor == 12900


def test_a_coupon_is_scanned_after_the_first_item_and_before_the_first_tender(member_shop):
    code = signed(TEN, "paper-1").text()
    assert "goods first" in str(member_shop.scan(code).notice.sentence)
    member_shop.rings_up("SHIRT")
    member_shop.asks(BeginPayment())
    view = member_shop.scan(code)
    assert view.phase is Phase.PAYING
    assert member_shop.members.reserves().payment.due_minor == 11900
    member_shop.asks(TakeTender("cash", "1"))
    view = member_shop.scan(signed(FIVE, "paper-2").text())
    assert view.notice.severity is Severity.BAD
    assert view.payment.due_minor == 11900


def test_a_coupon_while_a_payment_is_open_is_refused_and_not_used(member_shop):
    member_shop.rings_up("SHIRT")
    member_shop.asks(TakeTender("wechat"))
    view = member_shop.scan(signed(TEN, "paper-1").text())
    assert "under way" in str(view.notice.sentence)
    assert member_shop.basket.coupons == ()
    assert member_shop.asks(ask.ShowDeal()).deal is not None


def test_a_coupon_that_does_not_go_with_those_inside_is_used_instead_of_them_with_a_word(member_shop, wang):
    wang(offer("c-1", FIVE), offer("c-2", THREE), offer("c-3", TEN))
    member_shop.asks(ask.UseCoupon("c-1"))
    view = member_shop.asks(ask.UseCoupon("c-2"))
    assert view.notice is None
    ten = next(one for one in view.shopper.coupons if one.coupon_id == "c-3")
    assert (ten.standing, ten.saving_minor) == (CouponStanding.OFFERED, 1000)
    assert "Instead of the 2" in str(ten.reason)
    view = member_shop.asks(ask.UseCoupon("c-3"))
    assert "instead of the 2" in str(view.notice.sentence)
    assert [one.coupon_id for one in member_shop.basket.coupons] == ["c-3"]
    assert [one.coupon_id for one in member_shop.basket.released] == ["c-1", "c-2"]
    # 129.00 − 10.00 for members − 10.00, as soon as it is asked for.
    assert member_shop.members.reserves().basket.due_minor == 10900
    five = next(one for one in member_shop.till.view().shopper.coupons if one.coupon_id == "c-1")
    assert "Instead of ten" in str(five.reason)
    view = member_shop.asks(ask.UseCoupon("c-1"))
    assert "instead of ten" in str(view.notice.sentence)


def test_a_coupon_that_cannot_be_used_takes_nobodys_place(member_shop, wang):
    wang(offer("c-1", FIVE), offer("c-2", form("carriage", DELIVERY)))
    member_shop.asks(ask.UseCoupon("c-1"))
    before = member_shop.basket
    assert member_shop.asks(ask.UseCoupon("c-2")).notice.severity is Severity.BAD
    assert member_shop.basket == before


def test_a_scanned_coupon_that_does_not_go_with_those_inside_is_refused_by_both_names(member_shop, wang):
    wang(offer("c-1", FIVE))
    member_shop.asks(ask.UseCoupon("c-1"))
    view = member_shop.scan(signed(TEN, "paper-1", "m-wang").text())
    assert view.notice.code == "COUPON-NOT-TOGETHER"
    assert "five" in str(view.notice.sentence)
    assert [one.coupon_id for one in member_shop.basket.coupons] == ["c-1"]


def test_what_headquarters_refused_is_neither_offered_nor_kept_and_says_why(member_shop, wang):
    wang(offer("c-1", TEN))
    member_shop.asks(ask.UseCoupon("c-1"))
    shown = member_shop.members.reserves(CouponReach.REFUSED, USED_UP).shopper.coupons[0]
    assert (shown.standing, shown.reason) == (CouponStanding.UNFIT, USED_UP)
    # It is so of this basket alone, also when it comes back.
    basket_id = member_shop.basket.basket_id
    member_shop.asks(SuspendBasket())
    member_shop.names(WANG_PHONE)
    assert member_shop.rings_up("SHIRT").shopper.coupons[0].standing is CouponStanding.OFFERED
    member_shop.asks(AbandonBasket("gone"))
    assert member_shop.asks(RecallBasket(basket_id)).shopper.coupons[0].reason == USED_UP


def test_a_refused_choice_puts_back_what_it_had_displaced(member_shop, wang):
    wang(offer("c-1", TEN), offer("c-2", form("five", amount_off(500))))
    member_shop.asks(ask.UseCoupon("c-2"))
    member_shop.members.reserves()
    first = member_shop.basket.coupons[0].redemption_id
    member_shop.asks(ask.UseBestCoupons())
    assert [one.coupon_id for one in member_shop.basket.coupons] == ["c-1"]
    view = member_shop.members.reserves(CouponReach.REFUSED, USED_UP)
    assert "in the basket again" in str(view.notice.sentence)
    (back,) = member_shop.basket.coupons
    assert (back.coupon_id, back.hold) == ("c-2", CouponHold.ASKED)
    assert back.redemption_id != first
    assert member_shop.members.last(ReserveCoupon).redemption_id == back.redemption_id
    assert member_shop.members.reserves().basket.due_minor == 11400
    assert [one.coupon_id for one in member_shop.basket.released] == ["c-2", "c-1"]


def test_what_the_shopper_kept_meanwhile_is_not_put_back(member_shop, wang):
    wang(offer("c-1", TEN), offer("c-2", form("five", amount_off(500))))
    member_shop.asks(ask.UseCoupon("c-2"))
    member_shop.members.reserves()
    member_shop.asks(ask.UseCoupon("c-1"))
    member_shop.asks(ask.KeepCoupon("c-1"))
    member_shop.members.reserves(CouponReach.REFUSED, USED_UP)
    assert member_shop.basket.coupons == ()


def test_free_delivery_is_kept_by_the_shopper(member_shop, wang):
    view = wang(offer("c-1", form("carriage", DELIVERY)))
    assert view.shopper.coupons[0].standing is CouponStanding.UNFIT
    view = member_shop.asks(ask.UseCoupon("c-1"))
    assert "nothing to deliver" in str(view.notice.sentence)
    assert member_shop.basket.coupons == ()


def test_the_best_coupons_come_in_with_one_touch_and_the_others_leave(member_shop, wang):
    # Ten alone takes 10.00; five and three together 8.00; 20 % off the shirt 25.80 and 8.00 more: 33.80, while the
    # member's own offer of 10.00 off the shirt cannot be had besides.
    view = wang(offer("c-ten", TEN), offer("c-five", FIVE), offer("c-three", THREE), offer("c-shirt", SHIRT))
    assert view.basket.due_minor == 11900
    assert {one.coupon_id for one in view.shopper.coupons if one.best} == {"c-five", "c-three", "c-shirt"}
    assert view.shopper.best_saving_minor == 3380 - 1000
    member_shop.asks(ask.UseCoupon("c-ten"))
    member_shop.members.reserves()
    view = member_shop.asks(ask.UseBestCoupons())
    assert {one.coupon_id for one in member_shop.basket.coupons} == {"c-five", "c-three", "c-shirt"}
    assert [one.coupon_id for one in member_shop.basket.released] == ["c-ten"]
    assert view.basket.due_minor == 12900 - 3380
    assert view.shopper.best_saving_minor == 0
    assert member_shop.asks(ask.UseBestCoupons()).notice.severity is Severity.BAD


def test_a_coupon_kept_for_another_time_is_not_proposed_again(member_shop, wang):
    wang(offer("c-ten", TEN))
    view = member_shop.asks(ask.KeepCoupon("c-ten"))
    assert view.shopper.best_saving_minor == 0
    assert "another time" in str(view.shopper.coupons[0].reason)
    assert member_shop.asks(ask.KeepCoupon("c-none")).notice.severity is Severity.BAD
    view = member_shop.asks(ask.UseCoupon("c-ten"))
    assert view.basket.due_minor == 10900
    assert member_shop.basket.declined == ()


def test_a_coupon_taken_out_again_is_let_go_and_its_late_answer_changes_nothing(member_shop, wang):
    wang(offer("c-ten", TEN))
    member_shop.asks(ask.UseCoupon("c-ten"))
    view = member_shop.asks(ask.KeepCoupon("c-ten"))
    assert view.basket.due_minor == 11900
    released = member_shop.basket.released
    assert [one.coupon_id for one in released] == ["c-ten"]
    assert member_shop.members.reserves().basket.due_minor == 11900
    member_shop.asks(TakeTender("cash"))
    assert member_shop.store.sales[0].sale.released == released


def test_a_coupon_that_takes_nothing_off_says_why_and_stays_unused(member_shop, wang):
    wang(offer("c-1", form("big", amount_off(3000, 20000))))
    member_shop.asks(ask.UseCoupon("c-1"))
    view = member_shop.members.reserves()
    assert view.shopper.coupons[0].standing is CouponStanding.IDLE
    assert "81.00 more" in str(view.shopper.coupons[0].reason)
    member_shop.asks(TakeTender("cash"))
    sale = member_shop.store.sales[0].sale
    assert sale.coupons == ()
    assert [one.coupon_id for one in sale.released] == ["c-1"]


def test_a_coupon_waiting_for_its_answer_is_asked_for_again_after_a_restart(member_shop, wang):
    wang(offer("c-ten", TEN))
    member_shop.asks(ask.UseCoupon("c-ten"))
    question = member_shop.members.last(ReserveCoupon)
    member_shop.members.questions.clear()
    view = member_shop.restart().view()
    assert view.shopper.coupons[0].standing is CouponStanding.ASKED
    member_shop.rings_up("GUM")
    assert member_shop.members.last(ReserveCoupon) == question
    assert member_shop.members.reserves().shopper.coupons[0].standing is CouponStanding.USED


def test_an_answer_for_a_basket_that_was_put_aside_is_taken_there_and_its_price_follows(member_shop, wang):
    wang(offer("c-ten", TEN))
    member_shop.asks(ask.UseCoupon("c-ten"))
    view = member_shop.asks(SuspendBasket())
    assert view.suspended[0].due_minor == 10900
    view = member_shop.members.reserves(CouponReach.REFUSED, USED_UP)
    assert view.suspended[0].due_minor == 11900
    aside = member_shop.store.suspended_baskets()[0]
    assert aside.coupons == ()
    assert len(aside.released) == 1


def test_a_basket_given_up_lets_go_of_all_that_was_asked_for_it(member_shop, wang):
    view = wang(offer("c-five", FIVE), offer("c-three", THREE))
    member_shop.asks(ask.UseCoupon("c-five"))
    member_shop.asks(ask.KeepCoupon("c-five"))
    member_shop.asks(ask.UseCoupon("c-three"))
    member_shop.asks(VoidLine(view.basket.lines[0].line_id))
    assert [one.coupon_id for one in member_shop.store.let_go[0][1]] == ["c-five", "c-three"]


def test_a_basket_has_a_bounded_number_of_coupons(member_shop):
    member_shop.members.gone = AWAY
    member_shop.rings_up("SHIRT")
    for number in range(MOST_COUPONS):
        assert member_shop.scan(signed(THREE, f"paper-{number}").text()).notice is None
    view = member_shop.scan(signed(THREE, "one-too-many").text())
    assert "as many coupons as it may" in str(view.notice.sentence)
    assert len(member_shop.basket.coupons) == MOST_COUPONS


def test_a_coupon_put_in_and_out_for_ever_comes_to_an_end(member_shop, wang):
    wang(offer("c-ten", TEN))
    for _ in range(120):
        member_shop.asks(ask.UseCoupon("c-ten"))
        member_shop.asks(ask.KeepCoupon("c-ten"))
    assert len(member_shop.basket.released) == 100
    assert member_shop.asks(ask.UseCoupon("c-ten")).notice.severity is Severity.BAD
    assert member_shop.asks(TakeTender("cash")).phase is Phase.PAID


def test_the_sale_keeps_what_each_coupon_took_off_and_its_campaign(member_shop, wang):
    of_campaign = replace(FIVE, campaign_id="wake26", arm="B", on_return=ReturnRule.VOID)
    wang(offer("c-five", of_campaign), offer("c-shirt", SHIRT))
    for coupon_id in ("c-five", "c-shirt"):
        member_shop.asks(ask.UseCoupon(coupon_id))
        member_shop.members.reserves()
    member_shop.asks(TakeTender("cash"))
    sale = member_shop.store.sales[0].sale
    assert {(use.coupon_id, use.cost_minor, use.campaign_id, use.arm, use.on_return) for use in sale.coupons} == {
        ("c-five", 500, "wake26", "B", ReturnRule.VOID),
        ("c-shirt", 2580, "", "", ReturnRule.GIVE_BACK),
    }
    assert sale.due_minor == 12900 - 2580 - 500
    assert {share.discount_id for share in sale.lines[0].discounts} == {
        offer_.offer_id for offer_ in sale.promotions.offers
    }


def test_leaving_the_tender_pane_keeps_the_deal(member_shop, wang):
    wang(offer("c-ten", TEN))
    member_shop.asks(BeginPayment())
    deal = member_shop.basket.deal
    member_shop.asks(LeavePayment())
    assert member_shop.basket.deal is deal


def test_in_a_shop_without_members_a_coupon_says_that_it_is_not_set_up(member_shop):
    member_shop.members.terms = None
    member_shop.rings_up("SHIRT")
    assert "not set up" in str(member_shop.scan("YHQ0000009").notice.sentence)
    assert "not set up" in str(member_shop.scan("M000000042").notice.sentence)
