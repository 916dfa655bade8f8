"""What a person typed and is kept never holds a card number, a control character or half a letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checkout.typed_text import CardNumberRefused, kept_text


def luhn_completed(digits: str) -> str:
    """Append the check digit, worked out from the left as ISO/IEC 7812-1 annex B shows it."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value // 10 + value % 10
    return digits + str(-total % 10)


@given(st.text(alphabet="0123456789", min_size=13, max_size=18), st.sampled_from(["", " ", "-"]))
def test_every_card_number_is_refused_however_it_is_grouped(digits, gap):
    number = luhn_completed(digits)
    grouped = gap.join(number[start : start + 4] for start in range(0, len(number), 4))
    with pytest.raises(CardNumberRefused):
        kept_text(f"card {grouped}, thanks", 200)


@given(st.text(max_size=300))
def test_any_text_becomes_one_line_that_can_be_stored(text):
    try:
        kept = kept_text(text, 80)
    except CardNumberRefused:
        return
    assert len(kept) <= 80
    assert kept == " ".join(kept.split())
    kept.encode("utf-8")


@pytest.mark.parametrize("text", ["6901234567892", "A12345", "0001-01-1-000123", "+86 138 0013 8000", "批号 20261122"])
def test_barcodes_approvals_receipts_and_telephones_are_kept(text):
    assert kept_text(text, 200) == text
