"""Alipay's words become a verdict only as far as they fit the request."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.payments.alipay import answers, refusals
from app.payments.provider import PurchaseOrder, RefundOrder, Verdict

ORDER = PurchaseOrder("N1", 12_088, "CNY", "柜台")
REFUND = RefundOrder("N1", "R1", 1233, 12_088, "CNY")
PAID = {
    "code": "10000",
    "msg": "Success",
    "out_trade_no": "N1",
    "trade_no": "2013112011001004330000121536",
    "total_amount": "120.88",
    "buyer_logon_id": "159****5620",
    "gmt_payment": "2014-11-27 15:45:57",
}
FAILED = {"code": "40004", "msg": "Business Failed", "out_trade_no": "N1"}


def test_code_10000_with_the_right_number_and_amount_is_paid():
    answer = answers.of_pay(PAID, ORDER)

    assert answer.verdict is Verdict.APPROVED
    assert answer.amount_minor == 12_088
    assert answer.provider_reference == "2013112011001004330000121536"
    assert answer.payer == "159****5620"
    assert answer.at == datetime(2014, 11, 27, 7, 45, 57, tzinfo=UTC)  # China is eight hours ahead


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"out_trade_no": "N2"}, "OTHER-ORDER"),
        ({"out_trade_no": None}, "OTHER-ORDER"),
        ({"total_amount": "120.89"}, "OTHER-AMOUNT"),
        ({"total_amount": Decimal("1208.8")}, "OTHER-AMOUNT"),
        ({"total_amount": None}, "OTHER-AMOUNT"),
        ({"total_amount": "12088"}, "OTHER-AMOUNT"),
        ({"code": 10000}, "NO-CODE"),
        ({"code": "10001"}, "10001"),
        ({"code": "20000", "sub_code": "isp.unknow-error"}, "isp.unknow-error"),
        ({"code": "20000", "sub_code": "aop.ACQ.SYSTEM_ERROR"}, "aop.ACQ.SYSTEM_ERROR"),
        ({"code": "40004", "sub_code": "ACQ.SYSTEM_ERROR"}, "ACQ.SYSTEM_ERROR"),
        ({"code": "40004", "sub_code": "ACQ.NEVER_HEARD_OF"}, "ACQ.NEVER_HEARD_OF"),
        ({"code": "40004", "sub_code": "ACQ.TRADE_HAS_SUCCESS"}, "ACQ.TRADE_HAS_SUCCESS"),
        ({"code": "40004", "sub_code": "ACQ.TRADE_HAS_CLOSE"}, "ACQ.TRADE_HAS_CLOSE"),
        ({"code": "40004", "sub_code": "ACQ.CONTEXT_INCONSISTENT"}, "ACQ.CONTEXT_INCONSISTENT"),
        ({"code": "40004", "sub_code": "ACQ.BUYER_BALANCE_NOT_ENOUGH", "out_trade_no": "N2"}, "OTHER-ORDER"),
        ({"code": "40004", "sub_code": "姓名 159****5620"}, "40004"),
    ],
)
def test_a_payment_is_unknown_where_anything_does_not_fit(changed, why):
    answer = answers.of_pay({**PAID, **changed}, ORDER)

    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, why)
    assert answer.amount_minor == 0


def test_code_10003_waits_for_the_shopper():
    waiting = {**PAID, "code": "10003"}

    assert answers.of_pay(waiting, ORDER).verdict is Verdict.PENDING
    assert answers.of_pay({**waiting, "total_amount": "1.00"}, ORDER).verdict is Verdict.UNKNOWN
    without = {name: value for name, value in waiting.items() if name != "total_amount"}
    assert answers.of_pay(without, ORDER).verdict is Verdict.PENDING


@pytest.mark.parametrize("sub_code", refusals.NOT_PAID)
def test_a_business_refusal_that_alipay_lists_is_final_for_a_payment_and_a_code(sub_code):
    node = {**FAILED, "sub_code": sub_code}

    for answer in (answers.of_pay(node, ORDER), answers.of_precreate(node, ORDER).answer):
        assert (answer.verdict, answer.code) == (Verdict.DECLINED, sub_code)
        assert str(answer.sentence).endswith(".")


@pytest.mark.parametrize(
    ("code", "sub_code", "told"),
    [
        ("40002", "isv.invalid-timestamp", "clock"),
        ("40002", "isv.invalid-signature", "settings (isv.invalid-signature)"),
        ("40006", "isv.insufficient-isv-permissions", "settings"),
        ("20001", "aop.invalid-auth-token", "settings"),
        ("40001", "", "settings (40001)"),
        ("40005", "isv.app-call-limited", "too much to do"),
    ],
)
def test_what_the_gateway_itself_refuses_never_charged_but_says_nothing_of_an_earlier_call(code, sub_code, told):
    node = {"code": code, "sub_code": sub_code}

    assert answers.of_pay(node, ORDER).verdict is Verdict.DECLINED
    assert told in str(answers.of_pay(node, ORDER).sentence)
    assert answers.of_query(node, ORDER).verdict is Verdict.UNKNOWN
    assert answers.of_cancel(node, ORDER).verdict is Verdict.UNKNOWN
    assert answers.of_refund(node, REFUND).verdict is Verdict.UNKNOWN
    assert answers.of_refund_query(node, REFUND).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("TRADE_SUCCESS", Verdict.APPROVED),
        ("TRADE_FINISHED", Verdict.APPROVED),
        ("TRADE_CLOSED", Verdict.REVERSED),
        ("WAIT_BUYER_PAY", Verdict.PENDING),
        ("TRADE_PENDING", Verdict.UNKNOWN),
        ("", Verdict.UNKNOWN),
    ],
)
def test_a_queried_trade_stands_as_its_status_says(status, verdict):
    node = {**PAID, "trade_status": status}

    assert answers.of_query(node, ORDER).verdict is verdict
    assert answers.of_query({**node, "total_amount": "120.87"}, ORDER).verdict is Verdict.UNKNOWN
    assert answers.of_query({**node, "out_trade_no": "N2"}, ORDER).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("sub_code", ["ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST"])
def test_a_trade_that_alipay_does_not_know_is_not_found(sub_code):
    node = {**FAILED, "sub_code": sub_code}

    assert answers.of_query(node, ORDER).verdict is Verdict.NOT_FOUND
    assert answers.of_cancel(node, ORDER).verdict is Verdict.NOT_FOUND
    assert answers.of_refund_query(node, REFUND).verdict is Verdict.NOT_FOUND
    assert answers.of_query({**node, "out_trade_no": "N2"}, ORDER).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("changed", "verdict", "amount_minor"),
    [
        ({"action": "close"}, Verdict.REVERSED, 0),
        ({"action": "refund"}, Verdict.REVERSED, 12_088),
        ({}, Verdict.NOT_FOUND, 0),
        ({"action": "close", "retry_flag": "Y"}, Verdict.UNKNOWN, 0),
        ({"action": "close", "retry_flag": ""}, Verdict.UNKNOWN, 0),
        ({"action": "reopen"}, Verdict.UNKNOWN, 0),
        ({"action": "close", "out_trade_no": "N2"}, Verdict.UNKNOWN, 0),
        ({"out_trade_no": "N2"}, Verdict.UNKNOWN, 0),
        ({"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"}, Verdict.UNKNOWN, 0),
        ({"code": "40004", "sub_code": "AQC.SYSTEM_ERROR"}, Verdict.UNKNOWN, 0),
    ],
)
def test_a_cancel_counts_only_where_alipay_says_what_it_did(changed, verdict, amount_minor):
    answer = answers.of_cancel({"code": "10000", "out_trade_no": "N1", "retry_flag": "N", **changed}, ORDER)

    assert (answer.verdict, answer.amount_minor) == (verdict, amount_minor)


def test_a_refund_that_moved_money_counts():
    node = {"code": "10000", "out_trade_no": "N1", "fund_change": "Y", "refund_fee": "20.00"}

    answer = answers.of_refund(node, REFUND)

    # refund_fee is the sum of all refunds so far: 12.33 now and 7.67 before.
    assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 1233)
    assert answers.of_refund({**node, "refund_fee": "12.32"}, REFUND).verdict is Verdict.UNKNOWN
    assert answers.of_refund({**node, "refund_fee": "120.89"}, REFUND).verdict is Verdict.UNKNOWN
    assert answers.of_refund({**node, "out_trade_no": "N2"}, REFUND).verdict is Verdict.UNKNOWN
    for unclear in ({"fund_change": "N"}, {"fund_change": None}, {"refund_fee": None}):
        assert answers.of_refund({**node, **unclear}, REFUND) is None


def test_an_alipay_that_has_not_learnt_of_a_payment_says_nothing_of_its_refund():
    unheard = {"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST", "refund_fee": "0.00", "send_back_fee": "0.00"}
    answer = answers.of_refund(unheard, REFUND)
    assert answer is not None
    assert answer.verdict is Verdict.NOT_FOUND, "it may have been given back by an earlier call of the same number"


def test_a_refused_refund_names_no_payment_and_is_final_all_the_same():
    # As Alipay writes it: {"code":"40004",…,"refund_fee":"0.00","send_back_fee":"0.00"}, without out_trade_no.
    node = {"code": "40004", "sub_code": "ACQ.TRADE_STATUS_ERROR", "refund_fee": "0.00", "send_back_fee": "0.00"}
    answer = answers.of_refund(node, REFUND)
    assert answer is not None
    assert answer.verdict is Verdict.DECLINED
    other = answers.of_refund({**node, "out_trade_no": "N2"}, REFUND)
    assert other is not None
    assert other.verdict is Verdict.UNKNOWN
    unheard = {"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}
    assert answers.of_refund_query(unheard, REFUND).verdict is Verdict.NOT_FOUND


@pytest.mark.parametrize("sub_code", refusals.NOT_REFUNDED)
def test_a_refused_refund_is_final_with_a_sentence(sub_code):
    answer = answers.of_refund({**FAILED, "sub_code": sub_code}, REFUND)

    assert answer.verdict is Verdict.DECLINED
    assert str(answer.sentence).endswith(".")


@pytest.mark.parametrize("sub_code", ["ACQ.SYSTEM_ERROR", "ACQ.DISCORDANT_REPEAT_REQUEST", "ACQ.NEW"])
def test_a_refund_is_unknown_after_any_other_word(sub_code):
    assert answers.of_refund({**FAILED, "sub_code": sub_code}, REFUND).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, Verdict.APPROVED),
        ({"refund_status": "REFUND_SUCCESS"}, Verdict.APPROVED),
        ({"refund_status": "REFUND_PROCESSING"}, Verdict.PENDING),
        ({"refund_status": "REFUND_FAIL"}, Verdict.DECLINED),
        ({"refund_status": "REFUND_MAYBE"}, Verdict.UNKNOWN),
        ({"refund_amount": None}, Verdict.NOT_FOUND),
        ({"refund_amount": None, "refund_status": "REFUND_SUCCESS"}, Verdict.UNKNOWN),
        ({"refund_amount": "12.34"}, Verdict.UNKNOWN),
        ({"refund_amount": ["12.33"]}, Verdict.UNKNOWN),
        ({"out_request_no": "R2"}, Verdict.UNKNOWN),
        ({"out_request_no": None}, Verdict.UNKNOWN),
        ({"out_trade_no": "N2"}, Verdict.UNKNOWN),
        ({"total_amount": "1.00"}, Verdict.UNKNOWN),
    ],
)
def test_code_10000_on_a_refund_query_is_not_yet_a_refund(changed, verdict):
    node = {
        "code": "10000",
        "out_trade_no": "N1",
        "out_request_no": "R1",
        "refund_amount": "12.33",
        "total_amount": "120.88",
    }

    assert answers.of_refund_query({**node, **changed}, REFUND).verdict is verdict


def test_a_code_to_show_must_be_one_that_can_be_shown():
    node = {"code": "10000", "out_trade_no": "N1", "qr_code": "https://qr.alipay.com/bavh4wjlxf12tper3a"}

    offer = answers.of_precreate(node, ORDER)

    assert (offer.answer.verdict, offer.payload) == (Verdict.PENDING, "https://qr.alipay.com/bavh4wjlxf12tper3a")
    for wrong in (
        {"qr_code": ""},
        {"qr_code": "javascript:1"},
        {"qr_code": "https://" + "a" * 600},
        {"out_trade_no": ""},
    ):
        other = answers.of_precreate({**node, **wrong}, ORDER)
        assert (other.answer.verdict, other.payload) == (Verdict.UNKNOWN, "")


def test_nothing_personal_or_absurd_is_kept():
    node = {**PAID, "buyer_logon_id": "15912345620", "trade_no": "x" * 65, "gmt_payment": "yesterday"}

    answer = answers.of_pay(node, ORDER)

    assert (answer.payer, answer.provider_reference, answer.at) == ("", "", None)


anything = st.none() | st.booleans() | st.text(max_size=6) | st.integers() | st.lists(st.text(max_size=3), max_size=2)
words = st.sampled_from(["10000", "10003", "20000", "40002", "40004", "N1", "R1", "Y", "N", "close", "refund", "12.33",
                         "120.88", "TRADE_SUCCESS", "TRADE_CLOSED", "WAIT_BUYER_PAY", "ACQ.TRADE_NOT_EXIST"])  # fmt: skip
names = ("code", "sub_code", "out_trade_no", "out_request_no", "total_amount", "refund_amount", "refund_fee",
         "refund_status", "trade_status", "retry_flag", "action", "fund_change", "qr_code")  # fmt: skip


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(names, words | anything)))
def test_whatever_a_signed_answer_holds_money_is_only_believed_with_number_and_amount(node):
    of_order = [answers.of_pay(node, ORDER), answers.of_query(node, ORDER), answers.of_cancel(node, ORDER)]
    of_refund = [
        answer for answer in (answers.of_refund(node, REFUND), answers.of_refund_query(node, REFUND)) if answer
    ]
    answers.of_precreate(node, ORDER)

    for answer in of_order:
        if answer.verdict is Verdict.APPROVED:
            assert (node["out_trade_no"], node["total_amount"]) == ("N1", "120.88")
        if answer.verdict is Verdict.REVERSED:
            assert node["out_trade_no"] == "N1"
    for answer in of_refund:
        if answer.verdict is Verdict.APPROVED:
            assert node["out_trade_no"] == "N1"
            assert answer.amount_minor == 1233
