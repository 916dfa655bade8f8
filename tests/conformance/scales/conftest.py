"""Every scale on every kind of line, with the worker that owns it."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from app.devices.weighing import ScaleReading, WeightState
from hardware.connections import NetworkConnection, SerialConnection, transport_for
from hardware.scales.configuration import make_protocol
from hardware.scales.driver import ScaleTimes, SerialScale
from hardware.scales.worker import ScaleWorker, WeightRead
from hardware.simulated.lines import SimulatedSerialLine, SimulatedServer, SimulatedTransport
from hardware.simulated.scale import ScaleMake, SimulatedScale
from hardware.transport import Transport
from hardware.worker import DeviceState, Patience, StatusUpdate

QUICK = ScaleTimes(ask_weighing_s=0.02, ask_resting_s=0.1, ask_again_s=0.15, silent_s=0.3, nonsense_s=0.6)
EAGER = Patience(first_retry_s=0.02, longest_retry_s=0.1, look_s=0.05)
needs_pty = pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")


class Heard:
    """What a worker said, waited for without sleeping."""

    def __init__(self) -> None:
        self.events: list[object] = []
        self._changed = threading.Condition()

    def __call__(self, event: object) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_until(self, happened: Callable[[], bool], timeout_s: float = 10.0) -> None:
        with self._changed:
            assert self._changed.wait_for(happened, timeout_s), self.events[-20:]

    @property
    def readings(self) -> list[ScaleReading]:
        return [event.reading for event in self.events if isinstance(event, WeightRead)]

    @property
    def sold(self) -> set[int]:
        """Every weight that could have been sold."""
        return {reading.grams for reading in self.readings if reading.sellable}

    @property
    def state(self) -> DeviceState | None:
        states = [event.state for event in self.events if isinstance(event, StatusUpdate)]
        return states[-1] if states else None

    def wait_for_weight(self, grams: int) -> None:
        self.wait_until(lambda: self.readings[-1:] == [ScaleReading("scale", WeightState.STABLE, grams)])

    def wait_for_state(self, state: DeviceState) -> None:
        self.wait_until(lambda: self.state is state)


@dataclass
class Counter:
    """A simulated scale, and the worker at the other end of its line."""

    voice: str
    scale: SimulatedScale
    worker: ScaleWorker
    heard: Heard

    def weigh(self, grams: int) -> None:
        self.scale.put_on(grams)
        self.heard.wait_for_weight(grams)


@pytest.fixture
def make_counter() -> Iterator[Callable[..., Counter]]:
    with ExitStack() as stack:

        def make(voice: str, line: str, times: ScaleTimes = QUICK, seed: int = 0) -> Counter:
            scale = SimulatedScale(voice, ScaleMake(settles_s=0.05), seed=seed)
            polled = {"mode": "polled"} if voice == "os2-polled" else {}
            protocol, limits = make_protocol(voice.removesuffix("-polled"), polled)
            driver = SerialScale(_cable(stack, scale, line), protocol, limits, times=times)
            heard = Heard()
            worker = ScaleWorker("scale", driver, heard, patience=EAGER)
            worker.start()
            stack.callback(worker.close, 5.0)
            return Counter(voice, scale, worker, heard)

        yield make


def _cable(stack: ExitStack, scale: SimulatedScale, line: str) -> Transport:
    if line == "memory":
        return SimulatedTransport(scale)
    if line == "network":
        server = stack.enter_context(SimulatedServer(scale))
        return transport_for(NetworkConnection("127.0.0.1", server.port))
    serial = stack.enter_context(SimulatedSerialLine(scale))
    return transport_for(SerialConnection(str(serial.path)))


@pytest.fixture(params=["memory", "network", pytest.param("serial", marks=needs_pty)])
def line(request: pytest.FixtureRequest) -> str:
    return request.param
