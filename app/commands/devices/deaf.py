"""Listeners for devices that nobody sells with: the bench alone, and looking at the devices from the command line."""

from app.catalogue.codes.scanned import Scanned
from app.checkout.requests import ReportPrint, TillRequest
from app.checkout.views import DeviceStatusView, Notice, Sound
from app.devices.weighing import ScaleReading


class NobodySells:
    """`Listeners` that take everything and sell nothing; what a device says is seen on the bench itself."""

    def print_report(self, report: ReportPrint) -> None:
        """Take how far a print job came."""

    def device_status(self, status: DeviceStatusView) -> None:
        """Take how a device is."""

    def scale_read(self, reading: ScaleReading) -> None:
        """Take what the scale shows."""

    def scanned(self, scanned: Scanned) -> None:
        """Take a code; nothing is rung up."""

    def asked(self, request: TillRequest) -> None:
        """Take what a device asks; there is no till to ask."""

    def noticed(self, notice: Notice, sound: Sound | None) -> None:
        """Take a sentence."""
