"""A worker that mostly listens: hears, obeys in between, loses its device and finds it again by itself."""

import threading
from collections import deque

from app.values.wording import wording
from hardware.listening import ListeningWorker
from hardware.transport import DeviceAway
from hardware.worker import DataEvent, DeviceState, ErrorEvent, Order, OutputComplete, Patience, StatusUpdate

QUICK = Patience(first_retry_s=0.01, longest_retry_s=0.02, look_s=0.01)


class Ear(ListeningWorker[Order]):
    """Hears what is put on its line."""

    def __init__(self, on_event) -> None:
        super().__init__("ear", on_event, patience=QUICK)
        self.line: deque[bytes] = deque()
        self.there = True
        self.served: list[str] = []
        self.broken = False

    def _enable(self) -> None:
        if not self.there:
            raise DeviceAway(wording("It is away."))
        self._tell(DeviceState.READY, wording("Ready."))

    def _release(self) -> None:
        """Nothing to let go of."""

    def _serve(self, order: Order) -> bool:
        if self.broken:
            raise ValueError("a bug")
        self.served.append(order.output_id)
        return True

    def _listen(self) -> None:
        if not self.there:
            raise DeviceAway(wording("It is away."))
        if self.line:
            self._publish(DataEvent(self.device, self.line.popleft()))
        else:
            threading.Event().wait(0.005)


class Heard:
    def __init__(self) -> None:
        self.events: list[object] = []
        self._changed = threading.Condition()

    def __call__(self, event: object) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait(self, happened) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: happened(self.events), 10), self.events


def states(events) -> list[DeviceState]:
    return [event.state for event in events if isinstance(event, StatusUpdate)]


def test_what_comes_is_heard_and_orders_are_served_in_between():
    heard = Heard()
    ear = Ear(heard)
    ear.line.extend([b"one", b"two"])
    ear.start()
    assert ear.post(Order("zero"))
    heard.wait(lambda events: OutputComplete("ear", "zero") in events)
    heard.wait(lambda events: DataEvent("ear", b"two") in events)
    assert ear.close(5)
    assert ear.served == ["zero"]


def test_a_device_that_goes_is_away_and_is_found_again_by_itself():
    heard = Heard()
    ear = Ear(heard)
    ear.start()
    heard.wait(lambda events: states(events) == [DeviceState.READY])
    ear.there = False
    heard.wait(lambda events: states(events)[-1] is DeviceState.AWAY)
    ear.there = True
    heard.wait(lambda events: states(events)[-1] is DeviceState.READY)
    assert ear.close(5)
    # However often it was tried, a change is told once.
    assert states(heard.events) == [DeviceState.READY, DeviceState.AWAY, DeviceState.READY]


def test_a_fault_of_the_driver_is_told_and_the_next_order_is_served(caplog):
    heard = Heard()
    ear = Ear(heard)
    ear.broken = True
    ear.start()
    ear.post(Order("breaks"))
    heard.wait(lambda events: any(isinstance(event, ErrorEvent) for event in events))
    ear.broken = False
    ear.post(Order("works"))
    ear.nudge()
    heard.wait(lambda events: OutputComplete("ear", "works") in events)
    assert ear.close(5)
