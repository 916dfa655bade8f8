"""Writes the day's bill of a simulated WeChat Pay, in the form of the real one."""

import gzip
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.payments.provider import BillKind
from app.payments.wechat.bill import BEIJING
from app.payments.wechat.simulator_orders import LedgerEntry

HEADER: Final = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMMARY_HEADER: Final = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

_FEE_RATE: Final = Decimal("0.006")
_STATES: Final = {BillKind.PURCHASE: "SUCCESS", BillKind.REFUND: "REFUND", BillKind.REVERSAL: "REVOKED"}


def bill_lines(entries: Iterable[LedgerEntry], appid: str, mchid: str) -> Iterator[str]:
    """Return a bill's lines without their ends, summary included."""
    yield HEADER
    count, ordered, back, fees = 0, 0, 0, Decimal()
    for entry in entries:
        paid = entry.kind is BillKind.PURCHASE
        fee = (Decimal(entry.amount_minor) / 100 * _FEE_RATE).quantize(Decimal("0.00001"), ROUND_HALF_UP)
        fee = fee if paid else -fee
        in_amount, out_amount = (entry.amount_minor, 0) if paid else (0, entry.amount_minor)
        count, ordered, back, fees = count + 1, ordered + in_amount, back + out_amount, fees + fee
        yield ",".join(f"`{value}" for value in _values(entry, appid, mchid, fee, in_amount, out_amount))
    yield SUMMARY_HEADER
    summary = (str(count), _yuan(ordered), _yuan(back), "0.00", f"{fees:.5f}", _yuan(ordered), _yuan(back))
    yield ",".join(f"`{value}" for value in summary)


def _values(
    entry: LedgerEntry, appid: str, mchid: str, fee: Decimal, in_amount: int, out_amount: int
) -> tuple[str, ...]:
    paid = entry.kind is BillKind.PURCHASE
    return (
        entry.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        appid,
        mchid,
        "0",
        "",
        entry.transaction_id,
        entry.number,
        f"o{entry.transaction_id}",
        "MICROPAY",
        _STATES[entry.kind],
        "OTHERS",
        "CNY",
        _yuan(in_amount),
        "0.00",
        entry.refund_id or "0",
        entry.refund_number or "0",
        _yuan(out_amount),
        "0.00",
        "" if paid else "ORIGINAL",
        "" if paid else "SUCCESS",
        entry.description,
        "",
        f"{fee:.5f}",
        "0.60%",
        _yuan(in_amount),
        _yuan(out_amount),
        "",
    )


def written(lines: Iterable[str]) -> bytes:
    """Return a bill as it is hashed."""
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def zipped(bill: bytes) -> bytes:
    """Return a bill as it is sent."""
    return gzip.compress(bill, mtime=0)


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"
