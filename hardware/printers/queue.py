"""The queue in front of a receipt printer: the till never waits for paper, and no receipt is lost or doubled.

A receipt counts as printed when the printer confirms that it has come that far. One that was begun and then lost
(cable, power) is printed again when the printer is back, cut off from what came before and marked as a copy.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.checkout.ports import PrintState, ReceiptOrder
from app.sales.receipt import Receipt
from app.values.problems import Problem
from app.values.wording import Wording, wording
from hardware.drawers.open_time import OpenTime
from hardware.printers.driver import PrinterDriver
from hardware.printers.profile import PrinterProfile
from hardware.printers.status import PrinterState, PrinterStatus
from hardware.worker import DeviceEvent, DeviceState, DeviceWorker, Order, Patience, StatusUpdate

_CONFIRM_LOOK_S: Final = 0.2
_MOST_TRIES: Final = 5
"""After so many interrupted printings a receipt is given up, for a person to look; paper is not wasted all night."""

_DEVICE_STATES: Final = {
    PrinterState.READY: DeviceState.READY,
    PrinterState.PAPER_LOW: DeviceState.ATTENTION,
    PrinterState.AWAY: DeviceState.AWAY,
}


@dataclass(frozen=True, slots=True)
class PrintEvent:
    """A print job came to a new state, or to a new reason for waiting."""

    job_id: str
    state: PrintState
    problem: Wording | None = None
    """What holds it up or went wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class PrinterStatusUpdate(StatusUpdate):
    """The printer's state changed."""

    printer: PrinterState

    drawer_open: bool | None = None
    """Whether the cash drawer on it stands open; None where the printer cannot tell."""


@dataclass(frozen=True, slots=True)
class DrawerStayedShut:
    """A kick came too late to be given; the cashier opens the drawer by hand."""

    device: str
    sentence: Wording


@dataclass(frozen=True, slots=True)
class DrawerLeftOpen:
    """The drawer on the printer has stood open too long, or was shut after that."""

    device: str
    """The printer's name; this says nothing of how the printer is."""

    state: DeviceState
    """ATTENTION while it stands open, then READY."""

    sentence: Wording


PrinterEvent = PrintEvent | DrawerStayedShut | DrawerLeftOpen | DeviceEvent


@dataclass(frozen=True, slots=True)
class QueueTimes:
    """How long a print queue waits for what."""

    patience: Patience = field(default_factory=Patience)
    kick_within_s: float = 8.0
    """A drawer that could not be kicked within this time stays shut; opening later it would surprise somebody."""

    confirm_within_s: float = 10.0
    """How long a printer that reports no trouble takes to confirm a receipt."""

    drawer_open_at_most_s: float = 60.0
    """A drawer that stands open longer is told of."""


class _PrintOrder(Order):
    """One receipt or one kick in the queue; changed on the worker's thread only, `cancelled` aside."""

    def __init__(
        self, order: ReceiptOrder, receipt: Receipt | None, kick_until_s: float, page: tuple[bytes, ...] | None = None
    ) -> None:
        reported = order.receipt is receipt
        super().__init__(
            order.job_id if reported else f"{order.job_id}/drawer", urgent=receipt is None and page is None
        )
        self.receipt = receipt
        self.page = page
        """Commands that are printed as they are, for what is no receipt."""

        self.reported = reported
        """Whether its job is told of; the kick that goes with a receipt is not a job of its own."""

        self.kick_until_s = kick_until_s
        self.tries = 0
        self.cancelled = False
        self.kept = False
        """Whether the store knows that its bytes may leave."""

        self.told: PrintEvent | None = None


class PrintQueue(DeviceWorker[_PrintOrder]):
    """A `ReceiptPrinter` with a thread of its own; call `start` once and `close` at the end."""

    def __init__(  # noqa: PLR0913 - what a queue stands between
        self,
        driver: PrinterDriver,
        render: Callable[[Receipt, bool], tuple[bytes, ...]],
        on_event: Callable[[PrinterEvent], None],
        *,
        device: str = "receipt-printer",
        capacity: int = 64,
        times: QueueTimes | None = None,
        keep: Callable[[str], bool] | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare.

        Args:
            driver: the printer; used on the queue's thread only.
            render: turns a receipt into pieces of whole commands; told true where an earlier printing of it was
                interrupted. Called on the queue's thread.
            on_event: takes the events; called on the queue's thread (a cancellation on that of the caller) and must
                return at once.
            device: the printer's name in the till's configuration.
            capacity: receipts that may wait; as many kicks may wait beside them.
            times: how long to wait for what.
            keep: called on the queue's thread before a job's first byte leaves: waits until it is known for ever that
                the job has begun, and returns whether it is. Not asked where there is none.
            monotonic_s: seconds that never go back.
        """
        self._times = times or QueueTimes()
        super().__init__(device, capacity=capacity, patience=self._times.patience, monotonic_s=monotonic_s)
        self._driver = driver
        self._render = render
        self._keep = keep
        self._on_event = on_event
        self._state: PrinterStatusUpdate | None = None
        self._has_confirmed = False
        self._freed = False
        self._open_time = OpenTime(self._times.drawer_open_at_most_s)

    # What any thread may call.

    @property
    def profile(self) -> PrinterProfile:
        """What the printer can."""
        return self._driver.profile

    def submit(self, order: ReceiptOrder) -> bool:
        """Take an order and return at once; false where the queue is full (the job stays waiting in the store).

        The drawer is kicked ahead of every receipt that waits, even where there is no room for the receipt. An order
        whose job is in the queue already is not taken twice.
        """
        with self._changed:
            known = any(other.output_id == order.job_id and other.reported for other in self._inbox)
        if known:
            return True
        until = self._monotonic_s() + self._times.kick_within_s
        taken = True
        if order.opens_drawer or order.receipt is None:
            taken = self.post(_PrintOrder(order, None, until))
        if order.receipt is not None:
            taken = self.post(_PrintOrder(order, order.receipt, until))
        return taken

    def submit_page(self, job_id: str, page: tuple[bytes, ...]) -> bool:
        """Print commands as they are, such as a test page or shelf labels; False where the queue is full.

        Args:
            job_id: names it in the events; no receipt's.
            page: pieces of whole commands.
        """
        return self.post(_PrintOrder(ReceiptOrder(job_id, None), None, 0.0, page))

    def retry_now(self) -> None:
        """Try again at once, as after putting paper in; a printer in which something was stuck is told to go on."""
        self._freed = True
        self.nudge()

    def cancel(self, job_id: str) -> bool:
        """Take a job out of the queue; false where it is not there. Bytes that the printer holds still come out."""
        with self._changed:
            found = next((order for order in self._inbox if order.output_id == job_id and order.reported), None)
            if found is None:
                return False
            found.cancelled = True
            self._inbox.remove(found)
            self._wake()
        self._publish(PrintEvent(job_id, PrintState.CANCELLED))
        return True

    def waiting_jobs(self) -> tuple[str, ...]:
        """Return the jobs in the queue, the next one first."""
        with self._changed:
            return tuple(order.output_id for order in self._inbox if order.reported)

    # The worker's side.

    def _publish(self, event: PrinterEvent) -> None:
        self._on_event(event)

    def _enable(self) -> None:
        self._driver.open()

    def _release(self) -> None:
        self._driver.close()

    def _look(self) -> None:
        self._ask()

    def _lost(self, problem: Problem) -> None:
        self._show(PrinterState.AWAY, problem.sentence, drawer_open=None)
        with self._changed:
            orders = tuple(self._inbox)
        for order in orders:
            if order.urgent:
                self._expire(order)
        receipt = next((order for order in orders if not order.urgent), None)
        if receipt is not None and receipt.tries:
            self._interrupted(receipt)
        elif receipt is not None:
            self._tell(receipt, PrintState.WAITING, problem.sentence)

    def _given_up(self, order: _PrintOrder) -> None:
        self._tell(
            order,
            PrintState.CANCELLED,
            wording("This could not be printed because of a fault in the printer's driver. Print the receipt again."),
        )

    def _serve(self, order: _PrintOrder) -> bool:
        status = self._ask()
        if order.urgent:
            return self._kick(order, status)
        if not status.state.prints:
            waiting = PrintState.PRINTING if order.tries else PrintState.WAITING
            self._tell(order, waiting, status.state.sentence())
            return False
        if order.tries >= _MOST_TRIES:
            self._take_out(order)
            self._tell(
                order,
                PrintState.CANCELLED,
                wording(
                    "The printing of this receipt broke off {count} times. Print it again later.", count=order.tries
                ),
            )
            return True
        return self._print(order)

    def _pieces(self, order: _PrintOrder) -> tuple[bytes, ...]:
        if order.receipt is None:
            return order.page or ()
        return self._render(order.receipt, order.tries > 0)

    def _print(self, order: _PrintOrder) -> bool:
        try:
            pieces = self._pieces(order)
        except Problem as problem:
            # No other try would go better: the receipt cannot be drawn on this computer.
            self._take_out(order)
            self._tell(order, PrintState.CANCELLED, problem.sentence)
            return True
        if order.tries:
            self._driver.clear_interrupted()
        if not self._begin(order):
            return True
        self._tell(order, PrintState.PRINTING)
        if not self._is_kept(order):
            return False
        for piece in (*pieces, self._driver.confirmation_request()):
            if not self._send(order, piece):
                return order.cancelled
            self._kick_between()
        return self._confirm(order)

    def _is_kept(self, order: _PrintOrder) -> bool:
        """See that it is known for ever that this job's bytes may leave; where not, the try does not count."""
        if self._keep is None or order.receipt is None or not order.reported or order.kept:
            return True
        order.kept = self._keep(order.output_id)
        if not order.kept:
            order.tries -= 1
            order.told = None
        return order.kept

    def _begin(self, order: _PrintOrder) -> bool:
        """Count a try from which paper may come; false where the job was cancelled up to this very moment."""
        with self._changed:
            if not order.cancelled:
                order.tries += 1
            return not order.cancelled

    def _send(self, order: _PrintOrder, piece: bytes) -> bool:
        """Send one piece whole; false where the queue closes or the job is cancelled before the printer took it."""
        sent = 0
        while sent < len(piece):
            taken = self._driver.write(piece[sent:])
            sent += taken
            if taken:
                continue
            # A stopped printer with a full buffer: it cannot be asked in the middle of a command, only listened to.
            status = self._driver.overheard()
            state = status.state if status and not status.state.prints else PrinterState.PAUSED
            self._show(state, state.sentence(), self._drawer_open(status) if status else None)
            self._tell(order, PrintState.PRINTING, state.sentence())
            if self._stopping or order.cancelled:
                return False
        return True

    def _confirm(self, order: _PrintOrder) -> bool:
        """Wait until the printer says that all is printed, however long a person takes to put paper in."""
        deadline = self._monotonic_s() + self._times.confirm_within_s
        while not self._driver.confirmed(_CONFIRM_LOOK_S):
            status = self._ask()
            self._kick_between()
            now = self._monotonic_s()
            if order.cancelled:
                return True
            if not status.state.prints:
                self._tell(order, PrintState.PRINTING, status.state.sentence())
                if self._stopping:
                    return False
                self._pause(_CONFIRM_LOOK_S)
                deadline = now + self._times.confirm_within_s
            elif not self._driver.confirms:
                return self._printed(order)
            elif now >= deadline:
                return self._unconfirmed(order)
            elif self._stopping and now >= self._stop_at_s:
                return False
        self._has_confirmed = True
        return self._printed(order)

    def _printed(self, order: _PrintOrder, doubt: Wording | None = None) -> bool:
        self._tell(order, PrintState.PRINTED, doubt)
        self._finished(order)
        # Asked after the job is done: a printer that dies now has printed it all the same.
        self._ask()
        return True

    def _unconfirmed(self, order: _PrintOrder) -> bool:
        """Judge a receipt that a printer without trouble has not confirmed."""
        if self._has_confirmed or self._driver.disturbed:
            # It can confirm, so it has forgotten this one: switched off and on faster than it was noticed. Or its word
            # was lost in noise, and nobody knows.
            self._interrupted(order)
            return False
        return self._printed(order, wording("The printer did not confirm this receipt. Look whether it is complete."))

    def _interrupted(self, order: _PrintOrder) -> None:
        # The job stays "printing" in the store, so that after a restart too it is printed as a copy only.
        self._tell(
            order,
            PrintState.PRINTING,
            wording(
                "The printing of this receipt broke off. When the printer is back it prints again, marked as a copy."
            ),
        )

    # The drawer.

    def _kick(self, order: _PrintOrder, status: PrinterStatus) -> bool:
        if self._expire(order):
            return True
        if not self._driver.kick_drawer(at_once=not status.state.prints):
            return False
        self._tell(order, PrintState.PRINTED)
        return True

    def _kick_between(self) -> None:
        """Kick the drawer for orders that came while a receipt is being printed."""
        while (order := self._urgent_order()) is not None and self._kick(order, self._ask()):
            self._finished(order)

    def _expire(self, order: _PrintOrder) -> bool:
        if self._monotonic_s() < order.kick_until_s:
            return False
        self._take_out(order)
        sentence = wording(
            "The cash drawer did not open because the printer it hangs on did not answer. Open it with its key."
        )
        self._tell(order, PrintState.CANCELLED, sentence)
        self._publish(DrawerStayedShut(self.device, sentence))
        return True

    def _drawer_open(self, status: PrinterStatus) -> bool | None:
        if status.sensor_high is None:
            return None
        return self._driver.profile.drawer.is_open(sensor_high=status.sensor_high)

    # Telling.

    def _ask(self) -> PrinterStatus:
        status = self._driver.status()
        if self._freed:
            self._freed = False
            if status.state.recoverable:
                self._driver.recover()
                status = self._driver.status()
        self._show(status.state, status.state.sentence(), self._drawer_open(status))
        return status

    def _watch_drawer(self, drawer_open: bool | None) -> None:
        now = self._monotonic_s()
        self._open_time.heard(drawer_open, now)
        if (told := self._open_time.change(now)) is not None:
            self._publish(DrawerLeftOpen(self.device, *told))

    def _tell_anew(self) -> None:
        self._state = None

    def _show(self, state: PrinterState, sentence: Wording, drawer_open: bool | None) -> None:
        self._watch_drawer(drawer_open)
        update = PrinterStatusUpdate(
            self.device, _DEVICE_STATES.get(state, DeviceState.STOPPED), sentence, state, drawer_open
        )
        if update != self._state:
            self._state = update
            self._publish(update)

    def _tell(self, order: _PrintOrder, state: PrintState, problem: Wording | None = None) -> None:
        event = PrintEvent(order.output_id, state, problem)
        if order.reported and event != order.told and not order.cancelled:
            order.told = event
            self._publish(event)
