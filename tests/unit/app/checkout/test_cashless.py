"""Paying through a provider: what is asked, what a basket waits for, and what happens to it meanwhile."""

from dataclasses import replace

import pytest

from app.catalogue.codes.scanned import Scanned
from app.checkout import payment_requests as ask_payment
from app.checkout import requests as ask
from app.checkout.payment_views import PaymentStage
from app.checkout.views import Phase, Sound
from app.payments.attempt_record import AttemptState, Method
from app.payments.desk_requests import Decision
from app.values.wording import wording
from tests.unit.app.checkout.conftest import WECHAT_CODE

APPROVED, PENDING, UNKNOWN = AttemptState.APPROVED, AttemptState.PENDING, AttemptState.UNKNOWN
AWAY = wording("No connection. Take cash.")


def shows_code(shop, amount=""):
    return shop.till.handle(ask.ScanCode(Scanned("wedge", WECHAT_CODE, None, shop.clock.now()), amount))


def code_of(view):
    return view.notice.code if view.notice is not None else ""


def test_a_basket_is_paid_by_scanning_alone(paying_shop):
    paying_shop.rings_up("MILK")
    view = shows_code(paying_shop)
    order = paying_shop.desk.last()
    assert (order.amount_minor, order.method, order.shopper_code) == (1290, Method.SHOPPER_CODE, WECHAT_CODE)
    assert view.phase is Phase.PAYING
    assert view.payment.open.stage is PaymentStage.SENDING
    assert not paying_shop.store.sales
    view = paying_shop.desk.approves(payer="159****5620", provider_reference="42000")
    assert (view.phase, view.sound, view.completed.given_minor) == (Phase.PAID, Sound.PAID, 1290)
    (tender,) = paying_shop.store.sales[0].sale.tenders
    assert (tender.payment_attempt_id, tender.amount_minor, tender.reference) == (order.attempt_id, 1290, "42000")
    assert [order.receipt.copy_number for order in paying_shop.printer.orders] == [0]


def test_of_a_card_the_receipt_says_scheme_and_masked_number_and_of_a_wallet_nothing_of_its_owner(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop, "5")
    paying_shop.desk.approves(payer="159****5620", provider_reference="42000")
    paying_shop.till.handle(ask.TakeTender("card"))
    paying_shop.desk.approves(payer="VISA ****1111", provider_reference="P400-1|77|")
    sale = paying_shop.store.sales[0].sale
    assert [tender.reference for tender in sale.tenders] == ["42000", "VISA ****1111"]
    # What is signed in the journal cannot be erased: who paid with a wallet stands beside it only.
    assert "5620" not in repr(sale)


def test_a_payment_code_over_an_empty_counter_is_not_used(paying_shop):
    assert "nothing is to be paid yet" in str(shows_code(paying_shop).notice.sentence)
    assert not paying_shop.payments.orders


def test_a_payment_code_is_not_used_while_a_question_is_open(paying_shop):
    paying_shop.rings_up("CIGARETTES")
    view = shows_code(paying_shop)
    assert view.question is not None
    assert code_of(view) == "NOT-NOW"
    assert not paying_shop.payments.orders


def test_a_second_code_is_not_used_while_one_is_being_asked_about(paying_shop):
    paying_shop.rings_up("MILK")
    paying_shop.till.handle(ask.TakeTender("wechat"))
    view = paying_shop.desk.goes_on(PENDING)
    assert (view.payment.open.method, view.payment.open.payload) == (Method.MERCHANT_CODE, "weixin://pay?1")
    view = shows_code(paying_shop)
    assert "Cancel it with Esc" in str(view.notice.sentence)
    assert len(paying_shop.payments.orders) == 1


def test_goods_are_not_added_while_a_payment_is_open(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    for request in (
        ask.AddProduct("GUM"),
        ask.ScanCode(Scanned("wedge", "6901234567892", None, paying_shop.clock.now())),
    ):
        view = paying_shop.till.handle(request)
        assert code_of(view) == "NOT-NOW"
        assert len(view.basket.lines) == 1


def test_more_than_what_is_left_is_not_asked_for(paying_shop):
    paying_shop.rings_up("MILK")
    view = shows_code(paying_shop, "12.91")
    assert code_of(view) == "TENDER-REFUSED"
    assert "at most ¥12.90" in str(view.notice.sentence)
    assert not paying_shop.payments.orders


@pytest.mark.parametrize("text", ["0", "0.00", "-1", "abc"])
def test_nothing_and_nonsense_are_not_asked_for(paying_shop, text):
    paying_shop.rings_up("MILK")
    assert shows_code(paying_shop, text).notice is not None
    assert paying_shop.till.handle(ask.TakeTender("wechat", text)).notice is not None
    assert not paying_shop.payments.orders


def test_cash_and_a_wallet_share_a_basket(paying_shop):
    paying_shop.rings_up("MILK")
    paying_shop.till.handle(ask.TakeTender("cash", "2.90"))
    shows_code(paying_shop)
    assert paying_shop.desk.last().amount_minor == 1000  # 12.90 - 2.90
    view = paying_shop.desk.approves()
    assert view.phase is Phase.PAID
    assert [tender.amount_minor for tender in view.completed.tenders] == [290, 1000]


def test_a_part_by_wallet_leaves_the_rest_to_pay_and_a_failed_one_leaves_the_others_standing(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop, "5.00")
    view = paying_shop.desk.approves()
    assert (view.phase, view.payment.left_minor) == (Phase.PAYING, 790)
    shows_code(paying_shop)
    view = paying_shop.desk.ends(AttemptState.DECLINED)
    assert (view.payment.open, view.payment.left_minor) == (None, 790)
    assert "nothing was charged" in str(view.notice.sentence)
    view = paying_shop.till.handle(ask.TakeTender("cash", "10"))
    assert (view.phase, view.completed.change_minor) == (Phase.PAID, 210)


def test_nothing_else_is_taken_while_a_payment_is_open(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    for request in (ask.TakeTender("cash"), ask.VoidLine(1), ask.AbandonBasket("left"), ask.LeavePayment()):
        assert code_of(paying_shop.till.handle(request)) == "NOT-NOW"
    assert not paying_shop.store.sales


def test_a_cancel_is_certain_only_when_the_desk_says_so(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.desk.goes_on(PENDING)
    view = paying_shop.till.handle(ask_payment.CancelPayment())
    assert view.payment.open.stage is PaymentStage.TAKING_BACK
    assert not view.payment.open.can_cancel
    assert paying_shop.payments.cancelled == [(paying_shop.desk.last().attempt_id, "1001")]
    view = paying_shop.desk.goes_on(PENDING)  # told before the desk took the cancel up
    assert view.payment.open.stage is PaymentStage.TAKING_BACK
    view = paying_shop.desk.ends(AttemptState.REVERSED, cancel_by="1001")
    assert view.payment.open is None
    assert "pays nothing" in str(view.notice.sentence)


def test_what_was_approved_before_the_cancel_counts_and_the_cashier_says_what_now(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.desk.goes_on(PENDING)
    paying_shop.till.handle(ask_payment.CancelPayment())
    view = paying_shop.desk.approves()
    assert (view.phase, view.payment.left_minor, code_of(view)) == (Phase.PAYING, 0, "PAID-BEFORE-CANCEL")
    view = paying_shop.desk.refuses(paying_shop.desk.last().attempt_id)
    assert code_of(view) == "PAID-BEFORE-CANCEL"  # that the cancel came too late is said already
    assert paying_shop.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
    assert [tender.tender_type_id for tender in paying_shop.store.sales[0].sale.tenders] == ["wechat"]


def test_a_cancel_that_is_refused_while_the_payment_goes_on_can_be_tried_again(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.desk.goes_on(PENDING)
    paying_shop.till.handle(ask_payment.CancelPayment())
    view = paying_shop.desk.refuses(paying_shop.desk.last().attempt_id, wording("Not now."))
    assert view.payment.open.can_cancel
    assert view.payment.open.stage is PaymentStage.SHOPPER
    view = paying_shop.desk.approves()
    assert view.phase is Phase.PAID


def test_a_payment_that_was_never_begun_is_waited_for_no_more(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.payments.busy.clear()
    view = paying_shop.desk.refuses(paying_shop.desk.last().attempt_id, wording("Not set up."))
    assert (view.payment.open, code_of(view)) == (None, "PAYMENT-REFUSED")


def test_a_till_that_is_not_ready_begins_no_payment(paying_shop):
    paying_shop.payments.ready = False
    paying_shop.rings_up("MILK")
    view = shows_code(paying_shop)
    assert "looking at payments from before" in str(view.notice.sentence)
    assert paying_shop.till.handle(ask.TakeTender("cash")).phase is Phase.PAID


def test_a_supervisor_decides_and_a_cashier_does_not(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    accept = ask_payment.DecidePayment(Decision.ACCEPT_ANYWAY, "seen on the phone")
    paying_shop.desk.goes_on(UNKNOWN, help_called=True)
    assert code_of(paying_shop.till.handle(accept)) == "NOT-ALLOWED"
    paying_shop.set_up(operator=replace(paying_shop.counter.settings.operator, role="supervisor"))
    assert code_of(paying_shop.till.handle(replace(accept, reason=" "))) == "NOT-NOW"
    paying_shop.till.handle(accept)
    assert [one.decision for one in paying_shop.payments.decisions] == [Decision.ACCEPT_ANYWAY]
    # Taken back by the till itself before, for want of an answer: the supervisor's word counts all the same.
    view = paying_shop.desk.approves(cancel_by="till", decided_by="900", help_called=True)
    assert view.phase is Phase.PAID


def test_nobody_decides_while_the_provider_is_still_being_asked(paying_shop):
    paying_shop.set_up(operator=replace(paying_shop.counter.settings.operator, role="supervisor"))
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    view = paying_shop.till.handle(ask_payment.DecidePayment(Decision.GIVE_UP, "left"))
    assert code_of(view) == "NOT-NOW"
    assert not paying_shop.payments.decisions


def test_only_what_no_provider_can_say_is_confirmed_by_hand(paying_shop):
    paying_shop.rings_up("MILK")
    paying_shop.till.handle(ask.TakeTender("bank_code"))
    view = paying_shop.desk.goes_on(PENDING)
    assert view.payment.open.confirmed_by_hand
    paying_shop.till.handle(ask_payment.ConfirmPayment("B 77"))
    assert paying_shop.payments.confirmed == [(paying_shop.desk.last().attempt_id, "1001", "B 77")]
    assert paying_shop.desk.approves(decided_by="1001").phase is Phase.PAID
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    assert code_of(paying_shop.till.handle(ask_payment.ConfirmPayment())) == "NOT-NOW"


def test_held_value_is_captured_after_its_sale_is_stored_and_its_number_is_not_kept(paying_shop):
    paying_shop.rings_up("MILK")
    assert "needs its number" in str(paying_shop.till.handle(ask.TakeTender("gift")).notice.sentence)
    paying_shop.till.handle(ask.TakeTender("gift", "", "4111 1111 1111 1111"))  # an account may look like a card
    order = paying_shop.desk.last()
    assert order.shopper_code == "4111111111111111"
    assert not paying_shop.payments.captured
    paying_shop.desk.approves(provider_reference="H-1")
    assert paying_shop.payments.captured == [order.attempt_id]
    assert [tender.reference for tender in paying_shop.store.sales[0].sale.tenders] == ["H-1"]


def test_a_card_goes_to_the_terminal_and_a_wallet_key_shows_a_code(paying_shop):
    paying_shop.rings_up("MILK")
    view = paying_shop.till.handle(ask.BeginPayment())
    choices = {choice.tender_type_id: choice for choice in view.payment.choices}
    assert (choices["card"].method, choices["wechat"].method) == (Method.TERMINAL, Method.MERCHANT_CODE)
    assert (choices["gift"].method, choices["gift"].reference_required) == (None, True)
    assert not choices["cash"].asks_provider
    paying_shop.till.handle(ask.TakeTender("card"))
    assert paying_shop.desk.last().method is Method.TERMINAL


# Putting aside, and the queue.


def test_the_queue_moves_on_while_a_payment_is_not_resolved(paying_shop):
    first = paying_shop.rings_up("MILK").basket.basket_id
    shows_code(paying_shop)
    paying_shop.desk.goes_on(UNKNOWN)
    slow = paying_shop.desk.last()
    view = paying_shop.till.handle(ask.SuspendBasket("red"))
    assert view.suspended[0].payment is not None
    paying_shop.rings_up("GUM")
    assert paying_shop.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
    paying_shop.rings_up("GUM")
    view = paying_shop.desk.approves(slow)
    assert "Recall it with F6" in str(view.notice.sentence)
    assert view.basket.lines[0].product_id == "GUM"  # nobody else's basket is touched
    paying_shop.till.handle(ask.TakeTender("cash"))
    view = paying_shop.till.handle(ask.RecallBasket(first))
    assert (view.phase, view.completed.sale_id, view.completed.given_minor) == (Phase.PAID, first, 1290)


@pytest.mark.parametrize("restarted", ["never", "before", "after"])
@pytest.mark.parametrize("state", [APPROVED, AttemptState.DECLINED, UNKNOWN])
def test_a_basket_aside_comes_back_with_what_became_of_its_payment(paying_shop, state, restarted):
    basket_id = paying_shop.rings_up("MILK").basket.basket_id
    shows_code(paying_shop)
    paying_shop.desk.goes_on(PENDING)
    paying_shop.till.handle(ask.SuspendBasket())
    if restarted == "before":
        paying_shop.restart()
    if state is UNKNOWN:
        paying_shop.desk.goes_on(state, help_called=True)
    else:
        paying_shop.desk.ends(state)
    if restarted == "after":
        paying_shop.restart()
    view = paying_shop.till.handle(ask.RecallBasket(basket_id))
    if state is APPROVED:
        assert (view.phase, view.completed.sale_id) == (Phase.PAID, basket_id)
    elif state is UNKNOWN:
        assert (view.phase, view.payment.open.stage) == (Phase.PAYING, PaymentStage.HELP)
    else:
        assert view.phase is Phase.SELLING
        assert paying_shop.till.handle(ask.TakeTender("cash", "20")).phase is Phase.PAID
    assert len(paying_shop.store.sales) == (state is not UNKNOWN)


def test_a_payment_cancelled_before_its_basket_was_put_aside_does_not_complete_the_sale_by_itself(paying_shop):
    basket_id = paying_shop.rings_up("MILK").basket.basket_id
    shows_code(paying_shop)
    paying_shop.desk.goes_on(PENDING)
    paying_shop.till.handle(ask_payment.CancelPayment())
    paying_shop.till.handle(ask.SuspendBasket())
    paying_shop.desk.approves()
    view = paying_shop.till.handle(ask.RecallBasket(basket_id))
    assert (view.phase, view.payment.left_minor, len(view.basket.tenders)) == (Phase.PAYING, 0, 1)


def test_a_basket_recalled_before_the_news_of_its_payment_is_sold_when_the_news_comes(paying_shop):
    basket_id = paying_shop.rings_up("MILK").basket.basket_id
    shows_code(paying_shop)
    paying_shop.till.handle(ask.SuspendBasket())
    paying_shop.desk.stored(APPROVED)
    view = paying_shop.till.handle(ask.RecallBasket(basket_id))
    assert (view.phase, view.payment.left_minor) == (Phase.PAYING, 0)
    assert paying_shop.desk.approves().phase is Phase.PAID
    assert len(paying_shop.store.sales) == 1


@pytest.mark.parametrize("failing", ["save_basket", "attempts_of"])
def test_a_recall_that_the_store_cannot_take_leaves_the_basket_aside_and_the_counter_free(paying_shop, failing):
    basket_id = paying_shop.rings_up("MILK").basket.basket_id
    shows_code(paying_shop, "5")
    paying_shop.till.handle(ask.SuspendBasket())
    paying_shop.desk.approves()
    paying_shop.store.fails_at = frozenset({failing})
    view = paying_shop.till.handle(ask.RecallBasket(basket_id))
    assert (view.basket.basket_id, len(view.suspended)) == (None, 1)
    assert paying_shop.store.open_basket() is None
    paying_shop.store.fails_at = frozenset()
    view = paying_shop.till.handle(ask.RecallBasket(basket_id))
    assert view.payment.left_minor == 790


# Handing back.
