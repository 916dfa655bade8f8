"""A shop's day with the real payment desk, the real store and the simulated providers behind real HTTP.

The clock is driven: it moves on where the desk would wait, and never by itself.
"""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from app.payments.alipay.provider import make_alipay
from app.payments.alipay.simulator import AlipaySimulator
from app.payments.attempt_record import AttemptState, Method, PaymentAttempt, provider_number_of
from app.payments.day_end import DayProvider, DayResult, reconcile_day
from app.payments.desk import PaymentDesk
from app.payments.desk_errands import ErrandLane
from app.payments.desk_requests import (
    AttemptChanged,
    AttemptEnded,
    DeskEvent,
    DeskReady,
    PaymentOrder,
    RefundRequest,
    RequestRefused,
)
from app.payments.provider import BillKind, PaymentProvider, PurchaseOrder
from app.payments.reconciliation import Carried, Standing
from app.payments.tenders import Tendered
from app.payments.wechat.provider import make_wechat
from app.payments.wechat.simulator import WechatSimulator
from app.sales.sale import Sale, TaxSummaryRow
from app.values.clock import FixedClock
from app.values.rounding import divide_half_up
from app.values.tax import TaxAmounts
from app.values.wording import LocalizedText
from offline_store.payment_facts import StoredPaymentFacts
from tests.faults.store_shop import STANDARD, open_shop, reader_of, sale

DAY = date(2026, 3, 1)
OPENS = datetime(2026, 2, 28, 23, tzinfo=UTC)  # 07:00 of the first of March in China
LONG_S = 30
NAMES = {"wechat": LocalizedText("微信支付"), "alipay": LocalizedText("支付宝")}
MOST_PAUSES = 2_000
"""In a row without an event: a desk that goes on so long will never end."""


class Identities:
    """Identities as a till's are, and the same in every run."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)

    def new(self) -> str:
        return f"{self._chance.getrandbits(128):032x}"


class DayShop:
    """One till, its desk and its providers; the test's thread owns the store and serves the desk's errands."""

    def __init__(self, folder: Path, seed: int, keys: tuple[object, object]) -> None:
        self.folder = folder
        self.clock = FixedClock(OPENS)
        self.identities = Identities(seed)
        self.expected: Counter[tuple[str, Standing, str, str]] = Counter()
        self.payments = 0
        self._opened = ExitStack()
        self.wechat = self._opened.enter_context(WechatSimulator(self.clock, keys[0]))
        self.alipay = self._opened.enter_context(AlipaySimulator(self.clock, keys[1]))
        (folder / "w").mkdir()
        self._settings = {"wechat": self.wechat.settings(folder / "w"), "alipay": self.alipay.settings(folder / "a")}
        self._awake = threading.Event()
        self._open: set[str] = set()
        self._events: dict[str, list[DeskEvent]] = {}
        self._ready = threading.Event()
        self._until = OPENS
        self._pauses = 0
        self.holds = False
        self.scans: set[str] = set()
        self.open_till()

    def close(self) -> None:
        if self.desk is not None:
            self.close_till()
        self._opened.close()

    # The till.

    def made(self) -> dict[str, PaymentProvider]:
        return {
            "wechat": make_wechat(self._settings["wechat"], self.clock),
            "alipay": make_alipay(self._settings["alipay"], self.clock),
        }

    def open_till(self) -> None:
        self.store = open_shop(self.folder / "till", self.clock)
        self.lane = ErrandLane(self._awake.set)
        self._ready.clear()
        self.desk: PaymentDesk | None = PaymentDesk(
            self.made(),
            self.lane,
            identities=self.identities,
            clock=self.clock,
            on_event=self._on_event,
            on_end=self.lane.nudge,
            pause=self._pause,
        )
        self.desk.start()
        self.serve(self._ready.is_set)

    def close_till(self) -> None:
        self.desk.stop()
        self.lane.serve_until(self.store, lambda: self.desk.ended)
        self.lane.close()
        self.store.close()
        self.desk = None

    def _pause(self, changed: threading.Condition, longest: timedelta | None) -> None:
        """Let the time go by that the desk would wait, where somebody waits for it."""
        now = self.clock.now()
        if self.holds or not (self._open or now < self._until):
            changed.wait(LONG_S)
            return
        # Where a payment waits, its own time counts; else no more goes by than was wanted.
        left = None if self._open else self._until - now
        if left is not None:
            longest = left if longest is None else min(longest, left)
        if longest is None:
            changed.wait(LONG_S)
            return
        self._pauses += 1
        assert self._pauses < MOST_PAUSES, "the desk waits for what never comes"
        self.clock.advance(longest)
        self._awake.set()

    def _on_event(self, event: DeskEvent) -> None:
        self._pauses = 0
        match event:
            case DeskReady():
                self._ready.set()
            case AttemptChanged(attempt=attempt, payload=payload):
                self._events.setdefault(attempt.attempt_id, []).append(event)
                if payload and attempt.attempt_id in self.scans:
                    self.scans.discard(attempt.attempt_id)
                    self._pay_shown(attempt, payload)
            case AttemptEnded(attempt=attempt):
                self._events.setdefault(attempt.attempt_id, []).append(event)
                self._open.discard(attempt.attempt_id)
            case RequestRefused(attempt_id=attempt_id):
                raise AssertionError((attempt_id, str(event.sentence)))
        self._awake.set()

    def _pay_shown(self, attempt: PaymentAttempt, payload: str) -> None:
        if attempt.provider_id == "wechat":
            assert self.wechat.scan(payload)
        else:
            assert self.alipay.shopper_pays(attempt.provider_number)

    def serve(self, done: Callable[[], bool]) -> None:
        while True:
            self._awake.clear()
            self.lane.run_waiting(self.store)
            if done():
                return
            assert self._awake.wait(LONG_S), "the desk does not go on"

    def let_go_by(self, by: timedelta) -> None:
        """Let time pass; the desk looks at what becomes due meanwhile."""
        self._until = self.clock.now() + by
        self.desk.nudge()
        self.serve(lambda: self.clock.now() >= self._until)

    # Payments.

    def begin(
        self, provider_id: str, amount: int, shopper: object = None, *, shown: bool = False, scanned: bool = True
    ) -> str:
        """Have a payment begun; the shopper of a code that is shown pays at once where it is scanned."""
        attempt_id = self.identities.new()
        simulator = self.wechat if provider_id == "wechat" else self.alipay
        code = "" if shown else simulator.issue_code(*([shopper] if shopper is not None else []))
        if shown and scanned:
            self.scans.add(attempt_id)
        self._open.add(attempt_id)
        self.payments += 1
        assert self.desk.begin(
            PaymentOrder(
                attempt_id=attempt_id,
                basket_id=f"basket-{attempt_id}",
                tender_type_id=provider_id,
                provider_id=provider_id,
                method=Method.MERCHANT_CODE if shown else Method.SHOPPER_CODE,
                amount_minor=amount,
                currency="CNY",
                description="街角店",
                store_number="0001",
                till_number="01",
                shopper_code=code,
            )
        )
        return attempt_id

    def ended(self, attempt_id: str) -> PaymentAttempt:
        """Wait for a payment's end, and return it."""
        self.serve(lambda: attempt_id not in self._open)
        last = self._events.pop(attempt_id)[-1]
        assert isinstance(last, AttemptEnded)
        return last.attempt

    def pay(self, *args: object, **more: object) -> PaymentAttempt:
        return self.ended(self.begin(*args, **more))

    def approved(self, *args: object, **more: object) -> PaymentAttempt:
        attempt = self.pay(*args, **more)
        assert attempt.state is AttemptState.APPROVED, attempt
        return attempt

    def reaches(self, attempt_id: str, state: AttemptState) -> None:
        """Wait until an attempt is seen in a state."""
        self.serve(
            lambda: any(
                isinstance(one, AttemptChanged) and one.attempt.state is state
                for one in list(self._events.get(attempt_id, ()))
            )
        )

    def refund(self, attempt: PaymentAttempt, amount: int) -> str:
        refund_id = self.identities.new()
        self._open.add(refund_id)
        assert self.desk.refund(RefundRequest(refund_id, attempt.attempt_id, amount, "007", "苹果坏了"))
        return refund_id

    def sell(self, *attempts: PaymentAttempt, cash: int = 0) -> None:
        """Record the sale that these payments paid."""
        due = sum(one.approved_minor for one in attempts) + cash
        tax = divide_half_up(due * 1300, 11300)
        amounts = TaxAmounts(due - tax, tax, due)
        base = sale(self.identities.new())
        line = replace(
            base.lines[0],
            quantity_thousandths=1000,
            list_price_minor=due,
            unit_price_minor=due,
            extended_minor=due,
            discounts=(),
            tax=amounts,
            serial=None,
        )
        tenders = [
            Tendered(place, one.tender_type_id, NAMES[one.provider_id], one.provider_id, one.approved_minor,
                     one.approved_minor, one.provider_reference, one.attempt_id)
            for place, one in enumerate(attempts, 1)
        ]  # fmt: skip
        if cash:
            tenders.append(Tendered(len(tenders) + 1, "cash", LocalizedText("现金"), "cash_drawer", cash, cash))
        made: Sale = replace(
            base,
            lines=(line,),
            voided_lines=(),
            tax_summary=(TaxSummaryRow(STANDARD, amounts),),
            gross_minor=due,
            discount_minor=0,
            rounding_minor=0,
            due_minor=due,
            change_minor=0,
            tenders=tuple(tenders),
            opened_at=self.clock.now(),
            completed_at=self.clock.now(),
        )
        self.store.commit_sale(made, print_job_id=None)

    # What the providers do by themselves.

    def ledger(self, provider_id: str) -> list:
        """The simulator's own ledger, out of which it writes its bill."""
        return self.wechat.orders.ledger if provider_id == "wechat" else self.alipay._bank.ledger

    def entry(self, provider_id: str, kind: BillKind, number: str, refund: str = "") -> int:
        """Return the place of an entry."""
        return next(
            place
            for place, one in enumerate(self.ledger(provider_id))
            if (one.kind, one.number, one.refund_number) == (kind, number, refund)
        )

    def expect(self, provider_id: str, standing: Standing, number: str, refund: str = "") -> None:
        self.expected[provider_id, standing, provider_number_of(number), refund] += 1

    def order_beside(self, provider_id: str, amount: int) -> PurchaseOrder:
        """A payment of which this till's records know nothing."""
        simulator = self.wechat if provider_id == "wechat" else self.alipay
        return PurchaseOrder(
            self.identities.new(), amount, "CNY", "街角店", "0001", "01", shopper_code=simulator.issue_code()
        )

    # The day's end.

    def reconcile(self, provider_id: str, day: date, carried: Carried | None = None) -> DayResult:
        """Fetch the bill over HTTP and match it, beside whatever the till does."""
        provider = self.made()[provider_id]
        try:
            with (
                reader_of(self.folder / "till") as reader,
                StoredPaymentFacts(reader, store_number=1, till_number=1) as facts,
            ):
                asked = DayProvider(provider_id, NAMES[provider_id], provider, frozenset({provider_id}))
                return reconcile_day(asked, facts, day, carried)
        finally:
            provider.close()
