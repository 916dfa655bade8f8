"""The sale stands whatever the printer does; no receipt is lost, and none is doubled in silence.

Named after what others got wrong: a sale paid and its receipt not printed, or said to have failed and yet printed
(OCA/l10n-italy 4672, odoo 59059).
"""

import threading
import time
from dataclasses import replace

import pytest

from app.checkout.ports import PrintState, ReceiptOrder
from app.values.problems import Problem
from app.values.wording import wording
from hardware.printers.profile import PrinterProfile
from hardware.printers.queue import DrawerStayedShut, PrintQueue, QueueTimes
from hardware.printers.status import PrinterState
from hardware.worker import DeviceState, ErrorEvent, OutputComplete, Patience, StatusUpdate

QUICK = Patience(first_retry_s=0.02, longest_retry_s=0.05, look_s=0.03)
COPY = "COPY: reprint of an interrupted receipt"


def number(count: int) -> str:
    return f"0001-02-1-{count:06d}"


def test_a_receipt_is_printed_once_confirmed_and_cut(bench, heard, samples) -> None:
    queue = bench.queue(heard)
    assert queue.submit(ReceiptOrder("job-1", samples.receipt()))
    assert heard.wait_for_job("job-1", PrintState.PRINTED).problem is None
    assert [event.state for event in heard.of_job("job-1")] == [PrintState.PRINTING, PrintState.PRINTED]
    (paper,) = bench.printer.papers
    assert paper.cut
    assert number(123) in paper.text
    assert bench.printer.misunderstood == ()
    heard.wait_until(lambda: OutputComplete("receipt-printer", "job-1") in heard.events)


def test_paper_that_ends_within_a_receipt_is_waited_for_and_the_receipt_goes_on(bench, heard, samples) -> None:
    bench.printer.load_paper(400)
    queue = bench.queue(heard)
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    heard.wait_for_state(PrinterState.PAPER_OUT)
    assert PrintState.PRINTED not in [event.state for event in heard.of_job("job-1")]
    bench.printer.load_paper()
    queue.retry_now()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    (text,) = bench.printer.texts
    assert text.count(number(123)) == 1
    assert "COPY" not in text
    heard.wait_for_state(PrinterState.READY)


def test_a_receipt_for_which_there_is_no_paper_waits_and_is_no_copy(bench, heard, samples) -> None:
    bench.printer.take_paper_out()
    queue = bench.queue(heard)
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    event = heard.wait_for_job("job-1", PrintState.WAITING)
    assert "out of paper" in str(event.problem)
    bench.printer.load_paper()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert len(bench.printer.papers) == 1
    assert "COPY" not in bench.printer.texts[0]


@pytest.mark.parametrize("died_after", [40, 300, 700])
def test_a_printer_that_dies_within_a_receipt_prints_it_again_as_a_copy(bench, heard, samples, died_after: int) -> None:
    queue = bench.queue(heard)
    heard.wait_for_state(PrinterState.READY)
    bench.printer.die_after(died_after)
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    heard.wait_for_state(PrinterState.AWAY)
    heard.wait_until(
        lambda: any(event.problem and "broke off" in str(event.problem) for event in heard.of_job("job-1"))
    )
    # In the store it stays a job that was begun, so that after a restart too it is a copy.
    assert PrintState.WAITING not in [event.state for event in heard.of_job("job-1")]
    bench.printer.switch_on()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    *before, copy = bench.printer.texts
    assert COPY in copy
    assert number(123) in copy
    # What hung in the printer was cut off first, and bears no whole receipt.
    assert not any("Change" in text for text in before)


def test_a_cable_pulled_within_a_picture_does_not_spoil_the_next_receipt(make_bench, heard, samples) -> None:
    profile = PrinterProfile(chinese_rom=False, native_barcode=False, native_qr=False)
    bench = make_bench("memory", profile=profile)
    queue = bench.queue(heard)
    heard.wait_for_state(PrinterState.READY)
    bench.printer.die_after(9_000)
    # Only the cable goes: what is in the buffer, half a picture, stays there.
    bench.printer.switch_off = bench.printer.unplug
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    heard.wait_for_state(PrinterState.AWAY)
    bench.printer.plug_in()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert bench.printer.misunderstood == ()
    assert [paper.cut for paper in bench.printer.papers] == [True, True]
    assert bench.printer.texts[1].strip() == ""


def test_a_printer_away_at_the_start_prints_when_it_comes(bench, heard, samples) -> None:
    bench.printer.switch_off()
    queue = bench.queue(heard)
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    assert heard.wait_for_job("job-1", PrintState.WAITING).problem is not None
    heard.wait_for_state(PrinterState.AWAY)
    bench.printer.switch_on()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert heard.states()[0] is PrinterState.AWAY
    assert heard.states()[-1] is PrinterState.READY
    assert len(bench.printer.papers) == 1
    assert "COPY" not in bench.printer.texts[0]


def test_receipts_come_out_in_the_order_of_the_sales(bench, heard, samples) -> None:
    queue = bench.queue(heard, start=False)
    for count in range(1, 6):
        assert queue.submit(ReceiptOrder(f"job-{count}", samples.receipt(number=count)))
    assert queue.waiting_jobs() == ("job-1", "job-2", "job-3", "job-4", "job-5")
    queue.start()
    heard.wait_for_job("job-5", PrintState.PRINTED)
    assert [number(count) in text for count, text in enumerate(bench.printer.texts, 1)] == [True] * 5


def test_a_full_queue_takes_no_more_at_once_but_still_opens_the_drawer(bench, heard, samples) -> None:
    bench.printer.take_paper_out()
    queue = bench.queue(heard, capacity=2)
    assert queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    assert queue.submit(ReceiptOrder("job-2", samples.receipt(number=2)))
    begin = time.monotonic()
    assert not queue.submit(ReceiptOrder("job-3", samples.receipt(number=3), opens_drawer=True))
    assert time.monotonic() - begin < 0.5
    heard.wait_for_open_drawer()
    assert bench.printer.drawer_kicks == 1
    assert queue.waiting_jobs() == ("job-1", "job-2")


def test_the_same_job_is_never_taken_twice(bench, heard, samples) -> None:
    queue = bench.queue(heard, start=False)
    assert queue.submit(ReceiptOrder("job-1", samples.receipt()))
    assert queue.submit(ReceiptOrder("job-1", samples.receipt()))
    queue.start()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert queue.close(5.0)
    assert len(bench.printer.papers) == 1


def test_the_drawer_opens_ahead_of_receipts_that_wait_for_paper(bench, heard, samples) -> None:
    bench.printer.take_paper_out()
    queue = bench.queue(heard)
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    heard.wait_for_job("job-1", PrintState.WAITING)
    queue.submit(ReceiptOrder("kick", None, opens_drawer=True))
    heard.wait_for_job("kick", PrintState.PRINTED)
    heard.wait_for_open_drawer()
    assert bench.printer.drawer_kicks == 1


def test_the_drawer_opens_while_a_receipt_waits_half_printed(bench, heard, samples) -> None:
    bench.printer.load_paper(400)
    queue = bench.queue(heard)
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    heard.wait_for_state(PrinterState.PAPER_OUT)
    queue.submit(ReceiptOrder("kick", None, opens_drawer=True))
    heard.wait_for_job("kick", PrintState.PRINTED)
    heard.wait_for_open_drawer()
    assert bench.printer.drawer_kicks == 1


def test_the_drawer_opens_once_for_a_receipt_paid_in_cash(bench, heard, samples) -> None:
    queue = bench.queue(heard)
    queue.submit(ReceiptOrder("job-1", samples.receipt(), opens_drawer=True))
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert bench.printer.drawer_kicks == 1


def test_a_drawer_that_could_not_be_kicked_in_time_stays_shut_and_says_so(bench, heard, samples) -> None:
    bench.printer.switch_off()
    queue = bench.queue(heard, times=QueueTimes(QUICK, kick_within_s=0.1))
    queue.submit(ReceiptOrder("job-1", samples.receipt(), opens_drawer=True))
    heard.wait_until(lambda: any(isinstance(event, DrawerStayedShut) for event in heard.events))
    bench.printer.switch_on()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    assert bench.printer.drawer_kicks == 0


def test_a_job_can_be_cancelled_while_it_waits(bench, heard, samples) -> None:
    bench.printer.take_paper_out()
    queue = bench.queue(heard)
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    queue.submit(ReceiptOrder("job-2", samples.receipt(number=2)))
    heard.wait_for_job("job-1", PrintState.WAITING)
    assert queue.cancel("job-1")
    assert not queue.cancel("job-1")
    bench.printer.load_paper()
    heard.wait_for_job("job-2", PrintState.PRINTED)
    assert number(1) not in "".join(bench.printer.texts)
    assert heard.of_job("job-1")[-1].state is PrintState.CANCELLED


@pytest.mark.parametrize("trouble", ["take_paper_out", "switch_off"])
def test_closing_does_not_wait_for_paper_or_power(bench, heard, samples, trouble: str) -> None:
    getattr(bench.printer, trouble)()
    long = Patience(first_retry_s=60.0, longest_retry_s=60.0, look_s=60.0)
    queue = bench.queue(heard, times=QueueTimes(long))
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    heard.wait_for_job("job-1", PrintState.WAITING)
    begin = time.monotonic()
    assert queue.close(5.0)
    assert time.monotonic() - begin < 2.0
    assert heard.of_job("job-1")[-1].state is PrintState.WAITING


def test_retrying_by_hand_does_not_wait_for_the_pause(bench, heard, samples) -> None:
    bench.printer.switch_off()
    queue = bench.queue(heard, times=QueueTimes(Patience(60.0, 60.0, 60.0)))
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    heard.wait_for_job("job-1", PrintState.WAITING)
    bench.printer.switch_on()
    queue.retry_now()
    heard.wait_for_job("job-1", PrintState.PRINTED)


def test_closing_lets_the_receipt_at_the_printer_come_out(bench, heard, samples) -> None:
    queue = bench.queue(heard)
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    heard.wait_for_job("job-1", PrintState.PRINTING)
    assert queue.close(5.0)
    assert heard.of_job("job-1")[-1].state is PrintState.PRINTED


def test_a_small_buffer_and_no_paper_hold_up_nobody_but_the_printer(make_bench, heard, samples) -> None:
    profile = PrinterProfile(chinese_rom=False, native_barcode=False, native_qr=False)
    bench = make_bench("memory", profile=profile, buffer_bytes=8192)
    bench.printer.load_paper(300)
    queue = bench.queue(heard)
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    heard.wait_for_state(PrinterState.PAPER_OUT)
    bench.printer.load_paper()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    (paper,) = bench.printer.papers
    assert paper.cut


def test_a_printer_that_never_confirms_is_believed_with_a_word_of_doubt(make_bench, heard, samples) -> None:
    bench = make_bench("memory", profile=PrinterProfile(confirms=False))
    queue = bench.queue(heard, profile=PrinterProfile(), times=QueueTimes(QUICK, confirm_within_s=0.1))
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    assert "did not confirm" in str(heard.wait_for_job("job-1", PrintState.PRINTED).problem)
    assert len(bench.printer.papers) == 1


def test_a_printer_that_can_confirm_and_forgot_a_receipt_prints_it_again_as_a_copy(make_bench, heard, samples) -> None:
    bench = make_bench("memory")
    queue = bench.queue(heard, times=QueueTimes(QUICK, confirm_within_s=0.1))
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    heard.wait_for_job("job-1", PrintState.PRINTED)
    # Off and on again faster than anybody looks: the bytes of this one are swallowed.
    profile, bench.printer.profile = bench.printer.profile, replace(bench.printer.profile, confirms=False)
    queue.submit(ReceiptOrder("job-2", samples.receipt(number=2)))
    heard.wait_until(
        lambda: any(event.problem and "broke off" in str(event.problem) for event in heard.of_job("job-2"))
    )
    bench.printer.profile = profile
    heard.wait_for_job("job-2", PrintState.PRINTED)
    assert COPY in bench.printer.texts[-1]


def test_a_receipt_that_breaks_off_again_and_again_is_given_up_for_a_person(make_bench, heard, samples) -> None:
    bench = make_bench("memory")
    queue = bench.queue(heard)
    heard.wait_for_state(PrinterState.READY)
    heard.wait_for_state(PrinterState.READY)
    bench.printer.die_after(200)
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    for death in range(1, 5):
        heard.wait_until(lambda deaths=death: heard.states().count(PrinterState.AWAY) == deaths)
        # Past the zeros that end an interrupted picture, and into the receipt.
        bench.printer.die_after(576 // 8 * 48 + 512 + 400)
        bench.printer.switch_on()
    heard.wait_until(lambda: heard.states().count(PrinterState.AWAY) == 5)
    bench.printer.switch_on()
    event = heard.wait_for_job("job-1", PrintState.CANCELLED)
    assert "broke off 5 times" in str(event.problem)


def test_a_state_is_known_to_the_status_bar_within_two_seconds(bench, heard) -> None:
    bench.queue(heard, times=QueueTimes())
    heard.wait_for_state(PrinterState.READY)
    for trouble, cure, state in (
        ("open_cover", "close_cover", PrinterState.COVER_OPEN),
        ("switch_off", "switch_on", PrinterState.AWAY),
    ):
        begin = time.monotonic()
        getattr(bench.printer, trouble)()
        heard.wait_for_state(state)
        assert time.monotonic() - begin < 2.0
        begin = time.monotonic()
        getattr(bench.printer, cure)()
        heard.wait_for_state(PrinterState.READY)
        assert time.monotonic() - begin < 2.5


def test_paper_running_low_asks_for_attention_and_is_told_once(bench, heard) -> None:
    bench.queue(heard)
    heard.wait_for_state(PrinterState.READY)
    bench.printer.load_paper(800)
    heard.wait_for_state(PrinterState.PAPER_LOW)
    bench.printer.load_paper()
    heard.wait_for_state(PrinterState.READY)
    updates = [event for event in heard.events if isinstance(event, StatusUpdate)]
    assert [update.state for update in updates] == [DeviceState.READY, DeviceState.ATTENTION, DeviceState.READY]


def test_a_receipt_that_cannot_be_drawn_is_given_up_with_the_reason_and_the_next_one_prints(
    make_bench, heard, samples
) -> None:
    class NoFont(Problem):
        code = "NO-FONT"

    def render(receipt, interrupted: bool) -> tuple[bytes, ...]:
        if receipt.completed.receipt_number.number == 1:
            raise NoFont(wording("No font."))
        return (b"fine\n",)

    bench = make_bench("memory")
    queue = PrintQueue(bench.driver(), render, heard, times=QueueTimes(QUICK))
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    queue.submit(ReceiptOrder("job-2", samples.receipt(number=2)))
    queue.start()
    heard.wait_for_job("job-2", PrintState.PRINTED)
    assert str(heard.wait_for_job("job-1", PrintState.CANCELLED).problem) == "No font."
    assert queue.close(5.0)


def test_a_bug_in_a_renderer_costs_one_receipt_and_not_the_printer(make_bench, heard, samples) -> None:
    def render(receipt, interrupted: bool) -> tuple[bytes, ...]:
        if receipt.completed.receipt_number.number == 1:
            raise ZeroDivisionError
        return (b"fine\n",)

    bench = make_bench("memory")
    queue = PrintQueue(bench.driver(), render, heard, times=QueueTimes(QUICK))
    queue.submit(ReceiptOrder("job-1", samples.receipt(number=1)))
    queue.submit(ReceiptOrder("job-2", samples.receipt(number=2)))
    queue.start()
    heard.wait_for_job("job-2", PrintState.PRINTED)
    assert heard.of_job("job-1")[-1].state is PrintState.CANCELLED
    assert any(isinstance(event, ErrorEvent) for event in heard.events)
    assert queue.close(5.0)


def test_handing_a_receipt_over_never_waits(bench, heard, samples) -> None:
    before = threading.active_count()
    bench.printer.switch_off()
    queue = bench.queue(heard)
    slowest = 0.0
    for count in range(50):
        begin = time.perf_counter()
        queue.submit(ReceiptOrder(f"job-{count}", samples.receipt(number=count)))
        slowest = max(slowest, time.perf_counter() - begin)
    assert slowest < 0.2
    assert threading.active_count() < before + 10


def test_a_page_that_is_no_receipt_waits_its_turn_and_kicks_no_drawer(bench, heard, samples) -> None:
    queue = bench.queue(heard, start=False)
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    assert queue.submit_page("page-1", (b"trial page\n", b"\x1dV\x00"))
    queue.start()
    heard.wait_for_job("page-1", PrintState.PRINTED)
    assert number(123) in bench.printer.texts[0]
    assert bench.printer.texts[1] == "trial page\n"
    assert bench.printer.drawer_kicks == 0


def test_no_byte_of_a_receipt_leaves_before_it_is_kept_that_it_begins(bench, heard, samples) -> None:
    asked: list[str] = []
    may_begin = threading.Event()

    def keep(job_id: str) -> bool:
        asked.append("".join(bench.printer.texts))
        return may_begin.is_set() or may_begin.wait(0.05)

    queue = bench.queue(heard, keep=keep)
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    # Asked again and again while the store cannot say so, and every time the paper is still white.
    heard.wait_until(lambda: len(asked) >= 3)
    assert not any(text.strip() for text in asked)
    may_begin.set()
    queue.nudge()
    heard.wait_for_job("job-1", PrintState.PRINTED)
    text = "".join(bench.printer.texts)
    assert number(123) in text
    # A try that never began is none: the receipt is no copy.
    assert "COPY" not in text
