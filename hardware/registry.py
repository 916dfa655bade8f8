"""Knows every driver, built in or from others, and which of them can be used on this computer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import EntryPoint
from typing import Any, Final

from app.values.problems import Problem
from app.values.registry import AddOnKind, AddOnStatus, load_add_ons, why_unusable
from app.values.wording import Wording, wording
from hardware.conversation import Wrap

GROUP: Final = "guitai.drivers"
"""The entry point group; each entry point names a `Driver`."""

BUILT_IN: Final = (
    EntryPoint("escpos", "hardware.printers.configuration:ESCPOS", GROUP),
    EntryPoint("simulated-receipt-printer", "hardware.printers.configuration:SIMULATED", GROUP),
    EntryPoint("mettler-toledo-8217", "hardware.scales.configuration:METTLER_TOLEDO_8217", GROUP),
    EntryPoint("nci", "hardware.scales.configuration:NCI", GROUP),
    EntryPoint("nci-ecr", "hardware.scales.configuration:NCI_ECR", GROUP),
    EntryPoint("cas", "hardware.scales.configuration:CAS", GROUP),
    EntryPoint("os2", "hardware.scales.configuration:OS2", GROUP),
    EntryPoint("dialog06", "hardware.scales.configuration:DIALOG06", GROUP),
    EntryPoint("toledo-prix3", "hardware.scales.configuration:PRIX3", GROUP),
    EntryPoint("pattern-scale", "hardware.scales.configuration:PATTERN", GROUP),
    EntryPoint("simulated-scale", "hardware.scales.configuration:SIMULATED", GROUP),
    EntryPoint("serial-scanner", "hardware.scanners.configuration:SERIAL", GROUP),
    EntryPoint("evdev-scanner", "hardware.scanners.configuration:EVDEV", GROUP),
    EntryPoint("camera", "hardware.scanners.configuration:CAMERA", GROUP),
    EntryPoint("simulated-scanner", "hardware.scanners.configuration:SIMULATED", GROUP),
    EntryPoint("led8n", "hardware.displays.configuration:LED8N", GROUP),
    EntryPoint("cd5220", "hardware.displays.configuration:CD5220", GROUP),
    EntryPoint("simulated-line-display", "hardware.displays.configuration:SIMULATED", GROUP),
    EntryPoint("serial-drawer", "hardware.drawers.configuration:SERIAL", GROUP),
    EntryPoint("simulated-drawer", "hardware.drawers.configuration:SIMULATED", GROUP),
    EntryPoint("nexo-terminal", "hardware.terminals.configuration:NEXO", GROUP),
    EntryPoint("simulated-card-terminal", "hardware.terminals.configuration:SIMULATED", GROUP),
    EntryPoint("llrp", "hardware.rfid.configuration:LLRP", GROUP),
    EntryPoint("simulated-rfid-reader", "hardware.rfid.configuration:SIMULATED", GROUP),
)
"""The same lines as in pyproject.toml, for a program that runs without being installed or is packed into one file."""


class DeviceClass(Enum):
    """Kinds of device, as UnifiedPOS names them."""

    RECEIPT_PRINTER = "receipt_printer"
    CASH_DRAWER = "cash_drawer"
    SCANNER = "scanner"
    SCALE = "scale"
    LINE_DISPLAY = "line_display"
    CARD_TERMINAL = "card_terminal"
    RFID_READER = "rfid_reader"


class UnknownDriver(Problem):
    """Raised when a till is configured with a driver that is not there or cannot be used."""

    code = "UNKNOWN-DRIVER"


@dataclass(frozen=True, slots=True)
class Driver:
    """What an entry point of the group holds."""

    driver_id: str
    """Its name in a till's configuration; the same as the entry point's."""

    device_class: DeviceClass
    name: Wording

    make: Callable[[Mapping[str, Any], Wrap], object]
    """Turns the driver's own settings into what its device class asks for (a `PrinterDriver` for printers).

    It applies the `Wrap` to every transport it makes, so that the line can be watched. Raises a `Problem` that names
    the wrong key.
    """

    self_check: Callable[[], None]
    """Returns quickly, touching no device, where the driver can work here; else raises a `Problem`."""


class DriverStatus(AddOnStatus):
    """What a person reads of a driver."""

    __slots__ = ()

    @property
    def driver_id(self) -> str:
        """Its name in a till's configuration."""
        return self.add_on_id


@dataclass(frozen=True, slots=True)
class DriverRegistry:
    """The drivers that can be used, and what is to be said of all of them."""

    drivers: Mapping[str, Driver]
    statuses: tuple[DriverStatus, ...]

    def driver(self, driver_id: str, device_class: DeviceClass) -> Driver:
        """Return a driver by its name.

        Raises:
            UnknownDriver: if there is none of that class, or it failed its self-check.
        """
        driver = self.drivers.get(driver_id)
        if driver is not None and driver.device_class is device_class:
            return driver
        reason = why_unusable(self.statuses, driver_id)
        if reason is not None:
            raise UnknownDriver(reason)
        known = sorted(one.driver_id for one in self.drivers.values() if one.device_class is device_class)
        raise UnknownDriver(
            wording(
                "There is no driver {driver} for this device. Set one of: {known}.",
                driver=driver_id[:40],
                known=", ".join(known),
            )
        )


_DRIVERS: Final = AddOnKind(
    group=GROUP,
    built_in=BUILT_IN,
    holds=Driver,
    status=DriverStatus,
    id_of=lambda driver: driver.driver_id,
    check=lambda driver: driver.self_check(),
    usable=lambda driver: wording("{driver} can be used.", driver=driver.name),
    made_for_another=lambda name: wording(
        "The driver {driver} is not made for this version. Ask its maker.", driver=name
    ),
    named_twice=lambda name: wording("There are two drivers named {driver}; the first is used.", driver=name),
    not_loaded=lambda name, reason: wording(
        "The driver {driver} cannot be loaded ({reason}). The log says more; ask its maker.",
        driver=name,
        reason=reason,
    ),
)


def load_drivers(found: Iterable[EntryPoint] | None = None) -> DriverRegistry:
    """Load and check every driver; one that fails becomes a status and never stops the till.

    Args:
        found: the entry points; those of the installed packages and the built-in ones where none are given.
    """
    loaded = load_add_ons(_DRIVERS, found)
    return DriverRegistry(loaded.usable, loaded.statuses)
