"""What GS1 element strings say: dates, measures, prices and keys as the values that a till works with.

Dates and amounts are read here and not by biip: biip takes the century from the machine's own clock, and reads
a price whose decimals exceed its digits wrongly. Sections are those of the GS1 General Specifications.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.catalogue.codes.element_strings import Element, Syntax
from app.catalogue.codes.meaning import CouponCode, Gs1Code, MemberCode, OperatorCard
from app.catalogue.codes.misread import UNREADABLE_LABEL, Misread
from app.values.money import MAXIMUM_MINOR, Currency, currency_of
from app.values.rounding import divide_half_up
from app.values.wording import wording

# Thousandths of the metric unit in one unit of the measure, as a fraction (3.6.2). Avoirdupois and troy units, inch
# and US liquid gallon are exact by definition. The first of a group that is on the label counts.
_WEIGHTS: Final = {
    "310": (1_000, 1),
    "320": (45_359_237, 100_000),
    "357": (45_359_237, 1_600_000),
    "356": (311_034_768, 10_000_000),
}
_LENGTHS: Final = {"311": (1_000, 1), "321": (254, 10), "322": (3_048, 10), "323": (9_144, 10)}
_AREAS: Final = {"314": (1_000, 1)}
_VOLUMES: Final = {
    "315": (1_000, 1),
    "316": (1_000_000, 1),
    "360": (946_352_946, 1_000_000),
    "361": (3_785_411_784, 1_000_000),
}

# ISO 4217 numbers as AI 391n and 393n carry them, of the currencies that a till can hold.
_CURRENCY_NUMBERS: Final = {
    "156": "CNY",
    "344": "HKD",
    "446": "MOP",
    "901": "TWD",
    "392": "JPY",
    "702": "SGD",
    "458": "MYR",
    "764": "THB",
    "986": "BRL",
    "356": "INR",
    "978": "EUR",
    "826": "GBP",
    "840": "USD",
}


@dataclass(frozen=True, slots=True)
class LabelContext:
    """What is needed to understand a label and does not stand on it."""

    currency: Currency
    """What amounts without a currency are in."""

    today: date | None
    """The business date, which the century of two-digit years is counted from; None: years are 2000 to 2099."""

    symbology: str | None
    syntax: Syntax
    raw: str


def meaning_of(
    elements: tuple[Element, ...], context: LabelContext
) -> Gs1Code | MemberCode | OperatorCard | CouponCode:
    """Return what element strings mean at a till.

    A GSRN is a person: of a member (AI 8018, service recipient) or of someone who works here (AI 8017, service
    provider). A GCN (AI 255) or a North American coupon (AI 8110, 8112) is a coupon. All else is goods.

    Raises:
        Misread: if a date does not exist or an amount cannot be charged.
    """
    values = dict(elements)
    if "8018" in values:
        return MemberCode(values["8018"], "gsrn")
    if "8017" in values:
        return OperatorCard(values["8017"], "gsrn")
    if "255" in values:
        return _coupon(values, context)
    for identifier in ("8110", "8112"):
        if identifier in values:
            return CouponCode(values[identifier], "north-american")
    price = _amount(values, "392", "393", context)
    return Gs1Code(
        gtin14=values.get("01"),
        batch=values.get("10"),
        serial=values.get("21"),
        expiry=_expiry(values, context.today),
        best_before=_date(values, "15", context.today),
        sell_by=_date(values, "16", context.today),
        production=_date(values, "11", context.today),
        packaged=_date(values, "13", context.today),
        net_weight_thousandths=_measure(values, _WEIGHTS),
        length_thousandths=_measure(values, _LENGTHS),
        area_thousandths=_measure(values, _AREAS),
        volume_thousandths=_measure(values, _VOLUMES),
        price_minor=price[0] if price else None,
        currency=price[1] if price else None,
        count=_number(values, "30"),
        contained_gtin14=values.get("02"),
        contained_count=_number(values, "37"),
        sscc=values.get("00"),
        elements=elements,
        syntax=context.syntax,
        symbology=context.symbology,
        raw=context.raw,
    )


def read_date(digits: str, today: date | None) -> date:
    """Read YYMMDD (7.12).

    A year up to 50 ahead of the business date's year or 49 behind it is meant. Day 00 is the last of its month.

    >>> read_date("240200", date(2025, 7, 1))
    datetime.date(2024, 2, 29)

    Raises:
        Misread: if there is no such day.
    """
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    if today is None:
        year += 2000
    else:
        ahead = year - today.year % 100
        year += today.year - today.year % 100
        if ahead >= 51:
            year -= 100
        elif ahead <= -50:
            year += 100
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError as error:
        raise Misread(
            wording(
                "The date {digits} on this label does not exist. Read the printed date and key in the number.",
                digits=digits,
            )
        ) from error


def _date(values: Mapping[str, str], identifier: str, today: date | None) -> date | None:
    digits = values.get(identifier)
    return None if digits is None else read_date(digits, today)


def _expiry(values: Mapping[str, str], today: date | None) -> date | None:
    """Return the earlier of the expiration date (AI 17) and the day of the expiration time (AI 7003)."""
    days = [day for day in (_date(values, "17", today), _date(values, "7003", today)) if day is not None]
    return min(days, default=None)


def _number(values: Mapping[str, str], identifier: str) -> int | None:
    digits = values.get(identifier)
    return int(digits) if digits else None


def _entry(values: Mapping[str, str], stem: str) -> tuple[int, str] | None:
    """Return the number of decimals and the data of an identifier whose fourth digit counts decimals.

    Raises:
        Misread: if the label gives the same thing with two numbers of decimals.
    """
    found = [(int(identifier[3]), data) for identifier, data in values.items() if identifier[:-1] == stem]
    if len(found) > 1:
        raise Misread(UNREADABLE_LABEL)
    return found[0] if found else None


def _measure(values: Mapping[str, str], units: Mapping[str, tuple[int, int]]) -> int | None:
    """Return a measure in thousandths of the metric unit, rounded half up where the label is finer."""
    for stem, (thousandths, per) in units.items():
        entry = _entry(values, stem)
        if entry is not None:
            decimals, data = entry
            return divide_half_up(int(data) * thousandths, per * 10**decimals)
    return None


def _amount(values: Mapping[str, str], plain: str, with_currency: str, context: LabelContext) -> tuple[int, str] | None:
    """Return an amount payable in minor units with its currency (3.6.6 to 3.6.9).

    Raises:
        Misread: if the currency is unknown here, or there are parts of the smallest unit.
    """
    entry = _entry(values, with_currency)
    currency = context.currency
    if entry is not None:
        decimals, data = entry
        number, data = data[:3], data[3:]
        if number not in _CURRENCY_NUMBERS:
            raise Misread(
                wording("This label's price is in a currency (no. {number}) that is not known here.", number=number)
            )
        currency = currency_of(_CURRENCY_NUMBERS[number])
    else:
        entry = _entry(values, plain)
        if entry is None:
            return None
        decimals, data = entry
    minor, parts = divmod(int(data) * currency.minor_per_major, 10**decimals)
    if parts or minor > MAXIMUM_MINOR:
        raise Misread(wording("The price on this label cannot be charged. Ask a colleague for the price."))
    return minor, currency.code


def _coupon(values: Mapping[str, str], context: LabelContext) -> CouponCode:
    """Return a GS1 coupon with what stands beside its GCN (2.6.3)."""
    worth = _amount(values, "390", "391", context)
    percent = _entry(values, "394")
    return CouponCode(
        values["255"],
        "gcn",
        value_minor=worth[0] if worth else None,
        currency=worth[1] if worth else None,
        percent_basis_points=int(percent[1]) * 100 // 10 ** percent[0] if percent else None,
    )
