"""The simulated printer does what a real one does with bytes, the wrong ones too."""

import zxingcpp
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


def test_without_its_cable_it_prints_what_is_in_its_buffer_and_tells_nobody() -> None:
    printer = SimulatedPrinter()
    printer.take_paper_out()
    printer.receive(b"kept\n\x1dr\x01")
    printer.unplug()
    printer.load_paper()
    assert printer.texts == ("kept\n",)
    printer.plug_in()
    assert printer.replies(0) == b""


def test_without_power_it_forgets_what_is_in_its_buffer() -> None:
    printer = SimulatedPrinter()
    printer.take_paper_out()
    printer.receive(b"lost\n")
    printer.switch_off()
    printer.switch_on()
    printer.load_paper()
    assert printer.texts == ()


def test_it_tells_the_cause_of_a_fault_and_goes_on_when_told_to() -> None:
    printer = SimulatedPrinter()
    printer.jam_knife()
    printer.receive(b"goes on\n\x10\x04\x02\x10\x04\x03")
    # 12h and: fault 40h; cutter 08h
    assert printer.replies(0) == bytes((0x52, 0x1A))
    assert printer.texts == ()
    printer.receive(b"\x10\x05\x01")
    assert printer.texts == ("goes on\n",)


def test_a_fault_that_cannot_be_recovered_from_stays_until_it_is_switched_off() -> None:
    printer = SimulatedPrinter()
    printer.break_down()
    printer.receive(b"\x10\x05\x01\x10\x04\x03")
    assert printer.replies(0) == b"\x32"
    printer.switch_off()
    printer.switch_on()
    printer.receive(b"\x10\x04\x03")
    assert printer.replies(0) == b"\x12"


def test_it_draws_ean_symbols_and_refuses_wrong_digits() -> None:
    printer = SimulatedPrinter()
    printer.receive(b"\x1dk\x43\x0d6901234567892\x1dk\x44\x0896385074")
    picture = printer.papers[0].picture
    assert {code.text for code in zxingcpp.read_barcodes(picture)} == {"6901234567892", "96385074"}
    printer.receive(b"\x1dk\x43\x0d6901234567890")
    assert printer.misunderstood == (b"\x1dk\x43",)


def test_characters_come_eight_times_as_large_as_well() -> None:
    printer = SimulatedPrinter()
    printer.receive(b"\x1d!\x77A\n")
    # 24 dots of character, eight times, and 24 dots of margin above and below.
    assert printer.papers[0].picture.height == 24 * 8 + 48
