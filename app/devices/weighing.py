"""What a scale says of the goods on it, in whole grams, whatever unit it counts in."""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Final

from app.values.wording import Wording, wording


class MassUnit(Enum):
    """Units that scales show; the value is how they are written."""

    KILOGRAM = "kg"
    GRAM = "g"
    POUND = "lb"
    OUNCE = "oz"
    JIN = "jin"
    """市斤, 500 g."""

    LIANG = "liang"
    """市两, 50 g."""

    @property
    def grams(self) -> Fraction:
        """Grams in one, exactly (pound: International Yard and Pound Agreement 1959; jin: State Council, 1959)."""
        return _GRAMS[self]


_POUND: Final = Fraction(45_359_237, 100_000)
_GRAMS: Final = {
    MassUnit.KILOGRAM: Fraction(1000),
    MassUnit.GRAM: Fraction(1),
    MassUnit.POUND: _POUND,
    MassUnit.OUNCE: _POUND / 16,
    MassUnit.JIN: Fraction(500),
    MassUnit.LIANG: Fraction(50),
}


def whole_grams(digits: int, decimals: int, unit: MassUnit) -> int:
    """Return what a scale shows as whole grams, rounded once, half away from zero.

    >>> whole_grams(1245, 3, MassUnit.KILOGRAM)
    1245
    >>> whole_grams(1000, 3, MassUnit.POUND)
    454

    Args:
        digits: the figures without their point: 1245 for 1.245.
        decimals: how many of them stand behind the point.
        unit: what they count.
    """
    exact: Fraction = digits * unit.grams / Fraction(10) ** decimals
    rounded = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return rounded if exact >= 0 else -rounded


class WeightState(Enum):
    """What a reading is worth; only a stable one may be sold."""

    STABLE = "stable"
    EMPTY = "empty"
    """At rest, and nothing on it."""

    MOVING = "moving"
    BELOW_MINIMUM = "below_minimum"
    """Less than the scale may weigh."""

    UNDER_ZERO = "under_zero"
    OVERLOAD = "overload"
    NOT_ZEROED = "not_zeroed"
    """It started with something on it and has no zero."""

    FAULT = "fault"
    """It says that it does not work."""


STATE_SENTENCES: Final[dict[WeightState, Wording]] = {
    WeightState.STABLE: wording("On the scale."),
    WeightState.EMPTY: wording("The scale is empty. Put the goods on it."),
    WeightState.MOVING: wording("The scale is still moving. Wait a moment."),
    WeightState.BELOW_MINIMUM: wording("Too light for this scale. Weigh more at once, or key in the weight."),
    WeightState.UNDER_ZERO: wording("The scale shows less than nothing. Empty it and set it to zero."),
    WeightState.OVERLOAD: wording("Too heavy for this scale. Weigh it in parts."),
    WeightState.NOT_ZEROED: wording("The scale has no zero. Empty it and set it to zero."),
    WeightState.FAULT: wording("The scale reports a fault. Key in the weight, and tell help."),
}
"""What each state means and what to do."""


@dataclass(frozen=True, slots=True)
class ScaleReading:
    """One reading of a scale."""

    device: str
    """The scale's name in the till's configuration."""

    state: WeightState
    grams: int = 0
    """Net of the tare that was set on the scale itself; shown, never sold, while the state is not stable."""

    scale_tare_grams: int = 0
    """The tare that was set on the scale itself; 0 where there is none, or it does not say."""

    net: bool = False
    """Whether a tare is set on the scale itself, also where it does not say how much."""

    @property
    def hides_tare(self) -> bool:
        """Whether something was taken off already, and nobody can say how much."""
        return self.net and not self.scale_tare_grams

    @property
    def sellable(self) -> bool:
        """Whether this weight may be sold."""
        return self.state is WeightState.STABLE and self.grams > 0

    @property
    def sentence(self) -> Wording:
        """What it means and what to do."""
        return STATE_SENTENCES[self.state]
