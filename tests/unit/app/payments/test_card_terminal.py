"""No card number is ever kept, however it is written, and what may be kept is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.card_terminal import (
    CardNumberExposed,
    TerminalOutcome,
    TerminalResult,
    TransactionReference,
    holds_card_number,
    masked_number,
    refuse_card_numbers,
)
from app.values.wording import wording

# Numbers for tests that the schemes publish.
PUBLISHED = [
    "4111111111111111",
    "4222222222222",
    "378282246310005",
    "5555555555554444",
    "2223003122003222",
    "6212345678901265",
    "6212345678900000003",
    "3566002020360505",
]


def with_check_digit(digits: str) -> str:
    """Append the digit that ISO/IEC 7812-1 annex B asks for: an oracle by table instead of arithmetic."""
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    total = sum(doubled[int(d)] if place % 2 == 0 else int(d) for place, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


card_numbers = st.builds(
    lambda first, rest: with_check_digit(first + rest),
    st.sampled_from(["4", "51", "62", "35", "37", "2221", "2720", "81", "95"]),
    st.text("0123456789", min_size=11, max_size=14),
)
words = st.text(st.characters(exclude_categories=["Nd", "No"], exclude_characters=" .-\u00a0"), max_size=20)


@pytest.mark.parametrize("number", PUBLISHED)
@pytest.mark.parametrize("separator", ["", " ", "-", ".", "\u00a0"])
def test_a_published_card_number_is_seen_however_it_is_grouped(number: str, separator: str) -> None:
    grouped = separator.join(number[place : place + 4] for place in range(0, len(number), 4))
    assert holds_card_number(f"CARD {grouped} OK")


@given(words, card_numbers, words)
def test_a_card_number_is_seen_in_any_text(before: str, number: str, after: str) -> None:
    assert holds_card_number(before + number + after)


@given(card_numbers, st.text("0123456789", min_size=4, max_size=10))
def test_a_card_number_is_seen_as_on_a_magnetic_stripe(number: str, expiry_and_more: str) -> None:
    assert holds_card_number(f"{number}={expiry_and_more}")
    assert holds_card_number(f"%B{number}^NAME/ANY^{expiry_and_more}")


def test_a_number_with_its_expiry_written_right_after_it_is_seen() -> None:
    assert holds_card_number("41111111111111111230101")


def test_a_number_after_a_date_is_seen() -> None:
    assert holds_card_number("2026-11-22 4111 1111 1111 1111")


def test_full_width_digits_are_digits() -> None:
    assert holds_card_number("4111111111111111".translate({48 + n: 0xFF10 + n for n in range(10)}))


@given(card_numbers, st.data())
def test_one_wrong_digit_is_no_card_number(number: str, data: st.DataObject) -> None:
    # Luhn finds every single wrong digit; the first digits are left, so that the issuer stays one.
    place = data.draw(st.integers(4, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert not holds_card_number(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "411111******1111",
        "oLkO001529481092000.8815294810981090",
        "57eT001544015027011.8815440150351036",
        "2026-11-22T10:00:00.000Z",
        "AID A0000000031010",
        "合计 128.50",
        "",
    ],
)
def test_what_belongs_on_a_receipt_is_let_through(text: str) -> None:
    refuse_card_numbers(text)


def test_a_refusal_repeats_nothing() -> None:
    with pytest.raises(CardNumberExposed) as raised:
        refuse_card_numbers("fine", "4111 1111 1111 1111")
    assert "1111" not in str(raised.value)


@given(st.text("0123456789*xX# ", max_size=30))
def test_a_masked_number_keeps_ten_digits_at_most(text: str) -> None:
    try:
        masked = masked_number(text)
    except CardNumberExposed:
        assert holds_card_number(text)
    else:
        assert sum(map(str.isdigit, masked)) <= 10
        assert not holds_card_number(masked)


@pytest.mark.parametrize(
    "field",
    [
        {"approval_code": PUBLISHED[0]},
        {"token": PUBLISHED[1]},
        {"scheme": PUBLISHED[2]},
        {"receipt_lines": ("SHOP", f"CARD {PUBLISHED[3]}")},
        {"original": TransactionReference("T1", PUBLISHED[0], "")},
        {"masked_number": "41111111****1111"},
    ],
)
def test_an_outcome_that_holds_one_cannot_be_made(field: dict) -> None:
    with pytest.raises(CardNumberExposed):
        TerminalOutcome(TerminalResult.APPROVED, wording("Approved."), **field)
