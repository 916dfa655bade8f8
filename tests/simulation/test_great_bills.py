"""A bill of half a million rows, in each provider's own form, is read and matched in a few megabytes.

The bill is written to a file piece by piece and read from there, so nothing but the reading can be what memory goes to.
"""

import gzip
import hashlib
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.payments.alipay import simulator_bill as alipay_bills
from app.payments.alipay.bill import read_bill
from app.payments.alipay.simulator_trades import LedgerEntry as AlipayEntry
from app.payments.provider import BillKind, BillRow
from app.payments.wechat import simulator_bill as wechat_bills
from app.payments.wechat.bill import BillHash, checked_bill, rows_of
from app.payments.wechat.simulator_orders import LedgerEntry as WechatEntry

ROWS = 500_000
DAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
MCHID, SELLER = "1900000109", "2088000000000001"
PIECE = 10_000
NUMBER = "S" * 32
"""Stands for a payment's number in the row that is written over and over."""

AMOUNT = 1234
MOST_MORE_KB = 24_000
"""The rows alone are a hundred megabytes and more, and as objects several hundred."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what memory is in use is read from /proc")


def memory_kb() -> int:
    """Return what this process holds in memory now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def pieces(row: str) -> Iterator[bytes]:
    """Give the row with each payment's own number, many at a time."""
    for start in range(0, ROWS, PIECE):
        yield "".join(row.replace(NUMBER, f"{number:032d}") for number in range(start, start + PIECE)).encode("gbk")


def read_all(rows: Iterator[BillRow]) -> tuple[int, int]:
    """Return what all rows come to, and the most memory that was in use meanwhile beyond what was before, in kB."""
    before, most, total = memory_kb(), 0, 0
    for count, row in enumerate(rows):
        total += row.amount_minor
        if count % PIECE == 0:
            most = max(most, memory_kb() - before)
    return total, most


def test_half_a_million_rows_of_wechat_pay_are_read_in_a_few_megabytes(tmp_path: Path) -> None:
    entry = WechatEntry(
        BillKind.PURCHASE, NUMBER, AMOUNT, NOON, "4200000000000000000000000001", description="街角店, 苹果"
    )
    header, row, summary, _ = wechat_bills.bill_lines([entry], "wx1", MCHID)
    yuan = f"{ROWS * AMOUNT / 100:.2f}"
    hashed = hashlib.sha1(usedforsecurity=False)
    path = tmp_path / "bill.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        begin = f"{header}\r\n".encode()
        file.write(begin)
        hashed.update(begin)
        for piece in pieces(f"{row}\r\n"):
            written = piece.decode("gbk").encode()
            file.write(written)
            hashed.update(written)
        end = f"{summary}\r\n`{ROWS},`{yuan},`0.00,`0.00,`0.00000,`{yuan},`0.00\r\n".encode()
        file.write(end)
        hashed.update(end)
    with path.open("rb") as file, checked_bill(file, BillHash("SHA1", hashed.hexdigest())) as bill:
        total, more_kb = read_all(rows_of(bill, day=DAY, mchid=MCHID))
    assert total == ROWS * AMOUNT
    assert more_kb < MOST_MORE_KB


def test_half_a_million_rows_of_alipay_are_read_in_a_few_megabytes(tmp_path: Path) -> None:
    entry = AlipayEntry(BillKind.PURCHASE, NUMBER, AMOUNT, NOON, "2026030122001400000000000001", subject="街角店")
    detail, _ = alipay_bills.bill_files([entry], DAY, SELLER)
    before, row, after = detail.partition(next(line for line in detail.splitlines(keepends=True) if NUMBER in line))
    after = after.replace(
        "#交易合计：1笔，商家实收共12.34元", f"#交易合计：{ROWS}笔，商家实收共{ROWS * AMOUNT / 100:.2f}元"
    )
    path = tmp_path / "bill.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("2088_20260301.csv", "w") as file,
    ):
        file.write(before.encode("gbk"))
        for piece in pieces(row):
            file.write(piece)
        file.write(after.encode("gbk"))
    with path.open("rb") as file:
        total, more_kb = read_all(read_bill(file, DAY, SELLER))
    assert total == ROWS * AMOUNT
    assert more_kb < MOST_MORE_KB
