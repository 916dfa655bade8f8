"""Drives one ESC/POS printer over any transport: sends, asks how it is, kicks the drawer."""

import time
from collections.abc import Callable
from typing import Final, Protocol

from app.values.wording import wording
from hardware.printers.escpos import BAND_DOTS
from hardware.printers.profile import PrinterProfile
from hardware.printers.status import PrinterStatus, ReplySorter, decode_replies, reports_error
from hardware.transport import DeviceAway, Transport

_ANSWER_S: Final = 0.4
"""A printer answers `DLE EOT` within milliseconds, however busy it is; a slow line needs some more."""

_WRITE_S: Final = 0.5
_ATTEMPTS: Final = 2
_READINGS: Final = 6
"""How often it is asked at most until it says the same twice."""

_BACKLOG_BYTES: Final = 2048
"""More than a printer can have said since it was last listened to; what then still comes is a flood."""

_LEFTOVERS_S: Final = 0.05
_MOST_REQUESTS: Final = 32


class PrinterUnintelligible(DeviceAway):
    """Raised when what comes back is no printer's answer: noise, a wrong line speed, another device."""

    code = "PRINTER-UNINTELLIGIBLE"


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
            DeviceAway: if it does not answer, or not as a printer does.
        """

    def recover(self) -> None:
        """Tell it that a person has freed what was stuck: it goes on with the line at which it stopped.

        Raises:
            DeviceAway: if it is gone.
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

    @property
    def disturbed(self) -> bool:
        """Whether noise came back since the confirmation was asked for, in which it may have been lost."""

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
        self._believed: PrinterStatus | None = None
        self._unanswered = 0
        """Answers to `GS r` that may still come, from before."""

        self._wanted = 1
        """How many answers make a confirmation."""

    @property
    def _asks(self) -> bool:
        return self.profile.answers_status and self._transport.can_read

    def open(self) -> None:
        """Connect and ask for automatic status, which still comes when the printer's buffer is full."""
        self._replies = ReplySorter()
        self._believed = None
        self._transport.open()
        if self._asks:
            self._send_whole(b"\x1da\xff")

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()

    def status(self) -> PrinterStatus:
        """Ask by `DLE EOT` 1, 2 and 4, and 3 where there is a fault; a printer that cannot answer counts as ready.

        A status that differs from the last one is believed when it was said twice: one byte with a wrong bit would
        else be paper that is not out, or a drawer that is not open.
        """
        if not self._asks:
            return PrinterStatus()
        said = self._read_status()
        for _ in range(_READINGS):
            if said == self._believed:
                return said
            self._believed, said = said, self._read_status()
        if said == self._believed:
            return said
        self._believed = None
        raise self._unintelligible()

    def _read_status(self) -> PrinterStatus:
        printer, offline, paper = (self._ask(kind) for kind in (1, 2, 4))
        causes = self._ask(3) if reports_error(offline) else 0
        return decode_replies(printer, offline, paper, causes)

    def _ask(self, kind: int) -> int:
        """Return the answer to `DLE EOT`, and nothing that came along with noise."""
        noisy = False
        for _ in range(_ATTEMPTS):
            flooded = not self._clear_line()
            self._replies.direct.clear()
            noise = self._replies.noise
            self._send_whole(bytes((0x10, 0x04, kind)))
            heard = self._listen(lambda: bool(self._replies.direct), _ANSWER_S)
            noisy = flooded or self._replies.noise > noise
            if heard and not noisy and len(set(self._replies.direct)) == 1:
                return self._replies.direct.pop()
            noisy = noisy or heard
        if noisy:
            raise self._unintelligible()
        raise DeviceAway(wording("The receipt printer does not answer. Check its power and cable; every sale is safe."))

    def _clear_line(self) -> bool:
        """Read what came unasked; false where it does not end."""
        cleared = 0
        while cleared < _BACKLOG_BYTES:
            data = self._transport.read(0)
            if not data:
                return True
            self._replies.take(data)
            cleared += len(data)
        return False

    def _unintelligible(self) -> PrinterUnintelligible:
        return PrinterUnintelligible(
            wording(
                "What comes back from the receipt printer makes no sense. Check the cable, the speed of the line and"
                " that a receipt printer is at its end; every sale is safe."
            )
        )

    def recover(self) -> None:
        """Send `DLE ENQ 1`, which a printer obeys at once; one without a fault takes no notice."""
        if self._asks:
            self._send_whole(b"\x10\x05\x01")

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
        """Return `GS r 1`, which the printer answers when it has come to it.

        The answers look all the same. Where earlier ones are still owing, because a cable was pulled, the printer is
        asked once more often than that, so that theirs are not enough to confirm what comes after them.
        """
        if not self.confirms:
            return b""
        self._clear_line()
        self._replies.forget()
        self._wanted = min(_MOST_REQUESTS, self._unanswered + 1)
        self._unanswered += self._wanted
        return b"\x1dr\x01" * self._wanted

    def confirmed(self, timeout_s: float) -> bool:
        """Wait for the answers to `GS r`; what comes together with noise confirms nothing."""
        if not self.confirms or not self._listen(lambda: len(self._replies.ordered) >= self._wanted, timeout_s):
            return False
        if self._replies.noise:
            self._replies.ordered.clear()
            return False
        if self._unanswered > 1:
            # The rest of them comes at once, since nothing is printed between.
            self._listen(lambda: False, _LEFTOVERS_S)
        self._unanswered = 0
        return True

    @property
    def disturbed(self) -> bool:
        """Whether bytes came that no printer sends."""
        return self._replies.noise > 0

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
