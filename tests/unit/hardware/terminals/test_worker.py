"""A fault in a driver costs a payment its certainty, never its money, and is said aloud."""

import threading
from typing import Any

import pytest

from app.payments.card_terminal import (
    PurchaseRequest,
    TerminalAnswered,
    TerminalCapabilities,
    TerminalResult,
    TransactionReference,
)
from app.payments.card_terminal import RefundRequest as Refund
from hardware.terminals.nexo import Diagnosed, Heard
from hardware.terminals.worker import TerminalLimits, TerminalWorker
from hardware.worker import ErrorEvent, Patience

QUICK = Patience(first_retry_s=0.01, longest_retry_s=0.02, look_s=0.02)


class FaultyDriver:
    """A driver that breaks at payments, and answers nothing."""

    capabilities = TerminalCapabilities(refund=False)

    def __init__(self) -> None:
        self.begun = 0

    def open(self) -> None: ...

    def close(self) -> None: ...

    def greet(self) -> None: ...

    def forget(self) -> None: ...

    def abort(self) -> None: ...

    def inquire(self) -> None: ...

    def resume(self, request: object) -> None: ...

    def diagnose(self) -> Diagnosed:
        return Diagnosed("OK")

    def begin(self, request: object) -> None:
        self.begun += 1
        raise ZeroDivisionError("a bug")

    def listen(self, timeout_s: float) -> tuple[Heard, ...]:
        threading.Event().wait(0.005)
        return ()


def test_a_bug_in_a_driver_leaves_the_payment_unknown_and_is_never_tried_again() -> None:
    events: list[Any] = []
    answered = threading.Event()

    def take(event: object) -> None:
        events.append(event)
        if isinstance(event, TerminalAnswered):
            answered.set()

    driver = FaultyDriver()
    limits = TerminalLimits(answer_within_s=0.3, ask_again_s=0.02)
    worker = TerminalWorker("card_terminal", driver, take, limits=limits, patience=QUICK)
    assert not worker.purchase(PurchaseRequest("attempt-0", 1, "CNY")), "nobody is there to do it yet"
    worker.start()
    assert worker.purchase(PurchaseRequest("attempt-1", 1, "CNY"))
    assert answered.wait(20)
    assert worker.close(5)
    answers = [event for event in events if isinstance(event, TerminalAnswered)]
    assert [one.outcome.result for one in answers] == [TerminalResult.UNKNOWN]
    assert any(isinstance(event, ErrorEvent) for event in events)
    assert driver.begun == 1


def test_what_a_terminal_cannot_do_is_not_begun() -> None:
    worker = TerminalWorker("card_terminal", FaultyDriver(), lambda _: None, patience=QUICK)
    worker.start()
    assert not worker.refund(Refund("attempt-1", 1, "CNY", TransactionReference("T1", "R", "")))
    with pytest.raises(ValueError, match="amount"):
        worker.purchase(PurchaseRequest("attempt-1", 0, "CNY"))
    assert worker.close(5)
