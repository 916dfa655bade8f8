"""Brings the printer in behind the till: selling never waits for it, and a wrong printer never keeps a till shut."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.checkout.ports import PrintState, ReceiptOrder
from app.checkout.requests import ReportPrint
from app.checkout.views import DeviceStatusView, Notice, Severity, Sound
from app.commands.device_sections import PrinterSection
from app.commands.devices.attached import condition_of
from app.commands.devices.listeners import Listeners
from app.commands.languages import speech_in
from app.devices.conditions import DeviceCondition
from app.values.problems import Problem
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from hardware.conversation import Wrap
    from hardware.printers.driver import PrinterDriver
    from hardware.printers.queue import PrinterEvent, PrintQueue

_logger = logging.getLogger(__name__)

_STORED_WITHIN_S = 5.0
"""How long the printer waits for the store before it tries again; the receipt waits as well."""

_SETTLING_S = 0.5
"""How long the till has the processor to itself before the printer's libraries load, unless a receipt comes."""


class PrinterBehind:
    """A `ReceiptPrinter` that is there at once and becomes the configured one a moment later.

    Orders that come before are held and handed on in their order. Where the configured printer cannot be used, its
    light says why; orders are not taken, so that their jobs stay waiting in the store.
    """

    def __init__(
        self,
        section: PrinterSection,
        listeners: Listeners,
        driver: "PrinterDriver | None" = None,
        *,
        wrap: "Wrap | None" = None,
        heard: "Callable[[PrinterEvent], None] | None" = None,
    ) -> None:
        """Begin.

        Args:
            section: what the configuration says.
            listeners: who is told of jobs and state.
            driver: used instead of the configured one.
            wrap: put in front of the printer's line, to watch it.
            heard: also told of every event, on the printer's thread.
        """
        self._wrap = wrap
        self._heard = heard
        self._section = section
        self._listeners = listeners
        self._driver = driver
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._storing = threading.Condition()
        self._begun: set[str] = set()
        """Jobs of which the store knows that their bytes may leave."""

        self._held: list[ReceiptOrder] = []
        self._queue: PrintQueue | None = None
        self._over = False
        self._thread = threading.Thread(target=self._begin, name="printer-starter", daemon=True)
        self._thread.start()

    def submit(self, order: ReceiptOrder) -> bool:
        """Take an order and return at once; False where it cannot be taken."""
        self._wanted.set()
        with self._lock:
            if self._queue is None:
                taken = not self._over and len(self._held) < self._section.capacity
                if taken:
                    self._held.append(order)
                return taken
            return self._queue.submit(order)

    def stored(self, job_id: str, state: PrintState) -> None:
        """Learn that what was reported of a job is in the store."""
        with self._storing:
            if state is PrintState.PRINTING:
                self._begun.add(job_id)
            else:
                self._begun.discard(job_id)
            self._storing.notify_all()

    def _wait_until_stored(self, job_id: str) -> bool:
        """Wait, on the printer's thread, until the store knows that a job begins; false where it does not come to."""
        with self._storing:
            self._storing.wait_for(lambda: job_id in self._begun or self._over, _STORED_WITHIN_S)
            return job_id in self._begun

    def start(self) -> None:
        """Begin; it has begun already, when it was made."""

    def nudge(self) -> None:
        """Try what waits now instead of after a pause, as after putting paper in or freeing the knife."""
        with self._lock:
            if self._queue is not None:
                self._queue.retry_now()

    def submit_page(self, job_id: str, place: str) -> bool:
        """Print the page a printer is tried with, a moment later; false where there is no printer.

        Args:
            job_id: a new identity; such a page is no print job of the till.
            place: where the printer is reached, for a person.
        """
        with self._lock:
            queue = self._queue
        if queue is None:
            return False

        def draw() -> None:
            from hardware.printers.escpos import render_escpos
            from hardware.printers.test_page import page_to_try

            page = page_to_try(queue.profile, speech_in(self._section.language), place)
            queue.submit_page(job_id, render_escpos(page, queue.profile))

        # Drawing it takes a third of a second at first, and who asks is the screens' thread.
        threading.Thread(target=draw, name="test-page", daemon=True).start()
        return True

    def close(self, timeout_s: float) -> bool:
        """End the printer's thread; False where it did not end in time."""
        self._wanted.set()
        with self._lock:
            self._over = True
        with self._storing:
            self._storing.notify_all()
        self._thread.join(timeout_s)
        return self._queue is None or self._queue.close(timeout_s)

    def _begin(self) -> None:
        self._wanted.wait(_SETTLING_S)
        with self._lock:
            if self._over and not self._held:
                return
        try:
            queue = self._build()
        except Problem as problem:
            self._give_up(problem.sentence)
            return
        except Exception:
            _logger.exception("printer_not_started")
            self._give_up(wording("The printer could not be started. Receipts wait; tell help."))
            return
        queue.start()
        with self._lock:
            self._queue = queue
            for order in self._held:
                queue.submit(order)
            self._held.clear()

    def _give_up(self, sentence: Wording) -> None:
        with self._lock:
            self._over = True
            self._held.clear()
        self._listeners.device_status(DeviceStatusView("printer", DeviceCondition.AWAY, sentence))
        if self._heard is not None:
            from hardware.worker import DeviceState, StatusUpdate

            self._heard(StatusUpdate("printer", DeviceState.AWAY, sentence))

    def _build(self) -> "PrintQueue":
        from hardware.conversation import unwatched
        from hardware.printers.configuration import ReceiptPrinterConfiguration, build_receipt_printer

        section, speech = self._section, speech_in(self._section.language)
        return build_receipt_printer(
            ReceiptPrinterConfiguration(section.driver, section.settings, section.layout, section.capacity),
            lambda: speech,
            self._pass_on,
            driver=self._driver,
            wrap=self._wrap or unwatched,
            keep=self._wait_until_stored,
        )

    def _pass_on(self, event: "PrinterEvent") -> None:
        from hardware.printers.queue import PrinterStatusUpdate, PrintEvent
        from hardware.worker import ErrorEvent

        if self._heard is not None:
            self._heard(event)
        if isinstance(event, PrintEvent):
            self._listeners.print_report(ReportPrint(event.job_id, event.state))
            if event.problem is not None and event.state in (PrintState.PRINTED, PrintState.CANCELLED):
                # It is about this receipt; how the printer is it says itself.
                self._listeners.noticed(Notice(Severity.WARNING, event.problem), Sound.ATTENTION)
        elif isinstance(event, PrinterStatusUpdate):
            status = DeviceStatusView("printer", condition_of(event.state.value), event.sentence)
            self._listeners.device_status(status)
        elif isinstance(event, ErrorEvent):
            self._listeners.device_status(DeviceStatusView("printer", DeviceCondition.AWAY, event.sentence))
