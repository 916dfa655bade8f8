"""Drives one cash drawer on a port of its own, over any transport."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from app.values.wording import wording
from hardware.drawers.port import PortWiring, StateListener
from hardware.transport import DeviceAway, SignalLines, Transport

_ANSWER_S: Final = 0.3
_WRITE_S: Final = 0.5
_QUESTIONS: Final = 3
"""How often it is asked at most until it says the same twice; a change between takes one more."""

_BACKLOG_BYTES: Final = 512


class DrawerUnintelligible(DeviceAway):
    """Raised when what comes back is not a drawer's answer."""

    code = "DRAWER-UNINTELLIGIBLE"


@dataclass(frozen=True, slots=True)
class DrawerCapabilities:
    """What a cash drawer can do."""

    reports_state: bool
    """Whether it can tell that it is open."""


class DrawerDriver(Protocol):
    """What a drawer's worker needs. One thread uses it."""

    @property
    def capabilities(self) -> DrawerCapabilities:
        """What it can do."""

    def open(self) -> None:
        """Reach the drawer's box; the drawer stays as it is.

        Raises:
            Problem: if it is away or this computer cannot speak to it.
        """

    def close(self) -> None:
        """Let go of it; harmless where it is not open."""

    def kick(self) -> None:
        """Have the drawer spring open.

        Raises:
            DeviceAway: if it is gone.
        """

    def is_open(self) -> bool | None:
        """Return whether it stands open; None where it cannot tell.

        Raises:
            DeviceAway: if it is gone, or does not answer.
        """


class PortDrawer:
    """A drawer behind a trigger box; see `DrawerDriver` for what its methods promise."""

    def __init__(
        self,
        transport: Transport,
        wiring: PortWiring,
        signals: SignalLines | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Say where it is and how it is wired; nothing is sent yet.

        Args:
            transport: carries its bytes.
            wiring: what kicks it and how it is seen.
            signals: the signal lines of the same serial port, where the wiring uses them.
            monotonic_s: seconds that never go back.

        Raises:
            ValueError: if the wiring uses signal lines and there are none.
        """
        if signals is None and (wiring.kick_by != "bytes" or wiring.state_by in {"cts", "dsr"}):
            raise ValueError("the wiring needs the signal lines of a serial port")
        self._transport = transport
        self._wiring = wiring
        self._signals = signals
        self._monotonic_s = monotonic_s
        self._resting = threading.Event()

    @property
    def capabilities(self) -> DrawerCapabilities:
        """What it can do with this wiring."""
        return DrawerCapabilities(
            reports_state=self._wiring.state_by in {"cts", "dsr"}
            or (self._wiring.state_by == "query" and self._transport.can_read)
        )

    def open(self) -> None:
        """Connect, the signal line that kicks at rest from the first moment."""
        if self._signals is not None and self._wiring.kick_by != "bytes":
            self._signals.set_signal(self._wiring.kick_by, on=not self._wiring.pulse_high)
        self._transport.open()

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()

    def kick(self) -> None:
        """Send the kick's bytes, or give the pulse."""
        wiring = self._wiring
        if wiring.kick_by == "bytes":
            self._send_whole(wiring.kick_bytes)
        elif self._signals is not None:
            self._signals.set_signal(wiring.kick_by, on=wiring.pulse_high)
            self._resting.wait(wiring.pulse_ms / 1000)
            self._signals.set_signal(wiring.kick_by, on=not wiring.pulse_high)

    def is_open(self) -> bool | None:
        """Ask, or look at the signal line; a state counts when it is said twice in a row."""
        wiring = self._wiring
        if self._signals is not None and wiring.state_by in {"cts", "dsr"}:
            return self._signals.signal(wiring.state_by) is wiring.open_when_high
        if wiring.state_by != "query" or not self._transport.can_read:
            return None
        flooded = not self._clear_line()
        listener = StateListener(wiring)
        for _ in range(_QUESTIONS):
            if flooded:
                break
            before = listener.answers
            self._send_whole(wiring.query_bytes)
            self._listen(listener, before + 1)
            if listener.answers == before and not listener.noise:
                break
            if listener.is_open is not None and not listener.noise:
                return listener.is_open
        if flooded or listener.answers or listener.noise:
            raise DrawerUnintelligible(
                wording(
                    "What comes back from the cash drawer makes no sense. Check its cable and settings; its key opens"
                    " it."
                )
            )
        raise DeviceAway(wording("The cash drawer does not answer. Check its cable; its key opens it."))

    def _listen(self, listener: StateListener, wanted: int) -> None:
        deadline = self._monotonic_s() + _ANSWER_S
        while listener.answers < wanted and (left := deadline - self._monotonic_s()) > 0:
            listener.take(self._transport.read(left))

    def _clear_line(self) -> bool:
        """Read what came unasked; false where it does not end."""
        cleared = 0
        while cleared < _BACKLOG_BYTES:
            data = self._transport.read(0)
            if not data:
                return True
            cleared += len(data)
        return False

    def _send_whole(self, data: bytes) -> None:
        sent = 0
        while sent < len(data):
            taken = self._transport.write(data[sent:], _WRITE_S)
            if not taken:
                raise DeviceAway(wording("The cash drawer does not answer. Check its cable; its key opens it."))
            sent += taken
