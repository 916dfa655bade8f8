"""Answers of a printer are told apart by their fixed bits, however they are chopped up."""

from hypothesis import given
from hypothesis import strategies as st

from hardware.printers.status import PrinterState, ReplySorter, decode_automatic, decode_replies


def test_trouble_to_mend_first_is_shown_first() -> None:
    # Cover open (04h) and, of course, no paper seen (20h; 60h).
    assert decode_replies(0x1A, 0x12 | 0x24, 0x12 | 0x60).state is PrinterState.COVER_OPEN
    assert decode_replies(0x1A, 0x12 | 0x20, 0x12 | 0x60).state is PrinterState.PAPER_OUT
    assert decode_replies(0x1A, 0x12 | 0x40, 0x12).state is PrinterState.ERROR
    assert decode_replies(0x1A, 0x12, 0x12).state is PrinterState.PAUSED
    assert decode_replies(0x12, 0x12, 0x12 | 0x0C).state is PrinterState.PAPER_LOW
    assert decode_replies(0x12, 0x12, 0x12).state is PrinterState.READY


def test_automatic_status_reads_the_same() -> None:
    assert decode_automatic(bytes((0x38, 0, 0, 0))).state is PrinterState.COVER_OPEN
    assert decode_automatic(bytes((0x18, 0, 0x0C, 0))).state is PrinterState.PAPER_OUT
    assert decode_automatic(bytes((0x10, 0, 0x03, 0))).state is PrinterState.PAPER_LOW


@given(st.integers(1, 8))
def test_answers_that_come_in_pieces_are_put_together(size: int) -> None:
    stream = bytes((0x12, 0x38, 0x00, 0x0C, 0x00, 0x0F, 0x16))
    sorter = ReplySorter()
    for start in range(0, len(stream), size):
        sorter.take(stream[start : start + size])
    assert sorter.direct == [0x12, 0x16]
    assert sorter.ordered == [0x0F]
    assert sorter.automatic is not None
    assert sorter.automatic.cover_open
    assert sorter.automatic.paper_out


@given(st.binary())
def test_noise_never_breaks_it(data: bytes) -> None:
    ReplySorter().take(data)
