"""The thread that owns a scale: what it publishes, and that no old weight is ever left to be sold."""

import threading
import time
from collections.abc import Callable

import pytest

from app.devices.weighing import ScaleReading, WeightState
from app.values.wording import wording
from hardware.scales.driver import SerialScale
from hardware.scales.protocol import Acknowledged, Finding, ScaleCapabilities, Weighed, Weighing
from hardware.scales.worker import ScaleWorker, WeightRead
from hardware.transport import DeviceAway
from hardware.worker import DeviceState, ErrorEvent, OrderRefused, OutputComplete, Patience, StatusUpdate

STABLE, EMPTY, MOVING, FAULT = WeightState.STABLE, WeightState.EMPTY, WeightState.MOVING, WeightState.FAULT
QUICK = Patience(first_retry_s=0.01, longest_retry_s=0.02, look_s=0.02)


class Heard:
    def __init__(self) -> None:
        self.events: list[object] = []
        self._changed = threading.Condition()

    def __call__(self, event: object) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_until(self, happened: Callable[[], bool], timeout_s: float = 10.0) -> None:
        with self._changed:
            assert self._changed.wait_for(happened, timeout_s), self.events

    def wait_for(self, event: object) -> None:
        self.wait_until(lambda: event in self.events)

    @property
    def readings(self) -> list[ScaleReading]:
        return [event.reading for event in self.events if isinstance(event, WeightRead)]

    @property
    def states(self) -> list[DeviceState]:
        return [event.state for event in self.events if isinstance(event, StatusUpdate)]


class HandDriver:
    """A driver that says what the test gives it."""

    capabilities = ScaleCapabilities(can_zero=True, can_tare=True)
    flooded = False

    def __init__(self) -> None:
        self.said: list[Finding | Exception] = []
        self.asked_for: list[Weighing | None] = []
        self.away = False
        self.obeys = True
        self.orders: list[object] = []
        self.opened = 0

    def open(self) -> None:
        self.opened += 1
        if self.away:
            raise DeviceAway(wording("The scale does not answer. Check its power and cable."))

    def close(self) -> None:
        pass

    def expect(self, weighing: Weighing | None) -> None:
        self.asked_for.append(weighing)

    def listen(self, timeout_s: float) -> tuple[Finding, ...]:
        if self.away:
            raise DeviceAway(wording("The scale does not answer. Check its power and cable."))
        if not self.said:
            threading.Event().wait(0.005)
            return ()
        said = self.said.pop(0)
        if isinstance(said, Exception):
            raise said
        return (said,)

    def zero(self) -> bool:
        self.orders.append("zero")
        return self.obeys

    def tare(self, grams: int | None) -> bool:
        self.orders.append(grams)
        return self.obeys


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def driver() -> HandDriver:
    return HandDriver()


@pytest.fixture
def worker(heard: Heard, driver: HandDriver):
    worker = ScaleWorker("scale", driver, heard, patience=QUICK)
    worker.start()
    heard_enabled = time.monotonic() + 10
    while not driver.asked_for and time.monotonic() < heard_enabled:
        threading.Event().wait(0.001)
    yield worker
    assert worker.close(2.0)


def read(state: WeightState, grams: int = 0, tare: int = 0, *, net: bool = False) -> WeightRead:
    return WeightRead("scale", ScaleReading("scale", state, grams, tare, net))


def test_a_reading_is_published_when_it_changes(worker, heard, driver) -> None:
    driver.said += [Weighed(EMPTY), Weighed(EMPTY), Weighed(MOVING, 300), Weighed(STABLE, 500), Weighed(STABLE, 500)]
    heard.wait_until(lambda: len(heard.readings) == 3)
    driver.said += [Weighed(STABLE, 480, net=True, tare_grams=20)]
    heard.wait_for(read(STABLE, 480, 20, net=True))
    assert [
        one.reading for one in (read(EMPTY), read(MOVING, 300), read(STABLE, 500), read(STABLE, 480, 20, net=True))
    ] == heard.readings
    assert heard.states == [DeviceState.READY]


def test_the_first_reading_of_a_weighing_is_published_even_where_it_is_the_same(worker, heard, driver) -> None:
    driver.said.append(Weighed(STABLE, 500))
    heard.wait_for(read(STABLE, 500))
    worker.expect(595, "Rice")
    heard.wait_until(lambda: Weighing(595, "Rice") in driver.asked_for)
    driver.said.append(Weighed(STABLE, 500))
    heard.wait_until(lambda: len(heard.readings) == 2)
    worker.rest()
    heard.wait_until(lambda: True)
    while driver.asked_for[-1] is not None:
        threading.Event().wait(0.001)


def test_a_weight_is_taken_back_when_the_scale_is_lost_and_the_scale_comes_back_by_itself(
    worker, heard, driver
) -> None:
    driver.said.append(Weighed(STABLE, 500))
    heard.wait_for(read(STABLE, 500))
    driver.away = True
    heard.wait_until(lambda: heard.states[-1:] == [DeviceState.AWAY])
    assert heard.readings[-1] == ScaleReading("scale", FAULT, 500)
    assert not heard.readings[-1].sellable
    driver.away = False
    driver.said.append(Weighed(STABLE, 510))
    heard.wait_for(read(STABLE, 510))
    assert heard.states[-1] is DeviceState.READY


def test_a_weighing_that_begins_while_the_scale_is_away_is_told_so(worker, heard, driver) -> None:
    driver.away = True
    heard.wait_until(lambda: heard.states[-1:] == [DeviceState.AWAY])
    before = len(heard.readings)
    worker.expect(595)
    heard.wait_until(lambda: len(heard.readings) > before)
    assert heard.readings[-1].state is FAULT


def test_a_weight_that_is_not_said_again_is_no_longer_sold(worker, heard, driver) -> None:
    worker.expect(595)
    driver.said.append(Weighed(STABLE, 500))
    heard.wait_for(read(STABLE, 500))
    heard.wait_for(read(MOVING, 500))
    driver.said.append(Weighed(STABLE, 500))
    heard.wait_until(lambda: heard.readings[-1] == ScaleReading("scale", STABLE, 500))


def test_a_fault_of_the_driver_takes_the_weight_back_too(worker, heard, driver) -> None:
    driver.said += [Weighed(STABLE, 500), ValueError("a fault of ours")]
    heard.wait_for(read(FAULT, 500))
    heard.wait_until(lambda: any(isinstance(event, ErrorEvent) for event in heard.events))


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (FAULT, DeviceState.STOPPED),
        (WeightState.NOT_ZEROED, DeviceState.ATTENTION),
        (WeightState.UNDER_ZERO, DeviceState.ATTENTION),
        (WeightState.OVERLOAD, DeviceState.ATTENTION),
        (WeightState.BELOW_MINIMUM, DeviceState.READY),
        (MOVING, DeviceState.READY),
    ],
)
def test_the_status_says_when_somebody_must_do_something(worker, heard, driver, state, told) -> None:
    driver.said.append(Weighed(state))
    begun = time.monotonic()
    while told not in heard.states and time.monotonic() < begun + 10:
        driver.said.append(Weighed(state))
        threading.Event().wait(0.01)
    assert heard.states == [told]
    driver.said[:] = [Acknowledged(accepted=True)]
    heard.wait_until(lambda: heard.states[-1] is DeviceState.READY)


def test_a_hand_on_the_plate_for_a_moment_is_no_trouble(worker, heard, driver) -> None:
    driver.said += [
        Weighed(EMPTY),
        Weighed(WeightState.UNDER_ZERO),
        Weighed(WeightState.UNDER_ZERO),
        Weighed(EMPTY, 0, net=True),
    ]
    driver.said += [Weighed(STABLE, 7)]
    heard.wait_for(read(STABLE, 7))
    assert heard.states == [DeviceState.READY]


def test_zero_and_tare_are_confirmed_or_refused_with_a_sentence(worker, heard, driver) -> None:
    assert worker.zero()
    heard.wait_for(OutputComplete("scale", "zero-1"))
    assert worker.tare(None)
    heard.wait_for(OutputComplete("scale", "tare-2"))
    driver.obeys = False
    assert worker.zero()
    heard.wait_until(lambda: any(isinstance(event, OrderRefused) for event in heard.events))
    assert str(heard.events[-1].sentence).startswith("The scale could not be set to zero.")
    assert driver.orders == ["zero", None, "zero"]
    assert not worker.tare(20)  # This scale cannot.


def test_a_scale_that_is_away_takes_no_orders_to_carry_out_later(worker, heard, driver) -> None:
    driver.away = True
    heard.wait_until(lambda: heard.states[-1:] == [DeviceState.AWAY])
    assert not worker.zero()
    driver.away = False
    driver.said.append(Weighed(EMPTY))
    heard.wait_until(lambda: heard.states[-1] is DeviceState.READY)
    assert driver.orders == []


def test_a_driver_before_a_real_line_fits_the_worker(make_rig, heard) -> None:
    driver: SerialScale = make_rig("cas").driver
    assert not ScaleWorker("scale", driver, heard).zero()
