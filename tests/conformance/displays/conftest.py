"""Pole displays of every kind on every kind of line, and an ear for what their worker says."""

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from hardware.displays.configuration import make_simulated
from hardware.displays.worker import LineDisplayWorker
from hardware.simulated.lines import twin_behind
from hardware.transport import Transport
from hardware.worker import DeviceState, Patience, StatusUpdate

GENEROUS_S = 20.0
QUICK = Patience(first_retry_s=0.02, longest_retry_s=0.05, look_s=0.05)


class Ear:
    """What a worker said, waited for without sleeping."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self._changed = threading.Condition()

    def __call__(self, event: object) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait(self, what: Callable[[], bool], limit_s: float = GENEROUS_S) -> bool:
        with self._changed:
            for _ in range(int(limit_s / 0.01)):
                if what():
                    return True
                self._changed.wait(0.01)
            return what()

    @property
    def state(self) -> DeviceState | None:
        updates = [event for event in self.events if isinstance(event, StatusUpdate)]
        return updates[-1].state if updates else None

    def is_(self, state: DeviceState, limit_s: float = GENEROUS_S) -> bool:
        return self.wait(lambda: self.state is state, limit_s)


@pytest.fixture(params=["memory", "network", "serial"])
def line(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(
    params=[
        {"protocol": "led8n"},
        {"protocol": "led8n", "lamps": "stx-l"},
        {"protocol": "cd5220", "chinese": False, "greeting": {"upper": "Welcome"}},
        {"protocol": "cd5220", "chinese": True, "greeting": {"upper": "欢迎光临"}},
        {"protocol": "cd5220", "chinese": True, "writing": "cursor", "greeting": {"upper": "欢迎光临"}},
    ],
    ids=["led8n", "led8n-stx", "cd5220-ascii", "cd5220-chinese", "cd5220-cursor"],
)
def settings(request: pytest.FixtureRequest) -> dict[str, object]:
    return request.param


@pytest.fixture
def counter(line: str, settings: dict[str, object]) -> Iterator[Callable[..., SimpleNamespace]]:
    """Return what sets up a counter with a display: its worker, the simulated display and an ear."""
    workers: list[LineDisplayWorker] = []

    def set_up(refresh_s: float = 0.2, patience: Patience | None = QUICK) -> SimpleNamespace:
        found: list[Any] = []

        def wrap(transport: Transport) -> Transport:
            found.append(twin_behind(transport))
            return transport

        ear = Ear()
        driver = make_simulated({"line": line, **settings}, wrap)
        worker = LineDisplayWorker("customer_display", driver, ear, refresh_s=refresh_s, patience=patience)
        workers.append(worker)
        return SimpleNamespace(worker=worker, display=found[0], ear=ear, line=line)

    yield set_up
    for worker in workers:
        assert worker.close(5.0)
