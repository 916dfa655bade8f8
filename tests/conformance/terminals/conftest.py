"""Card terminals on every kind of line, and an ear for what their worker says."""

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from app.payments.card_terminal import TerminalAnswered, TerminalPrompt
from hardware.conversation import ObservedTransport, Tail
from hardware.simulated.lines import twin_behind
from hardware.terminals.configuration import build_card_terminal, make_simulated
from hardware.terminals.worker import TerminalLimits, TerminalWorker
from hardware.transport import Transport
from hardware.worker import DeviceState, Patience, StatusUpdate

GENEROUS_S = 20.0
QUICK = Patience(first_retry_s=0.02, longest_retry_s=0.05, look_s=0.05)
LIMITS = TerminalLimits(
    answer_within_s=15.0, resolve_within_s=5.0, ask_again_s=0.05, ask_while_paying_s=0.2, silent_s=0.4, check_s=0.05
)


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
        """Wait for something that may also come about without an event."""
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

    def answers(self, attempt_id: str) -> list[TerminalAnswered]:
        return [e for e in self.events if isinstance(e, TerminalAnswered) and e.attempt_id == attempt_id]

    def outcome(self, attempt_id: str, limit_s: float = GENEROUS_S) -> Any:
        assert self.wait(lambda: bool(self.answers(attempt_id)), limit_s), f"no answer; heard {self.events}"
        return self.answers(attempt_id)[0].outcome

    def prompts(self, attempt_id: str) -> list[TerminalPrompt]:
        return [e for e in self.events if isinstance(e, TerminalPrompt) and e.attempt_id == attempt_id]


@pytest.fixture(params=["memory", "network", "serial"])
def line(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def counter(line: str) -> Iterator[Callable[..., SimpleNamespace]]:
    """Return what sets up a counter with a terminal: its worker, the simulated terminal, an ear, the line's last bytes."""
    workers: list[TerminalWorker] = []

    def set_up(limits: TerminalLimits = LIMITS, **settings: object) -> SimpleNamespace:
        ear, tail, found = Ear(), Tail(), []

        def wrap(transport: Transport) -> Transport:
            found.append(twin_behind(transport))
            return ObservedTransport(transport, tail)

        driver = make_simulated({"line": line, **settings}, wrap)
        worker = TerminalWorker("card_terminal", driver, ear, limits=limits, patience=QUICK)
        workers.append(worker)
        return SimpleNamespace(worker=worker, terminal=found[0], ear=ear, tail=tail, driver=driver, line=line)

    yield set_up
    for worker in workers:
        assert worker.close(5.0)


@pytest.fixture
def ready(counter: Callable[..., SimpleNamespace]) -> Callable[..., SimpleNamespace]:
    """Return what sets up a counter whose terminal is there and well."""

    def set_up(**settings: object) -> SimpleNamespace:
        made = counter(**settings)
        made.worker.start()
        assert made.ear.is_(DeviceState.READY), made.ear.events
        return made

    return set_up


@pytest.fixture
def build() -> Callable[..., TerminalWorker]:
    return build_card_terminal
