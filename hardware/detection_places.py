"""Lists the places where a device can hang on this computer: serial ports, and printers on USB; sends nothing."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from serial.tools import list_ports

_BY_ID: Final = Path("/dev/serial/by-id")
_CONSOLES: Final = Path("/sys/class/tty/console/active")
_SYSFS_USB: Final = Path("/sys/bus/usb/devices")
_DEV: Final = Path("/dev")
_PRINTER_CLASS: Final = "07"


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A serial line of this computer, or a USB device that makes itself one."""

    path: str
    """Its name that stays the same when others are plugged in, where it has one; else its plain one."""

    names: frozenset[str]
    """All its names."""

    description: str = ""
    vendor_id: int | None = None
    product_id: int | None = None
    is_console: bool = False
    """Whether the system itself writes to it and may take a log-in on it: nothing is sent there."""


@dataclass(frozen=True, slots=True)
class UsbPrinterPlace:
    """A printer on USB."""

    vendor_id: int
    product_id: int
    maker: str = ""
    model: str = ""
    serial_number: str = ""
    languages: str = ""
    """What it says of the languages it understands (IEEE 1284 device id, key CMD); empty where it does not."""

    node: str = ""
    """Its device node, such as `/dev/usb/lp0`, where this user may write to it."""

    in_endpoint: int | None = None
    out_endpoint: int | None = None

    @property
    def place(self) -> str:
        """Where it is, for a person."""
        return f"USB {self.vendor_id:04x}:{self.product_id:04x}"

    @property
    def description(self) -> str:
        """What it is called, for a person."""
        return " ".join(filter(None, (self.maker, self.model, self.serial_number)))


class UsbPrinterLike(Protocol):
    """What libusb says of a printer; see `hardware.usb.UsbPrinter`."""

    @property
    def vendor_id(self) -> int:
        """The maker's number."""

    @property
    def product_id(self) -> int:
        """The model's number."""

    @property
    def maker(self) -> str:
        """The maker's name."""

    @property
    def model(self) -> str:
        """The model's name."""

    @property
    def serial_number(self) -> str:
        """Tells several of one model apart."""

    @property
    def in_endpoint(self) -> int | None:
        """Address to read from."""

    @property
    def out_endpoint(self) -> int:
        """Address to write to."""


class InputDeviceLike(Protocol):
    """A device that types; see `hardware.scanners.evdev.InputDevice`."""

    @property
    def path(self) -> Path:
        """Its device node, by the name that stays the same."""

    @property
    def name(self) -> str:
        """What it calls itself."""

    @property
    def likely_scanner(self) -> bool:
        """Whether it says that it is a scanner; else it may be somebody's keyboard."""


def serial_ports(
    listed: Callable[[], Iterable[Any]] = list_ports.comports, by_id: Path = _BY_ID, consoles: Path = _CONSOLES
) -> tuple[SerialPort, ...]:
    """Return the serial ports of this computer.

    Args:
        listed: what pyserial says of them: `device`, `description`, `vid`, `pid` of each.
        by_id: where Linux keeps their lasting names.
        consoles: where Linux names its consoles.
    """
    system = {f"/dev/{name}" for name in _read(consoles).split()}
    lasting: dict[str, list[str]] = {}
    for link in sorted(by_id.iterdir()) if by_id.is_dir() else ():
        lasting.setdefault(os.path.realpath(link), []).append(str(link))
    ports = []
    for one in listed():
        names = [*lasting.get(os.path.realpath(one.device), []), one.device]
        description = "" if one.description in {None, "n/a"} else str(one.description)
        ports.append(
            SerialPort(
                names[0], frozenset(names), description, one.vid, one.pid, is_console=not system.isdisjoint(names)
            )
        )
    return tuple(sorted(ports, key=lambda port: port.path))


def system_usb_printers(sysfs: Path = _SYSFS_USB, dev: Path = _DEV) -> tuple[UsbPrinterPlace, ...]:
    """Return what Linux says of printers on USB; nothing on other systems.

    Args:
        sysfs: where Linux describes USB devices.
        dev: where the device nodes are.
    """
    found = []
    for interface in sorted(sysfs.iterdir()) if sysfs.is_dir() else ():
        if ":" in interface.name and _read(interface / "bInterfaceClass") == _PRINTER_CLASS:
            place = _described(interface, sysfs / interface.name.partition(":")[0], dev)
            if place is not None:
                found.append(place)
    return tuple(found)


def _described(interface: Path, device: Path, dev: Path) -> UsbPrinterPlace | None:
    try:
        vendor_id, product_id = int(_read(device / "idVendor"), 16), int(_read(device / "idProduct"), 16)
    except ValueError:
        # It was pulled out while it was looked at.
        return None
    return UsbPrinterPlace(
        vendor_id,
        product_id,
        maker=_read(device / "manufacturer"),
        model=_read(device / "product"),
        serial_number=_read(device / "serial"),
        languages=_languages(_read(interface / "ieee1284_id")),
        node=_node(interface, dev),
    )


def _node(interface: Path, dev: Path) -> str:
    minors = interface / "usbmisc"
    for minor in sorted(minors.iterdir()) if minors.is_dir() else ():
        node = dev / "usb" / minor.name
        if os.access(node, os.R_OK | os.W_OK):
            return str(node)
    return ""


def _languages(device_id: str) -> str:
    """Return the languages in an IEEE 1284 device id such as `MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;`."""
    for entry in device_id.split(";"):
        key, _, value = entry.partition(":")
        if key.strip().upper() in {"CMD", "COMMAND SET"}:
            return value.strip()
    return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        # Not every device says everything of itself.
        return ""
