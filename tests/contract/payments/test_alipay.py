"""The Alipay provider against the simulated Alipay, over a real port with real signatures."""

import logging
import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from app.payments.alipay.provider import ALIPAY, PROVIDER_ID, AlipayProvider, make_alipay
from app.payments.alipay.settings import read_settings
from app.payments.alipay.signing import AnswerVerifier, RequestSigner
from app.payments.alipay.simulator import AlipaySimulator, SimulatorKeys
from app.payments.alipay.simulator_faults import Call, Fault, Shopper
from app.payments.provider import (
    BadBill,
    BillKind,
    BillNotReady,
    ProviderAway,
    ProviderTimes,
    PurchaseOrder,
    RefundOrder,
    Verdict,
)
from app.values.clock import FixedClock

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # twelve o'clock in China
CODE = "28763443825664394"
NOTHING_HEARD = (
    Fault.LOSES_ANSWER,
    Fault.TRUNCATES_ANSWER,
    Fault.SERVER_ERROR,
    Fault.REDIRECTS,
    Fault.HTML,
    Fault.WRONG_SIGNATURE,
    Fault.NO_SIGNATURE,
    Fault.OTHER_ORDER,
    Fault.OTHER_METHOD,
    Fault.UNKNOWN_ERROR,
    Fault.SYSTEM_ERROR,
    Fault.DEEP_JSON,
    Fault.HUGE_NUMBER,
    Fault.DOUBLE_KEY,
    Fault.HUGE_BODY,
    Fault.GBK,
    Fault.COMPRESSED,
)
"""Done at Alipay, and no answer that may be believed."""

NOT_DONE = (Fault.LOSES_REQUEST, Fault.TOO_MANY_CALLS, Fault.SYSTEM_ERROR_BEFORE)


@pytest.fixture(scope="module")
def keys():
    return SimulatorKeys.generate()


@pytest.fixture
def clock():
    return FixedClock(NOON)


@pytest.fixture
def alipay(clock, keys):
    with AlipaySimulator(clock, keys) as simulator:
        yield simulator


@pytest.fixture
def settings(alipay, tmp_path):
    return alipay.settings(tmp_path)


@pytest.fixture(scope="module")
def signer(keys):
    return RequestSigner(keys.app_private)


@pytest.fixture
def till(settings, clock, signer, keys):
    provider = AlipayProvider(read_settings(settings), signer, AnswerVerifier(keys.alipay_public), clock)
    yield provider
    provider.close()


def order(number="N1", amount_minor=12_088, code=CODE, **more):
    return PurchaseOrder(number, amount_minor, "CNY", "柜台便利店", "0001", "01", code, **more)


def refund(number="N1", request="R1", amount_minor=1233, original_minor=12_088):
    return RefundOrder(number, request, amount_minor, original_minor, "CNY", "damaged")


def test_a_shoppers_code_pays_at_once(alipay, till):
    answer = till.pay(order())

    assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 12_088)
    assert answer.at == NOON
    assert answer.payer == "159****5620"
    assert alipay.net_minor("N1") == 12_088
    assert alipay.calls == [Call.PAY]
    (entry,) = alipay.ledger
    assert (entry.subject, entry.store_id, entry.terminal_id) == ("柜台便利店", "0001", "01")


def test_a_face_pays_where_the_store_takes_it(settings, clock, till):
    assert till.pay(order(code="fp" + "a1" * 16 + "b")).verdict is Verdict.APPROVED

    strict = make_alipay({**settings, "takes_face": False}, clock)
    assert strict.pay(order("N2", code="fp" + "a1" * 16 + "c")).verdict is Verdict.DECLINED
    strict.close()


@pytest.mark.parametrize(
    "code", ["", "134567890123456789", "6901234567892", "2876344382566439", "3176344382566439412",
             "28763443825664394 ", "2876344382566439x", "fp1", "２８７６３４４３８２５６６４３９４", "2" * 25],
)  # fmt: skip
def test_what_is_no_code_of_alipay_is_never_sent(alipay, till, code):
    if code == "2876344382566439":
        assert till.pay(order(code=code)).verdict is Verdict.APPROVED  # sixteen digits are the shortest
        return
    answer = till.pay(order(code=code))

    assert (answer.verdict, answer.code) == (Verdict.DECLINED, "NOT-A-PAYMENT-CODE")
    assert alipay.calls == []


def test_a_shopper_who_keys_a_password_is_waited_for(alipay, till):
    alipay.shoppers[CODE] = Shopper(keys_password_after=2)

    verdicts = [till.pay(order()).verdict] + [till.query(order(code="")).verdict for _ in range(3)]

    assert verdicts == [Verdict.PENDING, Verdict.PENDING, Verdict.PENDING, Verdict.APPROVED]
    assert alipay.net_minor("N1") == 12_088


def test_a_shopper_who_walks_away_is_cancelled_and_has_paid_nothing(alipay, till):
    alipay.shoppers[CODE] = Shopper(never_confirms=True)
    till.pay(order())

    assert till.query(order()).verdict is Verdict.PENDING
    assert till.reverse(order()).verdict is Verdict.REVERSED
    assert till.query(order()).verdict is Verdict.REVERSED
    assert alipay.ledger == ()
    assert not alipay.shopper_pays("N1")


def test_a_shopper_who_pays_between_the_last_question_and_the_cancel_gets_it_back(alipay, till):
    alipay.shoppers[CODE] = Shopper(never_confirms=True, pays_while_cancelled=True)
    till.pay(order())

    answer = till.reverse(order())

    assert (answer.verdict, answer.amount_minor) == (Verdict.REVERSED, 12_088)
    assert [entry.kind for entry in alipay.ledger] == [BillKind.PURCHASE, BillKind.REVERSAL]
    assert alipay.net_minor("N1") == 0
    assert till.reverse(order()).verdict is Verdict.REVERSED
    assert alipay.net_minor("N1") == 0


def test_an_order_that_nobody_confirmed_closes_by_itself(alipay, till, clock):
    alipay.shoppers[CODE] = Shopper(never_confirms=True)
    till.pay(order())
    clock.advance(timedelta(minutes=5))

    assert till.query(order()).verdict is Verdict.REVERSED


@pytest.mark.parametrize(
    "sub_code", ["ACQ.BUYER_BALANCE_NOT_ENOUGH", "ACQ.PAYMENT_AUTH_CODE_INVALID", "ACQ.PAYMENT_FAIL"]
)
def test_a_refused_shopper_is_told_why(alipay, till, sub_code):
    alipay.shoppers[CODE] = Shopper(refused_with=sub_code)

    answer = till.pay(order())

    assert (answer.verdict, answer.code) == (Verdict.DECLINED, sub_code)
    assert alipay.ledger == ()


def test_a_code_is_good_for_one_payment(alipay, till):
    till.pay(order())

    assert till.pay(order("N2")).verdict is Verdict.DECLINED
    alipay.fail(Call.PAY, Fault.CODE_EXPIRED)
    assert till.pay(order("N3", code=CODE + "1")).verdict is Verdict.DECLINED
    assert len(alipay.ledger) == 1


def test_a_number_sent_twice_charges_once_and_is_looked_up(alipay, till):
    till.pay(order())

    assert till.pay(order(code=CODE + "1")).verdict is Verdict.UNKNOWN
    assert till.pay(order(amount_minor=1, code=CODE + "1")).verdict is Verdict.UNKNOWN
    assert till.query(order()).verdict is Verdict.APPROVED
    assert alipay.net_minor("N1") == 12_088

    alipay.fail(Call.PAY, Fault.CHARGES_TWICE)
    till.pay(order(code=CODE + "1"))
    assert alipay.net_minor("N1") == 2 * 12_088


@pytest.mark.parametrize("fault", [*NOTHING_HEARD, Fault.OTHER_AMOUNT])
def test_a_payment_without_an_answer_to_believe_is_unknown_and_then_found(alipay, till, fault):
    alipay.fail(Call.PAY, fault)

    answer = till.pay(order())

    assert (answer.verdict, answer.amount_minor) == (Verdict.UNKNOWN, 0)
    assert alipay.net_minor("N1") == 12_088
    assert till.query(order()).verdict is Verdict.APPROVED


@pytest.mark.parametrize("fault", NOT_DONE)
def test_a_payment_that_never_arrived_is_unknown_and_then_not_found(alipay, till, fault):
    alipay.fail(Call.PAY, fault)

    assert till.pay(order()).verdict is Verdict.UNKNOWN
    assert till.query(order()).verdict is Verdict.NOT_FOUND
    assert till.reverse(order()).verdict is Verdict.NOT_FOUND
    assert alipay.ledger == ()


def test_a_gateway_with_too_much_to_do_has_charged_nothing(alipay, till):
    alipay.fail(Call.PAY, Fault.CALL_LIMIT)

    assert till.pay(order()).verdict is Verdict.DECLINED
    assert alipay.ledger == ()


@pytest.mark.parametrize("fault", [*NOTHING_HEARD, *NOT_DONE, Fault.OTHER_AMOUNT, Fault.CALL_LIMIT])
def test_a_question_without_an_answer_to_believe_decides_nothing(alipay, till, fault):
    till.pay(order())
    alipay.fail(Call.QUERY, fault)

    assert till.query(order()).verdict is Verdict.UNKNOWN
    assert till.query(order()).verdict is Verdict.APPROVED


def test_an_alipay_that_learns_slowly_is_not_believed_to_know_nothing_for_ever(alipay, till):
    till.pay(order())
    alipay.fail(Call.QUERY, Fault.NOT_FOUND, times=2)

    assert [till.query(order()).verdict for _ in range(3)] == [Verdict.NOT_FOUND, Verdict.NOT_FOUND, Verdict.APPROVED]


@pytest.mark.parametrize("fault", [*NOTHING_HEARD, *NOT_DONE, Fault.ASKS_TO_RETRY, Fault.CALL_LIMIT])
def test_a_cancel_is_repeated_until_alipay_says_what_it_did_and_gives_back_once(alipay, till, fault):
    till.pay(order())
    alipay.fail(Call.CANCEL, fault)

    assert till.reverse(order()).verdict is Verdict.UNKNOWN
    assert till.reverse(order()).verdict is Verdict.REVERSED
    assert alipay.net_minor("N1") == 0
    assert len(alipay.ledger) == 2


def test_a_payment_older_than_a_day_or_refunded_in_part_has_to_be_refunded(alipay, till, clock):
    till.pay(order())
    clock.advance(timedelta(hours=25))

    assert till.reverse(order()).verdict is Verdict.APPROVED
    till.refund(refund())
    assert till.reverse(order()).verdict is Verdict.APPROVED
    till.refund(refund(request="R2", amount_minor=12_088 - 1233))
    assert till.reverse(order()).verdict is Verdict.REVERSED
    assert alipay.net_minor("N1") == 0


def test_a_refund_happens_once_for_its_number_and_in_parts(alipay, till):
    till.pay(order())

    for _ in range(3):
        answer = till.refund(refund())
        assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 1233)
    assert till.refund(refund(request="R2", amount_minor=10_855)).verdict is Verdict.APPROVED  # 12088 - 1233
    assert alipay.net_minor("N1") == 0
    assert till.refund(refund(request="R3", amount_minor=1)).verdict is Verdict.DECLINED
    assert till.refund(refund(amount_minor=1)).verdict is Verdict.UNKNOWN  # R1 with another amount
    assert till.query_refund(refund()).verdict is Verdict.APPROVED
    assert till.query_refund(refund(amount_minor=1)).verdict is Verdict.UNKNOWN
    assert till.query_refund(refund(request="R9")).verdict is Verdict.NOT_FOUND
    assert len(alipay.ledger) == 3


@pytest.mark.parametrize("fault", [*NOTHING_HEARD, *NOT_DONE, Fault.CALL_LIMIT])
def test_a_refund_without_an_answer_is_unknown_and_done_once_in_the_end(alipay, till, fault):
    till.pay(order())
    alipay.fail(Call.REFUND, fault)

    assert till.refund(refund()).verdict is Verdict.UNKNOWN
    done = Verdict.APPROVED if fault in NOTHING_HEARD else Verdict.NOT_FOUND
    assert till.query_refund(refund()).verdict is done
    assert till.refund(refund()).verdict is Verdict.APPROVED
    assert alipay.net_minor("N1") == 12_088 - 1233


@pytest.mark.parametrize("fault", [*NOTHING_HEARD, Fault.OTHER_AMOUNT])
def test_a_refund_that_is_asked_about_in_vain_stays_unknown(alipay, till, fault):
    till.pay(order())
    till.refund(refund())
    alipay.fail(Call.REFUND_QUERY, fault, times=2)

    assert till.query_refund(refund()).verdict is Verdict.UNKNOWN
    # Repeated, Alipay says that no money moved now, and the question about it brings nothing.
    assert till.refund(refund()).verdict is Verdict.UNKNOWN
    assert till.refund(refund()).verdict is Verdict.APPROVED


def test_a_shop_without_money_at_alipay_cannot_refund_until_it_has_some(alipay, till):
    till.pay(order())
    alipay.refuse_refunds("ACQ.SELLER_BALANCE_NOT_ENOUGH")

    assert till.refund(refund()).verdict is Verdict.DECLINED
    alipay.refuse_refunds("")
    assert till.refund(refund()).verdict is Verdict.APPROVED


def test_a_code_on_the_screen_is_paid_when_a_shopper_scans_and_confirms_it(alipay, till):
    offer = till.offer_code(order(code=""))

    assert offer.answer.verdict is Verdict.PENDING
    assert offer.payload.startswith("https://qr.alipay.com/")
    assert till.query(order()).verdict is Verdict.NOT_FOUND
    assert alipay.shopper_scans("N1")
    assert till.query(order()).verdict is Verdict.PENDING
    assert alipay.shopper_pays("N1")
    assert till.query(order()).verdict is Verdict.APPROVED
    assert alipay.net_minor("N1") == 12_088


def test_a_code_that_was_cancelled_unscanned_can_be_paid_until_it_expires(alipay, till, clock):
    till.offer_code(order())
    till.offer_code(order("N2"))

    # Alipay knows no trade before the scan, so there is nothing that it could close.
    assert till.reverse(order()).verdict is Verdict.NOT_FOUND
    assert alipay.shopper_pays("N1")
    assert till.reverse(order()).verdict is Verdict.REVERSED
    clock.advance(timedelta(minutes=5))
    assert not alipay.shopper_pays("N2")
    assert alipay.net_minor("N1") == alipay.net_minor("N2") == 0


@pytest.mark.parametrize("fault", [fault for fault in NOTHING_HEARD if fault is not Fault.OTHER_METHOD])
def test_no_code_is_shown_without_an_answer_to_believe(alipay, till, fault):
    alipay.fail(Call.PRECREATE, fault)

    offer = till.offer_code(order())

    assert (offer.answer.verdict, offer.payload) == (Verdict.UNKNOWN, "")


def test_an_alipay_that_cannot_be_reached_is_told_at_once_and_nothing_was_sent(alipay, till):
    till.pay(order())
    alipay.go_away()

    answer = till.pay(order("N2", code=CODE + "1"))

    assert (answer.verdict, answer.code) == (Verdict.DECLINED, "NO-CONNECTION")
    assert "cash" in str(answer.sentence)
    assert till.offer_code(order("N2")).answer.verdict is Verdict.DECLINED
    # What was sent before is another matter: not to be reached says nothing of it.
    assert till.query(order()).verdict is Verdict.UNKNOWN
    assert till.reverse(order()).verdict is Verdict.UNKNOWN
    assert till.refund(refund()).verdict is Verdict.UNKNOWN
    assert till.query_refund(refund()).verdict is Verdict.UNKNOWN
    with pytest.raises(ProviderAway):
        list(till.bill(date(2026, 2, 28)))
    alipay.come_back()
    assert till.query(order()).verdict is Verdict.APPROVED
    assert alipay.net_minor("N1") == 12_088


def test_an_answer_that_does_not_come_in_time_is_left_behind_and_the_next_call_goes_on(alipay, keys, clock, settings):
    times = ProviderTimes(call_timeout_s=2)
    signer, verifier = RequestSigner(keys.app_private), AnswerVerifier(keys.alipay_public)
    provider = AlipayProvider(read_settings(settings), signer, verifier, clock, times)
    alipay.fail(Call.PAY, Fault.HOLDS_ANSWER)
    before = time.monotonic()

    answer = provider.pay(order())

    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "TIMEOUT")
    assert time.monotonic() - before < 10  # held for ever, were it not left behind
    assert provider.query(order()).verdict is Verdict.APPROVED
    alipay.let_go()
    join_calls()
    assert alipay.net_minor("N1") == 12_088
    provider.close()


def test_a_request_that_arrives_after_the_cancel_charges_and_is_found(alipay, till, keys, clock, settings):
    signer, verifier = RequestSigner(keys.app_private), AnswerVerifier(keys.alipay_public)
    provider = AlipayProvider(read_settings(settings), signer, verifier, clock, ProviderTimes(call_timeout_s=1))
    alipay.fail(Call.PAY, Fault.HOLDS_REQUEST)

    assert provider.pay(order()).verdict is Verdict.UNKNOWN
    provider.close()
    assert alipay.wait_held()
    assert till.query(order()).verdict is Verdict.NOT_FOUND
    assert till.reverse(order()).verdict is Verdict.NOT_FOUND
    alipay.go_away()  # returns when all that it held is done
    alipay.come_back()
    join_calls()
    assert alipay.net_minor("N1") == 12_088
    assert till.query(order()).verdict is Verdict.APPROVED
    assert till.reverse(order()).verdict is Verdict.REVERSED


def join_calls():
    for thread in threading.enumerate():
        if thread.name == "provider-call":
            thread.join(5)
            assert not thread.is_alive()


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_clock_that_is_wrong_is_named_and_nothing_was_charged(alipay, settings, ahead):
    provider = make_alipay(settings, FixedClock(NOON + ahead))

    answer = provider.pay(order())

    assert (answer.verdict, answer.code) == (Verdict.DECLINED, "isv.invalid-timestamp")
    assert "clock" in str(answer.sentence)
    assert provider.query(order()).verdict is Verdict.UNKNOWN
    assert alipay.calls == []
    provider.close()


def test_an_order_that_ends_at_an_instant_pays_too(alipay, settings, clock):
    provider = make_alipay({**settings, "expires_by": "time_expire"}, clock)
    alipay.shoppers[CODE] = Shopper(never_confirms=True)

    assert provider.pay(order()).verdict is Verdict.PENDING
    clock.advance(timedelta(minutes=4, seconds=59))
    assert provider.query(order()).verdict is Verdict.PENDING
    clock.advance(timedelta(seconds=1))
    assert provider.query(order()).verdict is Verdict.REVERSED
    provider.close()


def test_a_stranger_can_neither_charge_nor_answer(alipay, keys, settings, clock):
    stranger = SimulatorKeys.generate()
    read = read_settings(settings)
    charging = AlipayProvider(read, RequestSigner(stranger.app_private), AnswerVerifier(keys.alipay_public), clock)
    answered = AlipayProvider(read, RequestSigner(keys.app_private), AnswerVerifier(stranger.alipay_public), clock)

    refused = charging.pay(order())
    assert (refused.verdict, refused.code) == (Verdict.DECLINED, "isv.invalid-signature")
    assert alipay.ledger == ()
    assert answered.pay(order()).verdict is Verdict.UNKNOWN
    charging.close()
    answered.close()


def test_an_app_that_alipay_does_not_know_gets_no_signature_and_a_hint(alipay, settings, clock):
    provider = make_alipay({**settings, "app_id": "2021000000000009"}, clock)

    answer = provider.pay(order())

    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "NOT-SIGNED")
    assert "isv.invalid-app-id" in str(answer.sentence)
    provider.close()


def test_a_store_may_have_every_payment_confirmed_by_a_question(alipay, settings, clock):
    provider = make_alipay({**settings, "confirm_by_query": True}, clock)

    assert provider.pay(order()).verdict is Verdict.APPROVED
    assert alipay.calls == [Call.PAY, Call.QUERY]
    provider.close()


def test_what_the_shop_calls_itself_is_made_fit_for_alipay_and_its_bill(alipay, till, clock):
    noisy = PurchaseOrder("N1", 100, "CNY", 'A/B=C & D, "米"\n\\' + "x" * 200, shopper_code=CODE)

    assert till.pay(noisy).verdict is Verdict.APPROVED
    assert alipay.ledger[0].subject.startswith("A B C D， ”米” xxx")
    assert len(alipay.ledger[0].subject) == 127
    clock.advance(timedelta(days=1))
    assert [row.amount_minor for row in till.bill(date(2026, 3, 1))] == [100]


@pytest.mark.parametrize(
    "wrong",
    [{"amount_minor": 0}, {"amount_minor": -1}, {"number": ""}, {"number": "N 1"}, {"number": "N" * 65}],
)
def test_what_no_till_may_ask_for_is_a_bug(till, wrong):
    with pytest.raises(ValueError):  # noqa: PT011 - bugs have no words
        till.pay(order(**wrong))


def test_other_money_and_too_much_of_it_is_refused(alipay, till):
    other = PurchaseOrder("N1", 100, "EUR", "柜台", shopper_code=CODE)

    assert till.pay(other).verdict is Verdict.DECLINED
    assert till.offer_code(order(amount_minor=100_000_000_01)).answer.verdict is Verdict.DECLINED
    assert alipay.calls == []


def test_the_bill_of_a_day_tells_all_that_moved_on_it(alipay, till, clock):
    till.pay(order())
    till.refund(refund())
    till.pay(order("N2", 500, CODE + "1"))
    till.reverse(order("N2", 500))
    clock.advance(timedelta(hours=12))  # midnight in China
    till.pay(order("N3", 700, CODE + "2"))

    with pytest.raises(BillNotReady):
        list(till.bill(date(2026, 3, 2)))
    rows = list(till.bill(date(2026, 3, 1)))

    assert [(row.kind, row.provider_number, row.refund_number, row.amount_minor) for row in rows] == [
        (BillKind.PURCHASE, "N1", "", 12_088),
        (BillKind.REFUND, "N1", "R1", 1233),
        (BillKind.PURCHASE, "N2", "", 500),
        (BillKind.REVERSAL, "N2", "", 500),
    ]
    # 0.6 % of 120.88 yuan is 0.725: 0.73.
    assert rows[0].fee_minor == 73
    assert rows[0].provider_reference == till.query(order()).provider_reference
    assert list(till.bill(date(2026, 2, 28))) == []


@pytest.mark.parametrize("fault", [Fault.LOSES_ANSWER, Fault.TRUNCATES_ANSWER, Fault.SERVER_ERROR, Fault.REDIRECTS])
def test_a_bill_that_does_not_arrive_can_be_fetched_again(alipay, till, clock, fault):
    till.pay(order())
    clock.advance(timedelta(days=1))
    alipay.fail(Call.DOWNLOAD, fault)

    with pytest.raises(ProviderAway):
        list(till.bill(date(2026, 3, 1)))
    alipay.fail(Call.BILL, fault)
    with pytest.raises(ProviderAway):
        list(till.bill(date(2026, 3, 1)))
    assert len(list(till.bill(date(2026, 3, 1)))) == 1


def test_a_page_instead_of_a_bill_and_a_bill_of_another_account_are_refused(alipay, settings, till, clock):
    till.pay(order())
    clock.advance(timedelta(days=1))
    alipay.fail(Call.DOWNLOAD, Fault.HTML)

    with pytest.raises(BadBill):
        list(till.bill(date(2026, 3, 1)))
    other = make_alipay({**settings, "seller_id": "2088000000000009"}, clock)
    with pytest.raises(BadBill, match="another account"):
        list(other.bill(date(2026, 3, 1)))
    other.close()


def test_nothing_secret_is_shown_or_logged(alipay, till, keys, caplog):
    caplog.set_level(logging.DEBUG)
    alipay.fail(Call.PAY, Fault.WRONG_SIGNATURE)
    alipay.fail(Call.PAY, Fault.TRUNCATES_ANSWER)

    shown = [repr(till.pay(order(code=CODE + digit))) for digit in "12"] + [repr(till), repr(order()), caplog.text]

    for secret in (CODE, "PRIVATE", "2088101117955611"):
        assert not any(secret in text for text in shown)


def test_the_entry_point_makes_it(settings, clock):
    ALIPAY.self_check()
    provider = ALIPAY.make(settings, clock)

    assert ALIPAY.provider_id == PROVIDER_ID == "alipay"
    assert provider.capabilities.merchant_code
    assert provider.capabilities.bills
    times = provider.capabilities.times
    assert (times.ask_every_s, times.ask_until_s, times.reverse_not_before_s) == (5, 60, 0)
