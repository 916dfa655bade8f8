"""What a customer's pole display is to show, before anybody asks which protocol it speaks."""

from dataclasses import dataclass
from enum import Enum


class DisplayPurpose(Enum):
    """What the figures mean; a pole display lights a lamp for it."""

    IDLE = "idle"
    """Nothing is being sold: the shop's greeting."""

    UNIT_PRICE = "unit_price"
    """What the item just rung up costs."""

    TOTAL = "total"
    """What is to pay."""

    RECEIVED = "received"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class DisplayContent:
    """One picture of a pole display."""

    purpose: DisplayPurpose
    amount_minor: int = 0
    decimals: int = 2
    """Minor digits of the currency."""

    upper: str = ""
    """First line of displays that show words: the item, or the greeting. A tab pushes what follows to the right end."""

    lower: str = ""
    """Second line, as the first; the amount is written at its right end where this is empty."""
