"""Turns a till's configuration of a scanner into a worker with a driver behind it."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import Meta

from app.devices.frames import FrameSource
from app.values.clock import Clock
from app.values.problems import Problem
from app.values.wording import wording
from hardware.connections import NetworkConnection, SerialConnection, decode_settings, transport_for
from hardware.conversation import Wrap, unwatched
from hardware.registry import DeviceClass, Driver, DriverRegistry, load_drivers
from hardware.scanners.camera import WANTED, CameraScanner, Symbology, reader_for
from hardware.scanners.driver import LineScanner
from hardware.scanners.evdev import EvdevTransport, require_linux
from hardware.scanners.frames import FolderFrames
from hardware.scanners.line_reader import ReadingRules
from hardware.scanners.pictures import best_available
from hardware.scanners.readings import ScannerDriver, ScannerEvent
from hardware.scanners.worker import ScannerWorker
from hardware.simulated.lines import line_to
from hardware.simulated.scanner import SimulatedScanner
from hardware.simulated.scanner import Suffix as SimulatedSuffix

_SILENT_S: Final = 1.5
"""A camera that gives no picture for so long is told as away, within the two seconds that a status may be late."""


class CameraNeedsWindow(Problem):
    """Raised when a camera is to be opened where there is no window: its pictures come through the window's system."""

    code = "CAMERA-NEEDS-WINDOW"


class SerialSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `serial-scanner` needs to know."""

    connection: SerialConnection | NetworkConnection
    """A serial line, USB set to serial (USB-COM), or a serial server."""

    reading: ReadingRules = ReadingRules()


class EvdevSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `evdev-scanner` needs to know."""

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    """`/dev/input/by-id/…-event-kbd`, which stays the same, or `/dev/input/event…`."""

    reading: ReadingRules = ReadingRules()


class CameraSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `camera` needs to know."""

    camera: str = ""
    """Name of the camera, or a part of it; empty for the computer's default one. Read by the window."""

    folder: str = ""
    """A folder of pictures that stands in for a camera; empty for a real one."""

    every_ms: Annotated[int, Meta(ge=0, le=60_000)] = 200
    """How long each picture of the folder is in sight."""

    loop: bool = True
    """Whether the folder's pictures begin again after the last one."""

    symbologies: Annotated[tuple[Symbology, ...], Meta(min_length=1, max_length=16)] = WANTED
    """What is looked for; fewer are faster."""

    repeat_after_ms: Annotated[int, Meta(ge=100, le=60_000)] = 1000
    """How long a code must be out of sight before it counts again."""


class SimulatedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the driver `simulated-scanner` needs to know."""

    line: Literal["memory", "network", "serial"] = "memory"
    """What leads to it: nothing, a TCP port or a pty of this computer."""

    aim: bool = True
    """Whether it sends AIM identifiers."""

    suffix: SimulatedSuffix = "cr"
    reading: ReadingRules = ReadingRules()


def make_serial_scanner(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> LineScanner:
    """Return a driver for a scanner on a line; nothing is opened yet.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    decoded = decode_settings(settings, SerialSettings, "serial-scanner")
    # Behind a serial server, or without power of its own, a scanner can go without the line noticing.
    over_network = isinstance(decoded.connection, NetworkConnection)
    return LineScanner(wrap(transport_for(decoded.connection)), decoded.reading, notices_unplugging=not over_network)


def make_evdev_scanner(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> LineScanner:
    """Return a driver for a scanner that types, taken for the till alone; nothing is opened yet.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    decoded = decode_settings(settings, EvdevSettings, "evdev-scanner")
    return LineScanner(wrap(EvdevTransport(Path(decoded.path))), decoded.reading)


def make_camera_scanner(
    settings: Mapping[str, Any], wrap: Wrap = unwatched, *, frames: FrameSource | None = None
) -> CameraScanner:
    """Return a driver for a camera; nothing is opened yet.

    Args:
        settings: the driver's own.
        wrap: not used: pictures are no bytes on a line.
        frames: the camera's pictures, which the window hands in; used instead of the settings' folder.

    Raises:
        BadDriverSettings: naming the key that is wrong.
        CameraNeedsWindow: if there are neither frames nor a folder.
    """
    del wrap
    decoded = decode_settings(settings, CameraSettings, "camera")
    silent_s = _SILENT_S
    if frames is None and decoded.folder:
        frames = FolderFrames(Path(decoded.folder), decoded.every_ms / 1000, decoded.loop)
        silent_s += 2 * decoded.every_ms / 1000
    if frames is None:
        raise CameraNeedsWindow(
            wording("A camera is opened by the till's window. Start the till, or set a folder of pictures instead.")
        )
    return CameraScanner(frames, lambda: reader_for(decoded.symbologies), repeat_after_s=decoded.repeat_after_ms / 1000)


def make_simulated_scanner(settings: Mapping[str, Any], wrap: Wrap = unwatched) -> LineScanner:
    """Return the driver of serial scanners before a scanner that is not there.

    Raises:
        BadDriverSettings: naming the key that is wrong.
    """
    decoded = decode_settings(settings, SimulatedSettings, "simulated-scanner")
    twin = SimulatedScanner(
        aim=decoded.aim,
        suffix=decoded.suffix,
        prefix=decoded.reading.prefix,
    )
    return LineScanner(wrap(line_to(twin, decoded.line)), decoded.reading)


def _nothing_to_check() -> None:
    """A line needs nothing but Python and pyserial, which were loaded with this module."""


def _check_pictures() -> None:
    # Loading a library takes a tenth of a second at every start; it is loaded with the first picture.
    if find_spec("zxingcpp") is None and find_spec("pyzbar") is None:
        best_available()


SERIAL: Final = Driver(
    "serial-scanner", DeviceClass.SCANNER, wording("Serial scanner"), make_serial_scanner, _nothing_to_check
)
EVDEV: Final = Driver(
    "evdev-scanner",
    DeviceClass.SCANNER,
    wording("Keyboard scanner kept for the till"),
    make_evdev_scanner,
    require_linux,
)
CAMERA: Final = Driver(
    "camera", DeviceClass.SCANNER, wording("Camera as scanner"), make_camera_scanner, _check_pictures
)
SIMULATED: Final = Driver(
    "simulated-scanner", DeviceClass.SCANNER, wording("Simulated scanner"), make_simulated_scanner, _nothing_to_check
)


def build_scanner(  # noqa: PLR0913 - the same as of every class of device, and the pictures a camera needs
    driver_id: str,
    settings: Mapping[str, Any],
    on_event: Callable[[ScannerEvent], None],
    *,
    device: str = "scanner",
    clock: Clock,
    registry: DriverRegistry | None = None,
    wrap: Wrap = unwatched,
    frames: FrameSource | None = None,
) -> ScannerWorker:
    """Return the worker of a till's scanner; `start` sets it going, nothing is opened before.

    Args:
        driver_id: name of a driver of scanners.
        settings: the driver's own.
        on_event: takes the events on the worker's thread; must return at once.
        device: the scanner's name in the till's configuration.
        clock: when a code was read.
        registry: the drivers; loaded here where none is given.
        wrap: put in front of the scanner's line, to watch it.
        frames: pictures of the camera, for the driver `camera` only.

    Raises:
        UnknownDriver: if there is no such driver, or it cannot be used here.
        BadDriverSettings: if its settings are wrong.
        CameraNeedsWindow: if a camera is asked for without its pictures.
    """
    found = (registry or load_drivers()).driver(driver_id, DeviceClass.SCANNER)
    if found is CAMERA:
        driver: ScannerDriver = make_camera_scanner(settings, wrap, frames=frames)
    else:
        driver = cast("ScannerDriver", found.make(settings, wrap))
    return ScannerWorker(driver, on_event, clock=clock, device=device)
