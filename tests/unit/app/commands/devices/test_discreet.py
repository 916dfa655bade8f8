"""A shopper's payment code is not to be read on the bench, however its bytes come over the line."""

from hypothesis import given
from hypothesis import strategies as st

from app.commands.devices.discreet import DiscreetTail, masked_codes
from hardware.conversation import Direction, Exchange, Tail


def tail() -> DiscreetTail:
    now = [0.0]

    def later() -> float:
        now[0] += 0.2
        return now[0]

    return DiscreetTail(Tail(monotonic_s=later), Direction.FROM_DEVICE, Exchange)


@given(
    st.integers(10**15, 10**24 - 1).map(lambda number: str(number).encode()),
    st.sampled_from([b"", b"]Q1", b"]C0"]),
    st.lists(st.integers(1, 5), min_size=30, max_size=30),
    st.booleans(),
)
def test_a_long_code_is_never_shown_whole(code, prefix, sizes, ended):
    kept = tail()
    line = prefix + code + (b"\r" if ended else b"")
    for size in sizes:
        if line:
            kept(Direction.FROM_DEVICE, line[:size])
            line = line[size:]
    shown = b"".join(one.data for one in kept.exchanges)
    assert code not in shown
    # Of a code that may still go on no more than its first figures are shown.
    assert code[:8] not in shown


@given(st.integers(10**12, 10**13 - 1).map(lambda number: str(number).encode()))
def test_a_products_number_is_shown_when_it_is_whole(code):
    kept = tail()
    kept(Direction.FROM_DEVICE, code[:7])
    assert code not in b"".join(one.data for one in kept.exchanges)
    kept(Direction.FROM_DEVICE, code[7:] + b"\r")
    assert code in b"".join(one.data for one in kept.exchanges)


def test_a_face_code_and_a_code_behind_its_symbology_are_hidden():
    assert masked_codes(b"fp01234567890123456789012345678901234") == b"fp0123" + b"*" * 31
    assert masked_codes(b"]Q1134567890123456789") == b"]Q113456" + b"*" * 13


def test_a_flood_without_an_end_is_kept_within_bounds():
    kept = tail()
    for _ in range(200):
        kept(Direction.FROM_DEVICE, b"12345678" * 64)
    assert sum(len(one.data) for one in kept.exchanges) < 64 * 1024
    assert b"12345678" not in b"".join(one.data for one in kept.exchanges)


def test_what_is_sent_to_the_scanner_is_shown_as_it_is():
    kept = tail()
    kept(Direction.TO_DEVICE, b"134567890123456789")
    assert kept.exchanges[0].data == b"134567890123456789"
