"""Cash rounding and the notes a person hands over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.cash import CNY_DENOMINATIONS_MINOR, CashRounding, RoundingRule, suggested_notes


@pytest.mark.parametrize(
    ("due", "to_jiao", "to_five_fen", "down_to_jiao"),
    [
        (1230, 1230, 1230, 1230),
        (1232, 1230, 1230, 1230),
        (1233, 1230, 1235, 1230),
        (1235, 1240, 1235, 1230),
        (1237, 1240, 1235, 1230),
        (1238, 1240, 1240, 1230),
        (4, 0, 5, 0),
    ],
)
def test_cash_is_rounded_to_coins_that_exist(due, to_jiao, to_five_fen, down_to_jiao):
    assert CashRounding(10).apply(due) == to_jiao
    assert CashRounding(5).apply(due) == to_five_fen
    assert CashRounding(10, RoundingRule.DOWN).apply(due) == down_to_jiao
    assert CashRounding().apply(due) == due


def test_a_person_pays_128_60_with_these_notes():
    assert suggested_notes(12860, CNY_DENOMINATIONS_MINOR) == (12860, 12900, 13000, 14000, 15000, 20000)


def test_an_even_amount_is_offered_once():
    assert suggested_notes(10000, CNY_DENOMINATIONS_MINOR) == (10000,)


@given(st.integers(1, 10**7))
def test_suggestions_always_cover_what_is_due_and_ascend(due):
    notes = suggested_notes(due, CNY_DENOMINATIONS_MINOR)
    assert notes[0] == due
    assert list(notes) == sorted(set(notes))
    assert len(notes) <= 6
