"""A day's bill, fetched from a WeChat Pay that is not there."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.payments.provider import BadBill, BillKind, BillNotReady, ProviderAway, PurchaseOrder, RefundOrder
from app.payments.wechat.provider import make_wechat
from app.payments.wechat.simulator import WechatSimulator
from app.payments.wechat.simulator_faults import Call, Fault, Shopper
from app.payments.wechat.simulator_keys import SimulatorKeys
from app.values.clock import FixedClock

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Twelve o'clock in Beijing."""

NEXT_DAY_AT_TEN = timedelta(hours=22)


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
def till(wechat, clock, tmp_path):
    return make_wechat(wechat.settings(tmp_path) | {"call_timeout_s": 2}, clock)


@pytest.fixture
def sold_plainly(till, wechat):
    for number, amount in (("SALE0001", 1250), ("SALE0002", 99)):
        till.pay(PurchaseOrder(number, amount, "CNY", "街角店, 苹果", shopper_code=wechat.issue_code()))


def test_a_days_bill_tells_every_payment_refund_and_reversal(till, wechat, clock):
    for number, amount, shopper in (
        ("SALE0001", 1250, Shopper()),
        ("SALE0002", 99, Shopper()),
        ("SALE0003", 500, Shopper(pays_while_cancelled=True)),
    ):
        code = wechat.issue_code(shopper)
        till.pay(PurchaseOrder(number, amount, "CNY", "街角店, 苹果", shopper_code=code))
    clock.advance(timedelta(seconds=20))
    till.reverse(PurchaseOrder("SALE0003", 500, "CNY", ""))
    till.refund(RefundOrder("SALE0001", "BACK0001", 250, 1250, "CNY"))
    clock.advance(NEXT_DAY_AT_TEN)
    rows = list(till.bill(DAY))
    # Fee 0.6 %: 12.50 yuan -> 7.5 fen, half up 8; 0.99 -> 0.594 fen -> 1; 5.00 -> 3; back 5.00 -> -3; 2.50 -> -1.5 -> -2.
    assert [(row.kind, row.provider_number, row.amount_minor, row.refund_number, row.fee_minor) for row in rows] == [
        (BillKind.PURCHASE, "SALE0001", 1250, "", 8),
        (BillKind.PURCHASE, "SALE0002", 99, "", 1),
        (BillKind.PURCHASE, "SALE0003", 500, "", 3),
        (BillKind.REVERSAL, "SALE0003", 500, "", -3),
        (BillKind.REFUND, "SALE0001", 250, "BACK0001", -2),
    ]
    assert rows[0].at == NOON
    assert rows[0].at.utcoffset() == timedelta(hours=8)
    assert rows[0].provider_reference == wechat.ledger[0].transaction_id


@pytest.mark.parametrize("after", [timedelta(), timedelta(hours=13), timedelta(hours=21)])
def test_a_bill_is_not_there_before_ten_on_the_next_day(till, clock, sold_plainly, after):
    clock.advance(after)
    with pytest.raises(BillNotReady):
        next(till.bill(DAY))


def test_a_day_on_which_nobody_paid_has_no_rows(till, clock):
    clock.advance(NEXT_DAY_AT_TEN)
    assert list(till.bill(DAY)) == []


def test_a_payment_at_midnight_in_beijing_stands_on_the_next_days_bill(till, wechat, clock):
    clock.advance(timedelta(hours=12))  # 00:00 in Beijing, 16:00 UTC of the day before
    till.pay(PurchaseOrder("SALE0001", 100, "CNY", "店", shopper_code=wechat.issue_code()))
    clock.advance(timedelta(hours=34))
    assert list(till.bill(DAY)) == []
    assert [row.provider_number for row in till.bill(DAY + timedelta(days=1))] == ["SALE0001"]


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (Call.BILL, Fault.WRONG_HASH),
        (Call.BILL, Fault.OTHER_DAY),
        (Call.BILL, Fault.OTHER_MERCHANT),
        (Call.BILL, Fault.WRONG_SUMMARY),
        (Call.BILL, Fault.NO_SUMMARY),
        (Call.BILL, Fault.ELSEWHERE),
        (Call.BILL, Fault.HTML),
        (Call.DOWNLOAD, Fault.CUT_OFF),
        (Call.DOWNLOAD, Fault.HTML),
        (Call.DOWNLOAD, Fault.SERVER_ERROR),
        (Call.DOWNLOAD, Fault.REDIRECTS),
        (Call.DOWNLOAD, Fault.TOO_MANY_CALLS),
    ],
    ids=lambda value: value.value,
)
def test_a_bill_that_is_damaged_or_anothers_is_refused(till, wechat, clock, sold_plainly, call, fault):
    clock.advance(NEXT_DAY_AT_TEN)
    wechat.fail(call, fault)
    expected = ProviderAway if (call, fault) == (Call.BILL, Fault.HTML) else BadBill
    with pytest.raises(expected) as refused:
        list(till.bill(DAY))
    assert str(refused.value)
    assert len(list(till.bill(DAY))) == 2, "fetched again it is whole"


@pytest.mark.parametrize("call", [Call.BILL, Call.DOWNLOAD])
@pytest.mark.parametrize("fault", [Fault.LOSES_REQUEST, Fault.TRUNCATES_ANSWER])
def test_a_bill_that_does_not_come_is_asked_for_again(till, wechat, clock, sold_plainly, call, fault):
    clock.advance(NEXT_DAY_AT_TEN)
    wechat.fail(call, fault)
    with pytest.raises(ProviderAway):
        list(till.bill(DAY))
    assert len(list(till.bill(DAY))) == 2


def test_a_bills_address_is_good_for_five_minutes(till, wechat, clock, sold_plainly, monkeypatch):
    clock.advance(NEXT_DAY_AT_TEN)
    place = till._place_of_bill(DAY, is_early=False)
    clock.advance(timedelta(minutes=6))
    monkeypatch.setattr(till, "_place_of_bill", lambda *_, **__: place)
    with pytest.raises(BadBill, match="INVALID_REQUEST"):
        list(till.bill(DAY))


def test_without_a_network_there_is_no_bill(till, wechat, clock, sold_plainly):
    clock.advance(NEXT_DAY_AT_TEN)
    wechat.go_away()
    with pytest.raises(ProviderAway):
        list(till.bill(DAY))
