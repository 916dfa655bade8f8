"""Drives one ESC/POS printer over any transport: sends, asks how it is, kicks the drawer."""

import time
from collections.abc import Callable
from typing import Final, Protocol

from app.values.wording import wording
from hardware.printers.escpos import BAND_DOTS
from hardware.printers.profile import PrinterProfile
from hardware.printers.status import PrinterStatus, ReplySorter, decode_replies
from hardware.transport import DeviceAway, Transport

_ANSWER_S: Final = 0.4
"""A printer answers `DLE EOT` within milliseconds, however busy it is; a slow line needs some more."""

_WRITE_S: Final = 0.5
_ATTEMPTS: Final = 2


class PrinterDriver(Protocol):
    """What a print queue needs of a printer. One thread uses it."""

    profile: PrinterProfile

    def open(self) -> None:
        """Reach the printer.

        Raises:
            Problem: if it is away or this computer cannot speak to it.
        """

    def close(self) -> None:
        """Let go of it; harmless where it is not open."""

    def status(self) -> PrinterStatus:
        """Ask how it is.

        Raises:
            DeviceAway: if it does not answer.
        """

    def overheard(self) -> PrinterStatus | None:
        """Return what it last said unasked, for the moments when it cannot be asked.

        Raises:
            DeviceAway: if it is gone.
        """

    def write(self, data: bytes) -> int:
        """Send what it takes now and return how many bytes that were.

        Raises:
            DeviceAway: if it is gone.
        """

    @property
    def confirms(self) -> bool:
        """Whether it can tell that it has printed everything."""

    def confirmation_request(self) -> bytes:
        """Return what to send last, for the printer to answer in its turn; empty where it cannot."""

    def confirmed(self, timeout_s: float) -> bool:
        """Return whether that answer came within the time."""

    def clear_interrupted(self) -> None:
        """End a command that broke off half-way, so that the printer takes the next bytes for what they are."""

    def kick_drawer(self, *, at_once: bool) -> bool:
        """Kick the drawer: in its turn, or at once where the printer has stopped; false where that cannot be."""


class EscposDriver:
    """A printer that speaks ESC/POS; see `PrinterDriver` for what its methods promise."""

    def __init__(
        self, transport: Transport, profile: PrinterProfile, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Say where the printer is and what it can; nothing is sent yet."""
        self.profile = profile
        self._transport = transport
        self._monotonic_s = monotonic_s
        self._replies = ReplySorter()

    @property
    def _asks(self) -> bool:
        return self.profile.answers_status and self._transport.can_read

    def open(self) -> None:
        """Connect and ask for automatic status, which still comes when the printer's buffer is full."""
        self._replies = ReplySorter()
        self._transport.open()
        if self._asks:
            self._send_whole(b"\x1da\xff")

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()

    def status(self) -> PrinterStatus:
        """Ask by `DLE EOT` 1, 2 and 4; a printer that cannot answer counts as ready."""
        if not self._asks:
            return PrinterStatus()
        return decode_replies(*(self._ask(kind) for kind in (1, 2, 4)))

    def _ask(self, kind: int) -> int:
        self._replies.take(self._transport.read(0))
        self._replies.direct.clear()
        for _ in range(_ATTEMPTS):
            self._send_whole(bytes((0x10, 0x04, kind)))
            if self._listen(lambda: bool(self._replies.direct), _ANSWER_S):
                return self._replies.direct.pop()
        raise DeviceAway(wording("The receipt printer does not answer. Check its power and cable; every sale is safe."))

    def overheard(self) -> PrinterStatus | None:
        """Return the last automatic status."""
        if self._asks:
            self._replies.take(self._transport.read(0))
        return self._replies.automatic

    def write(self, data: bytes) -> int:
        """Send as much as goes out in half a second."""
        return self._transport.write(data, _WRITE_S)

    @property
    def confirms(self) -> bool:
        """Whether it answers `GS r`."""
        return self._asks and self.profile.confirms

    def confirmation_request(self) -> bytes:
        """Return `GS r 1`, which the printer answers when it has come to it."""
        self._replies.forget()
        return b"\x1dr\x01" if self.confirms else b""

    def confirmed(self, timeout_s: float) -> bool:
        """Wait for the answer to `GS r`."""
        return self.confirms and self._listen(lambda: bool(self._replies.ordered), timeout_s)

    def clear_interrupted(self) -> None:
        """Send as many zeros as a picture's band may still be waiting for; between commands they mean nothing."""
        self._send_whole(bytes(self.profile.width_dots // 8 * BAND_DOTS + 512))

    def kick_drawer(self, *, at_once: bool) -> bool:
        """Send the drawer's pulse; never into a stopped printer's buffer, to fire when nobody expects it."""
        if at_once and not self.profile.kicks_at_once:
            return False
        drawer = self.profile.drawer
        self._send_whole(drawer.kick_at_once() if at_once else drawer.kick())
        return True

    def _send_whole(self, data: bytes) -> None:
        sent = 0
        while sent < len(data):
            taken = self._transport.write(data[sent:], _WRITE_S)
            if not taken:
                raise DeviceAway(wording("The receipt printer takes no data. Press its feed or online button."))
            sent += taken

    def _listen(self, heard: Callable[[], bool], timeout_s: float) -> bool:
        deadline = self._monotonic_s() + timeout_s
        while not heard():
            left = deadline - self._monotonic_s()
            if left <= 0:
                return False
            self._replies.take(self._transport.read(left))
        return True
