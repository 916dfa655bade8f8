"""The simulated scale: what a person does to it, and what it says then, byte for byte by the manuals."""

import pytest

from hardware.simulated.scale import VOICES, ScaleMake, SimulatedScale
from hardware.simulated.scale_voices import Condition


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scale(clock: Clock) -> SimulatedScale:
    return SimulatedScale(make=ScaleMake(capacity_grams=6000, minimum_grams=40, settles_s=0.5), monotonic_s=clock)


def said(scale: SimulatedScale, question: bytes) -> bytes:
    scale.receive(question)
    return scale.replies(0)


def test_goods_move_for_a_while_and_come_to_rest(scale: SimulatedScale, clock: Clock) -> None:
    scale.put_on(1000)
    assert (scale.view.condition, scale.view.net_grams) == (Condition.MOVING, 0)
    clock.now += 0.125
    assert (scale.view.condition, scale.view.net_grams) == (Condition.MOVING, 250)
    clock.now += 0.375
    assert (scale.view.condition, scale.view.net_grams) == (Condition.STABLE, 1000)
    scale.moving(True)
    assert len({scale.view.net_grams for _ in range(5)}) == 5
    scale.moving(False)
    scale.take_off()
    clock.now += 1
    assert scale.view.condition is Condition.EMPTY


def test_it_knows_its_limits(scale: SimulatedScale, clock: Clock) -> None:
    for act, condition in (
        (lambda: scale.put_on(39), Condition.MINIMUM),
        (scale.overload, Condition.OVER),
        (scale.press_below_zero, Condition.UNDER),
        (scale.press_zero, Condition.EMPTY),
        (scale.lose_zero, Condition.NOT_ZEROED),
        (scale.jam, Condition.FAULT),
        (scale.repair, Condition.NOT_ZEROED),
        (scale.press_zero, Condition.EMPTY),
    ):
        act()
        clock.now += 1
        assert scale.view.condition is condition


def test_a_tare_is_taken_at_rest_only_and_lost_with_the_power(scale: SimulatedScale, clock: Clock) -> None:
    scale.put_on(250)
    assert not scale.press_tare()
    clock.now += 1
    assert scale.press_tare()
    scale.put_on(1250)
    clock.now += 1
    assert (scale.view.net_grams, scale.view.tare_grams) == (1000, 250)
    assert not scale.press_zero()
    scale.switch_off()
    scale.switch_on()
    # It was switched on with goods on it: it has no zero.
    assert scale.view.condition is Condition.NOT_ZEROED


@pytest.mark.parametrize(
    ("voice", "question", "answer"),
    [
        ("mettler-toledo-8217", b"W", b"\x0201.245\r"),
        ("mettler-toledo-8217", b"EhelloF", b"\x02E\rhello"),
        ("mettler-toledo-8217", b"T00045\rW", b"\x02?h\r\x0201.200N\r"),
        ("nci", b"W\r", b"\n  1.245kg\r\n00\r\x03"),
        ("nci", b"S\r", b"\n00\r\x03"),
        ("nci", b"X\r", b"\n?\r\x03"),
        ("nci-ecr", b"W\r", b"\n01.245KG\r\nS00\r\x03"),
        ("cas", b"\x05", b"\x06"),
        # S 20 0 1 . 2 4 5 k g: 53^20=73, ^30=43, ^31=72, ^2E=5C, ^32=6E, ^34=5A, ^35=6F, ^6B=04, ^67=63
        ("cas", b"\x11", b"\x01\x02S 01.245kg\x63\x03\x04"),
        ("os2-polled", b"\x11", b"\x01\x02S 01.245kg\x60\x03\x04"),  # 63 ^ 01 ^ 02
        ("toledo-prix3", b"\x05", b"\x0201245\x03"),
        ("dialog06", b"\x04\x0201\x1b000595\x1b\x03", b"\x06"),
        ("dialog06", b"\x04\x0201\x1b000595\x1b\x03\x04\x05", b"\x06\x0202\x1b3\x1b01245\x1b000595\x1b000741\x03"),
        ("dialog06", b"\x04\x0207\x03\x04\x0208\x03", b"\x15\x0209\x1b10\x03"),
    ],
)
def test_it_answers_as_the_manual_prints(clock: Clock, voice: str, question: bytes, answer: bytes) -> None:
    scale = SimulatedScale(voice, monotonic_s=clock)
    scale.put_on(1245)
    clock.now += 1
    assert said(scale, question) == answer
    # Whatever pieces the question comes in.
    scale.set_tare(0)
    pieces = b"".join(said(scale, question[place : place + 1]) for place in range(len(question)))
    assert pieces == answer


@pytest.mark.parametrize(
    ("voice", "spoken"), [("os2", b"\x01\x02S 01.245kg\x60\x03\x04\x00"), ("pattern-scale", b"\r 1245")]
)
def test_it_speaks_by_itself_ten_times_a_second(clock: Clock, voice: str, spoken: bytes) -> None:
    scale = SimulatedScale(voice, monotonic_s=clock)
    scale.put_on(1245)
    clock.now += 1
    words = 0
    for _ in range(100):
        clock.now += 0.01
        if heard := scale.replies(0):
            assert heard == spoken
            words += 1
    assert 9 <= words <= 11


@pytest.mark.parametrize("voice", VOICES)
def test_it_keeps_little_of_what_it_does_not_understand(clock: Clock, voice: str) -> None:
    scale = SimulatedScale(voice, monotonic_s=clock)
    for _ in range(20):
        scale.receive(bytes(range(256)) * 4)
        scale.replies(0)
    assert len(scale.voice._buffer) <= 120
