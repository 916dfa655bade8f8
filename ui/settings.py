"""What the screens are told at start: languages, theme, sounds, who is in front of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final, Protocol

from app.values.speech import ENGLISH, Speech
from app.values.wording import LocalizedText, Wording, wording

if TYPE_CHECKING:
    from pathlib import Path


class WallClock(Protocol):
    """Where the status bar's time comes from (`app.values.clock.Clock` without the measuring)."""

    def now(self) -> datetime:
        """Return the instant, in UTC and aware of it."""


REASONS: Final[tuple[Wording, ...]] = (
    wording("Damaged goods"),
    wording("Close to its date"),
    wording("Wrong shelf price"),
    wording("Goodwill"),
)
"""Why a price or a discount is given where the store has no list of its own."""

DRAWER_REASONS: Final[tuple[Wording, ...]] = (
    wording("Give change"),
    wording("Check the cash"),
    wording("Cash pickup"),
    wording("Other"),
)
"""Why the drawer is opened without a sale."""

ABANDON_REASONS: Final[tuple[Wording, ...]] = (
    wording("Shopper left"),
    wording("Shopper cannot pay"),
    wording("Rung up by mistake"),
    wording("Training"),
)
"""Why a basket is given up."""

REFUND_REASONS: Final[tuple[Wording, ...]] = (
    wording("Goods brought back"),
    wording("Charged too much"),
    wording("Charged twice"),
    wording("Goodwill"),
)
"""Why money is given back on a receipt."""

ACCEPT_REASONS: Final[tuple[Wording, ...]] = (
    wording("The shopper's phone says paid"),
    wording("The terminal's slip says paid"),
    wording("The provider's records say paid"),
    wording("Other"),
)
"""Why a payment is taken for paid without the provider's word."""

GIVE_UP_REASONS: Final[tuple[Wording, ...]] = (
    wording("The shopper's phone says not paid"),
    wording("The shopper pays another way"),
    wording("Shopper left"),
    wording("Other"),
)
"""Why a payment is no longer asked about."""

CASE_REASONS: Final[tuple[Wording, ...]] = (
    wording("It is on the provider's bill"),
    wording("It is not on the provider's bill"),
    wording("Money given back another way"),
    wording("Agreed with the shopper"),
)
"""What a person found about a payment."""


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """Everything a window needs that is not the till's."""

    clock: WallClock
    zone: tzinfo = UTC
    speeches: tuple[Speech, ...] = (ENGLISH,)
    """The languages a person can switch among, in order."""

    language: str = "en"
    """The one to begin with."""

    customer_language: str | None = None
    """The customer's window; None: follows the cashier's."""

    theme: str = "light"
    """`light`, `dark` or `high_contrast`."""

    fullscreen: bool = False
    size: tuple[int, int] = (1366, 768)
    """Width and height of the window where it does not fill the screen."""

    pictures: Path | None = None
    """Folder of product pictures (`<name>.svg` or `.png`)."""

    sound_volume_percent: int = 70
    """0: no sound is ever loaded."""

    reduced_motion: bool | None = None
    """None: as the system asks."""

    customer_window: bool = True
    scanner_name: str = "keyboard wedge"
    """The device that a burst of keys is reported as."""

    wedge_gap_ms: int = 35
    wedge_prefix: str = ""
    wedge_suffix: str = ""
    shop_name: LocalizedText = field(default_factory=lambda: LocalizedText("柜台", (("en", "Guitai"),)))
    price_reasons: tuple[Wording | LocalizedText, ...] = REASONS
    discount_reasons: tuple[Wording | LocalizedText, ...] = REASONS
    drawer_reasons: tuple[Wording | LocalizedText, ...] = DRAWER_REASONS
    abandon_reasons: tuple[Wording | LocalizedText, ...] = ABANDON_REASONS
    refund_reasons: tuple[Wording | LocalizedText, ...] = REFUND_REASONS
    accept_reasons: tuple[Wording | LocalizedText, ...] = ACCEPT_REASONS
    give_up_reasons: tuple[Wording | LocalizedText, ...] = GIVE_UP_REASONS
    case_reasons: tuple[Wording | LocalizedText, ...] = CASE_REASONS
    price_book_old_after_h: int = 24
    """From this age the status bar asks for attention."""

    def speech(self, language: str) -> Speech:
        """Return a language's speech, the first one where it is not among them."""
        return next((speech for speech in self.speeches if speech.language == language), self.speeches[0])
