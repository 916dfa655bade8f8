"""The lines that lead to simulated devices: in the same process, a TCP port, and a serial line made of a pty.

A serial line can be unplugged: its path vanishes and comes back, as that of a USB adapter does.
"""

import contextlib
import os
import select
import socket
import sys
import tempfile
import threading
import weakref
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, Protocol, Self

from app.values.wording import wording
from hardware.connections import NetworkConnection, SerialConnection, transport_for
from hardware.transport import DeviceAway, MissingSupport, Transport

_TICK_S: Final = 0.02
_END_S: Final = 2.0
_PIECE_BYTES: Final = 1024


class Twin(Protocol):
    """What a line needs of a simulated device; see `SimulatedDevice`."""

    @property
    def reachable(self) -> bool:
        """Whether bytes get through to it."""

    @property
    def plugged_in(self) -> bool:
        """Whether its cable is in."""

    def receive(self, data: bytes) -> int:
        """Take bytes; return how many it took.

        Raises:
            DeviceAway: if it is switched off or unplugged.
        """

    def replies(self, timeout_s: float) -> bytes:
        """Return what it sends within the time.

        Raises:
            DeviceAway: if it is switched off or unplugged.
        """


class SimulatedTransport:
    """A cable to a simulated device in the same process."""

    can_read: ClassVar[bool] = True

    def __init__(self, twin: Twin) -> None:
        """Say which device hangs on it."""
        self.twin = twin
        self._open = False

    def open(self) -> None:
        """Connect; see `Transport.open`."""
        if not self.twin.reachable:
            raise DeviceAway(wording("The simulated device is switched off or unplugged. Switch it on."))
        self._open = True

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`."""
        del timeout_s  # It takes what it takes at once.
        self._require_open()
        return self.twin.receive(data)

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        self._require_open()
        return self.twin.replies(timeout_s)

    def close(self) -> None:
        """Disconnect; see `Transport.close`."""
        self._open = False

    def _require_open(self) -> None:
        if not self._open:
            raise DeviceAway(wording("The simulated device is not connected."))


class _Line(ABC):
    """A thread that stands between a line and a simulated device."""

    def __init__(self, twin: Twin, name: str) -> None:
        self.twin = twin
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    def close(self) -> None:
        """Hang up and stop."""
        self.abandon()
        if self._thread is not threading.current_thread():
            self._thread.join(_END_S)

    def abandon(self) -> None:
        """Have it stop soon, without waiting for that."""
        self._stopping.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _serve(self) -> None:
        """Carry bytes both ways until told to stop."""


class SimulatedServer(_Line):
    """Puts a simulated device on a TCP port of this computer; serves one caller at a time, as such devices do."""

    def __init__(self, twin: Twin, port: int = 0) -> None:
        """Listen on the loopback interface; port 0 takes a free one."""
        super().__init__(twin, "simulated-server")
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(_TICK_S)
        self.port: int = self._listener.getsockname()[1]
        """Where it listens."""

        self._thread.start()

    def _serve(self) -> None:
        with self._listener:
            while not self._stopping.is_set():
                try:
                    connection, _ = self._listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        """Carry bytes both ways until the caller hangs up or the device dies; the next one to call starts afresh."""
        connection.settimeout(_TICK_S)
        waiting = b""
        with contextlib.suppress(OSError, DeviceAway):
            while not self._stopping.is_set() and self.twin.reachable:
                # A device with a full buffer reads nothing more, and the caller's bytes wait on the line.
                if not waiting:
                    waiting = _received(connection)
                waiting = waiting[self.twin.receive(waiting) :]
                if answer := self.twin.replies(_TICK_S if waiting else 0):
                    connection.sendall(answer)


def _received(connection: socket.socket) -> bytes:
    try:
        data = connection.recv(_PIECE_BYTES)
    except TimeoutError:
        return b""
    if not data:
        raise ConnectionResetError
    return data


class SimulatedSerialLine(_Line):
    """Puts a simulated device on a serial line of this computer, at a path that stays the same; not on Windows."""

    def __init__(self, twin: Twin, path: Path | None = None) -> None:
        """Make the line; `path` is where it appears, a temporary one where none is given.

        Raises:
            MissingSupport: on Windows, which has no ptys; use the network there.
        """
        if sys.platform == "win32":
            raise MissingSupport(
                wording("Simulated serial lines are not there on Windows. Set line to memory or network.")
            )
        super().__init__(twin, "simulated-serial-line")
        self._folder = tempfile.TemporaryDirectory(prefix="guitai-line-") if path is None else None
        self.path = path or Path(self._folder.name if self._folder else "") / "tty"
        """Where it appears while the device is plugged in."""

        self._master: int | None = None
        self._slave: int | None = None
        self._follow()
        self._thread.start()

    def _follow(self) -> None:
        """Appear when the device is plugged in, vanish when it is not; one without power is silent, not gone."""
        if self.twin.plugged_in and self._master is None:
            self._appear()
        elif not self.twin.plugged_in and self._master is not None:
            self._vanish()

    def _appear(self) -> None:
        import tty

        self._master, self._slave = os.openpty()
        # Raw from the start: a line that echoes would answer the till with its own question. The slave stays open
        # here, so that a till that hangs up does not end the line.
        tty.setraw(self._slave)
        # A line has no room without end: what does not go through at once waits, and never holds up the closing.
        os.set_blocking(self._master, False)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._slave))

    def _vanish(self) -> None:
        self.path.unlink(missing_ok=True)
        for descriptor in (self._slave, self._master):
            if descriptor is not None:
                os.close(descriptor)
        self._master = self._slave = None

    def _serve(self) -> None:
        waiting = b""
        while not self._stopping.is_set():
            self._follow()
            try:
                waiting = self._carry(waiting) if self._master is not None else b""
            except (OSError, DeviceAway):
                # Without power it is deaf: what was sent to it is lost.
                waiting = b""
                self._stopping.wait(_TICK_S)
            if self._master is None:
                self._stopping.wait(_TICK_S)
        self._vanish()
        if self._folder is not None:
            self._folder.cleanup()

    def _carry(self, waiting: bytes) -> bytes:
        """Carry bytes both ways for a moment; return those that the device has no room for yet."""
        master = self._master
        if master is None:
            return b""
        if not waiting and select.select([master], [], [], _TICK_S)[0]:
            waiting = os.read(master, _PIECE_BYTES)
        waiting = waiting[self.twin.receive(waiting) :]
        answer = self.twin.replies(_TICK_S if waiting else 0)
        while answer and not self._stopping.is_set() and select.select([], [master], [], _TICK_S)[1]:
            with contextlib.suppress(BlockingIOError):
                answer = answer[os.write(master, answer) :]
        return waiting


class TwinTransport:
    """A real transport to a line that leads to a simulated device; knows which device that is."""

    def __init__(self, inner: Transport, line: _Line) -> None:
        """Take a transport and the line at its other end, which is kept for as long as the transport is."""
        self._inner = inner
        self._line = line
        # Whoever drops the transport drops the line: its thread must not wait for a till that will never call again.
        weakref.finalize(self, line.abandon)

    @property
    def twin(self) -> Any:  # noqa: ANN401 - whichever kind of simulated device it is
        """The simulated device."""
        return self._line.twin

    @property
    def can_read(self) -> bool:
        """Whether the device can answer."""
        return self._inner.can_read

    def open(self) -> None:
        """Connect; see `Transport.open`."""
        self._inner.open()

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`."""
        return self._inner.write(data, timeout_s)

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        return self._inner.read(timeout_s)

    def close(self) -> None:
        """Disconnect; see `Transport.close`."""
        self._inner.close()

    def end(self) -> None:
        """Take the line away for good."""
        self._line.close()


def line_to(twin: Twin, line: str) -> Transport:
    """Return a transport to a simulated device over a line of a kind.

    Args:
        twin: the device.
        line: `memory` in the same process, `network` over a TCP port, `serial` over a pty; `serial` becomes `network`
            on Windows.
    """
    if line == "memory":
        return SimulatedTransport(twin)
    if line == "serial" and sys.platform != "win32":
        made = SimulatedSerialLine(twin)
        return TwinTransport(transport_for(SerialConnection(str(made.path))), made)
    server = SimulatedServer(twin)
    return TwinTransport(transport_for(NetworkConnection("127.0.0.1", server.port)), server)


def twin_behind(transport: Transport) -> Any:  # noqa: ANN401 - whichever kind of simulated device it is
    """Return the simulated device at the end of a transport; None where the device is real."""
    return getattr(transport, "twin", None)
