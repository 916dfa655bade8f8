"""One device of a till: what it is, where it is, and what is known of it at the moment."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from app.commands.devices.discreet import DiscreetTail
from app.devices.conditions import DeviceCondition
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from hardware.conversation import Direction, Tail
    from hardware.transport import Transport


class Worker(Protocol):
    """What every device's worker does; see `hardware.worker.DeviceWorker`."""

    def start(self) -> None:
        """Begin."""

    def nudge(self) -> None:
        """Try again now."""

    def close(self, timeout_s: float) -> bool:
        """Stop; whether it has."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of device as a person meets it."""

    kind_id: str
    """As `hardware.registry.DeviceClass` names it."""

    light: str
    """Its light in the status bar."""

    title: Wording


RECEIPT_PRINTER: Final = Kind("receipt_printer", "printer", wording("Receipt printer"))
CASH_DRAWER: Final = Kind("cash_drawer", "drawer", wording("Cash drawer"))
SCANNER: Final = Kind("scanner", "scanner", wording("Scanner"))
SCALE: Final = Kind("scale", "scale", wording("Scale"))
LINE_DISPLAY: Final = Kind("line_display", "customer_display", wording("Customer display"))
CARD_TERMINAL: Final = Kind("card_terminal", "card_terminal", wording("Card terminal"))
RFID_READER: Final = Kind("rfid_reader", "rfid", wording("RFID reader"))

_CONDITIONS: Final = {
    "ready": DeviceCondition.READY,
    "attention": DeviceCondition.ATTENTION,
    "stopped": DeviceCondition.STOPPED,
    "away": DeviceCondition.AWAY,
}


def condition_of(state: str) -> DeviceCondition:
    """Return what the status bar says of a device's state, given by the value of its `DeviceState`."""
    return _CONDITIONS[state]


@dataclass(slots=True)
class Attached:
    """A device and what is known of it. Its worker's thread writes, any thread reads; each field on its own."""

    name: str
    """Its name in the till's configuration; unique."""

    kind: Kind
    driver: str
    settings: Mapping[str, Any]
    tail: "Tail | DiscreetTail | None" = None
    """The last bytes; None before the driver has made its line."""

    worker: Worker | None = None
    twin: Any = None
    """The simulated device behind it; None where it is real."""

    transport: "Transport | None" = None
    condition: DeviceCondition = DeviceCondition.ABSENT
    sentence: Wording = field(default_factory=lambda: wording("Not started yet."))
    reading: Wording | str = ""
    facts: dict[str, tuple[Wording, Wording | str]] = field(default_factory=dict)
    """What else is known, by a name that orders and replaces them."""

    also_watched: "Callable[[Direction, bytes], None] | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def simulated(self) -> bool:
        """Whether there is no such thing."""
        return self.twin is not None or self.driver.startswith("simulated")

    @property
    def place(self) -> str:
        """Where it is reached, as its settings say."""
        import msgspec

        from hardware.connections import Connection, place_of

        if "connection" not in self.settings:
            return str(self.settings.get("path") or self.settings.get("folder") or self.settings.get("line") or "")
        try:
            return place_of(msgspec.convert(self.settings["connection"], Connection))
        except msgspec.ValidationError:
            return ""

    def wrap(self, transport: "Transport") -> "Transport":
        """Watch a transport that the driver made; see `hardware.conversation.Wrap`."""
        from hardware.conversation import Direction, Exchange, ObservedTransport, Tail
        from hardware.simulated.lines import twin_behind

        tail = Tail() if self.kind is not SCANNER else DiscreetTail(Tail(), Direction.FROM_DEVICE, Exchange)

        def watch(direction: Direction, data: bytes) -> None:
            tail(direction, data)
            if self.also_watched is not None:
                self.also_watched(direction, data)

        self.tail = tail
        self.twin = twin_behind(transport)
        self.transport = transport
        return ObservedTransport(transport, watch)

    def know(self, key: str, name: Wording, value: Wording | str) -> None:
        """Keep a fact in the place of the one known before under its key."""
        with self._lock:
            self.facts = {**self.facts, key: (name, value)}
