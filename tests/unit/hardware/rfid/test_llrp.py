"""The language of tag readers, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.rfid import llrp_requests as requests
from hardware.rfid.llrp import (
    HEADER_BYTES,
    MOST_BYTES,
    Message,
    MessageStream,
    MessageType,
    Parameter,
    ParameterType,
    parameters,
)
from hardware.rfid.llrp_reading import (
    AntennaState,
    ConnectionAttempt,
    LlrpStatus,
    ReaderFacts,
    TagRead,
    antennas_of,
    connection_attempt_of,
    facts_of,
    status_of,
    tags_of,
)

# Captured from an Impinj Speedway R220 (Octane 7.6.3.240) right after the call.
R220_GREETING = bytes.fromhex("043f0000002000000000 00f600160080000c00065c150675cca3 010000060000")
# Captured from a Bluebird FR900: one tag with 128 bits, antenna 1, -73 dBm, its PC word, and a parameter of the maker.
FR900_REPORT = bytes.fromhex(
    "043d0000003a00000000 00f00030 00f1001600808504700004905050315530340070230081000186b78c440003ff000e00005e95000000380016"
)
# An ADD_ROSPEC as another maker's host sent it: three AISpecs with antennas 2, 3 and both.
OTHER_ADD_ROSPEC = bytes.fromhex(
    "0414000000c6000000670"
    "0b100bc00000001000000b2001d00b300100300b5000b00018000000000"
    "00b60009000000000000b7002b0001000200b8000901"
    "0000ea6000ba001a000101 00de00130000014a000d00014f00080000000000b7002b00010003"
    "00b80009010000ea6000ba001a00010100de00130000014a000d00014f0008000000"
    "0000b7002d00020002000300b80009010000ea6000ba001a00010100de00130000014a000d00014f00080000000000ed00120100000"
    "0ee000bffc0015c0005c0"
)


def read(data: bytes) -> Message:
    (message,) = MessageStream().feed(data)
    return message


def test_a_captured_greeting_says_that_the_connection_stands() -> None:
    message = read(R220_GREETING)
    assert message.message_type == MessageType.READER_EVENT_NOTIFICATION
    assert connection_attempt_of(message) is ConnectionAttempt.SUCCESS
    assert antennas_of(message) == ()


def test_a_captured_report_gives_the_tag_and_passes_over_the_makers_own_parameter() -> None:
    assert tags_of(read(FR900_REPORT)) == (TagRead("85047000049050503155303400702300", antenna=1, rssi_dbm=-73),)


def test_what_another_host_sent_is_taken_apart_to_its_ends() -> None:
    message = read(OTHER_ADD_ROSPEC)
    assert (message.message_type, message.message_id) == (MessageType.ADD_ROSPEC, 0x67)
    (rospec,) = parameters(message.body)
    assert rospec.parameter_type == ParameterType.RO_SPEC
    inside = parameters(rospec.body, 6)
    assert [one.parameter_type for one in inside] == [178, 183, 183, 183, 237]
    assert [one.body[:6].hex() for one in inside[1:4]] == ["0001000200b8", "0001000300b8", "000200020003"]
    assert Message(message.message_type, 0x67, rospec.encode()).encode() == OTHER_ADD_ROSPEC


def test_the_tills_own_rospec_is_what_the_standard_asks_for() -> None:
    # By LLRP 1.1 section 17.2.4, lengths counted by hand: number 1, priority 0, disabled; started and stopped by
    # request (null triggers); antenna 0 is all; null stop; air protocol 1; session 0, 32 tags; a report for each tag
    # (trigger 1, N 1) with antenna (0x1000), RSSI (0x0400), first seen (0x0200) and count (0x0080).
    assert requests.rospec(requests.Inventory()).hex(" ") == (
        "00 b1 00 57 00 00 00 01 00 00"
        " 00 b2 00 12 00 b3 00 05 00 00 b6 00 09 00 00 00 00 00"
        " 00 b7 00 2e 00 01 00 00 00 b8 00 09 00 00 00 00 00"
        " 00 ba 00 1d 00 01 01 00 de 00 16 00 00 01 4a 00 10 00 01 50 00 0b 00 00 20 00 00 00 00"
        " 00 ed 00 0d 01 00 01 00 ee 00 06 16 80"
    )


def test_named_antennas_and_another_session_stand_in_the_rospec() -> None:
    (rospec,) = parameters(requests.rospec(requests.Inventory(antennas=(1, 3), session=2)))
    look = parameters(rospec.body, 6)[1]
    assert look.body[:6].hex() == "000200010003"
    assert b"\x01\x50\x00\x0b\x80" in look.body


def test_air_settings_can_be_left_to_the_reader() -> None:
    # 22 bytes of AntennaConfiguration (de 00 16) less, in each of the lengths around it.
    assert requests.rospec(requests.Inventory(session=None)).hex(" ") == (
        "00 b1 00 41 00 00 00 01 00 00"
        " 00 b2 00 12 00 b3 00 05 00 00 b6 00 09 00 00 00 00 00"
        " 00 b7 00 18 00 01 00 00 00 b8 00 09 00 00 00 00 00"
        " 00 ba 00 07 00 01 01"
        " 00 ed 00 0d 01 00 01 00 ee 00 06 16 80"
    )


def test_the_reader_is_told_to_give_signs_of_life_and_word_of_its_antennas() -> None:
    # SET_READER_CONFIG, 17.1.25: no reset; notifications of type 8 (antenna) on; keepalive periodic, 600 ms = 0x258.
    assert requests.reader_config(600).hex(" ") == "00 00 f4 00 0b 00 f5 00 07 00 08 80 00 dc 00 09 01 00 00 02 58"


def test_a_reader_says_what_it_is_and_what_is_unknown_is_passed_over() -> None:
    # The values a Speedway R220 reports, followed by its GPIO capabilities, which nobody asked for.
    body = bytes.fromhex("011f000800000000 0089001b0002c0000000651a001e88690009372e362e332e323430 008d000800040004")
    message = Message(MessageType.GET_READER_CAPABILITIES_RESPONSE, 1, body)
    assert facts_of(message) == ReaderFacts(antennas=2, maker=25882, model=2001001, firmware="7.6.3.240")
    assert status_of(message) == LlrpStatus(0)


def test_a_refusal_is_read_with_the_readers_own_words() -> None:
    message = Message(MessageType.ADD_ROSPEC_RESPONSE, 1, bytes.fromhex("011f000c006500046f6f7073"))
    assert status_of(message) == LlrpStatus(101, "oops")
    shouting = Message(MessageType.ADD_ROSPEC_RESPONSE, 1, bytes.fromhex("011f000c00650004") + b"\x1b[2J")
    assert status_of(shouting) == LlrpStatus(101, "[2J")


@pytest.mark.parametrize(
    ("status", "attempt"),
    [
        ("0000", ConnectionAttempt.SUCCESS),
        ("0001", ConnectionAttempt.TAKEN_BY_READER),
        ("0002", ConnectionAttempt.TAKEN_BY_CLIENT),
        ("0003", ConnectionAttempt.FAILED),
        ("0004", ConnectionAttempt.ANOTHER_ATTEMPTED),
        ("7777", ConnectionAttempt.FAILED),
    ],
)
def test_every_word_on_the_connection_is_understood(status: str, attempt: ConnectionAttempt) -> None:
    body = bytes.fromhex("00f6000a01000006" + status)
    assert connection_attempt_of(Message(MessageType.READER_EVENT_NOTIFICATION, 0, body)) is attempt


def test_antennas_are_told_by_event_and_by_answer() -> None:
    event = Message(MessageType.READER_EVENT_NOTIFICATION, 0, bytes.fromhex("00f6000b 00ff0007 00 0002"))
    assert antennas_of(event) == (AntennaState(2, connected=False),)
    answer = Message(
        MessageType.GET_READER_CONFIG_RESPONSE,
        0,
        bytes.fromhex("011f000800000000 00dd0009 80 0001 0258 00dd0009 00 0002 0258"),
    )
    assert antennas_of(answer) == (AntennaState(1, connected=True), AntennaState(2, connected=False))


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 401 Unauthorized\r\n",
        bytes.fromhex("e4010000000a00000001"),  # reserved bits
        bytes.fromhex("1c010000000a00000001"),  # version 7
        bytes.fromhex("04010000000900000001"),  # shorter than its own header
        bytes.fromhex("0401ffffffff00000001"),  # 4 GB
        bytes.fromhex("04010010000100000001"),  # one byte more than allowed
    ],
)
def test_what_is_no_llrp_breaks_the_stream_and_takes_no_memory(data: bytes) -> None:
    stream = MessageStream()
    assert stream.feed(data) == ()
    assert stream.broken
    assert stream.feed(R220_GREETING) == ()
    assert stream.waiting_bytes == 0


def test_version_1_1_is_understood() -> None:
    (message,) = MessageStream().feed(b"\x08" + R220_GREETING[1:])
    assert connection_attempt_of(message) is ConnectionAttempt.SUCCESS


def test_a_damaged_entry_does_not_take_the_others_with_it() -> None:
    good = bytes.fromhex("00f000118d3074257bf7194e4000001a85")
    cut = bytes.fromhex("00f000098d30742500")
    report = Message(MessageType.RO_ACCESS_REPORT, 1, good + cut + good)
    assert [tag.epc for tag in tags_of(report)] == ["3074257BF7194E4000001A85"] * 2


messages = st.builds(Message, st.integers(0, 1023), st.integers(0, 0xFFFF_FFFF), st.binary(max_size=80))
tlv = st.builds(Parameter, st.integers(128, 1023), st.binary(max_size=40))
tv = st.sampled_from([(1, 2), (2, 8), (6, 1), (8, 2), (13, 12), (18, 4)]).flatmap(
    lambda kind: st.builds(Parameter, st.just(kind[0]), st.binary(min_size=kind[1], max_size=kind[1]))
)


@given(st.lists(messages, max_size=5), st.lists(st.integers(1, 30), max_size=40))
def test_messages_come_back_whole_in_whatever_pieces_they_arrive(said: list[Message], sizes: list[int]) -> None:
    data = b"".join(message.encode() for message in said)
    stream, heard, place = MessageStream(), [], 0
    for size in [*sizes, len(data)]:
        heard += stream.feed(data[place : place + size])
        place += size
    assert heard == said
    assert not stream.broken
    assert stream.waiting_bytes == 0


@given(st.lists(tlv | tv, max_size=6))
def test_parameters_come_back(said: list[Parameter]) -> None:
    assert list(parameters(b"".join(one.encode() for one in said))) == said


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_nothing_that_a_line_brings_breaks_the_till(pieces: list[bytes]) -> None:
    stream = MessageStream()
    for piece in pieces:
        for message in stream.feed(piece):
            assert len(message.body) <= MOST_BYTES - HEADER_BYTES
        assert stream.waiting_bytes <= MOST_BYTES


@given(
    st.sampled_from(MessageType),
    st.binary(max_size=200) | st.lists(tlv | tv, max_size=5).map(lambda said: b"".join(one.encode() for one in said)),
)
def test_no_body_breaks_the_reading_of_any_message(kind: MessageType, body: bytes) -> None:
    message = Message(kind, 1, body)
    for reading in (status_of, tags_of, connection_attempt_of, antennas_of, facts_of):
        reading(message)


@given(st.binary(max_size=120))
def test_no_tag_is_made_up_from_a_damaged_report(entry: bytes) -> None:
    report = Message(MessageType.RO_ACCESS_REPORT, 1, Parameter(ParameterType.TAG_REPORT_DATA, entry).encode())
    for tag in tags_of(report):
        assert bytes.fromhex(tag.epc) in entry
        assert tag.count >= 1


def test_what_no_wire_carries_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="bytes"):
        Message(1, 1, bytes(MOST_BYTES)).encode()
    with pytest.raises(ValueError, match="TV parameter"):
        Parameter(ParameterType.EPC_96, b"short").encode()
