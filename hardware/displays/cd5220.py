"""CD5220: two rows of twenty characters, the command set that most pole displays with words can be switched to.

`ESC Q A text CR` and `ESC Q B text CR` write a whole row; while they are in use the display takes no other command but
CLR, so a picture begins with it. Displays without these two take the cursor (`ESC l x y`) instead. Displays with
Chinese characters take them in GB18030, two cells each.
"""

from dataclasses import dataclass
from typing import Final, Literal

from app.devices.line_display import DisplayContent, DisplayPurpose
from hardware.displays.driver import LineDisplayCapabilities
from hardware.displays.text import figures, row

INITIALIZE: Final = b"\x1b@"
CLEAR: Final = b"\x0c"
OVERWRITE: Final = b"\x1b\x11"
CURSOR_OFF: Final = b"\x1b_\x00"
BRIGHTEST: Final = 4

Writing = Literal["rows", "cursor"]


@dataclass(frozen=True, slots=True)
class Greeting:
    """What stands on the display while nothing is being sold."""

    upper: str = ""
    lower: str = ""


class Cd5220:
    """What a CD5220 is sent."""

    ROWS: Final = 2

    def __init__(
        self,
        *,
        columns: int = 20,
        chinese: bool = False,
        brightness: int = BRIGHTEST,
        writing: Writing = "rows",
        greeting: Greeting | None = None,
    ) -> None:
        """Say what it can.

        Args:
            columns: cells in a row.
            chinese: whether it has Chinese characters.
            brightness: 1 to 4.
            writing: by which commands.
            greeting: what it shows while nothing is being sold.
        """
        self._columns = columns
        self._chinese = chinese
        self._brightness = brightness
        self._writing = writing
        self._greeting = greeting or Greeting()

    @property
    def capabilities(self) -> LineDisplayCapabilities:
        """Two rows of words."""
        return LineDisplayCapabilities(self.ROWS, self._columns, chinese=self._chinese)

    def prepare(self) -> bytes:
        """Return what sets it up: out of `ESC Q`, initialized, overwriting, no cursor, as bright as wished."""
        return CLEAR + INITIALIZE + OVERWRITE + CURSOR_OFF + b"\x1b*" + bytes((self._brightness,))

    def picture(self, content: DisplayContent) -> bytes:
        """Clear and write both rows."""
        return CLEAR + self.again(content)

    def again(self, content: DisplayContent) -> bytes:
        """Write both rows over what stands there."""
        upper, lower = (text.encode("gb18030" if self._chinese else "ascii") for text in self.rows_of(content))
        if self._writing == "rows":
            return b"\x1bQA" + upper + b"\r\x1bQB" + lower + b"\r"
        return b"\x1bl\x01\x01" + upper + b"\x1bl\x01\x02" + lower

    def rows_of(self, content: DisplayContent) -> tuple[str, str]:
        """Return the two rows, each of exactly as many cells as the display has.

        What cannot be shown in its characters is left out, the amount never: it then stands alone.
        """
        if content.purpose is DisplayPurpose.IDLE and not (content.upper or content.lower):
            content = DisplayContent(DisplayPurpose.IDLE, upper=self._greeting.upper, lower=self._greeting.lower)
        upper = self._row(content.upper)
        lower = self._row(content.lower) if content.lower else None
        if lower is None and content.purpose is not DisplayPurpose.IDLE:
            lower = self._row(f"\t{figures(content.amount_minor, content.decimals)}") or "-" * self._columns
        blank = " " * self._columns
        return upper or blank, lower or blank

    def _row(self, text: str) -> str | None:
        return row(text, self._columns, chinese=self._chinese)
