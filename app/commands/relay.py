"""Holds what devices say until the screens that show it are there, then passes it on."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from app.catalogue.codes.scanned import Scanned
from app.checkout.member_requests import ReportMember
from app.checkout.payment_requests import ReportPayment
from app.checkout.requests import ReportPrint, TillRequest
from app.checkout.views import DeviceStatusView, Notice, Sound
from app.devices.weighing import ScaleReading
from app.payments.desk_requests import DeskEvent

_MOST_HELD: Final = 256
"""Reports of print jobs, payments and members aside, older words are dropped when the screens take so long to come."""


class Screens(Protocol):
    """Who is told, from any thread."""

    def post(self, request: TillRequest) -> bool:
        """Ask the till for something."""

    def post_print_report(self, report: ReportPrint) -> bool:
        """Pass on how far a print job came."""

    def post_payment_news(self, news: ReportPayment) -> bool:
        """Pass on what the payment desk says."""

    def post_member_news(self, news: ReportMember) -> bool:
        """Pass on what the desk of members says."""

    def post_errands(self) -> None:
        """Have what the payment desk wants stored done."""

    def post_device_status(self, status: DeviceStatusView) -> None:
        """Show how a device is."""

    def post_scale(self, reading: ScaleReading) -> None:
        """Show what the scale reads."""

    def post_scan(self, scanned: Scanned) -> None:
        """Bring a scan to the screens, which decide whether it is wanted now."""

    def post_notice(self, notice: Notice, sound: Sound | None = None) -> None:
        """Say something that belongs to no view."""


class Relay:
    """Stands between the devices, which start with the till, and the screens, which may come a moment later.

    A `TillListeners`: for the devices, the payments and the members. A code scanned before the screens are there is
    dropped: nobody saw it rung up.
    """

    def __init__(self) -> None:
        """Hold everything until `connect`."""
        self._lock = threading.Lock()
        self._screens: Screens | None = None
        self._reports: list[ReportPrint] = []
        self._payment_news: list[ReportPayment] = []
        self._member_news: list[ReportMember] = []
        self._held: deque[Callable[[Screens], object]] = deque(maxlen=_MOST_HELD)

    def connect(self, screens: Screens) -> None:
        """Pass on what was held, in its order, and everything from now on."""
        with self._lock:
            for report in self._reports:
                screens.post_print_report(report)
            for news in self._payment_news:
                screens.post_payment_news(news)
            for answer in self._member_news:
                screens.post_member_news(answer)
            for tell in self._held:
                tell(screens)
            self._reports.clear()
            self._payment_news.clear()
            self._member_news.clear()
            self._held.clear()
            self._screens = screens

    def print_report(self, report: ReportPrint) -> None:
        """Tell how far a print job came."""
        with self._lock:
            if self._screens is None:
                self._reports.append(report)
            else:
                self._screens.post_print_report(report)

    def payment_news(self, event: DeskEvent) -> None:
        """Tell how a payment goes."""
        news = ReportPayment(event)
        with self._lock:
            if self._screens is None:
                self._payment_news.append(news)
            else:
                self._screens.post_payment_news(news)

    def member_news(self, news: ReportMember) -> None:
        """Tell what came of a question about members or coupons."""
        with self._lock:
            if self._screens is None:
                self._member_news.append(news)
            else:
                self._screens.post_member_news(news)

    def errands_wait(self) -> None:
        """Tell that a desk wants something stored."""
        self._tell(lambda screens: screens.post_errands())

    def device_status(self, status: DeviceStatusView) -> None:
        """Tell how a device is."""
        self._tell(lambda screens: screens.post_device_status(status))

    def scale_read(self, reading: ScaleReading) -> None:
        """Tell what the scale shows."""
        self._tell(lambda screens: screens.post_scale(reading))

    def scanned(self, scanned: Scanned) -> None:
        """Tell what a scanner read, where there is somebody to see it."""
        with self._lock:
            if self._screens is not None:
                self._screens.post_scan(scanned)

    def asked(self, request: TillRequest) -> None:
        """Tell what a device asks of the till."""
        self._tell(lambda screens: screens.post(request))

    def noticed(self, notice: Notice, sound: Sound | None) -> None:
        """Tell the cashier something."""
        self._tell(lambda screens: screens.post_notice(notice, sound))

    def _tell(self, tell: Callable[[Screens], object]) -> None:
        with self._lock:
            if self._screens is None:
                self._held.append(tell)
            else:
                tell(self._screens)
