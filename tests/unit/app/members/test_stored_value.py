"""Stored value: the member's money and the shop's bonus, kept apart to the last fen."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.holds import GiveBackState, HoldState
from app.members.ledger_entries import Balance, LedgerEntry, Part, ReusedMessage, balance_of
from app.members.lot_book import When
from app.members.stored_value import (
    BonusStep,
    LoadingRefused,
    LoadingRule,
    LoadMessage,
    Refund,
    RefundHindered,
    SpendingOrder,
    ValueBook,
)
from app.payments import held_value
from app.payments.provider import PurchaseOrder, RefundOrder, Verdict

DAY = date(2026, 5, 1)
RULE = LoadingRule((BonusStep(500_00, 30_00), BonusStep(1000_00, 100_00)), least_minor=100_00, bonus_valid_days=90)


def test_a_bonus_comes_by_steps() -> None:
    assert [RULE.bonus_of(paid) for paid in (499_99, 500_00, 999_99, 1000_00, 5000_00)] == [
        0, 30_00, 30_00, 100_00, 100_00,
    ]  # fmt: skip
    assert RULE.bonus_ends_on(date(2026, 5, 1)) == date(2026, 7, 29)  # the first day counts: May 31, June 30, July 29


def test_too_little_and_too_much_are_refused_before_money_is_taken() -> None:
    RULE.require_loadable(0, 4900_00)  # with its bonus of 100 exactly 5,000
    for balance, paid in ((0, 99_99), (0, 4900_01), (4501_00, 500_00)):
        with pytest.raises(LoadingRefused):
            RULE.require_loadable(balance, paid)
    with pytest.raises(ValueError, match="rise"):
        LoadingRule((BonusStep(500, 30), BonusStep(500, 40)))


def loaded(order: SpendingOrder, on) -> ValueBook:
    """100 + 20 in May, then 50 + 5 in June."""
    book = ValueBook(order=order)
    book.load(LoadMessage("l-1", "a-1", 100_00, 20_00), on(5, 1))
    book.load(LoadMessage("l-2", "a-1", 50_00, 5_00), on(6, 1))
    return book


@pytest.mark.parametrize(
    ("order", "paid_left", "bonus_left"),
    [
        (SpendingOrder.PAID_FIRST, 50_00, 15_00),  # 100 paid, 10 bonus of the first loading
        (SpendingOrder.BONUS_FIRST, 60_00, 5_00),  # 20 bonus, 90 paid
        # 110 x 100/120 = 91.666.., 110 x 20/120 = 18.333..: the fen left over goes to the larger remainder.
        (SpendingOrder.IN_PROPORTION, 150_00 - 91_67, 25_00 - 18_33),
    ],
)
def test_the_order_of_spending_is_the_shops_rule(order, paid_left: int, bonus_left: int, on) -> None:
    book = loaded(order, on)
    assert book.hold("h-1", "a-1", 110_00, "CNY", on(6, 2)).state is HoldState.HELD
    assert book.free_of("a-1", Part.PAID, on().on) == paid_left
    assert book.free_of("a-1", Part.BONUS, on().on) == bonus_left
    assert balance_of(book.entries, "a-1", Part.PAID).held == 150_00 - paid_left


def test_a_refund_pays_out_the_paid_part_and_ends_the_bonus(on) -> None:
    book = loaded(SpendingOrder.PAID_FIRST, on)
    book.hold("h-1", "a-1", 40_00, "CNY", on(6, 2))
    book.capture("h-1", on(6, 2))
    assert book.refundable("a-1") == 110_00
    assert book.refund("rf-1", "a-1", on(6, 3)) == Refund(110_00, 0, 25_00)
    assert book.refund("rf-1", "a-1", on(6, 4)) == Refund(110_00, 0, 25_00)
    assert book.spendable("a-1", date(2026, 6, 4)) == 0
    # A return gives back 40 of the paid part, which can be refunded again.
    book.give_back("h-1", "g-1", 40_00, on(6, 5))
    assert book.refund("rf-2", "a-1", on(6, 6)) == Refund(40_00, 0, 0)
    assert book.refund("rf-3", "a-1", on(6, 6)) == Refund()


def test_bonus_spent_before_it_was_earned_is_charged_to_the_refund(on) -> None:
    # Bonus first: 20 bonus + 10 paid of the first loading. Ten of a hundred paid earned 2 of the bonus: 18 too much.
    book = loaded(SpendingOrder.BONUS_FIRST, on)
    book.hold("h-1", "a-1", 30_00, "CNY", on(6, 2))
    book.capture("h-1", on(6, 2))
    assert book.refundable("a-1") == 90_00 - 18_00 + 50_00
    assert book.refund("rf-1", "a-1", on(6, 3), loading_id="l-1") == Refund(72_00, 18_00, 0)
    assert book.refund("rf-2", "a-1", on(6, 3)) == Refund(50_00, 0, 5_00)
    # All of it comes back later: what was charged is paid out with the 10, the bonus is not.
    book.give_back("h-1", "g-1", 30_00, on(6, 4))
    assert book.refundable("a-1") == 28_00
    assert book.refund("rf-3", "a-1", on(6, 5)) == Refund(28_00, 0, 20_00)
    assert balance_of(book.entries, "a-1") == Balance()


def test_nothing_is_refunded_while_a_payment_is_under_way(on) -> None:
    book = loaded(SpendingOrder.PAID_FIRST, on)
    book.hold("h-1", "a-1", 30_00, "CNY", on(6, 2))
    with pytest.raises(RefundHindered):
        book.refund("rf-1", "a-1", on(6, 3))
    book.capture("h-1", on(6, 3))
    assert book.refund("rf-1", "a-1", on(6, 3)).paid_out_minor == 120_00
    assert balance_of(book.entries, "a-1") == Balance(0, 0, 30_00)


def test_value_set_aside_for_a_till_is_spent_there_offline_and_settled(on) -> None:
    # Headquarters holds 50 for a till; the till keeps a book of that alone, spends 30, and is settled.
    headquarters, till = loaded(SpendingOrder.PAID_FIRST, on), ValueBook()
    assert headquarters.hold("for-0001-01", "a-1", 50_00, "CNY", on(6, 2)).state is H
    till.load(LoadMessage("for-0001-01", "a-1", 50_00), on(6, 2))
    assert till.hold("h-1", "a-1", 30_00, "CNY", on(6, 3)).state is H
    assert till.capture("h-1", on(6, 3)).state is C
    assert till.hold("h-2", "a-1", 20_01, "CNY", on(6, 3)).state is X
    rest = till.spendable("a-1", on(6, 4).on)
    headquarters.give_back("for-0001-01", "settled-0001-01", rest, on(6, 4))
    assert headquarters.capture("for-0001-01", on(6, 4)).amount == 30_00
    assert headquarters.spendable("a-1", on(6, 4).on) == 175_00 - 30_00


def test_an_entry_travels_as_a_document_and_comes_back_the_same(on) -> None:
    book = loaded(SpendingOrder.IN_PROPORTION, on)
    book.hold("h-1", "a-1", 110_00, "CNY", on(6, 2))
    book.give_back("h-1", "g-1", 7, on(6, 2))
    sent = msgspec.json.encode(book.entries)
    assert tuple(msgspec.json.decode(sent, type=list[LedgerEntry])) == book.entries


def test_a_refund_of_nothing_stays_a_refund_of_nothing(value, on) -> None:
    assert value.refund("rf-1", "a-1", on()) == Refund()
    value.load(LoadMessage("l-1", "a-1", 100_00), on())
    assert value.refund("rf-1", "a-1", on()) == Refund()
    assert value.spendable("a-1", DAY) == 100_00


def test_a_bonus_can_end_and_money_never(value, on) -> None:
    value.load(LoadMessage("l-1", "a-1", 100_00, 20_00, date(2026, 5, 31)), on())
    assert value.spendable("a-1", date(2026, 5, 31)) == 120_00
    assert value.spendable("a-1", date(2027, 6, 1)) == 100_00
    assert value.hold("h-1", "a-1", 110_00, "CNY", on(6, 1)).state is HoldState.REFUSED


def test_what_is_given_back_in_parts_returns_to_where_it_came_from(value, on) -> None:
    value.load(LoadMessage("l-1", "a-1", 100_00, 20_00), on())
    value.hold("h-1", "a-1", 110_00, "CNY", on())
    value.capture("h-1", on())
    # Last taken, first given back: the 10 of bonus, then paid.
    value.give_back("h-1", "g-1", 15_00, on())
    assert (value.free_of("a-1", Part.PAID, DAY), value.free_of("a-1", Part.BONUS, DAY)) == (5_00, 20_00)
    value.give_back("h-1", "g-2", 95_00, on())
    assert (value.free_of("a-1", Part.PAID, DAY), value.free_of("a-1", Part.BONUS, DAY)) == (100_00, 20_00)
    assert value.give_back("h-1", "g-3", 1, on()).state is GiveBackState.REFUSED


def test_a_loading_counts_once_and_its_id_is_not_used_for_another(value, on) -> None:
    for _ in range(3):
        value.load(LoadMessage("l-1", "a-1", 100_00, 20_00), on())
    assert value.spendable("a-1", DAY) == 120_00
    with pytest.raises(ReusedMessage):
        value.load(LoadMessage("l-1", "a-1", 100_00, 30_00), on())


# What payments need of the accounts: the table of app.payments.held_value.accounts, every cell


def in_state(state: HoldState | None, on) -> ValueBook:
    book = ValueBook()
    book.load(LoadMessage("l-1", "a-1", 100_00), on())
    if state is HoldState.REFUSED:
        book.hold("h-1", "a-1", 200_00, "CNY", on())
    elif state is not None:
        book.hold("h-1", "a-1", 60_00, "CNY", on())
        if state is HoldState.CAPTURED:
            book.capture("h-1", on())
        elif state is HoldState.RELEASED:
            book.release("h-1", on())
    return book


H, C, R, X, N = HoldState.HELD, HoldState.CAPTURED, HoldState.RELEASED, HoldState.REFUSED, HoldState.NOT_FOUND


@pytest.mark.parametrize(
    ("before", "hold", "capture", "release", "give_back"),
    [
        (None, H, N, R, GiveBackState.NOT_FOUND),
        (H, H, C, R, GiveBackState.DONE),
        (C, C, C, C, GiveBackState.DONE),
        (R, R, R, R, GiveBackState.REFUSED),
        (X, X, X, X, GiveBackState.REFUSED),
    ],
)
def test_every_cell_of_the_table_holds_and_holds_again(before, hold, capture, release, give_back, on) -> None:
    amount = 200_00 if before is X else 60_00
    for _ in range(2):
        book = in_state(before, on)
        for _ in range(2):
            assert book.hold("h-1", "a-1", amount, "CNY", on()).state is hold
        book = in_state(before, on)
        for _ in range(2):
            assert book.capture("h-1", on()).state is capture
        book = in_state(before, on)
        for _ in range(2):
            assert book.release("h-1", on()).state is release
        book = in_state(before, on)
        for _ in range(2):
            assert book.give_back("h-1", "g-1", 10_00, on()).state is give_back
        done = give_back is GiveBackState.DONE
        assert book.spendable("a-1", DAY) == 100_00 - (60_00 if before in {H, C} else 0) + (10_00 if done else 0)


def test_a_hold_that_arrives_after_its_release_holds_nothing(value, on) -> None:
    value.load(LoadMessage("l-1", "a-1", 100_00), on())
    assert value.release("h-1", on()).state is R
    assert value.hold("h-1", "a-1", 60_00, "CNY", on()).state is R
    assert value.hold("h-1", "a-2", 1, "EUR", on()).state is R
    assert value.spendable("a-1", DAY) == 100_00


@pytest.mark.parametrize(
    ("account", "amount", "unit"), [("a-2", 60_00, "CNY"), ("a-1", 60_01, "CNY"), ("a-1", 60_00, "HKD")]
)
def test_the_same_id_with_another_account_or_amount_is_refused(account, amount, unit, on) -> None:
    for state in (H, C, R):
        book = in_state(state, on)
        before = book.entries
        assert book.hold("h-1", account, amount, unit, on()).state is X
        assert book.entries == before
    book = in_state(C, on)
    book.give_back("h-1", "g-1", 10_00, on())
    assert book.give_back("h-1", "g-1", 11_00, on()).state is GiveBackState.REFUSED
    assert book.given_back("h-1", "g-1").amount == 10_00


def test_a_refusal_says_why_and_stays(value, on) -> None:
    assert "not known" in str(value.hold("h-0", "a-1", 1, "CNY", on()).refusal)
    value.load(LoadMessage("l-1", "a-1", 100_00), on())
    assert "not known" in str(value.hold("h-0", "a-1", 1, "CNY", on()).refusal)
    assert "currency" in str(value.hold("h-1", "a-1", 1, "HKD", on()).refusal)
    assert "not enough" in str(value.hold("h-2", "a-1", 100_01, "CNY", on()).refusal)
    value.block("a-1")
    assert "blocked" in str(value.hold("h-3", "a-1", 1, "CNY", on()).refusal)
    value.unblock("a-1")
    assert value.hold("h-3", "a-1", 1, "CNY", on()).state is X
    assert value.hold("h-4", "a-1", 100_00, "CNY", on()).state is H


@dataclass
class AsAccounts:
    """The book behind the port of payments, as an adapter would put it."""

    book: ValueBook
    when: object
    works_offline: bool = False

    def look_up(self, instrument):
        if not self.book.knows(instrument):
            return held_value.LookUp(held_value.LookUpState.NOT_FOUND)
        balance = self.book.spendable(instrument, self.when.on)
        account = held_value.ValueAccount(balance, self.book.unit, refusal=self.book.refusal(instrument))
        return held_value.LookUp(held_value.LookUpState.FOUND, account)

    def hold(self, hold_id, instrument, amount_minor, currency):
        return self._hold(self.book.hold(hold_id, instrument, amount_minor, currency, self.when))

    def held(self, hold_id):
        return self._hold(self.book.held(hold_id))

    def capture(self, hold_id):
        return self._hold(self.book.capture(hold_id, self.when))

    def release(self, hold_id):
        return self._hold(self.book.release(hold_id, self.when))

    def give_back(self, hold_id, give_back_id, amount_minor):
        return self._back(self.book.give_back(hold_id, give_back_id, amount_minor, self.when))

    def given_back(self, hold_id, give_back_id):
        return self._back(self.book.given_back(hold_id, give_back_id))

    def close(self):
        pass

    @staticmethod
    def _hold(said):
        return held_value.HoldAnswer(held_value.HoldState(said.state.value), said.amount, said.reference, said.refusal)

    @staticmethod
    def _back(said):
        return held_value.GiveBackAnswer(held_value.GiveBackState(said.state.value), said.amount, said.refusal)


def test_stored_value_pays_and_is_refunded_behind_the_port_of_payments(value, on) -> None:
    value.load(LoadMessage("l-1", "8000000001", 100_00, 20_00), on())
    provider = held_value.HeldValueProvider(AsAccounts(value, on()))
    order = PurchaseOrder("P1", 110_00, "CNY", "Corner shop", shopper_code="8000000001")
    assert provider.pay(order).verdict is Verdict.APPROVED
    assert provider.capture(order).verdict is Verdict.APPROVED
    assert provider.reverse(order).verdict is Verdict.APPROVED
    refund = RefundOrder("P1", "R1", 10_00, 110_00, "CNY")
    assert provider.refund(refund).verdict is Verdict.APPROVED
    assert provider.refund(refund).verdict is Verdict.APPROVED
    assert value.spendable("8000000001", DAY) == 20_00


@given(st.sampled_from(SpendingOrder), st.lists(st.integers(1, 60_00), min_size=1, max_size=5), st.data())
def test_no_order_of_spending_and_giving_back_pays_out_bonus(order, amounts, data) -> None:
    when = When(datetime(2026, 5, 1, tzinfo=UTC), DAY)
    book = ValueBook(order=order)
    book.load(LoadMessage("l-1", "a-1", 100_00, 20_00), when)
    spent = 0
    for number, amount in enumerate(amounts):
        if book.hold(f"h-{number}", "a-1", amount, "CNY", when).state is H:
            book.capture(f"h-{number}", when)
            back = data.draw(st.integers(0, amount))
            if back:
                book.give_back(f"h-{number}", f"g-{number}", back, when)
            spent += amount - back
    refund = book.refund("rf-1", "a-1", when)
    # What was spent and what is paid out together are worth the money at most, and the bonus that spending earned.
    assert refund.paid_out_minor <= 100_00
    assert refund.paid_out_minor + spent <= 120_00
    paid_spent = balance_of(book.entries, "a-1", Part.PAID).spent
    assert refund.paid_out_minor + spent <= 100_00 + -(-20_00 * paid_spent // 100_00) or refund.paid_out_minor == 0
    assert refund.paid_out_minor + refund.charged_minor + paid_spent == 100_00
