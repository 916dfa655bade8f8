"""Makes the day's bill of a simulated Alipay from its ledger, in Alipay's own form: a zip of two CSV files in GBK."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from app.payments.alipay.amounts import yuan_of
from app.payments.alipay.answers import ALIPAY_ZONE
from app.payments.alipay.simulator_trades import LedgerEntry
from app.payments.provider import BillKind

_COLUMNS: Final = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_SUMMARY_COLUMNS: Final = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,"
    "卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
)
_ROWS_BEGIN: Final = "#-----------------------------------------业务明细列表----------------------------------------"
_ROWS_END: Final = "#-----------------------------------------业务明细列表结束------------------------------------"
_SUMMARY_BEGIN: Final = "#-----------------------------------------业务汇总列表----------------------------------------"
_SUMMARY_END: Final = "#----------------------------------------业务汇总列表结束-------------------------------------"


def entries_of(ledger: Iterable[LedgerEntry], day: date) -> list[LedgerEntry]:
    """Return what moved on a day in China."""
    return [entry for entry in ledger if entry.at.astimezone(ALIPAY_ZONE).date() == day]


def bill_files(entries: Sequence[LedgerEntry], day: date, seller_id: str) -> tuple[str, str]:
    """Return the two files' texts: the rows, and the summary."""
    rows = [_row(entry) for entry in entries]
    bought = [entry.amount_minor for entry in entries if entry.kind is BillKind.PURCHASE]
    returned = [-entry.amount_minor for entry in entries if entry.kind is not BillKind.PURCHASE]
    fees = -sum(entry.fee_minor for entry in entries)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ALIPAY_ZONE)
    following = midnight + timedelta(days=1)
    period = f"#起始日期：[{midnight:%Y年%m月%d日} 00:00:00]   终止日期：[{following:%Y年%m月%d日} 00:00:00]"
    made = f"#导出时间：[{following:%Y年%m月%d日} 05:46:49]"
    detail = [
        "#支付宝业务明细查询",
        f"#账号：[{seller_id}0156]",
        period,
        _ROWS_BEGIN,
        _COLUMNS,
        *rows,
        _ROWS_END,
        f"#交易合计：{len(bought)}笔，商家实收共{yuan_of(sum(bought))}元，商家优惠共0.00元",
        f"#退款合计：{len(returned)}笔，商家实收退款共{yuan_of(sum(returned))}元，商家优惠退款共0.00元",
        made,
    ]
    gross = sum(bought) + sum(returned)
    sums = f"{len(bought)},{len(returned)},{yuan_of(gross)},{yuan_of(gross)},0.00,0.00,0.00"
    sums += f",{yuan_of(fees)},0.00,{yuan_of(gross + fees)}"
    summary = [
        "#支付宝业务汇总查询",
        f"#账号：[{seller_id}0156]",
        period,
        _SUMMARY_BEGIN,
        _SUMMARY_COLUMNS,
        f"\t,\t,{sums}",
        f"合计\t,\t,{sums}",
        _SUMMARY_END,
        made,
    ]
    return "\r\n".join(detail) + "\r\n", "\r\n".join(summary) + "\r\n"


def make_bill(ledger: Iterable[LedgerEntry], day: date, seller_id: str) -> bytes:
    """Return a day's bill as the zip that Alipay sends; its names are in GBK and not marked as anything."""
    detail, summary = bill_files(entries_of(ledger, day), day, seller_id)
    stem = f"{seller_id}0156_{day:%Y%m%d}_业务明细"
    return zipped({f"{stem}.csv": detail.encode("gbk", "replace"), f"{stem}(汇总).csv": summary.encode("gbk")})


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip whose names are in GBK, without the mark for UTF-8."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(_GbkInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


class _GbkInfo(zipfile.ZipInfo):
    """A member whose name is written in GBK."""

    __slots__ = ()

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own name
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def _row(entry: LedgerEntry) -> str:
    purchase = entry.kind is BillKind.PURCHASE
    at = entry.at.astimezone(ALIPAY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    amount = yuan_of(entry.amount_minor if purchase else -entry.amount_minor)
    cells = (
        f"{entry.trade_number}\t",
        f"{entry.number}\t",
        "交易\t" if purchase else "退款\t",
        entry.subject,
        at,
        at,
        f"{entry.store_id}\t",
        "\t",
        "\t",
        f"{entry.terminal_id}\t",
        "*水(159****5620)\t",
        amount,
        amount,
        "0.00",
        "0.00",
        "0.00",
        "0.00",
        "0.00",
        "",
        "0.00\t",
        "0.00",
        f"{entry.refund_number}\t",
        yuan_of(-entry.fee_minor),
        "0.00",
        "",
    )
    return ",".join(cells)
