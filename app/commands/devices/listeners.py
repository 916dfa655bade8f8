"""Who is told what the devices of a till say."""

from typing import Protocol

from app.catalogue.codes.scanned import Scanned
from app.checkout.requests import ReportPrint, TillRequest
from app.checkout.views import DeviceStatusView, Notice, Sound
from app.devices.weighing import ScaleReading


class Listeners(Protocol):
    """Called on the devices' threads; must return at once."""

    def print_report(self, report: ReportPrint) -> None:
        """Take how far a print job came."""

    def device_status(self, status: DeviceStatusView) -> None:
        """Take how a device is."""

    def scale_read(self, reading: ScaleReading) -> None:
        """Take what the scale shows."""

    def scanned(self, scanned: Scanned) -> None:
        """Take a code that a scanner read."""

    def asked(self, request: TillRequest) -> None:
        """Take what a device asks of the till by itself, such as tags that lie on the reader."""

    def noticed(self, notice: Notice, sound: Sound | None) -> None:
        """Take a sentence to the cashier that belongs to no view."""
