"""Reads single cells: texts, amounts, choices, dates; says what is wrong with one that cannot be read."""

import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from app.catalogue.importing.findings import CellFault, FindingKind, Severity
from app.values.money import MAXIMUM_MINOR, Currency, format_minor
from app.values.quantity import SellingUnit
from app.values.wording import wording

HIGHEST_PRICE_MINOR = MAXIMUM_MINOR // 1000
"""A price of ten digits before the point is a barcode in the wrong column."""

OLDEST_AGE_LIMIT = 99

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("[\t\r\n\x0b\x0c\x85\u2028\u2029]+")
_FORMULA = re.compile(r"[=@]|[+\-](?=.*[|(!])")
_YES = {"yes", "y", "true", "1", "是", "可", "允许", "√"}
_NO = {"no", "n", "false", "0", "否", "不可", "不允许", "×"}
_UNIT_NAMES = {
    SellingUnit.EACH: "each ea pc pcs piece pieces 个 件 只 支 瓶 袋 盒 包 罐 条 桶 箱 听 杯 块 双 套 卷"
    " 根 把 本 枚 片 提 板 张 份 粒 对 副 台 枝 筒 扎 排 组 碗 串 篮 束 盆 朵 棵",
    SellingUnit.KILOGRAM: "kg kilogram kilo 公斤 千克",
    SellingUnit.LITRE: "l litre liter 升 公升",
    SellingUnit.METRE: "m metre meter 米 公尺",
}
_UNITS = {name: unit for unit, names in _UNIT_NAMES.items() for name in names.split()}


def text_fault(text: str, longest: int) -> CellFault | None:
    """Return what is wrong with a text: a formula, control characters, too many characters; or None."""
    if _FORMULA.match(text):
        return CellFault(
            FindingKind.FORMULA, wording("A formula stands in place of a text. Replace it by what it should show.")
        )
    if not text.isprintable() and _CONTROL.search(text):
        if _CONTROL.search(_BREAKS.sub(" ", text)):
            return CellFault(
                FindingKind.CONTROL_CHARACTER, wording("The cell holds invisible control characters. Type it anew.")
            )
        return CellFault(
            FindingKind.LINE_BREAK,
            wording("The cell has a line break, which was taken for a space. Look for a missing quotation mark."),
            Severity.WARNING,
        )
    if len(text) > longest:
        return CellFault(
            FindingKind.TOO_LONG,
            wording("The text has {count} characters, {longest} are possible.", count=len(text), longest=longest),
        )
    return None


def on_one_line(text: str) -> str:
    """Return a text with its line breaks as spaces."""
    return _BREAKS.sub(" ", text)


def read_amount(text: str, currency: Currency) -> int | CellFault:
    """Return a price in minor units; never rounds."""
    cleaned = text.removeprefix(currency.symbol).removeprefix("￥").removeprefix("¥").removesuffix("元").strip()
    try:
        if not cleaned or len(cleaned) > 24 or any(letter in cleaned for letter in "eE_nN"):
            raise InvalidOperation
        scaled = Decimal(cleaned).scaleb(currency.exponent)
    except InvalidOperation:
        return CellFault(
            FindingKind.BAD_PRICE,
            wording("This is not an amount. Write it like {example}.", example=format_minor(1290, currency)),
        )
    if scaled < 0:
        return CellFault(FindingKind.NEGATIVE_PRICE, wording("A price cannot be less than zero."))
    if scaled != scaled.to_integral_value():
        return CellFault(
            FindingKind.TOO_MANY_DECIMALS,
            wording("The price has more than {count} decimals and is not rounded here.", count=currency.exponent),
        )
    if scaled > HIGHEST_PRICE_MINOR:
        return CellFault(FindingKind.BAD_PRICE, wording("The price is too high to be meant. Check the columns."))
    return int(scaled)


def read_choice(text: str, *, default: bool) -> bool | CellFault:
    """Return a yes or no; an empty cell is the default."""
    folded = text.casefold()
    if not folded:
        return default
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    return CellFault(FindingKind.BAD_CHOICE, wording("Write yes or no here."))


def read_unit(text: str) -> SellingUnit | CellFault:
    """Return the unit a product is sold by."""
    found = _UNITS.get(text.casefold())
    if found is None:
        return CellFault(
            FindingKind.BAD_UNIT,
            wording("This unit is not known. Write each, kg, l or m; for a price per 500 g give the price per kg."),
        )
    return found


def read_age(text: str) -> int | CellFault:
    """Return an age limit in years; an empty cell is none."""
    if not text:
        return 0
    if text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= OLDEST_AGE_LIMIT:
        return int(text)
    return CellFault(
        FindingKind.BAD_AGE,
        wording("An age limit is a number of years up to {oldest}, such as 18.", oldest=OLDEST_AGE_LIMIT),
    )


def read_tare(text: str) -> int | CellFault:
    """Return the weight of a packaging in grams; an empty cell is none."""
    if not text:
        return 0
    digits = text.removesuffix("g").removesuffix("克").rstrip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= 4:
        return int(digits)
    return CellFault(
        FindingKind.BAD_TARE, wording("A tare is a whole number of grams up to {heaviest}, such as 12.", heaviest=9999)
    )


def read_rate(text: str) -> int | CellFault:
    """Return a tax rate in hundredths of a percent."""
    try:
        points = Decimal(text.removesuffix("%").strip()).scaleb(2)
        if not points.is_finite() or points != points.to_integral_value() or not 0 <= points <= 100_00:
            raise InvalidOperation
    except InvalidOperation:
        return CellFault(
            FindingKind.BAD_RATE, wording("A tax rate is a percentage from 0 to 100 with at most two decimals.")
        )
    return int(points)


def read_day(text: str, zone: tzinfo) -> datetime | CellFault | None:
    """Return the instant at which a day begins in the store's zone; an empty cell leaves it open.

    A date with a time (ISO 8601) is that time in the store's zone, unless it names its own.
    """
    if not text:
        return None
    try:
        if len(text) <= 10:
            day = date.fromisoformat(text.replace("/", "-"))
            moment = datetime(day.year, day.month, day.day, tzinfo=zone)
        else:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return CellFault(FindingKind.BAD_DATE, wording("This is not a date. Write it like 2026-02-28."))
