"""The desk's thread: what it is asked from others, who listens badly, and how it lets go. Nothing here sleeps."""

import threading

import pytest

from app.payments.attempt_record import AttemptState, Method
from app.payments.desk import INBOX_LIMIT, PaymentDesk
from app.payments.desk_errands import ErrandLane
from app.payments.desk_requests import AttemptChanged, AttemptEnded, DeskReady, PaymentOrder
from app.payments.provider import Verdict
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from tests.faults.payment_world import AMOUNT, NOON, MemoryStore, order_of
from tests.unit.app.payments.desk_cases import BY_HAND, HOLDS, PAID, TERMINAL, WAITS, Told, say

LONG_S = 20


class Listener:
    """Hears the desk, and may fail at what it hears."""

    def __init__(self, fails: bool = False) -> None:
        self.events: list[object] = []
        self.fails = fails
        self._came = threading.Condition()

    def __call__(self, event: object) -> None:
        with self._came:
            self.events.append(event)
            self._came.notify_all()
        if self.fails:
            raise RuntimeError("the screen is gone")

    def wait(self, wanted) -> object:
        with self._came:
            assert self._came.wait_for(lambda: any(map(wanted, self.events)), LONG_S), self.events
            return next(filter(wanted, self.events))


def desk_of(provider: Told, listener: Listener, store: object = None, **more) -> PaymentDesk:
    desk = PaymentDesk(
        {"wechat": provider, "the same again": provider},
        store or MemoryStore(),  # type: ignore[arg-type]
        identities=CountingIdentities("made"),
        clock=FixedClock(NOON),
        on_event=listener,
        **more,
    )
    desk.start()
    return desk


def ready(event: object) -> bool:
    return isinstance(event, DeskReady)


def ended(event: object) -> bool:
    return isinstance(event, AttemptEnded)


def test_who_fails_at_an_event_harms_no_payment(caplog) -> None:
    listener, provider = Listener(fails=True), Told(answers=dict(PAID))
    desk = desk_of(provider, listener)
    listener.wait(ready)
    assert desk.begin(order_of())
    listener.wait(ended)
    assert desk.begin(order_of("attempt-2"))
    listener.wait(lambda event: ended(event) and event.attempt.attempt_id == "attempt-2")
    assert desk.close(LONG_S)
    assert "payment_event_not_heard" in caplog.text


def test_a_desk_that_ends_lets_its_providers_go_once_and_after_the_last_call(caplog) -> None:
    listener, provider = Listener(), Told(answers=dict(PAID))
    desk = desk_of(provider, listener)
    listener.wait(ready)
    desk.begin(order_of())
    listener.wait(ended)
    assert provider.closed == 0
    assert desk.close(LONG_S)
    assert provider.closed == 1

    class Stuck(Told):
        def close(self) -> None:
            raise RuntimeError("a fault")

    other = desk_of(Stuck(), Listener())
    assert other.close(LONG_S)
    assert "provider_not_closed" in caplog.text


def test_a_persons_word_and_a_terminals_reach_the_payment_through_the_desk() -> None:
    listener = Listener()
    desk = desk_of(Told(BY_HAND, dict(WAITS)), listener)
    listener.wait(ready)
    desk.begin(order_of(method=Method.MERCHANT_CODE))
    listener.wait(lambda event: isinstance(event, AttemptChanged) and event.payload)
    with pytest.raises(ValueError, match="has a name"):
        desk.confirm("attempt-1", " ", "FT1")
    assert desk.confirm("attempt-1", "007", "FT1")
    assert listener.wait(ended).attempt.decided_by == "007"
    assert desk.close(LONG_S)
    assert not desk.confirm("attempt-1", "007")

    listener, terminal = Listener(), Told(TERMINAL, dict(WAITS))
    desk = desk_of(terminal, listener)
    listener.wait(ready)
    desk.begin(order_of(method=Method.TERMINAL))
    listener.wait(lambda event: isinstance(event, AttemptChanged) and event.attempt.state is AttemptState.PENDING)
    terminal.answers["query"] = [say(Verdict.APPROVED, AMOUNT)]
    assert desk.ask_now("attempt-1")
    listener.wait(ended)
    assert desk.close(LONG_S)


def test_a_capture_is_taken_however_much_else_is_asked() -> None:
    class Store(MemoryStore):
        def save_attempt(self, record) -> None:
            super().save_attempt(record)
            if len(self.captures) == 2:
                both_taken.set()

    listener, store, both_taken = Listener(), Store(), threading.Event()
    at_call, go_on = threading.Event(), threading.Event()
    provider = Told(HOLDS, PAID | {"capture": [say(Verdict.APPROVED, AMOUNT)]})

    def during(call: str) -> None:
        if call == "pay" and provider.count("pay") == 2:
            at_call.set()
            assert go_on.wait(LONG_S)

    provider.during = during
    desk = desk_of(provider, listener, store)
    listener.wait(ready)
    desk.begin(order_of())
    listener.wait(ended)
    desk.begin(order_of("attempt-2", "basket-2"))
    assert at_call.wait(LONG_S)
    assert all(desk.hear_late("nobody") for _ in range(INBOX_LIMIT))
    assert not desk.ask_now("attempt-2")
    desk.capture(())
    desk.capture(["attempt-1", "attempt-2"])
    go_on.set()
    assert both_taken.wait(LONG_S)
    assert desk.close(LONG_S)


def test_a_shopper_code_is_no_part_of_what_a_listener_hears() -> None:
    assert "1345" not in repr(
        PaymentOrder("a-00001", "b", "t", "p", Method.SHOPPER_CODE, 1, "CNY", "x", "", "", "1345")
    )


def test_a_provider_that_never_answers_does_not_hold_the_closing_till() -> None:
    lane, listener = ErrandLane(lambda: None), Listener()
    at_call, let_go = threading.Event(), threading.Event()

    def stuck(call: str) -> None:
        at_call.set()
        assert let_go.wait(LONG_S)

    provider = Told(answers=dict(PAID), during=stuck)
    store = MemoryStore()
    desk = desk_of(provider, listener, lane, on_end=lane.nudge)
    lane.serve_until(store, lambda: any(map(ready, listener.events)))
    desk.begin(order_of())
    lane.serve_until(store, at_call.is_set)
    desk.stop()
    assert not lane.serve_until(store, lambda: desk.ended, within_s=1)
    let_go.set()
    assert lane.serve_until(store, lambda: desk.ended)
    # What it had under way was stored after all.
    assert store.attempt("attempt-1").state is AttemptState.APPROVED
