"""The tag reader that is not there behaves as the standard says; a clock is turned by hand."""

import struct

import pytest

from hardware.rfid import llrp_requests as requests
from hardware.rfid.llrp import Message, MessageStream, MessageType
from hardware.rfid.llrp_reading import (
    AntennaState,
    ConnectionAttempt,
    antennas_of,
    connection_attempt_of,
    facts_of,
    status_of,
    tags_of,
)
from hardware.simulated.rfid_reader import SimulatedRfidReader

TAG = "3074257BF7194E4000001A85"


class Caller:
    """Somebody at the other end of the reader's line."""

    def __init__(self) -> None:
        self.now = 0.0
        self.reader = SimulatedRfidReader(monotonic_s=lambda: self.now)
        self._stream = MessageStream()
        self._number = 0

    def listen(self) -> list[Message]:
        return list(self._stream.feed(self.reader.replies(0)))

    def ask(self, kind: int, body: bytes = b"") -> Message:
        self._number += 1
        self.reader.receive(Message(kind, self._number, body).encode())
        return next(
            one
            for one in self.listen()
            if (one.message_id == self._number and one.message_type < 60) or one.message_type == 100
        )

    def start(self) -> None:
        self.reader.greet()
        self.listen()
        one = requests.rospec_id(1)
        for kind, body in (
            (MessageType.ADD_ROSPEC, requests.rospec(requests.Inventory())),
            (MessageType.ENABLE_ROSPEC, one),
            (MessageType.START_ROSPEC, one),
        ):
            assert status_of(self.ask(kind, body)).is_success

    def wait(self, seconds: float) -> list[Message]:
        self.now += seconds
        return self.listen()


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_a_caller_is_greeted_and_told_what_it_is(caller: Caller) -> None:
    caller.reader.greet()
    (greeting,) = caller.listen()
    assert connection_attempt_of(greeting) is ConnectionAttempt.SUCCESS
    assert facts_of(caller.ask(MessageType.GET_READER_CAPABILITIES, b"\x01")).antennas == 2
    answer = caller.ask(MessageType.GET_READER_CONFIG, requests.ANTENNA_PROPERTIES)
    assert antennas_of(answer) == (AntennaState(1, connected=True), AntennaState(2, connected=True))


def test_it_reports_tags_only_while_it_looks(caller: Caller) -> None:
    caller.reader.put_tags(TAG, rssi_dbm=-42)
    assert caller.wait(0.2) == []
    caller.start()
    (report,) = caller.wait(0.1)
    (tag,) = tags_of(report)
    assert (tag.epc, tag.antenna, tag.rssi_dbm, tag.count) == (TAG, 1, -42, 1)
    caller.ask(MessageType.STOP_ROSPEC, requests.rospec_id(1))
    assert not caller.reader.looks_for_tags
    assert caller.wait(0.1) == []


def test_long_tags_flickering_tags_and_tags_before_a_dead_antenna(caller: Caller) -> None:
    long = "36" + "00" * 25
    caller.reader.put_tags(long, TAG)
    caller.reader.flicker(TAG, every=3)
    caller.start()
    counts = {long: 0, TAG: 0}
    for _ in range(9):
        for message in caller.wait(0.1):
            for tag in tags_of(message):
                counts[tag.epc] += 1
    assert counts == {long: 9, TAG: 3}
    caller.reader.disconnect_antenna(1)
    assert caller.wait(0.1) == []


def test_word_of_an_antenna_comes_only_when_asked_for(caller: Caller) -> None:
    caller.start()
    caller.reader.disconnect_antenna(2)
    assert caller.listen() == []
    caller.ask(MessageType.SET_READER_CONFIG, requests.reader_config(60_000))
    caller.reader.connect_antenna(2)
    (event,) = caller.listen()
    assert antennas_of(event) == (AntennaState(2, connected=True),)


def test_signs_of_life_come_as_often_as_asked(caller: Caller) -> None:
    caller.start()
    caller.ask(MessageType.SET_READER_CONFIG, requests.reader_config(600))
    heard = [message for _ in range(30) for message in caller.wait(0.1)]
    assert [message.message_type for message in heard].count(MessageType.KEEPALIVE) in {4, 5}  # 3 s by 0.6 s
    caller.reader.receive(Message(MessageType.KEEPALIVE_ACK, heard[0].message_id).encode())
    assert caller.reader.acknowledged == 1


def test_it_refuses_callers_requests_and_nonsense(caller: Caller) -> None:
    caller.reader.refuse_connections()
    caller.reader.greet()
    (greeting,) = caller.listen()
    assert connection_attempt_of(greeting) is ConnectionAttempt.TAKEN_BY_CLIENT
    caller.reader.refuse_connections(refuse=False)
    caller.start()
    assert status_of(caller.ask(MessageType.ADD_ROSPEC, requests.rospec(requests.Inventory()))).code == 104
    assert status_of(caller.ask(MessageType.ADD_ROSPEC, requests.rospec(requests.Inventory(2, (9,))))).code == 101
    assert status_of(caller.ask(MessageType.START_ROSPEC, requests.rospec_id(7))).code == 101
    assert caller.ask(40).message_type == MessageType.ERROR_MESSAGE
    caller.reader.answer_errors(401)
    assert status_of(caller.ask(MessageType.STOP_ROSPEC, requests.rospec_id(1))).code == 401


def test_good_bye_ends_the_talk_and_power_lost_forgets_what_it_was_told(caller: Caller) -> None:
    caller.reader.put_tags(TAG)
    caller.start()
    assert status_of(caller.ask(MessageType.CLOSE_CONNECTION)).is_success
    assert not caller.reader.connected
    assert caller.wait(1.0) == []
    caller.reader.switch_off()
    caller.reader.switch_on()
    assert not caller.reader.looks_for_tags
    assert caller.reader.tags == (TAG,)
    caller.reader.take_tags()
    assert caller.reader.tags == ()


def test_rubbish_on_its_line_does_not_stop_it(caller: Caller) -> None:
    caller.start()
    caller.reader.receive(b"GET / HTTP/1.0\r\n\r\n")
    caller.reader.receive(Message(MessageType.ADD_ROSPEC, 9, struct.pack(">H", 177)).encode())
    assert status_of(caller.listen()[0]).code == 101


def test_a_tag_must_be_hexadecimal(caller: Caller) -> None:
    with pytest.raises(ValueError, match="hex"):
        caller.reader.put_tags("no tag")
