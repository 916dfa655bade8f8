"""What is taken off a weight: the till's tares, how they add up, and the net weight that may be sold.

The rules (goods are sold net, as weights and measures law has it):

1. The till's tare is the shop's fixed tare plus one of: the tare typed, the container chosen, the product's own
   packaging; the first of these that is there. Nuts in their box, put into a tray, lose the tray's weight: whoever
   chooses says what the goods lie in.
2. A tare is taken off once. Where the scale itself has a tare set and the till knows one too, the two may be the same
   tray: the larger of them counts, never their sum. Where the scale took one off and does not say how much, the till
   takes none off beside it: it is refused until the scale's own is cleared.
3. The net weight must be more than nothing and not less than the shop's least weight.
"""

from typing import Final

from app.checkout.settings import Container, WeighingRules
from app.checkout.state import PendingItem, WeightRefused
from app.devices.weighing import ScaleReading, WeightState
from app.values.wording import wording

MAXIMUM_TARE_GRAMS: Final = 9_999
"""The heaviest container that can be typed; more is a weight typed as a tare."""


def container_of(rules: WeighingRules, container_id: str) -> Container | None:
    """Return a container of the shop."""
    return next((known for known in rules.containers if known.container_id == container_id), None)


def till_tare_grams(item: PendingItem, rules: WeighingRules) -> int:
    """Return what the till takes off a weight of this item, in grams, by rule 1."""
    container = container_of(rules, item.container_id)
    if item.typed_tare_grams is not None:
        chosen = item.typed_tare_grams
    elif container is not None:
        chosen = container.tare_grams
    else:
        chosen = item.found.product.tare_grams
    return rules.fixed_tare_grams + chosen


def taken_off(reading: ScaleReading, till_tare: int) -> tuple[int, int]:
    """Return what is left of a reading and the tare that was taken off, by rule 2, whatever the reading is worth.

    >>> taken_off(ScaleReading("scale", WeightState.MOVING, 1000, 20), 30)
    (990, 30)
    """
    tare = max(till_tare, reading.scale_tare_grams)
    return reading.grams + reading.scale_tare_grams - tare, tare


def net_and_tare_grams(reading: ScaleReading, till_tare: int, minimum_grams: int) -> tuple[int, int]:
    """Return the net weight that is sold and the tare that was taken off, by rules 2 and 3.

    >>> net_and_tare_grams(ScaleReading("scale", WeightState.STABLE, 1270), 25, 0)
    (1245, 25)

    Raises:
        WeightRefused: the reading is not stable, or nothing sellable is left of it; the sentence says what to do.
    """
    if reading.state is not WeightState.STABLE:
        raise WeightRefused(reading.sentence)
    if reading.hides_tare and till_tare:
        raise WeightRefused(
            wording("A tare is set on the scale itself. Clear it there, or choose no container, then weigh again.")
        )
    net, tare = taken_off(reading, till_tare)
    if net <= 0 and not tare:
        raise WeightRefused(ScaleReading(reading.device, WeightState.EMPTY).sentence)
    if net <= 0:
        raise WeightRefused(
            wording(
                "{gross} g is not more than the tare of {tare} g. Put the goods on the scale, or choose another tare.",
                gross=net + tare,
                tare=tare,
            )
        )
    if net < minimum_grams:
        raise WeightRefused(
            wording(
                "{net} g is less than the {minimum} g that must be weighed at least. Weigh more at once.",
                net=net,
                minimum=minimum_grams,
            )
        )
    return net, tare
