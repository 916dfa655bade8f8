import gzip
import hashlib
import io
import tracemalloc
from datetime import date, datetime, timedelta

import pytest

from app.payments.provider import BadBill, BillKind
from app.payments.wechat.bill import BEIJING, BillHash, checked_bill, rows_of

DAY = date(2021, 1, 28)
MCHID = "1601959334"
HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
# A coupon of 0.34 pays a part: 12.34 ordered, 12.00 settled.
PAID = (
    "`2021-01-28 17:07:11,`wx1,`1601959334,`0,`,`4200000001,`S2021A,`o1,`MICROPAY,`SUCCESS,`OTHERS,`CNY,`12.00,`0.34,`0,"
    "`0,`0.00,`0.00,`,`,`苹果, 梨,`,`0.07200,`0.60%,`12.34,`0.00,`"
)
BACK = (
    "`2021-01-28 23:59:59,`wx1,`1601959334,`0,`,`4200000001,`S2021A,`o1,`MICROPAY,`REFUND,`OTHERS,`CNY,`0.00,`0.00,"
    "`5030001,`R2021A,`12.00,`0.00,`ORIGINAL,`PROCESSING,`苹果, 梨,`,`-0.07200,`0.60%,`0.00,`12.34,`"
)
# Two rows; settled 12.00 + 0, back 0 + 12.00, ordered 12.34 + 0, wanted back 0 + 12.34.
TOTALS = "`2,`12.00,`12.00,`0.00,`0.00000,`12.34,`12.34"
BILL = (HEADER, PAID, BACK, SUMMARY, TOTALS)


def rows(*lines, end="\r\n", start=""):
    return list(rows_of(io.BytesIO((start + "".join(line + end for line in lines)).encode()), day=DAY, mchid=MCHID))


@pytest.mark.parametrize(("end", "start"), [("\r\n", "\ufeff"), ("\n", ""), ("\r\n\r\n", "")])
def test_a_bill_is_read_in_yuan_behind_backticks(end, start):
    paid, back = rows(*BILL, end=end, start=start)
    assert (paid.kind, paid.provider_number, paid.amount_minor, paid.fee_minor) == (
        BillKind.PURCHASE,
        "S2021A",
        1234,
        7,
    )
    assert paid.at == datetime(2021, 1, 28, 17, 7, 11, tzinfo=BEIJING)
    assert (back.kind, back.refund_number, back.amount_minor, back.fee_minor) == (BillKind.REFUND, "R2021A", 1234, -7)
    assert (paid.provider_reference, back.provider_reference) == ("4200000001", "5030001")


def test_a_revoked_payment_is_a_reversal():
    revoked = BACK.replace("`REFUND,", "`REVOKED,").replace("`R2021A", "`0").replace("`5030001", "`0")
    back = rows(HEADER, PAID, revoked, SUMMARY, TOTALS)[1]
    assert (back.kind, back.amount_minor, back.refund_number, back.provider_reference) == (
        BillKind.REVERSAL,
        1234,
        "",
        "4200000001",
    )


def test_a_refund_that_failed_counts_in_the_summary_and_moved_no_money():
    assert [row.kind for row in rows(HEADER, PAID, BACK.replace("PROCESSING", "FAIL"), SUMMARY, TOTALS)] == [
        BillKind.PURCHASE
    ]


def test_a_new_column_does_no_harm():
    wider = [f"{HEADER},新列", f"{PAID},`x", f"{BACK},`x", SUMMARY, TOTALS]
    assert len(rows(*wider)) == 2


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (HEADER,),
        (HEADER, PAID, BACK),
        (HEADER, PAID, BACK, SUMMARY),
        (PAID, BACK, SUMMARY, TOTALS),
        (HEADER.replace("订单金额", "金额"), PAID, BACK, SUMMARY, TOTALS),
        (HEADER, PAID, SUMMARY, TOTALS),
        (HEADER, PAID, BACK, BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace("12.34", "12.35"), BACK, SUMMARY, TOTALS),
        (HEADER, PAID, BACK, SUMMARY, TOTALS.replace("`2", "`3")),
        (HEADER, PAID, BACK, SUMMARY, TOTALS.replace("12.34", "12.33")),
        (HEADER, PAID, BACK, SUMMARY, TOTALS, PAID),
        (HEADER, PAID, BACK, SUMMARY.replace("总交易单数", "单数"), TOTALS),
        (HEADER, PAID, BACK, SUMMARY, TOTALS.replace(",`12.34", "")),
        (HEADER, PAID.replace("2021-01-28", "2021-01-29"), BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace("2021-01-28 17:07:11", "yesterday"), BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace("1601959334", "1601959335"), BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace("SUCCESS", "SURPRISE"), BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace("S2021A", ""), BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace("12.34", "12.345"), BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace("12.34", "1e3"), BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace("12.34", "-12.34"), BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace("12.34", ""), BACK, SUMMARY, TOTALS),
        (HEADER, PAID.replace(",`CNY", ""), BACK, SUMMARY, TOTALS),
        (HEADER, PAID + "x" * 30_000, BACK, SUMMARY, TOTALS),
    ],
    ids=range(25),
)
def test_a_bill_that_does_not_hold_together_is_refused(lines):
    with pytest.raises(BadBill):
        rows(*lines)


def test_money_given_back_may_bear_the_time_of_its_payment_on_an_earlier_day():
    earlier = BACK.replace("2021-01-28 23:59:59", "2021-01-20 08:00:00")
    assert [row.kind for row in rows(HEADER, PAID, earlier, SUMMARY, TOTALS)] == [BillKind.PURCHASE, BillKind.REFUND]
    with pytest.raises(BadBill, match="another day"):
        rows(HEADER, PAID, BACK.replace("2021-01-28", "2021-01-29"), SUMMARY, TOTALS)


def test_a_bill_in_another_currency_is_not_taken_for_yuan():
    with pytest.raises(BadBill, match="another currency"):
        rows(HEADER, PAID.replace("`CNY", "`HKD"), BACK, SUMMARY, TOTALS)


@pytest.mark.parametrize(
    "time",
    [
        "2021-01-28T17:07:11",
        "2021-W04-4 17:07:11",
        "20210128T170711.0000",
        "2021-01-28 25:07:11",
        "２０２１-01-28 17:07:11",
    ],
)
def test_a_time_in_another_form_is_damage(time):
    with pytest.raises(BadBill):
        rows(HEADER, PAID.replace("2021-01-28 17:07:11", time), BACK, SUMMARY, TOTALS)


def test_a_fee_is_rounded_to_fen_half_up_in_both_directions():
    # 0.005 yuan is half a fen: up, and a fee that is given back the other way.
    paid, back = rows(
        HEADER, PAID.replace("`0.07200", "`0.00500"), BACK.replace("`-0.07200", "`-0.00500"), SUMMARY, TOTALS
    )
    assert (paid.fee_minor, back.fee_minor) == (1, -1)


def test_a_bill_in_another_encoding_is_refused():
    with pytest.raises(BadBill):
        list(rows_of(io.BytesIO("\r\n".join(BILL).encode("gbk")), day=DAY, mchid=MCHID))


def test_a_bill_hashes_to_what_was_announced_unzipped():
    plain = "".join(line + "\r\n" for line in BILL).encode()
    fingerprint = hashlib.sha1(plain, usedforsecurity=False).hexdigest()
    with checked_bill(io.BytesIO(gzip.compress(plain)), BillHash("SHA1", fingerprint.upper())) as bill:
        assert bill.read() == plain
    for file, hashed in (
        (gzip.compress(plain + b"x"), BillHash("SHA1", fingerprint)),
        (gzip.compress(plain)[:-9], BillHash("SHA1", fingerprint)),
        (plain, BillHash("SHA1", fingerprint)),
        (b"", BillHash("SHA1", fingerprint)),
        (gzip.compress(plain), BillHash("MD5", fingerprint)),
    ):
        with pytest.raises(BadBill), checked_bill(io.BytesIO(file), hashed):
            pass


def test_a_great_bill_is_read_row_by_row():
    class Long(io.RawIOBase):
        """A bill of 20,000 rows that is nowhere whole."""

        def __init__(self):
            self.lines = self.write_lines()

        def write_lines(self):
            yield HEADER
            for second in range(20_000):
                at = datetime(2021, 1, 28) + timedelta(seconds=second)
                yield PAID.replace("2021-01-28 17:07:11", at.strftime("%Y-%m-%d %H:%M:%S"))
            yield SUMMARY
            # 20,000 × 12.00 and 12.34
            yield "`20000,`240000.00,`0.00,`0.00,`1440.00000,`246800.00,`0.00"

        def readline(self, limit=-1):
            return (next(self.lines, "") + "\n").encode().lstrip(b"\n")

    tracemalloc.start()
    try:
        count = sum(1 for _ in rows_of(Long(), day=DAY, mchid=MCHID))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000, "the bill itself is 6 MB"
