"""What the payment desk says, at bad moments: the store fails, the till is stopped, nobody waits any more."""

import pytest

from app.catalogue.codes.epc import Sgtin, compose_epc
from app.catalogue.codes.scanned import Scanned
from app.checkout import payment_requests as ask_payment
from app.checkout import requests as ask
from app.checkout.views import Phase
from app.payments.attempt_record import AttemptRecord, AttemptState, ExceptionCase, ExceptionKind
from app.payments.attempt_sentences import attempt_sentence, case_sentence
from app.payments.desk_requests import AttemptChanged, AttemptEnded, DeskReady, ExceptionRaised
from tests.unit.app.checkout.conftest import SHIRT, WECHAT_CODE

APPROVED = AttemptState.APPROVED


def shows_code(shop, amount=""):
    return shop.till.handle(ask.ScanCode(Scanned("wedge", WECHAT_CODE, None, shop.clock.now()), amount))


def originals(shop):
    return [order.receipt.copy_number for order in shop.printer.orders].count(0)


def test_news_that_the_store_cannot_take_is_heard_again_with_the_next_request(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.store.fails = True
    view = paying_shop.desk.approves()
    assert (view.phase, view.notice.code) == (Phase.PAYING, "STORE-FAILS")
    assert view.payment.open is not None  # nothing else can be taken for it meanwhile
    view = paying_shop.till.handle(ask.TakeTender("cash"))
    assert view.phase is Phase.PAYING
    paying_shop.store.fails = False
    view = paying_shop.till.handle(ask_payment.LookAgain())
    assert view.phase is Phase.PAID
    assert [tender.tender_type_id for tender in paying_shop.store.sales[0].sale.tenders] == ["wechat"]
    assert originals(paying_shop) == 1


def test_news_waits_behind_earlier_news_of_the_same_payment_and_holds_back_no_other(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    aside = paying_shop.desk.last()
    paying_shop.till.handle(ask.SuspendBasket())
    paying_shop.rings_up("GUM")
    shows_code(paying_shop)
    paying_shop.store.fails_at = frozenset({"save_basket", "commit_sale"})
    paying_shop.desk.approves()
    paying_shop.desk.refuses(paying_shop.desk.last().attempt_id)  # of a cancel that came too late
    view = paying_shop.desk.approves(aside)
    assert "Recall it with F6" in str(view.notice.sentence)
    paying_shop.store.fails_at = frozenset()
    view = paying_shop.till.handle(ask_payment.LookAgain())
    assert (view.phase, len(paying_shop.store.sales)) == (Phase.PAID, 1)


def test_a_sale_that_cannot_be_stored_keeps_its_tender_and_is_tried_again_with_enter(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.store.fails_at = frozenset({"commit_sale"})
    view = paying_shop.desk.approves()
    assert (view.phase, view.payment.open, view.payment.left_minor) == (Phase.PAYING, None, 0)
    assert len(paying_shop.store.open_basket().tenders) == 1
    paying_shop.store.fails_at = frozenset()
    assert "Nothing is left to pay" in str(shows_code(paying_shop).notice.sentence)
    assert paying_shop.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
    assert originals(paying_shop) == 1


def test_a_till_stopped_between_the_approval_and_the_tender_completes_the_sale_and_prints_it_once(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.desk.stored(APPROVED)
    view = paying_shop.restart().view()
    assert (view.phase, view.completed.given_minor) == (Phase.PAID, 1290)
    assert "had come when the till stopped" in str(view.notice.sentence)
    assert originals(paying_shop) == 1
    paying_shop.restart()
    assert len(paying_shop.store.sales) == 1


@pytest.mark.parametrize("state", [AttemptState.CREATED, AttemptState.SUBMITTING, AttemptState.PENDING])
def test_a_basket_waits_on_for_its_payment_when_the_till_starts_again(paying_shop, state):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.desk.stored(state)
    view = paying_shop.restart().view()
    assert view.payment.open.attempt_id == paying_shop.desk.last().attempt_id
    assert paying_shop.desk.approves().phase is Phase.PAID


def test_a_part_that_was_approved_while_the_till_stood_still_is_a_tender(paying_shop):
    paying_shop.rings_up("MILK")
    paying_shop.till.handle(ask.TakeTender("cash", "2"))
    shows_code(paying_shop, "3")
    paying_shop.desk.stored(APPROVED)
    view = paying_shop.restart().view()
    assert [tender.amount_minor for tender in view.basket.tenders] == [200, 300]
    assert view.payment.left_minor == 790  # 12.90 - 2.00 - 3.00


def test_the_same_end_heard_twice_is_one_tender(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop, "5")
    paying_shop.desk.approves()
    assert len(paying_shop.desk.approves().basket.tenders) == 1


def test_late_words_of_an_earlier_payment_do_not_touch_the_one_that_is_open(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    first = paying_shop.desk.last()
    late = paying_shop.desk.stored(AttemptState.PENDING)
    paying_shop.desk.ends(AttemptState.DECLINED)
    shows_code(paying_shop)
    second = paying_shop.desk.last().attempt_id
    view = paying_shop.desk.tell(AttemptChanged(late, attempt_sentence(late), 40))
    assert view.payment.open.attempt_id == second
    view = paying_shop.desk.ends(AttemptState.DECLINED, first)
    assert view.payment.open.attempt_id == second


def test_a_payment_for_a_basket_that_is_gone_is_given_back_once(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.payments.busy.clear()
    paying_shop.desk.refuses(paying_shop.desk.last().attempt_id)
    paying_shop.till.handle(ask.TakeTender("cash"))
    view = paying_shop.desk.approves()
    assert view.notice.code == "PAYMENT-UNCLAIMED"
    paying_shop.desk.approves()
    (refund,) = paying_shop.payments.refunds
    assert (refund.amount_minor, refund.asked_by, refund.reason) == (1290, "till", "basket-gone")


def test_a_payment_in_a_sale_is_not_given_back_when_its_end_is_heard_late(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    step = paying_shop.desk.stored(APPROVED)
    paying_shop.restart()
    view = paying_shop.desk.tell(AttemptEnded(step, attempt_sentence(step)))
    assert view.phase is Phase.PAID
    assert not paying_shop.payments.refunds


def test_a_payment_that_is_more_than_what_is_left_is_given_back_once_and_tried_again_when_the_desk_is_ready(
    paying_shop,
):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.payments.busy.clear()
    paying_shop.desk.refuses(paying_shop.desk.last().attempt_id)
    paying_shop.till.handle(ask.TakeTender("cash", "5"))
    view = paying_shop.desk.approves()
    assert view.notice.code == "PAYMENT-NOT-TAKEN"
    paying_shop.desk.approves()
    assert [refund.amount_minor for refund in paying_shop.payments.refunds] == [1290]
    paying_shop.desk.refuses(paying_shop.payments.refunds[0].attempt_id)
    paying_shop.desk.tell(DeskReady(()))
    assert [refund.amount_minor for refund in paying_shop.payments.refunds] == [1290, 1290]
    paying_shop.desk.refund_ends(APPROVED)
    assert paying_shop.desk.tell(DeskReady(())).payment.left_minor == 790


def test_payments_that_belong_nowhere_are_told_when_the_desk_is_ready(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.desk.stored(APPROVED)
    assert paying_shop.desk.tell(DeskReady(())).notice is None  # its basket is here
    paying_shop.store.baskets.clear()
    paying_shop.restart()
    view = paying_shop.desk.tell(DeskReady(()))
    assert (view.notice.code, "1 payments" in str(view.notice.sentence)) == ("PAYMENT-UNCLAIMED", True)


def test_a_refund_refused_while_the_till_stood_still_is_a_case_when_the_desk_is_ready(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop, "5")
    tender_id = paying_shop.desk.approves().basket.tenders[0].tender_id
    paying_shop.till.handle(ask.RemoveTender(tender_id))
    paying_shop.desk.refund_goes_on(AttemptState.SUBMITTING)
    paying_shop.till.handle(ask.TakeTender("cash"))
    paying_shop.desk.refund_stored(AttemptState.DECLINED)
    paying_shop.restart()
    assert paying_shop.desk.tell(DeskReady(())).case_count == 1
    assert paying_shop.desk.tell(DeskReady(())).case_count == 1


def test_a_case_is_told_and_counted_and_its_end_too(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    step = paying_shop.desk.stored(AttemptState.UNKNOWN, help_called=True)
    case = ExceptionCase(step.attempt_id, ExceptionKind.UNRESOLVED, paying_shop.clock.now(), 1290, "CNY")
    paying_shop.store.save_attempt(AttemptRecord((), (case,)))
    view = paying_shop.desk.tell(ExceptionRaised(case, case_sentence(case.kind)))
    assert (view.case_count, view.notice.code) == (1, "PAYMENT-CASE")
    paying_shop.store.cases.clear()
    assert paying_shop.desk.ends(AttemptState.DECLINED).case_count == 0


def test_news_leaves_the_quantity_that_was_keyed_in(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    paying_shop.till.handle(ask.SuspendBasket())
    paying_shop.till.handle(ask.ArmQuantity("3"))
    paying_shop.desk.approves()
    assert paying_shop.rings_up("GUM").basket.item_count == 3


def test_tagged_goods_that_come_while_a_payment_is_open_are_not_in_the_sale(paying_shop):
    paying_shop.rings_up("MILK")
    shows_code(paying_shop)
    view = paying_shop.till.handle(ask.ReadTags("tray", (compose_epc(Sgtin(SHIRT, "1"), 8),)))
    assert "not in this sale (1)" in str(view.notice.sentence)
    assert paying_shop.desk.approves().phase is Phase.PAID
    assert len(paying_shop.store.sales[0].sale.lines) == 1


def test_a_sale_stays_done_when_tags_that_wait_cannot_be_looked_up(paying_shop):
    paying_shop.rings_up("MILK")
    paying_shop.rings_up("CIGARETTES")
    paying_shop.till.handle(ask.ReadTags("tray", (compose_epc(Sgtin(SHIRT, "1"), 8),)))
    paying_shop.store.fails_at = frozenset({"serial_sold"})
    view = paying_shop.till.handle(ask.AnswerQuestion("yes"))
    assert (len(view.basket.lines), view.notice.code) == (2, "STORE-FAILS")
    view = paying_shop.till.handle(ask.TakeTender("cash"))
    assert (view.phase, len(paying_shop.store.sales), originals(paying_shop)) == (Phase.PAID, 1, 1)
