"""How a till's configuration says where a device is, and the transport that leads there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from app.values.problems import Problem
from app.values.wording import wording
from hardware.transport import FileTransport, NetworkTransport, SerialTransport, Transport, UsbTransport


class BadDriverSettings(Problem):
    """Raised when a driver's settings have a wrong key or value."""

    code = "BAD-DRIVER-SETTINGS"


class _Connection(msgspec.Struct, frozen=True, tag_field="by", forbid_unknown_fields=True):
    pass


class NetworkConnection(_Connection, frozen=True, tag="network"):
    """A device on the shop's network, or a serial one behind a serial server."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 9100


class SerialConnection(_Connection, frozen=True, tag="serial"):
    """A device on a serial line, or on USB where the system makes a serial line of it."""

    port: Annotated[str, Meta(min_length=1, max_length=250)]
    """`/dev/ttyUSB0`, `/dev/serial/by-id/…` or `COM3`."""

    baud: Annotated[int, Meta(ge=50, le=4_000_000)] = 9600
    data_bits: Annotated[int, Meta(ge=5, le=8)] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    hardware_handshake: bool = False


class UsbConnection(_Connection, frozen=True, tag="usb"):
    """A printer on USB that the operating system has no driver for."""

    vendor_id: Annotated[int, Meta(ge=0, le=0xFFFF)]
    product_id: Annotated[int, Meta(ge=0, le=0xFFFF)]
    serial_number: str = ""
    """Tells two printers of one make apart; empty for whichever is there."""

    in_endpoint: Annotated[int, Meta(ge=0x81, le=0x8F)] | None = None
    out_endpoint: Annotated[int, Meta(ge=0x01, le=0x0F)] | None = None
    """Where the printer does not say itself which they are."""


class FileConnection(_Connection, frozen=True, tag="file"):
    """A device node such as `/dev/usb/lp0`, or a plain file."""

    path: Annotated[str, Meta(min_length=1, max_length=4096)]


Connection = NetworkConnection | SerialConnection | UsbConnection | FileConnection

SettingsT = TypeVar("SettingsT")


def decode_settings(settings: Mapping[str, Any], kind: type[SettingsT], driver: str) -> SettingsT:
    """Turn a driver's settings into its struct.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    try:
        return msgspec.convert(settings, kind)
    except msgspec.ValidationError as error:
        raise BadDriverSettings(
            wording("The settings of {driver} are wrong: {reason}. Correct the file.", driver=driver, reason=str(error))
        ) from error


def transport_for(connection: Connection) -> Transport:
    """Return the transport that leads to a device; nothing is opened yet.

    Raises:
        BadDriverSettings: if a serial line cannot be set so.
    """
    match connection:
        case NetworkConnection(host, port):
            return NetworkTransport(host, port)
        case SerialConnection():
            try:
                return SerialTransport(**{name: getattr(connection, name) for name in connection.__struct_fields__})
            except ValueError as error:
                raise BadDriverSettings(
                    wording(
                        "The serial line {port} cannot be set so: {reason}.", port=connection.port, reason=str(error)
                    )
                ) from error
        case UsbConnection(vendor_id, product_id):
            return UsbTransport(
                vendor_id,
                product_id,
                serial_number=connection.serial_number,
                in_endpoint=connection.in_endpoint,
                out_endpoint=connection.out_endpoint,
            )
        case FileConnection(path):
            return FileTransport(Path(path))


def place_of(connection: Connection) -> str:
    """Return where a device is, for a person.

    >>> place_of(NetworkConnection("192.168.1.50"))
    '192.168.1.50:9100'
    """
    match connection:
        case NetworkConnection(host, port):
            return f"{host}:{port}"
        case SerialConnection(port, baud):
            return f"{port} ({baud} baud)"
        case UsbConnection(vendor_id, product_id):
            return f"USB {vendor_id:04x}:{product_id:04x}"
        case FileConnection(path):
            return path
