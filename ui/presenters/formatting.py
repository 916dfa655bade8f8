"""Writes amounts, quantities and times as a person at the till reads them."""

from datetime import datetime, tzinfo
from typing import Final

from app.values.money import Currency
from app.values.quantity import SellingUnit, format_thousandths
from app.values.wording import Wording, wording

MINUS: Final = "\u2212"
"""The true minus sign: as wide as a figure, never taken for a hyphen."""

TIMES: Final = "\u00d7"
_GROUP: Final = ","
_THIN_SPACE: Final = "\u2009"
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400

UNIT_SIGNS: Final = {
    SellingUnit.EACH: "",
    SellingUnit.KILOGRAM: "kg",
    SellingUnit.LITRE: "L",
    SellingUnit.METRE: "m",
}


def write_digits(minor: int, currency: Currency) -> str:
    """Write an amount with grouped digits and its decimals, without a symbol.

    >>> from app.values.money import CNY
    >>> write_digits(123456789, CNY), write_digits(-645, CNY)
    ('1,234,567.89', '−6.45')
    """
    major, rest = divmod(abs(minor), currency.minor_per_major)
    decimals = f".{rest:0{currency.exponent}d}" if currency.exponent else ""
    return f"{MINUS if minor < 0 else ''}{major:{_GROUP}}{decimals}"


def write_money(minor: int, currency: Currency) -> str:
    """Write an amount with its symbol, the sign in front of both.

    >>> from app.values.money import CNY
    >>> print(write_money(12860, CNY))
    ¥ 128.60
    """
    sign = MINUS if minor < 0 else ""
    return f"{sign}{currency.symbol}{_THIN_SPACE}{write_digits(abs(minor), currency)}"


def write_note(minor: int, currency: Currency) -> str:
    """Write an amount for a key: whole notes without decimals.

    >>> from app.values.money import CNY
    >>> print(write_note(10000, CNY), write_note(12860, CNY))
    ¥ 100 ¥ 128.60
    """
    if minor % currency.minor_per_major:
        return write_money(minor, currency)
    return f"{currency.symbol}{_THIN_SPACE}{minor // currency.minor_per_major:{_GROUP}}"


def write_count(count: int) -> str:
    """Write a number of things, such as points, with grouped digits.

    >>> write_count(1204), write_count(-30)
    ('1,204', '−30')
    """
    return f"{MINUS if count < 0 else ''}{abs(count):{_GROUP}}"


def write_quantity(quantity_thousandths: int, unit: SellingUnit) -> str:
    """Write a quantity with its unit.

    >>> write_quantity(2000, SellingUnit.EACH), write_quantity(1245, SellingUnit.KILOGRAM)
    ('2', '1.245 kg')
    """
    sign = UNIT_SIGNS[unit]
    digits = format_thousandths(quantity_thousandths, unit)
    return f"{digits} {sign}" if sign else digits


def write_unit_price(minor: int, unit: SellingUnit, currency: Currency) -> str:
    """Write a price per unit.

    >>> from app.values.money import CNY
    >>> print(write_unit_price(990, SellingUnit.KILOGRAM, CNY))
    ¥ 9.90 /kg
    """
    sign = UNIT_SIGNS[unit]
    return f"{write_money(minor, currency)} /{sign}" if sign else write_money(minor, currency)


def write_line_price(quantity_thousandths: int, unit: SellingUnit, price_minor: int, currency: Currency) -> str:
    """Write how a line's amount came about.

    >>> from app.values.money import CNY
    >>> write_line_price(1245, SellingUnit.KILOGRAM, 990, CNY)
    '1.245 kg × 9.90 /kg'
    """
    sign = UNIT_SIGNS[unit]
    price = write_digits(price_minor, currency)
    return f"{write_quantity(quantity_thousandths, unit)} {TIMES} {price}{f' /{sign}' if sign else ''}"


def write_clock(instant: datetime, zone: tzinfo) -> str:
    """Write the time of day in the store's zone: `12:41`."""
    return f"{instant.astimezone(zone):%H:%M}"


def write_moment(instant: datetime, zone: tzinfo, now: datetime) -> str:
    """Write when something was: the time where it was today, else date and time."""
    local, today = instant.astimezone(zone), now.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%m-%d %H:%M}"


def write_age(since: datetime, now: datetime) -> Wording:
    """Say how old something is, in the largest unit that fits.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> str(write_age(noon.replace(hour=9), noon)), str(write_age(noon, noon))
    ('3 h', 'now')
    """
    seconds = int((now - since).total_seconds())
    if seconds < 60:
        return wording("now")
    if seconds < _HOUR_S:
        return wording("{count} min", count=seconds // 60)
    if seconds < 2 * _DAY_S:
        return wording("{count} h", count=seconds // _HOUR_S)
    return wording("{count} days", count=seconds // _DAY_S)
