"""Currencies as EMV QR codes name them: three digits of ISO 4217, and amounts as plain decimals."""

import re
from typing import Final

from app.payments.emv_qr.refusals import bad
from app.values.money import BadAmount, Currency, currency_of, format_minor, parse_minor
from app.values.wording import wording

LONGEST_AMOUNT: Final = 13
"""Characters of an amount (EMV QRCPS-MPM, id 54)."""

_NUMBERS: Final = {
    "CNY": "156",
    "HKD": "344",
    "MOP": "446",
    "TWD": "901",
    "JPY": "392",
    "SGD": "702",
    "MYR": "458",
    "THB": "764",
    "BRL": "986",
    "INR": "356",
    "EUR": "978",
    "GBP": "826",
    "USD": "840",
}
_CODES: Final = {number: code for code, number in _NUMBERS.items()}
# "98.73", "98" and "98." are amounts; ".73" is read as well, it cannot mean anything else.
_AMOUNT: Final = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+", re.ASCII)


def number_of(currency: Currency) -> str:
    """Return the three digits of a currency.

    >>> number_of(currency_of("CNY"))
    '156'

    Raises:
        BadPaymentQr: no payment QR can be made in it here.
    """
    number = _NUMBERS.get(currency.code)
    if number is None:
        raise bad(wording("the currency {code} has no number here", code=currency.code))
    return number


def currency_by_number(number: str) -> Currency:
    """Return the currency that three digits name.

    Raises:
        BadPaymentQr: it is none that this till knows.
    """
    code = _CODES.get(number)
    if code is None:
        raise bad(wording("the currency {number} is not known here", number=number[:3]))
    return currency_of(code)


def write_amount(amount_minor: int, currency: Currency) -> str:
    """Write an amount with exactly the decimals of its currency.

    >>> write_amount(2372, currency_of("CNY")), write_amount(500, currency_of("JPY"))
    ('23.72', '500')

    Raises:
        BadPaymentQr: it is nothing, negative or too large.
    """
    text = format_minor(amount_minor, currency)
    if amount_minor <= 0 or len(text) > LONGEST_AMOUNT:
        raise bad(wording("{amount} is no amount to be paid", amount=text))
    return text


def read_amount(text: str, currency: Currency) -> int:
    """Read an amount exactly; nought is nought.

    >>> read_amount("98.", currency_of("CNY")), read_amount("23.7", currency_of("CNY"))
    (9800, 2370)

    Raises:
        BadPaymentQr: it is no plain decimal, or finer than the currency.
    """
    if len(text) > LONGEST_AMOUNT or not _AMOUNT.fullmatch(text):
        raise bad(wording("it has no amount that can be read"))
    try:
        return parse_minor(text, currency)
    except BadAmount:
        raise bad(wording("it has no amount that can be read")) from None
