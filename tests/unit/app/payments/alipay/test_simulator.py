"""The simulated Alipay is as strict as the real one, so that what passes here is right."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import requests

from app.payments.alipay.signing import RequestSigner, signing_string
from app.payments.alipay.simulator import AlipaySimulator
from app.payments.alipay.simulator_faults import Call, Shopper
from app.values.clock import FixedClock

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    return FixedClock(NOON)


@pytest.fixture
def alipay(clock, keys):
    with AlipaySimulator(clock, keys) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def signer(keys):
    return RequestSigner(keys.app_private)


@pytest.fixture
def send(alipay, signer):
    def send(method, content, *, after_signing=None, text=None, **changed):
        parameters = {
            "app_id": alipay.app_id,
            "method": method,
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": "2026-03-01 12:00:00",
            "version": "1.0",
            "biz_content": json.dumps(content) if text is None else text,
        } | changed
        parameters["sign"] = signer.sign(signing_string(parameters))
        answer = requests.post(alipay.base_url, data=parameters | (after_signing or {}), timeout=5)
        answer.raise_for_status()
        body = answer.json()
        return body.get(method.replace(".", "_") + "_response"), "sign" in body

    return send


PAY = {
    "out_trade_no": "N1",
    "total_amount": "0.01",
    "subject": "x",
    "auth_code": "2876344382566439",
    "scene": "bar_code",
}


@pytest.mark.parametrize(
    ("changed", "sub_code"),
    [
        ({"after_signing": {"biz_content": json.dumps(PAY | {"total_amount": "0.02"})}}, "isv.invalid-signature"),
        ({"after_signing": {"sign": ""}}, "isv.invalid-signature"),
        ({"after_signing": {"sign": "AAAA"}}, "isv.invalid-signature"),
        ({"after_signing": {"more": "x"}}, "isv.invalid-signature"),
        ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
        ({"charset": "gbk"}, "isv.invalid-charset"),
        ({"timestamp": "2026-03-01 12:10:01"}, "isv.invalid-timestamp"),
        ({"timestamp": "2026-03-01 04:00:00"}, "isv.invalid-timestamp"),
        ({"timestamp": "now"}, "isv.invalid-timestamp"),
        ({"version": "2.0"}, "isv.invalid-method"),
        ({"text": "{"}, "isv.illegal-json"),
        ({"text": "[]"}, "isv.illegal-json"),
    ],
)
def test_a_request_that_is_not_right_is_refused_and_charges_nothing(alipay, send, changed, sub_code):
    node, signed = send("alipay.trade.pay", PAY, **changed)

    assert (node["sub_code"], signed) == (sub_code, True)
    assert alipay.calls == []
    assert alipay.ledger == ()


def test_an_unknown_app_or_method_is_refused(send):
    assert send("alipay.trade.pay", PAY, app_id="1") == (
        {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-app-id", "sub_msg": "无效的参数"},
        False,
    )
    assert send("alipay.trade.steal", PAY)[0]["sub_code"] == "isv.invalid-method"


@pytest.mark.parametrize(
    "wrong",
    [{"total_amount": "0"}, {"total_amount": "1.001"}, {"subject": "a/b"}, {"subject": ""}, {"out_trade_no": ""}],
)
def test_an_order_that_is_not_right_is_refused(alipay, send, wrong):
    node, _ = send("alipay.trade.pay", PAY | wrong)

    assert node["sub_code"] == "ACQ.INVALID_PARAMETER"
    assert alipay.ledger == ()


def test_an_order_that_ended_before_it_came_is_refused(send):
    node, _ = send("alipay.trade.pay", PAY | {"time_expire": "2026-03-01 12:00:00"})

    assert node["sub_code"] == "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR"


def test_the_address_of_a_bill_is_good_for_thirty_seconds(alipay, send, clock):
    send("alipay.trade.pay", PAY)
    clock.advance(timedelta(days=1))
    node, _ = send(Call.BILL.value, {"bill_type": "trade", "bill_date": "2026-03-01"}, timestamp="2026-03-02 12:00:00")

    clock.advance(timedelta(seconds=30))
    assert requests.get(node["bill_download_url"], timeout=5).content == alipay.bill_bytes(date(2026, 3, 1))
    clock.advance(timedelta(seconds=1))
    assert requests.get(node["bill_download_url"], timeout=5).status_code == 403


def test_it_remembers_what_it_charged_while_it_was_away(alipay, send):
    send("alipay.trade.pay", PAY)
    address = alipay.base_url
    alipay.go_away()
    with pytest.raises(requests.ConnectionError):
        send("alipay.trade.query", PAY)
    alipay.come_back()

    assert alipay.base_url == address
    assert send("alipay.trade.query", PAY)[0]["trade_status"] == "TRADE_SUCCESS"
    assert alipay.net_minor("N1") == 1


def test_every_code_is_issued_once_and_knows_its_shopper(alipay, send):
    walks_away = alipay.issue_code(Shopper(never_confirms=True))
    pays = alipay.issue_code()

    assert walks_away != pays
    assert send("alipay.trade.pay", PAY | {"auth_code": walks_away})[0]["code"] == "10003"
    assert send("alipay.trade.pay", PAY | {"auth_code": pays, "out_trade_no": "N2"})[0]["code"] == "10000"
    assert alipay.shopper_pays("N1")
    assert not alipay.shopper_pays("N1")
    assert (alipay.net_minor("N1"), alipay.net_minor("N2")) == (1, 1)
