import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.provider import PurchaseOrder, RefundOrder, Verdict
from app.payments.wechat.channel import Reply
from app.payments.wechat.judgement import Judge
from app.payments.wechat.meanings import Asked

JUDGE = Judge("1900000109")
ORDER = PurchaseOrder("T0100001", 1250, "CNY", "店")
REFUND = RefundOrder("T0100001", "R1", 250, 1250, "CNY")
PAID = {
    "mchid": "1900000109",
    "appid": "wx1",
    "out_trade_no": "T0100001",
    "transaction_id": "4200",
    "trade_type": "MICROPAY",
    "trade_state": "SUCCESS",
    "success_time": "2026-03-02T12:00:00+08:00",
    "amount": {"total": 1250, "currency": "CNY", "payer_total": 1000},
    "payer": {"openid": "o1"},
}
GIVEN_BACK = {
    "refund_id": "5030",
    "out_refund_no": "R1",
    "out_trade_no": "T0100001",
    "status": "SUCCESS",
    "amount": {"total": 1250, "refund": 250, "currency": "CNY"},
}


def payment(told, status=200, asked=Asked.QUERY):
    return JUDGE.payment(Reply(status, json.dumps(told).encode()), ORDER, asked)


def test_a_paid_order_is_approved_with_its_sum_even_where_a_coupon_paid_a_part():
    answer = payment(PAID)
    assert (answer.verdict, answer.amount_minor, answer.provider_reference) == (Verdict.APPROVED, 1250, "4200")
    assert answer.at == datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("REFUND", Verdict.UNKNOWN),
        ("NOTPAY", Verdict.PENDING),
        ("USERPAYING", Verdict.PENDING),
        ("ACCEPT", Verdict.PENDING),
        ("CLOSED", Verdict.REVERSED),
        ("REVOKED", Verdict.REVERSED),
        ("PAYERROR", Verdict.DECLINED),
        ("NEWSTATE", Verdict.UNKNOWN),
    ],
)
def test_each_state_of_an_order_means_what_the_documents_say(state, verdict):
    told = {"mchid": "1900000109", "out_trade_no": "T0100001", "trade_state": state}
    answer = payment(told)
    assert (answer.verdict, answer.code, answer.amount_minor) == (verdict, state, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"mchid": "1900000999"},
        {"mchid": None},
        {"out_trade_no": "T0100002"},
        {"out_trade_no": None},
        {"amount": None},
        {"amount": {"total": 1249}},
        {"amount": {"total": 1250.0}},
        {"amount": {"total": "1250"}},
        {"amount": {"total": 1250, "currency": "USD"}},
        {"amount": {"total": 125000}},
        {"transaction_id": ""},
        {"transaction_id": None},
        {"trade_state": "success"},
    ],
    ids=str,
)
def test_a_paid_order_that_is_another_or_lacks_anything_is_unknown(change):
    assert payment(PAID | change).verdict is Verdict.UNKNOWN


@given(st.integers(), st.text(), st.text())
def test_nothing_but_the_right_sum_of_the_right_order_is_approved(total, number, mchid):
    told = PAID | {"amount": {"total": total}, "out_trade_no": number, "mchid": mchid}
    right = (total, number, mchid) == (1250, "T0100001", "1900000109")
    assert (payment(told).verdict is Verdict.APPROVED) == right


@given(st.binary(max_size=200), st.sampled_from([200, 202, 204, 301, 400, 403, 404, 429, 500, 503]))
def test_no_nonsense_decides_anything(body, status):
    for asked in (Asked.PAY, Asked.QUERY):
        assert JUDGE.payment(Reply(status, body), ORDER, asked).verdict is Verdict.UNKNOWN
    assert JUDGE.refund(Reply(status, body), REFUND, Asked.REFUND).verdict is Verdict.UNKNOWN
    assert JUDGE.offer(Reply(status, body)).answer.verdict is Verdict.UNKNOWN
    if not (status == 204 and not body):
        assert JUDGE.reversal(Reply(status, body), ORDER).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("status", [201, 204, 301, 400, 404, 500, 503])
def test_a_state_with_a_status_that_does_not_fit_is_unknown(status):
    assert payment(PAID, status).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("status", "told", "verdict"),
    [
        (200, {"mchid": "1900000109", "out_trade_no": "T0100001"}, Verdict.REVERSED),
        (200, {"mchid": "1900000109", "out_trade_no": "T0100001", "recall": "N"}, Verdict.REVERSED),
        (200, {"mchid": "1900000109", "out_trade_no": "T0100001", "recall": "Y"}, Verdict.UNKNOWN),
        (200, {"mchid": "1900000109", "out_trade_no": "T0100002"}, Verdict.UNKNOWN),
        (200, {"mchid": "1900000999", "out_trade_no": "T0100001"}, Verdict.UNKNOWN),
        (200, {}, Verdict.UNKNOWN),
        (202, {"mchid": "1900000109", "out_trade_no": "T0100001"}, Verdict.UNKNOWN),
        (200, {"mchid": "1900000109", "out_trade_no": "T0100001", "code": "SYSTEM_ERROR"}, Verdict.UNKNOWN),
        (404, {"code": "ORDER_NOT_EXIST"}, Verdict.NOT_FOUND),
        (400, {"code": "ORDER_CLOSED"}, Verdict.REVERSED),
        (400, {"code": "REVERSE_EXPIRE"}, Verdict.UNKNOWN),
        (500, {"code": "SYSTEM_ERROR"}, Verdict.UNKNOWN),
        (400, {"code": "TRADE_ERROR"}, Verdict.UNKNOWN),
    ],
)
def test_only_a_certain_answer_takes_a_payment_back(status, told, verdict):
    assert JUDGE.reversal(Reply(status, json.dumps(told).encode()), ORDER).verdict is verdict


def test_an_empty_answer_with_no_content_takes_a_payment_back():
    assert JUDGE.reversal(Reply(204, b""), ORDER).verdict is Verdict.REVERSED


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, Verdict.APPROVED),
        ({"status": "PROCESSING"}, Verdict.PENDING),
        ({"status": "CLOSED"}, Verdict.DECLINED),
        ({"status": "ABNORMAL"}, Verdict.UNKNOWN),
        ({"status": "NEWSTATE"}, Verdict.UNKNOWN),
        ({"out_refund_no": "R2"}, Verdict.UNKNOWN),
        ({"out_trade_no": "T0100002"}, Verdict.UNKNOWN),
        ({"amount": {"total": 1250, "refund": 251}}, Verdict.UNKNOWN),
        ({"amount": {"total": 1251, "refund": 250}}, Verdict.UNKNOWN),
        ({"amount": {"total": 1250}}, Verdict.UNKNOWN),
        ({"amount": None}, Verdict.UNKNOWN),
    ],
    ids=str,
)
def test_only_the_right_refund_counts(change, verdict):
    answer = JUDGE.refund(Reply(200, json.dumps(GIVEN_BACK | change).encode()), REFUND, Asked.QUERY_REFUND)
    assert answer.verdict is verdict
    assert answer.amount_minor == (250 if verdict is Verdict.APPROVED else 0)


@pytest.mark.parametrize(
    ("code_url", "shown"),
    [
        ("weixin://wxpay/bizpayurl?pr=JyC91EIz1", True),
        ("https://wx.tenpay.com.evil.example/pay", False),
        ("javascript:alert(1)", False),
        ("weixin://wxpay/" + "x" * 600, False),
        ("weixin://wxpay/with blank", False),
        ("", False),
    ],
)
def test_only_a_code_of_wechat_pays_is_shown(code_url, shown):
    offer = JUDGE.offer(Reply(200, json.dumps({"code_url": code_url}).encode()))
    assert offer.payload == (code_url if shown else "")
    assert offer.answer.verdict is (Verdict.PENDING if shown else Verdict.UNKNOWN)
