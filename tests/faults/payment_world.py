"""A bank that keeps a ledger and a till that can be killed at every step: the world of the payment fault tests.

The bank is written by hand and knows nothing of the desk: it is the oracle of who was charged what.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from app.payments.attempt_record import (
    AttemptRecord,
    AttemptState,
    CaseClosed,
    ExceptionCase,
    ExceptionKind,
    Method,
    Operation,
    PaymentAttempt,
    PaymentCapture,
)
from app.payments.desk_requests import (
    AttemptEnded,
    CancelRequest,
    Decision,
    DeskEvent,
    DeskRequest,
    PaymentOrder,
    Resume,
    SupervisorDecision,
)
from app.payments.desk_rounds import Rounds
from app.payments.ports import AttemptNotStored, AttemptStore
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

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
AMOUNT = 3450
CODE = "134567890123456789"
CODE_LIVES = timedelta(seconds=60)
"""A shopper's code that reaches the bank later is refused."""


class Killed(BaseException):
    """The process is gone."""


class PayFault(Enum):
    """What becomes of the request to pay."""

    NONE = "paid at once"
    DECLINED = "declined"
    SLOW = "waits for the shopper, who pays during the third query"
    NEVER = "waits for the shopper, who never pays"
    LOST_BEFORE = "never arrives"
    LOST_AFTER = "charged, the answer lost"
    WRONG_AMOUNT = "charged another amount"
    LATE = "arrives after 40 seconds"
    VERY_LATE = "arrives after 58 seconds"
    INVISIBLE = "charged, and not found for fifty seconds"


class QueryFault(Enum):
    """What becomes of the first three queries."""

    NONE = "answered"
    LOST = "no answer"
    NOT_FOUND = "not found"
    PAYS_AFTER = "the shopper pays right after the eighth"


class ReverseFault(Enum):
    """What becomes of the first two reverses."""

    NONE = "done"
    LOST_BEFORE = "never arrives"
    LOST_AFTER = "done, the answer lost"
    REFUSED = "a paid one is no longer reversed, ever"
    TOMBSTONE = "done; one that is not known is closed for ever"


class RefundFault(Enum):
    """What becomes of the first two refunds."""

    NONE = "done"
    LOST_BEFORE = "never arrives"
    LOST_AFTER = "done, the answer lost"
    PENDING = "taken, done at the second query"
    DECLINED = "declined for ever"


@dataclass(frozen=True)
class Script:
    pay: PayFault = PayFault.NONE
    query: QueryFault = QueryFault.NONE
    reverse: ReverseFault = ReverseFault.NONE
    refund: RefundFault = RefundFault.NONE


@dataclass
class Charge:
    amount: int
    state: str
    """`pending`, `paid`, `closed` (never charged), `revoked` (charged and given back)."""

    seen_from: timedelta = timedelta()
    """Before it a query does not find it."""

    refunds: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)


def _say(verdict: Verdict, amount: int = 0) -> ProviderAnswer:
    return ProviderAnswer(verdict, wording("So says the bank."), amount_minor=amount, provider_reference="B1")


UNKNOWN = _say(Verdict.UNKNOWN)


class Bank:
    """Keeps the ledger; outlives every till. A call that is lost raises nothing: it is answered with UNKNOWN."""

    def __init__(self, script: Script, times: ProviderCapabilities | None = None) -> None:
        self.script = script
        self.capabilities_told = times or ProviderCapabilities(merchant_code=True)
        self.time = timedelta()
        self.charges: dict[str, Charge] = {}
        self.on_the_way: list[tuple[timedelta, PurchaseOrder, timedelta]] = []
        self.pay_numbers: list[str] = []
        self.refund_numbers: dict[str, int] = {}
        self.queries = self.reverses = self.refunds = self.refund_queries = 0

    # The ledger.

    def net_minor(self, number: str) -> int:
        charge = self.charges.get(number)
        if charge is None or charge.state != "paid":
            return 0
        return charge.amount - sum(charge.refunds.values())

    def go_on(self, by: timedelta) -> None:
        self.time += by
        for arrival in list(self.on_the_way):
            at, order, sent = arrival
            if at <= self.time:
                self.on_the_way.remove(arrival)
                if at - sent < CODE_LIVES and order.provider_number not in self.charges:
                    self.charges[order.provider_number] = Charge(order.amount_minor, "paid")

    # What the till calls.

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        number, amount = order.provider_number, order.amount_minor
        self.pay_numbers.append(number)
        assert order.shopper_code == CODE or not order.shopper_code
        match self.script.pay:
            case PayFault.LOST_BEFORE:
                return UNKNOWN
            case PayFault.LATE | PayFault.VERY_LATE:
                delay = timedelta(seconds=40 if self.script.pay is PayFault.LATE else 58)
                self.on_the_way.append((self.time + delay, order, self.time))
                return UNKNOWN
            case PayFault.DECLINED:
                self.charges[number] = Charge(amount, "closed")
                return _say(Verdict.DECLINED)
            case PayFault.SLOW | PayFault.NEVER:
                self.charges[number] = Charge(amount, "pending")
                return _say(Verdict.PENDING)
            case PayFault.WRONG_AMOUNT:
                self.charges[number] = Charge(amount + 100, "paid")
                return _say(Verdict.APPROVED, amount + 100)
            case _:
                hidden = timedelta(seconds=50 if self.script.pay is PayFault.INVISIBLE else 0)
                self.charges[number] = Charge(amount, "paid", self.time + hidden)
        return (
            UNKNOWN if self.script.pay in {PayFault.LOST_AFTER, PayFault.INVISIBLE} else _say(Verdict.APPROVED, amount)
        )

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        self.queries += 1
        charge = self.charges.get(order.provider_number)
        slow = charge is not None and charge.state == "pending" and self.script.pay is PayFault.SLOW
        if charge is not None and slow and self.queries >= 3:
            charge.state = "paid"
        if self.script.query is QueryFault.PAYS_AFTER and self.queries == 8 and charge and charge.state == "pending":
            charge.state = "paid"
            return _say(Verdict.PENDING)
        if self.queries <= 3 and self.script.query is QueryFault.LOST:
            return UNKNOWN
        if self.queries <= 3 and self.script.query is QueryFault.NOT_FOUND:
            return _say(Verdict.NOT_FOUND)
        if charge is None or self.time < charge.seen_from:
            return _say(Verdict.NOT_FOUND)
        return _as_told(charge)

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        self.reverses += 1
        fault = self.script.reverse
        if self.reverses <= 2 and fault is ReverseFault.LOST_BEFORE:
            return UNKNOWN
        charge = self.charges.get(order.provider_number)
        if charge is None:
            if fault is not ReverseFault.TOMBSTONE:
                return _say(Verdict.NOT_FOUND)
            charge = self.charges[order.provider_number] = Charge(order.amount_minor, "closed")
        if charge.state == "paid":
            if fault is ReverseFault.REFUSED:
                return _say(Verdict.APPROVED, charge.amount)
            charge.state = "revoked"
        elif charge.state == "pending":
            charge.state = "closed"
        lost = self.reverses <= 2 and fault is ReverseFault.LOST_AFTER
        return UNKNOWN if lost else _say(Verdict.REVERSED)

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        self.refunds += 1
        fault = self.script.refund
        assert self.refund_numbers.setdefault(order.refund_number, order.amount_minor) == order.amount_minor
        if self.refunds <= 2 and fault is RefundFault.LOST_BEFORE:
            return UNKNOWN
        charge = self.charges.get(order.provider_number)
        if charge is None:
            return _say(Verdict.DECLINED)
        known = order.refund_number in charge.refunds or order.refund_number in charge.waiting
        if fault is RefundFault.DECLINED and not known:
            return _say(Verdict.DECLINED)
        if order.refund_number not in charge.refunds:
            if charge.state != "paid" or sum(charge.refunds.values()) + order.amount_minor > charge.amount:
                return _say(Verdict.DECLINED)
            if fault is RefundFault.PENDING:
                charge.waiting[order.refund_number] = order.amount_minor
                return _say(Verdict.PENDING)
            charge.refunds[order.refund_number] = order.amount_minor
        lost = self.refunds <= 2 and fault is RefundFault.LOST_AFTER
        return UNKNOWN if lost else _say(Verdict.APPROVED, order.amount_minor)

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        self.refund_queries += 1
        charge = self.charges.get(order.provider_number)
        if charge is None:
            return _say(Verdict.NOT_FOUND)
        if self.refund_queries >= 2 and order.refund_number in charge.waiting:
            charge.refunds[order.refund_number] = charge.waiting.pop(order.refund_number)
        if order.refund_number in charge.refunds:
            return _say(Verdict.APPROVED, charge.refunds[order.refund_number])
        return _say(Verdict.PENDING) if order.refund_number in charge.waiting else _say(Verdict.NOT_FOUND)


def _as_told(charge: Charge) -> ProviderAnswer:
    match charge.state:
        case "paid":
            return _say(Verdict.APPROVED, charge.amount)
        case "pending":
            return _say(Verdict.PENDING)
        case "closed":
            return _say(Verdict.DECLINED)
        case _:
            return _say(Verdict.REVERSED)


class Strike(Enum):
    """What happens at a point."""

    KILL = "the till is killed"
    NOT_STORED = "the store says no"
    STORED_UNSAID = "it is stored, and the till is told that nobody knows"


class Points:
    """Counts every place where something can strike, and strikes at one of them."""

    def __init__(self, strike_at: int | None = None, strike: Strike = Strike.KILL) -> None:
        self.count = 0
        self.strike_at = strike_at
        self.strike = strike
        self.struck = ""

    def pass_by(self, place: str, kinds: tuple[Strike, ...]) -> bool:
        """Return whether it is struck here."""
        if self.strike not in kinds:
            return False
        self.count += 1
        if self.count != self.strike_at:
            return False
        self.struck = place
        if self.strike is Strike.KILL:
            raise Killed(place)
        return True


class StruckProvider:
    """The bank as the till reaches it: killed before the byte leaves, or before the answer comes."""

    def __init__(self, bank: Bank, points: Points) -> None:
        self._bank = bank
        self._points = points

    @property
    def capabilities(self) -> ProviderCapabilities:
        return self._bank.capabilities_told

    def _struck(self, call: Callable[..., ProviderAnswer], order: object) -> ProviderAnswer:
        self._points.pass_by(f"before {call.__name__}", (Strike.KILL,))
        answer = call(order)
        self._points.pass_by(f"after {call.__name__}", (Strike.KILL,))
        return answer

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        return self._struck(self._bank.pay, order)

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        answer = self._struck(self._bank.pay, order)
        return CodeOffer(answer, "weixin://pay?1" if answer.verdict is Verdict.PENDING else "")

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        assert not order.shopper_code
        return self._struck(self._bank.query, order)

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        assert not order.shopper_code
        return self._struck(self._bank.reverse, order)

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        return self._struck(self._bank.refund, order)

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        return self._struck(self._bank.query_refund, order)

    def bill(self, day: date) -> Iterator[BillRow]:
        return iter(())

    def close(self) -> None:
        self.closed = True


class MemoryStore:
    """An `AttemptStore` in memory, as strict as the real one."""

    def __init__(self) -> None:
        self.steps: dict[str, list[PaymentAttempt]] = {}
        self.cases: dict[str, ExceptionCase] = {}
        self.closed: dict[str, CaseClosed] = {}
        self.captures: dict[str, PaymentCapture] = {}
        self.claimed: set[str] = set()
        """Attempts that stand in a sale."""

    def save_attempt(self, record: AttemptRecord) -> None:  # noqa: C901 - each guard of the real store, in one place
        steps = {key: list(found) for key, found in self.steps.items()}
        for step in record.steps:
            known = steps.setdefault(step.attempt_id, [])
            if step.revision <= len(known):
                if known[step.revision - 1] != step:
                    raise ValueError("another step is stored")
                continue
            if step.revision != len(known) + 1 or (known and known[-1].final):
                raise ValueError("it does not follow")
            if not known:
                others = [found[-1] for key, found in steps.items() if key != step.attempt_id]
                if any(one.provider_number == step.provider_number for one in others):
                    raise ValueError("the number was used")
                if step.operation is Operation.PURCHASE and any(
                    one.basket_id == step.basket_id and not one.final and one.operation is Operation.PURCHASE
                    for one in others
                ):
                    raise ValueError("a second payment of a basket")
            known.append(step)
        for capture in record.captures:
            known = steps.get(capture.attempt_id, [])
            if not known or known[-1].state is not AttemptState.APPROVED:
                raise ValueError("only an approved payment is captured")
            self.captures.setdefault(capture.attempt_id, capture)
        self.steps = steps
        for case in record.cases:
            self.cases.setdefault(case.case_id, case)
        for closed in record.closed:
            if closed.case_id in self.cases:
                self.closed.setdefault(closed.case_id, closed)

    def _last(self) -> list[PaymentAttempt]:
        return [found[-1] for found in self.steps.values()]

    def open_attempts(self) -> tuple[PaymentAttempt, ...]:
        return tuple(one for one in self._last() if not one.final)

    def attempt(self, attempt_id: str) -> PaymentAttempt | None:
        found = self.steps.get(attempt_id)
        return found[-1] if found else None

    def attempt_history(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        return tuple(self.steps.get(attempt_id, ()))

    def refunds_of(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        return tuple(one for one in self._last() if one.refund_of == attempt_id)

    def last_reversed(self, count: int) -> tuple[PaymentAttempt, ...]:
        found = [
            one for one in self._last() if one.state is AttemptState.REVERSED and one.operation is Operation.PURCHASE
        ]
        return tuple(found[::-1][:count])

    def uncaptured(self, provider_ids: Collection[str]) -> tuple[PaymentAttempt, ...]:
        return tuple(
            one
            for one in self._last()
            if one.attempt_id in self.claimed
            and one.attempt_id not in self.captures
            and one.provider_id in provider_ids
            and one.state is AttemptState.APPROVED
            and one.operation is Operation.PURCHASE
            and f"{one.attempt_id}:capture_declined" not in self.cases
            and one.approved_minor
            > sum(r.amount_minor for r in self.refunds_of(one.attempt_id) if r.state is not AttemptState.DECLINED)
        )

    def open_exceptions(self) -> tuple[ExceptionCase, ...]:
        return tuple(case for key, case in self.cases.items() if key not in self.closed)

    def close_exception(self, closed: CaseClosed) -> None:
        if closed.case_id not in self.cases:
            raise ValueError("there is no such case")
        self.closed.setdefault(closed.case_id, closed)


class StruckStore:
    """A store in front of which, and behind which, the till is killed, or which says no."""

    def __init__(self, inner: AttemptStore, points: Points) -> None:
        self._inner = inner
        self._points = points

    def save_attempt(self, record: AttemptRecord) -> None:
        no = AttemptNotStored(wording("The till could not store it."))
        if self._points.pass_by("before save", (Strike.KILL, Strike.NOT_STORED)):
            raise no
        self._inner.save_attempt(record)
        if self._points.pass_by("after save", (Strike.KILL, Strike.STORED_UNSAID)):
            raise no

    def open_attempts(self) -> tuple[PaymentAttempt, ...]:
        return self._inner.open_attempts()

    def attempt(self, attempt_id: str) -> PaymentAttempt | None:
        return self._inner.attempt(attempt_id)

    def attempt_history(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        return self._inner.attempt_history(attempt_id)

    def refunds_of(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        return self._inner.refunds_of(attempt_id)

    def last_reversed(self, count: int) -> tuple[PaymentAttempt, ...]:
        return self._inner.last_reversed(count)

    def uncaptured(self, provider_ids: Collection[str]) -> tuple[PaymentAttempt, ...]:
        return self._inner.uncaptured(provider_ids)

    def open_exceptions(self) -> tuple[ExceptionCase, ...]:
        return self._inner.open_exceptions()

    def close_exception(self, closed: CaseClosed) -> None:
        self._inner.close_exception(closed)


class Action(Enum):
    """What people do ten seconds after the payment was begun."""

    NOTHING = "wait"
    CANCEL = "cancel"
    GIVE_UP = "supervisor gives up"
    ACCEPT = "supervisor accepts anyway"


def order_of(attempt_id: str = "attempt-1", basket_id: str = "basket-1", **changes: object) -> PaymentOrder:
    made = PaymentOrder(
        attempt_id=attempt_id,
        basket_id=basket_id,
        tender_type_id="wechat",
        provider_id="wechat",
        method=Method.SHOPPER_CODE,
        amount_minor=AMOUNT,
        currency="CNY",
        description="Corner shop",
        shopper_code=CODE,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class TillAtWork:
    """A desk's rounds with a clock, a bank and a store; killed and started again at will."""

    def __init__(self, bank: Bank, store: AttemptStore, points: Points | None = None) -> None:
        self.bank = bank
        self.store = store
        self.points = points or Points()
        self.clock = FixedClock(NOON)
        self.identities = CountingIdentities("refund")
        self.events: list[DeskEvent] = []
        self.begun: set[str] = set()
        self.start()

    def start(self) -> None:
        """Start the program, as after a kill; what was in memory is gone."""
        self.rounds = Rounds(
            {"wechat": StruckProvider(self.bank, self.points)},
            StruckStore(self.store, self.points),
            self.identities,
            self.clock,
            self.events.append,
        )
        self.waiting: list[DeskRequest] = [Resume()]

    def go_on(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.bank.go_on(by)

    def ask(self, request: DeskRequest) -> None:
        self.waiting.append(request)

    def run(self, until: timedelta | None = None, turns: int = 2000) -> None:
        """Work until nothing is left to do, or so much time has gone by."""
        end = None if until is None else self.bank.time + until
        for _ in range(turns):
            while self.waiting:
                self.rounds.take(self.waiting.pop(0))
            idle = self.rounds.turn()
            if idle == timedelta():
                continue
            left = None if end is None else end - self.bank.time
            if idle is None or (left is not None and idle >= left):
                self.go_on(left or timedelta())
                return
            self.go_on(idle)
        raise AssertionError("the desk does not come to rest")

    def surviving(self, step: Callable[[], None]) -> None:
        """Take a step; where it kills the till, start the till again."""
        try:
            step()
        except Killed:
            self.start()

    def ended(self) -> list[PaymentAttempt]:
        return [event.attempt for event in self.events if isinstance(event, AttemptEnded)]


def play(
    script: Script, action: Action, store: AttemptStore, points: Points, jump: timedelta = timedelta()
) -> TillAtWork:
    """Have one basket paid by a script, with an action after ten seconds and a strike at one point."""
    till = TillAtWork(Bank(script), store, points)

    def began() -> None:
        till.run()
        till.ask(order_of())
        till.run(timedelta(seconds=10))

    def acted() -> None:
        match action:
            case Action.CANCEL:
                till.ask(CancelRequest("attempt-1", "007"))
            case Action.GIVE_UP:
                till.ask(SupervisorDecision("attempt-1", Decision.GIVE_UP, "900", "left"))
            case Action.ACCEPT:
                till.ask(SupervisorDecision("attempt-1", Decision.ACCEPT_ANYWAY, "900", "seen"))
        till.run()

    for step in (began, acted):
        till.surviving(step)
        if points.struck and jump:
            till.clock.jump(till.clock.now() + jump)
            till.start()
            jump = timedelta()
    till.run()
    return till


def violations(till: TillAtWork) -> list[str]:
    """Return what must never be; nothing in a sound till."""
    found = []
    store, bank = till.store, till.bank
    found += [f"{one.attempt_id} is {one.state.value}" for one in store.open_attempts()]
    numbers = bank.pay_numbers + list(bank.refund_numbers)
    found += [f"{number} was used twice" for number in set(numbers) if numbers.count(number) > 1]
    # Stricter than "or an exception": what is being refunded must have been refunded, unless the bank refused that.
    left_to_people = {ExceptionKind.ACCEPTED_ANYWAY, ExceptionKind.REFUND_DECLINED}
    excused = {case.attempt_id for case in store.open_exceptions() if case.kind in left_to_people}
    for number in set(bank.pay_numbers):
        attempt_id = number.replace("attempt", "attempt-")
        one = store.attempt(attempt_id)
        if one is None:
            found.append(f"{number} was sent and is not stored")
            continue
        if one.state is AttemptState.APPROVED and one.cancel_by and not one.decided_by:
            found.append(f"{number} counts though it was cancelled")
        refunds = store.refunds_of(attempt_id)
        if sum(refund.asked_by == "till" for refund in refunds) > 1:
            found.append(f"{number} was given back by the till twice")
        asked = sum(r.approved_minor for r in refunds if r.state is AttemptState.APPROVED and r.asked_by != "till")
        counts = (one.approved_minor if one.state is AttemptState.APPROVED else 0) - asked
        if bank.net_minor(number) != counts and not excused & {attempt_id, *(r.attempt_id for r in refunds)}:
            found.append(f"{number}: the bank has {bank.net_minor(number)}, the till counts {counts}")
    return found
