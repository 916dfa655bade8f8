"""Members' points and stored value as accounts that pay: exact units, and nothing unanswered taken for refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.commands.members.accounts import Measure, MemberAccounts
from app.commands.members.keeping import LazyKeeper, OpenedKeeper
from app.members import holds
from app.members.points import BadPoints, PointsTender
from app.members.ports import AccountFound, AccountKind, Reach
from app.payments.held_value import GiveBackState, HeldValueProvider, HoldState, LookUpState
from app.payments.provider import PurchaseOrder, RefundOrder, Verdict
from app.values.problems import Problem
from app.values.wording import wording

ORDER = PurchaseOrder("n1", 300, "CNY", "Corner shop", shopper_code="m-0001")


class Book:
    """One account with one hold, as the table of `app.members.holds` has it."""

    def __init__(self, free: int) -> None:
        self.free = free
        self.answer: object = Reach.ANSWERED
        self.holds: dict[str, list] = {}
        self.backs: dict[str, int] = {}

    def look_up(self, kind, member_id):
        if self.answer is None:
            return AccountFound(Reach.AWAY)
        return AccountFound(self.answer, self.free)

    def hold(self, kind, hold_id, member_id, amount):
        if self.answer is None:
            return None
        self.free -= amount
        self.holds[hold_id] = [holds.HoldState.HELD, amount]
        return self.held(kind, hold_id)

    def held(self, kind, hold_id):
        if self.answer is None:
            return None
        state, amount = self.holds.get(hold_id, (holds.HoldState.NOT_FOUND, 0))
        return holds.HoldAnswer(state, amount, hold_id)

    def _turned(self, kind, hold_id, state):
        if self.answer is not None:
            self.holds[hold_id][0] = state
        return self.held(kind, hold_id)

    def capture(self, kind, hold_id):
        return self._turned(kind, hold_id, holds.HoldState.CAPTURED)

    def let_go(self, kind, hold_id):
        return self._turned(kind, hold_id, holds.HoldState.RELEASED)

    def give_back(self, kind, hold_id, give_back_id, amount):
        if self.answer is None:
            return None
        if give_back_id not in self.backs:
            self.backs[give_back_id] = amount
            self.holds[hold_id][1] -= amount
            self.free += amount
        return self.given_back(kind, hold_id, give_back_id)

    def given_back(self, kind, hold_id, give_back_id):
        if self.answer is None:
            return None
        found = self.backs.get(give_back_id)
        state = holds.GiveBackState.NOT_FOUND if found is None else holds.GiveBackState.DONE
        return holds.GiveBackAnswer(state, found or 0)


def accounts(book: Book, tender: PointsTender | None = None) -> MemberAccounts:
    keeper = LazyKeeper(lambda: OpenedKeeper(book, lambda: None))  # type: ignore[arg-type] # what these tests ask
    kind = AccountKind.POINTS if tender else AccountKind.VALUE
    return MemberAccounts(keeper, kind, Measure(tender), "CNY")


@pytest.mark.parametrize(
    ("tender", "free", "payable"),
    [
        (None, 12_345, 12_345),
        (PointsTender(), 3_260, 3_200),  # whole hundreds of points, a point a fen
        (PointsTender(), 99, 0),
        (PointsTender(points=1000, minor=100, step=500, least=1000), 1_600, 150),  # three steps of 500, ten a fen
        (PointsTender(points=1000, minor=100, step=500, least=1000), 999, 0),
    ],
)
def test_what_can_be_paid_is_what_there_is_in_whole_steps(tender, free, payable):
    found = accounts(Book(free), tender).look_up("m-0001")
    assert found.account is not None
    assert (found.state, found.account.balance_minor, found.account.currency) == (LookUpState.FOUND, payable, "CNY")


def test_points_that_leave_parts_of_a_point_cannot_be_set_up():
    with pytest.raises(ValueError, match="whole number"):
        Measure(PointsTender(points=1, minor=100, step=1, least=1))


@given(
    per_minor=st.sampled_from([1, 5, 10]),
    parts=st.lists(st.integers(1, 900), min_size=1, max_size=6),
)
def test_parts_of_a_payment_given_back_in_any_order_bring_every_point_back(per_minor, parts):
    tender = PointsTender(points=per_minor * 100, minor=100, step=per_minor, least=0)
    book = Book(10**6)
    account = accounts(book, tender)
    paid = sum(parts)
    assert account.hold("h", "m-0001", paid, "CNY").amount_minor == paid
    account.capture("h")
    for number, part in enumerate(parts):
        assert account.give_back("h", f"g{number}", part).amount_minor == part
        assert account.give_back("h", f"g{number}", part).amount_minor == part
        assert account.given_back("h", f"g{number}").amount_minor == part
    assert book.free == 10**6


def test_an_amount_that_no_number_of_steps_pays_is_refused_before_anything_is_asked():
    book = Book(3_000)
    answer = accounts(book, PointsTender()).hold("h", "m-0001", 250, "CNY")
    assert answer.state is HoldState.REFUSED
    assert "steps" in str(answer.refusal)
    assert book.holds == {}
    with pytest.raises(BadPoints):
        Measure(PointsTender()).to_hold(250)


def test_another_currency_is_refused():
    assert accounts(Book(3_000)).hold("h", "m-0001", 300, "USD").state is HoldState.REFUSED


def test_what_is_not_answered_is_unknown_and_never_refused():
    book = Book(3_000)
    account = accounts(book)
    account.hold("h", "m-0001", 300, "CNY")
    book.answer = None
    assert account.look_up("m-0001").state is LookUpState.AWAY
    for said in (
        account.hold("h", "m-0001", 300, "CNY"),
        account.held("h"),
        account.capture("h"),
        account.release("h"),
    ):
        assert said.state is HoldState.UNKNOWN
    for back in (account.give_back("h", "g", 100), account.given_back("h", "g")):
        assert back.state is GiveBackState.UNKNOWN


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), Problem(wording("The disk is full."))])
def test_a_keeper_with_a_fault_is_asked_again_and_nothing_is_lost(fault):
    def broken():
        raise fault

    account = MemberAccounts(LazyKeeper(broken), AccountKind.VALUE, Measure(), "CNY")
    assert account.look_up("m-0001").state is LookUpState.AWAY
    assert account.capture("h").state is HoldState.UNKNOWN


def test_a_member_who_is_not_known_or_may_not_pay_is_told_so():
    book = Book(3_000)
    book.answer = Reach.NOT_FOUND
    assert accounts(book).look_up("m-9").state is LookUpState.NOT_FOUND
    book.answer = Reach.REFUSED
    refused = HeldValueProvider(accounts(book)).pay(ORDER)
    assert (refused.verdict, refused.code) == (Verdict.DECLINED, "REFUSED")


def test_points_pay_are_captured_and_come_back_with_a_return():
    book = Book(3_260)
    provider = HeldValueProvider(accounts(book, PointsTender()))
    assert provider.pay(ORDER).amount_minor == 300
    assert provider.capture(ORDER).verdict is Verdict.APPROVED
    assert book.free == 2_960
    back = RefundOrder("n1", "r1", 120, 300, "CNY")
    assert provider.refund(back).verdict is Verdict.APPROVED
    assert provider.query_refund(back).verdict is Verdict.APPROVED
    assert book.free == 3_080
    rest = RefundOrder("n1", "r2", 180, 300, "CNY")
    assert provider.refund(rest).verdict is Verdict.APPROVED
    assert book.free == 3_260
