"""What every tag reader's driver must do, whatever line leads to it and however the line fails."""

import pytest

from hardware.rfid.worker import TagsSeen
from hardware.simulated.device import Trouble
from hardware.worker import DeviceState, ErrorEvent

SHIRT = "3074257BF7194E4000001A85"
SOCKS = "3074257BF7194E4000001A86"
JACKET = "3674257BF6B7A659B2C2BF1000000000000000000000000000"


def test_goods_laid_before_the_antenna_are_seen_and_goods_taken_away_are_gone(till) -> None:
    till.reader.put_tags(SHIRT, JACKET)
    till.wait_for(DeviceState.READY)
    till.wait_for_tags(SHIRT, JACKET)
    till.reader.put_tags(SOCKS, antenna=2)
    till.wait_for_tags(SHIRT, SOCKS, JACKET)
    till.reader.take_tags(SHIRT)
    till.wait_for_tags(SOCKS, JACKET)
    till.reader.take_tags()
    till.wait_for_tags()
    assert till.worker.driver.capabilities.antennas == 2


def test_a_tag_that_answers_now_and_then_stays(till) -> None:
    till.reader.put_tags(SHIRT, SOCKS)
    till.reader.flicker(SHIRT, every=3)  # every 0.3 s, where one is gone after 0.6 s
    till.wait_for_tags(SHIRT, SOCKS)
    till.reader.take_tags(SOCKS)
    till.wait_for_tags(SHIRT)
    assert [event.epcs for event in till.events if isinstance(event, TagsSeen)][-2:] == [(SHIRT, SOCKS), (SHIRT,)]


@pytest.mark.parametrize(("trouble", "cure"), [("unplug", "plug_in"), ("switch_off", "switch_on")])
def test_a_reader_that_is_lost_is_told_and_used_again_by_itself(till, trouble: str, cure: str) -> None:
    till.reader.put_tags(SHIRT)
    till.wait_for_tags(SHIRT)
    getattr(till.reader, trouble)()
    till.wait_for(DeviceState.AWAY)
    assert till.tags == (SHIRT,)  # nobody knows better
    getattr(till.reader, cure)()
    till.wait_for(DeviceState.READY)
    till.reader.put_tags(SOCKS)
    till.wait_for_tags(SHIRT, SOCKS)


@pytest.mark.parametrize("trouble", [Trouble.SILENT, Trouble.TRUNCATED, Trouble.FOREIGN, Trouble.FLOOD, Trouble.NOISE])
def test_a_line_that_brings_nothing_right_is_told_and_never_makes_a_tag_up(till, trouble: Trouble) -> None:
    till.reader.put_tags(SHIRT)
    till.wait_for_tags(SHIRT)
    till.reader.suffer(trouble)
    till.wait_for(DeviceState.AWAY)
    till.reader.suffer()
    till.wait_for(DeviceState.READY)
    till.reader.put_tags(SOCKS)
    till.wait(lambda: SOCKS in till.tags)
    assert till.ever_seen == {SHIRT, SOCKS}


@pytest.mark.parametrize("trouble", [Trouble.DOUBLED, Trouble.IN_PIECES])
def test_a_line_that_stutters_changes_no_tag(till, trouble: Trouble) -> None:
    till.reader.put_tags(SHIRT)
    till.wait_for_tags(SHIRT)
    till.reader.suffer(trouble)
    till.reader.put_tags(SOCKS)
    till.reader.suffer()
    till.wait(lambda: SOCKS in till.tags)
    till.wait_for(DeviceState.READY)
    assert till.ever_seen == {SHIRT, SOCKS}


def test_after_flipped_bits_the_reader_is_used_again(till) -> None:
    # LLRP has no check sum; TCP's catches such a thing. What holds: the till recovers, and the wrong tags go.
    till.reader.put_tags(SHIRT)
    till.wait_for_tags(SHIRT)
    till.reader.suffer(Trouble.FLIPPED_BIT)
    till.wait(lambda: len(till.recorder.exchanges) > 40)
    till.reader.suffer()
    till.reader.put_tags(SOCKS)
    till.wait_for_tags(SHIRT, SOCKS)
    till.wait_for(DeviceState.READY)


def test_a_reader_that_another_program_has_waits_for_a_person(till, line: str) -> None:
    till.wait_for(DeviceState.READY)
    till.reader.refuse_connections()
    till.reader.switch_off()
    till.wait_for(DeviceState.AWAY)
    till.reader.switch_on()
    till.wait_for(DeviceState.STOPPED)
    assert "another program" in str(till.statuses[-1].sentence)
    till.reader.refuse_connections(refuse=False)
    till.wait_for(DeviceState.READY)


def test_a_reader_that_reports_its_own_fault_waits_for_a_person(till) -> None:
    till.wait_for(DeviceState.READY)
    till.reader.answer_errors(401)
    till.reader.unplug()
    till.wait_for(DeviceState.AWAY)
    till.reader.plug_in()
    till.wait_for(DeviceState.STOPPED)
    assert "401" in str(till.statuses[-1].sentence)
    till.reader.answer_errors(0)
    till.wait_for(DeviceState.READY)


def test_an_antenna_that_comes_off_is_told_and_one_that_is_put_back_works_again(till) -> None:
    till.reader.put_tags(SHIRT)
    till.wait_for_tags(SHIRT)
    till.reader.disconnect_antenna(1)
    till.wait_for(DeviceState.ATTENTION)
    assert "Antenna 1" in str(till.statuses[-1].sentence)
    till.wait_for_tags()
    till.reader.disconnect_antenna(2)
    till.wait_for(DeviceState.STOPPED)
    till.reader.connect_antenna(1)
    till.reader.connect_antenna(2)
    till.wait_for(DeviceState.READY)
    till.wait_for_tags(SHIRT)


def test_between_two_sales_the_reader_rests(till) -> None:
    till.reader.put_tags(SHIRT)
    till.wait_for_tags(SHIRT)
    till.worker.pause()
    till.wait_for_tags()
    assert not till.reader.looks_for_tags
    till.worker.resume()
    till.wait_for_tags(SHIRT)
    assert till.reader.looks_for_tags


def test_a_reader_that_comes_back_while_it_is_to_rest_rests(till) -> None:
    till.wait_for(DeviceState.READY)
    till.worker.pause()
    till.reader.switch_off()
    till.wait_for(DeviceState.AWAY)
    till.reader.switch_on()
    till.wait(lambda: str(till.statuses[-1].sentence) == "The tag reader rests.")
    assert not till.reader.looks_for_tags


def test_its_signs_of_life_are_acknowledged_and_it_is_left_in_order(till) -> None:
    till.reader.put_tags(SHIRT)
    till.wait_for_tags(SHIRT)
    till.reader.take_tags()
    till.wait_for_tags()  # takes 0.6 s, three signs of life
    assert till.reader.acknowledged >= 1
    assert till.worker.close(3.0)
    assert not any(isinstance(event, ErrorEvent) for event in till.events)


def test_more_tags_than_can_be_counted_are_told(till) -> None:
    till.wait_for(DeviceState.READY)
    till.reader.put_tags(*(f"3074257BF7194E40{number:08X}" for number in range(520)))
    till.wait_for(DeviceState.ATTENTION)
    till.wait(lambda: any(isinstance(event, TagsSeen) and not event.complete for event in till.events))
    assert len(till.tags) <= 500
    till.reader.take_tags()
    till.wait_for_tags()
    till.wait_for(DeviceState.READY)
