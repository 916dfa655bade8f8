"""Turns a till's configuration of its receipt printer into a queue with a driver behind it."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, Literal, cast

import msgspec

from app.sales.receipt import Receipt
from app.sales.receipt_layout import ReceiptLayout, built_in_layout, load_layout
from app.values.speech import Speech
from app.values.wording import wording
from hardware.connections import BadDriverSettings, Connection, decode_settings, transport_for
from hardware.conversation import Wrap, unwatched
from hardware.drawers.wiring import DrawerWiring
from hardware.printers.characters import encode_line
from hardware.printers.driver import EscposDriver, PrinterDriver
from hardware.printers.fonts import installed_font
from hardware.printers.profile import PrinterProfile
from hardware.printers.queue import PrinterEvent, PrintQueue
from hardware.printers.rendering import receipt_commands
from hardware.registry import DeviceClass, Driver, DriverRegistry, load_drivers
from hardware.simulated.lines import line_to
from hardware.simulated.printer import SimulatedPrinter


class EscposSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `escpos` needs to know."""

    connection: Connection
    profile: PrinterProfile = PrinterProfile()


class SimulatedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `simulated-receipt-printer` needs to know."""

    profile: PrinterProfile = PrinterProfile()
    line: Literal["memory", "network", "serial"] = "memory"
    """What leads to it: nothing, a TCP port or a pty of this computer."""


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


def make_escpos_driver(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> EscposDriver:
    """Return a driver for a real printer; nothing is sent yet.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        BadPrinterProfile: if no printer can be so.
    """
    decoded = decode_settings(settings, EscposSettings, "escpos")
    _refuse_unknown_keys(settings, "escpos")
    return EscposDriver(wrap(transport_for(decoded.connection)), decoded.profile)


def make_simulated_driver(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> EscposDriver:
    """Return the same driver before a printer that is not there.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        NoChineseFont: if the printer would have no characters.
    """
    decoded = decode_settings(settings, SimulatedSettings, "simulated-receipt-printer")
    _refuse_unknown_keys(settings, "simulated-receipt-printer")
    return EscposDriver(wrap(line_to(SimulatedPrinter(decoded.profile), decoded.line)), decoded.profile)


def _refuse_unknown_keys(settings: Mapping[str, Any], driver: str) -> None:
    """Refuse misspelt keys of the profile, which are let pass where they are read into dataclasses.

    Raises:
        BadDriverSettings: naming the key.
    """
    profile = settings.get("profile", {})
    for part, kind, place in (
        (profile, PrinterProfile, "$.profile"),
        (profile.get("drawer", {}), DrawerWiring, "$.profile.drawer"),
    ):
        for key in sorted(set(part) - {field.name for field in fields(kind)}):
            raise BadDriverSettings(
                wording(
                    "The settings of {driver} are wrong: {reason}. Correct the file.",
                    driver=driver,
                    reason=f"Object contains unknown field `{key}` - at `{place}`",
                )
            )


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
    wrap: Wrap = unwatched,
    keep: Callable[[str], bool] | None = None,
) -> PrintQueue:
    """Return the queue in front of a till's receipt printer; `start` sets it going.

    Args:
        configuration: what the till's file says.
        speech: the language of the receipts; asked for each one, so that it can be switched while running.
        on_event: takes the queue's events on the queue's thread; must return at once.
        registry: the drivers; loaded here where none is given.
        driver: a driver at hand, used instead of the configured one, such as one before a simulated printer.
        wrap: put in front of the printer's line, to watch it.
        keep: see `PrintQueue`.

    Raises:
        UnknownDriver: if the configured driver is not there or cannot be used.
        BadDriverSettings: if its settings are wrong.
        BadReceiptLayout: if the layout is.
    """
    if driver is None:
        found = (registry or load_drivers()).driver(configuration.driver, DeviceClass.RECEIPT_PRINTER)
        made = found.make(configuration.settings, wrap)
        driver = cast("PrinterDriver", made)
    profile = driver.profile
    layout: ReceiptLayout = (
        load_layout(Path(configuration.layout)) if configuration.layout else built_in_layout(profile.paper_mm)
    )

    def render(receipt: Receipt, interrupted: bool) -> tuple[bytes, ...]:
        return receipt_commands(receipt, speech(), layout, profile, interrupted=interrupted)

    return PrintQueue(driver, render, on_event, capacity=configuration.capacity, keep=keep)
