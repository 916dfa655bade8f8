"""When an attempt is asked about, reversed, repeated, and left alone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.attempt_schedule import (
    Ask,
    CallHelp,
    GiveBack,
    Refund,
    Rest,
    Reverse,
    Submit,
    late_look_at,
    next_step,
    seconds_left,
    shopper_has_until,
    try_again_at,
)
from app.payments.provider import ProviderTimes
from tests.unit.app.payments.attempt_cases import AMOUNT, NOON, A, C, D, P, R, S, U, purchase, refund

TIMES = ProviderTimes()
"""Asked every 5 s until 45 s; not reversed before 15 s, then every 5 s."""


def after(seconds: int):
    return NOON + timedelta(seconds=seconds)


def step(attempt, seconds: int = 0, **more):
    return next_step(attempt, TIMES, after(seconds), **more)


def test_what_was_never_sent_is_sent_and_what_is_final_rests() -> None:
    assert step(purchase(C)) == Submit()
    assert step(refund(C)) == Submit()
    assert [step(purchase(state)) for state in (A, D, R)] == [Rest()] * 3


def test_a_payment_found_as_being_sent_is_asked_about_at_once_and_never_sent_again() -> None:
    assert step(purchase(S), 2) == Ask(after(2))


@pytest.mark.parametrize("state", [P, U])
def test_a_waiting_payment_is_asked_about_every_five_seconds_until_its_time_is_up(state) -> None:
    assert step(purchase(state), 1) == Ask(after(5))
    assert step(purchase(state, last_asked_at=after(20)), 21) == Ask(after(25))
    assert step(purchase(state, last_asked_at=after(40)), 44) == Reverse(after(45))
    assert step(purchase(state, last_asked_at=after(43)), 50) == Reverse(after(45))


def test_a_cancelled_payment_is_reversed_not_before_the_provider_allows_and_asked_about_until_then() -> None:
    assert step(purchase(P, cancel_by="007"), 1) == Ask(after(5))
    assert step(purchase(P, cancel_by="007", last_asked_at=after(10)), 11) == Reverse(after(15))
    assert step(purchase(P, cancel_by="007", last_asked_at=after(30)), 31) == Reverse(after(15))


def test_a_reverse_is_repeated_and_a_supervisor_is_called_after_six() -> None:
    tried = purchase(U, cancel_by="till", reverses=2, last_reversed_at=after(50))
    assert step(tried, 51) == Reverse(after(55))
    often = purchase(U, cancel_by="till", reverses=6, last_reversed_at=after(75))
    assert step(often, 76) == CallHelp()
    # 5, 10, 20 … seconds, at most five minutes.
    told = [purchase(U, cancel_by="till", reverses=n, last_reversed_at=NOON, help_called=True) for n in (6, 7, 8, 40)]
    assert [step(one) for one in told] == [Reverse(after(s)) for s in (5, 10, 20, 300)]


def test_where_nothing_can_be_reversed_it_is_asked_about_and_a_charge_given_back() -> None:
    assert step(purchase(U, cancel_by="007"), 1, can_reverse=False) == Ask(after(5))
    charged = purchase(U, cancel_by="007", approved_minor=AMOUNT)
    assert step(charged, 1, can_reverse=False) == GiveBack()
    assert step(purchase(U, asks=30), 1, can_reverse=False) == CallHelp()
    assert step(purchase(U, asks=36, help_called=True), 1, can_reverse=False) == Ask(after(64))


def test_a_refund_is_repeated_ever_more_seldom_and_asked_about_once_it_was_taken() -> None:
    assert step(refund(U), 1) == Refund(after(5))
    assert step(refund(S), 1) == Refund(after(5))
    assert step(refund(U, asks=3), 1) == Refund(after(40))
    assert step(refund(U, asks=6), 1) == CallHelp()
    assert step(refund(U, asks=30, help_called=True), 1) == Refund(after(300))
    assert step(refund(P, asks=1), 1) == Ask(after(10))


def test_the_shopper_sees_how_long_there_is() -> None:
    assert seconds_left(purchase(P), TIMES, after(10)) == 35
    assert seconds_left(purchase(P), TIMES, NOON + timedelta(milliseconds=10_500)) == 35
    assert seconds_left(purchase(P), TIMES, after(60)) == 0
    assert seconds_left(purchase(P, cancel_by="007"), TIMES, NOON) is None
    assert seconds_left(refund(P), TIMES, NOON) is None


def test_what_ended_reversed_is_looked_at_twice_more() -> None:
    over = purchase(R, last_reversed_at=after(50))
    assert [late_look_at(over, looks) for looks in (0, 1, 2)] == [after(110), after(350), None]
    assert late_look_at(over, 0, after(900)) == after(960)
    assert late_look_at(purchase(A), 0) is None
    assert late_look_at(purchase(D), 0) is None


@given(
    st.sampled_from([purchase(S), purchase(P), purchase(U), refund(U), refund(P)]),
    st.integers(-(10**9), 10**9),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_no_clock_brings_a_reverse_before_its_time_or_a_step_without_end(attempt, jump, asks, reverses) -> None:
    from dataclasses import replace

    shaken = replace(attempt, asks=asks, help_called=True)
    if reverses and attempt.refund_of is None:
        shaken = replace(shaken, reverses=reverses, cancel_by="till", last_reversed_at=after(15))
    found = step(shaken, jump)
    assert isinstance(found, Ask | Reverse | Refund)
    # Never further away than the longest pause, seen from what is stored or from now, whichever is later.
    assert found.at <= max(after(15), after(jump)) + timedelta(seconds=300)
    if isinstance(found, Reverse):
        assert found.at >= after(15)


def test_what_a_person_must_confirm_waits_for_ever_and_is_never_reversed() -> None:
    times = ProviderTimes()
    assert next_step(purchase(P), times, after(9999), by_hand=True) == Rest()
    assert next_step(purchase(), times, NOON, by_hand=True) == Submit()
    # It was being sent when the till stopped: asked at once, then 5, 10, 20 seconds after each question.
    for asks, pause in ((0, 5), (1, 10), (2, 20)):
        waiting = purchase(U, asks=asks)
        assert next_step(waiting, times, after(9999), by_hand=True) == Ask(after(pause))
    # Once it is known to be charged, it is as with any other provider.
    charged = purchase(U, cancel_by="till", approved_minor=AMOUNT)
    assert next_step(charged, times, after(20), can_reverse=False, by_hand=True) == GiveBack()


def test_the_shoppers_time_ends_where_the_seconds_left_say() -> None:
    times = ProviderTimes(ask_until_s=45)
    assert shopper_has_until(purchase(P), times) == after(45)
    assert shopper_has_until(purchase(P, cancel_by="007"), times) is None


def test_what_brings_no_answer_is_tried_later_each_time() -> None:
    # 5, 10, 20, 40, 80, 160 and never more than 300 seconds.
    pauses = [(try_again_at(NOON, 5, tries) - NOON).seconds for tries in range(8)]
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
