"""Turns a till's configuration of a cash drawer on its own port into a worker with a driver behind it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, cast

import msgspec

from app.values.wording import wording
from hardware.connections import BadDriverSettings, Connection, decode_settings, transport_for
from hardware.conversation import Wrap, unwatched
from hardware.drawers.driver import DrawerDriver, PortDrawer
from hardware.drawers.open_time import OPEN_TOO_LONG_S
from hardware.drawers.port import PortWiring
from hardware.drawers.worker import DrawerEvent, DrawerTimes, DrawerWorker
from hardware.registry import DeviceClass, Driver, DriverRegistry, load_drivers
from hardware.simulated.drawer import SIMULATED_WIRING, SimulatedDrawer
from hardware.simulated.lines import line_to
from hardware.transport import SerialTransport, SignalLines, Transport


class SerialDrawerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `serial-drawer` needs to know."""

    connection: Connection
    wiring: PortWiring = PortWiring()


class SimulatedDrawerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `simulated-drawer` needs to know."""

    wiring: PortWiring = SIMULATED_WIRING
    line: Literal["memory", "network", "serial"] = "memory"
    """What leads to it: nothing, a TCP port or a pty of this computer."""


def make_serial_drawer(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> PortDrawer:
    """Return a driver for a real drawer; nothing is sent yet.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        BadDrawerWiring: if no drawer can be wired so.
    """
    decoded = decode_settings(settings, SerialDrawerSettings, "serial-drawer")
    transport = transport_for(decoded.connection)
    signals = transport if isinstance(transport, SerialTransport) else None
    return _driver(wrap(transport), decoded.wiring, signals)


def make_simulated_drawer(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> PortDrawer:
    """Return the same driver before a drawer that is not there.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        BadDrawerWiring: if no drawer can be wired so.
    """
    decoded = decode_settings(settings, SimulatedDrawerSettings, "simulated-drawer")
    return _driver(wrap(line_to(SimulatedDrawer(decoded.wiring), decoded.line)), decoded.wiring, None)


def _driver(transport: Transport, wiring: PortWiring, signals: SignalLines | None) -> PortDrawer:
    try:
        return PortDrawer(transport, wiring, signals)
    except ValueError as error:
        raise BadDriverSettings(
            wording("This drawer's wiring uses signal lines, which only a serial port has. Set by to serial.")
        ) from error


def _no_check() -> None:
    """Bytes over a line need nothing that could be missing."""


SERIAL: Final = Driver(
    "serial-drawer", DeviceClass.CASH_DRAWER, wording("Cash drawer on its own port"), make_serial_drawer, _no_check
)
SIMULATED: Final = Driver(
    "simulated-drawer", DeviceClass.CASH_DRAWER, wording("Simulated cash drawer"), make_simulated_drawer, _no_check
)


def build_drawer(
    driver_id: str,
    settings: Mapping[str, Any],
    on_event: Callable[[DrawerEvent], None],
    *,
    device: str = "drawer",
    registry: DriverRegistry | None = None,
    wrap: Wrap = unwatched,
    open_too_long_s: float = OPEN_TOO_LONG_S,
) -> DrawerWorker:
    """Return the worker of a cash drawer on its own port; `start` sets it going.

    Args:
        driver_id: name of a driver of the class.
        settings: the driver's own.
        on_event: takes the worker's events on its thread; must return at once.
        device: its name in the till's configuration.
        registry: the drivers; loaded here where none is given.
        wrap: put in front of the drawer's line, to watch it.
        open_too_long_s: a drawer that stands open longer is told of.

    Raises:
        UnknownDriver: if the driver is not there or cannot be used.
        BadDriverSettings: if its settings are wrong.
    """
    found = (registry or load_drivers()).driver(driver_id, DeviceClass.CASH_DRAWER)
    driver = cast("DrawerDriver", found.make(settings, wrap))
    return DrawerWorker(driver, on_event, device=device, times=DrawerTimes(open_too_long_s=open_too_long_s))
