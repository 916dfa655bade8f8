"""The lengths and families of the GTIN: how short forms expand and which numbers are a shop's own."""

from typing import Final

from app.catalogue.codes.check_digits import has_right_check_digit

GTIN_LENGTHS: Final = (8, 12, 13, 14)

RESTRICTED_PREFIXES: Final = ("02", *(str(prefix) for prefix in range(20, 30)))
"""GS1 prefixes of the numbers that a store gives out itself (General Specifications 1.4.2, 2.1.11)."""


def as_gtin14(digits: str) -> str | None:
    """Return a GTIN-8, -12, -13 or -14 with zeros in front to 14 digits, or None if the check digit is wrong.

    >>> as_gtin14("96385074")
    '00000096385074'
    """
    if len(digits) not in GTIN_LENGTHS or not has_right_check_digit(digits):
        return None
    return digits.zfill(14)


def expand_upc_e(digits: str) -> str | None:
    """Return the GTIN-14 of an 8-digit UPC-E, or None if it is none (General Specifications 5.2.2.4.2).

    The sixth digit of the middle tells where the suppressed zeros were.

    >>> expand_upc_e("04252614")
    '00042100005264'
    """
    if len(digits) != 8 or digits[0] not in "01":
        return None
    system, middle, rule, check = digits[0], digits[1:6], digits[6], digits[7]
    if rule in "012":
        body = f"{middle[:2]}{rule}0000{middle[2:]}"
    elif rule == "3":
        body = f"{middle[:3]}00000{middle[3:]}"
    elif rule == "4":
        body = f"{middle[:4]}00000{middle[4]}"
    else:
        body = f"{middle}0000{rule}"
    return as_gtin14(f"{system}{body}{check}")


def format_name(gtin14: str) -> str:
    """Return which GTIN a 14-digit number is, by its digits after the leading zeros."""
    significant = len(gtin14.lstrip("0"))
    for length in GTIN_LENGTHS:
        if significant <= length:
            return f"GTIN-{length}"
    raise ValueError(f"{gtin14} has more than 14 digits")


def is_restricted(gtin14: str) -> bool:
    """Tell whether a number means something in this shop or company only (General Specifications 1.4.2, 1.4.3).

    Those are the prefixes 02, 04 and 20–29 of 13 digits, and 0 and 2 of 8 digits.
    """
    if format_name(gtin14) == "GTIN-8":
        return gtin14[6] in "02"
    return gtin14[0] == "0" and (gtin14[1:3] in RESTRICTED_PREFIXES or gtin14[1:3] == "04")


def is_coupon(gtin14: str) -> bool:
    """Tell whether 13 digits are a coupon: GS1 prefixes 981–984 and 99 (General Specifications 1.4.2, 2.6)."""
    return gtin14[0] == "0" and (gtin14[1:3] == "99" or gtin14[1:4] in {"981", "982", "983", "984"})


def is_refund_receipt(gtin14: str) -> bool:
    """Tell whether 13 digits are a refund receipt, such as a bottle return machine prints: GS1 prefix 980."""
    return gtin14[0] == "0" and gtin14[1:4] == "980"
