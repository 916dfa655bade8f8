"""A USB bus that is not there: what pyusb asks of a bus, answered for simulated devices that speak over bulk endpoints.

pyusb takes anything that behaves like its `usb.backend.IBackend`; see there what each method must do.
"""

import errno
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from types import SimpleNamespace

from hardware.simulated.lines import Twin
from hardware.transport import DeviceAway

_GET_DESCRIPTOR = 0x06
_STRING = 3
_ENGLISH = b"\x04\x03\x09\x04"
_MANUFACTURER, _PRODUCT, _SERIAL = 1, 2, 3


@dataclass(eq=False, slots=True)
class SimulatedUsbDevice:
    """How a simulated device looks on the bus."""

    twin: Twin
    vendor_id: int = 0x0416
    product_id: int = 0x5011
    maker: str = "Guitai"
    model: str = "Simulated receipt printer"
    serial_number: str = "SIM0001"
    interface_class: int = 7
    in_endpoint: int | None = 0x81
    """None for a printer that cannot answer."""

    out_endpoint: int = 0x03
    forbidden: bool = False
    """Whether this user may not open it."""

    taken: bool = False
    """Whether another program has claimed it."""

    held_by_system: bool = False
    """Whether the operating system's own driver has it."""

    configured: bool = True
    claimed: bool = False

    @property
    def strings(self) -> dict[int, str]:
        """What it says of itself, by index."""
        return {_MANUFACTURER: self.maker, _PRODUCT: self.model, _SERIAL: self.serial_number}

    @property
    def endpoints(self) -> list[int]:
        """Addresses of its bulk endpoints."""
        return [self.out_endpoint] + ([] if self.in_endpoint is None else [self.in_endpoint])


@dataclass(slots=True)
class SimulatedUsbBus:
    """A bus with devices on it, as a pyusb backend; those without power or cable are not seen."""

    devices: list[SimulatedUsbDevice] = field(default_factory=list)

    # What is on the bus.

    def enumerate_devices(self) -> Iterator[SimulatedUsbDevice]:
        """Yield the devices that are plugged in and switched on."""
        yield from (device for device in self.devices if device.twin.reachable)

    def get_parent(self, dev: SimulatedUsbDevice) -> None:
        """Return nothing: every device hangs on the computer itself."""
        del dev

    def get_device_descriptor(self, dev: SimulatedUsbDevice) -> SimpleNamespace:
        """Return what identifies a device."""
        return SimpleNamespace(
            bLength=18,
            bDescriptorType=1,
            bcdUSB=0x0200,
            bDeviceClass=0,
            bDeviceSubClass=0,
            bDeviceProtocol=0,
            bMaxPacketSize0=64,
            idVendor=dev.vendor_id,
            idProduct=dev.product_id,
            bcdDevice=0x0100,
            iManufacturer=_MANUFACTURER if dev.maker else 0,
            iProduct=_PRODUCT if dev.model else 0,
            iSerialNumber=_SERIAL if dev.serial_number else 0,
            bNumConfigurations=1,
            address=1 + self.devices.index(dev),
            bus=1,
            port_number=1,
            port_numbers=(1,),
            speed=3,
        )

    def get_configuration_descriptor(self, dev: SimulatedUsbDevice, config: int) -> SimpleNamespace:
        """Return its one configuration."""
        del dev
        _only(config)
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=2,
            wTotalLength=32,
            bNumInterfaces=1,
            bConfigurationValue=1,
            iConfiguration=0,
            bmAttributes=0xC0,
            bMaxPower=1,
            extra_descriptors=[],
        )

    def get_interface_descriptor(self, dev: SimulatedUsbDevice, intf: int, alt: int, config: int) -> SimpleNamespace:
        """Return its one interface."""
        _only(intf, alt, config)
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=4,
            bInterfaceNumber=0,
            bAlternateSetting=0,
            bNumEndpoints=len(dev.endpoints),
            bInterfaceClass=dev.interface_class,
            bInterfaceSubClass=1,
            bInterfaceProtocol=2,
            iInterface=0,
            extra_descriptors=[],
        )

    def get_endpoint_descriptor(
        self, dev: SimulatedUsbDevice, ep: int, intf: int, alt: int, config: int
    ) -> SimpleNamespace:
        """Return one of its bulk endpoints."""
        _only(intf, alt, config)
        return SimpleNamespace(
            bLength=7,
            bDescriptorType=5,
            bEndpointAddress=dev.endpoints[ep],
            bmAttributes=2,
            wMaxPacketSize=64,
            bInterval=0,
            bRefresh=0,
            bSynchAddress=0,
            extra_descriptors=[],
        )

    # Having a device.

    def open_device(self, dev: SimulatedUsbDevice) -> SimulatedUsbDevice:
        """Open it, where this user may."""
        self._require(dev)
        if dev.forbidden:
            raise _error("Access denied (insufficient permissions)", errno.EACCES)
        return dev

    def close_device(self, dev_handle: SimulatedUsbDevice) -> None:
        """Close it."""
        dev_handle.claimed = False

    def set_configuration(self, dev_handle: SimulatedUsbDevice, config_value: int) -> None:
        """Set its configuration."""
        self._require(dev_handle)
        dev_handle.configured = config_value == 1

    def get_configuration(self, dev_handle: SimulatedUsbDevice) -> int:
        """Return the value of the configuration that is set; 0 where none is."""
        self._require(dev_handle)
        return int(dev_handle.configured)

    def claim_interface(self, dev_handle: SimulatedUsbDevice, intf: int) -> None:
        """Claim it, where neither another program nor the system has it."""
        _only(intf)
        self._require(dev_handle)
        if dev_handle.taken or dev_handle.held_by_system:
            raise _error("Resource busy", errno.EBUSY)
        dev_handle.claimed = True

    def release_interface(self, dev_handle: SimulatedUsbDevice, intf: int) -> None:
        """Give it back."""
        _only(intf)
        dev_handle.claimed = False
        self._require(dev_handle)

    def is_kernel_driver_active(self, dev_handle: SimulatedUsbDevice, intf: int) -> bool:
        """Whether the system's driver has it."""
        _only(intf)
        return dev_handle.held_by_system

    def detach_kernel_driver(self, dev_handle: SimulatedUsbDevice, intf: int) -> None:
        """Take it from the system."""
        _only(intf)
        dev_handle.held_by_system = False

    def attach_kernel_driver(self, dev_handle: SimulatedUsbDevice, intf: int) -> None:
        """Let the system have it."""
        _only(intf)
        dev_handle.held_by_system = True

    # Bytes.

    def bulk_write(self, dev_handle: SimulatedUsbDevice, ep: int, intf: int, data: "array[int]", timeout: int) -> int:
        """Hand bytes to it; times out where it takes none."""
        self._require_claimed(dev_handle, ep, intf)
        try:
            taken = dev_handle.twin.receive(data.tobytes())
        except DeviceAway as problem:
            raise _gone() from problem
        if not taken:
            raise _timed_out(timeout)
        return taken

    def bulk_read(self, dev_handle: SimulatedUsbDevice, ep: int, intf: int, buff: "array[int]", timeout: int) -> int:
        """Take what it says; times out where it says nothing."""
        self._require_claimed(dev_handle, ep, intf)
        try:
            data = dev_handle.twin.replies(timeout / 1000)
        except DeviceAway as problem:
            raise _gone() from problem
        if not data:
            raise _timed_out(timeout)
        # What is too long for the buffer is lost, as on a real bus.
        taken = data[: len(buff)]
        buff[: len(taken)] = array("B", taken)
        return len(taken)

    # pyusb looks these up for every transfer; endpoints that would need them there are none.
    intr_write = iso_write = bulk_write
    intr_read = iso_read = bulk_read

    def ctrl_transfer(
        self,
        dev_handle: SimulatedUsbDevice,
        bmRequestType: int,  # noqa: N803 - pyusb's names
        bRequest: int,  # noqa: N803
        wValue: int,  # noqa: N803
        wIndex: int,  # noqa: N803
        data: "array[int]",
        timeout: int,
    ) -> int:
        """Answer requests for a string."""
        del wIndex, timeout
        self._require(dev_handle)
        kind, index = wValue >> 8, wValue & 0xFF
        if bmRequestType != 0x80 or bRequest != _GET_DESCRIPTOR or kind != _STRING:
            raise _error("Pipe error", errno.EPIPE)
        text = dev_handle.strings.get(index, "").encode("utf-16-le")
        answer = (_ENGLISH if index == 0 else bytes((2 + len(text), _STRING)) + text)[: len(data)]
        data[: len(answer)] = array("B", answer)
        return len(answer)

    def _require(self, device: SimulatedUsbDevice) -> None:
        if not device.twin.reachable:
            raise _gone()

    def _require_claimed(self, device: SimulatedUsbDevice, endpoint: int, interface: int) -> None:
        _only(interface)
        self._require(device)
        if not device.claimed or endpoint not in device.endpoints:
            raise _error("Entity not found", errno.ENOENT)


def _only(*indexes: int) -> None:
    """Say that there is nothing at any other place; pyusb asks for the next one until it hears this."""
    if any(indexes):
        raise IndexError(indexes)


def _error(reason: str, number: int) -> OSError:
    error: OSError = import_module("usb.core").USBError(reason, None, number)
    return error


def _gone() -> OSError:
    return _error("No such device (it may have been disconnected)", errno.ENODEV)


def _timed_out(timeout_ms: int) -> OSError:
    error: OSError = import_module("usb.core").USBTimeoutError(f"no answer in {timeout_ms} ms", None, errno.ETIMEDOUT)
    return error
