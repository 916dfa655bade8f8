"""The simulated printer does what a real one does with bytes, the wrong ones too."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.printers.profile import PrinterProfile
from hardware.simulated.printer import SimulatedPrinter


def test_chinese_outside_chinese_mode_comes_out_as_rubbish_as_on_a_real_printer() -> None:
    printer = SimulatedPrinter()
    printer.receive("牛奶".encode("gb18030") + b"\n")
    # C5 A3 C4 CC in code page 437
    assert printer.texts == ("┼ú─╠\n",)


def test_four_byte_characters_are_not_in_its_font() -> None:
    printer = SimulatedPrinter()
    printer.receive(b"\x1c&" + "𠮷".encode("gb18030") + b"\x1c.\n")
    assert printer.texts == ("��\n",)


def test_a_line_longer_than_the_paper_goes_on_in_the_next() -> None:
    printer = SimulatedPrinter(PrinterProfile(paper_mm=58))
    printer.receive(b"x" * 33 + b"\n")
    assert printer.texts == ("x" * 32 + "\nx\n",)


def test_status_bytes_are_those_of_a_healthy_printer() -> None:
    printer = SimulatedPrinter()
    printer.receive(b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04")
    # The drawer is shut; on this one a high level says so (bit 2).
    assert printer.replies(0) == bytes((0x16, 0x12, 0x12, 0x12))


def test_it_says_unasked_when_its_cover_is_opened() -> None:
    printer = SimulatedPrinter()
    printer.receive(b"\x1da\xff")
    printer.replies(0)
    printer.open_cover()
    # 10h, drawer high 04h, offline 08h, cover 20h
    assert printer.replies(0) == bytes((0x3C, 0, 0, 0))


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_crash(data: bytes) -> None:
    printer = SimulatedPrinter()
    printer.receive(data)
    assert len(printer.papers) >= 0
