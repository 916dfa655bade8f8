"""Answers of a printer are told apart by their fixed bits, however they are chopped up."""

import pytest
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


@pytest.mark.parametrize(
    ("bit", "state"),
    [
        (0x04, PrinterState.RECOVERABLE_ERROR),
        (0x08, PrinterState.CUTTER_ERROR),
        (0x20, PrinterState.UNRECOVERABLE_ERROR),
        (0x40, PrinterState.OVERHEATED),
    ],
)
def test_each_fault_has_its_own_state_whichever_way_it_is_told(bit: int, state: PrinterState) -> None:
    assert decode_replies(0x1A, 0x12 | 0x40, 0x12, 0x12 | bit).state is state
    assert decode_automatic(bytes((0x18, bit, 0, 0))).state is state


def test_every_state_has_a_sentence_of_its_own() -> None:
    sentences = {str(state.sentence()) for state in PrinterState}
    assert len(sentences) == len(PrinterState)


def test_a_fault_without_a_cause_is_a_fault_all_the_same() -> None:
    assert decode_replies(0x1A, 0x12 | 0x40, 0x12, 0x12).state is PrinterState.ERROR


def test_the_pin_of_the_drawer_is_read_both_ways() -> None:
    assert decode_replies(0x16, 0x12, 0x12).sensor_high is True
    assert decode_replies(0x12, 0x12, 0x12).sensor_high is False
    assert decode_automatic(bytes((0x14, 0, 0, 0))).sensor_high is True
    assert decode_automatic(bytes((0x10, 0, 0, 0))).sensor_high is False


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


@given(st.lists(st.binary(max_size=50)))
def test_noise_never_breaks_it_and_fills_no_memory(pieces: list[bytes]) -> None:
    sorter = ReplySorter()
    for piece in pieces:
        sorter.take(piece)
    assert len(sorter.direct) <= 32
    assert len(sorter.ordered) <= 32
    assert set(sorter.ordered) <= {0x00, 0x03, 0x0C, 0x0F}
    assert all(byte & 0x93 == 0x12 for byte in sorter.direct)


@given(st.lists(st.binary(max_size=50)))
def test_the_pieces_make_no_difference(pieces: list[bytes]) -> None:
    whole, parts = ReplySorter(), ReplySorter()
    whole.take(b"".join(pieces))
    for piece in pieces:
        parts.take(piece)
    assert (whole.automatic, whole.noise) == (parts.automatic, parts.noise)
    assert whole.direct == parts.direct


@given(st.sampled_from([0x00, 0x03, 0x0C, 0x0F]), st.integers(0, 7))
def test_a_confirmation_with_one_wrong_bit_is_none(answer: int, bit: int) -> None:
    sorter = ReplySorter()
    sorter.take(bytes((answer ^ (1 << bit),)))
    assert sorter.ordered == []


@given(st.integers(0, 255), st.sampled_from([0, 1, 4, 7]))
def test_an_answer_with_a_wrong_fixed_bit_is_none(status: int, bit: int) -> None:
    """The status bits have no check: those the driver asks for twice."""
    answer = status & 0x6C | 0x12
    sorter = ReplySorter()
    sorter.take(bytes((answer ^ (1 << bit),)))
    assert sorter.direct == []


def test_the_pauses_that_a_printer_asks_for_on_a_serial_line_are_no_noise() -> None:
    sorter = ReplySorter()
    sorter.take(b"\x13\x12\x11")
    assert (sorter.direct, sorter.noise) == ([0x12], 0)
