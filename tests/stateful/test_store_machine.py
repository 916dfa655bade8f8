"""The till's store against a model of plain dictionaries, over any order of selling, suspending, reopening and killing."""

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.checkout.ports import PrintJob, PrintState
from app.ledger.entry import EntryKind
from app.sales.basket import Basket, BasketState
from app.sales.sale import CompletedSale
from app.values.clock import FixedClock
from tests.faults.store_shop import GROSS, NOON, basket, line, open_shop, reader_of, sale, session


class StoreMachine(RuleBasedStateMachine):
    """What a till does, and what must then be in its store."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="guitai-machine-"))
        self.clock = FixedClock(NOON)
        self.store = open_shop(self.folder, self.clock)
        self.open: Basket | None = None
        self.suspended: dict[str, Basket] = {}
        self.sales: dict[str, CompletedSale] = {}
        self.jobs: dict[str, PrintState] = {}
        self.copies: dict[str, int] = {}
        self.entries = 1
        self.count = 0
        self.acknowledged = 0
        self.session = ""

    def teardown(self) -> None:
        self.store.close()
        with reader_of(self.folder) as reader:
            verified = reader.verify()
        assert verified.finding is None
        assert verified.entry_count == self.entries
        assert verified.totals.sale_count == len(self.sales)
        shutil.rmtree(self.folder)

    def _next(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    @initialize()
    def open_session(self) -> None:
        self.session = self._next("session-")
        self.store.open_session(session(self.session))
        self.entries += 1

    @rule(lines=st.lists(st.integers(1, 9), unique=True, max_size=5), note=st.text(max_size=5))
    def ring_up(self, lines: list[int], note: str) -> None:
        if self.open is None:
            self.open = basket(self._next("b"), 0)
        self.open = replace(self.open, lines=tuple(line(number) for number in lines), note=note)
        self.store.save_basket(self.open)

    @precondition(lambda self: self.open is not None)
    @rule(quantity=st.integers(1, 5000))
    def change_a_quantity(self, quantity: int) -> None:
        assert self.open is not None
        if self.open.lines:
            first = replace(self.open.lines[0], quantity_thousandths=quantity)
            self.open = replace(self.open, lines=(first, *self.open.lines[1:]))
            self.store.save_basket(self.open)

    @precondition(lambda self: self.open is not None)
    @rule()
    def suspend(self) -> None:
        assert self.open is not None
        self.clock.advance(timedelta(seconds=1))
        aside = replace(self.open, state=BasketState.SUSPENDED, suspended_at=self.clock.now())
        self.store.save_basket(aside)
        self.suspended[aside.basket_id] = aside
        self.open = None

    @precondition(lambda self: self.open is None and self.suspended)
    @rule(data=st.data())
    def recall(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.suspended)))
        self.open = replace(self.suspended.pop(name), state=BasketState.OPEN, suspended_at=None)
        self.store.save_basket(self.open)

    @precondition(lambda self: self.open is not None)
    @rule()
    def abandon(self) -> None:
        assert self.open is not None
        self.store.abandon_basket(self.open, "left")
        self.open = None
        self.entries += 1

    @precondition(lambda self: self.open is not None)
    @rule(note=st.text(max_size=5), prints=st.booleans())
    def sell(self, note: str, prints: bool) -> None:
        assert self.open is not None
        job = self._next("job-") if prints else None
        sold = sale(self.open.basket_id, note=note)
        self.sales[sold.sale_id] = self.store.commit_sale(sold, print_job_id=job)
        assert self.sales[sold.sale_id].receipt_number.number == len(self.sales)
        if job:
            self.jobs[job] = PrintState.WAITING
        self.open = None
        self.entries += 1

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def sell_the_same_again(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.sales)))
        assert self.store.commit_sale(self.sales[name].sale, print_job_id=self._next("job-")) == self.sales[name]

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def print_a_copy(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.sales)))
        self.copies[name] = self.copies.get(name, 0) + 1
        job = PrintJob(self._next("copy-"), name, self.copies[name], PrintState.WAITING)
        self.store.add_print_job(job)
        self.jobs[job.job_id] = job.state
        self.entries += 1

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), state=st.sampled_from(PrintState))
    def the_printer_moves_on(self, data: st.DataObject, state: PrintState) -> None:
        job = data.draw(st.sampled_from(sorted(self.jobs)))
        self.store.set_print_state(job, state)
        self.jobs[job] = state

    @rule()
    def open_the_drawer(self) -> None:
        self.store.record(EntryKind.DRAWER_OPENED, {"operator": "007"})
        self.entries += 1

    @rule(data=st.data())
    def headquarters_acknowledges(self, data: st.DataObject) -> None:
        self.acknowledged = data.draw(st.integers(self.acknowledged, self.entries))
        self.store.acknowledge(1, self.acknowledged)

    @rule()
    def start_again(self) -> None:
        self.store.close()
        self.store = open_shop(self.folder, self.clock)

    @rule()
    def be_killed(self) -> None:
        """The process is gone with nothing closed: what a copy of its files holds is all there is."""
        killed = Path(tempfile.mkdtemp(prefix="guitai-machine-"))
        shutil.copytree(self.folder, killed, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*-shm", "till.lock"))
        self.store.close()
        shutil.rmtree(self.folder)
        self.folder = killed
        self.store = open_shop(self.folder, self.clock)

    @invariant()
    def the_baskets_are_those_of_the_model(self) -> None:
        assert self.store.open_basket() == self.open
        expected = sorted(self.suspended.values(), key=lambda kept: (kept.suspended_at or NOON, kept.basket_id))
        assert list(self.store.suspended_baskets()) == expected

    @invariant()
    def the_figures_are_those_of_the_model(self) -> None:
        totals, status = self.store.totals(), self.store.status()
        assert (totals.sale_count, totals.last_receipt_number) == (len(self.sales), len(self.sales))
        assert totals.gross_minor == GROSS * len(self.sales)
        assert status.unsynced_count == self.entries - self.acknowledged
        present = self.store.present_session()
        assert (present.session_id if present else "") == self.session

    @invariant()
    def the_print_jobs_are_those_of_the_model(self) -> None:
        unfinished = {job.job_id: job.state for job in self.store.unfinished_print_jobs()}
        ended = {PrintState.PRINTED, PrintState.CANCELLED}
        assert unfinished == {job: state for job, state in self.jobs.items() if state not in ended}
        for name, count in self.copies.items():
            assert self.store.copies_printed(name) == count

    @invariant()
    def the_last_sale_is_the_models(self) -> None:
        assert self.store.last_sale() == (list(self.sales.values())[-1] if self.sales else None)


StoreMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestStore = StoreMachine.TestCase
