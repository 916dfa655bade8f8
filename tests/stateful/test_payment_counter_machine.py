"""The till with its real desk and store against a bank's ledger: payments in any order with asides, faults and kills."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.catalogue.codes import CodeReader, CodeSettings
from app.catalogue.codes.scanned import Scanned
from app.catalogue.products import Department, PricedProduct, Product
from app.checkout import payment_requests as ask_payment
from app.checkout import requests as ask
from app.checkout.cashless import HANDED_BACK
from app.checkout.counter import Counter
from app.checkout.payment_ports import TenderPath
from app.checkout.payment_views import PaymentStage
from app.checkout.ports import ReceiptOrder
from app.checkout.settings import Operator, TillSettings
from app.checkout.till import Till
from app.checkout.views import TillView
from app.ledger.entry import JournalEntry
from app.payments.attempt_record import AttemptState, ExceptionKind, Method, Operation, PaymentAttempt
from app.payments.desk import PaymentDesk
from app.payments.desk_requests import Decision, DeskEvent
from app.payments.offline_rules import OfflineCardRule, OfflineMeans
from app.payments.ports import AttemptNotStored
from app.payments.routing import RoutingSettings, WalletRoute
from app.payments.tenders import Tendered, TenderType
from app.sales.basket import Basket
from app.sales.receipt import Shop
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from app.values.tax import TaxClass
from app.values.wording import LocalizedText, wording
from offline_store.entry_rows import read_entries
from tests.faults.payment_world import (
    CODE,
    Bank,
    Killed,
    PayFault,
    Points,
    QueryFault,
    RefundFault,
    ReverseFault,
    Script,
    Strike,
    StruckProvider,
)
from tests.faults.store_shop import NOON, ZONE, open_shop, reader_of

PRICES = {"SHIRT": 12900, "GUM": 333, "WATER": 200}
PARTS = ("", "", "1.00", "2.00", "3.33")
LEFT_TO_PEOPLE = {
    ExceptionKind.ACCEPTED_ANYWAY,
    ExceptionKind.GIVEN_UP,
    ExceptionKind.REFUND_DECLINED,
    ExceptionKind.AMOUNT_DIFFERS,
}


class Shelf:
    """Three products."""

    def by_gtin(self, gtin14: str, at: datetime) -> PricedProduct | None:
        return None

    def by_plu(self, plu: str, at: datetime) -> PricedProduct | None:
        return None

    def by_product_id(self, product_id: str, at: datetime) -> PricedProduct | None:
        price = PRICES.get(product_id)
        return (
            None if price is None else PricedProduct(Product(product_id, LocalizedText(product_id), "all", "s"), price)
        )

    def search(self, text: str, at: datetime, limit: int = 20) -> tuple[PricedProduct, ...]:
        return ()

    def tax_class(self, tax_class_id: str) -> TaxClass:
        return TaxClass(tax_class_id, 1300)

    def departments(self) -> tuple[Department, ...]:
        return ()

    def published_at(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)


class Tray:
    """A printer that takes everything and remembers it."""

    def __init__(self) -> None:
        self.orders: list[ReceiptOrder] = []

    def stored(self, job_id: str, state: object) -> None:
        pass

    def submit(self, order: ReceiptOrder) -> bool:
        self.orders.append(order)
        return True


class StoreFault(Enum):
    """What becomes of one call of the store's."""

    NOT_DONE = "it says no"
    DONE_UNSAID = "done, and nobody is told so"
    KILLED_BEFORE = "the till is killed before it"
    KILLED_AFTER = "the till is killed after it"


UNSAID = {"save_attempt", "commit_sale"}
"""What may be stored although the store says that it is not yet safe."""


class UnsureStore:
    """A store of which one call can go wrong."""

    def __init__(self, inner: Any, saved: set[str]) -> None:
        self._inner = inner
        self._saved = saved
        self._left = 0
        self._fault = StoreFault.NOT_DONE

    def strike(self, further: int, fault: StoreFault) -> None:
        self._left, self._fault = further, fault

    @contextlib.contextmanager
    def at_peace(self) -> Iterator[None]:
        """Nothing strikes while the machine itself looks."""
        left, self._left = self._left, 0
        yield
        self._left = left

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found) or name in {"close", "open_basket"}:
            return found

        def done(*arguments: Any, **named: Any) -> Any:
            result = found(*arguments, **named)
            if name == "save_basket":
                self._saved.add(arguments[0].basket_id)
            return result

        def call(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left != 0:
                return done(*arguments, **named)
            no = AttemptNotStored(wording("The disk says no."))
            if self._fault is StoreFault.NOT_DONE:
                raise no
            if self._fault is StoreFault.KILLED_BEFORE:
                raise Killed(name)
            if self._fault is StoreFault.DONE_UNSAID and name not in UNSAID:
                raise no  # the store says for certain what became of everything else
            done(*arguments, **named)
            raise no if self._fault is StoreFault.DONE_UNSAID else Killed(name)

        return call


class SteppedDesk(PaymentDesk):
    """The real desk without its thread: stepped by hand, and waiting takes the time of the machine's clock."""

    routing = RoutingSettings((WalletRoute("wechat", ("wechat",)),))
    offline_cards = OfflineCardRule()

    def path(self, tender_type_id: str) -> TenderPath | None:
        if tender_type_id != "wechat":
            return None
        return TenderPath("wechat", frozenset({Method.SHOPPER_CODE, Method.MERCHANT_CODE}), OfflineMeans.WALLET)

    def step(self) -> None:
        self._round()


SETTINGS = TillSettings(
    store_number=1,
    till_number=1,
    till_name=LocalizedText("1号收银台"),
    shop=Shop(LocalizedText("邻里鲜生"), LocalizedText("幸福路 1 号"), "010-0000", "91110000000000000X"),
    operator=Operator("900", LocalizedText("李娜"), "supervisor"),
    zone=ZONE,
    tender_types=(
        TenderType("cash", LocalizedText("现金"), "cash_drawer", change_given=True),
        TenderType("wechat", LocalizedText("微信支付"), "wechat_receivable", needs_provider=True),
    ),
)
SCRIPTS = st.builds(
    Script,
    st.sampled_from(PayFault),
    st.sampled_from(QueryFault),
    st.sampled_from(ReverseFault),
    st.sampled_from(RefundFault),
)


class PaymentCounterMachine(RuleBasedStateMachine):
    """What cashiers, shoppers, banks, disks and kills do; the bank's ledger says what must be."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="guitai-paycounter-"))
        self.clock = FixedClock(NOON)
        self.identities = CountingIdentities()
        self.bank = Bank(Script())
        self.points = Points()
        self.printer = Tray()
        self.seen: set[str] = set()
        self.news: list[DeskEvent] = []
        self.idles: list[timedelta | None] = []
        self.starts = 0
        self.slow = "nobody"
        self._open()

    # The world.

    def _open(self, further: int = 0) -> None:
        self.starts += 1
        self.inner: Any = open_shop(self.folder, self.clock)
        self.store = UnsureStore(self.inner, self.seen)
        self.store.strike(further, StoreFault.KILLED_AFTER)
        self.news.clear()
        self.desk = SteppedDesk(
            {"wechat": StruckProvider(self.bank, self.points)},
            self.store,
            identities=self.identities,
            clock=self.clock,
            on_event=self.news.append,
            pause=self._pause,
        )
        counter = Counter(
            SETTINGS,
            Shelf(),
            self.store,
            self.printer,
            CodeReader(CodeSettings()),
            self.clock,
            self.identities,
            self.desk,
        )
        self.till = Till(counter)
        self.desk.resume()
        self._work(timedelta())

    def _pause(self, _changed: object, longest: timedelta | None) -> None:
        self.idles.append(longest)

    def _kill(self, further: int = 0) -> None:
        killed = Path(tempfile.mkdtemp(prefix="guitai-paycounter-"))
        shutil.copytree(self.folder, killed, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*-shm", "till.lock"))
        self.inner.close()
        shutil.rmtree(self.folder)
        self.folder = killed
        self.points.strike_at = None
        self._open(further)

    def _do(self, action: Callable[[], object]) -> None:
        try:
            action()
        except Killed:
            self._kill()

    def _ask(self, request: ask.TillRequest) -> None:
        self._do(lambda: self.till.handle(request))
        if self.slow != "the desk":
            self._do(lambda: self._work(timedelta(milliseconds=1)))

    def _deliver(self, most: int = 1000) -> None:
        while self.news and most:
            self.till.handle(ask_payment.ReportPayment(self.news.pop(0)))
            most -= 1

    def _work(self, by: timedelta) -> None:
        """Have the desk work for so long, and what it says told at once, unless the till is slow."""
        for _ in range(3000):
            self.idles.clear()
            self.desk.step()
            if self.slow != "the till":
                self._deliver()
            if not self.idles:
                continue
            longest = self.idles[-1]
            passed = by if longest is None else min(by, longest)
            self.clock.advance(passed)
            self.bank.go_on(passed)
            by -= passed
            if by <= timedelta():
                return
        raise AssertionError("the desk does not come to rest")

    def _view(self) -> TillView:
        with self.store.at_peace():
            return self.till.view()

    # What happens.

    def _has(self) -> str:
        """Return what the cashier has before her."""
        view = self._view()
        if view.basket.basket_id is None:
            return "aside" if view.suspended else "nothing"
        if view.payment is not None and view.payment.open is not None:
            return "help" if view.payment.open.stage is PaymentStage.HELP else "payment"
        return "tenders" if view.basket.tenders else "goods"

    @initialize(script=SCRIPTS, part=st.sampled_from(PARTS))
    def the_first_shopper_comes(self, script: Script, part: str) -> None:
        self.bank.script = script
        self.a_shopper_comes("SHIRT", part, shows_a_code=True)

    @precondition(lambda self: self._has() in {"nothing", "aside", "goods"})
    @rule(product=st.sampled_from(sorted(PRICES)), part=st.sampled_from(PARTS), shows_a_code=st.booleans())
    def a_shopper_comes(self, product: str, part: str, *, shows_a_code: bool) -> None:
        self._ask(ask.AddProduct(product))
        if shows_a_code:
            self.scan_the_shoppers_code(part)
        else:
            self.show_the_merchants_code(part)

    @precondition(lambda self: self._has() in {"nothing", "aside", "goods"})
    @rule(product=st.sampled_from(sorted(PRICES)))
    def scan_goods(self, product: str) -> None:
        self._ask(ask.AddProduct(product))

    @precondition(lambda self: self._has() not in {"nothing", "aside"})
    @rule(part=st.sampled_from(PARTS))
    def scan_the_shoppers_code(self, part: str) -> None:
        self._ask(ask.ScanCode(Scanned("wedge", CODE, None, self.clock.now()), part))

    @precondition(lambda self: self._has() in {"goods", "tenders"})
    @rule(part=st.sampled_from(PARTS))
    def show_the_merchants_code(self, part: str) -> None:
        self._ask(ask.TakeTender("wechat", part))

    @precondition(lambda self: self._has() not in {"nothing", "aside"})
    @rule(part=st.sampled_from(PARTS))
    def take_cash(self, part: str) -> None:
        self._ask(ask.TakeTender("cash", part))

    @rule(seconds=st.sampled_from([1, 5, 20, 60, 400]))
    def time_goes_by(self, seconds: int) -> None:
        self._do(lambda: self._work(timedelta(seconds=seconds)))

    @rule(slow=st.sampled_from(["nobody", "the desk", "the till"]))
    def one_is_slow(self, slow: str) -> None:
        """The desk begins later what it is asked, or the till hears later what the desk says."""
        self.slow = slow

    @precondition(lambda self: self.news)
    @rule(most=st.integers(1, 3), further=st.integers(0, 6), fault=st.sampled_from(StoreFault))
    def the_till_hears(self, most: int, further: int, fault: StoreFault) -> None:
        self.store.strike(further, fault)
        self._do(lambda: self._deliver(most))

    @rule(script=SCRIPTS)
    def the_bank_changes_its_mind(self, script: Script) -> None:
        self.bank.script = script
        self.bank.queries = self.bank.reverses = self.bank.refunds = self.bank.refund_queries = 0

    @precondition(lambda self: any(charge.state == "pending" for charge in self.bank.charges.values()))
    @rule()
    def the_shopper_pays_at_last(self) -> None:
        for charge in self.bank.charges.values():
            charge.state = "paid" if charge.state == "pending" else charge.state

    @precondition(lambda self: self._has() in {"payment", "help"})
    @rule()
    def cancel(self) -> None:
        self._ask(ask_payment.CancelPayment())

    @precondition(lambda self: self._view().basket.tenders)
    @rule(data=st.data())
    def hand_back(self, data: st.DataObject) -> None:
        tenders = [tender.tender_id for tender in self._view().basket.tenders]
        self._ask(ask.RemoveTender(data.draw(st.sampled_from(tenders))))

    @precondition(lambda self: self._has() not in {"nothing", "aside"})
    @rule()
    def put_aside(self) -> None:
        self.clock.advance(timedelta(seconds=1))
        self._ask(ask.SuspendBasket())

    @precondition(lambda self: self._has() == "aside")
    @rule(data=st.data(), further=st.integers(0, 6), fault=st.sampled_from(StoreFault))
    def recall(self, data: st.DataObject, further: int, fault: StoreFault) -> None:
        aside = [one.basket_id for one in self._view().suspended]
        self.store.strike(further, fault)
        self._ask(ask.RecallBasket(data.draw(st.sampled_from(aside))))

    @precondition(lambda self: self._has() == "help")
    @rule(decision=st.sampled_from(Decision))
    def the_supervisor_decides(self, decision: Decision) -> None:
        self._ask(ask_payment.DecidePayment(decision, "seen"))

    @precondition(lambda self: self._has() not in {"payment", "help"} and self._sold())
    @rule(part=st.sampled_from(PARTS))
    def refund_on_the_last_receipt(self, part: str) -> None:
        self._ask(ask_payment.ShowReceipt())
        receipt = self._view().receipt
        if receipt is not None:
            self._ask(ask_payment.RefundTender(receipt.tenders[-1].tender_id, part, "broken"))
        self._ask(ask_payment.HideReceipt())

    @rule(further=st.integers(1, 12), fault=st.sampled_from([*StoreFault, None]))
    def something_will_strike(self, further: int, fault: StoreFault | None) -> None:
        """The store fails once, or the till is killed before or after a call of the bank's."""
        if fault is not None:
            self.store.strike(further, fault)
        else:
            self.points.count, self.points.strike_at, self.points.strike = 0, (further + 3) // 4, Strike.KILL

    @precondition(lambda self: self._has() != "nothing" or self.news)
    @rule(further=st.integers(0, 12))
    def be_killed(self, further: int) -> None:
        """And killed once more while it starts."""
        try:
            self._kill(further)
        except Killed:
            self._kill()

    # What must be.

    def _baskets(self) -> list[Basket]:
        opened = self.inner.open_basket()
        return [*([opened] if opened is not None else []), *self.inner.suspended_baskets()]

    def _sold(self) -> dict[str, Any]:
        found = {basket_id: self.inner.find_sale(basket_id) for basket_id in self.seen}
        return {basket_id: sale for basket_id, sale in found.items() if sale is not None}

    def _attempts(self) -> Iterator[PaymentAttempt]:
        for basket_id in sorted(self.seen):
            yield from self.inner.attempts_of(basket_id)

    @invariant()
    def every_basket_is_somewhere(self) -> None:
        stored = {basket.basket_id for basket in self._baskets()}
        sold = set(self._sold())
        assert self.seen == stored | sold
        assert not stored & sold
        view = self._view()
        shown = {view.basket.basket_id, *(aside.basket_id for aside in view.suspended)} - {None}
        assert stored <= shown

    @invariant()
    def no_sale_is_unpaid_and_no_payment_in_two(self) -> None:
        used: list[str] = []
        for completed in self._sold().values():
            sale = completed.sale
            assert sum(tender.amount_minor for tender in sale.tenders) - sale.change_minor == sale.due_minor
            used += [self._is_paid_for(tender) for tender in sale.tenders if tender.payment_attempt_id]
        for basket in self._baskets():
            used += [tender.payment_attempt_id for tender in basket.tenders if tender.payment_attempt_id]
        assert len(used) == len(set(used))

    def _is_paid_for(self, tender: Tendered) -> str:
        attempt = self.inner.attempt(tender.payment_attempt_id)
        assert attempt.state is AttemptState.APPROVED
        assert attempt.approved_minor == tender.amount_minor
        back = [one for one in self.inner.refunds_of(attempt.attempt_id) if one.reason == HANDED_BACK]
        assert all(refund.state is AttemptState.DECLINED for refund in back)
        return str(attempt.attempt_id)

    @invariant()
    def no_number_is_used_twice(self) -> None:
        assert len(self.bank.pay_numbers) == len(set(self.bank.pay_numbers))

    @invariant()
    def a_receipt_is_printed_once_in_a_run(self) -> None:
        originals = [
            order.receipt.completed.sale.sale_id
            for order in self.printer.orders
            if order.receipt is not None and not order.receipt.copy_number
        ]
        # No printer here says that it has printed, so each start prints once more what waits.
        assert all(originals.count(sale_id) <= self.starts for sale_id in originals)

    def teardown(self) -> None:
        self.store.strike(0, StoreFault.NOT_DONE)
        self.points.strike_at = None
        self.slow = "nobody"
        self._deliver()
        self.bank.script = Script(reverse=ReverseFault.TOMBSTONE)
        self._work(timedelta(hours=2))
        self._finish_everything()
        self._work(timedelta(hours=2))
        self.every_basket_is_somewhere()
        self.no_sale_is_unpaid_and_no_payment_in_two()
        assert not self._baskets()
        assert self._violations() == []
        self.inner.close()
        with reader_of(self.folder) as reader:
            verified = reader.verify()
            with reader.one_state() as connection:
                assert all(isinstance(entry, JournalEntry) for entry in read_entries(connection))
        assert verified.finding is None
        assert verified.totals.sale_count == len(self.seen)
        shutil.rmtree(self.folder)

    def _finish_everything(self) -> None:
        """Once bank and store are well, every basket can be paid to its end: none holds the queue up."""
        for _ in range(200):
            view = self.till.handle(ask_payment.LookAgain())
            if view.payment is not None and view.payment.open is not None:
                self._work(timedelta(minutes=10))
            elif view.basket.basket_id is not None:
                self.till.handle(ask.TakeTender("cash"))
            elif view.suspended:
                self.till.handle(ask.RecallBasket(view.suspended[0].basket_id))
            else:
                return
        raise AssertionError(f"a basket cannot be finished: {view}")

    def _violations(self) -> list[str]:
        excused = {case.attempt_id for case in self.inner.open_exceptions() if case.kind in LEFT_TO_PEOPLE}
        in_sales = {
            tender.payment_attempt_id: tender.amount_minor
            for completed in self._sold().values()
            for tender in completed.sale.tenders
        }
        known = {attempt.provider_number: attempt for attempt in self._attempts()}
        found = [f"{number} is not stored" for number in set(self.bank.pay_numbers) - set(known)]
        for number, attempt in known.items():
            if attempt.operation is not Operation.PURCHASE:
                continue
            refunds = self.inner.refunds_of(attempt.attempt_id)
            if excused & {attempt.attempt_id, *(refund.attempt_id for refund in refunds)}:
                continue
            back = sum(refund.approved_minor for refund in refunds if refund.state is AttemptState.APPROVED)
            counts = in_sales.get(attempt.attempt_id)
            charged = attempt.approved_minor if attempt.state is AttemptState.APPROVED else 0
            if not attempt.final or any(not refund.final for refund in refunds):
                found.append(f"{number} or its refund is not over")
            by_the_till = [refund for refund in refunds if attempt.state is not AttemptState.APPROVED]
            expected = charged - back if not by_the_till else 0
            if self.bank.net_minor(number) != expected:
                found.append(f"{number}: the bank has {self.bank.net_minor(number)}, the till {expected}")
            if counts is None and expected:
                found.append(f"{number}: {expected} was paid and stands in no sale")
            if counts is not None and counts != charged:
                found.append(f"{number}: the sale has {counts}, the bank charged {charged}")
        return found


PaymentCounterMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestPaymentCounter = PaymentCounterMachine.TestCase
