"""The waiting view in the real window: what it says, what its keys ask, and what habit cannot do there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.checkout import requests as ask
from app.checkout.payment_requests import CancelPayment, ConfirmPayment, DecidePayment
from app.checkout.payment_views import PaymentStage
from app.checkout.views import Sound, TenderView
from app.payments.attempt_record import Method
from app.payments.desk_requests import Decision
from app.values.wording import wording

THIN = "\u2009"
CODE = "134567890123456789"


def test_it_names_tender_amount_stage_and_what_to_do(stage: Any, views: Any) -> None:
    stage.show(views.waiting(ends_at=views.noon + timedelta(seconds=47)))
    assert stage.text("waitingTender") == "WeChat Pay"
    assert stage.text("waitingAmount") == f"¥{THIN}86.60"
    assert stage.text("waitingWord") == "The shopper confirms"
    assert stage.text("waitingSentence").startswith("Waiting for the shopper.")
    assert stage.checkout.find("waitingStage").accessibleName() == "The shopper confirms"
    assert stage.text("waitingCountdown") == "47 s left"
    assert not stage.sees("waitingQr")
    assert stage.sees("waitingAside")


def test_the_countdown_follows_the_injected_clock_and_stops_at_its_end(stage: Any, views: Any) -> None:
    stage.show(views.waiting(ends_at=views.noon + timedelta(seconds=2)))
    countdown = stage.checkout.find("waitingCountdown")
    assert countdown.counting
    stage.clock.advance(timedelta(milliseconds=1500))
    countdown.tick()
    assert countdown.text() == "1 s left"
    stage.clock.advance(timedelta(minutes=5))
    countdown.tick()
    assert countdown.text() == "The time is up"
    assert not countdown.counting


def test_no_end_no_countdown(stage: Any, views: Any) -> None:
    stage.show(views.waiting(ends_at=views.noon + timedelta(seconds=9)))
    countdown = stage.checkout.find("waitingCountdown")
    stage.show(views.waiting(stage=PaymentStage.UNANSWERED))
    assert not stage.sees("waitingCountdown")
    assert not countdown.counting


def test_reduced_motion_moves_the_bar_once_a_second(make_stage: Callable[..., Any], views: Any) -> None:
    calm, usual = make_stage(reduced_motion=True), make_stage(reduced_motion=True)
    usual.checkout.screens.look.reduced_motion = False
    steps = []
    for one in (calm, usual):
        one.show(views.waiting(ends_at=views.noon + timedelta(seconds=40)))
        steps.append(one.checkout.find("waitingCountdown")._timer.interval())
    assert steps == [1000, 100]


def test_esc_takes_the_payment_back_once_it_can_be(stage: Any, views: Any) -> None:
    stage.show(views.waiting())
    stage.till.answers[CancelPayment] = views.waiting(stage=PaymentStage.TAKING_BACK)
    stage.checkout.press("Esc")
    assert stage.asked == [CancelPayment()]
    assert stage.words("waitingCancel") == "Being taken back"
    assert not stage.checkout.find("waitingCancel").isEnabled()
    stage.checkout.press("Esc")
    assert stage.asked == [CancelPayment()]


def test_the_payment_is_taken_back_by_touch(stage: Any, views: Any) -> None:
    stage.show(views.waiting())
    stage.checkout.touch("waitingCancel")
    assert stage.asked == [CancelPayment()]


def test_figures_enter_space_and_the_keys_of_paying_do_nothing(stage: Any, views: Any) -> None:
    stage.show(views.paying())
    stage.checkout.type("50")
    stage.show(views.waiting())
    stage.checkout.type("50")
    stage.checkout.press("Return", "Enter", "Space", "F12", "Ctrl+1", "Ctrl+3", "F2", "F6", "F7", "F4", "F8", "Del")
    assert stage.asked == []
    assert stage.text("entryLine") == ""


def test_what_is_typed_into_the_entry_line_is_not_sold_meanwhile(stage: Any, views: Any) -> None:
    stage.show(views.waiting())
    stage.checkout.press("F3")
    stage.checkout.type("6901")
    stage.checkout.press("Return")
    assert stage.asked == []
    assert stage.text("noticeSentence").startswith("A payment is open.")


def test_a_scan_meanwhile_is_still_the_tills_to_judge(stage: Any, views: Any) -> None:
    stage.show(views.waiting())
    stage.checkout.scan(CODE)
    assert [type(request) for request in stage.asked] == [ask.ScanCode]
    assert stage.asked[0].amount_text == ""


def test_f5_and_touch_put_the_basket_aside(stage: Any, views: Any) -> None:
    stage.show(views.waiting(stage=PaymentStage.UNANSWERED))
    stage.checkout.press("F5")
    stage.checkout.touch("waitingAside")
    assert stage.asked == [ask.SuspendBasket(), ask.SuspendBasket()]


def test_a_supervisor_accepts_with_a_reason_or_gives_up_with_one(stage: Any, views: Any) -> None:
    stage.show(views.waiting(stage=PaymentStage.HELP, can_decide=True))
    stage.checkout.press("F6")
    assert stage.checkout.screens.desk.stack.made("accept_anyway").subtitle.text() == f"WeChat Pay ¥{THIN}86.60"
    stage.checkout.touch("acceptAnywayPaneReason2")
    assert stage.asked[-1] == DecidePayment(Decision.ACCEPT_ANYWAY, "The terminal's slip says paid")
    stage.checkout.touch("waitingGiveUp")
    stage.checkout.press("Ctrl+1")
    assert stage.asked[-1] == DecidePayment(Decision.GIVE_UP, "The shopper's phone says not paid")


def test_leaving_a_decision_does_not_take_the_payment_back(stage: Any, views: Any) -> None:
    stage.show(views.waiting(stage=PaymentStage.HELP, can_decide=True))
    stage.checkout.press("F7", "Esc")
    assert stage.sees("waitingCancel")
    assert stage.asked == []


def test_the_cashier_says_that_money_has_come_but_never_by_enter(stage: Any, views: Any) -> None:
    stage.show(views.waiting(confirmed_by_hand=True, method=Method.MERCHANT_CODE, payload=views.emv_payload))
    stage.checkout.type("88231")
    stage.checkout.press("Return")
    assert stage.asked == []
    stage.checkout.press("F4")
    assert stage.asked == [ConfirmPayment("88231")]
    stage.show(views.waiting(attempt_id="a2", confirmed_by_hand=True))
    stage.checkout.touch("waitingConfirm")
    assert isinstance(stage.asked[-1], ConfirmPayment)


def test_tenders_taken_before_stay_in_sight(stage: Any, views: Any) -> None:
    stage.show(views.waiting(TenderView(1, views.cash, 4000), TenderView(2, views.voucher, 1000, "V-4711")))
    assert stage.text("waitingTaken") == f"Taken already: Cash ¥{THIN}40.00 · Voucher ¥{THIN}10.00"
    assert [row.amount for row in stage.checkout.screens.desk.presenter.rows][-2:] == ["−40.00", "−10.00"]


def test_a_tender_is_handed_back_when_nothing_is_open_and_not_before(stage: Any, views: Any) -> None:
    taken = TenderView(7, views.cash, 4000)
    stage.show(views.waiting(taken))
    stage.checkout.screens.desk.presenter.selected_key = "tender:7"
    stage.checkout.press("F8")
    assert stage.asked == []
    stage.show(views.paying(taken))
    stage.checkout.screens.desk.presenter.selected_key = "tender:7"
    stage.checkout.press("F8")
    assert stage.asked == [ask.RemoveTender(7)]


def test_the_providers_word_stands_in_small_type(stage: Any, views: Any) -> None:
    stage.show(views.waiting(stage=PaymentStage.HELP, code="SYSTEMERROR"))
    assert stage.text("waitingCode") == "SYSTEMERROR"


def test_a_stage_that_calls_for_help_sounds_as_the_till_says_and_once(stage: Any, views: Any) -> None:
    stage.show(replace(views.waiting(stage=PaymentStage.HELP), sound=Sound.ATTENTION))
    assert stage.checkout.screens.sounds.played == [Sound.ATTENTION]


def test_a_notice_beside_the_waiting_view_does_not_hide_it(stage: Any, views: Any) -> None:
    from app.checkout.views import Notice, Severity

    stage.show(replace(views.waiting(), notice=Notice(Severity.WARNING, wording("That code is used."))))
    assert stage.text("noticeSentence") == "That code is used."
    assert stage.text("waitingTender") == "WeChat Pay"


def test_the_waiting_view_speaks_the_language_that_is_chosen_meanwhile(stage: Any, views: Any) -> None:
    stage.show(views.waiting())
    named = stage.checkout.find("waitingStage")
    stage.checkout.press("Ctrl+L")
    assert stage.text("waitingTender") == "微信支付"
    assert named.accessibleName() == stage.text("waitingWord")
