"""A cash drawer that hangs on the receipt printer: kicked by it, and seen through its sensor pin."""

from app.checkout.ports import ReceiptOrder, ReceiptPrinter
from hardware.printers.queue import PrinterEvent, PrinterStatusUpdate


class PrinterDrawer:
    """The drawer of a till. Give it the printer's events to know whether it stands open."""

    def __init__(self, printer: ReceiptPrinter) -> None:
        """Say which printer it hangs on."""
        self._printer = printer
        self._is_open: bool | None = None

    @property
    def is_open(self) -> bool | None:
        """Whether it stands open; None where nobody can tell."""
        return self._is_open

    def open(self, job_id: str) -> bool:
        """Have it kicked, ahead of every receipt that waits; false where too many kicks wait already."""
        return self._printer.submit(ReceiptOrder(job_id, None, opens_drawer=True))

    def heard(self, event: PrinterEvent) -> None:
        """Take note of what the printer says."""
        if isinstance(event, PrinterStatusUpdate):
            self._is_open = event.drawer_open
