"""Looks at printers on USB and devices that type: by what they say of themselves, and by one harmless question."""

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from app.values.problems import Problem
from app.values.wording import wording
from hardware.detection_findings import FoundDevice, PlaceFinding, PlaceKind, Try
from hardware.detection_places import InputDeviceLike, UsbPrinterLike, UsbPrinterPlace
from hardware.detection_probes import PRINTER_STATUS, is_printer_status
from hardware.registry import DeviceClass
from hardware.transport import FileTransport

_ANSWER_S: Final = 0.6
_OFFICE_LANGUAGES: Final = (
    "PCL",
    "POSTSCRIPT",
    "PJL",
    "PDF",
    "URF",
    "PWG",
    "ESCPL",
    "BDC",
    "GDI",
    "SPL",
    "ZPL",
    "TSPL",
)
"""Languages of printers that print no receipts; such a one takes three control bytes for a page."""


def merged_printers(
    by_system: Iterable[UsbPrinterPlace], by_libusb: Iterable[UsbPrinterLike]
) -> tuple[UsbPrinterPlace, ...]:
    """Return every printer once: what the system says of it, with the endpoints that libusb adds."""
    left = list(by_system)
    merged = []
    for printer in by_libusb:
        same = next((one for one in left if _same(one, printer)), None)
        if same is not None:
            left.remove(same)
            merged.append(replace(same, in_endpoint=printer.in_endpoint, out_endpoint=printer.out_endpoint))
        else:
            merged.append(
                UsbPrinterPlace(
                    printer.vendor_id,
                    printer.product_id,
                    printer.maker,
                    printer.model,
                    printer.serial_number,
                    in_endpoint=printer.in_endpoint,
                    out_endpoint=printer.out_endpoint,
                )
            )
    return (*merged, *left)


def _same(one: UsbPrinterPlace, other: UsbPrinterLike) -> bool:
    serial_numbers = {one.serial_number, other.serial_number} - {""}
    return (one.vendor_id, one.product_id) == (other.vendor_id, other.product_id) and len(serial_numbers) < 2


def usb_finding(printer: UsbPrinterPlace, *, probe: bool = True) -> PlaceFinding:
    """Say what a printer on USB is.

    Args:
        printer: the printer.
        probe: whether it may be asked for its status.
    """
    languages = printer.languages.upper()
    if "ESC/POS" not in languages and any(language in languages for language in _OFFICE_LANGUAGES):
        return PlaceFinding(
            PlaceKind.USB,
            printer.place,
            printer.description,
            wording("{place} is a printer for pages or labels, not for receipts.", place=printer.place),
        )
    asked = _asked(printer) if probe and printer.node else None
    sure = "ESC/POS" in languages or bool(asked and asked.answered)
    found = FoundDevice(DeviceClass.RECEIPT_PRINTER, "escpos", {"connection": _connection(printer)}, sure=sure)
    if sure:
        sentence = wording("{place} is a receipt printer.", place=printer.place)
    else:
        sentence = wording(
            "{place} is a printer, perhaps one for receipts. Print a test page on it.", place=printer.place
        )
    return PlaceFinding(PlaceKind.USB, printer.place, printer.description, sentence, found, (asked,) if asked else ())


def _connection(printer: UsbPrinterPlace) -> dict[str, Any]:
    """Return the way that stays the same when other printers are plugged in: its numbers, not its node."""
    settings: dict[str, Any] = {"by": "usb", "vendor_id": printer.vendor_id, "product_id": printer.product_id}
    if printer.in_endpoint is not None and printer.in_endpoint != 0x82:
        settings["in_endpoint"] = printer.in_endpoint
    if printer.out_endpoint is not None and printer.out_endpoint != 0x01:
        settings["out_endpoint"] = printer.out_endpoint
    return settings


def _asked(printer: UsbPrinterPlace) -> Try:
    """Ask by the system's device node, which leaves the printer to the system."""
    heard = b""
    node = FileTransport(Path(printer.node))
    try:
        node.open()
        node.write(PRINTER_STATUS, _ANSWER_S)
        deadline = time.monotonic() + _ANSWER_S
        while not heard and (left_s := deadline - time.monotonic()) > 0:
            heard = node.read(left_s)
    except Problem:
        # Another program prints on it, or it was pulled out: then it did not answer.
        heard = b""
    finally:
        node.close()
    return Try("escpos", "", PRINTER_STATUS, heard[:64], answered=is_printer_status(heard))


def input_finding(device: InputDeviceLike) -> PlaceFinding:
    """Say what a device that types is."""
    place = str(device.path)
    found = FoundDevice(DeviceClass.SCANNER, "evdev-scanner", {"path": place}, sure=device.likely_scanner)
    if device.likely_scanner:
        sentence = wording("{name} is a scanner that types.", name=device.name)
    else:
        sentence = wording("{name} types: a keyboard, or perhaps a scanner.", name=device.name)
    return PlaceFinding(PlaceKind.INPUT, place, device.name, sentence, found)
