"""Finding, taking in and greeting a member, and their coupons by one touch or key each."""

from dataclasses import replace
from typing import Any

import pytest

from app.checkout.member_requests import (
    DropMember,
    Enrol,
    HideMember,
    KeepCoupon,
    NameMember,
    ShowMember,
    UseBestCoupons,
    UseCoupon,
)
from app.checkout.member_views import CouponStanding, ShopperView
from app.checkout.requests import BeginPayment
from app.checkout.views import Notice, Severity
from app.values.wording import wording

THIN = "\u2009"


def test_f4_asks_for_the_member_and_puts_the_pane_away_again(stage: Any, shop: Any) -> None:
    stage.show(shop.nobody)
    stage.till.answers[ShowMember] = shop.find
    stage.checkout.press("F4")
    assert stage.asked == [ShowMember()]
    assert stage.checkout.window.focusWidget() is stage.checkout.find("memberPhone")
    stage.till.answers[HideMember] = shop.nobody
    stage.checkout.press("F4")
    assert stage.asked[-1] == HideMember()
    assert not stage.sees("memberPane")


def test_esc_and_the_back_key_leave_the_pane(stage: Any, shop: Any) -> None:
    stage.show(shop.shown)
    stage.checkout.press("Esc")
    stage.checkout.touch("memberPaneBack")
    assert stage.asked == [HideMember(), HideMember()]


def test_a_shop_without_members_says_so(stage: Any, shop: Any) -> None:
    stage.show(replace(shop.nobody, shopper=ShopperView()))
    assert not stage.checkout.find("key_member").isEnabled()
    stage.checkout.press("F4")
    assert stage.asked == []
    assert stage.text("noticeSentence") == "Members are not set up at this till."


def test_a_member_is_found_by_the_number_typed_or_touched(stage: Any, shop: Any) -> None:
    stage.show(shop.find)
    stage.checkout.type("13812345678")
    stage.checkout.press("Return")
    assert stage.asked == [NameMember("13812345678")]
    stage.checkout.find("memberPhone").clear()
    for key in ("pad+", "pad8", "pad5"):
        stage.checkout.touch(key)
    stage.checkout.touch("padAccept")
    assert stage.asked[-1] == NameMember("+85")


def test_enter_with_no_number_asks_nothing(stage: Any, shop: Any) -> None:
    stage.show(shop.find)
    stage.checkout.press("Return")
    assert stage.asked == []


def test_a_refused_number_stays_to_be_mended(stage: Any, shop: Any) -> None:
    stage.show(shop.find)
    stage.till.answers[NameMember] = replace(
        shop.find, notice=Notice(Severity.BAD, wording("This is not a mobile number."), "BAD-PHONE")
    )
    stage.checkout.type("1381234")
    stage.checkout.press("Return")
    assert stage.text("memberPhone") == "1381234"


def test_it_is_said_that_headquarters_is_being_asked(stage: Any, shop: Any) -> None:
    stage.show(shop.looking)
    assert stage.text("memberLooking") == "Headquarters is being asked …"
    assert stage.text("dueDetail") == "asking who the member is"


def test_the_pane_greets_and_shows_what_the_member_has(stage: Any, shop: Any) -> None:
    stage.show(shop.shown)
    pane = stage.checkout.screens.desk.stack.pane("member")
    assert pane.title.text() == "王** · Gold"
    assert pane.subtitle.text() == "138****5678"
    assert stage.text("memberFact1") == "1,204"
    assert stage.text("memberFact1Detail") == f"worth ¥{THIN}12.04"
    assert stage.text("memberFact2") == f"¥{THIN}156.80"
    assert stage.text("memberFact3") == "+118"
    assert stage.text("memberFact3Detail") == "birthday bonus"
    assert stage.text("memberNotes") == f"200 points end on 2026-12-31 · ¥{THIN}320.00 more to Platinum"
    assert stage.text("couponsHead") == "4 coupons"


def test_old_figures_say_of_when_they_are(stage: Any, shop: Any) -> None:
    stage.show(shop.old)
    pane = stage.checkout.screens.desk.stack.pane("member")
    # 04:41 UTC is 12:41 in China; five hours before it was 07:41
    assert pane.subtitle.text() == "138****5678 · as of 07:41"
    assert stage.text("memberNotes").startswith("40 points are still owed for goods brought back · 80 points end on")


def test_a_blocked_member_gets_a_sentence_in_place_of_offers(stage: Any, shop: Any) -> None:
    stage.show(shop.blocked)
    assert stage.text("memberNotes").startswith("This membership is blocked")
    assert stage.text("dueDetail") == "member 138****5678 · blocked"


def test_one_touch_uses_a_coupon_and_one_keeps_it(stage: Any, shop: Any) -> None:
    stage.show(shop.shown)
    stage.checkout.touch("coupon2")
    stage.checkout.touch("coupon1")
    assert stage.asked == [UseCoupon("c2"), KeepCoupon("c1")]


def test_ctrl_and_a_digit_do_the_same(stage: Any, shop: Any) -> None:
    stage.show(shop.shown)
    stage.checkout.press("Ctrl+2", "Ctrl+3", "Ctrl+4")
    # the fourth goes with nothing here: it can neither be used nor kept
    assert stage.asked == [UseCoupon("c2"), KeepCoupon("c3")]
    assert not stage.checkout.find("coupon4").isEnabled()


def test_tiles_say_how_each_coupon_stands(stage: Any, shop: Any) -> None:
    stage.show(shop.shown)
    assert [stage.words(f"coupon{number}") for number in (1, 2, 3, 4)] == [
        f"Bakery coupon: 5 off · −¥{THIN}5.00 · Used · touch to keep · until 2026-11-30",
        f"12 off from 100 · −¥{THIN}12.00 · Touch to use · saves most · until 2026-12-31",
        "Free cotton bag ·  · Headquarters is being asked. · until 2027-01-15",
        "A fifth off imported fruit ·  · Nothing in the basket goes with this coupon. · until 2026-12-05",
    ]
    assert [stage.checkout.find(f"coupon{number}").is_chosen() for number in (1, 2, 3, 4)] == [True, False, True, False]


def test_a_second_enter_after_the_number_uses_no_coupon(stage: Any, shop: Any) -> None:
    stage.show(shop.find)
    stage.till.answers[NameMember] = shop.shown
    stage.checkout.type("13812345678")
    stage.checkout.press("Return", "Return")
    assert not any(isinstance(request, UseCoupon | KeepCoupon) for request in stage.asked)


def test_a_second_enter_after_an_unknown_number_enrols_nobody(stage: Any, shop: Any) -> None:
    stage.show(shop.find)
    stage.till.answers[NameMember] = shop.enrol
    stage.checkout.type("13812345678")
    stage.checkout.press("Return", "Return", "Return")
    assert not any(isinstance(request, Enrol) for request in stage.asked)


def test_the_member_is_dropped_by_key_and_by_touch(stage: Any, shop: Any) -> None:
    stage.show(shop.shown)
    stage.checkout.press("Ctrl+0")
    stage.checkout.touch("memberDrop")
    assert stage.asked == [DropMember(), DropMember()]


@pytest.mark.parametrize("view", ["selling", "shown", "explained"])
def test_the_best_coupons_are_one_touch_away_wherever_selling_goes_on(stage: Any, shop: Any, view: str) -> None:
    stage.show(getattr(shop, view))
    assert stage.words("bestCoupons") == f"Best coupons −¥{THIN}12.00"
    stage.checkout.touch("bestCoupons")
    stage.checkout.press("Ctrl+F4")
    assert stage.asked == [UseBestCoupons(), UseBestCoupons()]


def test_nothing_better_means_no_key_and_a_word(stage: Any, shop: Any) -> None:
    stage.show(replace(shop.selling, shopper=replace(shop.shopper, best_saving_minor=0)))
    assert not stage.sees("bestCoupons")
    stage.checkout.press("Ctrl+F4")
    assert stage.asked == []
    assert stage.text("noticeSentence") == "No other coupon saves more in this basket."


def test_pay_goes_to_payment_past_the_open_pane(stage: Any, shop: Any) -> None:
    stage.show(shop.shown)
    stage.checkout.press("F12")
    assert stage.asked == [BeginPayment()]


def test_what_a_person_opened_over_the_pane_stays_while_news_come(stage: Any, shop: Any) -> None:
    stage.show(shop.shown)
    stage.checkout.press("F5")
    stage.checkout.type("red jacket")
    stage.show(replace(shop.shown, shopper=replace(shop.shopper, best_saving_minor=900)))
    assert stage.text("suspendPaneField") == "red jacket"
    stage.checkout.press("Esc")
    assert stage.sees("memberPane")


def test_a_new_member_agrees_to_nothing_by_itself(stage: Any, shop: Any) -> None:
    stage.show(shop.enrol)
    pane = stage.checkout.screens.desk.stack.pane("member")
    assert pane.subtitle.text() == "138****5678"
    stage.checkout.press("F6")
    assert stage.asked == [Enrol("+8613812345678")]


def test_name_birthday_and_agreements_go_with_the_new_member(stage: Any, shop: Any) -> None:
    stage.show(shop.enrol)
    stage.checkout.type("Li Na")
    stage.checkout.press("Return")
    stage.checkout.type("0229")
    stage.checkout.press("Return", "Ctrl+2")
    assert stage.words("enrolAgree1") == "Messages: no"
    assert stage.words("enrolAgree2") == "Own offers: yes"
    stage.checkout.touch("enrolAccept")
    assert stage.asked == [Enrol("+8613812345678", "Li Na", "02-29", agrees_to_profile=True)]


def test_the_pad_stands_under_the_notice_while_the_birthday_is_typed(stage: Any, shop: Any) -> None:
    stage.show(shop.enrol)
    assert not stage.sees("pad1")
    stage.checkout.find("enrolBirthday").setFocus()
    assert stage.sees("enrolNotice")
    for key in ("pad1", "pad2", "pad-", "pad3", "pad1"):
        stage.checkout.touch(key)
    assert stage.text("enrolBirthday") == "12-31"
    stage.checkout.touch("padAccept")
    assert stage.sees("enrolNotice")
    assert not stage.sees("pad1")


def test_the_whole_notice_can_be_read_by_the_keyboard(stage: Any, shop: Any) -> None:
    stage.checkout.use(size=(1024, 768))
    stage.show(shop.enrol)
    bar = stage.checkout.find("enrolNotice").verticalScrollBar()
    assert bar.maximum() > 0
    for _ in range(9):
        stage.checkout.press("PgDown")
    assert bar.value() == bar.maximum()


def test_esc_leaves_the_enrolment_and_then_the_pane(stage: Any, shop: Any) -> None:
    stage.show(shop.enrol)
    stage.checkout.press("Ctrl+1", "Esc")
    assert stage.sees("memberPhone")
    assert stage.asked == []
    stage.checkout.press("Esc")
    assert stage.asked == [HideMember()]


def test_what_one_shopper_agreed_to_is_not_said_by_the_next(stage: Any, shop: Any) -> None:
    stage.show(shop.enrol)
    stage.checkout.press("Ctrl+1")
    other = replace(shop.enrol, shopper=replace(shop.enrol.shopper, enrol_phone="+8613900001111"))
    stage.show(other)
    stage.checkout.press("F6")
    assert stage.asked == [Enrol("+8613900001111")]


def test_a_scan_in_the_pane_is_a_scan(stage: Any, shop: Any) -> None:
    stage.show(shop.find)
    stage.checkout.scan("6901234567892")
    assert type(stage.asked[-1]).__name__ == "ScanCode"
    assert stage.text("memberPhone") == ""


def test_a_coupon_declined_before_says_why_it_is_not_proposed(stage: Any, shop: Any) -> None:
    kept = replace(
        shop.coupons[1], standing=CouponStanding.OFFERED, reason=wording("The shopper keeps it for another time.")
    )
    stage.show(replace(shop.shown, shopper=replace(shop.shopper, coupons=(kept,))))
    assert stage.words("coupon1").endswith("until 2026-12-31 · The shopper keeps it for another time.")
    assert stage.text("couponsHead") == "1 coupon"
