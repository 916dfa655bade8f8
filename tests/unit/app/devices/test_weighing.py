"""Whole grams from whatever a scale counts in, by figures worked out by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.devices.weighing import STATE_SENTENCES, MassUnit, ScaleReading, WeightState, whole_grams


@pytest.mark.parametrize(
    ("digits", "decimals", "unit", "grams"),
    [
        (1245, 3, MassUnit.KILOGRAM, 1245),
        (15, 0, MassUnit.KILOGRAM, 15_000),
        (5, 4, MassUnit.KILOGRAM, 1),  # 0.5 g: half away from zero
        (-5, 4, MassUnit.KILOGRAM, -1),
        (4, 4, MassUnit.KILOGRAM, 0),
        (46, 0, MassUnit.GRAM, 46),
        (465, 1, MassUnit.GRAM, 47),  # 46.5 g
        (1000, 3, MassUnit.POUND, 454),  # 453.59237 g
        (100, 2, MassUnit.POUND, 454),
        (1, 2, MassUnit.POUND, 5),  # 4.5359237 g
        (3000, 2, MassUnit.POUND, 13_608),  # 30 lb = 13 607.7711 g
        (1, 0, MassUnit.OUNCE, 28),  # 28.349523125 g
        (16, 0, MassUnit.OUNCE, 454),
        (245, 1, MassUnit.OUNCE, 695),  # 24.5 oz = 694.5633165625 g
        (1, 0, MassUnit.JIN, 500),
        (123, 2, MassUnit.JIN, 615),
        (1, 3, MassUnit.JIN, 1),  # 0.5 g
        (1, 0, MassUnit.LIANG, 50),
        (37, 1, MassUnit.LIANG, 185),
    ],
)
def test_what_a_scale_shows_becomes_whole_grams(digits: int, decimals: int, unit: MassUnit, grams: int) -> None:
    assert whole_grams(digits, decimals, unit) == grams


def test_ten_liang_are_one_jin_and_sixteen_ounces_one_pound() -> None:
    assert 10 * MassUnit.LIANG.grams == MassUnit.JIN.grams
    assert 16 * MassUnit.OUNCE.grams == MassUnit.POUND.grams == Fraction(45_359_237, 100_000)


@given(st.integers(-(10**7), 10**7), st.integers(0, 5), st.sampled_from(MassUnit))
def test_a_weight_is_never_more_than_half_a_gram_off_and_its_sign_is_kept(
    digits: int, decimals: int, unit: MassUnit
) -> None:
    grams = whole_grams(digits, decimals, unit)
    assert abs(grams - Fraction(digits, 10**decimals) * unit.grams) <= Fraction(1, 2)
    assert whole_grams(-digits, decimals, unit) == -grams


@pytest.mark.parametrize("state", WeightState)
def test_only_a_stable_weight_above_nothing_is_sold(state: WeightState) -> None:
    assert ScaleReading("scale", state, 500).sellable is (state is WeightState.STABLE)
    assert not ScaleReading("scale", state, 0).sellable
    assert not ScaleReading("scale", state, -20).sellable


def test_every_state_tells_the_cashier_what_to_do() -> None:
    assert set(STATE_SENTENCES) == set(WeightState)
    assert str(ScaleReading("scale", WeightState.OVERLOAD).sentence) == "Too heavy for this scale. Weigh it in parts."
