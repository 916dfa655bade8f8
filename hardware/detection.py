"""Finds the devices that hang on a till: looks, listens, asks what may be asked, and says what came of each try.

Nothing is sent to a place that is in use, that the caller leaves out, or that speaks by itself. What is sent is the
least that a device answers to, and the most harmless first; see `hardware.detection_probes`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from app.values.wording import Wording, wording
from hardware.detection_findings import Findings, PlaceFinding, Progress
from hardware.detection_lines import open_line
from hardware.detection_network import NetworkSearch, probe_hosts
from hardware.detection_places import (
    InputDeviceLike,
    SerialPort,
    UsbPrinterLike,
    UsbPrinterPlace,
    serial_ports,
    system_usb_printers,
)
from hardware.detection_probes import LineOpener, probe_port
from hardware.detection_usb import input_finding, merged_printers, usb_finding
from hardware.transport import MissingSupport


@dataclass(frozen=True, slots=True)
class DetectionRequest:
    """What is to be looked for, and what is to be left alone."""

    leave_alone: frozenset[str] = frozenset()
    """Serial ports that nothing is sent to, by any of their names: those that the till uses already."""

    probe_serial: bool = True
    """Whether serial lines are asked; else they are only listed."""

    probe_usb: bool = True
    """Whether USB printers are asked for their status; else they are only listed."""

    hosts: tuple[str, ...] = ()
    """Addresses on the network to be asked, whoever they are."""

    search_network: bool = False
    """Whether the till's own network is searched for printers and tag readers; only private ones of 256 addresses."""


@dataclass(frozen=True, slots=True)
class DetectionSources:
    """Where places come from; this computer, unless a test says otherwise."""

    serial_ports: Callable[[], tuple[SerialPort, ...]] = serial_ports
    system_usb_printers: Callable[[], tuple[UsbPrinterPlace, ...]] = system_usb_printers
    """What the operating system says of printers on USB."""

    usb_printers: Callable[[], tuple[UsbPrinterLike, ...]] | None = None
    """What libusb says of them, such as `hardware.usb.usb_printers`; not asked where it is None."""

    input_devices: Callable[[], tuple[InputDeviceLike, ...]] | None = None
    """What types, such as `hardware.scanners.evdev.input_devices`; not asked where it is None."""

    open_line: LineOpener = open_line
    """Opens a serial line for this program alone."""

    network: NetworkSearch = field(default_factory=NetworkSearch)


def _unheard(progress: Progress) -> None:
    """Nobody wants to know how far it is."""


def detect(
    request: DetectionRequest | None = None,
    *,
    sources: DetectionSources | None = None,
    on_progress: Callable[[Progress], None] = _unheard,
    cancel: threading.Event | None = None,
) -> Findings:
    """Look for devices; takes about four seconds for a silent serial line and for a network.

    Args:
        request: what to look for.
        sources: where places come from.
        on_progress: is told before each step, on the caller's thread; must return at once.
        cancel: ends the search soon after it is set; what was found until then is returned.

    Returns:
        Every place that was looked at, with what was tried there and what came of it.
    """
    request, sources, cancel = request or DetectionRequest(), sources or DetectionSources(), cancel or threading.Event()
    places: list[PlaceFinding] = []
    missing = []
    ports = sources.serial_ports()
    usb, problem = _usb_printers(sources)
    if problem is not None:
        missing.append(problem.sentence)
    steps = len(ports) + len(usb) + 1 + bool(request.hosts or request.search_network)
    done = 0
    for port in ports:
        if cancel.is_set():
            break
        left_alone = not request.probe_serial or bool(port.names & request.leave_alone)
        tell = _teller(on_progress, done, steps, wording("Asking who is at {place}.", place=port.path))
        places.append(probe_port(port, sources.open_line, cancel, left_alone=left_alone, tell=tell))
        done += 1
    for printer in usb:
        if cancel.is_set():
            break
        on_progress(Progress(done, steps, wording("Looking at {place}.", place=printer.place)))
        places.append(usb_finding(printer, probe=request.probe_usb))
        done += 1
    if sources.input_devices is not None and not cancel.is_set():
        on_progress(Progress(done, steps, wording("Looking for scanners that type.")))
        places += [input_finding(device) for device in sources.input_devices()]
    if (request.hosts or request.search_network) and not cancel.is_set():
        places += probe_hosts(
            request.hosts,
            sources.network,
            cancel,
            search_own=request.search_network,
            tell=_teller(on_progress, steps - 1, steps, wording("Asking addresses on the network.")),
        )
    if not cancel.is_set():
        on_progress(Progress(steps, steps, wording("The search is finished.")))
    return Findings(tuple(places), complete=not cancel.is_set(), missing=tuple(missing))


def _teller(
    on_progress: Callable[[Progress], None], done: int, steps: int, doing: Wording
) -> Callable[[int, int], None]:
    """Return what tells how far a step is."""

    def tell(part: int, parts: int) -> None:
        on_progress(Progress(done, steps, doing, part, parts))

    return tell


def _usb_printers(sources: DetectionSources) -> tuple[tuple[UsbPrinterPlace, ...], MissingSupport | None]:
    """Return the printers on USB, each once, and what kept libusb from saying more."""
    by_system = sources.system_usb_printers()
    if sources.usb_printers is None:
        return by_system, None
    try:
        return merged_printers(by_system, sources.usb_printers()), None
    except MissingSupport as problem:
        return by_system, problem
