"""Barcodes come into the catalogue in one form, and only with a check digit that fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.gtin import BadGtin, WrongCheckDigit, check_digit, printed_forms, to_gtin14


@pytest.mark.parametrize(
    ("written", "gtin14"),
    [
        # 6901234567892: 3·(9+1+3+5+7+9)=102, 6+0+2+4+6+8=26, 128 → 2.
        ("6901234567892", "06901234567892"),
        ("69012 34567-892", "06901234567892"),
        # EAN-8 of the GS1 General Specifications: 9638507, check digit 4.
        ("96385074", "00000096385074"),
        # UPC-A whose leading zero a spreadsheet ate: 012345678905.
        ("12345678905", "00012345678905"),
        # UPC-E 0123456 with check digit 5 is UPC-A 012345000065.
        ("01234565", "00012345000065"),
        # The same without number system and check digit; ends in 6, so 12345 0000 6.
        ("123456", "00012345000065"),
        # Without the leading zero only.
        ("1234565", "00012345000065"),
        # UPC-E 04252614 is UPC-A 042100005264 (last digit 1: 42 1 0000 526).
        ("04252614", "00042100005264"),
        ("16901234567899", "16901234567899"),
    ],
)
def test_a_number_is_brought_to_fourteen_digits(written: str, gtin14: str) -> None:
    assert to_gtin14(written) == gtin14


@pytest.mark.parametrize("written", ["6901234567890", "96385075", "012345678900", "01234560"])
def test_a_wrong_check_digit_is_said(written: str) -> None:
    with pytest.raises(WrongCheckDigit) as refused:
        to_gtin14(written)
    assert "check digit" in str(refused.value.sentence)


@pytest.mark.parametrize("written", ["", "abc", "12345", "123456789012345", "69012345678９2", "0000000000000", "=1+1"])
def test_what_is_no_barcode_is_said(written: str) -> None:
    with pytest.raises(BadGtin):
        to_gtin14(written)


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_one_changed_digit_is_always_noticed(body: int) -> None:
    digits = f"{body:012d}"
    whole = digits + check_digit(digits)
    # Weights 1 and 3 are both prime to ten, so no change of a single digit keeps the sum.
    changed = whole[:5] + str((int(whole[5]) + 1) % 10) + whole[6:]
    with pytest.raises(BadGtin):
        to_gtin14(changed)


@given(st.text(max_size=20))
def test_any_text_is_a_barcode_or_a_problem(text: str) -> None:
    try:
        found = to_gtin14(text)
    except BadGtin:
        return
    assert len(found) == 14
    assert found.isdecimal()


def test_a_upc_is_read_with_and_without_the_zero_in_front() -> None:
    assert printed_forms("00012345000065") == ("0012345000065", "012345000065")
    assert printed_forms("06901234567892") == ("6901234567892",)
    assert printed_forms("00000096385074") == ("96385074",)
    assert printed_forms("16901234567899") == ("16901234567899",)
