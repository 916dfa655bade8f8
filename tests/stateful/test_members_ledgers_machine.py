"""Points and stored value under any sequence of messages, repeated and late: nothing appears, nothing is lost."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.members.holds import GiveBackState, HoldState
from app.members.ledger_entries import Movement, Part, balance_of
from app.members.lot_book import LotBook, When
from app.members.points import EarnMessage, PointsBook
from app.members.stored_value import LoadMessage, RefundHindered, SpendingOrder, ValueBook

ACCOUNTS = st.sampled_from(("a-1", "a-2"))
HOLDS = st.sampled_from(("h-1", "h-2", "h-3", "h-4"))
GIVE_BACKS = st.sampled_from(("g-1", "g-2", "g-3"))
AMOUNTS = st.integers(1, 120)
FIRST_DAY = date(2026, 5, 1)


class Books(RuleBasedStateMachine):
    """What both kinds of accounts have: holds, days that pass, messages that come again."""

    book: LotBook

    def __init__(self) -> None:
        super().__init__()
        self.day = FIRST_DAY
        self.said: list = []
        """Every message so far, as something that sends it again."""

        self.asked: dict[str, tuple[str, int]] = {}
        self.states: dict[str, HoldState] = {}
        self.left: Counter[str] = Counter()
        self.backs: dict[str, tuple[str, int, GiveBackState]] = {}

    @property
    def when(self) -> When:
        return When(datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC), self.day)

    def send(self, message):
        """Send a message, and keep it for being sent again."""
        self.said.append(message)
        return message()

    @rule(days=st.integers(1, 20))
    def days_pass(self, days: int) -> None:
        self.day += timedelta(days)

    @rule(account=ACCOUNTS)
    def ends_what_is_over(self, account: str) -> None:
        living = self.book.spendable(account, self.day)
        name, when = f"x-{len(self.said)}", self.when
        self.send(lambda: self.book.expire(name, account, when))
        assert self.book.spendable(account, self.day) == living

    @rule(hold=HOLDS, account=ACCOUNTS, amount=AMOUNTS)
    def holds(self, hold: str, account: str, amount: int) -> None:
        free = self.book.spendable(account, self.day)
        when = self.when
        answer = self.send(lambda: self.book.hold(hold, account, amount, self.book.unit, when))
        if hold not in self.states:
            self.asked[hold] = (account, amount)
            self.states[hold] = HoldState.HELD if amount <= free else HoldState.REFUSED
            self.left[hold] = amount if amount <= free else 0
        elif hold in self.asked and self.asked[hold] != (account, amount):
            assert answer.state is HoldState.REFUSED
            return
        assert (answer.state, answer.amount) == (self.states[hold], self.left[hold])

    @rule(hold=HOLDS)
    def captures(self, hold: str) -> None:
        when = self.when
        answer = self.send(lambda: self.book.capture(hold, when))
        if self.states.get(hold) is HoldState.HELD:
            self.states[hold] = HoldState.CAPTURED
        assert answer.state is self.states.get(hold, HoldState.NOT_FOUND)
        assert answer.amount == self.left[hold]

    @rule(hold=HOLDS)
    def releases(self, hold: str) -> None:
        when = self.when
        answer = self.send(lambda: self.book.release(hold, when))
        if self.states.get(hold, HoldState.HELD) is HoldState.HELD:
            self.states[hold] = HoldState.RELEASED
            self.left[hold] = 0
        assert (answer.state, answer.amount) == (self.states[hold], self.left[hold])

    @rule(hold=HOLDS, give_back=GIVE_BACKS, amount=st.integers(1, 60))
    def gives_back(self, hold: str, give_back: str, amount: int) -> None:
        when = self.when
        answer = self.send(lambda: self.book.give_back(hold, give_back, amount, when))
        if hold not in self.states:
            assert answer.state is GiveBackState.NOT_FOUND
        elif give_back in self.backs:
            other = self.backs[give_back][:2] != (hold, amount)
            assert answer.state is (GiveBackState.REFUSED if other else self.backs[give_back][2])
        else:
            done = self.states[hold] in {HoldState.HELD, HoldState.CAPTURED} and amount <= self.left[hold]
            state = GiveBackState.DONE if done else GiveBackState.REFUSED
            assert answer.state is state
            self.backs[give_back] = (hold, amount, state)
            self.left[hold] -= amount if done else 0

    @rule(data=st.data())
    def a_message_comes_again(self, data) -> None:
        if self.said:
            message = data.draw(st.sampled_from(self.said))
            message()  # it may have been before its hold, and do something now; the next time it may not
            before = self.book.entries
            again = message()
            assert self.book.entries == before
            assert again == message()
            self.resynchronise()

    def resynchronise(self) -> None:
        """Learn what a capture or release that came again has done, which is checked by the rules of its own."""
        for hold, state in self.states.items():
            now = self.book.held(hold)
            if state is not now.state:
                assert state is HoldState.HELD
                self.states[hold] = now.state
            self.left[hold] = now.amount
        for hold in ("h-1", "h-2", "h-3", "h-4"):
            if hold not in self.states and self.book.held(hold).state is not HoldState.NOT_FOUND:
                raise AssertionError("a message that came again made a hold")
        for entry in self.book.entries:
            if entry.asked[0] == "give_back" and entry.movement in {Movement.GIVEN_BACK, Movement.REFUSED}:
                state = GiveBackState.DONE if entry.movement is Movement.GIVEN_BACK else GiveBackState.REFUSED
                self.backs[entry.message_id.removeprefix("give_back/")] = (entry.subject_id, entry.amount, state)

    @invariant()
    def nothing_is_below_zero_and_the_book_is_its_entries(self) -> None:
        if not hasattr(self, "book"):
            return
        for account in ("a-1", "a-2"):
            balance = balance_of(self.book.entries, account)
            assert min(balance.free, balance.held, balance.spent, balance.owed) >= 0
            assert self.book.spendable(account, self.day) <= balance.free
            mine = [hold for hold, (owner, _) in self.asked.items() if owner == account]
            assert balance.held == sum(self.left[hold] for hold in mine if self.states[hold] is HoldState.HELD)
            assert balance.spent == sum(self.left[hold] for hold in mine if self.states[hold] is HoldState.CAPTURED)
            moved = self.moved(account)
            out = sum(moved[movement] for movement in OUT) - moved[Movement.UNCHARGED]
            assert moved[Movement.PUT] == balance.free + balance.held + balance.spent + out

    def moved(self, account: str, part: Part | None = None) -> Counter[Movement]:
        """How much each movement moved, by the entries' slices."""
        parts = {entry.new_lot.lot_id: entry.new_lot.part for entry in self.book.entries if entry.new_lot}
        sums: Counter[Movement] = Counter()
        for entry in self.book.entries:
            if entry.account_id == account and entry.movement is not Movement.EXCUSED:
                sums[entry.movement] += sum(one.amount for one in entry.slices if part in {None, parts[one.lot_id]})
        return sums


OUT = (
    Movement.EXPIRED,
    Movement.TAKEN_BACK,
    Movement.SETTLED,
    Movement.PAID_OUT,
    Movement.CHARGED,
    Movement.FORFEITED,
)


class PointsMachine(Books):
    """Sales, returns and spending of two members."""

    book: PointsBook

    @initialize()
    def opens(self) -> None:
        self.book = PointsBook()
        self.earned: dict[str, int] = {}
        self.returned: dict[str, tuple[str, int]] = {}

    @rule(number=st.integers(1, 4), points=AMOUNTS, days=st.none() | st.integers(0, 40))
    def a_sale_earns(self, number: int, points: int, days: int | None) -> None:
        sale = f"s-{number}"
        if sale not in self.earned:
            self.earned[sale] = points
            ends = self.day + timedelta(days) if days is not None else None
            when = self.when
            account = "a-1" if number % 2 else "a-2"
            self.send(lambda: self.book.earn(EarnMessage(sale, account, points, ends), when))

    @rule(number=st.integers(1, 4), piece=st.integers(1, 3), points=AMOUNTS)
    def a_return_takes_back(self, number: int, piece: int, points: int) -> None:
        sale, name = f"s-{number}", f"r-{number}-{piece}"
        if name not in self.returned:
            self.returned[name] = (sale, points)
            when = self.when
            account = "a-1" if number % 2 else "a-2"
            self.send(lambda: self.book.take_back(name, account, sale, points, when))

    @invariant()
    def returns_take_back_what_was_earned_and_no_more(self) -> None:
        if not hasattr(self, "earned"):
            return
        wanted: Counter[str] = Counter()
        done: Counter[str] = Counter()
        for name, (sale, points) in self.returned.items():
            taken = self.book.taken_back(name)
            wanted[sale] += points
            done[sale] += taken.points + taken.excused + taken.owed
            assert taken.parked == (sale not in self.earned)
            assert taken.parked or taken.points + taken.excused + taken.owed + taken.excess == points
        for sale, points in self.earned.items():
            assert done[sale] == min(points, wanted[sale])
        for account in ("a-1", "a-2"):
            assert not (self.book.owed(account) and self.book.spendable(account, self.day))

    @rule()
    def the_store_reads_its_ledger_again(self) -> None:
        again = PointsBook(self.book.entries)
        assert vars(again) == vars(self.book)
        self.book = again


class ValueMachine(Books):
    """Loadings, spending and refunds."""

    book: ValueBook

    @initialize(order=st.sampled_from(SpendingOrder))
    def opens(self, order: SpendingOrder) -> None:
        self.order = order
        self.book = ValueBook(order=order)
        self.loaded: Counter[tuple[str, Part]] = Counter()

    @rule(number=st.integers(1, 5), paid=AMOUNTS, bonus=st.integers(0, 40), days=st.none() | st.integers(0, 40))
    def a_member_loads(self, number: int, paid: int, bonus: int, days: int | None) -> None:
        loading = f"l-{number}"
        account = "a-1" if number % 2 else "a-2"
        if self.book.loaded(loading) is None:
            self.loaded[account, Part.PAID] += paid
            self.loaded[account, Part.BONUS] += bonus
            ends = self.day + timedelta(days) if days is not None else None
            when = self.when
            self.send(lambda: self.book.load(LoadMessage(loading, account, paid, bonus, ends), when))

    @rule(number=st.integers(1, 3), account=ACCOUNTS, loading=st.none() | st.sampled_from(("l-1", "l-2")))
    def a_member_is_refunded(self, number: int, account: str, loading: str | None) -> None:
        name = f"rf-{number}-{account}-{loading}"
        when = self.when
        refundable = self.book.refundable(account)
        before = self.moved(account)[Movement.PAID_OUT]
        try:
            refund = self.book.refund(name, account, when, loading)
        except RefundHindered:
            assert HoldState.HELD in self.states.values()
            return
        self.said.append(lambda: self.book.refund(name, account, when, loading))
        out = self.moved(account)[Movement.PAID_OUT] - before
        assert out in {0, refund.paid_out_minor}
        assert out <= refundable
        assert loading or not out or out == refundable

    @invariant()
    def each_part_is_where_it_belongs(self) -> None:
        if not hasattr(self, "loaded"):
            return
        for account in ("a-1", "a-2"):
            for part in (Part.PAID, Part.BONUS):
                balance, moved = balance_of(self.book.entries, account, part), self.moved(account, part)
                assert min(balance.free, balance.held, balance.spent) >= 0
                assert moved[Movement.PUT] == self.loaded[account, part]
                out = sum(moved[movement] for movement in OUT) - moved[Movement.UNCHARGED]
                assert moved[Movement.PUT] == balance.free + balance.held + balance.spent + out
            bonus = self.moved(account, Part.BONUS)
            assert not bonus[Movement.PAID_OUT]
            assert not bonus[Movement.CHARGED]
            paid = self.moved(account, Part.PAID)
            assert not paid[Movement.EXPIRED]
            assert not paid[Movement.FORFEITED]
            assert paid[Movement.CHARGED] - paid[Movement.UNCHARGED] >= 0

    @rule()
    def the_store_reads_its_ledger_again(self) -> None:
        again = ValueBook(self.book.entries, order=self.order)
        assert vars(again) == vars(self.book)
        self.book = again


TestPoints = PointsMachine.TestCase
TestStoredValue = ValueMachine.TestCase
TestPoints.settings = TestStoredValue.settings = settings(
    max_examples=40, stateful_step_count=35, deadline=None, suppress_health_check=list(HealthCheck)
)
