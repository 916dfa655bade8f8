"""LED8N: eight digits and four lamps, as most small shops in China have (客显).

`ESC Q A digits CR` shows figures: digits, `-` and points, which belong to the digit before them, so that eight digits
may come as fifteen bytes. The lamps differ between makes: `ESC s n`, or `STX L d d d d` as in the LED8N manual.
"""

from typing import Final, Literal

from app.devices.line_display import DisplayContent, DisplayPurpose
from hardware.displays.driver import LineDisplayCapabilities
from hardware.displays.text import figures

DIGITS: Final = 8
INITIALIZE: Final = b"\x1b@"
CLEAR: Final = b"\x0c"

LAMPS: Final = {
    DisplayPurpose.IDLE: 0,
    DisplayPurpose.UNIT_PRICE: 1,
    DisplayPurpose.TOTAL: 2,
    DisplayPurpose.RECEIVED: 3,
    DisplayPurpose.CHANGE: 4,
}
"""单价, 合计, 收款, 找零, in the order in which they stand on the display; 0 is none."""

LampCommand = Literal["esc-s", "stx-l"]


def digits_of(amount_minor: int, decimals: int) -> str:
    """Write an amount for eight digits; dashes where it does not fit, rather than a figure that is wrong.

    >>> digits_of(12850, 2), digits_of(1234567890, 2), digits_of(-1, 2)
    ('128.50', '--------', '-0.01')
    """
    written = figures(amount_minor, decimals)
    return written if len(written.replace(".", "")) <= DIGITS else "-" * DIGITS


class Led8n:
    """What an LED8N is sent."""

    def __init__(self, lamps: LampCommand = "esc-s") -> None:
        """Say by which command it lights its lamps."""
        self._lamps = lamps

    @property
    def capabilities(self) -> LineDisplayCapabilities:
        """One row of eight digits."""
        return LineDisplayCapabilities(rows=1, columns=DIGITS, figures_only=True)

    def prepare(self) -> bytes:
        """Return CLR, which ends whatever it was in the middle of, and `ESC @`."""
        return CLEAR + INITIALIZE

    def picture(self, content: DisplayContent) -> bytes:
        """Clear, light the lamp, show the figures; nothing but darkness while nothing is sold."""
        return CLEAR + self.again(content)

    def again(self, content: DisplayContent) -> bytes:
        """Light the lamp and show the figures: they cover those that stand there."""
        lamp = self._lamp(content.purpose)
        if content.purpose is DisplayPurpose.IDLE:
            return lamp
        return lamp + b"\x1bQA" + digits_of(content.amount_minor, content.decimals).encode("ascii") + b"\r"

    def _lamp(self, purpose: DisplayPurpose) -> bytes:
        place = LAMPS[purpose]
        if self._lamps == "esc-s":
            return b"\x1bs" + str(place).encode("ascii")
        return b"\x02L" + b"".join(b"1" if lamp == place else b"0" for lamp in range(1, 5))
