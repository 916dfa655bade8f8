"""The payment desk with its thread, and the lane by which the till's thread stores for it. Nothing here sleeps."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.payments.attempt_record import AttemptRecord, AttemptState, Method
from app.payments.desk import PaymentDesk
from app.payments.desk_errands import ErrandLane
from app.payments.desk_requests import (
    AttemptChanged,
    AttemptEnded,
    Decision,
    DeskEvent,
    DeskReady,
    ExceptionRaised,
    RefundRequest,
    RequestRefused,
    SupervisorDecision,
)
from app.payments.ports import AttemptNotStored
from app.payments.provider import PaymentProvider, ProviderCapabilities
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from tests.faults.payment_world import (
    AMOUNT,
    CODE,
    NOON,
    Bank,
    MemoryStore,
    PayFault,
    Points,
    QueryFault,
    ReverseFault,
    Script,
    StruckProvider,
    order_of,
)

LONG_S = 20
"""No test waits so long: an event that does not come within it fails the test."""


class Counterside:
    """A desk at work with its real thread, and what it told."""

    def __init__(self, script: Script | None = None, store: object = None, provider: PaymentProvider | None = None):
        self.bank = Bank(script or Script())
        self.store = MemoryStore()
        self.clock = FixedClock(NOON)
        self.events: list[DeskEvent] = []
        self._came = threading.Condition()
        self.desk = PaymentDesk(
            {"wechat": provider or StruckProvider(self.bank, Points())},
            store or self.store,  # type: ignore[arg-type]
            identities=CountingIdentities("refund"),
            clock=self.clock,
            on_event=self._on_event,
        )

    def _on_event(self, event: DeskEvent) -> None:
        with self._came:
            self.events.append(event)
            self._came.notify_all()

    def wait_for(self, wanted: Callable[[DeskEvent], bool], *, advancing_s: int = 0) -> DeskEvent:
        """Return the first such event, letting the shop's time go by where that is wanted."""
        seen = 0
        with self._came:
            while True:
                for event in self.events:
                    if wanted(event):
                        return event
                if advancing_s:
                    self.clock.advance(timedelta(seconds=advancing_s))
                    self.bank.go_on(timedelta(seconds=advancing_s))
                    self.desk.nudge()
                seen += 1
                assert seen < 4000, f"it did not come: {self.events[-3:]}"
                came = self._came.wait(0.005 if advancing_s else LONG_S)
                assert came or advancing_s, f"nothing came after {self.events[-3:]}"

    def ready(self) -> "Counterside":
        self.desk.start()
        self.wait_for(lambda event: isinstance(event, DeskReady))
        return self

    def ended(self, attempt_id: str = "attempt-1", *, advancing_s: int = 0) -> AttemptEnded:
        found = self.wait_for(
            lambda event: isinstance(event, AttemptEnded) and event.attempt.attempt_id == attempt_id,
            advancing_s=advancing_s,
        )
        assert isinstance(found, AttemptEnded)
        return found


@pytest.fixture
def counterside(request):
    made: list[Counterside] = []

    def make(*args, **more) -> Counterside:
        made.append(Counterside(*args, **more))
        return made[-1].ready()

    yield make
    for one in made:
        assert one.desk.close(LONG_S)


def test_a_scanned_code_pays_the_basket(counterside) -> None:
    shop = counterside()
    assert shop.desk.begin(order_of())
    ended = shop.ended()
    assert (ended.attempt.state, ended.attempt.approved_minor) == (AttemptState.APPROVED, AMOUNT)
    assert str(ended.sentence) == "So says the bank."
    assert not shop.desk.is_busy_with("basket-1")
    assert CODE not in repr(shop.events)
    assert CODE not in repr(shop.store.steps)


def test_a_basket_has_one_payment_at_a_time_and_another_basket_its_own(counterside) -> None:
    shop = counterside(Script(PayFault.NEVER))
    assert shop.desk.begin(order_of())
    assert not shop.desk.begin(order_of("attempt-2"))
    assert shop.desk.is_busy_with("basket-1")
    assert shop.desk.begin(order_of("attempt-3", "basket-2"))
    shop.ended("attempt-1", advancing_s=1)
    shop.ended("attempt-3", advancing_s=1)
    assert shop.desk.begin(order_of("attempt-4"))


def test_the_cashier_reads_what_is_waited_for_and_how_long_it_may_take(counterside) -> None:
    shop = counterside(Script(PayFault.NEVER))
    shop.desk.begin(order_of())
    shown = shop.wait_for(
        lambda event: isinstance(event, AttemptChanged) and event.attempt.state is AttemptState.PENDING
    )
    assert isinstance(shown, AttemptChanged)
    assert shown.seconds_left == 45


def test_a_cancel_really_cancels(counterside) -> None:
    shop = counterside(Script(PayFault.NEVER))
    shop.desk.begin(order_of())
    shop.wait_for(lambda event: isinstance(event, AttemptChanged) and event.attempt.state is AttemptState.PENDING)
    assert shop.desk.cancel("attempt-1", "007")
    ended = shop.ended(advancing_s=1)
    assert (ended.attempt.state, ended.attempt.cancel_by) == (AttemptState.REVERSED, "007")
    assert shop.bank.charges["attempt1"].state == "closed"


def test_a_refused_cancel_of_another_payment_frees_nothing(counterside) -> None:
    shop = counterside(Script(PayFault.NEVER))
    shop.desk.begin(order_of())
    shop.desk.cancel("attempt-9", "007")
    shop.wait_for(lambda event: isinstance(event, RequestRefused))
    assert shop.desk.is_busy_with("basket-1")


def test_refunds_go_up_to_what_was_paid_and_no_further(counterside) -> None:
    shop = counterside()
    shop.desk.begin(order_of())
    shop.ended()
    # 34.50 paid: 20.00 and 14.50 go back, another fen does not.
    assert shop.desk.refund(RefundRequest("wanted-1", "attempt-1", 2000, "007", "broken"))
    assert shop.ended("wanted-1").attempt.approved_minor == 2000
    assert shop.desk.refund(RefundRequest("wanted-2", "attempt-1", 1451, "007", "broken"))
    refused = shop.wait_for(lambda event: isinstance(event, RequestRefused))
    assert isinstance(refused, RequestRefused)
    assert "¥14.50" in str(refused.sentence)
    assert shop.desk.refund(RefundRequest("wanted-3", "attempt-1", 1450, "007", "broken"))
    shop.ended("wanted-3")
    assert shop.bank.net_minor("attempt1") == 0
    assert shop.desk.refund(RefundRequest("wanted-3", "attempt-1", 1, "007", "again"))
    shop.wait_for(lambda event: isinstance(event, RequestRefused) and event.attempt_id == "wanted-3")


def test_what_is_not_paid_is_not_given_back(counterside) -> None:
    shop = counterside(Script(PayFault.DECLINED))
    shop.desk.begin(order_of())
    assert shop.ended().attempt.state is AttemptState.DECLINED
    shop.desk.refund(RefundRequest("wanted-1", "attempt-1", 1, "007", "broken"))
    shop.wait_for(lambda event: isinstance(event, RequestRefused))


def test_a_supervisor_is_called_and_may_accept_anyway_with_name_and_reason(counterside) -> None:
    shop = counterside(provider=Silent())
    shop.desk.begin(order_of())
    shop.wait_for(lambda event: isinstance(event, ExceptionRaised), advancing_s=1)
    with pytest.raises(ValueError, match="a name and a reason"):
        shop.desk.decide(SupervisorDecision("attempt-1", Decision.ACCEPT_ANYWAY, "900", " "))
    assert shop.desk.decide(SupervisorDecision("attempt-1", Decision.ACCEPT_ANYWAY, "900", "seen on the phone"))
    ended = shop.ended()
    assert (ended.attempt.state, ended.attempt.decided_by) == (AttemptState.APPROVED, "900")


class Silent(StruckProvider):
    """A provider that is away: nothing has an answer, and one call even fails inside."""

    def __init__(self) -> None:
        super().__init__(Bank(Script()), Points())

    def _struck(self, call, order):
        raise RuntimeError(f"a fault that holds {CODE}")


def test_a_fault_inside_a_provider_is_no_answer_and_its_text_is_not_logged(counterside, caplog) -> None:
    shop = counterside(provider=Silent())
    shop.desk.begin(order_of())
    shop.wait_for(lambda event: isinstance(event, AttemptChanged) and event.attempt.state is AttemptState.UNKNOWN)
    assert "provider_failed" in caplog.text
    assert CODE not in caplog.text


def test_what_a_provider_cannot_do_is_refused_before_anything_is_stored(counterside) -> None:
    class CodeOnly(StruckProvider):
        @property
        def capabilities(self) -> ProviderCapabilities:
            return ProviderCapabilities(shopper_code=False, merchant_code=False, refund=False)

    shop = counterside(provider=CodeOnly(Bank(Script()), Points()))
    for number, method in enumerate((Method.SHOPPER_CODE, Method.MERCHANT_CODE), 1):
        shop.desk.begin(order_of(f"attempt-{number}", method=method))
        shop.wait_for(lambda event, n=number: getattr(event, "attempt_id", "") == f"attempt-{n}")
        assert not shop.desk.is_busy_with("basket-1")
    shop.desk.begin(order_of("attempt-7", provider_id="nobody"))
    shop.wait_for(lambda event: getattr(event, "attempt_id", "") == "attempt-7")
    assert shop.store.steps == {}


def test_a_code_to_be_scanned_comes_with_the_payment(counterside) -> None:
    shop = counterside(Script(PayFault.SLOW))
    shop.desk.begin(order_of(method=Method.MERCHANT_CODE, shopper_code=""))
    shown = shop.wait_for(lambda event: isinstance(event, AttemptChanged) and bool(event.payload))
    assert isinstance(shown, AttemptChanged)
    assert shown.payload == "weixin://pay?1"
    assert shop.ended(advancing_s=1).attempt.state is AttemptState.APPROVED


def test_before_the_desk_is_ready_and_after_it_stopped_nothing_is_taken() -> None:
    shop = Counterside()
    assert not shop.desk.begin(order_of())
    shop.ready()
    assert shop.desk.close(LONG_S)
    assert not shop.desk.begin(order_of())
    assert not shop.desk.cancel("attempt-1", "007")
    for wrong in (
        lambda: shop.desk.begin(order_of(amount_minor=0)),
        lambda: shop.desk.cancel("attempt-1", ""),
        lambda: shop.desk.refund(RefundRequest("wanted-1", "attempt-1", 0, "007", "x")),
    ):
        with pytest.raises(ValueError, match=r"names|amount"):
            wrong()


def test_at_the_start_what_is_not_final_comes_first_and_its_basket_is_busy(counterside) -> None:
    first = counterside(Script(PayFault.NEVER))
    first.desk.begin(order_of())
    first.wait_for(lambda event: isinstance(event, AttemptChanged) and event.attempt.state is AttemptState.PENDING)
    assert first.desk.close(LONG_S)
    again = Counterside(Script(PayFault.SLOW), store=first.store)
    again.bank.charges = first.bank.charges
    again.ready()
    try:
        ready = again.events[0]
        assert isinstance(ready, DeskReady)
        assert [one.attempt_id for one in ready.unresolved] == ["attempt-1"]
        assert not again.desk.begin(order_of("attempt-2"))
        assert again.ended(advancing_s=1).attempt.state is AttemptState.APPROVED
    finally:
        assert again.desk.close(LONG_S)


def test_a_late_word_of_the_bill_brings_the_refund(counterside) -> None:
    shop = counterside(Script(PayFault.NEVER, QueryFault.NONE, ReverseFault.NONE))
    shop.desk.begin(order_of())
    shop.ended(advancing_s=1)
    shop.bank.charges["attempt1"].state = "paid"
    assert shop.desk.hear_late("attempt-1")
    shop.ended("refund-000001", advancing_s=1)
    assert shop.bank.net_minor("attempt1") == 0


# The lane between the desk and the till's thread.


class TillThread:
    """A till's thread: does what waits in its lane when woken."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.woken = threading.Event()
        self.stopping = False
        self.lane = ErrandLane(self.woken.set)
        self.threads: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="till")
        self._thread.start()

    def _run(self) -> None:
        while not self.stopping:
            assert self.woken.wait(LONG_S)
            self.woken.clear()
            self.lane.run_waiting(self)

    def __getattr__(self, name: str):
        self.threads.add(threading.current_thread().name)
        return getattr(self.store, name)

    def close(self) -> None:
        self.stopping = True
        self.woken.set()
        self._thread.join(LONG_S)


def test_the_store_is_touched_by_the_tills_thread_alone(counterside) -> None:
    till = TillThread()
    shop = counterside(Script(PayFault.SLOW), store=till.lane)
    shop.desk.begin(order_of())
    assert shop.ended(advancing_s=1).attempt.state is AttemptState.APPROVED
    till.close()
    assert till.threads == {"till"}
    assert till.store.attempt_history("attempt-1")[-1].final


def test_an_errand_that_is_not_begun_in_time_is_withdrawn_and_never_done() -> None:
    lane = ErrandLane(lambda: None, within_s=0)
    store = MemoryStore()
    with pytest.raises(AttemptNotStored):
        lane.save_attempt(AttemptRecord(()))
    lane.run_waiting(store)

    class Trap(MemoryStore):
        def save_attempt(self, record: AttemptRecord) -> None:
            raise AssertionError("it was withdrawn")

    lane.run_waiting(Trap())


def test_what_the_store_says_comes_back_to_who_asked() -> None:
    store = MemoryStore()
    lane = ErrandLane(lambda: lane.run_waiting(store))
    assert lane.open_attempts() == ()
    assert lane.attempt("none") is None
    assert lane.attempt_history("none") == lane.refunds_of("none") == lane.open_exceptions() == ()
    assert lane.last_reversed(9) == ()
    from app.payments.attempt_record import CaseClosed

    with pytest.raises(ValueError, match="no such case"):
        lane.close_exception(CaseClosed("none", "007", "seen", NOON))


def test_a_closed_or_full_lane_says_so_at_once_and_lets_nobody_wait() -> None:
    lane = ErrandLane(lambda: lane.close(), within_s=LONG_S)  # noqa: PLW0108 - the lane is made here
    with pytest.raises(AttemptNotStored):
        lane.open_attempts()
    with pytest.raises(AttemptNotStored):
        lane.open_attempts()


def test_a_till_that_closes_serves_the_lane_until_the_desk_has_ended() -> None:
    # Here the till's thread is the test's own: it never waits for the desk but serves it.
    lane = ErrandLane(lambda: None)
    store = MemoryStore()
    bank = Bank(Script())
    events: list[DeskEvent] = []
    began = threading.Event()

    def on_event(event: DeskEvent) -> None:
        events.append(event)
        if isinstance(event, DeskReady):
            began.set()
            desk.begin(order_of())
        if isinstance(event, AttemptEnded):
            desk.stop()

    desk = PaymentDesk(
        {"wechat": StruckProvider(bank, Points())},
        lane,
        identities=CountingIdentities(),
        clock=FixedClock(NOON),
        on_event=on_event,
        on_end=lane.nudge,
    )
    desk.start()
    lane.serve_until(store, lambda: desk.ended)
    lane.close()
    assert began.is_set()
    assert [event.attempt.state for event in events if isinstance(event, AttemptEnded)] == [AttemptState.APPROVED]


def test_where_the_store_says_no_nothing_is_sent() -> None:
    shop = Counterside(store=(lane := ErrandLane(lambda: None, within_s=0)))
    shop.desk.start()
    lane.close()
    assert shop.desk.close(LONG_S)
    assert shop.bank.pay_numbers == []
