"""The ways bytes reach a device: network, serial line, USB, a device file."""

import errno
import os
import select
import socket
import stat
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol

import serial

from app.values.problems import Problem
from app.values.wording import Wording, wording


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


def _away(place: str, error: Exception) -> DeviceAway:
    reason: Wording | str = str(error)
    if isinstance(error, TimeoutError):
        reason = wording("no answer in time")
    elif isinstance(error, OSError) and error.strerror:
        reason = error.strerror
    return DeviceAway(
        wording(
            "The device at {place} cannot be reached ({reason}). Check its power and cable.", place=place, reason=reason
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
        except OSError as error:
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


class SerialTransport:
    """A device on a serial line."""

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
        )
        self._line.port = port
        self._port = port

    def open(self) -> None:
        """Open the line; see `Transport.open`."""
        self.close()
        try:
            self._line.open()
        except OSError as error:
            raise _away(self._port, error) from error

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`. Short pieces, so that a printer that stops taking data is noticed."""
        piece = data[:64]
        try:
            self._line.write_timeout = timeout_s
            return self._line.write(piece) or 0
        except serial.SerialTimeoutException:
            return 0
        except OSError as error:
            raise _away(self._port, error) from error

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        try:
            self._line.timeout = timeout_s
            first = self._line.read(1)
            return first + self._line.read(self._line.in_waiting) if first else b""
        except (OSError, TypeError) as error:
            # pyserial raises TypeError when the line was closed under a read.
            raise _away(self._port, error) from error

    def close(self) -> None:
        """Close the line; see `Transport.close`."""
        self._line.close()


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
            else:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
                self._descriptor = os.open(self._path, flags, 0o600)
        except OSError as error:
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
    """A USB device without a driver of the operating system, through python-escpos and pyusb."""

    can_read: ClassVar[bool] = True

    def __init__(self, vendor_id: int, product_id: int, *, in_endpoint: int = 0x82, out_endpoint: int = 0x01) -> None:
        """Say which device; its ids are shown by the operating system's list of USB devices."""
        self._ids = (vendor_id, product_id)
        self._in_endpoint = in_endpoint
        self._out_endpoint = out_endpoint
        # Any: neither python-escpos nor pyusb describes its types.
        self._usb: Any = None

    @property
    def _place(self) -> str:
        return f"USB {self._ids[0]:04x}:{self._ids[1]:04x}"

    def open(self) -> None:
        """Claim the device; see `Transport.open`."""
        self.close()
        escpos_usb = import_module("escpos.printer.usb")
        if not escpos_usb.is_usable():
            raise MissingSupport(
                wording(
                    "{place} cannot be used yet: this computer has no USB support for Python. Install the package pyusb"
                    " and the library libusb 1.0, or connect the device by network or serial line.",
                    place=self._place,
                )
            )
        device = escpos_usb.Usb(*self._ids, in_ep=self._in_endpoint, out_ep=self._out_endpoint)
        try:
            device.open()
        except (OSError, import_module("escpos.exceptions").DeviceNotFoundError) as error:
            raise _away(self._place, error) from error
        self._usb = device

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`."""
        try:
            return int(self._claimed().write(self._out_endpoint, data, round(timeout_s * 1000)))
        except OSError as error:
            if error.errno in {errno.ETIMEDOUT, errno.EAGAIN}:
                return 0
            raise _away(self._place, error) from error

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        try:
            return bytes(self._claimed().read(self._in_endpoint, 64, max(1, round(timeout_s * 1000))))
        except OSError as error:
            if error.errno in {errno.ETIMEDOUT, errno.EAGAIN}:
                return b""
            raise _away(self._place, error) from error

    def close(self) -> None:
        """Give the device back; see `Transport.close`."""
        if self._usb is not None:
            # A device that was pulled out cannot be given back in order.
            with suppress(OSError):
                self._usb.close()
            self._usb = None

    def _claimed(self) -> Any:  # noqa: ANN401 - pyusb describes no types
        if self._usb is None:
            raise _away(self._place, OSError("not open"))
        return self._usb.device
