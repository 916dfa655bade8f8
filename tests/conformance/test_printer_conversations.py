"""Conversations composed by the manufacturers' tables are held again, byte for byte; the files name their sources."""

from pathlib import Path

from hardware.conversation import ReplayTransport, read_conversation
from hardware.printers.driver import EscposDriver
from hardware.printers.profile import PrinterProfile
from hardware.printers.status import PrinterState

CONVERSATIONS = Path(__file__).parent / "conversations"


def replayed(name: str) -> tuple[EscposDriver, ReplayTransport]:
    replay = ReplayTransport(read_conversation((CONVERSATIONS / name).read_text(encoding="utf-8")))
    driver = EscposDriver(replay, PrinterProfile())
    driver.open()
    return driver, replay


def test_a_roll_that_runs_out() -> None:
    driver, replay = replayed("printers-dle-eot-paper.txt")
    states = [driver.status().state for _ in range(3)]
    assert states == [PrinterState.READY, PrinterState.PAPER_LOW, PrinterState.PAPER_OUT]
    assert replay.finished


def test_a_blocked_knife_that_is_freed() -> None:
    driver, replay = replayed("printers-dle-eot-knife.txt")
    assert driver.status().state is PrinterState.CUTTER_ERROR
    driver.recover()
    assert driver.status().state is PrinterState.READY
    assert replay.finished


def test_what_a_printer_says_unasked() -> None:
    driver, replay = replayed("printers-automatic-status.txt")
    states = []
    while not replay.finished:
        status = driver.overheard()
        assert status is not None
        states.append(status.state)
    assert states == [
        PrinterState.READY,
        PrinterState.COVER_OPEN,
        PrinterState.PAPER_LOW,
        # Half a block changes nothing.
        PrinterState.PAPER_LOW,
        PrinterState.PAPER_OUT,
        PrinterState.CUTTER_ERROR,
        PrinterState.UNRECOVERABLE_ERROR,
    ]
