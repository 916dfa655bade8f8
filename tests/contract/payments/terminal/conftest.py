"""A till in small: the payment attempts' own rules and steps over a real terminal worker, and time that the test lets go by."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.payments import attempt_steps, attempts
from app.payments.attempt_record import (
    Call,
    ExceptionKind,
    Method,
    Moved,
    Operation,
    PaymentAttempt,
    RefundWanted,
)
from app.payments.attempt_schedule import Ask, CallHelp, GiveBack, Refund, Rest, Reverse, Submit, next_step
from app.payments.card_terminal import TerminalAnswered, TerminalPrompt
from app.payments.provider import ProviderAnswer, PurchaseOrder, RefundOrder
from app.payments.terminal_provider import TerminalProvider
from hardware.conversation import unwatched
from hardware.simulated.card_terminal import SimulatedCardTerminal
from hardware.simulated.lines import line_to
from hardware.terminals.discretion import DiscreetTransport
from hardware.terminals.driver import NexoTerminal
from hardware.terminals.nexo import NexoSession
from hardware.terminals.requests import NexoRules
from hardware.terminals.worker import TerminalLimits, TerminalWorker
from hardware.worker import DeviceState, Patience, StatusUpdate

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
GENEROUS_S = 20.0
QUICK = Patience(first_retry_s=0.02, longest_retry_s=0.05, look_s=0.05)
LIMITS = TerminalLimits(
    answer_within_s=15.0, resolve_within_s=1.0, ask_again_s=0.05, ask_while_paying_s=0.2, silent_s=0.4, check_s=0.05
)


class SmallTill:
    """Carries attempts through `app.payments.attempts` as the desk does; what is in `stored` survives a restart."""

    def __init__(self, rules: NexoRules | None = None, limits: TerminalLimits = LIMITS) -> None:
        self.terminal = SimulatedCardTerminal("Simulated-1")
        self.now = NOON
        self.stored: dict[str, PaymentAttempt] = {}
        self.cases: list[ExceptionKind] = []
        self.looked_at: set[str] = set()
        """Attempts that a person must look at."""

        self.answers: list[tuple[Call, ProviderAnswer]] = []
        self._rules, self._limits = rules, limits
        self._changed = threading.Condition()
        self.start()

    def start(self) -> None:
        self.news: set[str] = set()
        self.state: DeviceState | None = None
        self.alive = alive = threading.Event()
        alive.set()
        session = NexoSession("Till1", "Simulated-1", self._rules)
        driver = NexoTerminal(DiscreetTransport(line_to(self.terminal, "memory"), unwatched), session)

        def hear(event: Any) -> None:
            with self._changed:
                if alive.is_set():
                    if isinstance(event, TerminalPrompt | TerminalAnswered):
                        self.provider.hear(event)
                    elif isinstance(event, StatusUpdate):
                        self.state = event.state
                self._changed.notify_all()

        self.worker = TerminalWorker("card_terminal", driver, hear, limits=self._limits, patience=QUICK)
        self.provider = TerminalProvider(lambda: self.worker, on_news=self.news.add)
        self.worker.start()

    def kill(self) -> None:
        """Stop as a power cut does: nothing that is said from now on is heard."""
        self.alive.clear()
        assert self.worker.close(5.0)

    def restart(self) -> None:
        self.kill()
        self.start()
        for name, attempt in self.stored.items():
            self.stored[name] = attempts.resumed(attempt, self.now).attempt

    def wait(self, what: Callable[[], bool], limit_s: float = GENEROUS_S) -> bool:
        with self._changed:
            for _ in range(int(limit_s / 0.01)):
                if what():
                    return True
                self._changed.wait(0.01)
            return what()

    def is_(self, state: DeviceState) -> bool:
        return self.wait(lambda: self.state is state)

    # What the till does.

    def begin(self, name: str = "attempt-1", amount_minor: int = 12_850) -> PaymentAttempt:
        made = PaymentAttempt(
            attempt_id=name,
            provider_number=name.replace("-", ""),
            basket_id=f"basket-of-{name}",
            tender_type_id="card",
            provider_id="terminal",
            operation=Operation.PURCHASE,
            method=Method.TERMINAL,
            amount_minor=amount_minor,
            currency="CNY",
            created_at=self.now,
        )
        self.stored[name] = made
        return self.step(name)

    def refund_order(self, name: str, of: str, amount_minor: int) -> RefundOrder:
        """Return a refund that was not sent yet."""
        wanted = RefundWanted(self.stored[of], amount_minor, "brought back")
        self.stored[name] = attempt_steps.refund_attempt(wanted, name, self.now, asked_by="007")
        return self._refund(self.stored[name])

    def begin_refund(self, name: str, of: str, amount_minor: int) -> PaymentAttempt:
        self.refund_order(name, of, amount_minor)
        return self.step(name)

    def cancel(self, name: str = "attempt-1") -> None:
        self.stored[name] = attempts.cancel_asked(self.stored[name], "007").attempt

    def step(self, name: str, *, at_once: bool = True) -> PaymentAttempt:
        """Do what an attempt needs next; at once, or when it is due."""
        step = next_step(self.stored[name], self.provider.capabilities.times, self.now)
        if isinstance(step, Ask | Reverse | Refund) and not at_once:
            self.now = max(self.now, step.at)
        self.news.discard(self.stored[name].provider_number)
        match step:
            case Submit():
                self._keep(name, attempts.submitted(self.stored[name], self.now))
                call = Call.REFUND if self.stored[name].operation is Operation.REFUND else Call.PAY
                self._call(name, call)
            case Ask():
                self._keep(name, attempts.asking(self.stored[name], self.now))
                call = Call.QUERY_REFUND if self.stored[name].operation is Operation.REFUND else Call.QUERY
                self._call(name, call)
            case Refund():
                self._keep(name, attempts.asking(self.stored[name], self.now))
                self._call(name, Call.REFUND)
            case Reverse():
                self._keep(name, attempts.reversing(self.stored[name], self.now))
                self._call(name, Call.REVERSE)
            case CallHelp():
                self._keep(name, attempts.help_called(self.stored[name], self.now))
            case Rest() | GiveBack():
                pass
        return self.stored[name]

    def carry_on(self, until: Callable[[], bool] | None = None, name: str = "attempt-1", most: int = 60) -> Any:
        """Go on until it is over, or until something: at once where there is news, else when its next step is due."""
        done = until or (lambda: self.stored[name].final)
        for _ in range(most):
            if done():
                break
            number = self.stored[name].provider_number
            self.wait(lambda number=number: number in self.news or done(), 0.1)
            self.step(name, at_once=number in self.news)
        assert done(), (self.stored[name], self.answers[-3:])
        return self.stored[name]

    def end_all(self) -> None:
        """Carry every attempt on, refunds that came of it included."""
        while True:
            open_ones = [name for name, one in self.stored.items() if not one.final]
            if not open_ones:
                return
            for name in open_ones:
                self.carry_on(name=name)

    def look_late(self, name: str = "attempt-1") -> ProviderAnswer:
        """Ask once more about a payment that is over, until there is an answer."""
        answer = self.provider.query(self._purchase(self.stored[name], Call.QUERY))
        for _ in range(10):
            number = self.stored[name].provider_number
            if not self.wait(lambda number=number: number in self.news, 0.5):
                break
            self.news.discard(number)
            answer = self.provider.query(self._purchase(self.stored[name], Call.QUERY))
        return answer

    def _call(self, name: str, call: Call) -> None:
        attempt = self.stored[name]
        match call:
            case Call.PAY:
                answer = self.provider.pay(self._purchase(attempt, call))
            case Call.QUERY:
                answer = self.provider.query(self._purchase(attempt, call))
            case Call.REVERSE:
                answer = self.provider.reverse(self._purchase(attempt, call))
            case Call.REFUND:
                answer = self.provider.refund(self._refund(attempt))
            case Call.QUERY_REFUND:
                answer = self.provider.query_refund(self._refund(attempt))
        self.answers.append((call, answer))
        self._keep(name, attempts.answered(attempt, call, answer, self.now))

    def _keep(self, name: str, moved: Moved) -> None:
        self.stored[name] = moved.attempt
        self.cases += [case.kind for case in moved.cases]
        self.looked_at |= {case.attempt_id for case in moved.cases}
        if moved.refund is not None:
            self.stored[f"{name}-back"] = attempt_steps.refund_attempt(moved.refund, f"{name}-back", self.now)

    @staticmethod
    def _purchase(attempt: PaymentAttempt, call: Call) -> PurchaseOrder:
        return PurchaseOrder(
            attempt.provider_number,
            attempt.amount_minor,
            attempt.currency,
            "Corner shop",
            reversed_before=attempt.reverses > (1 if call is Call.REVERSE else 0),
        )

    def _refund(self, attempt: PaymentAttempt) -> RefundOrder:
        original = self.stored[attempt.refund_of or ""]
        return RefundOrder(
            attempt.original_number,
            attempt.provider_number,
            attempt.amount_minor,
            attempt.original_minor,
            attempt.currency,
            original_reference=original.provider_reference,
            sent_before=attempt.asks > 0,
        )

    # What a person at the counter sees.

    @property
    def booked_minor(self) -> int:
        """What the bank booked for the shop."""
        return int(self.terminal.net() * 100)


@pytest.fixture
def make_till() -> Iterator[Callable[..., SmallTill]]:
    made: list[SmallTill] = []

    def make(*, ready: bool = True, limits: TerminalLimits | None = None, **rules: Any) -> SmallTill:
        till = SmallTill(replace(NexoRules(), **rules), limits or LIMITS)
        made.append(till)
        if ready:
            assert till.is_(DeviceState.READY)
        return till

    yield make
    for till in made:
        till.kill()
