"""Holds what devices say until the screens that show it are there, then passes it on."""

import threading
from collections.abc import Callable
from typing import Protocol

from app.checkout.requests import ReportPrint
from app.checkout.views import DeviceStatusView


class Screens(Protocol):
    """Who is told, from any thread."""

    def post_print_report(self, report: ReportPrint) -> bool:
        """Pass on how far a print job came."""

    def post_device_status(self, status: DeviceStatusView) -> None:
        """Show how a device is."""


class Relay:
    """Stands between the devices, which start with the till, and the screens, which may come a moment later."""

    def __init__(self) -> None:
        """Hold everything until `connect`."""
        self._lock = threading.Lock()
        self._screens: Screens | None = None
        self._held: list[Callable[[Screens], object]] = []

    def connect(self, screens: Screens) -> None:
        """Pass on what was held, in its order, and everything from now on."""
        with self._lock:
            for tell in self._held:
                tell(screens)
            self._held.clear()
            self._screens = screens

    def print_report(self, report: ReportPrint) -> None:
        """Tell how far a print job came."""
        self._tell(lambda screens: screens.post_print_report(report))

    def device_status(self, status: DeviceStatusView) -> None:
        """Tell how a device is."""
        self._tell(lambda screens: screens.post_device_status(status))

    def _tell(self, tell: Callable[[Screens], object]) -> None:
        with self._lock:
            if self._screens is None:
                self._held.append(tell)
            else:
                tell(self._screens)
