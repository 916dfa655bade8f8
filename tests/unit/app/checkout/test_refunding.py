"""Money back on a receipt: the way it was paid, in parts, never more than was paid, and the slip that says so."""

from dataclasses import replace

import pytest

from app.catalogue.codes.scanned import Scanned
from app.checkout import payment_requests as ask_payment
from app.checkout import requests as ask
from app.payments.attempt_record import AttemptState
from app.values.wording import wording
from tests.unit.app.checkout.conftest import WECHAT_CODE

APPROVED, PENDING, SUBMITTING = AttemptState.APPROVED, AttemptState.PENDING, AttemptState.SUBMITTING


@pytest.fixture
def sold(paying_shop):
    """Milk at 12.90: 2.90 in cash, 10.00 by wallet; a supervisor looks at the receipt."""
    paying_shop.set_up(operator=replace(paying_shop.counter.settings.operator, role="supervisor"))
    paying_shop.rings_up("MILK")
    paying_shop.till.handle(ask.TakeTender("cash", "2.90"))
    paying_shop.till.handle(ask.ScanCode(Scanned("wedge", WECHAT_CODE, None, paying_shop.clock.now())))
    paying_shop.desk.approves()
    paying_shop.till.handle(ask_payment.ShowReceipt())
    return paying_shop


def asks(shop, amount="", reason="broken", tender_id=2):
    return shop.till.handle(ask_payment.RefundTender(tender_id, amount, reason))


def slips(shop):
    return [order.receipt.copy_number for order in shop.printer.orders if order.receipt.copy_number]


def test_a_receipt_is_found_by_its_number_and_the_last_without_one(sold):
    number = sold.till.view().receipt.receipt_number
    for text in ("", number, f" {number} "):
        sold.till.handle(ask_payment.HideReceipt())
        assert sold.till.handle(ask_payment.ShowReceipt(text)).receipt.receipt_number == number
    assert sold.till.handle(ask_payment.HideReceipt()).receipt is None


@pytest.mark.parametrize("text", ["abc", "0001-03-1-000001", "0001-02-1-000009"])
def test_a_number_that_is_none_or_anothers_is_refused(sold, text):
    sold.till.handle(ask_payment.HideReceipt())
    view = sold.till.handle(ask_payment.ShowReceipt(text))
    assert (view.receipt, view.notice.code) == (None, "CODE-NOT-KNOWN")


def test_a_receipt_says_what_of_it_can_be_given_back(sold):
    cash, wallet = sold.till.view().receipt.tenders
    assert (cash.amount_minor, cash.refundable_minor) == (290, 0)
    assert str(cash.why_not) == "Not paid through a provider"
    assert (wallet.amount_minor, wallet.refundable_minor, wallet.why_not) == (1000, 1000, None)


def test_parts_are_given_back_until_nothing_is_left(sold):
    asks(sold, "4.00")
    request = sold.payments.refunds[-1]
    assert (request.amount_minor, request.asked_by, request.reason) == (400, "1001", "broken")
    assert request.basket_id == sold.store.sales[0].sale.sale_id
    view = sold.desk.refund_ends(APPROVED)
    assert view.receipt.tenders[1].refundable_minor == 600
    assert "can still be given back" in str(asks(sold, "6.01").notice.sentence)
    asks(sold)
    assert sold.payments.refunds[-1].amount_minor == 600
    view = sold.desk.refund_ends(APPROVED)
    tender = view.receipt.tenders[1]
    assert ([refund.amount_minor for refund in tender.refunds], tender.refundable_minor) == ([400, 600], 0)
    refused = str(asks(sold, "0.01").notice.sentence)
    assert "Everything was given back" in refused
    assert "another way" not in refused  # which would be a second time
    assert [refund.amount_minor for refund in sold.payments.refunds] == [400, 600]


def test_a_refund_that_is_on_its_way_counts_as_given(sold):
    asks(sold, "4.00")
    view = sold.desk.refund_goes_on(PENDING)
    assert view.receipt.tenders[1].refundable_minor == 600
    assert not view.receipt.tenders[1].refunds[0].done
    view = sold.desk.refund_ends(AttemptState.DECLINED)
    assert view.receipt.tenders[1].refundable_minor == 1000
    assert view.receipt.tenders[1].refunds[0].failed


def test_a_key_pressed_again_before_the_refund_is_stored_gives_nothing_a_second_time(sold):
    """The desk may be busy with another payment for seconds: nothing on the receipt has changed meanwhile."""
    asks(sold, "4.00")
    view = asks(sold, "4.00")
    assert "Wait until the receipt shows it" in str(view.notice.sentence)
    assert len(sold.payments.refunds) == 1
    sold.desk.refund_goes_on(SUBMITTING)
    asks(sold, "4.00")  # it is shown now: this one is meant
    assert len(sold.payments.refunds) == 2


def test_a_refund_that_the_desk_refused_holds_back_no_other(sold):
    asks(sold, "4.00")
    sold.desk.refuses(sold.payments.refunds[-1].attempt_id)
    asks(sold, "4.00")
    assert len(sold.payments.refunds) == 2


def test_a_refund_asked_for_from_an_older_sight_of_the_receipt_is_not_made(sold):
    asks(sold, "4.00")
    sold.desk.refund_stored(SUBMITTING)  # and the screen has not been told
    view = sold.till.handle(ask_payment.RefundTender(2, "4.00", "broken", seen_minor=1000))
    assert "has changed" in str(view.notice.sentence)
    assert len(sold.payments.refunds) == 1
    sold.till.handle(ask_payment.RefundTender(2, "4.00", "broken", seen_minor=600))
    assert len(sold.payments.refunds) == 2


@pytest.mark.parametrize("amount", ["0", "-1", "10.01", "x"])
def test_nothing_nonsense_and_more_than_was_paid_are_refused(sold, amount):
    assert asks(sold, amount).notice is not None
    assert not sold.payments.refunds


def test_a_reason_is_needed(sold):
    assert "reason" in str(asks(sold, "", " ").notice.sentence)
    assert not sold.payments.refunds


def test_a_cashier_calls_a_supervisor(sold):
    sold.set_up(operator=replace(sold.counter.settings.operator, role="cashier"))
    view = sold.till.handle(ask_payment.ShowReceipt())
    assert not view.receipt.may_refund
    assert asks(sold).notice.code == "NOT-ALLOWED"
    assert not sold.payments.refunds


def test_cash_is_not_given_back_through_a_provider(sold):
    assert "another way" in str(asks(sold, tender_id=1).notice.sentence)
    assert "another way" in str(asks(sold, tender_id=9).notice.sentence)


def test_a_provider_that_is_no_longer_set_up_gives_nothing_back(sold):
    del sold.payments.paths["wechat"]
    view = asks(sold)
    assert "not set up at this till" in str(view.notice.sentence)
    assert str(view.receipt.tenders[1].why_not) == "Its provider is not set up at this till"
    assert not sold.payments.refunds


def test_no_receipt_no_refund(sold):
    sold.till.handle(ask_payment.HideReceipt())
    assert "Look up the receipt" in str(asks(sold).notice.sentence)


def test_the_slip_is_printed_once_when_it_is_clear_how_the_refund_stands(sold):
    asks(sold)
    sold.desk.refund_goes_on(SUBMITTING)
    assert slips(sold) == []
    # The provider is asked a few times before the shopper is sent away with a slip that says "on its way".
    sold.desk.refund_goes_on(AttemptState.UNKNOWN)
    sold.desk.refund_goes_on(AttemptState.UNKNOWN, asks=1)
    assert slips(sold) == []
    sold.desk.refund_goes_on(AttemptState.UNKNOWN, asks=2)
    assert slips(sold) == [1]
    sold.desk.refund_goes_on(PENDING, asks=3)
    sold.desk.refund_ends(APPROVED)
    assert slips(sold) == [1]


def test_a_refund_that_arrives_after_a_moment_says_so_on_its_one_slip(sold):
    asks(sold)
    sold.desk.refund_goes_on(PENDING)
    sold.desk.refund_goes_on(PENDING, asks=1)
    sold.desk.refund_ends(APPROVED)
    assert slips(sold) == [1]


def test_the_slip_of_a_refund_that_is_done_at_once_says_so(sold):
    asks(sold, "4.00")
    sold.desk.refund_ends(APPROVED)
    assert slips(sold) == [1]
    asks(sold, "1.00")
    sold.desk.refund_ends(APPROVED)
    assert slips(sold) == [1, 2]


def test_a_slip_that_cannot_be_recorded_is_printed_when_the_store_is_well(sold):
    asks(sold)
    sold.store.fails_at = frozenset({"add_print_job"})
    sold.desk.refund_ends(APPROVED)
    assert slips(sold) == []
    sold.store.fails_at = frozenset()
    sold.till.handle(ask_payment.LookAgain())
    assert slips(sold) == [1]


def test_a_refund_that_the_desk_does_not_begin_prints_nothing(sold):
    asks(sold)
    view = sold.desk.refuses(sold.payments.refunds[0].attempt_id, wording("Not now."))
    assert str(view.notice.sentence) == "Not now."
    assert slips(sold) == []
    sold.payments.ready = False
    assert asks(sold).notice.code == "NOT-NOW"


def test_a_refund_refused_after_its_slip_said_otherwise_is_a_case_for_a_person(sold):
    asks(sold)
    sold.desk.refund_goes_on(AttemptState.UNKNOWN, asks=2)
    view = sold.desk.refund_ends(AttemptState.DECLINED)
    assert (view.case_count, slips(sold)) == (1, [1])


def test_a_refund_refused_at_once_is_said_to_whoever_asked(sold):
    asks(sold)
    view = sold.desk.refund_ends(AttemptState.DECLINED)
    assert (view.case_count, slips(sold)) == (0, [1])
    assert "another way" in str(view.notice.sentence)


def test_the_sale_on_the_screen_is_shown_although_the_receipt_cannot_be_read(sold):
    def fails(_sale_id):
        sold.store._work("find_sale")

    sold.store.find_sale = fails
    sold.store.fails_at = frozenset({"find_sale"})
    view = sold.rings_up("GUM")
    assert (len(view.basket.lines), view.receipt, view.notice.code) == (1, None, "STORE-FAILS")


def test_a_receipt_can_be_put_away_while_a_payment_is_open(sold):
    sold.rings_up("MILK")
    sold.till.handle(ask.ScanCode(Scanned("wedge", WECHAT_CODE, None, sold.clock.now())))
    assert sold.till.handle(ask_payment.HideReceipt()).receipt is None
