"""Reads Alipay's bill of a day (账单, type `trade`): a zip with two CSV files in GBK, the rows and their summary.

The file of rows has lines of comment that begin with `#`: the account, the period, where the list begins and ends, and
after it how many payments and refunds there are and what they come to. Values may end in a tab, amounts are yuan,
refunds are negative. The archive comes from outside: its names are never used as paths, its sizes are limited.
"""

import csv
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import TextIOWrapper
from typing import IO, Any, Final
from urllib.parse import urlsplit, urlunsplit

from app.payments.alipay.amounts import fen_of
from app.payments.alipay.answers import ALIPAY_ZONE, word_of
from app.payments.alipay.settings import AlipaySettings
from app.payments.provider import BadBill, BillKind, BillNotReady, BillRow, ProviderAway
from app.values.wording import Wording, wording

LARGEST_ZIP_BYTES: Final = 256 << 20
"""Some four million rows, whose numbers hardly shrink."""

LARGEST_FILE_BYTES: Final = 1 << 30
_KEPT_IN_MEMORY_BYTES: Final = 1 << 20
_LARGEST_RATIO: Final = 200
"""Bills shrink to between a fifth and a thirtieth; a bomb shrinks to a thousandth."""

_MOST_FILES: Final = 4
_END_OF_ZIP: Final = struct.Struct("<4s4H2LH")
_END_MARK: Final = b"PK\x05\x06"
_LARGE_ZIP_MARK: Final = b"PK\x06\x07"
_LARGE_ZIP_BYTES: Final = 20
_LONGEST_COMMENT: Final = 1 << 16
_LARGEST_LISTING_BYTES: Final = 1 << 14
"""Of the list of an archive's files, which is read whole before any limit can be held against it."""

_LONGEST_LINE: Final = 16_384
_ENCRYPTED: Final = 0x1
_SUMMARY: Final = "汇总"

NUMBER: Final = "商户订单号"
TRADE: Final = "支付宝交易号"
KIND: Final = "业务类型"
NAME: Final = "商品名称"
DONE: Final = "完成时间"
AMOUNT: Final = "订单金额（元）"
RECEIVED: Final = "商家实收（元）"
REQUEST: Final = "退款批次号/请求号"
FEE: Final = "服务费（元）"
PAYMENTS: Final = "交易订单总笔数"
REFUNDS: Final = "退款订单总笔数"
_NEEDED: Final = (TRADE, NUMBER, KIND, NAME, DONE, AMOUNT, RECEIVED, REQUEST, FEE)

_ACCOUNT: Final = re.compile(r"#账号[:：]\[([0-9]+)\]")
_PERIOD: Final = re.compile(r"#起始日期[:：]\[(\d+)年(\d+)月(\d+)日 00:00:00\]\s*终止日期[:：]\[(\d+)年(\d+)月(\d+)日")
_TOTALS: Final = re.compile(r"#(交易|退款)合计[:：]([0-9]+)笔[,，]商家实收(?:退款)?共(-?[0-9]+\.[0-9]{2})元")
_LIST_ENDS: Final = "业务明细列表结束"

_NOT_MADE: Final = frozenset({"INVAILID_ARGUMENTS", "isv.invalid_arguments"})
"""Alipay calls the date an invalid argument as long as its bill is not there."""

_NO_BILL: Final = frozenset({"BILL_NOT_EXIST", "isp.bill_not_exist", "NO_BILL_DATA"})
"""Not made yet on the day after; later: there was nothing to write into it."""


def download_url(node: Mapping[str, Any], day: date, settings: AlipaySettings, *, days_ago: int) -> str | None:
    """Return where a bill is, good for 30 seconds; None where Alipay says that nothing happened on that day.

    Raises:
        BillNotReady: BadBill: ProviderAway: see there.
    """
    word = word_of(node)
    if word in _NO_BILL and days_ago > 1:
        return None
    if word in _NO_BILL | _NOT_MADE:
        raise BillNotReady(
            wording("Alipay has no bill of {day} yet. Ask again later in the morning.", day=day.isoformat())
        )
    if node.get("code") != "10000":
        raise ProviderAway(wording("Alipay's bill could not be fetched ({code}). Try again later.", code=word))
    try:
        parts = urlsplit(str(node.get("bill_download_url", "")))
    except ValueError:
        parts = urlsplit("")
    gateway = urlsplit(settings.base_url)
    if parts.scheme in {"http", "https"} and parts.hostname in settings.bill_hosts and not parts.username:
        # Alipay still writes http here; a bill does not travel open.
        return urlunsplit(parts._replace(scheme="https", netloc=parts.hostname))
    if (parts.scheme, parts.netloc) == (gateway.scheme, gateway.netloc):
        return urlunsplit(parts)
    raise BadBill(
        wording(
            "Alipay's bill is said to be at {host}, which is none of its hosts. It was not fetched. Tell the manager.",
            host=(parts.hostname or "?")[:80],
        )
    )


@contextmanager
def spool() -> Iterator[IO[bytes]]:
    """Return a file for the archive, which is gone when it is closed."""
    with tempfile.SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY_BYTES) as file:
        yield file


@dataclass(slots=True)
class _Sums:
    """What the rows so far come to."""

    payments: int = 0
    refunds: int = 0
    received_minor: int = 0
    returned_minor: int = 0


def read_bill(file: IO[bytes], day: date, seller_id: str = "") -> Iterator[BillRow]:
    """Return the rows of a bill, one by one, and check after the last that they are what Alipay counted.

    Args:
        file: the archive, written to its end.
        day: the day it must be of, in China.
        seller_id: the account it must be of; any where empty.

    Raises:
        BadBill: see there.
    """
    file.seek(0)
    try:
        _check_listing(file)
        with zipfile.ZipFile(file, metadata_encoding="gbk") as archive:
            rows, summary = _members(archive)
            counted = _read_summary(_lines(archive, summary)) if summary is not None else None
            yield from _read_rows(_lines(archive, rows), day, seller_id, counted)
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError, RuntimeError) as error:
        # NotImplementedError is an unknown compression, RuntimeError an encrypted file.
        raise _bad(wording("its archive is damaged")) from error


def _check_listing(file: IO[bytes]) -> None:
    """Refuse an archive whose list of files is longer than that of a bill, before all of it is read into memory."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - _LONGEST_COMMENT - _END_OF_ZIP.size))
    tail = file.read()
    file.seek(0)
    found = tail.rfind(_END_MARK)
    if found < 0 or len(tail) - found < _END_OF_ZIP.size:
        raise _bad(wording("its archive is damaged"))
    _, _, _, _, entries, listing_bytes, _, _ = _END_OF_ZIP.unpack_from(tail, found)
    is_large = tail[max(0, found - _LARGE_ZIP_BYTES) : found].startswith(_LARGE_ZIP_MARK)
    if is_large or entries > _MOST_FILES or listing_bytes > _LARGEST_LISTING_BYTES:
        raise _bad(wording("its archive holds other files than a bill does"))


def _members(archive: zipfile.ZipFile) -> tuple[zipfile.ZipInfo, zipfile.ZipInfo | None]:
    """Choose the two files by their names, which are used for nothing else."""
    members = archive.infolist()
    if not 1 <= len(members) <= _MOST_FILES:
        raise _bad(wording("its archive holds other files than a bill does"))
    total = 0
    for member in members:
        name = member.filename
        if "/" in name or "\\" in name or ":" in name or ".." in name or not name.lower().endswith(".csv"):
            raise _bad(wording("its archive holds other files than a bill does"))
        total += member.file_size
        too_much = member.file_size > max(member.compress_size, 1) * _LARGEST_RATIO and member.file_size > 1 << 20
        if too_much or total > LARGEST_FILE_BYTES or member.flag_bits & _ENCRYPTED:
            raise _bad(wording("its archive would unpack to more than a bill can be"))
    rows = [member for member in members if _SUMMARY not in member.filename]
    summaries = [member for member in members if _SUMMARY in member.filename]
    if len(rows) != 1 or len(summaries) > 1:
        raise _bad(wording("its archive holds other files than a bill does"))
    return rows[0], summaries[0] if summaries else None


def _lines(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[str]:
    """Return a member's lines without their ends; what is no GBK becomes a mark that no amount contains."""
    with archive.open(member) as raw, TextIOWrapper(raw, "gbk", errors="replace", newline=None) as text:
        while line := text.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE:
                raise _bad(wording("a line of it has no end"))
            yield line.rstrip("\r\n")


def _read_rows(lines: Iterator[str], day: date, seller_id: str, counted: tuple[int, int] | None) -> Iterator[BillRow]:
    columns: dict[str, int] = {}
    sums = _Sums()
    said: dict[str, tuple[int, int]] = {}
    dated = ended = False
    ours = not seller_id
    for line in lines:
        if line.startswith("#"):
            dated = _check_period(line, day) or dated
            ours = _check_account(line, seller_id) or ours
            ended = ended or _LIST_ENDS in line
            totals = _TOTALS.match(line)
            if totals is not None:
                said[totals[1]] = (int(totals[2]), fen_of(totals[3]) or 0)
        elif not line.strip():
            continue
        elif not columns:
            columns = _columns(line, dated=dated)
            if not ours:
                raise _bad(wording("it does not say of which account it is"))
        elif ended:
            raise _bad(wording("it goes on after its end"))
        else:
            yield _row(_cells(line, columns), columns, day, sums)
    if not ended or not columns:
        raise _bad(wording("its end is missing"))
    _check_sums(sums, said, counted)


def _check_period(line: str, day: date) -> bool:
    found = _PERIOD.match(line)
    if found is None:
        return False
    first, last = "-".join(found.group(1, 2, 3)), "-".join(found.group(4, 5, 6))
    following = day + timedelta(days=1)
    if first != day.strftime("%Y-%m-%d") or last not in {day.isoformat(), following.isoformat()}:
        raise _bad(wording("it is of {first} and not of {day}", first=first, day=day.isoformat()))
    return True


def _check_account(line: str, seller_id: str) -> bool:
    found = _ACCOUNT.match(line)
    # The account is followed by digits that tell kinds of account apart, such as 0156.
    if found is not None and seller_id and not found[1].startswith(seller_id):
        raise _bad(wording("it is of another account"))
    return found is not None


def _columns(line: str, *, dated: bool) -> dict[str, int]:
    columns = {name.strip(): place for place, name in enumerate(line.split(","))}
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise _bad(wording("it has no column {column}", column=missing[0]))
    if not dated:
        raise _bad(wording("it does not say of which day it is"))
    return columns


def _cells(line: str, columns: Mapping[str, int]) -> list[str]:
    """Split a row; commas too many belong to the name of the goods, which Alipay does not quote."""
    cells = line.split(",")
    extra = len(cells) - len(columns)
    if extra > 0 and '"' in line:
        # Should it quote a name after all, its quotes hold together exactly the cells that are too many.
        quoted = next(csv.reader([line], strict=False))
        if len(quoted) == len(columns):
            return quoted
    if extra < 0:
        raise _bad(wording("a row of it is cut off"))
    place = columns[NAME]
    return [*cells[:place], ",".join(cells[place : place + extra + 1]), *cells[place + extra + 1 :]] if extra else cells


@lru_cache(maxsize=4096)
def _fen(text: str) -> int | None:
    """Read an amount; the same few come again and again."""
    return fen_of(text)


def _row(cells: list[str], columns: Mapping[str, int], day: date, sums: _Sums) -> BillRow:
    kind, number, request = (cells[columns[name]].strip() for name in (KIND, NUMBER, REQUEST))
    amount = _fen(cells[columns[AMOUNT]].strip())
    received = _fen(cells[columns[RECEIVED]].strip())
    fee = _fen(cells[columns[FEE]].strip() or "0")
    if amount is None or received is None or fee is None or not number:
        raise _bad(wording("a row of it has no right amount or number"))
    if kind == "交易" and amount >= 0:
        sums.payments += 1
        sums.received_minor += received
        what = BillKind.PURCHASE
    elif kind in {"退款", "撤销"} and amount <= 0:
        sums.refunds += 1
        sums.returned_minor += received
        # Money that a cancel gave back has no request of ours.
        what = BillKind.REFUND if request and request != number else BillKind.REVERSAL
    else:
        raise _bad(wording("a row of it is neither payment nor refund"))
    at = _instant(cells[columns[DONE]].strip())
    billed_on = at.date()
    # Money given back may bear the time of its payment, on an earlier day.
    if billed_on != day and (what is BillKind.PURCHASE or billed_on > day):
        raise _bad(wording("a row of it is of another day"))
    return BillRow(
        what,
        number,
        abs(amount),
        at,
        refund_number=request if what is BillKind.REFUND else "",
        provider_reference=cells[columns[TRADE]].strip(),
        fee_minor=-fee,
    )


_TIME_LENGTH: Final = len("2026-03-01 12:00:00")


def _instant(text: str) -> datetime:
    # Of all that the library reads, no other form has this length and these places.
    if len(text) != _TIME_LENGTH or text[4] + text[7] + text[10] + text[13] + text[16] != "-- ::":
        raise _bad(wording("a row of it has no right time"))
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ALIPAY_ZONE)
    except ValueError:
        raise _bad(wording("a row of it has no right time")) from None


def _read_summary(lines: Iterator[str]) -> tuple[int, int]:
    """Return how many payments and refunds the summary counts, from its line 合计 (sum)."""
    columns: dict[str, int] = {}
    for line in lines:
        cells = [cell.strip() for cell in line.split(",")]
        if line.startswith("#") or not line.strip():
            continue
        if not columns:
            columns = {name: place for place, name in enumerate(cells)}
            if PAYMENTS not in columns or REFUNDS not in columns:
                raise _bad(wording("its summary has other columns"))
        elif cells[0] == "合计":
            try:
                return int(cells[columns[PAYMENTS]]), int(cells[columns[REFUNDS]])
            except (ValueError, IndexError):
                raise _bad(wording("its summary has no right counts")) from None
    raise _bad(wording("its summary is cut off"))


def _check_sums(sums: _Sums, said: Mapping[str, tuple[int, int]], counted: tuple[int, int] | None) -> None:
    counts = (sums.payments, sums.refunds)
    payments, refunds = said.get("交易"), said.get("退款")
    if payments is None or refunds is None:
        raise _bad(wording("its totals are missing"))
    if (payments, refunds) != ((sums.payments, sums.received_minor), (sums.refunds, sums.returned_minor)):
        raise _bad(wording("its totals do not fit its rows"))
    if counted is not None and counted != counts:
        raise _bad(wording("its summary does not fit its rows"))


def _bad(reason: Wording) -> BadBill:
    return BadBill(
        wording(
            "Alipay's bill cannot be used: {reason}. Fetch it again, and tell the manager if it stays so.",
            reason=reason,
        )
    )
