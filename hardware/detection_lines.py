"""Opens a serial line for a search: for this program alone, and only where no other program has it."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import serial

from app.values.wording import wording
from hardware.connections import SerialConnection
from hardware.transport import DeviceAway, Transport

if sys.platform == "win32":
    _NotSettable = ValueError
else:
    # What pyserial lets through where a line cannot be set as it should be; it is no OSError.
    from termios import error as _NotSettable  # noqa: N812 - it is a class


class LineTaken(DeviceAway):
    """Raised when another program uses a serial line."""

    code = "LINE-TAKEN"


class ExclusiveLine:
    """A serial line that no other program can use meanwhile."""

    can_read: bool = True

    def __init__(self, connection: SerialConnection, *, in_use: Callable[[str], bool] | None = None) -> None:
        """Say which line; it is not opened yet.

        Args:
            connection: the line.
            in_use: tells whether another program has it open; asks the system where none is given.
        """
        self._port = connection.port
        self._in_use = in_use or held_by_others
        self._line = serial.Serial(
            baudrate=connection.baud,
            bytesize=connection.data_bits,
            parity=connection.parity,
            stopbits=connection.stop_bits,
            exclusive=None if sys.platform == "win32" else True,
        )
        self._line.port = connection.port

    def open(self) -> None:
        """Open it.

        Raises:
            LineTaken: if another program has it.
            DeviceAway: if it is not there, or this user may not use it.
        """
        if self._in_use(self._port):
            raise _taken(self._port)
        try:
            self._open()
        except _NotSettable:
            # A pseudo-terminal, and some adapters, know no parity: they carry the bytes as they are.
            self._line.close()
            self._line.bytesize, self._line.parity = serial.EIGHTBITS, serial.PARITY_NONE
            try:
                self._open()
            except _NotSettable as error:
                raise _unusable(self._port, error) from error

    def _open(self) -> None:
        try:
            self._line.open()
            # pyserial sets the line again with each time-out: one that cannot be set so says so now.
            self._line.timeout = 0
        except OSError as error:
            if "lock" in str(error) or "busy" in str(error).lower() or "PermissionError" in str(error):
                raise _taken(self._port) from error
            raise _unusable(self._port, error) from error

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`."""
        try:
            self._line.write_timeout = timeout_s
            return self._line.write(data) or 0
        except serial.SerialTimeoutException:
            return 0
        except OSError as error:
            raise _unusable(self._port, error) from error

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        try:
            self._line.timeout = timeout_s
            first = self._line.read(1)
            return first + self._line.read(self._line.in_waiting) if first else b""
        except (OSError, TypeError) as error:
            raise _unusable(self._port, error) from error

    def close(self) -> None:
        """Close it; see `Transport.close`."""
        self._line.close()


def _taken(port: str) -> LineTaken:
    return LineTaken(wording("{port} is in use by another program. It was left alone.", port=port))


def _unusable(port: str, error: Exception) -> DeviceAway:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DeviceAway(
        wording(
            "{port} cannot be opened ({reason}). Plug it in, or have yourself added to the group dialout.",
            port=port,
            reason=reason,
        )
    )


def open_line(connection: SerialConnection) -> Transport:
    """Return a serial line that is used by this program alone; not opened yet."""
    return ExclusiveLine(connection)


def held_by_others(port: str, proc: Path = Path("/proc")) -> bool:
    """Tell whether another program has a device open; false where the system does not say.

    Only programs of the same user can be seen, unless an administrator asks.

    Args:
        port: a name of the device.
        proc: where Linux describes programs.
    """
    wanted = os.path.realpath(port)
    own = str(os.getpid())
    for program in proc.iterdir() if proc.is_dir() else ():
        if program.name.isdigit() and program.name != own:
            # A program of another user, or one that just ended, does not show its files.
            with suppress(OSError):
                if any(str(descriptor.readlink()) == wanted for descriptor in (program / "fd").iterdir()):
                    return True
    return False
