"""Turns a till's configuration of its card terminal into a worker with a driver behind it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import Meta

from app.values.wording import wording
from hardware.connections import Connection, decode_settings, transport_for
from hardware.conversation import Wrap, unwatched
from hardware.registry import DeviceClass, Driver, DriverRegistry, load_drivers
from hardware.simulated.card_terminal import SimulatedCardTerminal
from hardware.simulated.lines import line_to
from hardware.terminals.discretion import DiscreetTransport
from hardware.terminals.driver import CardTerminalDriver, NexoTerminal
from hardware.terminals.nexo import NexoSession
from hardware.terminals.requests import NexoRules, RefundBy
from hardware.terminals.worker import TerminalEvent, TerminalLimits, TerminalWorker

_Name = Annotated[str, Meta(min_length=1, max_length=64)]


class NexoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `nexo-terminal` needs to know."""

    connection: Connection
    """Usually `network`; the port is the terminal's, such as 7778."""

    sale_id: _Name
    """What the terminal is to call this till."""

    poi_id: _Name
    """The terminal's own name, such as `P400Plus-275102737`."""

    logs_in: bool = True
    certification_code: Annotated[str, Meta(max_length=64)] = "none"
    refund_by: RefundBy = "payment"
    partial_approval: bool = False
    prints_itself: bool = False
    not_found_means_declined: bool = False
    answer_s: Annotated[float, Meta(gt=0, le=30)] = 1.0
    """How long the terminal may take to say how it is."""


class SimulatedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `simulated-card-terminal` needs to know."""

    line: Literal["memory", "network", "serial"] = "memory"
    """What leads to it: nothing, a TCP port or a pty of this computer."""

    sale_id: _Name = "Till1"
    poi_id: _Name = "Simulated-1"
    refund_by: RefundBy = "payment"
    partial_approval: bool = False
    not_found_means_declined: bool = False
    card_at_hand: bool = False
    """Whether a card lies on it, so that every payment is made at once."""


def make_nexo(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> NexoTerminal:
    """Return a driver for a real terminal; nothing is sent yet. What watches its line sees long figures masked.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    decoded = decode_settings(settings, NexoSettings, "nexo-terminal")
    rules = NexoRules(
        refund_by=decoded.refund_by,
        partial_approval=decoded.partial_approval,
        prints_itself=decoded.prints_itself,
        logs_in=decoded.logs_in,
        certification_code=decoded.certification_code,
        not_found_means_declined=decoded.not_found_means_declined,
    )
    transport = DiscreetTransport(transport_for(decoded.connection), wrap)
    return NexoTerminal(transport, NexoSession(decoded.sale_id, decoded.poi_id, rules), answer_s=decoded.answer_s)


def make_simulated(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> NexoTerminal:
    """Return the same driver before a terminal that is not there.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    decoded = decode_settings(settings, SimulatedSettings, "simulated-card-terminal")
    rules = NexoRules(
        refund_by=decoded.refund_by,
        partial_approval=decoded.partial_approval,
        not_found_means_declined=decoded.not_found_means_declined,
    )
    twin = SimulatedCardTerminal(decoded.poi_id)
    if decoded.card_at_hand:
        twin.leave_card()
    transport = DiscreetTransport(line_to(twin, decoded.line), wrap)
    return NexoTerminal(transport, NexoSession(decoded.sale_id, decoded.poi_id, rules))


def _nothing_to_check() -> None:
    """Messages need nothing of a computer."""


NEXO: Final = Driver(
    "nexo-terminal", DeviceClass.CARD_TERMINAL, wording("Card terminal (nexo)"), make_nexo, _nothing_to_check
)
SIMULATED: Final = Driver(
    "simulated-card-terminal",
    DeviceClass.CARD_TERMINAL,
    wording("Simulated card terminal"),
    make_simulated,
    _nothing_to_check,
)


def build_card_terminal(
    driver_id: str,
    settings: Mapping[str, Any],
    on_event: Callable[[TerminalEvent], None],
    *,
    device: str = "card_terminal",
    registry: DriverRegistry | None = None,
    wrap: Wrap = unwatched,
    limits: TerminalLimits | None = None,
) -> TerminalWorker:
    """Return the worker of a till's card terminal; `start` sets it going.

    Args:
        driver_id: name of a driver, such as `nexo-terminal`.
        settings: the driver's own.
        on_event: takes the worker's events on its thread; must return at once.
        device: its name in the till's configuration.
        registry: the drivers; loaded here where none is given.
        wrap: put in front of the terminal's line, to watch it.
        limits: how long to wait for what.

    Raises:
        UnknownDriver: if the driver is not there or cannot be used.
        BadDriverSettings: if its settings are wrong.
    """
    driver = (registry or load_drivers()).driver(driver_id, DeviceClass.CARD_TERMINAL)
    made = cast("CardTerminalDriver", driver.make(settings, wrap))
    return TerminalWorker(device, made, on_event, limits=limits)
