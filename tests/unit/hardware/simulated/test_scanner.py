"""The simulated scanner sends what a real one does."""

import pytest

from hardware.simulated.device import Trouble
from hardware.simulated.lines import SimulatedTransport
from hardware.simulated.scanner import SimulatedScanner, Suffix

MILK = "6901234567892"


@pytest.mark.parametrize(
    ("suffix", "end"), [("cr", b"\r"), ("lf", b"\n"), ("crlf", b"\r\n"), ("tab", b"\t"), ("etx", b"\x03")]
)
def test_a_scan_is_prefix_identifier_data_and_end(suffix: Suffix, end: bytes) -> None:
    scanner = SimulatedScanner(suffix=suffix, prefix="\x02")

    assert scanner.scan(MILK, "]E0")
    assert scanner.replies(0.0) == b"\x02]E06901234567892" + end


def test_identifiers_are_sent_only_where_it_was_set_up_so() -> None:
    scanner = SimulatedScanner(aim=False)
    scanner.scan(MILK, "]E0")

    assert scanner.replies(0.0) == b"6901234567892\r"


def test_text_is_sent_in_its_encoding_and_bytes_as_they_are() -> None:
    scanner = SimulatedScanner(encoding="gb18030")
    scanner.scan("会员")
    scanner.scan(b"\xff")

    assert scanner.replies(0.0) == "会员".encode("gb18030") + b"\r\xff\r"


def test_a_damaged_scan_holds_one_control_byte() -> None:
    scanner = SimulatedScanner(seed=3)
    scanner.damaged_scan(MILK)
    sent = scanner.replies(0.0)

    assert len(sent) == len(MILK) + 1
    assert [byte < 0x20 or byte == 0x7F for byte in sent[:-1]].count(True) == 1


def test_without_power_or_cable_it_reads_nothing_and_nothing_comes_later() -> None:
    scanner = SimulatedScanner()
    scanner.unplug()
    assert not scanner.scan(MILK)
    scanner.plug_in()
    scanner.switch_off()
    assert not scanner.damaged_scan()
    scanner.switch_on()

    assert scanner.replies(0.0) == b""
    assert scanner.scan(MILK)
    assert scanner.beeps == 1


def test_what_is_said_to_it_is_lost_on_it() -> None:
    scanner = SimulatedScanner()
    line = SimulatedTransport(scanner)
    line.open()

    assert line.write(b"anything", 0.1) == len(b"anything")
    assert line.read(0.0) == b""


def test_a_silent_scanner_beeps_and_says_nothing() -> None:
    scanner = SimulatedScanner()
    scanner.suffer(Trouble.SILENT)

    assert scanner.scan(MILK)
    assert scanner.replies(0.0) == b""
