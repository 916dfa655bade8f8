"""Turns a till's configuration of its tag reader into a worker with a driver behind it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import Meta

from app.values.wording import wording
from hardware.connections import Connection, NetworkConnection, decode_settings, transport_for
from hardware.conversation import Wrap, unwatched
from hardware.registry import DeviceClass, Driver, DriverRegistry, load_drivers
from hardware.rfid.driver import LlrpReader, LlrpTimes, RfidDriver
from hardware.rfid.field import FieldRules
from hardware.rfid.llrp_requests import Inventory
from hardware.rfid.worker import RfidEvent, RfidWorker
from hardware.simulated.rfid_reader import SimulatedRfidReader, line_to_reader
from hardware.transport import Transport
from hardware.worker import Patience

LLRP_PORT: Final = 5084
"""IANA's port for LLRP without encryption."""


class InventorySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a reader is to look for tags; see `Inventory`."""

    antennas: tuple[Annotated[int, Meta(ge=1, le=64)], ...] = ()
    """Which of its antennas; all where none is named."""

    session: Literal[0, 1, 2, 3] = 0
    expected_tags: Annotated[int, Meta(ge=1, le=65535)] = 32


class TagRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a tag counts as being there; see `FieldRules`."""

    minimum_reads: Annotated[int, Meta(ge=1, le=100)] = 2
    gone_after_s: Annotated[float, Meta(ge=0.3, le=60)] = 1.5
    minimum_rssi_dbm: Annotated[int, Meta(ge=-128, le=127)] | None = None
    most_tags: Annotated[int, Meta(ge=1, le=5000)] = 500


class LlrpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `llrp` needs to know."""

    host: Annotated[str, Meta(max_length=253)] = ""
    """The reader's address on the shop's network, where its port is the usual one."""

    connection: Connection | None = None
    """Where it is else."""

    inventory: InventorySettings = InventorySettings()
    tags: TagRules = TagRules()
    keepalive_ms: Annotated[int, Meta(ge=100, le=60_000)] = 600


class SimulatedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `simulated-rfid-reader` needs to know."""

    line: Literal["memory", "network", "serial"] = "memory"
    """What leads to it: nothing, a TCP port or a pty of this computer."""

    antennas: Annotated[int, Meta(ge=1, le=8)] = 2
    inventory: InventorySettings = InventorySettings()
    tags: TagRules = TagRules()
    keepalive_ms: Annotated[int, Meta(ge=100, le=60_000)] = 600


def make_llrp_reader(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> LlrpReader:
    """Return a driver for a real reader; nothing is sent yet.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    decoded = decode_settings(settings, LlrpSettings, "llrp")
    if decoded.connection is None:
        connection: Connection = decode_settings(
            {"by": "network", "host": decoded.host, "port": LLRP_PORT}, NetworkConnection, "llrp"
        )
    else:
        connection = decoded.connection
    return _reader(transport_for(connection), decoded, wrap)


def make_simulated_reader(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> LlrpReader:
    """Return the same driver before a reader that is not there.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    decoded = decode_settings(settings, SimulatedSettings, "simulated-rfid-reader")
    return _reader(line_to_reader(SimulatedRfidReader(antennas=decoded.antennas), decoded.line), decoded, wrap)


def _reader(transport: Transport, settings: LlrpSettings | SimulatedSettings, wrap: Wrap) -> LlrpReader:
    inventory = Inventory(
        antennas=settings.inventory.antennas,
        session=settings.inventory.session,
        expected_tags=settings.inventory.expected_tags,
    )
    return LlrpReader(wrap(transport), inventory, times=LlrpTimes(keepalive_ms=settings.keepalive_ms))


def field_rules(settings: Mapping[str, Any]) -> FieldRules:
    """Return when a tag is there, as the key `tags` of any driver's settings says.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    rules = decode_settings(settings.get("tags", {}), TagRules, "tags")
    return FieldRules(rules.minimum_reads, rules.gone_after_s, rules.minimum_rssi_dbm, rules.most_tags)


def _check() -> None:
    """The driver needs nothing that a computer may lack."""


LLRP: Final = Driver("llrp", DeviceClass.RFID_READER, wording("RFID reader (LLRP)"), make_llrp_reader, _check)
SIMULATED: Final = Driver(
    "simulated-rfid-reader", DeviceClass.RFID_READER, wording("Simulated RFID reader"), make_simulated_reader, _check
)


def build_rfid_reader(
    driver_id: str,
    settings: Mapping[str, Any],
    on_event: Callable[[RfidEvent], None],
    *,
    device: str = "rfid",
    registry: DriverRegistry | None = None,
    wrap: Wrap = unwatched,
    patience: Patience | None = None,
) -> RfidWorker:
    """Return the worker of a till's tag reader; `start` sets it going, nothing is opened before.

    Args:
        driver_id: name of a driver.
        settings: the driver's own.
        on_event: takes `TagsSeen`, `StatusUpdate` and `ErrorEvent` on the worker's thread; must return at once.
        device: its name in the till's configuration.
        registry: the drivers; loaded here where none is given.
        wrap: put in front of the reader's line, to watch it.
        patience: how long the worker waits between tries.

    Raises:
        UnknownDriver: if the driver is not there or cannot be used.
        BadDriverSettings: if its settings are wrong.
    """
    made = (registry or load_drivers()).driver(driver_id, DeviceClass.RFID_READER).make(settings, wrap)
    return RfidWorker(device, cast("RfidDriver", made), on_event, rules=field_rules(settings), patience=patience)
