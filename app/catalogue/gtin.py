"""The one form in which the catalogue keeps a trade item number: a GTIN of 14 digits whose check digit was verified.

Rules: GS1 General Specifications, section 3.3 (GTINs of 8, 12, 13 and 14 digits are the same number with zeros in
front), section 7.9 (check digit), section 5.2.2.4 (UPC-E, the zero-suppressed form of a UPC-A).
"""

from app.values.problems import Problem
from app.values.wording import wording

LENGTH = 14
"""Digits of a GTIN in the catalogue."""


class BadGtin(Problem):
    """Raised when a text is not the number of a trade item."""

    code = "BAD-GTIN"


class WrongCheckDigit(BadGtin):
    """Raised when the digits are right in number and the last one does not fit the others."""

    code = "GTIN-CHECK-DIGIT"


def check_digit(body: str) -> str:
    """Return the digit that belongs behind the others: weights 3 and 1 from the right, filled up to tens.

    >>> check_digit("690123456789")
    '2'
    """
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def is_checked(digits: str) -> bool:
    """Whether the last digit fits the others; zeros in front change nothing.

    >>> is_checked("6901234567892"), is_checked("6901234567890")
    (True, False)
    """
    return check_digit(digits[:-1]) == digits[-1]


def expand_upc_e(number_system: str, six: str) -> str:
    """Return the 11 digits of a UPC-A before its check digit, of which UPC-E leaves zeros out.

    >>> expand_upc_e("0", "123456")
    '01234500006'
    """
    last = six[5]
    if last in "012":
        return number_system + six[:2] + last + "0000" + six[2:5]
    if last == "3":
        return number_system + six[:3] + "00000" + six[3:5]
    if last == "4":
        return number_system + six[:4] + "00000" + six[4]
    return number_system + six[:5] + "0000" + last


def to_gtin14(text: str) -> str:
    """Read a number as a file or a person writes it into 14 digits.

    Spaces and hyphens between digits are let pass. Eight to fourteen digits are padded with zeros, so a number whose
    leading zeros a spreadsheet ate is still the same number. Six digits are a UPC-E without number system and check
    digit; seven are a UPC-E without its number system 0 or without its check digit; eight are a UPC-E where they begin
    with 0 and check as one, since GTIN-8 never begins with 0 outside a company (General Specifications, 1.4.3).

    >>> to_gtin14("6901234567892"), to_gtin14("01234565")
    ('06901234567892', '00012345000065')

    Raises:
        WrongCheckDigit: if the last digit does not fit the others.
        BadGtin: if the text is not 6 to 14 digits.
    """
    digits = text.strip().replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdecimal() and 6 <= len(digits) <= LENGTH and digits.strip("0")):
        raise BadGtin(
            wording('"{text}" is not a barcode number. Give 8, 12, 13 or 14 digits.', text=text.strip()[:30] or " ")
        )
    short = _from_upc_e(digits)
    if short is not None:
        return short
    if not is_checked(digits):
        raise WrongCheckDigit(
            wording(
                "The check digit of {digits} is wrong: {expected} was expected at the end. Read the barcode again.",
                digits=digits,
                expected=check_digit(digits[:-1]),
            )
        )
    return digits.zfill(LENGTH)


def _from_upc_e(digits: str) -> str | None:
    if len(digits) == 6:
        return _with_check_digit("0", digits)
    if len(digits) == 7:
        complete = _with_check_digit("0", digits[:6])
        if complete[-1] == digits[-1]:
            return complete
        if digits[0] in "01":
            return _with_check_digit(digits[0], digits[1:])
    if len(digits) == 8 and digits[0] in "01":
        complete = _with_check_digit(digits[0], digits[1:7])
        if complete[-1] == digits[-1] and (digits[0] == "0" or not is_checked(digits)):
            return complete
    return None


def _with_check_digit(number_system: str, six: str) -> str:
    body = expand_upc_e(number_system, six)
    return (body + check_digit(body)).zfill(LENGTH)


def printed_forms(gtin14: str) -> tuple[str, ...]:
    """Return the digits as they may stand below the bars: a UPC-A is also read as an EAN-13 with a zero in front.

    >>> printed_forms("00012345000065")
    ('0012345000065', '012345000065')
    """
    if gtin14[0] != "0":
        return (gtin14,)
    if gtin14.startswith("000000"):
        return (gtin14[6:],)
    if gtin14.startswith("00"):
        return (gtin14[1:], gtin14[2:])
    return (gtin14[1:],)
