"""Carries requests to the one till worker thread and its answers back to the screens; neither side waits for the other.

The worker owns the till: basket, store, everything. It is made inside the thread and never leaves it. The screens'
thread puts a request into a bounded queue and goes on drawing; answers come back as queued signals.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Protocol

from PySide6.QtCore import QObject, Qt, Signal

from app.catalogue.codes.scanned import Scanned
from app.checkout.member_requests import ReportMember
from app.checkout.payment_requests import ReportPayment
from app.checkout.requests import ReportPrint, TillRequest
from app.checkout.views import (
    DeviceStatusView,
    Notice,
    QuickKeyPage,
    SearchView,
    Severity,
    Sound,
    StatusView,
    TillView,
)
from app.devices.weighing import ScaleReading
from app.values.problems import Problem
from app.values.wording import Wording, wording

_logger: Final = logging.getLogger(__name__)

QUEUE_LIMIT: Final = 256
"""Requests that may wait. A cashier's peak is 3 items a second: a full queue means that the till is stuck."""


Report = ReportPrint | ReportPayment | ReportMember
"""What printers and desks say; it is never refused while the till is open."""

ZERO_SCALE: Final = "zero_scale"
"""Asked of the devices: the scale counts from what lies on it now."""

DEVICE_BENCH: Final = "device_bench"
"""Asked of whoever holds the devices: open the device bench beside the till."""


class TillService(Protocol):
    """The till as the worker thread uses it. Every method is called in that one thread.

    Any method may raise a `Problem`, which is shown to the cashier, and the till goes on.
    """

    def handle(self, request: TillRequest) -> TillView:
        """Do what a person or a scanner asks and return what is so now."""

    def view(self) -> TillView:
        """Return what is so now."""

    def search(self, text: str) -> SearchView:
        """Find products by part of a name, pinyin initials or digits."""

    def quick_keys(self) -> tuple[QuickKeyPage, ...]:
        """Return the pages of quick keys."""

    def status(self) -> StatusView:
        """Return what the status bar shows."""

    def run_errands(self) -> None:
        """Do what the payment desk wants stored; it waits for that before a byte leaves."""

    def stop_devices(self) -> None:
        """Let payments and devices end what they were given and wait for it; their last reports come meanwhile."""

    def close(self) -> None:
        """Let go of store and devices."""


@dataclass(frozen=True, slots=True)
class OpeningFailure:
    """The till could not be opened."""

    sentence: Wording
    code: str


_INSIDE_FAILURE: Final = wording(
    "Something went wrong inside the till. The basket is as shown. Go on, and tell help the code if it comes back."
)
_OPENING_FAILURE: Final = wording("The till could not be opened. Try again, and tell help the code if it comes back.")
_TOO_BUSY: Final = wording("The till is still busy. Wait a moment, then do the last thing again.")
_STATUS_JOB: Final = object()
_ERRANDS_JOB: Final = object()


class TillBridge(QObject):
    """The screens' end of the till. Signals arrive in the thread that made the bridge."""

    opened = Signal(object)
    """A `tuple[QuickKeyPage, ...]`: the till is open, and its first view comes next."""

    opening_failed = Signal(object)
    """An `OpeningFailure`."""

    view_ready = Signal(object)
    """A `TillView`; never one older than the view before it."""

    pages_changed = Signal(object)
    """A `tuple[QuickKeyPage, ...]`: the price book changed or a day began, and so may every price on the keys."""

    search_ready = Signal(object)
    """A `SearchView`."""

    status_ready = Signal(object)
    """A `StatusView`."""

    device_status_changed = Signal(object)
    """A `DeviceStatusView`."""

    scale_read = Signal(object)
    """A `ScaleReading`."""

    scanned = Signal(object)
    """A `Scanned` from a driver of its own."""

    noticed = Signal(object)
    """A `Notice` that belongs to no view: a request could not be taken."""

    sounded = Signal(object)
    """A `Sound` that belongs to no view."""

    device_asked = Signal(str)
    """`ZERO_SCALE` or `DEVICE_BENCH`: something that a device is to do. Devices are not the till's, so none of its
    worker's either; whoever started them listens here."""

    settled = Signal()
    """Everything that was asked has been answered."""

    _answered = Signal(object, object, int)
    """A signal's name, what it carries, and how many jobs it ends."""

    def __init__(self, make_service: Callable[[], TillService]) -> None:
        """Take the factory of the till; nothing runs before `start`."""
        super().__init__()
        self._make_service = make_service
        self._jobs: deque[object] = deque()
        # A lane of its own, never refused: a report that is lost prints its receipt a second time at the next start,
        # or leaves a payment without its tender until then. It holds no more than the printer had jobs and the payment
        # desk has attempts at work.
        self._reports: deque[Report] = deque()
        self._errands = False
        self._search: str | None = None
        self._wake = threading.Condition()
        self._stopping = False
        self._working = False
        self._over = False
        self._unanswered = 0
        self._revision = -1
        self._priced: tuple[datetime, date] | None = None
        self._thread: threading.Thread | None = None
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    # asked by the screens and by drivers, from any thread

    def start(self) -> None:
        """Start the worker, which opens the till; also after it could not be opened."""
        with self._wake:
            if self._working:
                return
            self._working = True
            self._stopping = self._over = False
            self._unanswered += 1
        self._thread = threading.Thread(target=self._work, name="till-worker", daemon=True)
        self._thread.start()

    def post(self, request: TillRequest) -> bool:
        """Ask the till for something; False where the queue is full, which the cashier is told."""
        return self._put(request)

    def post_search(self, text: str) -> None:
        """Search; of several texts that wait only the newest is searched for."""
        with self._wake:
            if self._search is None:
                self._unanswered += 1
            self._search = text
            self._wake.notify()

    def ask_status(self) -> None:
        """Ask for what the status bar shows."""
        self._put(_STATUS_JOB)

    def post_print_report(self, report: ReportPrint) -> bool:
        """Pass on how far a print job came, before anything else that waits; False only after the till was closed."""
        taken = self._report(report)
        if not taken:
            _logger.warning("print_report_too_late: %s %s", report.job_id, report.state.value)
        return taken

    def post_payment_news(self, news: ReportPayment) -> bool:
        """Pass on what the payment desk says, in its order; False only after the till was closed."""
        taken = self._report(news)
        if not taken:
            # It is in the store, and found there at the next start.
            _logger.warning("payment_news_too_late: %s", type(news.event).__name__)
        return taken

    def post_errands(self) -> None:
        """Have the worker do what the payment desk wants stored, before anything else that waits."""
        with self._wake:
            self._errands = True
            self._wake.notify()

    def post_member_news(self, news: ReportMember) -> bool:
        """Pass on what the desk of members says, in its order; False only after the till was closed."""
        return self._report(news)

    def _report(self, report: Report) -> bool:
        with self._wake:
            if self._over:
                return False
            self._reports.append(report)
            self._unanswered += 1
            self._wake.notify()
            return True

    def post_device_status(self, status: DeviceStatusView) -> None:
        """Show how a device is."""
        self._answered.emit("device_status_changed", status, 0)

    def post_scale(self, reading: ScaleReading) -> None:
        """Show what the scale reads; from any thread."""
        self._answered.emit("scale_read", reading, 0)

    def post_scan(self, scanned: Scanned) -> None:
        """Bring a scan from a driver to the screens, which decide whether it is wanted now."""
        self._answered.emit("scanned", scanned, 0)

    def post_notice(self, notice: Notice, sound: Sound | None = None) -> None:
        """Say something to the cashier that belongs to no view; from any thread."""
        self._answered.emit("noticed", notice, 0)
        if sound is not None:
            self._answered.emit("sounded", sound, 0)

    @property
    def idle(self) -> bool:
        """Whether everything that was asked has been answered and delivered."""
        with self._wake:
            return self._unanswered == 0

    @property
    def revision(self) -> int:
        """Return the revision of the last view delivered; -1 before the first."""
        return self._revision

    def close(self, timeout_s: float = 10.0) -> bool:
        """Finish what was asked, close the till, end the thread; False where it did not end in time."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _put(self, job: object) -> bool:
        with self._wake:
            full = len(self._jobs) >= QUEUE_LIMIT or self._stopping
            if not full:
                self._jobs.append(job)
                self._unanswered += 1
                self._wake.notify()
        if full:
            self._answered.emit("noticed", Notice(Severity.BAD, _TOO_BUSY, "TILL-BUSY"), 0)
            self._answered.emit("sounded", Sound.BAD_READ, 0)
        return not full

    # in the screens' thread

    def _deliver(self, name: str, carried: object, jobs_ended: int) -> None:
        with self._wake:
            self._unanswered -= jobs_ended
            idle = self._unanswered == 0
        if isinstance(carried, TillView):
            if carried.revision >= self._revision:
                self._revision = carried.revision
                self.view_ready.emit(carried)
        elif name:
            getattr(self, name).emit(carried)
        if idle and jobs_ended:
            self.settled.emit()

    # in the worker thread

    def _work(self) -> None:
        service = self._open()
        if service is None:
            return
        while (job := self._next_job()) is not None:
            if job is _ERRANDS_JOB:
                self._run_errands(service)
            else:
                self._do(service, job)
        self._let_go(service)
        with self._wake:
            self._working = False

    def _open(self) -> TillService | None:
        service: TillService | None = None
        try:
            service = self._make_service()
            status = service.status()
            pages = service.quick_keys()
            first = service.view()
        except Problem as problem:
            _logger.warning("till_not_opened: %s", problem.code)
            self._give_up(service, OpeningFailure(problem.sentence, problem.code))
            return None
        except Exception as error:
            _logger.exception("till_not_opened")
            self._give_up(service, OpeningFailure(_OPENING_FAILURE, type(error).__name__))
            return None
        self._priced = _priced(status)
        self._answered.emit("opened", pages, 0)
        self._answered.emit("status_ready", status, 0)
        self._answered.emit("view_ready", first, 1)
        return service

    def _give_up(self, service: TillService | None, failure: OpeningFailure) -> None:
        """Say that the till is not open, when nothing of it is left that would keep the next try out of the store."""
        if service is not None:
            self._let_go(service)
        with self._wake:
            self._working = False
        self._answered.emit("opening_failed", failure, 1)

    def _let_go(self, service: TillService) -> None:
        """Wait for the devices, store what they reported last, close the till; no failure keeps the next step back."""
        try:
            service.stop_devices()
        except Exception:
            _logger.exception("till_devices_not_stopped")
        while (report := self._last_report()) is not None:
            try:
                service.handle(report)
            except Exception:
                _logger.exception("report_not_stored: %s", type(report).__name__)
            self._answered.emit("", None, 1)
        try:
            service.close()
        except Exception:
            _logger.exception("till_close_failed")

    def _last_report(self) -> Report | None:
        """Return the next report that waits; None where there is none, and none is taken any more."""
        with self._wake:
            self._over = not self._reports
            return None if self._over else self._reports.popleft()

    def _next_job(self) -> object | None:
        """Wait for the next job: errands, reports, requests in order, the newest search; None at the till's end."""
        with self._wake:
            while not (self._errands or self._reports or self._jobs or self._search is not None or self._stopping):
                self._wake.wait()
            if self._errands:
                self._errands = False
                return _ERRANDS_JOB
            if self._reports:
                return self._reports.popleft()
            if self._jobs:
                return self._jobs.popleft()
            if self._search is not None:
                text, self._search = self._search, None
                return text
            return None

    def _do(self, service: TillService, job: object) -> None:
        """Do a job, whatever comes of it, and count it as answered once, behind all that it brought."""
        try:
            if isinstance(job, str):
                self._answered.emit("search_ready", service.search(job), 0)
            elif job is _STATUS_JOB:
                self._show_status(service)
            else:
                self._handle(service, job)
        except Problem as problem:
            self._tell(service, Notice(Severity.BAD, problem.sentence, problem.code))
        except Exception as error:
            # A bug, not the world: logged with its trace, shown with its name, and the next request is served.
            _logger.exception("till_worker_failed")
            self._tell(service, Notice(Severity.BAD, _INSIDE_FAILURE, type(error).__name__))
        finally:
            self._answered.emit("", None, 1)

    def _run_errands(self, service: TillService) -> None:
        """Do what the payment desk wants stored; whoever asked is told what came of it, and nobody else."""
        try:
            service.run_errands()
        except Exception:
            _logger.exception("errands_failed")

    def _handle(self, service: TillService, request: object) -> None:
        view = service.handle(request)  # type: ignore[arg-type]  # only `post` puts anything else than text here
        self._answered.emit("view_ready", view, 0)
        if view.completed is not None and view.sound is Sound.PAID:
            self._show_status_after_sale(service)

    def _show_status(self, service: TillService) -> None:
        """Show the status, and the quick keys anew where their prices may have changed since they were fetched."""
        status = service.status()
        self._answered.emit("status_ready", status, 0)
        priced = _priced(status)
        if priced != self._priced:
            self._answered.emit("pages_changed", service.quick_keys(), 0)
            self._priced = priced

    def _show_status_after_sale(self, service: TillService) -> None:
        """Show the status; where that fails say so beside the paid view, whose change must stay in sight."""
        try:
            self._show_status(service)
        except Problem as problem:
            _logger.warning("status_failed_after_sale: %s", problem.code)
            self._answered.emit("noticed", Notice(Severity.BAD, problem.sentence, problem.code), 0)
        except Exception as error:
            _logger.exception("status_failed_after_sale")
            notice = Notice(Severity.BAD, _INSIDE_FAILURE, type(error).__name__)
            self._answered.emit("noticed", notice, 0)

    def _tell(self, service: TillService, notice: Notice) -> None:
        """Show what is really so after a request failed, and why it failed."""
        try:
            view = replace(service.view(), notice=notice, sound=Sound.BAD_READ)
        except Exception:
            _logger.exception("till_view_failed")
            self._answered.emit("sounded", Sound.BAD_READ, 0)
            self._answered.emit("noticed", notice, 0)
            return
        self._answered.emit("view_ready", view, 0)


def _priced(status: StatusView) -> tuple[datetime, date]:
    """Return what the prices on the quick keys depend on: the price book, and the day they count on."""
    return status.price_book_published_at, status.business_date
