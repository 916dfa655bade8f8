"""The bill of a day: read as Alipay writes it, refused where it is damaged, of another day or a bomb."""

import io
import struct
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.payments.alipay.bill import download_url, read_bill
from app.payments.alipay.settings import AlipaySettings
from app.payments.alipay.simulator_bill import make_bill, zipped
from app.payments.alipay.simulator_trades import LedgerEntry
from app.payments.provider import BadBill, BillKind, BillNotReady, ProviderAway

DAY = date(2019, 9, 16)
SELLER = "2088021109625633"
CHINA = timezone(timedelta(hours=8))
COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,"
    "支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SALE = (
    "2019091622001458860515315453\t,N1\t,交易\t,米,2019-09-16 10:55:16,2019-09-16 10:55:23,s1\t,s1\t,\t,t1\t,*水(602***)\t,"
    "35.80,35.80,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,-0.21,0.00,"
)
REFUND = (
    "2019091622001458860515315453\t,N1\t,退款\t,米,2019-09-16 10:55:16,2019-09-16 23:59:59,s1\t,s1\t,\t,t1\t,*水(602***)\t,"
    "-5.80,-5.80,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,R1\t,0.03,0.00,"
)
CANCEL = REFUND.replace("R1\t", "\t").replace("-5.80,-5.80", "-30.00,-30.00").replace("0.03", "0.18")
SUMMARY = (
    "#支付宝业务汇总查询\r\n"
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）\r\n"
    "s1\t,\t,{sales},{refunds},0.00,0.00\r\n"
    "合计\t,\t,{sales},{refunds},0.00,0.00\r\n"
    "#----------业务汇总列表结束---------\r\n"
)


def detail(*rows, sales=1, received="35.80", refunds=2, returned="-35.80", **changed):
    lines = {
        "title": "#支付宝业务明细查询",
        "account": f"#账号：[{SELLER}0156]",
        "period": "#起始日期：[2019年09月16日 00:00:00]   终止日期：[2019年09月17日 00:00:00]",
        "begins": "#-----------------------------------------业务明细列表----------------------------------------",
        "columns": COLUMNS,
        "rows": "\r\n".join(rows),
        "ends": "#-----------------------------------------业务明细列表结束------------------------------------",
        "sales": f"#交易合计：{sales}笔，商家实收共{received}元，商家优惠共0.00元",
        "refunds": f"#退款合计：{refunds}笔，商家实收退款共{returned}元，商家优惠退款共0.00元",
        "made": "#导出时间：[2019年09月17日 05:46:49]",
    } | changed
    return "\r\n".join(line for line in lines.values() if line is not None) + "\r\n"


def archive(text, summary=None, name="2088_20190916_业务明细"):
    files = {f"{name}.csv": text if isinstance(text, bytes) else text.encode("gbk")}
    if summary is not None:
        files[f"{name}(汇总).csv"] = summary.encode("gbk")
    return io.BytesIO(zipped(files))


def test_a_bill_is_read_row_by_row_with_tabs_and_signs_taken_away():
    file = archive(detail(SALE, REFUND, CANCEL), SUMMARY.format(sales=1, refunds=2))

    sale, refund, cancel = read_bill(file, DAY, SELLER)

    assert (sale.kind, sale.provider_number, sale.amount_minor, sale.fee_minor) == (BillKind.PURCHASE, "N1", 3580, 21)
    assert sale.provider_reference == "2019091622001458860515315453"
    assert sale.at == datetime(2019, 9, 16, 10, 55, 23, tzinfo=CHINA)
    assert sale.refund_number == ""
    assert (refund.kind, refund.refund_number, refund.amount_minor, refund.fee_minor) == (
        BillKind.REFUND,
        "R1",
        580,
        -3,
    )
    assert (cancel.kind, cancel.refund_number, cancel.amount_minor) == (BillKind.REVERSAL, "", 3000)


def test_a_refund_under_the_payments_own_number_is_what_a_cancel_gave_back():
    row = REFUND.replace("R1\t", "N1\t")

    (returned,) = read_bill(archive(detail(row, sales=0, received="0.00", refunds=1, returned="-5.80")), DAY)

    assert (returned.kind, returned.refund_number) == (BillKind.REVERSAL, "")


def test_a_name_with_commas_does_not_shift_the_amounts():
    row = SALE.replace(",米,", ',米,5kg "散装",糖,')

    (sale,) = read_bill(archive(detail(row, refunds=0, returned="0.00")), DAY)

    assert sale.amount_minor == 3580


@pytest.mark.parametrize("name", ['"米,5kg"', '"散装', "米,", ',米,"', '"米"'])
def test_quotes_and_commas_in_a_name_harm_no_amount(name):
    row = SALE.replace(",米,", f",{name},")

    (sale,) = read_bill(archive(detail(row, refunds=0, returned="0.00")), DAY)

    assert (sale.amount_minor, sale.fee_minor, sale.provider_number) == (3580, 21, "N1")


def test_money_given_back_may_bear_the_time_of_its_payment_on_an_earlier_day():
    earlier = REFUND.replace("2019-09-16 23:59:59", "2019-09-10 08:00:00")
    (sale, refund) = read_bill(archive(detail(SALE, earlier, refunds=1, returned="-5.80")), DAY)
    assert (sale.kind, refund.kind) == (BillKind.PURCHASE, BillKind.REFUND)
    with pytest.raises(BadBill, match="another day"):
        list(read_bill(archive(detail(SALE.replace("2019-09-16 10:55:23", "2019-09-15 10:55:23"))), DAY))


def test_a_bill_that_does_not_say_whose_it_is_is_refused_where_the_shop_is_known():
    text = detail(SALE, refunds=0, returned="0.00", account=None)
    assert len(list(read_bill(archive(text), DAY))) == 1
    with pytest.raises(BadBill, match="which account"):
        list(read_bill(archive(text), DAY, SELLER))


def test_an_archive_of_thousands_of_files_is_refused_before_its_list_is_read():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for number in range(3_000):
            made.writestr(f"{number:04d}.csv", b"")
    with pytest.raises(BadBill, match="other files"):
        list(read_bill(file, DAY))
    # The same list, told to be short: an entry of the large form says otherwise.
    raw = archive(detail(SALE, refunds=0, returned="0.00")).getvalue()
    end = raw.rfind(b"PK\x05\x06")
    large = raw[:end] + struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) + raw[end:]
    with pytest.raises(BadBill):
        list(read_bill(io.BytesIO(large), DAY))
    with pytest.raises(BadBill, match="damaged"):
        list(read_bill(io.BytesIO(b"PK\x05\x06"), DAY))


def test_a_name_that_is_no_gbk_does_not_spoil_the_bill():
    raw = detail(SALE, refunds=0, returned="0.00").encode("gbk").replace("米".encode("gbk"), b"\xff\x80")

    (sale,) = read_bill(archive(raw), DAY)

    assert sale.amount_minor == 3580


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (detail(SALE, REFUND), "totals do not fit"),
        (detail(SALE, REFUND, CANCEL, received="35.81"), "totals do not fit"),
        (detail(SALE, REFUND, CANCEL, returned="35.80"), "totals do not fit"),
        (detail(SALE, REFUND, CANCEL, sales=2), "totals do not fit"),
        (detail(SALE, REFUND, CANCEL, refunds=None), "totals are missing|do not fit"),
        (detail(SALE, ends=None, sales=None), "end is missing"),
        (detail(SALE, columns=None), "no column"),
        (detail(SALE, columns=COLUMNS.replace("服务费（元）", "手续费")), "no column 服务费"),
        (detail(SALE, period=None), "of which day"),
        (
            detail(SALE, period="#起始日期：[2019年09月17日 00:00:00]   终止日期：[2019年09月18日 00:00:00]"),
            "2019-09-17",
        ),
        (detail(SALE, period="#起始日期：[2019年09月16日 00:00:00]   终止日期：[2019年09月30日 00:00:00]"), "of 2019"),
        (detail(SALE, account="#账号：[20880000000000000156]"), "another account"),
        (detail(SALE.replace("10:55:23", "25:55:23")), "time"),
        (detail(SALE.replace("16 10:55:23", "15 10:55:23")), "another day"),
        (detail(SALE.replace("35.80,35.80", "35.8o,35.80")), "amount"),
        (detail(SALE.replace("35.80,35.80", "-35.80,-35.80")), "neither payment nor refund"),
        (detail(SALE.replace("交易", "转账")), "neither payment nor refund"),
        (detail(SALE.replace("N1", "")), "number"),
        (detail(SALE[:-30]), "cut off"),
        (detail(SALE, made=SALE), "after its end"),
        (detail(SALE.replace("米", "米" * 20_000)), "no end"),
        (detail(SALE).encode("utf-8"), "no column"),
        ("", "end is missing"),
    ],
)
def test_a_bill_that_is_not_whole_of_this_day_and_right_is_refused(text, why):
    with pytest.raises(BadBill, match=why):
        list(read_bill(archive(text), DAY, SELLER))


def test_a_summary_that_counts_otherwise_is_refused():
    for sales, refunds in ((2, 2), (1, 1), ("x", 2)):
        with pytest.raises(BadBill, match="summary"):
            list(read_bill(archive(detail(SALE, REFUND, CANCEL), SUMMARY.format(sales=sales, refunds=refunds)), DAY))
    with pytest.raises(BadBill, match="summary is cut off"):
        list(read_bill(archive(detail(SALE, REFUND, CANCEL), SUMMARY.partition("合计")[0]), DAY))


def plain_zip(names, content=b"x"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, content)
    return file


@pytest.mark.parametrize(
    "names",
    [["../a.csv"], ["/etc/a.csv"], ["C:\\a.csv"], ["dir/a.csv"], ["a.exe"], ["a.csv", "b.csv"],
     [f"{number}.csv" for number in range(5)], []],
)  # fmt: skip
def test_an_archive_with_other_names_than_a_bills_is_refused(names):
    with pytest.raises(BadBill, match="other files"):
        list(read_bill(plain_zip(names), DAY))


def test_a_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(BadBill, match="more than a bill can be"):
        list(read_bill(plain_zip(["a.csv"], b"0" * (20 << 20)), DAY))


def test_a_bomb_that_lies_about_its_size_is_cut_off():
    file = plain_zip(["a.csv"], detail(SALE).encode("gbk") + b"0" * (20 << 20))
    raw = bytearray(file.getvalue())
    # The size of the unpacked file stands at byte 22 of its own header and at byte 24 of its entry in the directory.
    entry = raw.index(b"PK\x01\x02")
    raw[22:26] = raw[entry + 24 : entry + 28] = struct.pack("<I", 2000)

    with pytest.raises(BadBill):
        list(read_bill(io.BytesIO(raw), DAY))


@pytest.mark.parametrize("damage", ["text", "cut", "crc", "method", "encrypted"])
def test_a_damaged_archive_is_refused(damage):
    raw = bytearray(archive(detail(SALE, refunds=0, returned="0.00")).getvalue())
    entry = raw.index(b"PK\x01\x02")
    match damage:
        case "text":
            raw = bytearray(b"<html>expired</html>")
        case "cut":
            raw = raw[: len(raw) // 2]
        case "crc":
            raw[16] ^= 0xFF
            raw[entry + 18] ^= 0xFF
            raw[14] ^= 0xFF
            raw[entry + 16] ^= 0xFF
        case "method":
            raw[8] = raw[entry + 10] = 99
        case "encrypted":
            raw[6] |= 1
            raw[entry + 8] |= 1

    with pytest.raises(BadBill):
        list(read_bill(io.BytesIO(raw), DAY))


def test_the_simulators_bill_is_one(keys):
    at = datetime(2019, 9, 16, 15, 59, 59, tzinfo=UTC)  # a second before midnight in China
    ledger = [
        LedgerEntry(BillKind.PURCHASE, "N1", 1000, at, "T1", "", 6, "米，糖", "0001", "01"),
        LedgerEntry(BillKind.REFUND, "N1", 400, at, "T1", "R1", -2),
        LedgerEntry(BillKind.REVERSAL, "N2", 600, at, "T2"),
        LedgerEntry(BillKind.PURCHASE, "N3", 1, at + timedelta(seconds=1), "T3"),
    ]

    rows = list(read_bill(io.BytesIO(make_bill(ledger, DAY, SELLER)), DAY, SELLER))

    assert [(row.kind, row.provider_number, row.refund_number, row.amount_minor, row.fee_minor) for row in rows] == [
        (BillKind.PURCHASE, "N1", "", 1000, 6),
        (BillKind.REFUND, "N1", "R1", 400, -2),
        (BillKind.REVERSAL, "N2", "", 600, 0),
    ]


SETTINGS = AlipaySettings("2021000000000001", "keyring:a", "keyring:b")
TRAINING = AlipaySettings("2021000000000001", "keyring:a", "keyring:b", base_url="http://127.0.0.1:8080/gateway.do")


def test_a_bill_is_fetched_only_from_alipays_host_and_never_in_the_open():
    node = {
        "code": "10000",
        "bill_download_url": "http://dwbillcenter.alipay.com/downloadBillFile.resource?fileId=X&a=1",
    }

    assert download_url(node, DAY, SETTINGS, days_ago=1) == (
        "https://dwbillcenter.alipay.com/downloadBillFile.resource?fileId=X&a=1"
    )
    own = {"code": "10000", "bill_download_url": "http://127.0.0.1:8080/bill?fileId=1"}
    assert download_url(own, DAY, TRAINING, days_ago=1) == "http://127.0.0.1:8080/bill?fileId=1"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9999/x", "https://evil.example/x", "https://dwbillcenter.alipay.com@evil.example/x",
     "file:///etc/passwd", "https://dwbillcenter.alipay.com.evil.example/", "", "https://[::1", "//x"],
)  # fmt: skip
def test_a_bill_elsewhere_is_not_fetched(url):
    with pytest.raises(BadBill):
        download_url({"code": "10000", "bill_download_url": url}, DAY, TRAINING, days_ago=1)


def test_a_bill_that_is_not_made_yet_is_told_from_a_day_without_payments():
    for word in ("BILL_NOT_EXIST", "NO_BILL_DATA", "isv.invalid_arguments"):
        with pytest.raises(BillNotReady):
            download_url({"code": "40004", "sub_code": word}, DAY, SETTINGS, days_ago=1)
    for word in ("BILL_NOT_EXIST", "NO_BILL_DATA"):
        assert download_url({"code": "40004", "sub_code": word}, DAY, SETTINGS, days_ago=2) is None
    with pytest.raises(BillNotReady):
        download_url({"code": "40004", "sub_code": "isv.invalid_arguments"}, DAY, SETTINGS, days_ago=2)
    with pytest.raises(ProviderAway):
        download_url({"code": "20000", "sub_code": "isp.unknow-error"}, DAY, SETTINGS, days_ago=2)
