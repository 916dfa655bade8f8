"""The bridge: nobody waits, nothing is lost, nothing stale is drawn, no failure is hidden."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.catalogue.codes.scanned import Scanned
from app.checkout import requests as ask
from app.checkout.member_ports import AskCoupon
from app.checkout.member_requests import CouponAnswered, ReportMember
from app.checkout.ports import PrintState
from app.checkout.views import DeviceStatusView, Sound
from app.devices.conditions import DeviceCondition
from app.members.ports import CouponsFound, Reach
from app.values.problems import Problem
from app.values.wording import wording
from ui.bridge import QUEUE_LIMIT, TillBridge

MakeBridge = Callable[[Callable[[], Any]], TillBridge]


@pytest.fixture
def make_bridge(qtbot: QtBot) -> Iterator[MakeBridge]:
    made: list[TillBridge] = []

    def make(factory: Callable[[], Any]) -> TillBridge:
        bridge = TillBridge(factory)
        made.append(bridge)
        return bridge

    yield make
    for bridge in made:
        assert bridge.close()


@pytest.fixture
def bridge(make_bridge: MakeBridge, till: Any, qtbot: QtBot) -> TillBridge:
    made = make_bridge(lambda: till)
    with qtbot.waitSignal(made.settled):
        made.start()
    return made


def scan(code: str) -> ask.ScanCode:
    return ask.ScanCode(Scanned("wedge", code, None, datetime(2026, 11, 22, tzinfo=UTC)))


def test_the_till_is_made_and_used_in_one_thread_that_is_not_the_screens(
    make_bridge: MakeBridge, till: Any, qtbot: QtBot
) -> None:
    threads: list[str] = []

    def make() -> Any:
        threads.append(threading.current_thread().name)
        return till

    bridge = make_bridge(make)
    with qtbot.waitSignal(bridge.settled):
        bridge.start()
    assert threads == ["till-worker"]


def test_a_request_comes_back_as_a_view(bridge: TillBridge, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bridge.view_ready) as answer:
        assert bridge.post(scan("6901234567892"))
    assert answer.args[0].basket.due_minor == 1290


def test_requests_are_done_in_the_order_they_were_asked(bridge: TillBridge, till: Any, qtbot: QtBot) -> None:
    codes = ["6901234567892", "6921168509256", "6902538008050"] * 20
    with qtbot.waitSignal(bridge.settled):
        for code in codes:
            bridge.post(scan(code))
    assert [request.scanned.data for request in till.asked] == codes


def test_of_searches_that_wait_only_the_newest_is_made(bridge: TillBridge, till: Any, qtbot: QtBot) -> None:
    gate = threading.Event()
    slow = till.search
    till.search = lambda text: (gate.wait(5), slow(text))[1]
    found: list[str] = []
    bridge.search_ready.connect(lambda view: found.append(view.text))
    with qtbot.waitSignal(bridge.settled):
        for text in ("m", "mi", "mil", "milk"):
            bridge.post_search(text)
        gate.set()
    assert found[-1] == "milk"
    assert len(found) <= 2


def test_a_stale_view_is_never_shown(bridge: TillBridge, till: Any, qtbot: QtBot) -> None:
    shown: list[int] = []
    bridge.view_ready.connect(lambda view: shown.append(view.revision))
    with qtbot.waitSignal(bridge.settled):
        bridge.post(scan("6901234567892"))
    newest = shown[-1]
    real = till.handle
    till.handle = lambda request: replace(real(request), revision=newest - 1)
    with qtbot.waitSignal(bridge.settled):
        bridge.post(scan("6901234567892"))
    assert shown[-1] == newest


def test_a_problem_becomes_a_notice_with_its_code_and_the_till_goes_on(bridge: TillBridge, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bridge.view_ready) as told:
        bridge.post(ask.EnterText("problem"))
    assert told.args[0].notice.code == "CODE-UNKNOWN"
    with qtbot.waitSignal(bridge.view_ready) as answer:
        bridge.post(scan("6901234567892"))
    assert answer.args[0].basket.item_count == 1


def test_a_bug_in_the_till_is_logged_shown_and_does_not_stop_the_queue(
    bridge: TillBridge, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), qtbot.waitSignal(bridge.view_ready) as told:
        bridge.post(ask.EnterText("boom"))
    assert told.args[0].notice.code == "RuntimeError"
    assert told.args[0].sound is Sound.BAD_READ
    assert "planted" in caplog.text
    with qtbot.waitSignal(bridge.view_ready) as answer:
        bridge.post(scan("6901234567892"))
    assert answer.args[0].basket.item_count == 1


def test_even_a_till_that_cannot_say_what_is_so_does_not_hide_its_failure(
    bridge: TillBridge, till: Any, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Any:
        raise RuntimeError("planted too")

    till.view = broken
    with caplog.at_level(logging.ERROR), qtbot.waitSignal(bridge.noticed) as told:
        bridge.post(ask.EnterText("boom"))
    assert told.args[0].code == "RuntimeError"
    assert "planted too" in caplog.text


def test_a_full_queue_is_told_and_nobody_waits(bridge: TillBridge, till: Any, qtbot: QtBot) -> None:
    gate = threading.Event()
    entered = threading.Event()
    real = till.handle

    def slow(request: Any) -> Any:
        entered.set()
        gate.wait(5)
        return real(request)

    till.handle = slow
    bridge.post(scan("6901234567892"))
    entered.wait(5)
    assert all(bridge.post(scan("6901234567892")) for _ in range(QUEUE_LIMIT))
    with qtbot.waitSignal(bridge.noticed) as told:
        assert not bridge.post(scan("6901234567892"))
    assert told.args[0].code == "TILL-BUSY"
    with qtbot.waitSignal(bridge.settled, timeout=20_000):
        gate.set()
    assert len(till.asked) == QUEUE_LIMIT + 1


def test_a_till_that_cannot_be_opened_says_so_and_can_be_tried_again(
    make_bridge: MakeBridge, till: Any, qtbot: QtBot
) -> None:
    class StoreLocked(Problem):
        """Raised when another till has the store."""

        code = "STORE-LOCKED"

    tries: list[int] = []

    def make() -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise StoreLocked(wording("Another till has this store open. Close it, then try again."))
        return till

    bridge = make_bridge(make)
    with qtbot.waitSignal(bridge.opening_failed) as failed:
        bridge.start()
    assert failed.args[0].code == "STORE-LOCKED"
    assert bridge._thread is not None
    bridge._thread.join(5)
    with qtbot.waitSignal(bridge.opened):
        bridge.start()


def test_devices_and_print_reports_come_from_any_thread(bridge: TillBridge, till: Any, qtbot: QtBot) -> None:
    seen: list[str] = []
    bridge.device_status_changed.connect(lambda _: seen.append(threading.current_thread().name))
    status = DeviceStatusView("printer", DeviceCondition.AWAY, wording("The printer is out of paper."))

    def driver() -> None:
        bridge.post_device_status(status)
        bridge.post_print_report(ask.ReportPrint("job", PrintState.PRINTED))

    with qtbot.waitSignals([bridge.device_status_changed, bridge.settled]):
        thread = threading.Thread(target=driver)
        thread.start()
        thread.join()
    assert seen == [threading.main_thread().name]
    assert till.asked == [ask.ReportPrint("job", PrintState.PRINTED)]


def test_closing_finishes_what_was_asked_and_closes_the_till(make_bridge: MakeBridge, till: Any, qtbot: QtBot) -> None:
    bridge = make_bridge(lambda: till)
    with qtbot.waitSignal(bridge.settled):
        bridge.start()
    for _ in range(5):
        bridge.post(scan("6901234567892"))
    assert bridge.close()
    assert len(till.asked) == 5
    assert till.closed


REPORT = ask.ReportPrint("job", PrintState.PRINTED)


def closed_while_the_printer_ends(bridge: TillBridge, till: Any, stop: Callable[[], None]) -> None:
    """Close the bridge; `stop` is what the printer does while the till waits for it."""
    till.stop_devices = stop
    assert bridge.close()


def test_a_report_is_taken_while_the_queue_is_full_and_goes_before_what_waits(
    bridge: TillBridge, till: Any, qtbot: QtBot
) -> None:
    gate = threading.Event()
    entered = threading.Event()
    real = till.handle

    def slow(request: Any) -> Any:
        entered.set()
        gate.wait(5)
        return real(request)

    till.handle = slow
    bridge.post(scan("6901234567892"))
    entered.wait(5)
    assert all(bridge.post(scan("6901234567892")) for _ in range(QUEUE_LIMIT))
    assert bridge.post_print_report(REPORT)
    with qtbot.waitSignal(bridge.settled, timeout=20_000):
        gate.set()
    assert till.asked[1] == REPORT
    assert len(till.asked) == 1 + QUEUE_LIMIT + 1


def test_news_of_members_are_taken_while_the_queue_is_full_and_go_before_what_waits(
    bridge: TillBridge, till: Any, qtbot: QtBot
) -> None:
    news = ReportMember(CouponAnswered(AskCoupon("b1", "C-1"), CouponsFound(Reach.AWAY)))
    gate, entered = threading.Event(), threading.Event()
    real = till.handle

    def slow(request: Any) -> Any:
        entered.set()
        gate.wait(5)
        if isinstance(request, ReportMember):
            till.asked.append(request)
            return till.view()
        return real(request)

    till.handle = slow
    bridge.post(scan("6901234567892"))
    entered.wait(5)
    assert all(bridge.post(scan("6901234567892")) for _ in range(QUEUE_LIMIT))
    assert bridge.post_member_news(news)
    with qtbot.waitSignal(bridge.settled, timeout=20_000):
        gate.set()
    assert till.asked[1] is news


def test_a_report_that_comes_while_the_printer_is_waited_for_reaches_the_store(bridge: TillBridge, till: Any) -> None:
    order: list[str] = []
    real = till.handle
    till.handle = lambda request: (order.append(type(request).__name__), real(request))[1]
    till.close = lambda: order.append("closed")
    bridge.post(scan("6901234567892"))

    def print_the_last_receipt() -> None:
        order.append("devices stop")
        printer = threading.Thread(target=bridge.post_print_report, args=(REPORT,))
        printer.start()
        printer.join()

    closed_while_the_printer_ends(bridge, till, print_the_last_receipt)
    assert order == ["ScanCode", "devices stop", "ReportPrint", "closed"]


def test_a_printer_that_fails_to_end_keeps_neither_reports_nor_store(
    bridge: TillBridge, till: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        bridge.post_print_report(REPORT)
        raise RuntimeError("planted")

    with caplog.at_level(logging.ERROR):
        closed_while_the_printer_ends(bridge, till, fail)
    assert till.asked == [REPORT]
    assert till.closed
    assert "planted" in caplog.text


def test_a_report_that_cannot_be_stored_at_the_end_is_logged_and_the_next_is_stored(
    bridge: TillBridge, till: Any, caplog: pytest.LogCaptureFixture
) -> None:
    real = till.handle
    stored: list[str] = []

    def handle(request: Any) -> Any:
        if request.job_id == "bad":
            raise RuntimeError("planted")
        stored.append(request.job_id)
        return real(request)

    till.handle = handle

    def print_two() -> None:
        bridge.post_print_report(ask.ReportPrint("bad", PrintState.PRINTED))
        bridge.post_print_report(REPORT)

    with caplog.at_level(logging.ERROR):
        closed_while_the_printer_ends(bridge, till, print_two)
    assert stored == ["job"]
    assert till.closed
    assert "planted" in caplog.text


def test_a_report_after_the_till_is_closed_is_refused_and_logged(
    bridge: TillBridge, till: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert bridge.close()
    with caplog.at_level(logging.WARNING):
        assert not bridge.post_print_report(REPORT)
    assert "print_report_too_late" in caplog.text
    assert bridge.idle


@pytest.mark.parametrize("failing", ["quick_keys", "view", "status"])
def test_a_till_that_fails_right_after_it_was_made_is_closed_so_that_it_can_be_tried_again(
    make_bridge: MakeBridge, till: Any, qtbot: QtBot, caplog: pytest.LogCaptureFixture, failing: str
) -> None:
    real = getattr(till, failing)
    tries: list[int] = []

    def fail_once() -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("planted")
        return real()

    setattr(till, failing, fail_once)
    locked_at_a_try: list[bool] = []
    made: list[int] = []

    def make() -> Any:
        locked_at_a_try.append(bool(made) and not till.closed)
        made.append(1)
        return till

    bridge = make_bridge(make)
    closed_when_told: list[bool] = []
    bridge.opening_failed.connect(lambda _: closed_when_told.append(till.closed and till.devices_stopped))
    # Touched the moment the failure shows, whether or not the first thread is quite gone.
    bridge.opening_failed.connect(bridge.start)
    with caplog.at_level(logging.ERROR), qtbot.waitSignals([bridge.opened, bridge.settled]):
        bridge.start()
    assert closed_when_told == [True]
    assert locked_at_a_try == [False, False]


def pay(bridge: TillBridge) -> None:
    bridge.post(scan("6901234567892"))
    bridge.post(ask.BeginPayment())
    bridge.post(ask.TakeTender("cash"))


@pytest.mark.parametrize("error", [RuntimeError("planted"), Problem(wording("The store is full. Call for help."))])
def test_a_status_that_fails_after_a_sale_hides_no_change_and_is_counted_once(
    bridge: TillBridge, till: Any, qtbot: QtBot, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def fail() -> Any:
        raise error

    shown: list[Any] = []
    told: list[Any] = []
    bridge.view_ready.connect(shown.append)
    bridge.noticed.connect(told.append)
    till.status = fail
    with caplog.at_level(logging.WARNING), qtbot.waitSignal(bridge.settled):
        pay(bridge)
    assert bridge.idle
    assert shown[-1].sound is Sound.PAID
    assert shown[-1].completed is not None
    assert [notice.code for notice in told] == [getattr(error, "code", "RuntimeError")]
    with qtbot.waitSignal(bridge.settled):
        bridge.post(scan("6901234567892"))
    assert bridge.idle


@pytest.mark.parametrize(
    "change",
    [
        lambda till: setattr(till, "price_book_published_at", till.price_book_published_at + timedelta(hours=1)),
        lambda till: setattr(till, "business_date", date(2026, 11, 23)),
    ],
    ids=["price book", "day"],
)
def test_quick_keys_are_fetched_again_when_prices_or_the_day_changed_and_only_then(
    bridge: TillBridge, till: Any, qtbot: QtBot, change: Callable[[Any], None]
) -> None:
    pages: list[Any] = []
    bridge.pages_changed.connect(pages.append)
    with qtbot.waitSignal(bridge.settled):
        bridge.ask_status()
    assert pages == []
    till.new_prices["7001"] = 60
    change(till)
    with qtbot.waitSignal(bridge.settled):
        bridge.ask_status()
        bridge.ask_status()
    assert len(pages) == 1
    assert next(key.price_minor for page in pages[0] for key in page.keys if key.code == "7001") == 60


def test_a_new_day_is_seen_after_a_sale_too_and_asked_for_again_where_it_failed(
    bridge: TillBridge, till: Any, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    pages: list[Any] = []
    bridge.pages_changed.connect(pages.append)
    till.business_date = date(2026, 11, 23)
    real = till.quick_keys

    def fail() -> Any:
        raise RuntimeError("planted")

    till.quick_keys = fail
    with caplog.at_level(logging.ERROR), qtbot.waitSignal(bridge.settled):
        pay(bridge)
    assert pages == []
    till.quick_keys = real
    with qtbot.waitSignal(bridge.settled):
        bridge.ask_status()
    assert len(pages) == 1
