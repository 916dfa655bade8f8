"""Reads a day's bill of WeChat Pay from a file, row by row, and believes it only where hash and summary fit.

A bill is CSV in UTF-8, in yuan, in Beijing time: a header, a row for each payment, refund and reversal with a backtick
before every value, then a summary's header and one row. Values hold commas (a product's name may), so rows are split at
comma and backtick. Its SHA-1 is that of the unzipped file.
"""

import gzip
import hashlib
import hmac
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import BinaryIO, Final

from app.payments.provider import BadBill, BillKind, BillRow
from app.values.rounding import divide_half_up
from app.values.wording import wording

BEIJING: Final = timezone(timedelta(hours=8))

_CHUNK: Final = 1 << 20
_MAX_LINE: Final = 20_000
_MAX_UNZIPPED: Final = 20_000_000_000
"""Some fifty million rows; more than that is a bomb."""

_YUAN: Final = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,5}))?")
_PER_FEN: Final = 1000
"""Amounts are read exactly, in thousandths of a fen: a fee is told as finely as that."""

_BACKTICK: Final = "`"
_CURRENCY: Final = "CNY"

_TIME, _MCHID, _STATE, _STATUS = "交易时间", "商户号", "交易状态", "退款状态"
_TRANSACTION, _NUMBER, _REFUND_ID, _REFUND_NUMBER = "微信订单号", "商户订单号", "微信退款单号", "商户退款单号"
_ORDERED, _WANTED_BACK, _SETTLED, _BACK, _FEE = "订单金额", "申请退款金额", "应结订单金额", "退款金额", "手续费"
_MONEY: Final = "货币种类"
_NEEDED: Final = (
    _TIME, _MCHID, _STATE, _STATUS, _TRANSACTION, _NUMBER, _REFUND_ID, _REFUND_NUMBER, _ORDERED, _WANTED_BACK,
    _SETTLED, _BACK, _FEE,
)  # fmt: skip

_COUNT: Final = "总交易单数"
_SUMS: Final[Mapping[str, str]] = {
    "应结订单总金额": _SETTLED,
    "退款总金额": _BACK,
    "订单总金额": _ORDERED,
    "申请退款总金额": _WANTED_BACK,
}
"""Each sum of the summary, and the column that it sums. Fees are left out: they are told to a thousandth of a fen."""

_KINDS: Final = {"SUCCESS": BillKind.PURCHASE, "REFUND": BillKind.REFUND, "REVOKED": BillKind.REVERSAL}


@dataclass(frozen=True, slots=True)
class BillHash:
    """What a bill must hash to."""

    kind: str
    value: str


@contextmanager
def checked_bill(file: BinaryIO, expected: BillHash) -> Iterator[BinaryIO]:
    """Open a zipped bill for reading once its hash is seen to be right.

    Raises:
        BadBill: if it is damaged or not what WeChat Pay said it would be.
    """
    if expected.kind.upper() != "SHA1":
        raise BadBill(wording("WeChat Pay's bill has a hash of a kind that is not known. Update the program."))
    hashed = hashlib.sha1(usedforsecurity=False)
    read = 0
    file.seek(0)
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as unzipped:
            while chunk := unzipped.read(_CHUNK):
                hashed.update(chunk)
                read += len(chunk)
                if read > _MAX_UNZIPPED:
                    raise _bad()
    except (OSError, EOFError, zlib.error) as error:
        raise _bad() from error
    if not hmac.compare_digest(hashed.hexdigest(), expected.value.strip().lower()):
        raise BadBill(wording("WeChat Pay's bill is not the one that was announced. Fetch it again."))
    file.seek(0)
    with gzip.GzipFile(fileobj=file, mode="rb") as unzipped:
        yield unzipped  # type: ignore[misc] # typeshed has GzipFile read a buffer, not bytes


def rows_of(bill: BinaryIO, *, day: date, mchid: str) -> Iterator[BillRow]:
    """Return the rows of an unzipped bill; its summary is checked after the last one.

    A refund that failed is counted for the summary and not returned: no money went. A refund or reversal may bear the
    time of the payment that it gives back, on an earlier day; a payment is of the bill's day or the bill is another's.

    Raises:
        BadBill: at the row where it is seen.
    """
    lines = _lines(bill)
    names = _header(next(lines, ""))
    places = {name: place for place, name in enumerate(names)}
    if any(names.count(name) != 1 for name in _NEEDED):
        raise _bad()
    needed = [(name, places[name]) for name in (*_NEEDED, *([_MONEY] if _MONEY in places else []))]
    sums = dict.fromkeys(_SUMS.values(), 0)
    for count, line in enumerate(lines):
        if not line.startswith(_BACKTICK):
            _check_summary(line, lines, count, sums)
            return
        values = _values(line)
        if len(values) != len(names):
            raise _bad()
        told = {name: values[place].strip() for name, place in needed}
        for name in sums:
            sums[name] += _yuan(told[name])
        row = _row(told, day, mchid)
        if row is not None:
            yield row
    raise BadBill(wording("WeChat Pay's bill ends without its summary. Fetch it again."))


def _lines(bill: BinaryIO) -> Iterator[str]:
    """Return the lines that say something, one at a time."""
    first = True
    while raw := bill.readline(_MAX_LINE + 1):
        if len(raw) > _MAX_LINE:
            raise _bad()
        try:
            line = raw.decode("utf-8-sig" if first else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise _bad() from error
        first = False
        if line:
            yield line


def _header(line: str) -> list[str]:
    return [name.strip().strip(_BACKTICK) for name in line.split(",")]


def _values(line: str) -> list[str]:
    return line.removeprefix(_BACKTICK).split(",`")


def _row(told: Mapping[str, str], day: date, mchid: str) -> BillRow | None:
    kind = _KINDS.get(told[_STATE])
    if kind is None or not told[_NUMBER]:
        raise _bad()
    if told[_MCHID] != mchid:
        raise BadBill(wording("WeChat Pay's bill is of another merchant. Fetch it again with this shop's settings."))
    if told.get(_MONEY, _CURRENCY) != _CURRENCY:
        raise BadBill(wording("WeChat Pay's bill is in another currency than yuan. Reconcile it by hand."))
    purchase = kind is BillKind.PURCHASE
    at = _instant(told[_TIME])
    billed_on = at.date()
    if billed_on != day and (purchase or billed_on > day):
        raise BadBill(wording("WeChat Pay's bill is of another day. Fetch it again."))
    amount = _fen(told[_ORDERED] if purchase else told[_WANTED_BACK])
    if kind is BillKind.REVERSAL and amount == 0:
        amount = _fen(told[_ORDERED])
    if kind is BillKind.REFUND and told[_STATUS] in {"FAIL", "CLOSED"}:
        return None
    return BillRow(
        kind,
        told[_NUMBER],
        amount,
        at,
        refund_number="" if purchase else _reference(told[_REFUND_NUMBER]),
        provider_reference=told[_TRANSACTION] if purchase else _reference(told[_REFUND_ID]) or told[_TRANSACTION],
        fee_minor=_rounded_fen(told[_FEE]),
    )


def _reference(text: str) -> str:
    return "" if text == "0" else text


def _instant(text: str) -> datetime:
    # Exactly `2026-03-01 12:00:00`: of all that the library reads, no other form has this length and these places.
    if len(text) != _TIME_LENGTH or text[4] + text[7] + text[10] + text[13] + text[16] != "-- ::":
        raise _bad()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError as error:
        raise _bad() from error


_TIME_LENGTH: Final = len("2026-03-01 12:00:00")


@lru_cache(maxsize=4096)
def _yuan(text: str) -> int:
    """Return an amount of yuan in thousandths of a fen; the same few amounts come again and again."""
    found = _YUAN.fullmatch(text)
    if found is None:
        raise _bad()
    sign, whole, rest = found.groups()
    units = int(whole) * 100 * _PER_FEN + int((rest or "").ljust(5, "0"))
    return -units if sign else units


def _fen(text: str) -> int:
    """Return an amount of whole fen, positive."""
    fen, rest = divmod(_yuan(text), _PER_FEN)
    if rest or fen < 0:
        raise _bad()
    return fen


def _rounded_fen(text: str) -> int:
    """Return a fee, told to a thousandth of a fen, in whole fen, half a fen up (commercial rounding)."""
    return divide_half_up(_yuan(text), _PER_FEN)


def _check_summary(line: str, lines: Iterator[str], count: int, sums: Mapping[str, int]) -> None:
    names, values = _header(line), [value.strip() for value in _values(next(lines, ""))]
    told = dict(zip(names, values, strict=False))
    if len(names) != len(values) or next(lines, None) is not None:
        raise _bad()
    counted = told.get(_COUNT, "")
    if not (counted.isascii() and counted.isdecimal() and len(counted) <= 12) or any(
        name not in told for name in _SUMS
    ):
        raise _bad()
    if int(counted) != count or any(_yuan(told[name]) != sums[column] for name, column in _SUMS.items()):
        raise BadBill(wording("The summary of WeChat Pay's bill does not fit its rows. Fetch it again."))


def _bad() -> BadBill:
    return BadBill(wording("WeChat Pay's bill is damaged. Fetch it again; call WeChat Pay if it stays so."))
