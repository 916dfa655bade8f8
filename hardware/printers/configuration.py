"""Turns a till's configuration of its receipt printer into a queue with a driver behind it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec

from app.sales.receipt import Receipt
from app.sales.receipt_layout import ReceiptLayout, built_in_layout, load_layout
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import wording
from hardware.printers.characters import encode_line
from hardware.printers.driver import EscposDriver, PrinterDriver
from hardware.printers.fonts import installed_font
from hardware.printers.profile import PrinterProfile
from hardware.printers.queue import PrinterEvent, PrintQueue
from hardware.printers.rendering import receipt_commands
from hardware.registry import DeviceClass, Driver, DriverRegistry, load_drivers
from hardware.simulated.printer import SimulatedPrinter, SimulatedTransport
from hardware.transport import FileTransport, NetworkTransport, SerialTransport, Transport, UsbTransport


class BadDriverSettings(Problem):
    """Raised when a driver's settings have a wrong key or value."""

    code = "BAD-DRIVER-SETTINGS"


class _Connection(msgspec.Struct, frozen=True, tag_field="by", forbid_unknown_fields=True):
    pass


class NetworkConnection(_Connection, frozen=True, tag="network"):
    """A printer on the shop's network."""

    host: str
    port: int = 9100


class SerialConnection(_Connection, frozen=True, tag="serial"):
    """A printer on a serial line."""

    port: str
    """`/dev/ttyUSB0` or `COM3`."""

    baud: int = 9600
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1
    hardware_handshake: bool = False


class UsbConnection(_Connection, frozen=True, tag="usb"):
    """A printer on USB that the operating system has no driver for."""

    vendor_id: int
    product_id: int
    in_endpoint: int = 0x82
    out_endpoint: int = 0x01


class FileConnection(_Connection, frozen=True, tag="file"):
    """A printer's device node, or a plain file."""

    path: str


class EscposSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `escpos` needs to know."""

    connection: NetworkConnection | SerialConnection | UsbConnection | FileConnection
    profile: PrinterProfile = PrinterProfile()


class SimulatedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `simulated-receipt-printer` needs to know."""

    profile: PrinterProfile = PrinterProfile()


class ReceiptPrinterConfiguration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The receipt printer of a till, as its configuration file says it."""

    driver: str = "simulated-receipt-printer"
    """Name of a driver; `escpos` for real printers."""

    settings: dict[str, Any] = {}
    """The driver's own."""

    layout: str = ""
    """Path of a layout file; empty for the built-in one for the printer's paper."""

    capacity: int = 64
    """Receipts that may wait for paper."""


SettingsT = TypeVar("SettingsT")


def _decode(settings: Mapping[str, Any], kind: type[SettingsT], driver: str) -> SettingsT:
    try:
        return msgspec.convert(settings, kind)
    except msgspec.ValidationError as error:
        raise BadDriverSettings(
            wording("The settings of {driver} are wrong: {reason}. Correct the file.", driver=driver, reason=str(error))
        ) from error


def _transport(connection: NetworkConnection | SerialConnection | UsbConnection | FileConnection) -> Transport:
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
                vendor_id, product_id, in_endpoint=connection.in_endpoint, out_endpoint=connection.out_endpoint
            )
        case FileConnection(path):
            return FileTransport(Path(path))


def make_escpos_driver(settings: Mapping[str, Any]) -> EscposDriver:
    """Return a driver for a real printer; nothing is sent yet.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        BadPrinterProfile: if no printer can be so.
    """
    decoded = _decode(settings, EscposSettings, "escpos")
    return EscposDriver(_transport(decoded.connection), decoded.profile)


def make_simulated_driver(settings: Mapping[str, Any]) -> EscposDriver:
    """Return the same driver before a printer that is not there.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        NoChineseFont: if the printer would have no characters.
    """
    profile = _decode(settings, SimulatedSettings, "simulated-receipt-printer").profile
    return EscposDriver(SimulatedTransport(SimulatedPrinter(profile)), profile)


def _check_encoding() -> None:
    # GBK A3 A4 is the full-width yuan sign: what other tills printed as a question mark.
    if encode_line("￥1") != b"\x1c&\xa3\xa4\x1c.1":
        raise BadDriverSettings(wording("This Python cannot encode Chinese for printers. Install it whole."))


def _check_font() -> None:
    installed_font()


ESCPOS: Final = Driver(
    "escpos", DeviceClass.RECEIPT_PRINTER, wording("ESC/POS receipt printer"), make_escpos_driver, _check_encoding
)
SIMULATED: Final = Driver(
    "simulated-receipt-printer",
    DeviceClass.RECEIPT_PRINTER,
    wording("Simulated receipt printer"),
    make_simulated_driver,
    _check_font,
)


def build_receipt_printer(
    configuration: ReceiptPrinterConfiguration,
    speech: Callable[[], Speech],
    on_event: Callable[[PrinterEvent], None],
    *,
    registry: DriverRegistry | None = None,
    driver: PrinterDriver | None = None,
) -> PrintQueue:
    """Return the queue in front of a till's receipt printer; `start` sets it going.

    Args:
        configuration: what the till's file says.
        speech: the language of the receipts; asked for each one, so that it can be switched while running.
        on_event: takes the queue's events on the queue's thread; must return at once.
        registry: the drivers; loaded here where none is given.
        driver: a driver at hand, used instead of the configured one, such as one before a simulated printer.

    Raises:
        UnknownDriver: if the configured driver is not there or cannot be used.
        BadDriverSettings: if its settings are wrong.
        BadReceiptLayout: if the layout is.
    """
    if driver is None:
        found = (registry or load_drivers()).driver(configuration.driver, DeviceClass.RECEIPT_PRINTER)
        made = found.make(configuration.settings)
        driver = cast("PrinterDriver", made)
    profile = driver.profile
    layout: ReceiptLayout = (
        load_layout(Path(configuration.layout)) if configuration.layout else built_in_layout(profile.paper_mm)
    )

    def render(receipt: Receipt, interrupted: bool) -> tuple[bytes, ...]:
        return receipt_commands(receipt, speech(), layout, profile, interrupted=interrupted)

    return PrintQueue(driver, render, on_event, capacity=configuration.capacity)
