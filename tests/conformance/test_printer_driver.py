"""What every receipt printer's driver must do, whatever cable the printer hangs on."""

import pytest

from hardware.printers.profile import PrinterProfile
from hardware.printers.status import PrinterState, PrinterStatus
from hardware.transport import DeviceAway


def send(driver, data: bytes) -> None:
    sent = 0
    while sent < len(data):
        sent += driver.write(data[sent:])


def test_a_healthy_printer_is_ready(bench) -> None:
    driver = bench.driver()
    driver.open()
    assert driver.status().state is PrinterState.READY


@pytest.mark.parametrize(
    ("trouble", "cure", "state"),
    [
        ("take_paper_out", "load_paper", PrinterState.PAPER_OUT),
        ("open_cover", "close_cover", PrinterState.COVER_OPEN),
        ("pause", "resume", PrinterState.PAUSED),
        ("jam_knife", "switch_on", PrinterState.CUTTER_ERROR),
    ],
)
def test_every_trouble_is_reported_and_so_is_its_end(bench, trouble: str, cure: str, state: PrinterState) -> None:
    driver = bench.driver()
    driver.open()
    getattr(bench.printer, trouble)()
    assert driver.status().state is state
    assert not state.prints
    getattr(bench.printer, cure)()
    assert driver.status().state is PrinterState.READY


def test_a_roll_near_its_end_still_prints(bench) -> None:
    driver = bench.driver()
    driver.open()
    bench.printer.load_paper(800)
    assert driver.status().state is PrinterState.PAPER_LOW
    assert driver.status().state.prints


def test_trouble_is_overheard_without_asking(bench, heard) -> None:
    driver = bench.driver()
    driver.open()
    driver.status()
    bench.printer.open_cover()

    def told() -> bool:
        status = driver.overheard()
        return status is not None and status.cover_open

    # Over a socket it takes a moment to arrive; asking for the status gives it that moment.
    assert any(told() or not driver.status() for _ in range(100))


def test_what_was_printed_is_confirmed_and_what_waits_for_paper_is_not(bench) -> None:
    driver = bench.driver()
    driver.open()
    send(driver, b"printed\n" + driver.confirmation_request())
    assert driver.confirmed(2.0)
    bench.printer.take_paper_out()
    send(driver, b"waits\n" + driver.confirmation_request())
    assert not driver.confirmed(0.1)
    assert driver.status().state is PrinterState.PAPER_OUT
    bench.printer.load_paper()
    assert driver.confirmed(2.0)
    assert bench.printer.texts == ("printed\nwaits\n",)


def test_a_printer_without_power_is_away_and_one_with_power_again_is_not(bench) -> None:
    bench.printer.switch_off()
    driver = bench.driver()

    def reach() -> None:
        # A line that can be opened without a device at its end gives it away by its silence.
        driver.open()
        driver.status()

    with pytest.raises(DeviceAway):
        reach()
    bench.printer.switch_on()
    driver.open()
    assert driver.status().state is PrinterState.READY


def test_a_printer_that_loses_its_power_is_noticed(bench) -> None:
    driver = bench.driver()
    driver.open()
    driver.status()
    bench.printer.switch_off()
    with pytest.raises(DeviceAway):
        driver.status()


def test_the_drawer_opens_and_is_seen_to_be_open(bench) -> None:
    driver = bench.driver()
    wiring = bench.printer.profile.drawer
    driver.open()
    assert wiring.is_open(sensor_high=driver.status().sensor_high) is False
    assert driver.kick_drawer(at_once=False)
    # The status is answered at once, the kick waits its turn in the buffer: a moment may lie between.
    assert any(wiring.is_open(sensor_high=driver.status().sensor_high) for _ in range(100))
    bench.printer.close_drawer()
    assert wiring.is_open(sensor_high=driver.status().sensor_high) is False
    assert bench.printer.drawer_kicks == 1


def test_the_drawer_opens_even_without_paper(bench) -> None:
    driver = bench.driver()
    driver.open()
    bench.printer.take_paper_out()
    assert driver.kick_drawer(at_once=True)
    driver.status()
    assert bench.printer.drawer_kicks == 1


def test_a_printer_that_cannot_answer_counts_as_ready(bench) -> None:
    driver = bench.driver(PrinterProfile(answers_status=False))
    driver.open()
    assert driver.status() == PrinterStatus()
    assert not driver.confirms
