"""The thread that owns one device: a bounded inbox in, frozen events out, and patience while the device is away.

The words are those of UnifiedPOS: a device is opened, claimed and enabled, released when it is lost, and says
`StatusUpdate`, `ErrorEvent`, `OutputComplete` or, for input devices, `DataEvent`.
"""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from app.values.problems import Problem
from app.values.wording import Wording, wording

_log = logging.getLogger(__name__)


class DeviceState(Enum):
    """How far a device can be used; the same four for every class of device."""

    READY = "ready"
    ATTENTION = "attention"
    """Works, but somebody should look soon."""

    STOPPED = "stopped"
    """Reached, but does not work until a person does something."""

    AWAY = "away"
    """Cannot be reached."""


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """A device's state changed."""

    device: str
    """Its name in the till's configuration."""

    state: DeviceState
    sentence: Wording
    """What it is, what it means, what to do."""


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """A driver failed at an order through a fault of its own; the order was given up and the fault logged."""

    device: str
    sentence: Wording


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """A device would not carry out an order; it is as well as before."""

    device: str
    output_id: str
    sentence: Wording
    """Why, and what to do."""


@dataclass(frozen=True, slots=True)
class OutputComplete:
    """A device finished an order."""

    device: str
    output_id: str


@dataclass(frozen=True, slots=True)
class DataEvent:
    """An input device read something."""

    device: str
    data: bytes


DeviceEvent = StatusUpdate | ErrorEvent | OrderRefused | OutputComplete | DataEvent


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a worker waits between tries and looks."""

    first_retry_s: float = 0.25
    longest_retry_s: float = 2.0
    """Also how late at most it is noticed that a device is back."""

    look_s: float = 1.0
    """How often an idle device is asked how it is."""

    def before_retry_s(self, failures: int) -> float:
        """Return the pause after so many failures in a row: doubled each time, up to the longest."""
        return min(self.longest_retry_s, self.first_retry_s * float(1 << min(failures, 16)))


PostedT = TypeVar("PostedT", bound="Order")


class Order:
    """Something a device is to do; a worker's own kinds of order build on it."""

    def __init__(self, output_id: str, *, urgent: bool = False) -> None:
        """Name it; an urgent one goes ahead of all that are not."""
        self.output_id = output_id
        self.urgent = urgent


class DeviceWorker(ABC, Generic[PostedT]):
    """Owns a thread, and on it a device; everything that touches the device happens there."""

    def __init__(
        self,
        device: str,
        *,
        capacity: int,
        patience: Patience | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            device: its name in the till's configuration.
            capacity: how many orders may wait, urgent and other ones each.
            patience: how long to wait between tries.
            monotonic_s: seconds that never go back.
        """
        self.device = device
        self._capacity = capacity
        self._patience = patience or Patience()
        self._monotonic_s = monotonic_s
        self._changed = threading.Condition()
        self._inbox: deque[PostedT] = deque()
        self._nudged = False
        self._stopping = False
        self._stop_at_s = 0.0
        self._enabled = False
        self._thread = threading.Thread(target=self._run, name=f"device-{device}", daemon=True)

    # What any thread may call.

    def start(self) -> None:
        """Begin: reach the device and work through the inbox."""
        self._thread.start()

    def post(self, order: PostedT) -> bool:
        """Put an order into the inbox and return at once; false where it is full or the worker is closing."""
        with self._changed:
            waiting = sum(other.urgent is order.urgent for other in self._inbox)
            if self._stopping or waiting >= self._capacity:
                return False
            if order.urgent:
                self._inbox.insert(waiting, order)
            else:
                self._inbox.append(order)
            self._wake()
            return True

    def nudge(self) -> None:
        """Try again now instead of after the pause."""
        with self._changed:
            self._wake()

    def close(self, timeout_s: float) -> bool:
        """Finish what the device is doing if it can within the time, and stop; whether it has stopped."""
        with self._changed:
            if not self._stopping:
                self._stopping = True
                self._stop_at_s = self._monotonic_s() + timeout_s
            self._wake()
        if self._thread.ident is not None:
            self._thread.join(timeout_s + 1.0)
        return not self._thread.is_alive()

    def _wake(self) -> None:
        self._nudged = True
        self._changed.notify_all()

    # What a kind of device does; always on the worker's thread.

    @abstractmethod
    def _publish(self, event: DeviceEvent) -> None:
        """Hand an event out; must return at once."""

    @abstractmethod
    def _enable(self) -> None:
        """Open, claim and enable the device.

        Raises:
            Problem: if it is away.
        """

    @abstractmethod
    def _release(self) -> None:
        """Let go of the device; it may be half open, or gone."""

    @abstractmethod
    def _serve(self, order: PostedT) -> bool:
        """Carry an order out; false where it must be tried again, after a pause.

        Raises:
            Problem: if the device is lost on the way; the order stays first.
        """

    @abstractmethod
    def _look(self) -> None:
        """Ask an idle device how it is.

        Raises:
            Problem: if it is lost.
        """

    @abstractmethod
    def _lost(self, problem: Problem) -> None:
        """Tell that the device cannot be reached."""

    @abstractmethod
    def _given_up(self, order: PostedT) -> None:
        """Tell that an order was given up because the driver failed at it."""

    # The loop.

    def _run(self) -> None:
        failures = 0
        while not self._stopping:
            try:
                failures = self._go_on(failures)
            except Exception:  # noqa: BLE001 - logged
                # Who listens, or letting go, failed as well: the device is tried again all the same.
                _log.exception("device_worker_failed_twice", extra={"device": self.device})
                self._pause(self._patience.longest_retry_s)
        self._let_go()

    def _go_on(self, failures: int) -> int:
        """Do one thing; return how many tries in a row have failed."""
        try:
            if not self._enabled:
                self._enable()
                self._enabled = True
                self._look()
            self._turn()
        except Problem as problem:
            self._let_go()
            self._lost(problem)
            self._pause(self._patience.before_retry_s(failures))
            return failures + 1
        except Exception:  # noqa: BLE001 - a fault in one order must not end printing for the day; it is logged
            self._fail()
        return 0

    def _turn(self) -> None:
        order = self._first_order()
        if order is None:
            self._pause(self._patience.look_s)
            if self._first_order() is None and not self._stopping:
                self._look()
        elif self._serve(order):
            self._finished(order)
        elif not self._stopping:
            self._pause(self._patience.look_s)

    def _first_order(self) -> PostedT | None:
        with self._changed:
            return self._inbox[0] if self._inbox else None

    def _urgent_order(self) -> PostedT | None:
        """Return an urgent order that came while another is being served."""
        with self._changed:
            return self._inbox[0] if self._inbox and self._inbox[0].urgent else None

    def _finished(self, order: PostedT) -> None:
        if self._take_out(order):
            self._publish(OutputComplete(self.device, order.output_id))

    def _take_out(self, order: PostedT) -> bool:
        with self._changed:
            if order not in self._inbox:
                return False
            self._inbox.remove(order)
            return True

    def _pause(self, seconds: float) -> None:
        """Wait, but not when something happened meanwhile: a new order, a nudge, the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._nudged or self._stopping, seconds)
            self._nudged = False

    def _fail(self) -> None:
        order = self._first_order()
        _log.exception(
            "device_worker_failed", extra={"device": self.device, "output_id": order.output_id if order else None}
        )
        self._let_go()
        if order is not None and self._take_out(order):
            self._given_up(order)
        self._publish(
            ErrorEvent(self.device, wording("The driver of {device} failed. The log says how.", device=self.device))
        )
        self._tell_anew()
        self._pause(self._patience.longest_retry_s)

    def _tell_anew(self) -> None:
        """Tell how the device is at the next occasion, also where that has not changed."""

    def _let_go(self) -> None:
        self._enabled = False
        try:
            self._release()
        except Exception:  # noqa: BLE001 - logged
            # A line that cannot even be closed is gone; what matters is to come back.
            _log.exception("device_not_released", extra={"device": self.device})
