"""`till`: opens the cashier's window at once and brings the till in behind it."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.languages import speech_in
from app.commands.relay import Relay
from app.commands.site import Site, default_folder, writable
from app.commands.world import SystemClock
from app.values.problems import Problem
from app.values.speech import LANGUAGES
from app.values.wording import wording

if TYPE_CHECKING:
    from app.commands.assembly import TillAtWork
    from app.commands.devices.house import DeviceHouse
    from app.devices.frames import FrameSource
    from ui.screens import TillScreens
    from ui.settings import ScreenSettings

THEMES = ("light", "dark", "high_contrast")
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


class BadTheme(Problem):
    """Raised when a theme is asked for that is not there."""

    code = "BAD-THEME"


class NoDisplay(Problem):
    """Raised when a window is to open and there is nowhere to show it."""

    code = "NO-DISPLAY"


@dataclass(frozen=True, slots=True)
class TillOptions:
    """What the command line says."""

    data: Path | None
    sample: bool
    operator_number: str
    theme: str
    language: str
    fullscreen: bool
    customer_display: bool
    stamp: bool
    """For measuring: write the moment at which the till can sell, and end."""

    device_bench: bool = False
    """Whether the device bench opens beside the till."""


def open_till(options: TillOptions) -> int:
    """Sell until the window is closed; return the exit code.

    Raises:
        BadConfiguration: there is no configuration, or it is wrong.
    """
    if options.theme.replace("-", "_") not in THEMES:
        known = ", ".join(THEMES).replace("_", "-")
        raise BadTheme(
            wording("There is no theme {theme}. Choose one of: {known}.", theme=options.theme[:30], known=known)
        )
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _SCREENS):
        raise NoDisplay(
            wording("There is no display. Start the till in a desktop session, or play it without one: demo --out DIR.")
        )
    site = Site(options.data or default_folder(), sample=options.sample)
    # Read before the window opens, so that a wrong configuration is said where the command was given.
    settings = screen_settings(site, options)
    site.require_real_payments()

    from ui.application import run_till

    relay = Relay()
    opened: list[TillAtWork] = []

    def make_service() -> "TillAtWork":
        from app.commands.assembly import open_till_at_work, real_parts
        from app.commands.logs import start_logging

        start_logging(writable(site.log_folder))
        opened[:] = [open_till_at_work(site, options.operator_number, real_parts(_camera_frames), relay)]
        return opened[0]

    def attach(screens: "TillScreens") -> None:
        relay.connect(screens.bridge)
        connect_devices(screens, lambda: opened[0].devices if opened else None)
        if options.device_bench:
            from ui.bridge import DEVICE_BENCH

            screens.sellable.connect(lambda: screens.bridge.device_asked.emit(DEVICE_BENCH))

    return run_till(make_service, settings, attach=attach, exit_when_sellable=options.stamp)


def _camera_frames(name: str) -> "FrameSource":
    from ui.camera import QtCameraFrames

    return QtCameraFrames.for_windows(name)


def connect_devices(screens: "TillScreens", house: "Callable[[], DeviceHouse | None]") -> None:
    """Let the screens ask things of the devices: setting the scale to zero, opening the bench beside the till."""
    from ui.bridge import DEVICE_BENCH, ZERO_SCALE

    def asked(what: str) -> None:
        devices = house()
        if devices is None:
            return
        if what == ZERO_SCALE:
            devices.zero_scale()
        elif what == DEVICE_BENCH:
            from app.commands.devices.bench import HouseBench

            screens.open_bench(HouseBench(devices))

    screens.bridge.device_asked.connect(asked)


def screen_settings(site: Site, options: TillOptions) -> "ScreenSettings":
    """Return what the windows are told at start.

    Raises:
        BadConfiguration: there is no configuration, or it is wrong.
    """
    from ui.settings import ScreenSettings

    till = site.settings(options.operator_number)
    return ScreenSettings(
        clock=SystemClock(),
        zone=till.zone,
        speeches=tuple(speech_in(language) for language in LANGUAGES),
        language=options.language,
        theme=options.theme.replace("-", "_"),
        fullscreen=options.fullscreen,
        pictures=site.pictures,
        customer_window=options.customer_display,
        shop_name=till.shop.name,
    )
