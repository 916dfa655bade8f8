"""What the device bench shows of each device, and what a person can have it do."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from app.devices.conditions import DeviceCondition
from app.values.wording import Wording


class ActionKind(Enum):
    """Which of the bench's two shelves an action stands on."""

    TRY = "try"
    """What a person does with the device: weigh, scan, print a test page, open the drawer."""

    FAULT = "fault"
    """What goes wrong with it; simulated devices only."""


@dataclass(frozen=True, slots=True)
class BenchAction:
    """Something a person can have a device do."""

    action_id: str
    """Names it to `DeviceBench.perform`, such as `unplug`."""

    name: Wording
    kind: ActionKind
    prompt: Wording | None = None
    """What to type for it, such as a weight in grams; None where nothing is to be typed."""

    suggestion: str = ""
    """Stands in the field to begin with."""

    active: bool = False
    """Whether it is switched on now (the cover stands open, it is unplugged)."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """Bytes that went over a device's line together."""

    to_device: bool
    data: bytes
    at_s: float
    """Seconds since the line was opened first."""


@dataclass(frozen=True, slots=True)
class BenchDevice:
    """One device as the bench shows it."""

    name: str
    """Its name in the till's configuration."""

    kind: str
    """`receipt_printer`, `scanner`, `scale`, … as UnifiedPOS names the classes."""

    title: Wording
    """What it is, such as "Scale"."""

    driver: str
    simulated: bool
    place: str
    """Where it is reached: `/dev/ttyUSB0`, `192.168.1.50:9100`."""

    condition: DeviceCondition
    sentence: Wording
    reading: Wording | str = ""
    """What it read or shows last, for a person: a weight, a code, the display's lines; empty where nothing."""

    facts: tuple[tuple[Wording, Wording | str], ...] = ()
    """What else there is to know: paper, drawer, what it can do."""

    actions: tuple[BenchAction, ...] = ()
    traffic: tuple[Exchanged, ...] = ()
    """The last bytes, the oldest first."""


class DeviceBench(Protocol):
    """The devices of a till, to be looked at and tried; may be called from the screens' thread, never waits."""

    def devices(self) -> tuple[BenchDevice, ...]:
        """Return how every device is now."""

    def perform(self, device: str, action_id: str, text: str = "") -> Wording | None:
        """Begin an action and return what to tell the person about it; None where there is nothing to say.

        Raises:
            Problem: it cannot be done, and why.
        """

    def close(self) -> None:
        """Let go of all devices."""
