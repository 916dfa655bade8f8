"""A line that lies, falls silent or never stops: the driver comes back by itself and calls no receipt printed that is not."""

import threading

import pytest

from app.checkout.ports import PrintState, ReceiptOrder
from hardware.printers.driver import PrinterUnintelligible
from hardware.printers.queue import DrawerLeftOpen, PrintEvent, QueueTimes
from hardware.printers.status import PrinterState
from hardware.simulated.device import Trouble
from hardware.transport import DeviceAway
from hardware.worker import DeviceState, Patience

QUICK = Patience(first_retry_s=0.02, longest_retry_s=0.05, look_s=0.03)
COPY = "COPY: reprint of an interrupted receipt"
HARMLESS = {Trouble.DOUBLED, Trouble.IN_PIECES}
"""Answers come through all the same; what a driver makes of the others is that it hears no printer."""


def number(count: int) -> str:
    return f"0001-02-1-{count:06d}"


class PaperWitness:
    """Hears the queue, and looks at the paper the moment a receipt is called printed."""

    def __init__(self, heard, printer) -> None:
        self._heard = heard
        self._printer = printer
        self.lies: list[str] = []

    def __call__(self, event: object) -> None:
        if isinstance(event, PrintEvent) and event.state is PrintState.PRINTED:
            whole = number(int(event.job_id.removeprefix("job-")))
            if not any(whole in paper.text and paper.cut for paper in self._printer.papers):
                self.lies.append(event.job_id)
        self._heard(event)


def wait_for_hearing_nothing_right(heard) -> None:
    heard.wait_until(lambda: heard.states()[-1:] == [PrinterState.AWAY])


@pytest.mark.parametrize("trouble", Trouble)
def test_a_line_in_trouble_never_makes_a_receipt_printed_that_is_not(bench, heard, samples, trouble: Trouble) -> None:
    witness = PaperWitness(heard, bench.printer)
    queue = bench.queue(witness, times=QueueTimes(QUICK, confirm_within_s=0.3))
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    heard.wait_for_job("job-1", PrintState.PRINTED)
    bench.printer.suffer(trouble)
    queue.submit(ReceiptOrder("job-2", samples.receipt(number=2)))
    if trouble not in HARMLESS:
        wait_for_hearing_nothing_right(heard)
    bench.printer.suffer()
    heard.wait_for_job("job-2", PrintState.PRINTED)
    heard.wait_for_state(PrinterState.READY)
    assert witness.lies == []
    whole = [text for text in bench.printer.texts if number(2) in text and "Change" in text]
    assert [text for text in whole if COPY not in text] == whole[:1], "a second one that does not say it is a copy"


@pytest.mark.parametrize("trouble", sorted(set(Trouble) - HARMLESS, key=lambda one: one.value))
def test_trouble_that_begins_while_a_receipt_waits_for_paper_ends_in_a_receipt_or_a_copy(
    bench, heard, samples, trouble: Trouble
) -> None:
    witness = PaperWitness(heard, bench.printer)
    bench.printer.load_paper(400)
    queue = bench.queue(witness, times=QueueTimes(QUICK, confirm_within_s=0.3))
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    heard.wait_for_state(PrinterState.PAPER_OUT)
    bench.printer.suffer(trouble)
    wait_for_hearing_nothing_right(heard)
    bench.printer.load_paper()
    bench.printer.suffer()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert witness.lies == []
    whole = [text for text in bench.printer.texts if number(1) in text and "Change" in text]
    assert COPY not in whole[0]
    assert all(COPY in text for text in whole[1:])


@pytest.mark.parametrize("trouble", [Trouble.NOISE, Trouble.FLOOD, Trouble.FOREIGN])
def test_answers_that_make_no_sense_are_called_so(make_bench, trouble: Trouble) -> None:
    bench = make_bench("memory")
    driver = bench.driver()
    driver.open()
    bench.printer.suffer(trouble)
    with pytest.raises(PrinterUnintelligible, match="makes no sense"):
        driver.status()
    bench.printer.suffer()
    assert driver.status().state is PrinterState.READY


def test_a_flood_is_kept_within_bounds(make_bench) -> None:
    bench = make_bench("memory")
    driver = bench.driver()
    driver.open()
    bench.printer.suffer(Trouble.FLOOD)
    for _ in range(20):
        with pytest.raises(DeviceAway):
            driver.status()
        driver.overheard()
    assert len(driver._replies.direct) <= 32
    assert len(driver._replies.ordered) <= 32


def test_the_stale_word_of_an_interrupted_receipt_does_not_confirm_its_copy(bench, heard, samples) -> None:
    """The cable is pulled while the printer waits for paper; its buffer keeps the first receipt with its request."""
    witness = PaperWitness(heard, bench.printer)
    bench.printer.load_paper(300)
    queue = bench.queue(witness, times=QueueTimes(QUICK))
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    heard.wait_for_state(PrinterState.PAPER_OUT)
    bench.printer.unplug()
    heard.wait_for_state(PrinterState.AWAY)
    bench.printer.plug_in()
    heard.wait_for_state(PrinterState.PAPER_OUT)
    bench.printer.load_paper()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert witness.lies == []
    texts = [text for text in bench.printer.texts if number(1) in text]
    assert COPY not in texts[0]
    assert COPY in texts[-1]
    assert bench.printer.papers[-1].cut


def test_a_cable_pulled_in_the_middle_of_a_receipt_ends_in_a_copy(bench, heard, samples) -> None:
    witness = PaperWitness(heard, bench.printer)
    queue = bench.queue(witness, times=QueueTimes(QUICK, confirm_within_s=0.5))
    heard.wait_for_state(PrinterState.READY)
    bench.printer.die_after(400)
    bench.printer.switch_off = bench.printer.unplug
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    heard.wait_for_state(PrinterState.AWAY)
    bench.printer.plug_in()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert witness.lies == []
    assert COPY in bench.printer.texts[-1]
    assert not any("Change" in text for text in bench.printer.texts[:-1])


@pytest.mark.parametrize(
    ("breaks", "state", "mends"),
    [
        ("jam_knife", PrinterState.CUTTER_ERROR, ""),
        ("jam_paper", PrinterState.RECOVERABLE_ERROR, ""),
        ("overheat", PrinterState.OVERHEATED, "cool_down"),
    ],
)
def test_a_fault_that_can_be_mended_lets_the_receipt_go_on_without_a_copy(
    bench, heard, samples, breaks: str, state: PrinterState, mends: str
) -> None:
    queue = bench.queue(heard)
    heard.wait_for_state(PrinterState.READY)
    getattr(bench.printer, breaks)()
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    heard.wait_for_state(state)
    if mends:
        getattr(bench.printer, mends)()
    # The cashier has freed it and presses "Try again".
    queue.retry_now()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert len(bench.printer.papers) == 1
    assert COPY not in bench.printer.texts[0]


def test_a_broken_printer_says_so_until_it_is_switched_off_and_on(bench, heard, samples) -> None:
    queue = bench.queue(heard)
    heard.wait_for_state(PrinterState.READY)
    bench.printer.break_down()
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    heard.wait_for_state(PrinterState.UNRECOVERABLE_ERROR)
    queue.retry_now()
    assert "broken" in str(heard.wait_for_job("job-1", PrintState.WAITING).problem)
    bench.printer.switch_off()
    heard.wait_for_state(PrinterState.AWAY)
    bench.printer.switch_on()
    heard.wait_for_job("job-1", PrintState.PRINTED)


def test_a_drawer_left_open_asks_for_attention_and_is_told_when_it_is_shut(bench, heard) -> None:
    before = threading.active_count()
    queue = bench.queue(heard, times=QueueTimes(QUICK, drawer_open_at_most_s=0.1))
    queue.submit(ReceiptOrder("kick", None, opens_drawer=True))

    def told(state: DeviceState) -> bool:
        return any(isinstance(event, DrawerLeftOpen) and event.state is state for event in heard.events)

    heard.wait_until(lambda: told(DeviceState.ATTENTION))
    bench.printer.close_drawer()
    heard.wait_until(lambda: told(DeviceState.READY))
    assert threading.active_count() < before + 10
