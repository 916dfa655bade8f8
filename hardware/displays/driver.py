"""Drives one pole display over any transport: what it can show, what it is sent, and whether the line still stands."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from app.devices.line_display import DisplayContent
from app.values.wording import wording
from hardware.transport import DeviceAway, Transport

_WRITE_S: Final = 0.5
_LONGEST_WRITE_S: Final = 3.0
"""80 bytes take a third of a second at 2400 baud; a display behind a slow server takes some more."""

_MOST_DISCARDED: Final = 16
"""Reads in one look: a display that talks without end is not listened to without end."""


@dataclass(frozen=True, slots=True)
class LineDisplayCapabilities:
    """What a display can show."""

    rows: int
    columns: int
    """Cells in a row: a Latin letter takes one, a Hanzi two. Of displays with figures only, the digits."""

    chinese: bool = False
    """Whether it shows Hanzi."""

    figures_only: bool = False
    """Whether it shows an amount and nothing else; a lamp tells what the amount is."""

    can_answer: bool = False
    """Whether it says how it is; where not, only its line is known."""


class DisplayProtocol(Protocol):
    """Turns what is to be shown into a display's bytes; knows no line."""

    @property
    def capabilities(self) -> LineDisplayCapabilities:
        """What the display can show."""

    def prepare(self) -> bytes:
        """Return what a display is sent once, when it was just reached."""

    def picture(self, content: DisplayContent) -> bytes:
        """Return what shows a content, whatever stood there before."""

    def again(self, content: DisplayContent) -> bytes:
        """Return what shows the content that stands there already once more, without a flicker."""


class LineDisplayDriver(Protocol):
    """What a display's worker needs of a display. One thread uses it."""

    @property
    def capabilities(self) -> LineDisplayCapabilities:
        """What it can show."""

    def open(self) -> None:
        """Reach the display.

        Raises:
            Problem: if it is away or this computer cannot speak to it.
        """

    def close(self) -> None:
        """Let go of it; harmless where it is not open."""

    def show(self, content: DisplayContent) -> None:
        """Show a content.

        Raises:
            DeviceAway: if it is gone.
        """

    def refresh(self, content: DisplayContent) -> None:
        """Show again what it shows already, for displays that lost their power without saying so.

        Raises:
            DeviceAway: if it is gone.
        """

    def check(self) -> None:
        """Look whether its line still stands.

        Raises:
            DeviceAway: if it does not.
        """


class SerialLineDisplay:
    """A display that is only written to; see `LineDisplayDriver` for what its methods promise."""

    def __init__(
        self, transport: Transport, protocol: DisplayProtocol, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Say where the display is and what it understands; nothing is sent yet."""
        self._transport = transport
        self._protocol = protocol
        self._monotonic_s = monotonic_s

    @property
    def capabilities(self) -> LineDisplayCapabilities:
        """What it can show."""
        return self._protocol.capabilities

    def open(self) -> None:
        """Connect and prepare it."""
        self._transport.open()
        self._send(self._protocol.prepare())

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()

    def show(self, content: DisplayContent) -> None:
        """Send a whole picture."""
        self._send(self._protocol.picture(content))

    def refresh(self, content: DisplayContent) -> None:
        """Send the picture once more, without clearing first."""
        self._send(self._protocol.again(content))

    def check(self) -> None:
        """Read what it may say and forget it: a line that is gone shows in the reading."""
        for _ in range(_MOST_DISCARDED if self._transport.can_read else 0):
            if not self._transport.read(0):
                return

    def _send(self, data: bytes) -> None:
        deadline = self._monotonic_s() + _LONGEST_WRITE_S
        while data:
            data = data[self._transport.write(data, _WRITE_S) :]
            if data and self._monotonic_s() > deadline:
                raise DeviceAway(wording("The customer display takes no data. Check its power and cable."))
