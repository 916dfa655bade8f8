"""A tag reader on every kind of line, and the worker that owns it."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from hardware.conversation import ObservedTransport, Recorder
from hardware.rfid.driver import LlrpReader, LlrpTimes
from hardware.rfid.field import FieldRules
from hardware.rfid.worker import RfidWorker, TagsSeen
from hardware.simulated.lines import SimulatedSerialLine
from hardware.simulated.rfid_reader import SimulatedReaderServer, SimulatedRfidReader, line_to_reader
from hardware.transport import NetworkTransport, SerialTransport, Transport
from hardware.worker import DeviceState, Patience, StatusUpdate

QUICK = Patience(first_retry_s=0.02, longest_retry_s=0.1, look_s=0.03)
TIMES = LlrpTimes(keepalive_ms=200, greeting_s=0.3, answer_s=0.8)
RULES = FieldRules(gone_after_s=0.6)


@dataclass
class Till:
    """What the till hears of its tag reader, waited for without sleeping."""

    reader: SimulatedRfidReader
    worker: RfidWorker
    recorder: Recorder
    events: list[object] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, event: object) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    @property
    def statuses(self) -> list[StatusUpdate]:
        return [event for event in self.events if isinstance(event, StatusUpdate)]

    @property
    def state(self) -> DeviceState | None:
        return self.statuses[-1].state if self.statuses else None

    @property
    def tags(self) -> tuple[str, ...]:
        seen = [event.epcs for event in self.events if isinstance(event, TagsSeen)]
        return seen[-1] if seen else ()

    @property
    def ever_seen(self) -> set[str]:
        return {epc for event in self.events if isinstance(event, TagsSeen) for epc in event.epcs}

    def wait(self, happened: Callable[[], bool], timeout_s: float = 15.0) -> None:
        with self.changed:
            assert self.changed.wait_for(happened, timeout_s), self.events

    def wait_for(self, state: DeviceState) -> None:
        self.wait(lambda: self.state is state)

    def wait_for_tags(self, *epcs: str) -> None:
        self.wait(lambda: self.tags == epcs)


@pytest.fixture(
    params=[
        "memory",
        "network",
        pytest.param("serial", marks=pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")),
    ]
)
def line(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def till(line: str) -> Iterator[Till]:
    with ExitStack() as stack:
        reader = SimulatedRfidReader()
        transport: Transport
        if line == "network":
            server = stack.enter_context(SimulatedReaderServer(reader))
            transport = NetworkTransport("127.0.0.1", server.port)
        elif line == "serial":
            transport = SerialTransport(str(stack.enter_context(SimulatedSerialLine(reader)).path))
        else:
            transport = line_to_reader(reader, "memory")
        recorder = Recorder()
        driver = LlrpReader(ObservedTransport(transport, recorder), times=TIMES)
        till: Till

        def on_event(event: object) -> None:
            till.take(event)

        till = Till(reader, RfidWorker("rfid", driver, on_event, rules=RULES, patience=QUICK), recorder)
        till.worker.start()
        stack.callback(till.worker.close, 3.0)
        yield till
