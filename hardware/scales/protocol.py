"""What every scale's protocol gives the driver: bytes to send, and what it makes of the bytes that came."""

from dataclasses import dataclass
from typing import Protocol

from app.devices.weighing import WeightState


@dataclass(frozen=True, slots=True)
class ScaleCapabilities:
    """What a scale can do by its protocol."""

    pushes: bool = False
    """It speaks by itself and is not asked."""

    can_zero: bool = False
    can_tare: bool = False
    """It can take what lies on it as tare."""

    can_preset_tare: bool = False
    """It can be told a tare in grams; 0 clears it."""

    computes_price: bool = False
    """It wants the unit price and shows the price to the shopper."""

    checks_frames: bool = False
    """What it says carries a checksum: no single wrong bit gets through. Where it does not, a weight counts only when
    two answers agree."""

    says_motion: bool = False
    """It tells a moving weight from one at rest. Where it does not, a weight counts only when two answers agree."""

    acknowledges: bool = False
    """It answers to zero and tare."""

    shortest_ask_s: float = 0.0
    """Commands must not follow one another faster."""

    @property
    def needs_agreement(self) -> bool:
        """Whether one answer alone is not enough to sell by."""
        return not (self.checks_frames and self.says_motion)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a whole and right answer says of the goods."""

    state: WeightState
    grams: int = 0
    net: bool = False
    """Whether a tare is set on the scale."""

    tare_grams: int = 0
    """That tare, where it is known."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A whole and right answer that says nothing of a weight."""

    accepted: bool
    """Whether the scale did what it was told; true also where it only says that it is well."""


Finding = Weighed | Acknowledged


@dataclass(frozen=True, slots=True)
class Heard:
    """What a protocol makes of some bytes."""

    findings: tuple[Finding, ...] = ()
    reply: bytes = b""
    """To be sent at once, as the next step of the conversation."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What is about to be weighed."""

    unit_price_minor: int | None = None
    """Price of a kilogram (of a pound where the scale counts pounds) in minor units; None where it is not known."""

    name: str = ""


class ScaleProtocol(Protocol):
    """One scale's language. Holds no line and no clock; used by one thread; never raises for what the line brings.

    What it keeps of bytes that are not a whole answer yet is never longer than its longest answer.
    """

    capabilities: ScaleCapabilities

    def reset(self) -> None:
        """Forget everything heard: the line is new."""

    def expect(self, weighing: Weighing | None) -> None:
        """Take note of what is weighed next; None where nothing is."""

    def ask(self) -> bytes:
        """Begin asking for the weight; return what to send, empty for a scale that pushes."""

    def zero(self) -> bytes:
        """Return what sets the scale to zero; asked only where it can."""

    def tare(self, grams: int | None) -> bytes:
        """Return what takes the goods (None) or so many grams as tare; asked only where it can."""

    def take(self, data: bytes) -> Heard:
        """Take bytes in any pieces."""
