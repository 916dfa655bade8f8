"""Check digits, against the examples of the GS1 General Specifications and against biip."""

import pytest
from biip.checksums import gs1_price_weight_check_digit, gs1_standard_check_digit
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.codes.check_digits import (
    check_digit,
    has_right_check_digit,
    is_bank_card_number,
    measure_check_digit,
)


def digits(shortest: int, longest: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=shortest, max_size=longest)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [("629104150021", "3"), ("37610425002123456", "9"), ("950110153000", "3"), ("9501234", "6"), ("", "0")],
)
def test_the_examples_of_section_7_9_1(payload: str, expected: str) -> None:
    assert check_digit(payload) == expected


@given(digits(1, 40))
def test_the_standard_check_digit_is_the_one_of_biip(payload: str) -> None:
    assert check_digit(payload) == str(gs1_standard_check_digit(payload))


@given(digits(1, 40))
def test_exactly_one_last_digit_is_right(payload: str) -> None:
    assert sum(has_right_check_digit(f"{payload}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize(("measure", "expected"), [("2875", "9"), ("14685", "6"), ("0000", "0"), ("00000", "0")])
def test_the_examples_of_sections_7_9_3_and_7_9_4(measure: str, expected: str) -> None:
    assert measure_check_digit(measure) == expected


@given(digits(4, 5))
def test_the_measure_check_digit_is_the_one_of_biip(measure: str) -> None:
    assert measure_check_digit(measure) == str(gs1_price_weight_check_digit(measure))


@pytest.mark.parametrize("measure", ["", "123", "123456"])
def test_there_is_no_measure_check_digit_for_other_lengths(measure: str) -> None:
    with pytest.raises(ValueError, match="no check digit"):
        measure_check_digit(measure)


@pytest.mark.parametrize(
    ("number", "is_card"),
    [
        ("4111111111111111", True),  # Visa's test number
        ("378282246310005", True),  # American Express's test number
        ("6222020000000000001", False),  # Luhn's sum is not a multiple of ten
        ("4111111111111112", False),
        ("9111111111111111", False),  # no card scheme begins with 9
        ("4006381333931", False),  # a GTIN-13
        ("", False),
    ],
)
def test_bank_cards_are_told_by_length_scheme_and_luhn(number: str, *, is_card: bool) -> None:
    assert is_bank_card_number(number) is is_card
