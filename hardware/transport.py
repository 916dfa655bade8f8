"""The ways bytes reach a device: network, serial line, USB, a device file."""

import errno
import os
import select
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

import serial

from app.values.problems import Problem
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from hardware.usb import ClaimedUsb


class DeviceAway(Problem):
    """Raised when a device cannot be reached, or could and is gone."""

    code = "DEVICE-AWAY"


class MissingSupport(Problem):
    """Raised when this computer lacks what a kind of connection needs."""

    code = "MISSING-SUPPORT"


class Transport(Protocol):
    """A way to one device. Used by one thread; every call comes back within its time."""

    @property
    def can_read(self) -> bool:
        """Whether the device can answer."""

    def open(self) -> None:
        """Connect.

        Raises:
            DeviceAway: if the device is not there.
            MissingSupport: if this computer cannot speak to it.
        """

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send what the device takes within the time and return how many bytes that were; 0 where it takes none.

        Raises:
            DeviceAway: if the device is gone.
        """

    def read(self, timeout_s: float) -> bytes:
        """Return what the device sent, at least one byte; empty where nothing came within the time.

        Raises:
            DeviceAway: if the device is gone.
        """

    def close(self) -> None:
        """Disconnect; harmless where it is not connected."""


class SignalLines(Protocol):
    """The wires of a serial port beside the data; used by the thread that uses its transport."""

    def set_signal(self, name: str, *, on: bool) -> None:
        """Raise or drop `dtr` or `rts`; before the port is opened, say how it is to be from then on.

        Raises:
            DeviceAway: if the port is gone.
        """

    def signal(self, name: str) -> bool:
        """Whether `cts` or `dsr` is up.

        Raises:
            DeviceAway: if the port is gone, or has no such wires.
        """


_REASONS: Final = {
    errno.ENOENT: wording("it is not there"),
    errno.ENODEV: wording("it is not there"),
    errno.ENXIO: wording("it is not there"),
    errno.EACCES: wording("this user may not use it"),
    errno.EPERM: wording("this user may not use it"),
    errno.EBUSY: wording("another program uses it"),
    errno.EAGAIN: wording("another program uses it"),
    errno.EISDIR: wording("that is a folder"),
    errno.ENOTTY: wording("that is no serial line"),
    errno.EIO: wording("it is gone"),
    errno.ECONNREFUSED: wording("it refuses the connection"),
    errno.ECONNRESET: wording("it hung up"),
    errno.EPIPE: wording("it hung up"),
    errno.EHOSTUNREACH: wording("no way leads there"),
    errno.ENETUNREACH: wording("no way leads there"),
}
"""What the system's errors mean for a person; its own words are English and for programmers."""


def _number(error: Exception) -> int:
    """Return the system's number of an error; pyserial hides some of them in the error that its own came from."""
    for one in (error, error.__context__):
        if isinstance(one, OSError) and one.errno is not None:
            return one.errno
        if isinstance(one, _ON_SERIAL_FAULT) and one.args and isinstance(one.args[0], int):
            return one.args[0]
    return 0


def _reason(error: Exception) -> Wording | str:
    reason: Wording | str = wording("the line cannot be set to these bits and parity")
    if isinstance(error, TimeoutError):
        reason = wording("no answer in time")
    elif isinstance(error, socket.gaierror | UnicodeError):
        reason = wording("nobody knows this name")
    elif (number := _number(error)) in _REASONS:
        reason = _REASONS[number]
    elif isinstance(error, serial.SerialException | TypeError):
        reason = wording("it is gone")
    elif isinstance(error, ValueError):
        reason = wording("no device can be called that")
    elif isinstance(error, OSError):
        reason = error.strerror or str(error)
    return reason


def _away(place: str, error: Exception) -> DeviceAway:
    return DeviceAway(
        wording(
            "The device at {place} cannot be reached ({reason}). Check its power and cable.",
            place=place,
            reason=_reason(error),
        )
    )


class NetworkTransport:
    """A device that listens on a TCP port, as receipt printers do on 9100."""

    can_read: ClassVar[bool] = True

    def __init__(self, host: str, port: int = 9100, *, connect_timeout_s: float = 2.0) -> None:
        """Say where the device is; nothing is sent yet."""
        self._address = (host, port)
        self._connect_timeout_s = connect_timeout_s
        self._socket: socket.socket | None = None

    @property
    def _place(self) -> str:
        return f"{self._address[0]}:{self._address[1]}"

    def open(self) -> None:
        """Connect; see `Transport.open`."""
        self.close()
        try:
            self._socket = socket.create_connection(self._address, self._connect_timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except (OSError, ValueError) as error:  # ValueError: a name that none can have
            raise _away(self._place, error) from error

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`."""
        connection = self._connected()
        connection.settimeout(timeout_s)
        try:
            return connection.send(data)
        except (TimeoutError, BlockingIOError):
            return 0
        except OSError as error:
            raise _away(self._place, error) from error

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        connection = self._connected()
        connection.settimeout(timeout_s)
        try:
            data = connection.recv(4096)
        except (TimeoutError, BlockingIOError):
            return b""
        except OSError as error:
            raise _away(self._place, error) from error
        if not data:
            raise _away(self._place, ConnectionResetError(errno.ECONNRESET, "connection closed by the device"))
        return data

    def close(self) -> None:
        """Disconnect; see `Transport.close`."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise _away(self._place, ConnectionError("not connected"))
        return self._socket


def _serial_faults() -> tuple[type[Exception], ...]:
    """What pyserial lets through: its own errors, those of the line's settings, and TypeError when closed in a read."""
    try:
        import termios
    except ImportError:
        return OSError, TypeError, ValueError
    return OSError, TypeError, ValueError, termios.error


_ON_SERIAL_FAULT: Final = _serial_faults()


class SerialTransport:
    """A device on a serial line; no other program reads along."""

    can_read: ClassVar[bool] = True

    def __init__(
        self,
        port: str,
        *,
        baud: int = 9600,
        data_bits: int = 8,
        parity: str = "N",
        stop_bits: int = 1,
        hardware_handshake: bool = False,
    ) -> None:
        """Say which line and how it is set; `parity` is N, E or O."""
        self._line = serial.Serial(
            baudrate=baud,
            bytesize=data_bits,
            parity=parity,
            stopbits=stop_bits,
            dsrdtr=hardware_handshake,
            exclusive=True,
        )
        self._line.port = port
        self._port = port

    def open(self) -> None:
        """Open the line; see `Transport.open`."""
        self.close()
        try:
            self._line.open()
        except _ON_SERIAL_FAULT as error:
            raise _away(self._port, error) from error

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`. Short pieces, so that a printer that stops taking data is noticed."""
        piece = data[:64]
        try:
            if self._line.write_timeout != timeout_s:
                self._line.write_timeout = timeout_s
            return self._line.write(piece) or 0
        except serial.SerialTimeoutException:
            return 0
        except _ON_SERIAL_FAULT as error:
            raise _away(self._port, error) from error

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        try:
            # pyserial sets the whole line anew with each time.
            if self._line.timeout != timeout_s:
                self._line.timeout = timeout_s
            first = self._line.read(1)
            return first + self._line.read(self._line.in_waiting) if first else b""
        except _ON_SERIAL_FAULT as error:
            raise _away(self._port, error) from error

    def close(self) -> None:
        """Close the line; see `Transport.close`."""
        self._line.close()

    def set_signal(self, name: str, *, on: bool) -> None:
        """Raise or drop `dtr` or `rts`; see `SignalLines.set_signal`."""
        try:
            setattr(self._line, name, on)
        except OSError as error:
            raise _away(self._port, error) from error

    def signal(self, name: str) -> bool:
        """Whether `cts` or `dsr` is up; see `SignalLines.signal`."""
        try:
            return bool(getattr(self._line, name))
        except OSError as error:
            raise _away(self._port, error) from error


class FileTransport:
    """A device node such as /dev/usb/lp0, or a plain file that keeps what would have been printed."""

    def __init__(self, path: Path) -> None:
        """Say which file; it is opened later."""
        self._path = path
        self._descriptor: int | None = None
        self._is_device = False

    @property
    def can_read(self) -> bool:
        """Whether it is a device that was opened for reading as well."""
        return self._is_device

    def open(self) -> None:
        """Open the device, or the file for appending; see `Transport.open`."""
        self.close()
        try:
            self._is_device = self._path.exists() and stat.S_ISCHR(self._path.stat().st_mode)
            if self._is_device:
                self._descriptor = os.open(self._path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0))
            elif self._path.is_relative_to("/dev"):
                # A printer that is not plugged in has no node; a plain file in its place would swallow receipts.
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            else:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
                self._descriptor = os.open(self._path, flags, 0o600)
        except (OSError, ValueError) as error:
            raise _away(str(self._path), error) from error

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`."""
        descriptor = self._opened()
        try:
            if self._is_device and not select.select([], [descriptor], [], timeout_s)[1]:
                return 0
            return os.write(descriptor, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise _away(str(self._path), error) from error

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        descriptor = self._opened()
        try:
            if not self._is_device or not select.select([descriptor], [], [], timeout_s)[0]:
                return b""
            return os.read(descriptor, 4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise _away(str(self._path), error) from error

    def close(self) -> None:
        """Close the file; see `Transport.close`."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        if self._descriptor is None:
            raise _away(str(self._path), OSError("not open"))
        return self._descriptor


class UsbTransport:
    """A USB device that no driver of the operating system is needed for, through pyusb; see `hardware.usb`."""

    can_read: ClassVar[bool] = True

    def __init__(
        self,
        vendor_id: int,
        product_id: int,
        *,
        serial_number: str = "",
        in_endpoint: int | None = None,
        out_endpoint: int | None = None,
        backend: object = None,
    ) -> None:
        """Say which device; its ids are shown by the operating system's list of USB devices.

        Args:
            vendor_id: the maker's.
            product_id: the model's.
            serial_number: chooses one of several of a model; the first one found where it is empty.
            in_endpoint: address of the endpoint to read from; where it is None, or the device has none such, its
                descriptors say.
            out_endpoint: address of the endpoint to write to; the same.
            backend: a pyusb backend, such as `hardware.simulated.usb_bus.SimulatedUsbBus`; the system's libusb where
                it is None.
        """
        self._ids = (vendor_id, product_id)
        self._serial_number = serial_number
        self._endpoints = (in_endpoint, out_endpoint)
        self._backend = backend
        self._claimed: ClaimedUsb | None = None

    @property
    def _place(self) -> str:
        serial_number = f" ({self._serial_number})" if self._serial_number else ""
        return f"USB {self._ids[0]:04x}:{self._ids[1]:04x}{serial_number}"

    def open(self) -> None:
        """Claim the device; see `Transport.open`.

        Raises:
            DeviceAway: if it is not there (`UsbForbidden`: may not be had, `UsbBusy`: another program has it).
            MissingSupport: if libusb, or the device's driver for it, is not installed.
        """
        from hardware.usb import claim

        self.close()
        self._claimed = claim(self._ids, self._serial_number, self._endpoints, self._backend)

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`."""
        try:
            return self._held().write(data, timeout_s)
        except OSError as error:
            if error.errno in _NOTHING_YET:
                return 0
            raise _away(self._place, error) from error

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        try:
            return self._held().read(timeout_s)
        except OSError as error:
            if error.errno in _NOTHING_YET:
                return b""
            raise _away(self._place, error) from error

    def close(self) -> None:
        """Give the device back; see `Transport.close`."""
        claimed, self._claimed = self._claimed, None
        if claimed is not None:
            claimed.give_back()

    def _held(self) -> "ClaimedUsb":
        if self._claimed is None:
            raise _away(self._place, OSError("not open"))
        return self._claimed


_NOTHING_YET: Final = frozenset((errno.ETIMEDOUT, errno.EAGAIN))
