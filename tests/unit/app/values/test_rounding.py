"""Rounding and splitting never lose a minor unit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.money import BadAmount, format_minor, parse_minor
from app.values.quantity import BadQuantity, SellingUnit, parse_thousandths
from app.values.rounding import divide_half_up, split_by_largest_remainder
from app.values.tax import InconsistentTax, TaxAmounts


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_half_up_is_the_nearest_integer_with_halves_away_from_zero(dividend, divisor):
    exact = Fraction(dividend, divisor)
    rounded = divide_half_up(dividend, divisor)
    assert abs(exact - rounded) <= Fraction(1, 2)
    if abs(exact - rounded) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_shares_sum_to_the_amount_and_lie_next_to_their_exact_part(amount, weights):
    shares = split_by_largest_remainder(amount, weights)
    assert sum(shares) == amount
    if sum(weights):
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share - Fraction(amount * weight, sum(weights))) < 1


def test_nothing_can_be_split_over_nobody():
    assert split_by_largest_remainder(0, []) == ()
    with pytest.raises(ValueError, match="nothing"):
        split_by_largest_remainder(5, [])


@given(st.integers(-(10**12), 10**12))
def test_an_amount_reads_back_as_it_was_written(minor):
    assert parse_minor(format_minor(minor)) == minor


@pytest.mark.parametrize(
    "text", ["", " ", "12.345", "1e5", "NaN", "inf", "--1", "1_000", "abc", "9" * 40, "12,5", "\x00", "=1+1"]
)
def test_what_is_no_amount_is_refused_with_a_sentence(text):
    with pytest.raises(BadAmount):
        parse_minor(text)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "10000", "nan", "1e3", "", "6901234567892"])
def test_what_is_no_number_of_pieces_is_refused(text):
    with pytest.raises(BadQuantity):
        parse_thousandths(text, SellingUnit.EACH)


def test_a_tax_that_does_not_add_up_cannot_exist():
    with pytest.raises(InconsistentTax):
        TaxAmounts(100, 13, 114)


def test_nothing_typed_is_asked_for_and_not_quoted():
    with pytest.raises(BadQuantity) as refused:
        parse_thousandths("  ", SellingUnit.KILOGRAM)
    assert '"' not in str(refused.value.sentence)
