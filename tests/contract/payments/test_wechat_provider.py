"""The till's WeChat Pay against a WeChat Pay that is not there, over a real connection with real signatures."""

import logging
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from app.payments.provider import BillKind, PurchaseOrder, RefundOrder, Verdict
from app.payments.wechat.provider import make_wechat
from app.payments.wechat.simulator import WechatSimulator
from app.payments.wechat.simulator_faults import Call, Fault, Shopper
from app.payments.wechat.simulator_keys import SimulatorKeys
from app.values.clock import FixedClock

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys():
    return SimulatorKeys.generate()


@pytest.fixture
def clock():
    return FixedClock(NOON)


@pytest.fixture
def wechat(keys, clock):
    with WechatSimulator(clock, keys) as simulator:
        yield simulator


@pytest.fixture
def settings(wechat, tmp_path):
    return wechat.settings(tmp_path) | {"call_timeout_s": 2}


@pytest.fixture
def till(settings, clock):
    nonces = count(1)
    return make_wechat(settings, clock, lambda: f"NONCE{next(nonces):08d}")


@pytest.fixture
def order_of(wechat):
    numbers = count(1)

    def order(amount_minor=1250, shopper=Shopper(), code=None):  # noqa: B008 - frozen
        return PurchaseOrder(
            provider_number=f"T01{next(numbers):09d}",
            amount_minor=amount_minor,
            currency="CNY",
            description="街角店",
            store_number="S1",
            shopper_code=code or wechat.issue_code(shopper),
        )

    return order


def refund_of(order, amount_minor, number="R0001"):
    return RefundOrder(order.provider_number, number, amount_minor, order.amount_minor, "CNY", reason="苹果坏了")


def test_a_shopper_shows_a_code_and_has_paid(till, wechat, order_of):
    order = order_of(1250)
    answer = till.pay(order)
    assert (answer.verdict, answer.amount_minor, answer.code) == (Verdict.APPROVED, 1250, "SUCCESS")
    assert answer.provider_reference == wechat.ledger[0].transaction_id
    assert answer.at == NOON
    assert wechat.net_minor(order.provider_number) == 1250
    assert till.query(order).verdict is Verdict.APPROVED
    assert answer.payer == "", "the wallet's number of the shopper is nobody's business"


def test_a_shopper_is_asked_for_the_password(till, wechat, order_of):
    order = order_of(shopper=Shopper(keys_password_after=2))
    verdicts = [till.pay(order).verdict] + [till.query(order).verdict for _ in range(3)]
    assert verdicts == [Verdict.PENDING, Verdict.PENDING, Verdict.PENDING, Verdict.APPROVED]
    assert wechat.net_minor(order.provider_number) == 1250


# What is certain to have been charged when the answer was lost or spoilt: all that is not refused beforehand.
LOST = [
    (Fault.LOSES_REQUEST, 0),
    (Fault.LOSES_ANSWER, 1250),
    (Fault.TRUNCATES_ANSWER, 1250),
    (Fault.SERVER_ERROR, 1250),
    (Fault.SYSTEM_ERROR, 1250),
    (Fault.SYSTEM_ERROR_BEFORE, 0),
    (Fault.TOO_MANY_CALLS, 0),
    (Fault.REDIRECTS, 1250),
    (Fault.HTML, 1250),
    (Fault.WRONG_SIGNATURE, 1250),
    (Fault.SIGNATURE_TEST, 1250),
    (Fault.NO_SIGNATURE, 1250),
    (Fault.OTHER_SIGNER, 1250),
    (Fault.OTHER_CLOCK, 1250),
    (Fault.OTHER_ORDER, 1250),
    (Fault.OTHER_AMOUNT, 1250),
    (Fault.OTHER_MERCHANT, 1250),
    (Fault.DEEP_JSON, 1250),
    (Fault.HUGE_NUMBER, 1250),
    (Fault.HUGE_BODY, 1250),
]


@pytest.mark.parametrize(("fault", "charged"), LOST, ids=lambda value: getattr(value, "value", value))
def test_a_payment_whose_answer_is_lost_or_spoilt_is_unknown_and_then_asked_for(till, wechat, order_of, fault, charged):
    wechat.fail(Call.PAY, fault)
    order = order_of()
    assert till.pay(order).verdict is Verdict.UNKNOWN
    assert wechat.net_minor(order.provider_number) == charged
    assert till.query(order).verdict is (Verdict.APPROVED if charged else Verdict.NOT_FOUND)


@pytest.mark.parametrize("fault", [fault for fault, _ in LOST], ids=lambda fault: fault.value)
def test_a_question_whose_answer_is_lost_or_spoilt_decides_nothing(till, wechat, order_of, fault):
    order = order_of()
    till.pay(order)
    wechat.fail(Call.QUERY, fault)
    assert till.query(order).verdict is Verdict.UNKNOWN
    assert till.query(order).verdict is Verdict.APPROVED


@pytest.mark.parametrize(
    "fault", [fault for fault, _ in LOST if fault is not Fault.HUGE_NUMBER], ids=lambda fault: fault.value
)
def test_a_reversal_whose_answer_is_lost_or_spoilt_is_repeated_and_gives_back_once(
    till, wechat, clock, order_of, fault
):
    order = order_of()
    till.pay(order)
    clock.advance(timedelta(seconds=16))
    wechat.fail(Call.REVERSE, fault)
    expected = Verdict.REVERSED if fault is Fault.OTHER_AMOUNT else Verdict.UNKNOWN  # a reversal tells no amount
    assert till.reverse(order).verdict is expected
    assert till.reverse(order).verdict is Verdict.REVERSED
    assert wechat.net_minor(order.provider_number) == 0
    assert [entry.kind for entry in wechat.ledger] == [BillKind.PURCHASE, BillKind.REVERSAL]
    assert till.query(order).verdict is Verdict.REVERSED


@pytest.mark.parametrize(
    "fault", [fault for fault, _ in LOST if fault is not Fault.OTHER_ORDER], ids=lambda fault: fault.value
)
def test_a_refund_whose_answer_is_lost_or_spoilt_happens_once(till, wechat, order_of, fault):
    order = order_of()
    till.pay(order)
    wechat.fail(Call.REFUND, fault)
    refund = refund_of(order, 250)
    # A refund's answer names no merchant.
    assert till.refund(refund).verdict is (Verdict.APPROVED if fault is Fault.OTHER_MERCHANT else Verdict.UNKNOWN)
    assert till.refund(refund).verdict is Verdict.APPROVED
    assert till.query_refund(refund).verdict is Verdict.APPROVED
    assert wechat.net_minor(order.provider_number) == 1000


def test_an_answer_that_is_not_yet_everywhere_is_not_found_and_then_found(till, wechat, order_of):
    order = order_of()
    till.pay(order)
    wechat.fail(Call.QUERY, Fault.NOT_FOUND, times=2)
    assert [till.query(order).verdict for _ in range(3)] == [Verdict.NOT_FOUND, Verdict.NOT_FOUND, Verdict.APPROVED]


def test_a_server_that_does_not_answer_is_left_when_the_time_is_over(till, wechat, order_of):
    wechat.fail(Call.PAY, Fault.HOLDS_ANSWER)
    order = order_of()
    answer = till.pay(order)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "NO-ANSWER")
    wechat.let_go()
    assert till.query(order).verdict is Verdict.APPROVED


def test_without_a_network_a_payment_is_refused_at_once_and_a_question_decides_nothing(till, wechat, order_of):
    paid, order = order_of(), order_of()
    till.pay(paid)
    wechat.go_away()
    answer = till.pay(order)
    assert (answer.verdict, answer.code) == (Verdict.DECLINED, "AWAY")
    assert till.query(paid).verdict is Verdict.UNKNOWN
    assert till.reverse(paid).verdict is Verdict.UNKNOWN
    assert till.refund(refund_of(paid, 1)).verdict is Verdict.UNKNOWN
    assert till.query_refund(refund_of(paid, 1)).verdict is Verdict.UNKNOWN
    assert till.offer_code(order).answer.verdict is Verdict.DECLINED
    wechat.come_back()
    assert till.query(paid).verdict is Verdict.APPROVED
    assert till.query(order).verdict is Verdict.NOT_FOUND


@pytest.mark.parametrize(
    "fault",
    [Fault.CODE_EXPIRED],
)
def test_an_old_code_is_declined(till, wechat, order_of, fault):
    wechat.fail(Call.PAY, fault)
    order = order_of()
    assert (till.pay(order).verdict, till.query(order).verdict) == (Verdict.DECLINED, Verdict.NOT_FOUND)


def test_a_code_is_good_for_a_minute_and_once(till, wechat, clock, order_of):
    old = order_of()
    clock.advance(timedelta(seconds=61))
    assert (till.pay(old).verdict, till.pay(old).code) == (Verdict.DECLINED, "AUTH_CODE_EXPIRED")
    first = order_of()
    assert till.pay(first).verdict is Verdict.APPROVED
    second = order_of(code=first.shopper_code)
    answer = till.pay(second)
    assert (answer.verdict, answer.code) == (Verdict.DECLINED, "AUTH_CODE_INVALID")
    assert wechat.net_minor(second.provider_number) == 0


@pytest.mark.parametrize(
    "code", ["", "281234567890123456", "16" + "0" * 16, "1" + "0" * 16, "13" + "0" * 17, "fp" + "0" * 16]
)
def test_what_is_no_wechat_code_is_never_sent(till, wechat, order_of, code):
    order = PurchaseOrder("T01000000001", 100, "CNY", "店", shopper_code=code)
    assert (till.pay(order).verdict, till.pay(order).code) == (Verdict.DECLINED, "NOT-A-CODE")
    assert wechat.calls == []


def test_a_number_is_charged_once_whatever_is_sent(till, wechat, order_of):
    first = order_of(1250)
    till.pay(first)
    again = PurchaseOrder(first.provider_number, 1300, "CNY", "店", shopper_code=wechat.issue_code())
    answer = till.pay(again)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "ORDERPAID")
    assert till.query(again).verdict is Verdict.UNKNOWN, "WeChat Pay has it with another sum"
    assert wechat.net_minor(first.provider_number) == 1250


def test_a_shopper_without_money_is_declined(till, wechat, order_of):
    order = order_of(shopper=Shopper(refused_with="NOT_ENOUGH"))
    assert (till.pay(order).verdict, till.query(order).verdict) == (Verdict.DECLINED, Verdict.DECLINED)
    assert wechat.ledger == ()


@pytest.mark.parametrize(
    ("code", "status", "verdict"),
    [
        ("AUTH_CODE_EXPIRED", 400, Verdict.DECLINED),
        ("AUTHCODEEXPIRE", 403, Verdict.DECLINED),
        ("AUTH_CODE_ERROR", 400, Verdict.DECLINED),
        ("AUTH_CODE_INVALID", 400, Verdict.DECLINED),
        ("NOTENOUGH", 403, Verdict.DECLINED),
        ("NOT_ENOUGH", 403, Verdict.DECLINED),
        ("NOTSUPORTCARD", 403, Verdict.DECLINED),
        ("BUYER_MISMATCH", 403, Verdict.DECLINED),
        ("TRADE_ERROR", 403, Verdict.DECLINED),
        ("RULE_LIMIT", 403, Verdict.DECLINED),
        ("ACCOUNT_ERROR", 403, Verdict.DECLINED),
        ("PARAM_ERROR", 400, Verdict.DECLINED),
        ("SIGN_ERROR", 401, Verdict.DECLINED),
        ("NO_AUTH", 403, Verdict.DECLINED),
        ("MCH_NOT_EXISTS", 400, Verdict.DECLINED),
        ("APPID_MCHID_NOT_MATCH", 400, Verdict.DECLINED),
        ("ORDER_CLOSED", 400, Verdict.REVERSED),
        ("ORDERREVERSED", 400, Verdict.REVERSED),
        ("USERPAYING", 202, Verdict.PENDING),
        ("USERPAYING", 400, Verdict.PENDING),
        ("ORDERPAID", 400, Verdict.UNKNOWN),
        ("OUT_TRADE_NO_USED", 403, Verdict.UNKNOWN),
        ("INVALID_REQUEST", 400, Verdict.UNKNOWN),
        ("SYSTEM_ERROR", 500, Verdict.UNKNOWN),
        ("SYSTEMERROR", 500, Verdict.UNKNOWN),
        ("BANK_ERROR", 500, Verdict.UNKNOWN),
        ("BANKERROR", 400, Verdict.UNKNOWN),
        ("FREQUENCY_LIMITED", 429, Verdict.UNKNOWN),
        ("RATELIMIT_EXCEEDED", 429, Verdict.UNKNOWN),
        ("NOT_ENOUGH", 500, Verdict.UNKNOWN),
        ("SOMETHING_NEW", 400, Verdict.UNKNOWN),
        ("<b>", 400, Verdict.UNKNOWN),
    ],
)
def test_each_refusal_of_a_payment_means_what_the_documents_say(till, wechat, order_of, code, status, verdict):
    wechat.refuse(Call.PAY, code, status)
    answer = till.pay(order_of())
    assert answer.verdict is verdict
    assert answer.code == ("HTTP-400" if code == "<b>" else code)
    assert str(answer.sentence)


def test_a_payment_is_taken_back_when_the_shopper_walks_away(till, wechat, clock, order_of):
    order = order_of(shopper=Shopper(never_confirms=True))
    assert till.pay(order).verdict is Verdict.PENDING
    clock.advance(timedelta(seconds=20))
    assert till.query(order).verdict is Verdict.PENDING
    assert till.reverse(order).verdict is Verdict.REVERSED
    assert wechat.net_minor(order.provider_number) == 0


def test_a_shopper_who_pays_just_before_the_reversal_gets_the_money_back(till, wechat, clock, order_of):
    order = order_of(shopper=Shopper(pays_while_cancelled=True))
    till.pay(order)
    clock.advance(timedelta(seconds=44))
    assert till.query(order).verdict is Verdict.PENDING
    assert till.reverse(order).verdict is Verdict.REVERSED
    assert [entry.kind for entry in wechat.ledger] == [BillKind.PURCHASE, BillKind.REVERSAL]


def test_wechat_pay_revokes_an_order_itself_after_45_seconds(till, clock, order_of):
    order = order_of(shopper=Shopper(never_confirms=True))
    till.pay(order)
    clock.advance(timedelta(seconds=46))
    assert till.query(order).verdict is Verdict.REVERSED


def test_a_fault_lasts_until_it_is_mended(till, wechat, clock, order_of):
    order = order_of(shopper=Shopper(never_confirms=True))
    till.pay(order)
    wechat.fail(Call.QUERY, Fault.HTML, times=None)
    assert [till.query(order).verdict for _ in range(3)] == [Verdict.UNKNOWN] * 3
    wechat.mend()
    assert wechat.shopper_pays(order.provider_number)
    assert till.query(order).verdict is Verdict.APPROVED
    assert not wechat.shopper_pays(order.provider_number)


def test_a_reversal_before_its_time_is_refused_and_decides_nothing(till, wechat, clock, order_of):
    order = order_of()
    till.pay(order)
    clock.advance(timedelta(seconds=14))
    assert till.reverse(order).verdict is Verdict.UNKNOWN
    assert wechat.orders.early_reversals == [order.provider_number]
    assert wechat.net_minor(order.provider_number) == 1250


def test_a_payment_that_is_too_old_to_be_reversed_has_to_be_refunded(till, wechat, clock, order_of):
    order = order_of()
    till.pay(order)
    clock.advance(timedelta(days=8))
    wechat.refuse(Call.REVERSE, "REVERSE_EXPIRE", 403)
    answer = till.reverse(order)
    assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 1250)


def test_a_reversal_of_what_wechat_pay_never_heard_of_is_not_found(till, order_of):
    assert till.reverse(order_of()).verdict is Verdict.NOT_FOUND


def test_a_reversal_while_the_shopper_is_paying_is_to_be_repeated(till, wechat, order_of):
    wechat.refuse(Call.REVERSE, "USERPAYING", 403)
    assert till.reverse(order_of()).verdict is Verdict.PENDING


def test_a_failed_payment_that_cannot_be_reversed_is_declined(till, wechat, clock, order_of):
    order = order_of(shopper=Shopper(refused_with="NOT_ENOUGH"))
    till.pay(order)
    clock.advance(timedelta(seconds=16))
    wechat.refuse(Call.REVERSE, "TRADE_ERROR", 403)
    assert till.reverse(order).verdict is Verdict.DECLINED


def test_a_shopper_scans_the_shops_code(till, wechat, order_of):
    order = order_of(800)
    offer = till.offer_code(order)
    assert (offer.answer.verdict, offer.payload[:15]) == (Verdict.PENDING, "weixin://wxpay/")
    assert till.query(order).verdict is Verdict.PENDING
    assert wechat.scan(offer.payload)
    assert (till.query(order).verdict, till.query(order).amount_minor) == (Verdict.APPROVED, 800)


def test_the_shops_code_is_good_for_its_time_only(till, wechat, clock, order_of):
    offer = till.offer_code(order_of())
    clock.advance(timedelta(seconds=120))
    assert not wechat.scan(offer.payload)


def test_a_code_of_the_shops_that_nobody_paid_is_closed_and_cannot_be_paid_any_more(till, wechat, clock, order_of):
    order = order_of()
    offer = till.offer_code(order)
    clock.advance(timedelta(seconds=46))
    assert till.reverse(order).verdict is Verdict.REVERSED
    assert not wechat.scan(offer.payload)
    assert till.query(order).verdict is Verdict.REVERSED
    assert till.reverse(order).verdict is Verdict.REVERSED


def test_a_code_of_the_shops_that_was_paid_in_the_meantime_says_so_and_is_refunded(till, wechat, clock, order_of):
    order = order_of(800)
    offer = till.offer_code(order)
    clock.advance(timedelta(seconds=46))
    wechat.scan(offer.payload)
    answer = till.reverse(order)
    assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 800)
    assert till.refund(refund_of(order, 800)).verdict is Verdict.APPROVED
    assert wechat.net_minor(order.provider_number) == 0


def test_a_shop_without_a_notify_address_has_no_code_of_its_own(settings, clock, order_of, wechat):
    till = make_wechat(settings | {"notify_url": ""}, clock)
    assert not till.capabilities.merchant_code
    assert till.offer_code(order_of()).answer.verdict is Verdict.DECLINED
    assert wechat.calls == []


@pytest.mark.parametrize("fault", [Fault.LOSES_ANSWER, Fault.WRONG_SIGNATURE, Fault.HTML, Fault.SYSTEM_ERROR])
def test_a_code_whose_answer_is_lost_is_unknown(till, wechat, order_of, fault):
    wechat.fail(Call.OFFER, fault)
    order = order_of()
    offer = till.offer_code(order)
    assert (offer.answer.verdict, offer.payload) == (Verdict.UNKNOWN, "")


def test_money_is_given_back_in_parts_up_to_what_was_paid(till, wechat, order_of):
    order = order_of(1000)
    till.pay(order)
    assert till.refund(refund_of(order, 300, "R1")).amount_minor == 300
    assert till.refund(refund_of(order, 700, "R2")).verdict is Verdict.APPROVED
    assert wechat.net_minor(order.provider_number) == 0
    answer = till.refund(refund_of(order, 1, "R3"))
    assert (answer.verdict, answer.code) == (Verdict.DECLINED, "INVALID_REQUEST")
    assert wechat.net_minor(order.provider_number) == 0


def test_a_refund_number_with_another_sum_is_neither_given_nor_refused(till, wechat, order_of):
    order = order_of(1000)
    till.pay(order)
    till.refund(refund_of(order, 300, "R1"))
    assert till.refund(refund_of(order, 400, "R1")).verdict is Verdict.UNKNOWN
    assert wechat.net_minor(order.provider_number) == 700


@pytest.mark.parametrize(
    ("course", "at_first", "later"),
    [
        (("PROCESSING", "SUCCESS"), Verdict.PENDING, Verdict.APPROVED),
        (("PROCESSING", "ABNORMAL"), Verdict.PENDING, Verdict.UNKNOWN),
        (("PROCESSING", "CLOSED"), Verdict.PENDING, Verdict.DECLINED),
        (("PROCESSING", "SOMETHING_NEW"), Verdict.PENDING, Verdict.UNKNOWN),
    ],
)
def test_a_refund_takes_its_course(till, wechat, order_of, course, at_first, later):
    wechat.orders.refund_course = course
    order = order_of()
    till.pay(order)
    assert till.refund(refund_of(order, 100)).verdict is at_first
    assert till.query_refund(refund_of(order, 100)).verdict is later


@pytest.mark.parametrize(
    ("code", "status", "verdict"),
    [
        ("NOT_ENOUGH", 403, Verdict.DECLINED),
        ("USER_ACCOUNT_ABNORMAL", 403, Verdict.DECLINED),
        ("MCH_NOT_EXISTS", 404, Verdict.DECLINED),
        ("RESOURCE_NOT_EXISTS", 404, Verdict.NOT_FOUND),
        ("FREQUENCY_LIMITED", 429, Verdict.UNKNOWN),
        ("SYSTEM_ERROR", 500, Verdict.UNKNOWN),
        ("BIZERR_NEED_RETRY", 400, Verdict.UNKNOWN),
    ],
)
def test_each_refusal_of_a_refund_means_what_the_documents_say(till, wechat, order_of, code, status, verdict):
    order = order_of()
    till.pay(order)
    wechat.refuse(Call.REFUND, code, status)
    assert till.refund(refund_of(order, 1)).verdict is verdict


def test_a_refund_of_an_unknown_payment_is_not_found(till, order_of):
    assert till.refund(refund_of(order_of(), 1)).verdict is Verdict.NOT_FOUND
    assert till.query_refund(refund_of(order_of(), 1)).verdict is Verdict.NOT_FOUND


def test_a_payment_that_was_refunded_elsewhere_is_for_a_supervisor(till, order_of):
    order = order_of()
    till.pay(order)
    till.refund(refund_of(order, 100))
    answer = till.query(order)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "REFUND")


@pytest.mark.parametrize("off", [timedelta(minutes=-6), timedelta(minutes=6), timedelta(days=-3650)])
def test_a_till_with_a_wrong_clock_is_told_to_set_it(settings, wechat, order_of, off):
    order = order_of()
    till = make_wechat(settings, FixedClock(NOON + off))
    answer = till.pay(order)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "CLOCK-DIFFERS")
    assert wechat.ledger == ()


def test_a_clock_that_is_four_minutes_off_does_no_harm(settings, order_of):
    till = make_wechat(settings, FixedClock(NOON + timedelta(minutes=4)))
    assert till.pay(order_of()).verdict is Verdict.APPROVED


def test_a_till_with_another_key_is_not_believed_by_wechat_pay_and_charges_nothing(
    settings, wechat, clock, order_of, tmp_path
):
    other = SimulatorKeys.generate()
    settings = settings | {"private_key": other.write_to(tmp_path.parent)["private_key"]}
    till = make_wechat(settings, clock)
    answer = till.pay(order_of())
    assert (answer.verdict, answer.code) == (Verdict.DECLINED, "SIGN_ERROR")
    assert wechat.ledger == ()


def test_a_shop_with_platform_certificates_fetches_them_once(settings, wechat, clock, order_of):
    till = make_wechat(settings | {"public_key_id": "", "public_key": ""}, clock)
    assert till.pay(order_of()).verdict is Verdict.APPROVED
    assert till.pay(order_of()).verdict is Verdict.APPROVED
    assert wechat.calls == [Call.CERTIFICATES, Call.PAY, Call.PAY]


def test_without_a_certificate_to_check_the_answer_nothing_is_sent(settings, wechat, clock, order_of, tmp_path):
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("x" * 32)
    wrong.chmod(0o600)
    till = make_wechat(settings | {"public_key_id": "", "public_key": "", "api_v3_key": str(wrong)}, clock)
    answer = till.pay(order_of())
    assert (answer.verdict, answer.code) == (Verdict.DECLINED, "NO-CERTIFICATE")
    assert wechat.calls == [Call.CERTIFICATES]


def test_no_code_key_or_payer_is_logged_or_shown(till, wechat, order_of, caplog, settings):
    with caplog.at_level(logging.DEBUG):
        order = order_of()
        answers = [till.pay(order), till.query(order), till.refund(refund_of(order, 1))]
        wechat.fail(Call.PAY, Fault.LOSES_ANSWER)
        lost = order_of()
        answers.append(till.pay(lost))
    written = (
        caplog.text + repr(answers) + repr(order) + repr(till) + "".join(str(vars(record)) for record in caplog.records)
    )
    assert "wechat_answered" in written
    assert order.shopper_code not in written
    assert lost.shopper_code not in written
    assert "PRIVATE KEY" not in written
    assert "openid" not in written


def test_every_request_is_new_to_wechat_pay(settings, wechat, clock, order_of):
    till = make_wechat(settings, clock, lambda: "ALWAYSTHESAME")
    assert till.pay(order_of()).verdict is Verdict.APPROVED
    assert (till.pay(order_of()).code, len(wechat.ledger)) == ("SIGN_ERROR", 1)
