"""The check digits of GS1: the standard one, and those inside in-store price and weight labels."""

from typing import Final


def check_digit(payload: str) -> str:
    """Return the standard check digit over digits that stand before it (GS1 General Specifications 7.9.1).

    From the right the digits weigh 3, 1, 3, 1 …; the check digit makes the sum a multiple of ten.

    >>> check_digit("629104150021")
    '3'
    """
    threes = sum(map(int, payload[::-2]))
    ones = sum(map(int, payload[-2::-2]))
    return str(-(3 * threes + ones) % 10)


def has_right_check_digit(digits: str) -> bool:
    """Tell whether the last digit is the standard check digit of those before it."""
    return len(digits) > 1 and check_digit(digits[:-1]) == digits[-1]


# GS1 General Specifications 7.9.2: a digit times its weight, from which its tens are taken off or added on.
# The position in each text is the digit, the character there its weighted value.
_TWO_MINUS: Final = "0246891357"
_THREE: Final = "0369258147"
_FIVE_PLUS: Final = "0516273849"
_FIVE_MINUS: Final = "0594837261"


def measure_check_digit(measure: str) -> str:
    """Return the check digit over a price or weight field of four or five digits.

    Four digits: weights 2-, 2-, 3, 5-, the sum times 3, its last digit (7.9.3). Five digits: weights 5+, 2-, 5-,
    5+, 2-, and the digit whose 5- value completes the sum to a multiple of ten (7.9.4). GB/T 18283 has the same.

    >>> measure_check_digit("2875"), measure_check_digit("14685")
    ('9', '6')

    Raises:
        ValueError: if the field has another number of digits; GS1 defines no others.
    """
    digits = [int(digit) for digit in measure]
    if len(digits) == 4:
        first, second, third, fourth = digits
        total = int(_TWO_MINUS[first]) + int(_TWO_MINUS[second]) + int(_THREE[third]) + int(_FIVE_MINUS[fourth])
        return str(total * 3 % 10)
    if len(digits) == 5:
        weights = (_FIVE_PLUS, _TWO_MINUS, _FIVE_MINUS, _FIVE_PLUS, _TWO_MINUS)
        total = sum(int(weight[digit]) for weight, digit in zip(weights, digits, strict=True))
        return str(_FIVE_MINUS.index(str(-total % 10)))
    raise ValueError(f"GS1 has no check digit for a measure of {len(digits)} digits")


def is_bank_card_number(digits: str) -> bool:
    """Tell whether digits look like a payment card's number: 15 to 19, a card scheme's start, Luhn (ISO/IEC 7812).

    Used only to keep such a number out of the basket, the log and the screen.
    """
    if not 15 <= len(digits) <= 19 or digits[0] not in "3456":
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[::-2]))) % 10 == 0
