"""A till's real store and desk, the simulated wallets over real HTTP, and a clock that is driven: killed at will.

Nothing here waits for real time: the desk's pause moves both clocks, the till's and the street's, and has people do
what is due. The simulators' ledgers are the oracle of who was charged what.
"""

import contextlib
import enum
import logging
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol

import msgspec

from app.payments.alipay import simulator_faults as alipay_faults
from app.payments.alipay.provider import TIMES, AlipayProvider
from app.payments.alipay.settings import read_settings
from app.payments.alipay.signing import AnswerVerifier, RequestSigner
from app.payments.alipay.simulator import AlipaySimulator
from app.payments.attempt_record import (
    AttemptRecord,
    AttemptState,
    ExceptionKind,
    Method,
    Operation,
    PaymentAttempt,
    provider_number_of,
)
from app.payments.desk import PaymentDesk
from app.payments.desk_errands import ErrandLane
from app.payments.desk_requests import AttemptEnded, DeskEvent, DeskReady, PaymentOrder, RefundRequest
from app.payments.ports import AttemptNotStored, AttemptStore
from app.payments.provider import (
    BillKind,
    BillRow,
    CodeOffer,
    PaymentProvider,
    ProviderAnswer,
    ProviderCapabilities,
    PurchaseOrder,
    RefundOrder,
)
from app.payments.registry import decode_settings
from app.payments.wechat import simulator_faults as wechat_faults
from app.payments.wechat.channel import Merchant, SignedChannel, public_keys
from app.payments.wechat.library import client_on, private_key_of
from app.payments.wechat.provider import WechatPay
from app.payments.wechat.settings import WechatSettings
from app.payments.wechat.simulator import WechatSimulator
from app.values.clock import Clock, FixedClock
from app.values.identifiers import CountingIdentities
from app.values.wording import wording
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import open_shop, reader_of

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
AMOUNT = 3450
WRONG_BY = timedelta(minutes=11)
AT_REST_WITHIN = timedelta(hours=96)
"""A story that goes on longer does not come to rest: faults end, so must it. A wallet that does not answer is looked at
every hour for two days, while a case tells a person."""


class Killed(BaseException):
    """The process is gone."""


@contextlib.contextmanager
def death_is_silent() -> Iterator[None]:
    """A killed process says nothing of its threads."""
    loud = threading.excepthook
    threading.excepthook = lambda args: None if issubclass(args.exc_type, Killed) else loud(args)
    try:
        yield
    finally:
        threading.excepthook = loud


class Does(enum.Enum):
    """What happens at an instant of a story."""

    CANCEL = "the cashier cancels"
    PAYS = "the shopper pays, if it is still possible"
    REFUND_ALL = "all of it is given back"
    REFUND_1000 = "ten yuan are given back"
    REFUND_2000 = "twenty yuan are given back"
    AWAY = "the wallet cannot be reached"
    BACK = "the wallet can be reached again"
    CLOCK_WRONG = "the till's clock is set eleven minutes ahead"
    CLOCK_RIGHT = "the till's clock is set right"
    LET_GO = "what was held on the way arrives"


REFUNDS = {Does.REFUND_ALL: AMOUNT, Does.REFUND_1000: 1000, Does.REFUND_2000: 2000}


@dataclass(frozen=True)
class Story:
    """One payment and what people do."""

    name: str
    method: Method = Method.SHOPPER_CODE
    asks: int = 0
    """Queries that find the shopper at the password."""

    leaves: bool = False
    """Whether the shopper walks away from the question for the password."""

    hurries: bool = False
    """Whether the shopper, who seemed gone, pays between the last query and the reversal."""

    refused: bool = False
    code: str = "fresh"
    """`fresh`, `old` (more than a minute) or `used`."""

    then: tuple[tuple[int, Does], ...] = ()
    """What happens how many seconds after the payment was begun; less than none: before it."""


@dataclass(frozen=True)
class Plan:
    """What goes wrong at the wallet: the nth call of a kind and those after it."""

    call: Any = None
    nth: int = 0
    fault: Any = None
    times: int = 1
    held_s: int = 0

    def __str__(self) -> str:
        return f"{self.call.name}#{self.nth} {self.fault.name} x{self.times} {self.held_s}" if self.call else "nothing"


class Strike(enum.Enum):
    """What happens at a point."""

    KILL = "the till is killed"
    NOT_STORED = "the store says no"
    STORED_UNSAID = "it is stored, and the desk is told that nobody knows"


def what_it_is(one: PaymentAttempt | None) -> tuple[object, ...]:
    """Return what tells two moments of an attempt apart; the fifth question is as the second."""
    if one is None:
        return ()
    tries = (min(one.asks, 2), min(one.reverses, 2), min(one.not_found, 3))
    return (one.operation, one.state, bool(one.cancel_by), one.approved_minor, one.reason, *tries)


class Points:
    """Counts every place where something can strike, and strikes at one of them.

    Before a save that stores an answer is the same moment as after the call that brought it.
    """

    def __init__(self, strike_at: int | None = None, strike: Strike = Strike.KILL) -> None:
        self.strike_at, self.strike, self.struck = strike_at, strike, ""
        self.places: list[tuple[object, ...]] = []
        self.last: PaymentAttempt | None = None

    def pass_by(self, place: str, kind: Strike = Strike.KILL) -> bool:
        """Return whether it is struck here; a kill does not return."""
        if kind is not self.strike:
            return False
        self.places.append((place, *what_it_is(self.last)))
        if len(self.places) != self.strike_at:
            return False
        self.struck = place
        if kind is Strike.KILL:
            raise Killed(place)
        return True

    def moments(self) -> list[int]:
        """Return the points, from 1, that differ from all before them, and the last one."""
        first: dict[tuple[object, ...], int] = {}
        for number, place in enumerate(self.places, 1):
            first.setdefault(place, number)
        return sorted({*first.values(), len(self.places)}) if self.places else []


class StruckStore:
    """The lane to the store, before and behind which something strikes."""

    def __init__(self, inner: AttemptStore, points: Points) -> None:
        self._inner, self._points = inner, points

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def save_attempt(self, record: AttemptRecord) -> None:
        no = AttemptNotStored(wording("The till could not store it."))
        self._points.last = record.steps[-1] if record.steps else None
        self._points.pass_by("before save")
        if self._points.pass_by("before save", Strike.NOT_STORED):
            raise no
        self._inner.save_attempt(record)
        self._points.pass_by("after save")
        if self._points.pass_by("after save", Strike.STORED_UNSAID):
            raise no


class StruckProvider:
    """A provider behind whose calls the till is killed; notes the numbers that left."""

    def __init__(self, inner: PaymentProvider, points: Points, street: "Street") -> None:
        self._inner, self._points, self._street = inner, points, street

    @property
    def capabilities(self) -> ProviderCapabilities:
        return self._inner.capabilities

    def _struck(self, name: str, order: Any) -> Any:
        answer = getattr(self._inner, name)(order)
        self._points.pass_by(f"after {name}")
        return answer

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        self._street.numbers[order.provider_number] += 1
        return self._struck("pay", order)

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        self._street.numbers[order.provider_number] += 1
        return self._struck("offer_code", order)

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        return self._struck("query", order)

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        return self._struck("reverse", order)

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        self._street.refund_numbers.setdefault(order.refund_number, set()).add(
            (order.provider_number, order.amount_minor)
        )
        return self._struck("refund", order)

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        return self._struck("query_refund", order)

    def bill(self, day: date) -> Iterator[BillRow]:
        return self._inner.bill(day)

    def close(self) -> None:
        shut = getattr(self._inner, "close", None)
        if shut is not None:
            shut()


class Street(Protocol):
    """A simulated wallet with its shoppers, and the time outside the till."""

    wallet: str
    clock: FixedClock
    numbers: Counter[str]
    """How often each payment's number left the till."""

    refund_numbers: dict[str, set[tuple[str, int]]]
    """What each refund's number was used for."""

    simulator: Any
    settings: dict[str, Any]
    """Of a till that uses this wallet."""

    def pass_time(self, by: timedelta) -> None:
        """Have time go by outside the till."""

    def provider(self, clock: Clock, *, hasty: bool = False) -> PaymentProvider:
        """Return a new one, as after a start; a hasty one leaves a call after about a second."""

    def code_for(self, story: Story) -> str:
        """Return what the shopper shows."""


class WechatStreet:
    """WeChat Pay."""

    wallet = "wechat"
    calls = wechat_faults.Call
    everywhere = tuple(
        wechat_faults.Fault[name]
        for name in [
            "LOSES_REQUEST",
            "LOSES_ANSWER",
            "TRUNCATES_ANSWER",
            "SERVER_ERROR",
            "SYSTEM_ERROR",
            "SYSTEM_ERROR_BEFORE",
            "TOO_MANY_CALLS",
            "REDIRECTS",
            "HTML",
            "WRONG_SIGNATURE",
            "SIGNATURE_TEST",
            "NO_SIGNATURE",
            "OTHER_SIGNER",
            "OTHER_CLOCK",
            "OTHER_ORDER",
            "OTHER_AMOUNT",
            "OTHER_MERCHANT",
            "NOT_FOUND",
            "DEEP_JSON",
            "HUGE_NUMBER",
            "HUGE_BODY",
        ]
    )
    only_at: ClassVar[dict[str, tuple[str, ...]]] = {"PAY": ("CODE_EXPIRED", "CHARGES_TWICE")}

    def __init__(self, folder: Path, clock: FixedClock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        self.numbers = Counter[str]()
        self.refund_numbers: dict[str, set[tuple[str, int]]] = {}
        self.simulator = WechatSimulator(clock)
        self.simulator.start()
        self.settings = self.simulator.settings(folder)
        self._settings = decode_settings(self.settings, WechatSettings, "wechat")
        read = self._settings
        private = private_key_of(Path(read.private_key).read_text(encoding="utf-8"), "private_key")
        self._merchant = Merchant(read.mchid, read.serial_no, private)
        self._keys = public_keys(read.public_key_id, Path(read.public_key).read_text(encoding="utf-8"))
        self._drawn = 0

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)

    def provider(self, clock: Clock, *, hasty: bool = False) -> PaymentProvider:
        read = msgspec.structs.replace(self._settings, call_timeout_s=1 if hasty else 30)
        channel = SignedChannel(self._merchant, read.base_url, self._keys, clock, self._nonce)
        client = client_on(channel, appid=read.appid, mchid=read.mchid, notify_url=read.notify_url)
        return WechatPay(read, channel, client, clock)

    def _nonce(self) -> str:
        self._drawn += 1
        return f"{self._drawn:032d}"

    def code_for(self, story: Story) -> str:
        shopper = wechat_faults.Shopper(story.asks, story.leaves, story.hurries, "NOT_ENOUGH" if story.refused else "")
        return self.simulator.issue_code(shopper)


class AlipayStreet:
    """Alipay."""

    wallet = "alipay"
    calls = alipay_faults.Call
    everywhere = tuple(
        alipay_faults.Fault[name]
        for name in [
            "LOSES_REQUEST",
            "LOSES_ANSWER",
            "TRUNCATES_ANSWER",
            "SERVER_ERROR",
            "TOO_MANY_CALLS",
            "CALL_LIMIT",
            "REDIRECTS",
            "HTML",
            "WRONG_SIGNATURE",
            "NO_SIGNATURE",
            "OTHER_ORDER",
            "OTHER_AMOUNT",
            "OTHER_METHOD",
            "UNKNOWN_ERROR",
            "SYSTEM_ERROR",
            "SYSTEM_ERROR_BEFORE",
            "NOT_FOUND",
            "DEEP_JSON",
            "HUGE_NUMBER",
            "DOUBLE_KEY",
            "HUGE_BODY",
            "GBK",
            "COMPRESSED",
        ]
    )
    only_at: ClassVar[dict[str, tuple[str, ...]]] = {
        "PAY": ("CODE_EXPIRED", "CHARGES_TWICE"),
        "CANCEL": ("ASKS_TO_RETRY",),
    }

    def __init__(self, folder: Path, clock: FixedClock) -> None:
        self.clock = clock
        self.numbers = Counter[str]()
        self.refund_numbers: dict[str, set[tuple[str, int]]] = {}
        self.simulator = AlipaySimulator(clock)
        self.simulator.start()
        self.settings = self.simulator.settings(folder)
        self._settings = read_settings(self.settings)
        self._signer = RequestSigner(self.simulator.keys.app_private)
        self._verifier = AnswerVerifier(self.simulator.keys.alipay_public)

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)

    def provider(self, clock: Clock, *, hasty: bool = False) -> PaymentProvider:
        times = replace(TIMES, call_timeout_s=1 if hasty else 30)
        return AlipayProvider(self._settings, self._signer, self._verifier, clock, times)

    def code_for(self, story: Story) -> str:
        shopper = alipay_faults.Shopper(
            story.asks,
            story.leaves or story.hurries,
            story.hurries,
            "ACQ.BUYER_BALANCE_NOT_ENOUGH" if story.refused else "",
        )
        return self.simulator.issue_code(shopper)


class Complaints(logging.Handler):
    """Keeps what the payments' own log calls a fault of the program."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"logged: {record.getMessage()} {getattr(record, 'error', '')}")


class Run:
    """One run of the program: an open store, its lane, and a desk on a thread of its own."""

    def __init__(self, world: "World", folder: Path) -> None:
        self.world = world
        self.store: TillStoreFile = open_shop(folder, world.clock)
        self.provider = StruckProvider(
            world.street.provider(world.clock, hasty=world.plan.held_s > 0), world.points, world.street
        )
        self.lane = ErrandLane(lambda: None, within_s=60)
        self.ended: Counter[str] = Counter()
        self.ready = False
        self.desk = PaymentDesk(
            {world.street.wallet: self.provider},
            StruckStore(self.lane, world.points),
            identities=world.identities,
            clock=world.clock,
            on_event=self.hear,
            on_end=self.lane.nudge,
            pause=self.pause,
        )

    def work(self) -> None:
        """Be the till's thread until the desk is done, or dead."""
        # What a till does at its start: what was approved and stands in no sale yet becomes a tender.
        for one in self.store.attempts_of(self.world.basket):
            self.world.record(one)
        self.desk.start()
        self.lane.serve_until(self.store, lambda: self.desk.ended)

    def hear(self, event: DeskEvent) -> None:
        if isinstance(event, DeskReady):
            self.ready = True
        if isinstance(event, AttemptEnded):
            self.ended[event.attempt.attempt_id] += 1
            if event.attempt.attempt_id == self.world.attempt_id:
                self.world.ended_after_s = self.world.elapsed() // timedelta(seconds=1)
            self.world.record(event.attempt)

    def pause(self, changed: threading.Condition, longest: timedelta | None) -> None:
        """Have time go by, on the desk's thread: nothing waits."""
        del changed
        if not self.world.go_on(self, longest):
            self.desk.stop()


class World:
    """One story at one wallet, with a plan of what goes wrong, and a till that may be killed once."""

    def __init__(
        self,
        street: Street,
        folder: Path,
        name: str,
        story: Story,
        plan: Plan | None = None,
        points: Points | None = None,
    ) -> None:
        """Take a folder with a fresh store; it is used up."""
        self.street, self.folder, self.story = street, folder, story
        self.plan, self.points = plan or Plan(), points or Points()
        self.clock = FixedClock(street.clock.now())
        self.identities = CountingIdentities(f"{name}own")
        self.basket, self.attempt_id = f"basket{name}", f"{name}pay"
        self.number = provider_number_of(self.attempt_id)
        self.began = street.clock.monotonic_ns()
        self.agenda = sorted(story.then, key=lambda found: found[0])
        self.begun = False
        self.ended_after_s: int | None = None
        """From the payment's beginning to its end."""

        self.tenders: dict[str, int] = {}
        self.complaints = Complaints()
        self.wrong: list[str] = []
        self.calls_before = len(street.simulator.calls)

    # Time and people, on the desk's thread.

    def elapsed(self) -> timedelta:
        return timedelta(microseconds=(self.street.clock.monotonic_ns() - self.began) // 1000)

    def go_on(self, run: Run, longest: timedelta | None) -> bool:
        """Go on to what is due first; false where nothing will ever be."""
        while self.agenda and self.agenda[0][0] < 0:
            self.do(run, self.agenda.pop(0)[1])
        if not self.begun and run.ready:
            self.begun = run.desk.begin(self.order())
            return True
        end = None if longest is None else self.elapsed() + longest
        next_s = self.agenda[0][0] if self.agenda else None
        if end is None and next_s is None:
            return False
        if self.elapsed() > AT_REST_WITHIN:
            self.wrong.append("it does not come to rest")
            return False
        if next_s is not None and (end is None or timedelta(seconds=next_s) <= end):
            self.pass_time(max(timedelta(), timedelta(seconds=next_s) - self.elapsed()))
            _, what = self.agenda.pop(0)
            self.do(run, what)
        elif end is not None:
            self.pass_time(end - self.elapsed())
        return True

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.street.pass_time(by)

    def do(self, run: Run, what: Does) -> None:
        simulator = self.street.simulator
        match what:
            case Does.CANCEL:
                run.desk.cancel(self.attempt_id, "007")
            case Does.PAYS:
                simulator.shopper_pays(self.number)
            case Does.AWAY:
                simulator.go_away()
            case Does.BACK:
                simulator.come_back()
            case Does.LET_GO:
                # The server's threads end with what they held done.
                simulator.go_away()
                simulator.come_back()
            case Does.CLOCK_WRONG:
                self.clock.jump(self.street.clock.now() + WRONG_BY)
            case Does.CLOCK_RIGHT:
                self.clock.jump(self.street.clock.now())
            case _:
                self.give_back(run, what)

    def give_back(self, run: Run, what: Does) -> None:
        """Be a cashier who wants to give money back: waits for the payment's end, and asks once more after a kill."""
        later = (int(self.elapsed().total_seconds()) + 20, what)
        paid = run.lane.attempt(self.attempt_id)
        if paid is None or (paid.final and paid.state is not AttemptState.APPROVED):
            return
        wish = f"{self.attempt_id}R{what.name[7:]}".replace("_", "")
        known = [one for one in run.lane.refunds_of(self.attempt_id) if one.attempt_id.startswith(wish)]
        if not paid.final:
            self.agenda = sorted([*self.agenda, later], key=lambda found: found[0])
        elif not known:
            tries = self.street.numbers[wish] = self.street.numbers[wish] + 1
            run.desk.refund(RefundRequest(f"{wish}x{tries}", self.attempt_id, REFUNDS[what], "007", "brought back"))
            if tries < 4:
                self.agenda = sorted([*self.agenda, later], key=lambda found: found[0])

    def order(self) -> PaymentOrder:
        code = ""
        if self.story.method is Method.SHOPPER_CODE:
            code = self.street.code_for(self.story)
            if self.story.code == "old":
                self.pass_time(timedelta(seconds=61))
            if self.story.code == "used":
                spoilt = PurchaseOrder(f"{self.number}U", 100, "CNY", "Corner shop", shopper_code=code)
                self.street.provider(self.clock).pay(spoilt)
        return PaymentOrder(
            attempt_id=self.attempt_id,
            basket_id=self.basket,
            tender_type_id=self.street.wallet,
            provider_id=self.street.wallet,
            method=self.story.method,
            amount_minor=AMOUNT,
            currency="CNY",
            description="街角店",
            store_number="0001",
            till_number="01",
            shopper_code=code,
        )

    def record(self, attempt: PaymentAttempt) -> None:
        """Keep what becomes a tender, as the till does."""
        if attempt.operation is Operation.PURCHASE and attempt.state is AttemptState.APPROVED:
            self.tenders[attempt.attempt_id] = attempt.approved_minor

    # The story.

    def play(self, first_start: Callable[[], None] | None = None) -> "World":
        """Play it to its end; a kill in between is followed by a start from what lay on the disk."""
        simulator, plan = self.street.simulator, self.plan
        if plan.call is not None:
            simulator.fail(plan.call, plan.fault, plan.times, after=plan.nth)
            if plan.held_s:
                self.agenda = sorted([*self.agenda, (plan.held_s, Does.LET_GO)], key=lambda found: found[0])
        log = logging.getLogger("app.payments")
        log.addHandler(self.complaints)
        try:
            if first_start is not None:
                first_start()
            with death_is_silent():
                self.run_until_over()
        finally:
            log.removeHandler(self.complaints)
            simulator.mend()
            simulator.come_back()
        return self

    def run_until_over(self) -> None:
        for start in range(3):
            run = Run(self, self.folder)
            try:
                run.work()
                if not self.points.struck or self.points.strike is not Strike.KILL or start:
                    self.look_over(run)
                    return
                # What a killed process leaves is what the disk has; the old store is not closed before it is copied.
                left = self.folder.with_name(f"{self.folder.name}k")
                shutil.copytree(self.folder, left)
            finally:
                run.lane.close()
                run.store.close()
                run.provider.close()
            shutil.rmtree(self.folder)
            self.folder = left

    def look_over(self, run: Run) -> None:
        """Look for what must never be."""
        store, wrong = run.store, self.wrong
        wrong += self.complaints.heard
        wrong += [f"{one} ended {times} times in a run" for one, times in run.ended.items() if times > 1]
        wrong += [f"{one.attempt_id} is {one.state.value}" for one in store.open_attempts()]
        self.attempt = store.attempt(self.attempt_id)
        self.refunds = store.refunds_of(self.attempt_id)
        self.cases = store.open_exceptions()
        self.history = store.attempt_history(self.attempt_id)
        wrong += self.numbers_used_twice()
        wrong += self.money_astray()
        if self.points.struck or self.plan.call is None:
            with reader_of(self.folder) as reader:
                finding = reader.verify().finding
                wrong += [] if finding is None else [f"the journal: {finding}"]

    def numbers_used_twice(self) -> list[str]:
        street = self.street
        found = [] if street.numbers[self.number] <= 1 else [f"{self.number} left {street.numbers[self.number]} times"]
        if self.attempt is None and street.numbers[self.number]:
            found.append(f"{self.number} was sent and is not stored")
        for number, uses in street.refund_numbers.items():
            if len(uses) > 1 or number in street.numbers:
                found.append(f"{number} was used for {uses}")
        moved = [entry.refund_number for entry in self.ledger() if entry.kind is BillKind.REFUND]
        return found + [f"{number} moved money twice" for number in set(moved) if moved.count(number) > 1]

    def ledger(self) -> list[Any]:
        return [entry for entry in self.street.simulator.ledger if entry.number == self.number]

    def money_astray(self) -> list[str]:
        net, paid = self.net(), self.attempt
        counts = paid.approved_minor if paid is not None and paid.state is AttemptState.APPROVED else 0
        if self.tenders != ({self.attempt_id: counts} if counts else {}):
            return [f"tenders are {self.tenders}, {counts} is approved"]
        given = sum(one.approved_minor for one in self.refunds if one.state is AttemptState.APPROVED)
        own = [one for one in self.refunds if one.asked_by == "till"]
        found = ["the till gave it back twice"] if len(own) > 1 else []
        counts -= given if counts else 0
        self.left_to_a_person = net != counts
        left = {case.attempt_id for case in self.cases if case.kind is ExceptionKind.REFUND_DECLINED}
        if net != counts and not left & {one.attempt_id for one in self.refunds}:
            found.append(f"{self.street.wallet} has {net}, the till counts {counts}")
        purchases = [entry for entry in self.ledger() if entry.kind is BillKind.PURCHASE]
        if len(purchases) > 1:
            found.append(f"charged {len(purchases)} times")
        return found

    def net(self) -> int:
        signs = {BillKind.PURCHASE: 1, BillKind.REFUND: -1, BillKind.REVERSAL: -1}
        return sum(signs[entry.kind] * entry.amount_minor for entry in self.ledger())

    def calls_made(self) -> list[Any]:
        """Return the calls that arrived, in order."""
        return list(self.street.simulator.calls[self.calls_before :])

    def outcome(self) -> str:
        return self.attempt.state.value if self.attempt is not None else "never stored"


class Stores:
    """Hands out fresh stores, copied from one that was made once, and clears used ones away."""

    def __init__(self, folder: Path) -> None:
        self._base, self._folder, self._count = folder / "base", folder, 0
        open_shop(self._base, FixedClock(NOON)).close()

    @contextlib.contextmanager
    def fresh(self) -> Iterator[tuple[Path, str]]:
        """Give a folder with a store and a name that was never given."""
        self._count += 1
        name = f"c{self._count:06d}"
        place = self._folder / name
        shutil.copytree(self._base, place)
        try:
            yield place, name
        finally:
            for left in (place, place.with_name(f"{name}k")):
                shutil.rmtree(left, ignore_errors=True)
