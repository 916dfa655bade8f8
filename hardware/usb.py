"""Finds, claims and lists devices on USB through pyusb, without a driver of the operating system."""

import errno
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from app.values.wording import wording
from hardware.transport import DeviceAway, MissingSupport

PRINTER_CLASS: Final = 7
"""bInterfaceClass of printers (USB Device Class Definition for Printing Devices 1.1, 4.1)."""

_BULK: Final = 2
_PIECE_BYTES: Final = 4096
"""Read and written at once; a multiple of every packet size."""


class UsbForbidden(DeviceAway):
    """Raised when a USB device is there and the system does not let this user have it."""

    code = "USB-FORBIDDEN"


class UsbBusy(DeviceAway):
    """Raised when another program holds a USB device."""

    code = "USB-BUSY"


class ClaimedUsb:
    """One interface of a device, claimed; its methods raise `OSError` as pyusb does."""

    def __init__(self, device: Any, endpoints: tuple[int | None, int | None]) -> None:  # noqa: ANN401 - pyusb's
        """Choose interface and endpoints, take the interface from the system where it has it, and claim it."""
        self._device = device
        self._took_from_system = False
        try:
            configuration = device.get_active_configuration()
        except OSError:
            # Set only where none is: setting it again would reset the device under another program.
            device.set_configuration()
            configuration = device.get_active_configuration()
        interface, self._in, self._out = _chosen(configuration, endpoints)
        self._interface = interface.bInterfaceNumber
        # Systems other than Linux have no driver to take away.
        with suppress(NotImplementedError):
            if device.is_kernel_driver_active(self._interface):
                device.detach_kernel_driver(self._interface)
                self._took_from_system = True
        import_module("usb.util").claim_interface(device, self._interface)
        if interface.bAlternateSetting:
            device.set_interface_altsetting(self._interface, interface.bAlternateSetting)

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send what it takes of the first bytes."""
        return int(self._out.write(data[:_PIECE_BYTES], _milliseconds(timeout_s)))

    def read(self, timeout_s: float) -> bytes:
        """Receive; empty where it cannot answer."""
        return b"" if self._in is None else bytes(self._in.read(_PIECE_BYTES, _milliseconds(timeout_s)))

    def give_back(self) -> None:
        """Release it, and let the system have it again; one that was pulled out cannot be given back in order."""
        util = import_module("usb.util")
        with suppress(OSError):
            util.dispose_resources(self._device)
        if self._took_from_system:
            with suppress(OSError, NotImplementedError):
                self._device.attach_kernel_driver(self._interface)
            with suppress(OSError):
                util.dispose_resources(self._device)


def _milliseconds(timeout_s: float) -> int:
    """Return a time as libusb wants it, for which 0 is without end."""
    return max(1, round(timeout_s * 1000))


def claim(
    ids: tuple[int, int], serial_number: str, endpoints: tuple[int | None, int | None], backend: object
) -> ClaimedUsb:
    """Find a device and claim its printer interface, or its first one that takes bulk data.

    Args:
        ids: the maker's and the model's number.
        serial_number: chooses one of several of a model; any where it is empty.
        endpoints: addresses to read from and write to; where they are None or not there, the descriptors say.
        backend: pyusb's way to the bus; libusb where it is None.

    Raises:
        DeviceAway: if it is not there, or cannot be had; `UsbForbidden` and `UsbBusy` say why.
        MissingSupport: if libusb, or the device's driver for it, is not installed.
    """
    place = f"USB {ids[0]:04x}:{ids[1]:04x}" + (f" ({serial_number})" if serial_number else "")
    core = import_module("usb.core")
    device: Any = None
    try:
        for device in core.find(idVendor=ids[0], idProduct=ids[1], find_all=True, backend=backend):
            if not serial_number or _text(device, device.iSerialNumber) == serial_number:
                return ClaimedUsb(device, endpoints)
    except (core.NoBackendError, NotImplementedError) as error:
        raise MissingSupport(
            wording(
                "{place} cannot be used yet: this computer has no USB support for it. Install the library libusb 1.0"
                " (Debian: libusb-1.0-0; Windows: the WinUSB driver for this device), or connect the device by network"
                " or serial line.",
                place=place,
            )
        ) from error
    except (OSError, DeviceAway) as error:
        if device is not None:
            with suppress(OSError):
                import_module("usb.util").dispose_resources(device)
        if isinstance(error, DeviceAway):
            raise
        raise _refused(place, ids, error) from error
    raise DeviceAway(wording("The device {place} is not connected. Check its cable and power.", place=place))


def _chosen(configuration: Any, wanted: tuple[int | None, int | None]) -> tuple[Any, Any, Any]:  # noqa: ANN401
    """Return interface and endpoints: a printer's interface before others, one that answers before one that does not.

    Raises:
        DeviceAway: if the device takes no bulk data.
    """
    best: tuple[int, Any, Any, Any] | None = None
    for interface in configuration:
        incoming = _endpoint(interface, wanted[0], incoming=True)
        outgoing = _endpoint(interface, wanted[1], incoming=False)
        worth = 2 * (interface.bInterfaceClass == PRINTER_CLASS) + (incoming is not None)
        if outgoing is not None and (best is None or worth > best[0]):
            best = (worth, interface, incoming, outgoing)
    if best is None:
        raise DeviceAway(wording("This USB device takes no data as a printer does. Choose another one."))
    return best[1:]


def _endpoint(interface: Any, wanted: int | None, *, incoming: bool) -> Any:  # noqa: ANN401 - pyusb's endpoint
    """Return the bulk endpoint of a direction that is wanted, the first one where it is not there, None without any."""
    there = [
        one for one in interface if one.bmAttributes & 3 == _BULK and bool(one.bEndpointAddress & 0x80) is incoming
    ]
    return next((one for one in there if one.bEndpointAddress == wanted), there[0] if there else None)


def _refused(place: str, ids: tuple[int, int], error: OSError) -> DeviceAway:
    if error.errno in {errno.EACCES, errno.EPERM}:
        rule = (
            f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{ids[0]:04x}", ATTR{{idProduct}}=="{ids[1]:04x}",'
            ' MODE="0660", GROUP="lp", TAG+="uaccess"'
        )
        return UsbForbidden(
            wording(
                "You may not use the device {place}. Have this line put into /etc/udev/rules.d/60-guitai.rules, and"
                " plug the device in again: {rule}",
                place=place,
                rule=rule,
            )
        )
    if error.errno == errno.EBUSY:
        return UsbBusy(
            wording(
                "Another program is using the device {place}. Close it, or take the printer out of the system's"
                " printers.",
                place=place,
            )
        )
    return DeviceAway(
        wording(
            "The device at {place} cannot be reached ({reason}). Check its power and cable.",
            place=place,
            reason=error.strerror or str(error),
        )
    )


def _text(device: Any, index: int) -> str:  # noqa: ANN401 - pyusb describes no types
    """Return a text that a device says of itself; empty where it has none or this user may not ask it."""
    # ValueError: the device says no languages, which is how pyusb sees that asking is forbidden.
    with suppress(OSError, ValueError):
        return str(import_module("usb.util").get_string(device, index) or "").strip("\0 ")
    return ""


@dataclass(frozen=True, slots=True)
class UsbPrinter:
    """A device on USB that says it is a printer."""

    vendor_id: int
    product_id: int
    maker: str
    """As it says itself; empty where it does not, or this user may not ask it."""

    model: str
    serial_number: str
    """Tells several of one model apart; empty where it has none, as many cheap printers."""

    in_endpoint: int | None
    """Address of the endpoint to read from; None where it cannot answer."""

    out_endpoint: int


def usb_printers(backend: object = None) -> tuple[UsbPrinter, ...]:
    """Return every device with an interface of the printer class; nothing is claimed or sent to be printed.

    Args:
        backend: pyusb's way to the bus; libusb where it is None.

    Raises:
        MissingSupport: if libusb is not installed.
    """
    core = import_module("usb.core")
    found = []
    try:
        for device in core.find(find_all=True, backend=backend):
            # One pulled out while it was looked at is not there.
            with suppress(OSError):
                found += _described(device)
            import_module("usb.util").dispose_resources(device)
    except core.NoBackendError as error:
        raise MissingSupport(
            wording("USB printers cannot be looked for. Install the library libusb 1.0 (Debian: libusb-1.0-0).")
        ) from error
    return tuple(found)


def _described(device: Any) -> list[UsbPrinter]:  # noqa: ANN401 - pyusb describes no types
    for configuration in device:
        if not any(interface.bInterfaceClass == PRINTER_CLASS for interface in configuration):
            continue
        _, incoming, outgoing = _chosen(configuration, (None, None))
        return [
            UsbPrinter(
                vendor_id=int(device.idVendor),
                product_id=int(device.idProduct),
                maker=_text(device, device.iManufacturer),
                model=_text(device, device.iProduct),
                serial_number=_text(device, device.iSerialNumber),
                in_endpoint=None if incoming is None else int(incoming.bEndpointAddress),
                out_endpoint=int(outgoing.bEndpointAddress),
            )
        ]
    return []
