"""What every scanner must do, whichever its driver and line: read, refuse what is damaged, go and come back.

A scanner's line has no checksum. A bit that turns one digit into another, or noise that makes a printable line, cannot
be told from a code here; the code's own check digit refuses it where it is looked up, and tests/unit shows that.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.catalogue.codes import CodeReader, CodeSettings, ProductCode
from hardware.conversation import ReplayTransport, read_conversation
from hardware.scanners.driver import LineScanner
from hardware.scanners.line_reader import ReadingRules
from hardware.scanners.readings import CodeRead, GoodRead
from hardware.simulated.device import Trouble
from hardware.worker import DeviceState

MILK, EGGS = "6901234567892", "96385074"
GS1 = "010950600013435210ABC\x1d17251231"
CONVERSATIONS = Path(__file__).resolve().parents[1] / "conversations"


def test_a_scan_comes_whole_with_its_symbology_and_its_time(counter: Any) -> None:
    counter.heard.wait_for_state(DeviceState.READY)
    assert counter.scanner.scan(MILK, "]E0")

    assert counter.heard.wait_for_codes(1) == [(MILK, "]E0")]
    (read,) = [event for event in counter.heard.events if isinstance(event, CodeRead)]
    assert read.device == read.scanned.device == "scanner"
    assert read.scanned.at.isoformat() == "2026-11-22T04:00:00+00:00"


def test_separators_are_kept(counter: Any) -> None:
    counter.heard.wait_for_state(DeviceState.READY)
    counter.scanner.scan(GS1, "]C1")

    assert counter.heard.wait_for_codes(1) == [(GS1, "]C1")]


def test_a_code_without_aim_identifier_is_read_too(counter: Any) -> None:
    counter.heard.wait_for_state(DeviceState.READY)
    counter.scanner.scan(EGGS)

    assert counter.heard.wait_for_codes(1) == [(EGGS, None)]


def test_the_same_goods_twice_are_two_reads(counter: Any) -> None:
    counter.heard.wait_for_state(DeviceState.READY)
    counter.scanner.scan(MILK, "]E0")
    counter.scanner.scan(MILK, "]E0")
    counter.scanner.scan(EGGS, "]E4")

    assert counter.heard.wait_for_codes(3) == [(MILK, "]E0"), (MILK, "]E0"), (EGGS, "]E4")]


def test_a_damaged_scan_is_a_bad_read_and_the_next_one_is_good(counter: Any) -> None:
    counter.heard.wait_for_state(DeviceState.READY)
    counter.scanner.damaged_scan(MILK)
    counter.heard.wait_until(lambda: counter.heard.bad_reads() != [])

    assert "damaged" in counter.heard.bad_reads()[0]
    assert counter.heard.codes() == []
    _scan_until_read(counter, EGGS)


def _scan_until_read(counter: Any, code: str) -> None:
    """Scan as a cashier does: again where the till did not take it, as it listens to nothing right after damage."""
    for _ in range(20):
        counter.scanner.scan(code, "]E4")
        try:
            counter.heard.wait_until(lambda: counter.heard.codes()[-1:] == [(code, "]E4")], 0.5)
        except AssertionError:
            continue
        return
    raise AssertionError(counter.heard.events)


def test_a_scanner_that_is_unplugged_is_away_and_comes_back_by_itself(counter: Any) -> None:
    counter.heard.wait_for_state(DeviceState.READY)
    counter.scanner.unplug()
    counter.heard.wait_for_state(DeviceState.AWAY)
    assert not counter.scanner.scan(MILK)

    counter.scanner.plug_in()
    counter.heard.wait_for_state(DeviceState.READY)
    _scan_until_read(counter, EGGS)
    assert counter.heard.codes() == [(EGGS, "]E4")]
    assert counter.heard.errors() == []


def test_the_worker_ends_when_it_is_told_to(counter: Any) -> None:
    counter.heard.wait_for_state(DeviceState.READY)

    assert counter.worker.close(5.0)


def test_a_scanner_without_power_sends_nothing_and_works_again_with_it(line_counter: Any) -> None:
    line_counter.heard.wait_for_state(DeviceState.READY)
    line_counter.scanner.switch_off()
    assert not line_counter.scanner.scan(MILK)
    line_counter.scanner.switch_on()

    _scan_until_read(line_counter, EGGS)
    assert line_counter.heard.codes() == [(EGGS, "]E4")]


@pytest.mark.parametrize("trouble", list(Trouble))
def test_in_every_trouble_no_wrong_product_is_sold_and_the_scanner_recovers(
    line_counter: Any, trouble: Trouble
) -> None:
    counter = line_counter
    counter.heard.wait_for_state(DeviceState.READY)
    counter.scanner.suffer(trouble)
    for _ in range(5):
        counter.scanner.scan(MILK, "]E0")
    counter.scanner.suffer()
    _scan_until_read(counter, EGGS)

    reader = CodeReader(CodeSettings())
    sold = {
        meaning.gtin14.lstrip("0")
        for data, symbology in counter.heard.codes()
        if isinstance(meaning := reader.read(data, symbology), ProductCode)
    }
    assert sold <= {MILK, EGGS}
    assert counter.heard.errors() == []
    assert len(counter.heard.bad_reads()) < 50
    if trouble in {Trouble.DOUBLED, Trouble.IN_PIECES}:
        assert MILK in sold
    if trouble is Trouble.SILENT:
        assert sold == {EGGS}


def test_a_code_that_breaks_off_is_never_joined_with_the_next_one(line_counter: Any) -> None:
    counter = line_counter
    counter.heard.wait_for_state(DeviceState.READY)
    counter.scanner.suffer(Trouble.TRUNCATED)
    counter.scanner.scan("6901234567892")
    counter.heard.wait_until(lambda: counter.heard.bad_reads() != [])
    assert "without its end" in counter.heard.bad_reads()[0]
    counter.scanner.suffer()
    _scan_until_read(counter, EGGS)

    assert counter.heard.codes() == [(EGGS, "]E4")]


def test_a_scan_sent_twice_by_a_bad_line_counts_once_where_repeats_are_left_out(
    make_counter: Callable[..., Any],
) -> None:
    counter = make_counter("simulated-over-memory", {"repeat_ms": 60_000})
    counter.heard.wait_for_state(DeviceState.READY)
    counter.scanner.suffer(Trouble.DOUBLED)
    counter.scanner.scan(MILK, "]E0")
    counter.scanner.scan(EGGS, "]E4")

    assert counter.heard.wait_for_codes(2) == [(MILK, "]E0"), (EGGS, "]E4")]


def test_a_grabbed_scanner_types_into_no_other_window(make_counter: Callable[..., Any]) -> None:
    counter = make_counter("evdev-over-fifo")
    counter.heard.wait_for_state(DeviceState.READY)
    assert counter.scanner.grabbed == [1]

    counter.worker.close(5.0)
    assert counter.scanner.grabbed == [1, 0]


def test_the_line_can_be_watched(make_counter: Callable[..., Any]) -> None:
    counter = make_counter("simulated-over-memory")
    counter.heard.wait_for_state(DeviceState.READY)
    counter.scanner.scan(MILK, "]E0")
    counter.heard.wait_for_codes(1)

    assert [one.data for one in counter.line.exchanges] == [b"]E06901234567892\r"]


@pytest.mark.parametrize(
    ("name", "rules", "expected"),
    [
        (
            "scanners-aim-identifiers",
            ReadingRules(),
            [("AimId", "]A7"), ("412356", "]X0"), ("AimId", "]C1")],
        ),
        (
            "scanners-gs1-128",
            ReadingRules(aim="always"),
            [("0123456", "]C1"), (GS1, "]C1"), (GS1, "]d2")],
        ),
        (
            "scanners-stx-etx",
            ReadingRules(prefix="\x02", suffix="etx", aim="never"),
            [(MILK, None), (EGGS, None)],
        ),
    ],
)
def test_a_conversation_from_the_manuals_is_read(
    name: str, rules: ReadingRules, expected: list[tuple[str, str | None]]
) -> None:
    transport = ReplayTransport(read_conversation((CONVERSATIONS / f"{name}.txt").read_text(encoding="utf-8")))
    driver = LineScanner(transport, rules)
    driver.open()
    found = []
    while not transport.finished:
        found += [(one.data, one.symbology) for one in driver.listen(0.0) if isinstance(one, GoodRead)]

    assert found == expected
