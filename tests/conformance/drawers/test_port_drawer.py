"""A drawer on its own port opens when it is asked to and only then, and the till knows whether it stands open."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hardware.conversation import ReplayTransport, read_conversation
from hardware.drawers.configuration import build_drawer
from hardware.drawers.driver import PortDrawer
from hardware.drawers.port import PortWiring
from hardware.drawers.worker import DrawerStatus, DrawerTimes, DrawerWorker
from hardware.printers.queue import DrawerStayedShut
from hardware.simulated.device import Trouble
from hardware.simulated.drawer import SIMULATED_WIRING, SimulatedDrawer
from hardware.simulated.lines import line_to, twin_behind
from hardware.worker import DeviceState, OutputComplete, Patience, StatusUpdate

QUICK = DrawerTimes(Patience(first_retry_s=0.02, longest_retry_s=0.05, look_s=0.03), springs_within_s=0.3)
CONVERSATIONS = Path(__file__).parents[1] / "conversations"


@dataclass
class Listener:
    """What a worker said, waited for without sleeping."""

    events: list[object] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: object) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_until(self, happened: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(happened, 10), self.events

    def last(self, kind: type) -> object:
        return next((event for event in reversed(self.events) if type(event) is kind), None)

    def wait_for_state(self, state: DeviceState) -> StatusUpdate:
        self.wait_until(lambda: getattr(self.last(StatusUpdate), "state", None) is state)
        return self.last(StatusUpdate)

    def wait_for_drawer(self, *, is_open: bool | None) -> None:
        self.wait_until(lambda: self.last(DrawerStatus) == DrawerStatus("drawer", is_open))

    def wait_for_kick(self, output_id: str) -> None:
        self.wait_until(lambda: OutputComplete("drawer", output_id) in self.events)


@dataclass
class Bench:
    drawer: SimulatedDrawer
    worker: Callable[..., DrawerWorker]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture(
    params=[
        "memory",
        "network",
        pytest.param("serial", marks=pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")),
    ]
)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    drawer = SimulatedDrawer()
    with ExitStack() as stack:
        transport = line_to(drawer, request.param)
        if request.param != "memory":
            stack.callback(transport.end)

        def worker(
            listener: Listener, wiring: PortWiring = SIMULATED_WIRING, times: DrawerTimes = QUICK
        ) -> DrawerWorker:
            made = DrawerWorker(PortDrawer(transport, wiring), listener, times=times)
            made.start()
            stack.callback(made.close, 3.0)
            return made

        yield Bench(drawer, worker)


def test_the_drawer_opens_once_and_is_seen_open_and_shut_again(bench, listener) -> None:
    worker = bench.worker(listener)
    listener.wait_for_drawer(is_open=False)
    assert worker.open_drawer("kick-1")
    listener.wait_for_kick("kick-1")
    listener.wait_for_drawer(is_open=True)
    bench.drawer.push_in()
    listener.wait_for_drawer(is_open=False)
    assert bench.drawer.kicks == 1
    assert listener.wait_for_state(DeviceState.READY)


def test_a_drawer_opened_with_its_key_is_noticed_within_two_seconds(bench, listener) -> None:
    bench.worker(listener, times=DrawerTimes())
    listener.wait_for_drawer(is_open=False)
    began = time.monotonic()
    bench.drawer.pull_open()
    listener.wait_for_drawer(is_open=True)
    assert time.monotonic() - began < 2.0


def test_a_jammed_drawer_is_told_as_shut(bench, listener) -> None:
    worker = bench.worker(listener)
    bench.drawer.jam()
    worker.open_drawer("kick-1")
    listener.wait_until(lambda: listener.last(DrawerStayedShut) is not None)
    assert "kicked and stayed shut" in str(listener.last(DrawerStayedShut).sentence)
    assert OutputComplete("drawer", "kick-1") not in listener.events
    bench.drawer.free()
    worker.open_drawer("kick-2")
    listener.wait_for_kick("kick-2")


@pytest.mark.parametrize(("goes", "comes"), [("unplug", "plug_in"), ("switch_off", "switch_on")])
def test_a_drawer_that_went_away_comes_back_by_itself(bench, listener, goes: str, comes: str) -> None:
    worker = bench.worker(listener)
    listener.wait_for_state(DeviceState.READY)
    getattr(bench.drawer, goes)()
    listener.wait_for_state(DeviceState.AWAY)
    listener.wait_for_drawer(is_open=None)
    getattr(bench.drawer, comes)()
    listener.wait_for_state(DeviceState.READY)
    worker.open_drawer("kick-1")
    listener.wait_for_kick("kick-1")
    assert bench.drawer.kicks == 1


def test_a_kick_that_comes_too_late_is_not_given(bench, listener) -> None:
    bench.drawer.switch_off()
    worker = bench.worker(listener, times=DrawerTimes(QUICK.patience, kick_within_s=0.1))
    worker.open_drawer("kick-1")
    listener.wait_until(lambda: listener.last(DrawerStayedShut) is not None)
    bench.drawer.switch_on()
    listener.wait_for_state(DeviceState.READY)
    assert bench.drawer.kicks == 0
    assert not bench.drawer.is_open


@pytest.mark.parametrize("trouble", Trouble)
def test_whatever_comes_over_the_line_the_drawer_is_never_said_to_be_what_it_is_not(
    bench, listener, trouble: Trouble
) -> None:
    worker = bench.worker(listener)
    listener.wait_for_drawer(is_open=False)
    bench.drawer.suffer(trouble)
    if trouble not in {Trouble.DOUBLED, Trouble.IN_PIECES}:
        listener.wait_for_state(DeviceState.AWAY)
    # The only wrong state that a flipped bit could make is "open": it takes two in a row to be believed.
    assert DrawerStatus("drawer", is_open=True) not in listener.events
    bench.drawer.suffer()
    listener.wait_for_state(DeviceState.READY)
    worker.open_drawer("kick-1")
    listener.wait_for_kick("kick-1")
    assert bench.drawer.kicks == 1


def test_a_drawer_left_open_asks_for_attention_until_it_is_shut(bench, listener) -> None:
    bench.worker(listener, times=DrawerTimes(QUICK.patience, open_too_long_s=0.1))
    bench.drawer.pull_open()
    assert "has stood open" in str(listener.wait_for_state(DeviceState.ATTENTION).sentence)
    bench.drawer.push_in()
    listener.wait_for_state(DeviceState.READY)


def test_a_drawer_that_cannot_tell_is_kicked_all_the_same(bench, listener) -> None:
    worker = bench.worker(listener, PortWiring())
    worker.open_drawer("kick-1")
    listener.wait_for_kick("kick-1")
    assert {event.is_open for event in listener.events if isinstance(event, DrawerStatus)} == {None}
    listener.wait_until(lambda: bench.drawer.is_open)


def test_closing_does_not_wait_for_a_drawer_without_power(bench, listener) -> None:
    bench.drawer.switch_off()
    worker = bench.worker(listener, times=DrawerTimes(Patience(60.0, 60.0, 60.0)))
    listener.wait_for_state(DeviceState.AWAY)
    began = time.monotonic()
    assert worker.close(5.0)
    assert time.monotonic() - began < 2.0


def test_the_till_builds_the_simulated_drawer_from_its_configuration(listener) -> None:
    twins: list[SimulatedDrawer] = []

    def wrap(transport):
        twins.append(twin_behind(transport))
        return transport

    worker = build_drawer("simulated-drawer", {}, listener, wrap=wrap)
    worker.start()
    worker.open_drawer("kick-1")
    listener.wait_for_kick("kick-1")
    assert twins[0].is_open
    assert worker.close(3.0)


@pytest.mark.parametrize(
    ("name", "wiring"),
    [
        ("drawers-bel-box.txt", PortWiring()),
        ("drawers-ibm-4840.txt", PortWiring(kick="07", state_by="query", query="06")),
        (
            "drawers-printer-as-box.txt",
            PortWiring(
                kick="1B 70 00 32 FA",
                state_by="query",
                query="10 04 01",
                state_mask=0x04,
                answer_mask=0x93,
                answer_value=0x12,
                open_when_high=False,
            ),
        ),
    ],
)
def test_recorded_conversations_are_held_again(name: str, wiring: PortWiring) -> None:
    replay = ReplayTransport(read_conversation((CONVERSATIONS / name).read_text(encoding="utf-8")))
    drawer = PortDrawer(replay, wiring)
    drawer.open()
    if wiring.state_by == "query":
        assert drawer.is_open() is False
    drawer.kick()
    if wiring.state_by == "query":
        assert drawer.is_open() is True
    assert replay.finished
