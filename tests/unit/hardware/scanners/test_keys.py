"""What a scanner types, told from the kernel's events."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.scanners.keys import EVENT_32, EVENT_64, EVENT_NATIVE, UNKNOWN_KEY, KeyDecoder

# linux/input-event-codes.h
KEY_ESC, KEY_1, KEY_2, KEY_TAB, KEY_Q, KEY_RIGHTBRACE, KEY_ENTER, KEY_LEFTCTRL, KEY_A = 1, 2, 3, 15, 16, 27, 28, 29, 30
KEY_LEFTSHIFT, KEY_M, KEY_RIGHTSHIFT, KEY_CAPSLOCK, KEY_F8, KEY_NUMLOCK, KEY_KP7, KEY_KPENTER = (
    42,
    50,
    54,
    58,
    66,
    69,
    71,
    96,
)
EV_SYN, EV_KEY, EV_MSC = 0, 1, 4
SYN_REPORT, SYN_DROPPED = 0, 3


def event(kind: int, code: int, value: int, layout: struct.Struct = EVENT_NATIVE) -> bytes:
    return layout.pack(1_700_000_000, 999_999, kind, code, value)


def tap(*keys: int, layout: struct.Struct = EVENT_NATIVE) -> bytes:
    """The last key with the others held."""
    *held, key = keys
    return b"".join(
        [
            *(event(EV_KEY, one, 1, layout) for one in held),
            event(EV_MSC, 4, 0x7001E, layout),
            event(EV_KEY, key, 1, layout),
            event(EV_SYN, SYN_REPORT, 0, layout),
            event(EV_KEY, key, 0, layout),
            *(event(EV_KEY, one, 0, layout) for one in held),
            event(EV_SYN, SYN_REPORT, 0, layout),
        ]
    )


def test_the_kernels_event_is_as_large_as_this_python_says() -> None:
    assert EVENT_NATIVE.size == (24 if struct.calcsize("P") == 8 else 16)
    assert (EVENT_64.size, EVENT_32.size) == (24, 16)


@pytest.mark.parametrize("layout", [EVENT_64, EVENT_32])
def test_both_layouts_of_the_event_are_read(layout: struct.Struct) -> None:
    assert KeyDecoder(layout).feed(tap(KEY_1, layout=layout) + tap(KEY_ENTER, layout=layout)) == b"1\r"


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        ((KEY_1,), b"1"),
        ((11,), b"0"),
        ((KEY_Q,), b"q"),
        ((KEY_LEFTSHIFT, KEY_Q), b"Q"),
        ((KEY_RIGHTSHIFT, KEY_2), b"@"),
        ((KEY_RIGHTBRACE,), b"]"),
        ((KEY_LEFTCTRL, KEY_RIGHTBRACE), b"\x1d"),
        ((97, KEY_RIGHTBRACE), b"\x1d"),
        ((KEY_LEFTCTRL, KEY_M), b"\r"),
        ((KEY_KP7,), b"7"),
        ((82,), b"0"),
        ((98,), b"/"),
        ((KEY_ENTER,), b"\r"),
        ((KEY_KPENTER,), b"\r"),
        ((KEY_TAB,), b"\t"),
        ((57,), b" "),
        ((43,), b"\\"),
        ((KEY_LEFTSHIFT, 53), b"?"),
        ((KEY_NUMLOCK,), b""),
        ((KEY_F8,), UNKNOWN_KEY),
        ((KEY_ESC,), UNKNOWN_KEY),
        ((KEY_LEFTCTRL, KEY_1), UNKNOWN_KEY),
    ],
)
def test_each_key_is_the_character_of_the_united_states_layout(keys: tuple[int, ...], typed: bytes) -> None:
    assert KeyDecoder().feed(tap(*keys)) == typed


def test_every_printable_character_can_be_typed() -> None:
    plain = {KeyDecoder().feed(tap(key)) for key in range(2, 58)}
    shifted = {KeyDecoder().feed(tap(KEY_LEFTSHIFT, key)) for key in range(2, 58)}

    assert {bytes([code]) for code in range(0x20, 0x7F)} <= plain | shifted


def test_a_key_that_is_held_down_counts_once() -> None:
    held = event(EV_KEY, KEY_1, 1) + event(EV_KEY, KEY_1, 2) * 30 + event(EV_KEY, KEY_1, 0)

    assert KeyDecoder().feed(held) == b"1"


def test_caps_lock_turns_letters_only() -> None:
    decoder = KeyDecoder()

    assert decoder.feed(tap(KEY_CAPSLOCK) + tap(KEY_A) + tap(KEY_LEFTSHIFT, KEY_A) + tap(KEY_1)) == b"Aa1"
    assert decoder.feed(tap(KEY_CAPSLOCK) + tap(KEY_A)) == b"a"


def test_events_that_were_lost_spoil_the_code_and_the_keys_held_are_asked_for() -> None:
    decoder = KeyDecoder()
    lost = event(EV_SYN, SYN_DROPPED, 0) + event(EV_KEY, KEY_Q, 1) + event(EV_SYN, SYN_REPORT, 0)

    assert decoder.feed(tap(KEY_1) + lost) == b"1" + UNKNOWN_KEY
    asked = [decoder.resynchronise]
    decoder.hold({KEY_LEFTSHIFT, KEY_Q})
    asked.append(decoder.resynchronise)
    assert asked == [True, False]
    assert decoder.feed(event(EV_KEY, KEY_A, 1)) == b"A"
    assert decoder.feed(event(EV_KEY, KEY_LEFTSHIFT, 0) + tap(KEY_A)) == b"a"


@given(st.binary(max_size=600), st.lists(st.integers(0, 600), max_size=6))
def test_any_bytes_in_any_pieces_give_the_same_characters(data: bytes, cuts: list[int]) -> None:
    whole, pieces = KeyDecoder(), KeyDecoder()
    typed = whole.feed(data)
    places = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    in_pieces = b"".join(pieces.feed(data[start:end]) for start, end in pairwise(places))

    assert in_pieces == typed
    assert all(byte < 0x7F for byte in typed)


events = st.tuples(st.sampled_from([0, 1, 4, 17]), st.integers(0, 255), st.integers(-1, 3))


@given(st.lists(events, max_size=60))
def test_any_events_give_characters_or_nothing(sent: list[tuple[int, int, int]]) -> None:
    typed = KeyDecoder().feed(b"".join(event(*one) for one in sent))

    assert len(typed) <= len(sent)
