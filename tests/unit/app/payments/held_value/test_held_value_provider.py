"""Cards and vouchers at the till: held while the shopper pays, taken with the sale, let go or given back, once each."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.payments.held_value import HeldValueProvider, HoldState
from app.payments.provider import ProviderAway, PurchaseOrder, RefundOrder, Verdict

ORDER = PurchaseOrder("p00001", 3_000, "CNY", "Corner shop", shopper_code="8000000001")
ASKED = replace(ORDER, shopper_code="")
WHOLE = RefundOrder("p00001", "r00001", 3_000, 3_000, "CNY")
PART = RefundOrder("p00001", "r00002", 1_000, 3_000, "CNY")


@pytest.fixture
def provider(book) -> HeldValueProvider:
    return HeldValueProvider(book)


def test_a_card_pays_and_the_value_is_taken_with_the_sale(book, provider) -> None:
    answer = provider.pay(ORDER)
    assert (answer.verdict, answer.amount_minor, answer.payer) == (Verdict.APPROVED, 3_000, "******0001")
    assert answer.provider_reference == "ACC-p00001"
    assert (book.balances["8000000001"], book.held_minor, book.taken_minor) == (7_000, 3_000, 0)
    assert provider.capture(ASKED).verdict is Verdict.APPROVED
    assert provider.capture(ASKED).verdict is Verdict.APPROVED
    assert (book.held_minor, book.taken_minor) == (0, 3_000)


def test_what_is_held_cannot_be_spent_at_another_till(provider) -> None:
    provider.pay(replace(ORDER, amount_minor=9_000))
    second = provider.pay(replace(ORDER, provider_number="p00002"))
    assert (second.verdict, second.code) == (Verdict.DECLINED, "NOT-ENOUGH")
    # 100.00 less 90.00.
    assert "¥10.00" in str(second.sentence)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shopper_code": "unknown"}, "NOT-KNOWN"),
        ({"shopper_code": "  "}, "NO-NUMBER"),
        ({"shopper_code": "9000000009", "amount_minor": 100}, "REFUSED"),
        ({"currency": "HKD"}, "OTHER-CURRENCY"),
        ({"amount_minor": 10_001}, "NOT-ENOUGH"),
    ],
)
def test_what_cannot_pay_is_refused_and_nothing_is_held(book, provider, changes: dict, code: str) -> None:
    book.blocked = frozenset({"9000000009"})
    answer = provider.pay(replace(ORDER, **changes))
    assert (answer.verdict, answer.code) == (Verdict.DECLINED, code)
    assert book.holds == {}


def test_a_voucher_is_spent_whole_and_the_cashier_is_told_what_is_lost(book, provider) -> None:
    answer = provider.pay(replace(ORDER, shopper_code="V100"))
    assert answer.amount_minor == 3_000
    # 50.00 less 30.00.
    assert "¥20.00" in str(answer.sentence)
    assert (
        provider.pay(replace(ORDER, provider_number="p00002", shopper_code="V100", amount_minor=1)).code == "NOT-ENOUGH"
    )
    assert provider.reverse(ASKED).verdict is Verdict.REVERSED
    assert book.balances["V100"] == 5_000


def test_accounts_that_are_away_hold_nothing_and_say_so_at_once(book, provider, lines) -> None:
    book.line = lines.AWAY
    answer = provider.pay(ORDER)
    assert (answer.verdict, answer.code) == (Verdict.DECLINED, "AWAY")
    assert book.holds == {}


def test_a_lost_answer_is_asked_for_and_not_guessed(book, provider, lines) -> None:
    book.line = lines.LOSES_ANSWER
    assert provider.pay(ORDER).verdict is Verdict.UNKNOWN
    book.line = lines.GOOD
    answer = provider.query(ASKED)
    assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 3_000)


def test_a_hold_that_arrives_after_its_release_holds_nothing(book, provider, lines) -> None:
    book.look_up = type(book).look_up.__get__(replace(book, line=lines.GOOD))
    book.line = lines.DELAYS_REQUEST
    assert provider.pay(ORDER).verdict is Verdict.UNKNOWN
    late, book.late, book.line = book.late, [], lines.GOOD
    assert provider.reverse(ASKED).verdict is Verdict.REVERSED
    for arrives in late:
        arrives()
    assert provider.query(ASKED).verdict is Verdict.REVERSED
    assert book.held_minor == 0


def test_a_hold_that_was_taken_is_not_let_go(book, provider) -> None:
    provider.pay(ORDER)
    provider.capture(ASKED)
    answer = provider.reverse(ASKED)
    assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 3_000)
    assert book.taken_minor == 3_000


def test_a_hold_that_was_let_go_is_not_taken(book, provider) -> None:
    provider.pay(ORDER)
    provider.reverse(ASKED)
    assert provider.capture(ASKED).verdict is Verdict.REVERSED
    assert book.taken_minor == 0


def test_the_whole_of_an_untaken_hold_is_let_go(book, provider) -> None:
    provider.pay(ORDER)
    for _ in range(2):
        answer = provider.refund(WHOLE)
        assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 3_000)
    assert provider.query_refund(WHOLE).verdict is Verdict.APPROVED
    assert book.holds["p00001"].state is HoldState.RELEASED
    assert book.balances["8000000001"] == 10_000


def test_a_part_of_an_untaken_hold_makes_it_smaller(book, provider) -> None:
    provider.pay(ORDER)
    assert provider.refund(PART).verdict is Verdict.APPROVED
    assert provider.capture(ASKED).amount_minor == 2_000
    assert (book.balances["8000000001"], book.taken_minor) == (8_000, 2_000)


def test_a_hold_given_back_in_parts_leaves_nothing_to_take(book, provider) -> None:
    provider.pay(ORDER)
    provider.refund(PART)
    provider.refund(replace(PART, refund_number="r00003", amount_minor=2_000))
    assert provider.capture(ASKED).verdict is Verdict.REVERSED
    assert (book.balances["8000000001"], book.taken_minor) == (10_000, 0)


def test_what_was_taken_is_given_back_once_for_its_number(book, provider, lines) -> None:
    provider.pay(ORDER)
    provider.capture(ASKED)
    book.line = lines.LOSES_ANSWER
    assert provider.refund(PART).verdict is Verdict.UNKNOWN
    assert provider.query_refund(PART).verdict is Verdict.UNKNOWN
    book.line = lines.GOOD
    assert provider.refund(PART).verdict is Verdict.APPROVED
    assert provider.query_refund(PART).verdict is Verdict.APPROVED
    assert provider.query_refund(replace(PART, refund_number="r00009")).verdict is Verdict.NOT_FOUND
    assert book.taken_minor == 2_000
    too_much = replace(PART, refund_number="r00003", amount_minor=2_500)
    assert provider.refund(too_much).verdict is Verdict.DECLINED


def test_the_whole_of_what_was_taken_is_given_back_once(book, provider) -> None:
    provider.pay(ORDER)
    provider.capture(ASKED)
    for _ in range(2):
        answer = provider.refund(WHOLE)
        assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 3_000)
    assert provider.query_refund(WHOLE).verdict is Verdict.APPROVED
    assert (book.balances["8000000001"], book.taken_minor) == (10_000, 0)


def test_what_it_can_do(book, provider) -> None:
    can = provider.capabilities
    assert (can.captures, can.shopper_code, can.refund, can.reverse, can.works_offline) == (
        True,
        True,
        True,
        True,
        False,
    )
    book.works_offline = True
    assert provider.capabilities.works_offline
    assert provider.offer_code(ORDER).answer.verdict is Verdict.DECLINED
    with pytest.raises(ProviderAway):
        provider.bill(date(2026, 11, 22))
    provider.close()
    assert book.closed


def test_nothing_is_asked_for_nothing(provider) -> None:
    with pytest.raises(ValueError, match="amount"):
        provider.pay(replace(ORDER, amount_minor=0))
    with pytest.raises(ValueError, match="refund"):
        provider.refund(replace(WHOLE, amount_minor=3_001))


calls = st.tuples(
    st.sampled_from(["pay", "query", "reverse", "capture", "whole", "part", "ask_whole", "ask_part"]),
    st.sampled_from(["GOOD", "GOOD", "GOOD", "AWAY", "LOSES_REQUEST", "DELAYS_REQUEST", "LOSES_ANSWER"]),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.lists(calls, max_size=14),
    instrument=st.sampled_from(["8000000001", "V100"]),
    amount_minor=st.integers(1, 6_000),
    data=st.data(),
)
def test_whatever_is_lost_value_moves_once_and_as_asked(new_book, lines, calls, instrument, amount_minor, data) -> None:
    book = new_book()
    provider = HeldValueProvider(book)
    order = PurchaseOrder("p00001", amount_minor, "CNY", "Corner shop", shopper_code=instrument)
    asked = replace(order, shopper_code="")
    whole = RefundOrder("p00001", "r00001", amount_minor, amount_minor, "CNY")
    part = replace(whole, refund_number="r00002", amount_minor=data.draw(st.integers(1, amount_minor)))
    make = {
        "pay": lambda: provider.pay(order),
        "query": lambda: provider.query(asked),
        "reverse": lambda: provider.reverse(asked),
        "capture": lambda: provider.capture(asked),
        "whole": lambda: provider.refund(whole),
        "part": lambda: provider.refund(part),
        "ask_whole": lambda: provider.query_refund(whole),
        "ask_part": lambda: provider.query_refund(part),
    }
    everything, let_go, was_taken = book.everything_minor, False, False
    for call, line in calls:
        book.line = lines[line]
        answer = make[call]()
        hold = book.holds.get("p00001")
        state = hold.state if hold else HoldState.NOT_FOUND
        # Nothing comes from nowhere, nothing gets lost, nothing is held or taken beyond what was asked for.
        assert book.everything_minor == everything
        assert min(book.balances.values()) >= 0
        assert 0 <= book.held_minor + book.taken_minor <= amount_minor
        # A released hold is never taken, a taken one never released.
        let_go, was_taken = let_go or state is HoldState.RELEASED, was_taken or state is HoldState.CAPTURED
        assert not (let_go and was_taken)
        # What is said for certain is so.
        if call in {"pay", "query"} and answer.verdict is Verdict.APPROVED:
            assert answer.amount_minor == book.held_minor + book.taken_minor
        if call == "reverse" and answer.verdict is Verdict.REVERSED:
            assert (book.held_minor, book.taken_minor) == (0, 0)
        if call == "capture" and answer.verdict is Verdict.APPROVED:
            assert book.taken_minor == answer.amount_minor > 0
        if call == "capture" and answer.verdict is Verdict.REVERSED:
            assert (book.held_minor, book.taken_minor) == (0, 0)
        if call in {"whole", "ask_whole"} and answer.verdict is Verdict.APPROVED:
            assert (book.held_minor, book.taken_minor) == (0, 0)
        if call == "query" and answer.verdict is Verdict.DECLINED:
            assert (book.held_minor, book.taken_minor) == (0, 0)
