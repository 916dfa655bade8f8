"""Payments in any order with kills, failing stores, changed clocks and a bank that answers as it likes."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.payments.attempt_record import AttemptState, Operation, PaymentAttempt
from app.payments.desk_requests import (
    CancelRequest,
    Decision,
    DeskRequest,
    LateWord,
    RefundRequest,
    SupervisorDecision,
)
from tests.faults.payment_world import (
    AMOUNT,
    Bank,
    Killed,
    MemoryStore,
    PayFault,
    QueryFault,
    RefundFault,
    ReverseFault,
    Script,
    Strike,
    TillAtWork,
    order_of,
    violations,
)

SCRIPTS = st.builds(
    Script,
    st.sampled_from(PayFault),
    st.sampled_from(QueryFault),
    st.sampled_from(ReverseFault),
    st.sampled_from(RefundFault),
)


class AttemptMachine(RuleBasedStateMachine):
    """What people, banks, disks and clocks do; the bank's ledger says what must be."""

    def __init__(self) -> None:
        super().__init__()
        self.till = TillAtWork(Bank(Script()), MemoryStore())
        self.store = self.till.store
        self.count = 0
        self.seen_final: dict[str, PaymentAttempt] = {}
        self._go(timedelta())

    def _go(self, by: timedelta) -> None:
        try:
            self.till.run(by)
        except Killed:
            self.till.start()

    def _ask(self, request: DeskRequest) -> None:
        self.till.ask(request)
        self._go(timedelta(milliseconds=1))

    def _known(self) -> list[str]:
        assert isinstance(self.store, MemoryStore)
        return [key for key, steps in self.store.steps.items() if steps[0].operation is Operation.PURCHASE]

    @rule(script=SCRIPTS)
    def the_bank_changes_its_mind(self, script: Script) -> None:
        bank = self.till.bank
        bank.script = script
        bank.queries = bank.reverses = bank.refunds = bank.refund_queries = 0

    @rule(basket=st.integers(1, 3))
    def begin(self, basket: int) -> None:
        self.count += 1
        self._ask(order_of(f"attempt-{self.count}", f"basket-{basket}"))

    @rule(seconds=st.sampled_from([1, 5, 20, 60, 400]))
    def wait(self, seconds: int) -> None:
        self._go(timedelta(seconds=seconds))

    @precondition(lambda self: self._known())
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self._ask(CancelRequest(data.draw(st.sampled_from(self._known())), "007"))

    @precondition(lambda self: self._known())
    @rule(data=st.data(), decision=st.sampled_from(Decision))
    def decide(self, data: st.DataObject, decision: Decision) -> None:
        self._ask(SupervisorDecision(data.draw(st.sampled_from(self._known())), decision, "900", "seen"))

    @precondition(lambda self: self._known())
    @rule(data=st.data(), amount=st.integers(1, AMOUNT))
    def give_back(self, data: st.DataObject, amount: int) -> None:
        self.count += 1
        which = data.draw(st.sampled_from(self._known()))
        self._ask(RefundRequest(f"wanted-{self.count}", which, amount, "007", "broken"))

    @precondition(lambda self: self._known())
    @rule(data=st.data())
    def the_bill_says_otherwise(self, data: st.DataObject) -> None:
        self._ask(LateWord(data.draw(st.sampled_from(self._known()))))

    @rule()
    def kill(self) -> None:
        self.till.start()
        self._go(timedelta())

    @rule(further=st.integers(1, 8), strike=st.sampled_from(Strike))
    def something_will_strike(self, further: int, strike: Strike) -> None:
        points = self.till.points
        points.count, points.strike_at, points.strike = 0, further, strike

    @rule(seconds=st.sampled_from([-(10**8), -3600, -1, 1, 3600, 10**8]), restart=st.booleans())
    def the_clock_is_changed(self, seconds: int, restart: bool) -> None:
        self.till.clock.jump(self.till.clock.now() + timedelta(seconds=seconds))
        if restart:
            self.kill()

    @invariant()
    def no_final_state_ever_changes(self) -> None:
        assert isinstance(self.store, MemoryStore)
        for key, steps in self.store.steps.items():
            if steps[-1].final:
                assert self.seen_final.setdefault(key, steps[-1]) == steps[-1]
            assert not any(step.final for step in steps[:-1])
            assert [step.revision for step in steps] == list(range(1, len(steps) + 1))

    @invariant()
    def a_basket_has_one_open_payment_at_most(self) -> None:
        baskets = [one.basket_id for one in self.store.open_attempts() if one.operation is Operation.PURCHASE]
        assert len(baskets) == len(set(baskets))

    @invariant()
    def nothing_is_sent_that_is_not_stored_and_nothing_twice(self) -> None:
        numbers = self.till.bank.pay_numbers
        assert len(numbers) == len(set(numbers))
        for number in numbers:
            stored = self.store.attempt(number.replace("attempt", "attempt-"))
            assert stored is not None
            assert stored.state is not AttemptState.CREATED

    @invariant()
    def no_more_is_given_back_than_was_charged(self) -> None:
        assert all(sum(charge.refunds.values()) <= charge.amount for charge in self.till.bank.charges.values())

    def teardown(self) -> None:
        self.till.points.strike_at = None
        self.till.start()
        self.till.bank.script = Script(reverse=ReverseFault.TOMBSTONE)
        self.till.run()
        assert violations(self.till) == []


AttemptMachine.TestCase.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAttempts = AttemptMachine.TestCase
