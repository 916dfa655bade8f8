"""What a scale's driver makes of goods, of silence and of nonsense, in every protocol; in a time of its own."""

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.devices.weighing import WeightState
from hardware.scales.agreement import Limits
from hardware.scales.protocol import Acknowledged, Weighed, Weighing
from hardware.simulated.device import Trouble
from hardware.simulated.scale import VOICES, ScaleMake
from hardware.transport import DeviceAway

STABLE, EMPTY, MOVING = WeightState.STABLE, WeightState.EMPTY, WeightState.MOVING
UNDER, OVER, NO_ZERO = WeightState.UNDER_ZERO, WeightState.OVERLOAD, WeightState.NOT_ZEROED
FAULT, LIGHT = WeightState.FAULT, WeightState.BELOW_MINIMUM

every_voice = pytest.mark.parametrize("voice", VOICES)


@every_voice
@pytest.mark.parametrize("grams", [1245, 1, 9999])
def test_goods_at_rest_are_weighed_to_the_gram(make_rig, voice: str, grams: int) -> None:
    rig = make_rig(voice)
    rig.scale.put_on(grams)
    assert rig.last() == Weighed(STABLE, grams)


@every_voice
def test_moving_goods_are_never_a_weight_to_sell(make_rig, voice: str) -> None:
    rig = make_rig(voice, built=ScaleMake(settles_s=1.0))
    rig.scale.put_on(2500)
    settling = rig.run(0.95)
    assert settling
    assert all(one.state in {MOVING, EMPTY} for one in settling)
    assert rig.last() == Weighed(STABLE, 2500)
    rig.scale.moving(True)
    shaken = rig.run(1.0)[2:]
    assert shaken
    assert all(one.state is MOVING for one in shaken)
    rig.scale.moving(False)
    assert rig.last() == Weighed(STABLE, 2500)


NOT_SAID = "away"
CONDITIONS = {
    # What each protocol has a word for; NAK of CAS and I of Prix III say no more than "not now".
    "mettler-toledo-8217": (OVER, UNDER, NO_ZERO, NOT_SAID),
    "nci": (OVER, UNDER, NO_ZERO, FAULT),
    "nci-ecr": (OVER, UNDER, NO_ZERO, FAULT),
    "cas": (OVER, UNDER, MOVING, NOT_SAID),
    "os2": (OVER, UNDER, NO_ZERO, NOT_SAID),
    "os2-polled": (OVER, UNDER, NO_ZERO, NOT_SAID),
    "dialog06": (OVER, UNDER, FAULT, FAULT),
    "toledo-prix3": (OVER, UNDER, MOVING, NOT_SAID),
    "pattern-scale": (NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID),
}


@every_voice
@pytest.mark.parametrize("number", range(4))
def test_each_trouble_of_weighing_is_told_as_far_as_the_protocol_can(make_rig, voice: str, number: int) -> None:
    rig = make_rig(voice)
    act = (rig.scale.overload, rig.scale.press_below_zero, rig.scale.lose_zero, rig.scale.jam)[number]
    rig.run(0.5)
    act()
    expected = CONDITIONS[voice][number]
    if expected is NOT_SAID:
        with pytest.raises(DeviceAway):
            rig.run(3.0)
    else:
        assert rig.last().state is expected


@every_voice
def test_a_silent_scale_is_away_after_a_second_and_one_that_talks_nonsense_after_two(make_rig, voice: str) -> None:
    rig = make_rig(voice)
    rig.run(1.0)
    for troubles, least_s, most_s, words in (
        ((Trouble.SILENT,), 0.95, 1.25, "does not answer"),
        ((Trouble.FOREIGN,), 1.95, 2.25, "another protocol"),
        ((Trouble.FLOOD, Trouble.SILENT), 1.95, 2.25, "another protocol"),
    ):
        rig.scale.suffer(*troubles)
        if Trouble.FLOOD in troubles:
            _let_time_pass_while_reading(rig)
        began = rig.clock.now
        with pytest.raises(DeviceAway, match=words):
            rig.run(5.0)
        assert least_s <= rig.clock.now - began <= most_s, troubles
        rig.scale.suffer()
        rig.driver.close()
        rig.driver.open()
        rig.scale.put_on(1245)
        assert rig.last(0.9) == Weighed(STABLE, 1245)


def _let_time_pass_while_reading(rig) -> None:
    """A flood never lets the driver wait, so its clock would stand still."""
    read = rig.scale.replies

    def replies(timeout_s: float) -> bytes:
        rig.clock.now += 0.02
        return read(timeout_s)

    rig.scale.replies = replies


@every_voice
def test_at_rest_a_dead_scale_is_known_within_two_seconds(make_rig, voice: str) -> None:
    rig = make_rig(voice, expecting=False)
    rig.run(3.3)
    rig.scale.suffer(Trouble.SILENT)
    began = rig.clock.now
    with pytest.raises(DeviceAway, match="does not answer"):
        rig.run(5.0)
    assert rig.clock.now - began < 2.0


@every_voice
def test_a_scale_at_rest_is_asked_about_once_a_second_and_ten_times_while_weighing(make_rig, voice: str) -> None:
    rig = make_rig(voice, expecting=False)
    rig.run(10.0)
    resting = sum(rig.line.asked.count(one) for one in set(rig.line.asked[:1]))
    rig.line.asked.clear()
    rig.driver.expect(Weighing(100))
    rig.scale.put_on(500)
    rig.run(10.0)
    weighing = sum(rig.line.asked.count(one) for one in set(rig.line.asked[:1]))
    if rig.driver.capabilities.pushes:
        assert not rig.line.asked
    else:
        assert 10 <= resting <= 15
        fastest = 10 / max(0.1, rig.driver.capabilities.shortest_ask_s)
        assert 0.7 * fastest <= weighing <= fastest + 1


@every_voice
@pytest.mark.parametrize("trouble", [Trouble.DOUBLED, Trouble.IN_PIECES, Trouble.NOISE])
def test_doubled_and_broken_up_answers_and_noise_between_them_change_no_weight(make_rig, voice: str, trouble) -> None:
    rig = make_rig(voice)
    rig.scale.put_on(1245)
    rig.run(0.5)
    rig.scale.suffer(trouble)
    said = []
    try:
        said = rig.run(3.0)
    except DeviceAway:
        assert trouble is Trouble.NOISE
    assert {one.grams for one in said if isinstance(one, Weighed) and one.state is STABLE} <= {1245}
    assert trouble is Trouble.NOISE or said[-1] == Weighed(STABLE, 1245)


@every_voice
def test_answers_that_break_off_give_no_weight(make_rig, voice: str) -> None:
    rig = make_rig(voice)
    rig.scale.put_on(1245)
    rig.scale.suffer(Trouble.TRUNCATED)
    said = []
    with contextlib.suppress(DeviceAway):
        while rig.clock.now < 1010:
            said += rig.run(0.05)
    # What the OS2 sends after its checksum and end may be missing: the weight before it is whole.
    whole = {Weighed(STABLE, 1245)} if voice == "os2" else set()
    assert {one for one in said if isinstance(one, Weighed) and one.state is STABLE} <= whole
    assert voice == "os2" or rig.clock.now < 1003


@settings(max_examples=120, deadline=None)
@given(
    voice=st.sampled_from(sorted(VOICES)),
    grams=st.integers(0, 9999),
    price=st.sampled_from([1, 595, 2999, 99_999]),
    place=st.integers(0, 300),
    bit=st.integers(0, 7),
)
@example(voice="toledo-prix3", grams=1000, price=595, place=30, bit=1)
@example(voice="dialog06", grams=500, price=1, place=40, bit=0)
def test_one_wrong_bit_anywhere_on_the_line_never_gives_a_wrong_weight_to_sell(
    make_rig, voice: str, grams: int, price: int, place: int, bit: int
) -> None:
    rig = make_rig(voice)
    rig.driver.expect(Weighing(price))
    rig.scale.put_on(grams)
    rig.line.flip = (place, bit)
    said = rig.run(4.0)
    assert rig.line.flip is None or rig.line.heard_bytes <= place
    assert {one.grams for one in said if isinstance(one, Weighed) and one.state is STABLE} <= {grams}
    rig.line.flip = None
    if grams:
        assert rig.last(1.0) == Weighed(STABLE, grams)


@pytest.mark.parametrize("voice", ["toledo-prix3", "mettler-toledo-8217", "nci", "nci-ecr"])
def test_a_wrong_answer_that_came_twice_at_once_is_still_one_answer(make_rig, voice: str) -> None:
    rig = make_rig(voice)
    rig.scale.put_on(1000)
    rig.run(1.0)
    true = rig.scale.view.net_grams

    # All answers to one question say 3000 g, as if one bit of the first figure had flipped before it was doubled.
    rig.scale.suffer(Trouble.DOUBLED)
    rig.scale._goods_grams = 3000
    one_answer = rig.driver.listen(0.3)
    rig.scale._goods_grams = true
    assert len(one_answer) == 2
    assert all(one.state is MOVING for one in one_answer)
    said = rig.run(1.0)
    assert all(one.grams == 1000 for one in said if one.state is STABLE)


def test_a_new_weighing_begins_with_what_lies_on_the_scale_now(make_rig) -> None:
    rig = make_rig("toledo-prix3")
    rig.scale.put_on(700)
    assert rig.last() == Weighed(STABLE, 700)
    rig.driver.expect(Weighing(100))
    first = rig.driver.listen(0.3)
    assert [one.state for one in first] == [MOVING]


def test_lightest_and_heaviest_weights_are_minded_for_scales_that_do_not(make_rig) -> None:
    rig = make_rig("toledo-prix3", limits=Limits(minimum_grams=40, capacity_grams=6000))
    for grams, state in ((39, LIGHT), (40, STABLE), (6000, STABLE), (6001, OVER), (0, EMPTY)):
        rig.scale.put_on(grams)
        assert rig.last() == Weighed(state, grams)


def test_zero_and_tare_by_the_8217(make_rig) -> None:
    rig = make_rig("mettler-toledo-8217")
    rig.scale.press_below_zero()
    assert rig.last().state is UNDER
    assert rig.driver.zero()
    assert rig.last().state is EMPTY
    rig.scale.put_on(250)
    assert rig.last() == Weighed(STABLE, 250)
    assert rig.driver.tare(None)
    rig.scale.put_on(1250)
    assert rig.last() == Weighed(STABLE, 1000, net=True, tare_grams=250)
    assert not rig.driver.zero()
    assert rig.driver.tare(0)
    assert rig.last() == Weighed(STABLE, 1250)
    assert rig.driver.tare(15)
    assert rig.last() == Weighed(STABLE, 1235, net=True, tare_grams=15)


@pytest.mark.parametrize("voice", ["nci", "nci-ecr"])
def test_zero_by_nci(make_rig, voice: str) -> None:
    rig = make_rig(voice)
    rig.scale.press_below_zero()
    assert rig.last().state is UNDER
    assert rig.driver.zero()
    assert rig.last().state is EMPTY
    rig.scale.put_on(5000)
    rig.run(0.5)
    assert not rig.driver.zero()
    assert not rig.driver.tare(None)
    assert rig.last() == Weighed(STABLE, 5000)


@pytest.mark.parametrize("voice", ["os2", "os2-polled"])
def test_zero_and_tare_by_the_os2(make_rig, voice: str) -> None:
    rig = make_rig(voice)
    rig.scale.put_on(200)
    rig.run(0.5)
    assert rig.driver.tare(None)
    assert not rig.driver.tare(100)
    rig.scale.put_on(900)
    weighed = rig.last()
    assert (weighed.state, weighed.grams) == (STABLE, 700)
    # Only the pushed form says that a tare is set.
    assert weighed.tare_grams == (200 if voice == "os2" else 0)


@pytest.mark.parametrize("voice", ["cas", "toledo-prix3", "pattern-scale"])
def test_what_a_protocol_cannot_do_is_refused(make_rig, voice: str) -> None:
    rig = make_rig(voice)
    assert not rig.driver.zero()
    assert not rig.driver.tare(None)
    assert not rig.driver.tare(20)


def test_the_dialog_06_scale_shows_price_and_name_and_is_left_alone_at_rest(make_rig) -> None:
    rig = make_rig("dialog06", {"send_name": True})
    rig.driver.expect(Weighing(1299, "Äpfel rot, Klasse eins"))
    rig.scale.put_on(750)
    assert rig.last() == Weighed(STABLE, 750)
    # Only what its display can show, thirteen letters of it.
    assert (rig.scale.voice.price_minor, rig.scale.voice.text) == (1299, "pfel rot, Kla")
    rig.driver.expect(None)
    rig.line.asked.clear()
    assert rig.last() == Acknowledged(accepted=True)
    assert set(rig.line.asked) == {b"\x04\x0208\x03"}


def test_the_dialog_06_scale_that_gives_each_weight_once_is_not_asked_to_move(make_rig) -> None:
    rig = make_rig("dialog06")
    rig.scale.voice.gives_once = True
    rig.scale.put_on(750)
    assert rig.last() == Weighed(STABLE, 750)
    rig.scale.put_on(800)
    assert rig.last() == Weighed(STABLE, 800)
    rig.driver.expect(Weighing(300))
    assert rig.last().state is MOVING  # Nothing was said in this weighing: lift the goods and put them back.


def test_the_dialog_06_scale_takes_a_tare_with_the_price(make_rig) -> None:
    rig = make_rig("dialog06")
    rig.scale.put_on(750)
    assert rig.driver.tare(20)
    assert not rig.driver.tare(None)
    assert rig.last() == Weighed(STABLE, 730, net=True, tare_grams=20)
    assert rig.driver.tare(0)
    assert rig.last() == Weighed(STABLE, 750)


def test_the_dialog_06_scale_gets_its_checksums_or_says_that_it_does_not_weigh(make_rig) -> None:
    rig = make_rig("dialog06", {"checksums": ["12348001", "ABCD0F0F"]})
    rig.scale.voice.checksums = ((0x1234, 0x8001), (0xABCD, 0x0F0F))
    rig.scale.voice.asks_for_checksums = True
    rig.scale.put_on(750)
    assert rig.last() == Weighed(STABLE, 750)
    assert not rig.scale.voice.asks_for_checksums
    for known in ({}, {"checksums": ["00000000"]}):
        rig = make_rig("dialog06", known)
        rig.scale.voice.checksums = ((0x1234, 0x8001),)
        rig.scale.voice.asks_for_checksums = True
        rig.scale.put_on(750)
        assert rig.last().state is FAULT


def test_a_scale_that_takes_no_bytes_is_away(make_rig) -> None:
    rig = make_rig("nci")
    rig.line.write = lambda data, timeout_s: 0
    with pytest.raises(DeviceAway, match="takes no data"):
        rig.run(1.0)


@every_voice
def test_memory_stays_bounded_in_a_flood(make_rig, voice: str) -> None:
    rig = make_rig(voice)
    rig.protocol.take(bytes(range(256)) * 4096)
    finder = getattr(rig.protocol, "_finder", rig.protocol)
    assert finder.kept_bytes <= 80
