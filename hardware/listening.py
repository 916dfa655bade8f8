"""The worker of a device that speaks by itself: listens without end, and does what it is asked in between."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from app.values.problems import Problem
from app.values.wording import Wording
from hardware.worker import DeviceEvent, DeviceState, DeviceWorker, Order, Patience, StatusUpdate

OrderT = TypeVar("OrderT", bound=Order)


class ListeningWorker(DeviceWorker[OrderT], Generic[OrderT]):
    """Owns a thread that mostly listens. A kind of device says how it listens, serves, opens and closes."""

    def __init__(
        self,
        device: str,
        on_event: Callable[[DeviceEvent], None],
        *,
        capacity: int = 16,
        patience: Patience | None = None,
        **settings: Callable[[], float],
    ) -> None:
        """Prepare; `start` begins.

        Args:
            device: its name in the till's configuration.
            on_event: takes the events on the worker's thread; must return at once.
            capacity: orders that may wait.
            patience: how long to wait between tries.
            settings: `monotonic_s` for tests.
        """
        super().__init__(device, capacity=capacity, patience=patience, **settings)
        self._on_event = on_event
        self._told: StatusUpdate | None = None

    def _publish(self, event: DeviceEvent) -> None:
        self._on_event(event)

    def _tell(self, state: DeviceState, sentence: Wording) -> None:
        """Publish how the device is, where that changed."""
        update = StatusUpdate(self.device, state, sentence)
        if update != self._told:
            self._told = update
            self._publish(update)

    def _tell_anew(self) -> None:
        self._told = None

    def _lost(self, problem: Problem) -> None:
        self._tell(DeviceState.AWAY, problem.sentence)

    def _given_up(self, order: OrderT) -> None:
        """An order of such a device is given up silently: the fault is told as an event of its own."""

    def _look(self) -> None:
        """Such a device is looked at by listening to it."""

    @abstractmethod
    def _listen(self) -> None:
        """Listen for about a twentieth of a second and publish what was heard.

        Raises:
            Problem: if the device is lost.
        """

    def _turn(self) -> None:
        order = self._first_order()
        if order is None:
            self._listen()
        elif self._serve(order):
            self._finished(order)
        elif not self._stopping:
            self._listen()
