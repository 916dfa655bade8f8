"""A simulated display shows what a person would see, and knows what it does not understand."""

from hypothesis import given
from hypothesis import strategies as st

from app.devices.line_display import DisplayPurpose
from hardware.simulated.line_display import SimulatedLineDisplay

pieces = st.lists(st.binary(max_size=80), max_size=12)
likely = st.lists(
    st.sampled_from([b"\x1b", b"Q", b"A", b"B", b"\r", b"\x0c", b"s", b"2", b"\x02L", b"0100", b"12.50", b"\xc5\xa3"]),
    max_size=60,
)


@given(st.sampled_from(["led8n", "cd5220", "chinese"]), pieces | likely)
def test_no_bytes_break_it(kind: str, data: list[bytes]) -> None:
    display = (
        SimulatedLineDisplay.led8n() if kind == "led8n" else SimulatedLineDisplay.cd5220(chinese=kind == "chinese")
    )
    for piece in data:
        assert display.receive(piece) == len(piece)
    assert len(display._waiting) <= 256
    assert len(display.misunderstood) <= 100
    display.receive(b"\r" * 300 + b"\x0c")
    assert not any(display.lines)


@given(likely)
def test_pieces_make_no_difference(data: list[bytes]) -> None:
    whole, split = SimulatedLineDisplay.led8n(), SimulatedLineDisplay.led8n()
    together = b"".join(data)
    whole.receive(together)
    for place in range(len(together)):
        split.receive(together[place : place + 1])
    assert (whole.lines, whole.lamp, whole.misunderstood) == (split.lines, split.lamp, split.misunderstood)


def test_while_whole_rows_are_written_only_clear_is_obeyed() -> None:
    display = SimulatedLineDisplay.cd5220()
    display.receive(b"\x1bQA" + b"Milk".ljust(20) + b"\r\x1bl\x01\x02")
    assert display.misunderstood[0] == b"\x1bl"
    display.receive(b"\x0c\x1bl\x01\x02Total")
    assert display.lines == ("", "Total")


def test_a_row_that_is_too_long_is_not_shown() -> None:
    display = SimulatedLineDisplay.led8n()
    display.receive(b"\x1bQA123456789\r")
    assert display.digits == ""
    assert display.misunderstood == (b"\x1bQA123456789\r",)
    display.receive(b"\x1bQA1.2.3.4.5.6.7.8.\r")
    assert display.digits == "1.2.3.4.5.6.7.8."


def test_its_picture_goes_with_its_power() -> None:
    display = SimulatedLineDisplay.led8n()
    display.receive(b"\x1bs2\x1bQA12.50\r")
    assert (display.digits, display.lamp) == ("12.50", DisplayPurpose.TOTAL)
    display.switch_off()
    display.switch_on()
    assert (display.digits, display.lamp) == ("", None)
