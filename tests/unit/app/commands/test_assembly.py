"""A till whose store could not take what the payment desk said: it is asked again though nobody touches it."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from app.checkout.payment_requests import LookAgain
from app.checkout.requests import BeginPayment, TillRequest
from app.checkout.views import Notice, Phase
from app.commands import assembly
from app.commands.assembly import TillAtWork, TillSides
from app.values.wording import Wording, wording

LONG_S = 20


class ForgetfulTill:
    """Cannot take the news before it was asked a number of times."""

    def __init__(self, in_vain: int) -> None:
        self.asked: list[TillRequest] = []
        self._in_vain = in_vain
        self.rings_up = False

    @property
    def has_unheard(self) -> bool:
        return len(self.asked) < self._in_vain

    def handle(self, request: TillRequest) -> Any:
        self.asked.append(request)
        lines = (object(),) if self.rings_up else ()
        return SimpleNamespace(phase=Phase.SELLING, basket=SimpleNamespace(lines=lines))


class Promotions:
    """Counts how often it is looked at; says once what is wrong with it."""

    def __init__(self) -> None:
        self.looks = 0
        self.trouble: Wording | None = None
        self._told: Wording | None = None

    def take_changes(self, _record: object) -> bool:
        self.looks += 1
        news, self._told = self.trouble is not self._told, self.trouble
        return news


class Worker:
    """Brings what is asked back to the till, as the till's thread does."""

    def __init__(self, in_vain: int) -> None:
        self.till = ForgetfulTill(in_vain)
        self.posted: list[TillRequest] = []
        self._came = threading.Condition()
        self.notices: list[Notice] = []
        aside: Any = SimpleNamespace(
            refresh=lambda: False, follow=lambda view: None, stop=lambda store, within_s: True, close=lambda within_s: 0
        )
        listeners: Any = SimpleNamespace(asked=self._post, noticed=lambda notice, sound: self.notices.append(notice))
        self.promotions: Any = Promotions()
        till: Any = self.till
        self.at_work = TillAtWork(till, TillSides(aside, aside, aside, aside, self.promotions, aside), listeners)

    def _post(self, request: TillRequest) -> None:
        with self._came:
            self.posted.append(request)
            self._came.notify_all()

    def serve(self, count: int) -> None:
        for number in range(count):
            self._wait_for(number + 1)
            self.at_work.handle(self.posted[number])

    def _wait_for(self, count: int) -> None:
        with self._came:
            assert self._came.wait_for(lambda: len(self.posted) >= count, LONG_S)


def test_news_that_was_not_taken_is_asked_for_again_until_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "LOOK_AGAIN_S", 0.01)
    worker = Worker(in_vain=4)
    worker.at_work.handle(BeginPayment())
    worker.serve(3)
    assert worker.till.asked == [BeginPayment(), LookAgain(), LookAgain(), LookAgain()]
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_a_till_that_has_heard_everything_asks_for_nothing() -> None:
    worker = Worker(in_vain=1)
    worker.at_work.handle(BeginPayment())
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert not worker.posted


def test_a_till_that_closes_is_asked_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "LOOK_AGAIN_S", LONG_S)
    worker = Worker(in_vain=9)
    worker.at_work.handle(BeginPayment())
    (timer,) = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    worker.at_work.stop_devices()
    timer.join(LONG_S)
    worker.at_work.handle(BeginPayment())  # the last report of a device
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert not worker.posted


def test_changed_promotions_are_looked_for_between_baskets_only() -> None:
    worker = Worker(in_vain=0)
    worker.till.rings_up = True
    worker.at_work.handle(BeginPayment())
    worker.at_work.handle(BeginPayment())
    assert worker.promotions.looks == 1
    worker.till.rings_up = False
    worker.at_work.handle(BeginPayment())
    worker.at_work.handle(BeginPayment())
    assert worker.promotions.looks == 2


def test_the_cashier_is_told_once_that_new_promotions_were_not_taken() -> None:
    worker = Worker(in_vain=0)
    worker.promotions.trouble = wording("New promotions were not taken.")
    for _ in range(3):
        worker.at_work.handle(BeginPayment())
    assert [str(notice.sentence) for notice in worker.notices] == ["New promotions were not taken."]
