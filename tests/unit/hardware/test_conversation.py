"""What goes over a line is watched within bounds, written down readably, and played again byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.conversation import (
    BadConversation,
    ConversationDiffers,
    Direction,
    Exchange,
    ObservedTransport,
    Recorder,
    ReplayTransport,
    Tail,
    read_conversation,
    write_conversation,
)

TO, FROM = Direction.TO_DEVICE, Direction.FROM_DEVICE
EXCHANGES = st.lists(st.builds(Exchange, st.sampled_from(Direction), st.binary(min_size=1, max_size=40)), max_size=12)


@given(EXCHANGES)
def test_a_written_conversation_reads_back_as_it_was(exchanges):
    text = write_conversation(exchanges, ["source: a manual", "second remark"])
    assert read_conversation(text) == tuple(exchanges)
    assert text.isascii()


def test_a_conversation_is_readable_for_a_person():
    text = write_conversation([Exchange(TO, b"W\r"), Exchange(FROM, b"\x02 1.245\\\r")], ["source: a manual"])
    assert text == "# source: a manual\n> W\\x0d\n< \\x02 1.245\\\\\\x0d\n"


@pytest.mark.parametrize("line", ["? W", ">W", "> \\q", "< é"])
def test_a_line_that_cannot_be_read_is_named(line):
    with pytest.raises(BadConversation, match="2"):
        read_conversation(f"> W\n{line}\n")


def test_a_played_conversation_answers_when_it_is_the_devices_turn():
    replay = ReplayTransport(read_conversation("> W\\x0d\n< \\x02 1.2\n< 45\\x0d\n> Z\n"))
    replay.open()
    assert replay.read(0.1) == b""
    assert replay.write(b"W\r", 0.1) == 2
    assert replay.read(0.1) == b"\x02 1.2"
    assert replay.read(0.1) == b"45\r"
    assert not replay.finished
    assert replay.write(b"Z", 0.1) == 1
    assert replay.finished


@pytest.mark.parametrize("said", [b"X\r", b"W\rmore"])
def test_a_driver_that_says_something_else_than_then_is_found_out(said):
    replay = ReplayTransport(read_conversation("> W\\x0d\n< ok\n"))
    with pytest.raises(ConversationDiffers):
        replay.write(said[replay.write(said, 0.1) :], 0.1)


class Echo:
    can_read = True

    def __init__(self) -> None:
        self.sent = b""

    def open(self) -> None: ...

    def write(self, data: bytes, timeout_s: float) -> int:
        self.sent += data[:3]
        return min(3, len(data))

    def read(self, timeout_s: float) -> bytes:
        sent, self.sent = self.sent, b""
        return sent

    def close(self) -> None: ...


def test_an_observer_is_told_what_was_taken_not_what_was_offered():
    heard = Recorder()
    watched = ObservedTransport(Echo(), heard)
    assert watched.write(b"abcdef", 0.1) == 3
    assert watched.read(0.1) == b"abc"
    assert watched.read(0.1) == b""
    assert heard.exchanges == [Exchange(TO, b"abc"), Exchange(FROM, b"abc")]
    assert heard.written == b"abc"


@given(st.lists(st.tuples(st.sampled_from(Direction), st.binary(min_size=1, max_size=600)), max_size=60))
def test_the_last_bytes_are_kept_within_bounds_however_much_goes_through(pieces):
    now = [0.0]
    tail = Tail(most=8, most_bytes=32, monotonic_s=lambda: now[0])
    for direction, data in pieces:
        tail(direction, data)
        now[0] += 0.1
    assert len(tail.exchanges) <= 8
    assert all(len(one.data) <= 32 for one in tail.exchanges)
    if pieces:
        assert tail.exchanges[-1].data == pieces[-1][1][-32:]


def test_bytes_that_come_together_stand_together():
    now = [0.0]
    tail = Tail(monotonic_s=lambda: now[0])
    tail(FROM, b"a")
    now[0] += 0.01
    tail(FROM, b"b")
    now[0] += 1.0
    tail(FROM, b"c")
    assert [one.data for one in tail.exchanges] == [b"ab", b"c"]
