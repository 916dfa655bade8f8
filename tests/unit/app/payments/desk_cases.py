"""A desk's rounds without a thread, before providers that say what a test tells them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.payments.attempt_record import PaymentAttempt
from app.payments.desk_requests import AttemptChanged, AttemptEnded, DeskEvent, DeskRequest, RequestRefused, Resume
from app.payments.desk_rounds import Rounds
from app.payments.provider import (
    BillRow,
    CodeOffer,
    ProviderAnswer,
    ProviderCapabilities,
    PurchaseOrder,
    RefundOrder,
    Verdict,
)
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from app.values.wording import wording
from tests.faults.payment_world import AMOUNT, NOON, MemoryStore

BY_HAND = ProviderCapabilities(
    shopper_code=False, merchant_code=True, confirmed_by_hand=True, reverse=False, refund=False
)
TERMINAL = ProviderCapabilities(shopper_code=False, terminal=True)
HOLDS = ProviderCapabilities(captures=True)


def say(verdict: Verdict, amount_minor: int = 0, reference: str = "") -> ProviderAnswer:
    return ProviderAnswer(
        verdict, wording("So says the provider."), amount_minor=amount_minor, provider_reference=reference
    )


@dataclass
class Told:
    """A provider that answers what it was told, the last answer again and again."""

    capabilities: ProviderCapabilities = field(default_factory=ProviderCapabilities)
    answers: dict[str, list[ProviderAnswer]] = field(default_factory=dict)
    calls: list[tuple[str, PurchaseOrder | RefundOrder]] = field(default_factory=list)
    during: Callable[[str], None] = lambda call: None
    """Happens while a call is under way."""

    closed: int = 0

    def _say(self, call: str, order: PurchaseOrder | RefundOrder) -> ProviderAnswer:
        self.calls.append((call, order))
        self.during(call)
        waiting = self.answers.get(call, [say(Verdict.UNKNOWN)])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def count(self, call: str) -> int:
        return sum(made == call for made, _ in self.calls)

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        return self._say("pay", order)

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        return CodeOffer(self._say("offer", order), "000201...")

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        return self._say("query", order)

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        return self._say("reverse", order)

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        return self._say("refund", order)

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        return self._say("query_refund", order)

    def capture(self, order: PurchaseOrder) -> ProviderAnswer:
        return self._say("capture", order)

    def bill(self, day: date) -> Iterator[BillRow]:
        return iter(())

    def close(self) -> None:
        self.closed += 1


PAID = {"pay": [say(Verdict.APPROVED, AMOUNT, "T-1")]}
WAITS = {"pay": [say(Verdict.PENDING)], "offer": [say(Verdict.PENDING)], "query": [say(Verdict.PENDING)]}


class Desk:
    """Rounds with a clock that moves when they wait."""

    def __init__(self, provider: Told, store: MemoryStore | None = None) -> None:
        self.provider = provider
        self.store = store if store is not None else MemoryStore()
        self.clock = FixedClock(NOON)
        self.events: list[DeskEvent] = []
        self.start()

    def start(self) -> None:
        """Start the program, as after a kill."""
        self.rounds = Rounds(
            {"wechat": self.provider},
            self.store,
            CountingIdentities(f"made-{len(self.events)}"),
            self.clock,
            self.events.append,
        )
        self.ask(Resume())

    def ask(self, *requests: DeskRequest) -> None:
        """Ask one after the other, and do what is due each time."""
        for request in requests:
            self.rounds.take(request)
            self.run(timedelta())

    def run(self, how_long: timedelta) -> None:
        """Let so much time go by."""
        left = how_long
        for _ in range(5000):
            idle = self.rounds.turn()
            if idle == timedelta():
                continue
            if idle is None or idle > left:
                self.clock.advance(left)
                return
            self.clock.advance(idle)
            left -= idle
        raise AssertionError("the desk does not come to rest")

    def seconds(self, count: int) -> None:
        self.run(timedelta(seconds=count))

    def ended(self) -> list[PaymentAttempt]:
        return [event.attempt for event in self.events if isinstance(event, AttemptEnded)]

    def changed(self) -> list[AttemptChanged]:
        return [event for event in self.events if isinstance(event, AttemptChanged)]

    def refused(self) -> list[str]:
        return [str(event.sentence) for event in self.events if isinstance(event, RequestRefused)]
