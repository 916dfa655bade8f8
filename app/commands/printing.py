"""Brings the printer in behind the till: selling never waits for it, and a wrong printer never keeps a till shut."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.checkout.ports import PrintState, ReceiptOrder
from app.checkout.requests import ReportPrint
from app.checkout.views import DeviceStatusView
from app.commands.device_sections import PrinterSection
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

_CONDITIONS = {
    "ready": DeviceCondition.READY,
    "attention": DeviceCondition.ATTENTION,
    "stopped": DeviceCondition.STOPPED,
    "away": DeviceCondition.AWAY,
}
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

    def start(self) -> None:
        """Begin; it has begun already, when it was made."""

    def nudge(self) -> None:
        """Try what waits now instead of after a pause, as after putting paper in or freeing the knife."""
        with self._lock:
            if self._queue is not None:
                self._queue.retry_now()

    def submit_page(self, job_id: str, place: str) -> bool:
        """Print the page a printer is tried with; false where there is no printer or its queue is full.

        Args:
            job_id: a new identity; such a page is no print job of the till.
            place: where the printer is reached, for a person.
        """
        from hardware.printers.escpos import render_escpos
        from hardware.printers.test_page import page_to_try

        with self._lock:
            queue = self._queue
        if queue is None:
            return False
        page = page_to_try(queue.profile, speech_in(self._section.language), place)
        return queue.submit_page(job_id, render_escpos(page, queue.profile))

    def close(self, timeout_s: float) -> bool:
        """End the printer's thread; False where it did not end in time."""
        self._wanted.set()
        with self._lock:
            self._over = True
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
        )

    def _pass_on(self, event: "PrinterEvent") -> None:
        from hardware.printers.queue import DrawerStayedShut, PrinterStatusUpdate, PrintEvent
        from hardware.worker import ErrorEvent

        if self._heard is not None:
            self._heard(event)
        if isinstance(event, PrintEvent):
            self._listeners.print_report(ReportPrint(event.job_id, event.state))
            if event.problem is not None and event.state in (PrintState.PRINTED, PrintState.CANCELLED):
                self._listeners.device_status(DeviceStatusView("printer", DeviceCondition.AWAY, event.problem))
        elif isinstance(event, PrinterStatusUpdate):
            status = DeviceStatusView("printer", _CONDITIONS[event.state.value], event.sentence)
            self._listeners.device_status(status)
        elif isinstance(event, ErrorEvent):
            self._listeners.device_status(DeviceStatusView("printer", DeviceCondition.AWAY, event.sentence))
        elif isinstance(event, DrawerStayedShut):
            self._listeners.device_status(DeviceStatusView("drawer", DeviceCondition.ATTENTION, event.sentence))
