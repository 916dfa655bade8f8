"""What a search for devices found: every place, every try, and the device where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.values.wording import Wording
from hardware.registry import DeviceClass


class PlaceKind(Enum):
    """What kind of place a device can hang on."""

    SERIAL = "serial"
    USB = "usb"
    NETWORK = "network"
    INPUT = "input"
    """A device that types, as a keyboard does."""


@dataclass(frozen=True, slots=True)
class Try:
    """One question, and what came back."""

    probe: str
    """Name of the driver whose question it was; `listen` where nothing was asked."""

    line: str
    """How the line was set, such as `9600 7E1`; empty where it is none."""

    sent: bytes
    received: bytes
    """At most the first 64 bytes."""

    answered: bool = False
    """Whether it is what that device answers."""


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device, and the settings by which the till reaches it."""

    device_class: DeviceClass
    driver: str
    """Name of its driver in the registry."""

    settings: Mapping[str, Any]
    """The driver's own, as they stand in `store.toml`: texts, numbers, and tables of them."""

    sure: bool = True
    """Whether it answered rightly, or says itself what it is; else it is likely only."""


@dataclass(frozen=True, slots=True)
class PlaceFinding:
    """One place, and what came of looking there."""

    kind: PlaceKind
    place: str
    """`/dev/serial/by-id/…`, `COM3`, `192.168.1.50:9100`, `USB 04b8:0e15`."""

    description: str
    """What the system says hangs there; empty where nothing."""

    sentence: Wording
    """What came of it, for a person."""

    found: FoundDevice | None = None
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a search found."""

    places: tuple[PlaceFinding, ...]
    complete: bool = True
    """False where it was cancelled."""

    missing: tuple[Wording, ...] = ()
    """What could not be looked for on this computer, and what would help."""

    def of_class(self, device_class: DeviceClass) -> tuple[FoundDevice, ...]:
        """Return the devices of a class, those that are sure first."""
        found = [one.found for one in self.places if one.found and one.found.device_class is device_class]
        return tuple(sorted(found, key=lambda device: not device.sure))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is."""

    done: int
    """Steps that are finished."""

    steps: int
    doing: Wording
    part: int = 0
    """How much of the step under way is finished: questions to a line, addresses of a network."""

    parts: int = 0
    """Of how much; 0 where it cannot be told."""
