"""A drawer's wiring is checked before the first sale, its answers are read with care, its signal lines at rest."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.problems import Problem
from hardware.connections import BadDriverSettings
from hardware.conversation import ReplayTransport
from hardware.drawers.configuration import make_serial_drawer
from hardware.drawers.driver import PortDrawer
from hardware.drawers.open_time import OpenTime
from hardware.drawers.port import PortWiring, StateListener
from hardware.drawers.wiring import BadDrawerWiring
from hardware.simulated.drawer import SIMULATED_WIRING, SimulatedDrawer
from hardware.worker import DeviceState

PORT = {"by": "serial", "port": "/dev/ttyUSB9"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kick": ""},
        {"kick": "7"},
        {"kick": "00" * 65},
        {"state_by": "query"},
        {"pulse_ms": 5},
        {"state_mask": 0},
        {"state_mask": 256},
        {"state_mask": 3, "answer_mask": 2},
        {"answer_mask": 0xF0, "answer_value": 0x31},
    ],
)
def test_a_wiring_that_cannot_be_is_refused_with_a_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(BadDrawerWiring):
        make_serial_drawer({"connection": PORT, "wiring": wrong})


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "connection"),
        ({"connection": PORT, "wiring": {"kik": "07"}}, "kik"),
        ({"connection": {"by": "network", "host": "192.0.2.1"}, "wiring": {"kick_by": "dtr"}}, "serial"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, object], named: str) -> None:
    with pytest.raises(BadDriverSettings) as refused:
        make_serial_drawer(settings)
    problem: Problem = refused.value
    assert named in str(problem.sentence)


@given(st.lists(st.binary(max_size=20)), st.booleans())
def test_a_state_counts_when_it_was_said_twice_in_a_row_whatever_the_pieces(
    pieces: list[bytes], open_when_high: bool
) -> None:
    wiring = PortWiring(
        state_by="query", query="06", state_mask=1, answer_mask=0xF0, answer_value=0x30, open_when_high=open_when_high
    )
    listener = StateListener(wiring)
    for piece in pieces:
        listener.take(piece)
    # The oracle: the last place where two answers that say the same stand side by side.
    data = b"".join(pieces)
    pairs = [one & 1 for one, two in pairwise(data) if one >> 4 == two >> 4 == 3 and one & 1 == two & 1]
    assert listener.is_open == ((pairs[-1] == 1) is open_when_high if pairs else None)
    assert listener.answers + listener.noise == len(data)


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_no_bytes_make_the_simulated_drawer_crash(pieces: list[bytes]) -> None:
    drawer = SimulatedDrawer()
    for piece in pieces:
        drawer.receive(piece)
    assert drawer.kicks == b"".join(pieces).count(b"\x07")


def test_either_polarity_may_mean_open() -> None:
    for open_when_high in (True, False):
        wiring = PortWiring(state_by="query", query="06", open_when_high=open_when_high)
        for is_open in (True, False):
            assert wiring.is_open(wiring.answer(is_open=is_open)) is is_open
    assert SIMULATED_WIRING.answer(is_open=True) == ord("1")


class Wires:
    """A serial port's signal lines, and what was done to them."""

    def __init__(self) -> None:
        self.done: list[tuple[str, bool]] = []
        self.up = {"cts": False, "dsr": False}

    def set_signal(self, name: str, *, on: bool) -> None:
        self.done.append((name, on))

    def signal(self, name: str) -> bool:
        return self.up[name]


@pytest.mark.parametrize(("kick_by", "pulse_high"), [("dtr", True), ("rts", False)])
def test_a_pulse_is_given_on_the_signal_line_and_opening_the_port_gives_none(kick_by: str, pulse_high: bool) -> None:
    wires = Wires()
    wiring = PortWiring(kick_by=kick_by, pulse_high=pulse_high, pulse_ms=10, state_by="cts", open_when_high=False)
    drawer = PortDrawer(ReplayTransport(()), wiring, wires)
    drawer.open()
    assert wires.done == [(kick_by, not pulse_high)]
    drawer.kick()
    assert wires.done[1:] == [(kick_by, pulse_high), (kick_by, not pulse_high)]
    assert drawer.capabilities.reports_state
    assert drawer.is_open() is True
    wires.up["cts"] = True
    assert drawer.is_open() is False


def test_a_drawer_is_told_of_once_when_it_stood_open_for_a_minute_and_once_when_shut() -> None:
    watch = OpenTime()
    watch.heard(True, 100.0)
    assert watch.change(159.9) is None
    told = watch.change(160.0)
    assert told is not None
    assert told[0] is DeviceState.ATTENTION
    assert str(told[1]) == "The cash drawer has stood open for a minute. Close it."
    assert watch.change(200.0) is None
    # Nobody can tell for a while: it still stands open as far as anybody knows.
    watch.heard(None, 210.0)
    assert watch.change(210.0) is None
    watch.heard(False, 220.0)
    shut = watch.change(220.0)
    assert shut is not None
    assert shut[0] is DeviceState.READY
