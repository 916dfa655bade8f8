"""The small shop's sales, and printers on every kind of cable, for the tests that every printer must pass."""

import os
import runpy
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.checkout.ports import PrintState
from app.sales.receipt import Receipt
from app.sales.receipt_layout import read_layout
from app.values.speech import Speech
from hardware.printers.driver import EscposDriver
from hardware.printers.profile import PrinterProfile
from hardware.printers.queue import PrinterStatusUpdate, PrintEvent, PrintQueue, QueueTimes
from hardware.printers.rendering import receipt_commands
from hardware.printers.status import PrinterState
from hardware.simulated.lines import SimulatedSerialLine, SimulatedServer, SimulatedTransport
from hardware.simulated.printer import SimulatedPrinter
from hardware.simulated.usb_bus import SimulatedUsbBus, SimulatedUsbDevice
from hardware.transport import NetworkTransport, SerialTransport, Transport, UsbTransport
from hardware.worker import Patience

_TESTS = next(folder for folder in Path(__file__).parents if folder.name == "tests")


@pytest.fixture(scope="session")
def samples() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(_TESTS / "unit/app/sales/receipt_samples.py")))


QUICK = Patience(first_retry_s=0.02, longest_retry_s=0.05, look_s=0.03)
LAYOUT = b'paper_mm = 80\nblocks = ["shop_head", "copy_mark", "receipt_facts", "items", "totals", "tenders"]'


class Heard:
    """What a queue said, waited for without sleeping."""

    def __init__(self) -> None:
        self.events: list[object] = []
        self._changed = threading.Condition()

    def __call__(self, event: object) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def of_job(self, job_id: str) -> list[PrintEvent]:
        return [event for event in self.events if isinstance(event, PrintEvent) and event.job_id == job_id]

    def states(self) -> list[PrinterState]:
        return [event.printer for event in self.events if isinstance(event, PrinterStatusUpdate)]

    def wait_until(self, happened: Callable[[], bool], timeout_s: float = 10.0) -> None:
        with self._changed:
            assert self._changed.wait_for(happened, timeout_s), self.events

    def wait_for_job(self, job_id: str, state: PrintState) -> PrintEvent:
        self.wait_until(lambda: any(event.state is state for event in self.of_job(job_id)))
        return next(event for event in self.of_job(job_id) if event.state is state)

    def wait_for_open_drawer(self) -> None:
        self.wait_until(
            lambda: any(isinstance(event, PrinterStatusUpdate) and event.drawer_open is True for event in self.events)
        )

    def wait_for_state(self, state: PrinterState) -> None:
        self.wait_until(lambda: state in self.states()[-1:])


@dataclass
class Bench:
    """A simulated printer, the cable to it, and whatever is started on it."""

    printer: SimulatedPrinter
    connect: Callable[[], Transport]
    stack: ExitStack

    def driver(self, profile: PrinterProfile | None = None) -> EscposDriver:
        driver = EscposDriver(self.connect(), profile or self.printer.profile)
        self.stack.callback(driver.close)
        return driver

    def queue(
        self,
        heard: Heard,
        *,
        profile: PrinterProfile | None = None,
        speech: Speech | None = None,
        capacity: int = 64,
        times: QueueTimes | None = None,
        start: bool = True,
        keep: Callable[[str], bool] | None = None,
    ) -> PrintQueue:
        used = profile or self.printer.profile
        layout = read_layout(LAYOUT, "short.toml")

        def render(receipt: Receipt, interrupted: bool) -> tuple[bytes, ...]:
            return receipt_commands(receipt, speech or Speech("en"), layout, used, interrupted=interrupted)

        times = times or QueueTimes(QUICK)
        queue = PrintQueue(self.driver(profile), render, heard, capacity=capacity, times=times, keep=keep)
        if start:
            queue.start()
        self.stack.callback(queue.close, 5.0)
        return queue


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def make_bench() -> Iterator[Callable[..., Bench]]:
    with ExitStack() as stack:

        def make(kind: str, **options: Any) -> Bench:
            printer = SimulatedPrinter(**options)
            if kind == "memory":
                return Bench(printer, lambda: SimulatedTransport(printer), stack)
            if kind == "serial":
                line = stack.enter_context(SimulatedSerialLine(printer))
                return Bench(printer, lambda: SerialTransport(str(line.path), baud=115200), stack)
            if kind == "usb":
                bus = SimulatedUsbBus([SimulatedUsbDevice(printer, held_by_system=True)])
                return Bench(printer, lambda: UsbTransport(0x0416, 0x5011, backend=bus), stack)
            server = stack.enter_context(SimulatedServer(printer))
            return Bench(printer, lambda: NetworkTransport("127.0.0.1", server.port), stack)

        yield make


@pytest.fixture(
    params=[
        "memory",
        "tcp",
        "usb",
        pytest.param("serial", marks=pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")),
    ]
)
def bench(request: pytest.FixtureRequest, make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(request.param)
