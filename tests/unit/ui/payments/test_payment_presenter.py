"""The payment that is waited for, without a window: its time, what may be done, what a number in the field is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checkout import requests as ask
from app.checkout.payment_requests import CancelPayment, HideReceipt, HideWorklist, ShowWorklist
from app.checkout.payment_views import PaymentStage
from app.checkout.views import Notice, Phase, Severity, TenderChoice
from app.payments.attempt_record import Method
from app.values.wording import LocalizedText, wording
from ui.presenters.cashier import CashierPresenter
from ui.presenters.panes import Pane
from ui.presenters.payments import Countdown, cancel_words, is_typed_code, picture_of, shown_payload, tender_hint
from ui.presenters.possible import CALL_SUPERVISOR, PAPER_OPEN, PAYMENT_OPEN, PAYMENT_OPEN_ASIDE
from ui.presenters.shortcuts import SHORTCUTS, Action

LATER = timedelta(seconds=47)


def test_a_countdown_ends_at_nothing_and_stays_there(views: Any) -> None:
    payment = views.waiting(ends_at=views.noon + LATER).payment.open
    countdown = Countdown()
    countdown.follow(payment, views.noon)
    assert (countdown.seconds_left(views.noon), countdown.thousandths_left(views.noon)) == (47, 1000)
    # 47 s - 23.5 s = 23.5 s: the half second that is begun counts; half the bar is left.
    half = views.noon + timedelta(milliseconds=23_500)
    assert (countdown.seconds_left(half), countdown.thousandths_left(half)) == (24, 500)
    for late in (LATER, LATER * 3, timedelta(days=1)):
        assert (countdown.seconds_left(views.noon + late), countdown.thousandths_left(views.noon + late)) == (0, 0)


def test_where_no_end_is_known_nothing_is_counted(views: Any) -> None:
    countdown = Countdown()
    countdown.follow(views.waiting(ends_at=views.noon + LATER).payment.open, views.noon)
    countdown.follow(views.waiting(stage=PaymentStage.UNANSWERED).payment.open, views.noon)
    assert not countdown.running
    assert countdown.seconds_left(views.noon) is None


@given(
    length_ms=st.integers(-5_000, 600_000), passed_ms=st.integers(-600_000, 1_200_000), again_ms=st.integers(0, 90_000)
)
def test_no_clock_makes_a_countdown_negative_or_its_bar_longer_than_full(
    views: Any, length_ms: int, passed_ms: int, again_ms: int
) -> None:
    countdown = Countdown()
    ends = views.noon + timedelta(milliseconds=length_ms)
    countdown.follow(views.waiting(ends_at=ends).payment.open, views.noon)
    countdown.follow(views.waiting(ends_at=ends).payment.open, views.noon + timedelta(milliseconds=again_ms))
    now = views.noon + timedelta(milliseconds=passed_ms)
    seconds = countdown.seconds_left(now)
    assert seconds is not None
    # the smallest whole number of seconds that is not less than what is left
    assert seconds == max(0, -((passed_ms - length_ms) // 1000))
    assert 0 <= countdown.thousandths_left(now) <= 1000


def test_another_payment_begins_with_a_full_bar(views: Any) -> None:
    countdown = Countdown()
    countdown.follow(views.waiting(ends_at=views.noon + LATER).payment.open, views.noon)
    now = views.noon + timedelta(seconds=30)
    countdown.follow(views.waiting(attempt_id="a2", ends_at=now + LATER).payment.open, now)
    assert countdown.thousandths_left(now) == 1000


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("134567890123456789", True),
        ("280000000000", True),
        ("99999999999", False),
        ("128.60", False),
        ("1234567890.12", False),
        ("", False),
        ("13456789012345678９", False),
    ],
)
def test_twelve_digits_and_more_are_a_code_and_never_an_amount(typed: str, code: bool) -> None:
    assert is_typed_code(typed) is code


def test_every_stage_differs_in_picture_and_in_word(views: Any) -> None:
    payments = [views.waiting(stage=stage).payment.open for stage in PaymentStage if stage is not PaymentStage.SHOPPER]
    payments += [views.waiting(method=method).payment.open for method in Method]
    pictures = [picture_of(payment) for payment in payments]
    assert len({picture.icon for picture in pictures}) == len(pictures)
    assert len({picture.word for picture in pictures}) == len(pictures)


def test_a_code_is_shown_only_while_it_may_be_scanned(views: Any) -> None:
    for stage in PaymentStage:
        payment = views.waiting(stage=stage, payload=views.wechat_payload).payment.open
        assert bool(shown_payload(payment)) is (stage is PaymentStage.SHOPPER)


def test_the_cancel_key_says_that_it_was_pressed(views: Any) -> None:
    assert str(cancel_words(views.waiting().payment.open)) == "Take back"
    assert str(cancel_words(views.waiting(stage=PaymentStage.TAKING_BACK).payment.open)) == "Being taken back"
    assert str(cancel_words(views.waiting(stage=PaymentStage.GIVING_BACK).payment.open)) == "Being given back"
    assert str(cancel_words(views.waiting(stage=PaymentStage.SENDING).payment.open)) == "Take back"


def test_a_tenders_key_says_what_it_begins_or_why_it_cannot() -> None:
    plain = TenderChoice("cash", LocalizedText("Cash"), True, False)
    assert tender_hint(plain) is None
    card = replace(plain, asks_provider=True, method=Method.TERMINAL)
    hint = tender_hint(card)
    assert hint is not None
    assert str(hint.words) == "at the terminal"
    away = tender_hint(replace(card, unavailable=wording("The terminal is away. Take cash.")))
    assert away is not None
    assert str(away.words) == "The terminal is away. Take cash."
    assert tender_hint(replace(plain, asks_provider=True)) is not None


def presenter_with(view: Any, revision: int = 1) -> CashierPresenter:
    presenter = CashierPresenter()
    assert presenter.accept(replace(view, revision=revision))
    return presenter


def in_sight(presenter: CashierPresenter, pane: Pane) -> bool:
    return presenter.pane is pane


def test_while_a_payment_is_open_only_waiting_or_taking_back_is_possible(views: Any) -> None:
    presenter = presenter_with(views.waiting())
    assert in_sight(presenter, Pane.WAITING)
    for action in (Action.PAY, Action.VOID_LINE, Action.QUANTITY, Action.RECALL, Action.WORKLIST):
        presenter.notice = None
        assert presenter.perform(action) is None
        assert presenter.notice == PAYMENT_OPEN
    assert presenter.enter("6901234567892") is None
    assert presenter.perform(Action.BACK) == CancelPayment()


@pytest.mark.parametrize(
    "stage", [PaymentStage.SHOPPER, PaymentStage.UNANSWERED, PaymentStage.HELP, PaymentStage.TAKING_BACK]
)
def test_a_payment_that_takes_long_can_be_put_aside_at_once(views: Any, stage: PaymentStage) -> None:
    presenter = presenter_with(views.waiting(stage=stage))
    assert presenter.perform(Action.SUSPEND) == ask.SuspendBasket()


def test_what_cannot_be_taken_back_is_not_asked_to_be(views: Any) -> None:
    presenter = presenter_with(views.waiting(stage=PaymentStage.TAKING_BACK))
    assert presenter.perform(Action.BACK) is None
    assert presenter.notice is not None
    assert presenter.notice.severity is Severity.INFO


def test_a_decision_stays_open_until_it_is_made_left_or_not_wanted_any_more(views: Any) -> None:
    view = views.waiting(stage=PaymentStage.HELP, can_decide=True)
    presenter = presenter_with(view)
    presenter.decide(Pane.GIVE_UP)
    presenter.accept(replace(view, revision=2))
    assert in_sight(presenter, Pane.GIVE_UP)
    assert presenter.back() is None
    assert in_sight(presenter, Pane.WAITING)
    presenter.decide(Pane.ACCEPT_ANYWAY)
    presenter.submit_text(ask.WriteNote, "reason")
    presenter.accept(replace(view, revision=3, notice=Notice(Severity.BAD, wording("Choose another reason."))))
    assert in_sight(presenter, Pane.ACCEPT_ANYWAY)
    presenter.accept(replace(views.waiting(stage=PaymentStage.UNANSWERED), revision=4))
    assert in_sight(presenter, Pane.WAITING)
    presenter.accept(replace(views.paying(), revision=5))
    assert in_sight(presenter, Pane.TENDER)


def test_a_cashier_who_may_not_decide_opens_no_decision(views: Any) -> None:
    presenter = presenter_with(views.waiting(stage=PaymentStage.HELP))
    presenter.decide(Pane.ACCEPT_ANYWAY)
    assert in_sight(presenter, Pane.WAITING)


def test_of_receipt_and_worklist_the_one_asked_for_last_is_in_sight(views: Any) -> None:
    presenter = presenter_with(replace(views.selling, receipt=views.receipt))
    assert in_sight(presenter, Pane.RECEIPT)
    assert presenter.perform(Action.WORKLIST) == ShowWorklist()
    both = replace(views.selling, receipt=views.receipt, worklist=views.worklist)
    presenter.accept(replace(both, revision=2))
    presenter.accept(replace(both, revision=3))
    assert in_sight(presenter, Pane.WORKLIST)
    other = replace(views.receipt, sale_id="s-205")
    presenter.accept(replace(both, receipt=other, revision=4))
    assert in_sight(presenter, Pane.RECEIPT)
    assert presenter.back() == HideReceipt()
    presenter.accept(replace(both, receipt=None, revision=5))
    assert presenter.back() == HideWorklist()
    presenter.accept(replace(views.selling, revision=6))
    assert in_sight(presenter, Pane.QUICK_KEYS)


def test_a_receipt_in_sight_keeps_other_panes_away_but_for_another_receipt(views: Any) -> None:
    presenter = presenter_with(replace(views.selling, receipt=views.receipt))
    assert presenter.perform(Action.DISCOUNT) is None
    assert presenter.notice == PAPER_OPEN
    assert presenter.perform(Action.REPRINT) == ask.ReprintReceipt("s-204")
    presenter.perform(Action.RECEIPT)
    presenter.accept(replace(views.selling, receipt=views.receipt, revision=2))
    assert in_sight(presenter, Pane.RECEIPT_NUMBER)
    assert presenter.back() is None
    assert in_sight(presenter, Pane.RECEIPT)


def test_without_a_receipt_in_sight_the_last_one_is_printed_again(views: Any) -> None:
    presenter = presenter_with(views.selling)
    assert presenter.perform(Action.REPRINT) == ask.ReprintReceipt(None)
    assert presenter.view.phase is Phase.SELLING


def test_no_key_of_the_table_stands_for_two_things() -> None:
    keys = [shortcut.key for shortcut in SHORTCUTS]
    assert len(keys) == len(set(keys))


AWAY = Notice(Severity.BAD, wording("WeChat Pay cannot be asked now."), "WALLET-AWAY")


def test_after_a_payment_that_did_not_come_the_first_key_only_puts_the_message_away(views: Any) -> None:
    """F12 pays and F5 puts aside elsewhere; here they would take cash before anybody has read why."""
    presenter = presenter_with(replace(views.paying(), notice=AWAY))
    assert presenter.must_be_read
    assert presenter.perform(Action.PAY) == ask.DismissNotice()
    assert presenter.perform(Action.PAY) == ask.TakeTender("cash")


def test_after_an_amount_that_was_refused_the_next_key_is_for_the_amount(views: Any) -> None:
    refused = Notice(Severity.BAD, wording("Cash goes in steps of 0.10 here."), "TENDER-REFUSED")
    presenter = presenter_with(replace(views.paying(), notice=refused))
    assert not presenter.must_be_read
    assert presenter.perform(Action.PAY) == ask.TakeTender("cash")


def test_what_the_till_said_before_is_not_said_again_over_something_newer(views: Any) -> None:
    presenter = presenter_with(replace(views.waiting(), notice=AWAY))
    presenter.say(PAYMENT_OPEN)
    # A report of the payment desk brings the same view's notice once more.
    assert presenter.accept(replace(presenter.view, revision=2))
    assert presenter.notice == PAYMENT_OPEN
    # The same words said anew are news.
    assert presenter.accept(replace(presenter.view, revision=3, notice=replace(AWAY)))
    assert presenter.notice == AWAY


def test_what_a_device_said_goes_with_the_next_thing_that_is_done(views: Any) -> None:
    presenter = presenter_with(views.paying())
    presenter.announce(Notice(Severity.WARNING, wording("The receipt printer is out of paper.")))
    assert presenter.accept(replace(presenter.view, revision=2))
    assert presenter.notice is None


def test_a_receipt_scanned_while_its_number_is_asked_for_is_shown(views: Any) -> None:
    presenter = presenter_with(views.selling)
    presenter.perform(Action.RECEIPT)
    assert in_sight(presenter, Pane.RECEIPT_NUMBER)
    assert presenter.accept(replace(presenter.view, revision=2, receipt=views.receipt))
    assert in_sight(presenter, Pane.RECEIPT)


def test_without_a_supervisor_at_the_till_the_keys_say_what_to_do(views: Any) -> None:
    presenter = presenter_with(views.waiting(stage=PaymentStage.HELP, can_decide=False))
    assert presenter.perform(Action.RECALL) is None
    assert presenter.notice == CALL_SUPERVISOR
    presenter = presenter_with(views.waiting(stage=PaymentStage.TAKING_BACK, can_cancel=False))
    assert presenter.perform(Action.RECALL) is None
    assert presenter.notice == PAYMENT_OPEN_ASIDE


def test_a_members_tender_says_how_much_it_can_pay() -> None:
    points = TenderChoice("points", LocalizedText("积分"), False, False, asks_provider=True, most_minor=1204)
    hint = tender_hint(points)
    assert hint is not None
    assert str(hint.words) == "up to ¥\u200912.04"
    none = tender_hint(replace(points, unavailable=wording("This shopper has no points.")))
    assert none is not None
    assert str(none.words) == "This shopper has no points."
