"""Messages are found in any stream and read whatever it holds."""

import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.terminals.discretion import DiscreetTransport, masked_for_watchers
from hardware.terminals.framing import LONGEST_BYTES, FrameReader, framed
from hardware.terminals.messages import read_message

messages = st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4).map(lambda m: json.dumps(m).encode())
noise = st.binary(max_size=30).filter(lambda data: 0 not in data)


def in_pieces(reader: FrameReader, data: bytes, cuts: list[int]) -> list[bytes]:
    found, start = [], 0
    for end in [*sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]:
        found += reader.take(data[start:end])
        start = end
    return found


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_no_bytes_break_the_reader_and_it_keeps_no_more_than_one_message(pieces: list[bytes]) -> None:
    reader = FrameReader()
    for piece in pieces:
        reader.take(piece)
    assert len(reader._waiting) <= LONGEST_BYTES + 4
    for _ in range(len(reader._waiting)):
        reader.give_up()
    assert not reader.incomplete


@given(st.lists(st.tuples(noise, messages), max_size=5), st.lists(st.integers(0, 2000), max_size=20))
def test_messages_are_found_between_noise_in_any_pieces(sent: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    stream = b"".join(before + framed(message) for before, message in sent)
    assert in_pieces(FrameReader(), stream, cuts) == [message for _, message in sent]


@given(messages, messages, st.integers(1, 10))
def test_a_message_that_broke_off_costs_no_more_than_the_next_one(lost: bytes, next_one: bytes, kept: int) -> None:
    reader = FrameReader()
    assert reader.take(framed(lost)[: 4 + min(kept, len(lost) - 1)]) == ()
    found = [*reader.take(framed(next_one))]
    for _ in range(400):
        if not reader.incomplete:
            break
        found += reader.give_up()
    assert reader.take(framed(b'{"a":1}'))[-1] == b'{"a":1}'


def test_a_length_that_no_message_has_is_noise() -> None:
    reader = FrameReader()
    assert reader.take((LONGEST_BYTES + 1).to_bytes(4, "big") + b"{" + b"x" * 100) == ()
    assert reader.take(framed(b"{}")) == (b"{}",)
    assert reader.take(b"HTTP/1.1 400 Bad Request\r\n\r\n" + framed(b"{}")) == (b"{}",)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_a_message(data: bytes) -> None:
    read_message(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=15,
)


@given(json_values, json_values)
def test_no_json_breaks_the_reading_of_a_message(header: object, body: object) -> None:
    for message in (
        body,
        {"SaleToPOIResponse": body},
        {"SaleToPOIResponse": {"MessageHeader": header, "PaymentResponse": body}},
        {"SaleToPOIResponse": {"MessageHeader": {}, "PaymentResponse": {"Response": header, "PaymentResult": body}}},
        {"SaleToPOIRequest": {"MessageHeader": {}, "DisplayRequest": {"DisplayOutput": body}}},
    ):
        read_message(json.dumps(message).encode())


def test_messages_without_end_or_bottom_are_refused() -> None:
    for data in (b"[" * 500_000, b'{"a":' * 200_000, b'{"a":1e999999999}', b"1" * 100_000, b'{"a":-1e-999999}'):
        assert read_message(data) is None or data.startswith(b'{"a":')


def test_unknown_fields_and_nulls_are_passed_over() -> None:
    header = {"ServiceID": "1", "POIID": None, "Invented": {"deep": [1, None]}}
    message = read_message(json.dumps({"SaleToPOIResponse": {"MessageHeader": header, "Other": 3}}).encode())
    assert message is not None
    assert message.sale_to_poi_response is not None
    assert message.sale_to_poi_response.message_header.service_id == "1"
    assert message.sale_to_poi_response.message_header.poi_id == ""


class Piecewise:
    """A line that gives one text in pieces."""

    can_read = True

    def __init__(self, pieces: list[bytes]) -> None:
        self.left = pieces

    def open(self) -> None: ...

    def close(self) -> None: ...

    def write(self, data: bytes, timeout_s: float) -> int:
        return len(data)

    def read(self, timeout_s: float) -> bytes:
        return self.left.pop(0) if self.left else b""


@settings(max_examples=200)
@given(st.lists(st.integers(1, 60), max_size=8), st.sampled_from(["4111111111111111", "4111 1111 1111 1111"]))
def test_who_watches_the_line_sees_no_card_number_in_whatever_pieces_it_comes(cuts: list[int], number: str) -> None:
    text = f'{{"MaskedPan":"{number}","ServiceID":"ABC123"}}'.encode()
    ends = [0, *sorted({cut % len(text) for cut in cuts} - {0}), len(text)]
    pieces = [text[start:end] for start, end in pairwise(ends)]
    seen: list[bytes] = []

    class Watching:
        can_read = True

        def __init__(self, inner: Piecewise) -> None:
            self.inner = inner

        def read(self, timeout_s: float) -> bytes:
            seen.append(self.inner.read(timeout_s))
            return seen[-1]

    line = DiscreetTransport(Piecewise(list(pieces)), Watching)  # type: ignore[arg-type] # only reads are watched
    assert b"".join(line.read(0) for _ in pieces) == text
    watched = b"".join(seen)
    assert len(watched) == len(text)
    figure = watched[14 : 14 + len(number)]
    assert figure.count(b"*") == 16 or figure.strip(b"* ") == b"", (watched, pieces)


def test_short_names_are_seen_as_they_are() -> None:
    assert masked_for_watchers(b'{"ServiceID":"1234567890"}') == b'{"ServiceID":"1234567890"}'
