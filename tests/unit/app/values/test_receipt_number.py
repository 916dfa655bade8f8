"""A receipt's number is read back as it was printed, keyed in or scanned, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.identifiers import ReceiptNumber

NUMBERS = st.builds(
    ReceiptNumber,
    st.integers(0, 999_999),
    st.integers(0, 999),
    st.integers(1, 9_999),
    st.integers(1, 999_999_999_999),
)
FULL_WIDTH = str.maketrans("0123456789-R", "０１２３４５６７８９－Ｒ")


@given(NUMBERS)
def test_what_is_printed_reads_back(number: ReceiptNumber) -> None:
    assert ReceiptNumber.read(str(number)) == number
    assert ReceiptNumber.read(str(number).translate(FULL_WIDTH)) == number


@given(
    st.builds(ReceiptNumber, st.integers(0, 9999), st.integers(0, 99), st.integers(1, 99), st.integers(1, 10**12 - 1))
)
def test_what_the_barcode_holds_reads_back(number: ReceiptNumber) -> None:
    assert ReceiptNumber.read(number.barcode_data()) == number
    assert ReceiptNumber.read(number.barcode_data().lower()) == number


@pytest.mark.parametrize(
    "keyed",
    ["0001-02-1-000123", " 0001-02-1-000123\n", "0001 - 02 - 1 - 000123", "0001–02–1–000123", "0001ー02ー1ー000123"],
)
def test_it_may_be_keyed_as_people_key(keyed: str) -> None:
    assert ReceiptNumber.read(keyed) == ReceiptNumber(1, 2, 1, 123)


@pytest.mark.parametrize(
    "other",
    [
        "",
        "123",
        "06921168509256",
        "0001-02-1",
        "0001-02-0-000123",  # no till begins with epoch 0
        "0001-02-1-000000",  # numbers begin at 1
        "0001-02-1-000123-4",
        "0001/02/1/000123",
        "R0001020100012",  # one digit short
        "RX0010201000123",
        "٠٠٠١-٠٢-١-٠٠٠١٢٣",  # Arabic digits are no shop's
        "-" * 5000,
    ],
)
def test_anything_else_is_no_receipt_number(other: str) -> None:
    assert ReceiptNumber.read(other) is None


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    found = ReceiptNumber.read(text)
    assert found is None or ReceiptNumber.read(str(found)) == found
